"""What deciding an event looks at: keys by noun, whole groups, and the evidence that no state holds. ``app/write/loader`` fetches it.

What an entity points to is needed in the next round, until nothing new is named. A decision that looks at what stands not here
fails loudly, at an entity (``state.NotLoaded``) as at a fact (``facts.Told``), so this file and the decisions cannot drift apart.
Must not know: what is decided, where anything is fetched from.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from goodword.core import (
    calendar,
    cases,
    companies,
    conversions,
    counters,
    deals,
    debtors,
    disputes,
    enrolling,
    events,
    evidence,
    imports,
    kin,
    looking,
    lots,
    messages,
    parts,
    persons,
    reviews,
    routes,
    same_person,
    settlement,
    standing,
    stocks,
    taxes,
)
from goodword.core.counters import Known
from goodword.core.events import (
    AdvocateEnrolled,
    AnyEvent,
    CaseDecided,
    ClaimDecided,
    ClickRecorded,
    ConversionRecorded,
    LeadCreated,
    SuspensionLifted,
)
from goodword.core.everything import EVERYTHING
from goodword.core.facts import Actor, Evidence
from goodword.core.kinds import timers
from goodword.core.kinds.signals import consent, duplicate_conversion
from goodword.core.stages import limits, planning
from goodword.core.state import (
    Advocate,
    Agreement,
    Audit,
    Booking,
    By,
    Case,
    Change,
    Chargeback,
    Claim,
    Code,
    Company,
    Conversion,
    Counter,
    Customer,
    Deal,
    Entity,
    Handover,
    Key,
    Kin,
    Lead,
    Letter,
    Lot,
    Member,
    Offer,
    Payee,
    Payout,
    Program,
    Prospect,
    Recipient,
    Redemption,
    Referral,
    Refund,
    Registration,
    Reporting,
    Reward,
    Routing,
    Schedule,
    Standing,
    State,
    Statement,
    Stock,
    TaxForm,
    Timer,
    Visitor,
)

#: Nouns that are few, of which every decision may need all.
ALWAYS: tuple[type[Entity], ...] = (Program, Member, Routing, Standing, Reporting)
#: Nouns of which most workspaces have none, and every decision would look for some.
RARE: tuple[type[Entity], ...] = (Kin, Company, Prospect, Agreement, Offer, Recipient)

#: What looks at payouts and their rewards, and at nothing behind these.
_SENDING = frozenset(
    [
        events.ReceivableSettled,
        events.PayoutDrafted,
        events.PayoutReleased,
        events.PayoutAnswered,
        events.StatementRead,
        events.AuditSigned,
        events.StockUploaded,
        events.CreditRedeemed,
        events.CreditReversed,
    ]
)
#: Claims that may move a friend's rewards.
_OPEN_CLAIMS: By = (Claim, "open_of")
#: What looks at no order of a reward, and at its referral only where somebody claims its friend.
_HANDING = frozenset([events.PayoutDrafted, events.PayoutAnswered, events.StatementRead])
#: What may have leads decided again that waited.
_WAKING = frozenset([AdvocateEnrolled, ClickRecorded, SuspensionLifted, events.DealReported, events.DealAccepted])
#: What makes a claim stop what it touches, so that its friend's open rewards are looked for; a timer may, too.
_STOPPING = frozenset([events.ClaimTaken, events.ClaimAppealed])
#: What says something of a person by which they may be recognised.
_RECOGNISED = frozenset(
    [LeadCreated, ConversionRecorded, AdvocateEnrolled, events.CustomerKnown, events.CustomerUpdated]
)
#: What says something of a thing and decides nothing about what it points to.
_LOOKING = frozenset(
    [
        *(events.RecordLooked, events.CaseAssigned, events.CaseNoted, events.CaseSnoozed, events.ClaimNoted),
        events.DisputeOpened,
    ]
)
_MESSAGING = frozenset(
    [
        events.MessageDue,
        events.MessageAnswered,
        events.MessageSettled,
        events.MessageBounced,
        events.MessageComplained,
        events.MessageUnsubscribed,
        events.SatisfactionAnswered,
        events.MessagesResumed,
        events.MessagesChosen,
    ]
)
#: Answers of rails that change the payout alone.
_TOLD = frozenset(["sent", "unknown"])


class Need:
    """What to fetch in one round: keys and groups by noun; touches of visitors and clicks by id; who persons are.

    ``pairs``: of whom it is asked whether they share any key; ``equals``: of whom, who else has their mail or phone.
    """

    def __init__(self) -> None:
        self.keys: dict[type[Entity], set[Key]] = {}
        self.groups: dict[By, set[str]] = {}
        self.evidence: Evidence | None = None
        self.pairs: set[tuple[str, str]] = set()
        self.equals: set[str] = set()


def rounds(known: Known, batch: Sequence[AnyEvent], actor: Actor | None, as_of: int) -> Iterator[Need]:
    """Yield what deciding these events needs, round by round; the caller fetches each into ``known`` before it asks for the next.

    ``known`` holds all entities of ``ALWAYS`` already, and all rules.
    """
    needs = _Needs(known, batch)
    if not known.state.lacks(Kin):
        named = [person for event in batch for person in kin.named(event)]
        named += [person for event in needs.merges for person in (event.keep, event.gone)]
        named += [actor.id] if actor is not None and actor.kind == "person" else []
        needs.want(Kin, *named)
        if any(needs.need.keys.values()):
            yield needs.need
        needs = _Needs(known, batch)
        needs.want(Kin, *(kin.root(known.state.get, person) for person in named))  # who tells of all names
        if any(needs.need.keys.values()):
            yield needs.need
        batch = [kin.resolved(known.state, event) for event in batch]
        # Only now it is known about whom the batch is: what they point to is asked for them, and not for whom they were.
        needs = _Needs(known, batch)
        needs.of_kin([found for person in dict.fromkeys(named) if (found := known.state.get(Kin, person)) is not None])
    for event in batch:
        needs.name(event)
    needs.offered()
    yield from needs.rounds()
    asked = [evidence.of(known.state, event) for event in batch]
    together = Evidence(
        set().union(*(each.visitors for each in asked)),
        set().union(*(each.clicks for each in asked)),
        set().union(*(each.persons for each in asked)),
        frozenset(),
        set().union(*(each.equals for each in asked)),
    )
    if together.visitors or together.clicks or together.persons:
        need = Need()
        need.evidence = together
        yield need
    needs.want(Code, *(touch.code for touch in known.touches.values()))
    yield from needs.rounds()
    if together.equals:
        yield from needs.persons(known, asked, together.equals)
        asked = yield from needs.joined(known, asked)
        needs.shown_late()
    needs.decided_again(asked)
    yield from needs.rounds()
    needs.twins(asked)
    yield from needs.rounds()
    needs.want(Counter, *counters.keys(known, batch, asked, needs.codes))
    needs.want(Counter, *needs.amended())
    needs.standing(asked)
    if actor is not None:
        needs.alone(actor.id, as_of)
        if actor.kind == "person":
            needs.want(Counter, *(disputes.said_key(one, as_of) for one in needs.names(actor.id)))
    yield from needs.rounds()
    yield from needs.taxed(as_of)


def _whose(state: State, event: AnyEvent) -> set[str]:
    """Of whom an event says something by which they may be recognised."""
    if events.is_merge(event):
        return {kin.root(state.get, event.keep), kin.root(state.get, event.gone)}
    return {event.person} if type(event) in _RECOGNISED else set()  # type: ignore[union-attr, arg-type]


class _Firms:
    """What a batch says of firms: which rows its customers need, and of which an older date may be told."""

    def __init__(self, state: State, batch: Sequence[AnyEvent]) -> None:
        self.state = state
        #: friends of firms of which an older date may be told: their other firms are not looked at
        self.friends: set[str] = set()
        #: these firms
        self.dated: set[str] = set()
        #: the deals that it reports, and the firms of which that may tell an older date
        self.deals: set[str] = set()
        self.dealt: set[str] = set()
        self._said: dict[str, list[companies.Saying]] = {}
        #: of whom it tells something
        self._told: set[str] = set()
        #: the oldest date of a customer that it tells, or that is known of these
        self._oldest: int | None = None
        #: the rows that it may tell a date of, and whether one of people who belong there for sure
        self.told_of: dict[str, bool] = {}
        for event in batch:
            if companies.says(event):
                self._said.setdefault(event.person, []).append(event)
                self._told.add(event.person)
            if type(event) is ConversionRecorded:
                self._date(event.occurred_at)
            elif type(event) is events.CustomerKnown:
                self._told.add(event.person)
                self._date(event.since)
            elif type(event) is events.DealReported:
                self.deals.add(event.deal)
                self.dealt.update(deals.companies(event).values())
                self._told.update(() if event.person is None else (event.person,))
            elif events.is_merge(event):
                self._told.update((event.keep, event.gone))
        for person in self._told:
            self._date_of(person)

    def _date(self, at: int | None) -> None:
        if at is not None and (self._oldest is None or at < self._oldest):
            self._oldest = at

    def _date_of(self, person: str) -> None:
        known = self.state.tables[Customer].get(person)
        if known is not None:
            self._date(companies.first(known))  # type: ignore[arg-type]

    def tells_of(self, person: str) -> None:
        """Something is decided of somebody that looks at all their firms: a merge, to which either brings a past, or a lead."""
        self._told.add(person)
        self._date_of(person)

    def named(self, event: companies.Saying) -> Iterable[str]:
        """The rows that an event names."""
        if event.domain is None and companies.named(event) is None:
            return ()
        return self._needed(companies.after(Customer(person=event.person), event))

    def of(self, it: Customer) -> Iterable[str]:
        """The rows of a customer's firms, as they are and will be."""
        if it.person not in self._told:
            return () if it.person in self.friends else [sign.company for sign in companies.signs(it)]
        self._date(companies.first(it))
        return {*self._needed(it), *self._needed(self._after(it))}

    def changes(self, it: Customer) -> bool:
        """Whether the batch says another firm of a customer, or their open rewards are looked at because theirs has an older date."""
        if it.person in self.friends:
            return True
        return it.person in self._said and [*companies.signs(it)] != [*companies.signs(self._after(it))]

    def may_be_older(self, it: Company) -> bool:
        """Whether an older date of a firm may be told."""
        if not it.friends or it.id in self.dated:
            return False
        if it.id in self.dealt:
            return True
        if it.id not in self.told_of:
            return False
        oldest, dates = self._oldest, (it.since, it.sure_since) if self.told_of[it.id] else (it.since,)
        return oldest is not None and any(date is None or oldest < date for date in dates)

    def _after(self, it: Customer) -> Customer:
        for event in self._said.get(it.person, ()):
            it = companies.after(it, event)
        return it

    def _needed(self, it: Customer) -> Iterable[str]:
        for sign in companies.signs(it):
            self.told_of[sign.company] = self.told_of.get(sign.company, False) or sign.sure
            yield sign.company


