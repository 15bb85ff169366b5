"""What the API takes: unknown names are errors, everything is bounded."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from goodword.api.fields import (
    Country,
    Currency,
    Id,
    Mail,
    Minor,
    Percent,
    RailName,
    Reason,
    Token,
    Unit,
    When,
    Withheld,
)
from goodword.app.proof import preview
from goodword.app.say.corrections import MOST_DOCUMENT, MOST_WHY
from goodword.app.see.mappings import MOST_DAYS
from goodword.core import parts
from goodword.core.money import MAX_INTEGER
from goodword.sources.native_read import CODES

Role = Literal[
    "owner",
    "program_manager",
    "approver",
    "payer",
    "operations",
    "support",
    "marketer",
    "analyst",
    "developer",
    "auditor",
]


Worth = Annotated[
    Literal["confirmed", "useful", "false_alarm"],
    Field(description="Whether its flags were worth a look, from which the precision of each flag is counted"),
]

Measure = Literal[
    "claims_created",
    "claims_approved",
    "claims_rejected",
    "attribution_disputed",
    "exceptions",
    "duplicates",
    "rewards_earned",
    "rewards_approved",
    "rewards_rejected",
    "rewards_paid",
    "approved_to_paid",
    "conversion_to_paid",
    "first_answer",
    "dispute_decision",
    "reward_cost",
    "referred_revenue",
    "satisfaction",
]

ShownCode = Annotated[str, Field(min_length=1, max_length=64, repr=False, description="As somebody shows it; a secret")]

_AS_SHOWN = "As the list showed it; nothing of it is read here."


class Body(BaseModel):
    """What is sent: unknown names are errors, and a number is no text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Item(Body):
    """One item of a frozen list: what the person saw."""

    id: Id
    amount: Minor
    unit: Unit
    destination: Annotated[str, Field(max_length=128)] | None = None


class FrozenList(Body):
    """Items and the SHA-256 of their canonical bytes: one that has changed since refuses all."""

    items: Annotated[list[Item], Field(min_length=1, max_length=1000)]
    list_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    shown: Annotated[list[dict[str, Any]], Field(max_length=1000, description=_AS_SHOWN)] | None = None
    left_out: Annotated[dict[str, int], Field(max_length=10, description=_AS_SHOWN)] | None = None


class AuditSignature(Body):
    """The list that was looked at, by its digest, and the payouts in which something was found, with what."""

    list_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    findings: Annotated[list[Id], Field(max_length=1000)] = []
    note: Annotated[str, Field(max_length=2000)] | None = None


class PilotChosen(Body):
    """Who is in a pilot: whom any of these names. `share` is in percent, of all advocates, such as `12.5`."""

    advocates: Annotated[list[Id], Field(max_length=500)] = []
    ways: Annotated[list[Literal["link", "code", "deal"]], Field(max_length=2)] = []
    share: Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,4})?$")] | None = None


class PilotDecision(PilotChosen):
    """What follows a pilot's cycle, why, and the digest of the report that was seen, which all but a stop need."""

    outcome: Literal["enlarged", "everybody", "again", "stopped"]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    note: Annotated[str, Field(min_length=1, max_length=2000)]


