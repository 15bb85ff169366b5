"""What a process keeps of a workspace from one batch to the next, so that it need not be fetched again.

Entities and the open end of the tree follow from the log alone, and the head of the log names it whole: what was true at a head is
true wherever the log has this head. If another process has appended, the head differs and the cache is dropped.
Must not know: what an entity means.
"""

from __future__ import annotations

from goodword.app.bounded import Bounded
from goodword.core.everything import EVERYTHING
from goodword.core.merkle import Frontier
from goodword.core.state import By, Entity, Key, State
from goodword.store.log import End

MOST = 20_000  # entities of a workspace; beyond that all are let go
TOGETHER = 30_000  # of all workspaces, some 45 MB; beyond that those of the longest unused are let go, whole
_WORKSPACES = 32


class Cached:
    """Entities, keys that are not there, whole groups, and the leaf hashes behind the last full tile: true at one head."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.empty = True
        self.size = 0
        self.state = State(complete=False)
        self.loose: list[bytes] | None = None  # None: not known

    def entity(self, noun: type[Entity], key: Key) -> Entity | None:
        """Return the entity, if it is cached."""
        return self.state.tables[noun].get(key)

    def absent(self, noun: type[Entity], key: Key) -> bool:
        """Return whether it is known that there is no such entity."""
        return key in self.state.absent[noun]

    def group(self, by: By, group: str) -> list[Entity] | None:
        """Return a whole group, if it is cached."""
        return self.state.of(*by, group) if group in self.state.gathered[by] else None

    def add(self, state: State) -> None:
        """Keep what a batch had in hand when it ended: in any case all programs and members."""
        self.empty = False
        for noun, table in state.tables.items():
            mine, absent = self.state.tables[noun], state.absent[noun]
            for key in [key for key in absent if key in mine and key not in table]:
                del mine[key]  # a timer that fired
            if state.lacks(noun):
                self.state.miss_all(noun)
            elif self.state.absent[noun] is EVERYTHING:  # the first of this noun came: all there are is cached
                self.state.absent[noun] = set(absent)
            else:
                self.state.absent[noun] |= absent
            if not noun.GROUPS:
                mine.update(table)
            else:
                self.state.update({(noun, key): entity for key, entity in table.items()})
        for by, groups in state.gathered.items():
            self.state.gather(by, groups)
        self.size = size(self.state)


def size(state: State) -> int:
    """Return how many entities and absent keys a state holds."""
    return sum(map(len, state.tables.values())) + sum(map(len, state.absent.values()))


class Cache:
    """What is cached of the workspaces that were decided last, ``workspaces`` of them at most."""

    def __init__(self, workspaces: int = _WORKSPACES) -> None:
        self._cached: Bounded[str, Cached] = Bounded(workspaces)

    def of(self, ws: str) -> Cached | None:
        """Return what is cached of a workspace, at whatever head."""
        return self._cached.get(ws)

    def at(self, ws: str, head: Frontier) -> Cached:
        """Return what is cached for this head of the workspace's log; nothing, for a head that is not known."""
        cached = self._cached.get(ws)
        name = head.encode()
        return cached if cached is not None and cached.head == name else Cached(name)

    def keep(self, ws: str, cached: Cached, state: State, end: End) -> None:
        """Keep, once it is committed, what a batch on ``cached`` had in hand when it ended."""
        if cached.size + size(state) > MOST:
            cached = Cached(b"")
        cached.add(state)
        cached.head, cached.loose = end.stream.frontier.encode(), end.loose
        self._cached.put(ws, cached)
        while len(self._cached) > 1 and sum(each.size for each in self._cached) > TOGETHER:
            self._cached.shift()
