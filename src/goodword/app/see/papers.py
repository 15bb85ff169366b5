"""Papers for payees: the statement of a calendar year, and what a payout is made of, as PDF."""

from __future__ import annotations

from goodword.app import papers
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import taxes


@requires("payout.read")
async def statement(who: Principal, directory: Directory, person: str, year: str) -> bytes:
    """Return the statement of a payee and year as PDF. Raises InvalidError, UnknownError."""
    return papers.statement(await taxes.statement(who, directory, person, year))


@requires("payout.read")
async def remittance(who: Principal, directory: Directory, payout: str) -> bytes:
    """Return what a payee is told of a payout as PDF. Raises UnknownError."""
    return papers.remittance(await taxes.remittance(who, directory, payout))
