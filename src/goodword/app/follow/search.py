"""The words by which advocates, friends and beneficiaries are found follow the log; a job reads them, seconds later.

The log names nobody: which persons an entry is about says the log, what they are called their sealed rows, and who was erased has none.
Must not know: SQL, who searches.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from goodword.app.bounded import Bounded
from goodword.app.directory import Directory
from goodword.app.follow.follower import Follower, behind, breathing
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.core.decision import Job
from goodword.core.entry import Entry
from goodword.sources import naming
from goodword.store import jobs, people, search
from goodword.store.jobs import Leased
from goodword.store.workspaces import Workspace

KIND, PAIRS = "search.words", "search.pairs"
_QUEUE = Queue("search", slots=2)
_NAMELESS = 20_000
_READ_AGAIN, _AT_ONCE = 2_000, 500  # persons whom a job reads again, and whom one transaction of it does
_FRIENDS = ("ref_", "clm_")  # what has a friend
_MAILS = ("email", "customer_email")

#: Workspace and person of whom nothing that was said until now brings a word: of those only what is said from now on is read.
Nameless = Bounded[tuple[str, str], bool]


class _Range(Struct, frozen=True):
    """The entries behind one position, up to another."""

    after: int
    to: int


class _Behind(Struct, frozen=True):
    """The persons behind one, in order of id."""

    after: str


async def _apply(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
    after, to = entries[0].position - 1, entries[-1].position
    payload = {"after": after, "to": to}
    job = Job(id=f"words_{to}_{secrets.token_hex(8)}", kind=KIND, subject=str(to), queue=_QUEUE.name, payload=payload)
    await jobs.add(conn, ws, [job], 0)


FOLLOWER = Follower(name="search", apply=_apply, clear=search.clear)


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that writes words, and the one that reads again who was read before pairs of words were kept."""
    nameless: Nameless = Bounded(_NAMELESS)

    async def work(ws: str, leased: Sequence[Leased]) -> Mapping[Leased, Exception]:
        ranges = {job: msgspec.json.decode(job.payload, type=_Range) for job in leased}
        with contextlib.suppress(Exception):  # then each alone tells which
            await write(directory, ws, ranges.values(), nameless)
            return {}
        failed: dict[Leased, Exception] = {}
        for job, range_ in ranges.items():
            try:
                await write(directory, ws, [range_], nameless)
            except Exception as error:  # noqa: BLE001 - kept with the job, which is tried again
                failed[job] = error
        return failed

    async def pair(ws: str, job: Leased) -> None:
        await _read_again(directory, ws, msgspec.json.decode(job.payload, type=_Behind).after)

    return {KIND: Kind(work, _QUEUE, most=5), PAIRS: Kind(one_by_one(pair), _QUEUE, most=1)}


async def _read_again(directory: Directory, ws: str, after: str) -> None:
    """Read some persons again, in order of id, and let a job go on behind them: each is read once, and what is known of them stays."""
    workspace = await directory.workspace(ws)
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    for _ in range(_READ_AGAIN // _AT_ONCE):
        async with directory.pool.acquire() as conn, conn.transaction():
            persons = await search.persons(conn, ws, after, _AT_ONCE)
            known = await search.known(conn, ws, persons)
            again = {person for person, has_words in known.items() if has_words}
            await search.add(conn, workspace, await _words(conn, directory, workspace, again, ()))
        if len(persons) < _AT_ONCE:
            return
        after = persons[-1]
    async with directory.pool.acquire() as conn:
        job = Job(id=f"begun_{after}", kind=PAIRS, subject=after, queue=_QUEUE.name, payload={"after": after})
        await jobs.add(conn, ws, [job], 0)


async def write(directory: Directory, ws: str, ranges: Iterable[_Range], nameless: Nameless) -> None:
    """Write the words of whoever these entries are about, as far as they are advocates, friends or beneficiaries."""
    workspace = await directory.workspace(ws)
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    about, friends_of = set[tuple[str, str]](), set[str]()
    async with directory.pool.acquire() as conn:
        for range_ in ranges:
            after = range_.after
            while after < range_.to:
                entries = await behind(directory.engine, conn, ws, after, range_.to - after)
                if not entries:
                    raise LookupError(f"the log of {ws} lacks an entry behind {after}: see goodword verify")
                after += len(entries)
                async for entry in breathing(entries):
                    _add(entry, about, friends_of)
        about.update([(person, "") for person in await search.friends(conn, ws, friends_of)])
        async with conn.transaction():
            await _write(conn, directory, workspace, about, nameless)


async def _write(
    conn: asyncpg.Connection,
    directory: Directory,
    workspace: Workspace,
    about: set[tuple[str, str]],
    nameless: Nameless,
) -> None:
    known = await search.known(conn, workspace.id, {person for person, _ in about})
    wordless = [person for person, has_words in known.items() if not has_words]
    new = {person for person in wordless if nameless.get((workspace.id, person)) is None}
    later = [(person, evt) for person, evt in about if evt and person in known and person not in new]
    found = await _words(conn, directory, workspace, new, later)
    for person in new - {person for _, person in found}:
        nameless.put((workspace.id, person), True)
    await search.add(conn, workspace, found)


async def _words(
    conn: asyncpg.Connection,
    directory: Directory,
    workspace: Workspace,
    whole: set[str],
    later: Iterable[tuple[str, str]],
) -> set[tuple[str, str]]:
    """Return (word, person): of the ``whole`` ones by their names and what was said lately, of others by what these events said."""
    said = await search.said(conn, workspace, directory.vault, whole, later)
    names = await people.texts(conn, workspace.id, workspace.keys, directory.vault, whole)
    found = {(part, person) for person, name in names.items() for part in naming.kept(naming.words_of_id(name))}
    return found | {(part, person) for person, fields in said.items() for one in fields for part in _parts(one)}


def _parts(fields: Mapping[str, object]) -> list[str]:
    texts = [naming.words(text) for name in naming.NAMES if isinstance(text := fields.get(name), str)]
    texts += [naming.words_of_mail(text) for name in _MAILS if isinstance(text := fields.get(name), str)]
    return [part for text in texts for part in naming.kept(text)]


def _add(entry: Entry, about: set[tuple[str, str]], friends_of: set[str]) -> None:
    """Add whom an entry is about (person, what said something of them), and the referrals and claims whose friends it is about."""
    evt = entry.event.evt
    about.update([(person, evt) for person in _named(astuple(entry.event))])
    for verdict in entry.verdicts:
        if verdict.beneficiary:
            about.add((verdict.beneficiary, ""))
        if verdict.subject and verdict.subject[:4] in _FRIENDS:
            friends_of.add(verdict.subject)


def _named(fields: tuple[object, ...]) -> list[str]:
    """Return the persons that the fields of an event name: most events name one."""
    found: list[str] = []
    for field in fields:
        if field.__class__ is str and field[:4] == "per_":
            found.append(field)
        elif field and field.__class__ is tuple:
            found += _named(field)
    return found
