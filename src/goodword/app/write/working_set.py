"""What a batch is decided on: a state, the rules, and for each event the facts that the state does not hold.

Must not know: where it was fetched from, what is decided.
"""

from __future__ import annotations

from collections.abc import Iterable

from goodword.core import calendar, events, leads
from goodword.core.decision import Decision
from goodword.core.events import AnyEvent
from goodword.core.facts import Actor, Facts, Match, Touch
from goodword.core.rules import RuleVersion
from goodword.core.state import Claim, Code, Customer, Lead, State

#: A decision quotes at most so many touches, with their count.
MOST_TOUCHES = 100
#: Touches older than this before the event are not quoted.
TOUCHES_KEPT = 400 * calendar.DAY


class Loaded:
    """A state, the rules, and the facts of each event. ``saw`` keeps it true while the batch is decided."""

    def __init__(self) -> None:
        self.state = State(complete=False)
        self.rules: dict[str, RuleVersion] = {}
        self.touches: dict[str, Touch] = {}  # in the order of the log
        self._places: dict[str, int] = {}  # of each of them in that order
        self.by_visitor: dict[str, list[Touch]] = {}
        self.matches: dict[str, list[Match]] = {}

    def facts(self, event: AnyEvent, actor: Actor | None = None) -> Facts:
        """What the decision of this event may see besides the state."""
        leads = self.leads_of(event)
        found = self.touches_of(event, leads)
        return Facts(
            touches=tuple(found[-MOST_TOUCHES:]),
            touches_count=len(found),
            matches=tuple(self._matches(self.rewarded_for(event, leads))),
            actor=actor,
        )

    def customer(self, person: str) -> Customer:
        """Give the customer, a new one if there is none yet."""
        return self.state.get(Customer, person) or Customer(person=person)

    def saw(self, decision: Decision) -> None:
        """Touches that the batch itself brought are seen by its later events."""
        for touch in decision.touches:
            self.add_touch(touch)

    def add_touch(self, touch: Touch) -> None:
        """Remember a touch, once: of several with one click id the first in the log counts."""
        if touch.id in self.touches:
            return
        self._places[touch.id] = len(self.touches)
        self.touches[touch.id] = touch
        if touch.visitor is not None:
            self.by_visitor.setdefault(touch.visitor, []).append(touch)

    def touches_of(self, event: AnyEvent, leads: Iterable[Lead]) -> list[Touch]:
        """The touches that an event's leads may be attributed by, oldest first; of equal times the later in the log is last."""
        visitors: set[str] = set()
        clicks: set[str] = set()
        for lead in leads:
            customer = self.state.get(Customer, lead.person)
            visitors.update(customer.visitors if customer is not None else ())
            visitors.update(filter(None, [lead.visitor]))
            clicks.update(filter(None, [lead.click]))
        if not visitors and not clicks:
            return []
        since = event.occurred_at - TOUCHES_KEPT
        found = {t.id: t for visitor in visitors for t in self.by_visitor.get(visitor, ()) if t.at >= since}
        found |= {id_: self.touches[id_] for id_ in clicks if id_ in self.touches}
        return sorted(found.values(), key=lambda t: (t.at, self._places[t.id]))

    def leads_of(self, event: AnyEvent) -> list[Lead]:
        """The leads that deciding this event attributes: its own, a page's before it, those that named a code in vain."""
        # not isinstance: this runs several times an event, and a look at struct types is slow
        if type(event) is events.AdvocateEnrolled:
            code = self.state.get(Code, event.code) if event.code is not None else None
            return [self._lead(id_) for id_ in code.leads] if code is not None else []
        if not (type(event) is events.LeadCreated or type(event) is events.ConversionRecorded):
            return []
        customer = self.state.get(Customer, event.person)
        waiting = [self._lead(id_) for id_ in customer.unverified_leads] if customer is not None else []
        if type(event) is events.ConversionRecorded:
            bound = customer is not None and bool(customer.referrals)
            names_code = event.code is not None or event.link_code is not None
            has_touch = names_code or event.click is not None or event.visitor is not None
            if not has_touch or (bound and not names_code):
                return waiting
        return [leads.lead_of(event), *waiting]

    def _lead(self, id_: str) -> Lead:
        found = self.state.get(Lead, id_)
        if found is None:
            raise AssertionError(f"lead {id_} is pointed to and not there")
        return found

    def rewarded_for(self, event: AnyEvent, leads: Iterable[Lead]) -> set[str]:
        """The friends whom deciding this event may bind, or whose conversions it may reward: who they are is looked at."""
        found = {lead.person for lead in leads}
        if type(event) is events.ConversionRecorded and self.customer(event.person).referrals:
            found.add(event.person)
        elif type(event) is events.ClaimDecided:
            claim = self.state.get(Claim, event.claim)
            found.update([claim.friend] if claim is not None else [])
        return found

    def _matches(self, persons: Iterable[str]) -> Iterable[Match]:
        found = {match for person in persons for match in self.matches.get(person, ())}
        return sorted(found, key=lambda m: (m.person, m.other, m.kind))
