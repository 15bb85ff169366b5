"""What the books of a span of time are made of: sums of postings and orders by period, and postings, in order, by a cursor.

A position of the log is where a period begins, so that the time at which something was booked needs no column of its own.
Must not know: what a period is, how books are shown.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import asyncpg

from goodword.core.books import Moved, Open, Revenue
from goodword.store.sql_files import statements

_SQL = statements("books")
_PIECE = 4_000  # postings, of half a kilobyte each
_REFERRALS = 2_000
#: What sums and sorts may take in memory before they go to disk; the default would have a million rewards sorted in many small pieces.
_WORK_MEM = "48MB"
#: Seconds that a sum over a history may take, where another statement is given up sooner.
_PATIENCE = 900
#: All instants that an event can have.
EVER = (-(2**53), 2**53)


class Booked(NamedTuple):
    """A posting with its event, and when its reward was earned under which rules. ``head``: how its entry begins (``instant``)."""

    position: int
    n: int
    program: str
    source: str
    source_owner: str
    to_program: str
    destination: str
    destination_owner: str
    unit: str
    amount: int
    reward: str
    event: str
    head: bytes
    earned_at: int | None
    rules: str | None


class ReferralRow(NamedTuple):
    """What a referral came to in a unit; without one, by ``origin``: ``order``, what a correction is, or ``opening``."""

    program: str
    referral: str
    origin: str
    unit: str
    first_at: int | None
    orders: int
    revenue: int
    returned: int
    cost_advocate: int
    cost_friend: int
    taken_back: int
    status: str | None
    lead_at: int | None
    touch: str | None
    typed: bool | None
    friend: str | None
    advocate: str | None
    lead: str | None


class Touched(NamedTuple):
    """The code of a touch, and the entry of the click, where somebody sent it."""

    code: str
    leaf: bytes | None


async def prepare(conn: asyncpg.Connection) -> None:
    """Let the statements of this transaction take as long and as much memory as sums over a history do."""
    await conn.execute(f"set local work_mem = '{_WORK_MEM}'")
    await conn.execute("set local idle_in_transaction_session_timeout = 0")
    await conn.execute("set local jit = off")  # it compiles for longer than it saves
    await conn.execute(
        "set local enable_sort = off"
    )  # it takes a workspace for small, and would sort all rows to add them up


async def by_index(conn: asyncpg.Connection) -> None:
    """Let what belongs to few rows be looked up row by row, and not all of it be read."""
    await conn.execute("set local enable_hashjoin = off")
    await conn.execute("set local enable_mergejoin = off")


async def as_of(conn: asyncpg.Connection, ws: str, position: int) -> int:
    """Return the instant that the decision at a position read as now. Raises LookupError where there is none."""
    head = await conn.fetchval(_SQL["as_of"], ws, position)
    if head is None:
        raise LookupError(f"the log has no entry {position}")
    return instant(head)


def instant(head: bytes) -> int:
    """Return the instant with which a leaf begins: its keys are in order, and no other is before this one."""
    name, _, rest = head.partition(b":")
    if name != b'{"as_of"':
        raise ValueError(f"a leaf begins with {head[:12]!r}")
    return int(rest.partition(b",")[0])


async def moved(
    conn: asyncpg.Connection, ws: str, after: int, until: int, booked: Sequence[int], earned: Sequence[int]
) -> list[Moved]:
    """Return what was posted behind a position, by the periods that begin at these positions and at these instants."""
    rows = await conn.fetch(_SQL["moved"], ws, after, until, booked, earned, timeout=_PATIENCE)
    return [Moved(**{**row, "amount": int(row["amount"])}) for row in rows]


async def standing(
    conn: asyncpg.Connection, ws: str, until: int, accounts: Sequence[str], booked: Sequence[int]
) -> list[Open]:
    """Return what stood in accounts at a position, by the period in which each reward came to stand there first."""
    rows = await conn.fetch(_SQL["open"], ws, until, accounts, booked, timeout=_PATIENCE)
    return [Open(**{**row, "amount": int(row["amount"])}) for row in rows]


async def revenue(
    conn: asyncpg.Connection, ws: str, instants: Sequence[int], decided: Sequence[int] | None
) -> list[Revenue]:
    """Return orders by program, period and currency: of when they occurred, or, with positions of periods, were decided."""
    behind, until = (decided[0] - 1, decided[-1] - 1) if decided else (0, 0)
    occurred = EVER if decided else (instants[0], instants[-1])
    rows = await conn.fetch(
        _SQL["revenue"], ws, instants, behind, until, list(decided or ()), *occurred, timeout=_PATIENCE
    )
    return [Revenue(**{**row, "amount": int(row["amount"]), "returned": int(row["returned"])}) for row in rows]


async def billed(conn: asyncpg.Connection, ws: str, begin: int, end: int) -> dict[str, tuple[int, int]]:
    """Return what was billed and given back by currency, of the orders that occurred in a span."""
    return {
        row["unit"]: (int(row[1]), int(row[2]))
        for row in await conn.fetch(_SQL["billed"], ws, begin, end, timeout=_PATIENCE)
    }


async def zones(conn: asyncpg.Connection, ws: str) -> dict[str, str]:
    """Return the time zone of each version of the rules, by its hash."""
    return {row["hash"]: row["zone"] for row in await conn.fetch(_SQL["zones"], ws)}


async def how_many(conn: asyncpg.Connection, ws: str, after: int, until: int, most: int) -> int:
    """Return how many postings a span of the log has, counted up to ``most``."""
    return int(await conn.fetchval(_SQL["how_many"], ws, after, until, most))


async def postings(
    conn: asyncpg.Connection, ws: str, after: int, until: int, program: str | None = None
) -> AsyncIterator[list[Booked]]:
    """Yield the postings of a span of the log in order; the next ones are fetched while a piece is worked on.

    So nothing else is asked of the connection until its end.
    """
    cursor = await conn.cursor(_SQL["postings"], ws, after, until, program)
    piece = await cursor.fetch(_PIECE, timeout=_PATIENCE)
    while piece:
        following = asyncio.ensure_future(cursor.fetch(_PIECE, timeout=_PATIENCE))
        try:
            await asyncio.sleep(0)  # so that it is asked for before the piece is worked on
            yield list(map(Booked._make, piece))
            piece = await following
        finally:
            if not following.done():  # who reads has had enough
                await asyncio.wait([following])


async def referrals(
    conn: asyncpg.Connection,
    ws: str,
    occurred: tuple[int, int],
    booked: tuple[int, int],
    decided: tuple[int, int],
    program: str | None,
) -> AsyncIterator[list[ReferralRow]]:
    """Yield what each referral came to; see the statement."""
    spans = (*occurred, *booked, *decided)
    cursor = await conn.cursor(_SQL["referrals"], ws, *spans, program)
    while piece := await cursor.fetch(_REFERRALS, timeout=_PATIENCE):
        yield [ReferralRow(*row[:6], *map(int, row[6:11]), *row[11:]) for row in map(tuple, piece)]


async def touches(conn: asyncpg.Connection, ws: str, ids: Sequence[str]) -> dict[str, Touched]:
    """Return touches by id."""
    return {row["id"]: Touched(row["code"], row["leaf"]) for row in await conn.fetch(_SQL["touches"], ws, ids)}


async def leads(conn: asyncpg.Connection, ws: str, events: Sequence[str]) -> dict[str, bytes]:
    """Return the entries by which friends were bound, by their event."""
    return {row["evt"]: row["leaf"] for row in await conn.fetch(_SQL["leads"], ws, events)}
