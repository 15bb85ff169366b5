"""Links that sign a member in once, and sessions. What a browser or a terminal holds is random; here is only its hash.

Must not know: what a session may do, how its token comes here.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import NamedTuple

import asyncpg

from goodword.core import calendar
from goodword.store.sql_files import statements

LINK_LASTS = 15 * calendar.MINUTE
SESSION_LASTS = 14 * calendar.DAY
#: A session that was not used for so long is over.
IDLE = 12 * calendar.HOUR
_NOTED = calendar.MINUTE  # how exactly it is known when one was used: a page writes nothing more often
_AGENT = 200  # characters of what a browser calls itself

_LOGIN = statements("login")
_SESSION = statements("session")


class Signed(NamedTuple):
    """Who is meant by a link or a session."""

    workspace: str
    member: str


async def new_link(conn: asyncpg.Connection, ws: str, member: str, now: int) -> str:
    """Return the token of a link that signs a member in once, within a quarter of an hour."""
    token = secrets.token_urlsafe(32)
    await conn.execute(_LOGIN["add"], ws, _hash(token), member, now + LINK_LASTS, now)
    return token


async def whose_link(conn: asyncpg.Connection, token: str, now: int) -> Signed | None:
    """Return whom a link would sign in; None: it was used, has expired or never was."""
    return _signed(await conn.fetchrow(_LOGIN["look"], _hash(token), now))


async def take_link(conn: asyncpg.Connection, token: str, now: int) -> Signed | None:
    """Use a link up: of two who have it one gets in. None: it was used, has expired or never was."""
    return _signed(await conn.fetchrow(_LOGIN["take"], _hash(token), now))


async def open_session(conn: asyncpg.Connection, whose: Signed, agent: str, now: int) -> str:
    """Return the token of a new session."""
    token = secrets.token_urlsafe(32)
    ends = now + SESSION_LASTS
    await conn.execute(
        _SESSION["open"], whose.workspace, _hash(token), whose.member, now, ends, now - IDLE, agent[:_AGENT]
    )
    return token


async def whose_session(conn: asyncpg.Connection, token: str, now: int) -> Signed | None:
    """Return whose a session is, and note that it was used. None: it is over, or never was."""
    row = await conn.fetchrow(_SESSION["find"], _hash(token), now, now - IDLE)
    if row is not None and row["seen_at"] <= now - _NOTED:
        await conn.execute(_SESSION["seen"], _hash(token), now)
    return _signed(row)


async def end_session(conn: asyncpg.Connection, token: str) -> None:
    """Let a session be over."""
    await conn.execute(_SESSION["end"], _hash(token))


def _signed(row: asyncpg.Record | None) -> Signed | None:
    return None if row is None else Signed(row["workspace_id"], row["member"])


def _hash(token: str) -> bytes:
    """Return what is kept of a token. A plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return sha256(token.encode()).digest()
