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
#: What becomes of what is open when a person is erased: it is paid first, or they give it up.
Money = Literal["pay", "give_up"]


class Paid(NamedTuple):
    """What payouts of a unit in a state come to. ``last``: when the last of them was drafted."""

    unit: str
    status: str
    number: int
    amount: int
    last: int


class NotDue(NamedTuple):
    """What of a unit, by a version of rules, is approved and not due. ``first``: when the first of it is."""

    unit: str
    rules: str
    amount: int
    first: int


def blinded(ws: Workspace, mail: str) -> bytes:
    """Return by what a canonical mail is found, which tells nobody the mail."""
    return blind(ws.keys.index, "mail", mail)


def sealed(ws: Workspace, asked: str, said: bytes) -> bytes:
    """Return what somebody said who asks to join as the job and the link that is mailed keep it."""
    return seal(ws.keys.note, said, row_identity("portal_link", ws.id, asked))


def opened(ws: Workspace, asked: str, kept: bytes) -> bytes:
    """Return it. Raises UnsealError."""
    return unseal(ws.keys.note, kept, row_identity("portal_link", ws.id, asked))


async def holders(conn: asyncpg.Connection, ws: str, mail: bytes) -> list[str]:
    """Return whose a mail ever was, as a trusted source says, by its blind index; those known longest first."""
    return [row["person"] for row in await conn.fetch(_SQL["holders"], ws, mail, MOST)]


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


async def forget_joining(conn: asyncpg.Connection, ws: str, job: str) -> None:
    """Let a job forget what somebody said who asked to join."""
    await conn.execute(_SQL["forget_joining"], ws, job)


async def expire(conn: asyncpg.Connection, now: int) -> None:
    """Throw away links that are over, of all workspaces, with what somebody said who asked to join and never did."""
    await conn.execute(_SQL["expire"], now)


async def whose_session(conn: asyncpg.Connection, ws: str, token: str, now: int) -> str | None:
    """Return whose a session is; None: it is over, or never was."""
    found: str | None = await conn.fetchval(_SQL["find"], ws, _hash(token), now)
    return found


async def end_session(conn: asyncpg.Connection, ws: str, token: str) -> None:
    """Let a session be over."""
    await conn.execute(_SQL["end"], ws, _hash(token))


async def opened_at(conn: asyncpg.Connection, ws: str, token: str, now: int) -> int | None:
    """Return when a session was opened; None: it is over, or never was."""
    found: int | None = await conn.fetchval(_SQL["opened"], ws, _hash(token), now)
    return found


class Session(NamedTuple):
    """A session of somebody's. ``way``: by what they came; ``until``: when it is over by itself."""

    way: str
    opened_at: int
    until: int


async def sessions(conn: asyncpg.Connection, ws: str, persons: Sequence[str]) -> list[Session]:
    """Return the sessions of somebody, who has these ids, the oldest first; of those that ended nothing is kept."""
    return [Session(*row) for row in await conn.fetch(_SQL["sessions"], ws, list(persons))]


class Merging(NamedTuple):
    """``person`` asks that an account of ``persons`` go on as theirs. ``asked``: by which job; ``gone``: what was confirmed.

    ``money``: they ask to be erased, and what becomes of what is open. ``mailbox``: the blind index of the mail that the link went to.
    """

    person: str
    asked: str
    persons: list[str]
    gone: str | None
    money: Money | None
    mailbox: bytes | None


async def ask_merge(
    conn: asyncpg.Connection, ws: str, person: str, asked: str, now: int, money: Money | None = None
) -> None:
    """Note that somebody asks for it, or with ``money`` to be erased; what they asked before ends with that."""
    await conn.execute(_SQL["ask_merge"], ws, person, asked, now, now + LINK_LASTS, money)


async def merge_begun(conn: asyncpg.Connection, ws: str, asked: str) -> bool:
    """Return whether the mail of it may have arrived, or nobody asks for it any more."""
    return bool(await conn.fetchval(_SQL["merge_begun"], ws, asked))


async def link_merge(
    conn: asyncpg.Connection, ws: str, asked: str, token: str, persons: Collection[str], now: int, mailbox: bytes
) -> bool:
    """Keep a link before its mail is handed over; False: it was before, or nobody asks for it any more. ``mailbox``: blind index."""
    json = msgspec.json.encode(sorted(persons)).decode()
    return await conn.fetchval(_SQL["link_merge"], ws, asked, _hash(token), json, now + LINK_LASTS, mailbox) is not None


async def unlink_merge(conn: asyncpg.Connection, ws: str, asked: str) -> None:
    """Note that the server did not take its mail."""
    await conn.execute(_SQL["unlink_merge"], ws, asked)


async def whose_merge(conn: asyncpg.Connection, ws: str, token: str, now: int) -> Merging | None:
    """Return who asks by a link, and for what; None: it was used, taken back, has expired or never was."""
    row = await conn.fetchrow(_SQL["look_merge"], ws, _hash(token), now)
    if row is None:
        return None
    persons = msgspec.json.decode(row["persons"], type=list[str])
    return Merging(row["person"], row["asked"], persons, row["gone"], row["money"], row["mailbox"])


async def confirm_merge(conn: asyncpg.Connection, ws: str, token: str, gone: str, now: int) -> str | None:
    """Confirm one of the accounts that a link names; return the one that was, by whoever was first. None: it opens nothing."""
    row = await conn.fetchrow(_SQL["confirm_merge"], ws, _hash(token), now, gone)
    return row and str(row["gone"])


async def end_merge(conn: asyncpg.Connection, ws: str, asked: str) -> None:
    """Forget what is recorded."""
    await conn.execute(_SQL["end_merge"], ws, asked)


async def cancel_merge(conn: asyncpg.Connection, ws: str, person: str) -> None:
    """Forget what somebody asks, unless it was confirmed."""
    await conn.execute(_SQL["cancel_merge"], ws, person)


async def asked_merge(conn: asyncpg.Connection, ws: str, person: str, now: int, *, erasing: bool = False) -> int | None:
    """Return until when what somebody asks can be confirmed; None: they ask for nothing. ``erasing``: to be erased."""
    found: int | None = await conn.fetchval(_SQL["asked_merge"], ws, person, now, erasing)
    return found


async def paid(conn: asyncpg.Connection, ws: str, persons: Sequence[str]) -> list[Paid]:
    """Return what the payouts of somebody, who has these ids, come to."""
    rows = await conn.fetch(_SQL["payouts"], ws, persons)
    return [Paid(row["unit"], row["status"], row["count"], int(row["amount"]), row["last"]) for row in rows]


async def not_due(
    conn: asyncpg.Connection, ws: str, persons: Sequence[str], units: Sequence[str], now: int
) -> list[NotDue]:
    """Return what they are owed in these units that is approved and not due. ``now``: of the workspace's clock."""
    rows = await conn.fetch(_SQL["not_due"], ws, persons, units, now) if units else []
    return [NotDue(**{**row, "amount": int(row["amount"])}) for row in rows]


async def open_rewards(
    conn: asyncpg.Connection, ws: str, persons: Sequence[str], now: int, most: int
) -> dict[str | None, int]:
    """Return how many of their rewards that are not settled, of so many at most, are in which line of a balance; None: in none."""
    rows = await conn.fetch(_SQL["open_rewards"], ws, persons, now, most)
    return {row["line"]: row["number"] for row in rows}


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
