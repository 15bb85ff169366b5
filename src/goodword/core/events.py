"""What is decided: events as they stand in the log, free of personal data.

Sources turn an outside payload into one of these; persons, visitors, codes, devices, payments and companies are random ids of
their rows; other strings are tokens. Times are instants (``calendar``), amounts integers in minor units. A field that is absent
is None and left out of the log. The type names are those of the native format; ``timer.due`` and the commands of people are events
like all others. The class attribute ``PERMISSION`` names the action that the actor of a command needs; outside events have none.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeGuard

from msgspec import Struct

from goodword.core import calendar


class Event(
    Struct, frozen=True, gc=False, kw_only=True, tag_field="type", omit_defaults=True, forbid_unknown_fields=True
):
    """What all events have in common."""

    evt: str
    source: str
    occurred_at: int
    accepted_at: int
    program: str | None = None  # the program's id, if the event names one
    imported: bool = False  # older than 72 hours when it arrived
    unverified: bool = False  # said by a publishable key: evidence, never proof
    sealed: str | None = None  # digests of what was stored beside it: no decision reads them
    mapping: str | None = None  # hash of the workspace's own mapping by which it was read: no decision reads it
    called: str | None = None  # the name by which that mapping speaks of it: likewise

    #: The permission (``access``) that the actor of this event needs; None: an outside event or a timer.
    PERMISSION: ClassVar[str | None] = None
    #: Whether it takes away what was accepted before it might earn: that is decided first.
    TAKES: ClassVar[bool] = False

    @property
    def at(self) -> int:
        """When it happened, as far as it is believed.

        A publishable key stands in every page, so what it says of its own time is believed only as far as two clocks differ.
        """
        if not self.unverified:
            return self.occurred_at
        return min(self.accepted_at, max(self.occurred_at, self.accepted_at - calendar.CLOCK_DIFFERENCE))


# --- from outside -----------------------------------------------------------------------------------------------------


class AdvocateEnrolled(Event, frozen=True, kw_only=True, tag="advocate.enrolled"):
    person: str
    code: str | None = None
    accepted_terms: bool = False
    terms: str | None = None  # the digest of those that were accepted
    disposable: bool = False  # their mail address is of a provider that gives addresses for minutes
    like: str | None = None  # another code that looks like this one
    look: str | None = None  # the code that stands for all that look like this one, where it is another one


class AdvocateSuspended(Event, frozen=True, kw_only=True, tag="advocate.suspended"):
    person: str


class AdvocateResumed(Event, frozen=True, kw_only=True, tag="advocate.resumed"):
    person: str


class AdvocateLeft(Event, frozen=True, kw_only=True, tag="advocate.left"):
    person: str


class ClickRecorded(Event, frozen=True, kw_only=True, tag="click.recorded"):
    code: str
    visitor: str | None = None
    click: str | None = None
    device: str | None = None
    bot: bool = False
    channel: str | None = None


class LeadCreated(Event, frozen=True, kw_only=True, tag="lead.created"):
    person: str
    visitor: str | None = None
    click: str | None = None
    code: str | None = None
    link_code: str | None = None
    device: str | None = None
    company: str | None = None
    company_as: str | None = None  # by what the firm is named: id, or only its name
    domain: str | None = (
        None  # of their firm, as the sender says, or else of their mail, where strangers have no addresses
    )
    domain_of_mail: bool = False
    staff: str | None = None  # mail: a member's own mailbox; domain: at the domain of a member's
    country: str | None = None
    disposable: bool = False  # as of an enrolment
    entered_by: str | None = (
        None  # who of the company typed it, such as at a till: a member, or whatever the sender calls them
    )


class Line(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of an invoice; lines sum to the goods, its amount less tax and shipping."""

    id: str
    product: str
    amount: int
    brand: str | None = None
    quantity: int = 1


class ConversionRecorded(Event, frozen=True, kw_only=True, tag="conversion.recorded"):
    person: str
    name: str = "purchase"
    invoice: str | None = None
    amount: int | None = None
    currency: str | None = None
    status: str = "paid"
    test: bool = False
    visitor: str | None = None
    click: str | None = None
    code: str | None = None
    link_code: str | None = None
    device: str | None = None
    payment: str | None = None
    country: str | None = None
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    lines: tuple[Line, ...] = ()
    domain: str | None = (
        None  # of their firm, as the sender says, or else of their mail, where strangers have no addresses
    )
    domain_of_mail: bool = False
    staff: str | None = None  # mail: a member's own mailbox; domain: at the domain of a member's
    disposable: bool = False  # as of an enrolment
    settled: bool = False
    offer: str | None = None  # what was taken off as a welcome


class ConversionAmended(Event, frozen=True, kw_only=True, tag="conversion.amended"):
    """The figures of an invoice, all of them anew: as if it had been so from the start."""

    invoice: str
    amendment: str
    amount: int
    currency: str
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    lines: tuple[Line, ...] = ()


class ConversionCanceled(Event, frozen=True, kw_only=True, tag="conversion.canceled"):
    """A contract or order was taken back whole: by its invoice, or (``conversion``) by the event that recorded it."""

    invoice: str | None = None
    conversion: str | None = None


