"""Files of other systems: what would come of one, brought in, and taken back as a whole. Every row says what became of it.

A dry run is the write path rolled back: rows are accepted and decided in one transaction, of which nothing stays. It holds the
workspace's lock, so that no more rows than ``DECIDED`` are decided so; of the others it is told whether they are new.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.intake.ingest import Ingest
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.write.process import drain_until, process, tried
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.sources import native
from goodword.sources.base import Answer, Problem
from goodword.sources.import_file import SENDER, Row, kind_of
from goodword.sources.native import Wire
from goodword.store import log

#: Rows of a dry run that are decided: as many as a request may bring, for the lock is held while they are.
DECIDED = 1_000
#: What a no of these says is expected of what ran elsewhere.
_EXPECTED = frozenset({"settled_elsewhere", "not_referred", "already_enrolled"})
#: Types whose rows are refused by what is said of the event alone; that nobody earns by an order is no fault of its row.
_BY_ITSELF = (native.ConversionRecorded, native.ConversionRefunded, native.LeadCreated)

#: What becomes of a row, in the order in which a sheet counts them.
BECAME = (
    "imported",
    "new",
    "there_already",
    "refused",
    "invalid",
    "conflict",
    "passed_over",
    "waits",
    "taken_back",
    "left",
)
#: Of these a person must know which rows they are.
WRONG = frozenset({"refused", "invalid", "conflict"})


class Became(Struct, frozen=True, kw_only=True):
    """What became of a row, or would. ``line``: in the file; ``code`` and ``field``: why not; ``verdicts``: what was decided of it.

    ``kind``: what it is; a line of another system's export may say several things.

    ``amount`` and ``currency``: the money that the row says. ``position``: of its entry in the log.
    """

    line: int
    id: str | None
    became: str
    kind: str | None = None
    code: str | None = None
    field: str | None = None
    amount: int | None = None
    currency: str | None = None
    position: int | None = None
    verdicts: tuple[Verdict, ...] = ()


class Money(Struct, frozen=True):
    """What rows of a kind come to in a currency: those that were matched and are counted once, and those of them that are new."""

    currency: str
    rows: int
    amount: int
    new: int
    kind: str


class Totals(Struct, frozen=True):
    """A sheet in short: lines and rows read, what became of them, why not, and the money in by kind and currency."""

    read: int
    lines: int
    became: dict[str, int]
    why: dict[str, int]
    money: tuple[Money, ...]


class Counted:
    """Counts what becomes of rows as they come: no more is kept of them."""

    def __init__(self) -> None:
        self._became: Counter[str] = Counter()
        self._why: Counter[str] = Counter()
        self._money: Counter[tuple[str, str, str]] = Counter()
        self._lines = 0
        self._last = 0

    def add(self, rows: Sequence[Became]) -> None:
        """Count rows."""
        for row in rows:
            self._became[row.became] += 1
            self._lines += row.line != self._last
            self._last = row.line
            if row.became in WRONG:
                self._why[f"{row.code} {row.field}" if row.field else row.code or row.became] += 1
            if row.amount is not None and row.became in ("imported", "new", "there_already", "waits", "taken_back"):
                of = row.kind or "", row.currency or ""
                self._money[*of, "rows"] += 1
                self._money[*of, "amount"] += row.amount
                if row.became != "there_already":
                    self._money[*of, "new"] += row.amount

    def totals(self) -> Totals:
        """Return the counts so far."""
        money = tuple(
            Money(currency, sums["rows"], sums["amount"], sums["new"], kind)
            for kind, currency in sorted({of[:2] for of in self._money})
            if (sums := {what: self._money[kind, currency, what] for what in ("rows", "amount", "new")})
        )
        became = {name: self._became[name] for name in BECAME if self._became[name]}
        return Totals(self._became.total(), self._lines, became, dict(self._why.most_common()), money)


@requires("event.import")
async def dry_run(who: Principal, directory: Directory, pieces: Iterator[list[Row]]) -> AsyncIterator[list[Became]]:
    """Yield what would become of rows, piece by piece; nothing of it stays. Only of the first ``DECIDED`` are decisions told.

    Raises FileError where the file cannot be read on.
    """
    ingest = Ingest(directory.engine, directory.vault)
    seen: dict[str, bytes] = {}
    first = True
    async for piece in _read(pieces):
        again = _repeats(piece, seen)
        items = [
            row.event for row, repeats in zip(piece, again, strict=True) if repeats is None and row.event is not None
        ]
        accept = partial(ingest.accept_in, ws=who.workspace, sender=SENDER, items=items)
        if first:
            answers, entries = await tried(directory.engine, who.workspace.id, accept)
        else:
            answers, entries = await _compared(directory, accept), []
        first = False
        yield _all(piece, again, answers, {entry.event.evt: entry for entry in entries}, dry=True)


@requires("event.import")
async def take(
    who: Principal, directory: Directory, pieces: Iterator[list[Row]], file: str = "import"
) -> AsyncIterator[list[Became]]:
    """Bring rows in and yield what became of them, piece by piece: each is accepted as an event is, and decided.

    Which member does so stands on the record before. ``file``: the SHA-256 of the file, hexadecimal.
    Raises FileError where the file cannot be read on, UnavailableError where no more can be taken: the same file again goes on there.
    """
    ingest = Ingest(directory.engine, directory.vault)
    if who.may(RecordLooked.PERMISSION):  # who holds the database is no member, and on no record
        await say(who, directory, lambda s: RecordLooked(**s, subject=file, what="imported"), None)
    async for piece in _read(pieces):
        items = [row.event for row in piece if row.event is not None]
        answers = await ingest.accept(who.workspace, SENDER, items)
        entries = await _decided(who, directory, answers)
        yield _all(piece, [None] * len(piece), answers, entries)


@requires("event.import")
async def take_back(who: Principal, directory: Directory, pieces: Iterator[list[Row]]) -> AsyncIterator[list[Became]]:
    """Take back what rows of orders or refunds brought in: orders are canceled, refunds returned, each by an event of its own.

    A row that was never brought in as it stands there, or was refused then, is left: another file brought that in. Yields what became
    of each. Raises InvalidError for rows of another kind: an advocate leaves, and what is known of a customer stays known.
    """
    ingest = Ingest(directory.engine, directory.vault)
    async for piece in _read(pieces):
        wires = [row.event for row in piece if isinstance(row.event, Wire)]
        wrong = next(
            (wire for wire in wires if not isinstance(wire, native.ConversionRecorded | native.ConversionRefunded)),
            None,
        )
        if wrong is not None:
            raise InvalidError("Only orders and refunds can be taken back as a whole.", "kind")
        answers = await _compared(directory, partial(ingest.accept_in, ws=who.workspace, sender=SENDER, items=wires))
        same = iter([answer.evt if answer.status == "repeat" else None for answer in answers])
        by_row = [next(same) if isinstance(row.event, Wire) else None for row in piece]
        async with directory.pool.acquire() as conn:
            brought = {evt for evt in by_row if evt is not None and await _is_in(conn, who.workspace.id, evt)}
        back = [
            Row(row.line, _back(row.event) if isinstance(row.event, Wire) and evt in brought else None)
            for row, evt in zip(piece, by_row, strict=True)
        ]
        answers = await ingest.accept(who.workspace, SENDER, [row.event for row in back if row.event is not None])
        entries = await _decided(who, directory, answers)
        told = _all(back, [None] * len(back), answers, entries)
        names = {"imported": "taken_back", "passed_over": "left"}
        money = [_money_of(row.event) for row in piece]
        yield [
            msgspec.structs.replace(
                it, became=names.get(it.became, it.became), amount=amount, currency=currency, kind=kind_of(row.event)
            )
            for it, row, (amount, currency) in zip(told, piece, money, strict=True)
        ]


async def _read(pieces: Iterator[list[Row]]) -> AsyncIterator[list[Row]]:
    """Yield pieces of a file that is read in a thread: a large one of Excel holds nobody else up."""
    while piece := await asyncio.to_thread(next, pieces, None):
        yield piece


def _repeats(piece: Sequence[Row], seen: dict[str, bytes]) -> list[Answer | None]:
    """Return by row what a row of an earlier piece, of which nothing stayed, makes of it; None: there is none with its id."""
    again: list[Answer | None] = []
    added: dict[str, bytes] = {}
    for row in piece:
        said: Answer | None = None
        if isinstance(row.event, Wire):
            content = hashlib.sha256(msgspec.json.encode(row.event)).digest()
            before = seen.get(row.event.id)
            if before is None:
                added.setdefault(row.event.id, content)
            elif before == content:
                said = Answer(row.event.id, "repeat")
            else:
                said = Answer(row.event.id, "conflict", "id_taken")
        again.append(said)
    seen |= added
    return again


async def _compared(
    directory: Directory, accept: Callable[[asyncpg.Connection], Awaitable[list[Answer]]]
) -> list[Answer]:
    """Return what would be answered for items: they are stored and taken back, and nothing is decided."""
    async with directory.pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        try:
            return await accept(conn)
        finally:
            await transaction.rollback()


async def _decided(who: Principal, directory: Directory, answers: Sequence[Answer]) -> dict[str, Entry]:
    """Decide what was accepted, with all that waits before it, and return the entries by evt, of whoever decided them."""
    ws, entries = who.workspace.id, dict[str, Entry]()
    wanted = [answer.evt for answer in answers if answer.status == "accepted" and answer.evt is not None]
    if not wanted:
        return entries
    mine = frozenset(wanted)
    tell = lambda told: entries.update({it.event.evt: it for it in told if it.event.evt in mine})  # noqa: E731
    while len(entries) < len(wanted) and await process(directory.engine, ws, tell=tell):
        pass
    if len(entries) < len(wanted):  # another process decides some of it
        await drain_until(directory.engine, ws, max(wanted))
        async with directory.pool.acquire() as conn:
            for evt in mine - entries.keys():
                if entry := await log.of(conn, ws, evt):
                    entries[evt] = entry
    return entries


def _all(
    piece: Sequence[Row],
    again: Sequence[Answer | None],
    answers: Sequence[Answer],
    entries: Mapping[str, Entry],
    *,
    dry: bool = False,
) -> list[Became]:
    left = iter(answers)
    told = []
    for row, repeats in zip(piece, again, strict=True):
        if row.event is None:
            told.append(Became(line=row.line, id=None, became="passed_over"))
        else:
            told.append(_became(row, repeats or next(left), entries, dry=dry))
    return told


def _became(row: Row, answer: Answer, entries: Mapping[str, Entry], *, dry: bool) -> Became:
    amount, currency = _money_of(row.event)
    said = Became(
        line=row.line,
        id=answer.id,
        became="waits",
        kind=kind_of(row.event),
        code=answer.code,
        field=answer.field,
        amount=amount,
        currency=currency,
    )
    if answer.status in ("invalid", "conflict"):
        return msgspec.structs.replace(said, became=answer.status, code=answer.code or answer.status)
    if answer.status == "repeat" or answer.evt is None:
        return msgspec.structs.replace(said, became="there_already")
    entry = entries.get(answer.evt)
    if entry is None:
        return msgspec.structs.replace(said, became="new" if dry else "waits")
    wrong = _wrong(row.event, entry)
    return msgspec.structs.replace(
        said,
        became="refused" if wrong else "new" if dry else "imported",
        code=wrong.refusal if wrong else None,
        position=None if dry else entry.position,
        verdicts=(wrong,) if wrong else entry.verdicts,
    )


def _wrong(event: Wire | Problem | None, entry: Entry) -> Verdict | None:
    """Return the verdict by which a row brought nothing in, if there is one."""
    refused = [it for it in entry.verdicts if it.refused and it.refusal not in _EXPECTED]
    if isinstance(event, _BY_ITSELF):
        refused = [it for it in refused if it.about == "event"]
    return refused[0] if refused else None


async def _is_in(conn: asyncpg.Connection, ws: str, evt: str) -> bool:
    """Return whether an event was decided, and was not refused by itself."""
    entry = await log.of(conn, ws, evt)
    return entry is not None and not any(it.refused and it.about == "event" for it in entry.verdicts)


def _back(event: Wire) -> Wire:
    """Return the event that takes back what another brought in."""
    if isinstance(event, native.ConversionRefunded):
        return native.RefundReturned(id=_back_id(event), invoice_id=event.invoice_id, refund_id=event.refund_id)
    assert isinstance(event, native.ConversionRecorded)  # noqa: S101 - nothing else comes here
    if event.invoice_id is not None:
        return native.ConversionCanceled(id=_back_id(event), invoice_id=event.invoice_id)
    return native.ConversionCanceled(id=_back_id(event), event_id=event.id)


def _back_id(event: Wire) -> str:
    return f"back:{event.id}"


def _money_of(event: Wire | Problem | None) -> tuple[int | None, str | None]:
    return getattr(event, "amount", None), getattr(event, "currency", None)
