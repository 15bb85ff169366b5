"""Who calls and where: workspaces with their keys, remembered, and principals by their API key.

Must not know: HTTP, what an operation needs.
"""

from __future__ import annotations

from msgspec import Struct

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.core.facts import Actor
from goodword.core.state import Member
from goodword.store import entities, workspaces
from goodword.store.api_keys import Kind
from goodword.store.vault import Vault
from goodword.store.workspaces import Workspace

_MOST = 10_000


class Principal(Struct, frozen=True):
    """Who holds a key: its kind, the workspace it opens, and the actor that its commands are said by."""

    kind: Kind
    workspace: Workspace
    actor: Actor


class Directory:
    """The workspaces of this installation. They never change, so they are remembered; keys and members are asked for."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self.pool = engine.pool
        self.vault = vault
        self._workspaces: Bounded[str, Workspace] = Bounded(_MOST)

    async def workspace(self, id_: str) -> Workspace | None:
        """Give a workspace with its keys."""
        found = self._workspaces.get(id_)
        if found is None:
            async with self.pool.acquire() as conn:
                found = await workspaces.find(conn, self.vault, id_)
            if found is not None:
                self._workspaces.put(id_, found)
        return found

    async def key(self, hashed: bytes) -> tuple[workspaces.KeyRow, Workspace] | None:
        """Give the key with this hash and its workspace; None if it is unknown or revoked."""
        async with self.pool.acquire() as conn:
            row = await workspaces.key_of(conn, hashed)
        found = await self.workspace(row.workspace_id) if row else None
        return (row, found) if row and found else None

    async def principal(self, hashed: bytes) -> Principal | None:
        """Give who holds the key, with the roles and limits of the present."""
        found = await self.key(hashed)
        if found is None:
            return None
        row, workspace = found
        if row.member is None:
            return Principal(row.kind, workspace, Actor(id=f"{row.kind}:{row.id}", kind="key"))
        return Principal(row.kind, workspace, await self.member(workspace.id, row.member))

    async def member(self, ws: str, member: str) -> Actor:
        """Give a member as an actor; one that the workspace does not know has no role."""
        async with self.pool.acquire() as conn:
            known = await entities.load(conn, ws, Member, [member])
        roles, limits = (known[0].roles, known[0].limits) if known else ((), None)
        return Actor(id=member, kind="member", roles=roles, limits=limits)
