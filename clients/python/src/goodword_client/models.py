# ruff: noqa: D101, E501
"""What the calls take and give, made from the published document by scripts/generate_clients.py: change it there."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union


class About(TypedDict):
    """A reward with both parties by name."""

    reward: Reward
    program: str
    version: int | None
    referrers: list[Party]
    friend: Party
    beneficiary: Party
    invoice: str | None
    paid: int | None
    currency: str | None


class Advice(TypedDict):
    """What is recommended"""

    advice: str
    version: int
    reasons: list[Ground]


class Advocate(TypedDict):
    """One person in one program, with what they share"""

    id: str
    person: str
    external_id: str | None
    program: str
    status: str
    enrolled_at: str
    terms: bool
    codes: list[str]
    links: list[Link]


class _AdvocateEnrolled(TypedDict):
    type: Literal["advocate.enrolled"]
    external_id: str


class AdvocateEnrolled(_AdvocateEnrolled, total=False):
    """A person becomes an advocate; without `code` one is made."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    email: str | None
    phone: str | None
    name: str | None
    code: str | None
    accepted_terms: bool
    terms_sha256: str | None


class _AdvocateLeft(TypedDict):
    type: Literal["advocate.left"]
    external_id: str


class AdvocateLeft(_AdvocateLeft, total=False):
    """An advocate takes leave; what is open is still paid."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class _AdvocateResumed(TypedDict):
    type: Literal["advocate.resumed"]
    external_id: str


class AdvocateResumed(_AdvocateResumed, total=False):
    """A suspended advocate goes on."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class _AdvocateSuspended(TypedDict):
    type: Literal["advocate.suspended"]
    external_id: str


class AdvocateSuspended(_AdvocateSuspended, total=False):
    """The company stops an advocate for now."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class Allowed(TypedDict):
    """What you may approve today for the beneficiary."""

    unit: str
    day: str
    limit: int | None
    used: int
    left: int | None
    refusal: str | None


class Balance(TypedDict):
    """What stands in an account."""

    program: str
    account: str
    owner: str
    unit: str
    amount: int


class _BalanceOpened(TypedDict):
    type: Literal["balance.opened"]
    external_id: str
    amount: int
    reference: str


class BalanceOpened(_BalanceOpened, total=False):
    """What another system owes an advocate, or with a negative amount is owed by them."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    currency: str | None
    kind: Literal["cash", "credit", "points"]


class Behind(TypedDict):
    """What follows the log and has taken it up to `position`."""

    follower: str
    position: int
    seconds: float


class ByMember(TypedDict):
    """A member; `mail` is null for who may not see it."""

    id: str
    mail: str | None


class Case(TypedDict):
    """A task for a person."""

    id: str
    kind: str
    program: str | None
    subject: str
    status: str
    opened_at: str
    flags: list[list[Any]]
    rewards: list[str]
    outcome: str | None
    decided_by: str | None
    decided_at: str | None
    appealed_at: str | None
    appeal_until: str | None
    assignee: str | None
    due_at: str | None
    snoozed_until: str | None
    comments: list[Comment]
    worth: str | None
    person: str | None
    reason: str | None


class _ChargebackClosed(TypedDict):
    type: Literal["chargeback.closed"]
    invoice_id: str
    chargeback_id: str
    outcome: Literal["kept", "lost"]


class ChargebackClosed(_ChargebackClosed, total=False):
    """The bank has decided."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class _ChargebackOpened(TypedDict):
    type: Literal["chargeback.opened"]
    invoice_id: str
    chargeback_id: str


class ChargebackOpened(_ChargebackOpened, total=False):
    """The buyer's bank asks a payment back"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    amount: int | None
    currency: str | None


class Claim(TypedDict):
    """An assertion that advocates brought a friend, beside what it is said against."""

    id: str
    program: str
    friend: str
    shares: list[Share]
    given: list[Share]
    kind: str
    status: str
    lead_at: str
    opened_at: str
    entered_by: str | None
    decided_by: str | None
    evidence: list[str]
    stops_at: str | None
    cases: list[str]
    appealed_at: str | None
    appeal_until: str | None
    comments: list[Comment]
    friend_name: str | None
    claimed: ClaimSide
    standing: list[ClaimSide]


