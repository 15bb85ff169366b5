"""load: everything that deciding a batch of events may look at, fetched by key, one query a noun and round.

What an entity points to is fetched in the next round, until nothing new is named; a state that misses a key fails loudly
(``state.NotLoaded``), so this file and the decisions cannot drift apart silently. Must not know: what is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg

from goodword.core import calendar, conversions, events
from goodword.core.effects import Actor, Decision, Facts, Match, Touch
from goodword.core.events import AnyEvent
from goodword.core.rules import RuleVersion
from goodword.core.rules import version as rule_version
from goodword.core.stages import limits
from goodword.core.state import (
    Advocate,
    Case,
    Claim,
    Code,
    Conversion,
    Counter,
    Customer,
    Entity,
    Key,
    Lead,
    Member,
    Payee,
    Payout,
    Program,
    Referral,
    Reward,
    State,
    Timer,
    Visitor,
)
from goodword.store import entities, people, touches
from goodword.store import rules as stored_rules

#: A decision quotes at most so many touches, with their count.
MOST_TOUCHES = 100
#: Touches older than this before the event are not quoted.
TOUCHES_KEPT = 400 * calendar.DAY

_LEADS = (events.LeadCreated, events.ConversionRecorded)
_LISTS = (events.ApprovalGiven, events.RewardsRejected, events.ApprovalWithdrawn)
#: Immutable, so remembered for the life of the process: (workspace, hash) -> version
_VERSIONS: dict[tuple[str, str], RuleVersion] = {}


class Loaded:
    """A state, the rules, and the facts of each event. ``saw`` keeps it true while the batch is decided."""

    def __init__(self) -> None:
        self.state = State(complete=False)
        self.rules: dict[str, RuleVersion] = {}
        self.touches: dict[str, Touch] = {}
        self.by_visitor: dict[str, list[Touch]] = {}
        self.matches: dict[str, list[Match]] = {}

    def facts(self, event: AnyEvent, actor: Actor | None = None) -> Facts:
        """What the decision of this event may see besides the state."""
        found = self.touches_of(event)
        return Facts(
            touches=tuple(found[-MOST_TOUCHES:]),
            touches_count=len(found),
            matches=tuple(self._matches(event)),
            actor=actor,
        )

    def saw(self, decision: Decision) -> None:
        """Touches and rules that the batch itself brought are seen by its later events."""
        for touch in decision.touches:
            self.add_touch(touch)
        for version in decision.rules:
            self.rules[version.hash] = version

    def add_touch(self, touch: Touch) -> None:
        """Remember a touch, once, in the place of its time; of equal times the later one is last."""
        if touch.id in self.touches:
            return
        self.touches[touch.id] = touch
        if touch.visitor is not None:
            known = self.by_visitor.setdefault(touch.visitor, [])
            known.append(touch)
            known.sort(key=lambda t: t.at)

    def touches_of(self, event: AnyEvent) -> list[Touch]:
        """The touches that an event's leads may be attributed by, oldest first."""
        visitors: set[str] = set()
        clicks: set[str] = set()
        for lead in self.leads_of(event):
            customer = self.state.get(Customer, lead.person)
            visitors.update(customer.visitors if customer is not None else ())
            visitors.update(filter(None, [lead.visitor]))
            clicks.update(filter(None, [lead.click]))
        since = event.occurred_at - TOUCHES_KEPT
        found = {t.id: t for visitor in sorted(visitors) for t in self.by_visitor.get(visitor, ()) if t.at >= since}
        found |= {id_: self.touches[id_] for id_ in sorted(clicks) if id_ in self.touches}
        return sorted(found.values(), key=lambda t: t.at)

    def leads_of(self, event: AnyEvent) -> list[Lead]:
        """The leads that deciding this event attributes: its own, a page's before it, those that named a code in vain."""
        if isinstance(event, events.AdvocateEnrolled):
            code = self.state.get(Code, event.code) if event.code is not None else None
            return [self._lead(id_) for id_ in code.leads] if code is not None else []
        if not isinstance(event, _LEADS):
            return []
        own = Lead(
            id=event.evt,
            person=event.person,
            at=event.occurred_at,
            visitor=event.visitor,
            click=event.click,
            code=event.code,
            link_code=event.link_code,
        )
        customer = self.state.get(Customer, event.person)
        waiting = [self._lead(id_) for id_ in customer.unverified_leads] if customer is not None else []
        if isinstance(event, events.LeadCreated):
            return [own, *waiting]
        bound = customer is not None and bool(customer.referrals)
        names_code = event.code is not None or event.link_code is not None
        has_touch = names_code or event.click is not None or event.visitor is not None
        return [own, *waiting] if has_touch and (names_code or not bound) else waiting

    def _lead(self, id_: str) -> Lead:
        found = self.state.get(Lead, id_)
        if found is None:
            raise AssertionError(f"lead {id_} is pointed to and not there")
        return found

    def _matches(self, event: AnyEvent) -> Iterable[Match]:
        found: set[Match] = set()
        if isinstance(event, _LEADS):
            found.update(self.matches.get(event.person, ()))
        for lead in self.leads_of(event) if isinstance(event, events.AdvocateEnrolled) else ():
            found.update(self.matches.get(lead.person, ()))
        return sorted(found, key=lambda m: (m.person, m.other, m.kind))


