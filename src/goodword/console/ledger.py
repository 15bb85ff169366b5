"""The ledger: what its accounts hold, one account with what moved, and the check against the rewards."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.errors import UnknownError
from goodword.app.see.ledger import Accounts, Checked, Moved
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core.ledger import ACCOUNTS
from goodword.core.state import Balance

_KEY = ("program", "account", "owner", "unit")


class Ledger(Struct, frozen=True):
    """What classes of accounts hold. ``units``: in the order of the columns; ``rows``: (program, class, unit -> sum)."""

    accounts: Accounts
    units: list[str]
    rows: list[tuple[str, str, dict[str, int]]]
    may_audit: bool


class Owners(Struct, frozen=True):
    """Accounts of a class, by owner. ``programs``: id -> slug; ``names``: of owners who are persons, for who may see them."""

    balances: list[Balance]
    after: str | None
    filters: dict[str, str | None]
    programs: dict[str, str]
    names: dict[str, str]
    classes: list[str]


class Account(Struct, frozen=True):
    """An account with what moved, the newest first. ``filters``: its key; ``older``: the cursor; ``names``: of owners."""

    postings: list[Moved]
    older: str | None
    filters: dict[str, str | None]
    programs: dict[str, str]
    names: dict[str, str]


async def whole(visit: Visit) -> Ledger:
    """Return what the accounts hold."""
    accounts = await visit.read(see.ledger.accounts)
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for program, account, unit, amount in accounts.lines:
        rows.setdefault((program, account), {})[unit] = amount
    columns = sorted(accounts.sums)
    return Ledger(accounts, columns, [(*key, units) for key, units in rows.items()], visit.may(see.audits.page))


async def owners(visit: Visit) -> Owners:
    """Return accounts by owner."""
    filters = visit.filters("program", "account", "owner", "after")
    asked = {name: value for name, value in filters.items() if value is not None}
    page = await visit.read(see.ledger.balances, **asked, limit=LIMIT)
    names = await visit.glance(see.people.names, {it.owner for it in page.items}) or {}
    return Owners(list(page.items), page.after, filters, await _slugs(visit), names, list(ACCOUNTS))


async def account(visit: Visit) -> Account:
    """Return one account, by its key in the address."""
    filters = visit.filters(*_KEY, "before")
    key = [filters[name] or "" for name in _KEY]
    if not all((key[0], key[1], key[3])):
        raise UnknownError("account")  # it is named by program, class and unit, and its owner if it has one
    page = await visit.read(see.ledger.of_account, key, before=filters["before"] or "", limit=LIMIT)
    owners = {key[2], *(end for it in page.items for end in (it.source_owner, it.destination_owner))}
    names = await visit.glance(see.people.names, owners) or {}
    return Account(list(page.items), page.after, filters, await _slugs(visit), names)


async def check(visit: Visit) -> Checked:
    """Return the ledger held against the rewards."""
    return await visit.read(see.ledger.check)


async def _slugs(visit: Visit) -> dict[str, str]:
    return {program.id: program.slug for program in await visit.glance(see.programs.every) or []}


READS = (
    Read("/ledger", "/ledger", see.ledger.accounts, "ledger/list.html", whole),
    Read("/ledger/accounts", "/ledger", see.ledger.balances, "ledger/accounts.html", owners),
    Read("/ledger/account", "/ledger", see.ledger.of_account, "ledger/account.html", account),
    Read("/ledger/check", "/ledger", see.ledger.check, "ledger/check.html", check),
)
