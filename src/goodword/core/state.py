"""What a workspace is at one position of its log: entities by noun and key, all values, nothing else.

An entity is a frozen struct; a decision never changes one, it gives a new value (``draft.Draft``), and ``evolve`` puts it in place.
They are made of values alone and can have no cycles, so the collector is told not to look at them (``gc=False``): a state may be large.
A state that was loaded for a batch holds only the keys asked for: looking up another one is our own mistake and raises, so that
"not there" is never confused with "not loaded". A state built by replay is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from operator import attrgetter
from typing import Any, ClassVar, Final, TypeVar

from msgspec import Struct, field

from goodword.core.events import LaunchPlan, Line, Plan, RefundLine
from goodword.core.everything import EVERYTHING
from goodword.core.groups import Groups

#: The id; of nouns that are known by several fields, their values in order.
Key = str | tuple[str, ...]

#: The one empty dict of all entities: nobody writes into their values, and a state may hold a million of them.
NOTHING: dict[str, Any] = {}
#: Gives it, without a call of Python's: it is asked for by every entity that is made.
_nothing: Final = repeat(NOTHING).__next__


class Entity(Struct, frozen=True, gc=False, kw_only=True):
    """A noun with a key. ``KEY`` names the fields that identify it inside a workspace."""

    KEY: ClassVar[tuple[str, ...]] = ("id",)
    #: What entities are also found together by: fields or properties, each a group that the entity is in unless it is None.
    GROUPS: ClassVar[tuple[str, ...]] = ()
    #: Of which groups nobody is ever shown more than so many, the first in order of key; what is in one never leaves it.
    MOST: ClassVar[dict[str, int]] = {}
    #: What the fields of ``KEY`` say.
    key: ClassVar[Key]

    def __init_subclass__(cls, **config: Any) -> None:
        """Make ``key`` of ``KEY``: by what is fastest, for it is read often."""
        super().__init_subclass__(**config)
        cls.key = property(attrgetter(*cls.KEY))  # type: ignore[assignment]


class Who(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Who is in a pilot: whom any of these names.

    ``persons``: advocates by id; ``ways``: how a touch came (``pilots.WAYS``); ``share``: an exact fraction of all advocates.
    """

    persons: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    share: tuple[int, int] = (0, 1)


