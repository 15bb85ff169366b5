"""What the API gives: snake_case, times RFC 3339 in UTC, amounts in minor units beside their unit.

Answers are made from the core's structs (``answers``); these types are the published contract.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, Self, TypeVar

from msgspec import structs
from pydantic import BaseModel

from goodword.api.fields import Time
from goodword.core import calendar

T = TypeVar("T")


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
    """An entry of the log: the event, where it stands, and what was decided. ``note``: the digest of what was typed beside it."""

    evt: str
    type: str
    position: int
    as_of: Time
    occurred_at: Time
    actor: str | None = None
    note: str | None = None
    verdicts: list[Verdict]
    postings: list[list[Any]]


class Unmasked(BaseModel):
    """Personal fields with their values, and the decision that puts on the record who asked."""

    values: dict[str, Any]
    decision: Decision


class Note(BaseModel):
    """What somebody typed beside a decision."""

    id: str
    text: str


class RuleWarning(BaseModel):
    """What is allowed in a rule file and hardly meant: its place, and what comes of it."""

    path: str
    text: str


class Published(Decision):
    """The decision that published rules."""

    warnings: list[RuleWarning]


class OwnMail(BaseModel):
    """Which mail a member gets. ``sent``: whether this installation sends any."""

    wants: str
    sent: bool


class PreviewedReward(BaseModel):
    """What one side would earn. ``unit``: points are of the program by its slug, as it has no id."""

    side: str
    kind: str
    amount: int
    unit: str
    hold_until: Time


class PreviewedVerdict(BaseModel):
    """A verdict that would be given, in a sentence for the beneficiary and one for finance."""

    about: str
    outcome: str
    refusal: str | None
    side: str | None
    flags: list[str]
    beneficiary: str
    finance: str


class Preview(BaseModel):
    """What an order would earn, and why: the verdicts about the friend's lead and the order."""

    rewards: list[PreviewedReward]
    verdicts: list[PreviewedVerdict]
    warnings: list[RuleWarning]


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


class Host(BaseModel):
    """A host of the workspace's own, in lower case: its links are ``/r/{code}`` there."""

    host: str


class Clock(BaseModel):
    """What the workspace's clock shows."""

    now: Time
    clock: str


class Version(BaseModel):
    """A rule version and since when it is in force."""

    rules: str
    since: Time


class Program(BaseModel):
    """A program with its versions, the oldest first. `join`: the page at which people join by themselves; null: they may not."""

    id: str
    slug: str
    status: str
    versions: list[Version]
    join: str | None


class GateCheck(BaseModel):
    """One thing that the gate looks at. `why`: the code of what is missing, null: nothing; `says`: what was seen, or what to do."""

    item: str
    title: str
    why: str | None
    says: str


class LaunchPlan(BaseModel):
    """With what a program goes live: see the launch of a program. What is not said is empty, or nought."""

    owner: str
    trigger: str
    billing: str
    silent_hours: int
    evidence: str
    measures: list[str]
    every_days: int
    looks: str


class StandsStill(BaseModel):
    """Why nothing of a program is released now. `since`: when the silent source delivered last."""

    code: str
    says: str
    since: Time | None


class Readiness(BaseModel):
    """What the gate says of a program. `missing`: the codes of what is missing; `gated`: it is a draft until it is launched.

    `evidence`: the digest of the list of evidence, which is `pieces` (what each reward must have) and `rewards` (who approves each).
    `stops`: why nothing of it is released now.
    """

    program: str
    slug: str
    status: str
    gated: bool
    ready: bool
    missing: list[str]
    checks: list[GateCheck]
    evidence: str
    pieces: list[str]
    rewards: list[str]
    plan: LaunchPlan
    stops: list[StandsStill]


class TermsPart(BaseModel):
    """What the terms say about one matter."""

    code: str
    title: str
    sentences: list[str]


class TermsRow(BaseModel):
    """A day of an example: what happened, and what each of `people` has by then; `said`: what they are told."""

    day: int
    what: str
    has: list[str]
    said: list[str]


class TermsExample(BaseModel):
    """An example that the rules themselves worked out; `why`: why there is none."""

    code: str
    title: str
    why: str | None
    people: list[str]
    rows: list[TermsRow]


class ProgramTerms(BaseModel):
    """Terms by one version of a program's rules, in force since `since` until `until`. `short`: three lines.

    `sha256`: what names them, to be told as `terms_sha256` of an enrolment; `recorded`: the log has them since their publication.
    """

    program: str
    slug: str
    name: str
    version: int
    rules: str
    sha256: str
    recorded: bool
    language: str
    since: Time
    until: Time | None
    short: list[str]
    parts: list[TermsPart]
    examples: list[TermsExample]


class Person(BaseModel):
    """A person by the name the company gave; none can be shown of one who is locked, whose key does not open."""

    id: str
    external_id: str | None
    locked: bool


class Link(BaseModel):
    """What an advocate shares: the code, to be typed, and the address, to be followed."""

    code: str
    url: str


class Advocate(BaseModel):
    """One person in one program, with what they share: ``codes`` are those of ``links``."""

    id: str
    person: str
    external_id: str | None = None
    program: str
    status: str
    enrolled_at: Time
    terms: bool
    codes: list[str]
    links: list[Link]


class SharingText(BaseModel):
    """A text that may be sent, without what is added to it."""

    name: str
    text: str


class SharingMessage(BaseModel):
    """What a channel is opened with: ``url`` opens the advocate's own app with ``text``, which they may change."""

    channel: str
    title: str
    text: str
    url: str


class SharingPreview(BaseModel):
    """What previews of the link show, and the page that a friend comes to, where the program has one."""

    title: str
    description: str
    url: str


class Sharing(BaseModel):
    """What an advocate shares. ``link``: of their newest code; ``links``: of all, which go on; ``variant``: of the messages.

    ``text``: of that variant; each message has besides what the friend ``gets``, the ``disclosure``, and the link.
    ``opened``: how often their friends' page was, by people; ``bots``: by programs.
    """

    advocate: str
    program: str
    link: Link
    links: list[Link]
    variant: str
    variants: list[SharingText]
    text: str
    gets: list[str]
    disclosure: str | None
    messages: list[SharingMessage]
    preview: SharingPreview
    opened: int
    bots: int


class Share(BaseModel):
    """An advocate's exact part."""

    person: str
    numerator: int
    denominator: int


class Ground(BaseModel):
    """Why an attribution is as sure as it is: a code, the values seen, and the sentence that they make."""

    code: str
    values: dict[str, Any]
    sentence: str


class Referral(BaseModel):
    """The claim that won. ``confidence``: how sure it is: exact, probable or possible, for ``grounds``."""

    id: str
    program: str
    friend: str
    shares: list[Share]
    rules: str
    status: str
    lead_at: Time
    touch_at: Time | None
    typed: bool
    confidence: str
    grounds: list[Ground]
    offer: str | None


class ClaimShare(Share):
    """An advocate's exact part, and their name for who may see it."""

    name: str | None


