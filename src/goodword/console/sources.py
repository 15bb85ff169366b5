"""Sources: did it arrive, what of it means nothing here, has it gone silent, and how a client is pointed at it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.sources import Source, Whole
from goodword.console.frame import Read, Visit
from goodword.core import calendar

_TREATED = ("used", "named", "checked", "personal", "ignored")


class Sources(Struct, frozen=True):
    """All sources, the last that delivered first. ``silent``: how many have gone silent."""

    sources: list[Source]
    silent: int


class One(Struct, frozen=True):
    """A source. ``usual`` and ``allowed``: in words; ``treated``: fields by what becomes of them. ``url``: this server's address."""

    whole: Whole
    usual: str | None
    allowed: str | None
    treated: dict[str, list[str]]
    url: str


async def listed(visit: Visit) -> Sources:
    """Return all sources."""
    found = await visit.read(see.sources.every)
    return Sources(found, sum(it.silent for it in found))


async def one(visit: Visit) -> One:
    """Return one source."""
    whole = await visit.read(see.sources.one, visit.named("source"))
    treated = {how: [it.path for it in whole.fields if it.how == how] for how in _TREATED}
    it = whole.source
    return One(
        whole,
        length(it.usual) if it.usual is not None else None,
        length(it.allowed) if it.allowed is not None else None,
        {how: paths for how, paths in treated.items() if paths},
        visit.directory.engine.url,
    )


def length(time: int) -> str:
    """Return how long a time is, in the unit that fits it: ``40 minutes``."""
    for unit, of, least in (("day", calendar.DAY, 2), ("hour", calendar.HOUR, 2), ("minute", calendar.MINUTE, 0)):
        if time >= least * of:
            count = max(1, round(time / of))
            return f"{count} {unit}{'s' if count > 1 else ''}"
    raise AssertionError("no time is less than nothing")


READS = (
    Read("/sources", "/sources", see.sources.every, "sources/list.html", listed),
    Read("/sources/{source}", "/sources", see.sources.one, "sources/detail.html", one),
)
