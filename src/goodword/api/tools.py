"""The tools of assistants, over the Model Context Protocol (``mcp``): a few reads of ``see``, in words and with the page to go to.

None approves, rejects, releases or pays: two prepare, and give the page on which a member who is signed in decides. What a tool shows
is what its key may see. One shows personal fields that are masked elsewhere, with a reason, and that stands on the record of looking.
Must not know: JSON-RPC, HTTP, the database.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import cached_property
from inspect import getdoc
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from goodword import words
from goodword.api import fields
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import NotPermittedError, Principal, action_of
from goodword.app.see.parties import Parties
from goodword.core import calendar, rollup
from goodword.core.decision import Verdict
from goodword.core.entry import Entry, own

#: Rows of a list; decisions and verdicts of an explanation; programs; refused deliveries that are named where an event is unknown.
ROWS, SAID, PROGRAMS, REFUSED = 50, 50, 50, 5
_NUL: Final = "\0"
_ERRORS = 10  # of arguments that are named


class RefusedError(Exception):
    """A tool does not do what it was asked for; the message says why. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Call(NamedTuple):
    """Who calls a tool. ``client``: what their program calls itself, which nobody has checked."""

    who: Principal
    directory: Directory
    client: str | None = None

    def page(self, *parts: str, **query: str | Sequence[str]) -> str:
        """Return the address of a page of the console."""
        path = "/".join(["console", *(quote(part, safe="") for part in parts)])
        return f"{self.directory.engine.url}/{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")


class Arguments(BaseModel):
    """What a tool is asked: unknown names are errors, and a number is no text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(BaseModel):
    """What a tool answers."""

    model_config = ConfigDict(extra="forbid")


# --- what is asked ----------------------------------------------------------------------------------------------------

Text = Annotated[str, Field(min_length=1, max_length=200)]
PersonId = Annotated[str, Field(pattern=r"^per_[0-9A-Za-z_]{1,60}$", description="As find_person gives it")]
RewardId = Annotated[str, Field(pattern=r"^rwd_[0-9A-Za-z_]{1,60}$", description="As find_rewards gives it")]
PayoutId = Annotated[str, Field(pattern=r"^pay_[0-9A-Za-z_]{1,60}$", description="As a reward or what_waits gives it")]


class FindPerson(Arguments):
    """Whom to look for."""

    text: Annotated[
        Text, Field(description="An id, your own name for them, a mail, phone, code, invoice, or how their name begins")
    ]


class PersonHistory(Arguments):
    """Whose history."""

    person: PersonId
    after: Annotated[str, Field(max_length=2000, description="The cursor of an answer before, for what is older")] = ""


class FindRewards(Arguments):
    """Which rewards."""

    text: Annotated[Text, Field(description="An invoice, a reward's id, or a person's id or whole name with you")]


class ExplainReward(Arguments):
    """Which reward."""

    reward: RewardId


class ExplainEvent(Arguments):
    """Which event."""

    event: Annotated[str, Field(min_length=1, max_length=256, description="Its evt_ id, or the id its sender gave it")]
    source: Annotated[
        str, Field(max_length=64, pattern=r"^[A-Za-z0-9_.-]+$", description="Who sent it, such as segment or stripe")
    ] = "native"


class WhatWaits(Arguments):
    """How much of it is named."""

    rows: Annotated[int, Field(ge=1, le=ROWS, description="How many rewards are named, the latest first")] = 10


class Figures(Arguments):
    """Of which days and which program."""

    first: Annotated[fields.Day | None, Field(description="The first day; by default the last 30 days")] = None
    end: Annotated[fields.Day | None, Field(description="The day behind the last one")] = None
    program: Annotated[fields.Id | None, Field(description="A program's id or short name; by default all")] = None
    timezone: fields.Zone = "UTC"


class ProgramRules(Arguments):
    """Which program's rules."""

    program: Annotated[fields.Id | None, Field(description="Its id or short name; without one all are listed")] = None
    version: Annotated[int | None, Field(ge=1, le=100_000, description="By default the newest")] = None


class PrepareApproval(Arguments):
    """Which rewards."""

    rewards: Annotated[list[RewardId], Field(min_length=1, max_length=ROWS)]


