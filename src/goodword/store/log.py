"""The log of a workspace: its lock, its entries under their tree, what follows from each, signed heads and proofs.

Positions count from 1; entry ``position`` is leaf ``position - 1`` of the tree.
Must not know: what an entry decides.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import asyncpg
from msgspec.structs import astuple

from goodword.core import entry as log_entry
from goodword.core import merkle, standing
from goodword.core.entry import Entry
from goodword.core.events import ApprovalGiven, PayoutReleased
from goodword.core.ledger import Posting
from goodword.core.merkle import TILE, Frontier, Tiles, leaf_hash
from goodword.store import vault
from goodword.store.sql_files import statements

_SQL = statements("log")
_LOG = ("workspace_id", "position", "evt", "leaf")
_POSTING = ("workspace_id", "position", "n", *Posting.__struct_fields__)


class Stream(NamedTuple):
    """The end of a log. ``clock``: real, manual or events; ``manual_now``: what a manual one shows.

    ``next_due``: when the earliest timer is due, None if there is none.
    """

    position: int
    as_of: int
    manual_now: int | None
    frontier: Frontier
    clock: str
    next_due: int | None = None

    def now(self, real: int) -> int:
        """Return what the workspace's clock shows when the real one shows ``real``; instants in microseconds."""
        if self.clock == "manual" and self.manual_now is not None:
            return self.manual_now
        return self.as_of if self.clock == "events" else real


class End(NamedTuple):
    """Where a log ends now, and the leaf hashes that fill no tile, None if they were not looked at.

    ``next_due`` of the stream is that of before: only the database knows the next one.
    """

    stream: Stream
    loose: list[bytes] | None


class Head(NamedTuple):
    """A signed head."""

    size: int
    root: bytes
    as_of: int
    signature: bytes
    public: str


async def lock(conn: asyncpg.Connection, ws: str, *, wait: bool) -> Stream | None:
    """Take the workspace's lock until the end of the transaction; None if another one has it and this must not wait.

    Raises LookupError for a workspace that does not exist, if it waits.
    """
    row = await conn.fetchrow(_SQL["lock" if wait else "try_lock"], ws)
    if row is None and wait:
        raise LookupError(f"there is no workspace {ws}")
    return _stream(row) if row else None


async def stream(conn: asyncpg.Connection, ws: str) -> Stream:
    """Return the end of the log as it was committed last. Raises LookupError for a workspace that does not exist."""
    row = await conn.fetchrow(_SQL["stream"], ws)
    if row is None:
        raise LookupError(f"there is no workspace {ws}")
    return _stream(row)


def _stream(row: asyncpg.Record) -> Stream:
    frontier = Frontier.decode(row["frontier"]) if row["frontier"] else Frontier()
    return Stream(row["position"], row["as_of"], row["manual_now"], frontier, row["clock"], row["next_due"])


async def append(
    conn: asyncpg.Connection,
    ws: str,
    before: Stream,
    entries: Sequence[Entry],
    leaves: Sequence[bytes],
    manual_now: int | None,
    loose: Sequence[bytes] | None,
) -> End:
    """Add entries behind ``before``, with their postings and approvals, and move the end of the log. Under the lock.

    ``loose``: the leaf hashes of ``before`` that fill no tile, if they are known. Timers are written before: the end of the log
    tells when the next one is due.
    """
    if entries:
        rows = [(ws, entry.position, entry.event.evt, leaf) for entry, leaf in zip(entries, leaves, strict=True)]
        await conn.copy_records_to_table("log", columns=_LOG, records=rows)
        moved = [(ws, *row) for entry in entries for row in postings(entry)]
        if moved:
            await conn.copy_records_to_table("posting", columns=_POSTING, records=moved)
        await _add(conn, ws, "add_approvals", [row for entry in entries for row in approvals(entry)])
    hashes = [leaf_hash(leaf) for leaf in leaves]
    loose = await _add_tiles(conn, ws, before.frontier, loose, hashes)
    frontier = Frontier(before.frontier.size, list(before.frontier.subtrees))
    for value in hashes:
        frontier.append(value)
    as_of = entries[-1].as_of if entries else before.as_of
    await conn.execute(_SQL["advance"], ws, frontier.size, as_of, manual_now, frontier.encode())
    stream = before._replace(position=frontier.size, as_of=as_of, manual_now=manual_now, frontier=frontier)
    return End(stream, loose)


