"""Webhooks: each endpoint follows the log, with a cursor of its own, and is told what entries tell (``core/notices``).

In a round an endpoint is sent what is due again and what comes next in the log, as it was read for several (``telling``) or as it
reads it by itself; then what came of it is written down in the commit that
moves its cursor. So a delivery is made at least once, with one id for ever, and what is kept of it does not grow with the log: what
arrived is forgotten but for the last, and where too much waits to be tried again the cursor stands until some of that arrived.
Must not know: SQL, HTTP, when endpoints are looked for.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Final, NamedTuple

import asyncpg

from goodword.app.directory import Directory
from goodword.app.follow.follower import behind
from goodword.app.follow.telling import Ahead, Message, encoded, told_by, wants
from goodword.core import notices
from goodword.core.notices import Notice
from goodword.outbound.webhooks import Answer, Sender
from goodword.store import log, webhooks
from goodword.store.webhooks import Delivery, Endpoint, Round, Waiting
from goodword.store.workspaces import Workspace

_SECOND: Final = 1_000_000
#: Deliveries that an endpoint has on their way at once; those of a round; of one of which none arrived last time.
AT_ONCE, A_ROUND, A_TRY = 10, 100, 4
#: Deliveries that wait to be tried again: with so many an endpoint is told nothing further.
MOST_WAITING: Final = 500
#: Deliveries that were given up: with so many an endpoint is paused, so that nothing more is lost.
MOST_DEAD: Final = 1_000
#: Entries that are read for a round, and at a time; messages that an entry tells, as a rule, to who asks for all.
_LOOKED, _PIECE, _TELLS = 2_000, 200, 3
#: Seconds after which a round begins no further delivery; microseconds that it has in all: the last ones have theirs, and the commit.
_BEGINS: Final = 5.0
_LEASE: Final = 25 * _SECOND
#: Microseconds between the first tries of a delivery, the longest pause, and how long it is tried.
_FIRST, _LONGEST, TRIED_FOR = _SECOND, 8 * 3_600 * _SECOND, 3 * 86_400 * _SECOND
_LONGEST_REST: Final = 300 * _SECOND


class _Message(NamedTuple):
    """What is sent in a round. ``body`` is None where nothing is told of it any more."""

    id: str
    type: str
    position: int
    attempts: int
    first_at: int
    body: bytes | None


async def deliver(directory: Directory, sender: Sender, ws: str, id_: str, ahead: Ahead | None = None) -> bool:
    """Make a round of an endpoint; returns whether there may be more to do at once. Does nothing where somebody else does it.

    ``ahead``: what comes next for it, if that was read already.
    """
    clock, pool = directory.engine.clock, directory.pool
    workspace = await directory.workspace(ws)
    if workspace is None:
        raise LookupError(f"there is no workspace {ws}")
    now = clock.now()
    async with pool.acquire() as conn:
        endpoint = await webhooks.lease(conn, ws, id_, now, now + _LEASE)
        if endpoint is None:
            return False
        reading = _Reading(directory, conn, ws, endpoint, now, ahead)
        messages = await reading.messages()
    secrets = [it.text for it in webhooks.opened(workspace, endpoint) if it.until is None or it.until > now]
    late = clock.monotonic() + _BEGINS
    slots = asyncio.Semaphore(AT_ONCE)

    async def send(message: _Message) -> Answer | None:
        async with slots:
            if message.body is None or clock.monotonic() > late:
                return None
            return await sender.send(endpoint.url, message.id, message.body, secrets, clock.now())

    answers = await asyncio.gather(*map(send, messages))
    return await _settle(directory, workspace, reading, messages, answers)


async def _settle(
    directory: Directory,
    workspace: Workspace,
    reading: _Reading,
    messages: Sequence[_Message],
    answers: Sequence[Answer | None],
) -> bool:
    """Write down what came of a round, unless somebody else has the endpoint in hand by now."""
    ws, endpoint, now = workspace.id, reading.endpoint, directory.engine.clock.now()
    made = [_outcome(message, answer, now) for message, answer in zip(messages, answers, strict=True)]
    arrived = sum(it.state == "delivered" for it in made)
    tried = sum(answer is not None for answer in answers)
    failures = endpoint.failures + 1 if tried and not arrived else 0 if arrived else endpoint.failures
    rest = min(_LONGEST_REST, _FIRST << min(failures - 1, 20)) if tried and not arrived else 0
    to = Round(reading.position, reading.replay_after, failures, now + rest if rest else 0)
    gone = any(answer is not None and answer.status == 410 for answer in answers)  # noqa: PLR2004 - HTTP's Gone
    async with directory.pool.acquire() as conn, conn.transaction():
        if not await webhooks.settle(conn, ws, endpoint, to):
            return False
        await webhooks.keep(conn, ws, endpoint.id, made)
        if reading.full and not messages:  # until something is due there is nothing to do
            await webhooks.rest(conn, ws, endpoint.id)
        if gone:
            await webhooks.pause(conn, ws, endpoint.id, "gone")
        elif any(it.state == "dead" for it in made):
            counts = await webhooks.counts(conn, ws, endpoint.id)
            if counts.get("dead", 0) >= MOST_DEAD:
                await webhooks.pause(conn, ws, endpoint.id, "too_many")
    return not gone and not rest and not reading.ended and (bool(messages) or reading.more)


def _outcome(message: _Message, answer: Answer | None, now: int) -> Delivery:
    """What is kept of a delivery."""
    attempts, first = message.attempts, message.first_at
    if message.body is None:
        text = "it is told nothing of this any more"
        return Delivery(message.id, "dead", message.type, message.position, attempts, first, now, now, None, 0, text)
    if answer is None:  # not begun
        text = "not tried yet"
        return Delivery(message.id, "waiting", message.type, message.position, attempts, first, now, now, None, 0, text)
    said = (answer.status, answer.took, answer.text)
    attempts += 1
    if answer.arrived:
        return Delivery(message.id, "delivered", message.type, message.position, attempts, first, now, now, *said)
    due = now + pause(attempts, answer.after)
    if due > first + TRIED_FOR:
        return Delivery(message.id, "dead", message.type, message.position, attempts, first, now, now, *said)
    return Delivery(message.id, "waiting", message.type, message.position, attempts, first, now, due, *said)


def pause(attempts: int, asked: int | None = None) -> int:
    """Return the microseconds until a delivery is tried again: four times as long each time, never the same for two."""
    usual = min(_LONGEST, _FIRST << min(2 * (attempts - 1), 40))
    jittered = int(usual * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load, keeps no secret
    return min(_LONGEST, max(jittered, (asked or 0) * _SECOND))


class _Reading:
    """What an endpoint is told in a round, and where its cursors stand afterwards."""

    def __init__(
        self,
        directory: Directory,
        conn: asyncpg.Connection,
        ws: str,
        endpoint: Endpoint,
        now: int,
        ahead: Ahead | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.position = endpoint.position
        self.replay_after = endpoint.replay_after
        self.more = False  # whether the log goes on where nothing of it was for this endpoint
        self.full = False  # whether so much waits that nothing further is read
        self.ended = False  # whether it was told all that had been read, and nothing more was there then
        self._ahead = ahead
        self._directory = directory
        self._conn = conn
        self._ws = ws
        self._now = now

    async def messages(self) -> list[_Message]:
        """Return what is due again, and what comes next in the log: the newest part first, then what is told once more."""
        conn, it = self._conn, self.endpoint
        room = A_TRY if it.failures else A_ROUND
        counts = await webhooks.counts(conn, self._ws, it.id)
        due = await webhooks.waiting(conn, self._ws, it.id, self._now, max(1, room // 2))
        messages = await self._again(due)
        room -= len(messages)
        if counts.get("waiting", 0) + room > MOST_WAITING:
            self.full = True
            return messages
        share = room if it.replay_after is None else room // 2
        if self._ahead is not None and self._ahead.fits(it):
            taken, self.position = self._ahead.take(share)
            live = [_fresh(message, self._now) for message in taken]
            self.ended = self._ahead.ended and it.replay_after is None
        else:
            live, self.position = await self._next(it.position, None, share)
        messages += live
        if it.replay_after is not None:
            to = it.replay_to or 0
            replayed, after = await self._next(it.replay_after, to, max(1, room - len(live)))
            self.replay_after = None if after >= to else after
            known = {message.id for message in messages}
            messages += [message for message in replayed if message.id not in known]
        return messages

    async def _next(self, after: int, to: int | None, room: int) -> tuple[list[_Message], int]:
        """Return what comes behind a position, and the last entry of which all is in it."""
        found: list[_Message] = []
        looked, piece = 0, max(1, room // _TELLS)
        while looked < _LOOKED and (to is None or after < to):
            most = piece if to is None else min(piece, to - after)
            piece = min(2 * piece, _PIECE)  # few entries tell something to who asks for little
            entries = await behind(self._directory.engine, self._conn, self._ws, after, most)
            if not entries:
                return found, after
            looked += len(entries)
            told = await told_by(self._conn, self._ws, entries, self.endpoint.types)
            for entry, its in zip(entries, told, strict=True):
                mine = [Message(notice, encoded(notice)) for notice in its if wants(self.endpoint, notice)]
                if found and len(found) + len(mine) > room:
                    return found, after
                found += [_fresh(message, self._now) for message in mine]
                after = entry.position
                if len(found) >= room:
                    return found, after
        self.more = True
        return found, after

    async def _again(self, due: Sequence[Waiting]) -> list[_Message]:
        """Return deliveries that are due again, made anew of the log; of what the endpoint is not told any more nothing is sent."""
        positions = {it.position for it in due if it.position}
        entries = await log.at_each(self._conn, self._ws, positions) if positions else []
        told = [notice for its in await told_by(self._conn, self._ws, entries, self.endpoint.types) for notice in its]
        bodies = {notice.id: encoded(notice) for notice in told if wants(self.endpoint, notice)}
        bodies |= {it.id: encoded(test(self.endpoint.id, it.id, it.first_at)) for it in due if not it.position}
        return [_Message(*it, bodies.get(it.id)) for it in due]


def _fresh(message: Message, now: int) -> _Message:
    notice = message.notice
    return _Message(notice.id, notice.type, notice.position, 0, now, message.body)


def test(endpoint: str, id_: str, at: int) -> Notice:
    """Return what is sent to try an endpoint."""
    return Notice(id_, notices.TEST, 0, at, (), notices.Tried(endpoint=endpoint), {})