class ReasonedList(Body):
    """Items and why."""

    items: Annotated[list[Item], Field(min_length=1, max_length=1000)]
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class Restoration(ReasonedList):
    """Items that were rejected, or have expired, by mistake, as a list of them says, and why."""

    list_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Lifting(Body):
    """An advocate who was suspended by mistake, and why."""

    program: Id
    person: Id
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class Settlement(FrozenList):
    """How what is owed back of these rewards is settled; an item with less than is owed settles a part of it."""

    how: Literal["repaid", "written_off", "forgiven"]
    reason: Reason
    reference: Annotated[str, Field(max_length=140)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class Rejection(ReasonedList):
    """Items that are not owed and why. Each beneficiary is told the reason, unless it is ``withheld``."""

    withheld: Withheld | None = None


class NewWorkspace(Body):
    """A sandbox beside this workspace, owned by the caller."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    clock: Literal["real", "manual", "events"] = "real"
    starts_at: When | None = None


class ClockMove(Body):
    """Where a manual clock is moved to."""

    to: When


class RuleFile(Body):
    """A rule file as text; ``name`` says by its ending whether it is YAML or JSON."""

    document: Annotated[str, Field(max_length=262_144)]
    name: Annotated[str, Field(max_length=120, pattern=r"\.(yaml|yml|json)$")] = "rules.yaml"


class RoutingFile(Body):
    """A table of routes as text; ``name`` says by its ending whether it is YAML or JSON."""

    document: Annotated[str, Field(max_length=65_536)]
    name: Annotated[str, Field(max_length=120, pattern=r"\.(yaml|yml|json)$")] = "routing.yaml"


class NewStandingApproval(Body):
    """What is to be approved beforehand. ``program``: by id or slug; ``unit``: a currency, or points; ``side``: null, both.

    ``per_reward``, ``per_beneficiary`` and ``in_all``: the most, in minor units or points; ``until``: its end, within 366 days.
    """

    program: Id
    kind: Annotated[str, Field(max_length=20)]
    unit: Annotated[str, Field(pattern="^([A-Z]{3}|points)$")]
    rail: Annotated[str, Field(max_length=64)]
    side: Literal["advocate", "friend"] | None = None
    per_reward: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    per_beneficiary: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    in_all: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    until: When


class StandingStop(Body):
    """Why a standing approval is stopped."""

    reason: Reason


class Launch(Body):
    """With what a program goes live. What each source is called and when it delivered last says `GET /v1/sources`."""

    owner: Annotated[str, StringConstraints(max_length=64)] = Field(
        description="The member who decides its exceptions, by id"
    )
    trigger: Annotated[str, StringConstraints(max_length=64)] = Field(description="The source that tells of its leads")
    billing: Annotated[str, StringConstraints(max_length=64)] = Field(description="The source that tells of its orders")
    silent_hours: int = Field(48, ge=1, le=168, description="For how many hours either may be silent")
    evidence: Annotated[str, StringConstraints(pattern="^([0-9a-f]{64})?$")] = Field(
        description="The digest of the list of evidence, as its readiness gives it"
    )
    measures: list[Measure] = Field(
        list(get_args(Measure)), min_length=1, max_length=32, description="What is watched of it"
    )
    every_days: int = Field(30, ge=1, le=92, description="In how many days the measures are looked at once")
    looks: Annotated[str, StringConstraints(max_length=64)] = Field(description="The member who looks at them, by id")


class OwnMail(Body):
    """Which mail a member wants."""

    wants: Literal["off", "digest", "urgent"]


class MessageText(Body):
    """The text of a message: a template in Liquid, of which the first line is the subject."""

    text: Annotated[str, Field(max_length=8_000)]


_MAPPING = "What the events of a source mean, YAML or JSON"


class MappingFile(Body):
    """A mapping file as text; ``name`` says by its ending whether it is YAML or JSON."""

    text: Annotated[str, Field(max_length=65_536, description=_MAPPING)]
    name: Annotated[str, Field(max_length=120, pattern=r"\.(yaml|yml|json)$")] = "mapping.yaml"


class MappingPreview(Body):
    """What is tried: a mapping file, without it the one that counts; on what is kept, or on items that stand here as JSON."""

    text: Annotated[str, Field(max_length=65_536, description=_MAPPING)] | None = None
    name: Annotated[str, Field(max_length=120, pattern=r"\.(yaml|yml|json)$")] = "mapping.yaml"
    sample: Annotated[str, Field(max_length=800_000, description="An item, a list or a batch, as JSON")] | None = None


class KeepDeliveries(Body):
    """For how many days what a source delivers is kept; 0: not at all."""

    days: Annotated[int, Field(ge=0, le=MOST_DAYS)]


class ResendDeliveries(Body):
    """What is sent again: what came since then, by the real clock; without it all that is kept."""

    since: When | None = None


class TriedOrder(Body):
    """What a friend does: by default a purchase on the day of the lead, the first that the advocate brought."""

    amount: Minor | None = None
    currency: Currency | None = None
    name: Token = "purchase"
    country: Country | None = None
    products: Annotated[list[Token], Field(max_length=100, description="Of its lines")] = []
    brands: Annotated[list[Token], Field(max_length=100, description="Of its lines")] = []
    traits: Annotated[dict[Token, bool | int | Token], Field(max_length=32, description="Of the friend")] = {}
    known: Annotated[bool, Field(description="Whether the friend was a customer before")] = False
    days: Annotated[int, Field(ge=0, le=3650, description="Since the lead")] = 0
    before: Annotated[
        int,
        Field(
            ge=0,
            le=preview.MOST_BEFORE,
            description="So many other friends of the advocate ordered the same, more than a year before",
        ),
    ] = 0

    @model_validator(mode="after")
    def _amount_has_a_currency(self) -> Self:
        if (self.amount is None) is not (self.currency is None):
            raise ValueError("amount and currency come together or not at all")
        return self


class RulePreview(RuleFile):
    """A rule file, and an order to try it with."""

    order: TriedOrder


class PayeeDetails(Body):
    """Where a beneficiary is paid. What ``details`` holds depends on the rail: `GET /v1/rails` lists the fields of each."""

    rail: RailName
    details: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")], Annotated[str, Field(max_length=200)]],
        Field(max_length=16, description="By name of field, as in `GET /v1/rails`; one that is not there is an error."),
    ]


class PayeeCheck(Body):
    """What a bank, or who asks banks, answered about the name and the account in payment details (verification of payee)."""

    answer: Literal["match", "close_match", "no_match", "not_possible"]
    provider: Annotated[Token, Field(description="Who answered, such as the name of the bank.")]
    answered_at: Annotated[When | None, Field(description="Without it: now.")] = None
    destination: Annotated[
        str | None,
        Field(
            max_length=64,
            description="Which details it is about, as `GET /v1/people/{person}/payee` names them; or `iban`.",
        ),
    ] = None
    iban: Annotated[str | None, Field(max_length=42, description="Which account it is about; or `destination`.")] = None
    suggested: Annotated[
        str | None, Field(max_length=140, description="Of a close match, the name by which the bank knows the account.")
    ] = None


class DebtorDetails(Body):
    """The company's own account, from which files for the bank pay."""

    details: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")], Annotated[str, Field(max_length=200)]],
        Field(
            max_length=16, description="By name of field, as in `GET /v1/debtor`; one that is not there is an error."
        ),
    ]


