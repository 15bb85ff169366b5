"""Mails to members: what each wants, the digest of a day and urgent ones, each written once and begun once, and causes that were told.

Days are ISO, of whoever looks; times are instants of the real clock. Must not know: what a mail says, who is to have one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, Literal, NamedTuple

import asyncpg

from goodword.store.sql_files import statements

#: off: none; digest: one a day; urgent: at once too.
Wants = Literal["off", "digest", "urgent"]
#: What somebody gets who has said nothing.
USUAL: Final[Wants] = "urgent"

_SQL = statements("staff_mail")


class Mail(NamedTuple):
    """One mail: the ``number``-th of its kind that a member is written on a day."""

    member: str
    kind: Literal["digest", "urgent"]
    day: str
    number: int = 1

    @property
    def id(self) -> str:
        """The id of the job that sends it."""
        return f"staff_mail:{self.kind}:{self.member}:{self.day}:{self.number}"


async def seen(conn: asyncpg.Connection, ws: str, day: str) -> set[str]:
    """Return the members of whose digest of a day it is settled whether there is one."""
    return {row["member"] for row in await conn.fetch(_SQL["seen"], ws, day)}


async def write(conn: asyncpg.Connection, ws: str, mail: Mail, now: int) -> bool:
    """Note a mail in the transaction that enqueues it; False: somebody has before."""
    return await conn.fetchval(_SQL["write"], ws, *mail, now) is not None


async def urgent_of(conn: asyncpg.Connection, ws: str, member: str, day: str) -> int:
    """Return how many urgent mails a member was written on a day."""
    return int(await conn.fetchval(_SQL["urgent"], ws, member, day))


async def begin(conn: asyncpg.Connection, ws: str, mail: Mail, now: int) -> bool:
    """Note that the server is given its text from now on; False: it was before, and may have arrived."""
    return await conn.fetchval(_SQL["begin"], ws, *mail, now) is not None


async def begun(conn: asyncpg.Connection, ws: str, mail: Mail) -> bool:
    """Return whether it may have arrived."""
    return bool(await conn.fetchval(_SQL["begun"], ws, *mail))


async def refused(conn: asyncpg.Connection, ws: str, mail: Mail) -> None:
    """Note that the server did not take it: it may be sent again."""
    await conn.execute(_SQL["refused"], ws, *mail)


async def told(conn: asyncpg.Connection, ws: str) -> dict[str, set[str]]:
    """Return the causes of which members were told, as long as they last."""
    found: dict[str, set[str]] = {}
    for row in await conn.fetch(_SQL["told"], ws):
        found.setdefault(row["member"], set()).add(row["cause"])
    return found


async def tell(conn: asyncpg.Connection, ws: str, member: str, causes: Sequence[str], now: int) -> set[str]:
    """Note that a member is told of these; return those of which they were not told before."""
    return {row["cause"] for row in await conn.fetch(_SQL["tell"], ws, member, list(causes), now)}


async def over(conn: asyncpg.Connection, ws: str, member: str, causes: Collection[str]) -> None:
    """Forget causes that are over: should one come again, it is told again."""
    await conn.execute(_SQL["over"], ws, member, list(causes))


async def forget(conn: asyncpg.Connection, ws: str, before: str) -> None:
    """Forget the mails of days before one."""
    await conn.execute(_SQL["forget"], ws, before)


async def wishes(conn: asyncpg.Connection, ws: str) -> dict[str, Wants]:
    """Return what members want who have said it."""
    return {row["member"]: row["wants"] for row in await conn.fetch(_SQL["wishes"], ws)}


async def wish(conn: asyncpg.Connection, ws: str, member: str, wants: Wants, now: int) -> None:
    """Keep what a member wants from now on."""
    await conn.execute(_SQL["wish"], ws, member, wants, now)
