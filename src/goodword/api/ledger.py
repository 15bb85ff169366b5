"""The ledger: balances, postings, and whether everything adds up."""

from __future__ import annotations

from fastapi import APIRouter

from goodword.api import models
from goodword.api.answers import shown
from goodword.api.auth import House, needs
from goodword.api.errors import ProblemError
from goodword.api.paging import After, Limit, page
from goodword.app.directory import Principal
from goodword.store import pages

router = APIRouter(tags=["ledger"])


@router.get("/v1/ledger/balances", operation_id="list_balances")
async def list_balances(
    house: House,
    owner: str | None = None,
    account: str | None = None,
    after: After = "",
    limit: Limit = 50,
    who: Principal = needs("read"),
) -> models.Page[models.Balance]:
    """Accounts that do not stand at zero. An owner is a beneficiary, a rail, or nobody."""
    behind = after.split("/") if after else ["", "", "", ""]
    if len(behind) != 4:  # noqa: PLR2004 - the parts of an account's key
        raise ProblemError(422, "invalid_request", "`after` is no cursor of this list.")
    async with house.pool.acquire() as conn:
        found = await pages.balances(conn, who.workspace.id, owner=owner, account=account, after=behind, limit=limit)
    cursor = "/".join(found[-1].key) if found else None
    return page([models.Balance(**shown(one)) for one in found], limit, cursor)


@router.get("/v1/ledger/postings", operation_id="list_postings")
async def list_postings(
    house: House, after: After = "0.0", limit: Limit = 50, who: Principal = needs("read")
) -> models.Page[models.Posting]:
    """Postings in order of the log."""
    position, dot, n = after.partition(".")
    if not dot or not position.isdecimal() or not n.isdecimal() or len(after) > 30:  # noqa: PLR2004 - two integers
        raise ProblemError(422, "invalid_request", "`after` is no cursor of this list.")
    async with house.pool.acquire() as conn:
        found = await pages.postings(conn, who.workspace.id, (int(position), int(n)), limit)
    cursor = f"{found[-1].position}.{found[-1].n}" if found else None
    return page([models.Posting(**one._asdict()) for one in found], limit, cursor)


@router.get("/v1/ledger/trial-balance", operation_id="get_trial_balance")
async def get_trial_balance(house: House, who: Principal = needs("read")) -> models.TrialBalance:
    """The sum of every class of account; those of a unit must add up to zero."""
    async with house.pool.acquire() as conn:
        found = await pages.trial_balance(conn, who.workspace.id)
    sums: dict[str, int] = {}
    for unit, _, amount in found:
        sums[unit] = sums.get(unit, 0) + amount
    lines = [models.TrialLine(unit=unit, account=account, amount=amount) for unit, account, amount in found]
    return models.TrialBalance(balanced=not any(sums.values()), lines=lines)
