"""reconcile: what the bank says became of payouts, taken from its file by a member with a key of their own."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from goodword import words
from goodword.app import say
from goodword.app.errors import InvalidError
from goodword.app.principal import NotPermittedError, Principal
from goodword.app.say.statements import Sheet
from goodword.cli.rules import RULES
from goodword.cli.run import fail, go, opened, table
from goodword.core import money
from goodword.core.statements import BECAME, MOST
from goodword.sources.bank import BankFileError
from goodword.store.api_keys import api_key_hash

_SHOWN = 20
_EVERY = 10_000  # lines between two words on how far it is


@click.command()
@click.argument("file", type=RULES)
@click.option(
    "--mapping", type=RULES, help="Which column of a CSV is which: YAML or JSON, see docs/howto/reconcile.md."
)
@click.option("--dry-run", is_flag=True, help="Say what would become of each line, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the sheet as JSON.")
@click.option("--key", envvar="GOODWORD_KEY", required=True, help="Your own key (gw_mk_…); or set GOODWORD_KEY.")
def reconcile(file: Path, mapping: Path | None, dry_run: bool, as_json: bool, key: str) -> None:
    """Take a FILE of the bank: pain.002, camt.053, camt.054, MT940, or a CSV with --mapping, of any size.

    It runs where the database is, as import does, in the name of whose key it is. Lines that agree complete or return their payout;
    what differs, or names no payout of ours, is a case; other lines of the account are counted and not kept. The same file again
    changes nothing. Exit code 1 if a line needs a person.
    """
    how = mapping.read_text(encoding="utf-8") if mapping is not None else None

    def told(done: int, size: int) -> None:
        if not as_json and size > _EVERY and done % _EVERY < MOST:
            click.echo(f"{done:,} of {size:,} lines", err=True)

    async def run() -> Sheet:
        async with opened() as directory:
            who: Principal | None = await directory.principal(api_key_hash(key))
            if who is None:
                fail("the key is not known here, or was revoked")
            with file.open("rb") as data:
                if dry_run:
                    return await say.statements.preview(who, directory, data, how)
                return await say.statements.take(who, directory, data, how, told)

    try:
        sheet = go(run())
    except BankFileError as error:
        fail(f"{file}: {error.code}: {error}")
    except (InvalidError, NotPermittedError) as error:
        fail(str(error))
    click.echo(msgspec.json.encode(sheet).decode() if as_json else _text(sheet))
    if sheet.counts["differing"] or sheet.counts["unknown"]:
        raise SystemExit(1)


def _text(sheet: Sheet) -> str:
    counts = ", ".join(f"{sheet.counts[name]:,} {name}" for name in BECAME if sheet.counts[name])
    lines = [f"{sheet.form}: {sheet.lines:,} lines, {sheet.others:,} about no payout{f'; {counts}' if counts else ''}"]
    lines += [
        f"  {it.unit}: {_figure(it.left, it.unit)} left, {_figure(it.back, it.unit)} came back" for it in sheet.moved
    ]
    lines += [
        f"  {it.heading.at}: the one before it ended with {_figure(it.gap, it.heading.currency)}, is one missing?"
        for it in sheet.statements
        if it.gap is not None
    ]
    rows = [
        (
            it.at,
            it.payout or "",
            it.said,
            f"{_figure(it.amount, it.unit)} {it.unit or ''}".strip(),
            it.became,
            _why(it.differs, it.reason),
        )
        for it in sheet.rows[:_SHOWN]
    ]
    if rows:
        lines.append(table(("where", "payout", "said", "amount", "became", "why"), rows))
    if len(sheet.rows) > _SHOWN:
        lines.append("and more: --json tells them")
    if not sheet.taken:
        lines.append("nothing was kept: without --dry-run it is taken")
    return "\n".join(lines)


def _why(differs: str | None, reason: str | None) -> str:
    return "; ".join(
        filter(None, (words.bank_differs(differs) if differs else "", words.bank_reason(reason) if reason else ""))
    )


def _figure(amount: int | None, unit: str | None) -> str:
    return "" if amount is None else money.decimal(amount, unit or "")
