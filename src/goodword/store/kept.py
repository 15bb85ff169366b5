"""What sources delivered, kept for some days: sealed under a key of its day, which is itself sealed under one of the workspace.

A day's key is thrown away with what came on it. Rows and keys are in no backup (``dump``). Must not know: what a body says.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import msgspec

from goodword.core import calendar
from goodword.store.sql_files import statements
from goodword.store.vault import new_key, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("kept")
#: Days that anything may be kept.
MOST_DAYS = 14
#: Bytes of a source that are kept, and how much of them is left when there were more.
MOST_BYTES, _LEFT = 512 << 20, 0.9
_ROW = 200  # bytes of a row besides what is sealed
_UNPACKED = 8 << 20  # more than any body has


class Delivery(NamedTuple):
    """What came. ``at``: an instant of the real clock; ``sender``: the name that its events stand under.

    ``header``: what the one header said that its source reads beside the body.
    """

    id: str
    at: int
    sender: str
    method: str
    path: str
    body: bytes
    header: str = ""


class _Packed(msgspec.Struct, array_like=True):
    """What is sealed of a delivery."""

    method: str
    path: str
    body: bytes
    header: str = ""


class Keeping(NamedTuple):
    """What is kept of a source. ``dropped``: what was let go because there was too much; ``first``: when the oldest came."""

    days: int
    bytes: int
    dropped: int
    resend: str | None
    deliveries: int
    first: int | None


async def set_days(conn: asyncpg.Connection, ws: str, source: str, days: int) -> None:
    """Keep what a source delivers for so many days; 0: nothing of it, and what was kept is forgotten."""
    await conn.execute(_SQL["set_days"], ws, source, days)
    if not days:
        await conn.execute(_SQL["forget"], ws, source)
        await conn.execute(_SQL["empty"], ws, source)


async def keeping(conn: asyncpg.Connection, ws: str, source: str) -> Keeping:
    """Return what is kept of a source."""
    row = await conn.fetchrow(_SQL["keeping"], ws, source)
    return Keeping(*row) if row else Keeping(0, 0, 0, None, 0, None)


async def add(conn: asyncpg.Connection, ws: Workspace, source: str, deliveries: Sequence[Delivery]) -> None:
    """Keep deliveries, in the caller's transaction; nothing where the workspace keeps none of that source any more."""
    packed = [(it, _packed(it)) for it in deliveries]
    size = sum(len(it) + _ROW for _, it in packed)
    held = await conn.fetchval(_SQL["more"], ws.id, source, size)
    if held is None:
        return
    keys = {day: await _key_of(conn, ws, day) for day in sorted({day_of(it.at) for it in deliveries})}
    rows = [
        (it.id, it.at, it.sender, len(body) + _ROW, seal(keys[day_of(it.at)], body, _identity(ws.id, source, it.id)))
        for it, body in packed
    ]
    await conn.execute(_SQL["add"], ws.id, source, *map(list, zip(*rows, strict=True)))
    if held > MOST_BYTES:
        await conn.execute(_SQL["trim"], ws.id, source, int(MOST_BYTES * _LEFT))


async def behind(
    conn: asyncpg.Connection, ws: Workspace, source: str, after: str, to: str, since: int, limit: int
) -> list[Delivery]:
    """Return some that came behind one and up to another, not before an instant, in their order."""
    return await _opened(conn, ws, source, await conn.fetch(_SQL["behind"], ws.id, source, after, to, since, limit))


async def newest(
    conn: asyncpg.Connection, ws: Workspace, source: str, before: str, since: int, limit: int
) -> list[Delivery]:
    """Return the newest before one, not before an instant, the newest first."""
    return await _opened(conn, ws, source, await conn.fetch(_SQL["before"], ws.id, source, before, since, limit))


async def is_there(conn: asyncpg.Connection, ws: str, source: str, id_: str) -> bool:
    """Return whether a delivery is still kept: with the erasure of a person it is not."""
    return bool(await conn.fetchval(_SQL["is_there"], ws, source, id_))


async def span(conn: asyncpg.Connection, ws: str, source: str, since: int) -> tuple[int, str]:
    """Return how many came since an instant, and the id of the last."""
    row = await conn.fetchrow(_SQL["span"], ws, source, since)
    return row["count"], row["last"]


async def forget(conn: asyncpg.Connection, ws: str) -> None:
    """Throw away all that is kept of a workspace with its keys, such as when a person is erased: any of it may name them."""
    await conn.execute(_SQL["lock"], ws)
    await conn.execute(_SQL["forget"], ws, "")
    await conn.execute(_SQL["empty"], ws, "")
    await conn.execute(_SQL["forget_keys"], ws)


async def set_resend(conn: asyncpg.Connection, ws: str, source: str, state: bytes) -> None:
    """Write down how far it was sent again."""
    await conn.execute(_SQL["resend"], ws, source, state.decode())


async def expire(conn: asyncpg.Connection, now: int) -> None:
    """Throw away what was kept for its days, in all workspaces, and the keys of those days."""
    workspaces = set()
    for row in await conn.fetch(_SQL["every"]):
        async with conn.transaction():
            await conn.execute(_SQL["lock"], row["workspace_id"])
            await conn.execute(_SQL["expire"], row["workspace_id"], row["source"], now - row["days"] * calendar.DAY)
            await conn.execute(_SQL["counted"], row["workspace_id"], row["source"])
        workspaces.add(row["workspace_id"])
    for ws in sorted(workspaces):
        await conn.execute(_SQL["expire_keys"], ws, day_of(now))


def day_of(at: int) -> int:
    """Return the day of an instant: days since 1970-01-01 in UTC."""
    return at // calendar.DAY


async def _key_of(conn: asyncpg.Connection, ws: Workspace, day: int) -> bytes:
    """Return the key of a day, a new one where there is none; it stays at least as long as the transaction."""
    sealed = await conn.fetchval(_SQL["key"], ws.id, day)
    if sealed is None:
        await conn.execute(_SQL["add_key"], ws.id, day, seal(ws.keys.note, new_key(), _key_identity(ws.id, day)))
        sealed = await conn.fetchval(_SQL["key"], ws.id, day)
    return unseal(ws.keys.note, sealed, _key_identity(ws.id, day))


async def _opened(
    conn: asyncpg.Connection, ws: Workspace, source: str, rows: Sequence[asyncpg.Record]
) -> list[Delivery]:
    """Open rows. What was erased meanwhile has no key any more, and is passed over."""
    found: list[Delivery] = []
    keys: dict[int, bytes | None] = {}
    for row in rows:
        id_, at, day = row["id"], row["at"], day_of(row["at"])
        if day not in keys:
            key = await conn.fetchval(_SQL["opening_key"], ws.id, day)
            keys[day] = None if key is None else unseal(ws.keys.note, key, _key_identity(ws.id, day))
        if (opening := keys[day]) is not None:
            body = zlib.decompressobj().decompress(
                unseal(opening, row["sealed"], _identity(ws.id, source, id_)), _UNPACKED
            )
            it = msgspec.msgpack.decode(body, type=_Packed)
            found.append(Delivery(id_, at, row["sender"], it.method, it.path, it.body, it.header))
    return found


def _packed(it: Delivery) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(_Packed(it.method, it.path, it.body, it.header)), 1)


def _identity(ws: str, source: str, id_: str) -> bytes:
    return row_identity("kept_delivery", ws, source, id_)


def _key_identity(ws: str, day: int) -> bytes:
    return row_identity("kept_key", ws, str(day))
