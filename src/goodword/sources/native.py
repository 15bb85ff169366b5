"""The native event format: one struct a type of event, each field with its bounds and its treatment (``fields``).

The types below are the format; the docs and the published schema are made from them, ``native_read`` reads by them.
Must not know: how a request is read, workspaces, the database.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from goodword.core import surveys
from goodword.core.money import MAX_INTEGER
from goodword.core.rules import Percent
from goodword.sources.fields import (
    CHECKED,
    IGNORED,
    PERSONAL,
    USED,
    FreeText,
    Minor,
    Name,
    SignedMinor,
    Text,
    Token,
    named,
    used,
)

At = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset"), USED]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$(?!\\n)", description="ISO 4217"), USED]
Country = Annotated[str, Meta(pattern="^[A-Za-z]{2}$(?!\\n)", description="ISO 3166-1 alpha-2"), USED]
#: As BCP 47 writes a language; an underscore is read as its hyphen.
LANGUAGE = "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,4}$(?!\\n)"
Language = Annotated[str, Meta(pattern=LANGUAGE, description="BCP 47, such as de-AT"), USED]
TimeZone = Annotated[
    str, Meta(pattern="^[A-Za-z0-9_+/-]{1,64}$(?!\\n)", description="IANA, such as Europe/Vienna"), USED
]
Customer = Annotated[Name, named("person")]
Visitor = Annotated[Name, named("visitor")]
Click = Annotated[Name, named("click")]
Device = Annotated[Name, named("device")]
Code = Annotated[Name, named("code")]
ShownAs = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^@/:<>\x00-\x1f]+$")]
LinkCode = Annotated[Name, named("code", "link_code")]
Invoice = Annotated[Name, named("invoice")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$(?!\\n)", description="SHA-256 in lower-case hex"), used("terms")]
Trait = bool | Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)] | float | Text | None


class Wire(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True, forbid_unknown_fields=True):
    """What all native events have in common."""

    id: Annotated[Name, CHECKED]
    occurred_at: At | None = None
    program: Annotated[Token, USED] | None = None
    metadata: Annotated[dict[str, Any], PERSONAL] | None = None


class AdvocateEnrolled(Wire, frozen=True, kw_only=True, tag="advocate.enrolled"):
    """A person becomes an advocate; without ``code`` one is made."""

    external_id: Customer
    email: Annotated[Text, PERSONAL] | None = None
    phone: Annotated[Text, PERSONAL] | None = None
    name: Annotated[Text, PERSONAL] | None = None
    code: Code | None = None
    accepted_terms: Annotated[bool, USED] = False
    terms_sha256: Sha256 | None = None


class AdvocateSuspended(Wire, frozen=True, kw_only=True, tag="advocate.suspended"):
    """The company stops an advocate for now."""

    external_id: Customer


class AdvocateResumed(Wire, frozen=True, kw_only=True, tag="advocate.resumed"):
    """A suspended advocate goes on."""

    external_id: Customer


class AdvocateLeft(Wire, frozen=True, kw_only=True, tag="advocate.left"):
    """An advocate takes leave; what is open is still paid."""

    external_id: Customer


class ClickRecorded(Wire, frozen=True, kw_only=True, tag="click.recorded"):
    """A click of an advocate's link that the sender's own redirect saw."""

    code: Code
    visitor_id: Visitor | None = None
    click_id: Click | None = None
    ip: Annotated[Text, IGNORED] | None = None
    user_agent: Annotated[FreeText, CHECKED] | None = None
    device_id: Device | None = None
    channel: Annotated[Token, USED] | None = None
    source: Annotated[Text, IGNORED] | None = None
    medium: Annotated[Text, IGNORED] | None = None
    campaign: Annotated[Text, IGNORED] | None = None


class LeadCreated(Wire, frozen=True, kw_only=True, tag="lead.created"):
    """A friend showed up: signed up, left a form, typed a code."""

    customer_external_id: Customer
    visitor_id: Visitor | None = None
    click_id: Click | None = None
    code: Code | None = None
    link_code: LinkCode | None = None
    customer_email: Annotated[Text, PERSONAL] | None = None
    customer_phone: Annotated[Text, PERSONAL] | None = None
    customer_name: Annotated[Text, PERSONAL] | None = None
    device_id: Device | None = None
    company: Annotated[Name, named("company")] | None = None
    country: Country | None = None
    form: Annotated[dict[str, Any], PERSONAL] | Annotated[FreeText, PERSONAL] | None = None
    entered_by: Annotated[Token, USED] | None = None


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line of an invoice."""

    id: Annotated[Token, USED]
    product: Annotated[Token, USED]
    amount: Annotated[SignedMinor, USED]
    brand: Annotated[Token, USED] | None = None
    quantity: Annotated[int, Meta(ge=0, le=MAX_INTEGER), USED] = 1


