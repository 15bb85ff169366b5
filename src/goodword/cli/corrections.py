"""correction enter, arrived: what no order earned, and a payout that arrived after all; said by a member with a key of their own."""

from __future__ import annotations

from typing import Any

import click

from goodword.cli.client import Client
from goodword.cli.remote import ask, server, tell
from goodword.cli.run import table
from goodword.core import ledger, money
from goodword.core.kinds.rewards import REGISTRY

_PREVIEW = click.option(
    "--preview", is_flag=True, help="Only show what would come of it, and whether it would be refused."
)


@click.group()
def correction() -> None:
    """Corrections: what somebody is owed though no order earned it. One member says so, another approves it."""


@correction.command("enter")
@click.argument("person")
@click.argument("origin", type=click.Choice(ledger.ORIGINS))
@click.argument("amount")
@click.option("--program", required=True, help="Its id or slug: what it costs, and by whose calendar it is paid.")
@click.option("--kind", type=click.Choice(sorted(REGISTRY)), default="cash", show_default=True)
@click.option("--currency", help="Of the amount: EUR. Points have none.")
@click.option("--why", required=True, help="In words, for colleagues and the record.")
@click.option("--puts-right", metavar="REWARD", help="The reward that it is about; an exchange stands in its place.")
@click.option("--document", help="What it rests on outside of here: a ticket, an address.")
@_PREVIEW
@server
def enter(preview: bool, url: str, key: str, **said: str | None) -> None:
    """Say that PERSON is owed AMOUNT, such as 25.00: goodwill, a bonus, an exchange, a mistake of ours, a contribution.

    It waits in review as an expected reward. Whoever enters it neither approves nor releases it. Say it with --preview first.
    """
    amount = _amount(said["amount"] or "", said["currency"], said["kind"] or "")
    names = ("person", "origin", "program", "kind", "currency", "why", "puts_right", "document")
    body: dict[str, Any] = {name: said[name] for name in names if said[name] is not None} | {"amount": amount}
    _say(url, key, "/v1/corrections", body, preview=preview)


@correction.command("arrived")
@click.argument("payout")
@click.option("--why", required=True, help="How you know it, in words.")
@click.option("--reference", help="By which it is found at the bank.")
@_PREVIEW
@server
def arrived(payout: str, why: str, reference: str | None, preview: bool, url: str, key: str) -> None:
    """Say that PAYOUT, which failed or was returned, arrived after all. A second member says the same; it is never paid twice."""
    it = ask(url, key, lambda api: api.get(f"/v1/payouts/{payout}"))
    body = {"amount": it["amount"], "unit": it["unit"], "why": why} | ({"reference": reference} if reference else {})
    _say(url, key, f"/v1/payouts/{payout}/arrival", body, preview=preview)


def _say(url: str, key: str, path: str, body: dict[str, Any], *, preview: bool) -> None:
    async def say(api: Client) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        shown = await api.post(f"{path}/preview", body)
        done = shown if preview else await api.post(path, body)
        return shown["moves"], done["verdicts"]

    moves, verdicts = ask(url, key, say)
    if moves:
        rows = [
            (m["beneficiary"], *(money.decimal(m[at], m["unit"]) for at in ("was", "now")), m["unit"]) for m in moves
        ]
        click.echo(table(("who", "was", "is", "unit"), rows))
    tell(verdicts)


def _amount(text: str, currency: str | None, kind: str) -> int:
    """Return an amount that was typed, in minor units or points."""
    if not REGISTRY[kind].in_money:
        if not text.isdecimal() or not text.isascii():
            raise click.BadParameter(f"{text} is no number of points", param_hint="AMOUNT")
        return int(text)
    if currency not in money.CURRENCIES:
        raise click.BadParameter("an amount has a currency of ISO 4217, such as EUR", param_hint="--currency")
    try:
        return money.minor(text, currency)
    except ValueError:
        raise click.BadParameter(f"{text} is no amount such as 25.00", param_hint="AMOUNT") from None
