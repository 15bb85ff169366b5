"""quarantine: events whose decision failed, and what waits behind them."""

from __future__ import annotations

import click

from goodword.app import say, see
from goodword.cli.run import WORKSPACE, go, opened, operator


@click.group()
def quarantine() -> None:
    """Events that were set aside because deciding them failed; nothing of them is lost."""


@quarantine.command("list")
@WORKSPACE
@click.option("--trace", is_flag=True, help="Show what went wrong in full.")
def show(ws: str | None, trace: bool) -> None:
    """Show what is set aside, why, and how many events wait behind it."""

    async def run() -> None:
        async with opened() as directory:
            rows = await see.events.quarantined(await operator(directory, ws), directory)
        behind = {row.evt: sum(other.waits_for == row.evt for other in rows) - 1 for row in rows}
        aside = [row for row in rows if row.waits_for == row.evt]
        for row in aside:
            why = (row.trace or "").strip()
            click.echo(f"{row.evt}  {row.source}/{row.id}  {behind[row.evt]} behind it")
            click.echo(why if trace else f"  {why.splitlines()[-1] if why else 'no trace'}")
        if not aside:
            click.echo("nothing is set aside")

    go(run())


@quarantine.command()
@click.argument("evt")
@WORKSPACE
def retry(evt: str, ws: str | None) -> None:
    """Decide EVT again, and then what waits behind it, in order."""

    async def run() -> int:
        async with opened() as directory:
            return await say.events.retry(await operator(directory, ws), directory, evt)

    count = go(run())
    if not count:
        raise click.ClickException(f"{evt} is not set aside")
    click.echo(f"{count} events were taken again; `goodword quarantine list` shows what is still set aside")