class _Loading:
    """Rounds of fetching for one batch."""

    def __init__(self, connection: asyncpg.Connection, workspace_id: str, batch: Sequence[AnyEvent]) -> None:
        self.batch = batch
        self.clicks = [event for event in self.batch if isinstance(event, events.ClickRecorded)]
        self.enrolments = [event for event in self.batch if isinstance(event, events.AdvocateEnrolled)]
        self.connection = connection
        self.workspace_id = workspace_id
        self.loaded = Loaded()
        self.state = self.loaded.state
        self.wanted: dict[type[Entity], set[Key]] = {}
        self.groups: dict[type[Entity], set[str]] = {}

    def want(self, noun: type[Entity], *keys: Key) -> None:
        """Fetch these in the next round, unless they are known."""
        self.wanted.setdefault(noun, set()).update(key for key in keys if not self.state.knows(noun, key))

    def want_one(self, noun: type[Entity], *key: str | None) -> None:
        """Fetch the entity with this key, if the key is whole."""
        if all(part is not None for part in key):
            self.want(noun, tuple(str(part) for part in key))

    def want_group(self, noun: type[Entity], *groups: str) -> None:
        """Fetch a whole group in the next round."""
        self.groups.setdefault(noun, set()).update(groups)

    async def rounds(self) -> None:
        """Fetch what is wanted and what that points to, until nothing new is named."""
        while any(self.wanted.values()) or any(self.groups.values()):
            wanted, self.wanted = self.wanted, {}
            groups, self.groups = self.groups, {}
            for noun, keys in wanted.items():
                missing = {key for key in keys if not self.state.knows(noun, key)}
                self._arrived(noun, await entities.load(self.connection, self.workspace_id, noun, missing))
                self.state.miss(noun, missing)
            for noun, names in groups.items():
                new = names - self.state.gathered[noun]
                self._arrived(noun, await entities.of(self.connection, self.workspace_id, noun, new))
                self.state.gather(noun, new)

    def _arrived(self, noun: type[Entity], found: Sequence[Entity]) -> None:
        for entity in found:
            if entity.key not in self.state.tables[noun]:
                self.state.put(entity)
                self._follow(entity)

    def _follow(self, entity: Entity) -> None:
        """Want what this entity points to."""
        if isinstance(entity, Code):
            self.want_one(Advocate, entity.program, entity.person)
            self.want(Lead, *((id_,) for id_ in entity.leads))
        elif isinstance(entity, Customer):
            self.want(Referral, *((id_,) for id_ in entity.referrals))
            self.want(Lead, *((id_,) for id_ in entity.unverified_leads))
        elif isinstance(entity, Visitor):
            self.want(Customer, *((person,) for person in entity.persons))
            self.want_group(Claim, *entity.persons)
        elif isinstance(entity, Lead):
            self.want(Customer, (entity.person,))
            self.want_group(Conversion, entity.person)
            self.want_group(Claim, entity.person)
            self.want_one(Visitor, entity.visitor)
            self.want_one(Code, entity.code)
            self.want_one(Code, entity.link_code)
        elif isinstance(entity, Referral):
            self.want(Customer, (entity.friend,))
            self.want(Advocate, *((entity.program, share.person) for share in entity.shares))
        elif isinstance(entity, Conversion):
            self.want(Reward, *((id_,) for id_ in entity.rewards))
            self.want(Case, *((case,) for case in entity.chargebacks.values() if case.startswith("cas_")))
        elif isinstance(entity, Reward):
            self.want(Referral, (entity.referral,))
            self.want(Conversion, (entity.conversion,))
            self.want(Case, *((id_,) for id_ in entity.cases))
            self.want_one(Payout, entity.payout)
            self._want_counters(entity.program, [entity.beneficiary], [])
        elif isinstance(entity, Case):
            self.want(Reward, *((id_,) for id_ in entity.rewards))
        elif isinstance(entity, Payout):
            self.want(Payee, (entity.beneficiary,))
            self.want(Reward, *((part.reward,) for part in entity.parts))
            self.want(Reward, *((id_,) for part in entity.parts for id_, _ in part.netted))
        elif isinstance(entity, Claim):
            self.want(Customer, (entity.friend,))
            self.want(Advocate, *((entity.program, share.person) for share in entity.shares))
        elif isinstance(entity, Timer):
            noun = Referral if entity.kind == "lapse" else Reward
            self.want(noun, (entity.subject,))

    def name(self, event: AnyEvent) -> None:
        """Want what the event itself names."""
        if event.program is not None:
            self.state.miss(Program, [(event.program,)])  # all programs are here already
        for field, noun in (("visitor", Visitor), ("code", Code), ("link_code", Code)):
            self.want_one(noun, getattr(event, field, None))
        if isinstance(event, events.AdvocateEnrolled):
            self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))
        elif isinstance(event, events.AdvocateSuspended | events.AdvocateResumed | events.AdvocateLeft):
            self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))
            self.want_group(Reward, event.person)
        elif isinstance(event, events.LeadCreated):
            self.want(Customer, (event.person,))
            self.want_group(Conversion, event.person)
            self.want_group(Claim, event.person)
        elif isinstance(event, events.ConversionRecorded):
            self.want(Conversion, (conversions.key_of(event),))
            self.want(Customer, (event.person,))
        elif isinstance(event, events.ConversionRefunded | events.ChargebackOpened | events.ChargebackClosed):
            self.want(Conversion, (conversions.invoice_key(event.invoice),))
        elif isinstance(event, events.CustomerKnown | events.CustomerUpdated):
            self.want(Customer, (event.person,))
        elif isinstance(event, events.TimerDue):
            self.want(Timer, (event.timer,))
        elif isinstance(event, _LISTS):
            self.want(Reward, *((item.id,) for item in event.items))
        else:
            self._name_command(event)

    def _name_command(self, event: AnyEvent) -> None:
        if isinstance(event, events.CaseDecided):
            self.want(Case, (event.case,))
        elif isinstance(event, events.ClaimEntered):
            self.want(Customer, (event.person,))
            self.want_group(Claim, event.person)
            for person, _, _ in event.advocates:
                self.want_one(Advocate, event.program, person)
        elif isinstance(event, events.ClaimDecided):
            self.want(Claim, (event.claim,))
        elif isinstance(event, events.PayeeSet):
            self.want(Payee, (event.person,))
            self.want_group(Reward, event.person)
        elif isinstance(event, events.PayoutDrafted):
            self.want(Payee, *((person,) for person in event.beneficiaries))
            self.want_group(Reward, *event.beneficiaries)
        elif isinstance(event, events.PayoutReleased):
            self.want(Payout, *((item.id,) for item in event.items))
        elif isinstance(event, events.PayoutCanceled | events.PayoutAnswered):
            self.want(Payout, (event.payout,))

    async def programs(self) -> None:
        """All programs with all their versions: they are few, and every decision may need them."""
        for noun in (Program, Member):
            for entity in await entities.every(self.connection, self.workspace_id, noun):
                self.state.put(entity)
        hashes = {rules for program in self.state.all(Program) for _, rules in program.versions}
        new = {hash_ for hash_ in hashes if (self.workspace_id, hash_) not in _VERSIONS}
        for semantics, document in await stored_rules.documents(self.connection, self.workspace_id, new):
            version = rule_version(document, semantics)
            _VERSIONS[self.workspace_id, version.hash] = version
        self.loaded.rules = {hash_: _VERSIONS[self.workspace_id, hash_] for hash_ in hashes}

    async def evidence(self) -> None:
        """Touches of the batch's leads with the codes they name, and who shares a key with their people."""
        leads = [lead for event in self.batch for lead in self.loaded.leads_of(event)]
        visitors = {lead.visitor for lead in leads} | {
            visitor for lead in leads for visitor in self._customer(lead.person).visitors
        }
        for touch in await touches.of_visitors(self.connection, self.workspace_id, filter(None, visitors)):
            self.loaded.add_touch(touch)
        clicks = {lead.click for lead in leads} - {None}
        for touch in await touches.by_id(self.connection, self.workspace_id, filter(None, clicks)):
            self.loaded.add_touch(touch)
        self.want(Code, *((touch.code,) for touch in self.loaded.touches.values()))
        persons = {lead.person for lead in leads} | {
            event.person for event in self.batch if isinstance(event, _LEADS) and self._customer(event.person).referrals
        }
        for match in await people.matches(self.connection, self.workspace_id, persons) if persons else ():
            self.loaded.matches.setdefault(match.person, []).append(match)

    def _customer(self, person: str) -> Customer:
        return self.state.get(Customer, person) or Customer(person=person)

    def counters(self) -> None:
        """The counters that the batch's conversions may use: of everybody who may earn by a friend, at all its times."""
        times: dict[str, set[int]] = {}
        for event in self.batch:
            if isinstance(event, events.ConversionRecorded):
                times.setdefault(event.person, set()).add(event.occurred_at)
                self._conversion_groups(event)
        for event in self.batch:
            for person in self._friends(event):
                all_times = times.get(person, set()) | {c.at for c in self._conversions(person)}
                for program, advocates in self._may_earn(person, event).items():
                    self._want_counters(program, advocates, all_times)

    def _conversion_groups(self, event: events.ConversionRecorded) -> None:
        """A referred customer's other conversions: doubles are looked for among them."""
        if self._customer(event.person).referrals or self.loaded.leads_of(event):
            self.want_group(Conversion, event.person)
            self.want_group(Claim, event.person)

    def _friends(self, event: AnyEvent) -> set[str]:
        friends = {lead.person for lead in self.loaded.leads_of(event)}
        if isinstance(event, events.ConversionRecorded) and self._customer(event.person).referrals:
            friends.add(event.person)
        if isinstance(event, events.ClaimDecided):
            claim = self.state.get(Claim, event.claim)
            friends.update([claim.friend] if claim is not None else [])
        return friends

    def _conversions(self, person: str) -> list[Conversion]:
        return self.state.of(Conversion, person) if person in self.state.gathered[Conversion] else []

    def _may_earn(self, friend: str, event: AnyEvent) -> dict[str, set[str]]:
        """Program -> advocates who may earn by this friend: those bound, those of the touches, those of claims."""
        found: dict[str, set[str]] = {}
        for id_ in self._customer(friend).referrals:
            referral = self.state.get(Referral, id_)
            if referral is not None:
                found.setdefault(referral.program, set()).update(share.person for share in referral.shares)
        for claim in self.state.of(Claim, friend) if friend in self.state.gathered[Claim] else ():
            found.setdefault(claim.program, set()).update(share.person for share in claim.shares)
        for program, person in self._owners(self._codes(event)):
            found.setdefault(program, set()).add(person)
        return found

    def _codes(self, event: AnyEvent) -> set[str]:
        """Codes by which this event's leads may be attributed, also by clicks that are decided in this very batch."""
        leads = self.loaded.leads_of(event)
        codes = {touch.code for touch in self.loaded.touches_of(event)}
        codes.update(code for lead in leads for code in (lead.code, lead.link_code) if code is not None)
        visitors = {v for lead in leads for v in (lead.visitor, *self._customer(lead.person).visitors)} - {None}
        clicks = {lead.click for lead in leads} - {None}
        codes.update(e.code for e in self.clicks if e.visitor in visitors or e.click in clicks)
        return codes

    def _owners(self, codes: set[str]) -> set[tuple[str, str]]:
        """(program, advocate) of the codes, also of those that are enrolled in this very batch."""
        owners = set()
        for id_ in codes:
            code = self.state.get(Code, id_) if self.state.knows(Code, (id_,)) else None
            if code is not None and code.program is not None and code.person is not None:
                owners.add((code.program, code.person))
        for enrolment in self.enrolments:
            if enrolment.code in codes:
                owners.update((program.id, enrolment.person) for program in self.state.all(Program))
        return owners

    def _want_counters(self, program: str, persons: Iterable[str], times: Iterable[int]) -> None:
        versions = self._versions(program)
        kinds = {limits.kind_of(rule.on, r) for v in versions for rule in v.rules.conversions for r in rule.rewards}
        periods = {period for v in versions for at in times for period in limits.periods(v.rules, at)}
        self.want(Counter, (program, "", "spent", "ever"))
        for person in set(persons):
            self.want(Counter, (program, person, *limits.KEPT))
            self.want(Counter, *((program, person, kind, period) for kind in kinds for period in periods))

    def _versions(self, program: str) -> list[RuleVersion]:
        found = self.state.get(Program, program)
        return [self.loaded.rules[rules] for _, rules in found.versions] if found is not None else []

    def alone(self, actor: str, as_of: int) -> None:
        """What a member approved or released alone today, for the beneficiaries on the list."""
        day = calendar.utc_day(as_of)
        for event in self.batch:
            if isinstance(event, events.ApprovalGiven):
                people_ = {r.beneficiary for i in event.items if (r := self.state.get(Reward, i.id)) is not None}
                self.want(Counter, *(("", actor, f"approved:{person}", day) for person in people_))
                self.want(Payee, *((person,) for person in people_))
            elif isinstance(event, events.PayoutReleased):
                people_ = {p.beneficiary for i in event.items if (p := self.state.get(Payout, i.id)) is not None}
                self.want(Counter, *(("", actor, f"released:{person}", day) for person in people_))


async def load(
    connection: asyncpg.Connection,
    workspace_id: str,
    batch: Sequence[AnyEvent],
    actor: Actor | None = None,
    as_of: int = 0,
) -> Loaded:
    """Give all that deciding these events may look at. Runs in the transaction that holds the workspace's lock."""
    loading = _Loading(connection, workspace_id, batch)
    await loading.programs()
    for event in batch:
        loading.name(event)
    await loading.rounds()
    await loading.evidence()
    await loading.rounds()
    loading.counters()
    if actor is not None:
        loading.alone(actor.id, as_of)
    await loading.rounds()
    loading.counters()  # once more: the groups that the first pass fetched name further times
    await loading.rounds()
    return loading.loaded
