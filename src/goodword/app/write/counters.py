"""Which counters a batch may look at: worked out from what it loaded before, because a key names person and period.

Must not know: what a cap is, what is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from goodword.app.write.working_set import Loaded
from goodword.core import calendar, events
from goodword.core.events import AnyEvent
from goodword.core.rules import RuleVersion
from goodword.core.stages import limits
from goodword.core.state import Claim, Code, Conversion, Key, Lead, Program, Referral


class Caps:
    """The counters of a batch. ``leads``: of each of its events."""

    def __init__(self, loaded: Loaded, batch: Sequence[AnyEvent], leads: Sequence[list[Lead]]) -> None:
        self._loaded = loaded
        self._state = loaded.state
        self._batch = batch
        self._leads = leads
        self._clicks = [event for event in batch if type(event) is events.ClickRecorded]
        self._enrolments = [event for event in batch if type(event) is events.AdvocateEnrolled]
        self._kinds: dict[str, set[str]] = {}  # by program
        self._periods: dict[tuple[str, str], set[str]] = {}  # by rule version and day

    def keys(self) -> set[Key]:
        """Give the counters of everybody who may earn by a friend of the batch, at all times of that friend's conversions."""
        keys: set[Key] = set()
        times: dict[str, set[int]] = {}
        for event in self._batch:
            if type(event) is events.ConversionRecorded:
                times.setdefault(event.person, set()).add(event.occurred_at)
        for event, leads in zip(self._batch, self._leads, strict=True):
            for person in self._friends(event, leads):
                all_times = times.get(person, set()) | {c.at for c in self._conversions(person)}
                if not all_times:
                    continue  # who has bought nothing earns nobody anything
                for program, advocates in self._may_earn(person, event, leads).items():
                    keys |= self._counters(program, advocates, all_times)
        return keys

    def _friends(self, event: AnyEvent, leads: list[Lead]) -> set[str]:
        friends = {lead.person for lead in leads}
        if type(event) is events.ConversionRecorded and self._loaded.customer(event.person).referrals:
            friends.add(event.person)
        if type(event) is events.ClaimDecided:
            claim = self._state.get(Claim, event.claim)
            friends.update([claim.friend] if claim is not None else [])
        return friends

    def _conversions(self, person: str) -> list[Conversion]:
        return self._state.of(Conversion, person) if person in self._state.gathered[Conversion] else []

    def _may_earn(self, friend: str, event: AnyEvent, leads: list[Lead]) -> dict[str, set[str]]:
        """Program -> advocates who may earn by this friend: those bound, those of the touches, those of claims."""
        found: dict[str, set[str]] = {}
        for id_ in self._loaded.customer(friend).referrals:
            referral = self._state.get(Referral, id_)
            if referral is not None:
                found.setdefault(referral.program, set()).update(share.person for share in referral.shares)
        for claim in self._state.of(Claim, friend) if friend in self._state.gathered[Claim] else ():
            found.setdefault(claim.program, set()).update(share.person for share in claim.shares)
        for program, person in self._owners(self._codes(event, leads)):
            found.setdefault(program, set()).add(person)
        return found

    def _codes(self, event: AnyEvent, leads: list[Lead]) -> set[str]:
        """Codes by which this event's leads may be attributed, also by clicks that are decided in this very batch."""
        if not leads:
            return set()
        codes = {touch.code for touch in self._loaded.touches_of(event, leads)}
        codes.update(code for lead in leads for code in (lead.code, lead.link_code) if code is not None)
        visitors = {v for lead in leads for v in (lead.visitor, *self._loaded.customer(lead.person).visitors)} - {None}
        clicks = {lead.click for lead in leads} - {None}
        codes.update(e.code for e in self._clicks if e.visitor in visitors or e.click in clicks)
        return codes

    def _owners(self, codes: set[str]) -> set[tuple[str, str]]:
        """(program, advocate) of the codes, also of those that are enrolled in this very batch."""
        owners = set()
        for id_ in codes:
            code = self._state.get(Code, id_) if self._state.knows(Code, id_) else None
            if code is not None and code.program is not None and code.person is not None:
                owners.add((code.program, code.person))
        for enrolment in self._enrolments:
            if enrolment.code in codes:
                owners.update((program.id, enrolment.person) for program in self._state.all(Program))
        return owners

    def _counters(self, program: str, persons: Iterable[str], times: Iterable[int]) -> set[Key]:
        versions = self._versions(program)
        kinds = self._kinds.get(program)
        if kinds is None:
            rules_ = [(rule.on, each) for v in versions for rule in v.rules.conversions for each in rule.rewards]
            kinds = self._kinds[program] = {limits.kind_of(on, each) for on, each in rules_ if each.side == "advocate"}
        periods: set[str] = set().union(*(self._periods_of(v, at) for v in versions for at in times))
        keys: set[Key] = {(program, "", "spent", limits.EVER)}
        for person in set(persons):
            keys.add((program, person, *limits.KEPT))
            keys |= {(program, person, kind, period) for kind in kinds for period in periods}
        return keys

    def _periods_of(self, version: RuleVersion, at: int) -> set[str]:
        """The periods of counters at an instant; those of one day are the same."""
        day = (version.hash, calendar.day(at, version.rules.timezone))
        if day not in self._periods:
            self._periods[day] = limits.periods(version.rules, at)
        return self._periods[day]

    def _versions(self, program: str) -> list[RuleVersion]:
        found = self._state.get(Program, program)
        return [self._loaded.rules[rules] for _, rules in found.versions] if found is not None else []
