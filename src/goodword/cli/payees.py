"""payees verify: what a bank answers about names and accounts, taken from its file by a member with a key of their own."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from goodword import words
from goodword.app import say
from goodword.app.errors import InvalidError
from goodword.app.principal import NotPermittedError
from goodword.app.say.payees import Sheet
from goodword.cli.rules import RULES
from goodword.cli.run import fail, go, opened, table
from goodword.store.api_keys import api_key_hash

_SHOWN = 20


@click.group()
def payees() -> None:
    """Payees: what banks say of the names in payment details."""


@payees.command()
@click.argument("file", type=RULES)
@click.option("--provider", required=True, help="Who answered, such as the name of the bank: letters, digits, . _ -")
@click.option("--at", help="When it was answered, where no column says that, such as 2026-11-30T09:00:00Z.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each row, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the sheet as JSON.")
@click.option("--key", envvar="GOODWORD_KEY", required=True, help="Your own key (gw_mk_…); or set GOODWORD_KEY.")
def verify(file: Path, provider: str, at: str | None, dry_run: bool, as_json: bool, key: str) -> None:
    """Take the answers of a FILE (verification of payee): CSV or Excel with the columns iban and answer.

    It runs where the database is, in the name of whose key it is. Columns name, suggested and at are read where they are there. After a
    close match or no match nothing goes there until a person decides the case. The same file again changes nothing. Exit code 1 if a
    row needs a person.
    """

    async def run() -> Sheet:
        async with opened() as directory:
            who = await directory.principal(api_key_hash(key))
            if who is None:
                fail("the key is not known here, or was revoked")
            with file.open("rb") as data:
                return await say.payees.take(who, directory, data, provider, at, dry_run=dry_run)

    try:
        sheet = go(run())
    except (InvalidError, NotPermittedError) as error:
        fail(str(error))
    click.echo(msgspec.json.encode(sheet).decode() if as_json else _text(sheet))
    if sheet.cases or any(sheet.counts[name] for name in ("unknown", "other_name", "several", "refused")):
        raise SystemExit(1)


def _text(sheet: Sheet) -> str:
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sheet.counts.items() if count)
    cases = f"; {sheet.cases:,} {'case' if sheet.cases == 1 else 'cases'}" if sheet.cases else ""
    lines = [f"{counts or 'no rows'}{cases}"]
    rows = [
        (
            f"line {it.at}",
            it.person or "",
            it.answer,
            it.became,
            it.case or (words.refusal(it.refusal) if it.refusal else ""),
        )
        for it in sheet.rows[:_SHOWN]
    ]
    if rows:
        lines.append(table(("where", "person", "answer", "became", "case"), rows))
    if len(sheet.rows) > _SHOWN:
        lines.append("and more: --json tells them")
    if not sheet.taken:
        lines.append("nothing was kept: without --dry-run it is taken")
    return "\n".join(lines)
