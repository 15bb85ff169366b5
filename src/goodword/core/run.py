"""THE loop: one event after the other is decided on a state that goes on, and the timers that are due come before it.

What decides for real, again, under other rules, or in a test is a ``Run``; it says where facts come from and what becomes of an
entry. Must not know: where a state was loaded from, where an entry is written.
"""

from __future__ import annotations

import heapq

from goodword.core import entry as log_entry
from goodword.core import semantics
from goodword.core.decide import decide
from goodword.core.decision import Decision
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent
from goodword.core.evolve import evolve
from goodword.core.facts import Extent, Facts
from goodword.core.kinds import timers
from goodword.core.rules import RuleVersion
from goodword.core.state import State, Timer


def instant(as_of: int, accepted_at: int) -> int:
    """Return the instant at which what arrived at ``accepted_at`` is decided, behind what was decided at ``as_of``: it never falls."""
    if accepted_at > as_of:
        return accepted_at
    return as_of


class Run:
    """A state and the rules that were published, behind ``position`` entries, the last of them decided at ``as_of``.

    ``semantics``: the behaviour that the next entry is decided under.
    """

    def __init__(self, state: State, rules: dict[str, RuleVersion], position: int = 0, as_of: int = 0) -> None:
        self.state = state
        self.rules = rules
        self.position = position
        self.as_of = as_of
        self.semantics = semantics.CURRENT

    def step(self, event: AnyEvent, facts: Facts, extent: Extent | None = None) -> Decision:
        """Decide an event and put what follows in its place. Raises what decide and ``made`` raise: then it left no trace.

        ``extent``: what the facts tell of, if that was worked out before.
        """
        as_of = instant(self.as_of, event.accepted_at)
        decision = decide(self.state, event, facts, self.rules, as_of, self.semantics, extent)
        entry = log_entry.entry(self.position + 1, as_of, event, facts, decision, self.semantics)
        self.made(entry, decision)
        evolve(self.state, decision)
        for version in decision.rules:
            self.rules[version.hash] = version
        self.position += 1
        self.as_of = as_of
        return decision

    def made(self, entry: Entry, decision: Decision) -> None:
        """Take the entry of a decision, before it holds. Nothing, unless a kind of run says more."""


class Timed(Run):
    """A run in which time passes: what timers bring is decided here. (In a log that is decided again they are entries already.)"""

    def __init__(self, state: State, rules: dict[str, RuleVersion], position: int = 0, as_of: int = 0) -> None:
        super().__init__(state, rules, position, as_of)
        self._due: list[tuple[int, str]] = []  # a heap of when and which

    def reach(self, event: AnyEvent) -> None:
        """Decide the timers that are due before an event; what it is told is looked up after them."""
        self.fire(instant(self.as_of, event.accepted_at))

    def fire(self, until: int) -> None:
        """Decide the timers due at or before ``until``, in order, also those that were set on the way."""
        while self._due and self._due[0][0] <= until:
            self.wake(heapq.heappop(self._due)[1])

    def wake(self, timer: str) -> None:
        """Decide that a timer is due. Its own id names the event: it fires once."""
        self.step(timers.event(self.timer(timer), timer), Facts())

    def timer(self, id_: str) -> Timer:
        """Return a timer that was set and has not fired."""
        timer = self.state.get(Timer, id_)
        if timer is None:
            raise AssertionError(f"timer {id_} is due and not there")
        return timer

    def step(self, event: AnyEvent, facts: Facts, extent: Extent | None = None) -> Decision:
        """Decide an event, and remember the timers that it set."""
        decision = super().step(event, facts, extent)
        for entity in decision.puts.values():
            if type(entity) is Timer:  # not isinstance: a look at struct types is slow
                self.set(entity.due_at, entity.id)
        return decision

    def set(self, due_at: int, timer: str) -> None:
        """Let a timer fire when it is due."""
        heapq.heappush(self._due, (due_at, timer))