class Pilot(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One cycle of a program that runs for some first. ``id``: the same in all cycles of a pilot, by which its share is drawn.

    It holds from ``begins`` until it is followed by another cycle or by everybody, at ``over``; ``ends``: when it can be decided.
    """

    id: str
    who: Who
    begins: int
    ends: int
    by: str  # who said that these are in
    evt: str
    over: int | None = None


class Launch(Struct, frozen=True, gc=False, kw_only=True):
    """That a program passed the gate: the plan that was said, and what was seen then, the last time.

    ``heard``: of each of its feeds when it had delivered last; ``terms``: the digest of those of the version ``rules``.
    """

    plan: LaunchPlan
    by: str
    at: int
    rules: str
    terms: str
    heard: dict[str, int]


class Program(Entity, frozen=True, gc=False, kw_only=True):
    """A set of rules. ``launch``: that it passed the gate; None: it never had to. ``silent``: feed -> when it was heard last."""

    id: str
    slug: str
    status: str
    #: (as_of of the publication, hash), oldest first
    versions: tuple[tuple[int, str], ...] = ()
    #: (as_of, status) of each time it became a draft, was launched, paused, resumed or ended, oldest first
    moves: tuple[tuple[int, str], ...] = ()
    launch: Launch | None = None
    silent: tuple[tuple[str, int], ...] = ()
    #: the cycles in which it ran for some first, oldest first
    pilots: tuple[Pilot, ...] = ()

    @property
    def pilot(self) -> Pilot | None:
        """The cycle in which it runs for some, if it does."""
        return self.pilots[-1] if self.pilots and self.pilots[-1].over is None else None

    @property
    def began(self) -> bool:
        """Whether it was ever live: a draft that is ended never was."""
        return self.launch is not None or not self.moves or self.moves[0][1] != "draft"

    def pilot_at(self, at: int) -> Pilot | None:
        """The cycle that held at an instant, if one did: from its beginning up to, and without, its end."""
        for pilot in reversed(self.pilots):
            if pilot.begins <= at:
                return pilot if pilot.over is None or at < pilot.over else None
        return None

    def status_at(self, at: int) -> str:
        """Whether it was a draft, active, paused or ended at an instant: it is what it began as until it is moved."""
        for start, status in reversed(self.moves):
            if start <= at:
                return status
        return "draft" if self.moves and self.moves[0][1] == "draft" else "active"

    @property
    def newest(self) -> str | None:
        """The hash of the version that was published last, if there is one."""
        return self.versions[-1][1] if self.versions else None

    def version_at(self, at: int) -> str | None:
        """The hash of the version in force at an instant, if there is one."""
        for start, rules in reversed(self.versions):
            if start <= at:
                return rules
        return None


class Shared(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A channel that an advocate opened with their link. ``text``: the name of the text; None: their own words."""

    at: int
    channel: str
    text: str | None = None


class Advocate(Entity, frozen=True, gc=False, kw_only=True):
    """One person in one program. ``changed_at``: when they chose another code; ``shared``: the newest channels that they opened."""

    KEY = ("program", "person")
    program: str
    person: str
    id: str
    status: str
    enrolled_at: int
    terms: bool
    codes: tuple[str, ...]
    #: the case of the suspension; (referral, conversion) of what was refused because of it; who says first that it was wrong
    case: str | None = None
    missed: tuple[tuple[str, str], ...] = ()
    lifted_by: str | None = None
    forgotten: int = 0  # so many of what was refused because of the suspension are older than those in ``missed``
    changed_at: int | None = None
    shared: tuple[Shared, ...] = ()
    #: the version of the rules by which they accepted the terms last; None: they did not, or it is not known which
    accepted: str | None = None


class Code(Entity, frozen=True, gc=False, kw_only=True):
    """A code somebody named. Until an advocate owns it, ``person`` is None.

    ``leads``: those that it did not bring because nobody owned it, or because its advocate was suspended. ``means``: the code that
    was enrolled and looks like this one, which is how it reads when all that is mistaken for one another is one.
    """

    id: str
    program: str | None = None
    person: str | None = None
    leads: tuple[str, ...] = ()
    means: str | None = None


class Consent(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What somebody said last of a purpose: ``given`` or not, when, and until when it holds.

    ``before``: what they said of it before, when and whether they gave it, the newest so many, the oldest first.
    """

    given: bool
    at: int
    until: int | None = None
    before: tuple[tuple[int, bool], ...] = ()

    def holds(self, at: int) -> bool:
        """Whether it is given at an instant, and has not ended."""
        return self.given and (self.until is None or at < self.until)


class Answer(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What somebody answered last to a survey: a number from ``low`` to ``high``, and when."""

    score: int
    low: int
    high: int
    at: int


class Customer(Entity, frozen=True, gc=False, kw_only=True):
    """A person seen from the side of buying: what makes them new or known, and whose friend they are."""

    KEY = ("person",)
    person: str
    known_since: int | None = None
    first_conversion_at: int | None = None
    #: when they paid something first, as far as it was told since firms are looked at
    first_paid_at: int | None = None
    country: str | None = None
    traits: dict[str, bool | int | str] = field(default_factory=_nothing)
    visitors: tuple[str, ...] = ()
    #: referral ids, one a program at most
    referrals: tuple[str, ...] = ()
    #: referrals that a merge or a claim ended: what they earned before may still be owed, and be claimed
    parted: tuple[str, ...] = ()
    #: leads that no touch has won: a visitor or click that turns out to be theirs may
    waiting: tuple[str, ...] = ()
    #: leads of a publishable key, kept as evidence until a signed source names the customer
    unverified_leads: tuple[str, ...] = ()
    #: issues with the company that are not closed, as the company names them, the oldest first
    issues: tuple[str, ...] = ()
    #: whether an address of theirs is of a provider that gives addresses for minutes
    disposable: bool = False
    #: a tag of BCP 47, a name of the IANA list, and the firm that they belong to
    language: str | None = None
    time_zone: str | None = None
    company: str | None = None
    #: by what the firm is named: ``id``, or only its ``name``; None: by nothing that tells it from others
    company_as: str | None = None
    #: the domain of their firm, as its sender says, or else that of their mail, where strangers have no addresses
    domain: str | None = None
    domain_of_mail: bool = False
    #: whether their mail is a member's, ``mail``, or at the domain of one, ``domain``
    staff: str | None = None
    #: what they agreed to: purpose, and ``purpose:channel`` where it is for one channel
    consents: dict[str, Consent] = field(default_factory=_nothing)
    #: referrals of which a person said that they are not by these that this one came, the newest
    unlike: tuple[str, ...] = ()
    #: what they answered last, by the name of the survey
    answers: dict[str, Answer] = field(default_factory=_nothing)

    @property
    def declared(self) -> dict[str, bool | int | str]:
        """The traits that the company declared: what is noticed of somebody stands among them under a name with a colon."""
        return {name: said for name, said in self.traits.items() if ":" not in name}


class Company(Entity, frozen=True, gc=False, kw_only=True):
    """A firm, by a domain or by what its sender calls it: since when somebody there was a customer, and who was brought from there.

    ``sure_since``: of people whose sender names this firm, and who paid; ``since``: of all, also by the domain of their mail or a mere
    name, also by what cost nothing.
    ``friends``: the newest few.
    """

    id: str
    since: int | None = None
    sure_since: int | None = None
    friends: tuple[str, ...] = ()


class Kin(Entity, frozen=True, gc=False, kw_only=True):
    """A person who was merged into another, ``root``, or into whom others were, ``members``."""

    KEY = ("person",)
    person: str
    root: str
    members: tuple[str, ...] = ()
    evt: str


class Visitor(Entity, frozen=True, gc=False, kw_only=True):
    """A browser or app, and the persons it turned out to be.

    ``leads``: those of it that no touch has won yet, of before they waited at their customer.
    """

    id: str
    persons: tuple[str, ...]
    leads: tuple[str, ...] = ()


class Lead(Entity, frozen=True, gc=False, kw_only=True):
    """A lead that did not bind and may be decided again: what it said."""

    id: str  # evt
    person: str
    at: int
    program: str | None = None
    visitor: str | None = None
    click: str | None = None
    code: str | None = None
    link_code: str | None = None
    unverified: bool = False
    #: only a page said it, and a signed source confirmed it later
    confirmed: bool = False
    #: who of the company typed its code
    entered_by: str | None = None
    #: the accepted registration that brought them
    registration: str | None = None


class Act(Struct, frozen=True, gc=False, array_like=True):
    """What a member did (``conduct.FORBIDDEN`` has all of it) that speaks against what they may do later."""

    member: str
    act: str


class Share(Struct, frozen=True, gc=False):
    """One advocate's exact part of a referral."""

    person: str
    numerator: int
    denominator: int


#: What stands in a place that a conversion of another system took.
ELSEWHERE: Final = "imported"


class Place(Struct, frozen=True, gc=False, array_like=True):
    """The conversion of that name that took the place of the first qualifying one, and when it happened."""

    on: str
    at: int
    conversion: str


class Paid(Struct, frozen=True, gc=False, array_like=True):
    """How many conversions of a name earned, and when the last of them was."""

    count: int
    last_at: int


class Flag(Struct, frozen=True, gc=False, array_like=True):
    """A named reason to look closer, with its evidence."""

    code: str
    evidence: dict[str, Any] = {}


class Ground(Struct, frozen=True, gc=False, array_like=True):
    """Why an attribution is as sure as it is (``confidence``): a code and the typed values seen."""

    code: str
    values: dict[str, Any] = {}


class Mark(Struct, frozen=True, gc=False, array_like=True):
    """That a flag was raised on a reward: by a case, or without one, which then holds its evidence."""

    code: str
    at: int
    case: str | None = None
    evidence: dict[str, Any] = {}


class Referral(Entity, frozen=True, gc=False, kw_only=True):
    id: str
    program: str
    friend: str
    shares: tuple[Share, ...]
    rules: str
    status: str
    lead_at: int
    lead: str  # evt of the decision that bound
    touch_at: int | None = None
    touch: str | None = None
    typed: bool = False
    qualified: tuple[Place, ...] = ()
    #: by name, where the rule counts payments
    paid: dict[str, Paid] = field(default_factory=_nothing)
    #: who entered and who decided the claim that made it: its rewards have them too
    acts: tuple[Act, ...] = ()
    #: what a person was asked about the friend, as a flag: once each (``late_proof``)
    asked: tuple[str, ...] = ()
    #: what came late and speaks against it: of what is worth something again a person is asked then
    proofs: tuple[Flag, ...] = ()
    #: how sure it is who brought the friend, and why; None: bound before it was said (``confidence.of``)
    confidence: str | None = None
    grounds: tuple[Ground, ...] = ()
    #: its rewards that a person put aside: what comes of it brings them back
    aside: tuple[str, ...] = ()
    #: the rate that its advocate asked for with the registration that brought the friend
    percent_asked: str | None = None
    #: what its friend is, or was, welcomed with
    offer: str | None = None

    def place(self, on: str) -> Place | None:
        """Who has the place for conversions of that name, if it is taken."""
        for place in self.qualified:
            if place.on == on:
                return place
        return None


class Refund(Entity, frozen=True, gc=False, kw_only=True):
    """What was given back of an invoice, once an id; ``amount`` is the sum of its parts: what it says, as far as it fits.

    status: waiting (its order is not known yet), applied, refused (it came before its order and does not fit it).
    """

    KEY = ("conversion", "id")
    GROUPS = ("conversion",)
    conversion: str
    id: str
    amount: int
    goods: int = 0
    tax: int = 0
    shipping: int = 0
    lines: tuple[RefundLine, ...] = ()
    #: what it said: amount, and of it tax and shipping; none: nothing else
    said: tuple[int, ...] = ()
    #: what it said at first, where a part of it came back since
    first_said: tuple[int, ...] = ()
    currency: str | None = None
    status: str
    #: of those that came before their order, the place in which it came
    n: int = 0
    at: int
    evt: str


class Chargeback(Entity, frozen=True, gc=False, kw_only=True):
    """The buyer's bank asks money of an invoice back. status: open, then kept or lost.

    ``case``: the one that is open for it, none while its order is awaited or has earned nothing; ``refund``: what was given back
    because it was lost. ``at`` and ``evt`` are of what was said of it last.
    """

    KEY = ("conversion", "id")
    GROUPS = ("conversion",)
    conversion: str
    id: str
    status: str
    amount: int | None = None
    #: in which its amount was said; one that is not its order's tells nothing of how much of the order it is
    currency: str | None = None
    #: whether that it was opened was told, which may come after how it ended
    opened: bool = True
    refund: str | None = None
    case: str | None = None
    at: int
    evt: str


class Back(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What was given back of an invoice so far, by part: the running total of its refunds. ``lines``: of the goods, by line."""

    goods: int = 0
    tax: int = 0
    shipping: int = 0
    lines: dict[str, int] = {}

    @property
    def amount(self) -> int:
        """All of it."""
        return self.goods + self.tax + self.shipping

    def plus(self, refund: Refund) -> Back:
        """The total with a further refund."""
        lines = self.lines
        for line in refund.lines:
            lines = {**lines, line.id: lines.get(line.id, 0) + line.amount}
        return Back(
            goods=self.goods + refund.goods,
            tax=self.tax + refund.tax,
            shipping=self.shipping + refund.shipping,
            lines=lines,
        )


class Figures(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What an order says of its money. ``evt``: what said so; ``id``: of an amendment, the sender's own."""

    evt: str
    at: int
    id: str | None = None
    amount: int | None = None
    currency: str | None = None
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    lines: tuple[Line, ...] = ()
    #: the member who said or chose them
    by: str | None = None


class Ask(Struct, frozen=True, gc=False, array_like=True):
    """What was said last of money that somebody asks back: when, and whether it was still open then."""

    at: int
    open: bool


class Conversion(Entity, frozen=True, gc=False, kw_only=True):
    """Something that counts, keyed by its invoice (``inv:<id>``) or else by its event; its refunds are rows of their own.

    status: waiting (only refunds or chargebacks are known), open, paid.
    """

    GROUPS = ("person", "twin")
    MOST: ClassVar[dict[str, int]] = {"twin": 2}
    id: str
    status: str
    evt: str | None = None
    person: str | None = None
    at: int = 0
    name: str = "purchase"
    #: what was charged: goods, tax and shipping
    amount: int | None = None
    currency: str | None = None
    country: str | None = None
    tax: int = 0
    shipping: int = 0
    #: what was taken off before; no part of the amount
    discount: int = 0
    lines: tuple[Line, ...] = ()
    back: Back = Back()
    #: how many refunds came before it and wait for it
    waiting: int = 0
    #: how many chargebacks it ever had, so that most need not look for any
    chargebacks: int = 0
    #: kind -> the last case that was opened over what was said of it: one is enough while it is open
    cases: dict[str, str] = field(default_factory=_nothing)
    #: what was said of it with other values after it was paid: the first few, of which a person may choose
    rivals: tuple[Figures, ...] = ()
    #: the last amendment
    amended: Figures | None = None
    rewards: tuple[str, ...] = ()
    #: refunds that somebody asked for and that were not given back yet, by id: the newest
    asked_back: dict[str, Ask] = field(default_factory=_nothing)
    #: customer, amount and ten minutes in which it was paid (``signals.duplicate_conversion``): who is paid twice is found by them
    twin: str | None = None
    #: rewarded by another system: it takes its place here and earns nothing
    settled: bool = False
    #: the offer that it names
    offer: str | None = None

    @property
    def asked_now(self) -> tuple[str, ...]:
        """The refunds that somebody asks for and nobody decided, the oldest first; of one instant by id, for no row keeps an order."""
        return tuple(id_ for _, id_ in sorted((ask.at, id_) for id_, ask in self.asked_back.items() if ask.open))

    @property
    def net(self) -> int | None:
        """The amount less all refunds; None for a conversion without amount."""
        return None if self.amount is None else self.amount - self.back.amount


#: States of a reward before anything of it is on its way.
BEFORE_PAYMENT = ("pending", "in_review", "approved")
#: States of a reward in which something is still to be done about it.
UNSETTLED = frozenset({*BEFORE_PAYMENT, "processing"})


class Reward(Entity, frozen=True, gc=False, kw_only=True):
    """What one beneficiary earns for a conversion, for a share.

    ``gross``: before refunds; ``amount``: what is owed now; ``sent``: what was discharged (paid or netted) of it;
    ``netted``: what later payouts took back of the part that was sent too much, or its beneficiary paid back (``repaid``, a part of
    it); ``forgiven``: what of that part nobody asks for any more. Minor units or points.
    """

    GROUPS = ("unsettled_with", "open_in", "owed_by")
    id: str
    program: str
    referral: str
    conversion: str
    friend: str
    side: str
    beneficiary: str
    share: int
    kind: str
    unit: str
    gross: int
    amount: int
    status: str
    rules: str
    on: str
    rule: int  # index of the reward in the conversion's rule
    tier: int  # index of the tier, -1: none
    evt: str
    earned_at: int  # occurred_at of the conversion
    hold_until: int
    #: what caps left of it when it was earned: the most it can be; None: they took nothing
    ceiling: int | None = None
    sent: int = 0
    netted: int = 0
    cases: tuple[str, ...] = ()  # open ones
    #: members who approved the list this reward now stands in; two are needed above a limit
    approvals: tuple[str, ...] = ()
    #: the digest of the list of the first approval, while a second is awaited
    approval_list: str | None = None
    approved_at: int | None = None
    expires_at: int | None = None  # while in review: when its present stay is over
    due_at: int | None = None  # kept in review where a member said that it came back
    destination: str | None = None
    payout: str | None = None
    #: what members did to it or to what it rests on
    acts: tuple[Act, ...] = ()
    #: the claim that was won against it, or the case that was confirmed: it is nobody's any more, or kept by what was paid
    taken_by: str | None = None
    #: earned because a won claim took it from somebody else: no budget and no amount limit holds it back
    by_claim: bool = False
    #: where too much was sent: netted with what follows, or asked back and never netted
    owed_back: str = "net"
    repaid: int = 0
    forgiven: int = 0
    #: members who settled what is owed back by the list and in the way that ``settling_list`` says, while a second is awaited
    settling: tuple[str, ...] = ()
    settling_list: str | None = None
    #: members who rejected the list of which ``reject_list`` is the digest, while a second is awaited
    rejecting: tuple[str, ...] = ()
    reject_list: str | None = None
    #: since when it is in review and by when a person is to decide it: set as its stay begins, kept when that is over
    reviewed_at: int | None = None
    decide_by: int | None = None
    #: how grave the gravest of what waits for a person about it is (``severity``): none is 0; it falls when all of it is decided
    risk: int = 0
    #: the flags that were raised on it, the newest last, whatever became of them
    marks: tuple[Mark, ...] = ()
    #: members who opened its evidence since the last of them
    opened_by: tuple[str, ...] = ()
    #: put aside until then, and the event by which it was last put aside or taken back
    snoozed_until: int | None = None
    snoozed_evt: str | None = None
    #: the agreement of its advocate that was in force, or over, when it was earned; kept for life
    agreement: Held | None = None
    #: who decides it, and within how long: chosen when it was earned, and again when what it is chosen by changed
    route: Routed | None = None
    #: of a correction: the reward that it puts right, and what else it rests on, in the words of who entered it
    puts_right: str | None = None
    document: str | None = None
    #: the corrections that put it right, the oldest first
    corrections: tuple[str, ...] = ()
    #: the payout that arrived after all when another one was already under way with it, or had paid it
    arrived_in: str | None = None
    #: the standing approval that it was earned under, and what came of that; kept for life
    standing: Stood | None = None

    @property
    def unsettled_with(self) -> str | None:
        """The beneficiary, while something is or may be owed either way; so what is over costs nothing later."""
        return self.beneficiary if self.status in UNSETTLED or self.receivable else None

    @property
    def owed_by(self) -> str | None:
        """The beneficiary, while they owe something back."""
        return self.beneficiary if self.receivable else None

    @property
    def open_in(self) -> str | None:
        """The referral, while the reward is neither over nor paid: what stops or moves a referral's money finds it so."""
        return self.referral if self.status in UNSETTLED else None

    @property
    def discharged(self) -> int:
        """What was sent and not taken back by netting."""
        return self.sent - self.netted

    @property
    def unsent(self) -> int:
        """What is owed and not discharged yet."""
        return max(0, self.amount - self.discharged)

    @property
    def withheld(self) -> int:
        """What was netted in a payout that came back later: still owed to the beneficiary, even if the amount is 0."""
        return max(0, self.netted - self.sent)

    @property
    def receivable(self) -> int:
        """What the beneficiary owes back: sent too much and not yet netted, repaid or forgiven."""
        return max(0, self.discharged - self.amount - self.forgiven)

    @property
    def let_off(self) -> int:
        """What of the part that was sent too much nobody asks for any more."""
        return max(0, self.discharged - self.amount) - self.receivable


class Offer(Entity, frozen=True, gc=False, kw_only=True):
    """What a friend is offered off one order: ``amounts`` by currency, in minor units, until ``until``, half-open.

    status: open, bound (an order that is not paid yet names it), redeemed (an order earned it), ended. ``conversion``: that order;
    ``reason``: why it ended, or will not be open again. While it is open or bound its amounts count toward the program's budget.
    """

    id: str
    program: str
    person: str
    #: the referral that binds the friend
    referral: str
    rules: str
    amounts: dict[str, int]
    status: str
    at: int
    until: int
    conversion: str | None = None
    reason: str | None = None
    #: until when the order that binds it holds it, if nobody pays or cancels that
    held_until: int | None = None
    evt: str

    @property
    def reserved(self) -> dict[str, int]:
        """What of the budget it holds."""
        return self.amounts if self.status in ("open", "bound") else NOTHING


class Used(Struct, frozen=True, gc=False, array_like=True):
    """How often something was used, and how much of each unit."""

    count: int = 0
    amounts: dict[str, int] = {}


class Counter(Entity, frozen=True, gc=False, kw_only=True):
    """How much of something was used in a month, on a day, or ever.

    kind ``<conversion>:<kind of reward>``: rewards of an advocate, in a month with its days, and ever (``stages.limits`` makes every
    other period of them); ``kept``: conversions kept, by name in ``amounts``; ``spent``: a program's budget (no person);
    ``approved:<beneficiary>`` and ``released:<beneficiary>``, ``rejected:<beneficiary>``, ``settled:<beneficiary>``: what a member did
    alone in a UTC day (no program); ``alone``: what left in a UTC day without a second confirmed member (neither);
    ``standing:<id>``: what a standing approval approved, of one beneficiary or (no person) in all (no program);
    ``paid``: what was paid to a payee in a calendar year (no program).
    """

    KEY = ("program", "person", "kind", "period")
    program: str
    person: str
    kind: str
    period: str
    count: int = 0
    #: unit -> amount
    amounts: dict[str, int] = {}
    #: of a month, what was used on which day
    days: dict[str, Used] = {}


class Comment(Struct, frozen=True, gc=False, array_like=True):
    """What somebody typed about a case or a claim, by its digest."""

    by: str
    at: int
    note: str


class Message(Struct, frozen=True, gc=False, array_like=True):
    """What somebody wrote who is told and tells, by its digest. ``side``: of a registration partner or sales; else person or team."""

    side: str
    by: str
    at: int
    note: str


class Case(Entity, frozen=True, gc=False, kw_only=True):
    """A task for a person. ``rewards`` cannot be approved while it is open."""

    GROUPS = ("disputed",)
    id: str
    kind: str
    program: str | None
    subject: str  # the referral, conversion, claim or advocate it is about
    status: str
    opened_at: int
    flags: tuple[Flag, ...]
    rewards: tuple[str, ...] = ()
    outcome: str | None = None
    decided_by: str | None = None
    decided_at: int | None = None
    evt: str  # what opened it
    decided_evt: str | None = None
    appealed_at: int | None = None
    appeal_until: int | None = None
    #: who decided it, and who appealed
    acts: tuple[Act, ...] = ()
    #: the events behind the first in which it was taken up, decided before its appeal, and appealed
    between: tuple[str, ...] = ()
    #: whose it is, and by when it is to be decided
    assignee: str | None = None
    due_at: int | None = None
    #: put aside until then
    snoozed_until: int | None = None
    comments: tuple[Comment, ...] = ()
    #: whether its flags were worth a look: confirmed, useful or false_alarm
    worth: str | None = None
    #: of a dispute: who opened it, why, and what they and the team wrote to each other
    person: str | None = None
    reason: str | None = None
    messages: tuple[Message, ...] = ()

    @property
    def disputed(self) -> str | None:
        """What somebody disputes by it, or has disputed."""
        return None if self.person is None else self.subject


class Claim(Entity, frozen=True, gc=False, kw_only=True):
    """An assertion that these advocates brought that friend, which a person must decide. ``won`` moves or makes the referral."""

    GROUPS = ("friend", "open_of")
    id: str
    program: str
    friend: str
    shares: tuple[Share, ...]
    kind: str  # entered | late_touch | later_lead | earlier_conversion | other_program | same_person
    status: str
    lead_at: int
    opened_at: int
    conversion: str | None = None
    entered_by: str | None = None
    decided_by: str | None = None
    evt: str  # what opened it
    decided_evt: str | None = None
    #: ids of touches, events and cases that speak for it; of one about a same person, the referral that is theirs
    evidence: tuple[str, ...] = ()
    #: since when it stops what it touches; None: a request without evidence, which nobody took up yet
    stops_at: int | None = None
    #: the cases that are closed with it
    cases: tuple[str, ...] = ()
    appealed_at: int | None = None
    appeal_until: int | None = None
    #: who decided it, and who appealed
    acts: tuple[Act, ...] = ()
    #: the events behind the first in which it was taken up, decided before its appeal, and appealed
    between: tuple[str, ...] = ()
    #: of one that was won: the referral that it made, those that it ended, and of an earlier conversion the place that it took
    referral: str | None = None
    ended: tuple[str, ...] = ()
    place: Place | None = None
    comments: tuple[Comment, ...] = ()
    #: what the person who entered it and the team wrote to each other
    messages: tuple[Message, ...] = ()

    @property
    def open_of(self) -> str | None:
        """The friend, while somebody is still to decide."""
        return self.friend if self.status in ("open", "appealed") else None

    @property
    def appealed_evt(self) -> str | None:
        """The event of the decision that was appealed."""
        return None if self.appealed_at is None else self.between[-2]


class Deal(Entity, frozen=True, gc=False, kw_only=True):
    """A sale as a CRM said of it last. Without a registration it is a deal of our own."""

    id: str
    status: str
    at: int
    evt: str
    opened_at: int
    #: status -> when it was first said to be so
    since: dict[str, int]
    company: str | None = None
    company_domain: str | None = None
    company_ref: str | None = None
    person: str | None = None
    #: who else stands beside it in the pipeline
    contacts: tuple[str, ...] = ()
    stage: str | None = None
    amount: int | None = None
    currency: str | None = None
    code: str | None = None
    #: when it was last said to be lost
    lost_at: int | None = None
    #: the partner's registration that it came of, and when that was said
    registration: str | None = None
    linked_at: int = 0
    #: the code by which its contact's lead was decided
    led_by: str | None = None


class Conflict(Struct, frozen=True, gc=False, array_like=True):
    """Somebody else has to do with the company of a registration, or the partner's own agreement leaves it out (left_out).

    ``kind``: own_deal (one of our own is open), own_customer (one is won), existing_customer (the contact or others of the company are
    customers), registered and protected (another partner's), bound (somebody else brought the contact). ``by``: what is equal;
    ``sure``: exact, probable or possible; ``subject``: the deal, registration, referral, contact, company or agreement; ``since``: when
    it began.
    """

    kind: str
    by: str
    sure: str
    subject: str
    since: int


class Registration(Entity, frozen=True, gc=False, kw_only=True):
    """A sale that a partner says to bring. From its acceptance until ``protected_until`` its company is theirs."""

    id: str
    program: str
    advocate: str
    person: str
    code: str
    status: str
    at: int
    evt: str
    company: str
    company_domain: str | None = None
    company_ref: str | None = None
    amount: int | None = None
    currency: str | None = None
    conflicts: tuple[Conflict, ...] = ()
    accepted_at: int | None = None
    protected_until: int | None = None
    #: why it was declined
    reason: str | None = None
    decided_by: str | None = None
    decided_evt: str | None = None
    #: the CRM's deals that came of it
    deals: tuple[str, ...] = ()
    #: who of the company typed it, and who accepted it
    acts: tuple[Act, ...] = ()
    messages: tuple[Message, ...] = ()
    #: the rate that the partner asked for
    percent: str | None = None

    def protects(self, at: int) -> bool:
        """Whether its company is the partner's at an instant: from its acceptance, and until its protection is over."""
        accepted, until = self.accepted_at, self.protected_until
        return accepted is not None and until is not None and accepted <= at < until


class Prospect(Entity, frozen=True, gc=False, kw_only=True):
    """A company seen from the side of selling, by what it is called, by its domain, or as a CRM calls it.

    ``open``: deals of our own that are open, and when each was opened; ``won``: those that are won, and since when. ``ours``: of both
    those that nobody brought, by a code or as their contact's advocate, and when each was opened.
    ``registrations``: those of partners, without what was declined or taken back; but with the protections that a member ended.
    """

    id: str
    open: dict[str, int] = field(default_factory=_nothing)
    won: dict[str, int] = field(default_factory=_nothing)
    ours: dict[str, int] = field(default_factory=_nothing)
    registrations: tuple[str, ...] = ()

    @property
    def opened_at(self) -> int | None:
        """Since when a deal of our own is open with it, if one is."""
        return min(self.open.values(), default=None)

    @property
    def ours_since(self) -> int | None:
        """Since when we are selling to it ourselves, or sold: when the first deal that is open or won was opened."""
        return min(self.ours.values(), default=None)


class Terms(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One version of an agreement, which never changes: it holds from ``since`` until ``until``, half-open.

    ``percent`` or ``flat`` (currency -> minor units): the partner's own rate, for conversions of the name ``on``, or without one for
    all that have an amount; neither: the program's holds. ``accounts`` (ids of companies), ``products`` and ``countries`` are left
    out of it. ``protection_days``: for how long their deals are protected where nobody says.
    An agreement that was ended has a version that holds for no time at all.
    """

    version: int
    since: int
    until: int | None = None
    on: str | None = None
    percent: str | None = None
    flat: dict[str, int] | None = None
    accounts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    protection_days: int | None = None
    #: what made it, who did, and when
    evt: str
    by: str
    at: int

    def in_force(self, at: int) -> bool:
        """Whether it is neither to come nor over at an instant."""
        return self.since <= at and (self.until is None or at < self.until)


class Agreement(Entity, frozen=True, gc=False, kw_only=True):
    """What the company agreed on with one partner, in one program or in all (``program`` is None): its versions, the oldest first."""

    GROUPS = ("person",)
    id: str
    person: str
    program: str | None = None
    versions: tuple[Terms, ...] = ()

    def at(self, at: int) -> Terms | None:
        """The version that an instant is judged by: the last one made of those that had begun by then. None: none had."""
        return next((terms for terms in reversed(self.versions) if terms.since <= at), None)


class Held(Struct, frozen=True, gc=False, array_like=True):
    """By which version of an agreement a reward was judged when it was earned, and the own rate by which it was, if it was."""

    agreement: str
    version: int
    percent: str | None = None
    flat: dict[str, int] | None = None

    @property
    def own(self) -> bool:
        """Whether it was worked out by the partner's own rate."""
        return self.percent is not None or self.flat is not None


class Routed(Struct, frozen=True, gc=False, array_like=True):
    """By which route a reward is decided, as its table said when it was chosen (``routes``): ``table`` is its hash.

    ``place``: from the top, from 0; ``why``: by what of the reward it was chosen, empty: it takes whatever is left; ``two_above`` and
    ``per_advocate``: above how much two approve, of it alone and of all for its beneficiary, in its own unit. None: one is enough.
    """

    table: str
    name: str
    place: int
    role: str
    fallback: str
    days: int
    why: tuple[str, ...] = ()
    two_above: int | None = None
    per_advocate: int | None = None


class Table(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One version of the routes: its canonical text, the hash that names it, and who made it hold, when.

    ``confirmed_by``: who confirmed it; None: it gave nothing to anybody, or nobody else was there.
    """

    hash: str
    text: str
    at: int
    evt: str
    by: str
    confirmed_by: str | None = None


class Routing(Entity, frozen=True, gc=False, kw_only=True):
    """The tables of routes of the workspace, the oldest first; the last one holds. There is one of this noun at most."""

    id: str
    versions: tuple[Table, ...] = ()


class Standing(Entity, frozen=True, gc=False, kw_only=True):
    """A standing approval: what two members approved beforehand. Nothing of it ever changes but that it is stopped.

    It is for rewards of one kind and unit in one program, perhaps of one side, over one rail; ``per_reward``, ``per_beneficiary`` and
    ``in_all`` are the most that it may approve; it holds from ``since`` until ``until``, half-open. ``hash`` names its terms.
    """

    id: str
    status: str
    program: str
    kind: str
    unit: str
    rail: str
    side: str | None = None
    per_reward: int
    per_beneficiary: int
    in_all: int
    since: int
    until: int
    hash: str
    #: who asked for it, and who confirmed it
    granted_by: tuple[str, ...]
    evt: str  # what made it hold
    #: who stopped it, when, and why: said by a member, or a code
    stopped_by: str | None = None
    stopped_at: int | None = None
    stopped_evt: str | None = None
    reason: str | None = None


class Stood(Struct, frozen=True, gc=False, array_like=True):
    """Under which standing approval a reward was earned; ``waits``: why a person decides it all the same.

    ``amount`` and ``at``: what it approved, and when; None: it has not, or not yet.
    """

    standing: str
    waits: str | None = None
    amount: int | None = None
    at: int | None = None


class Look(Entity, frozen=True, gc=False, kw_only=True):
    """That somebody looked at something, as ``events.RecordLooked`` says; never changed, and read by no decision."""

    id: str
    subject: str
    what: str
    by: str
    at: int
    evt: str
    fields: tuple[str, ...] = ()
    seconds: int | None = None
    note: str | None = None


class Reporting(Entity, frozen=True, gc=False, kw_only=True):
    """Where the workspace reports what it pays, and in which zone a year begins; counted is from ``since``. There is one at most."""

    id: str
    jurisdictions: tuple[str, ...] = ()
    timezone: str
    since: int


class TaxForm(Entity, frozen=True, gc=False, kw_only=True):
    """The form of a payee for a jurisdiction: its kind, the digest of what it says, and until when it holds.

    ``until``: its last day; None: it does not end. ``asked_for``: the year for which one was asked for and is not there yet.
    """

    KEY = ("person", "jurisdiction")
    person: str
    jurisdiction: str
    form: str | None = None
    digest: str | None = None
    signed: str | None = None
    until: str | None = None
    by: str | None = None
    at: int | None = None
    asked_for: str | None = None
    asked_at: int | None = None

    def holds(self, day: str) -> bool:
        """Whether it is there and holds on a day."""
        return self.form is not None and (self.until is None or day <= self.until)


class Checked(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a bank, or who asks banks, said of a name and an account (verification of payee): the newest answer about these details.

    ``answer``: of ``payees.ANSWERS``; ``provider``: who said it; ``suggested``: of a close match, the digest of the name it gave.
    """

    answer: str
    provider: str
    at: int
    suggested: str | None = None


class Entering(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Other payment details that a person entered themselves, as they stand in the event; those of before hold meanwhile.

    ``asked_at``: when they did; ``due_at``: from when these hold, since they said by mail that it was them; None: they did not yet.
    """

    rail: str
    destination: str
    asked_at: int
    due_at: int | None = None
    account: str | None = None
    payee_name: str | None = None


class Payee(Entity, frozen=True, gc=False, kw_only=True):
    """Where a beneficiary is paid: the rail and the digest of the details.

    ``acts``: all who entered these very details, who changed them first; none of them may approve or release what goes there.
    """

    KEY = ("person",)
    person: str
    rail: str
    destination: str
    acts: tuple[Act, ...] = ()
    #: when they became these; None: before it was remembered
    changed_at: int | None = None
    #: the digest of the details that these took the place of
    replaced: str | None = None
    #: whether the account is known by that name; other details have no answer
    checked: Checked | None = None
    #: open cases about answers: until a person closes them nothing goes to this payee's details, whichever they are
    asked: tuple[str, ...] = ()
    #: digests of details that a person found to be another's, and of the accounts in them
    refused: tuple[str, ...] = ()
    #: the digest of the account in these details, which is the same under another name; None: it has no IBAN, or was not remembered
    account: str | None = None
    #: what the person asked for in the place of these, and does not hold yet
    entering: Entering | None = None

    @property
    def is_refused(self) -> bool:
        """Whether a person found the details, or the account in them, to be another's."""
        return self.destination in self.refused or (self.account is not None and self.account in self.refused)


class Part(Struct, frozen=True, gc=False, kw_only=True):
    """What a payout does for one reward: ``sent`` over the rail, ``netted`` against what others owe (reward, amount)."""

    reward: str
    program: str
    sent: int
    netted: tuple[tuple[str, int], ...] = ()


class Payout(Entity, frozen=True, gc=False, kw_only=True):
    """What is sent to one beneficiary over one rail in one unit."""

    GROUPS = ("awaits",)
    id: str
    beneficiary: str
    rail: str
    unit: str
    amount: int  # over the rail
    status: str
    parts: tuple[Part, ...]
    destination: str
    drafted_by: str  # or who set the schedule that did
    drafted_at: int
    manual: bool = True  # people carry it out and say what became of it
    releases: tuple[str, ...] = ()
    release_list: str | None = None
    reference: str | None = None
    reason: str | None = None
    #: whose rewards it sends or nets, in order
    programs: tuple[str, ...] = ()
    #: members who said that it arrived after all, over the list of which ``arriving_list`` is the digest, while a second is awaited
    arriving: tuple[str, ...] = ()
    arriving_list: str | None = None
    #: the day on which it counts as paid, of its release and then of its completion; None: it does not, or nothing was counted yet
    paid_on: str | None = None
    #: by which it was drafted, as ``drafted_by`` had set it then
    schedule: str | None = None

    @property
    def awaits(self) -> str | None:
        """The unit of the codes that it waits for, released, since no stock has them."""
        return self.unit if self.status == "released" and self.reason == "codes_awaited" else None


class Schedule(Entity, frozen=True, gc=False, kw_only=True):
    """When drafts of payouts are made, and who said so last. ``next_at``: None, it is stopped.

    ``ran_at``: the last instant of this plan whose drafts were ordered; ``gathered``: how many that made, None: not yet; ``ran_evt``:
    what drafted last.
    """

    id: str
    program: str | None = None
    plan: Plan
    next_at: int | None = None
    ran_at: int | None = None
    gathered: int | None = None
    ran_evt: str | None = None
    by: str
    at: int
    evt: str


class Letter(Entity, frozen=True, gc=False, kw_only=True):
    """A message to an advocate: one of a topic for what triggered it, an id. What it says, and to which address, stands not here.

    ``reason``: why it is withheld, or what the mail server answered; ``due_at``: until when it is put off; ``at``: since when it is so.
    """

    id: str
    person: str
    program: str
    topic: str
    trigger: str
    status: str
    reason: str | None = None
    due_at: int | None = None
    at: int
    evt: str


class Recipient(Entity, frozen=True, gc=False, kw_only=True):
    """What a person said of messages, by what channels report or themselves.

    ``off``: topics that they want no more; ``stopped``: why nothing is sent to them at all: bounced, complained, unsubscribed;
    ``soft``: how often one came back for now, in a row; ``score``: how satisfied they are, 1 to 5.
    """

    KEY = ("person",)
    person: str
    off: tuple[str, ...] = ()
    stopped: str | None = None
    soft: int = 0
    score: int | None = None


class Handover(Entity, frozen=True, gc=False, kw_only=True):
    """A file for the bank as it was handed out: ``id``, by which it is known to the bank, names what it pays and from where.

    ``digest``: SHA-256 of the bytes that left last; ``sums``: by unit; ``debtor``: the digest of the account that it pays from, None
    where the format names none; ``day``: of execution; ``times``: how often it left. ``refused_at``: when a bank's word was taken that
    it refused the file as a whole, and ``reason``, the bank's.
    """

    id: str
    form: str
    digest: str
    count: int
    sums: dict[str, int]
    payouts: tuple[str, ...]
    debtor: str | None = None
    day: str | None = None
    times: int
    by: str
    at: int
    last_by: str
    last_at: int
    refused_at: int | None = None
    reason: str | None = None
    evt: str


class Statement(Entity, frozen=True, gc=False, kw_only=True):
    """What a bank's file said at once, as far as it was taken: of ``size`` lines ``taken``, and what came of those about payouts.

    ``account``: the last characters of ours; ``others``: lines that concern no payout.
    """

    id: str
    file: str
    form: str
    number: str | None = None
    account: str | None = None
    unit: str | None = None
    opening: int | None = None
    closing: int | None = None
    first: str | None = None
    last: str | None = None
    size: int
    others: int = 0
    matched: int = 0
    repeated: int = 0
    waiting: int = 0
    differing: int = 0
    unknown: int = 0
    by: str
    at: int
    evt: str

    @property
    def taken(self) -> int:
        """How many of its lines were taken."""
        return self.others + self.matched + self.repeated + self.waiting + self.differing + self.unknown


class Audit(Entity, frozen=True, gc=False, kw_only=True):
    """That somebody looked at a month of completed payouts and signed: of the list by its digest, how many, and those with a finding.

    ``head`` and ``root``: size and root of the signed head that the sample was drawn by. Signed again, the last one stands.
    """

    KEY = ("month",)
    month: str
    list_sha256: str
    size: int
    head: int
    root: str
    findings: tuple[str, ...] = ()
    by: str
    at: int
    evt: str


class Booking(Entity, frozen=True, gc=False, kw_only=True):
    """What a bank said of a payout, once, in whichever files it says so. ``differs``: how it is not as we know it."""

    GROUPS = ("payout",)
    id: str
    statement: str
    payout: str | None = None
    said: str
    amount: int | None = None
    unit: str | None = None
    day: str | None = None
    reference: str | None = None
    reason: str | None = None
    differs: str | None = None
    case: str | None = None
    at: int
    evt: str


class Stock(Entity, frozen=True, gc=False, kw_only=True):
    """Codes that the company uploaded at once, numbered from 1, each worth ``amount`` of a unit; those up to ``given`` are given out.

    ``program``: None, for any; ``low``: so many left are too few; ``ends_at``: from when on they are worth nothing.
    """

    GROUPS = ("unit",)
    id: str
    name: str
    program: str | None = None
    unit: str
    amount: int
    size: int
    given: int = 0
    low: int = 0
    ends_at: int | None = None
    at: int
    evt: str

    @property
    def left(self) -> int:
        """How many are there."""
        return self.size - self.given


def code_id(stock: str, number: int) -> str:
    """Return the id of a code of a stock."""
    return f"{stock}.{number}"


class Handout(Entity, frozen=True, gc=False, kw_only=True):
    """One code of a stock that a payout got: no other ever does."""

    GROUPS = ("payout",)
    id: str
    stock: str
    number: int
    payout: str
    evt: str

    @property
    def code(self) -> str:
        """The id of the code."""
        return code_id(self.stock, self.number)


class Lot(Entity, frozen=True, gc=False, kw_only=True):
    """Credit or points that one payout brought for one reward. What is neither there nor expired nor taken back was redeemed.

    ``rest``: what can be redeemed; ``taken``: what was taken back, since the reward fell after it was paid. ``on``: as the reward's.
    ``rail``: over which it came: as store credit it is in its person's purse, by a discount code it is behind that alone.
    """

    GROUPS = ("held_by", "reward")
    id: str
    person: str
    program: str
    unit: str
    reward: str
    payout: str
    on: str
    amount: int
    rest: int
    expired: int = 0
    taken: int = 0
    at: int  # when it was delivered
    earned_at: int
    expires_at: int | None = None
    evt: str
    rail: str = "store_credit"

    @property
    def code(self) -> str | None:
        """The payout whose code it is behind; None: it is in its person's purse."""
        return self.payout if self.rail == "discount_code" else None

    @property
    def owner(self) -> str:
        """Whose account it stands in: its person's, or that of the payout whose code it is behind."""
        return self.code or self.person

    @property
    def held_by(self) -> str | None:
        """Who has it, while anything of it is there."""
        return self.person if self.rest else None

    @property
    def redeemed(self) -> int:
        """What was used, and not given back."""
        return self.amount - self.rest - self.expired - self.taken


class Drawn(Struct, frozen=True, gc=False, array_like=True):
    """What a redemption took of one lot, and how much of that was given back."""

    lot: str
    amount: int
    back: int = 0


class Redemption(Entity, frozen=True, gc=False, kw_only=True):
    """Credit that was used, once an id; ``reversals``: what was given back of it, by the id of each.

    ``payout``: by the code that it had brought; None: out of the purse.
    """

    id: str
    person: str
    unit: str
    amount: int
    drawn: tuple[Drawn, ...]
    program: str | None = None
    order: str | None = None
    reversals: dict[str, int] = field(default_factory=_nothing)
    at: int
    evt: str
    payout: str | None = None

    @property
    def back(self) -> int:
        """What was given back of it."""
        return sum(drawn.back for drawn in self.drawn)


class Timer(Entity, frozen=True, gc=False, kw_only=True):
    """Something that becomes an event when the workspace's clock reaches ``due_at``. A timer that fired is gone."""

    id: str
    due_at: int
    kind: str
    subject: str


class Member(Entity, frozen=True, gc=False, kw_only=True):
    """A person of the company. ``limits``: unit -> what one may approve or release alone; None: unlimited.

    ``programs``: the ids of those that they are limited to, in order; none: they work with all, later ones too.
    ``confirmed``: somebody else than ``made_by`` said that they are another person, or they proved it; until then they count as who
    made them.
    ``became``: the id under which they go on since they proved it; ``was``: under which they were before, whose acts are their maker's.
    """

    id: str
    roles: tuple[str, ...]
    limits: dict[str, int] | None = None
    programs: tuple[str, ...] = ()
    made_by: str | None = None
    confirmed: bool = True
    became: str | None = None
    was: str | None = None


class Change(Entity, frozen=True, gc=False, kw_only=True):
    """What an owner asked for and another one must confirm.

    Of the kind ``member``: ``subject`` gets the fields in ``to``; of the kind ``routing``: the ``table`` in it, a text, holds; of the
    kind ``standing``: an approval is given beforehand in the program ``subject``; of the kind ``debtor``: files for the bank pay from
    the account that ``details`` in it holds, sealed; of the kind ``tax``: the workspace reports in ``jurisdictions``.
    """

    GROUPS = ("subject",)
    id: str
    kind: str
    subject: str
    to: dict[str, Any]
    status: str
    asked_by: str
    asked_at: int
    evt: str  # what asked for it
    decided_by: str | None = None
    decided_at: int | None = None
    decided_evt: str | None = None


class Balance(Entity, frozen=True, gc=False, kw_only=True):
    """What stands in an account; only postings change it."""

    KEY = ("program", "account", "owner", "unit")
    program: str
    account: str
    owner: str
    unit: str
    amount: int


#: Every noun that the store keeps, in the order in which it is written.
NOUNS: tuple[type[Entity], ...] = (
    Program,
    Advocate,
    Code,
    Customer,
    Company,
    Kin,
    Visitor,
    Lead,
    Referral,
    Conversion,
    Refund,
    Chargeback,
    Reward,
    Offer,
    Counter,
    Case,
    Claim,
    Deal,
    Registration,
    Prospect,
    Agreement,
    Routing,
    Standing,
    Reporting,
    TaxForm,
    Look,
    Payee,
    Payout,
    Schedule,
    Letter,
    Recipient,
    Handover,
    Statement,
    Booking,
    Audit,
    Stock,
    Handout,
    Lot,
    Redemption,
    Timer,
    Member,
    Change,
    Balance,
)

#: A noun and the name of one of its ``GROUPS``.
By = tuple[type[Entity], str]
#: noun -> its ways to be found together, and what gives the group of an entity in each.
_GROUPS_OF: Final = {noun: [((noun, by), attrgetter(by)) for by in noun.GROUPS] for noun in NOUNS if noun.GROUPS}

E = TypeVar("E", bound=Entity)


class NotLoaded(AssertionError):
    """A decision looked up what ``load`` did not fetch: our own mistake."""

    @classmethod
    def of(cls, noun: type[Entity], key: Key) -> NotLoaded:
        """Return the error for an entity."""
        return cls(f"{noun.__name__} {key}")


class State:
    """Entities by noun and key. ``complete``: what is not here does not exist.

    Balances are numbers by account here, and entities only where somebody looks at them: every person has some.
    """

    __slots__ = ("absent", "balances", "complete", "gathered", "groups", "tables")

    def __init__(self, *, complete: bool) -> None:
        self.complete = complete
        self.tables: dict[type[Entity], dict[Key, Entity]] = {noun: {} for noun in NOUNS}
        self.balances: dict[tuple[str, str, str, str], int] = {}
        self.absent: dict[type[Entity], set[Key]] = {noun: set() for noun in NOUNS}
        self.groups: dict[By, Groups] = {by: Groups() for ways in _GROUPS_OF.values() for by, _ in ways}
        self.gathered: dict[By, set[str]] = {by: set() for by in self.groups}

    def get(self, noun: type[E], key: Key) -> E | None:
        """The entity, or None if there is none. Raises NotLoaded where this state cannot know."""
        entity = self.tables[noun].get(key)
        if entity is None and not self.complete:
            absent = self.absent[noun]
            if absent is not EVERYTHING and key not in absent:  # to ask what holds everything is a call of Python's
                raise NotLoaded.of(noun, key)
        return entity  # type: ignore[return-value]

    def of(self, noun: type[E], by: str, group: str) -> list[E]:
        """The entities whose ``by`` is ``group``, in order of key, or the first of them. Raises NotLoaded if they were not gathered."""
        place = noun, by
        if not self.complete and group not in self.gathered[place]:
            raise NotLoaded(f"{noun.__name__} by {by} of {group}")
        groups = self.groups[place]
        if group not in groups:
            return []
        table = self.tables[noun]
        return [table[key] for key in groups.of(group)[: noun.MOST.get(by)]]  # type: ignore[misc]

    def all(self, noun: type[E]) -> Iterable[E]:
        """All entities of a noun that are here: everything in a complete state, else what was loaded."""
        if noun is Balance:
            return [
                Balance(program=program, account=account, owner=owner, unit=unit, amount=amount)  # type: ignore[misc]
                for (program, account, owner, unit), amount in self.balances.items()
            ]
        return self.tables[noun].values()  # type: ignore[return-value]

    def knows(self, noun: type[Entity], key: Key) -> bool:
        """Whether a lookup of the key would be answered."""
        return self.complete or key in self.tables[noun] or key in self.absent[noun]

    def lacks(self, noun: type[Entity]) -> bool:
        """Whether there is no entity of this noun, here or elsewhere: nobody need look for one."""
        return not self.tables[noun] and (self.complete or self.absent[noun] is EVERYTHING)

    def miss_all(self, noun: type[Entity]) -> None:
        """Note that there is none of this noun but what is put here from now on."""
        self.absent[noun] = EVERYTHING

    def put(self, entity: Entity) -> None:
        """Set an entity in its place: for ``load`` only."""
        if type(entity) is Balance:
            self.balances[entity.program, entity.account, entity.owner, entity.unit] = entity.amount
            return
        self.update({(type(entity), entity.key): entity})

    def update(self, entities: Mapping[tuple[type[Entity], Key], Entity]) -> None:
        """Set entities in their places, by noun and key: for ``evolve`` and ``load`` only."""
        tables = self.tables
        for (noun, key), entity in entities.items():
            if noun in _GROUPS_OF:
                self._group(noun, key, entity)
            tables[noun][key] = entity

    def end(self, timer: str) -> None:
        """Take away a timer that fired: for ``evolve`` only."""
        del self.tables[Timer][timer]
        if not self.complete:
            self.absent[Timer].add(timer)

    def _group(self, noun: type[Entity], key: Any, entity: Entity) -> None:
        """Move the key from the groups that it is in to those of the entity's new value."""
        before = self.tables[noun].get(key)
        for by, group_of in _GROUPS_OF[noun]:
            group = group_of(entity)
            left = None if before is None else group_of(before)
            if left != group:
                if left is not None:
                    self.groups[by].remove(left, key)
                if group is not None:
                    self.groups[by].add(group, key)

    def miss(self, noun: type[Entity], keys: Iterable[Key]) -> None:
        """Note that these keys were looked for: those that are not here do not exist."""
        if self.absent[noun] is not EVERYTHING:
            self.absent[noun].update(key for key in keys if key not in self.tables[noun])

    def gather(self, by: By, groups: Iterable[str]) -> None:
        """Note that what decisions may ask for of these groups was loaded."""
        self.gathered[by].update(groups)