class TaxReporting(Body):
    """Where the workspace is to report what it pays."""

    jurisdictions: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=8)]
    timezone: Annotated[str, Field(max_length=64, description="Whose days and years count, of IANA.")] = "UTC"


class TaxFormDetails(Body):
    """A payee's form: ``w9``, ``w8ben``, ``vat_id``, or ``none`` with the reason why none is needed."""

    form: Annotated[str, Field(max_length=20)]
    details: Annotated[
        dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")], Annotated[str, Field(max_length=200)]],
        Field(max_length=20, description="By name of field, as in `GET /v1/tax`; one that is not there is an error."),
    ]


class TaxReason(Body):
    """Why what forms say is to be shown."""

    note: Annotated[str, Field(min_length=1, max_length=2000)]


class CopyReason(Body):
    """Why the copy of a person is made."""

    note: Annotated[str, Field(min_length=1, max_length=2000)]


class ShareBody(Body):
    """An advocate's exact part."""

    person: Id
    numerator: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    denominator: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class NewClaim(Body):
    """Somebody says that advocates brought a friend."""

    program: Id
    person: Id
    advocates: Annotated[list[ShareBody], Field(min_length=1, max_length=16)]
    lead_at: When
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None
    evidence: Annotated[
        list[Annotated[str, Field(pattern=r"^(tch|evt|cas)_[0-9A-Za-z]{1,64}$")]],
        Field(
            max_length=20,
            description=(
                "Ids of touches, events and cases that speak for it. Without any it is a request, which stops nothing until"
                " somebody takes it up, or two working days are over."
            ),
        ),
    ] = []


