"""Events: what came in, where each stands, and what was decided: lists that are looked for in the log, the newest first.

The log is in the order of deciding. What is looked for in it is looked for in a bounded number of its entries at a time, and the
answer says how far that was, so that no list costs more because the history is long. Of a person and of an invoice what is known by
keys is given too, however old it is. Must not know: SQL, how an event is shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.app.see.paging import Page
from goodword.core import entry as log_entry
from goodword.core import events
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent
from goodword.core.ids import PREFIXES
from goodword.core.refusals import Refusal
from goodword.core.state import Conversion, Reward
from goodword.sources import expected
from goodword.sources.fields import TOKEN_PATTERN
from goodword.sources.split import canonical, is_id
from goodword.store import entities, log, mappings, pages, payments, people, rejections, undecided

#: Entries of the log that are looked through for one page of a list, and how many at a time.
LOOKED: Final = 5_000
_PIECE = 1_000
_WAITING = 200  # events that are not decided, looked through for one page
_KNOWN = 100  # of each noun, the newest: what is known of a person or an invoice by keys
_DIGITS = 15
#: Behind every id of an event: where a list of what waits begins.
_END = "evt_~"

TYPES: Final = {str(kind.__struct_config__.tag): kind for kind in events.OUTSIDE + events.INTERNAL + events.COMMANDS}
#: What a list of events may be limited to, besides refused:<why>.
OUTCOMES: Final = ("earned", "attributed", "nothing", "waiting", "set_aside")
_SOURCE = re.compile(TOKEN_PATTERN)


class Mapped(Struct, frozen=True):
    """By which mapping of the workspace's own an event was read: its source, version and hash, and what the mapping calls the event.

    ``version`` is None where no version has that hash.
    """

    source: str
    version: int | None
    hash: str
    called: str


class Said(Struct, frozen=True):
    """When an event was said to happen, as it was sent, where that was understood as another time: so many hours later."""

    at: str
    hours_off: float


class Event(Struct, frozen=True):
    """Where an event stands: waiting, set aside, or decided with its entry. ``mapped``, ``said``: as of ``Whole``."""

    evt: str
    status: Literal["waiting", "set_aside", "decided"]
    entry: Entry | None = None
    mapped: Mapped | None = None
    said: Said | None = None


class Row(Struct, frozen=True):
    """An event of a list. ``waits_for``: the event that must be decided first, its own where deciding it failed.

    ``event`` is None where what is stored of it cannot be read, which is a reason to be set aside.
    """

    evt: str
    event: AnyEvent | None
    status: Literal["waiting", "set_aside", "decided"]
    entry: Entry | None = None
    waits_for: str | None = None


class Found(Struct, frozen=True):
    """A page of a list. ``waiting``: what is not decided; ``rows``: the log, the newest first; ``known``: older ones, known by keys.

    ``names``: id -> name of persons, codes and invoices, for who may see them. ``position``: the end of the log. ``looked``: how many
    entries were looked through, back to the position ``back_to``. ``after``: the cursor of the next page, None: there is none.
    """

    waiting: list[Row]
    rows: list[Row]
    known: list[Row]
    names: Mapping[str, str]
    position: int
    looked: int
    back_to: int
    after: str | None


class Asked(Struct, frozen=True):
    """What a list is limited to; None and empty: nothing. ``person``: an id or exact name; ``code`` and ``invoice``: ids or texts."""

    person: str | None = None
    invoice: str | None = None
    code: str | None = None
    type: str | None = None
    outcome: str | None = None
    source: str | None = None


class Whole(Struct, frozen=True):
    """An event with what is known beside it. ``sent``: the id that its sender gave it, as long as it waits; ``names``: as of a list.

    ``personal``: the fields that it said of its person, which are kept apart, by name and without what they hold; None for a reader
    who may see no names, as ``said`` is. ``mapped``: by which mapping of the workspace's own it was read, if by one.
    """

    row: Row
    sent: str | None
    names: Mapping[str, str]
    person: str | None
    personal: list[str] | None
    mapped: Mapped | None
    said: Said | None


@requires("event.read")
async def whole(who: Principal, directory: Directory, evt: str) -> Whole:
    """Return an event by its evt id, decided or not. Raises UnknownError."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        waits = await undecided.one(conn, ws.id, evt)
        entry = await log.of(conn, ws.id, evt) if waits is None else None
        if waits is None and entry is None:
            raise UnknownError("event")
        row = _undecided(waits) if waits is not None else _decided(entry)  # type: ignore[arg-type]
        names = await _names(conn, who, directory, [row])
        person: str | None = getattr(row.event, "person", None)
        told = await _told(conn, who, directory, row.event)
        mapped = await _mapped(conn, ws.id, row.event)
    personal = sorted(told) if told is not None else None
    return Whole(row, waits.id if waits is not None else None, names, person, personal, mapped, _said(told))