class RefundLine(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    id: str
    amount: int


class ConversionRefunded(Event, frozen=True, kw_only=True, tag="conversion.refunded"):
    invoice: str
    refund: str
    amount: int
    currency: str | None = None
    tax: int = 0
    shipping: int = 0
    lines: tuple[RefundLine, ...] = ()


class RefundReturned(Event, frozen=True, kw_only=True, tag="refund.returned"):
    """A refund was taken back or failed: all of it, or ``amount``."""

    invoice: str
    refund: str
    amount: int | None = None


class RefundOpened(Event, frozen=True, kw_only=True, tag="refund.opened"):
    """Somebody asks for money back that was not given back yet. ``refund``: the id that the refund will have."""

    invoice: str
    refund: str
    amount: int | None = None


class RefundClosed(Event, frozen=True, kw_only=True, tag="refund.closed"):
    """What was asked back is not given back."""

    invoice: str
    refund: str


class ChargebackOpened(Event, frozen=True, kw_only=True, tag="chargeback.opened"):
    """``amount``: what is asked back; all that is left, if it is not said."""

    invoice: str
    chargeback: str
    amount: int | None = None
    currency: str | None = None


class ChargebackClosed(Event, frozen=True, kw_only=True, tag="chargeback.closed"):
    invoice: str
    chargeback: str
    outcome: str  # kept | lost


class CustomerKnown(Event, frozen=True, kw_only=True, tag="customer.known"):
    person: str
    since: int


class ReferralImported(Event, frozen=True, kw_only=True, tag="referral.imported"):
    """A referral that runs in another system. ``first``: conversion's name -> when the first one that counted there happened."""

    person: str
    advocate: str
    lead_at: int
    first: dict[str, int] = {}


class BalanceOpened(Event, frozen=True, kw_only=True, tag="balance.opened"):
    """What another system owes a person (``amount`` > 0), or is owed by them; ``currency`` is None of points."""

    person: str
    amount: int
    reference: str
    reward_kind: str = "cash"
    currency: str | None = None


class PersonMerged(Event, frozen=True, kw_only=True, tag="person.merged"):
    """Two accounts are one person's: ``gone`` goes on as ``keep``."""

    keep: str
    gone: str


class CustomerUpdated(Event, frozen=True, kw_only=True, tag="customer.updated"):
    """What is known of a customer. ``keys``: kinds of keys that it says of them, sealed beside it, by which others may be they.

    ``language``: a tag of BCP 47; ``time_zone``: a name of the IANA list.
    """

    person: str
    traits: dict[str, bool | int | str]
    keys: tuple[str, ...] = ()
    language: str | None = None
    time_zone: str | None = None
    country: str | None = None
    company: str | None = None
    company_as: str | None = None  # by what the firm is named: id, or only its name
    domain: str | None = (
        None  # of their firm, as the sender says, or else of their mail, where strangers have no addresses
    )
    domain_of_mail: bool = False
    staff: str | None = None  # mail: a member's own mailbox; domain: at the domain of a member's
    disposable: bool = False  # as of an enrolment


class ConsentRecorded(Event, frozen=True, kw_only=True, tag="consent.recorded"):
    """A person agreed to something, or no longer does. ``until``: agreed before this instant only; ``channel``: None is any."""

    person: str
    purpose: str
    outcome: str  # given | revoked
    channel: str | None = None
    until: int | None = None


class CustomerIssueOpened(Event, frozen=True, kw_only=True, tag="customer.issue_opened"):
    person: str
    issue: str


class CustomerIssueClosed(Event, frozen=True, kw_only=True, tag="customer.issue_closed"):
    person: str
    issue: str


class SurveyAnswered(Event, frozen=True, kw_only=True, tag="survey.answered"):
    """A customer answered a survey by a number, ``low`` to ``high``; None: by its own scale, which ``surveys`` knows."""

    person: str
    survey: str
    score: int
    low: int | None = None
    high: int | None = None


class MessageBounced(Event, frozen=True, kw_only=True, tag="message.bounced"):
    """A mail came back. ``hard``: for good; else it may arrive another time."""

    message: str
    hard: bool = False


class MessageComplained(Event, frozen=True, kw_only=True, tag="message.complained"):
    message: str


class MessageUnsubscribed(Event, frozen=True, kw_only=True, tag="message.unsubscribed"):
    """Who got it wants no more of its topic, or none of any."""

    message: str
    all: bool = False


class SatisfactionAnswered(Event, frozen=True, kw_only=True, tag="satisfaction.answered"):
    """Who got the message that asks how satisfied they are says it: 1 to 5."""

    message: str
    score: int


class DealReported(Event, frozen=True, kw_only=True, tag="deal.reported"):
    """What a CRM says of a sale at one time, all of it anew. ``company``: by name, ``company_ref``: as the CRM calls it.

    ``registration``: the partner's that it came of; without one it is a deal of our own. ``person``: who buys, ``contacts``: who
    stands beside them in the pipeline.
    """

    deal: str
    status: str  # open | won | lost
    person: str | None = None
    contacts: tuple[str, ...] = ()
    company: str | None = None
    company_domain: str | None = None
    company_ref: str | None = None
    stage: str | None = None
    amount: int | None = None
    currency: str | None = None
    opened_at: int | None = None
    code: str | None = None
    registration: str | None = None
    orders: bool = (
        False  # what is won is an order whose invoice is called as the deal; what is lost after that takes it back
    )
    was_won: bool = False  # its CRM says of one that is lost that it was won before
    disposable: bool = False  # as of an enrolment


class DealRegistered(Event, frozen=True, kw_only=True, tag="deal.registered"):
    """A partner says that they bring a sale: ``person`` is whom they speak with at the company."""

    person: str
    advocate: str
    company: str
    company_domain: str | None = None
    company_ref: str | None = None
    amount: int | None = None
    currency: str | None = None
    entered_by: str | None = None  # as of a lead
    disposable: bool = False  # as of an enrolment
    percent: str | None = None  # the rate that the partner asks for


class CreditRedeemed(Event, frozen=True, kw_only=True, tag="credit.redeemed"):
    """Somebody uses what they have: once an id. ``currency``: None, points of the program named. ``order``: what it paid for.

    ``payout``: by the code that it had brought, whoever shows that; None: out of their purse.
    """

    TAKES = True
    person: str
    redemption: str
    amount: int
    currency: str | None = None
    order: str | None = None
    payout: str | None = None


class CreditReversed(Event, frozen=True, kw_only=True, tag="credit.reversed"):
    """What was used is given back, all of it or ``amount``: once an id."""

    redemption: str
    reversal: str
    amount: int | None = None


class TouchesRecorded(Event, frozen=True, kw_only=True, tag="touches.recorded"):
    """A block of redirect clicks that the edge stored in one flush; its digest makes a deleted click visible."""

    block: str
    count: int
    digest: str
    bots: int = 0  # of count; blocks of before it was counted say none


# --- time -------------------------------------------------------------------------------------------------------------


class CodesAlike(Event, frozen=True, kw_only=True, tag="codes.alike"):
    """What codes that were enrolled before are read by: (code, the code that stands for all that look like it)."""

    looks: tuple[tuple[str, str], ...]


class LandingViewed(Event, frozen=True, kw_only=True, tag="landing.viewed"):
    """The page of a code was opened by people, on a day as often as ``opened`` says: said the 1st, 10th, 100th … time."""

    code: str
    day: int  # since 1970-01-01, in UTC
    opened: int


class TimerDue(Event, frozen=True, kw_only=True, tag="timer.due"):
    timer: str
    kind: str
    subject: str
    due_at: int


class ClockMoved(Event, frozen=True, kw_only=True, tag="clock.moved"):
    PERMISSION = "clock.move"
    to: int


# --- people and rails -------------------------------------------------------------------------------------------------


class ProgramPublished(Event, frozen=True, kw_only=True, tag="program.published"):
    """A rule version goes live. ``document`` is the canonical text of the rules, ``rules`` the hash that names it.

    ``terms``: by language, the text of the terms as they were said at that time; the log is where they are kept.
    ``gated``: the workspace is a live one, in which a new program is a draft until it is launched.
    """

    PERMISSION = "program.publish"
    slug: str
    rules: str
    document: str
    terms: dict[str, str] = {}
    gated: bool = False


class LaunchPlan(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """With what a program goes live: who answers for it, by what it is measured, and which sources it lives by.

    ``owner``: the member who decides its exceptions; ``trigger`` and ``billing``: the names of the sources that tell of its leads and
    of its orders, ``silence``: for how long either may be silent, in microseconds; ``evidence``: the digest of the list of evidence as
    it was shown; ``measures``: what is watched, ``every``: in how many days it is looked at once, ``looks``: by which member.
    """

    owner: str = ""
    trigger: str = ""
    billing: str = ""
    silence: int = 0
    evidence: str = ""
    measures: tuple[str, ...] = ()
    every: int = 0
    looks: str = ""


class ProgramLaunched(Event, frozen=True, kw_only=True, tag="program.launched"):
    """A program is to be live, or what was said of a live one is said anew.

    What the state does not hold was looked up as this was said: ``authors``: who published its rules so far, up to the version
    ``rules``; ``terms``: the digest of that one's terms, empty: none were kept; ``heard``: when each source delivered last.
    """

    PERMISSION = "program.publish"
    plan: LaunchPlan
    rules: str
    terms: str
    authors: tuple[str, ...]
    heard: dict[str, int] = {}


class FeedSilenced(Event, frozen=True, kw_only=True, tag="feed.silenced"):
    """A source that a program lives by has been silent for longer than it may be, since ``last_at``."""

    PERMISSION = "feed.watch"
    feed: str
    last_at: int


class FeedHeard(Event, frozen=True, kw_only=True, tag="feed.heard"):
    """One that was silent has delivered again, at ``last_at``."""

    PERMISSION = "feed.watch"
    feed: str
    last_at: int


class RoutingPublished(Event, frozen=True, kw_only=True, tag="routing.published"):
    """A table of routes is to hold: ``document`` is its canonical text, ``table`` the hash that names it."""

    PERMISSION = "routing.publish"
    table: str
    document: str


class DebtorSet(Event, frozen=True, kw_only=True, tag="debtor.set"):
    """The company's own account that bank files pay from is to be this one.

    ``debtor``: a digest that names what was given; ``details``: what it is, sealed under a key of the workspace: the log tells nobody.
    """

    PERMISSION = "debtor.set"
    debtor: str
    details: str


class TaxReportingSet(Event, frozen=True, kw_only=True, tag="tax_reporting.set"):
    """The workspace is to report what it pays in these jurisdictions; ``timezone``: whose days and years count."""

    PERMISSION = "tax_reporting.set"
    jurisdictions: tuple[str, ...]
    timezone: str


class StandingAsked(Event, frozen=True, kw_only=True, tag="standing.asked"):
    """An approval is to be given beforehand, in a program: ``document`` is its canonical text, ``standing`` the hash that names it.

    ``kinds`` and ``manual``: what its rail delivers, and whether people carry that out, as it said when this was asked; ``authors``:
    who published the rules of the program so far, up to the version ``rules``.
    """

    PERMISSION = "standing.grant"
    standing: str
    document: str
    kinds: tuple[str, ...]
    manual: bool
    authors: tuple[str, ...]
    rules: str


class StandingStopped(Event, frozen=True, kw_only=True, tag="standing.stopped"):
    """A standing approval covers nothing from now on."""

    PERMISSION = "standing.stop"
    standing: str
    reason: str


class StockUploaded(Event, frozen=True, kw_only=True, tag="stock.uploaded"):
    """Codes to give out, of one program or of any, each worth ``amount`` of a unit; what they read is sealed beside the log.

    ``codes``: a digest of what was stored of them; ``low``: so many left are too few.
    """

    PERMISSION = "stock.upload"
    name: str
    unit: str
    amount: int
    size: int
    codes: str
    low: int = 0
    ends_at: int | None = None


class ProgramMoved(Event, frozen=True, kw_only=True, tag="program.moved"):
    """Paused, resumed (``active``) or ended."""

    PERMISSION = "program.publish"
    TAKES = True
    to: str


class PilotStarted(Event, frozen=True, kw_only=True, tag="pilot.started"):
    """A program runs for some first, for one payout cycle: for these advocates, touches that came so, a share of all."""

    PERMISSION = "program.publish"
    persons: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    share: tuple[int, int] = (0, 1)  # an exact fraction


class PilotDecided(Event, frozen=True, kw_only=True, tag="pilot.decided"):
    """What follows a pilot's cycle: it is for more, for everybody, goes on for another cycle (``again``), or stops.

    ``report``: the digest of what was seen of its candidates, and ``now`` what it was when this was decided, behind the position
    ``through`` of the log, where it is another one; to stop none is needed.
    ``persons``, ``ways`` and ``share``: who is in from then on, where it is enlarged.
    """

    PERMISSION = "program.publish"
    TAKES = True
    pilot: str
    ends: int  # of the cycle that is decided
    outcome: Literal["enlarged", "everybody", "again", "stopped"]
    report: str | None = None
    now: str | None = None
    through: int | None = None
    persons: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    share: tuple[int, int] = (0, 1)
    note: str | None = None


class Founding(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """As what a workspace was made, and its first keys: id and digest of each (``store/seals.py``)."""

    mode: str
    clock: str
    keys: tuple[tuple[str, str], ...]


class MemberSet(Event, frozen=True, kw_only=True, tag="member.set"):
    """A member joins or gets other roles, limits (unit -> amount; a unit without a limit is zero; None: no limits) or programs.

    ``programs``: ids or slugs of those that they are limited to; none: they work with all. ``founding``: of the first owner, with whom
    the workspace begins.
    """

    PERMISSION = "member.manage"
    member: str
    roles: tuple[str, ...]
    limits: dict[str, int] | None = None
    programs: tuple[str, ...] = ()
    founding: Founding | None = None


class MemberProved(Event, frozen=True, kw_only=True, tag="member.proved"):
    """A member signed in with a password of their own: one that was set behind a link which went to their mailbox alone.

    Whoever acted as them before may have been who made them; so they go on as a member of another id, and that one does nothing more.
    """

    PERMISSION = "account.secure"
    member: str
    becomes: str


class KeyMade(Event, frozen=True, kw_only=True, tag="key.made"):
    """An API key was made. ``digest``: of what is kept of it (``store/seals.py``)."""

    PERMISSION = "key.manage"
    key: str
    digest: str


class KeyEnded(Event, frozen=True, kw_only=True, tag="key.ended"):
    """An API key opens nothing any more. ``ended_at``: an instant of the real clock."""

    PERMISSION = "key.manage"
    key: str
    ended_at: int


class ChangeDecided(Event, frozen=True, kw_only=True, tag="change.decided"):
    """What one owner asked for is confirmed by another, declined, or withdrawn."""

    PERMISSION = "change.decide"
    change: str
    outcome: str  # confirmed | declined | withdrawn


class Item(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a person saw when deciding: a reward or payout, what would be sent and its unit, and the digest of the payment details."""

    id: str
    amount: int
    unit: str
    destination: str | None = None


class ApprovalGiven(Event, frozen=True, kw_only=True, tag="approval.given"):
    PERMISSION = "reward.approve"
    items: tuple[Item, ...]
    list_sha256: str


class RewardsRejected(Event, frozen=True, kw_only=True, tag="reward.rejected"):
    PERMISSION = "reward.reject"
    TAKES = True
    items: tuple[Item, ...]
    reason: str
    note: str | None = None  # salted digest of what the person typed
    withheld: str | None = None  # law | investigation: the beneficiary is not told the reason


class RewardsHeld(Event, frozen=True, kw_only=True, tag="reward.held"):
    """A member wants these looked at: each gets a case, and waits for it."""

    PERMISSION = "reward.hold"
    items: tuple[Item, ...]
    reason: str
    note: str | None = None


class RewardSnoozed(Event, frozen=True, kw_only=True, tag="reward.snoozed"):
    """A reward in review is put aside until an instant, for a reason; something new brings it back at once. None: it is back now."""

    PERMISSION = "reward.hold"
    reward: str
    until: int | None = None
    reason: str = ""
    note: str | None = None


class RewardsRestored(Event, frozen=True, kw_only=True, tag="reward.restored"):
    """What was rejected or has expired is looked at again; two members say so over the same list."""

    PERMISSION = "reward.restore"
    items: tuple[Item, ...]  # with what they were before refunds
    list_sha256: str
    reason: str
    note: str | None = None


class OrderAmended(Event, frozen=True, kw_only=True, tag="order.amended"):
    """A member says that the figures of a paid order are others, all of them anew; ``conversion``: the order's id."""

    PERMISSION = "conversion.amend"
    conversion: str
    amount: int
    currency: str
    reason: str
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    lines: tuple[Line, ...] = ()
    note: str | None = None


class SuspensionLifted(Event, frozen=True, kw_only=True, tag="suspension.lifted"):
    """A suspension was wrong: what it cost is decided again. Two members say so; ``program`` is named."""

    PERMISSION = "reward.restore"
    person: str
    reason: str
    note: str | None = None


class ApprovalWithdrawn(Event, frozen=True, kw_only=True, tag="approval.withdrawn"):
    PERMISSION = "reward.withdraw"
    items: tuple[Item, ...]
    reason: str
    note: str | None = None


class CaseDecided(Event, frozen=True, kw_only=True, tag="case.decided"):
    PERMISSION = "case.decide"
    case: str
    outcome: str  # cleared | confirmed; of an order told twice: kept | replaced
    reason: str
    note: str | None = None
    choice: str | None = None  # the event whose figures replace the order's
    withheld: str | None = None  # as of a rejection
    #: whether its flags were worth a look: confirmed | useful | false_alarm
    worth: str | None = None
    seen: str | None = None  # the digest of the case as it was shown in a list (``cases.seen``): another one is refused


class CaseAssigned(Event, frozen=True, kw_only=True, tag="case.assigned"):
    """Whose a case is, and by when it is to be decided; ``member``: None, nobody's; ``due_at``: None, as it was."""

    PERMISSION = "case.handle"
    case: str
    member: str | None = None
    due_at: int | None = None
    seen: str | None = None  # as of a decision


class DisputeOpened(Event, frozen=True, kw_only=True, tag="dispute.opened"):
    """A person says that what was decided about a reward or referral of theirs (``subject``) is not right.

    With themselves as the subject it is about what is held of them: a complaint, or that they are to be erased.
    """

    PERMISSION = "own.dispute"
    person: str
    subject: str
    reason: str  # one of ``disputes.REASONS``; about themselves ``DATA`` or ``ERASURE``
    note: str | None = None


class StoryHandedIn(Event, frozen=True, kw_only=True, tag="story.handed_in"):
    """A person hands in a text of theirs, a tip for others or a story (``what``): the team shows it as it is, or does not."""

    PERMISSION = "own.share"
    program: str
    person: str
    what: str  # one of ``stories.WHAT``
    note: str


class CaseNoted(Event, frozen=True, kw_only=True, tag="case.noted"):
    """A comment on a case; ``told``: of a dispute, a message that its person and the team read."""

    PERMISSION = "case.note"
    case: str
    note: str
    told: bool = False


class CaseSnoozed(Event, frozen=True, kw_only=True, tag="case.snoozed"):
    """A case is put aside until an instant, for a reason; it is back at once when something new comes. None: it is back now."""

    PERMISSION = "case.handle"
    case: str
    until: int | None = None
    reason: str = ""
    note: str | None = None
    seen: str | None = None  # as of a decision


class ClaimEntered(Event, frozen=True, kw_only=True, tag="claim.entered"):
    """A person says that an advocate brought a friend."""

    PERMISSION = "claim.enter"
    person: str
    advocates: tuple[tuple[str, int, int], ...]  # (person, numerator, denominator), summing to one
    lead_at: int
    reason: str
    note: str | None = None
    #: ids of touches, events and cases that speak for it; without any it is a request, which stops nothing yet
    evidence: tuple[str, ...] = ()


class MatchDeclined(Event, frozen=True, kw_only=True, tag="match.declined"):
    """A person says that it is not by this referral that somebody of a CRM came, whom their company or pipeline had it seem."""

    PERMISSION = "claim.enter"
    person: str
    referral: str


class ClaimTaken(Event, frozen=True, kw_only=True, tag="claim.taken"):
    """Somebody takes up a request: from now on it stops what it touches."""

    PERMISSION = "claim.decide"
    claim: str


class ClaimNoted(Event, frozen=True, kw_only=True, tag="claim.noted"):
    """A comment on a claim; ``told``: a message that the person who entered it and the team read."""

    PERMISSION = "claim.note"
    claim: str
    note: str
    told: bool = False


class ClaimDecided(Event, frozen=True, kw_only=True, tag="claim.decided"):
    PERMISSION = "claim.decide"
    claim: str
    outcome: str  # won | lost | split | none | withdrawn
    reason: str
    note: str | None = None
    #: of a split: who brought the friend together (person, numerator, denominator), summing to one
    shares: tuple[tuple[str, int, int], ...] = ()


class ClaimAppealed(Event, frozen=True, kw_only=True, tag="claim.appealed"):
    """The decision of a claim is to be looked at again, by another member; once."""

    PERMISSION = "claim.appeal"
    claim: str
    reason: str
    note: str | None = None


class DealAccepted(Event, frozen=True, kw_only=True, tag="deal.accepted"):
    """A registration is the partner's: it protects the company for ``days`` and brings its contact.

    ``days``: None, as many as the partner's agreement says, or ``deals.PROTECTED_DAYS``. ``conflicts``: the subjects of all that were
    seen; ``deal``: the CRM's that it is.
    """

    PERMISSION = "deal.decide"
    registration: str
    days: int | None = None
    conflicts: tuple[str, ...] = ()
    deal: str | None = None
    note: str | None = None


class DealDeclined(Event, frozen=True, kw_only=True, tag="deal.declined"):
    """A registration is not the partner's, who is told the reason."""

    PERMISSION = "deal.decide"
    registration: str
    reason: str
    note: str | None = None


class DealNoted(Event, frozen=True, kw_only=True, tag="deal.noted"):
    """A message on a registration, of its partner or of sales (``side``), which the other may read."""

    PERMISSION = "deal.note"
    registration: str
    side: str  # partner | sales
    note: str


class DealWithdrawn(Event, frozen=True, kw_only=True, tag="deal.withdrawn"):
    """The partner takes a registration back."""

    PERMISSION = "deal.withdraw"
    registration: str
    note: str | None = None


class AgreementMade(Event, frozen=True, kw_only=True, tag="agreement.made"):
    """Terms for one partner, in one program or in all of them: they take the place of those of before from ``since`` on.

    ``since``: None, from now on; never the past. ``until``: half-open. What the rest means, ``state.Terms`` says.
    """

    PERMISSION = "agreement.make"
    person: str
    since: int | None = None
    until: int | None = None
    on: str | None = None
    percent: str | None = None
    flat: dict[str, int] | None = None
    accounts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    protection_days: int | None = None
    note: str | None = None


class AgreementEnded(Event, frozen=True, kw_only=True, tag="agreement.ended"):
    """A partner's agreement is over from ``since`` on; None: from now on."""

    PERMISSION = "agreement.make"
    person: str
    since: int | None = None
    note: str | None = None


class CodeChanged(Event, frozen=True, kw_only=True, tag="code.changed"):
    """An advocate shares another code from now on; those of before lead on to them. ``like``, ``look``: as of an enrolment."""

    PERMISSION = "code.change"
    person: str
    code: str
    like: str | None = None
    look: str | None = None


class LinkShared(Event, frozen=True, kw_only=True, tag="link.shared"):
    """An advocate opened a channel with their link; whether they sent anything there, nobody knows."""

    PERMISSION = "own.share"
    person: str
    channel: str
    text: str | None = None  # the name of the text of the rules; None: their own words


class FormMade(Event, frozen=True, kw_only=True, tag="form.made"):
    """A partner got a link to a form of their own, by which they register deals in one program, until an instant of the real clock.

    ``digest``: of what is kept of it (``store/seals.py``).
    """

    PERMISSION = "form.manage"
    form: str
    person: str
    until: int
    digest: str


class FormEnded(Event, frozen=True, kw_only=True, tag="form.ended"):
    """The link to a partner's form opens nothing any more. ``ended_at``: an instant of the real clock."""

    PERMISSION = "form.manage"
    form: str
    ended_at: int


class CaseAppealed(Event, frozen=True, kw_only=True, tag="case.appealed"):
    """The decision of a case is to be looked at again, by another member; once."""

    PERMISSION = "case.appeal"
    case: str
    reason: str
    note: str | None = None


class RecordLooked(Event, frozen=True, kw_only=True, tag="record.looked"):
    """A member looked at what is not shown to everybody at once, or took it with them: who saw what stands on the record.

    ``subject``: the id of what was looked at, or the digest of the list or file. ``fields``: of what was unmasked, their names;
    ``seconds``: how long evidence was open, said once, when it was closed.
    """

    PERMISSION = "record.look"
    subject: str
    what: str  # unmasked | opened | exported | downloaded; of a member: forgotten …; of webhooks: endpoint_set …; mapped …, worded
    fields: tuple[str, ...] = ()
    seconds: int | None = None
    note: str | None = None  # salted digest of the reason that was typed


class PayeeSet(Event, frozen=True, kw_only=True, tag="payee.set"):
    """Payment details of a beneficiary were entered or changed; only their digest stands here.

    ``payee_name``: whether the name in them is another one than the beneficiary is known by; None: it is theirs, or none is known.
    ``account``: the digest of the account alone, whatever else stands in them; None: it has no IBAN.
    """

    PERMISSION = "payee.set"
    person: str
    rail: str
    destination: str
    account: str | None = None
    payee_name: Literal["differs"] | None = None


class PayeeAnswered(Event, frozen=True, kw_only=True, tag="payee.answered"):
    """A person says of a change of their payment details that it is theirs, or that those of before stay.

    ``destination``: the digest of the details that they are to be; ``outcome``: confirmed, by the link in a mail; withdrawn.
    """

    PERMISSION = "payee.set"
    person: str
    destination: str
    outcome: Literal["confirmed", "withdrawn"]


class MessagesChosen(Event, frozen=True, kw_only=True, tag="messages.chosen"):
    """A person says at the portal which messages they want. ``off``: topics that they do not; ``none``: none at all."""

    PERMISSION = "own.settings"
    person: str
    off: tuple[str, ...] = ()
    none: bool = False


class TaxFormGiven(Event, frozen=True, kw_only=True, tag="tax_form.given"):
    """A payee gave a form that a jurisdiction asks for, or a member says that none is needed; only its digest stands here.

    ``signed``: the day of its signature.
    """

    PERMISSION = "tax_form.give"
    person: str
    jurisdiction: str
    form: str
    digest: str
    signed: str


class PayeeChecked(Event, frozen=True, kw_only=True, tag="payee.checked"):
    """A bank, or who asks banks, said whether an account is known by the name in these payment details (verification of payee).

    ``destination``: the digest of the details that were asked about; ``provider``: who answered, a token; ``answered_at``: when;
    ``suggested``: of a close match, the digest of the name by which the bank knows the account: that is sealed beside the details.
    """

    PERMISSION = "payee.check"
    person: str
    destination: str
    answer: Literal["match", "close_match", "no_match", "not_possible"]
    provider: str
    answered_at: int
    suggested: str | None = None


class PersonsJoined(Event, frozen=True, kw_only=True, tag="persons.joined"):
    """A member says that two accounts are one person's."""

    PERMISSION = "person.merge"
    keep: str
    gone: str
    reason: str
    note: str | None = None


class PersonErased(Event, frozen=True, kw_only=True, tag="person.erased"):
    """What is known of a person goes for good; the log keeps their id, which then leads to nobody.

    ``gives_up``: what they are owed and have as credit ends, which they alone say.
    """

    PERMISSION = "person.erase"
    TAKES = True
    person: str
    gives_up: bool = False


class ReceivableSettled(Event, frozen=True, kw_only=True, tag="receivable.settled"):
    """What beneficiaries owe back of these rewards is settled: items say how much of each."""

    PERMISSION = "receivable.settle"
    items: tuple[Item, ...]
    list_sha256: str
    how: str  # repaid | written_off | forgiven
    reason: str
    reference: str | None = None  # by which the money that came back is found at the bank
    note: str | None = None


class CorrectionEntered(Event, frozen=True, kw_only=True, tag="correction.entered"):
    """A member says that somebody is owed what no order earned them; ``note``: why, in their words; ``currency``: None of points.

    ``puts_right``: the reward that it is about; ``document``: what it rests on outside of here.
    """

    PERMISSION = "correction.enter"
    person: str
    origin: str  # goodwill | bonus | exchange | mistake | contribution
    amount: int
    note: str
    reward_kind: str = "cash"
    currency: str | None = None
    puts_right: str | None = None
    document: str | None = None


class PayoutDrafted(Event, frozen=True, kw_only=True, tag="payout.drafted"):
    """Gather the approved rewards of these beneficiaries, of one program or of all, for one rail and unit into payouts, one each."""

    PERMISSION = "payout.draft"
    TAKES = True
    rail: str
    kinds: tuple[str, ...]  # kinds of reward that the rail delivers, as it said when this was asked
    unit: str
    beneficiaries: tuple[str, ...]
    manual: bool = True  # people carry the rail's orders out and say what became of them
    schedule: str | None = None  # by which nobody but the system drafts, and the instant of the run that this is of
    run: int | None = None


class Plan(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """When drafts are made, over which rail and of which unit: on which days (``schedules.EVERY``), and at which hour in a zone."""

    rail: str
    unit: str
    every: str  # day | week | month
    on: tuple[int, ...] = ()
    hour: int
    timezone: str


class PayoutScheduled(Event, frozen=True, kw_only=True, tag="payout.scheduled"):
    """Drafts are made by this plan from now on, of what a program owes or all do.

    ``schedule``: the one that changes; ``plan``: None, it stops.
    """

    PERMISSION = "payout.schedule"
    schedule: str | None = None
    plan: Plan | None = None


class PayoutReleased(Event, frozen=True, kw_only=True, tag="payout.released"):
    PERMISSION = "payout.release"
    TAKES = True
    items: tuple[Item, ...]  # payouts, with amount, unit and destination
    list_sha256: str
    #: unit -> what leaves in a UTC day where there is no second confirmed member, other units nothing; None: all (a sandbox)
    alone_up_to: dict[str, int] | None = None


class PayoutCanceled(Event, frozen=True, kw_only=True, tag="payout.canceled"):
    PERMISSION = "payout.cancel"
    payout: str
    reason: str


class PayoutAnswered(Event, frozen=True, kw_only=True, tag="payout.answered"):
    """What a rail said of a payout: processing, sent, completed, failed, returned, unknown.

    A member says it of a payout that people carry out, and of one of which nobody knows what became. ``anew``: what comes back by a
    member's word is approved anew; answers from before this was asked left it approved, and a log of then replays as it was.
    """

    PERMISSION = "payout.answer"
    payout: str
    outcome: str
    reference: str | None = None
    reason: str | None = None
    anew: bool = False


class MessageDue(Event, frozen=True, kw_only=True, tag="message.due"):
    """A message is due for what triggered it. ``known``: their mail is; ``listed``: why nothing goes there; ``after``: not before."""

    PERMISSION = "message.send"
    person: str
    topic: str
    trigger: str
    known: bool = False
    listed: str | None = None
    after: int | None = None


class MessageAnswered(Event, frozen=True, kw_only=True, tag="message.answered"):
    """What became of a message: sent, refused, unknown, withheld. ``reason``: a code, of a mail server its number."""

    PERMISSION = "message.send"
    message: str
    outcome: str
    reason: str | None = None


class MessageSettled(Event, frozen=True, kw_only=True, tag="message.settled"):
    """A member says what becomes of a message that is unknown or refused: again, arrived, leave."""

    PERMISSION = "message.handle"
    message: str
    outcome: str


class MessagesResumed(Event, frozen=True, kw_only=True, tag="messages.resumed"):
    """A member says that a person may be written to again, and why. ``listed``: why nothing goes to their address, if so."""

    PERMISSION = "message.handle"
    person: str
    reason: str
    listed: str | None = None


class PayoutArrived(Event, frozen=True, kw_only=True, tag="payout.arrived"):
    """A payout that failed, or was returned, arrived after all; two members say so. ``amount``: what left; ``note``: how they know."""

    PERMISSION = "payout.correct"
    payout: str
    amount: int
    unit: str
    note: str
    reference: str | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """The list that both say: this payout alone."""
        return (Item(id=self.payout, amount=self.amount, unit=self.unit),)


class FileHandedOut(Event, frozen=True, kw_only=True, tag="file.handed_out"):
    """A file for the bank is handed out: nobody says by that that the bank has it, but what it refuses as a whole is known by it.

    ``file``: the id by which the bank knows it, the same for the same payments from the same account; ``digest``: SHA-256 of its bytes;
    ``sums``: by unit, in minor units; ``debtor``: the digest of the account that it pays from; ``day``: of execution, ISO.
    """

    PERMISSION = "record.look"
    file: str
    form: str
    digest: str
    payouts: tuple[str, ...]
    sums: dict[str, int]
    debtor: str | None = None
    day: str | None = None


class BankLine(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a bank says of a payout. ``id``: of what is said, wherever it is said; ``payout``: what it names, whether it is one or not.

    ``said``: booked, accepted, rejected or pending; ``amount``: below zero what left; None: it does not say. ``other_account``: it went
    to another account than was released. ``wrong``: why no payout can be told, or no amount: it names several, or payments do not come
    to their entry. ``file``: a file that was handed out, of which it says that it was refused as a whole.
    """

    id: str
    said: str
    payout: str | None = None
    amount: int | None = None
    unit: str | None = None
    day: str | None = None
    reference: str | None = None
    reason: str | None = None
    other_account: bool = False
    wrong: str | None = None
    file: str | None = None


class AuditSigned(Event, frozen=True, kw_only=True, tag="audit.signed"):
    """A month of completed payouts was looked at by who had no part in them: all outliers and a sample.

    ``month``: ``2026-11``, of UTC; ``head`` and ``root``: the signed head that the sample was drawn by; ``outliers``: payout -> the
    rules by which it is one; ``findings``: payouts of which something was found, which ``note`` says.
    """

    PERMISSION = "audit.sign"
    month: str
    head: int
    root: str
    items: tuple[Item, ...]
    list_sha256: str
    outliers: dict[str, tuple[str, ...]] = {}
    findings: tuple[str, ...] = ()
    note: str | None = None


class StatementRead(Event, frozen=True, kw_only=True, tag="statement.read"):
    """Lines of a bank's file that concern payouts; of the other lines there is only how many there are.

    ``file``: its SHA-256; ``statement``: the id of what it says it is; ``account``: the last characters of ours; balances in minor
    units; ``size``: lines of the whole statement; ``others``: of those up to here, how many concern no payout.
    """

    PERMISSION = "payout.reconcile"
    file: str
    form: str
    statement: str
    lines: tuple[BankLine, ...]
    others: int
    size: int
    number: str | None = None
    account: str | None = None
    unit: str | None = None
    opening: int | None = None
    closing: int | None = None
    first: str | None = None
    last: str | None = None


def note_of(event: Event) -> str | None:
    """Return the digest of what a person typed beside a command; None: nothing was typed."""
    note: str | None = getattr(event, "note", None)
    return note


OUTSIDE = (
    AdvocateEnrolled,
    AdvocateSuspended,
    AdvocateResumed,
    AdvocateLeft,
    ClickRecorded,
    LeadCreated,
    ConversionRecorded,
    ConversionAmended,
    ConversionCanceled,
    ConversionRefunded,
    RefundReturned,
    RefundOpened,
    RefundClosed,
    ChargebackOpened,
    ChargebackClosed,
    CustomerKnown,
    CustomerUpdated,
    ConsentRecorded,
    CustomerIssueOpened,
    CustomerIssueClosed,
    SurveyAnswered,
    MessageBounced,
    MessageComplained,
    MessageUnsubscribed,
    ReferralImported,
    BalanceOpened,
    PersonMerged,
    DealReported,
    DealRegistered,
    CreditRedeemed,
    CreditReversed,
)
INTERNAL = (TouchesRecorded, LandingViewed, CodesAlike, TimerDue, SatisfactionAnswered)
COMMANDS = (
    ClockMoved,
    ProgramPublished,
    RoutingPublished,
    DebtorSet,
    TaxReportingSet,
    StandingAsked,
    StandingStopped,
    StockUploaded,
    ProgramMoved,
    PilotStarted,
    PilotDecided,
    ProgramLaunched,
    FeedSilenced,
    FeedHeard,
    MemberSet,
    MemberProved,
    KeyMade,
    KeyEnded,
    ChangeDecided,
    ApprovalGiven,
    RewardsRejected,
    RewardsHeld,
    RewardSnoozed,
    RewardsRestored,
    OrderAmended,
    SuspensionLifted,
    ApprovalWithdrawn,
    DisputeOpened,
    StoryHandedIn,
    CaseDecided,
    CaseAppealed,
    CaseAssigned,
    CaseNoted,
    CaseSnoozed,
    ClaimEntered,
    MatchDeclined,
    ClaimTaken,
    ClaimNoted,
    ClaimDecided,
    ClaimAppealed,
    DealAccepted,
    DealDeclined,
    DealNoted,
    DealWithdrawn,
    CodeChanged,
    LinkShared,
    AgreementMade,
    AgreementEnded,
    FormMade,
    FormEnded,
    RecordLooked,
    PayeeSet,
    PayeeAnswered,
    TaxFormGiven,
    PayeeChecked,
    PersonErased,
    PersonsJoined,
    ReceivableSettled,
    CorrectionEntered,
    PayoutDrafted,
    PayoutReleased,
    PayoutCanceled,
    PayoutAnswered,
    PayoutArrived,
    FileHandedOut,
    StatementRead,
    AuditSigned,
    PayoutScheduled,
    MessageDue,
    MessageAnswered,
    MessageSettled,
    MessagesResumed,
    MessagesChosen,
)

AnyEvent = (
    AdvocateEnrolled
    | AdvocateSuspended
    | AdvocateResumed
    | AdvocateLeft
    | ClickRecorded
    | LeadCreated
    | ConversionRecorded
    | ConversionAmended
    | ConversionCanceled
    | ConversionRefunded
    | RefundReturned
    | RefundOpened
    | RefundClosed
    | ChargebackOpened
    | ChargebackClosed
    | CustomerKnown
    | CustomerUpdated
    | ConsentRecorded
    | CustomerIssueOpened
    | CustomerIssueClosed
    | SurveyAnswered
    | ReferralImported
    | BalanceOpened
    | PersonMerged
    | DealReported
    | DealRegistered
    | CreditRedeemed
    | CreditReversed
    | TouchesRecorded
    | LandingViewed
    | CodesAlike
    | TimerDue
    | PayoutAnswered
    | ClockMoved
    | ProgramPublished
    | RoutingPublished
    | DebtorSet
    | TaxReportingSet
    | StandingAsked
    | StandingStopped
    | StockUploaded
    | ProgramMoved
    | PilotStarted
    | PilotDecided
    | ProgramLaunched
    | FeedSilenced
    | FeedHeard
    | MemberSet
    | MemberProved
    | KeyMade
    | KeyEnded
    | ChangeDecided
    | ApprovalGiven
    | RewardsRejected
    | RewardsHeld
    | RewardSnoozed
    | RewardsRestored
    | OrderAmended
    | SuspensionLifted
    | ApprovalWithdrawn
    | DisputeOpened
    | StoryHandedIn
    | CaseDecided
    | CaseAppealed
    | CaseAssigned
    | CaseNoted
    | CaseSnoozed
    | ClaimEntered
    | MatchDeclined
    | ClaimTaken
    | ClaimNoted
    | ClaimDecided
    | ClaimAppealed
    | DealAccepted
    | DealDeclined
    | DealNoted
    | DealWithdrawn
    | CodeChanged
    | LinkShared
    | AgreementMade
    | AgreementEnded
    | FormMade
    | FormEnded
    | RecordLooked
    | PayeeSet
    | PayeeAnswered
    | TaxFormGiven
    | PayeeChecked
    | PersonsJoined
    | PersonErased
    | ReceivableSettled
    | CorrectionEntered
    | PayoutDrafted
    | PayoutReleased
    | PayoutCanceled
    | PayoutArrived
    | FileHandedOut
    | StatementRead
    | AuditSigned
    | PayoutScheduled
    | MessageDue
    | MessageAnswered
    | MessageSettled
    | MessagesResumed
    | MessagesChosen
    | MessageBounced
    | MessageComplained
    | MessageUnsubscribed
    | SatisfactionAnswered
)

#: Two persons become one: a source says so, or staff does.
Merge = PersonMerged | PersonsJoined

#: An order has other figures: a source says so, or staff does.
Amendment = ConversionAmended | OrderAmended


def is_merge(event: Event) -> TypeGuard[Merge]:
    """Return whether an event merges two persons. Every event is asked, and ``isinstance`` is slow on structs."""
    return type(event) is PersonMerged or type(event) is PersonsJoined
