"""Clicks of the redirect: durable before the answer, in blocks whose digest enters the log in the same commit's event.

Nobody is woken to decide a block: whoever looks next takes all that came meanwhile, and events that follow a click wait behind
its block in the inbox.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec
from msgspec import Struct

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.intake.deliveries import Deliveries
from goodword.app.intake.group_commit import WORKSPACES, GroupCommit, busy
from goodword.core import calendar, canonical, events
from goodword.core.facts import Touch
from goodword.store import inbox, log, redirects, seals
from goodword.store.uuid7 import new_id, new_ids
from goodword.store.vault import content_digest
from goodword.store.workspaces import Workspace

SOURCE = "edge"


class _Click(Struct):
    """A click that is not yet in a block. It has its id once it was tried to be stored, and keeps it."""

    code: str
    at: int
    bot: bool
    id: str = ""


class Clicks:
    """Stores clicks for all workspaces of this process. ``deliveries`` counts them."""

    def __init__(self, engine: Engine, deliveries: Deliveries | None = None) -> None:
        self._deliveries = deliveries
        self._pool = engine.pool
        self._clock = engine.clock
        self._buffers: Bounded[str, GroupCommit[_Click, str | None]] = Bounded(WORKSPACES, busy)

    async def record(self, ws: Workspace, code: str, *, bot: bool) -> str | None:
        """Store a click of a code and give its id; None: it could not be stored. Raises UnavailableError."""
        return (await self.begin(ws, code, bot=bot))[0]

    def begin(self, ws: Workspace, code: str, *, bot: bool) -> asyncio.Future[list[str | None]]:
        """Take a click; what is given back is done, with its id alone, when ``record`` would return."""
        buffer = self._buffers.get(ws.id)
        if buffer is None:
            buffer = self._buffers.put(ws.id, GroupCommit(self._clock, partial(self._write, ws), lambda _: None))
        return buffer.begin([_Click(code, self._clock.now(), bot)])

    async def drain(self) -> None:
        """Wait until everything that was taken is stored."""
        for buffer in self._buffers:
            await buffer.drain()

    async def _write(self, ws: Workspace, clicks: Sequence[_Click]) -> list[str | None]:
        """Store clicks in one statement. Tried again after an answer was lost, they have the same block: it is stored once."""
        if not clicks[0].id:
            for click, id_ in zip(clicks, new_ids("tch", len(clicks)), strict=True):
                click.id = id_
        block = "blk" + clicks[0].id.removeprefix("tch")
        now = calendar.moment(self._clock.now())
        async with self._pool.acquire(timeout=5) as connection:
            stream = None if ws.clock == "real" else await log.stream(connection, ws.id)
            touches = [
                Touch(
                    id=click.id,
                    code=click.code,
                    at=click.at if stream is None else stream.now(click.at),
                    bot=click.bot,
                    block=block,
                )
                for click in clicks
            ]
            digest = redirects.block_digest(touches)
            at = max(touch.at for touch in touches)
            content = content_digest(ws.keys.content, canonical.encode((block, len(touches), digest.hex())))
            event = events.TouchesRecorded(
                evt=new_id("evt"),
                source=SOURCE,
                occurred_at=at,
                accepted_at=at,
                block=block,
                count=len(touches),
                digest=digest.hex(),
                bots=sum(touch.bot for touch in touches),
                sealed=seals.text(seals.inbox(SOURCE, block, content)),
            )
            row = inbox.Row(SOURCE, block, event.evt, "touches.recorded", content, msgspec.json.encode(event))
            await redirects.add_block(connection, ws.id, now, touches, digest, row)
        if self._deliveries is not None:
            self._deliveries.came(ws.id, SOURCE, len(clicks))
        return [click.id for click in clicks]
