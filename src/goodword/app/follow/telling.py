"""What entries of the log tell endpoints: read once for all endpoints of a workspace that are about as far, and made once.

Whom nothing of it is for is moved over it in one statement; who is told something of it is given that; who is far behind, replays
or has something due again reads by itself (``webhooks``). Nothing is kept here: who is killed loses only the work of reading.
Must not know: SQL, how anything is sent, when endpoints are looked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

import asyncpg
import msgspec

from goodword.app.engine import Engine
from goodword.app.follow.follower import behind, breathing
from goodword.core import notices
from goodword.core.entry import Entry
from goodword.core.notices import Notice
from goodword.core.state import Entity
from goodword.store import entities, webhooks
from goodword.store.webhooks import Endpoint

#: Entries that endpoints may be apart to be read together, and that are read for them in a look; of which so many at a time.
_NEAR: Final = 2_000
_PIECE: Final = 500
#: Messages that a look makes: who is told more reads on by itself.
_MADE: Final = 1_000


class Message(NamedTuple):
    """A notice, and the bytes that are sent of it and signed."""

    notice: Notice
    body: bytes


class Ahead:
    """What comes next for an endpoint, as it was read together with others'. ``to``: the last entry of which all is here.

    ``more``: whether the log went on behind that when it was read.
    """

    def __init__(self, endpoint: Endpoint, entries: Iterable[list[Message]], to: int, *, more: bool) -> None:
        self._of = endpoint
        self._after = endpoint.position
        self._entries = deque(entries)  # what each tells
        self._to = to
        self._more = more

    @property
    def ended(self) -> bool:
        """Whether all was taken, and nothing more was there."""
        return not self._entries and not self._more

    def fits(self, endpoint: Endpoint) -> bool:
        """Return whether there is something for the endpoint as it is now: nobody told it further, or changed what it is told."""
        mine = (self._after, self._of.types, self._of.programs)
        return self._after < self._to and mine == (endpoint.position, endpoint.types, endpoint.programs)

    def take(self, room: int) -> tuple[list[Message], int]:
        """Take what comes next, whole entries, and return it with the last entry of which all is in it."""
        taken: list[Message] = []
        while self._entries:
            if taken and len(taken) + len(self._entries[0]) > room:
                return taken, self._after
            entry = self._entries.popleft()
            taken += entry
            self._after = entry[0].notice.position
        self._after = self._to
        return taken, self._after


async def look(engine: Engine, ws: str, ids: Collection[str]) -> tuple[dict[str, Ahead | None], bool]:
    """Read what comes next for endpoints; return who of them is to be told something, and whether the log goes on.

    None: that one is far behind the others, and reads by itself.
    """
    async with engine.pool.acquire() as conn:
        endpoints = [it for it in await webhooks.every(conn, ws) if it.id in ids]
        foremost = max((it.position for it in endpoints), default=0)
        near = [it for it in endpoints if it.position > foremost - _NEAR]
        found: dict[str, Ahead | None] = {it.id: None for it in endpoints if it.position <= foremost - _NEAR}
        heard, to, more = await _read(engine, conn, ws, near)
        found |= {it.id: Ahead(it, heard[it.id], to, more=more) for it in near if heard[it.id]}
        quiet = [it for it in near if not heard[it.id] and it.position < to]
        if quiet:
            await webhooks.pass_over(conn, ws, quiet, to, engine.clock.now())
    return found, more


async def _read(
    engine: Engine, conn: asyncpg.Connection, ws: str, near: Sequence[Endpoint]
) -> tuple[dict[str, list[list[Message]]], int, bool]:
    """Read on from the hindmost; return what is for whom, by entries, the last that was read, and whether the log may go on."""
    heard: dict[str, list[list[Message]]] = {it.id: [] for it in near}
    types = frozenset(type_ for it in near for type_ in it.types)
    to = first = min((it.position for it in near), default=0)
    made = 0
    while near and to < first + _NEAR:
        entries = await behind(engine, conn, ws, to, _PIECE)
        if not entries:
            return heard, to, False
        for entry, told in zip(entries, await told_by(conn, ws, entries, types), strict=True):
            to = entry.position
            messages: dict[str, Message] = {}
            for it in near if told else ():
                mine = [notice for notice in told if wants(it, notice)] if it.position < to else []
                for notice in mine:
                    if notice.id not in messages:
                        messages[notice.id] = Message(notice, encoded(notice))
                if mine:
                    heard[it.id].append([messages[notice.id] for notice in mine])
            made += len(messages)
            if made >= _MADE:
                return heard, to, True
    return heard, to, True


def encoded(notice: Notice) -> bytes:
    """Return what is sent of a notice, in the bytes that are signed."""
    return msgspec.json.encode(notices.payload(notice))


def wants(endpoint: Endpoint, notice: Notice) -> bool:
    """Return whether an endpoint is told of something: of what concerns no program in particular all are."""
    if notice.type not in endpoint.types:
        return False
    return not endpoint.programs or not notice.programs or not set(notice.programs).isdisjoint(endpoint.programs)


async def told_by(
    conn: asyncpg.Connection, ws: str, entries: Sequence[Entry], types: Collection[str]
) -> list[list[Notice]]:
    """Return what entries tell of these types, with what never changes of what they are about."""
    telling = [entry async for entry in breathing(entries) if notices.tells(entry, types)]
    wanted: dict[type[Entity], set[str]] = {}
    for entry in telling:
        for noun, id_ in notices.named(entry):
            wanted.setdefault(noun, set()).add(id_)
    known: dict[str, Entity] = {}
    for noun, ids in wanted.items():
        known |= {str(it.key): it for it in await entities.load(conn, ws, noun, ids)}
    told = {entry.position: notices.notices(entry, known, types) for entry in telling}
    return [told.get(entry.position, []) for entry in entries]