class ClaimShare(TypedDict):
    """An advocate's exact part, and their name for who may see it."""

    person: str
    numerator: int
    denominator: int
    name: str | None


class ClaimSide(TypedDict):
    """Who brought the friend, as one side says, with what speaks for it and what stands."""

    referral: str | None
    program: str
    shares: list[ClaimShare]
    lead_at: str
    touches: list[ClaimTouch]
    stakes: list[Stake]
    terms: str | None
    confidence: str | None


class ClaimTouch(TypedDict):
    """What speaks for a side"""

    id: str
    kind: str
    at: str
    said_by: str
    verified: bool
    bot: bool
    advocate: str | None


class _ClickRecorded(TypedDict):
    type: Literal["click.recorded"]
    code: str


class ClickRecorded(_ClickRecorded, total=False):
    """A click of an advocate's link that the sender's own redirect saw."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    visitor_id: str | None
    click_id: str | None
    ip: str | None
    user_agent: str | None
    device_id: str | None
    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None


class Comment(TypedDict):
    """What somebody typed about a case or a claim; its text is the note of that digest."""

    by: str
    at: str
    note: str


class _ConsentRecorded(TypedDict):
    type: Literal["consent.recorded"]
    customer_external_id: str
    purpose: str
    outcome: Literal["given", "revoked"]


class ConsentRecorded(_ConsentRecorded, total=False):
    """A person agreed to something, or took that back"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    channel: str | None
    until: str | None
    proof: str | None
    shown_as: str | None


class _ConversionAmended(TypedDict):
    type: Literal["conversion.amended"]
    invoice_id: str
    amendment_id: str
    amount: int
    currency: str


class ConversionAmended(_ConversionAmended, total=False):
    """A paid invoice has other figures, all of which are said anew; what it earned rises or falls with them."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    tax: int
    shipping: int
    discount: int
    lines: list[Line]
    reason: str | None


class _ConversionCanceled(TypedDict):
    type: Literal["conversion.canceled"]


class ConversionCanceled(_ConversionCanceled, total=False):
    """An order or a contract was taken back whole"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    invoice_id: str | None
    event_id: str | None
    reason: str | None


class _ConversionRecorded(TypedDict):
    type: Literal["conversion.recorded"]
    customer_external_id: str


class ConversionRecorded(_ConversionRecorded, total=False):
    """Something that counts happened, by default a purchase; with a touch it is a lead too."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    name: str
    invoice_id: str | None
    amount: int | None
    currency: str | None
    status: Literal["open", "paid"]
    test: bool
    code: str | None
    link_code: str | None
    click_id: str | None
    visitor_id: str | None
    customer_email: str | None
    country: str | None
    payment_fingerprint: str | None
    device_id: str | None
    tax: int
    shipping: int
    discount: int
    lines: list[Line]
    settled: bool
    offer_id: str | None


class _ConversionRefunded(TypedDict):
    type: Literal["conversion.refunded"]
    invoice_id: str
    refund_id: str
    amount: int


class ConversionRefunded(_ConversionRefunded, total=False):
    """Money of an invoice was given back"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    currency: str | None
    tax: int
    shipping: int
    lines: list[RefundLine]
    reason: str | None


class _CreditRedeemed(TypedDict):
    type: Literal["credit.redeemed"]
    customer_external_id: str
    redemption_id: str
    amount: int


class CreditRedeemed(_CreditRedeemed, total=False):
    """Somebody uses store credit, or without a `currency` points of the `program`"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    currency: str | None
    order_reference: str | None


class _CreditReversed(TypedDict):
    type: Literal["credit.reversed"]
    redemption_id: str
    reversal_id: str


class CreditReversed(_CreditReversed, total=False):
    """What was redeemed is given back, all of it or `amount`"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    amount: int | None


class _CustomerIssueClosed(TypedDict):
    type: Literal["customer.issue_closed"]
    customer_external_id: str
    issue: str


class CustomerIssueClosed(_CustomerIssueClosed, total=False):
    """The issue of that name is closed."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class _CustomerIssueOpened(TypedDict):
    type: Literal["customer.issue_opened"]
    customer_external_id: str
    issue: str


class CustomerIssueOpened(_CustomerIssueOpened, total=False):
    """A customer has an issue with the company"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class _CustomerKnown(TypedDict):
    type: Literal["customer.known"]
    customer_external_id: str
    since: str


