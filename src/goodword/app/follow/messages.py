"""Messages to advocates on their way: that one is due becomes an event; one that the core ordered is given to the mail server, once.

What is asked when a message is decided is asked again before it is sent. A mail is a row before its text is handed over, and what the
server answered stands there before the log says it: who finds a row without an answer says *unknown*, and never sends it again. A
person does, if they want to. A group goes over one connection. Must not know: SQL, SMTP, what a message says.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

import asyncpg
import msgspec
from msgspec import Struct

from goodword import words
from goodword.app.addresses import link_of
from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.app.letters import current
from goodword.app.mailboxes import Box, boxes_of
from goodword.app.write.commands import Stamp, commands
from goodword.core import calendar, kin, messages, settlement
from goodword.core import rules as core_rules
from goodword.core.decision import Job
from goodword.core.draft import Draft
from goodword.core.events import AnyEvent, MessageAnswered, MessageDue
from goodword.core.facts import Actor
from goodword.core.rules import RuleVersion
from goodword.core.state import (
    UNSETTLED,
    Advocate,
    Case,
    Claim,
    Customer,
    Entity,
    Handout,
    Kin,
    Letter,
    Payout,
    Program,
    Recipient,
    Reward,
    State,
    Stock,
)
from goodword.outbound.mail import Line, Mail, MailError
from goodword.store import entities, jobs, letters, log, people, workspaces
from goodword.store import rules as rule_versions
from goodword.store.jobs import Leased, NotBegunError, Retry, SaidError
from goodword.store.letters import Heard
from goodword.store.workspaces import Workspace
from goodword.words import letters as texts
from goodword.words.catalogue import languages, near, speaking

WORKER: Final = Actor(id="worker", kind="system")
#: Tried for about a day; what the server did not take by then is *refused*, and a person sees it.
_RETRY: Final = Retry(first=30_000_000, longest=3_600_000_000, attempts=30)
_QUEUE: Final = Queue(messages.QUEUE, slots=8, each=4)
#: Mails that are begun in one commit: so many are unknown, at most, after somebody was killed.
AT_ONCE: Final = 20
_BEGIN_WITHIN: Final = (
    25.0  # seconds after which no further mails are begun: what is left goes on at once in another turn
)
_WITHIN: Final = 90.0  # seconds for a group: its last mails have the server's patience, and their commits
_PAGE: Final = 500  # advocates of a program to whom it is said at once that something is due
#: What a message says of a reward -> the states in which that is so.
_TRUE: Final = {
    "referral_counted": UNSETTLED | {"paid"},
    "reward_approved": ("approved", "processing", "paid"),
    "reward_paid": ("paid",),
}
#: What of a case its advocate is told: of what was noticed nobody is told whom it is about.
_HELD: Final = {"chargeback": "chargeback", "bank_line": "bank", "suspended": "suspended"}


class _Due(Struct):
    """What a job says of a message that is due."""

    program: str
    topic: str
    trigger: str
    after: int | None = None


class _AllDue(Struct):
    """What a job says that is for all who joined a program before an instant."""

    program: str
    topic: str
    trigger: str
    before: int


class _Reason(Struct):
    reason: str


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kinds of jobs of messages."""

    async def due(ws: str, leased: Sequence[Leased]) -> Mapping[Leased, Exception]:
        return await _due(directory, ws, leased)

    async def send(ws: str, leased: Sequence[Leased]) -> Mapping[Leased, Exception]:
        return await _Sending(directory, leased).run(ws)

    async def all_due(ws: str, job: Leased) -> None:
        await _all_due(directory, ws, job)

    async def suppress(ws: str, job: Leased) -> None:
        reason = msgspec.json.decode(job.payload, type=_Reason).reason
        async with directory.pool.acquire() as conn:
            await letters.suppress(conn, ws, job.subject, reason, directory.now())

    return {
        messages.DUE: Kind(due, _QUEUE),
        messages.SEND: Kind(send, _QUEUE, within=_WITHIN, retry=_RETRY),
        messages.ALL_DUE: Kind(one_by_one(all_due), _QUEUE, most=1),
        messages.SUPPRESS: Kind(one_by_one(suppress), _QUEUE),
    }


# --- that one is due --------------------------------------------------------------------------------------------------