async def _told(
    conn: asyncpg.Connection, who: Principal, directory: Directory, event: AnyEvent | None
) -> dict[str, Any] | None:
    """Return what an event said of its person; None for a reader who may see no names."""
    if not who.may("person.names"):
        return None
    person: str | None = getattr(event, "person", None)
    if event is None or person is None:
        return {}
    return await people.personal_of(conn, who.workspace.id, directory.vault, person, event.evt)


def _said(told: Mapping[str, Any] | None) -> Said | None:
    """Return the time of what was sent without a zone, as the source that understood it put it beside the event."""
    metadata = (told or {}).get("metadata")
    if not isinstance(metadata, dict):
        return None
    at, off = metadata.get("said_at"), metadata.get("hours_off")
    return Said(at, float(off)) if isinstance(at, str) and isinstance(off, int | float) else None


async def _mapped(conn: asyncpg.Connection, ws: str, event: AnyEvent | None) -> Mapped | None:
    if event is None or event.mapping is None:
        return None
    source, version = await mappings.named(conn, ws, event.mapping, event.source) or (event.source, None)
    return Mapped(source, version, event.mapping, event.called or "")


@requires("event.read")
async def get(who: Principal, directory: Directory, event: str, source: str = "native") -> Event:
    """Return an event by its evt id, or by the id that its sender gave it. Raises UnknownError."""
    ws = who.workspace.id
    async with directory.reading() as conn:
        waiting = await pages.undecided_event(conn, ws, event)
        row = waiting or await pages.event_of_sender(conn, ws, source, event)
        entry = await log.of(conn, ws, row.evt if row else event)
        if entry is not None:
            it = entry.event
            more = await _mapped(conn, ws, it), _said(await _told(conn, who, directory, it))
            return Event(it.evt, "decided", entry, *more)
    if row is None:
        raise UnknownError("event")
    return Event(row.evt, "set_aside" if row.waits_for else "waiting")


@requires("event.read")
async def page(
    who: Principal, directory: Directory, asked: Asked | None = None, *, after: str | None = None, limit: int = 50
) -> Found:
    """Return a page of events, those of the log before a position. Raises InvalidError, and UnknownError for a person's name."""
    asked = asked or Asked()
    _check(asked, after)
    async with directory.snapshot() as conn:
        end = (await log.stream(conn, who.workspace.id)).position
        search = await _Search.of(conn, who, asked)
        if asked.outcome in ("waiting", "set_aside"):
            rows, on = await search.undecided(after, limit)
            names = await _names(conn, who, directory, rows)
            return Found(rows, [], [], names, end, 0, end, on)
        begin = min(int(after), end + 1) if after is not None else end + 1
        waiting = await search.waits(limit) if after is None and asked.outcome is None else []
        decided, back_to = await search.decided(begin, limit)
        known = await search.known(back_to) if after is None else []
        names = await _names(conn, who, directory, [*waiting, *decided, *known])
    return Found(waiting, decided, known, names, end, begin - back_to, back_to, str(back_to) if back_to > 1 else None)


