"""Rewards, cases and approvals: what waits for people, and what they say."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goodword.api import bodies, fields, models
from goodword.api.answers import done, shown
from goodword.api.auth import House, IdempotencyKey, key_of, needs
from goodword.api.errors import not_found
from goodword.api.paging import After, Limit, page
from goodword.app.directory import Principal
from goodword.app.say import reviews
from goodword.core.events import Item
from goodword.core.state import Reward
from goodword.store import entities, pages

router = APIRouter()

Ids = Annotated[list[fields.Id], Query(min_length=1, max_length=1000)]


@router.get("/v1/rewards", operation_id="list_rewards", tags=["rewards"])
async def list_rewards(
    house: House,
    status: str | None = None,
    beneficiary: str | None = None,
    conversion: str | None = None,
    payout: str | None = None,
    after: After = "",
    limit: Limit = 50,
    who: Principal = needs("read"),
) -> models.Page[models.Reward]:
    """Rewards; ``status=in_review`` is the queue."""
    async with house.pool.acquire() as conn:
        found = await pages.rewards(
            conn,
            who.workspace.id,
            status=status,
            beneficiary=beneficiary,
            conversion=conversion,
            payout=payout,
            after=after,
            limit=limit,
        )
    return page([models.Reward(**shown(one)) for one in found], limit)


@router.get("/v1/rewards/{reward}", operation_id="get_reward", tags=["rewards"])
async def get_reward(
    reward: Annotated[fields.Id, Path()], house: House, who: Principal = needs("read")
) -> models.Reward:
    """One reward."""
    async with house.pool.acquire() as conn:
        found = await entities.load(conn, who.workspace.id, Reward, [reward])
    if not found:
        raise not_found("reward")
    return models.Reward(**shown(found[0]))


@router.post("/v1/rewards/rejections", operation_id="reject_rewards", tags=["rewards"])
async def reject_rewards(
    body: bodies.ReasonedList, house: House, key: IdempotencyKey, who: Principal = needs("reward.reject")
) -> models.Decision:
    """Say that these rewards are not owed, with a reason."""
    return done(await reviews.reject(house, who, items_of(body.items), body.reason, body.note, key_of(who, key)))


@router.get("/v1/approvals", operation_id="list_to_approve", tags=["approvals"])
async def list_to_approve(id: Ids, house: House, who: Principal = needs("read")) -> bodies.FrozenList:  # noqa: A002
    """The frozen list of these rewards as they are now, with its digest: send it back to approve."""
    try:
        items, digest = await reviews.to_approve(house, who.workspace.id, id)
    except LookupError as error:
        raise not_found(f"reward {error}") from None
    return frozen(items, digest)


@router.post("/v1/approvals", operation_id="approve_rewards", tags=["approvals"])
async def approve_rewards(
    body: bodies.FrozenList, house: House, key: IdempotencyKey, who: Principal = needs("reward.approve")
) -> models.Decision:
    """Say that these rewards are owed: all as the list says, or none. Above a limit a second member must send the same list."""
    return done(await reviews.approve(house, who, items_of(body.items), body.list_sha256, key_of(who, key)))


@router.post("/v1/approvals/withdrawals", operation_id="withdraw_approvals", tags=["approvals"])
async def withdraw_approvals(
    body: bodies.ReasonedList, house: House, key: IdempotencyKey, who: Principal = needs("reward.withdraw")
) -> models.Decision:
    """Take approvals back before the release."""
    return done(await reviews.withdraw(house, who, items_of(body.items), body.reason, body.note, key_of(who, key)))


@router.get("/v1/cases", operation_id="list_cases", tags=["cases"])
async def list_cases(
    house: House, status: str | None = None, after: After = "", limit: Limit = 50, who: Principal = needs("read")
) -> models.Page[models.Case]:
    """Cases: what flags opened."""
    async with house.pool.acquire() as conn:
        found = await pages.cases(conn, who.workspace.id, status=status, after=after, limit=limit)
    return page([models.Case(**shown(one)) for one in found], limit)


@router.post("/v1/cases/{case}/decision", operation_id="decide_case", tags=["cases"])
async def decide_case(
    case: Annotated[fields.Id, Path()],
    body: bodies.CaseAnswer,
    house: House,
    key: IdempotencyKey,
    who: Principal = needs("case.decide"),
) -> models.Decision:
    """Close a case: cleared lets its rewards go on, confirmed rejects them."""
    return done(await reviews.decide_case(house, who, case, body.outcome, body.reason, body.note, key_of(who, key)))


def items_of(items: list[bodies.Item]) -> tuple[Item, ...]:
    """The core's items."""
    return tuple(Item(**item.model_dump()) for item in items)


def frozen(items: tuple[Item, ...], digest: str) -> bodies.FrozenList:
    """A list to be sent back."""
    return bodies.FrozenList(items=[bodies.Item(**shown(item)) for item in items], list_sha256=digest)
