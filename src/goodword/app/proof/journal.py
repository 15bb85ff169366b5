"""The ledger as transactions, made once, for whichever journal they are written in. Must not know: how a journal is written, SQL.

The ledger's own sign is the way that an amount goes: expense, accrued, payable, clearing, settled. Bookkeepers write a
debit as positive, so a transaction negates it: a reward is a cost, accrued, payable and clearing are debts (negative),
settled is cash that has left (a negative asset), receivable is what beneficiaries owe (a positive asset), between is what one
program owes another, which the other has (they sum to zero), opening is what was a cost in another system (equity).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Protocol

import asyncpg
from msgspec import Struct

from goodword.core import calendar
from goodword.store import books, pages

#: class of account -> what it is to a bookkeeper
TYPES: Final = {
    "expense": "expense",
    "accrued": "liability",
    "payable": "liability",
    "clearing": "liability",
    "credit": "liability",
    "settled": "asset",
    "receivable": "asset",
    "between": "asset",
    "opening": "equity",
}
#: What may stand beside a transaction: the event that was decided, the month in which its reward was earned, the legal entity.
TAGS: Final = ("event", "earned", "entity")
#: Class of account, program, owner (empty: nobody).
Account = tuple[str, str, str]


class Transaction(Struct, frozen=True, gc=False):
    """One posting. ``amount`` minor units of ``unit`` are debited to ``debit`` and credited to ``credit``.

    ``date``: the day on which it was booked, ``2026-03-31``, of UTC unless another zone was asked for; ``tags``: what stands
    beside it, of TAGS.
    """

    date: str
    position: int
    reward: str
    debit: Account
    credit: Account
    amount: int
    unit: str
    tags: dict[str, str]


class Writer(Protocol):
    """A way to write a journal; a module is one."""

    def head(self, title: str, accounts: Collection[Account], units: Collection[str]) -> str:
        """Return what stands first: the accounts and the units that follow, each declared."""

    def transaction(self, of: Transaction) -> str:
        """Return a transaction."""

    def opening(self, date: str, unit: str, lines: Sequence[tuple[Account, int]]) -> str:
        """Return what accounts held as a day began, as a transaction of a unit; a debit is positive, all add up to nought."""


async def journal(pool: asyncpg.Pool, ws: str, writer: Writer) -> AsyncIterator[str]:
    """Yield the journal of a workspace in pieces: a transaction a posting, dated by the instant its decision read as now.

    Every balance is the ledger's with the other sign: the module says why.
    """
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        await books.prepare(conn)
        known = await pages.accounts(conn, ws)
        accounts = sorted({(row.account, row.program, row.owner) for row in known})
        yield writer.head(f"the ledger of workspace {ws}", accounts, sorted({row.unit for row in known}))
        make = maker(await pages.legal_entities(conn, ws), await books.zones(conn, ws))
        async for piece in books.postings(conn, ws, 0, pages.LATEST):
            yield "".join([writer.transaction(make(row)) for row in piece])


async def months(conn: asyncpg.Connection, ws: str, rewards: Iterable[str]) -> dict[str, str]:
    """Return the month in which each reward was earned, ``2026-03``: that of its conversion in the zone of its rules.

    A refund or a payout of a later month is booked there, and this tells to which month's sales it belongs.
    """
    earned = await pages.earned(conn, ws, set(rewards))
    return {reward: calendar.period(at, "month", zone) for reward, at, zone in earned}


def maker(
    entities: Mapping[str, str], zones: Mapping[str, str], zone: str | None = None
) -> Callable[[books.Booked], Transaction]:
    """Return what makes a transaction of a posting: its source is debited, its destination credited.

    ``zone``: whose days and months are told; None: days of UTC, and months in the zone of the rules that a reward stands under.
    """

    def make(row: books.Booked) -> Transaction:
        program, earned_at = row.program, row.earned_at
        tags = {"event": row.event}
        if earned_at is not None:
            tags["earned"] = month(earned_at, zone or zones.get(row.rules or "", "UTC"))
        if program in entities:
            tags["entity"] = entities[program]
        debit, credit = (
            (row.source, program, row.source_owner),
            (row.destination, row.to_program, row.destination_owner),
        )
        date = calendar.day(books.instant(row.head), zone or "UTC")
        return Transaction(date, row.position, row.reward, debit, credit, row.amount, row.unit, tags)

    @lru_cache(maxsize=4096)
    def month(at: int, zone: str) -> str:
        return calendar.period(at, "month", zone)

    return make
