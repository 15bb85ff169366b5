"""sources: when each source delivered last, what came of it, and whether it has gone silent."""

from __future__ import annotations

import click

from goodword.app import see
from goodword.cli.run import WORKSPACE, go, opened, operator
from goodword.core import calendar


@click.command()
@click.argument("source", required=False)
@WORKSPACE
def sources(source: str | None, ws: str | None) -> None:
    """Show every source, or of SOURCE what was ignored, unknown and refused; all of the last 14 days."""

    async def every() -> list[see.sources.Source]:
        async with opened() as directory:
            return await see.sources.every(await operator(directory, ws), directory)

    async def one(name: str) -> see.sources.Whole:
        async with opened() as directory:
            return await see.sources.one(await operator(directory, ws), directory, name)

    if source is None:
        for it in go(every()):
            click.echo(_line(it))
        return
    whole = go(one(source))
    click.echo(_line(whole.source))
    for what, found in (("ignored", whole.ignored), ("unknown field", whole.unknown)):
        for named in found:
            click.echo(f"  {what}  {named.name or 'others'}  {named.count}")
    for held in whole.held:
        click.echo(f"  held  {held.code}  {held.count}  since {calendar.text(held.since)}  {held.why}")
    for refused in whole.refused:
        click.echo(f"  refused  {refused.code} {refused.field}  {refused.count}  {refused.expected}")


def _line(it: see.sources.Source) -> str:
    last = calendar.text(it.last_at) if it.last_at is not None else "never"
    counts = " ".join(f"{kind}={count}" for kind, count in it.counts.items() if count)
    return f"{it.source}  last {last}  {'silent' if it.silent else 'as usual' if it.allowed else ''}  {counts}".rstrip()