class PrepareRelease(Arguments):
    """Which payouts."""

    payouts: Annotated[list[PayoutId], Field(min_length=1, max_length=ROWS)]


class ShowPersonalFields(Arguments):
    """What is shown of whom, and why."""

    subject: Annotated[str, Field(pattern=r"^(per|evt)_[0-9A-Za-z_]{1,60}$", description="A person or an event")]
    fields: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]],
        Field(
            min_length=1, max_length=20, description="Such as email; an unknown one is answered with those there are"
        ),
    ]
    reason: Annotated[
        str, Field(min_length=3, max_length=1000, description="Why somebody has to see it; it is kept with who asked")
    ]


# --- what is answered -------------------------------------------------------------------------------------------------

Page = Annotated[str, Field(description="Where a member who is signed in sees and decides it")]
Name = Annotated[str | None, Field(description="Your own name for them; null where the key may see none")]


class Money(Answer):
    """An amount in minor units or points, and as people read it."""

    amount: int
    unit: str
    text: str


class Person(Answer):
    """Somebody who was found. ``found_by``: what of them it is that was asked for."""

    id: str
    name: Name
    found_by: list[str]
    page: Page


class People(Answer):
    """Who was found. ``more``: there may be others, so more should be said of whom one looks for."""

    persons: list[Person]
    more: bool


class Moment(Answer):
    """Something that happened. ``why``: why nothing was earned; ``other``: whom else it is about."""

    at: str
    kind: str
    id: str
    state: str
    program: str | None
    other: Name
    invoice: str | None
    money: Money | None
    why: str | None


class History(Answer):
    """What happened to a person, the newest first; ``after``: the cursor for what is older."""

    moments: list[Moment]
    after: str | None
    page: Page


class Waits(Answer):
    """Why a reward waits, and what ends it."""

    code: str
    why: str
    ends: str


class Reward(Answer):
    """A reward. It is expected until it is approved."""

    id: str
    status: str
    side: str
    program: str
    beneficiary: str
    beneficiary_name: Name
    friend: str
    friend_name: Name
    money: Money
    invoice: str | None
    payout: str | None
    waits_for: list[Waits]
    page: Page


class Rewards(Answer):
    """Rewards, those in review first."""

    rewards: list[Reward]


class Seen(Answer):
    """What a reward was decided by, and whether it is good, waits, should be looked at, or stops it; where it stands in the log."""

    code: str
    state: str
    position: int | None


class Said(Answer):
    """A decision: where it stands in the log, what the beneficiary is told, what finance is, and each step to it."""

    position: int
    at: str
    type: str
    outcome: str
    refusal: str | None
    to_beneficiary: str
    to_finance: str
    steps: list[str]


class Reason(Answer):
    """A reason in words."""

    code: str
    sentence: str


class Explained(Answer):
    """Why a reward is what it is. ``said``: the decisions about it, the oldest first; null where the key may not read the log."""

    reward: Reward
    rules_version: int | None
    rules_sha256: str
    decided_by: list[Seen]
    evidence: list[Seen]
    lacks: list[str]
    recommended: str
    reasons: list[Reason]
    approver: str
    decide_by: str
    said: list[Said] | None
    more: bool


class RefusedDelivery(Answer):
    """Deliveries that were refused alike: which field, what would have been right."""

    at: str
    source: str
    code: str
    field: str
    times: int
    expected: str


class Event(Answer):
    """What became of an event. ``unknown``: it never came, or was refused, of which ``refused_lately`` are the newest."""

    status: Annotated[str, Field(description="unknown, waiting, set_aside or decided")]
    evt: str | None
    means: str
    said: list[Said]
    more: bool
    refused_lately: list[RefusedDelivery]
    page: Page


class Late(Answer):
    """A reward in review. ``days_late``: behind the day by which it is promised, below nought those left; ``cause``: why it is late."""

    reward: Reward
    decide_by: str
    days_late: int
    cause: str | None


class Waiting(Answer):
    """What waits for people; 1,000 says that it is so many or more."""

    rewards_in_review: int
    payouts_awaiting_release: int
    cases_open: int
    persons_waiting: int
    messages_waiting: int
    next: list[Late]
    more: bool
    page: Page


