"""What a workspace says itself that a source's items mean, what would come of another mapping, and what is kept of deliveries.

A preview maps what is kept, or what was pasted, as the intake would, and stores nothing: what would be decided it does not tell.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Final

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.follow import resending
from goodword.app.follow.resending import Resend
from goodword.app.intake.deliveries import kept as name_of
from goodword.app.intake.ingest import mapped_by
from goodword.app.intake.mappings import mappable
from goodword.app.principal import Principal, requires
from goodword.app.say.mappings import MOST
from goodword.core import calendar
from goodword.sources import expected, loose
from goodword.sources.base import Problem, RefusedError, Source
from goodword.sources.native import Wire
from goodword.sources.segment import event_file
from goodword.sources.segment.event_file import EventMapping
from goodword.sources.split import type_of
from goodword.store import kept, mappings, workspaces
from goodword.store.mappings import Version

#: Days for which deliveries may be kept.
MOST_DAYS: Final = kept.MOST_DAYS
_VERSIONS: Final = 100
_LOOKED: Final = 20_000  # items that a preview maps, the newest
_PAGE: Final = 50
_NAMES: Final = 200
_SAMPLE: Final = 1 << 20  # bytes of what is pasted
_LAST: Final = "dlv_~"  # behind every id


class Mapping(Struct, frozen=True):
    """A workspace's own mapping of a source. ``version`` 0: there never was one; ``hash``: empty where there is none now.

    ``mails``: of the members who said so, as far as they are shown.
    """

    source: str
    version: int
    hash: str
    text: str
    versions: list[Version]
    mails: dict[str, str]


class Money(Struct, frozen=True):
    """What so many events of a type come to in a currency, in minor units."""

    type: str
    currency: str
    events: int
    amount: int


class Name(Struct, frozen=True):
    """What items of a name would be: events by type, or nothing; why those would not that are wrong. An empty name: all others.

    ``own``: it is the mapping that speaks of them.
    """

    name: str
    items: int
    becomes: dict[str, int]
    refused: dict[str, int]
    money: list[Money]
    own: bool


class Preview(Struct, frozen=True):
    """What a mapping would make of items. ``of``: kept or sample; ``deliveries``: how many were read; ``since``: the oldest of them."""

    of: str
    deliveries: int
    items: int
    since: int | None
    names: list[Name]


class Kept(Struct, frozen=True):
    """What is kept of a source's deliveries. ``dropped``: let go before their days were over, because ``most`` bytes were kept."""

    source: str
    days: int
    deliveries: int
    bytes: int
    most: int
    dropped: int
    first_at: int | None
    resend: Resend | None


@requires("event.read")
async def one(who: Principal, directory: Directory, source: str, version: int = 0) -> Mapping:
    """Return the mapping of a source, or what an older version said. Raises UnknownError."""
    name, ws = mappable(source).name, who.workspace
    async with directory.reading() as conn:
        versions = await mappings.every(conn, ws.id, name, _VERSIONS)
        text = await mappings.text(conn, ws.id, name, version)
        mails = await workspaces.mails(conn, ws) if versions and who.may("member.mails") else {}
    if version and text is None:
        raise UnknownError("such version of the mapping")
    shown = next((it for it in versions if not version or it.version == version), None)
    said_by = {it.said_by: mails[it.said_by] for it in versions if it.said_by in mails}
    return Mapping(name, shown.version if shown else 0, shown.hash if shown else "", text or "", versions, said_by)


@requires("event.read")
async def keeping(who: Principal, directory: Directory, source: str) -> Kept:
    """Return what is kept of a source, and how far it was sent again. Raises UnknownError."""
    name = mappable(source).name
    async with directory.reading() as conn:
        it = await kept.keeping(conn, who.workspace.id, name)
    return Kept(
        name, it.days, it.deliveries, it.bytes, kept.MOST_BYTES, it.dropped, it.first, resending.state(it.resend)
    )