async def _add(conn: asyncpg.Connection, ws: str, name: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        await conn.execute(_SQL[name], ws, *zip(*rows, strict=True))


def postings(entry: Entry) -> list[tuple[object, ...]]:
    """Return the rows of an entry's postings: position, n, then the posting's fields."""
    return [(entry.position, n, *astuple(posting)) for n, posting in enumerate(entry.postings)]


def approvals(entry: Entry) -> list[tuple[object, ...]]:
    """Return the rows of what a person approved or released by this entry, or a standing approval; a refused list approved nothing."""
    event, actor = entry.event, entry.facts.actor
    covered = filter(standing.approves, entry.verdicts)
    stood = [(said, said.steps[0].values) for said in covered]
    if stood:
        return [
            (entry.position, 2 * n + more, kind, subject, it["standing"], said.amount, said.unit, to, it[listed])
            for n, (said, it) in enumerate(stood)
            for more, kind, subject, to, listed in (
                (0, "approve", said.subject, None, "list"),
                (1, "release", it["payout"], said.beneficiary, "released"),
            )
        ]
    if actor is None or not isinstance(event, ApprovalGiven | PayoutReleased):
        return []
    if entry.refused:
        return []
    kind = "approve" if isinstance(event, ApprovalGiven) else "release"
    return [
        (entry.position, n, kind, i.id, actor.id, i.amount, i.unit, i.destination, event.list_sha256)
        for n, i in enumerate(event.items)
    ]


async def _add_tiles(
    conn: asyncpg.Connection, ws: str, before: Frontier, loose: Sequence[bytes] | None, hashes: Sequence[bytes]
) -> list[bytes] | None:
    """Keep the tiles that these leaves, which follow others, make full; returns what is loose then, if that is known."""
    size, over = before.size, before.over_tiles()
    first = size // TILE
    full = (size + len(hashes)) // TILE
    if full == first:
        return None if loose is None else [*loose, *hashes]
    if loose is None:
        loose = [leaf_hash(row["leaf"]) for row in await conn.fetch(_SQL["leaves"], ws, first * TILE + 1, size)]
    loose = [*loose, *hashes]
    tiles = [b"".join(loose[at * TILE : (at + 1) * TILE]) for at in range(full - first)]
    await conn.execute(
        _SQL["add_tiles"],
        ws,
        list(range(first, full)),
        [merkle.ends(over, merkle.tile_root(tile)) for tile in tiles],
        tiles,
    )
    return loose[(full - first) * TILE :]


async def read(conn: asyncpg.Connection, ws: str, first: int, last: int) -> list[Entry]:
    """Return the entries of a range of positions, both included."""
    return [log_entry.read(row["leaf"]) for row in await conn.fetch(_SQL["leaves"], ws, first, last)]


async def matching(
    conn: asyncpg.Connection, ws: str, first: int, before: int, parts: Sequence[bytes], limit: int
) -> list[Entry]:
    """Return the newest entries from ``first`` on and before ``before`` whose bytes hold all of ``parts``, the newest first."""
    rows = await conn.fetch(_SQL["matching"], ws, first, before, parts, limit)
    return [log_entry.read(row["leaf"]) for row in rows]


async def at(conn: asyncpg.Connection, ws: str, position: int) -> Entry | None:
    """Return the entry at a position."""
    leaf = await conn.fetchval(_SQL["leaf_at"], ws, position)
    return log_entry.read(leaf) if leaf else None


async def at_each(conn: asyncpg.Connection, ws: str, positions: Collection[int]) -> list[Entry]:
    """Return the entries at these positions, in no order."""
    if not positions:
        return []
    return [log_entry.read(row["leaf"]) for row in await conn.fetch(_SQL["leaves_at"], ws, sorted(positions))]


async def of(conn: asyncpg.Connection, ws: str, evt: str) -> Entry | None:
    """Return the entry of an event, once it is decided."""
    leaf = await conn.fetchval(_SQL["leaf_of"], ws, evt)
    return log_entry.read(leaf) if leaf else None


async def of_each(conn: asyncpg.Connection, ws: str, evts: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of these events by event, of those that are decided."""
    rows = await conn.fetch(_SQL["leaves_of"], ws, sorted(set(evts)))
    return {row["evt"]: log_entry.read(row["leaf"]) for row in rows}


async def inclusion(conn: asyncpg.Connection, ws: str, position: int, size: int) -> list[bytes]:
    """Prove that the entry at ``position`` is in the tree of ``size`` entries. Raises ValueError if it cannot be."""
    if not 0 < position <= size:
        raise ValueError(f"position {position} is not in a log of {size}")
    return await _proof(conn, ws, merkle.inclusion_ranges(position - 1, size))


async def consistency(conn: asyncpg.Connection, ws: str, old: int, new: int) -> list[bytes]:
    """Prove that the log of ``old`` entries is the beginning of that of ``new``. Raises ValueError if it cannot be."""
    return await _proof(conn, ws, merkle.consistency_ranges(old, new))


async def _proof(conn: asyncpg.Connection, ws: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    needed = merkle.needed(ranges)
    ends: dict[int, bytes] = {}
    while left := needed.ends - ends.keys():
        ends |= {row["tile"]: row["ends"] for row in await conn.fetch(_SQL["ends"], ws, sorted(left))}
        if left - ends.keys():
            raise LookupError(f"the log of {ws} lacks tile {min(left - ends.keys())}: see goodword verify")
        for tile in left:
            needed.ends.update(merkle.lacking(tile, ends[tile]))
    blocks = {row["tile"]: row["hashes"] for row in await conn.fetch(_SQL["tiles"], ws, sorted(needed.blocks))}
    for block in needed.blocks - blocks.keys():
        rows = await conn.fetch(_SQL["leaves"], ws, block * TILE + 1, (block + 1) * TILE)
        blocks[block] = b"".join(leaf_hash(row["leaf"]) for row in rows)
    return merkle.proof(ranges, Tiles(ends, blocks))


async def sign(conn: asyncpg.Connection, ws: str, signing_key: bytes) -> Head:
    """Sign and keep the head of the log as it was committed last."""
    now = await stream(conn, ws)
    root = now.frontier.root()
    signature = vault.sign(signing_key, merkle.head_bytes(ws, now.position, root, now.as_of))
    head = Head(now.position, root, now.as_of, signature, vault.public_key(signing_key))
    await conn.execute(_SQL["add_head"], ws, *head)
    return head


async def last_head(conn: asyncpg.Connection, ws: str) -> Head | None:
    """Return the newest signed head."""
    row = await conn.fetchrow(_SQL["last_head"], ws)
    return Head(*row) if row else None