@requires("event.read")
async def quarantined(who: Principal, directory: Directory) -> list[undecided.Waiting]:
    """Return what is set aside, and what waits behind it, in order; with its trace, for who may read it."""
    async with directory.reading() as conn:
        found = await undecided.waiting(conn, who.workspace.id)
    return found if who.may("trace.read") else [row._replace(trace=None) for row in found]


class Rejected(Struct, frozen=True):
    """Deliveries that were refused alike within a second. ``expected``: what would have been right, or what was wrong, in words.

    ``field`` and ``sent_as`` are empty where they are not known. ``at``: real time.
    """

    id: str
    at: int
    source: str
    key: str
    code: str
    field: str
    sent_as: str
    times: int
    expected: str


@requires("event.read")
async def rejected(
    who: Principal, directory: Directory, *, after: str | None = None, conflicts: bool = False, limit: int = 50
) -> Page[Rejected]:
    """Return what was sent with a key and refused of late, the newest first; ``conflicts``: only what took the id of another event.

    Raises InvalidError.
    """
    filters.id_of("after", after, "rejection")
    async with directory.reading() as conn:
        code = "id_taken" if conflicts else ""
        rows = await rejections.page(conn, who.workspace.id, after or "rej_~", code, limit)
    items = [Rejected(*row, expected=_expected(row.code, row.field)) for row in rows]
    return Page(items, items[-1].id if len(items) == limit else None)


class Held(Struct, frozen=True):
    """How many events of a source wait, and since when the first does: an instant of the real clock."""

    source: str
    events: int
    since: int


@requires("event.read")
async def held(who: Principal, directory: Directory) -> list[Held]:
    """Return what waits until it is said which invoice its payment paid, by source."""
    async with directory.reading() as conn:
        waiting = await payments.waiting(conn, who.workspace.id)
    return [Held(each.source, each.events, each.since) for each in waiting]


_REFUSED: Final = {
    "id_taken": "Another event came under this id before, with something else in it: the first one stands.",
    "unsupported_media_type": "The body was not sent as JSON: send it as application/json.",
    "dropped": "So many more were refused in that second; they were only counted.",
}


def _expected(code: str, field: str) -> str:
    return expected.sentence(code, field) or _REFUSED.get(code, code.replace("_", " "))


class Aside(Struct, frozen=True):
    """An event that was set aside. ``sent``: the id that its sender gave it; ``behind``: how many wait for it.

    ``error``: what kind of mistake it was; ``trace``: where, for who may read it. ``event`` is None where it cannot be read.
    """

    evt: str
    source: str
    sent: str
    event: AnyEvent | None
    behind: int
    error: str | None
    trace: str | None


@requires("event.read")
async def aside(who: Principal, directory: Directory) -> list[Aside]:
    """Return what is set aside, the oldest first, with how much waits behind each."""
    async with directory.reading() as conn:
        rows = await undecided.waiting(conn, who.workspace.id)
    behind = Counter(row.waits_for for row in rows)
    traces = who.may("trace.read")
    return [
        Aside(
            row.evt,
            row.source,
            row.id,
            log_entry.event(row.body),
            behind[row.evt] - 1,
            (row.trace or "").strip().rpartition("\n")[2].partition(":")[0] or None,
            row.trace if traces else None,
        )
        for row in rows
        if row.waits_for == row.evt
    ]


def _check(asked: Asked, after: str | None) -> None:
    filters.choice("type", asked.type, TYPES)
    if asked.source is not None and not _SOURCE.match(asked.source):
        raise InvalidError("Expected the name of a source, such as native.", "source")
    if asked.outcome is not None and asked.outcome.startswith("refused:"):
        filters.choice("refusal", asked.outcome.removeprefix("refused:"), [refusal.code for refusal in Refusal])
    else:
        filters.choice("outcome", asked.outcome, OUTCOMES)
    if after is None:
        return
    if asked.outcome in ("waiting", "set_aside"):
        if not all(is_id(part, PREFIXES["event"]) for part in after.split(".")):
            raise InvalidError("Expected the cursor of a page.", "after")
    elif not after.isdecimal() or len(after) > _DIGITS:
        raise InvalidError("Expected a position of the log, a whole number.", "after")


