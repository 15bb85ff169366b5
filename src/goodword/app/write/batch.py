"""Deciding in memory: one event after the other, timers in between, nothing written. ``persist`` writes what it gathered."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from goodword.app.write.working_set import Loaded
from goodword.core import entry as log_entry
from goodword.core import ledger, rollup
from goodword.core.decide import decide
from goodword.core.decision import Decision, Job
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, TimerDue
from goodword.core.evolve import evolve
from goodword.core.facts import Actor, Touch
from goodword.core.rules import RuleVersion
from goodword.core.state import Entity, Key, NotLoaded, Timer
from goodword.store.log import Stream
from goodword.store.uuid7 import new_id


class EndOfBatch(Exception):
    """The batch ends before this event, which needs more than was loaded because of what the batch itself brought."""


def timer_event(timer: Timer) -> TimerDue:
    """The event of a timer: it happens when it is due, however late the worker comes."""
    return TimerDue(
        evt=new_id("evt"),
        source="timer",
        occurred_at=timer.due_at,
        accepted_at=timer.due_at,
        timer=timer.id,
        kind=timer.kind,
        subject=timer.subject,
        due_at=timer.due_at,
    )


@dataclass(slots=True)
class Part:
    """What a run of decisions changes, to be written together. ``done``: what of the inbox is decided now."""

    entries: list[Entry] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    puts: dict[tuple[type[Entity], Key], Entity] = field(default_factory=dict)
    fired: list[str] = field(default_factory=list)
    balances: dict[Key, int] = field(default_factory=dict)
    rollup: rollup.Changes = field(default_factory=dict)
    rules: list[RuleVersion] = field(default_factory=list)
    touches: list[tuple[Touch, str]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)


class Batch:
    """A run of decisions on a loaded state, from the end of the log on. ``due``: events of the timers that may fire.

    ``entries``: all of them; ``part``: what was decided since the last ``cut``.
    """

    def __init__(self, stream: Stream, loaded: Loaded, due: Iterable[TimerDue]) -> None:
        self.loaded = loaded
        self.position = stream.position
        self.as_of = stream.as_of
        self.entries: list[Entry] = []
        self.part = Part()
        #: timers on which decide failed, with the error
        self.broken: list[tuple[TimerDue, Exception]] = []
        self._pushed = 0
        self._timers: list[tuple[int, str, int, TimerDue | Timer]] = []
        for event in due:
            self._push(event.due_at, event.timer, event)

    def cut(self) -> Part:
        """Hand over what was decided since the last time, and begin a new part."""
        part, self.part = self.part, Part()
        return part

    def take(self, event: AnyEvent, actor: Actor | None = None) -> Entry:
        """Decide an event after the timers that are due by then. Raises what decide raises: then it left no trace."""
        as_of = max(self.as_of, event.accepted_at)
        self.fire(as_of)
        return self._decide(event, as_of, actor)

    def fire(self, until: int) -> None:
        """Decide the timers due at or before ``until``, also those that this batch set."""
        while self._timers and self._timers[0][0] <= until:
            due = heapq.heappop(self._timers)[-1]
            event = timer_event(due) if isinstance(due, Timer) else due
            try:
                self._decide(event, max(self.as_of, event.due_at), None)
            except EndOfBatch:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this timer only
                self.broken.append((event, error))

    def _decide(self, event: AnyEvent, as_of: int, actor: Actor | None) -> Entry:
        try:
            facts = self.loaded.facts(event, actor)
            decision = decide(self.loaded.state, event, facts, self.loaded.rules, as_of)
        except NotLoaded as error:
            if self.entries:
                raise EndOfBatch from error
            raise
        entry = log_entry.entry(self.position + 1, as_of, event, facts, decision)
        self.part.leaves.append(log_entry.leaf(entry))
        self.part.entries.append(entry)
        self.entries.append(entry)
        self.position, self.as_of = entry.position, as_of
        evolve(self.loaded.state, decision)
        self.loaded.saw(decision)
        self._gather(entry, decision)
        return entry

    def _gather(self, entry: Entry, decision: Decision) -> None:
        part = self.part
        rollup.fold(part.rollup, entry)
        part.puts.update(decision.puts)
        for key, change in ledger.applied(decision.postings).items():
            part.balances[key] = part.balances.get(key, 0) + change
        part.rules.extend(decision.rules)
        part.touches.extend((touch, entry.event.evt) for touch in decision.touches)
        part.jobs.extend(decision.jobs)
        if decision.fired is not None:
            part.fired.append(decision.fired)
            part.puts.pop((Timer, decision.fired), None)  # it may have been set by this part
        for entity in decision.puts.values():
            if type(entity) is Timer:  # not isinstance: a look at struct types is slow
                self._push(entity.due_at, entity.id, entity)

    def _push(self, due_at: int, timer: str, due: TimerDue | Timer) -> None:
        """Queue a timer; most never fire in their batch, so that their events are made when they do."""
        self._pushed += 1
        heapq.heappush(self._timers, (due_at, timer, self._pushed, due))
