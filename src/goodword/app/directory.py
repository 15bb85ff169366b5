"""Who calls and where: workspaces with their keys, remembered, and principals by their API key.

Must not know: HTTP, what an operation needs.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.passwords import Hashing
from goodword.app.principal import Principal
from goodword.app.proof.checking import Checks
from goodword.core import calendar
from goodword.core.facts import Actor
from goodword.core.state import Member
from goodword.outbound.mail import Post
from goodword.sources.split import is_id
from goodword.store import entities, workspaces
from goodword.store.vault import Vault
from goodword.store.workspaces import Workspace

_MOST = 10_000

_log = logging.getLogger(__name__)


class Directory:
    """The workspaces of this installation. They never change, so they are remembered; keys and members are asked for.

    ``readers``: read-only connections, for who reads much; without them a read is a read-only transaction of ``pool``.
    ``erasures``: the file that names who was erased, which a restored database does not know. ``alone_up_to``: unit -> what leaves a
    live workspace in a UTC day while it has no second confirmed member; of other units nothing.
    ``dsn``: the address of the database, with which ``checks`` verify beside all else.
    ``post``: sends mail; None: nothing does. ``loopback``: webhooks may go to this machine.
    """

    def __init__(  # noqa: PLR0913 - what an installation is given, all by name
        self,
        engine: Engine,
        vault: Vault,
        readers: asyncpg.Pool | None = None,
        *,
        erasures: Path | None = None,
        alone_up_to: Mapping[str, int] | None = None,
        dsn: str | None = None,
        post: Post | None = None,
        loopback: bool = False,
    ) -> None:
        self.checks = Checks(engine.clock, vault, dsn)
        self.engine = engine
        self.pool = engine.pool
        self.vault = vault
        self.readers = readers
        self.post = post
        self.loopback = loopback
        self.hashing = Hashing()
        self._later: set[asyncio.Task[None]] = set()
        self._erasures = erasures
        self._alone_up_to = dict(alone_up_to or {})
        self._workspaces: Bounded[str, Workspace] = Bounded(_MOST)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[asyncpg.Connection]:
        """Yield a connection through which PostgreSQL refuses every write."""
        if self.readers is None:
            async with self.snapshot() as conn:
                yield conn
        else:
            async with self.readers.acquire() as conn:
                yield conn

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[asyncpg.Connection]:
        """Yield such a connection, all of whose statements see the database as it is at one moment."""
        pool = self.readers or self.pool
        async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
            yield conn

    def note_erased(self, ws: str, person: str, at: int) -> None:
        """Write down who was erased, and when, for a restore. That it could not be written is logged: they are erased all the same."""
        if self._erasures is None:
            return
        line = f"{ws} {person} {calendar.text(at)}\n"
        try:
            with os.fdopen(os.open(self._erasures, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
                file.write(line)
        except OSError as error:
            _log.error("%s could not be written (%s): add this line to it: %s", self._erasures, error, line.strip())

    def erased(self, ws: str) -> set[str]:
        """Return the persons of a workspace whom that file names. Raises OSError if it cannot be read."""
        if self._erasures is None or not self._erasures.exists():
            return set()
        lines = [line.split() for line in self._erasures.read_text(encoding="utf-8").splitlines()]
        return {line[1] for line in lines if len(line) > 1 and line[0] == ws}

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after the answer to who asked. That it failed is logged, by its kind alone: it may name somebody."""
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("a mail was not sent: %s", type(error).__name__)

    def now(self) -> int:
        """Return the instant that the real clock shows."""
        return self.engine.clock.now()

    def alone_up_to(self, workspace: Workspace) -> dict[str, int] | None:
        """Return what leaves in a UTC day where one person decides everything; None: there is no such limit, as in a sandbox."""
        return self._alone_up_to if workspace.mode == "live" else None

    async def workspace(self, id_: str) -> Workspace | None:
        """Return a workspace with its keys."""
        workspace = self._workspaces.get(id_)
        if workspace is None:
            async with self.pool.acquire() as conn:
                workspace = await workspaces.find(conn, self.vault, id_)
            if workspace is not None:
                self._workspaces.put(id_, workspace)
        return workspace

    async def every_workspace(self) -> list[Workspace]:
        """Return all of them with their keys, the oldest first: of who is at the door it is not known where they belong."""
        async with self.pool.acquire() as conn:
            ids = await workspaces.every(conn)
        return [found for id_ in ids if (found := await self.workspace(id_)) is not None]

    async def key(self, hashed: bytes) -> tuple[workspaces.KeyRow, Workspace] | None:
        """Return the key with this hash and its workspace; None if it is unknown or revoked."""
        async with self.pool.acquire() as conn:
            row = await workspaces.key_of(conn, hashed)
        workspace = await self.workspace(row.workspace_id) if row else None
        return (row, workspace) if row and workspace else None

    async def principal(self, hashed: bytes) -> Principal | None:
        """Return who holds the key, with the roles, limits and programs of the present."""
        key = await self.key(hashed)
        if key is None:
            return None
        row, workspace = key
        if row.kind == "hs" or row.kind == "rk":  # noqa: PLR1714  # opens nothing by itself, and is not found as a key
            return None
        if row.member is None:
            return Principal(row.kind, workspace, Actor(id=f"{row.kind}:{row.id}", kind="key"))
        return Principal(row.kind, workspace, await self.member(workspace.id, row.member))

    async def hooks(self, source: str, ws: str) -> tuple[Workspace, tuple[bytes, ...]] | None:
        """Return a workspace and the secrets with which a source signs what it sends there; None: there is no such workspace."""
        workspace = await self.workspace(ws)
        if workspace is None:
            return None
        async with self.pool.acquire() as conn:
            return workspace, await workspaces.hooks(conn, workspace, source)

    async def fetches(self, source: str, ws: str) -> tuple[Workspace, str | None] | None:
        """Return a workspace and the newest key with which a source is asked there; None: there is no such workspace."""
        workspace = await self.workspace(ws)
        if workspace is None:
            return None
        async with self.pool.acquire() as conn:
            held = await workspaces.hooks(conn, workspace, source, "rk")
        return workspace, held[0].decode() if held else None

    async def member(self, ws: str, member: str) -> Actor:
        """Return a member as an actor; one that the workspace does not know has no role."""
        async with self.pool.acquire() as conn:
            known = await entities.load(conn, ws, Member, [member])
        return actor_of(known[0]) if known else Actor(id=member, kind="member")


async def workspace_of(directory: Directory, workspace: str) -> Workspace | None:
    """Return the workspace that an address names; None: there is none of this id."""
    return await directory.workspace(workspace) if is_id(workspace, "wsp") else None


def actor_of(member: Member) -> Actor:
    """Return a member as an actor: with the roles, limits and programs that they have."""
    return Actor(id=member.id, kind="member", roles=member.roles, limits=member.limits, programs=member.programs)