class _Search:
    """A look for events. ``parts``: what the bytes of each hold; of events that are not decided the same holds."""

    def __init__(self, conn: asyncpg.Connection, ws: str, asked: Asked, parts: Sequence[bytes]) -> None:
        self._conn = conn
        self._ws = ws
        self._asked = asked
        self._parts = parts
        self.person: str | None = None
        self.order: str | None = None

    @classmethod
    async def of(cls, conn: asyncpg.Connection, who: Principal, asked: Asked) -> _Search:
        """Return a look for what is asked. What nobody knows by a name is looked for by that name, and so not found."""
        person = await filters.person(conn, who, asked.person)
        code = await _called(conn, who, "code", asked.code)
        invoice = await _called(conn, who, "invoice", asked.invoice)
        outcome = asked.outcome or ""
        wanted = {
            "type": asked.type,
            "source": asked.source,
            "invoice": invoice,
            "refusal": outcome.removeprefix("refused:") if outcome.startswith("refused:") else None,
            "outcome": "refused" if outcome == "nothing" else outcome if outcome in ("earned", "attributed") else None,
        }
        parts = [_quoted(name) + b":" + _quoted(value) for name, value in wanted.items() if value is not None]
        parts += [_quoted(value) for value in (person, code) if value is not None]
        search = cls(conn, who.workspace.id, asked, parts)
        search.person, search.order = person, f"inv:{invoice}" if invoice is not None else None
        return search

    async def decided(self, begin: int, limit: int) -> tuple[list[Row], int]:
        """Return entries before a position, and the position down to which that is all of them."""
        rows: list[Row] = []
        back_to, end = begin, max(1, begin - (LOOKED if self._asked != Asked() else limit))
        while back_to > end and len(rows) < limit:
            first = max(end, back_to - (_PIECE if self._parts else limit))
            found = await log.matching(self._conn, self._ws, first, back_to, self._parts, limit)
            wanted = [_decided(entry) for entry in found if self._is_wanted(entry)][: limit - len(rows)]
            rows += wanted
            full = len(found) == limit or len(rows) == limit
            seen = rows[-1] if len(rows) == limit else _decided(found[-1]) if found else None
            back_to = seen.entry.position if full and seen is not None and seen.entry is not None else first
        return rows, back_to

    def _is_wanted(self, entry: Entry) -> bool:
        """Whether it is what was asked for: a part of its bytes may stand elsewhere in it."""
        asked, event = self._asked, entry.event
        if asked.type is not None and type(event) is not TYPES[asked.type]:
            return False
        if asked.source is not None and event.source != asked.source:
            return False
        if asked.outcome == "nothing":
            return bool(entry.verdicts) and all(verdict.refused for verdict in entry.verdicts)
        return True

    async def waits(self, limit: int) -> list[Row]:
        """Return the newest events that are not decided."""
        found = await undecided.newest_of_all(self._conn, self._ws, _WAITING)
        return [_undecided(row) for row in found if self._holds(row.body)][:limit]

    async def undecided(self, after: str | None, limit: int) -> tuple[list[Row], str | None]:
        """Return events that are not decided, or those that are set aside, behind a cursor, and the next cursor.

        What waits for its turn alone is gone within a second as a rule: of it the newest are shown, and no more.
        """
        if self._asked.outcome == "waiting":
            return [row for row in await self.waits(_WAITING) if row.waits_for is None][:limit], None
        ahead, _, evt = (after or f"{_END}.{_END}").partition(".")
        found = await undecided.newest_aside(self._conn, self._ws, (ahead, evt), _WAITING)
        rows: list[Row] = []
        for place, row in enumerate(found, 1):
            if self._holds(row.body):
                rows.append(_undecided(row))
            if len(rows) == limit and place < len(found):
                return rows, _cursor(row)
        return rows, _cursor(found[-1]) if len(found) == _WAITING else None

    def _holds(self, body: bytes) -> bool:
        return all(part in body for part in self._parts)

    async def known(self, before: int) -> list[Row]:
        """Return entries before a position that are known by keys of the person and the invoice that is looked for."""
        if self.person is None and self.order is None:
            return []
        evts = [*await self._of_person(), *await self._of_order()]
        entries = [it for it in (await log.of_each(self._conn, self._ws, evts)).values() if it.position < before]
        wanted = [entry for entry in entries if self._is_wanted(entry) and self._holds(log_entry.leaf(entry))]
        return [_decided(entry) for entry in sorted(wanted, key=lambda entry: -entry.position)]

    async def _of_person(self) -> list[str]:
        if self.person is None:
            return []
        conn, ws, person = self._conn, self._ws, self.person
        said = await pages.events_of_person(conn, ws, person, _KNOWN)
        referrals = await pages.referrals(conn, ws, friend=person, after="", limit=_KNOWN)
        rewards = await pages.rewards(conn, ws, beneficiary=person, limit=_KNOWN)
        return [*said, *(it.lead for it in referrals), *(it.evt for it in rewards)]

    async def _of_order(self) -> list[str]:
        if self.order is None:
            return []
        conn, ws, order = self._conn, self._ws, self.order
        evts: list[str | None] = []
        for conversion in await entities.load(conn, ws, Conversion, [order]):
            evts += [conversion.evt, *(rival.evt for rival in conversion.rivals)]
            evts += [conversion.amended.evt] if conversion.amended is not None else []
            evts += [reward.evt for reward in await entities.load(conn, ws, Reward, conversion.rewards)]
        evts += await pages.events_of_order(conn, ws, order, _KNOWN)
        return [evt for evt in evts if evt is not None]