class ClaimTouch(BaseModel):
    """What speaks for a side: a click, or an event that names a code or was given as evidence.

    ``kind``: the type of the event that told it, ``said_by`` its source. ``verified``: not by a publishable key alone.
    ``advocate``: whose code it was.
    """

    id: str
    kind: str
    at: Time
    said_by: str
    verified: bool
    bot: bool
    advocate: str | None


class Stake(BaseModel):
    """What advocates' rewards of a side come to that stand in a state, of the friend's last 1,000 orders."""

    unit: str
    status: str
    count: int
    amount: int


class ClaimSide(BaseModel):
    """Who brought the friend, as one side says, with what speaks for it and what stands.

    ``referral``: the binding, if it is one; ``terms``: the hash of its rules; ``confidence``: of its attribution, where it is known.
    """

    referral: str | None
    program: str
    shares: list[ClaimShare]
    lead_at: Time
    touches: list[ClaimTouch]
    stakes: list[Stake]
    terms: str | None
    confidence: str | None


class Comment(BaseModel):
    """What somebody typed about a case or a claim; its text is the note of that digest."""

    by: str
    at: Time
    note: str


class Claim(BaseModel):
    """An assertion that advocates brought a friend, beside what it is said against.

    ``stops_at``: since when what it could move is neither approved nor sent; none: it is a request that nobody took up yet.
    ``claimed``: its own side; ``standing``: the bindings that it could end, or has ended; ``given``: who got the friend by it.
    """

    id: str
    program: str
    friend: str
    shares: list[Share]
    given: list[Share]
    kind: str
    status: str
    lead_at: Time
    opened_at: Time
    entered_by: str | None
    decided_by: str | None
    evidence: list[str]
    stops_at: Time | None
    cases: list[str]
    appealed_at: Time | None
    appeal_until: Time | None
    comments: list[Comment]
    friend_name: str | None
    claimed: ClaimSide
    standing: list[ClaimSide]


class DealConflict(BaseModel):
    """Somebody else has to do with the company of a deal.

    ``by``: what is equal: company_ref, company_domain, company (its name alone, a hint) or contact; ``sure``: exact, probable or
    possible; ``subject``: the CRM's deal, the other registration, the contact, or the company.
    """

    kind: str
    by: str
    sure: str
    subject: str
    since: Time


class DealForm(BaseModel):
    """A link to a partner's own form for deals in one program; what opens it is kept by nobody. ``made_by``: a member or a key."""

    id: str
    person: str
    program: str
    made_by: str
    made_at: Time
    expires_at: Time
    ended_at: Time | None
    open: bool


class DealFormMade(BaseModel):
    """A new link to a partner's own form: it is shown this once. Whoever has it registers deals in their name."""

    id: str
    url: str
    program: str
    expires_at: Time


class DealMessage(BaseModel):
    """What partner or sales wrote; its text is the note of that digest."""

    side: str
    by: str
    at: Time
    note: str


class DealReport(BaseModel):
    """What the CRM said last of a deal that came of a registration."""

    id: str
    status: str
    stage: str | None
    amount: int | None
    currency: str | None
    opened_at: Time
    at: Time


class Deal(BaseModel):
    """A deal that a partner registered. ``advocate``: the partner; ``person``: the contact.

    ``protected_until``: its company is the partner's from ``accepted_at`` and until then. ``deals``: what CRMs say came of it.
    ``reason``: why it was declined; ``told``: what the partner is told of the decision, in a sentence. ``percent``: the rate that they
    asked for.
    """

    id: str
    program: str
    advocate: str
    advocate_name: str | None
    person: str
    contact_name: str | None
    company: str
    company_name: str | None
    status: str
    registered_at: Time
    amount: int | None
    currency: str | None
    percent: str | None
    conflicts: list[DealConflict]
    accepted_at: Time | None
    protected_until: Time | None
    reason: str | None
    told: str | None
    decided_by: str | None
    deals: list[DealReport]
    messages: list[DealMessage]
    note: str | None


class AgreementAccount(BaseModel):
    """A company that an agreement leaves out. ``name``: as it was named; null where names are not shown."""

    id: str
    name: str | None


class Terms(BaseModel):
    """One version of an agreement: it holds from ``since`` until ``until``, which is no part of it. ``over``: it ended the agreement.

    ``percent`` or ``flat`` (currency -> minor units): the partner's own rate, for conversions of the name ``on``, or of all that have
    an amount; without one the program's holds. ``accounts``, ``products`` and ``countries`` are left out.
    """

    version: int
    since: Time
    until: Time | None
    over: bool
    on: str | None
    percent: str | None
    flat: dict[str, int] | None
    accounts: list[AgreementAccount]
    products: list[str]
    countries: list[str]
    protection_days: int | None
    made_by: str
    made_at: Time


class Agreement(BaseModel):
    """What you agreed on with a partner, in one program or in all (``program`` is null): its versions, the oldest first."""

    id: str
    advocate: str
    advocate_name: str | None
    program: str | None
    versions: list[Terms]


class StatementRead(BaseModel):
    """A statement of a file. ``account``: the end of ours; balances in minor units; ``gap_to``: the end of the one before."""

    id: str
    number: str | None
    account: str | None
    currency: str | None
    opening: int | None
    closing: int | None
    first: str | None
    last: str | None
    lines: int
    gap_to: int | None


class BankMoved(BaseModel):
    """What the lines that matched moved in a unit, in minor units: what left, and what came back."""

    unit: str
    left: int
    back: int


class BankLine(BaseModel):
    """A line about a payout. ``became``: matched, repeated, waiting, differing, unknown; ``differs``: how; ``why``: in words.

    ``amount``: in minor units, below zero what left the account.
    """

    at: str
    payout: str | None
    said: str
    amount: int | None
    unit: str | None
    day: str | None
    reason: str | None
    why: str | None
    became: str
    differs: str | None
    case: str | None


class Reconciliation(BaseModel):
    """What became of a file, or would. ``others``: lines about no payout; ``counts``: of the rest, what became of how many.

    ``rows``: the first, those that need a person before all others.
    """

    file: str
    format: str
    taken: bool
    statements: list[StatementRead]
    lines: int
    others: int
    counts: dict[str, int]
    moved: list[BankMoved]
    rows: list[BankLine]


class Statement(BaseModel):
    """A statement that was taken, or is being taken: ``taken`` of ``lines``, and what became of them."""

    id: str
    file: str
    format: str
    number: str | None
    account: str | None
    currency: str | None
    opening: int | None
    closing: int | None
    first: str | None
    last: str | None
    lines: int
    taken: int
    others: int
    matched: int
    repeated: int
    waiting: int
    differing: int
    unknown: int
    taken_by: str
    taken_at: Time


class Booking(BaseModel):
    """What a bank said of a payout, once, in whichever files it says so. ``case``: opened where it differs."""

    id: str
    statement: str
    said: str
    amount: int | None
    unit: str | None
    day: str | None
    reference: str | None
    reason: str | None
    why: str | None
    differs: str | None
    case: str | None
    taken_at: Time


