"""The entries that a process wrote last, so that who follows the log beside it need not read them back.

They are kept once they are committed; what is not here is read from the log. Must not know: who follows, what an entry means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from goodword.app.bounded import Bounded
from goodword.core.entry import Entry

MOST = 2_000  # entries of a workspace: what a busy one decides between two looks of a follower, some 10 MB
_WORKSPACES = 4


class Recent:
    """The last entries by workspace, without a gap."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._entries: Bounded[str, deque[Entry]] = Bounded(_WORKSPACES)

    def keep(self, ws: str, entries: Sequence[Entry]) -> None:
        """Keep what was committed."""
        if not entries:
            return
        known = self._entries.get(ws)
        if not known or known[-1].position + 1 != entries[0].position:
            known = self._entries.put(ws, deque(maxlen=self._most))
        known.extend(entries)

    def behind(self, ws: str, position: int, most: int) -> list[Entry]:
        """Return those that follow a position, ``most`` at most; none, if the next of them is not here."""
        known = self._entries.get(ws)
        first = position + 1 - known[0].position if known else -1
        return [] if known is None or first < 0 else list(islice(known, first, first + most))
