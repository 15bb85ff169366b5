"""load: everything that deciding a batch of events may look at, fetched by key, one query a noun and round, or kept from before.

What an entity points to is fetched in the next round, until nothing new is named; a state that misses a key fails loudly
(``state.NotLoaded``), so this file and the decisions cannot drift apart silently. Must not know: what is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import asyncpg

from goodword.app.engine import Engine
from goodword.app.write.cache import Kept
from goodword.app.write.counters import Caps
from goodword.app.write.working_set import Loaded
from goodword.core import calendar, conversions, events
from goodword.core.events import AnyEvent
from goodword.core.facts import Actor
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
    Timer,
    Visitor,
)
from goodword.store import entities, people, touches
from goodword.store import rules as stored_rules

#: What looks at payouts and their rewards, and at nothing behind these.
_SENDING = frozenset([events.PayoutDrafted, events.PayoutReleased, events.PayoutAnswered])
#: Answers of rails that change the payout alone.
_TOLD = frozenset(["processing", "sent", "unknown"])


class _Loading:
    """Rounds of fetching for one batch."""

    def __init__(
        self, engine: Engine, connection: asyncpg.Connection, workspace_id: str, batch: Sequence[AnyEvent], kept: Kept
    ) -> None:
        self.engine = engine
        self.batch = batch
        self.kept = kept
        self.connection = connection
        self.workspace_id = workspace_id
        self.loaded = Loaded()
        self.state = self.loaded.state
        self.wanted: dict[type[Entity], set[Key]] = {}
        self.groups: dict[type[Entity], set[str]] = {}
        self.leads: list[list[Lead]] = []  # of each event of the batch
        self._sending = all(type(event) in _SENDING for event in batch)
        self._told = all(type(event) is events.PayoutAnswered and event.outcome in _TOLD for event in batch)

    def want(self, noun: type[Entity], *keys: Key) -> None:
        """Fetch these in the next round, unless they are known."""
        known, absent = self.state.tables[noun], self.state.absent[noun]
        self.wanted.setdefault(noun, set()).update([key for key in keys if key not in known and key not in absent])

    def want_one(self, noun: type[Entity], key: str | None) -> None:
        """Fetch the entity with this key, if there is one."""
        if key is not None:
            self.want(noun, key)

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
                here = [entity for key in missing if (entity := self.kept.entity(noun, key)) is not None]
                unknown = {
                    key for key in missing.difference([it.key for it in here]) if not self.kept.absent(noun, key)
                }
                here += await entities.load(self.connection, self.workspace_id, noun, unknown)
                self._arrived(noun, here)
                self.state.miss(noun, missing)
            for noun, names in groups.items():
                new = names - self.state.gathered[noun]
                known = {name: group for name in new if (group := self.kept.group(noun, name)) is not None}
                here = [entity for group in known.values() for entity in group]
                here += await entities.of(self.connection, self.workspace_id, noun, new - known.keys())
                self._arrived(noun, here)
                self.state.gather(noun, new)

    def _arrived(self, noun: type[Entity], found: Sequence[Entity]) -> None:
        known = self.state.tables[noun]
        new = {(noun, key): entity for entity in found if (key := entity.key) not in known}
        self.state.update(new)
        for entity in new.values():
            self._follow(entity)

    def _follow(self, entity: Entity) -> None:
        """Want what this entity points to."""
        follow = self._POINTERS.get(type(entity))
        if follow is not None:
            follow(self, entity)

    def _code(self, it: Code) -> None:
        if it.program is not None and it.person is not None:
            self.want(Advocate, (it.program, it.person))
        self.want(Lead, *it.leads)

    def _customer(self, it: Customer) -> None:
        self.want(Referral, *it.referrals)
        self.want(Lead, *it.unverified_leads)

    def _visitor(self, it: Visitor) -> None:
        self.want(Customer, *it.persons)
        self.want_group(Claim, *it.persons)

    def _lead(self, it: Lead) -> None:
        self.want(Customer, it.person)
        self.want_group(Conversion, it.person)
        self.want_group(Claim, it.person)
        self.want_one(Visitor, it.visitor)
        self.want_one(Code, it.code)
        self.want_one(Code, it.link_code)

    def _referral(self, it: Referral) -> None:
        self.want(Customer, it.friend)
        self.want(Advocate, *((it.program, share.person) for share in it.shares))

    def _conversion(self, it: Conversion) -> None:
        self.want(Reward, *it.rewards)
        self.want(Case, *(case for case in it.chargebacks.values() if case.startswith("cas_")))

    def _reward(self, it: Reward) -> None:
        if self._sending:
            self.want_one(Payout, it.payout)
            return
        self.want(Referral, it.referral)
        self.want(Conversion, it.conversion)
        self.want(Case, *it.cases)
        self.want_one(Payout, it.payout)
        self.want(Counter, (it.program, "", "spent", limits.EVER), (it.program, it.beneficiary, *limits.KEPT))

    def _case(self, it: Case) -> None:
        self.want(Reward, *it.rewards)

    def _payout(self, it: Payout) -> None:
        if self._told:
            return
        self.want(Payee, it.beneficiary)
        self.want(Reward, *(part.reward for part in it.parts))
        self.want(Reward, *(id_ for part in it.parts for id_, _ in part.netted))

    def _claim(self, it: Claim) -> None:
        self.want(Customer, it.friend)
        self.want(Advocate, *((it.program, share.person) for share in it.shares))
        self.want_group(Conversion, it.friend)
        self.want_group(Claim, it.friend)

    def _timer(self, it: Timer) -> None:
        noun = Referral if it.kind == "lapse" else Reward
        self.want(noun, it.subject)

    def name(self, event: AnyEvent) -> None:
        """Want what the event itself names."""
        if event.program is not None:
            self.state.miss(Program, [event.program])  # all programs are here already
        named = self._NAMED.get(type(event))
        if named is not None:
            named(self, event)

    def _enrolled(self, event: events.AdvocateEnrolled) -> None:
        self.want_one(Code, event.code)
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))

    def _moved(self, event: events.AdvocateSuspended) -> None:
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))
        self.want_group(Reward, event.person)

    def _clicked(self, event: events.ClickRecorded) -> None:
        self.want(Code, event.code)
        self.want_one(Visitor, event.visitor)

    def _led(self, event: events.LeadCreated) -> None:
        self._touched(event)
        self.want(Customer, event.person)
        self.want_group(Conversion, event.person)
        self.want_group(Claim, event.person)

    def _converted(self, event: events.ConversionRecorded) -> None:
        self._touched(event)
        self.want(Conversion, conversions.key_of(event))
        self.want(Customer, event.person)

    def _touched(self, event: events.LeadCreated | events.ConversionRecorded) -> None:
        self.want_one(Visitor, event.visitor)
        self.want_one(Code, event.code)
        self.want_one(Code, event.link_code)

    def _of_invoice(self, event: events.ConversionRefunded) -> None:
        self.want(Conversion, conversions.invoice_key(event.invoice))

    def _of_customer(self, event: events.CustomerKnown) -> None:
        self.want(Customer, event.person)

    def _due(self, event: events.TimerDue) -> None:
        self.want(Timer, event.timer)

    def _listed(self, event: events.ApprovalGiven) -> None:
        self.want(Reward, *(item.id for item in event.items))

    def _of_case(self, event: events.CaseDecided) -> None:
        self.want(Case, event.case)

    def _claimed(self, event: events.ClaimEntered) -> None:
        self.want(Customer, event.person)
        self.want_group(Claim, event.person)
        if event.program is not None:
            self.want(Advocate, *((event.program, person) for person, _, _ in event.advocates))

    def _of_claim(self, event: events.ClaimDecided) -> None:
        self.want(Claim, event.claim)

    def _of_payee(self, event: events.PayeeSet) -> None:
        self.want(Payee, event.person)
        self.want_group(Reward, event.person)

    def _drafted(self, event: events.PayoutDrafted) -> None:
        self.want(Payee, *event.beneficiaries)
        self.want_group(Reward, *event.beneficiaries)

    def _released(self, event: events.PayoutReleased) -> None:
        self.want(Payout, *(item.id for item in event.items))

    def _of_payout(self, event: events.PayoutCanceled) -> None:
        self.want(Payout, event.payout)

    #: event -> what wants all that it names
    _NAMED: ClassVar[dict[type[events.Event], Callable[[_Loading, Any], None]]] = {
        events.AdvocateEnrolled: _enrolled,
        events.AdvocateSuspended: _moved,
        events.AdvocateResumed: _moved,
        events.AdvocateLeft: _moved,
        events.ClickRecorded: _clicked,
        events.LeadCreated: _led,
        events.ConversionRecorded: _converted,
        events.ConversionRefunded: _of_invoice,
        events.ChargebackOpened: _of_invoice,
        events.ChargebackClosed: _of_invoice,
        events.CustomerKnown: _of_customer,
        events.CustomerUpdated: _of_customer,
        events.TimerDue: _due,
        events.ApprovalGiven: _listed,
        events.RewardsRejected: _listed,
        events.ApprovalWithdrawn: _listed,
        events.CaseDecided: _of_case,
        events.ClaimEntered: _claimed,
        events.ClaimDecided: _of_claim,
        events.PayeeSet: _of_payee,
        events.PayoutDrafted: _drafted,
        events.PayoutReleased: _released,
        events.PayoutCanceled: _of_payout,
        events.PayoutAnswered: _of_payout,
    }
    #: noun -> what wants all that an entity of it points to
    _POINTERS: ClassVar[dict[type[Entity], Callable[[_Loading, Any], None]]] = {
        Code: _code,
        Customer: _customer,
        Visitor: _visitor,
        Lead: _lead,
        Referral: _referral,
        Conversion: _conversion,
        Reward: _reward,
        Case: _case,
        Payout: _payout,
        Claim: _claim,
        Timer: _timer,
    }

    async def programs(self) -> None:
        """All programs with all their versions: they are few, and every decision may need them."""
        for noun in (Program, Member):
            here: Iterable[Entity] = self.kept.state.all(noun)
            if self.kept.empty:
                here = await entities.every(self.connection, self.workspace_id, noun)
            for entity in here:
                self.state.put(entity)
        hashes = {rules for program in self.state.all(Program) for _, rules in program.versions}
        known = self.engine.rules
        rules = {hash_: version for hash_ in hashes if (version := known.get((self.workspace_id, hash_))) is not None}
        for semantics, document in await stored_rules.documents(
            self.connection, self.workspace_id, hashes - rules.keys()
        ):
            version = rule_version(document, semantics)
            rules[version.hash] = known.put((self.workspace_id, version.hash), version)
        self.loaded.rules = rules

    async def evidence(self) -> None:
        """Touches of the batch's leads with the codes they name, and who shares a key with their people."""
        self.leads = [self.loaded.leads_of(event) for event in self.batch]
        leads = [lead for each in self.leads for lead in each]
        visitors = {lead.visitor for lead in leads} | {
            visitor for lead in leads for visitor in self.loaded.customer(lead.person).visitors
        }
        clicks = {lead.click for lead in leads}
        named = filter(None, visitors), filter(None, clicks)
        for touch in await touches.find(
            self.connection, self.workspace_id, *named, calendar.moment(self.engine.clock.now())
        ):
            self.loaded.add_touch(touch)
        self.want(Code, *(touch.code for touch in self.loaded.touches.values()))
        persons = set[str]().union(*map(self.loaded.rewarded_for, self.batch, self.leads))
        for match in await people.matches(self.connection, self.workspace_id, persons) if persons else ():
            self.loaded.matches.setdefault(match.person, []).append(match)

    def doubles(self) -> None:
        """A referred customer's other conversions: doubles are looked for among them."""
        for event, leads in zip(self.batch, self.leads, strict=True):
            if type(event) is not events.ConversionRecorded:
                continue
            if leads or self.loaded.customer(event.person).referrals:
                self.want_group(Conversion, event.person)
                self.want_group(Claim, event.person)

    def alone(self, actor: str, as_of: int) -> None:
        """What a member approved or released alone today, for the beneficiaries on the list."""
        day = calendar.utc_day(as_of)
        for event in self.batch:
            if type(event) is events.ApprovalGiven:
                people_ = {r.beneficiary for i in event.items if (r := self.state.get(Reward, i.id)) is not None}
                self.want(Counter, *(("", actor, f"approved:{person}", day) for person in people_))
                self.want(Payee, *people_)
            elif type(event) is events.PayoutReleased:
                people_ = {p.beneficiary for i in event.items if (p := self.state.get(Payout, i.id)) is not None}
                self.want(Counter, *(("", actor, f"released:{person}", day) for person in people_))


async def load(
    engine: Engine,
    connection: asyncpg.Connection,
    workspace_id: str,
    batch: Sequence[AnyEvent],
    kept: Kept,
    actor: Actor | None = None,
    as_of: int = 0,
) -> Loaded:
    """Give all that deciding these events may look at. Runs in the transaction that holds the workspace's lock.

    ``kept``: what is known of this head of the log already.
    """
    loading = _Loading(engine, connection, workspace_id, batch, kept)
    await loading.programs()
    for event in batch:
        loading.name(event)
    await loading.rounds()
    await loading.evidence()
    await loading.rounds()
    loading.doubles()
    await loading.rounds()
    loading.want(Counter, *Caps(loading.loaded, batch, loading.leads).keys())
    if actor is not None:
        loading.alone(actor.id, as_of)
    await loading.rounds()
    return loading.loaded
