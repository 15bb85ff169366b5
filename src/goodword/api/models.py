"""What the API takes and gives: snake_case, times RFC 3339 in UTC, money as minor units with a currency.

Answers are made from the core's structs by ``shown``; these types are the published contract.
"""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.money import MAX_INTEGER

T = TypeVar("T")

Id = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_:.-]+$")]
Unit = Annotated[str, Field(max_length=64, description="An ISO 4217 currency, or points:<program>")]
Minor = Annotated[int, Field(ge=0, le=MAX_INTEGER, strict=True, description="Minor units, or points")]
Time = Annotated[str, Field(description="RFC 3339 in UTC", json_schema_extra={"format": "date-time"})]
When = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$",
        json_schema_extra={"format": "date-time"},
    ),
]
Reason = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Mail = Annotated[str, Field(max_length=254)]


class Body(BaseModel):
    """What is sent: unknown names are errors, and a number is no text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Money(BaseModel):
    """An amount in minor units (or points) and its unit."""

    amount: int
    currency: Unit


class Page(BaseModel, Generic[T]):
    """A page of a list; ``after``: the cursor of the next one, null: this was the last."""

    items: list[T]
    after: str | None = None


class Verdict(BaseModel):
    """What was found, for one program and subject; ``steps``: the explanation as codes with the values seen."""

    about: str
    outcome: str
    refusal: str | None = None
    program: str | None = None
    subject: str | None = None
    side: str | None = None
    beneficiary: str | None = None
    amount: int | None = None
    unit: str | None = None
    flags: list[str] = []
    redecides: str | None = None
    steps: list[tuple[str, dict[str, Any]] | tuple[str]] = []


class Decision(BaseModel):
    """An entry of the log: the event, where it stands, and what was decided."""

    evt: str
    type: str
    position: int
    as_of: Time
    occurred_at: Time
    actor: str | None = None
    verdicts: list[Verdict]
    postings: list[list[Any]]


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


class ReasonedList(Body):
    """Items and why."""

    items: Annotated[list[Item], Field(min_length=1, max_length=1000)]
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class NewWorkspace(Body):
    """A sandbox beside this workspace, owned by the caller."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    clock: Literal["real", "manual", "events"] = "real"
    starts_at: When | None = None


class CreatedWorkspace(BaseModel):
    """A new workspace; its keys are shown this once."""

    id: str
    owner: str
    owner_key: str
    secret_key: str
    write_key: str
    publishable_key: str


class Workspace(BaseModel):
    """The workspace that the key opens."""

    id: str
    name: str
    mode: str
    clock: str
    created_at: Time


class Clock(BaseModel):
    """What the workspace's clock shows."""

    now: Time
    clock: str


class ClockMove(Body):
    """Where a manual clock is moved to."""

    to: When


class RuleFile(Body):
    """A rule file as text; ``name`` says by its ending whether it is YAML or JSON."""

    document: Annotated[str, Field(max_length=262_144)]
    name: Annotated[str, Field(max_length=120, pattern=r"\.(yaml|yml|json)$")] = "rules.yaml"


class Version(BaseModel):
    """A rule version and since when it is in force."""

    rules: str
    since: Time


class Program(BaseModel):
    """A program with its versions, the oldest first."""

    id: str
    slug: str
    status: str
    versions: list[Version]


class Person(BaseModel):
    """A person by the name the company gave."""

    id: str
    external_id: str | None


class PayeeDetails(Body):
    """Where a beneficiary is paid; what ``details`` holds depends on the rail."""

    rail: Literal["bank_file", "sandbox"]
    details: Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=16)]


class Advocate(BaseModel):
    """One person in one program."""

    id: str
    person: str
    external_id: str | None = None
    program: str
    status: str
    enrolled_at: Time
    terms: bool
    codes: list[str]


class Share(BaseModel):
    """An advocate's exact part."""

    person: str
    numerator: int
    denominator: int


class ShareBody(Body):
    """An advocate's exact part."""

    person: Id
    numerator: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    denominator: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class Referral(BaseModel):
    """The claim that won."""

    id: str
    program: str
    friend: str
    shares: list[Share]
    rules: str
    status: str
    lead_at: Time
    touch_at: Time | None
    typed: bool


class NewClaim(Body):
    """Somebody says that advocates brought a friend."""

    program: Id
    person: Id
    advocates: Annotated[list[ShareBody], Field(min_length=1, max_length=16)]
    lead_at: When
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class ClaimAnswer(Body):
    """What a person decides about a claim."""

    outcome: Literal["won", "lost", "withdrawn"]
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class Claim(BaseModel):
    """An assertion that advocates brought a friend."""

    id: str
    program: str
    friend: str
    shares: list[Share]
    kind: str
    status: str
    lead_at: Time
    opened_at: Time
    entered_by: str | None
    decided_by: str | None


class Reward(BaseModel):
    """What one beneficiary earns for a conversion. ``gross``: before refunds; ``amount``: what is owed now."""

    id: str
    program: str
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
    status: str
    earned_at: Time
    hold_until: Time
    approved_at: Time | None
    due_at: Time | None
    cases: list[str]
    approvals: list[str]
    payout: str | None
    evt: str


class Case(BaseModel):
    """A task for a person."""

    id: str
    kind: str
    program: str | None
    subject: str
    status: str
    opened_at: Time
    flags: list[tuple[str, dict[str, Any]]]
    rewards: list[str]
    outcome: str | None
    decided_by: str | None
    decided_at: Time | None


