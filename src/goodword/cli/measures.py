"""measures: what a program did over days, and whether that is what the log says when it is counted anew."""

from __future__ import annotations

from typing import cast

import click
import msgspec

from goodword import words
from goodword.app import see
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.see.measures import Measured, Measures, Recount
from goodword.app.see.reports import By
from goodword.cli.run import WORKSPACE, fail, go, opened, operator, table


@click.command()
@WORKSPACE
@click.option("--month", metavar="2026-10", help="A month; without it and --from the last 30 days.")
@click.option("--from", "begin", metavar="DAY", help="The first day.")
@click.option("--to", "end", metavar="DAY", help="The day before which it ends.")
@click.option("--program", help="One program alone, in its time zone.")
@click.option(
    "--timezone", "zone", help="Whose days they are; without it the program's, and UTC of the whole workspace."
)
@click.option(
    "--by",
    type=click.Choice(["decided", "occurred"]),
    default="decided",
    show_default=True,
    help="Whether something counts when it was decided, or when it occurred.",
)
@click.option("--recount", is_flag=True, help="Read the whole log, count its measurement events anew and compare.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def measures(  # noqa: PLR0913 - what is typed
    ws: str | None,
    month: str | None,
    begin: str | None,
    end: str | None,
    program: str | None,
    zone: str | None,
    by: str,
    recount: bool,
    as_json: bool,
) -> None:
    """Show each measure over some days: counts, sums, and how long it took until rewards were paid.

    With --recount nothing is shown but whether what is kept is what the log says. Exit code 1 if it is not.
    """

    async def run() -> Measures | Recount:
        async with opened() as directory:
            who = await operator(directory, ws)
            if recount:
                return await see.measures.recount(who, directory)
            asked = {"month": month, "zone": zone, "by": cast("By", by)}
            return await see.measures.over(who, directory, begin, end, program, **asked)  # type: ignore[arg-type]

    try:
        it = go(run())
    except (InvalidError, UnknownError) as error:
        fail(str(error))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(it)).decode())
    elif isinstance(it, Measures):
        click.echo(
            f"{it.begin} up to {it.end}, days of {it.zone}, by when it was {it.by}, as of entry {it.as_of_position:,}"
        )
        rows = [row for one in it.measures for row in _rows(one)]
        rows += [(words.measure(name).title, "", "absent", "") for name in it.absent]
        click.echo(table(("measure", "of", "count", "amount or time"), rows))
    else:
        click.echo(f"{it.events:,} measurement events of {it.position:,} entries, {it.rows:,} sums that are kept")
        for one in it.differences:
            click.echo(f"  DIFFERS: {one.what}: kept {one.kept}, recounted {one.recounted}", err=True)
    if isinstance(it, Recount) and it.differences:
        fail(
            "what is kept is not what the log says: goodword verify names more, goodword follower restart figures makes it anew"
        )
    if isinstance(it, Recount) and not as_json:
        click.echo("every sum is equal to its recount")


def _rows(it: Measured) -> list[tuple[str, ...]]:
    title = words.measure(it.measure).title
    if it.how == "time":
        took = (
            "" if it.median is None or it.p95 is None else f"median {words.took(it.median)}, p95 {words.took(it.p95)}"
        )
        return [(title, "", f"{it.count:,}", took)]
    if not it.told:
        return [(title, "", "0", "")]
    return [
        (
            title,
            one.unit or one.code or "",
            f"{one.count:,}",
            words.money(one.amount, one.unit) if one.unit and one.amount is not None else "",
        )
        for one in it.told
    ]
