"""The ledger as transactions, made once, for whichever journal they are written in. Must not know: how a journal is written, SQL.

The ledger's own sign is the way that an amount goes: expense, accrued, payable, clearing, settled. Bookkeepers write a
debit as positive, so a transaction negates it: a reward is a cost, accrued, payable and clearing are debts (negative),
settled is cash that has left (a negative asset), receivable is what beneficiaries owe (a positive asset), between is what one
program owes another, which the other has (they sum to zero), opening is what was a cost in another system (equity).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from typing import Final, Protocol

import asyncpg
from msgspec import Struct

from goodword.core import calendar
from goodword.core import entry as log_entry
from goodword.core.ledger import Posting
from goodword.store import pages

_PIECE = 1_000
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


class Transaction(Struct, frozen=True):
    """One posting. ``amount`` minor units of ``unit`` are debited to ``debit`` and credited to ``credit``.

    ``date``: the UTC day on which it was booked, ``2026-03-31``; ``tags``: what stands beside it, of TAGS.
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


async def journal(pool: asyncpg.Pool, ws: str, writer: Writer) -> AsyncIterator[str]:
    """Yield the journal of a workspace in pieces: a transaction a posting, dated by the instant its decision read as now.

    Every balance is the ledger's with the other sign: the module says why.
    """
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        known = await pages.accounts(conn, ws)
        accounts = sorted({(row.account, row.program, row.owner) for row in known})
        yield writer.head(f"the ledger of workspace {ws}", accounts, sorted({row.unit for row in known}))
        entities = await pages.legal_entities(conn, ws)
        after = 0
        while rows := await pages.leaves(conn, ws, after, _PIECE):
            entries = [log_entry.read(leaf) for _, leaf in rows]
            earned = await months(conn, ws, (posting.reward for entry in entries for posting in entry.postings))
            yield "".join(
                writer.transaction(_transaction(entry, posting, earned, entities))
                for entry in entries
                for posting in entry.postings
            )
            after = rows[-1][0]


async def months(conn: asyncpg.Connection, ws: str, rewards: Iterable[str]) -> dict[str, str]:
    """Return the month in which each reward was earned, ``2026-03``: that of its conversion in the zone of its rules.

    A refund or a payout of a later month is booked there, and this tells to which month's sales it belongs.
    """
    earned = await pages.earned(conn, ws, set(rewards))
    return {reward: calendar.period(at, "month", zone) for reward, at, zone in earned}


def _transaction(
    entry: log_entry.Entry, posting: Posting, earned: dict[str, str], entities: dict[str, str]
) -> Transaction:
    """Return one posting as a transaction: its source is debited, its destination credited."""
    tags = {"event": entry.event.evt}
    if posting.reward in earned:
        tags["earned"] = earned[posting.reward]
    if posting.program in entities:
        tags["entity"] = entities[posting.program]
    return Transaction(
        date=calendar.utc_day(entry.as_of),
        position=entry.position,
        reward=posting.reward,
        debit=(posting.source, posting.program, posting.source_owner),
        credit=(posting.destination, posting.to_program, posting.destination_owner),
        amount=posting.amount,
        unit=posting.unit,
        tags=tags,
    )
