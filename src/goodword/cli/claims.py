"""claim decide: whose a friend is, said by a member with a key of their own to a server: who holds the database decides nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from goodword.cli.client import Client
from goodword.cli.remote import ask, server, tell
from goodword.cli.run import table
from goodword.core import money

#: What can become of a claim.
OUTCOMES = ("won", "lost", "split", "none", "withdrawn")


@click.group()
def claim() -> None:
    """Claims: somebody says that another advocate brought a friend."""


@claim.command("decide")
@click.argument("id_", metavar="CLAIM")
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.option("--share", "shares", multiple=True, metavar="PERSON=PART", help="Of a split, once for each: per_…=1/2.")
@click.option(
    "--reason", required=True, metavar="WORD", help="Why, in a word: letters, digits, point, dash, underscore."
)
@click.option("--preview", is_flag=True, help="Only show what it would move, and whether it would be refused.")
@server
def decide(id_: str, outcome: str, shares: tuple[str, ...], reason: str, preview: bool, url: str, key: str) -> None:
    """Decide CLAIM: it is won or lost, several share the friend, or nobody brought them. Say it with --preview first.

    What is earned by it is approved by somebody who had no part in it, and it may be appealed once, to another member.
    """
    said = {"outcome": outcome, "reason": reason, "shares": [_share(text) for text in shares]}

    async def say(api: Client) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        shown = await api.post(f"/v1/claims/{id_}/preview", said)
        done = shown if preview else await api.post(f"/v1/claims/{id_}/decision", said)
        return shown["moves"], done["verdicts"]

    moves, verdicts = ask(url, key, say)
    if moves:
        rows = [
            (m["beneficiary"], *(money.decimal(m[at], m["unit"]) for at in ("was", "now")), m["unit"]) for m in moves
        ]
        click.echo(table(("who", "was", "is", "unit"), rows))
    tell(verdicts)


def _share(text: str) -> dict[str, object]:
    """Return a part that was typed, as the API takes it."""
    person, _, part = text.partition("=")
    try:
        share = Fraction(part)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{text} is no PERSON=PART such as per_…=1/2", param_hint="--share") from None
    return {"person": person, "numerator": share.numerator, "denominator": share.denominator}