class OrderLine(Body):
    """One line of an order; lines sum to the goods, its amount less tax and shipping."""

    id: Token
    product: Token
    amount: Annotated[int, Field(ge=-MAX_INTEGER, le=MAX_INTEGER, strict=True, description="Minor units")]
    brand: Token | None = None
    quantity: Annotated[int, Field(ge=0, le=MAX_INTEGER, strict=True)] = 1


class Amendment(Body):
    """The figures of a paid order, all of them anew, as an event says them; and why."""

    amount: Annotated[Minor, Field(description="What was charged; tax and shipping are parts of it")]
    currency: Currency
    tax: Minor = 0
    shipping: Minor = 0
    discount: Minor = 0
    lines: Annotated[list[OrderLine], Field(max_length=1000)] = []
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        problem = parts.problem(self.amount, self.tax, self.shipping, [line.amount for line in self.lines])
        if problem is not None:
            raise ValueError(CODES[problem])
        return self


class Appeal(Body):
    """Why a decision is to be looked at again."""

    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class Opened(Body):
    """For how long evidence was open."""

    seconds: Annotated[int, Field(ge=0, le=86_400, strict=True)] = 0


class Unmasking(Body):
    """Which personal fields of a person or an event are to be shown, and why."""

    subject: Id
    fields: Annotated[list[Token], Field(min_length=1, max_length=20)]
    note: Annotated[str, Field(min_length=1, max_length=2000)]


class Merge(Body):
    """An account that is the same person's: what it has goes on in the one that is named by the path."""

    gone: Id
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class MessageSettlement(Body):
    """What becomes of a message of which nobody knows, or that was refused."""

    outcome: Literal["again", "arrived", "leave"]


class MessageSettlements(Body):
    """What becomes of several messages alike: of all of them, or of none."""

    messages: Annotated[list[Id], Field(min_length=1, max_length=100)]
    outcome: Literal["again", "arrived", "leave"]


class MessageReport(Body):
    """A mail server's report on a message. ``report``: the whole mail in base64, as it came."""

    report: Annotated[str, Field(min_length=1, max_length=700 << 10, repr=False)]


class MessageResumption(Body):
    """Why a person is written to again."""

    reason: Literal["asked", "mended", "mistake"]


class ClaimAnswer(Body):
    """What a person decides about a claim: it is theirs, it is not, several share the friend, or nobody brought them."""

    outcome: Literal["won", "lost", "split", "none", "withdrawn"]
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None
    shares: Annotated[
        list[ShareBody],
        Field(
            max_length=16,
            description="Of a split: who brought the friend, of those who claim or have them. They sum to one.",
        ),
    ] = []

    @model_validator(mode="after")
    def _shares_of_a_split(self) -> Self:
        if bool(self.shares) != (self.outcome == "split"):
            raise ValueError("shares are named where the outcome is split, and only there")
        return self


class CaseAnswer(Body):
    """What a person decides about a case; ``kept`` and ``replaced`` of an invoice that came again with other values."""

    outcome: Literal["cleared", "confirmed", "kept", "replaced", "upheld", "dismissed"]
    choice: (
        Annotated[str, Field(max_length=64, description="the event whose figures count; without it the newest")] | None
    ) = None
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None
    withheld: Withheld | None = None
    worth: Worth | None = None


class Assignment(Body):
    """Whose a case is, null for nobody's, and by when it is to be decided."""

    member: Id | None = None
    due_at: When | None = None