@requires("source.manage")
async def preview(
    who: Principal,
    directory: Directory,
    source: str,
    text: str | None = None,
    name: str = "mapping.yaml",
    *,
    sample: str | None = None,
) -> Preview:
    """Return what a mapping would make of what is kept, or of items that were pasted as JSON; nothing is stored.

    ``text``: a file, None: the one that counts now. Raises MappingFileErrors with all that is wrong in it, UnknownError, InvalidError.
    """
    it = mappable(source)
    if text is not None and len(text.encode()) > MOST:
        raise InvalidError(f"The file has more than {MOST >> 10} KiB.", "text")
    async with directory.reading() as conn:
        present = (await mappings.present(conn, who.workspace.id)).get(it.name)
    if text is not None:
        own: EventMapping | None = event_file.read(text.encode(), name)
    else:
        own = event_file.of(present.document) if present is not None and present.document else None
    counted = _Counted(it, own)
    if sample is not None:
        for item in _pasted(it, sample, directory.now()):
            counted.add(item)
        return counted.preview("sample")
    days = present.days if present is not None else 0
    since = directory.now() - days * calendar.DAY
    async for delivery in _newest(who, directory, it.name, since):
        sender = resending.sender_of(it, delivery.sender)
        items = resending.items_of(it, who.workspace, delivery)
        types = sender.types if sender is not None else frozenset[type[Wire]]()
        for item in items:
            counted.add(item, types)
        counted.delivered(delivery.at)
        await asyncio.sleep(0)  # others have their turn
        if counted.items >= _LOOKED:
            break
    return counted.preview("kept")


async def _newest(who: Principal, directory: Directory, source: str, since: int) -> AsyncIterator[kept.Delivery]:
    before = _LAST
    while True:
        async with directory.reading() as conn:
            page = await kept.newest(conn, who.workspace, source, before, since, _PAGE)
        for delivery in page:
            yield delivery
        if len(page) < _PAGE:
            return
        before = page[-1].id


class _Counted:
    """Counts what items would be, each once however often it was delivered."""

    def __init__(self, source: Source, own: EventMapping | None) -> None:
        self._source = source
        self._own = own
        self._seen: set[tuple[str, str]] = set()
        self._names: dict[str, tuple[Counter[str], Counter[str], dict[tuple[str, str], list[int]], bool]] = {}
        self._deliveries = 0
        self._since: int | None = None
        self.items = 0

    def delivered(self, at: int) -> None:
        """Count a delivery."""
        self._deliveries += 1
        self._since = at if self._since is None else min(at, self._since)

    def add(self, item: Any, types: frozenset[type[Wire]] | None = None) -> None:
        """Count an item. ``types``: what its sender may send, None: all."""
        found, by = mapped_by(self._source, item, self._own)
        events = [it for it in found if isinstance(it, Wire)]
        if events and all((type_of(it), it.id) in self._seen for it in events):
            return
        self._seen.update((type_of(it), it.id) for it in events)
        self.items += 1
        name = name_of(self._source.called(item))
        if name not in self._names and len(self._names) >= _NAMES:
            name = ""
        becomes, refused, money, _ = self._names.get(name, (Counter(), Counter(), {}, False))
        self._names[name] = becomes, refused, money, by is not None
        if not found:
            becomes["nothing"] += 1
        for it in found:
            if isinstance(it, Problem):
                known = expected.known(it.code, it.field) if it.field is not None else ""
                refused[f"{it.code} {known}".rstrip()] += 1
            elif isinstance(it, Wire) and types is not None and type(it) not in types:
                refused["not_permitted type"] += 1
            elif isinstance(it, Wire):
                becomes[type_of(it)] += 1
                _add(money, it)

    def preview(self, of: str) -> Preview:
        """Return the counts, the names first that the mapping speaks of, then the most frequent."""
        names = [
            Name(
                name,
                becomes.total() + refused.total(),
                dict(becomes.most_common()),
                dict(refused.most_common()),
                [Money(*key, *sums) for key, sums in sorted(money.items())],
                own,
            )
            for name, (becomes, refused, money, own) in self._names.items()
        ]
        names.sort(key=lambda it: (not it.own, -it.items, it.name))
        return Preview(of, self._deliveries, self.items, self._since, names)


def _add(money: dict[tuple[str, str], list[int]], event: Wire) -> None:
    amount, currency = getattr(event, "amount", None), getattr(event, "currency", None)
    if amount is not None and currency is not None:
        sums = money.setdefault((type_of(event), currency), [0, 0])
        sums[0] += 1
        sums[1] += amount


def _pasted(source: Source, sample: str, now: int) -> Iterable[Any]:
    """Return what somebody pasted as items: one, a list, or a batch. Raises InvalidError for what is none."""
    data = sample.encode("utf-8", "replace")
    if len(data) > _SAMPLE:
        raise InvalidError(f"The sample has more than {_SAMPLE >> 20} MiB.", "sample")
    try:
        found = loose.any_of(data)
    except RefusedError as error:
        raise InvalidError(
            f"The sample is no JSON of an item, a list of them or a batch: {error.detail}", "sample"
        ) from None
    assert source.own is not None  # noqa: S101 - it is mappable
    make: Callable[[dict[str, Any], int], Any] = source.own.sample
    return [it if isinstance(it, Problem) else make(it, now) for it in found]
