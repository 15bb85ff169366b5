"""import: what ran in another system goes on here. Advocates first, then customers, referrals, settled conversions, balances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.intake.ingest import Ingest, UnavailableError
from goodword.app.principal import Principal
from goodword.app.write.process import process
from goodword.cli.rules import RULES
from goodword.cli.run import WORKSPACE, fail, go, opened, operator
from goodword.sources import import_file
from goodword.sources.base import Answer
from goodword.sources.import_file import Row
from goodword.words import sentences

_SHOWN = 20


@click.command("import")
@click.argument("kind", type=click.Choice(list(import_file.KINDS)))
@click.argument("file", type=RULES)
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print what became of the rows as JSON.")
def import_(kind: str, file: Path, ws: str | None, as_json: bool) -> None:
    """Bring a FILE of KIND along from another system: a CSV with a header whose columns are the fields of docs/events.md.

    Amounts are minor units, times RFC 3339. A referral says when its firsts happened in columns such as first.purchase, and keeps the
    rest of its time; a conversion is known as settled and earns nothing; a balance is reviewed as any reward. The same file again
    changes nothing. Exit code 1 if a row was refused; all others hold.
    """

    async def run() -> tuple[Counter[str], list[str]]:
        counts: Counter[str] = Counter()
        problems: list[str] = []
        async with opened() as directory:
            who = await operator(directory, ws)
            ingest = Ingest(directory.engine, directory.vault)
            with file.open(encoding="utf-8-sig", newline="") as text:
                for rows in import_file.rows(text, kind):
                    try:
                        answers = await ingest.accept(who.workspace, import_file.SENDER, [row.event for row in rows])
                    except UnavailableError as error:
                        fail(f"{error}: the same file again goes on where it stopped")
                    while await process(directory.engine, who.workspace.id):
                        pass
                    await _tell(directory, who, rows, answers, counts, problems)
        return counts, problems

    try:
        counts, problems = go(run())
    except import_file.FileError as error:
        fail(f"{file}: {error}")
    if as_json:
        click.echo(msgspec.json.encode({"rows": counts, "problems": problems}).decode())
    else:
        told = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items())) or "no rows"
        click.echo(f"{kind}: {told}")
        for line in problems[:_SHOWN]:
            click.echo(f"  {line}")
        if len(problems) > _SHOWN:
            click.echo(f"  and {len(problems) - _SHOWN} more: --json tells all")
    if problems:
        raise SystemExit(1)


async def _tell(
    directory: Directory,
    who: Principal,
    rows: Sequence[Row],
    answers: Sequence[Answer],
    counts: Counter[str],
    problems: list[str],
) -> None:
    """Add what became of rows: what was taken, what was there already, and each that was refused, by its line."""
    for row, answer in zip(rows, answers, strict=True):
        if answer.status in ("invalid", "conflict"):
            counts[answer.status] += 1
            where = f" {answer.field}" if answer.field else ""
            problems.append(f"line {row.line}: {answer.code or answer.status}{where}")
            continue
        if answer.status == "repeat" or answer.evt is None:
            counts["there already"] += 1
            continue
        event = await see.events.get(who, directory, answer.evt)
        refused = [] if event.entry is None else [each for each in event.entry.verdicts if each.refused]
        expected = {"settled_elsewhere", "not_referred", "already_enrolled"}
        wrong = [each for each in refused if each.refusal not in expected]
        counts["refused" if wrong else event.status if event.entry is None else "imported"] += 1
        problems += [f"line {row.line}: {each.refusal}: {sentences(each).finance}" for each in wrong[:1]]
