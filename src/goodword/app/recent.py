"""The entries that a process wrote last, so that who follows the log beside it need not read them back.

They are kept once they are committed; what is not here is read from the log. Must not know: who follows, what an entry means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from goodword.app.bounded import Bounded
from goodword.core import rollup
from goodword.core.entry import Entry

#: Entries of a workspace: what a busy one decides from one look of a follower until the job is done that this leaves, some 20 MB.
MOST = 4_000
_WORKSPACES = 4


class Entries(list[Entry]):
    """Entries in their order. ``figures``: what they add to the figures, where that was worked out as they were decided."""

    figures: rollup.Changes | None = None


class _Batch(NamedTuple):
    """Entries that were written together."""

    first: int
    last: int
    figures: rollup.Changes | None


class Recent:
    """The last entries by workspace, without a gap."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._entries: Bounded[str, tuple[deque[Entry], deque[_Batch]]] = Bounded(_WORKSPACES)

    def keep(self, ws: str, entries: Sequence[Entry], figures: rollup.Changes | None = None) -> None:
        """Keep what was committed."""
        if not entries:
            return
        known = self._entries.get(ws)
        if known is None or not known[0] or known[0][-1].position + 1 != entries[0].position:
            known = self._entries.put(ws, (deque(maxlen=self._most), deque()))
        kept, batches = known
        kept.extend(entries)
        batches.append(_Batch(entries[0].position, entries[-1].position, figures))
        while batches and (not kept or batches[0].first < kept[0].position):
            batches.popleft()

    def behind(self, ws: str, position: int, most: int) -> Entries:
        """Return those that follow a position, ``most`` at most; none, if the next of them is not here.

        Batches are given whole, with what they add to the figures, where the first of them begins there and is no larger.
        """
        known, found = self._entries.get(ws), Entries()
        if known is None or not known[0] or position + 1 < known[0][0].position:
            return found
        whole = [batch for batch in known[1] if batch.first > position and batch.last <= position + most]
        if whole and whole[0].first == position + 1:
            most = whole[-1].last - position
            found.figures = _together(batch.figures for batch in whole)
        first = position + 1 - known[0][0].position
        found.extend(islice(known[0], first, first + most))
        return found


def _together(several: Iterable[rollup.Changes | None]) -> rollup.Changes | None:
    """Return the sums of what several batches add; None where that is not known of one."""
    total: rollup.Changes = {}
    for each in several:
        if each is None:
            return None
        rollup.add(total, each)
    return total
