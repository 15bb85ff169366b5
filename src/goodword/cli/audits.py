"""audits list, show, sheet, sign: what rewards lack, a month's payouts that are looked at, why one was paid, and a signature."""

from __future__ import annotations

from typing import Any

import click

from goodword.cli.client import Client
from goodword.cli.remote import ask, server, tell
from goodword.cli.run import table
from goodword.core import audit
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.money import decimal

_PAGE = 200


@click.group()
def audits() -> None:
    """Audits: the seven points of rewards, and the monthly audit of payouts."""


@audits.command("list")
@click.option("--program", help="Of this program alone, by id or slug.")
@click.option("--month", help="Of orders of this month of UTC: 2026-11.")
@click.option("--status", type=click.Choice(sorted(LIFECYCLES["reward"])), help="In this state.")
@click.option("--point", type=click.Choice(["any", *audit.POINTS]), help="Those that lack this point, or any.")
@server
def list_(url: str, key: str, **asked: str | None) -> None:
    """Show rewards with what each lacks of the seven points."""

    async def work(api: Client) -> list[dict[str, Any]]:
        return await _all(api, "/v1/audits/rewards", {name: it for name, it in asked.items() if it})

    rows = [
        (
            it["reward"],
            it["program"],
            it["status"],
            decimal(it["amount"], it["unit"]),
            it["unit"],
            ", ".join(it["lacks"]),
        )
        for it in ask(url, key, work)
    ]
    click.echo(table(("reward", "program", "state", "amount", "unit", "lacks"), rows))


async def _all(api: Client, path: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    items, after = list[dict[str, Any]](), ""
    while True:
        page = await api.get(path, **asked, after=after, limit=_PAGE)
        items += page["items"]
        if page["after"] is None:
            return items
        after = page["after"]


@audits.command("show")
@click.argument("month")
@click.option("--now", is_flag=True, help="The list that could be signed now, of a month that was signed.")
@server
def show(month: str, now: bool, url: str, key: str) -> None:
    """Show which payouts of MONTH, such as 2026-10, are looked at: all outliers and a sample, or the list that was signed."""

    async def work(api: Client) -> dict[str, Any]:
        after, looked = "", list[dict[str, Any]]()
        while True:
            it = await api.get(f"/v1/audits/months/{month}", now=now, after=after, limit=_PAGE)
            looked += it["looked"]
            if it["after"] is None:
                return {**it, "looked": looked}
            after = it["after"]

    it = ask(url, key, work)
    click.echo(f"{month}: {it['count']:,} completed, {it['size']:,} are looked at, list {it['list_sha256']}")
    if it["head"] is None:
        click.echo("no signed head of the log has all of the month yet")
    if (signed := it["signed"]) is not None:
        found = f"something in {len(signed['findings']):,} of {signed['size']:,}"
        click.echo(
            f"signed by {signed['by']} at {signed['at']}, {found}, list {signed['list_sha256']}, head {signed['head']}"
        )
    for what, named in (("completed behind that head", "later"), ("no longer as they were", "gone")):
        if it[f"{named}_count"]:
            click.echo(f"{what}: {it[f'{named}_count']:,}: {', '.join(it[named])}")
    if it["own"]:
        click.echo(f"you had a part in {', '.join(it['own'])}: somebody else signs")
    rows = [
        (
            one["payout"],
            decimal(one["amount"], one["unit"]),
            one["unit"],
            ", ".join(one["why"]) or "drawn",
            ", ".join(f"{lack['reward']}: {' '.join(lack['lacks'])}" for lack in one["lacks"]),
        )
        for one in it["looked"]
    ]
    click.echo(table(("payout", "sent", "unit", "why", "lacks"), rows))


@audits.command("sheet")
@click.argument("id_", metavar="ID")
@server
def sheet(id_: str, url: str, key: str) -> None:
    """Show why the reward or payout ID was paid: the seven points, how each amount came to be, who approved, the signed head."""
    noun = "payouts" if id_.startswith("pay_") else "rewards"
    it = ask(url, key, lambda api: api.get(f"/v1/{noun}/{id_}/audit"))
    if it["payout"] is not None:
        click.echo(f"{it['payout']}  {decimal(it['amount'], it['unit'])} {it['unit']}")
    for one in it["rewards"]:
        click.echo(f"{one['reward']}  {one['status']}  {decimal(one['amount'], one['unit'])} {one['unit']}")
        for point in one["points"]:
            at = f" (log {point['position']})" if point["position"] is not None else ""
            click.echo(f"  {point['answer']:<14} {point['point']}: {point['sentence']}{at}")
        for said in one["said"]:
            click.echo(f"  log {said['position']}: {said['outcome']} {decimal(said['amount'], one['unit'])}")
    if it["count"] > len(it["rewards"]):
        click.echo(f"and {it['count'] - len(it['rewards']):,} more rewards")
    for by in it["approvers"]:
        said = "released" if by["released"] else "approved"
        click.echo(f"{said} {by['subject']}: {by['mail'] or by['id']}, log {by['position']}")
    if (head := it["head"]) is not None:
        click.echo(f"signed head {head['size']} of {head['as_of']}: {head['root']}")


@audits.command("sign")
@click.argument("month")
@click.option(
    "--list", "list_sha256", required=True, help="The list that you looked at, by its digest as `audits show` has it."
)
@click.option(
    "--finding", "findings", multiple=True, help="A payout in which you found something wrong; more than once."
)
@click.option("--note", help="What was found.")
@server
def sign(month: str, list_sha256: str, findings: tuple[str, ...], note: str | None, url: str, key: str) -> None:
    """Sign that you looked at the payouts of MONTH; who had a part in any of them does not."""
    said = {"list_sha256": list_sha256, "findings": findings, "note": note}
    tell(ask(url, key, lambda api: api.post(f"/v1/audits/months/{month}", said))["verdicts"])
