"""What each source delivered, counted: what came of its items, what it calls those that mean nothing here, which fields nobody knows.

It is gathered in memory, bounded, and written a second later in one transaction a workspace, so that who sends waits for none of it.
These are figures for people, and no second truth: a process that is killed loses those of its last second. Of what a sender calls
its own a name is kept if it looks like one of a schema; any other counts without a name. Must not know: HTTP, SQL, a source's format.
"""

from __future__ import annotations

import logging
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from goodword.app.engine import Engine
from goodword.app.intake.soon import Soon
from goodword.core import calendar
from goodword.sources import expected
from goodword.sources.base import Answer, Source
from goodword.sources.segment.event_file import EventMapping
from goodword.store import sources
from goodword.store.pool import DATABASE_ERRORS

AFTER: Final = 1.0  # seconds between the first one that is counted and the commit of all
MOST: Final = 20_000  # different counts that are held in that time
#: Days by which a source is judged and shown: what it delivered, its pauses, and what of it was refused, which is kept for no longer.
DAYS: Final = 14
#: What became of an item, as it is counted.
OUTCOMES: Final = ("accepted", "repeat", "conflict", "refused", "ignored")
#: Pauses fall into buckets, each a quarter longer than the one before; those within a minute are one delivery.
_STEP: Final = 1.25
_LONGEST: Final = 64  # the last bucket: three years

_NAME = re.compile(r"[^\W\d_][\w .:/$-]{0,63}")
_NUMBER = re.compile(r"\d{5}")

_log = logging.getLogger(__name__)


class Deliveries:
    """Counts deliveries, and writes the counts down."""

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._counts: dict[str, Counter[tuple[str, str, str]]] = {}
        self._seen: dict[tuple[str, str], tuple[int, int]] = {}  # the first and the last since the last commit
        self._held = 0
        self._soon = Soon(engine.clock, AFTER, self._write)

    def note(
        self,
        ws: str,
        sender: str,
        source: Source,
        items: Sequence[Any],
        answers: Sequence[Sequence[Answer | None]],
        own: EventMapping | None = None,
    ) -> None:
        """Count the items of a delivery and what became of the events of each. None: what was taken and is no event.

        ``own``: the workspace's own mapping by which they were read: the fields that it places are known. A delivery of nothing is no
        sign that a source delivers: anybody may send a ping that is not signed.
        """
        if not items:
            return
        for item, said in zip(items, answers, strict=True):
            if not said:
                self._count(ws, sender, "ignored", kept(_named(source, item)))
                continue
            events = [answer for answer in said if answer is not None]
            if not events:
                self._count(ws, sender, "accepted")
            for answer in events:
                if answer.status == "invalid":
                    self._refused(ws, sender, answer.code or "", answer.field)
                else:
                    self._count(ws, sender, "accepted" if answer.status == "held" else answer.status)
            for path in _unknown(source, item):
                if own is not None and own.reads(path):
                    continue
                self._count(ws, sender, "unknown", kept(path))
        self._arrived(ws, sender)

    def refused(self, ws: str, sender: str, code: str) -> None:
        """Count a delivery that was refused as a whole, of one whose sender is known."""
        self._count(ws, sender, "refused", code)
        self._arrived(ws, sender)

    def came(self, ws: str, sender: str, count: int) -> None:
        """Count what was accepted."""
        self._count(ws, sender, "accepted", times=count)
        self._arrived(ws, sender)

    async def drain(self) -> None:
        """Write what was counted: before the process ends."""
        await self._soon.drain()

    def _refused(self, ws: str, sender: str, code: str, field: str | None) -> None:
        """Count an item that was refused: with the field as far as it is ours; of one that nobody knows the path is its schema's."""
        known = expected.known(code, field) if field is not None else ""
        self._count(ws, sender, "refused", f"{code} {known}".rstrip())
        if code == "unknown_field" and field is not None:
            self._count(ws, sender, "unknown", kept(field))

    def _count(self, ws: str, sender: str, kind: str, name: str = "", times: int = 1) -> None:
        counts = self._counts.get(ws)
        if counts is None:
            counts = self._counts[ws] = Counter()
        key = (sender, kind, name)
        if key not in counts:
            if self._held >= MOST:
                key = (sender, kind, "")
            self._held += 1
        counts[key] += times

    def _arrived(self, ws: str, sender: str) -> None:
        now = self._clock.now()
        first, last = self._seen.get((ws, sender), (now, now))
        self._seen[ws, sender] = first, max(last, now)
        self._soon.begin()

    async def _write(self) -> None:
        counted, self._counts, seen, self._seen, self._held = self._counts, {}, self._seen, {}, 0
        for ws, counts in counted.items():
            came = {source: times for (of, source), times in seen.items() if of == ws}
            day = day_of(max(last for _, last in came.values()))
            rows = [sources.Count(day, *key, count) for key, count in counts.items()]
            try:
                async with self._pool.acquire(timeout=5) as conn, conn.transaction():
                    before = await sources.last(conn, ws)
                    rows += _gaps(day, before, came)
                    await sources.add(conn, ws, {source: last for source, (_, last) in came.items()}, rows)
            except (*DATABASE_ERRORS, OSError) as error:
                _log.warning("counts of %s sources were not written down: %s", len(came), type(error).__name__)


def day_of(at: int) -> int:
    """Return the day of an instant: days since 1970-01-01 in UTC."""
    return at // calendar.DAY


def longest(bucket: str) -> int:
    """Return how long a pause of a bucket is at most, in microseconds."""
    return int(calendar.MINUTE * _STEP ** (int(bucket) + 1))


def _gaps(day: int, before: dict[str, int], came: dict[str, tuple[int, int]]) -> list[sources.Count]:
    """Return the pauses that have ended, each as one more of its bucket."""
    found = []
    for source, (first, _) in came.items():
        minutes = (first - before.get(source, first)) / calendar.MINUTE
        if minutes >= 1:
            bucket = min(int(math.log(minutes, _STEP)), _LONGEST)
            found.append(sources.Count(day, source, "gap", str(bucket), 1))
    return found


def kept(name: str) -> str:
    """Return a name as it may be kept: that of a schema and of nobody, else none."""
    return name if _NAME.fullmatch(name) and not _NUMBER.search(name) else ""


def _named(source: Source, item: Any) -> str:
    try:
        return source.called(item)
    except Exception:  # noqa: BLE001 - a figure costs nobody their delivery
        _log.exception("an item of the source %s could not be named", source.name)
        return ""


def _unknown(source: Source, item: Any) -> Iterable[str]:
    try:
        return source.unknown(item)
    except Exception:  # noqa: BLE001 - likewise
        _log.exception("the fields of an item of the source %s could not be looked at", source.name)
        return ()