class Stock(BaseModel):
    """Codes that were uploaded at once. ``amount``: what each is worth; ``given``: how many payouts got, of ``size``."""

    id: str
    name: str
    program: str | None
    unit: str
    amount: int
    size: int
    given: int
    left: int
    low_at: int
    ends_at: Time | None
    uploaded_at: Time


class LowStock(BaseModel):
    """A name of stocks under which few codes are left, of all uploads together that have not ended."""

    name: str
    left: int


class Stocks(BaseModel):
    """All stocks, the newest first; ``low``: where codes run out; ``waiting``: released payouts that no stock has codes for."""

    items: list[Stock]
    low: list[LowStock]
    waiting: list[str]


class PayoutCode(BaseModel):
    """A code that a payout brought. ``code``: what it reads, for its beneficiary alone; ``masked``: for everybody else.

    ``stock``, ``name``: null of a code of our own, of which ``left`` is there; null of another, which somebody else redeems.
    """

    id: str
    stock: str | None
    name: str | None
    amount: int
    unit: str
    left: int | None
    ends_at: Time | None
    code: str
    masked: str


class PayoutCodes(BaseModel):
    """The codes that a payout brought."""

    items: list[PayoutCode]


class CodeLookup(BaseModel):
    """What is behind a code of our own. ``amount``: what the payout brought; ``left``: what is there of it; ``usable``: that now.

    ``ends_at``: the next instant at which something of it expires; null: nothing does. ``person``: whom the payout was for.
    """

    payout: str
    person: str
    unit: str
    amount: int
    left: int
    usable: int
    ends_at: Time | None


class Offer(BaseModel):
    """What a friend is offered off one order: ``amounts`` by currency, in minor units, until ``until``, which is not in it.

    ``status``: expected until what it became is approved, then confirmed; or ended, for a ``reason``. ``usable``: an order may name it
    now; ``minimum``: the least that it must charge by currency, null: anything. ``conversion``: the order that names it; ``reward``:
    what that earned by it.
    """

    id: str
    program: str
    customer: str
    referral: str
    amounts: dict[str, int]
    minimum: dict[str, int] | None
    status: Literal["expected", "confirmed", "ended"]
    usable: bool
    until: Time
    conversion: str | None
    reward: str | None
    reason: str | None


class Offers(BaseModel):
    """The offers of a customer: one a program at most."""

    items: list[Offer]


class CreditBalance(BaseModel):
    """What somebody has in a unit; ``usable``: less what was earned in a program in which they are suspended."""

    unit: str
    balance: int
    usable: int


class CreditLot(BaseModel):
    """What one payout brought for one reward; ``balance``: what of it is there. ``expires_at``: null, it never does."""

    id: str
    program: str
    unit: str
    reward: str
    payout: str
    amount: int
    balance: int
    redeemed: int
    taken_back: int
    delivered_at: Time
    expires_at: Time | None


class CreditMovement(BaseModel):
    """What moved credit, at a position of the log; ``amount``: below nothing where it went away."""

    position: int
    what: Literal["delivered", "redeemed", "given_back", "taken_back", "expired", "handed_over"]
    amount: int
    unit: str
    program: str
    reward: str


class Credit(BaseModel):
    """Store credit and points of a person, whom they are by now; ``lots`` in the order of their use, the newest move first.

    ``behind_codes``: lots that came by a code of our own, of which anything is left: they are in no balance.
    """

    person: str
    balances: list[CreditBalance]
    lots: list[CreditLot]
    movements: list[CreditMovement]
    behind_codes: list[CreditLot]


class HeldAgreement(BaseModel):
    """By which version of an agreement a reward was judged when it was earned; ``own_rate``: it was worked out by the partner's own."""

    id: str
    version: int
    own_rate: bool


class Reward(BaseModel):
    """What one beneficiary earns for a conversion. ``gross``: before refunds; ``amount``: what is owed now.

    ``receivable``: what is owed back; ``awaits``: what a second member is still to say, over the same list as who did first.
    ``origin``: what it comes from: an order, an opening balance, or a correction, which may put another right and rest on a document.
    ``expected``: the shop took it off an order as a welcome, and nobody has approved it yet: it has cost nothing.
    """

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
    earned_at: Time
    hold_until: Time
    approved_at: Time | None
    due_at: Time | None
    decide_by: Time | None
    snoozed_until: Time | None
    cases: list[str]
    awaits: list[str]
    approvals: list[str]
    rejecting: list[str]
    payout: str | None
    agreement: HeldAgreement | None
    route: RewardRoute | None
    standing: RewardStanding | None
    evt: str


class Item(BaseModel):
    """What a list says of a reward or payout: what would be sent, and the digest of the payment details that it goes to."""

    id: str
    amount: int
    unit: str
    destination: str | None


class Party(BaseModel):
    """A person; ``name``: the company's own for them, null for who may not see it."""

    id: str
    name: str | None


class About(BaseModel):
    """A reward with both parties by name. ``program``: its slug; ``version``: the number of the rules that it was earned by."""

    reward: Reward
    program: str
    version: int | None
    referrers: list[Party]
    friend: Party
    beneficiary: Party
    invoice: str | None
    paid: int | None
    currency: str | None


class Part(BaseModel):
    """One part of a priority. ``value``: days waited, days left (below zero: late), minor units, severity."""

    code: str
    value: int
    points: int


class Queued(BaseModel):
    """A reward in review ``since``. ``points``: the sum of ``parts``; ``late``: days behind ``decide_by``, below zero those left.

    ``cause``: of one that is behind it, for what it waits: `case_open`, `contested`, `evidence_missing`, `payee_missing`, `second` (the
    second of two members), `aside` (somebody put it aside), `role` (whoever decides it).

    ``refusal``: why you could not approve it, null: you could; ``second``: it needs a second person.
    """

    about: About
    since: Time
    decide_by: Time
    late: int
    cause: str | None
    points: int
    parts: list[Part]
    risk: int
    refusal: str | None
    second: bool


class Fact(BaseModel):
    """One input or piece of evidence: what was seen, what it had to meet, and where it stands in the log."""

    code: str
    state: str
    values: dict[str, Any]
    met: dict[str, Any]
    evt: str | None
    position: int | None
    noun: str | None
    id: str | None


class Advice(BaseModel):
    """What is recommended: approve, look or reject. It never acts by itself."""

    advice: str
    version: int
    reasons: list[Ground]


class Allowed(BaseModel):
    """What you may approve today for the beneficiary. ``limit``, ``left``: null without a limit; ``refusal``: why not this one."""

    unit: str
    day: str
    limit: int | None
    used: int
    left: int | None
    refusal: str | None


class ByMember(BaseModel):
    """A member; ``mail`` is null for who may not see it."""

    id: str
    mail: str | None


