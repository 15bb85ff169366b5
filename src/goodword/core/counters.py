"""Which counters deciding a batch may look at: worked out from what is known before, because a key names person and period.

Must not know: what a cap is, what is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from goodword.core import calendar, conversions, events, kin
from goodword.core.events import AnyEvent
from goodword.core.facts import Evidence, Touch
from goodword.core.facts import Known as Found
from goodword.core.rules import RuleVersion
from goodword.core.stages import limits
from goodword.core.state import (
    Case,
    Claim,
    Code,
    Conversion,
    Customer,
    Key,
    Kin,
    Program,
    Referral,
    Reward,
    Share,
    State,
)


class Known(Protocol):
    """What was fetched so far: ``touches_of`` such evidence are those that an event may quote; ``known``: by person."""

    state: State
    rules: dict[str, RuleVersion]
    touches: dict[str, Touch]
    known: dict[str, set[Found]]

    def touches_of(self, event: AnyEvent, asked: Evidence) -> list[Touch]:
        """Return them, oldest first."""


class Codes:
    """The codes by which the leads of a batch may be attributed. Made once a batch, asked once its touches are known."""

    def __init__(self, known: Known, clicks: Iterable[events.ClickRecorded]) -> None:
        self._known = known
        self._by_visitor: dict[str | None, set[str]] = {}
        self._by_click: dict[str | None, set[str]] = {}
        for click in clicks:
            self._by_visitor.setdefault(click.visitor, set()).add(click.code)
            self._by_click.setdefault(click.click, set()).add(click.code)
        self._found: dict[str, set[str]] = {}

    def of(self, event: AnyEvent, evidence: Evidence) -> set[str]:
        """Return the codes by which an event's leads may be attributed, also by clicks that are decided in the same batch."""
        found = self._found.get(event.evt)
        if found is None:
            found = self._found[event.evt] = self._of(event, evidence)
        return found

    def _of(self, event: AnyEvent, evidence: Evidence) -> set[str]:
        found = set(evidence.codes)
        if type(event) is events.ClickRecorded and evidence.persons:
            found.add(event.code)
        if evidence.visitors or evidence.clicks:
            found.update(touch.code for touch in self._known.touches_of(event, evidence))
            found.update(*(self._by_visitor.get(visitor, ()) for visitor in evidence.visitors))
            found.update(*(self._by_click.get(click, ()) for click in evidence.clicks))
        return found


def keys(known: Known, batch: Sequence[AnyEvent], asked: Sequence[Evidence], codes: Codes) -> set[Key]:
    """Return the counters of everybody who may earn by a friend of the batch. ``asked``: the evidence of each of its events."""
    return _Counters(known, batch, codes).keys(asked)


def of_rewards(known: Known, batch: Sequence[AnyEvent], rewards: Sequence[Reward], codes: Codes) -> set[Key]:
    """Return the counters of those who earned these rewards, at the times when they did."""
    found = _Counters(known, batch, codes)
    return {
        key
        for reward in rewards
        if reward.side == "advocate"
        for key in found.counters(reward.program, [reward.beneficiary], [reward.earned_at])
    }


def pairs(known: Known, batch: Sequence[AnyEvent], asked: Sequence[Evidence], codes: Codes) -> set[tuple[str, str]]:
    """Return the friends of a batch, each with everybody who may earn by them, whatever is decided before in the batch."""
    counters = _Counters(known, batch, codes)
    found: dict[str, set[str]] = {}
    for event, evidence in zip(batch, asked, strict=True):
        earning = [counters.may_earn(person, event, evidence).values() for person in evidence.persons]
        for person in evidence.persons:
            found.setdefault(person, set()).update(
                _named(event), *(advocates for each in earning for advocates in each)
            )
    if not known.state.lacks(Kin):
        for those in found.values():
            those.update([kin.root(known.state.get, one) for one in those])
    return {(person, advocate) for person, those in found.items() for advocate in those if advocate != person}


def _named(event: AnyEvent) -> list[str]:
    """Return whom the event itself names as somebody who may earn by its friends."""
    if type(event) is events.ClaimEntered:
        return [person for person, _, _ in event.advocates]
    if type(event) is events.ClaimDecided:
        return [person for person, _, _ in event.shares]
    if type(event) is events.AdvocateEnrolled or type(event) is events.SuspensionLifted:
        return [event.person]
    return [event.advocate] if type(event) is events.ReferralImported else []


