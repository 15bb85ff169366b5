"""A workspace in memory, for tests of the core: it gives events ids and times, quotes facts, fires timers, keeps the log.

People, visitors, codes and invoices are plain names: the core never looks into them. Times are text (``2024-03-01``,
``03-01T12:00``) or instants; the clock stands at the latest time given. After every event ``step`` checks that the
books are what rewards and payouts say, so no story can go on over a hole.
"""

import json
from collections.abc import Iterable
from functools import cache
from itertools import permutations
from typing import Any

import msgspec

from goodword.core import (
    calendar,
    conversions,
    deals,
    entry,
    events,
    evidence,
    ids,
    invariants,
    kin,
    lists,
    payouts,
    persons,
    receivables,
    reviews,
    same_person,
    semantics,
)
from goodword.core import leads as core_leads
from goodword.core import rules as core_rules
from goodword.core.decision import Decision, Verdict
from goodword.core.facts import Actor, Evidence, Extent, Facts, Known, Match, Touch
from goodword.core.kinds import timers
from goodword.core.run import Timed
from goodword.core.state import (
    Advocate,
    Balance,
    Case,
    Claim,
    Code,
    Conversion,
    Customer,
    Entity,
    Lead,
    Member,
    Payee,
    Payout,
    Program,
    Referral,
    Registration,
    Reward,
    State,
    Visitor,
)

#: By what somebody is recognised: kind, text, person, and whether a trusted source says so.
Key = tuple[str, str, str, bool]

START = "2024-01-01"
KINDS = {
    "bank_file": ("cash",),
    "sandbox": ("cash", "credit", "points", "gift"),
    "store_credit": ("credit", "points"),
    "code_stock": ("credit", "points", "gift"),
    "discount_code": ("credit", "points"),
    "welcome": ("welcome",),
    "own_system": ("credit", "points", "gift"),
    "pigeon": ("cash",),
}
OWNER = Actor(id="owner", kind="member", roles=("owner",))
#: Payment details come from the company's own system: a member who entered them could not approve what goes there.
SERVER = Actor(id="sk:key_1", kind="key")
RAIL = Actor(id="worker", kind="system")
#: Who says a command unless a test says somebody, or nobody.
_USUAL = Actor(id="usual", kind="nobody")
#: Whoever holds the database.
OPERATOR = Actor(id="operator", kind="operator")
#: Who says what became of a bank file: an owner who said that something came back could not approve it again.
CLERK = Actor(id="clerk", kind="member", roles=("payer",))


def at(value: str | int) -> int:
    """The instant of a date or a time in UTC, or an instant; without a year it is 2024."""
    if isinstance(value, int):
        return value
    day, _, clock = value.partition("T")
    return calendar.parse(f"{day if len(day) > 5 else f'2024-{day}'}T{clock or '00:00'}+00:00")


def rules(**parts: Any) -> dict[str, Any]:
    """A small program: ten per cent to the advocate, five euros to the friend. ``parts`` replace any of it."""
    rewards = parts.pop("rewards", None)
    conversion = parts.pop("conversion", {})
    document = {
        "program": "main",
        "currency": "EUR",
        "conversions": [{"rewards": rewards or [advocate(percent="10"), friend(flat={"EUR": 500})], **conversion}],
    }
    return {**document, **parts}


def published(document: dict[str, Any], number: int = semantics.CURRENT) -> dict[str, Any]:
    """What is said when rules are published under a behaviour."""
    text = core_rules.document(msgspec.convert(document, core_rules.Rules))
    return {"slug": document["program"], "rules": core_rules.version(text, number).hash, "document": text}


def document(**parts: Any) -> str:
    """The same as a file: JSON is YAML."""
    return json.dumps(rules(**parts))


def advocate(**figures: Any) -> dict[str, Any]:
    """The advocate's side of a rule."""
    return {"side": "advocate", **figures}


def friend(**figures: Any) -> dict[str, Any]:
    """The friend's side of a rule."""
    return {"side": "friend", **figures}