class Figure(Answer):
    """What a figure counts, how often, and how much where it is of money."""

    metric: str
    means: str
    count: int
    money: Money | None


class Overview(Answer):
    """The figures of the days from the first up to, and without, the end; true up to a position of the log."""

    first: str
    end: str
    timezone: str
    figures: list[Figure]
    position: int
    log_ends_at: int
    page: Page


class Version(Answer):
    """A version of a program's rules, named by the hash of its content."""

    number: int
    sha256: str
    since: str


class Program(Answer):
    """A program."""

    id: str
    slug: str
    status: str
    versions: int
    page: Page


class Heading(Answer):
    """Sentences of rules under a heading."""

    heading: str
    sentences: list[str]


class Rules(Answer):
    """The rules of one version in words."""

    program: str
    version: Version
    until: str | None
    headings: list[Heading]


class Programs(Answer):
    """All programs, and the rules of the one that was asked for."""

    programs: list[Program]
    rules: Rules | None


class Prepared(Answer):
    """What was prepared: nothing is decided by it. ``sums``: of what waits for this decision, by unit."""

    rewards: list[Reward]
    sums: list[Money]
    page: Page
    decided: Annotated[bool, Field(description="Always false: a member decides on the page")]


class Payout(Answer):
    """A payout. ``cases``: open ones about it; ``awaits``: what a second member is still to say."""

    id: str
    status: str
    beneficiary: str
    beneficiary_name: Name
    money: Money
    rail: str | None
    cases: list[str]
    awaits: list[str]


class PreparedRelease(Answer):
    """What was prepared: nothing is released by it. ``sums``: of what waits for its release, by unit."""

    payouts: list[Payout]
    sums: list[Money]
    page: Page
    decided: Annotated[bool, Field(description="Always false: a member decides on the page")]


class Shown(Answer):
    """Personal fields, and where it stands in the log that they were shown."""

    values: dict[str, Any]
    position: int


# --- the tools --------------------------------------------------------------------------------------------------------


async def find_person(call: Call, asked: FindPerson) -> People:
    """Find people by an id, your own name for them, a mail, phone, code, invoice, or how their name begins."""
    found = await see.people.search(call.who, call.directory, asked.text)
    persons = [
        Person(
            id=it.person.id,
            name=it.person.external_id,
            found_by=list(it.by),
            page=call.page("people", it.person.id),
        )
        for it in found.found
    ]
    return People(persons=persons, more=found.more)


async def person_history(call: Call, asked: PersonHistory) -> History:
    """Tell what happened to a person, the newest first: who brought them, their orders, what was earned or why nothing was."""
    found = await see.timelines.of_person(call.who, call.directory, asked.person, after=asked.after)
    moments = [
        Moment(
            at=calendar.text(it.at),
            kind=it.kind,
            id=it.id,
            state=it.state,
            program=it.program,
            other=it.other.name if it.other is not None else None,
            invoice=it.about,
            money=_money(it.amount, it.unit) if it.amount is not None and it.unit is not None else None,
            why=it.why,
        )
        for it in found.moments
    ]
    return History(moments=moments, after=found.after, page=call.page("people", asked.person))


async def find_rewards(call: Call, asked: FindRewards) -> Rewards:
    """Find the rewards of an invoice or of a person who earns them, those in review first; fifty at most."""
    found = await see.queue.find(call.who, call.directory, asked.text)
    return Rewards(rewards=[_reward(call, it) for it in found[:ROWS]])


async def explain_reward(call: Call, asked: ExplainReward) -> Explained:
    """Explain why a reward was decided so: rules, evidence, what it waits for, and each decision with its place in the log."""
    found = await see.records.get(call.who, call.directory, asked.reward)
    said: list[tuple[Entry, Verdict]] | None = None
    if call.who.may(action_of(see.explanations.decisions)):
        said = own(asked.reward, await see.explanations.decisions(call.who, call.directory, asked.reward))
    advice = found.recommended
    return Explained(
        reward=_reward(call, found.about),
        rules_version=found.about.version,
        rules_sha256=found.about.reward.rules,
        decided_by=[_seen(it) for it in found.inputs],
        evidence=[_seen(it) for it in found.evidence],
        lacks=list(found.lacks),
        recommended=advice.advice,
        reasons=[Reason(code=it.code, sentence=it.sentence) for it in advice.reasons],
        approver=found.approver,
        decide_by=calendar.text(found.decide_by),
        said=[_said(*one) for one in said[:SAID]] if said is not None else None,
        more=said is not None and len(said) > SAID,
    )