async def _due(directory: Directory, id_: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
    ws = await _workspace(directory, id_)
    async with directory.pool.acquire() as conn:
        boxes = await boxes_of(conn, directory, ws, {job.subject for job in leased})
        listed = await letters.suppressed(conn, ws.id, {box.blind for box in boxes.values()})

    def make(job: Leased, stamp: Stamp) -> AnyEvent:
        said, box = msgspec.json.decode(job.payload, type=_Due), boxes.get(job.subject)
        why = listed.get(box.blind) if box is not None else None
        return MessageDue(
            **stamp, **msgspec.structs.asdict(said), person=job.subject, known=box is not None, listed=why
        )

    return await _said(directory, ws.id, leased, [partial(make, job) for job in leased])


async def _all_due(directory: Directory, ws: str, job: Leased) -> None:
    """Order a job for each active advocate of a program. Each is ordered once, so that half of it is no harm."""
    said, after = msgspec.json.decode(job.payload, type=_AllDue), ""
    payload = {"program": said.program, "topic": said.topic, "trigger": said.trigger}
    while True:
        async with directory.pool.acquire() as conn, conn.transaction():
            found = await letters.advocates(conn, ws, said.program, said.before, after, _PAGE)
            ordered = [
                Job(
                    id=f"{messages.DUE}:{messages.id_of(person, said.topic, said.trigger)}",
                    kind=messages.DUE,
                    subject=person,
                    queue=messages.QUEUE,
                    priority=0,
                    payload=payload,
                )
                for person in found
            ]
            await jobs.add(conn, ws, ordered, directory.now())
        if len(found) < _PAGE:
            return
        after = found[-1]


async def _said(
    directory: Directory, ws: str, leased: Sequence[Leased], makes: Sequence[partial[AnyEvent]]
) -> dict[Leased, Exception]:
    entries = await commands(directory.engine, ws, makes, WORKER)
    return {job: it for job, it in zip(leased, entries, strict=True) if isinstance(it, Exception)}


# --- what is sent -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ready:
    """A message that is to be handed over."""

    message: Letter
    letter: letters.Text
    mail: Mail


@dataclass(slots=True)
class _Sending:
    """Messages of one workspace on their way, together; ``errors``: what failed, by message. None fails its neighbours."""

    directory: Directory
    leased: Sequence[Leased]
    errors: dict[str, Exception] = field(default_factory=dict)
    answers: dict[str, Heard] = field(default_factory=dict)

    async def run(self, id_: str) -> dict[Leased, Exception]:
        """Hand over what may be, and say what became of all."""
        ws = await _workspace(self.directory, id_)
        of = {job.subject: job for job in self.leased}
        async with self.directory.pool.acquire() as conn:
            there = [it for it in await entities.load(conn, ws.id, Letter, of) if it.status == "ordered"]
            begun = await letters.begun(conn, ws.id, [it.id for it in there])
            for it, heard in begun.items():
                self.answers[it] = heard if heard.answer is not None else Heard("unknown", "interrupted")
            fresh = [it for it in there if it.id not in begun]
            ready = await self._ready(conn, ws, fresh) if fresh else []
        if ready:
            try:
                await self._hand_over(ws, ready, of)
            except MailError as error:
                self._not_taken([it.message.id for it in ready], of, error)
        told = {it.id: self.answers[it.id] for it in there if it.id in self.answers}
        makes = [partial(_answered, id_, heard) for id_, heard in told.items()]
        failed = await _said(self.directory, ws.id, [of[it] for it in told], makes)
        return {of[it]: error for it, error in self.errors.items()} | failed

    async def _ready(self, conn: asyncpg.Connection, ws: Workspace, fresh: Sequence[Letter]) -> list[_Ready]:
        """Return what may be handed over, each with what it says; of the others it is said why they are withheld."""
        scene = await _Scene.of(conn, self.directory, ws, fresh)
        ready = []
        for it in fresh:
            box = scene.boxes.get(scene.person(it))
            listed = scene.listed.get(box.blind) if box is not None else None
            why = messages.withheld(scene.draft, it, known=box is not None, listed=listed) or await _outdated(
                conn, ws, scene, it
            )
            if why is not None:
                self.answers[it.id] = Heard("withheld", why)
                continue
            until = messages.open_at(scene.draft, it, scene.draft.as_of)
            if until > scene.draft.as_of:
                self.errors[it.id] = SaidError("it waits for the end of quiet hours", after=until - scene.draft.as_of)
                continue
            try:
                assert box is not None  # noqa: S101 - without one it is withheld
                ready.append(await _written(conn, ws, scene, it, box, self.directory.engine))
            except Exception as error:  # noqa: BLE001 - a text that cannot be written stops no other
                self.errors[it.id] = error
        return ready

    async def _hand_over(self, ws: Workspace, ready: Sequence[_Ready], of: Mapping[str, Leased]) -> None:
        post = self.directory.post
        if post is None:
            why = SaidError("no mail server is known: set GOODWORD_SMTP_URL")
            self.errors |= dict.fromkeys((it.message.id for it in ready), why)
            return
        clock = self.directory.engine.clock
        late = clock.monotonic() + _BEGIN_WITHIN
        heard: dict[str, Heard] = {}
        again: list[str] = []
        async with post.connected() as line:
            for at in range(0, len(ready), AT_ONCE):
                chunk = ready[at : at + AT_ONCE]
                if clock.monotonic() >= late:
                    self.errors |= {it.message.id: NotBegunError(it.message.id) for it in chunk}
                    continue
                new = await self._kept(ws, heard, again, chunk)
                heard, again = await self._give(line, [it for it in chunk if it.message.id in new], of)
                self.answers |= heard
        await self._kept(ws, heard, again, [])

    async def _kept(
        self, ws: Workspace, heard: Mapping[str, Heard], again: Sequence[str], chunk: Sequence[_Ready]
    ) -> set[str]:
        """Keep in one commit what became of mails, and that others are begun, before any of those is given; return which these are."""
        async with self.directory.pool.acquire() as conn, conn.transaction():
            await letters.heard(conn, ws.id, heard)
            await letters.drop(conn, ws.id, again)
            return await letters.begin(conn, ws, [it.letter for it in chunk], self.directory.now())

    async def _give(
        self, line: Line, chunk: Sequence[_Ready], of: Mapping[str, Leased]
    ) -> tuple[dict[str, Heard], list[str]]:
        """Return what the server answered, and which it did not take this time."""
        heard: dict[str, Heard] = {}
        again = []
        for it in chunk:
            id_ = it.message.id
            try:
                await line.give(it.mail)
            except MailError as error:
                if error.unsure:
                    heard[id_] = Heard("unknown", error.kind)
                elif error.kind.startswith("5") or error.kind == "address":
                    heard[id_] = Heard("refused", error.kind)
                else:
                    again.append(id_)
                    self._not_taken([id_], of, error)
            else:
                heard[id_] = Heard("sent")
        return heard, again

    def _not_taken(self, ids: Sequence[str], of: Mapping[str, Leased], error: MailError) -> None:
        """It is tried again later, or given up: then a person sees it."""
        for id_ in ids:
            if id_ in self.answers or id_ in self.errors:
                continue
            if of[id_].attempts >= (_RETRY.attempts or 0):
                self.answers[id_] = Heard("refused", error.kind)
            else:
                self.errors[id_] = SaidError(f"the mail server did not take it: {error.kind}")


def _answered(message: str, heard: Heard, stamp: Stamp) -> AnyEvent:
    return MessageAnswered(**stamp, message=message, outcome=heard.answer or "unknown", reason=heard.reason)


async def _workspace(directory: Directory, id_: str) -> Workspace:
    ws = await directory.workspace(id_)
    if ws is None:
        raise LookupError(f"there is no workspace {id_}")
    return ws


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a group of messages is decided and written by. ``draft``: a state with what they look at, as of now."""

    draft: Draft
    boxes: Mapping[str, Box]
    listed: Mapping[bytes, str]
    codes: Mapping[str, str]
    about: Mapping[str, Entity]
    url: str
    host: str | None

    @classmethod
    async def of(cls, conn: asyncpg.Connection, directory: Directory, ws: Workspace, its: Sequence[Letter]) -> _Scene:
        """Read what these messages look at."""
        kin_of = {it.person: it for it in await entities.load(conn, ws.id, Kin, {it.person for it in its})}
        persons = {kin.root(lambda _, id_: kin_of.get(id_), it.person) for it in its}
        programs = await entities.load(conn, ws.id, Program, {it.program for it in its})
        advocates = await entities.load(conn, ws.id, Advocate, {(it.id, p) for it in programs for p in persons})
        found: list[Entity] = [*kin_of.values(), *programs, *advocates]
        found += await entities.load(conn, ws.id, Recipient, persons)
        found += await entities.load(conn, ws.id, Customer, persons)
        state = State(complete=True)
        for it in found:
            state.put(it)
        hashes = {it.versions[-1][1] for it in programs if it.versions}
        rules = {it.hash: it for it in (_version(*row) for row in await rule_versions.documents(conn, ws.id, hashes))}
        as_of = (await log.stream(conn, ws.id)).now(directory.now())
        boxes = await boxes_of(conn, directory, ws, persons)
        listed = await letters.suppressed(conn, ws.id, {box.blind for box in boxes.values()})
        codes = await people.code_texts(conn, ws.id, ws.keys, {it.codes[-1] for it in advocates if it.codes})
        hosts = await workspaces.hosts(conn, ws.id)
        draft = Draft(state=state, rules=rules, evt="", as_of=as_of)
        about = await _about(conn, ws, its)
        return cls(draft, boxes, listed, codes, about, directory.engine.url, hosts[0] if hosts else None)

    def person(self, it: Letter) -> str:
        """Who somebody is now who was merged with somebody."""
        return kin.root(self.draft.get, it.person)


def _version(semantics: int, document: str) -> RuleVersion:
    return core_rules.version(document, semantics)


async def _about(conn: asyncpg.Connection, ws: Workspace, its: Sequence[Letter]) -> dict[str, Entity]:
    """Return what messages are about, by message: a reward, of a hold its case, of a gift the payout that gave it."""
    triggers = {it.trigger: it for it in its}
    found: dict[str, Entity] = {}
    for reward in await entities.load(conn, ws.id, Reward, [it for it in triggers if it.startswith("rwd_")]):
        found |= {it.id: reward for it in its if it.trigger == reward.id}
    for case in await entities.load(conn, ws.id, Case, [it for it in triggers if it.startswith("cas_")]):
        found |= {it.id: case for it in its if it.trigger == case.id}
    for payout in await entities.load(conn, ws.id, Payout, [it for it in triggers if it.startswith("pay_")]):
        found |= {it.id: payout for it in its if it.trigger == payout.id}
    return found


async def _outdated(conn: asyncpg.Connection, ws: Workspace, scene: _Scene, it: Letter) -> str | None:
    """Return that what happened meanwhile, as in quiet hours, makes a message untrue.

    A reward is not approved or paid any more, or is expected no more; what held it is decided. A tip is for who never shared, or who
    did, with or without a look at it, and brought nobody.
    """
    about = scene.about.get(it.id)
    if isinstance(about, Case):
        waits = [one.status in settlement.UNDECIDED for one in await entities.load(conn, ws.id, Reward, about.rewards)]
        return None if about.status != "decided" and any(waits) else "news_outdated"
    if isinstance(about, Reward):
        return None if about.status in _TRUE.get(it.topic, (about.status,)) else "news_outdated"
    if it.topic not in messages.TIPS:
        return None
    advocate = scene.draft.need(Advocate, (it.program, scene.person(it)))
    echo = await letters.echo(conn, ws.id, it.program, advocate.person, advocate.codes)
    shared = bool(advocate.shared) or echo.views > 0
    fits = not echo.brought and shared == (it.topic == "tip_click")
    return None if fits else "tip_outdated"


# --- what one says ----------------------------------------------------------------------------------------------------


async def _written(
    conn: asyncpg.Connection, ws: Workspace, scene: _Scene, it: Letter, box: Box, engine: Engine
) -> _Ready:
    """Return a message with its text, in the person's language or else in English."""
    program = scene.draft.need(Program, it.program)
    rules = scene.draft.rules[program.versions[-1][1]].means
    advocate = scene.draft.get(Advocate, (it.program, scene.person(it)))
    customer = scene.draft.get(Customer, scene.person(it))
    language = (customer.language if customer is not None else None) or words.ENGLISH
    source = await current(conn, ws.id, it.topic, language, engine)
    if source is None and language not in languages():
        language = near([language]) or words.ENGLISH
        source = await current(conn, ws.id, it.topic, language, engine)
    stop = secrets.token_urlsafe(15)
    root = f"{scene.url}/portal/{ws.id}"
    stops = f"{root}/letters/{stop}"
    code = scene.codes.get(advocate.codes[-1]) if advocate is not None and advocate.codes else None
    with speaking(near([language]) or words.ENGLISH):
        more = await _values(conn, ws, scene, it, rules.timezone)
    values: dict[str, object] = {
        "company": ws.name,
        "name": box.name,
        "program": rules.name or None,
        "portal": root,
        "link": link_of(scene.url, ws.id, scene.host, code).url if code is not None else None,
        "code": code,
        "question": f"{stops}/how",
        "gift": f"{stops}/gift",
        "terms": f"{root}/terms/{program.versions[-1][1]}",
        "since": _day(program.versions[-1][0], rules.timezone),
        **more,
    }
    made = texts.letter(it.topic, language, values, stops, source)
    kept = f"{made.subject}\n\n{made.text}"
    if it.topic == messages.GIFT:  # its address shows a code, which whoever reads messages is not to see
        kept = kept.replace(stop, "…")
    letter = letters.Text(it.id, box.person, box.blind, box.key, stop, kept)
    return _Ready(it, letter, Mail(box.mail, it.id, made.subject, made.text, made.html, stops))


async def _values(conn: asyncpg.Connection, ws: Workspace, scene: _Scene, it: Letter, zone: str) -> dict[str, object]:
    """Return what a topic tells besides."""
    about = scene.about.get(it.id)
    if isinstance(about, Reward):
        amount = texts.Money(about.amount, about.unit)
        promised = about.decide_by or about.hold_until
        due = _day(about.due_at, zone) if about.due_at is not None else None
        return {"amount": amount, "promised": _day(promised, zone), "due": due, "payout": about.payout or about.id}
    if isinstance(about, Case):
        its = [one for one in await entities.load(conn, ws.id, Reward, about.rewards) if one.beneficiary == it.person]
        until = _day(about.due_at, zone) if about.due_at is not None else None
        amount = texts.Money(its[0].amount, its[0].unit) if its else None  # type: ignore[assignment]
        reason = words.portal(f"own.hold.{_HELD.get(about.kind, 'checking')}")
        return {"amount": amount, "reason": reason, "next": words.portal("letter.held.next"), "until": until}
    if isinstance(about, Payout):
        return await _gift(conn, ws, about, zone)
    if it.topic == "dispute_answered":
        return {"answer": words.portal(f"letter.dispute.{await _answer(conn, ws.id, it)}")}
    if it.topic == "milestone_reached":
        of = partial(messages.reached, it.program, it.person)
        tier = next((n for n in range(1, 100) if of(n) == it.trigger), 1)
        return {"milestone": words.portal("letter.milestone", number=tier + 1)}
    if it.topic == "tip_click":
        advocate = scene.draft.need(Advocate, (it.program, scene.person(it)))
        echo = await letters.echo(conn, ws.id, it.program, advocate.person, advocate.codes)
        return {"views": echo.views}
    return {}


async def _gift(conn: asyncpg.Connection, ws: Workspace, it: Payout, zone: str) -> dict[str, object]:
    """Return what a gift's mail tells: how much, for what, and until when it can be used; never what a code reads."""
    given = [one for one in await entities.of(conn, ws.id, (Handout, "payout"), [it.id]) if isinstance(one, Handout)]
    stocks = await entities.load(conn, ws.id, Stock, {one.stock for one in given})
    rewards = await entities.load(conn, ws.id, Reward, [part.reward for part in it.parts])
    ends = min((one.ends_at for one in stocks if one.ends_at is not None), default=None)
    return {
        "amount": texts.Money(it.amount, it.unit),
        "because": words.portal(f"letter.gift.{rewards[0].side}"),
        "before": None if ends is None else _day(ends, zone),
    }


async def _answer(conn: asyncpg.Connection, ws: str, it: Letter) -> str:
    """Return what somebody was answered: won, lost, or wrote, where the team wrote to them and decided nothing."""
    entries = await log.of_each(conn, ws, [it.trigger])
    said = [verdict for entry in entries.values() for verdict in entry.verdicts]
    told = [one for one in said if one.outcome == "dispute_answered" and one.beneficiary == it.person]
    if any(step.values["decided_since"] is None for one in told for step in one.steps):
        return "wrote"
    subjects = [one.subject for one in told or said if one.subject is not None]
    for case in await entities.load(
        conn, ws, Case, [id_ for id_ in subjects if id_.startswith("cas_")] if told else []
    ):
        return "won" if case.outcome == "upheld" else "lost"
    claims = await entities.load(conn, ws, Claim, [id_ for id_ in subjects if id_.startswith("clm_")])
    mine = any(it.person == share.person for one in claims if one.status in ("won", "split") for share in one.shares)
    return "won" if mine else "lost"


def _day(at: int, zone: str) -> date:
    return date.fromisoformat(calendar.day(at, zone))