class ConversionRecorded(Wire, frozen=True, kw_only=True, tag="conversion.recorded"):
    """Something that counts happened, by default a purchase; with a touch it is a lead too.

    ``amount`` is what was charged, after discounts; ``tax`` and ``shipping`` are parts of it, and lines sum to the goods, its rest.
    """

    customer_external_id: Customer
    name: Annotated[Token, USED] = "purchase"
    invoice_id: Invoice | None = None
    amount: Annotated[Minor, USED] | None = None
    currency: Currency | None = None
    status: Annotated[Literal["paid", "open"], USED] = "paid"
    test: Annotated[bool, USED] = False
    code: Code | None = None
    link_code: LinkCode | None = None
    click_id: Click | None = None
    visitor_id: Visitor | None = None
    customer_email: Annotated[Text, PERSONAL] | None = None
    country: Country | None = None
    payment_fingerprint: Annotated[Name, named("payment")] | None = None
    device_id: Device | None = None
    tax: Annotated[Minor, USED] = 0
    shipping: Annotated[Minor, USED] = 0
    discount: Annotated[Minor, USED] = 0
    lines: Annotated[tuple[Line, ...], Meta(max_length=1_000), USED] = ()
    settled: Annotated[bool, USED] = False
    offer_id: Annotated[Token, used("offer")] | None = None