class CaseAnswer(Body):
    """What a person decides about a case."""

    outcome: Literal["cleared", "confirmed"]
    reason: Reason
    note: Annotated[str, Field(max_length=2000)] | None = None


class Draft(Body):
    """Gather approved rewards that are due into payouts; without beneficiaries those of all, a thousand at most."""

    rail: Literal["bank_file", "sandbox"]
    unit: Unit
    beneficiaries: Annotated[list[Id], Field(max_length=1000)] | None = None


class Cancellation(Body):
    """Why a payout is taken back."""

    reason: Reason


class PayoutAnswer(Body):
    """What a person says of a payout that went by bank file."""

    outcome: Literal["sent", "completed", "failed", "returned"]
    reference: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._-]+$")] | None = None
    reason: Reason | None = None


class Payout(BaseModel):
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
    drafted_at: Time
    releases: list[str]
    reference: str | None
    reason: str | None


class Balance(BaseModel):
    """What stands in an account."""

    program: str
    account: str
    owner: str
    unit: str
    amount: int


class TrialLine(BaseModel):
    """The sum of a class of account; those of a unit add up to zero."""

    unit: str
    account: str
    amount: int


class TrialBalance(BaseModel):
    """All classes of account, and whether every unit adds up to zero."""

    balanced: bool
    lines: list[TrialLine]


class Posting(BaseModel):
    """A posting: an amount from a source to a destination."""

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


class Head(BaseModel):
    """A signed head of the log; hexadecimal."""

    workspace: str
    size: int
    root: str
    as_of: int
    signature: str
    public: str


class Proof(BaseModel):
    """An RFC 6962 proof; hexadecimal."""

    size: int
    leaf: str | None = None
    proof: list[str]


class Progress(BaseModel):
    """Where deciding stands."""

    position: int
    as_of: Time
    waiting: int
    set_aside: int


class RewardSums(BaseModel):
    """Rewards of one side."""

    count: int
    gross: int
    net: int
    reversed_fully: int


class AdvocateSums(RewardSums):
    """Rewards of advocates."""

    reversed_partly: int


class Summary(BaseModel):
    """What happened, in one currency, amounts in minor units."""

    distinct_events: int
    conversions: int
    refunds: int
    monthly_cap_refusals: int
    advocates: int
    clicks: int
    leads: int
    attributed_leads: int
    qualifying_conversions: int
    advocate_rewards: AdvocateSums
    friend_rewards: RewardSums
    revenue_gross: int
    revenue_refunded: int
    net_by_advocate_sha256: str
    advocates_with_net: int
    top_advocates: list[tuple[str, int]]
    workspace: str


class Member(BaseModel):
    """A person of the company. ``limits``: what one may approve or release alone, by unit; null: all."""

    id: str
    email: str | None
    roles: list[str]
    limits: dict[str, int] | None


class MemberBody(Body):
    """Who joins or changes."""

    email: Mail
    roles: Annotated[list[Literal["owner", "approver", "payer"]], Field(max_length=3)]
    limits: dict[Unit, Minor] | None = None


class MemberAdded(BaseModel):
    """A member, and a key of their own if one was made: shown this once."""

    id: str
    key: str | None
    decision: Decision


class Key(BaseModel):
    """An API key; its text is kept by nobody."""

    id: str
    kind: str
    member: str | None
    name: str
    created_at: Time
    revoked_at: Time | None


class NewKey(Body):
    """A service key."""

    kind: Literal["sk", "wk", "pk"]
    name: Annotated[str, Field(max_length=120)] = ""


class KeyMade(BaseModel):
    """A new key: its text is shown this once."""

    id: str
    key: str


class Event(BaseModel):
    """Where an event stands: waiting, set aside, or decided with its decision."""

    evt: str
    status: Literal["waiting", "set_aside", "decided"]
    decision: Decision | None = None


class ExplainedVerdict(BaseModel):
    """A verdict in words."""

    evt: str
    subject: str | None
    outcome: str
    refusal: str | None
    beneficiary: str
    finance: str
    steps: list[str]


class Explanation(BaseModel):
    """Every decision about something, the oldest first, with a sentence for the beneficiary and one for finance each."""

    id: str
    decisions: list[Decision]
    sentences: list[ExplainedVerdict]


_TIMES = frozenset(
    [
        "as_of",
        "occurred_at",
        "created_at",
        "enrolled_at",
        "lead_at",
        "touch_at",
        "opened_at",
        "decided_at",
        "earned_at",
        "hold_until",
        "approved_at",
        "due_at",
        "drafted_at",
        "revoked_at",
    ]
)


def shown(value: Struct, *names: str) -> dict[str, Any]:
    """A struct as JSON shows it: the named fields, or all; instants as text."""
    found: dict[str, Any] = msgspec.to_builtins(value)
    wanted = names or value.__struct_fields__
    return {name: _time(name, found.get(name, getattr(value, name))) for name in wanted}


def _time(name: str, value: Any) -> Any:
    return calendar.text(value) if name in _TIMES and isinstance(value, int) else value


def decision(entry: Entry) -> Decision:
    """An entry of the log."""
    actor = entry.facts.actor
    return Decision(
        evt=entry.event.evt,
        type=str(entry.event.__struct_config__.tag),
        position=entry.position,
        as_of=calendar.text(entry.as_of),
        occurred_at=calendar.text(entry.event.occurred_at),
        actor=actor.id if actor else None,
        verdicts=[Verdict(**msgspec.to_builtins(verdict)) for verdict in entry.verdicts],
        postings=msgspec.to_builtins(entry.postings),
    )
