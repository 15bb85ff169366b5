"""Files of a bank: what would come of one, and taken: both give the same sheet. Of lines that concern no payout nothing is kept."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, BinaryIO, Final

from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.core.entry import Entry
from goodword.core.events import BankLine, StatementRead
from goodword.core.state import Handover, Payout
from goodword.core.statements import BECAME
from goodword.sources import bank
from goodword.sources.bank import File, Heading, events, wholes
from goodword.store import entities, pages, payees
from goodword.store.vault import blind

#: Rows that a sheet keeps, those that a person must look at before all others.
SHOWN: Final = 200
_OTHER: Final = re.compile(r"[^A-Z0-9]")
_SHORTEST: Final = 6  # digits of an account by which it is told from another
_LOOKED_AT: Final = ("differing", "unknown")


class Row(Struct, frozen=True, kw_only=True):
    """What became of a line about a payout, or would. ``at``: where it stands; ``became``: of ``BECAME``; ``differs``: how."""

    at: str
    payout: str | None
    said: str
    amount: int | None
    unit: str | None
    day: str | None
    reason: str | None
    became: str
    differs: str | None
    case: str | None


class Moved(Struct, frozen=True):
    """What lines that matched moved in a unit: what left, and what came back, in minor units; never below zero."""

    unit: str
    left: int
    back: int


class Said(Struct, frozen=True):
    """A statement of the file. ``gap``: the balance with which the one before it ended, where it does not begin with that."""

    id: str
    heading: Heading
    gap: int | None


class Sheet(Struct, frozen=True):
    """What became of a file, or would. ``lines``: all; ``others``: about no payout; ``counts``: of the rest, by ``BECAME``."""

    file: str
    form: str
    taken: bool
    statements: tuple[Said, ...]
    lines: int
    others: int
    counts: dict[str, int]
    moved: tuple[Moved, ...]
    rows: tuple[Row, ...]


#: Is told how many lines of how many were gone through.
Progress = Callable[[int, int], None]


@requires("payout.reconcile")
async def preview(who: Principal, directory: Directory, file: BinaryIO, mapping: str | None = None) -> Sheet:
    """Return what would come of a file. Nothing is kept; so many lines about payouts as one event holds are looked at by themselves.

    ``mapping``: of the columns of a CSV. Raises BankFileError where the file cannot be taken.
    """
    return await _through(who, directory, file, mapping, take=False)


@requires("payout.reconcile")
async def take(
    who: Principal, directory: Directory, file: BinaryIO, mapping: str | None = None, progress: Progress | None = None
) -> Sheet:
    """Take a file, piece by piece; the same file again changes nothing, and goes on where it stopped. Raises as ``preview``."""
    return await _through(who, directory, file, mapping, take=True, progress=progress)


async def _through(
    who: Principal,
    directory: Directory,
    file: BinaryIO,
    mapping: str | None,
    *,
    take: bool,
    progress: Progress | None = None,
) -> Sheet:
    how = bank.mapping(mapping) if mapping else None
    opened = await _opened(who, directory, file, how)
    said = await _statements(who, directory, opened)
    counts, sums, others = dict.fromkeys(BECAME, 0), Counter[tuple[str, str]](), 0
    rows: list[Row] = []
    size = sum(it.heading.size for it in said)
    own = partial(blind, who.workspace.keys.index, "own_account")
    each = events.pieces(opened, [(it.id, it.heading) for it in said], own)
    while piece := await asyncio.to_thread(next, each, None):
        became = await _piece(who, directory, opened, piece, take=take) if piece.lines or take else []
        others += piece.others
        for row in became:
            counts[row.became] += 1
            if row.became == "matched" and row.said == "booked" and row.amount is not None and row.unit is not None:
                sums[row.unit, "left" if row.amount < 0 else "back"] += abs(row.amount)
        rows = sorted(rows + became, key=lambda row: row.became not in _LOOKED_AT)[:SHOWN]
        if progress is not None:
            progress(others + sum(counts.values()), size)
    return Sheet(
        file=opened.digest,
        form=opened.form,
        taken=take,
        statements=tuple(said),
        lines=others + sum(counts.values()),
        others=others,
        counts=counts,
        moved=tuple(Moved(unit, sums[unit, "left"], sums[unit, "back"]) for unit in sorted({unit for unit, _ in sums})),
        rows=tuple(rows),
    )


async def _opened(who: Principal, directory: Directory, file: BinaryIO, how: bank.Mapping | None) -> File:
    """Return a file; of one of ours that it refuses as a whole each payout, as it was registered when it was handed out."""
    opened = await asyncio.to_thread(bank.opened, file, how)
    if opened.form != "pain.002":
        return opened
    names, apart = await asyncio.to_thread(wholes.found, opened)
    handed, ws = dict[str, wholes.Handed](), who.workspace.id
    async with directory.reading() as conn:
        for ours in await entities.load(conn, ws, Handover, names):
            elsewhere = await pages.in_other_files(conn, ws, ours.id, ours.payouts)
            handed[ours.id] = wholes.Handed(ours.id, ours.payouts, elsewhere)
    opened = await asyncio.to_thread(bank.opened, file, how)
    return await asyncio.to_thread(wholes.spelled_out, opened, handed, apart) if handed else opened


async def _statements(who: Principal, directory: Directory, file: File) -> list[Said]:
    """Return the statements of a file, our account by its last characters, with the gaps before them."""
    within = {id(it) for it in bank.gaps(file.headings)}
    found: list[Said] = []
    ends: dict[tuple[str | None, str | None], int | None] = {}
    async with directory.reading() as conn:
        for it in file.headings:
            key, gap = (it.account, it.currency), None
            shown = events.kept(it)
            if id(it) in within:
                gap = ends[key]
            elif key not in ends and it.opening is not None and it.first is not None and shown.account is not None:
                before = await pages.closing_before(conn, who.workspace.id, shown.account, it.currency or "", it.first)
                gap = before if before != it.opening else None
            if it.closing is not None:
                ends[key] = it.closing
            found.append(Said(events.statement_id(file, it), shown, gap))
    return found


async def _piece(who: Principal, directory: Directory, file: File, piece: events.Piece, *, take: bool) -> list[Row]:
    """Decide lines, and return what becomes of each."""
    lines = await _with_accounts(who, directory, piece)
    made = events.event_of(file, piece, lines)
    stamped: list[str] = []

    def make(**stamp: Any) -> StatementRead:
        stamped.append(stamp["evt"])
        return made(**stamp)

    key = events.key_of(file, piece)
    entry = await say(
        who, directory, lambda s: make(**s), key, content=hashlib.sha256(key.encode()).digest(), dry_run=not take
    )
    refusal = next((verdict.refusal for verdict in entry.verdicts if verdict.refused), None)
    if refusal is not None:
        raise InvalidError(f"{refusal}: nothing of this piece was taken.", "file")
    again = entry.event.evt not in stamped
    steps = _steps(entry)
    return [_row(line, at, steps[line.id], again=again) for line, at in zip(lines, piece.at, strict=True)]


def _steps(entry: Entry) -> dict[str, Mapping[str, Any]]:
    """Return what was decided, by line."""
    steps = (step for verdict in entry.verdicts if verdict.outcome == "statement_read" for step in verdict.steps)
    return {step.values["line"]: step.values for step in steps if step.code == "bank_line"}


def _row(line: BankLine, at: str, became: Mapping[str, Any], *, again: bool) -> Row:
    return Row(
        at=at,
        payout=line.payout,
        said=line.said,
        amount=line.amount,
        unit=line.unit,
        day=line.day,
        reason=line.reason,
        became="repeated" if again else became["became"],
        differs=became.get("differs"),
        case=became.get("case"),
    )


async def _with_accounts(who: Principal, directory: Directory, piece: events.Piece) -> tuple[BankLine, ...]:
    """Say of each line whether it went to another account than was released; of accounts nothing else is kept."""
    asked = {line.payout for line, other in zip(piece.lines, piece.accounts, strict=True) if other and line.payout}
    if not asked:
        return piece.lines
    async with directory.reading() as conn:
        found = {it.id: it for it in await entities.load(conn, who.workspace.id, Payout, sorted(asked))}
        details, _ = await payees.opened(
            conn, who.workspace, directory.vault, [it.beneficiary for it in found.values()]
        )
    known = {}
    for id_, payout in found.items():
        digest, _, its = details.get(payout.beneficiary, ("", "", {}))
        if digest == payout.destination:  # details that changed since say nothing of where it went
            known[id_] = its.get("iban") or its.get("account")
    return tuple(
        replace(line, other_account=(line.amount or -1) < 0 and _differ(known.get(line.payout or ""), other))
        for line, other in zip(piece.lines, piece.accounts, strict=True)
    )


def _differ(ours: str | None, theirs: str | None) -> bool:
    """Whether two accounts cannot be one. An IBAN may stand beside the number anywhere in it; one that is masked says nothing."""
    one, other = (_OTHER.sub("", (text or "").upper()).lstrip("0") for text in (ours, theirs))
    if min(len(one), len(other)) < _SHORTEST or re.search(r"[*X]{3}", theirs or ""):
        return False
    return one not in other and other not in one
