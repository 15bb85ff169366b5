"""payouts file, files, debtor: files for the bank, those that left, and the company's own account; said with a key of one's own."""

from __future__ import annotations

from typing import Any

import click

from goodword.cli.remote import ask, server, tell
from goodword.cli.run import fail, table
from goodword.core import money
from goodword.outbound.files import FORMATS, PLAIN

_LEFT_OUT = "x-goodword-left-out"


@click.group()
def payouts() -> None:
    """Payouts: the file for the bank, and the account that it pays from."""


@payouts.command("file")
@click.option(
    "--format", "name", type=click.Choice([*FORMATS]), default=PLAIN, show_default=True, help="How it is written."
)
@click.option("--unit", help="Payouts in this currency alone.")
@click.option("--day", help="Of execution, such as 2026-12-01; without it the next on which banks settle.")
@click.option("--leave-out", is_flag=True, help="Leave out what the format cannot carry, and name it.")
@server
def file(name: str, unit: str | None, day: str | None, leave_out: bool, url: str, key: str) -> None:
    """Print the file of all payouts that wait for the bank; what is not in it is named beside it."""
    asked = {"format": name, "unit": unit, "day": day, "leave_out": leave_out or None}
    params = {it: value for it, value in asked.items() if value is not None}
    answer = ask(url, key, lambda api: api.file("/v1/payouts/bank-file", **params))
    click.echo(answer.content, nl=False)
    for payout in answer.headers.get(_LEFT_OUT, "").split():
        click.echo(f"not in the file: {payout}", err=True)


@payouts.command("files")
@server
def files(url: str, key: str) -> None:
    """Show the files for the bank that were handed out last, and what became of their payouts."""
    rows = []
    for it in ask(url, key, lambda api: api.get("/v1/bank-files"))["items"]:
        sums = ", ".join(f"{money.decimal(sum_, unit)} {unit}" for unit, sum_ in it["sums"].items())
        states = ", ".join(f"{many} {state}" for state, many in it["states"].items())
        became = f"refused {it['refused_at']}; {states}" if it["refused_at"] else states
        rows.append((it["last_at"], it["format"], str(it["count"]), sums, str(it["times"]), it["id"], became))
    click.echo(table(("handed out", "format", "payouts", "sum", "times", "id", "became"), rows))


@payouts.command("debtor")
@click.argument("fields", metavar="[FIELD=VALUE]...", nargs=-1)
@server
def debtor(fields: tuple[str, ...], url: str, key: str) -> None:
    """Show the account that files pay from; with FIELD=VALUE give another one, which another owner confirms."""
    if not fields:
        whole = ask(url, key, lambda api: api.get("/v1/debtor"))
        _show(whole)
        return
    details = dict(field.split("=", 1) for field in fields if "=" in field)
    if len(details) != len(fields):
        fail("write each field once, as iban=DE89…")
    tell(ask(url, key, lambda api: api.put("/v1/debtor", {"details": details}))["verdicts"])


def _show(whole: dict[str, Any]) -> None:
    rows = []
    for field in whole["fields"]:
        told = [(whole[which] or {"details": {}})["details"].get(field["name"], "") for which in ("debtor", "waiting")]
        rows.append((field["name"], *told))
    click.echo(table(("field", "holds", "waits"), rows))
    if whole["waiting"] is not None:
        click.echo(f"\n{whole['waiting']['change']} waits for another owner, asked by {whole['waiting']['asked_by']}")
