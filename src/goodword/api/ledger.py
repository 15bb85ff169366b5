"""The ledger: balances, postings, and whether everything adds up."""

from __future__ import annotations

from fastapi import APIRouter

from goodword.api import models
from goodword.api.answers import shown
from goodword.api.auth import DIRECTORY, needs
from goodword.api.paging import After, Limit, page
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal

router = APIRouter(tags=["ledger"])


@router.get("/v1/ledger/balances", operation_id="list_balances")
async def list_balances(
    owner: str | None = None,
    account: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.ledger.balances),
) -> models.Page[models.Balance]:
    """Accounts that do not stand at zero. An owner is a beneficiary, a rail, or nobody."""
    balances = await see.ledger.balances(who, directory, owner=owner, account=account, after=after, limit=limit)
    return page(balances, lambda balance: models.Balance(**shown(balance)))


@router.get("/v1/ledger/postings", operation_id="list_postings")
async def list_postings(
    after: After = "0.0",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.ledger.postings),
) -> models.Page[models.Posting]:
    """Postings in order of the log."""
    postings = await see.ledger.postings(who, directory, after=after, limit=limit)
    return page(postings, lambda posting: models.Posting(**posting._asdict()))


@router.get("/v1/ledger/trial-balance", operation_id="get_trial_balance")
async def get_trial_balance(
    directory: Directory = DIRECTORY, who: Principal = needs(see.ledger.trial_balance)
) -> models.TrialBalance:
    """The sum of every class of account; those of a unit must add up to zero."""
    trial_balance = await see.ledger.trial_balance(who, directory)
    lines = [
        models.TrialLine(unit=unit, account=account, amount=amount) for unit, account, amount in trial_balance.lines
    ]
    return models.TrialBalance(balanced=trial_balance.balanced, lines=lines)