async def explain_event(call: Call, asked: ExplainEvent) -> Event:
    """Tell what became of an event: whether it arrived, whether it was decided, what came of it and why."""
    try:
        found = await see.events.get(call.who, call.directory, asked.event, asked.source)
    except UnknownError:
        refused = await see.events.rejected(call.who, call.directory, limit=REFUSED)
        return Event(
            status="unknown",
            evt=None,
            means=_BECAME["unknown"],
            said=[],
            more=False,
            refused_lately=[
                RefusedDelivery(
                    at=calendar.text(it.at),
                    source=it.source,
                    code=it.code,
                    field=it.field,
                    times=it.times,
                    expected=it.expected,
                )
                for it in refused.items
            ],
            page=call.page("sources"),
        )
    verdicts = [(found.entry, it) for it in found.entry.verdicts] if found.entry is not None else []
    return Event(
        status=found.status,
        evt=found.evt,
        means=_BECAME[found.status],
        said=[_said(*one) for one in verdicts[:SAID]],
        more=len(verdicts) > SAID,
        refused_lately=[],
        page=call.page("events", found.evt),
    )


async def what_waits(call: Call, asked: WhatWaits) -> Waiting:
    """Tell what waits for people: rewards in review, payouts to be released, open cases; and which rewards are late, those first."""
    counts = await see.reports.queue(call.who, call.directory)
    found = await see.queue.page(call.who, call.directory, sort="due", limit=asked.rows)
    rows = [
        Late(
            reward=_reward(call, it.about),
            decide_by=calendar.text(it.decide_by),
            days_late=it.late,
            cause=it.cause,
        )
        for it in found.items
    ]
    return Waiting(**counts, next=rows, more=found.after is not None, page=call.page("rewards"))


async def figures(call: Call, asked: Figures) -> Overview:
    """Give the figures of some days, by default the last 30: clicks, leads, orders, what was earned, paid and refused, and why."""
    found = await see.reports.overview(
        call.who, call.directory, asked.first, asked.end, asked.program, zone=asked.timezone
    )
    return Overview(
        first=found.begin,
        end=found.end,
        timezone=found.zone,
        figures=[
            Figure(
                metric=it.metric,
                means=_means(it.metric),
                count=it.count,
                money=_money(it.amount, it.unit) if it.unit else None,
            )
            for it in found.totals
        ],
        position=found.as_of_position,
        log_ends_at=found.position,
        page=call.page("figures"),
    )


async def program_rules(call: Call, asked: ProgramRules) -> Programs:
    """List the programs, and tell the rules of one in words, as they are or as an earlier version had them."""
    known = await see.programs.every(call.who, call.directory)
    rules = None
    if asked.program is not None:
        it = await see.programs.whole(call.who, call.directory, asked.program, asked.version)
        rules = Rules(
            program=it.program.slug,
            version=Version(number=it.version.number, sha256=it.version.rules, since=calendar.text(it.version.at)),
            until=calendar.text(it.version.until) if it.version.until is not None else None,
            headings=[Heading(heading=one.title, sentences=list(one.sentences)) for one in it.rules],
        )
    programs = [
        Program(
            id=it.id,
            slug=it.slug,
            status=it.status,
            versions=len(it.versions),
            page=call.page("programs", it.slug),
        )
        for it in known[:PROGRAMS]
    ]
    return Programs(programs=programs, rules=rules)


async def prepare_approval(call: Call, asked: PrepareApproval) -> Prepared:
    """Prepare the approval of rewards: nothing is approved, the page is given on which a member who is signed in looks and decides."""
    found = await see.parties.each(call.who, call.directory, asked.rewards)
    waiting = [it.reward for it in found if it.reward.status == "in_review"]
    return Prepared(
        rewards=[_reward(call, it) for it in found],
        sums=_sums((it.amount, it.unit) for it in waiting),
        page=call.page("rewards", "list", id=[it.id for it in found]),
        decided=False,
    )


