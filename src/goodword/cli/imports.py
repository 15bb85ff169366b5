"""import: what ran in another system goes on here. Advocates first, then customers, referrals, settled conversions, balances."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import click
import msgspec

from goodword.app import say
from goodword.app import sheets as told
from goodword.app.errors import InvalidError
from goodword.app.intake.ingest import UnavailableError
from goodword.app.say.imports import WRONG, Became, Counted, Totals
from goodword.app.write.process import BehindError
from goodword.cli.rules import RULES
from goodword.cli.run import WORKSPACE, fail, go, opened, operator
from goodword.core import money
from goodword.sources import exports, import_file, mapping_file

_SHOWN = 20


@click.command("import")
@click.argument("kind", metavar="KIND", type=click.Choice([*import_file.KINDS, *exports.SYSTEMS]))
@click.argument("file", type=RULES)
@WORKSPACE
@click.option("--mapping", type=RULES, help="Which column is which field: YAML or JSON, see docs/howto/import.md.")
@click.option("--dry-run", "what", flag_value="dry_run", help="Say what would become of each row, and change nothing.")
@click.option(
    "--take-back",
    "what",
    flag_value="take_back",
    help="Cancel the orders, or return the refunds, of this file.",
)
@click.option("--currency", help="What the amounts of an export are in that names no currency.")
@click.option(
    "--decimal",
    type=click.Choice(["minor", "point", "comma"]),
    help="How an export writes amounts, if it is not as it looks.",
)
@click.option("--dates", help="How an export writes dates, such as DD/MM/YYYY; without it MM/DD/YYYY, ISO and seconds.")
@click.option("--program", help="The program that an export goes into.")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Write what became of each row as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of the rows as JSON.")
def import_(
    kind: str,
    file: Path,
    ws: str | None,
    mapping: Path | None,
    what: str | None,
    sheet: Path | None,
    as_json: bool,
    **besides: str | None,
) -> None:
    """Bring a FILE of KIND along: CSV or Excel, with a header.

    KIND is what the file holds: advocates, customers, leads, orders, refunds, referrals, conversions, balances, suspensions or
    departures. Or it is the system that the file was exported from, rewardful, firstpromoter, partnerstack, dub or tolt, whose files
    are recognised by their columns: partners first, then links, customers and commissions.

    Without --mapping the columns are the fields of docs/events.md, amounts are minor units, times RFC 3339. A referral says when its
    firsts happened in columns such as first.purchase, and keeps the rest of its time; a conversion is known as settled and earns
    nothing, an order may earn; a balance is reviewed as any reward. The same file again, or one that overlaps with it, changes nothing.
    Exit code 1 if a row was refused; all others hold.
    """
    counted, problems = Counted(), list[str]()
    use_case = getattr(say.imports, what or "take")
    said = None

    if mapping is not None:
        try:
            said = mapping_file.read(mapping.read_bytes(), str(mapping))
        except import_file.FileError as error:
            fail(str(error))
        if said.kind != kind:
            fail(f"{mapping}: it is of {said.kind}, and the file is to be read as {kind}")
    if kind not in exports.SYSTEMS and (given := [name for name, text in besides.items() if text is not None]):
        fail(f"--{given[0]} is for the export of another system; a mapping says it for {kind}")
    how = ""

    async def run() -> None:
        nonlocal how
        async with opened() as directory:
            who = await operator(directory, ws)
            with file.open("rb") as data:
                if kind in exports.SYSTEMS:
                    rows = import_file.export(data, kind, msgspec.convert(besides, exports.Said))
                    how = rows.told
                else:
                    rows = import_file.rows(data, kind, said)
                await _gone_through(use_case(who, directory, rows.pieces), counted, problems, sheet)

    try:
        go(run())
    except import_file.FileError as error:
        own = said is None and kind not in exports.SYSTEMS
        fail(
            f"{file}: {error}{'; --mapping names the columns of any other file (docs/howto/import.md)' if own else ''}"
        )
    except (InvalidError, BehindError) as error:
        fail(str(error) or "what was accepted is not decided yet: the same file again goes on where it stopped")
    except UnavailableError as error:
        fail(f"{error}: the same file again goes on where it stopped")
    totals = counted.totals()
    if as_json:
        found = {"lines": totals.lines, "rows": _plain(totals), "problems": problems, "money": totals.money}
        click.echo(msgspec.json.encode(found).decode())
    else:
        if how:
            click.echo(how)
        _print(kind, totals, problems, of=bool(how), back=what == "take_back")
    if problems:
        raise SystemExit(1)


async def _gone_through(
    pieces: AsyncIterator[list[Became]], counted: Counted, problems: list[str], sheet: Path | None
) -> None:
    """Count what becomes of rows, keep what is wrong, and write the sheet as it comes."""
    out = sheet.open("w", encoding="utf-8", newline="") if sheet is not None else io.StringIO()
    with out:
        writer = csv.writer(out)
        writer.writerow(told.HEAD)
        async for piece in pieces:
            counted.add(piece)
            problems += [told.problem(row) for row in piece if row.became in WRONG]
            if sheet is not None:
                writer.writerows(told.cells(row) for row in piece)


def _plain(totals: Totals) -> dict[str, int]:
    return {name.replace("_", " "): count for name, count in totals.became.items()}


def _print(kind: str, totals: Totals, problems: list[str], *, of: bool, back: bool) -> None:
    """Print a sheet in short. ``of``: with what kind of rows the money is in, where a file holds several; ``back``: taken back."""
    counts = ", ".join(f"{count:,} {what}" for what, count in sorted(_plain(totals).items())) or "no rows"
    click.echo(f"{kind}: {counts}")
    for line in problems[:_SHOWN]:
        click.echo(f"  {line}")
    if len(problems) > _SHOWN:
        click.echo(f"  and {len(problems) - _SHOWN} more: --json tells all")
    for sum_ in totals.money:
        whole, new = (
            money.decimal(amount, sum_.currency) if sum_.currency else amount for amount in (sum_.amount, sum_.new)
        )
        what = f"{sum_.kind} in " if of else ""
        unit = sum_.currency or "points or the order’s own currency"
        click.echo(f"  {what}{unit}: {whole} in {sum_.rows:,} rows{'' if back else f', {new} of it new'}")