class SecondPerson(BaseModel):
    """Why two people must approve it, null: one is enough; who said so first, and who could be the other."""

    why: str | None
    first: list[ByMember]
    could: list[ByMember]


class RewardRecord(BaseModel):
    """All that one reward is decided by: its inputs and evidence, what is recommended, and what you may do.

    ``lacks``: pieces of evidence without which it is not approved; ``to_payee`` and ``to_finance`` need ``log.read``.
    """

    about: About
    inputs: list[Fact]
    evidence: list[Fact]
    lacks: list[str]
    confidence: str | None
    grounds: list[Ground]
    recommended: Advice
    approver: str
    decide_by: Time
    mine: Allowed
    second: SecondPerson
    to_payee: str | None
    to_finance: str | None
    if_approved: str


class AuditPoint(BaseModel):
    """One of the seven points: whether it is there, what shows it or is missing, as a code with its values and in words, and where.

    ``answer``: `yes`, `no`, or `not_applicable` where it is not asked of such a reward. ``position`` and ``evt`` need ``log.read``.
    """

    point: str
    answer: str
    code: str
    values: dict[str, Any]
    sentence: str
    evt: str | None
    position: int | None
    noun: str | None
    id: str | None


class RewardSaid(BaseModel):
    """What an entry of the log says that a reward is from then on; ``outcome``: what became of it there."""

    position: int
    evt: str
    outcome: str
    amount: int


class AuditedReward(BaseModel):
    """A reward with its seven points. ``lacks``: those that are answered with no; of what is paid there are none.

    ``said``: how its amount came to be, entry by entry, on the sheet of one reward or payout; it needs ``log.read``.
    """

    reward: str
    program: str
    beneficiary: str
    status: str
    amount: int
    unit: str
    points: list[AuditPoint]
    lacks: list[str]
    said: list[RewardSaid]


class AuditApprover(BaseModel):
    """Who approved the reward, or (``released``) released the payout, that ``subject`` is: a member or a standing approval."""

    id: str
    mail: str | None
    subject: str
    released: bool
    position: int | None


class AuditHead(BaseModel):
    """The newest signed head of the log; hexadecimal."""

    size: int
    root: str
    as_of: Time
    signature: str
    public: str


class AuditSheet(BaseModel):
    """Why money went where it did. ``rewards``: the first 200 of ``count``; ``payout``: null of what lies in none, or you may see none.

    ``head`` is null for who may not read the log, and before the first head was signed.
    """

    payout: str | None
    amount: int | None
    unit: str | None
    rewards: list[AuditedReward]
    count: int
    approvers: list[AuditApprover]
    head: AuditHead | None


class LookedAt(BaseModel):
    """A payout that is looked at. ``why``: the rules by which it is an outlier; empty: it was drawn.

    They are `source_spike`, `unusual_place`, `account_changed`, `large_amount` and `point_missing`.
    """

    payout: str
    beneficiary: str
    amount: int
    unit: str
    why: list[str]
    lacks: list[Lacking]


class SignedAudit(BaseModel):
    """Who signed a month last, over which list, and the payouts in which something was found."""

    by: str
    at: Time
    list_sha256: str
    size: int
    head: int
    root: str
    findings: list[str]
    evt: str


class MonthAudit(BaseModel):
    """The audit of a month. ``count``: payouts that completed; ``looked``: a page of ``size``, outliers, then the sample.

    ``kept``: it is the list as it was signed; ``after``: the cursor of the next page. ``list_sha256``: of the whole list of now, which
    is what you sign. ``head`` and ``root``: the signed head that the sample was drawn by, null before one is signed that has the whole
    month; ``own``: payouts in which you had a part, so that you do not sign. ``later``: payouts whose completion stands behind the head
    that was signed by; ``gone``: those of the signed list that are no longer as they were; 100 at most of each.
    """

    month: str
    count: int
    head: int | None
    root: str | None
    list_sha256: str
    kept: bool
    size: int
    after: str | None
    looked: list[LookedAt]
    own: list[str]
    later: list[str]
    later_count: int
    gone: list[str]
    gone_count: int
    signed: SignedAudit | None


class AccuracyShare(BaseModel):
    """``whole`` of ``count`` rewards of a program in a state lack none of the seven points."""

    program: str
    status: str
    count: int
    whole: int


class Lacking(BaseModel):
    """What is paid and lacks points."""

    reward: str
    lacks: list[str]


class AccuracyMonth(BaseModel):
    """The share of a program and a month of UTC: ``whole`` of ``count`` rewards, of those that are paid ``paid_whole`` of ``paid``."""

    program: str
    month: str
    count: int
    whole: int
    paid: int
    paid_whole: int


class Accuracy(BaseModel):
    """``whole`` of ``count`` rewards lack nothing, of those that are paid ``paid_whole`` of ``paid``; likewise by state and by month.

    ``lacking``: what is paid and lacks something, 1,000 at most: there is none. What else does is listed with ``point`` `any`.
    """

    begin: str | None
    end: str | None
    count: int
    whole: int
    paid: int
    paid_whole: int
    shares: list[AccuracyShare]
    months: list[AccuracyMonth]
    lacking: list[Lacking]


class PilotCycle(BaseModel):
    """One cycle of a pilot. ``share``: of all advocates, in percent; ``by``: who said who is in; ``over``: when the next one began."""

    advocates: list[str]
    ways: list[str]
    share: str
    begins: str
    ends: str
    over: str | None
    by: str
    evt: str


class PilotReport(BaseModel):
    """The report of a pilot: of ``count`` candidates ``whole`` lack none of the seven points, ``waiting`` wait for their decision.

    ``percent``: the share of those that do not wait, rounded down, null while all wait; ``points``: how many lack which;
    ``begin`` up to ``end``: when their orders happened; ``outside``: referrals that were refused since the pilot was for others.
    ``state``: `draft` (its cycle begins with the launch), `running`, `due` (its cycle is over), `stopped` or `over`.
    ``sha256`` names what each candidate lacks.
    """

    program: str
    slug: str
    state: str
    cycles: list[PilotCycle]
    begin: str
    end: str
    count: int
    whole: int
    waiting: int
    failing: int
    percent: str | None
    points: dict[str, int]
    outside: int
    lag_seconds: float
    through: int
    sha256: str


class PilotMissing(BaseModel):
    """A point that a candidate lacks: what shows it, as a code and in words."""

    point: str
    code: str
    sentence: str


class PilotFailure(BaseModel):
    """A candidate of a pilot that fails."""

    reward: str
    status: str
    lacks: list[PilotMissing]


class Shown(BaseModel):
    """What stands beside an item of a list for who decides it: who is paid, where, who entered the payment details first and when.

    ``name`` and ``last`` (of the account) are null for who may not see them. ``own_work``: what you did before that forbids it to you.
    ``awaits``: what a second member is still to say of it; ``approvals`` and ``rejecting``: who said so first.
    ``cases`` and ``claim``: those that stop it until they are decided. ``flags``: codes of what was raised on it;
    ``opened``: you opened its evidence since (`POST /v1/rewards/{reward}/looks`), or need not. ``check``: what a bank answered of the
    name in the payment details, null where nobody asked; ``stopped``: why nothing goes there, `payee_asked` or `payee_refused`.
    """

    id: str
    beneficiary: str
    name: str | None
    rail: str | None
    last: str | None
    changed_by: str | None
    changed_at: Time | None
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