class _Needs:
    """What a batch needs, as it is found out."""

    def __init__(self, known: Known, batch: Sequence[AnyEvent]) -> None:
        self.batch = batch
        self.known = known
        #: programs that welcome friends: of whom they bind it matters what they were offered before
        self._welcoming = [
            program.id
            for program in known.state.all(Program)
            if any(known.rules[rules].rules.welcome is not None for _, rules in program.versions)
        ]
        self.state = known.state
        self.need = Need()
        by_kind: dict[type[AnyEvent], list[Any]] = {}
        for event in batch:
            by_kind.setdefault(type(event), []).append(event)

        def of(kind: type[AnyEvent]) -> Sequence[Any]:
            return by_kind.get(kind, ())

        self.orders: Sequence[ConversionRecorded] = of(ConversionRecorded)
        self.merges: Sequence[events.Merge] = [*of(events.PersonMerged), *of(events.PersonsJoined)]
        self.codes = counters.Codes(known, of(ClickRecorded))
        self._visitors: dict[str, set[str]] = {}  # by person, those that this batch says are theirs
        for event in (*self.orders, *of(LeadCreated)):
            if event.visitor is not None:
                self._visitors.setdefault(event.person, set()).add(event.visitor)
        self._lifted = {event.person for event in of(SuspensionLifted)}
        self._missed: set[str] = set()  # referrals by which their suspension cost something
        self._clicked_by = {event.visitor for event in of(ClickRecorded) if not event.unverified}
        #: what refunds of this batch concern: they may wait for an order of this batch
        self._refunded_now = {
            conversions.invoice_key(event.invoice)
            for kind in (events.ConversionRefunded, events.ConversionCanceled)
            for event in of(kind)
            if event.invoice is not None
        }
        #: what amendments of this batch concern: of these orders all that decides them is looked at
        amendments: list[events.Amendment] = [*of(events.ConversionAmended), *of(events.OrderAmended)]
        self._amended_now = {conversions.key_amended(event) for event in amendments}
        self._refunded_now |= {conversions.invoice_key(event.deal) for event in of(events.DealReported) if event.orders}
        backs = [*of(events.RefundReturned), *of(events.ChargebackOpened), *of(events.ChargebackClosed)]
        #: orders that may be worth more again by this batch
        self._risen_now = {conversions.invoice_key(event.invoice) for event in backs}
        self._amounts: set[int | None] = {event.amount for event in amendments}
        #: of whose payment details a bank said something
        self._answered: set[str] = set()
        #: whom the batch erases, under all their names
        self._erasing: set[str] = set()
        #: who is merged with somebody by this batch, and whom they were merged into before
        self._merging = {person for event in self.merges for person in (event.keep, event.gone)}
        self._sending = by_kind.keys() <= _SENDING
        self._stopping = bool(by_kind.keys() & _STOPPING) or any(
            event.kind == "claim_stops" for event in of(events.TimerDue)
        )
        #: credit is used or expires, unless who has it is suspended
        self._moving_credit = bool(of(events.CreditRedeemed)) or any(
            event.kind == "credit_expires" for event in of(events.TimerDue)
        )
        #: whose open rewards are marked, since they have an issue
        self._issues = {event.person for event in of(events.CustomerIssueOpened)}
        self._issues |= {event.person for event in of(events.CustomerUpdated) if consent.TRAIT in event.traits}
        self._issues |= {event.person for event in of(events.ConsentRecorded) if event.purpose == consent.PURPOSE}
        #: who looks at something decides nothing about what it points to
        self._looking = by_kind.keys() <= _LOOKING
        self._worth = {event.case: event.worth for event in of(CaseDecided) if event.worth is not None}
        self._drafting = events.PayoutDrafted in by_kind
        self._handing = by_kind.keys() <= _HANDING
        #: referrals of rewards that are handed over, by friend
        self._handed: dict[str, list[str]] = {}
        self._stated_now = events.StatementRead in by_kind
        #: orders of which all that they earned matters, since a claim took some of it
        self._whole: set[str] = set()
        #: what was redeemed is given back, of which what is owed of its rewards is taken
        self._giving_back = events.CreditReversed in by_kind
        #: orders of this batch: refunds that came before may wait for them
        self._ordered_now = {conversions.key_of(event) for event in self.orders}
        self._claims_decided = ClaimDecided in by_kind
        self._known_now = events.CustomerKnown in by_kind
        self._firms = _Firms(self.state, batch)
        #: registrations that are decided, or of which a deal says what became of them
        self._decided_now: set[str] = set()
        #: messages alone: who buys matters for where they are and what they agreed to
        self._messaging = by_kind.keys() <= _MESSAGING
        #: what became of messages, which changes nothing but them
        self._answering = by_kind.keys() <= {events.MessageAnswered, events.MessageSettled}
        self._told = by_kind.keys() <= {events.PayoutAnswered} and all(
            event.outcome in _TOLD for event in of(events.PayoutAnswered)
        )

    def want(self, noun: type[Entity], *keys: Key) -> None:
        """Need these in the next round, unless they are known."""
        known, absent = self.state.tables[noun], self.state.absent[noun]
        if absent is EVERYTHING:  # there is none but what is here: so it is of most nouns in most workspaces
            return
        self.need.keys.setdefault(noun, set()).update([key for key in keys if key not in known and key not in absent])
        if noun is Advocate and not self.state.lacks(Agreement):  # whoever earns does so under their agreements
            self.want_group(Agreement, "person", *(key[1] for key in keys))

    def want_one(self, noun: type[Entity], key: str | None) -> None:
        """Need the entity with this key, if there is one."""
        if key is not None:
            self.want(noun, key)

    def want_group(self, noun: type[Entity], by: str, *groups: str) -> None:
        """Need whole groups in the next round."""
        gathered = self.state.gathered[noun, by]
        self.need.groups.setdefault((noun, by), set()).update([group for group in groups if group not in gathered])

    def want_orders(self, by: str, groups: dict[str, list[str]]) -> None:
        """Need the orders of persons that are in these groups; of a person who is no customer there is none, which is known."""
        customers, absent = self.state.tables[Customer], self.state.absent[Customer]
        for person, its in groups.items():
            if person not in customers and person in absent:
                self.state.gather((Conversion, by), its)
            else:
                self.want_group(Conversion, by, *its)

    def rounds(self) -> Iterator[Need]:
        """Yield what is wanted, and then what that points to, until nothing new is named."""
        while any(self.need.keys.values()) or any(self.need.groups.values()):
            need, self.need = self.need, Need()
            before = {noun: set(self.state.tables[noun]) for noun, _ in need.groups}
            yield need
            for noun, keys in need.keys.items():
                loaded = self.state.tables[noun]
                self._follow(noun, [loaded[key] for key in keys if key in loaded])
            for (noun, by), groups in need.groups.items():
                if by == "twin":
                    continue  # they are looked at, and nobody decides them
                new = [entity for group in groups for entity in self.state.of(noun, by, group)]
                self._follow(noun, [entity for entity in new if entity.key not in before[noun]])
                if self._handing and (noun, by) == _OPEN_CLAIMS:
                    for friend in groups:
                        self._claimed_of(friend)

    def of_kin(self, found: Iterable[Kin]) -> None:
        """Want what persons point to who were merged."""
        self._follow(Kin, found)

    def _follow(self, noun: type[Entity], entities: Iterable[Entity]) -> None:
        """Want what these entities point to."""
        follow = self._POINTERS.get(noun)
        if follow is not None and not self._looking:
            for entity in entities:
                follow(self, entity)

    # --- what an entity points to -------------------------------------------------------------------------------------

    def _code(self, it: Code) -> None:
        self.want_one(Code, it.means)
        if it.program is not None and it.person is not None:
            self.want(Advocate, (it.program, it.person))
            self.want(Kin, it.person)
        if it.person is None or it.person in self._lifted or it.person in self._merging:
            self.want(Lead, *it.leads)

    def _kin(self, it: Kin) -> None:
        """Whoever is named by a share or a lead may have been merged: then it is their root that earns or is brought."""
        if it.person in self._erasing:
            self.want_group(Case, "disputed", *it.members)
        if it.root != it.person:
            if it.person in self._merging:
                self._merging.add(it.root)
                self._firms.tells_of(it.root)
            self.want(Kin, it.root)
            self.want(Customer, it.root)
            self.want(Recipient, it.root)
            self.want_group(Claim, "friend", it.root)
            self.want(Payee, it.root)
            programs = [program.id for program in self.state.all(Program)]
            self.want(Advocate, *((program, it.root) for program in programs))
            self.want(Counter, *((program, it.root, *limits.KEPT) for program in programs))  # what they keep may fall

    def _advocate(self, it: Advocate) -> None:
        if it.person in self._merging or it.person in self._lifted:
            self.want(Code, *it.codes)
        if it.person in self._lifted:
            self.want_one(Case, it.case)
            self._missed.update(referral for referral, _ in it.missed)
            self.want(Referral, *self._missed)
            self.want(Conversion, *(conversion for _, conversion in it.missed))

    def _customer(self, it: Customer) -> None:
        if self._messaging:
            return
        if it.person in self._merging:
            self.want(Visitor, *it.visitors)
            self.want_group(Reward, "open_in", *it.referrals, *it.parted)
        if it.waiting and (self._wakes(it) or self._firms.changes(it)):
            self.want(Lead, *it.waiting)
        if self._stopping or self._welcoming or it.person in self._merging:
            self.want(Referral, *it.parted)
        if it.person in self._issues or self._firms.changes(it):
            self.want_group(Reward, "open_in", *it.referrals)
        # Who is merged brings a past to the other's firms, too, which may have been looked at before.
        others = self._firms.told_of if it.person in self._merging else ()
        self._want_companies({*self._firms.of(it), *others})
        self.want(Referral, *it.referrals)
        self.want(Lead, *it.unverified_leads)

    def _want_companies(self, ids: Iterable[str]) -> None:
        """Want companies, from both sides; one that is here may have come with a merge, and without its friends."""
        ids = list(ids)
        self.want(Company, *ids)
        self.want(Prospect, *ids)
        for known in [self.state.tables[Company].get(id_) for id_ in ids]:
            if known is not None:
                self._company(known)  # type: ignore[arg-type]

    def _company(self, it: Company) -> None:
        """Its friends, where this batch may tell an older date of it: of them a person is asked then."""
        if not self._firms.may_be_older(it):
            return
        self._firms.dated.add(it.id)
        self._firms.friends.update(it.friends)
        self.want(Customer, *it.friends)
        here = [known for person in it.friends if (known := self.state.tables[Customer].get(person)) is not None]
        for known in here:
            self._customer(known)  # type: ignore[arg-type]

    def _wakes(self, it: Customer) -> bool:
        """Whether a click or a visitor that turns out to be theirs, or whom they are merged with, may win what waits of somebody."""
        new = not self._visitors.get(it.person, frozenset()) <= {*it.visitors}
        return new or it.person in self._merging or not self._clicked_by.isdisjoint(it.visitors)

    def _visitor(self, it: Visitor) -> None:
        self.want(Customer, *it.persons)
        self.want_group(Claim, "friend", *it.persons)
        if it.id in self._clicked_by:
            self.want(Lead, *it.leads)

    def _lead(self, it: Lead) -> None:
        self.want(Kin, it.person)
        self.want(Customer, it.person)
        self.want_group(Claim, "friend", it.person)
        self.want_one(Visitor, it.visitor)
        self.want_one(Code, it.code)
        self.want_one(Code, it.link_code)
        self.want_one(Registration, it.registration)

    def _prospect(self, it: Prospect) -> None:
        self.want(Registration, *it.registrations)

    def _deal(self, it: Deal) -> None:
        its = deals.companies(it).values()
        self.want(Prospect, *its)
        if it.person is not None:  # whether somebody brought them
            self.want(Kin, it.person)
            self.want(Customer, it.person)
        if it.id in self._firms.deals:  # what is said of it now may be older than what is known, and of other companies
            self._firms.dealt.update(its)
            self._want_companies(its)
        self._decides(it.registration)

    def _decides(self, id_: str | None) -> None:
        """Want a registration with all that deciding it looks at."""
        if id_ is None or id_ in self._decided_now:
            return
        self._decided_now.add(id_)
        known = self.state.tables[Registration].get(id_)
        if known is None:
            self.want(Registration, id_)
        else:
            self._registration(known)  # type: ignore[arg-type]

    def _registration(self, it: Registration) -> None:
        """Of another one of the company it matters whose it is, and by which code its partner is known."""
        self.want(Kin, it.advocate)
        self.want(Code, it.code)
        if it.id in self._decided_now:
            self.want(Advocate, (it.program, it.advocate))
            self._want_companies(deals.companies(it).values())
            self.want(Deal, *it.deals)
            self.want(Kin, it.person)
            self._firms.tells_of(it.person)
            self._merged_before(it.person)
            self.want(Customer, it.person)
            self.want_group(Claim, "friend", it.person)

    def _referral(self, it: Referral) -> None:
        if self._sending:
            return
        if self._stopping:
            self.want_group(Reward, "open_in", it.id)
        self.want(Reward, *it.aside)
        self.want_one(Offer, it.offer)
        self.want(Customer, it.friend)
        self.want(Advocate, *((it.program, share.person) for share in it.shares))
        self.want(Kin, it.friend, *(share.person for share in it.shares))
        if it.id in self._missed or self._lifted.intersection(share.person for share in it.shares):
            self.want_group(Conversion, "person", it.friend)
            self.want_group(Claim, "friend", it.friend)

    def _conversion(self, it: Conversion) -> None:
        if self._sending:
            if it.id in self._whole:
                self.want(Reward, *it.rewards)
            return
        self.want(Reward, *it.rewards)
        if it.status == "open" or (it.waiting and it.id in self._ordered_now):
            self.want_group(Refund, "conversion", it.id)
        if it.chargebacks:
            self.want_group(Refund, "conversion", it.id)
            self.want_group(Chargeback, "conversion", it.id)
        self.want(Case, *it.cases.values())
        self.want_one(Offer, it.offer)
        if it.id in self._amended_now:
            self._anew(it.id, it.person)

    def _offer(self, it: Offer) -> None:
        self.want(Kin, it.person)

    def _chargeback(self, it: Chargeback) -> None:
        self.want_one(Case, it.case)

    def _reward(self, it: Reward) -> None:
        if self._drafting:
            self.want(Advocate, (it.program, it.beneficiary))
        if it.payout is not None:  # what comes back is whose it is now, who may have been merged since it was drafted
            self.want(Payee, it.beneficiary)
        self.want_group(Claim, "open_of", it.friend)
        if self._handing:
            self._handed.setdefault(it.friend, []).append(it.referral)
            self._claimed_of(it.friend)
        else:
            self.want(Referral, it.referral)
        if it.kind in lots.KINDS:  # it may fall, and take back what is there of them
            self.want_group(Lot, "reward", it.id)
        if planning.of_a_claim(it):  # what is borne of it depends on what comes back, and on what the claim left of it
            self.want_one(Claim, it.taken_by)
            self.want(Referral, it.referral)
            self.want(Kin, it.beneficiary, it.friend)
            self._whole.add(it.conversion)
            self.want(Conversion, it.conversion)
            if isinstance(order := self.state.tables[Conversion].get(it.conversion), Conversion):
                self.want(Reward, *order.rewards)
            self.want(Counter, limits.spent_key(it.program), (it.program, it.beneficiary, *limits.KEPT))
        if self._sending:
            self.want_one(Payout, it.payout)
            if not self._handing:  # what is released has all of its evidence
                self.want(Conversion, it.conversion)
            if it.open_in is None or self._stated_now:  # it was, or is, settled, and comes back to whose it is by now
                self.want(Kin, it.beneficiary, it.friend)
            return
        self.want_one(Reward, it.puts_right)  # and what was given in its place, or in whose place it was
        self.want(Reward, *it.corrections)
        # Of its cases, which may name ten thousand others, only the ids are looked at.
        self.want(Conversion, it.conversion)
        self.want(Kin, it.beneficiary, it.friend)  # who earned by an order, and whose it is, may have been merged since
        self.want_one(Payout, it.payout)
        self.want(Counter, limits.spent_key(it.program), (it.program, it.beneficiary, *limits.KEPT))

    def _claimed_of(self, friend: str) -> None:
        """Want the referrals of a friend's rewards that are handed over, if claims could move these; they may not be known yet."""
        if friend in self.state.gathered[_OPEN_CLAIMS] and self.state.of(Claim, "open_of", friend):
            self.want(Referral, *self._handed.get(friend, ()))

    def _anew(self, key: str, person: str | None) -> None:
        """What giving an order other figures looks at."""
        self.want_group(Refund, "conversion", key)
        self.want_group(Chargeback, "conversion", key)
        if person is not None:
            self.want(Kin, person)
            self.want(Customer, person)
            self.want_group(Conversion, "person", person)
            self.want_group(Claim, "friend", person)

    def _case(self, it: Case) -> None:
        if (worth := self._worth.get(it.id)) is not None:
            worths = {worth, it.worth} - {None}
            self.want(
                Counter, *(cases.worth_key(it.program, code, str(one)) for code in cases.codes_of(it) for one in worths)
            )
        self.want(Reward, *it.rewards)
        if it.kind == settlement.PAYEE_CHECK:
            self.want(Payee, it.subject)
        if it.kind == settlement.DISPUTE and it.subject != it.person:
            self.want(Reward if it.subject.startswith("rwd_") else Referral, it.subject)
        if it.kind == "conversion_conflict":
            self._amended_now.add(it.subject)
            known = self.state.tables[Conversion].get(it.subject)
            if known is None:
                self.want(Conversion, it.subject)
            else:
                self._conversion(known)  # type: ignore[arg-type]

    def _payee(self, it: Payee) -> None:
        if it.person in self._answered:  # which details a person is asked about
            self.want(Case, *it.asked)

    def _payout(self, it: Payout) -> None:
        if self._told:
            return
        if it.rail == stocks.CODE_STOCK and it.status == "released":
            self.want_group(Stock, "unit", it.unit)
        self.want(Payee, it.beneficiary)
        self.want(Reward, *(part.reward for part in it.parts))
        self.want(Reward, *(id_ for part in it.parts for id_, _ in part.netted))

    def _claim(self, it: Claim) -> None:
        self.want(Referral, *it.ended)
        self.want_one(Referral, it.referral)
        self.want_one(Conversion, it.conversion)
        if it.kind == same_person.KIND:
            self.want(Referral, *it.evidence)
        self.want(Kin, it.friend, *(share.person for share in it.shares))
        if self._sending:
            return
        self.want(Case, *it.cases)
        self.want(Customer, it.friend)
        self.want(Advocate, *((it.program, share.person) for share in it.shares))
        self.want_group(Claim, "friend", it.friend)

    def _lot(self, it: Lot) -> None:
        self.want(Kin, it.person)
        if self._giving_back:
            self.want(Reward, it.reward)
        if self._moving_credit:
            self.want(Advocate, (it.program, it.person))

    def _redemption(self, it: Redemption) -> None:
        self.want(Kin, it.person)
        if self._giving_back:
            self.want(Lot, *(drawn.lot for drawn in it.drawn))

    def _timer(self, it: Timer) -> None:
        noun = timers.KINDS[it.kind].noun
        if noun is Registration:
            self._decides(it.subject)
        elif noun is Payee:
            self._payee_of(it.subject)
        else:
            self.want(noun, it.subject)

    # --- what an event names ------------------------------------------------------------------------------------------

    def _enrolling(self, event: ConversionRecorded | events.ConsentRecorded) -> None:
        """What a rule looks at that enrols customers, in the programs that have one."""
        for program in self.state.all(Program):
            newest = program.newest
            if newest is not None and enrolling.asks(event, self.known.rules[newest].rules.enrol):
                self.want(Advocate, (program.id, event.person))
                self.want_group(Conversion, "person", event.person)

    def _consented(self, event: events.ConsentRecorded) -> None:
        self._of_customer(event)
        self._enrolling(event)

    def name(self, event: AnyEvent) -> None:
        """Want what the event itself names."""
        if event.program is not None:
            self.want(Program, event.program)  # unless all programs, which are here, have it
        named = self._NAMED.get(type(event))
        if named is not None:
            named(self, event)

    def _enrolled(self, event: events.AdvocateEnrolled) -> None:
        self.want_one(Code, event.code)
        self.want_one(Code, event.like)
        self.want_one(Code, event.look)
        self.want(Customer, event.person)
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))

    def _moved(self, event: events.AdvocateSuspended | events.PersonErased) -> None:
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))
        self.want_group(Reward, "unsettled_with", event.person)
        if type(event) is events.PersonErased:
            self._erasing.add(event.person)
            self.want(Kin, event.person)
            self.want_group(Case, "disputed", *self.names(event.person))
            self.want_group(Lot, "held_by", event.person)
            self.want(Customer, event.person)
            self.want(Payee, event.person)

    def _clicked(self, event: events.ClickRecorded) -> None:
        self.want(Code, event.code)
        self.want_one(Visitor, event.visitor)

    def _led(self, event: events.LeadCreated) -> None:
        self._touched(event)
        self.want(Customer, event.person)
        if named := self._firms.named(event):
            self._want_companies(named)
        self.want_group(Claim, "friend", event.person)

    def _converted(self, event: events.ConversionRecorded) -> None:
        self._touched(event)
        key = conversions.key_of(event)
        self.want(Conversion, key)
        self.want_one(Offer, event.offer)
        if key in self._refunded_now:
            self.want_group(Refund, "conversion", key)
        if key in self._amended_now:
            self._anew(key, event.person)
        self.want(Customer, event.person)
        if named := self._firms.named(event):
            self._want_companies(named)
        self._enrolling(event)

    def _merged_before(self, person: str) -> None:
        """Somebody who is here came with whom another was merged into, and without what this batch says of them."""
        known = self.state.tables[Customer].get(person)
        if known is not None:
            self._customer(known)  # type: ignore[arg-type]

    def _touched(self, event: events.LeadCreated | events.ConversionRecorded) -> None:
        self._merged_before(event.person)
        if event.visitor is not None:
            self.want(Visitor, event.visitor)
        self.want(Code, *[code for code in (event.code, event.link_code) if code is not None])

    def _refunded(self, event: events.ConversionRefunded) -> None:
        key = conversions.invoice_key(event.invoice)
        self.want(Conversion, key)
        self.want(Refund, (key, event.refund))

    def _amended(self, event: events.Amendment) -> None:
        key = conversions.key_amended(event)
        self.want(Conversion, key)
        self._anew(key, None)

    def _canceled(self, event: events.ConversionCanceled) -> None:
        key = conversions.invoice_key(event.invoice) if event.invoice is not None else event.conversion
        self.want(Conversion, key or "")
        self.want(Refund, (key or "", parts.CANCELED))

    def _returned(self, event: events.RefundReturned) -> None:
        key = conversions.invoice_key(event.invoice)
        self.want(Conversion, key)
        self.want(Refund, (key, event.refund))
        self.want_group(Refund, "conversion", key)

    def _asked_back(self, event: events.RefundOpened | events.RefundClosed) -> None:
        key = conversions.invoice_key(event.invoice)
        self.want(Conversion, key)
        self.want(Refund, (key, event.refund))

    def _charged_back(self, event: events.ChargebackOpened | events.ChargebackClosed) -> None:
        key = conversions.invoice_key(event.invoice)
        self.want(Conversion, key)
        self.want(Chargeback, (key, event.chargeback))
        self.want_group(Chargeback, "conversion", key)  # a lead of the same batch may have it decided again
        self.want(Refund, (key, conversions.lost_id(event.chargeback)))
        self.want_group(Refund, "conversion", key)  # of one that is kept after all they are laid anew

    def _imported(self, event: events.ReferralImported) -> None:
        self.want(Customer, event.person)
        self.want_group(Conversion, "person", event.person)
        self.want_group(Claim, "friend", event.person)
        self.want(Advocate, *((program.id, event.advocate) for program in self.state.all(Program)))

    def _opened(self, event: events.BalanceOpened) -> None:
        self.want(Conversion, imports.key_of(event))
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))

    def _merged(self, event: events.Merge) -> None:
        for person in {kin.root(self.state.get, each) for each in (event.keep, event.gone)}:
            self._merge(person)

    def _merge(self, person: str) -> None:
        self._merging.add(person)
        self._firms.tells_of(person)
        self.want(Kin, person)
        self.want(Customer, person)
        self._merged_before(person)
        self.want(Payee, person)
        self.want(Recipient, person)
        self.want_group(Conversion, "person", person)
        self.want_group(Claim, "friend", person)
        self.want_group(Reward, "unsettled_with", person)
        self.want_group(Lot, "held_by", person)
        for program in self.state.all(Program):
            self.want(Advocate, (program.id, person))
            self.want(
                Counter, (program.id, person, *limits.KEPT)
            )  # a reward between the two was theirs, and is no more

    def _redeemed(self, event: events.CreditRedeemed) -> None:
        self.want(Redemption, event.redemption)
        self.want_group(Lot, "held_by", event.person)

    def _unredeemed(self, event: events.CreditReversed) -> None:
        self.want(Redemption, event.redemption)

    def _of_customer(self, event: Any) -> None:
        self.want(Customer, event.person)

    def _dated(self, event: events.CustomerKnown) -> None:
        self._of_customer(event)
        self._merged_before(event.person)

    def _updated(self, event: events.CustomerUpdated) -> None:
        self._of_customer(event)
        self._merged_before(event.person)
        if named := self._firms.named(event):
            self._want_companies(named)

    def _due(self, event: events.TimerDue) -> None:
        self.want(Timer, event.timer)

    def _of_member(self, event: events.MemberSet | events.MemberProved) -> None:
        self.want_group(Change, "subject", event.member)
        self.stopped()

    def _of_change(self, event: events.ChangeDecided) -> None:
        self.want(Change, event.change)

    def _routing(self, _: events.RoutingPublished) -> None:
        self.want_group(Change, "subject", routes.ID)

    def _debtor(self, _: events.DebtorSet) -> None:
        self.want_group(Change, "subject", debtors.ID)

    def _reporting(self, _: events.TaxReportingSet) -> None:
        self.want_group(Change, "subject", taxes.ID)

    def _tax_form(self, event: events.TaxFormGiven) -> None:
        self.want(TaxForm, (event.person, event.jurisdiction))

    def _standing(self, event: events.StandingAsked) -> None:
        self.want_group(Change, "subject", event.program or "")

    def _published(self, event: events.ProgramPublished) -> None:
        its = [program.id for program in self.state.all(Program) if program.slug == event.slug]
        self.want_group(Change, "subject", *its)
        self.stopped()

    def _stopped(self, _: events.StandingStopped) -> None:
        self.stopped()

    def stopped(self) -> None:
        """What standing approvals have approved in all: whatever stops them says so."""
        self.want(Counter, *(standing.key_of(it) for it in self.state.all(Standing)))

    def _uploaded(self, event: events.StockUploaded) -> None:
        self.want_group(Payout, "awaits", event.unit)

    def offered(self) -> None:
        """What programs have spent that welcome friends: whatever binds one makes an offer, and whatever ends that gives it back."""
        for program in self._welcoming:
            self.want(Counter, limits.spent_key(program))

    def _listed(self, event: events.ApprovalGiven | events.ReceivableSettled) -> None:
        self.want(Reward, *(item.id for item in event.items))

    def _of_case(self, event: Any) -> None:
        self.want(Case, event.case)

    def _disputed(self, event: events.DisputeOpened) -> None:
        self.want_group(Case, "disputed", event.subject)
        if event.subject == event.person:
            self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))
        else:
            self.want(Reward if event.subject.startswith("rwd_") else Referral, event.subject)

    def _claimed(self, event: events.ClaimEntered) -> None:
        self.want(Customer, event.person)
        self.want_group(Claim, "friend", event.person)
        self.want_group(Claim, "open_of", event.person)
        if event.program is not None:
            self.want(Advocate, *((event.program, person) for person, _, _ in event.advocates))

    def _unlike(self, event: events.MatchDeclined) -> None:
        self.want(Customer, event.person)
        self.want(Referral, event.referral)

    def _of_reward(self, event: events.RewardSnoozed) -> None:
        self.want(Reward, event.reward)

    def _of_lifting(self, event: SuspensionLifted) -> None:
        if event.program is None:
            return
        known = self.state.tables[Advocate].get((event.program, event.person))
        if isinstance(known, Advocate):  # came with whom somebody was merged into, and without what lifting looks at
            self._advocate(known)
        self.want(Advocate, (event.program, event.person))

    def _reported(self, event: events.DealReported) -> None:
        self.want(Deal, event.deal)
        if event.orders:
            key = conversions.invoice_key(event.deal)
            self.want(Conversion, key)
            self.want(Refund, (key, parts.CANCELED))
        self._want_companies(deals.companies(event).values())
        self._decides(event.registration)
        if event.person is not None:
            self._merged_before(event.person)
            self.want(Customer, event.person)
            self.want_group(Claim, "friend", event.person)
        self.want_one(Code, event.code)

    def _registered(self, event: events.DealRegistered) -> None:
        self._want_companies(deals.companies(event).values())
        self.want(Customer, event.person)
        self.want(Advocate, *((program.id, event.advocate) for program in self.state.all(Program)))

    def _of_registration(self, event: Any) -> None:
        self._decides(event.registration)
        if type(event) is events.DealAccepted:
            self.want_one(Deal, event.deal)

    def _agreed(self, event: events.AgreementMade | events.AgreementEnded) -> None:
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))
        self.want_group(Agreement, "person", event.person)

    def _formed(self, event: events.FormMade) -> None:
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))

    def _code_changed(self, event: events.CodeChanged) -> None:
        for id_ in (event.code, event.like, event.look):
            self.want_one(Code, id_)
        self._of_advocate(event)

    def _of_advocate(self, event: events.CodeChanged | events.LinkShared) -> None:
        if event.program is not None:
            self.want(Advocate, (event.program, event.person))

    def _viewed(self, event: events.LandingViewed) -> None:
        self.want(Code, event.code)

    def _alike(self, event: events.CodesAlike) -> None:
        self.want(Code, *(id_ for pair in event.looks for id_ in pair))

    def _of_claim(self, event: Any) -> None:
        self.want(Claim, event.claim)

    def _looked(self, event: events.RecordLooked) -> None:
        noun = looking.NOUNS.get(event.subject[:4])
        if noun is not None:
            self.want(noun, event.subject)

    def _corrected(self, event: events.CorrectionEntered) -> None:
        self.want(Customer, event.person)
        self.want_one(Reward, event.puts_right)
        if event.program is not None:
            self.want(Advocate, (event.program, event.person))
            self.want(Counter, limits.spent_key(event.program))

    def _of_payee(self, event: events.PayeeSet) -> None:
        self._payee_of(event.person)

    def _payee_of(self, person: str) -> None:
        self.want(Payee, person)
        self.want(Customer, person)
        self.want_group(Reward, "unsettled_with", person)

    def _payee_answered(self, event: events.PayeeAnswered) -> None:
        self.want(Payee, event.person)

    def _payee_checked(self, event: events.PayeeChecked) -> None:
        self._answered.add(event.person)
        self.want(Payee, event.person)
        self.want_group(Reward, "unsettled_with", event.person)

    def _drafted(self, event: events.PayoutDrafted) -> None:
        self.want(Payee, *event.beneficiaries)
        self.want_group(Reward, "unsettled_with", *event.beneficiaries)
        self.want_one(Schedule, event.schedule)

    def _scheduled(self, event: events.PayoutScheduled) -> None:
        self.want_one(Schedule, event.schedule)

    def _message_due(self, event: events.MessageDue) -> None:
        names = self.names(event.person)
        self.want(Letter, *messages.same(names, event.program or "", event.person, event.topic, event.trigger))
        self._written_to(event.person, event.program)

    def _of_message(self, event: events.MessageAnswered | events.MessageSettled | events.MessageBounced) -> None:
        self.want(Letter, event.message)

    def _resumed(self, event: events.MessagesResumed | events.MessagesChosen) -> None:
        self.want(Recipient, event.person)

    def _message(self, it: Letter) -> None:
        if not self._answering:
            self._written_to(it.person, it.program)

    def _written_to(self, person: str, program: str | None) -> None:
        self.want(Kin, person)
        self.want(Recipient, person)
        self.want(Customer, person)
        self.want(Advocate, (program or "", person))

    def _released(self, event: events.PayoutReleased) -> None:
        self.want(Payout, *(item.id for item in event.items))

    def _handed_out(self, event: events.FileHandedOut) -> None:
        self.want(Handover, event.file)

    def _audited(self, event: events.AuditSigned) -> None:
        self.want(Audit, event.month)
        self.want(Payout, *(item.id for item in event.items))

    def _stated(self, event: events.StatementRead) -> None:
        self.want(Handover, *(line.file for line in event.lines if line.file is not None))
        named = {line.payout for line in event.lines if line.payout is not None}
        self.want(Statement, event.statement)
        self.want(Booking, *(line.id for line in event.lines))
        self.want(Payout, *named)
        self.want_group(Booking, "payout", *named)

    def _of_payout(self, event: events.PayoutCanceled) -> None:
        self.want(Payout, event.payout)

    def persons(self, known: Known, asked: Sequence[Evidence], equals: AbstractSet[str]) -> Iterator[Need]:
        """Who the persons are, and of who is found, and of who may earn, whether they are customers, and by whom.

        Nothing behind that is followed: else whoever recommended whom would be, up to the first of all.
        """
        need = Need()
        need.equals = set(equals)
        need.pairs = counters.pairs(known, self.batch, asked, self.codes)
        yield need
        people = {each.other for those in known.known.values() for each in those} | {other for _, other in need.pairs}
        self.want(Kin, *people)
        yield self._once()
        if self.state.tables[Kin]:
            # Whoever shares a key is said to be whom they are now, whatever else the batch asked.
            others = {each.other for those in known.known.values() for each in those}
            now = {other: kin.root(self.state.get, other) for other in others}
            known.known.update({person: persons.as_now(those, now) for person, those in known.known.items()})
        people |= {kin.root(self.state.get, person) for person in people}
        self.want(Kin, *people)
        self.want(Customer, *people)
        yield self._once()
        found = [customer for person in people if (customer := self.state.get(Customer, person)) is not None]
        ids = [id_ for it in found for id_ in (*it.referrals, *(it.parted if self._welcoming else ()))]
        self.want(Referral, *ids)
        yield self._once()
        bound = [it for id_ in ids if (it := self.state.get(Referral, id_))]
        if offers := [it.offer for it in bound if it.offer is not None]:
            self.want(Offer, *offers)
            yield self._once()

    def joined(self, known: Known, asked: Sequence[Evidence]) -> Generator[Need, None, list[Evidence]]:
        """Who may be joined because of an order or a claim, with all that joining them looks at. Returns what is asked then."""
        wide = [
            evidence.widened(self.state, event, its, known.known.get(event.person, ()))
            if type(event) is ConversionRecorded
            else its
            for event, its in zip(self.batch, asked, strict=True)
        ]
        joins = any(version.rules.attribution.same_person == "join" for version in known.rules.values())
        new: set[str] = set()
        for event, before, now in zip(self.batch, asked, wide, strict=True):
            claimed = type(event) is ClaimDecided and len(now.persons) > 1
            if now is not before or claimed:
                for person in now.persons:
                    self._known_again(person, merging=joins or claimed)
                new |= now.equals
        yield from self.rounds()
        if new:
            yield from self.persons(known, wide, new)
        return wide

    def _known_again(self, person: str, *, merging: bool) -> None:
        """Want what somebody points to who was loaded without; ``merging``: also what merging them looks at."""
        if merging:
            self._merge(person)
            for program in self.state.all(Program):
                self._follow(Advocate, [it for it in [self.state.tables[Advocate].get((program.id, person))] if it])
        customer = self.state.get(Customer, person)
        if customer is not None:
            self._customer(customer)
            self._follow(Referral, [it for id_ in customer.referrals if (it := self.state.tables[Referral].get(id_))])

    def shown_late(self) -> None:
        """What is open by friends of whom this batch may show that they were customers before, or are who earns."""
        others: dict[str, set[str]] = {}
        for person, those in self.known.known.items():
            if found := {kin.root(self.state.get, each.other) for each in those if each.kind in persons.PROOF}:
                others[person] = found
        if not others and not self._known_now:
            return
        for event in self.batch:
            newly = type(event) is events.CustomerKnown
            who = _whose(self.state, event)
            if not (newly or who & others.keys()):
                continue
            for one in who.union(*(others.get(person, ()) for person in who)):
                customer = self.state.get(Customer, one)
                for id_ in customer.referrals if customer is not None else ():
                    self.want_group(Reward, "open_in", id_)
                    referral = self.state.get(Referral, id_)
                    if referral is not None:
                        self.want(Kin, *(share.person for share in referral.shares))

    def _once(self) -> Need:
        """Return what is wanted, without what it points to."""
        need, self.need = self.need, Need()
        return need

    def decided_again(self, asked: Sequence[Evidence]) -> None:
        """All conversions of those whom an event may bind: they are decided again then. Nobody else's are looked at as a whole."""
        for event, evidence_ in zip(self.batch, asked, strict=True):
            if type(event) is events.CustomerKnown or evidence_.persons:
                for person in self._of_before(event, evidence_):
                    self.want_group(Conversion, "person", person)
                    self.want_group(Reward, "open_in", *self.state.tables[Customer][person].referrals)  # type: ignore[attr-defined]
            if not evidence_.persons:
                continue
            if type(event) is ConversionRecorded:
                self.want_group(Claim, "friend", *evidence_.persons)
            if type(event) is ClaimDecided or self.codes.of(event, evidence_):
                bound = filter(self._may_be_bound, evidence_.persons)
                self.want_orders("person", {person: [person] for person in bound})

    def _of_before(self, event: AnyEvent, asked: Evidence) -> list[str]:
        """Those of whom an event may tell something that was before the lead which binds them: their orders are looked at then."""
        kind, at = type(event), 0
        wakes = kind in _WAKING or (kind is events.CustomerUpdated and asked.codes)
        people: Iterable[str] = asked.persons if wakes else ()
        if kind in (ConversionRecorded, LeadCreated, events.CustomerKnown):
            people, at = (event.person,), event.since if kind is events.CustomerKnown else event.occurred_at  # type: ignore[union-attr, assignment]
        found = []
        for person in people:
            customer = self.state.get(Customer, person)
            if customer is None or not customer.referrals:
                continue
            woken = bool(customer.waiting) and self._wakes(customer)
            since = (
                0 if customer.unverified_leads or woken else at
            )  # a page's word may be confirmed, what waited be won
            if any(
                since < referral.lead_at for id_ in customer.referrals if (referral := self.state.get(Referral, id_))
            ):
                found.append(person)
        return found

    def _may_be_bound(self, person: str) -> bool:
        """Whether a lead may still bind the customer, or a claim is decided: who is bound is so once, unless a program shares."""
        customer = self.state.get(Customer, person)
        if customer is None or not customer.referrals or self._claims_decided:
            return True
        bound = {referral.program for id_ in customer.referrals if (referral := self.state.get(Referral, id_))}
        others = [program for program in self.state.all(Program) if program.id not in bound]
        return any(self.known.rules[rules].rules.shares_customers for one in others for _, rules in one.versions)

    def twins(self, asked: Sequence[Evidence]) -> None:
        """What was paid in the same minutes as the conversions of the batch, and as those that may be decided again."""
        concerned = {person for evidence_ in asked for person in evidence_.persons}
        known = concerned & self.state.gathered[Conversion, "person"]
        paid = [
            (each, order.amount, order.currency, order.at)
            for each in known
            for order in self.state.of(Conversion, "person", each)
        ]
        paid += [
            (order.person, order.amount, order.currency, order.occurred_at)
            for order in self.orders
            if order.person in concerned
        ]
        paid += [
            (kin.root(self.state.get, event.keep), order.amount, order.currency, order.at)
            for event in self.merges
            for order in self.state.of(Conversion, "person", kin.root(self.state.get, event.gone))
        ]
        for event, its in zip(self.batch, asked, strict=True):
            if len(its.persons) > 1 and type(event) in (ConversionRecorded, ClaimDecided):  # they may be joined
                paid += [(who, *order) for person, *order in paid if person in its.persons for who in its.persons]  # type: ignore[misc]
        others = self._amended_to()
        if others:
            paid += [(person, amount, currency, at) for person, _, currency, at in paid for amount in others]
        twins: dict[str, list[str]] = {}
        for person, amount, currency, at in paid:
            if amount is not None:
                twins.setdefault(person, []).extend(duplicate_conversion.twins(person, amount, currency, at))
        self.want_orders("twin", twins)

    def _amended_to(self) -> set[int | None]:
        """The amounts that orders may get by this batch: by amendments, and by those and other deliveries that came before."""
        amounts = set(self._amounts)
        table: dict[Any, Any] = self.state.tables[Conversion]
        for key in (*self._amended_now, *self._ordered_now):
            order = table.get(key)
            if order is not None and (order.rivals or order.amended is not None):
                amounts.update(figures.amount for figures in (*order.rivals, order.amended) if figures is not None)
        return amounts

    def amended(self) -> set[Key]:
        """The counters of whoever earned by an order that gets other figures, also where they are bound to nobody any more."""
        table: dict[Any, Any] = self.state.tables[Conversion]
        orders = [order for key in self._amended_now if (order := table.get(key)) is not None]
        risen = [order for key in self._risen_now - self._amended_now if (order := table.get(key)) is not None]
        orders += [order for order in risen if order.amended is not None]
        earned = [reward for order in orders for id_ in order.rewards if (reward := self.state.get(Reward, id_))]
        return counters.of_rewards(self.known, self.batch, earned, self.codes)

    def standing(self, asked: Sequence[Evidence]) -> None:
        """What standing approvals approved of all who may earn by the orders of the batch, or whose hold is over, and what they owe."""
        its = [it for it in self.state.all(Standing) if it.status == "active"]
        due = [event.subject for event in self.batch if type(event) is events.TimerDue and event.kind == "hold_over"]
        if not its or not (self.orders or due):
            return
        told = zip(self.batch, asked, strict=True)
        friends = {person for event, each in told if type(event) is ConversionRecorded for person in each.persons}
        earning = counters.pairs(self.known, self.batch, asked, self.codes)
        people = friends.union(*earning, *((event.keep, event.gone) for event in self.merges))
        people |= {reward.beneficiary for id_ in due if (reward := self.state.get(Reward, id_)) is not None}
        people |= {kin.root(self._kin_known, person) for person in people}
        names = {name for person in people for name in kin.all_of(self._kin_known, person)}
        self.want(Counter, *(standing.key_of(it, name) for it in its for name in ("", *names)))
        self.want_group(Reward, "owed_by", *people)
        self.want_group(Claim, "open_of", *friends, *(kin.root(self._kin_known, person) for person in friends))

    def taxed(self, as_of: int) -> Iterator[Need]:
        """What was paid to whom the batch pays, or approves something for, and their forms, where the workspace reports that."""
        begins = any(type(event) in (events.TaxReportingSet, events.ChangeDecided) for event in self.batch)
        if not (begins or self.state.tables[Reporting]):
            return
        paid: list[Payout] = [*self.state.tables[Payout].values()]  # type: ignore[list-item]
        approved = [item.id for event in self.batch if type(event) is events.ApprovalGiven for item in event.items]
        owed = {it.beneficiary for id_ in approved if (it := self.state.get(Reward, id_)) is not None}
        people = owed.union(*(event.beneficiaries for event in self.batch if type(event) is events.PayoutDrafted))
        people |= {payout.beneficiary for payout in paid}
        people |= {event.person for event in self.batch if type(event) is events.TaxFormGiven} | self._merging
        self.want(Kin, *people)
        yield from self.rounds()
        people |= {kin.root(self.state.get, person) for person in people}
        names = {name for person in people for name in kin.all_of(self.state.get, person)}
        moments = {as_of, *(max(as_of, event.accepted_at) for event in self.batch)}
        ends = min(moments) - calendar.DAY, max(moments) + calendar.DAY  # whichever the zone is
        days = [calendar.utc_day(ends[0]), *(calendar.utc_day(it) for it in moments), calendar.utc_day(ends[1])]
        booked = [line.day for event in self.batch if type(event) is events.StatementRead for line in event.lines]
        years = {day[:4] for day in (*days, *(payout.paid_on for payout in paid), *booked) if day is not None}
        self.want(
            Counter, *(taxes.key_of(name, year, kind) for name in names for year in years for kind in taxes.KINDS)
        )
        since = [it for now in self.state.all(Reporting) for it in taxes.years(now, max(days)[:4])]
        self.want(Counter, *(taxes.key_of(name, year, taxes.UNDER_WAY) for name in names for year in since))
        self.want(TaxForm, *((name, jurisdiction) for name in names for jurisdiction in taxes.FORMS))
        self.want_group(Reward, "unsettled_with", *owed)
        yield from self.rounds()

    def names(self, person: str) -> list[str]:
        """A person's names, and those of whom this very batch merges."""
        those = (person, *(one for event in self.merges for one in (event.keep, event.gone)))
        known = self._kin_known
        return [*dict.fromkeys(name for one in those for name in kin.all_of(known, kin.root(known, one)))]

    def _kin_known(self, noun: type[Kin], person: str) -> Kin | None:
        return self.state.get(noun, person) if self.state.knows(noun, person) else None

    def alone(self, actor: str, as_of: int) -> None:
        """What a member, and who decided the list first, did alone today for the beneficiaries on it."""
        for event in self.batch:
            did = reviews.DID.get(type(event))
            if did is None:
                continue
            of_payouts = type(event) in (events.PayoutReleased, events.PayoutArrived)
            noun: type[Reward | Payout] = Payout if of_payouts else Reward
            found = [it for item in event.items if (it := self.state.get(noun, item.id)) is not None]  # type: ignore[union-attr]
            people = {it.beneficiary for it in found}
            members = {actor, *(member for it in found for member in reviews.firsts(did, it))}
            self.want(Counter, *(reviews.alone_key(m, did, person, as_of) for m in members for person in people))
            if type(event) in (events.ApprovalGiven, events.RewardsRejected):
                self.want(Payee, *people)
                counted = {person for person, _ in routes.limited(it for it in found if isinstance(it, Reward))}
                names = {name for person in counted for name in kin.all_of(self._kin_known, person)}
                self.want(Counter, *map(routes.key_of, names))
            elif type(event) is events.PayoutReleased:
                self.want(Counter, reviews.day_key(as_of))

    #: event -> what wants all that it names
    _NAMED: ClassVar[dict[type[events.Event], Callable[[_Needs, Any], None]]] = {
        events.AdvocateEnrolled: _enrolled,
        events.AdvocateSuspended: _moved,
        events.AdvocateResumed: _moved,
        events.AdvocateLeft: _moved,
        events.PersonErased: _moved,
        events.ClickRecorded: _clicked,
        events.LeadCreated: _led,
        events.ConversionRecorded: _converted,
        events.ConversionAmended: _amended,
        events.OrderAmended: _amended,
        events.ConversionCanceled: _canceled,
        events.ConversionRefunded: _refunded,
        events.RefundReturned: _returned,
        events.RefundOpened: _asked_back,
        events.RefundClosed: _asked_back,
        events.ChargebackOpened: _charged_back,
        events.ChargebackClosed: _charged_back,
        events.ReferralImported: _imported,
        events.BalanceOpened: _opened,
        events.PersonMerged: _merged,
        events.PersonsJoined: _merged,
        events.CustomerKnown: _dated,
        events.CustomerUpdated: _updated,
        events.ConsentRecorded: _consented,
        events.CustomerIssueOpened: _of_customer,
        events.CustomerIssueClosed: _of_customer,
        events.SurveyAnswered: _of_customer,
        events.CreditRedeemed: _redeemed,
        events.CreditReversed: _unredeemed,
        events.TimerDue: _due,
        events.MemberSet: _of_member,
        events.MemberProved: _of_member,
        events.ChangeDecided: _of_change,
        events.RoutingPublished: _routing,
        events.DebtorSet: _debtor,
        events.TaxReportingSet: _reporting,
        events.AuditSigned: _audited,
        events.StandingAsked: _standing,
        events.StandingStopped: _stopped,
        events.StockUploaded: _uploaded,
        events.ProgramPublished: _published,
        events.ApprovalGiven: _listed,
        events.RewardsRejected: _listed,
        events.RewardsHeld: _listed,
        events.RewardSnoozed: _of_reward,
        events.RewardsRestored: _listed,
        SuspensionLifted: _of_lifting,
        events.ApprovalWithdrawn: _listed,
        events.ReceivableSettled: _listed,
        events.DisputeOpened: _disputed,
        events.CaseDecided: _of_case,
        events.CaseAppealed: _of_case,
        events.CaseAssigned: _of_case,
        events.CaseNoted: _of_case,
        events.CaseSnoozed: _of_case,
        events.ClaimEntered: _claimed,
        events.MatchDeclined: _unlike,
        events.ClaimTaken: _of_claim,
        events.ClaimNoted: _of_claim,
        events.ClaimDecided: _of_claim,
        events.ClaimAppealed: _of_claim,
        events.DealReported: _reported,
        events.DealRegistered: _registered,
        events.DealAccepted: _of_registration,
        events.DealDeclined: _of_registration,
        events.DealNoted: _of_registration,
        events.DealWithdrawn: _of_registration,
        events.AgreementMade: _agreed,
        events.AgreementEnded: _agreed,
        events.CodeChanged: _code_changed,
        events.LinkShared: _of_advocate,
        events.LandingViewed: _viewed,
        events.CodesAlike: _alike,
        events.FormMade: _formed,
        events.RecordLooked: _looked,
        events.PayeeSet: _of_payee,
        events.PayeeAnswered: _payee_answered,
        events.TaxFormGiven: _tax_form,
        events.PayeeChecked: _payee_checked,
        events.PayoutDrafted: _drafted,
        events.PayoutScheduled: _scheduled,
        events.MessageDue: _message_due,
        events.MessageAnswered: _of_message,
        events.MessageSettled: _of_message,
        events.MessageBounced: _of_message,
        events.MessageComplained: _of_message,
        events.MessageUnsubscribed: _of_message,
        events.SatisfactionAnswered: _of_message,
        events.MessagesResumed: _resumed,
        events.MessagesChosen: _resumed,
        events.PayoutReleased: _released,
        events.PayoutCanceled: _of_payout,
        events.PayoutAnswered: _of_payout,
        events.PayoutArrived: _of_payout,
        events.FileHandedOut: _handed_out,
        events.StatementRead: _stated,
        events.CorrectionEntered: _corrected,
    }
    #: noun -> what wants all that an entity of it points to
    _POINTERS: ClassVar[dict[type[Entity], Callable[[_Needs, Any], None]]] = {
        Advocate: _advocate,
        Code: _code,
        Kin: _kin,
        Customer: _customer,
        Company: _company,
        Visitor: _visitor,
        Lead: _lead,
        Referral: _referral,
        Conversion: _conversion,
        Chargeback: _chargeback,
        Offer: _offer,
        Reward: _reward,
        Case: _case,
        Payee: _payee,
        Payout: _payout,
        Letter: _message,
        Claim: _claim,
        Deal: _deal,
        Registration: _registration,
        Prospect: _prospect,
        Timer: _timer,
        Lot: _lot,
        Redemption: _redemption,
    }
