"""Deciding in memory: one event after the other, timers in between, nothing written. ``persist`` writes what it gathered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from goodword.app.write.working_set import Loaded
from goodword.core import entry as log_entry
from goodword.core import ledger, rollup
from goodword.core.decision import Decision, Job
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, TimerDue
from goodword.core.facts import Actor, Touch
from goodword.core.kinds import timers
from goodword.core.rules import RuleVersion
from goodword.core.run import Timed
from goodword.core.state import Entity, Key, NotLoaded, Timer
from goodword.store.log import Stream
from goodword.store.uuid7 import new_id


class EndOfBatch(Exception):
    """The batch ends before this event, which needs more than was loaded because of what the batch itself brought."""


def timer_event(timer: Timer) -> TimerDue:
    """Return the event of a timer, with a new id."""
    return timers.event(timer, new_id("evt"))


@dataclass(slots=True)
class Changes:
    """What a batch changes, to be written together. ``done``: what of the inbox is decided now.

    ``puts``: entities; ``new``: the places among theirs in which nothing stood before. ``figures``: what the entries add to these:
    who writes that later need not look at each entry again when it is no longer at hand. None: it is not known.
    """

    entries: list[Entry] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    puts: dict[tuple[type[Entity], Key], Entity] = field(default_factory=dict)
    new: set[tuple[type[Entity], Key]] = field(default_factory=set)
    fired: list[str] = field(default_factory=list)
    balances: dict[ledger.Account, int] = field(default_factory=dict)
    rules: list[RuleVersion] = field(default_factory=list)
    touches: list[tuple[Touch, str]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    figures: rollup.Changes | None = field(default_factory=dict)


class Batch(Timed):
    """A run of decisions on a loaded state, from the end of the log on. ``due``: events of the timers that may fire.

    ``changes``: what the decisions so far change.
    """

    def __init__(self, stream: Stream, loaded: Loaded, due: Iterable[TimerDue]) -> None:
        super().__init__(loaded.state, loaded.rules, stream.position, stream.as_of)
        self.loaded = loaded
        self.changes = Changes()
        #: timers on which decide failed, with the error
        self.broken: list[tuple[TimerDue, Exception]] = []
        self._events = {event.timer: event for event in due}
        for event in self._events.values():
            self.set(event.due_at, event.timer)

    @property
    def entries(self) -> list[Entry]:
        """What was decided so far."""
        return self.changes.entries

    def take(self, event: AnyEvent, actor: Actor | None = None) -> Entry:
        """Decide an event after the timers that are due by then. Raises what decide raises: then it left no trace."""
        self.reach(event)
        return self._decide(event, actor)

    def wake(self, timer: str) -> None:
        """Decide that a timer is due; one on which decide fails is set aside, and the others go on."""
        event = self._events.get(timer) or timer_event(self.timer(timer))
        try:
            self._decide(event, None)
        except EndOfBatch:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this timer only
            self.broken.append((event, error))

    def _decide(self, event: AnyEvent, actor: Actor | None) -> Entry:
        try:
            self.step(event, *self.loaded.facts(event, actor))
        except NotLoaded as error:
            if self.entries:
                raise EndOfBatch from error
            raise
        return self.entries[-1]

    def made(self, entry: Entry, decision: Decision) -> None:
        """Gather what there is to write."""
        changes = self.changes
        changes.leaves.append(log_entry.leaf(entry))
        changes.entries.append(entry)
        if changes.figures is not None:
            try:
                rollup.fold(changes.figures, entry)
            except Exception:  # noqa: BLE001 - what is to be decided does not wait for figures: their follower tells what is wrong
                changes.figures = None
        self.loaded.saw(decision)
        tables = self.state.tables  # before the decision holds
        changes.new.update([place for place in decision.puts if place[1] not in tables[place[0]]])
        changes.puts.update(decision.puts)
        ledger.post(changes.balances, decision.postings)
        changes.rules += decision.rules
        if decision.touches:
            changes.touches += [(touch, entry.event.evt) for touch in decision.touches]
        changes.jobs += decision.jobs
        if decision.fired is not None:
            changes.fired.append(decision.fired)
            changes.puts.pop((Timer, decision.fired), None)  # it may have been set by this batch