def member(name: str, *roles: str, **limits: int) -> Actor:
    """A member; without limits unlimited."""
    return Actor(id=name, kind="member", roles=roles or ("owner",), limits=limits or None)


def matches_of(keys: Iterable[Key]) -> list[Match]:
    """Who shares a key with whom, either way, as a trusted source says: what only a page said of somebody is no key."""
    verified = dict.fromkeys(key[:3] for key in keys if key[3])
    found = dict.fromkeys(
        (one[2], other[2], one[0]) for one, other in permutations(verified, 2) if one[:2] == other[:2]
    )
    return [Match(*pair, verified=True) for pair in found]


class World(Timed):
    """One workspace: state, rule versions, log and what is due."""

    def __init__(self, *, start: str | int = START, checked: bool = True) -> None:
        super().__init__(State(complete=True), {})
        self.now = at(start)
        self.checked = checked
        self.log: list[tuple[events.AnyEvent, Facts, Decision]] = []
        self.leaves: list[bytes] = []
        self.touches: dict[str, Touch] = {}
        self.matches: list[Match] = []
        #: (entries before it, by what a person is recognised); unless a test says who matches whom, the matches follow from them
        self.keys: list[tuple[int, Key]] = []
        self.blocks: dict[str, tuple[Touch, ...]] = {}  # what the redirect stored, by block
        self._numbers = 0

    # --- the loop -----------------------------------------------------------------------------------------------------

    def send(
        self, kind: type[events.Event], *, when: str | int | None = None, actor: Actor | None = None, **fields: Any
    ) -> Decision:
        """Decide an event that happened at ``when`` (now, if not said) and arrives now; fire what is due before it."""
        occurred_at = self.now if when is None else at(when)
        accepted_at = fields.pop("accepted_at", None) or max(self.now, occurred_at)
        self.tick(accepted_at)
        event = kind(
            evt=self.evt(),
            source=fields.pop("source", "native"),
            occurred_at=occurred_at,
            accepted_at=accepted_at,
            **fields,
        )
        return self.step(event, self.facts(event, actor))

    @property
    def versions(self) -> dict[str, core_rules.RuleVersion]:
        """The rules that were published, by hash."""
        return self.rules

    def tick(self, to: str | int) -> None:
        """Let time pass: timers up to ``to`` are decided, in the order in which they are due."""
        self.now = max(self.now, at(to))
        self.fire(self.now)

    def wake(self, timer: str) -> None:
        """Decide that a timer is due; it is looked at when the clock stands where it does."""
        due = timers.event(self.timer(timer), self.evt())
        self.step(msgspec.structs.replace(due, accepted_at=max(self.now, due.due_at)), Facts())

    def made(self, made: entry.Entry, decision: Decision) -> None:
        """Keep the log."""
        self.log.append((made.event, made.facts, decision))
        self.leaves.append(entry.leaf(made))

    def step(self, event: Any, facts: Facts, extent: Extent | None = None) -> Decision:
        """Decide, evolve, log, check."""
        decision = super().step(event, facts, extent)
        for put in decision.puts.values():
            self.state.tables[type(put)][put.key] = _as_read(put)
        block = self.blocks.get(event.block, ()) if isinstance(event, events.TouchesRecorded) else ()
        for touch in (*block, *decision.touches):
            self.touches.setdefault(touch.id, touch)
        if self.checked:
            assert invariants.broken(self.state, self.rules) == []
        return decision

    def evt(self) -> str:
        """The next event's id: later than all before it."""
        self._numbers += 1
        return ids.encode("evt", (max(0, self.now) // 1000).to_bytes(6, "big") + self._numbers.to_bytes(10, "big"))

    def facts(self, event: events.Event, actor: Actor | None = None) -> Facts:
        """What deciding an event is told of all that was ever said: the touches of those it concerns, and who they may be.

        Of a visitor's touches those of 400 days count; a click that is named counts however old it is.
        """
        event = kin.resolved(self.state, event)
        leads, others = self._brought(event)
        people = {kin.root(self.state.get, lead.person) for lead in leads}
        customers = filter(None, (self.state.get(Customer, each) for each in people))
        visitors = {lead.visitor for lead in leads}.union(*(customer.visitors for customer in customers)) - {None}
        clicks = {lead.click for lead in leads}
        since = event.occurred_at - 400 * calendar.DAY
        found = sorted(
            (t for t in self.touches.values() if t.id in clicks or (t.visitor in visitors and t.at >= since)),
            key=lambda touch: touch.at,
        )
        quoted, count = tuple(evidence.quoted(found, event, self.rules.values())), len(found)
        if self.semantics < semantics.PERSONS:
            matches = sorted(
                (match for match in self.matches if match.person in people | others),
                key=lambda match: (match.person, match.other, match.kind),
            )
            return Facts(touches=quoted, touches_count=count, matches=tuple(matches), actor=actor)
        codes = {code for lead in leads for code in (lead.code, lead.link_code) if code is not None}
        people |= others
        buyer = {event.person} if isinstance(event, events.ConversionRecorded | events.DealRegistered) else set()
        known = self._known(event, Evidence(visitors, clicks, people, codes, people | buyer), quoted)
        return Facts(touches=quoted, touches_count=count, known=known, actor=actor)

    def _known(self, event: events.Event, asked: Evidence, touches: tuple[Touch, ...]) -> tuple[Known, ...]:
        """Who shares keys with the persons of an event: whoever would earn by them, and the first 21 with an equal mail or phone."""
        now = kin.names(self.state.get, {name for m in self.matches for name in (m.person, m.other)})
        if isinstance(event, events.Merge):
            both = kin.root(self.state.get, event.gone), kin.root(self.state.get, event.keep)
            now = {name: both[1] if person == both[0] else person for name, person in now.items()}
        found = persons.as_now((Known(m.person, m.other, m.kind) for m in self.matches), now)
        asked = evidence.widened(self.state, event, asked, found)  # type: ignore[arg-type]
        earners = evidence.earners(self.state, event, asked, touches)  # type: ignore[arg-type]
        pairs = {(person, other) for person in asked.persons for other in earners if person != other}
        return persons.quoted(found, pairs, asked.equals)

    def _brought(self, event: events.Event) -> tuple[list[Any], set[str]]:
        """The leads that this event decides, and whose conversions it decides without one."""
        if isinstance(event, events.AdvocateEnrolled) and event.code is not None:
            code = self.state.get(Code, event.code)
            waiting = code.leads if code is not None and code.person is None else ()
            return [self.state.get(Lead, id_) for id_ in waiting], self._recognised(event.person)
        if isinstance(event, events.ClaimEntered) and self.semantics >= semantics.PERSONS:
            return [], {event.person}
        if isinstance(event, events.ClickRecorded | events.DealReported | events.DealAccepted):
            return self._of_click(event) if isinstance(event, events.ClickRecorded) else self._of_deal(event), set()
        if isinstance(event, events.ReferralImported):
            return [], {event.person}
        if isinstance(event, events.PersonMerged | events.PersonsJoined):
            both = {kin.root(self.state.get, each) for each in (event.keep, event.gone)}
            return self._of_merge(event, both), both
        if isinstance(event, events.AdvocateEnrolled | events.CustomerKnown | events.CustomerUpdated):
            says_who = not isinstance(event, events.CustomerUpdated) or event.keys
            return [], self._recognised(event.person) if says_who else set()
        if isinstance(event, events.SuspensionLifted):
            return self._kept_out(event)
        if isinstance(event, events.Amendment | events.CaseDecided):
            return [], self._of_order(event)
        if isinstance(event, events.ClaimDecided):
            return [], self._of_claim(event)
        if not isinstance(event, events.LeadCreated | events.ConversionRecorded):
            return [], set()
        customer = self.state.get(Customer, event.person) or Customer(person=event.person)
        said = filter(None, (self.state.get(Lead, id_) for id_ in customer.unverified_leads))
        leads: list[Any] = [lead for lead in said if core_leads.confirms(event, lead)]
        named = event.code or event.link_code
        if (
            isinstance(event, events.LeadCreated)
            or named
            or ((event.click or event.visitor) and not customer.referrals)
        ):
            leads.append(event)
            if self.semantics >= semantics.LATE_OF_BEFORE:
                leads += self._waiting(core_leads.of_other_visitors(self.state.get, event.person, event.visitor))
        return leads, {event.person} if customer.referrals else set()

    def _of_claim(self, event: events.ClaimDecided) -> set[str]:
        claim = self.state.get(Claim, event.claim)
        if claim is None:
            return set()
        theirs = self.state.get(Referral, claim.evidence[0]) if claim.kind == same_person.KIND else None
        return {claim.friend, *(same_person.who(self.state.get, claim, theirs) if theirs is not None else ())}

    def _of_deal(self, event: events.DealReported | events.DealAccepted) -> list[Any]:
        if isinstance(event, events.DealReported):
            lead = deals.lead_of(self.state.get, event)
        else:
            it = self.state.get(Registration, event.registration)
            lead = deals.lead_of_acceptance(it) if it is not None and it.status == "submitted" else None
        return [lead] if lead is not None else []

    def _of_click(self, event: events.ClickRecorded) -> list[Any]:
        visitor = self.state.get(Visitor, event.visitor) if event.visitor is not None else None
        if visitor is None:
            return []
        if self.semantics >= semantics.LATE_OF_BEFORE:
            return self._waiting(core_leads.that_a_click_may_win(self.state.get, event, visitor))
        its = [self.state.get(Lead, id_) for id_ in visitor.leads]
        return [lead for lead in its if lead is not None and core_leads.awaits(event, lead)]

    def _of_merge(self, event: events.Merge, both: set[str]) -> list[Any]:
        """What waits of either, and with it all visitors of both."""
        late = self.semantics >= semantics.LATE_OF_BEFORE
        waiting = self._waiting(core_leads.of_two(self.state.get, *both)) if late else []
        visitors = {visitor for each in both for visitor in self._visitors(each)} if waiting else set()
        return [*waiting, *(Lead(id="", person=event.keep, at=0, visitor=visitor) for visitor in visitors)]

    def _waiting(self, leads: Iterable[str]) -> list[Lead]:
        return [lead for id_ in leads if (lead := self.state.get(Lead, id_)) is not None]

    def _visitors(self, person: str) -> tuple[str, ...]:
        customer = self.state.get(Customer, person)
        return customer.visitors if customer is not None else ()

    def _recognised(self, person: str) -> set[str]:
        """Whom an event is about that binds nobody: since proofs count when they come."""
        return {person} if self.semantics >= semantics.LATE_PROOFS else set()

    def _kept_out(self, event: events.SuspensionLifted) -> tuple[list[Any], set[str]]:
        """The leads that a suspension kept out, and the friends by whom it cost something."""
        advocate = self.state.get(Advocate, (event.program or "", event.person))
        if advocate is None:
            return [], set()
        codes = filter(None, (self.state.get(Code, id_) for id_ in advocate.codes))
        missed = filter(None, (self.state.get(Referral, id_) for id_, _ in advocate.missed))
        return [self.state.get(Lead, id_) for code in codes for id_ in code.leads], {each.friend for each in missed}

    def _of_order(self, event: events.Amendment | events.CaseDecided) -> set[str]:
        """The customer of an order that gets other figures."""
        if isinstance(event, events.CaseDecided):
            case = self.state.get(Case, event.case)
            chosen = case is not None and case.kind == "conversion_conflict" and event.outcome == "replaced"
            key = case.subject if case is not None and chosen else ""
        else:
            key = conversions.key_amended(event)
        conversion = self.state.get(Conversion, key)
        return {conversion.person} if conversion is not None and conversion.person is not None else set()

    # --- what happens -------------------------------------------------------------------------------------------------

    def publish(self, document: dict[str, Any] | None = None, **parts: Any) -> str:
        """A rule version goes live now; the program's id."""
        document = document or rules(**parts)
        self.command(events.ProgramPublished, **published(document, self.semantics))
        return self.program(document["program"])

    def program(self, slug: str = "main") -> str:
        """The id of a program."""
        return next(program.id for program in self.state.all(Program) if program.slug == slug)

    def newest(self, program: str) -> str:
        """The hash of the version of a program's rules that was published last."""
        return next(it.newest or "" for it in self.state.all(Program) if it.id == program)

    def enrol(self, person: str, code: str | None = None, **more: Any) -> Decision:
        """An advocate joins; the code is the name in capitals unless said."""
        return self.send(events.AdvocateEnrolled, person=person, code=code or person.upper(), **more)

    def click(self, code: str, visitor: str, when: str | int | None = None, **more: Any) -> Decision:
        """A click on somebody's link."""
        return self.send(events.ClickRecorded, when=when, code=code, visitor=visitor, **more)

    def recognise(self, *keys: Key) -> None:
        """By these persons are recognised from now on."""
        self.keys += [(len(self.log), key) for key in keys]
        self.matches = matches_of([key for _, key in self.keys])

    def follow(self, code: str) -> str:
        """Somebody follows a link, now: the redirect knows no visitor, only the id that it gave the click.

        It is stored before what was said earlier is decided, so it has an instant of its own: equal ones would be in no order.
        """
        number = len(self.blocks)
        click, block = f"tch_link{number}", f"blk_link{number}"
        self.blocks[block] = (Touch(id=click, code=code, at=self.now - 1 - number, block=block),)
        self.send(events.TouchesRecorded, source="edge", block=block, count=1, digest="0" * 64)
        return click

    def lead(self, person: str, when: str | int | None = None, **more: Any) -> Decision:
        """A friend becomes known."""
        return self.send(events.LeadCreated, when=when, person=person, **more)

    def buy(self, person: str, amount: int | None = 10_000, when: str | int | None = None, **more: Any) -> Decision:
        """A conversion; an invoice of a purchase in euros unless said otherwise."""
        if amount is not None:
            more = {"invoice": f"{person}-1", "currency": "EUR", **more}
        return self.send(events.ConversionRecorded, when=when, person=person, amount=amount, **more)

    def refund(
        self, invoice: str, amount: int, refund: str = "r1", when: str | int | None = None, **more: Any
    ) -> Decision:
        """A part of an invoice is given back."""
        return self.send(events.ConversionRefunded, when=when, invoice=invoice, refund=refund, amount=amount, **more)

    def referred(self, friend: str = "bob", by: str = "ann", amount: int | None = 10_000, **more: Any) -> list[Reward]:
        """The shortest way to rewards: enrolment, a typed code, a purchase, all now."""
        if self.state.get(Code, by.upper()) is None:
            self.enrol(by)
        self.lead(friend, code=by.upper())
        self.buy(friend, amount, **more)
        return self.rewards(friend=friend)

    # --- people -------------------------------------------------------------------------------------------------------

    def items(self, things: Iterable[Reward | Payout]) -> tuple[events.Item, ...]:
        """What a person sees of rewards or payouts now."""
        return tuple(self._item(thing) for thing in things)

    def _item(self, thing: Reward | Payout) -> events.Item:
        if isinstance(thing, Payout):
            return payouts.item_of(thing)
        return reviews.item_of(thing, self.state.get(Payee, thing.beneficiary))

    def approve(self, rewards: Iterable[Reward], actor: Actor = OWNER, **more: Any) -> Decision:
        """Approve a list as it is seen now, or as ``items`` says, once the evidence of what is flagged was opened."""
        rewards = [*rewards]
        for item in more.get("items", rewards):
            self.look(item.id, actor)
        return self._over(events.ApprovalGiven, rewards, actor, **more)

    def look(self, reward: str, actor: Actor = OWNER) -> None:
        """Open the evidence of a reward, if it is flagged and they have not."""
        it = self.state.get(Reward, reward)
        if it is not None and it.marks and actor.id not in it.opened_by:
            self.command(events.RecordLooked, actor, subject=reward, what="opened", seconds=9)

    def release(self, payouts: Iterable[Payout], actor: Actor = OWNER, **more: Any) -> Decision:
        """Release payouts as they are seen now, or as ``items`` says."""
        return self._over(events.PayoutReleased, payouts, actor, **more)

    def _over(self, kind: type[events.Event], things: Iterable[Any], actor: Actor, **more: Any) -> Decision:
        items = more.pop("items", self.items(things))
        digest = more.pop("list_sha256", lists.digest(items))
        return self.command(kind, actor, items=items, list_sha256=digest, **more)

    def command(self, kind: type[events.Event], actor: Actor | None = _USUAL, **fields: Any) -> Decision:
        """Somebody acts, now: the owner, unless said; a claim comes from the server, because who enters one does not decide it."""
        if actor is _USUAL:
            actor = SERVER if kind is events.ClaimEntered else OWNER
        return self.send(kind, actor=actor, source="person", **fields)

    def settle(
        self,
        rewards: Iterable[Reward],
        how: str = "repaid",
        actor: Actor = OWNER,
        amount: int | None = None,
    ) -> Decision:
        """Say how what is owed back of rewards is settled: all of it, or so much of each."""
        items = tuple(receivables.item_of(reward) for reward in rewards)
        if amount is not None:
            items = tuple(msgspec.structs.replace(item, amount=amount) for item in items)
        said = {"items": items, "list_sha256": lists.digest(items), "how": how, "reason": "x"}
        return self.command(events.ReceivableSettled, actor, **said)

    def join(self, *members: Actor) -> None:
        """Let these become members: the first owner as the first of all, the others as the holder of the database confirms."""
        for one in members:
            by = OWNER if self.state.tables[Member] else one
            fields = {"roles": one.roles, "limits": one.limits, "programs": one.programs}
            said = self.command(events.MemberSet, by, member=one.id, **fields)
            for step in said.verdicts[0].steps:
                self.command(events.ChangeDecided, OPERATOR, change=step.values["change"], outcome="confirmed")

    def payee(
        self, person: str, destination: str = "iban", rail: str = "bank_file", actor: Actor = SERVER, **more: Any
    ) -> Decision:
        """Payment details are entered."""
        return self.command(events.PayeeSet, actor, person=person, rail=rail, destination=destination, **more)

    def draft(self, *people: str, rail: str = "bank_file", unit: str = "EUR", actor: Actor = CLERK) -> list[Payout]:
        """Draft payouts, by another than who releases them; those that came of it."""
        manual = rail == "bank_file"
        decision = self.command(
            events.PayoutDrafted, actor, rail=rail, kinds=KINDS[rail], manual=manual, unit=unit, beneficiaries=people
        )
        return [self.payout(v.subject or "") for v in decision.verdicts if v.outcome == "drafted"]

    def answer(self, payout: Payout, outcome: str, actor: Actor | None = None) -> Decision:
        """Who carries a payout out says something about it: a person of a bank file, else the rail."""
        actor = actor or (CLERK if payout.manual else RAIL)
        return self.command(events.PayoutAnswered, actor, payout=payout.id, outcome=outcome, anew=True)

    def approved(self, **which: str) -> list[Reward]:
        """Let holds run out, know the beneficiaries' details, and approve; the rewards."""
        rewards = self.rewards(**which)
        self.tick(max([self.now, *(reward.hold_until for reward in rewards)]))
        for person in sorted({reward.beneficiary for reward in rewards if reward.kind == "cash"}):
            if self.state.get(Payee, person) is None:
                self.payee(person)
        said = self.approve(self.rewards(**which))
        assert said.verdicts[0].outcome == "approved", said.verdicts
        return self.rewards(**which)

    def paid(self, *, until: str = "completed", **which: str) -> list[Payout]:
        """Approve, wait for the due date, draft, release and hear from the rail up to ``until``; the payouts."""
        rewards = self.approved(**which)
        self.tick(max(reward.due_at or 0 for reward in rewards))
        payouts = self.draft(*sorted({reward.beneficiary for reward in rewards}))
        self.release(payouts)
        for outcome in ("processing", "sent", "completed"):
            for payout in payouts if until != "released" else ():
                self.answer(payout, outcome)
            if outcome == until:
                break
        return [self.payout(payout.id) for payout in payouts]

    # --- what stands --------------------------------------------------------------------------------------------------

    def rewards(self, **which: str) -> list[Reward]:
        """Rewards whose fields are as said, oldest first, the friend's side before the advocate's."""
        found = [r for r in self.state.all(Reward) if all(getattr(r, name) == value for name, value in which.items())]
        return sorted(found, key=lambda r: (r.earned_at, r.side == "advocate", r.id))

    def reward(self, **which: str) -> Reward:
        """The one reward whose fields are as said."""
        (found,) = self.rewards(**which)
        return found

    def conversion(self, id_: str = "inv:bob-1") -> Conversion:
        """An order as it is now, also one of which only refunds are known."""
        return self.state.get(Conversion, id_) or Conversion(id=id_, status="waiting")

    def payout(self, id_: str) -> Payout:
        """A payout as it is now."""
        found = self.state.get(Payout, id_)
        assert found is not None
        return found

    def cases(self, **which: str) -> list[Case]:
        """Cases whose fields are as said."""
        return [c for c in self.state.all(Case) if all(getattr(c, name) == value for name, value in which.items())]

    def claims(self, **which: str) -> list[Claim]:
        """Claims whose fields are as said."""
        return [c for c in self.state.all(Claim) if all(getattr(c, name) == value for name, value in which.items())]

    def balances(self) -> dict[tuple[str, str], int]:
        """(account, owner) -> amount, over all programs and units, without expense and without zeros."""
        totals: dict[tuple[str, str], int] = {}
        for balance in self.state.all(Balance):
            if balance.account != "expense":
                key = (balance.account, balance.owner)
                totals[key] = totals.get(key, 0) + balance.amount
        return {key: amount for key, amount in totals.items() if amount}

    def owner(self) -> None:
        """Make the owner a member, so that others may be set."""
        self.state.put(Member(id="owner", roles=("owner",)))


def said(decision: Decision) -> list[tuple[Any, ...]]:
    """What a decision says, in short: (outcome or refusal, side or subject's kind, amount)."""
    return [short(verdict) for verdict in decision.verdicts]


def short(verdict: Verdict) -> tuple[Any, ...]:
    """A verdict in short."""
    what = verdict.refusal or verdict.outcome
    if verdict.about != "reward":
        return (verdict.about, what)
    return ("reward", what, verdict.side, verdict.amount)


def verdict(decision: Decision) -> str:
    """The outcome or refusal of a decision that says one thing, beside what it says of each reward and to each side of a claim."""
    first, *more = decision.verdicts
    sides = "attribution" if first.about == "command" else None
    assert all(
        verdict.about in ("reward", sides) or verdict.outcome in ("payout_lowered", "dispute_answered")
        for verdict in more
    ), more
    return first.refusal or first.outcome


def _as_read(entity: Entity) -> Entity:
    """Return an entity as its row gives it back: a mapping is kept as jsonb, which has it in order of length and bytes."""
    fields = {name: getattr(entity, name) for name in _mappings(type(entity))}
    orders = {
        name: dict(sorted(it.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode())))
        for name, it in fields.items()
        if it is not None and len(it) > 1
    }
    return msgspec.structs.replace(entity, **orders) if orders else entity


@cache
def _mappings(noun: type[Entity]) -> tuple[str, ...]:
    return tuple(it.name for it in msgspec.structs.fields(noun) if "dict[" in str(it.type))
