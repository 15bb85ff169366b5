"""Codes that were enrolled before a code was what it looks like (docs/decisions/0127) are read by their looks from now on, too.

What a code reads is sealed, so that no migration can do it: a job of each workspace does, once, and says by events which code stands
for which. What two people's codes look like stays nobody's. Must not know: SQL, what becomes of an event.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

import asyncpg
import msgspec

from goodword.app.directory import Directory
from goodword.app.follow.kinds import Kind, Queue, one_by_one
from goodword.core import canonical
from goodword.core.events import CodesAlike
from goodword.core.sharing import LOOKS
from goodword.sources.identity import code_key, code_look
from goodword.store import inbox, log, people, seals
from goodword.store.jobs import Leased
from goodword.store.people import Owned
from goodword.store.uuid7 import new_id
from goodword.store.vault import content_digest
from goodword.store.workspaces import Workspace

KIND: Final = "code_looks"
_QUEUE: Final = Queue(KIND, slots=1)
_WITHIN: Final = 900.0  # seconds: some 10 µs a code, three times
_PAGE: Final = 1_000
_EVENT: Final = 200  # codes of an event


def kinds(directory: Directory) -> dict[str, Kind]:
    """Return the kind of job that reads codes by their looks."""

    async def work(ws: str, _: Leased) -> None:
        workspace = await directory.workspace(ws)
        if workspace is not None:
            await _read(directory, workspace)

    return {KIND: Kind(one_by_one(work), _QUEUE, within=_WITHIN, most=1)}


async def _read(directory: Directory, ws: Workspace) -> None:
    """Say of each code what stands for all that look like it, unless it is that itself. Done again it changes nothing."""
    several = await _of_several(directory, ws)
    waiting: list[tuple[str, str]] = []
    async for code, look in _looks(directory, ws):
        if _short(look) in several:
            continue
        waiting.append((code.id, look))
        if len(waiting) == _EVENT:
            await _say(directory, ws, waiting)
            waiting.clear()
    if waiting:
        await _say(directory, ws, waiting)


async def _of_several(directory: Directory, ws: Workspace) -> set[int]:
    """Return what codes of more than one person look like: eight bytes of each look are held, and persons of those alone that meet."""
    found = array("Q", [_short(look) async for _, look in _looks(directory, ws)])
    held = sorted(found)
    twice = {one for one, other in pairwise(held) if one == other}
    persons: dict[int, set[str]] = defaultdict(set)
    if twice:
        async for code, look in _looks(directory, ws):
            if (short := _short(look)) in twice:
                persons[short].add(code.person)
    return {short for short, them in persons.items() if len(them) > 1}


async def _looks(directory: Directory, ws: Workspace) -> AsyncIterator[tuple[Owned, str]]:
    """Yield the codes of people that look like more than themselves, each with its look."""
    after = ""
    while True:
        async with directory.reading() as conn:
            page = await people.owned_codes(conn, ws.id, ws.keys, after, _PAGE)
        for code in page:
            key = code_key(code.text)
            if key is not None and (look := code_look(key)) != key:
                yield code, look
        if len(page) < _PAGE:
            return
        after = page[-1].id


async def _say(directory: Directory, ws: Workspace, looks: Sequence[tuple[str, str]]) -> None:
    """Give the looks rows, and have it decided which code each of them is read as."""
    async with directory.pool.acquire() as conn, conn.transaction():
        await _told(conn, directory, ws, looks)


async def _told(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, looks: Sequence[tuple[str, str]]
) -> None:
    evt, now = new_id("evt"), directory.now()
    at = now if ws.clock == "real" else (await log.stream(conn, ws.id)).now(now)
    names = {("code", look): (look, evt) for _, look in looks}
    ids, brought = await people.resolve(conn, ws.id, ws.keys, directory.vault, names)
    pairs = tuple((code, ids["code", look]) for code, look in looks)
    content = content_digest(ws.keys.content, canonical.encode(pairs))
    sealed = seals.text(seals.inbox(LOOKS, evt, content), seals.beside(brought.get(evt, ())))
    of: dict[str, Any] = {"evt": evt, "source": LOOKS, "occurred_at": at, "accepted_at": at, "sealed": sealed}
    body = msgspec.json.encode(CodesAlike(**of, looks=pairs))
    await inbox.add(conn, ws.id, [inbox.Row(LOOKS, evt, evt, "codes.alike", content, body)])


def _short(look: str) -> int:
    return int.from_bytes(sha256(look.encode()).digest()[:8])