class CustomerKnown(_CustomerKnown, total=False):
    """The person was a customer since then"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class _CustomerUpdated(TypedDict):
    type: Literal["customer.updated"]
    customer_external_id: str


class CustomerUpdated(_CustomerUpdated, total=False):
    """What the sender knows of a customer; what is not said stays as it was."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    email: str | None
    phone: str | None
    name: str | None
    language: str | None
    time_zone: str | None
    country: str | None
    company: str | None
    traits: dict[str, bool | int | float | str | None]


class _DealRegistered(TypedDict):
    type: Literal["deal.registered"]
    advocate_external_id: str
    customer_external_id: str
    company: str


class DealRegistered(_DealRegistered, total=False):
    """A partner says that they bring a deal"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    company_domain: str | None
    company_id: str | None
    customer_email: str | None
    customer_phone: str | None
    customer_name: str | None
    amount: int | None
    currency: str | None
    note: str | None
    entered_by: str | None
    percent: str | float | None


class _DealReported(TypedDict):
    type: Literal["deal.reported"]
    deal_id: str
    status: Literal["lost", "open", "won"]


class DealReported(_DealReported, total=False):
    """What a CRM says of a deal, all of it anew"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    company: str | None
    company_domain: str | None
    company_id: str | None
    customer_external_id: str | None
    contact_external_ids: list[str]
    customer_email: str | None
    customer_name: str | None
    stage: str | None
    amount: int | None
    currency: str | None
    opened_at: str | None
    code: str | None
    registration_id: str | None
    orders: bool
    was_won: bool


class Decision(TypedDict):
    """An entry of the log"""

    evt: str
    type: str
    position: int
    as_of: str
    occurred_at: str
    actor: str | None
    note: str | None
    verdicts: list[Verdict]
    postings: list[list[Any]]


class Event(TypedDict):
    """Where an event stands"""

    evt: str
    status: Literal["waiting", "set_aside", "decided"]
    decision: Decision | None
    mapped: EventMapped | None
    said: EventSaid | None


class _EventAnswer(TypedDict):
    id: str | None
    status: Literal["accepted", "repeat", "conflict", "invalid"]


class EventAnswer(_EventAnswer, total=False):
    """EventAnswer."""

    code: str
    field: str
    decision: EventDecision
    link: Link


class EventAnswers(TypedDict):
    """EventAnswers."""

    items: list[EventAnswer]


class EventDecision(TypedDict):
    """EventDecision."""

    evt: str
    position: int
    verdicts: list[Verdict]
    postings: list[Any]


class EventMapped(TypedDict):
    """By which mapping of your own an event was read, and what that calls it."""

    source: str
    version: int | None
    hash: str
    called: str


class EventSaid(TypedDict):
    """When an event was said to happen, as it was sent, where that was understood as another time"""

    at: str
    hours_off: float


class ExplainedVerdict(TypedDict):
    """A verdict in words."""

    evt: str
    subject: str | None
    outcome: str
    refusal: str | None
    beneficiary: str
    finance: str
    steps: list[str]


class Explanation(TypedDict):
    """Every decision about something, the oldest first, with a sentence for the beneficiary and one for finance each."""

    id: str
    decisions: list[Decision]
    sentences: list[ExplainedVerdict]


class Fact(TypedDict):
    """One input or piece of evidence"""

    code: str
    state: str
    values: dict[str, Any]
    met: dict[str, Any]
    evt: str | None
    position: int | None
    noun: str | None
    id: str | None


class Ground(TypedDict):
    """Why an attribution is as sure as it is"""

    code: str
    values: dict[str, Any]
    sentence: str


class HeldAgreement(TypedDict):
    """By which version of an agreement a reward was judged when it was earned; `own_rate`"""

    id: str
    version: int
    own_rate: bool


class Item(TypedDict):
    """What a list says of a reward or payout"""

    id: str
    amount: int
    unit: str
    destination: str | None


class _LeadCreated(TypedDict):
    type: Literal["lead.created"]
    customer_external_id: str


