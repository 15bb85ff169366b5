"""The ledger as a journal of hledger: an oracle that anybody can install. Must not know: SQL, files.

The ledger's own sign is the way that an amount goes: expense, accrued, payable, clearing, settled. Bookkeepers write a
debit as positive, so the journal negates it: a reward is a cost, accrued, payable and clearing are debts (negative),
settled is cash that has left (a negative asset), receivable is what beneficiaries owe (a positive asset), opening is what was a
cost in another system (equity).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg

from goodword.core import calendar
from goodword.core import entry as log_entry
from goodword.core.ledger import ACCOUNTS, Posting
from goodword.core.money import CURRENCIES
from goodword.store import pages

_PIECE = 1_000
#: class of account -> what hledger takes it for
_TYPES = {
    "expense": "X",
    "accrued": "L",
    "payable": "L",
    "clearing": "L",
    "settled": "A",
    "receivable": "A",
    "opening": "E",
}


async def journal(pool: asyncpg.Pool, ws: str) -> AsyncIterator[str]:
    """Yield the journal of a workspace in pieces: a transaction a posting, dated by the instant its decision read as now.

    Every balance is the ledger's with the other sign: the module says why.
    """
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        known = await pages.accounts(conn, ws)
        yield _head(ws, {account(row.program, row.account, row.owner) for row in known}, {row.unit for row in known})
        after = 0
        while rows := await pages.leaves(conn, ws, after, _PIECE):
            entries = [log_entry.read(leaf) for _, leaf in rows]
            yield "".join(
                transaction(entry.as_of, entry.position, entry.event.evt, posting)
                for entry in entries
                for posting in entry.postings
            )
            after = rows[-1][0]


def transaction(at: int, position: int, evt: str, posting: Posting) -> str:
    """Return one posting as a transaction: its source is debited, its destination credited."""
    date = calendar.moment(at).date().isoformat()
    source = account(posting.program, posting.source, posting.source_owner)
    destination = account(posting.to_program, posting.destination, posting.destination_owner)
    return (
        f"{date} * ({position}) {posting.reward}  ; {evt}\n"
        f"    {source}  {amount(posting.amount, posting.unit)}\n"
        f"    {destination}  {amount(-posting.amount, posting.unit)}\n\n"
    )


def account(program: str, name: str, owner: str) -> str:
    """Return the account as hledger writes it: ``class:program:owner``."""
    return f"{name}:{program}:{owner}" if owner else f"{name}:{program}"


def amount(minor: int, unit: str) -> str:
    """Return an amount with the decimal places of its currency; points are whole."""
    places = _places(unit)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{sign}{text} {commodity(unit)}"


def commodity(unit: str) -> str:
    """Return a currency as it is; points quoted, since their name has digits."""
    return unit if unit.isalpha() else f'"{unit}"'


def _places(unit: str) -> int:
    return 0 if unit.startswith("points:") else CURRENCIES.get(unit, 2)


def _head(ws: str, accounts: set[str], units: set[str]) -> str:
    lines = [f"; the ledger of workspace {ws}", "decimal-mark ."]
    # Without a decimal mark hledger refuses the directive, also where no decimals follow it.
    lines += [f"commodity 1000.{'0' * _places(unit)} {commodity(unit)}" for unit in sorted(units)]
    for name in ACCOUNTS:
        lines.append(f"account {name}  ; type:{_TYPES[name]}")
    lines += [f"account {name}" for name in sorted(accounts)]
    return "\n".join(lines) + "\n\n"
