"""CRMs follow the log: who recommended a person, and what became of that, is written to their records, at least once.

The follower leaves a job for each batch of entries, the job one for each person or deal that they are about and that a CRM may have a
record of. Which record that is, and what it should say, is asked when it is written: so the same job may be done again, a later one
says what is true later, and one worker at a time writes to a CRM of a workspace. What a CRM refuses is not tried for ever: a person
has something to put right there, and sees what. Must not know: SQL, HTTP, what any CRM's requests look like.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.follow.follower import Follower, behind, breathing
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.core import crm as matching
from goodword.core import kin
from goodword.core.crm import Match
from goodword.core.decision import Job
from goodword.core.entry import Entry
from goodword.core.state import Advocate, Customer, Deal, Kin, Referral, Registration
from goodword.outbound import crm as outbound
from goodword.outbound.answers import Answered, Asks
from goodword.store import crm, entities, jobs, people, search
from goodword.store.crm import Crm
from goodword.store.jobs import Leased, NotBegunError, Retry
from goodword.store.workspaces import Workspace

LOOK, WRITE = "crm.look", "crm.write"
#: The follower's name.
NAME: Final = "crm"
_QUEUE: Final = Queue("crm", slots=8)
_RETRY: Final = Retry(first=5_000_000, longest=6 * 3_600_000_000, attempts=24)
_SECOND: Final = 1_000_000
_LEASE: Final = 75 * _SECOND  # longer than a group may take
_GROUP: Final = 20
_ALIKE: Final = 20  # persons of one mailbox that are looked at
_NEWEST: Final = 20  # events that are asked what somebody is called
_MOST: Final = 10  # records of one person that are written to
#: What a record says of where it came from: a person who was recommended, a deal that a partner registered.
_SOURCE, _REGISTERED = "referral", "partner"


class Ways(NamedTuple):
    """By what is written. ``urls``: where the APIs of CRMs are, but for those at the company's own site.

    ``silence``: what is raised where nobody answers.
    """

    asks: Asks
    urls: Mapping[str, str]
    silence: type[Exception]


class NotWrittenError(jobs.SaidError):
    """A record was not written, and is tried again: no_key, key_refused, away, rests."""


class _Range(Struct, frozen=True):
    """The entries behind one position, up to another."""

    after: int
    to: int


class _About(Struct, frozen=True):
    """A person or a deal."""

    noun: str
    subject: str


class Target(NamedTuple):
    """A record of a CRM, and by what it is a subject. ``values``: what it should say, by the CRM's own names of fields."""

    noun: str
    id: str
    match: Match
    values: Mapping[str, str]