class LeadCreated(_LeadCreated, total=False):
    """A friend showed up"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    visitor_id: str | None
    click_id: str | None
    code: str | None
    link_code: str | None
    customer_email: str | None
    customer_phone: str | None
    customer_name: str | None
    device_id: str | None
    company: str | None
    country: str | None
    form: dict[str, Any] | str | None
    entered_by: str | None


class _Line(TypedDict):
    id: str
    product: str
    amount: int


class Line(_Line, total=False):
    """One line of an invoice."""

    brand: str | None
    quantity: int


class Link(TypedDict):
    """What an advocate shares"""

    code: str
    url: str


class ListToDecide(TypedDict):
    """A frozen list"""

    items: list[Item]
    list_sha256: str
    shown: list[Shown]
    left_out: dict[str, int]


class _MessageBounced(TypedDict):
    type: Literal["message.bounced"]
    message_id: str


class MessageBounced(_MessageBounced, total=False):
    """A mail to an advocate came back"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    hard: bool
    reason: str | None


class _MessageComplained(TypedDict):
    type: Literal["message.complained"]
    message_id: str


class MessageComplained(_MessageComplained, total=False):
    """Who got a mail called it unwanted, as their mail provider reports"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class _MessageUnsubscribed(TypedDict):
    type: Literal["message.unsubscribed"]
    message_id: str


class MessageUnsubscribed(_MessageUnsubscribed, total=False):
    """Who got a mail wants no more of its topic, or with `all` none of any."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    all: bool


class Part(TypedDict):
    """One part of a priority."""

    code: str
    value: int
    points: int


class Party(TypedDict):
    """A person; `name`"""

    id: str
    name: str | None


class Payout(TypedDict):
    """What is sent to one beneficiary."""

    id: str
    beneficiary: str
    rail: str
    unit: str
    amount: int
    status: str
    rewards: list[str]
    destination: str
    drafted_by: str
    drafted_at: str
    schedule: str | None
    releases: list[str]
    reference: str | None
    reason: str | None
    arriving: list[str]


class Person(TypedDict):
    """A person by the name the company gave; none can be shown of one who is locked, whose key does not open."""

    id: str
    external_id: str | None
    locked: bool


class _PersonMerged(TypedDict):
    type: Literal["person.merged"]
    keep_external_id: str
    gone_external_id: str


class PersonMerged(_PersonMerged, total=False):
    """Two accounts of yours are one person's"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None


class Posting(TypedDict):
    """A posting"""

    position: int
    n: int
    program: str
    source: str
    source_owner: str
    to_program: str
    destination: str
    destination_owner: str
    unit: str
    amount: int
    reward: str
    earned: str | None


class Program(TypedDict):
    """A program with its versions, the oldest first."""

    id: str
    slug: str
    status: str
    versions: list[Version]
    join: str | None


class Progress(TypedDict):
    """Where deciding stands."""

    position: int
    as_of: str
    waiting: int
    set_aside: int
    behind: list[Behind]


class Published(TypedDict):
    """The decision that published rules."""

    evt: str
    type: str
    position: int
    as_of: str
    occurred_at: str
    actor: str | None
    note: str | None
    verdicts: list[Verdict]
    postings: list[list[Any]]
    warnings: list[RuleWarning]


class Queued(TypedDict):
    """A reward in review `since`."""

    about: About
    since: str
    decide_by: str
    late: int
    cause: str | None
    points: int
    parts: list[Part]
    risk: int
    refusal: str | None
    second: bool


class Referral(TypedDict):
    """The claim that won."""

    id: str
    program: str
    friend: str
    shares: list[Share]
    rules: str
    status: str
    lead_at: str
    touch_at: str | None
    typed: bool
    confidence: str
    grounds: list[Ground]
    offer: str | None


class _ReferralImported(TypedDict):
    type: Literal["referral.imported"]
    customer_external_id: str
    advocate_external_id: str
    lead_at: str


class ReferralImported(_ReferralImported, total=False):
    """A referral that runs in another system goes on here"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    first: dict[str, str]


class _RefundClosed(TypedDict):
    type: Literal["refund.closed"]
    invoice_id: str
    refund_id: str


class RefundClosed(_RefundClosed, total=False):
    """What was asked back is not given back."""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    reason: str | None