class PayeeCheck(BaseModel):
    """What was answered last about the name and the account of these payment details. ``suggested``: the bank gave another name."""

    answer: Literal["match", "close_match", "no_match", "not_possible"]
    provider: str
    answered_at: Time
    suggested: bool


class PayeeWaits(BaseModel):
    """Other payment details that the person entered. ``holds_from``: null, they have not confirmed it by the link in a mail."""

    rail: str
    destination: str
    last: str | None
    asked_at: Time
    holds_from: Time | None


class Payee(BaseModel):
    """Where a person is paid. ``destination``: what names these very details; ``last``: of the account, null for who may not see it.

    ``check``: null where nobody asked a bank about these details. ``stopped``: why nothing goes there: `payee_asked`, decide ``case``;
    `payee_refused`, enter other details. ``suggested_name``: by which the bank knows the account, for who may see accounts.
    ``waits``: what the person entered in the place of these, which does not hold yet.
    """

    person: str
    rail: str
    destination: str
    last: str | None
    changed_at: Time | None
    entered_by: list[str]
    check: PayeeCheck | None
    stopped: Literal["payee_asked", "payee_refused"] | None
    case: str | None
    suggested_name: str | None
    waits: PayeeWaits | None


class BankFile(BaseModel):
    """A file for the bank that was handed out. ``id``: by which the bank knows it; ``digest``: SHA-256 of the bytes that left last.

    ``sums``: by currency, in minor units; ``states``: its payouts now, by their state; ``debtor``: names the account that it pays from;
    ``times``: how often it left. ``refused_at``: when the bank's word was taken that it refused all of the file; ``why``: its reason.
    """

    id: str
    format: str
    digest: str
    count: int
    sums: dict[str, int]
    states: dict[str, int]
    debtor: str | None
    day: str | None
    times: int
    first_by: str
    first_at: Time
    last_by: str
    last_at: Time
    refused_at: Time | None
    reason: str | None
    why: str | None


class RegisteredFile(BankFile):
    """A file for the bank that was handed out, with the ids of the payouts in it."""

    payouts: list[str]


class ListToDecide(BaseModel):
    """A frozen list: ``items`` and their digest are what is sent back. ``shown``: beside each item, in their order.

    ``left_out``: of rewards in review that are not in it why, by the code of the refusal, and how many.
    """

    items: list[Item]
    list_sha256: str
    shown: list[Shown]
    left_out: dict[str, int]


class Case(BaseModel):
    """A task for a person. ``person``: of a dispute, who opened it; ``reason``: why."""

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
    appealed_at: Time | None
    appeal_until: Time | None
    assignee: str | None
    due_at: Time | None
    snoozed_until: Time | None
    comments: list[Comment]
    worth: str | None
    person: str | None
    reason: str | None


class Precision(BaseModel):
    """How often a flag, or a kind of case, was worth a look."""

    code: str
    family: str
    severity: str
    confirmed: int
    useful: int
    false_alarm: int


class Move(BaseModel):
    """What a decision makes of one reward's amount."""

    reward: str
    beneficiary: str
    unit: str
    was: int
    now: int


class DecisionPreview(BaseModel):
    """What closing a case or deciding a claim would decide, and what it would move."""

    moves: list[Move]
    verdicts: list[Verdict]


class Look(BaseModel):
    """That somebody looked at something, or took it with them. ``seconds``: how long evidence was open."""

    id: str
    subject: str
    what: Literal[
        "unmasked",
        "opened",
        "exported",
        "downloaded",
        "forgotten",
        "invited",
        "mail_tried",
        "endpoint_set",
        "endpoint_ended",
        "retold",
        "imported",
        "mapped",
        "keeping_set",
        "resent",
        "worded",
    ]
    by: str
    at: Time
    evt: str
    fields: list[str]
    seconds: int | None
    note: str | None


class Payout(BaseModel):
    """What is sent to one beneficiary. ``arriving``: who says that it arrived after all, while a second member is still to say it."""

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
    schedule: str | None
    releases: list[str]
    reference: str | None
    reason: str | None
    arriving: list[str]


class Schedule(BaseModel):
    """On which days drafts are made. ``days``: in words; ``next_at``: null, it is stopped; ``gathered``: payouts of its last run.

    Times are those of the workspace's clock. ``ran_at``: the last run since it was set; ``set_by``: who said so last.
    """

    id: str
    rail: str
    unit: str
    program: str | None
    every: Literal["day", "week", "month"]
    on: list[int]
    hour: int
    timezone: str
    days: str
    next_at: Time | None
    ran_at: Time | None
    gathered: int | None
    set_by: str
    set_at: Time


class Message(BaseModel):
    """A message to an advocate. ``trigger``: the id of what it is about; ``reason``: why it is withheld, or what the mail server said.

    Times are those of the workspace's clock. ``at``: since when it is so; ``due_at``: until when it is put off.
    """

    id: str
    person: str
    program: str
    topic: str
    trigger: str
    status: Literal["deferred", "ordered", "sent", "refused", "unknown", "withheld", "bounced"]
    reason: str | None
    due_at: Time | None
    at: Time


class MessageSaid(BaseModel):
    """A message with its text; null: it was never handed over, was erased, or you may not see names."""

    message: Message
    said: str | None


class MessageReported(BaseModel):
    """What a report says of a message: it came back for good, or for now; was called unwanted; nothing that changes anything.

    ``event``: the event that it became, as ``GET /v1/events/{event}`` takes it; a repeat gives the first.
    """

    outcome: Literal["hard_bounce", "soft_bounce", "complaint", "nothing"]
    event: str | None


class Reach(BaseModel):
    """Whether a person is written to. ``off``: topics that they do not want; ``stopped``: why they get nothing at all.

    ``listed``: why nothing is sent to their present address; ``score``: how satisfied they said they are, 1 to 5.
    """

    off: list[str]
    stopped: Literal["bounced", "complained", "unsubscribed"] | None
    listed: Literal["bounced", "complained", "unsubscribed"] | None
    score: int | None
    messages: list[Message]


class ComingRun(BaseModel):
    """What the next run would hold if nothing came between: a verdict for each payee, with why one is left out. ``sum``: to send."""

    at: Time
    rail: str
    unit: str
    payouts: int
    sum: int
    verdicts: list[Verdict]


class RailField(BaseModel):
    """A field of payment details. ``way``: of a rail with several ways, of which one is taken; null: the field belongs to all.

    ``required``: within its way.
    """

    name: str
    required: bool
    way: str | None
    meaning: str
    example: str