class Comment(Body):
    """What somebody says about a case or a claim; ``told``: to the person who opened it, who reads it."""

    note: Annotated[str, Field(min_length=1, max_length=2000)]
    told: bool = False


class DealCompany(Body):
    """The company of a deal: its name, the domain of its mail or site, and what your CRM calls it."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    domain: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    external_id: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class DealContact(Body):
    """Whom the partner speaks with: by your own id for them, or by their mail."""

    external_id: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    name: Annotated[str, Field(max_length=1000)] | None = None
    email: Annotated[str, Field(max_length=255)] | None = None
    phone: Annotated[str, Field(max_length=100)] | None = None


class NewDeal(Body):
    """A deal that a partner brings. ``advocate_external_id``: the partner, as you call them; ``percent``: the rate they ask for."""

    advocate_external_id: Annotated[str, Field(min_length=1, max_length=255)]
    program: Id | None = None
    company: DealCompany
    contact: DealContact
    amount: Minor | None = None
    currency: Currency | None = None
    percent: Percent | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class DealAnswer(Body):
    """Whether a deal is its partner's. ``days``: without them as many as the partner's agreement says, or 90.

    ``conflicts``: the subjects of all that were seen; ``deal_id``: the CRM's that it is.
    """

    outcome: Literal["accepted", "declined"]
    days: Annotated[int, Field(ge=1, le=730, description="for how long the company is protected")] | None = None
    conflicts: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=100)] = []
    deal_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    reason: (
        Literal["own_deal", "existing_customer", "protected", "duplicate", "no_fit", "unreachable", "other"] | None
    ) = None
    note: Annotated[str, Field(max_length=2000)] | None = None

    @model_validator(mode="after")
    def _reason_of_a_no(self) -> Self:
        if (self.reason is None) is (self.outcome == "declined"):
            raise ValueError("a reason is named where the outcome is declined, and only there")
        return self


class NewAgreement(Body):
    """Terms for one partner. ``advocate``: by id, or as you call them; ``program``: without one, in all.

    ``since``: now, or later; without one from now on. ``percent`` or ``flat``: a rate of their own, for conversions of the name ``on``,
    or without one for all that have an amount. ``accounts``: companies by domain, id or name.
    """

    advocate: Annotated[str, Field(min_length=1, max_length=255)]
    program: Id | None = None
    since: When | None = None
    until: When | None = None
    on: Token | None = None
    percent: Percent | None = None
    flat: Annotated[dict[Currency, Minor], Field(min_length=1, max_length=64)] | None = None
    accounts: Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(max_length=200)] = []
    products: Annotated[list[Token], Field(max_length=200)] = []
    countries: Annotated[list[Country], Field(max_length=200)] = []
    protection_days: (
        Annotated[int, Field(ge=1, le=730, description="for how long their deals are protected")] | None
    ) = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class BankFile(Body):
    """A file of the bank. ``file``: its bytes in base64; ``mapping``: of the columns of a CSV, as YAML or JSON."""

    file: Annotated[str, Field(min_length=1, max_length=16 << 20, repr=False)]
    mapping: Annotated[str, Field(max_length=20_000)] | None = None


class NewStock(Body):
    """Codes to give out. ``codes``: one a line, or CSV; ``amount``: what each is worth; ``low_at``: so many left are too few.

    ``program``: only rewards of it get them; ``ends_at``: from when on they are worth nothing.
    """

    name: Token
    unit: Unit
    amount: Annotated[int, Field(ge=1, le=MAX_INTEGER, strict=True, description="minor units, or points")]
    codes: Annotated[str, Field(min_length=1, max_length=1_000_000, repr=False)]
    program: Id | None = None
    low_at: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] = 0
    ends_at: When | None = None


class NewRedemption(Body):
    """Credit that is used. ``redemption_id``: an id of yours, once; ``unit``: a currency, or points:<program>.

    ``program``: only what was earned in it; ``order_reference``: what it pays for.
    """

    redemption_id: Token
    amount: Annotated[int, Field(ge=1, le=MAX_INTEGER, strict=True, description="minor units, or points")]
    unit: Unit
    program: Id | None = None
    order_reference: Token | None = None


class CodeLookup(Body):
    """A code of our own, as somebody shows it: in any case, with or without its hyphens."""

    code: ShownCode


class NewCodeRedemption(Body):
    """What is used of what is behind a code. ``redemption_id``: an id of yours, once; ``unit``: that of the code.

    ``order_reference``: what it pays for.
    """

    code: ShownCode
    redemption_id: Token
    amount: Annotated[int, Field(ge=1, le=MAX_INTEGER, strict=True, description="minor units, or points")]
    unit: Unit
    order_reference: Token | None = None


class NewReversal(Body):
    """What is given back of a redemption. ``reversal_id``: an id of yours, once; ``amount``: without one all that is left."""

    reversal_id: Token
    amount: Annotated[int, Field(ge=1, le=MAX_INTEGER, strict=True, description="minor units, or points")] | None = None


class AgreementEnd(Body):
    """Whose agreement is over, in one program or, without one, that for all; ``since``: now, or later."""

    advocate: Annotated[str, Field(min_length=1, max_length=255)]
    program: Id | None = None
    since: When | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None


class NewCode(Body):
    """The code that an advocate shares from now on: 4 to 20 letters and digits, with hyphens between them, and a letter."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


