"""Making workspaces and members: by somebody who has the database, for those who will only have keys."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory, Principal
from goodword.app.engine import Engine
from goodword.app.write.commands import command
from goodword.core.entry import Entry
from goodword.core.events import MemberSet
from goodword.core.facts import Actor
from goodword.store import log, people, workspaces
from goodword.store.api_keys import Mode
from goodword.store.vault import Vault
from goodword.store.workspaces import Workspace


class Created(Struct, frozen=True):
    """A new workspace: its id and the keys that are shown once."""

    id: str
    owner: str
    owner_key: str
    secret_key: str
    write_key: str
    publishable_key: str


async def create_workspace(
    engine: Engine,
    vault: Vault,
    name: str,
    owner: str,
    *,
    mode: Mode = "sandbox",
    clock: str = "real",
    starts_at: int | None = None,
) -> Created:
    """Make a workspace with its first owner (a canonical mail) and its keys. ``starts_at``: where its own clock starts."""
    now = engine.clock.now()
    async with engine.pool.acquire() as conn, conn.transaction():
        made = await workspaces.create(conn, vault, name, mode, clock, now, starts_at)
        member = await workspaces.name_member(conn, made, owner)
        _, owner_key = await workspaces.add_key(conn, made.id, "mk", mode, now, member=member)
        _, secret = await workspaces.add_key(conn, made.id, "sk", mode, now)
        _, write = await workspaces.add_key(conn, made.id, "wk", mode, now)
        _, publishable = await workspaces.add_key(conn, made.id, "pk", mode, now)
    # Nobody is a member yet who could make one: the first owner is, as the holder of the database says.
    first = Actor(id=member, kind="member", roles=("owner",))
    await command(engine, made.id, lambda stamp: MemberSet(**stamp, member=member, roles=("owner",)), first)
    return Created(made.id, member, owner_key, secret, write, publishable)


async def set_member(
    engine: Engine,
    workspace: Workspace,
    mail: str,
    roles: tuple[str, ...],
    limits: dict[str, int] | None,
    actor: Actor,
    *,
    key: str | None = None,
) -> tuple[Entry, str]:
    """Give a member (a canonical mail) roles and limits; gives the decided entry and the member's id."""
    async with engine.pool.acquire() as conn:
        member = await workspaces.name_member(conn, workspace, mail)
    entry = await command(
        engine,
        workspace.id,
        lambda stamp: MemberSet(**stamp, member=member, roles=roles, limits=limits),
        actor,
        key=key,
    )
    return entry, member


async def mail_of(directory: Directory, who: Principal) -> str | None:
    """Give the mail of the member who acts; None for a service key."""
    if who.actor.kind != "member":
        return None
    async with directory.pool.acquire() as conn:
        return (await workspaces.mails(conn, who.workspace)).get(who.actor.id)


async def now(directory: Directory, ws: str) -> int:
    """Give what the workspace's clock shows."""
    async with directory.pool.acquire() as conn:
        return (await log.stream(conn, ws)).now(directory.engine.clock.now())


async def person_named(directory: Directory, ws: Workspace, external_id: str) -> str | None:
    """Give the person to whom the company gave this name."""
    async with directory.pool.acquire() as conn:
        found = await people.find(conn, ws.id, ws.keys, [("person", external_id)])
    return next(iter(found.values()), None)


async def every_workspace(directory: Directory) -> list[str]:
    """Give the ids of all workspaces, the oldest first."""
    async with directory.pool.acquire() as conn:
        return await workspaces.every(conn)