class RefundLine(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What was given back of one line."""

    id: Annotated[Token, USED]
    amount: Annotated[SignedMinor, USED]


class ConversionRefunded(Wire, frozen=True, kw_only=True, tag="conversion.refunded"):
    """Money of an invoice was given back: ``amount`` in all, ``tax`` and ``shipping`` of it; the rest is of the goods first."""

    invoice_id: Invoice
    refund_id: Annotated[Token, used("refund")]
    amount: Annotated[int, Meta(ge=1, le=MAX_INTEGER, description="minor units"), USED]
    currency: Currency | None = None
    tax: Annotated[Minor, USED] = 0
    shipping: Annotated[Minor, USED] = 0
    lines: Annotated[tuple[RefundLine, ...], Meta(max_length=1_000), USED] = ()
    reason: Annotated[FreeText, IGNORED] | None = None


class RefundReturned(Wire, frozen=True, kw_only=True, tag="refund.returned"):
    """A refund failed or was taken back: all of it, or ``amount``."""

    invoice_id: Invoice
    refund_id: Annotated[Token, used("refund")]
    amount: Annotated[int, Meta(ge=1, le=MAX_INTEGER, description="minor units"), USED] | None = None
    reason: Annotated[FreeText, IGNORED] | None = None


class RefundOpened(Wire, frozen=True, kw_only=True, tag="refund.opened"):
    """Somebody asks for money back: what the order earns is looked at before it is approved. ``refund_id``: that of the refund."""

    invoice_id: Invoice
    refund_id: Annotated[Token, used("refund")]
    amount: Annotated[int, Meta(ge=1, le=MAX_INTEGER, description="minor units"), USED] | None = None
    reason: Annotated[FreeText, IGNORED] | None = None


class RefundClosed(Wire, frozen=True, kw_only=True, tag="refund.closed"):
    """What was asked back is not given back. A refund that is given back needs none: ``conversion.refunded`` says it."""

    invoice_id: Invoice
    refund_id: Annotated[Token, used("refund")]
    reason: Annotated[FreeText, IGNORED] | None = None


class ConversionAmended(Wire, frozen=True, kw_only=True, tag="conversion.amended"):
    """A paid invoice has other figures, all of which are said anew; what it earned rises or falls with them."""

    invoice_id: Invoice
    amendment_id: Annotated[Token, used("amendment")]
    amount: Annotated[Minor, USED]
    currency: Currency
    tax: Annotated[Minor, USED] = 0
    shipping: Annotated[Minor, USED] = 0
    discount: Annotated[Minor, USED] = 0
    lines: Annotated[tuple[Line, ...], Meta(max_length=1_000), USED] = ()
    reason: Annotated[FreeText, IGNORED] | None = None


class ConversionCanceled(Wire, frozen=True, kw_only=True, tag="conversion.canceled"):
    """An order or a contract was taken back whole: by its ``invoice_id``, or by the ``id`` of the event that recorded it."""

    invoice_id: Invoice | None = None
    event_id: Annotated[Name, named("event", "conversion")] | None = None
    reason: Annotated[FreeText, IGNORED] | None = None


class ChargebackOpened(Wire, frozen=True, kw_only=True, tag="chargeback.opened"):
    """The buyer's bank asks a payment back: all that is left of it, or ``amount``."""

    invoice_id: Invoice
    chargeback_id: Annotated[Token, used("chargeback")]
    amount: Annotated[int, Meta(ge=1, le=MAX_INTEGER, description="minor units"), USED] | None = None
    currency: Currency | None = None


class ChargebackClosed(Wire, frozen=True, kw_only=True, tag="chargeback.closed"):
    """The bank has decided."""

    invoice_id: Invoice
    chargeback_id: Annotated[Token, used("chargeback")]
    outcome: Annotated[Literal["kept", "lost"], USED]


class CustomerKnown(Wire, frozen=True, kw_only=True, tag="customer.known"):
    """The person was a customer since then: not a new one."""

    customer_external_id: Customer
    since: At


class ReferralImported(Wire, frozen=True, kw_only=True, tag="referral.imported"):
    """A referral that runs in another system goes on here: who brought whom, since when, and when its firsts happened."""

    customer_external_id: Customer
    advocate_external_id: Annotated[Name, named("person", "advocate")]
    lead_at: At
    first: Annotated[dict[Token, datetime], Meta(max_length=20), USED] = {}


class BalanceOpened(Wire, frozen=True, kw_only=True, tag="balance.opened"):
    """What another system owes an advocate, or with a negative amount is owed by them. A reference counts once."""

    external_id: Customer
    amount: Annotated[SignedMinor, USED]
    currency: Currency | None = None
    kind: Annotated[Literal["cash", "credit", "points"], used("reward_kind")] = "cash"
    reference: Annotated[Token, USED]


class PersonMerged(Wire, frozen=True, kw_only=True, tag="person.merged"):
    """Two accounts of yours are one person's: what ``gone`` has goes on as ``keep``."""

    keep_external_id: Annotated[Name, named("person", "keep")]
    gone_external_id: Annotated[Name, named("person", "gone")]


class CustomerUpdated(Wire, frozen=True, kw_only=True, tag="customer.updated"):
    """What the sender knows of a customer; what is not said stays as it was.

    Of traits only those that a rule looks at are decided on, and consent, employee and reseller.
    """

    customer_external_id: Customer
    email: Annotated[Text, PERSONAL] | None = None
    phone: Annotated[Text, PERSONAL] | None = None
    name: Annotated[Text, PERSONAL] | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    country: Country | None = None
    company: Annotated[Name, named("company")] | None = None
    traits: Annotated[dict[Token, Trait], Meta(max_length=100), PERSONAL] = {}


class ConsentRecorded(Wire, frozen=True, kw_only=True, tag="consent.recorded"):
    """A person agreed to something, or took that back: what they said last of a purpose and channel holds.

    ``purpose``: ``referral`` is to be recommended and written to because of it, ``named`` is to be named to who follows their link,
    ``known`` to who recommended them, as ``shown_as`` or else by their first name, ``leaderboard`` to stand on one as ``shown_as``,
    ``advocate`` is to take part in a program; other names are the sender's own. ``channel``: what it is for alone, such as
    ``email``. ``proof``: where it can be seen that they did.
    """

    customer_external_id: Customer
    purpose: Annotated[Token, USED]
    outcome: Annotated[Literal["given", "revoked"], USED]
    channel: Annotated[Token, USED] | None = None
    until: At | None = None
    proof: Annotated[FreeText, PERSONAL] | None = None
    shown_as: Annotated[ShownAs, PERSONAL] | None = None


class CustomerIssueOpened(Wire, frozen=True, kw_only=True, tag="customer.issue_opened"):
    """A customer has an issue with the company: who approves what others earn by them is told until it is closed."""

    customer_external_id: Customer
    issue: Annotated[Token, USED]


class CustomerIssueClosed(Wire, frozen=True, kw_only=True, tag="customer.issue_closed"):
    """The issue of that name is closed."""

    customer_external_id: Customer
    issue: Annotated[Token, USED]


class SurveyAnswered(Wire, frozen=True, kw_only=True, tag="survey.answered"):
    """A customer answered the one question of a survey by a number: what they answered last holds.

    ``survey``: ``nps`` goes from 0 to 10 and ``csat`` from 1 to 5; any other says its own ``lowest`` and ``highest`` answer. What they
    wrote beside it (``comment``) is dropped.
    """

    customer_external_id: Customer
    survey: Annotated[Token, USED]
    score: Annotated[int, Meta(ge=0, le=surveys.MOST), USED]
    lowest: Annotated[int, Meta(ge=0, le=surveys.MOST), used("low")] | None = None
    highest: Annotated[int, Meta(ge=0, le=surveys.MOST), used("high")] | None = None
    comment: Annotated[FreeText, IGNORED] | None = None


class MessageBounced(Wire, frozen=True, kw_only=True, tag="message.bounced"):
    """A mail to an advocate came back: ``hard``, for good, else for now. ``message_id``: what stands before the @ of its Message-ID."""

    message_id: Annotated[Token, used("message")]
    hard: Annotated[bool, USED] = False
    reason: Annotated[FreeText, IGNORED] | None = None


class MessageComplained(Wire, frozen=True, kw_only=True, tag="message.complained"):
    """Who got a mail called it unwanted, as their mail provider reports: nothing is sent to that address any more."""

    message_id: Annotated[Token, used("message")]


class MessageUnsubscribed(Wire, frozen=True, kw_only=True, tag="message.unsubscribed"):
    """Who got a mail wants no more of its topic, or with ``all`` none of any."""

    message_id: Annotated[Token, used("message")]
    all: Annotated[bool, USED] = False


class DealReported(Wire, frozen=True, kw_only=True, tag="deal.reported"):
    """What a CRM says of a deal, all of it anew: what was said last by ``occurred_at`` holds, in whatever order it comes.

    Without a ``registration_id`` it is a deal of your own. A ``code`` makes its contact somebody's referral. ``contact_external_ids``:
    who stands beside the contact in the pipeline. ``orders``: a deal that is won is an order as well, whose ``invoice_id`` is the
    ``deal_id``: lost after it was won, or lost and ``was_won``, it takes that order back, in whatever order this is told.
    """

    deal_id: Annotated[Token, used("deal")]
    status: Annotated[Literal["open", "won", "lost"], USED]
    company: Annotated[Name, named("company")] | None = None
    company_domain: Annotated[Name, named("domain", "company_domain")] | None = None
    company_id: Annotated[Name, named("company_ref")] | None = None
    customer_external_id: Customer | None = None
    contact_external_ids: Annotated[tuple[Name, ...], Meta(max_length=20), named("person", "contacts")] = ()
    customer_email: Annotated[Text, PERSONAL] | None = None
    customer_name: Annotated[Text, PERSONAL] | None = None
    stage: Annotated[Token, USED] | None = None
    amount: Annotated[Minor, USED] | None = None
    currency: Currency | None = None
    opened_at: At | None = None
    code: Code | None = None
    registration_id: Annotated[Token, used("registration")] | None = None
    orders: Annotated[bool, USED] = False
    was_won: Annotated[bool, USED] = False


class DealRegistered(Wire, frozen=True, kw_only=True, tag="deal.registered"):
    """A partner says that they bring a deal: a company, and whom they speak with there."""

    advocate_external_id: Annotated[Name, named("person", "advocate")]
    customer_external_id: Customer
    company: Annotated[Name, named("company")]
    company_domain: Annotated[Name, named("domain", "company_domain")] | None = None
    company_id: Annotated[Name, named("company_ref")] | None = None
    customer_email: Annotated[Text, PERSONAL] | None = None
    customer_phone: Annotated[Text, PERSONAL] | None = None
    customer_name: Annotated[Text, PERSONAL] | None = None
    amount: Annotated[Minor, USED] | None = None
    currency: Currency | None = None
    note: Annotated[FreeText, PERSONAL] | None = None
    entered_by: Annotated[Token, USED] | None = None
    percent: Annotated[Percent, USED] | None = None


class CreditRedeemed(Wire, frozen=True, kw_only=True, tag="credit.redeemed"):
    """Somebody uses store credit, or without a ``currency`` points of the ``program``: once a ``redemption_id``.

    More than they have is refused. ``order_reference``: what it paid for.
    """

    customer_external_id: Customer
    redemption_id: Annotated[Token, used("redemption")]
    amount: Annotated[int, Meta(ge=1, le=MAX_INTEGER, description="minor units, or points"), USED]
    currency: Currency | None = None
    order_reference: Annotated[Token, used("order")] | None = None


class CreditReversed(Wire, frozen=True, kw_only=True, tag="credit.reversed"):
    """What was redeemed is given back, all of it or ``amount``: once a ``reversal_id``."""

    redemption_id: Annotated[Token, used("redemption")]
    reversal_id: Annotated[Token, used("reversal")]
    amount: Annotated[int, Meta(ge=1, le=MAX_INTEGER, description="minor units, or points"), USED] | None = None


TYPES: tuple[type[Wire], ...] = (
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
#: What a publishable key, which anybody can read in a page, may send.
PUBLISHABLE: frozenset[type[Wire]] = frozenset({ClickRecorded, LeadCreated})

AnyWire = (
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
    | MessageBounced
    | MessageComplained
    | MessageUnsubscribed
    | ReferralImported
    | BalanceOpened
    | PersonMerged
    | DealReported
    | DealRegistered
    | CreditRedeemed
    | CreditReversed
)