async def _apply(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
    if not await crm.every(conn, ws):
        return
    after, to = entries[0].position - 1, entries[-1].position
    id_ = f"{LOOK}_{to}_{secrets.token_hex(8)}"  # another one after a restart
    payload = {"after": after, "to": to}
    await jobs.add(conn, ws, [Job(id=id_, kind=LOOK, subject=str(to), queue=_QUEUE.name, payload=payload)], 0)


async def _clear(_: asyncpg.Connection, __: str) -> None:
    """Forget nothing: what was written is only written anew where it differs."""


FOLLOWER = Follower(name=NAME, apply=_apply, clear=_clear)


def kinds(directory: Directory, ways: Ways) -> dict[str, Kind]:
    """Return the kinds of jobs that look for what is to be written, and that write it."""

    async def look(ws: str, job: Leased) -> None:
        await _look(directory, ws, msgspec.json.decode(job.payload, type=_Range), job.id)

    async def write(ws: str, leased: Sequence[Leased]) -> Mapping[Leased, Exception]:
        failed: dict[Leased, Exception] = {}
        for source in sorted({job.subject for job in leased}):
            mine = [job for job in leased if job.subject == source]
            failed |= await _together(directory, ways, ws, source, mine)
        return failed

    return {LOOK: Kind(one_by_one(look), _QUEUE, most=5), WRITE: Kind(write, _QUEUE, most=_GROUP, retry=_RETRY)}


# --- whom entries are about ---------------------------------------------------------------------------------------------


async def _look(directory: Directory, ws: str, range_: _Range, once: str) -> None:
    """Leave a job for each person and CRM that some entries may have something to write of."""
    persons, bonds, deals, registered = set[str](), set[str](), set[str](), set[str]()
    async with directory.pool.acquire() as conn:
        after = range_.after
        while after < range_.to:
            entries = await behind(directory.engine, conn, ws, after, range_.to - after)
            if not entries:
                raise LookupError(f"the log of {ws} lacks an entry behind {after}: see goodword verify")
            after += len(entries)
            async for entry in breathing(entries):
                persons.update(kin.named(entry.event))
                if isinstance(deal := getattr(entry.event, "deal", None), str):
                    deals.add(deal)
                registered.update(it.subject for it in entry.verdicts if it.subject and it.subject[:4] == "reg_")
                bonds.update(it.subject for it in entry.verdicts if it.subject and it.subject[:4] in ("ref_", "clm_"))
        persons.update(await search.friends(conn, ws, bonds))
        deals.update([deal for it in await entities.load(conn, ws, Registration, registered) for deal in it.deals])
        persons.update([it.other for it in await people.known(conn, ws, (), persons, ("mail",), _ALIKE)])
        roots = await _roots(conn, ws, persons)
        customers = await entities.load(conn, ws, Customer, roots)
        wanted = {it.person for it in customers if it.referrals} | await crm.written_of(conn, ws, roots)
        about = [_About("person", person) for person in sorted(wanted)]
        sources = [it.source for it in await crm.every(conn, ws)]
        async with conn.transaction():
            await enqueue(conn, ws, sources, about, once)
            for source in sources:
                of = [_About("deal", deal) for deal in sorted(deals) if deal.partition(".")[0] == source]
                await enqueue(conn, ws, [source], of, once)


async def enqueue(
    conn: asyncpg.Connection, ws: str, sources: Iterable[str], about: Iterable[_About | tuple[str, str]], once: str
) -> None:
    """Leave a job for each of these persons or deals and each CRM. ``once``: a repeat under it leaves none more."""
    rows = [it if isinstance(it, _About) else _About(*it) for it in about]
    made = [
        Job(
            id=f"crm_{source}_{it.subject}_{once}",
            kind=WRITE,
            subject=source,
            queue=_QUEUE.name,
            payload={"noun": it.noun, "subject": it.subject},
        )
        for source in sources
        for it in rows
    ]
    await jobs.add(conn, ws, made, 0)


async def _roots(conn: asyncpg.Connection, ws: str, persons: Collection[str]) -> set[str]:
    merged = {it.person: it.root for it in await entities.load(conn, ws, Kin, persons)}
    return {merged.get(person, person) for person in persons}


# --- writing ------------------------------------------------------------------------------------------------------------


async def _together(
    directory: Directory, ways: Ways, ws: str, source: str, leased: Sequence[Leased]
) -> dict[Leased, Exception]:
    """Do jobs of one CRM, unless somebody else writes to it now."""
    workspace, now = await directory.workspace(ws), directory.now()
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    until = now + _LEASE
    async with directory.pool.acquire() as conn:
        [*found] = await crm.every(conn, ws, source)
        mine = bool(found) and await crm.lease(conn, ws, source, now, until)
    if not found:  # ended since
        return {}
    if not mine:
        return dict.fromkeys(leased, NotBegunError())
    failed: dict[Leased, Exception] = {}
    writing = _Writing(directory, ways, workspace, found[0])
    try:
        for job in leased:
            try:
                await writing.write(msgspec.json.decode(job.payload, type=_About))
            except Exception as error:  # noqa: BLE001 - kept with the job, which is tried again
                failed[job] = error
    finally:
        async with directory.pool.acquire() as conn:
            await crm.free(conn, ws, source, until)
    return failed


class _Writing:
    """Writes to one CRM of a workspace."""

    def __init__(self, directory: Directory, ways: Ways, workspace: Workspace, it: Crm) -> None:
        self._directory = directory
        self._ways = ways
        self._workspace = workspace
        self._crm = it
        self._how = outbound.CRMS[it.source]
        self._rests_until = it.rests_until
        self._token: str | None = None

    async def write(self, about: _About) -> None:
        """Write to the records of a person or deal what is not written there yet. Raises NotWrittenError."""
        ws = self._workspace
        async with self._directory.pool.acquire() as conn:
            targets = await _targets(conn, self._directory, ws, self._crm, about)
            ids = {target.id: crm.blinded(ws, self._crm.source, target.noun, target.id) for target in targets}
            known = await crm.known(conn, ws.id, self._crm.source, list(ids.values()))
        for target in targets:
            before = known.get(ids[target.id])
            digest = sha256(msgspec.json.encode(target.values)).digest()
            said = before is not None and before.state == "written" and before.digest == digest
            nothing = before is None and not any(target.values.values())
            if not said and not nothing:
                await self._send(about.subject, target, ids[target.id], digest)

    async def _send(self, subject: str, target: Target, record: bytes, digest: bytes) -> None:
        source, now = self._crm.source, self._directory.now()
        if now < self._rests_until:
            raise NotWrittenError("rests", after=self._rests_until - now)
        found = await self._directory.fetches(source, self._workspace.id)
        key = found[1] if found else None
        if key is None:
            raise NotWrittenError("no_key")
        asked = self._how.asked(target.noun, target.id, target.values)
        headers = {"content-type": "application/json", **self._how.headers(await self._entered(key))}
        got = await self._ask(asked, headers)
        became = outbound.outcome(self._how, got.status, got.body, got.after)
        said = (became.state, target.match.by, target.match.confidence, digest, got.status, became.answer, now)
        async with self._directory.pool.acquire() as conn:
            await crm.keep(conn, self._workspace.id, crm.Record(source, record, target.noun, subject, *said))  # type: ignore[arg-type]
            if became.rest:
                self._rests_until = now + became.rest * _SECOND
                await crm.rest(conn, self._workspace.id, source, self._rests_until)
        if became.state == "waiting":
            raise _waits(became, got.status)

    async def _entered(self, key: str) -> str:
        """Return what opens the CRM: the key, or a token that is asked for with it once a group of jobs. Raises NotWrittenError."""
        if self._how.entry is None:
            return key
        if self._token is None:
            form = {"content-type": "application/x-www-form-urlencoded"}
            got = await self._ask(self._how.entry(key), form)
            self._token, became = outbound.entered(self._how, got.status, got.body, got.after)
            if self._token is None:
                raise _waits(became, got.status)
        return self._token

    async def _ask(self, asked: outbound.Asked, headers: Mapping[str, str]) -> Answered:
        url = self._ways.urls.get(self._crm.source) or f"https://{self._crm.site}"
        try:
            return await self._ways.asks.ask(asked.method, url + asked.path, headers, asked.body)
        except self._ways.silence:
            raise NotWrittenError("away") from None


def _waits(became: outbound.Outcome, status: int) -> NotWrittenError:
    code = "key_refused" if became.key_refused else f"away {status}"
    return NotWrittenError(code, after=became.rest * _SECOND)


# --- which records, and what they should say ----------------------------------------------------------------------------


async def _targets(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, it: Crm, about: _About
) -> list[Target]:
    """Return the records of a person or deal, and what they should say by now; nothing of a referral that is none any more."""
    if about.noun == "deal":
        return await _deal(conn, directory, ws, it, about.subject)
    [root] = await _roots(conn, ws.id, [about.subject])
    found = [match for match in await _records_of(conn, directory, ws, it.source, root) if match[1].binds]
    if not found:
        return []
    values = _named(it, await _said_of(conn, directory, ws, it, root))
    return [Target("contacts", id_, match, values) for id_, match in found[:_MOST]]


async def _deal(conn: asyncpg.Connection, directory: Directory, ws: Workspace, it: Crm, deal: str) -> list[Target]:
    """Return the record of a deal: it says of the referral of the first of its contacts who was recommended.

    Or of the partner's registration that it came of.
    """
    source, _, id_ = deal.partition(".")
    deals = await entities.load(conn, ws.id, Deal, [deal])
    if source != it.source or not deals or not outbound.CRMS[source].record.fullmatch(id_):
        return []
    [found] = deals
    registered = await entities.load(conn, ws.id, Registration, [found.registration] if found.registration else [])
    said = dict.fromkeys(("source", "referrer", "referral_state"), "")
    contacts = [person for person in (found.person, *found.contacts) if person is not None]
    for root in await _recommended(conn, ws.id, contacts):
        said = dict(await _said_of(conn, directory, ws, it, root))
    state = found.status if said["source"] else ""
    for one in registered:
        said["source"], state = _REGISTERED, one.status
        said["referrer"] = await _referrer(conn, directory, ws, it.referrer, (one.program, one.advocate))
    match = Match(deal, "external_id", matching.SURE["external_id"])
    return [Target("deals", id_, match, _named(it, {**said, "deal_state": state}))]


async def _recommended(conn: asyncpg.Connection, ws: str, persons: Sequence[str]) -> list[str]:
    """Return the first of these who was recommended, as whom they are now; nobody, where none was."""
    merged = {it.person: it.root for it in await entities.load(conn, ws, Kin, persons)}
    roots = [merged.get(person, person) for person in persons]
    bound = {it.person for it in await entities.load(conn, ws, Customer, roots) if it.referrals}
    return [root for root in roots if root in bound][:1]


async def _records_of(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, source: str, root: str
) -> list[tuple[str, Match]]:
    """Return the records that are a person: what they are called here, and what others are who have a mailbox of theirs."""
    family = await _family(conn, ws.id, root)
    alike = await people.known(conn, ws.id, (), family, ("mail",), _ALIKE)
    others = {it.other for it in alike} - set(family)
    texts = await people.texts(conn, ws.id, ws.keys, directory.vault, {*family, *others})
    own = matching.Record(frozenset(texts[it] for it in family if it in texts), frozenset({root}))
    found: dict[str, Match] = {}
    for person in (*family, *sorted(others)):
        name = texts.get(person, "")
        if name.partition(":")[0] != source or not outbound.CRMS[source].record.fullmatch(
            id_ := name.partition(":")[2]
        ):
            continue
        mails = frozenset({root}) if person in others else frozenset[str]()
        match = matching.match(matching.Record(frozenset({name}), mails), root, own)
        if match is not None:
            found.setdefault(id_, match)
    return list(found.items())


async def _family(conn: asyncpg.Connection, ws: str, root: str) -> tuple[str, ...]:
    known = {it.person: it for it in await entities.load(conn, ws, Kin, [root])}
    return kin.all_of(lambda _, person: known.get(person), root)


async def _said_of(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, it: Crm, root: str
) -> Mapping[str, str]:
    """Return what is said of a person: of their newest referral, if they have one."""
    customers = await entities.load(conn, ws.id, Customer, [root])
    referrals = await entities.load(
        conn, ws.id, Referral, [one for customer in customers for one in customer.referrals]
    )
    if not referrals:
        return dict.fromkeys(("source", "referrer", "referral_state"), "")
    newest = max(referrals, key=lambda one: (one.lead_at, one.id))
    referrer = await _referrer(conn, directory, ws, it.referrer, (newest.program, newest.shares[0].person))
    return {"source": _SOURCE, "referrer": referrer, "referral_state": newest.status}


async def _referrer(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, how: str, advocate: tuple[str, str]
) -> str:
    """Return who recommended, by program and person, as the workspace wants it said; of several who share it, the first."""
    person = advocate[1]
    if how == "name":
        said = await people.said_of(conn, ws.id, directory.vault, person, _NEWEST)
        if isinstance(name := said.get("name"), str) and name:
            return name
    if how == "none":
        return ""
    codes = [code for it in await entities.load(conn, ws.id, Advocate, [advocate]) for code in it.codes[:1]]
    return next(iter((await people.code_texts(conn, ws.id, ws.keys, codes)).values()), "")


def _named(it: Crm, said: Mapping[str, str]) -> dict[str, str]:
    """Return what is said by the names that the CRM has for it; what has none there is not said."""
    return {it.fields[name]: value for name, value in said.items() if it.fields.get(name)}
