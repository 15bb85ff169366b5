"""The log as a file that anybody can verify without the database: a header with the signed heads, then every entry.

One line each; an entry's line is its leaf, byte for byte as hashed. Nothing in it is personal.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.proof.audit import Check, Report
from goodword.core import entry as log_entry
from goodword.store import audit, workspaces
from goodword.store.audit import LogRow
from goodword.store.log import Head

KIND = "goodword.log.1"


class Header(Struct, frozen=True):
    """The first line. ``public``: the key of the heads, to be compared with the one you know.

    A head is a list: size, root, as_of, signature, public key; bytes as base64.
    """

    kind: str
    workspace: str
    public: str | None
    heads: tuple[Head, ...]


class NoExportError(ValueError):
    """The file does not begin as an export of a log does."""


async def export_log(pool: asyncpg.Pool, ws: str) -> AsyncIterator[bytes]:
    """Yield the lines of an export, each with its line feed, as the log is at one moment."""
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute("set local idle_in_transaction_session_timeout = 0")
        heads = tuple(await audit.heads(conn, ws))
        yield msgspec.json.encode(Header(KIND, ws, await workspaces.public_key(conn, ws), heads)) + b"\n"
        async for row in audit.rows(conn, ws):
            yield row.leaf + b"\n"


def verify_export(lines: Iterable[bytes], trusted: Head | None = None) -> Report:
    """Verify an export: tree, heads, every decision anew, the invariants of the state. Raises NoExportError.

    ``trusted``: a head that was kept elsewhere; see ``audit.verify``.
    """
    rest = iter(lines)
    try:
        header = msgspec.json.decode(next(rest, b""), type=Header)
    except msgspec.DecodeError as error:
        raise NoExportError(f"this is no export of a log: {error}") from error
    if header.kind != KIND:
        raise NoExportError(f"this is no export of a log: its kind is {header.kind!r}")
    check = Check(None, {head.size for head in (*header.heads, *filter(None, [trusted]))})
    for position, line in enumerate(rest, 1):
        leaf = line.rstrip(b"\n")
        check.row(LogRow(position, _evt(leaf), leaf))
    for head in header.heads:
        check.head(header.workspace, head, header.public)
    if trusted is not None:
        check.trusted(header.workspace, trusted, header.public, header.heads)
    check.invariants()
    root = check.frontier.root().hex()
    heads = len(header.heads)
    return Report(header.workspace, check.frontier.size, root, heads, False, tuple(check.differences))


def _evt(leaf: bytes) -> str:
    try:
        return log_entry.read(leaf).event.evt
    except msgspec.DecodeError:
        return ""
