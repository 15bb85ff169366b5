"""The words by which advocates, friends and beneficiaries are found follow the log; a job reads them, seconds later.

The log names nobody: which persons an entry is about says the log, what they are called their sealed rows, and who was erased has none.
Must not know: SQL, who searches.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.follow.follower import Follower, breathing
from goodword.app.follow.kinds import Kind, Queue
from goodword.core import entry as log_entry
from goodword.core.decision import Job
from goodword.core.entry import Entry
from goodword.core.state import Claim, Referral
from goodword.sources import naming
from goodword.store import entities, followers, jobs, people, search
from goodword.store.jobs import Leased
from goodword.store.workspaces import Workspace

KIND = "search.words"
_QUEUE = Queue("search", slots=2)
_BYTES = 64 << 20  # of the entries of a job: as many as the follower took
_NAMES = ("name", "customer_name")
_MAILS = ("email", "customer_email")


class _Range(Struct, frozen=True):
    """The entries behind one position, up to another."""

    after: int
    to: int


async def _apply(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
    after, to = entries[0].position - 1, entries[-1].position
    payload = {"after": after, "to": to}
    job = Job(id=f"words_{to}_{secrets.token_hex(8)}", kind=KIND, subject=str(to), queue=_QUEUE.name, payload=payload)
    await jobs.add(conn, ws, [job], 0)


FOLLOWER = Follower(name="search", apply=_apply, clear=search.clear)


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that writes words."""

    async def work(ws: str, leased: Sequence[Leased]) -> Mapping[Leased, Exception]:
        failed: dict[Leased, Exception] = {}
        for job in leased:
            try:
                await write(directory, ws, msgspec.json.decode(job.payload, type=_Range))
            except Exception as error:  # noqa: BLE001 - kept with the job, which is tried again
                failed[job] = error
        return failed

    return {KIND: Kind(work, _QUEUE, most=5)}


async def write(directory: Directory, ws: str, range_: _Range) -> None:
    """Write the words of whoever these entries are about, as far as they are advocates, friends or beneficiaries."""
    workspace = await directory.workspace(ws)
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    async with directory.pool.acquire() as conn:
        leaves = await followers.leaves(conn, ws, range_.after, range_.to - range_.after, _BYTES)
        about: set[tuple[str, str]] = set()
        others: set[str] = set()
        async for leaf in breathing(leaves):
            entry = log_entry.read(leaf)
            for id_ in _ids(entry):
                if id_.startswith("per_"):
                    about.add((id_, entry.event.evt))
                else:
                    others.add(id_)
        about |= {(person, "") for person in await _persons(conn, ws, others)}
        async with conn.transaction():
            await _write(conn, directory, workspace, about)


async def _write(
    conn: asyncpg.Connection, directory: Directory, workspace: Workspace, about: set[tuple[str, str]]
) -> None:
    known = await search.known(conn, workspace.id, {person for person, _ in about})
    new = [person for person, has_words in known.items() if not has_words]
    later = [(person, evt) for person, evt in about if known.get(person)]
    said = await search.said(conn, workspace, directory.vault, new, later)
    names = await people.texts(conn, workspace.id, workspace.keys, directory.vault, new)
    found = {(word, person) for person, name in names.items() for word in naming.words_of_mail(name)}
    found |= {(word, person) for person, fields in said.items() for one in fields for word in _words(one)}
    await search.add(conn, workspace, ((part, person) for word, person in found for part in naming.kept(word)))


def _words(fields: Mapping[str, object]) -> list[str]:
    names = [word for name in _NAMES if isinstance(text := fields.get(name), str) for word in naming.words(text)]
    return names + [
        word for name in _MAILS if isinstance(text := fields.get(name), str) for word in naming.words_of_mail(text)
    ]


def _ids(entry: Entry) -> Iterable[str]:
    """Return the ids of persons, referrals and claims that an entry names."""
    for name in entry.event.__struct_fields__:
        value = getattr(entry.event, name)
        texts = [value] if isinstance(value, str) else _deep(value) if isinstance(value, tuple) else ()
        yield from (text for text in texts if text.startswith(("per_", "clm_")))
    for verdict in entry.verdicts:
        yield from (
            text
            for text in (verdict.subject, verdict.beneficiary)
            if text is not None and text.startswith(("per_", "ref_", "clm_"))
        )
    for posting in entry.postings:
        yield from (it for it in (posting.source_owner, posting.destination_owner) if it.startswith("per_"))


def _deep(values: tuple[object, ...]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from _deep(value)


async def _persons(conn: asyncpg.Connection, ws: str, ids: set[str]) -> set[str]:
    """Return the friends of referrals and claims, and who stands for them."""
    found: list[Referral | Claim] = [
        *await entities.load(conn, ws, Referral, {it for it in ids if it.startswith("ref_")})
    ]
    found += await entities.load(conn, ws, Claim, {it for it in ids if it.startswith("clm_")})
    return {person for it in found for person in (it.friend, *(share.person for share in it.shares))}
