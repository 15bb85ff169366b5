"""What signs persons in at the portal, of which only digests are kept, and what their page reads of their own.

Instants are of the real clock. Must not know: cookies, mails, what a person may do.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Final, Literal, NamedTuple

import asyncpg
import msgspec

from goodword.core import calendar
from goodword.store.sql_files import statements
from goodword.store.vault import blind, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("portal")

LINK_LASTS: Final = 15 * calendar.MINUTE
SESSION_LASTS: Final = 30 * calendar.DAY
#: Accounts with one mail among which somebody chooses.
MOST: Final = 10
#: By what somebody came: a mailed link, or a token of the company's own app.
Way = Literal["mail", "app"]


class Paid(NamedTuple):
    """What payouts of a unit in a state come to. ``last``: when the last of them was drafted."""

    unit: str
    status: str
    number: int
    amount: int
    last: int


class Owed(NamedTuple):
    """What of rewards of a unit in a state, by a version of rules, is owed and not sent.

    ``first``, ``last``: by when something is known of them.
    """

    unit: str
    status: str
    rules: str
    due: bool
    number: int
    amount: int
    first: int
    last: int


def sealed_mail(ws: Workspace, asked: str, mail: str) -> bytes:
    """Return a mail as the job that writes to it keeps it."""
    return seal(ws.keys.note, mail.encode(), row_identity("portal_link", ws.id, asked))


def opened_mail(ws: Workspace, asked: str, sealed: bytes) -> str:
    """Return it. Raises UnsealError."""
    return unseal(ws.keys.note, sealed, row_identity("portal_link", ws.id, asked)).decode()


async def holders(conn: asyncpg.Connection, ws: Workspace, mail: str) -> dict[str, str | None]:
    """Return who has a canonical mail, as a trusted source says, and the event by which it did; None: it is not known any more."""
    rows = await conn.fetch(_SQL["holders"], ws.id, blind(ws.keys.index, "mail", mail), MOST)
    return {row["person"]: row["evt"] for row in rows}


async def new_link(
    conn: asyncpg.Connection,
    ws: str,
    asked: str,
    token: str,
    persons: Collection[str],
    now: int,
    joining: bytes | None = None,
) -> bool:
    """Keep a link before its mail is handed over; False: it was before, and the mail may have arrived. ``joining``: sealed likewise."""
    json = msgspec.json.encode(sorted(persons)).decode()
    row = await conn.fetchrow(_SQL["add_link"], ws, _hash(token), asked, json, now + LINK_LASTS, now, joining)
    return row is not None


async def begun(conn: asyncpg.Connection, ws: str, asked: str) -> bool:
    """Return whether the mail that was asked for may have arrived."""
    return bool(await conn.fetchval(_SQL["begun"], ws, asked))


async def refused(conn: asyncpg.Connection, ws: str, asked: str) -> None:
    """Note that the server did not take its mail."""
    await conn.execute(_SQL["drop_link"], ws, asked)


class Link(NamedTuple):
    """A link that was mailed and is whole. ``asked``: the job that did; ``joining``: what who asks to join said, sealed with it."""

    persons: list[str]
    asked: str
    joining: bytes | None


async def whose_link(conn: asyncpg.Connection, ws: str, token: str, now: int) -> Link | None:
    """Return whom a link would sign in, one of them; None: it was used, has expired or never was."""
    row = await conn.fetchrow(_SQL["look"], ws, _hash(token), now)
    return row and Link(msgspec.json.decode(row["persons"], type=list[str]), row["asked"], row["joining"])


async def take_link(conn: asyncpg.Connection, ws: str, token: str, person: str, now: int) -> bool:
    """Use a link up for one of those whom it names."""
    return await conn.fetchval(_SQL["take"], ws, _hash(token), now, person) is not None


async def was_used(conn: asyncpg.Connection, ws: str, jti: str) -> bool:
    """Return whether a token of the company's own was used."""
    return bool(await conn.fetchval(_SQL["used"], ws, _hash(jti)))


async def use_token(conn: asyncpg.Connection, ws: str, jti: str, until: int, now: int) -> bool:
    """Use a token of the company's own up; it is remembered until it is over. False: it was."""
    return await conn.fetchval(_SQL["use"], ws, _hash(jti), until, now) is not None


async def open_session(conn: asyncpg.Connection, ws: str, person: str, way: Way, now: int) -> str | None:
    """Return the token of a new session; None: there is no such person, or they were erased."""
    token = secrets.token_urlsafe(32)
    opened = await conn.fetchval(_SQL["open"], ws, _hash(token), person, way, now, now + SESSION_LASTS)
    return token if opened is not None else None


async def whose_session(conn: asyncpg.Connection, ws: str, token: str, now: int) -> str | None:
    """Return whose a session is; None: it is over, or never was."""
    found: str | None = await conn.fetchval(_SQL["find"], ws, _hash(token), now)
    return found


async def end_session(conn: asyncpg.Connection, ws: str, token: str) -> None:
    """Let a session be over."""
    await conn.execute(_SQL["end"], ws, _hash(token))


async def paid(conn: asyncpg.Connection, ws: str, persons: Sequence[str]) -> list[Paid]:
    """Return what the payouts of somebody, who has these ids, come to."""
    rows = await conn.fetch(_SQL["payouts"], ws, persons)
    return [Paid(row["unit"], row["status"], row["count"], int(row["amount"]), row["last"]) for row in rows]


async def owed(conn: asyncpg.Connection, ws: str, persons: Sequence[str], now: int) -> list[Owed]:
    """Return what of their open rewards is owed. ``now``: of the workspace's clock."""
    rows = await conn.fetch(_SQL["open_rewards"], ws, persons, now)
    return [Owed(**{**row, "amount": int(row["amount"])}) for row in rows]


async def orders(conn: asyncpg.Connection, ws: str, friends: Collection[str], most: int) -> dict[str, list[str]]:
    """Return the newest orders of each of these friends."""
    found: dict[str, list[str]] = {}
    for row in await conn.fetch(_SQL["orders"], ws, sorted(friends), most):
        found.setdefault(row["friend"], []).append(row["id"])
    return found


async def newest(
    conn: asyncpg.Connection,
    ws: str,
    noun: Literal["rewards", "payouts"],
    persons: Sequence[str],
    before: str,
    limit: int,
) -> list[str]:
    """Return the ids of somebody's rewards or payouts before one of them, the newest first."""
    return [row["id"] for row in await conn.fetch(_SQL[f"newest_{noun}"], ws, limit, before, persons)]


def _hash(token: str) -> bytes:
    """Return what is kept of a token. A plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return sha256(token.encode()).digest()
