"""What a batch is decided on: a state, the rules, and for each event the facts that the state does not hold.

Must not know: where it was fetched from, what is decided.
"""

from __future__ import annotations

from collections.abc import Iterable

from goodword.core import evidence, kin, persons
from goodword.core.decision import Decision
from goodword.core.events import AnyEvent, is_merge
from goodword.core.facts import Actor, Evidence, Extent, Facts, Known, Touch
from goodword.core.rules import RuleVersion
from goodword.core.state import Kin, NotLoaded, State

_NOTHING = Extent(evidence.NOTHING, frozenset())


class Loaded:
    """A state, the rules, and the facts of each event. ``saw`` keeps it true while the batch is decided."""

    def __init__(self) -> None:
        self.state = State(complete=False)
        self.rules: dict[str, RuleVersion] = {}
        self.touches: dict[str, Touch] = {}  # in the order of the log
        self._places: dict[str, int] = {}  # of each of them in that order
        self._by_visitor: dict[str, list[Touch]] = {}
        self.known: dict[str, set[Known]] = {}  # by person
        self._visitors: set[str] = set()
        self._clicks: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        self._equals: set[str] = set()

    def hear(self, asked: Evidence, touches: Iterable[Touch]) -> None:
        """Take what was found of the evidence asked for, touches in the order of the log: what is not among it does not exist."""
        self._visitors |= asked.visitors
        self._clicks |= asked.clicks
        for touch in touches:
            self.add_touch(touch)

    def recognise(self, pairs: Iterable[tuple[str, str]], equals: Iterable[str], known: Iterable[Known]) -> None:
        """Take who shares keys, of these pairs and of everybody equal to these persons: nobody else does."""
        self._pairs.update(pairs)
        self._equals.update(equals)
        for each in known:
            self.known.setdefault(each.person, set()).add(each)

    def saw(self, decision: Decision) -> None:
        """Touches that the batch itself brought are seen by its later events; whom it merged are asked about again."""
        for touch in decision.touches:
            self.add_touch(touch)
        for noun, _ in decision.puts:  # every event is asked: a loop costs half of what ``any`` does
            if noun is Kin:
                self._pairs.clear()
                self._equals.clear()
                break

    def add_touch(self, touch: Touch) -> None:
        """Remember a touch, once: of several with one click id the first in the log counts."""
        if touch.id in self.touches:
            return
        self._places[touch.id] = len(self.touches)
        self.touches[touch.id] = touch
        if touch.visitor is not None:
            self._by_visitor.setdefault(touch.visitor, []).append(touch)

    def facts(self, event: AnyEvent, actor: Actor | None = None) -> tuple[Facts, Extent]:
        """Return what the decision of this event may see besides the state, and of whom and what that tells.

        Raises NotLoaded for evidence that was not asked for.
        """
        asked = evidence.of(self.state, event)
        if asked is evidence.NOTHING:
            return Facts(actor=actor), _NOTHING
        touches = self.touches_of(event, asked) if asked.visitors or asked.clicks else []
        quoted = tuple(evidence.quoted(touches, event, self.rules.values())) if touches else ()
        if known := self._of(asked):
            asked = evidence.widened(self.state, event, asked, known)
        extent = Extent(asked, evidence.earners(self.state, event, asked, quoted))
        return Facts(touches=quoted, touches_count=len(touches), known=self._known(event, extent), actor=actor), extent

    def _known(self, event: AnyEvent, extent: Extent) -> tuple[Known, ...]:
        """Return who shares keys with the persons of an event. Raises NotLoaded for those who were not asked about."""
        equals = extent.evidence.equals
        pairs = {(person, other) for person in extent.evidence.persons for other in extent.earners if person != other}
        if not (self.state.complete or (pairs <= self._pairs and equals <= self._equals)):
            raise NotLoaded(f"who {sorted(equals - self._equals) or sorted(pairs - self._pairs)} are")
        known = self._of(extent.evidence)
        if not known:
            return ()
        if is_merge(event):  # what is said of either is said of both
            now = {kin.root(self.state.get, event.gone): kin.root(self.state.get, event.keep)}
            return persons.quoted(persons.as_now(known, now), pairs, equals)
        return persons.quoted(known, pairs, equals)

    def _of(self, evidence: Evidence) -> list[Known]:
        """Return what is known of the persons of an event, so that a batch does not look at those of all others for each."""
        if not self.known:
            return []
        return [each for person in evidence.persons | evidence.equals for each in self.known.get(person, ())]

    def touches_of(self, event: AnyEvent, asked: Evidence) -> list[Touch]:
        """Return the touches of this evidence that an event may quote, oldest first; of equal times the later in the log is last.

        Raises NotLoaded for what was not asked for.
        """
        visitors, clicks = asked.visitors, asked.clicks
        if not visitors and not clicks:
            return []
        if not (self.state.complete or (visitors <= self._visitors and clicks <= self._clicks)):
            raise NotLoaded(f"touches of {sorted(visitors - self._visitors)} or {sorted(clicks - self._clicks)}")
        since = event.occurred_at - evidence.TOUCHES_KEPT
        touches = {t.id: t for visitor in visitors for t in self._by_visitor.get(visitor, ()) if t.at >= since}
        touches |= {id_: self.touches[id_] for id_ in clicks if id_ in self.touches}
        return sorted(touches.values(), key=lambda t: (t.at, self._places[t.id]))
