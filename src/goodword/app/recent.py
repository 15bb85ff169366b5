"""The entries that a process wrote last, so that who follows the log beside it need not read them back.

They are kept once they are committed; what is not here is read from the log. Must not know: who follows, what an entry means.
"""

from __future__ import annotations

from collections.abc import Iterable

from goodword.app.bounded import Bounded
from goodword.core.entry import Entry

MOST = 2_000  # entries of all workspaces: what a busy one decides between two looks of a follower, some 10 MB


class Recent:
    """Entries by workspace and position."""

    def __init__(self, most: int = MOST) -> None:
        self._entries: Bounded[tuple[str, int], Entry] = Bounded(most)

    def keep(self, ws: str, entries: Iterable[Entry]) -> None:
        """Keep what was committed."""
        self._entries.update({(ws, entry.position): entry for entry in entries})

    def behind(self, ws: str, position: int, most: int) -> list[Entry]:
        """Return those that follow a position without a gap, ``most`` at most."""
        found: list[Entry] = []
        while len(found) < most and (entry := self._entries.get((ws, position + len(found) + 1))) is not None:
            found.append(entry)
        return found