async def prepare_release(call: Call, asked: PrepareRelease) -> PreparedRelease:
    """Prepare the release of payouts: nothing is released, the page is given on which a member who is signed in looks and decides."""
    ids = sorted(set(asked.payouts))
    found = await see.payouts.each(call.who, call.directory, ids)
    beside = {it.id: it for it in (await see.payouts.to_release(call.who, call.directory, ids)).shown}
    payouts = [
        Payout(
            id=it.id,
            status=it.status,
            beneficiary=it.beneficiary,
            beneficiary_name=beside[it.id].name,
            money=_money(it.amount, it.unit),
            rail=beside[it.id].rail,
            cases=list(beside[it.id].cases),
            awaits=list(beside[it.id].awaits),
        )
        for it in found
    ]
    return PreparedRelease(
        payouts=payouts,
        sums=_sums((it.amount, it.unit) for it in found if it.status == "awaiting_release"),
        page=call.page("payouts", "release", id=ids),
        decided=False,
    )


async def show_personal_fields(call: Call, asked: ShowPersonalFields) -> Shown:
    """Show personal fields of a person or an event, such as a mail, for a reason: who was shown them, and why, stands on record."""
    why = f"Shown by a tool ({call.client or 'unnamed'}): {asked.reason}"
    once = f"{call.who.actor.id}:mcp:{secrets.token_hex(16)}"
    seen = await say.people.unmask(call.who, call.directory, asked.subject, asked.fields, why, once)
    if seen.entry.refused:
        refusal = seen.entry.verdicts[0].refusal or ""
        raise RefusedError(refusal, words.refusal(refusal))
    return Shown(values=seen.values, position=seen.entry.position)


_BECAME: Final = {
    "unknown": "It never came under this id and source, or it was refused as it came: see what was refused lately.",
    "waiting": "It came, and waits to be decided.",
    "set_aside": "It came, and was set aside, or waits behind one that was: deciding it failed, and a person must look.",
    "decided": "It came and was decided.",
}


def _money(amount: int, unit: str) -> Money:
    return Money(amount=amount, unit=unit, text=words.money(amount, unit))


def _sums(amounts: Iterable[tuple[int, str]]) -> list[Money]:
    found = dict[str, int]()
    for amount, unit in amounts:
        found[unit] = found.get(unit, 0) + amount
    return [_money(amount, unit) for unit, amount in sorted(found.items())]


def _reward(call: Call, it: Parties) -> Reward:
    reward = it.reward
    holds = [(code, words.hold(code)) for code in it.waits_for]
    return Reward(
        id=reward.id,
        status=reward.status,
        side=reward.side,
        program=it.program,
        beneficiary=it.beneficiary.id,
        beneficiary_name=it.beneficiary.name,
        friend=it.friend.id,
        friend_name=it.friend.name,
        money=_money(reward.amount, reward.unit),
        invoice=it.invoice,
        payout=it.payout.id if it.payout is not None else None,
        waits_for=[Waits(code=code, why=hold.why, ends=hold.ends) for code, hold in holds],
        page=call.page("rewards", reward.id),
    )


def _seen(it: see.records.Fact) -> Seen:
    return Seen(code=it.code, state=it.state, position=it.position)


def _said(entry: Entry, verdict: Verdict) -> Said:
    told = words.sentences(verdict)
    return Said(
        position=entry.position,
        at=calendar.text(entry.as_of),
        type=str(entry.event.__struct_config__.tag),
        outcome=verdict.outcome,
        refusal=verdict.refusal,
        to_beneficiary=told.beneficiary,
        to_finance=told.finance,
        steps=[sentence for _, sentence in told.steps],
    )


_REFUSALS: Final = {metric: code for code, metric in rollup.REFUSED.items()}


def _means(metric: str) -> str:
    """Return what a figure counts."""
    return words.refusal(_REFUSALS[metric]) if metric in _REFUSALS else words.metric(metric)


