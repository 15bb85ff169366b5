"""Making workspaces: by somebody who has the database, or by a member as a sandbox of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import OPERATOR, NotPermittedError, Operator, Principal, requires
from goodword.app.write.commands import command
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, ChangeDecided, Founding, MemberSet
from goodword.core.facts import Actor
from goodword.store import workspaces
from goodword.store.api_keys import Kind, Mode

#: Kinds of keys that a new workspace has besides its owner's, in the order of ``Created``.
_SERVICE: tuple[Kind, ...] = ("sk", "wk", "pk")
#: characters of a name
LONGEST = 120


class Created(Struct, frozen=True):
    """A new workspace: its id and the keys that are shown once."""

    id: str
    owner: str
    owner_key: str
    secret_key: str
    write_key: str
    publishable_key: str
    #: keys of the owners who founded it together with the first, in the order in which they were named
    further_owner_keys: tuple[str, ...] = ()


@requires("installation.manage")
async def create(
    who: Operator,
    directory: Directory,
    name: str,
    *owners: str,
    mode: Mode = "sandbox",
    clock: str = "real",
    starts_at: int | None = None,
) -> Created:
    """Make a workspace with its owners (canonical mails) and its keys. ``starts_at``: where its own clock starts.

    Owners who found it together are people of their own from the beginning.
    Raises InvalidError for a live one with another clock than the real one, and for a name that is empty, too long or no line.
    """
    del who
    if mode == "live" and (clock != "real" or starts_at is not None):
        raise InvalidError("A live workspace has the real clock; another one is for sandboxes.")
    return await _create(directory, name, owners, mode, clock, starts_at)


@requires("workspace.create")
async def create_sandbox(
    who: Principal, directory: Directory, name: str, *, clock: str = "real", starts_at: int | None = None
) -> Created:
    """Make a sandbox that the caller owns. Raises NotPermittedError for who is no member, and InvalidError for the name."""
    mail = None
    if who.actor.kind == "member":
        async with directory.reading() as conn:
            mail = await workspaces.mail(conn, who.workspace, who.actor.id)
    if mail is None:
        raise NotPermittedError("workspace.create", "A workspace belongs to a person: use a member's key.")
    return await _create(directory, name, (mail,), "sandbox", clock, starts_at)


async def _create(
    directory: Directory, name: str, owners: Sequence[str], mode: Mode, clock: str, starts_at: int | None
) -> Created:
    if not name.strip() or len(name) > LONGEST or not name.isprintable():
        raise InvalidError(f"A workspace's name has 1 to {LONGEST} characters, on one line.")
    now = directory.now()
    async with directory.pool.acquire() as conn, conn.transaction():
        made = await workspaces.create(conn, directory.vault, name, mode, clock, now, starts_at)
        members = [await workspaces.name_member(conn, made, owner) for owner in dict.fromkeys(owners)]
        own = [workspaces.new_key_of("mk", mode, now, member) for member in members]
        service = [workspaces.new_key_of(kind, mode, now) for kind in _SERVICE]
        for key in (*own, *service):
            await workspaces.add_key(conn, made.id, key)
    # Nobody is a member yet who could make one: the first owner is, as the holder of the database says, who confirms the others.
    first = Actor(id=members[0], kind="member", roles=("owner",))
    founding: Founding | None = workspaces.founding(made, [*own, *service])
    for member in members:
        joined = partial(MemberSet, member=member, roles=("owner",), founding=founding)
        entry, founding = await _said(directory, made.id, first, joined), None
        for step in entry.verdicts[0].steps:
            confirmed = partial(ChangeDecided, change=step.values["change"], outcome="confirmed")
            await _said(directory, made.id, OPERATOR.actor, confirmed)
    secret, write, publishable = (key.text for key in service)
    further = tuple(key.text for key in own[1:])
    return Created(made.id, members[0], own[0].text, secret, write, publishable, further)


async def _said(directory: Directory, ws: str, actor: Actor, event: Callable[..., AnyEvent]) -> Entry:
    return await command(directory.engine, ws, lambda stamp: event(**stamp), actor)