class _Counters:
    """The counters of a batch."""

    def __init__(self, known: Known, batch: Sequence[AnyEvent], codes: Codes) -> None:
        self._known = known
        self._codes = codes
        self._state = known.state
        self._batch = batch
        self._enrolled: dict[str | None, list[str]] = {}  # by code, in this batch
        for event in batch:
            if type(event) is events.AdvocateEnrolled:
                self._enrolled.setdefault(event.code, []).append(event.person)
        self._kinds: dict[str, set[str]] = {}  # by program
        self._periods: dict[tuple[str, str], set[str]] = {}  # by rule version and day

    def keys(self, asked: Sequence[Evidence]) -> set[Key]:
        """Return the counters of everybody who may earn by a friend of the batch, at all times of that friend's conversions."""
        wanted: set[Key] = set()
        times: dict[str, set[int]] = {}
        for event in self._batch:
            if type(event) is events.ConversionRecorded:
                times.setdefault(event.person, set()).add(event.occurred_at)
        for event, evidence in zip(self._batch, asked, strict=True):
            for reward in self._refigured(event):
                wanted |= self.counters(reward.program, {reward.beneficiary}, {reward.earned_at})
            joined = self._joined(event, evidence)
            for person in evidence.persons:
                its = joined or {person}
                all_times = {at for one in its for at in (*times.get(one, ()), *(c.at for c in self._conversions(one)))}
                if not all_times:
                    continue  # who has bought nothing earns nobody anything
                for program, advocates in self.may_earn(person, event, evidence).items():
                    wanted |= self.counters(program, advocates, all_times)
        return wanted

    def _refigured(self, event: AnyEvent) -> list[Reward]:
        """Return what an order that gets other figures earned advocates: it is counted as theirs, whoever is bound by now."""
        key = None
        if type(event) is events.ConversionAmended:
            key = conversions.invoice_key(event.invoice)
        elif type(event) is events.CaseDecided and event.outcome == "replaced":
            case = self._state.get(Case, event.case)
            key = case.subject if case is not None and case.kind == "conversion_conflict" else None
        order = self._state.get(Conversion, key) if key is not None else None
        earned = [self._state.get(Reward, id_) for id_ in order.rewards] if order is not None else []
        return [reward for reward in earned if reward is not None and reward.side == "advocate"]

    def _joined(self, event: AnyEvent, evidence: Evidence) -> set[str]:
        """Who may be one after an event, so that the orders of one are decided as the other's; nobody, if it joins none."""
        if events.is_merge(event):
            return {*evidence.persons, kin.root(self._state.get, event.gone)}
        if len(evidence.persons) > 1 and type(event) in (events.ConversionRecorded, events.ClaimDecided):
            return set(evidence.persons)
        return set()

    def _conversions(self, person: str) -> list[Conversion]:
        return (
            self._state.of(Conversion, "person", person) if person in self._state.gathered[Conversion, "person"] else []
        )

    def _ended(self, claim: Claim) -> list[tuple[str, tuple[Share, ...]]]:
        """Programs and shares of the referrals that a claim ended: an appeal may give back what it took."""
        found = [self._state.get(Referral, id_) for id_ in claim.ended]
        return [(referral.program, referral.shares) for referral in found if referral is not None]

    def may_earn(self, friend: str, event: AnyEvent, evidence: Evidence) -> dict[str, set[str]]:
        """Program -> advocates who may earn by this friend: those bound, those of the touches, those of claims."""
        advocates: dict[str, set[str]] = {}
        both = [friend]
        if events.is_merge(event):
            both.append(kin.root(self._state.get, event.gone))
        customers = [customer for person in both if (customer := self._state.get(Customer, person)) is not None]
        for id_ in [id_ for customer in customers for id_ in customer.referrals]:
            referral = self._state.get(Referral, id_)
            if referral is not None:
                advocates.setdefault(referral.program, set()).update(share.person for share in referral.shares)
        for claim in self._state.of(Claim, "friend", friend) if friend in self._state.gathered[Claim, "friend"] else ():
            for program, shares in [(claim.program, claim.shares), *self._ended(claim)]:
                advocates.setdefault(program, set()).update(share.person for share in shares)
        for its in self._state.all(Program) if (named := _named(event)) else ():
            advocates.setdefault(its.id, set()).update(named)
        for program, person in self._owners(self._codes.of(event, evidence)):
            advocates.setdefault(program, set()).add(person)
        return advocates

    def _owners(self, codes: set[str]) -> set[tuple[str, str]]:
        """(program, advocate) of the codes, also of those that are enrolled in this very batch."""
        owners = set()
        for id_ in codes:
            code = self._state.get(Code, id_) if self._state.knows(Code, id_) else None
            if code is not None and code.program is not None and code.person is not None:
                owners.add((code.program, code.person))
            for person in self._enrolled.get(id_, ()):
                owners.update((program.id, person) for program in self._state.all(Program))
        return owners

    def counters(self, program: str, persons: Iterable[str], times: Iterable[int]) -> set[Key]:
        """Return the counters of persons in a program at these times."""
        versions = self._versions(program)
        kinds = self._kinds.get(program)
        if kinds is None:
            rules_ = [(rule.on, each) for v in versions for rule in v.rules.conversions for each in rule.rewards]
            kinds = self._kinds[program] = {limits.kind_of(on, each) for on, each in rules_ if each.side == "advocate"}
        periods: set[str] = set().union(*(self._periods_of(v, at) for v in versions for at in times))
        keys: set[Key] = {limits.spent_key(program)}
        for person in self._all_of(persons):
            keys.add((program, person, *limits.KEPT))
            keys |= {(program, person, kind, period) for kind in kinds for period in periods}
        return keys

    def _all_of(self, persons: Iterable[str]) -> Iterable[str]:
        """Whom these were merged into, and who was merged into those: their counters are read together."""
        if self._state.lacks(Kin):
            return persons

        def known(noun: type[Kin], person: str) -> Kin | None:
            return self._state.get(noun, person) if self._state.knows(noun, person) else None

        return {one for person in persons for one in kin.all_of(known, kin.root(known, person))}

    def _periods_of(self, version: RuleVersion, at: int) -> set[str]:
        """The periods of counters at an instant; those of one day are the same."""
        day = (version.hash, calendar.day(at, version.rules.timezone))
        if day not in self._periods:
            self._periods[day] = limits.periods(version.rules, at)
        return self._periods[day]

    def _versions(self, program: str) -> list[RuleVersion]:
        program_ = self._state.get(Program, program)
        return [self._known.rules[rules] for _, rules in program_.versions] if program_ is not None else []
