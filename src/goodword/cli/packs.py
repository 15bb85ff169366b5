"""pack: the books of some months as one file, of any length."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from goodword.app import see
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.proof import pack as packs
from goodword.cli.run import WORKSPACE, fail, go, opened, operator
from goodword.core.books import By


@click.command()
@WORKSPACE
@click.option("--month", "begin", metavar="2026-10", help="The first month; without it the last one that is over.")
@click.option("--to", "end", metavar="2026-11", help="The month before which it ends; without it one month is taken.")
@click.option("--program", help="One program alone, in its time zone.")
@click.option(
    "--timezone", "zone", help="Whose months they are; without it the program's, and UTC of the whole workspace."
)
@click.option(
    "--by",
    type=click.Choice(["occurred", "decided"]),
    default="occurred",
    show_default=True,
    help="Whether cost, revenue and referrals count in the month of the order, or in that in which they were decided and booked.",
)
@click.option("--names", is_flag=True, help="With what you call the advocates of referrals, in a column of its own.")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def pack(  # noqa: PLR0913 - what is typed
    ws: str | None,
    begin: str | None,
    end: str | None,
    program: str | None,
    zone: str | None,
    by: str,
    names: bool,
    out: Path,
) -> None:
    """Write the books of some months into OUT, a zip file.

    It has the trial balance, accruals, liabilities by age, cost and revenue, a row for each referral, the postings with rules by
    which hledger reads them, journals for hledger, ledger and beancount, and a manifest that says by which time each of them counts.
    """
    asked = {"program": program, "zone": zone, "by": cast("By", by), "names": names, "most": None}

    async def run() -> packs.Manifest:
        async with opened() as directory:
            who = await operator(directory, ws)
            async with see.books.packed(who, directory, begin, end, **asked) as it:  # type: ignore[arg-type]
                return await packs.write(it, out)

    try:
        made = go(run())
    except (ConflictError, InvalidError, UnknownError) as error:
        fail(str(error))
    click.echo(f"{out}: {made.begin} up to {made.end}, months of {made.timezone}, as of entry {made.position:,}")
    for file in made.files:
        if file.counts_by:
            click.echo(f"  {file.name}: {file.rows:,} rows; {file.counts_by}")
    wrong = packs.differing(made)
    for check in wrong:
        click.echo(f"  DIFFERS: {check.what}, {check.unit}: {check.here} and {check.there}", err=True)
    if wrong:
        fail("the books do not agree: run goodword verify, which names what was changed")
    click.echo(f"  {len(made.checks)} sums were held against each other: all agree")