class Rail(BaseModel):
    """A way to deliver: the kinds of reward and modes of workspace it is for, and what its payment details are made of.

    ``manual``: people carry payouts out and say what became of them.
    """

    name: str
    kinds: list[str]
    modes: list[str]
    manual: bool
    fields: list[RailField]


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
    """A posting: an amount from a source to a destination. ``earned``: the month in which its reward was, in the program's zone."""

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


class Behind(BaseModel):
    """What follows the log and has taken it up to ``position``. ``seconds``: how long ago the first event that it lacks came in."""

    follower: str
    position: int
    seconds: float


class Source(BaseModel):
    """A source of events, under the name that its events have.

    ``last_at``: when it delivered last, by the real clock. ``counts``: what came of its items in 14 days: accepted, repeat, conflict,
    refused, ignored. ``decided``: what its newest events decided. ``usual_seconds``: the pause that 95 of 100 do not exceed;
    ``allowed_seconds``: for how long it may be silent, three times that, an hour at least; both null where there were too few pauses.
    """

    source: str
    paths: list[str]
    keys: list[str]
    last_at: Time | None
    counts: dict[str, int]
    decided: dict[str, int]
    usual_seconds: int | None
    allowed_seconds: int | None
    silent: bool


class NamedCount(BaseModel):
    """So many of a name; the name is empty for all that are not told apart."""

    name: str
    count: int


class RefusedCount(BaseModel):
    """So many that were refused alike. ``expected``: what would have been right, or what was wrong."""

    code: str
    field: str
    count: int
    expected: str


class SourceDay(BaseModel):
    """What came of the items of a day in UTC."""

    day: str
    counts: dict[str, int]


class HeldItems(BaseModel):
    """So much that came and waits, for one reason: no_invoice, waits, no_key, key_refused, unknown_object, away, not_readable, failed.

    ``why``: the reason as a sentence; ``since``: when the first of it came, by the real clock.
    """

    code: str
    why: str
    count: int
    since: Time


class FieldTreatment(BaseModel):
    """What becomes of a field: used, named, checked, personal or ignored. ``to``: the field of the event that it is."""

    path: str
    how: str
    to: str | None


class WholeSource(Source):
    """A source with what of it means nothing here. ``ignored``: items by their own names; ``unknown``: fields in no table.

    ``held``: what came and waits, the oldest first.
    """

    ignored: list[NamedCount]
    unknown: list[NamedCount]
    refusals: list[RefusedCount]
    held: list[HeldItems]
    days: list[SourceDay]
    fields: list[FieldTreatment]


class MessageTextRow(BaseModel):
    """A text of a message. ``own``: it is yours, else ours; ``version`` 0: it was never yours; ``since``: its last version."""

    topic: str
    language: str
    own: bool
    version: int
    since: Time | None


class MessageTextVersion(BaseModel):
    """A version of a text of yours. ``hash``: empty, from here on it was ours; ``by``: the member who published it."""

    version: int
    hash: str
    by: str
    at: Time


class MessageValue(BaseModel):
    """A value that a text may use. ``optional``: it may be missing, and is asked for: `{% if name %}`."""

    name: str
    kind: Literal["text", "address", "money", "date", "count"]
    about: str
    optional: bool


class MessageText(BaseModel):
    """What a message says. ``version`` 0: ours; ``own``: whether one of yours is sent now."""

    topic: str
    language: str
    version: int
    text: str
    own: bool
    versions: list[MessageTextVersion]
    values: list[MessageValue]


class MessageTextPublished(BaseModel):
    """The digest of a text, by which the record of looks names it."""

    hash: str


class TextProblem(BaseModel):
    """What is wrong with a text. ``line``: from 1; ``text``: what, and what to do."""

    line: int
    text: str


class MessageLetter(BaseModel):
    """A message as it is sent, in text and in HTML."""

    subject: str
    text: str
    html: str


class MessageTextPreview(BaseModel):
    """How a text reads. ``full``: with all values; ``bare``: with none that may be missing; null: it says nothing to be sent."""

    problems: list[TextProblem]
    full: MessageLetter | None
    bare: MessageLetter | None


class MappingVersion(BaseModel):
    """A version of a mapping. ``says``: false, from here on there was none; ``by``: the member who said so."""

    version: int
    hash: str
    says: bool
    by: str
    at: Time


class SourceMapping(BaseModel):
    """A workspace's own mapping of a source: the newest version, or the one that was asked for, and all of them, the newest first.

    ``version`` 0: there never was one. ``hash``: of what it says; events that were read by it name it. Empty: there is none.
    """

    source: str
    version: int
    hash: str
    text: str
    versions: list[MappingVersion]


class MappingPublished(BaseModel):
    """The hash of what a mapping says, by which events name it."""

    hash: str


class MappedMoney(BaseModel):
    """What so many events of a type come to in a currency, in minor units."""

    type: str
    currency: str
    events: int
    amount: int


class MappedName(BaseModel):
    """What items of a name would be. ``becomes``: events by type, or nothing; ``refused``: by code and field; ``own``: by the file."""

    name: str
    items: int
    becomes: dict[str, int]
    refused: dict[str, int]
    money: list[MappedMoney]
    own: bool


class MappingPreview(BaseModel):
    """What a mapping would make of items; nothing was stored. ``of``: kept or sample; ``since``: the oldest that was looked at."""

    of: str
    deliveries: int
    items: int
    since: Time | None
    names: list[MappedName]


class Resend(BaseModel):
    """How far what is kept was sent again. ``became``: items by what came of them, or ignored; ``why``: of those that were refused."""

    since: Time
    by: str
    started_at: Time
    ended_at: Time | None
    deliveries: int
    of: int
    became: dict[str, int]
    why: dict[str, int]


class KeptDeliveries(BaseModel):
    """What is kept of a source. ``dropped``: let go before their days were over, because more than ``most`` bytes were kept."""

    source: str
    days: int
    deliveries: int
    bytes: int
    most: int
    dropped: int
    first_at: Time | None
    resend: Resend | None


class Progress(BaseModel):
    """Where deciding stands. ``behind``: what follows the log and lacks entries of it."""

    position: int
    as_of: Time
    waiting: int
    set_aside: int
    behind: list[Behind]


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
    """A person of the company. ``limits``: what one may approve or release alone, by unit; null: all.

    ``programs``: ids of those that they are limited to; none: they work with all. ``confirmed``: somebody else than ``made_by`` said
    that they are a person of their own, or they proved it by a password of their own; until then they are no second person for who
    made them. ``became``: the member that they are since they proved it; ``was``: whom they were before, whose acts are their maker's.
    """

    id: str
    email: str | None
    roles: list[str]
    limits: dict[str, int] | None
    programs: list[str]
    made_by: str | None
    confirmed: bool
    became: str | None
    was: str | None


