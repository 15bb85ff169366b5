"""How a workspace has its sources treated, remembered for a few seconds so that the hot path asks the database rarely.

While the database is away what was known goes on. Must not know: HTTP, SQL, who said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.errors import InvalidError, UnknownError
from goodword.sources.base import Source
from goodword.sources.registry import REGISTRY, feed
from goodword.sources.segment import event_file
from goodword.sources.segment.event_file import EventMapping
from goodword.store import mappings
from goodword.store.pool import DATABASE_ERRORS

FRESH: Final = 3.0  # seconds
_MOST: Final = 10_000


def mappable(name: str) -> Source:
    """Return a source that a workspace may map itself. Raises UnknownError, InvalidError for any other."""
    source = feed(name)
    if source is None:
        names = sorted(it.name for it in REGISTRY.values() if it.own is not None)
        raise UnknownError(f"source of this name ({', '.join(names)} take a mapping)")
    if source.own is None:
        raise InvalidError(f"What {source.name} sends has one meaning and takes no mapping.", "source")
    return source


class Treated(NamedTuple):
    """How a source is treated: by the workspace's own mapping, if it has one, and for how many days what it delivers is kept."""

    own: EventMapping | None = None
    days: int = 0


_NOTHING: Final = Treated()


class Mappings:
    """The mappings that count now, of all workspaces that anything comes for."""

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._known: Bounded[str, tuple[Mapping[str, Treated], float]] = Bounded(_MOST)
        self._read: Bounded[str, EventMapping] = Bounded(_MOST)  # by hash, which names what it says

    async def of(self, ws: str, source: str) -> Treated:
        """Return how a source of a workspace is treated."""
        known, until = self._known.get(ws) or (None, 0.0)
        if known is None or self._clock.monotonic() >= until:
            try:
                known = await self._asked(ws)
            except (*DATABASE_ERRORS, OSError):
                if known is None:
                    raise
            self._known.put(ws, (known, self._clock.monotonic() + FRESH))
        return known.get(source, _NOTHING)

    async def _asked(self, ws: str) -> Mapping[str, Treated]:
        async with self._pool.acquire(timeout=5) as conn:
            present = await mappings.present(conn, ws)
        return {source: Treated(self._mapping(it), it.days) for source, it in present.items()}

    def _mapping(self, it: mappings.Present) -> EventMapping | None:
        if not it.document:
            return None
        return self._read.get(it.hash) or self._read.put(it.hash, event_file.of(it.document))
