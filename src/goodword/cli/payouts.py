"""payouts file, files, debtor, schedule: files for the bank, one's own account, days of drafts; said with a key of one's own."""

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
    """Payouts: the file for the bank, the account that it pays from, and the days on which drafts are made."""


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


@payouts.group("schedule")
def schedule() -> None:
    """Schedules: the days on which drafts are made of what is due. A person releases them."""


@schedule.command("list")
@server
def list_(url: str, key: str) -> None:
    """Show all schedules, what their last run gathered, and when the next is."""
    rows = [
        (it["id"], it["rail"], it["unit"], it["program"] or "all", it["days"], _ran(it), it["next_at"] or "stopped")
        for it in ask(url, key, lambda api: api.get("/v1/payout-schedules"))["items"]
    ]
    click.echo(table(("schedule", "rail", "unit", "program", "days", "last run", "next run"), rows))


def _ran(it: dict[str, Any]) -> str:
    if it["ran_at"] is None:
        return ""
    return f"{it['ran_at']}, {'in hand' if it['gathered'] is None else it['gathered'] or 'nothing'}"


@schedule.command("set")
@click.option("--rail", required=True, help="Over which rail.")
@click.option("--unit", required=True, help="Of which currency, or points:PROGRAM.")
@click.option("--every", type=click.Choice(["day", "week", "month"]), required=True, help="How often.")
@click.option(
    "--on",
    multiple=True,
    type=int,
    help="A weekday from 1, Monday, on, or a day of the month; 31 is the last. Again for more.",
)
@click.option("--hour", type=click.IntRange(0, 23), required=True, help="At which hour, by the clock in the zone.")
@click.option("--program", help="Of this program alone; without it, of all.")
@click.option("--timezone", help="Such as Europe/Berlin; without it, that of the programs.")
@click.option("--change", metavar="SCHEDULE", help="The one that is changed; without it, a new one.")
@server
def set_(url: str, key: str, on: tuple[int, ...], change: str | None, **days: Any) -> None:
    """Have drafts made on these days. Nothing is released by it."""
    body = {"on": [*on], **{name: it for name, it in days.items() if it is not None}}
    path = "/v1/payout-schedules"
    say = lambda api: api.post(path, body) if change is None else api.put(f"{path}/{change}", body)  # noqa: E731
    tell(ask(url, key, say)["verdicts"])


@schedule.command("next")
@click.argument("schedule")
@server
def next_(schedule: str, url: str, key: str) -> None:
    """Show what the next run of SCHEDULE would hold if nothing came between."""
    it = ask(url, key, lambda api: api.get(f"/v1/payout-schedules/{schedule}/next"))
    click.echo(
        f"{it['at']}: {it['payouts']} payouts, {money.decimal(it['sum'], it['unit'])} {it['unit']}, over {it['rail']}\n"
    )
    tell(it["verdicts"])


@schedule.command("stop")
@click.argument("schedule")
@server
def stop(schedule: str, url: str, key: str) -> None:
    """Let SCHEDULE make no drafts any more."""
    tell(ask(url, key, lambda api: api.post(f"/v1/payout-schedules/{schedule}/stop", {}))["verdicts"])
