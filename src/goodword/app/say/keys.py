"""API keys: made and ended."""

from __future__ import annotations

from typing import Final, Literal

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.intake import fetching
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.core.entry import Entry
from goodword.core.events import KeyEnded, KeyMade
from goodword.core.state import Member
from goodword.sources.base import Signature
from goodword.sources.registry import REGISTRY
from goodword.store import entities, workspaces
from goodword.store.api_keys import Kept, Kind, Mode, new_portal_secret

#: What stands where the source does, of a secret with which the company's own app signs tokens for the portal.
PORTAL: Final = "portal"
#: What may be made: a key of a kind, or the secret of the portal.
Made = Kind | Literal["portal"]
KINDS: Final[tuple[Made, ...]] = ("sk", "pk", "wk", "mk", PORTAL)


@requires("key.manage")
async def make(
    who: Principal,
    directory: Directory,
    kind: Made,
    *,
    member: str | None = None,
    name: str = "",
    once: str | None = None,
) -> tuple[str, str]:
    """Make an API key, or a secret of the portal; return its id and its text, which is shown once.

    With the secret the company's own app signs tokens. It is kept sealed as those of sources are, for a signature is worked out anew;
    while one takes another's place both count.
    ``once``: what makes it one key; a repeat raises CommandConflictError, for nobody has the text any more.
    """
    ws, now = who.workspace, directory.now()
    mode: Mode = "live" if ws.mode == "live" else "sandbox"
    made = (
        workspaces.new_hook("hs", new_portal_secret(mode), now)
        if kind == PORTAL
        else workspaces.new_key_of(kind, mode, now, member)
    )

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        if kind == PORTAL:
            await workspaces.add_hook(conn, ws, made, PORTAL, name)
        else:
            await workspaces.add_key(conn, ws.id, made, name)

    await say(who, directory, lambda s: KeyMade(**s, key=made.id, digest=made.digest), once, also=also)
    return made.id, made.text


@requires("key.manage")
async def hook(who: Principal, directory: Directory, source: str, secret: str, *, name: str = "") -> tuple[str, str]:
    """Hold a secret with which a source signs what it sends here, beside any others; return its id and the path to send to.

    While one takes another's place both count: revoke the old one when nothing is signed with it any more. A key with which the
    source is asked for what its items only name is held likewise, and told by its form; of these the newest counts, and what waits
    is asked for at once. Raises InvalidError, ConflictError for a secret that is held already or was.
    """
    signed = REGISTRY.get(source)
    if signed is None or not isinstance(signed.credential, Signature):
        raise InvalidError(f"{source!r} is no source that signs what it sends.", "source")
    asked = signed.access is not None and signed.access.is_key(secret)
    if not asked and not signed.credential.secret(secret):
        either = "" if signed.access is None else f" What {source} is asked with is {signed.access.told}."
        raise InvalidError(f"That is no secret of {source}: copy it whole, as {source} shows it.{either}", "secret")
    ws = who.workspace
    made = workspaces.new_hook("rk" if asked else "hs", secret, directory.now())

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused and not await workspaces.add_hook(conn, ws, made, source, name):
            raise ConflictError(
                "secret_held", "This secret is held already, or was: let the other system make a new one."
            )
        if asked:
            await fetching.again(conn, ws.id, source, directory.now())

    await say(who, directory, lambda s: KeyMade(**s, key=made.id, digest=made.digest), None, also=also)
    return made.id, f"{signed.paths[0]}/{ws.id}"


@requires("key.manage")
async def first(who: Principal, directory: Directory, member: str) -> str | None:
    """Return the text of a key for a member who never had one, shown once; None: there is no such member, or they had one.

    None as well for who proved to be somebody: nobody else is given what opens in their name.
    """
    ws = who.workspace
    async with directory.reading() as conn:
        known = await entities.load(conn, ws.id, Member, [member])
        had = any(row.member == member for row in await workspaces.keys_of(conn, ws.id))
    if not known or known[0].was is not None or had:
        return None
    return (await make(who, directory, "mk", member=member))[1]


@requires("key.manage")
async def revoke(who: Principal, directory: Directory, key: str) -> None:
    """End a key. Raises UnknownError if there is none, or it has ended."""
    now = directory.now()

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused and not await workspaces.revoke_key(conn, who.workspace.id, key, now):
            raise UnknownError("key that could be ended")

    await say(who, directory, lambda s: KeyEnded(**s, key=key, ended_at=now), None, also=also)


@requires("key.manage")
async def rotate(who: Principal, directory: Directory, key: str, once: str) -> tuple[str, str]:
    """Make a key like another one, then end that; return the new one's id and its text, which is shown once.

    Raises UnknownError if there is none or it has ended, ConflictError for a colleague's own: its text would be in another hand.
    """
    async with directory.reading() as conn:
        rows = await workspaces.keys_of(conn, who.workspace.id)
    old = next((row for row in rows if row.id == key and row.revoked_at is None), None)
    if old is None:
        raise UnknownError("key that could be exchanged")
    kind: Kept | Made = PORTAL if old.source == PORTAL else old.kind
    if kind == "hs" or kind == "rk":  # noqa: PLR1714
        raise ConflictError(
            "not_ours", "Another system made this secret: let it make a new one, hold that too, then end this."
        )
    if old.member not in (None, who.actor.id):
        raise ConflictError(
            "not_yours", "It is the personal key of somebody else, and its text is for nobody but them: end it."
        )
    made = await make(who, directory, kind, member=old.member, name=old.name, once=once)
    await revoke(who, directory, key)
    return made
