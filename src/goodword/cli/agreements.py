"""agreement show, make, end: terms of a partner, said by a member with a key of their own to a server, as deciding a claim is."""

from __future__ import annotations

from typing import Any

import click

from goodword.cli.remote import ask, server, tell
from goodword.cli.run import table
from goodword.core import money

_SINCE = click.option(
    "--since", metavar="TIME", help="From when on, such as 2026-12-01T00:00:00Z; without it, from now."
)
_PROGRAM = click.option("--program", metavar="PROGRAM", help="In this program alone; without it, in all.")


@click.group()
def agreement() -> None:
    """Agreements: what you agreed on with a partner, whose terms are not those of everybody."""


@agreement.command("show")
@click.argument("advocate")
@server
def show(advocate: str, url: str, key: str) -> None:
    """Show all versions of the agreements with ADVOCATE, by id or as you call them."""
    found = ask(url, key, lambda api: api.get("/v1/agreements", advocate=advocate))
    rows = [
        (
            it["id"],
            it["program"] or "all",
            str(one["version"]),
            one["since"],
            one["until"] or "",
            _rate(one),
            _without(one),
        )
        for it in found["items"]
        for one in it["versions"]
    ]
    click.echo(table(("agreement", "program", "version", "since", "until", "rate", "without"), rows))


@agreement.command("make")
@click.argument("advocate")
@_PROGRAM
@_SINCE
@click.option("--until", metavar="TIME", help="Until when, which is no part of it.")
@click.option("--percent", metavar="PERCENT", help='A rate of their own, such as "12.5".')
@click.option("--flat", "flat", multiple=True, metavar="EUR=50.00", help="Or a fixed amount, once for each currency.")
@click.option(
    "--on", metavar="NAME", help="The rate is for conversions of this name; without it, for all with an amount."
)
@click.option("--without-account", "accounts", multiple=True, metavar="COMPANY", help="Left out: a domain, id or name.")
@click.option("--without-product", "products", multiple=True, metavar="CODE", help="Left out, by its code.")
@click.option("--without-country", "countries", multiple=True, metavar="CC", help="Left out: two letters.")
@click.option("--protection-days", type=click.IntRange(1, 730), help="For how long their deals are protected.")
@server
def make(advocate: str, url: str, key: str, flat: tuple[str, ...], **terms: Any) -> None:
    """Agree on terms with ADVOCATE: a new version, which holds from its time on. What happened before stays as it was judged.

    Without a rate the program's holds; so terms without anything end what was agreed on before, without a flag.
    """
    said = {name: list(it) if isinstance(it, tuple) else it for name, it in terms.items() if it is not None}
    if flat:
        said["flat"] = dict(map(_amount, flat))
    tell(ask(url, key, lambda api: api.post("/v1/agreements", {"advocate": advocate, **said}))["verdicts"])


@agreement.command("end")
@click.argument("advocate")
@_PROGRAM
@_SINCE
@server
def end(advocate: str, url: str, key: str, **said: str | None) -> None:
    """End the agreement with ADVOCATE. What they earn later is worked out by the program and flagged, until there are new terms."""
    named = {name: it for name, it in said.items() if it is not None}
    tell(ask(url, key, lambda api: api.post("/v1/agreements/end", {"advocate": advocate, **named}))["verdicts"])


def _rate(one: dict[str, Any]) -> str:
    if one["over"]:
        return "ended"
    flat = ", ".join(f"{money.decimal(amount, unit)} {unit}" for unit, amount in (one["flat"] or {}).items())
    rate = f"{one['percent']} %" if one["percent"] is not None else flat or "the program's"
    return f"{rate} for {one['on']}" if one["on"] else rate


def _without(one: dict[str, Any]) -> str:
    accounts = [account["name"] or account["id"] for account in one["accounts"]]
    return ", ".join([*accounts, *one["products"], *one["countries"]])


def _amount(text: str) -> tuple[str, int]:
    """Return an amount that was typed, in minor units."""
    currency, _, amount = text.partition("=")
    try:
        return currency, money.minor(amount, currency)
    except (ValueError, KeyError):
        raise click.BadParameter(f"{text} is no amount such as EUR=50.00", param_hint="--flat") from None