def _decided(entry: Entry) -> Row:
    return Row(entry.event.evt, entry.event, "decided", entry)


def _undecided(row: undecided.Waiting) -> Row:
    return Row(row.evt, log_entry.event(row.body), "set_aside" if row.waits_for else "waiting", None, row.waits_for)


def _cursor(row: undecided.Waiting) -> str:
    return f"{row.waits_for}.{row.evt}"


def _quoted(text: str) -> bytes:
    """Return a text as it stands in the log."""
    return msgspec.json.encode(text)


async def _called(conn: asyncpg.Connection, who: Principal, kind: str, text: str | None) -> str | None:
    """Return the id of a code or an invoice by its text; the text of an invoice may stand for itself."""
    if text is None or is_id(text, people.PREFIXES[kind]):
        return text
    if kind == "code" and not who.may("person.names"):
        raise UnknownError("code of this text")
    name = (kind, canonical(kind, text))
    found = await people.find(conn, who.workspace.id, who.workspace.keys, [name])
    if kind == "code" and name not in found:
        raise UnknownError("code of this text")
    return found.get(name, text)


_NAMED = ("person", "keep", "gone", "code", "link_code", "invoice", "advocate")


def _named(event: AnyEvent | None) -> list[str]:
    """Return the ids of persons, codes and invoices that an event names."""
    values = (getattr(event, name, None) for name in _NAMED)
    return [value for value in values if isinstance(value, str)]


async def _names(
    conn: asyncpg.Connection, who: Principal, directory: Directory, rows: Iterable[Row]
) -> Mapping[str, str]:
    if not who.may("person.names"):
        return {}
    ids = {id_ for row in rows for id_ in _named(row.event)}
    ids |= {it.beneficiary for row in rows if row.entry for it in row.entry.verdicts if it.beneficiary is not None}
    return await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, ids)
