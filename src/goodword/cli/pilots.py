"""pilot start, report, decide: a program runs for some first; said by a member with a key of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from goodword.cli.remote import F, ask, server, tell
from goodword.cli.run import table

_SHOWN = 100  # failures that are named


@click.group()
def pilot() -> None:
    """Pilots: a program runs for some first, for one payout cycle."""


def _chosen(command: F) -> F:
    for option in (
        click.option("--share", help="Of all advocates, in percent: 12.5."),
        click.option(
            "--way", "ways", multiple=True, type=click.Choice(["link", "code", "deal"]), help="Touches that come so."
        ),
        click.option("--advocate", "advocates", multiple=True, help="An advocate, by id; may be said again."),
    ):
        command = option(command)
    return command


def _body(advocates: Sequence[str], ways: Sequence[str], share: str | None) -> dict[str, Any]:
    return {"advocates": list(advocates), "ways": list(ways), "share": share}


@pilot.command("start")
@click.argument("program")
@_chosen
@server
def start(program: str, url: str, key: str, advocates: Sequence[str], ways: Sequence[str], share: str | None) -> None:
    """Let PROGRAM, by id or slug, run for these first; for others it is as if it were paused."""
    body = _body(advocates, ways, share)
    tell(ask(url, key, lambda api: api.post(f"/v1/pilots/{program}", body))["verdicts"])


@pilot.command("report")
@click.argument("program")
@server
def report(program: str, url: str, key: str) -> None:
    """Audit every candidate of PROGRAM's pilot by the seven points: 100 %, or each failure by name."""
    it = ask(url, key, lambda api: api.get(f"/v1/pilots/{program}"))
    share = "nothing is decided yet" if it["percent"] is None else f"{it['percent']} % lack none of the seven points"
    click.echo(f"{it['slug']}: {it['state']}, orders from {it['begin']} up to {it['end']}")
    click.echo(
        f"  candidates {it['count']:,}: {share}; {it['whole']:,} whole, {it['failing']:,} fail, {it['waiting']:,} wait"
    )
    click.echo(f"  outside    {it['outside']:,} referrals were refused since the pilot was for others")
    for point, many in it["points"].items():
        click.echo(f"  lacks      {point}: {many:,}")
    if it["failing"]:
        found = ask(url, key, lambda api: api.get(f"/v1/pilots/{program}/failures?limit={_SHOWN}"))["items"]
        rows = [
            (one["reward"], one["status"], lack["point"], lack["sentence"]) for one in found for lack in one["lacks"]
        ]
        click.echo(table(("reward", "state", "lacks", "because"), rows))
    click.echo(f"  report     {it['sha256']}, up to entry {it['through']:,} of the log")


@pilot.command("decide")
@click.argument("program")
@click.argument("outcome", type=click.Choice(["enlarged", "everybody", "again", "stopped"]))
@click.option("--report", "sha256", help="The report that you saw, as pilot report names it; all but a stop need it.")
@click.option("--note", required=True, help="Why.")
@_chosen
@server
def decide(  # noqa: PLR0913 - options of one command
    program: str,
    outcome: str,
    sha256: str | None,
    note: str,
    url: str,
    key: str,
    advocates: Sequence[str],
    ways: Sequence[str],
    share: str | None,
) -> None:
    """Say what follows the cycle of PROGRAM's pilot; to enlarge takes another member than who said who is in."""
    body = {**_body(advocates, ways, share), "outcome": outcome, "sha256": sha256, "note": note}
    tell(ask(url, key, lambda api: api.post(f"/v1/pilots/{program}/decision", body))["verdicts"])
