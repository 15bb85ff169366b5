"""The ledger: balances, postings, whether everything adds up, and its journals."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.follow.figures import FOLLOWER as FIGURES
from goodword.app.principal import Principal, requires
from goodword.app.proof import beancount, hledger, journal, ledger
from goodword.app.proof.journal import Writer
from goodword.app.see import filters
from goodword.app.see.paging import Page
from goodword.core import ledger as core_ledger
from goodword.core.ids import PREFIXES
from goodword.core.ledger import ACCOUNTS, REPAID
from goodword.core.state import Balance
from goodword.outbound.rails import REGISTRY
from goodword.sources.split import is_id
from goodword.store import figures, followers, log, pages
from goodword.store.pages import PostingRow

#: The programs for which a journal can be written -> how each reads it.
JOURNALS: dict[str, Writer] = {"hledger": hledger, "ledger": ledger, "beancount": beancount}

#: A posting, as lists show it.
Moved = PostingRow

_NO_CURSOR = "`after` is no cursor of this list."
_DIGITS = 30  # of two integers and a dot
#: Postings that are looked at for a page of an account, and rewards of a beneficiary.
_LOOKED_AT, _REWARDS = 2_000, 500
#: Rewards that a check looks at, of which so many at a time; differences that it names.
MOST_CHECKED, _PIECE, MOST_DIFFERENCES = 200_000, 1_000, 100


class TrialBalance(Struct, frozen=True):
    """``lines``: (unit, class of account, sum). ``balanced``: those of each unit add up to zero."""

    balanced: bool
    lines: list[tuple[str, str, int]]


class Accounts(Struct, frozen=True):
    """What each class of account of each program holds: (program's slug, class, unit, sum); each unit adds up to zero.

    ``sums``: what each unit adds up to. ``as_of_position``: the entry up to which that is so, ``position``: the log's last.
    """

    lines: list[tuple[str, str, str, int]]
    sums: dict[str, int]
    as_of_position: int
    position: int


class Checked(Struct, frozen=True):
    """The ledger held against the rewards. ``sums``: what each unit of all accounts adds up to.

    ``rewards``: how many were looked at. ``differences``: (program, account, owner, unit, what stands there, what the
    rewards say); None: there are more rewards than a page looks at, and ``goodword verify`` does.
    """

    sums: dict[str, int]
    rewards: int
    differences: list[tuple[str, str, str, str, int, int]] | None


@requires("ledger.read")
async def accounts(who: Principal, directory: Directory) -> Accounts:
    """Return what the classes of accounts hold, of the figures, so that it costs the same however much history there is."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        lines = await figures.accounts_by_program(conn, ws)
        slugs = {it.id: it.slug for it in await pages.programs(conn, ws)}
        followed, end = await followers.position(conn, ws, FIGURES.name), (await log.stream(conn, ws)).position
    sums: dict[str, int] = {}
    for _, _, unit, amount in lines:
        sums[unit] = sums.get(unit, 0) + amount
    named = [(slugs.get(program, program), account, unit, amount) for program, account, unit, amount in lines if amount]
    return Accounts(sorted(named, key=lambda it: (it[0], ACCOUNTS.index(it[1]), it[2])), sums, followed, end)


@requires("ledger.read")
async def of_account(
    who: Principal, directory: Directory, key: Sequence[str], *, before: str = "", limit: int = 50
) -> Page[PostingRow]:
    """Return postings of an account (program, class, owner, unit), the newest first. Raises InvalidError and UnknownError.

    Of a beneficiary's those of their newest rewards; else so many postings of the ledger are looked at, so that a page may have few,
    and ``after`` says where to go on.
    """
    program, account, owner, unit = key
    filters.choice("account", account, ACCOUNTS)
    async with directory.reading() as conn:
        found = await filters.programs(conn, who, program)
        place = _before(before)
        of = owner if is_id(owner, PREFIXES["person"]) else None
        most = _REWARDS if of is not None else _LOOKED_AT
        rows = await pages.postings_before(conn, who.workspace.id, place, most, of=of)
    ends = (found[0] if found else "", account, owner, unit)
    mine = [row for row in rows if ends in _ends(row)]
    last = mine[limit - 1] if len(mine) >= limit else rows[-1] if of is None and len(rows) == most else None
    return Page(mine[:limit], f"{last.position}.{last.n}" if last is not None else None)


def _ends(row: PostingRow) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (row.program, row.source, row.source_owner, row.unit),
        (row.to_program, row.destination, row.destination_owner, row.unit),
    )


def _before(text: str) -> tuple[int, int]:
    if not text:
        return pages.LATEST, 0
    position, dot, n = text.partition(".")
    if not dot or not position.isdecimal() or not n.isdecimal() or len(text) > _DIGITS:
        raise InvalidError(_NO_CURSOR)
    return int(position), int(n)


@requires("ledger.read")
async def check(who: Principal, directory: Directory) -> Checked:
    """Hold the accounts of what is owed against the rewards, one by one, and add up all accounts: this reads them all."""
    ws, looked_at, after = who.workspace.id, 0, ""
    expected: Counter[tuple[str, str, str, str]] = Counter()
    async with directory.snapshot() as conn:
        sums: dict[str, int] = {}
        for unit, _, amount in await pages.trial_balance(conn, ws):
            sums[unit] = sums.get(unit, 0) + amount
        while rewards := await pages.rewards(conn, ws, after=after, limit=_PIECE):
            looked_at, after = looked_at + len(rewards), rewards[-1].id
            if looked_at > MOST_CHECKED:
                return Checked(sums, looked_at, None)
            for key, amount in core_ledger.expected(rewards).items():
                expected[key] += amount
            await asyncio.sleep(0)
        rows = await pages.accounts(conn, ws)
    stands = {
        (row.program, row.account, row.owner, row.unit): row.amount
        for row in rows
        if row.account in ("accrued", "payable", "receivable")
    }
    wrong = [
        (*key, stands.get(key, 0), expected.get(key, 0))
        for key in sorted({*stands, *expected})
        if stands.get(key, 0) != expected.get(key, 0)
    ]
    return Checked(sums, looked_at, wrong[:MOST_DIFFERENCES])


@requires("ledger.read")
async def balances(
    who: Principal,
    directory: Directory,
    *,
    program: str | None = None,
    owner: str | None = None,
    account: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Balance]:
    """Return accounts that do not stand at zero. ``program``: an id or slug.

    An owner is a beneficiary, a rail, ``repaid`` or nobody (empty).

    Raises InvalidError, and UnknownError for an owner that there is not.
    """
    behind = after.split("/") if after else ["", "", "", ""]
    filters.choice("account", account, ACCOUNTS)
    if len(behind) != 4:  # noqa: PLR2004 - the parts of an account's key
        raise InvalidError(_NO_CURSOR)
    async with directory.reading() as conn:
        if owner and owner not in REGISTRY and owner != REPAID:
            owner = await filters.person(conn, who, owner)
        found = await filters.programs(conn, who, program)
        of = {"program": found[0] if program is not None and found else None, "owner": owner, "account": account}
        rows = await pages.balances(conn, who.workspace.id, **of, after=behind, limit=limit)
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