class Tool:
    """A tool. ``use_cases``: the functions of ``see`` and ``say`` that it renders, each of which its key must be allowed to call."""

    def __init__(
        self,
        title: str,
        run: Callable[[Call, Any], Awaitable[Answer]],
        asks: type[Arguments],
        answers: type[Answer],
        *use_cases: Callable[..., Any],
    ) -> None:
        self.name = run.__name__
        self.title = title
        self.use_cases = use_cases
        self.run = run
        self._asks = asks
        self._answers = answers

    def open_to(self, who: Principal) -> bool:
        """Return whether somebody may call it."""
        return all(who.may(action_of(use_case)) for use_case in self.use_cases)

    @property
    def records(self) -> bool:
        """Whether that it was called stands on the record of looking; else nothing whatever comes of it."""
        return any(use_case.__module__.startswith("goodword.app.say") for use_case in self.use_cases)

    def described(self) -> dict[str, Any]:
        """Return it as a list of tools has it."""
        return self._described

    @cached_property
    def _described(self) -> dict[str, Any]:
        hints = {"readOnlyHint": not self.records, "destructiveHint": False, "idempotentHint": not self.records}
        return {
            "name": self.name,
            "title": self.title,
            "description": getdoc(self.run),
            "inputSchema": _schema(self._asks, "validation"),
            "outputSchema": _schema(self._answers, "serialization"),
            "annotations": {"title": self.title, **hints, "openWorldHint": False},
        }

    async def called(self, call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return what it answers, as JSON has it. Raises RefusedError."""
        try:
            for use_case in self.use_cases:
                call.who.needs(action_of(use_case))
            asked = self._asks.model_validate(arguments)
            if any(_NUL in text for text in _texts(arguments)):
                raise RefusedError("invalid_character", "A text holds a NUL character.")
            return (await self.run(call, asked)).model_dump(mode="json")
        except ValidationError as error:
            raise RefusedError("invalid_arguments", _wrong(error)) from error
        except NotPermittedError as error:
            raise RefusedError("not_permitted", str(error)) from error
        except UnknownError as error:
            raise RefusedError("not_found", str(error)) from error
        except InvalidError as error:
            raise RefusedError("invalid_arguments", str(error)) from error
        except ConflictError as error:
            raise RefusedError(error.code, str(error)) from error


def _texts(value: Any) -> Iterator[str]:
    """Return all texts of arguments that are as their schema says."""
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)


def _wrong(error: ValidationError) -> str:
    """Return what is wrong with arguments, without what they say."""
    found = error.errors(include_url=False, include_context=False, include_input=False)[:_ERRORS]
    return "; ".join(f"{'.'.join(map(str, one['loc']))[:80] or 'arguments'}: {one['msg'][:200]}" for one in found)


def _schema(model: type[BaseModel], mode: Any) -> dict[str, Any]:
    return dict(_untitled(model.model_json_schema(mode=mode)))


def _untitled(value: Any) -> Any:
    """Return a schema without the titles that only say a field's name again."""
    if isinstance(value, dict):
        return {key: _untitled(each) for key, each in value.items() if key != "title" or not isinstance(each, str)}
    return [_untitled(each) for each in value] if isinstance(value, list) else value


#: Name -> tool, in the order in which they are listed.
TOOLS: Final = {
    tool.name: tool
    for tool in (
        Tool("Find a person", find_person, FindPerson, People, see.people.search),
        Tool("A person's history", person_history, PersonHistory, History, see.timelines.of_person),
        Tool("Find rewards", find_rewards, FindRewards, Rewards, see.queue.find),
        Tool("Why a reward was decided so", explain_reward, ExplainReward, Explained, see.records.get),
        Tool("What became of an event", explain_event, ExplainEvent, Event, see.events.get, see.events.rejected),
        Tool("What waits for people", what_waits, WhatWaits, Waiting, see.reports.queue, see.queue.page),
        Tool("Figures", figures, Figures, Overview, see.reports.overview),
        Tool("The rules of a program", program_rules, ProgramRules, Programs, see.programs.every, see.programs.whole),
        Tool("Prepare an approval", prepare_approval, PrepareApproval, Prepared, see.parties.each),
        Tool(
            *("Prepare a release", prepare_release, PrepareRelease, PreparedRelease),
            *(see.payouts.each, see.payouts.to_release),
        ),
        Tool("Show personal fields", show_personal_fields, ShowPersonalFields, Shown, say.people.unmask),
    )
}