class RefundLine(TypedDict):
    """What was given back of one line."""

    id: str
    amount: int


class _RefundOpened(TypedDict):
    type: Literal["refund.opened"]
    invoice_id: str
    refund_id: str


class RefundOpened(_RefundOpened, total=False):
    """Somebody asks for money back"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    amount: int | None
    reason: str | None


class _RefundReturned(TypedDict):
    type: Literal["refund.returned"]
    invoice_id: str
    refund_id: str


class RefundReturned(_RefundReturned, total=False):
    """A refund failed or was taken back"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    amount: int | None
    reason: str | None


class Reward(TypedDict):
    """What one beneficiary earns for a conversion."""

    id: str
    program: str
    origin: Literal["order", "opening", "goodwill", "bonus", "exchange", "mistake", "contribution"]
    puts_right: str | None
    document: str | None
    corrections: list[str]
    referral: str
    conversion: str
    friend: str
    side: str
    beneficiary: str
    kind: str
    unit: str
    gross: int
    amount: int
    sent: int
    netted: int
    repaid: int
    forgiven: int
    receivable: int
    status: str
    expected: bool
    earned_at: str
    hold_until: str
    approved_at: str | None
    due_at: str | None
    decide_by: str | None
    snoozed_until: str | None
    cases: list[str]
    awaits: list[str]
    approvals: list[str]
    rejecting: list[str]
    payout: str | None
    agreement: HeldAgreement | None
    route: RewardRoute | None
    standing: RewardStanding | None
    evt: str


class RewardRecord(TypedDict):
    """All that one reward is decided by"""

    about: About
    inputs: list[Fact]
    evidence: list[Fact]
    lacks: list[str]
    confidence: str | None
    grounds: list[Ground]
    recommended: Advice
    approver: str
    decide_by: str
    mine: Allowed
    second: SecondPerson
    to_payee: str | None
    to_finance: str | None
    if_approved: str


class RewardRoute(TypedDict):
    """By which route a reward is decided"""

    table: str
    name: str
    role: str
    fallback: str
    days: int
    why: list[str]
    two_above: int | None
    per_advocate: int | None


class RewardStanding(TypedDict):
    """The standing approval under which a reward was earned."""

    standing: str
    waits: str | None
    amount: int | None
    at: str | None


class RuleWarning(TypedDict):
    """What is allowed in a rule file and hardly meant"""

    path: str
    text: str


class SecondPerson(TypedDict):
    """Why two people must approve it, null"""

    why: str | None
    first: list[ByMember]
    could: list[ByMember]


class Share(TypedDict):
    """An advocate's exact part."""

    person: str
    numerator: int
    denominator: int


class Shown(TypedDict):
    """What stands beside an item of a list for who decides it"""

    id: str
    beneficiary: str
    name: str | None
    rail: str | None
    last: str | None
    changed_by: str | None
    changed_at: str | None
    entered_by: list[str]
    own_work: str | None
    cases: list[str]
    awaits: list[str]
    approvals: list[str]
    rejecting: list[str]
    claim: str | None
    flags: list[str]
    opened: bool
    check: Literal["match", "close_match", "no_match", "not_possible"] | None
    stopped: str | None


class Stake(TypedDict):
    """What advocates' rewards of a side come to that stand in a state, of the friend's last 1,000 orders."""

    unit: str
    status: str
    count: int
    amount: int


class _SurveyAnswered(TypedDict):
    type: Literal["survey.answered"]
    customer_external_id: str
    survey: str
    score: int


class SurveyAnswered(_SurveyAnswered, total=False):
    """A customer answered the one question of a survey by a number"""

    id: str
    occurred_at: str | None
    program: str | None
    metadata: dict[str, Any] | None
    lowest: int | None
    highest: int | None
    comment: str | None


class Verdict(TypedDict):
    """What was found, for one program and subject; `steps`"""

    about: str
    outcome: str
    refusal: str | None
    program: str | None
    subject: str | None
    side: str | None
    beneficiary: str | None
    amount: int | None
    unit: str | None
    flags: list[str]
    redecides: str | None
    steps: list[list[Any]]


class Version(TypedDict):
    """A rule version and since when it is in force."""

    rules: str
    since: str


NativeEvent = Union[
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
]
