"""The ledger: balances, postings, whether everything adds up, and its journals."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.proof import beancount, hledger, journal, ledger
from goodword.app.proof.journal import Writer
from goodword.app.see import filters
from goodword.app.see.paging import Page
from goodword.core.ledger import ACCOUNTS, REPAID
from goodword.core.state import Balance
from goodword.outbound.rails import REGISTRY
from goodword.store import pages
from goodword.store.pages import PostingRow

#: The programs for which a journal can be written -> how each reads it.
JOURNALS: dict[str, Writer] = {"hledger": hledger, "ledger": ledger, "beancount": beancount}

_NO_CURSOR = "`after` is no cursor of this list."


class TrialBalance(Struct, frozen=True):
    """``lines``: (unit, class of account, sum). ``balanced``: those of each unit add up to zero."""

    balanced: bool
    lines: list[tuple[str, str, int]]


@requires("ledger.read")
async def balances(
    who: Principal,
    directory: Directory,
    *,
    owner: str | None = None,
    account: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Balance]:
    """Return accounts that do not stand at zero. An owner is a beneficiary, a rail, ``repaid`` or nobody (empty).

    Raises InvalidError, and UnknownError for an owner that there is not.
    """
    behind = after.split("/") if after else ["", "", "", ""]
    filters.choice("account", account, ACCOUNTS)
    if len(behind) != 4:  # noqa: PLR2004 - the parts of an account's key
        raise InvalidError(_NO_CURSOR)
    async with directory.reading() as conn:
        if owner and owner not in REGISTRY and owner != REPAID:
            owner = await filters.person(conn, who, owner)
        rows = await pages.balances(conn, who.workspace.id, owner=owner, account=account, after=behind, limit=limit)
    return Page(rows, "/".join(rows[-1].key) if len(rows) == limit else None)


@requires("ledger.read")
async def postings(who: Principal, directory: Directory, *, after: str = "0.0", limit: int = 50) -> Page[PostingRow]:
    """Return postings in order of the log, each with the month in which its reward was earned. Raises InvalidError."""
    position, dot, n = after.partition(".")
    if not dot or not position.isdecimal() or not n.isdecimal() or len(after) > 30:  # noqa: PLR2004 - two integers
        raise InvalidError(_NO_CURSOR)
    async with directory.reading() as conn:
        rows = await pages.postings(conn, who.workspace.id, (int(position), int(n)), limit)
        months = await journal.months(conn, who.workspace.id, (row.reward for row in rows))
    rows = [row._replace(earned=months.get(row.reward)) for row in rows]
    return Page(rows, f"{rows[-1].position}.{rows[-1].n}" if len(rows) == limit else None)


@requires("ledger.read")
async def trial_balance(who: Principal, directory: Directory) -> TrialBalance:
    """Return the sum of every class of account."""
    async with directory.reading() as conn:
        lines = await pages.trial_balance(conn, who.workspace.id)
    sums: dict[str, int] = {}
    for unit, _, amount in lines:
        sums[unit] = sums.get(unit, 0) + amount
    return TrialBalance(not any(sums.values()), lines)


@requires("ledger.read")
def written(who: Principal, directory: Directory, program: str) -> AsyncIterator[str]:
    """Return the journal of the workspace in pieces, as a program of JOURNALS reads it."""
    return journal.journal(directory.readers or directory.pool, who.workspace.id, JOURNALS[program])