class NewDealForm(Body):
    """A link by which a partner registers deals of their own. ``program``: by id or slug; without one, their only one."""

    program: Id | None = None
    days: Annotated[int, Field(ge=1, le=365, description="for how long it opens the form")] = 30


class DealMessage(Body):
    """What partner or sales write to each other; a key speaks for the partner."""

    side: Literal["partner", "sales"] = "partner"
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class DealWithdrawal(Body):
    """That a partner takes a deal back."""

    note: Annotated[str, Field(max_length=2000)] | None = None


class Snooze(Body):
    """Until when a case or a reward is put aside, and why; without ``until`` it is back."""

    until: When | None = None
    reason: Reason = "snoozed"
    note: Annotated[str, Field(max_length=2000)] | None = None


class Draft(Body):
    """Gather approved rewards that are due into payouts; without beneficiaries those of all, a thousand at most."""

    rail: RailName
    unit: Unit
    beneficiaries: Annotated[list[Id], Field(max_length=1000)] | None = None


class NewSchedule(Body):
    """On which days drafts are made of what is due. ``program``: of its rewards alone; ``timezone``: by default the programs'."""

    rail: RailName
    unit: Unit
    every: Literal["day", "week", "month"]
    on: Annotated[
        list[Annotated[int, Field(ge=1, le=31)]],
        Field(
            max_length=31,
            description="Weekdays from 1, Monday, on, or days of a month; 31 is always the last. None for every day.",
        ),
    ] = []
    hour: Annotated[int, Field(ge=0, le=23, description="By the clock in the time zone")]
    program: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    timezone: Annotated[str, Field(min_length=1, max_length=64, description="Of the IANA list")] | None = None


class Cancellation(Body):
    """Why a payout is taken back."""

    reason: Reason


class PayoutAnswer(Body):
    """What a person says of a payout that went by bank file, or of one that its rail never heard of."""

    outcome: Literal["sent", "completed", "failed", "returned"]
    reference: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")] | None = None
    reason: Reason | None = None


class NewCorrection(Body):
    """What somebody is owed though no order earned it, and why. Another member approves it."""

    program: Id
    person: Annotated[str, Field(min_length=1, max_length=200, description="By id or as the company calls them")]
    origin: Annotated[
        Literal["goodwill", "bonus", "exchange", "mistake", "contribution"],
        Field(description="An exchange stands in the place of a reward that was rejected, which it names"),
    ]
    kind: Literal["cash", "credit", "points"] = "cash"
    amount: Annotated[int, Field(ge=1, le=MAX_INTEGER, description="Minor units, or points")]
    currency: Currency | None = None
    why: Annotated[
        str, Field(min_length=1, max_length=MOST_WHY, description="In words; the beneficiary is not told them")
    ]
    puts_right: Annotated[Id, Field(description="The reward that it is about")] | None = None
    document: (
        Annotated[
            str, Field(max_length=MOST_DOCUMENT, description="What it rests on outside of here; nobody fetches it")
        ]
        | None
    ) = None


