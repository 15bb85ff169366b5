"""follower: what follows the log, how far it has, and its beginning again."""

from __future__ import annotations

import click

from goodword.app import say, see
from goodword.app.follow.registry import REGISTRY
from goodword.cli.run import go, opened, operator


@click.group()
def follower() -> None:
    """What follows the log behind the decisions, such as the figures of days; the worker moves it on."""


@follower.command("list")
@click.option("--workspace", "ws", metavar="ID", help="Which workspace; may be left out if there is one only.")
def show(ws: str | None) -> None:
    """Show how far each follower has taken the log."""

    async def run() -> see.reports.Progress:
        async with opened() as directory:
            return await see.reports.progress(await operator(directory, ws), directory)

    progress = go(run())
    behind = {lag.follower: lag for lag in progress.behind}
    for name in REGISTRY:
        lag = behind.get(name)
        at = lag.position if lag else progress.deciding.position
        late = f"lacks what came in {lag.seconds:.1f} s ago" if lag else "lacks nothing"
        click.echo(f"{name}  {at} of {progress.deciding.position} entries, {late}")


@follower.command()
@click.argument("name", type=click.Choice(sorted(REGISTRY)))
@click.option("--workspace", "ws", metavar="ID", help="Which workspace; may be left out if there is one only.")
def restart(name: str, ws: str | None) -> None:
    """Let NAME forget what it made of the log and take it again from the first entry, as a worker comes to it."""

    async def run() -> None:
        async with opened() as directory:
            await say.followers.restart(await operator(directory, ws), directory, name)

    go(run())
    click.echo(f"{name} begins again; `goodword follower list` shows how far it has come")
