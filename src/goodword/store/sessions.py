"""Links that sign a member in once, and sessions. What a browser or a terminal holds is random; here is only its hash.

Must not know: what a session may do, how its token comes here.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import NamedTuple, cast

import asyncpg

from goodword.core import calendar, canonical
from goodword.store.sql_files import statements

LINK_LASTS = 15 * calendar.MINUTE
INVITE_LASTS = 72 * calendar.HOUR
SESSION_LASTS = 14 * calendar.DAY
#: A session that was not used for so long is over.
IDLE = 12 * calendar.HOUR
_NOTED = calendar.MINUTE  # how exactly it is known when one was used: a page writes nothing more often
_AGENT, _ADDRESS = 200, 64  # characters of what a browser calls itself, and of its address
_DIGITS = 32  # of an id: 128 bits

_LOGIN = statements("login")
_SESSION = statements("session")


class Signed(NamedTuple):
    """Who is meant by a link. ``kind``: link, invite, or half of a way in by a password.

    ``own``: whether it goes back to a link that was sent to their mailbox and shown nowhere else.
    """

    workspace: str
    member: str
    kind: str = "link"
    own: bool = False


class Opened(NamedTuple):
    """A session. ``way``: link or password; ``sure_at``: when its member last proved who they are; ``own``: as above."""

    workspace: str
    member: str
    id: str
    way: str
    sure_at: int
    own: bool


class Browser(NamedTuple):
    """What is known of who signs in: what the browser calls itself, and its address."""

    agent: str = ""
    address: str = ""


class Listed(NamedTuple):
    """A session in a list. Instants are of the real clock."""

    id: str
    opened_at: int
    seen_at: int
    agent: str
    address: str
    way: str


async def new_link(
    conn: asyncpg.Connection,
    ws: str,
    member: str,
    now: int,
    *,
    kind: str = "link",
    lasts: int = LINK_LASTS,
    own: bool = False,
) -> str:
    """Return the token of a link that signs a member in once, while it lasts: microseconds, a quarter of an hour by default.

    ``own``: it is sent to the member's mailbox and shown nowhere else, or goes back to such a one.
    """
    token = secrets.token_urlsafe(32)
    await conn.execute(_LOGIN["add"], ws, _hash(token), member, now + lasts, now, kind, own)
    return token


async def whose_link(conn: asyncpg.Connection, token: str, now: int) -> Signed | None:
    """Return whom a link would sign in; None: it was used, has expired or never was."""
    return _signed(await conn.fetchrow(_LOGIN["look"], _hash(token), now))


async def take_link(conn: asyncpg.Connection, token: str, now: int) -> Signed | None:
    """Use a link up: of two who have it one gets in. None: it was used, has expired or never was."""
    return _signed(await conn.fetchrow(_LOGIN["take"], _hash(token), now))


async def open_session(
    conn: asyncpg.Connection, whose: Signed, browser: Browser, now: int, way: str = "link", sure_at: int | None = None
) -> str:
    """Return the token of a new session. Its id says in the log by what, for whom and when it was opened.

    ``sure_at``: when its member proved who they are; None: now.
    """
    token = secrets.token_urlsafe(32)
    ends, hashed = now + SESSION_LASTS, _hash(token)
    opened = canonical.encode((whose.workspace, whose.member, hashed.hex(), now, way))
    id_ = f"ses_{sha256(opened).hexdigest()[:_DIGITS]}"
    await conn.execute(
        _SESSION["open"],
        *(whose.workspace, hashed, whose.member, now, ends, now - IDLE),
        *(browser.agent[:_AGENT], id_, browser.address[:_ADDRESS], way, now if sure_at is None else sure_at, whose.own),
    )
    return token


async def whose_session(conn: asyncpg.Connection, token: str, now: int, *, used: bool = True) -> Opened | None:
    """Return whose a session is, and note that it was used, unless it was not. None: it is over, or never was."""
    row = await conn.fetchrow(_SESSION["find"], _hash(token), now, now - IDLE)
    if row is None:
        return None
    if used and row["seen_at"] <= now - _NOTED:
        await conn.execute(_SESSION["seen"], _hash(token), now)
    return Opened(row["workspace_id"], row["member"], row["id"], row["way"], row["sure_at"], row["own"])


async def end_session(conn: asyncpg.Connection, token: str) -> None:
    """Let a session be over."""
    await conn.execute(_SESSION["end"], _hash(token))


async def of_member(conn: asyncpg.Connection, ws: str, member: str, now: int) -> list[Listed]:
    """Return the sessions of a member that are not over, the last used first, 200 at most."""
    return [Listed(*row) for row in await conn.fetch(_SESSION["of_member"], ws, member, now, now - IDLE)]


async def is_own(conn: asyncpg.Connection, ws: str, member: str, id_: str) -> bool:
    """Return whether one of a member's sessions goes back to a link that was sent to their mailbox."""
    return await conn.fetchval(_SESSION["own"], ws, member, id_) is True


async def end_one(conn: asyncpg.Connection, ws: str, member: str, id_: str) -> bool:
    """Let one of a member's sessions be over; False: they have none of this id."""
    return cast("str", await conn.execute(_SESSION["end_one"], ws, member, id_)) == "DELETE 1"


async def end_but(conn: asyncpg.Connection, ws: str, member: str, but: str = "") -> None:
    """Let all sessions of a member be over but the one of this id, and every link by which another could begin."""
    await conn.execute(_SESSION["end_but"], ws, member, but)


async def note_sure(conn: asyncpg.Connection, token: str, now: int) -> None:
    """Note that the member of a session proved again who they are."""
    await conn.execute(_SESSION["sure"], _hash(token), now)


def _signed(row: asyncpg.Record | None) -> Signed | None:
    return None if row is None else Signed(row["workspace_id"], row["member"], row["kind"], row["own"])


def _hash(token: str) -> bytes:
    """Return what is kept of a token. A plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return sha256(token.encode()).digest()