class Arrival(Body):
    """That a payout which failed, or was returned, arrived after all, with its amount as it was sent, and how that is known."""

    amount: Minor
    unit: Unit
    why: Annotated[str, Field(min_length=1, max_length=MOST_WHY)]
    reference: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")] | None = None


class MemberBody(Body):
    """Who joins or changes."""

    email: Mail
    roles: Annotated[list[Role], Field(max_length=10)]
    limits: dict[Unit, Minor] | None = None
    programs: Annotated[
        list[Id],
        Field(
            max_length=100,
            description="Ids or slugs of the programs that they are limited to; none: they work with all.",
        ),
    ] = []


class ChangeAnswer(Body):
    """What becomes of a change."""

    outcome: Literal["confirmed", "declined", "withdrawn"]


class NewHook(Body):
    """A secret that another system made: with which it signs what it sends, or a key with which it is asked for what it only names."""

    source: Annotated[str, Field(max_length=64)]
    secret: Annotated[str, Field(min_length=1, max_length=255)]
    name: Annotated[str, Field(max_length=120)] = ""


class NewKey(Body):
    """A service key; or `portal`, the secret with which your own app signs tokens that open the portal for somebody."""

    kind: Literal["sk", "wk", "pk", "portal"]
    name: Annotated[str, Field(max_length=120)] = ""


_Types = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Field(max_length=100, description="Types of messages, as `GET /v1/webhooks/types` lists them"),
]
_Programs = Annotated[
    list[Id], Field(max_length=100, description="Ids or slugs of programs that it is limited to; none: all")
]
_Url = Annotated[str, Field(max_length=2000, description="https, and a public address")]
_Description = Annotated[str, Field(max_length=200)]


class NewWebhook(Body):
    """An endpoint."""

    url: _Url
    description: _Description = ""
    types: _Types | None = None
    programs: _Programs = []


class WebhookChange(Body):
    """What is changed of an endpoint."""

    url: _Url | None = None
    description: _Description | None = None
    types: _Types | None = None
    programs: _Programs | None = None


class WebhookStatus(Body):
    """Whether an endpoint is told anything."""

    status: Literal["active", "paused"]


class WebhookReplay(Body):
    """From where on: one of the two."""

    position: Annotated[int, Field(ge=1, le=MAX_INTEGER)] | None = None
    since: When | None = None


class CrmSettings(Body):
    """How the records of a CRM are written to. `fields`: what the CRM calls `source`, `referrer`, `referral_state`, `deal_state`."""

    referrer: Literal["code", "name", "none"] = "code"
    fields: Annotated[dict[str, Annotated[str, Field(max_length=100)]], Field(max_length=4)] = {}
    site: Annotated[str, Field(max_length=200)] = ""


class OwnSystem(Body):
    """A system of yours that books rewards. `address`: where it is, or its host; `key`: by which it is asked, of one that has keys.

    `same_system`: it knows what was sent to the one of before, of which this is another address or key.
    """

    kind: Literal["signed", "stripe_balance", "shopify_discount", "shopify_gift_card"]
    address: Annotated[str, Field(max_length=2000)] = ""
    key: Annotated[str, Field(max_length=500)] = ""
    same_system: bool = False


class CrmMatch(Body):
    """By which referral the contact of a deal came, or did not; or else a person."""

    referral: Id
    deal_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    person: Id | None = None


class WebhookAgain(Body):
    """Which delivery."""

    id: Id | None = None