class Route(BaseModel):
    """One route: rewards that meet all that it names are decided by ``role`` within ``days``; behind them by ``fallback``, too.

    ``kinds``, ``programs`` and ``flags``: one of them is met, none: not asked; ``at_least`` and ``below``: currency, or points -> minor
    units; ``two_above`` and ``per_advocate``: likewise, above how much two members approve, of one reward and of all that was approved
    for its beneficiary. ``said``: all of it as a sentence; ``fallback_gone``: that member could not stand in today.
    """

    name: str
    role: str
    fallback: str
    days: int
    kinds: list[str]
    programs: list[str]
    flags: list[str]
    at_least: dict[str, int] | None
    below: dict[str, int] | None
    two_above: dict[str, int] | None = None
    per_advocate: dict[str, int] | None = None
    said: str
    fallback_gone: bool


class RouteChange(BaseModel):
    """What a table says of a route and the one before it does not: ``before`` null: it is new, ``after`` null: it is gone."""

    route: str
    before: str | None
    after: str | None


class RoutingVersion(BaseModel):
    """A table of routes, named by its hash; it holds from ``since`` on, until the next one does. ``document``: as a file says it."""

    version: int
    table: str
    since: Time
    published_by: str
    confirmed_by: str | None
    routes: list[Route]
    changes: list[RouteChange]
    document: str


class RoutingWaiting(BaseModel):
    """A table that another owner must confirm: `POST /v1/changes/{change}/decision`."""

    change: str
    table: str
    asked_by: str
    asked_at: Time
    changes: list[RouteChange]


class Routing(BaseModel):
    """Who decides which reward: the tables, the newest first, of which the first holds. None: ``default`` says what does."""

    versions: list[RoutingVersion]
    waiting: RoutingWaiting | None
    default: str


class StandingApproval(BaseModel):
    """An approval given beforehand by two members. ``state``: holds, ended or stopped; ``said``: what it says, as a sentence.

    ``used`` of ``in_all`` was approved by it so far, of ``count`` rewards, in minor units or points; ``sha256`` names its terms.
    """

    id: str
    program: str
    state: str
    said: str
    kind: str
    unit: str
    rail: str
    side: str | None
    per_reward: int
    per_beneficiary: int
    in_all: int
    used: int
    count: int
    since: Time
    until: Time
    sha256: str
    granted_by: list[str]
    stopped_by: str | None
    stopped_at: Time | None
    reason: str | None
    evt: str


class StandingWish(BaseModel):
    """A standing approval that another member must confirm: `POST /v1/changes/{change}/decision`."""

    change: str
    program: str
    said: str
    asked_by: str
    asked_at: Time


class StandingApprovals(BaseModel):
    """What was approved beforehand, the newest first, and what waits for a second member."""

    items: list[StandingApproval]
    waiting: list[StandingWish]


class RewardStanding(BaseModel):
    """The standing approval under which a reward was earned. ``waits``: the code of why a person decides it all the same.

    ``amount`` and ``at``: what it approved, and when.
    """

    standing: str
    waits: str | None
    amount: int | None
    at: Time | None


class RouteFigure(BaseModel):
    """A route in figures: ``waiting`` in review now, ``late`` of them behind their promised time.

    ``decided``: approved in so many days back, ``decided_late`` of them late; ``median`` and ``p95``: how many days that took.
    """

    route: str
    waiting: int
    late: int
    decided: int
    decided_late: int
    median: float | None
    p95: float | None


class RouteFigures(BaseModel):
    """How each route keeps what it promises; ``days``: how far back what was decided is counted."""

    days: int
    routes: list[RouteFigure]


class RewardRoute(BaseModel):
    """By which route a reward is decided: ``role`` does, and behind ``decide_by`` ``fallback``, too. ``why``: what it was chosen by.

    ``two_above``, ``per_advocate``: above how much two members approve, of the reward and of what was approved for its beneficiary.
    """

    table: str
    name: str
    role: str
    fallback: str
    days: int
    why: list[str]
    two_above: int | None
    per_advocate: int | None


class Change(BaseModel):
    """What an owner asked for and another person must confirm.

    Of the kind ``member``: that the member ``subject`` gets these roles, limits and programs; of the kind ``routing``: that the table
    of routes in ``to`` holds; of the kind ``standing``: that something is approved beforehand in the program ``subject``; of the kind
    ``debtor``: that files for the bank pay from another account, which `GET /v1/debtor` shows.
    """

    id: str
    kind: str
    subject: str
    to: dict[str, Any]
    status: str
    asked_by: str
    asked_at: Time
    decided_by: str | None
    decided_at: Time | None


class Debtor(BaseModel):
    """The company's own account. ``change``: what was asked for; ``confirmed_by``: None where there was no other owner, or none yet."""

    details: dict[str, str]
    change: str
    asked_by: str
    asked_at: Time
    confirmed_by: str | None


class DebtorState(BaseModel):
    """From which account files for the bank pay; what waits for another owner: `POST /v1/changes/{change}/decision`."""

    debtor: Debtor | None
    waiting: Debtor | None
    fields: list[RailField]


class TaxThreshold(BaseModel):
    """From ``since`` on (a day) a form is needed by whom ``least`` minor units, or more, are paid in a calendar year."""

    jurisdiction: str
    unit: str
    least: int
    since: str
    source: str


class TaxFormKind(BaseModel):
    """A form that a jurisdiction takes, with its fields."""

    jurisdiction: str
    form: str
    fields: list[RailField]


class TaxReportingAsked(BaseModel):
    """What waits for another owner: `POST /v1/changes/{change}/decision`."""

    change: str
    jurisdictions: list[str]
    timezone: str
    asked_by: str


class TaxReporting(BaseModel):
    """Where the workspace reports what it pays, since when that is counted, and whose days count; nowhere: nothing is held."""

    jurisdictions: list[str]
    timezone: str | None
    since: str | None
    waiting: TaxReportingAsked | None
    thresholds: list[TaxThreshold]
    forms: list[TaxFormKind]


class TaxFormAwaited(BaseModel):
    """A form that is asked for, for a calendar year."""

    person: str
    jurisdiction: str
    asked_for: str
    asked_at: str


class TaxForm(BaseModel):
    """A payee's form. ``until``: the last day on which it holds, null: until another one is given; ``holds``: today."""

    jurisdiction: str
    form: str | None
    signed: str | None
    until: str | None
    holds: bool
    asked_for: str | None
    asked_at: str | None


class TaxValue(BaseModel):
    """What counts as paid in a calendar year, in minor units; ``thresholds``: jurisdiction -> from how much on a form is needed."""

    unit: str
    paid: int
    thresholds: dict[str, int]


class TaxPayee(BaseModel):
    """A payee of a calendar year. ``lacks``: jurisdictions whose threshold is reached without a form that holds."""

    person: str
    external_id: str | None
    paid: list[TaxValue]
    forms: list[TaxForm]
    lacks: list[str]


class StatementOfProgram(BaseModel):
    """What moved in a year. ``closing``: ``opening`` and ``earned``, less ``taken_back`` and ``paid``, and ``returned``."""

    program: str
    unit: str
    opening: int
    earned: int
    taken_back: int
    paid: int
    returned: int
    closing: int


