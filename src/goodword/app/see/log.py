"""The log: entries, the newest signed head, proofs, exports, and its verification."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Operator, Principal, requires
from goodword.app.proof import audit, export
from goodword.app.proof.checking import Check
from goodword.app.see.paging import Page
from goodword.core import entry as log_entry
from goodword.core.entry import Entry
from goodword.core.merkle import leaf_hash
from goodword.store import log, pages
from goodword.store.log import Head

_PIECE = 1_000


class Proof(Struct, frozen=True):
    """An RFC 6962 proof for the log of a size; ``leaf``: the hash of the entry whose inclusion it shows."""

    size: int
    parts: list[bytes]
    leaf: bytes | None = None


@requires("log.read")
async def page(who: Principal, directory: Directory, *, after: int = 0, limit: int = 50) -> Page[Entry]:
    """Return entries behind a position, in order."""
    async with directory.reading() as conn:
        leaves = await pages.leaves(conn, who.workspace.id, after, limit)
    items = [log_entry.read(leaf) for _, leaf in leaves]
    return Page(items, str(leaves[-1][0]) if len(leaves) == limit else None)


@requires("log.read")
async def head(who: Principal, directory: Directory) -> Head:
    """Return the newest signed head. Raises UnknownError as long as there is none."""
    async with directory.reading() as conn:
        newest = await log.last_head(conn, who.workspace.id)
    if newest is None:
        raise UnknownError("signed head yet")
    return newest


@requires("log.read")
async def inclusion(who: Principal, directory: Directory, position: int, size: int) -> Proof:
    """Return the proof that an entry is in the log of a size. Raises InvalidError."""
    ws = who.workspace.id
    async with directory.reading() as conn:
        await _within(conn, ws, size)
        try:
            proof = await log.inclusion(conn, ws, position, size)
        except ValueError as error:
            raise InvalidError(str(error)) from None
        leaves = await pages.leaves(conn, ws, position - 1, 1)
    return Proof(size, proof, leaf_hash(leaves[0][1]))


@requires("log.read")
async def proof(who: Principal, directory: Directory, position: int) -> Proof | None:
    """Return the proof that an entry is in the log of the newest signed head; None: none is signed that has it."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        newest = await log.last_head(conn, ws)
        if newest is None or newest.size < position:
            return None
        parts = await log.inclusion(conn, ws, position, newest.size)
        [(_, leaf)] = await pages.leaves(conn, ws, position - 1, 1)
    return Proof(newest.size, parts, leaf_hash(leaf))


@requires("log.read")
async def consistency(who: Principal, directory: Directory, old: int, new: int) -> Proof:
    """Return the proof that the log of a smaller size is the beginning of the larger one. Raises InvalidError."""
    async with directory.reading() as conn:
        await _within(conn, who.workspace.id, new)
        try:
            return Proof(new, await log.consistency(conn, who.workspace.id, old, new))
        except ValueError as error:
            raise InvalidError(str(error)) from None


@requires("log.read")
async def history(who: Principal, directory: Directory) -> list[Entry]:
    """Return every entry of the log, in order. For a replay: all in memory."""
    async with directory.snapshot() as conn:
        end = await log.stream(conn, who.workspace.id)
        entries: list[Entry] = []
        while len(entries) < end.position:
            entries += await log.read(conn, who.workspace.id, len(entries) + 1, len(entries) + _PIECE)
    return entries


@requires("log.read")
def lines(who: Principal, directory: Directory) -> AsyncIterator[bytes]:
    """Return the lines of an export that verifies by itself, each with its line feed."""
    return export.export_log(directory.readers or directory.pool, who.workspace.id)


class Certificate(Struct, frozen=True):
    """All by which somebody else can see that an entry is in the log. ``entry``: its bytes as text, whose hash is ``leaf``.

    The root of ``size`` entries, which ``signature`` signs with ``as_of``, follows from ``leaf`` and ``proof`` (RFC 6962).
    """

    workspace: str
    position: int
    entry: str
    leaf: str
    proof: list[str]
    size: int
    root: str
    as_of: int
    signature: str
    public: str


@requires("log.read")
async def certificate(who: Principal, directory: Directory, position: int) -> Certificate:
    """Return the certificate of an entry under the newest signed head. Raises UnknownError where none is signed that has it."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        newest = await log.last_head(conn, ws)
        if newest is None or not 0 < position <= newest.size:
            raise UnknownError("signed head that has this entry yet")
        parts = await log.inclusion(conn, ws, position, newest.size)
        [(_, leaf)] = await pages.leaves(conn, ws, position - 1, 1)
    hashes = [part.hex() for part in parts]
    return Certificate(
        ws,
        position,
        leaf.decode(),
        leaf_hash(leaf).hex(),
        hashes,
        newest.size,
        newest.root.hex(),
        newest.as_of,
        newest.signature.hex(),
        newest.public,
    )


@requires("log.read")
async def verification(who: Principal, directory: Directory) -> Check | None:
    """Return the verification that runs in this process, or ran last; None: none did since it began."""
    return directory.checks.of(who.workspace.id)


@requires("installation.manage")
async def verify(who: Operator, directory: Directory, ws: str, trusted: Head | None = None) -> audit.Report:
    """Recompute everything from the log of a workspace and report each difference.

    ``trusted``: a head that was kept elsewhere. Raises LookupError for a workspace that does not exist.
    """
    del who
    pool = directory.readers or directory.pool
    return await audit.verify(pool, ws, trusted, safe=directory.vault, erased=directory.erased(ws))


async def _within(conn: asyncpg.Connection, ws: str, size: int) -> None:
    position = (await log.stream(conn, ws)).position
    if size > position:
        raise InvalidError(f"The log has {position} entries.")
