"""replay: decide a log again from its entries alone. Events, facts and times stand there; nothing is looked up.

Memory: the whole state of the workspace, which is what the log says it is.
"""

from __future__ import annotations

from goodword.core import entry as log_entry
from goodword.core.decide import decide
from goodword.core.decision import Decision
from goodword.core.entry import Asked
from goodword.core.evolve import evolve
from goodword.core.rules import RuleVersion
from goodword.core.state import State


class Replay:
    """A workspace as its log makes it, entry by entry."""

    def __init__(self) -> None:
        self.state = State(complete=True)
        self.rules: dict[str, RuleVersion] = {}
        self.position = 0
        self.as_of = 0

    def step(self, entry: Asked) -> tuple[Decision, bytes]:
        """Decide the event of the next entry under the same rules; gives the decision and the leaf that it makes.

        Raises what decide raises.
        """
        as_of = max(self.as_of, entry.event.accepted_at)
        decision = decide(self.state, entry.event, entry.facts, self.rules, as_of)
        evolve(self.state, decision)
        for version in decision.rules:
            self.rules[version.hash] = version
        self.position, self.as_of = self.position + 1, as_of
        return decision, log_entry.leaf(log_entry.entry(self.position, as_of, entry.event, entry.facts, decision))