class StatementPayout(BaseModel):
    """A payout of the year. ``day``: on which it counts as paid, or was drafted where nothing is counted."""

    id: str
    day: str
    status: str
    unit: str
    amount: int


class YearStatement(BaseModel):
    """A payee's calendar year. ``ended``: it is over; ``until``: up to when it says; ``counted``: for the tax law."""

    person: str
    external_id: str | None
    year: str
    timezone: str
    until: str
    ended: bool
    lines: list[StatementOfProgram]
    payouts: list[StatementPayout]
    counted: list[TaxValue]


class RemittanceReward(BaseModel):
    """A reward in a payout: what was sent of it, and what was kept for what its beneficiary owed back."""

    reward: str
    earned_at: str
    on: str
    sent: int
    netted: int


class Remittance(BaseModel):
    """What a payee is told of a payout. ``figure``: the amount as digits and a point."""

    payout: str
    beneficiary: str
    external_id: str | None
    reference: str
    programs: list[str]
    status: str
    amount: int
    unit: str
    figure: str
    rewards: list[RemittanceReward]


class MemberAdded(BaseModel):
    """A member, and a key of their own if one was made: shown this once. Where a table of routes was decided, ``id`` is its hash."""

    id: str
    key: str | None
    decision: Decision


class Key(BaseModel):
    """An API key; its text is kept by nobody. ``source``: of a secret (``hs``) what signs with it, else empty."""

    id: str
    kind: str
    member: str | None
    name: str
    created_at: Time
    revoked_at: Time | None
    source: str = ""


class HookMade(BaseModel):
    """A secret that is held, and where what is signed with it is sent."""

    id: str
    url: str


class KeyMade(BaseModel):
    """A new key: its text is shown this once."""

    id: str
    key: str


class EventMapped(BaseModel):
    """By which mapping of your own an event was read, and what that calls it. `version`: null where no version has that hash."""

    source: str
    version: int | None
    hash: str
    called: str


class EventSaid(BaseModel):
    """When an event was said to happen, as it was sent, where that was understood as another time: `hours_off` later."""

    at: str
    hours_off: float


class Event(BaseModel):
    """Where an event stands: waiting, set aside, or decided with its decision.

    `mapped`: of a decided one that your own mapping read; `said`: of one whose time was sent without its zone, for who may see names.
    """

    evt: str
    status: Literal["waiting", "set_aside", "decided"]
    decision: Decision | None = None
    mapped: EventMapped | None = None
    said: EventSaid | None = None


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


class Webhook(BaseModel):
    """An endpoint. `position`: the last entry of the log of which it was told, of `end`; `reason`: why it is paused.

    `rests_until`: none of the last deliveries arrived, and nothing is tried before then. `old_secret_until`: until when messages are
    signed with the secret of before, too. `replay_after`, `replay_to`: the entries that it is told once more.
    """

    id: str
    url: str
    description: str
    types: list[str]
    programs: list[str]
    status: Literal["active", "paused"]
    reason: str | None
    made_by: str
    created_at: Time
    position: int
    end: int
    replay_after: int | None
    replay_to: int | None
    rests_until: Time | None
    waiting: int
    dead: int
    old_secret_until: Time | None


class CrmConnection(BaseModel):
    """A CRM whose records are written to. `referrer`: what is said of who recommended; `fields`: what the CRM calls what is said.

    `waiting`: records that are tried again; `refused`: those that the CRM takes only after somebody changed something there.
    `rests_until`: the CRM asked to be left alone until then.
    """

    source: str
    site: str
    referrer: Literal["code", "name", "none"]
    fields: dict[str, str]
    made_by: str
    created_at: Time
    rests_until: Time | None
    written: int
    waiting: int
    refused: int


class OwnSystem(BaseModel):
    """A system of yours that books rewards. `released`: payouts that it was not told of yet.

    `unknown`: payouts of which nobody knows what became. `old_secret_until`: when the secret of before ends.
    """

    kind: str
    address: str
    made_by: str
    changed_at: Time
    released: int
    unknown: int
    old_secret_until: Time | None


class OwnSystemSecret(BaseModel):
    """A secret, `whsec_…`, with which requests are signed: it is shown this once. Null: it is the one of before, or there is none."""

    secret: str | None


class CrmMatch(BaseModel):
    """A referral by which a contact may have come.

    ``by``: what is equal: mail, association (in the pipeline), company_ref, domain or name; ``confidence``: exact, probable or
    possible; ``why``: the same in a sentence. ``advocates``: who recommended ``friend``.
    """

    referral: str
    program: str
    friend: str
    friend_name: str | None
    advocates: list[str]
    lead_at: Time
    by: str
    confidence: str
    why: str


class CrmMatched(BaseModel):
    """A contact that nobody recommended as far as is known, and what they may have come by; ``deal_id``: the deal that they are of.

    ``person`` is null where the CRM names nobody at the deal.
    """

    deal_id: str | None
    status: str | None
    person: str | None
    contact_name: str | None
    company_name: str | None
    matches: list[CrmMatch]


class CrmRecord(BaseModel):
    """A record of a CRM. `subject`: the person or deal that it is of; `match`: by what, and `confidence`: how sure that is.

    `status` and `answer`: what the CRM answered last: its codes, and the names of fields.
    """

    noun: str
    subject: str
    state: Literal["written", "waiting", "refused"]
    match: Literal["external_id", "mail", "association", "domain"]
    confidence: Literal["exact", "probable"]
    status: int | None
    answer: str
    changed_at: Time


class CrmAgain(BaseModel):
    """How many records are written to once more."""

    count: int


class WebhookMade(BaseModel):
    """A secret, `whsec_…`, with which messages are signed: it is shown this once."""

    id: str
    secret: str


class WebhookType(BaseModel):
    """A type of message, what it tells, and its JSON Schema."""

    type: str
    meaning: str
    json_schema: dict[str, Any]


class WebhookReplayed(BaseModel):
    """The first position of what is told once more."""

    position: int


class WebhookTried(BaseModel):
    """The id of a test."""

    id: str


class WebhookAgain(BaseModel):
    """How many deliveries are sent once more."""

    count: int


class WebhookDelivery(BaseModel):
    """What came of a message. `status`: what the receiver answered, null: nothing; `answer`: its beginning, or why there was none.

    `due_at`: when it is tried again, where it waits. `took`: milliseconds. `position` 0: a test.
    """

    id: str
    state: Literal["waiting", "dead", "delivered"]
    type: str
    position: int
    attempts: int
    first_at: Time
    last_at: Time
    due_at: Time
    status: int | None
    took: int
    answer: str

    @classmethod
    def of(cls, it: Any) -> Self:
        """Return a delivery as it is shown."""
        times = {name: calendar.text(getattr(it, name)) for name in ("first_at", "last_at", "due_at")}
        return cls(**{**structs.asdict(it), **times})
