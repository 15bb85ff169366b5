"""Sources: when each delivered last, what came of it, what of it means nothing here, and whether it has gone silent.

Counts are of real time, by days in UTC, and figures: what an event decided stands in the log alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.intake import clicks, fetching
from goodword.app.intake.deliveries import DAYS, OUTCOMES, day_of, longest
from goodword.app.principal import Principal, requires
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.sources import base, expected
from goodword.sources.registry import REGISTRY
from goodword.store import log, payments, sources

#: A source is silent for longer than so many times the pause that 95 of 100 of its pauses do not exceed, and an hour at least.
_TIMES, _PERCENT, _LEAST = 3, 95, calendar.HOUR
_ENOUGH: Final = 5  # pauses; of fewer it cannot be said what is usual
_LOOKED: Final = 300  # entries of the log, the newest, of which it is said what they decided
_LOOKED_FOR: Final = 5_000  # likewise, of one source
_SHOWN: Final = 100  # names
_SIGNED: Final = "signature"
_NO_INVOICE: Final = "It names a payment, and it was not told yet which invoice that paid."


class Way(Struct, frozen=True):
    """How a client sends to a source. ``keys``: kinds of API keys, or signature; ``guide``: its page under ``docs/``, if any.

    ``asks``: what its system is asked with, or written to; empty: neither.
    """

    feed: str
    paths: list[str]
    keys: list[str]
    guide: str
    asks: str = ""

    @property
    def signs(self) -> bool:
        """Whether it signs what it sends."""
        return _SIGNED in self.keys


class Source(Struct, frozen=True):
    """A source. ``last_at``: when it delivered last; ``counts``: what came of its items in 14 days; ``decided``: what its newest did.

    ``usual``: the pause that 95 of 100 do not exceed, ``allowed``: for how long it may be silent, both in microseconds and None where
    there were too few. ``silent``: it is for longer.
    """

    source: str
    way: Way
    last_at: int | None
    counts: dict[str, int]
    decided: dict[str, int]
    usual: int | None
    allowed: int | None
    silent: bool


class Named(Struct, frozen=True):
    """So many of a name in 14 days; the name is empty for all that are not told apart."""

    name: str
    count: int


class Refused(Struct, frozen=True):
    """So many that were refused alike in 14 days. ``expected``: what would have been right, or what was wrong, in words."""

    code: str
    field: str
    count: int
    expected: str


class Held(Struct, frozen=True):
    """So much that came and waits, for one reason. ``why``: the reason as a sentence; ``since``: when the first of it came."""

    code: str
    why: str
    count: int
    since: int


class Day(Struct, frozen=True):
    """What came of the items of a day."""

    day: str
    counts: dict[str, int]


class Field(Struct, frozen=True):
    """A field of a source's items. ``how``: used, named, checked, personal or ignored; ``to``: the field of the event that it is."""

    path: str
    how: str
    to: str | None


class Whole(Struct, frozen=True):
    """A source with what of it means nothing here: the names of items, fields in no table, what was refused, all of 14 days.

    ``held``: what waits, the oldest first.
    """

    source: Source
    ignored: list[Named]
    unknown: list[Named]
    refused: list[Refused]
    held: list[Held]
    days: list[Day]
    fields: list[Field]


class Silent(Struct, frozen=True):
    """A source that has gone silent. ``since``: when it delivered last; ``usual``: the pause that 95 of 100 do not exceed."""

    source: str
    since: int
    usual: int


@requires("event.read")
async def every(who: Principal, directory: Directory) -> list[Source]:
    """Return all sources, those that have delivered first, the last first."""
    now, ws = directory.now(), who.workspace.id
    async with directory.reading() as conn:
        last, gaps = await sources.last(conn, ws), await sources.gaps(conn, ws, DAYS)
        counts = await sources.since(conn, ws, day_of(now) - DAYS + 1)
        end = (await log.stream(conn, ws)).position
        newest = await log.matching(conn, ws, max(1, end - _LOOKED + 1), end + 1, [], _LOOKED)
    found = [
        _source(
            name, now, last, gaps, [it for it in counts if it.source == name], (it for it in newest if _is(it, name))
        )
        for name in _ways()
        if name in last or name != clicks.SOURCE
    ]
    return sorted(found, key=lambda it: (-(it.last_at or 0), it.source))


@requires("event.read")
async def one(who: Principal, directory: Directory, name: str) -> Whole:
    """Return one source. Raises UnknownError."""
    if name not in _ways():
        raise UnknownError("source of this name")
    now, ws = directory.now(), who.workspace.id
    async with directory.reading() as conn:
        last, gaps = await sources.last(conn, ws), await sources.gaps(conn, ws, DAYS)
        counts = [it for it in await sources.since(conn, ws, day_of(now) - DAYS + 1) if it.source == name]
        end = (await log.stream(conn, ws)).position
        of = [b'"source":' + msgspec.json.encode(name)]
        newest = await log.matching(conn, ws, max(1, end - _LOOKED_FOR + 1), end + 1, of, _LOOKED)
        waiting = [it for it in await payments.waiting(conn, ws) if it.source == name]
        unfetched = await fetching.held(conn, ws, name)
    feed = _feeds().get(name)
    return Whole(
        _source(name, now, last, gaps, counts, (it for it in newest if _is(it, name))),
        _names(counts, "ignored"),
        _names(counts, "unknown"),
        [_refused(it) for it in _names(counts, "refused")],
        sorted(
            [Held("no_invoice", _NO_INVOICE, it.events, it.since) for it in waiting] + [_held(it) for it in unfetched],
            key=lambda it: it.since,
        ),
        _days(counts),
        [Field(path, it.how, it.to) for path, it in feed.fields.items()] if feed is not None else [],
    )


