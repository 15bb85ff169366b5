"""replay: decide a log again from its entries alone. Events, facts and times stand there; nothing is looked up.

Memory: the whole state of the workspace, which is what the log says it is.
"""

from __future__ import annotations

from goodword.core import entry as log_entry
from goodword.core.decision import Decision
from goodword.core.entry import Asked, Entry
from goodword.core.facts import EVERY_EXTENT
from goodword.core.run import Run
from goodword.core.state import State


class Replay(Run):
    """A workspace as its log makes it, entry by entry."""

    def __init__(self) -> None:
        super().__init__(State(complete=True), {})
        self.semantics = 1
        self._leaf = b""

    def again(self, entry: Asked) -> tuple[Decision, bytes]:
        """Decide the event of the next entry under its behaviour and rules; returns the decision and the leaf that it makes.

        Raises what decide raises.
        """
        self.semantics = entry.semantics
        return self.step(entry.event, entry.facts, EVERY_EXTENT), self._leaf

    def made(self, entry: Entry, _decision: Decision) -> None:
        """Make the leaf."""
        self._leaf = log_entry.leaf(entry)
