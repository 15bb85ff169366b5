"""By what members sign in besides links: passwords as digests, sealed second factors, hashed recovery codes; and wrong tries.

Must not know: what a password may be, how a code is computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import asyncpg

from goodword.core import calendar
from goodword.store.sql_files import statements
from goodword.store.vault import blind, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("credential")
_TRY = statements("attempt")

#: Microseconds after which wrong tries are forgotten.
FORGOTTEN: Final = calendar.DAY


class Credential(NamedTuple):
    """What a member has. ``secret``: of the second factor; ``on``: whether it is asked for; ``codes``: recovery codes left.

    ``own``: the password was set by who had come by a link that was sent to the member's mailbox and shown nowhere else.
    """

    password: bytes | None = None
    password_at: int = 0
    own: bool = False
    secret: bytes | None = None
    on: bool = False
    step: int = 0
    codes: int = 0


class Holder(NamedTuple):
    """A member of a workspace who has a mail. ``password``, ``on`` and ``own``: as above."""

    workspace: str
    member: str
    password: bytes = b""
    on: bool = False
    own: bool = False


class Limit(NamedTuple):
    """What counts tries: a key, how many are free, and the longest pause in microseconds."""

    key: bytes
    free: int
    longest: int


class Pace(NamedTuple):
    """What counts tries of many who share something: a key, how many may come at once, and after how many microseconds one more."""

    key: bytes
    at_once: int
    every: int


async def find(conn: asyncpg.Connection, ws: Workspace, member: str) -> Credential:
    """Return what a member has; nothing for who has nothing."""
    row = await conn.fetchrow(_SQL["find"], ws.id, member)
    if row is None:
        return Credential()
    sealed = row["secret"]
    secret = unseal(ws.keys.note, sealed, _identity(ws.id, member)) if sealed is not None else None
    kept = (row["password"], row["password_at"], row["own"])
    return Credential(*kept, secret, row["secret_on"], row["step"], row["codes"])


async def holders(conn: asyncpg.Connection, among: Sequence[Workspace], mail: str) -> list[Holder]:
    """Return who of these workspaces has a canonical mail and a password."""
    rows = await conn.fetch(_SQL["by_mail"], *_asked(among, mail))
    return [Holder(*row) for row in rows]


async def members(conn: asyncpg.Connection, among: Sequence[Workspace], mail: str) -> list[Holder]:
    """Return who of these workspaces has a canonical mail."""
    return [Holder(*row) for row in await conn.fetch(_SQL["with_mail"], *_asked(among, mail))]


def _asked(among: Sequence[Workspace], mail: str) -> tuple[list[str], list[bytes]]:
    return [ws.id for ws in among], [blind(ws.keys.index, "member", mail) for ws in among]


async def set_password(
    conn: asyncpg.Connection, ws: str, member: str, digest: bytes, now: int, *, own: bool = False
) -> None:
    """Keep a password's digest instead of any before."""
    await conn.execute(_SQL["set_password"], ws, member, digest, now, own)


async def go_on(conn: asyncpg.Connection, ws: Workspace, member: str, becomes: str, digest: bytes) -> None:
    """Let a member who goes on under another id sign in as before. ``digest``: of their password, under that id."""
    secret = (await find(conn, ws, member)).secret
    sealed = seal(ws.keys.note, secret, _identity(ws.id, becomes)) if secret is not None else None
    await conn.execute(_SQL["go_on"], ws.id, member, becomes, digest, sealed)


async def set_secret(conn: asyncpg.Connection, ws: Workspace, member: str, secret: bytes) -> None:
    """Keep the secret of a second factor that is not asked for yet; where one is, nothing is changed."""
    await conn.execute(_SQL["set_secret"], ws.id, member, seal(ws.keys.note, secret, _identity(ws.id, member)))


async def turn_on(conn: asyncpg.Connection, ws: str, member: str, step: int, codes: Sequence[str]) -> bool:
    """Let the second factor be asked for. False: there is none, or it is already."""
    return await conn.fetchval(_SQL["turn_on"], ws, member, step, [_hash(code) for code in codes]) is not None


async def turn_off(conn: asyncpg.Connection, ws: str, member: str) -> None:
    """Let there be no second factor."""
    await conn.execute(_SQL["turn_off"], ws, member)


async def use_step(conn: asyncpg.Connection, ws: str, member: str, step: int) -> bool:
    """Use the code of a half minute up. False: it, or a later one, was used."""
    return await conn.fetchval(_SQL["use_step"], ws, member, step) is not None


async def use_code(conn: asyncpg.Connection, ws: str, member: str, code: str) -> bool:
    """Use a recovery code up. False: it was used, or never was."""
    return await conn.fetchval(_SQL["use_code"], ws, member, _hash(code)) is not None


async def forget(conn: asyncpg.Connection, ws: str, member: str) -> None:
    """Let a member have neither password nor second factor."""
    await conn.execute(_SQL["forget"], ws, member)


async def take_turn(conn: asyncpg.Connection, limits: Sequence[Limit], now: int) -> int | None:
    """Count a try before it is looked at. Return None if it may be, else until when it may not: then nothing is counted.

    To be called in a transaction, which is rolled back for the latter.
    """
    for limit in sorted(limits):
        if await conn.fetchval(_TRY["take"], limit.key, now, limit.free, limit.longest, FORGOTTEN) is None:
            return int(await conn.fetchval(_TRY["until"], limit.key))
    return None


async def keep_pace(conn: asyncpg.Connection, pace: Pace, now: int) -> int | None:
    """Count a try of many likewise: who comes after too many waits for one turn, and no longer the more have come."""
    if await conn.fetchval(_TRY["paced"], pace.key, now, pace.every, pace.at_once) is not None:
        return None
    return int(await conn.fetchval(_TRY["until"], pace.key)) - pace.every * (pace.at_once - 1)


async def was_right(conn: asyncpg.Connection, own: bytes, shared: Sequence[bytes]) -> None:
    """Forget the wrong tries that are one's own; of those that others may have made, this one alone is not counted.

    To be called in a transaction.
    """
    await conn.execute(_TRY["lock"], [own, *shared])
    await conn.execute(_TRY["right"], [own])
    await conn.execute(_TRY["back"], [*shared])


async def forget_tries(conn: asyncpg.Connection, now: int) -> None:
    """Forget what was counted a day ago."""
    await conn.execute(_TRY["old"], now - FORGOTTEN)


def _hash(code: str) -> bytes:
    """A recovery code has 80 random bits: nobody guesses one from its hash."""
    return sha256(code.replace("-", "").encode()).digest()


def _identity(ws: str, member: str) -> bytes:
    return row_identity("credential", ws, member)