@requires("event.read")
async def silent(who: Principal, directory: Directory) -> list[Silent]:
    """Return the sources that have gone silent, by name."""
    now, ws = directory.now(), who.workspace.id
    async with directory.reading() as conn:
        last, gaps = await sources.last(conn, ws), await sources.gaps(conn, ws, DAYS)
    usual = {name: found for name, buckets in gaps.items() if (found := _usual(buckets)) is not None}
    return [Silent(name, last[name], usual[name]) for name in sorted(usual) if now - last[name] > _allowed(usual[name])]


def _feeds() -> Mapping[str, base.Source]:
    """Return which source each name in the log is of: one that reads pages too has two."""
    return {sender.source: source for source in REGISTRY.values() for sender in source.credential.all()}


def _ways() -> dict[str, Way]:
    """Return how clients send under each name."""
    ways = {clicks.SOURCE: Way("", ["/r/{code}"], [], "links")}
    for name, source in _feeds().items():
        credential = source.credential
        senders = credential.senders.items() if isinstance(credential, base.Key) else ()
        keys = [kind for kind, sender in senders if sender.source == name] or [_SIGNED]
        beneath = "/{workspace}" if isinstance(credential, base.Signature) else ""
        paths = [f"{path}{beneath}" for path in source.paths] or [source.example]
        ways[name] = Way(source.name, paths, keys, source.guide, source.access.told if source.access else "")
    return ways


def _source(
    name: str,
    now: int,
    last: Mapping[str, int],
    gaps: Mapping[str, Mapping[str, int]],
    counts: Iterable[sources.Count],
    newest: Iterable[Entry],
) -> Source:
    usual, at = _usual(gaps.get(name, {})), last.get(name)
    allowed = _allowed(usual) if usual is not None else None
    gone = at is not None and allowed is not None and now - at > allowed
    decided = Counter(outcome for entry in newest if (outcome := _outcome(entry)) is not None)
    return Source(name, _ways()[name], at, _sums(counts), dict(decided.most_common()), usual, allowed, gone)


def _usual(buckets: Mapping[str, int]) -> int | None:
    """Return the pause that 95 of 100 do not exceed, as far as their buckets tell: rather too long than too short."""
    total = sum(buckets.values())
    if total < _ENOUGH:
        return None
    seen = 0
    for bucket in sorted(buckets, key=int):
        seen += buckets[bucket]
        if 100 * seen >= _PERCENT * total:
            return longest(bucket)
    raise AssertionError("all of them are at least 95 of 100")


def _allowed(usual: int) -> int:
    return max(_LEAST, _TIMES * usual)


def _is(entry: Entry, name: str) -> bool:
    return entry.event.source == name


def _outcome(entry: Entry) -> str | None:
    """Return what an entry decided: what came of it, else why nothing did."""
    first = min(entry.verdicts, key=lambda it: (it.refused, it.outcome != "earned"), default=None)
    return None if first is None else first.refusal or first.outcome


def _sums(counts: Iterable[sources.Count]) -> dict[str, int]:
    found = dict.fromkeys(OUTCOMES, 0)
    for it in counts:
        if it.kind in found:
            found[it.kind] += it.times
    return found


def _names(counts: Iterable[sources.Count], kind: str) -> list[Named]:
    """Return the names of a kind, the most frequent first; what are too many are among those without one."""
    found: Counter[str] = Counter()
    for it in counts:
        if it.kind == kind:
            found[it.name] += it.times
    others = found.pop("", 0)
    shown = found.most_common(_SHOWN)
    others += found.total() - sum(count for _, count in shown)
    return [Named(name, count) for name, count in shown] + ([Named("", others)] if others else [])


def _held(it: fetching.Held) -> Held:
    detail = f" ({it.detail})" if it.detail else ""
    return Held(it.code, fetching.REASONS[it.code] + detail, it.count, it.since)


def _refused(it: Named) -> Refused:
    code, _, field = it.name.partition(" ")
    return Refused(code, field, it.count, expected.sentence(code, field) or code.replace("_", " "))


def _days(counts: Iterable[sources.Count]) -> list[Day]:
    by: dict[int, list[sources.Count]] = {}
    for it in counts:
        by.setdefault(it.day, []).append(it)
    return [Day(f"{calendar.moment(day * calendar.DAY):%Y-%m-%d}", _sums(by[day])) for day in sorted(by, reverse=True)]
