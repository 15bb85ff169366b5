"""Rewards and approvals: what waits for people, and what they say."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query

from goodword.api import bodies, fields, models
from goodword.api.answers import done, frozen, items_of, of_preview, shown, whole
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.conversions import Figures
from goodword.app.say.corrections import Corrected
from goodword.app.say.said import Why
from goodword.app.see.parties import Parties
from goodword.app.see.queue import Filter, Sort
from goodword.core import calendar, holds, ledger, offers
from goodword.core.events import Line
from goodword.core.routes import LIMITS
from goodword.core.state import Reward, Routed, Stood

router = APIRouter()

Ids = Annotated[list[fields.Id], Query(min_length=1, max_length=1000)]


@router.get("/v1/rewards", operation_id="list_rewards", tags=["rewards"])
async def list_rewards(
    status: str | None = None,
    program: str | None = None,
    beneficiary: str | None = None,
    conversion: str | None = None,
    payout: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.rewards.page),
) -> models.Page[models.Reward]:
    """Rewards; ``status=in_review`` is the queue."""
    filters = {
        "status": status,
        "program": program,
        "beneficiary": beneficiary,
        "conversion": conversion,
        "payout": payout,
    }
    rewards = await see.rewards.page(who, directory, **filters, after=after, limit=limit)
    return page(rewards, _reward)


@router.get("/v1/rewards/queue", operation_id="list_reward_queue", tags=["rewards"])
async def list_reward_queue(
    program: str | None = None,
    unit: str | None = None,
    payee: str | None = None,
    risk: Annotated[int | None, Query(ge=1, le=3)] = None,
    mine: bool = False,
    aside: bool = False,
    sort: str = "priority",
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.queue.page),
) -> models.Page[models.Queued]:
    """What is in review, in the order in which it asks for somebody: by priority, age, due, risk or amount.

    ``mine``: only what you could approve now; ``aside``: what was put aside, which is left out otherwise.
    """
    asked = Filter(program=program, unit=unit, payee=payee, risk=risk, mine=mine, aside=aside)
    found = await see.queue.page(who, directory, asked, sort=cast("Sort", sort), after=after, limit=limit)
    rows = [models.Queued(**whole(row) | {"about": _about(row.about)}) for row in found.items]
    return models.Page(items=rows, after=found.after)


@router.get("/v1/rewards/facts", operation_id="list_reward_facts", tags=["rewards"])
async def list_reward_facts(
    id: Ids,  # noqa: A002
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.parties.each),
) -> models.Page[models.About]:
    """What these rewards are for and whom they concern, by name, in the order in which they are asked for."""
    return models.Page(items=[_about(it) for it in await see.parties.each(who, directory, id)])


@router.get("/v1/rewards/{reward}/record", operation_id="get_reward_record", tags=["rewards"])
async def get_reward_record(
    reward: Annotated[fields.Id, Path()],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.records.get),
) -> models.RewardRecord:
    """All that a reward is decided by, what is recommended and why, and what you may do about it."""
    found = await see.records.get(who, directory, reward)
    return models.RewardRecord(**whole(found) | {"about": _about(found.about)})


@router.get("/v1/rewards/{reward}", operation_id="get_reward", tags=["rewards"])
async def get_reward(
    reward: Annotated[fields.Id, Path()],
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.rewards.get),
) -> models.Reward:
    """One reward."""
    return _reward(await see.rewards.get(who, directory, reward))


def _about(about: Parties) -> models.About:
    return models.About(**whole(about) | {"reward": _reward(about.reward)})


def _reward(reward: Reward) -> models.Reward:
    held = reward.agreement
    told = None if held is None else models.HeldAgreement(id=held.agreement, version=held.version, own_rate=held.own)
    more = {"receivable": reward.receivable, "awaits": holds.seconds(reward), "origin": ledger.origin(reward.on)}
    more["expected"] = offers.expected(reward)
    route = None if reward.route is None else models.RewardRoute(**_route(reward.route))
    return models.Reward(
        **shown(reward) | more | {"agreement": told, "route": route, "standing": _stood(reward.standing)}
    )


def _stood(it: Stood | None) -> models.RewardStanding | None:
    if it is None:
        return None
    at = None if it.at is None else calendar.text(it.at)
    return models.RewardStanding(standing=it.standing, waits=it.waits, amount=it.amount, at=at)


def _route(route: Routed) -> dict[str, Any]:
    names = ("table", "name", "role", "fallback", "days", "why", *LIMITS)
    return {name: getattr(route, name) for name in names}


@router.post("/v1/rewards/rejections", operation_id="reject_rewards", tags=["rewards"])
async def reject_rewards(
    body: bodies.Rejection,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.rewards.reject),
) -> models.Decision:
    """Say that these rewards are not owed, with a reason, which the beneficiaries are told unless it is withheld."""
    why = Why(body.reason, body.note, body.withheld)
    return done(await say.rewards.reject(who, directory, items_of(body.items), why, key_of(who, key)))


@router.post("/v1/rewards/holds", operation_id="hold_rewards", tags=["rewards"])
async def hold_rewards(
    body: bodies.ReasonedList,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.rewards.hold),
) -> models.Decision:
    """Let these rewards wait until somebody has looked at each, with a reason; each gets a case of its own."""
    why = Why(body.reason, body.note)
    return done(await say.rewards.hold(who, directory, items_of(body.items), why, key_of(who, key)))


@router.post("/v1/rewards/{reward}/snooze", operation_id="snooze_reward", tags=["rewards"])
async def snooze_reward(
    reward: Annotated[fields.Id, Path()],
    body: bodies.Snooze,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.rewards.snooze),
) -> models.Decision:
    """Put a reward in review aside, not beyond the day by which it is promised; without ``until`` it is back.

    Something new brings it back at once.
    """
    until = calendar.parse(body.until) if body.until is not None else None
    why = Why(body.reason, body.note)
    return done(await say.rewards.snooze(who, directory, reward, until, why, key_of(who, key)))


@router.get("/v1/restorations", operation_id="list_to_restore", tags=["rewards"])
async def list_to_restore(
    id: Ids,  # noqa: A002
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.rewards.to_restore),
) -> models.ListToDecide:
    """The frozen list of these rewards with what they were before they were rejected or expired: send it back to restore them."""
    return frozen(await see.rewards.to_restore(who, directory, id))


@router.post("/v1/restorations", operation_id="restore_rewards", tags=["rewards"])
async def restore_rewards(
    body: bodies.Restoration,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.rewards.restore),
) -> models.Decision:
    """Put rewards back into review that were rejected, or have expired, by mistake. A second member must send the same list."""
    why, items = Why(body.reason, body.note), items_of(body.items)
    return done(await say.rewards.restore(who, directory, items, body.list_sha256, why, key_of(who, key)))


@router.get("/v1/approvals", operation_id="list_to_approve", tags=["approvals"])
async def list_to_approve(
    id: Ids,  # noqa: A002
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.rewards.to_approve),
) -> models.ListToDecide:
    """The frozen list of these rewards as they are now, with its digest: send it back to approve."""
    return frozen(await see.rewards.to_approve(who, directory, id))


@router.get("/v1/approvals/queue", operation_id="list_queue_to_approve", tags=["approvals"])
async def list_queue_to_approve(
    program: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.rewards.queue_list),
) -> models.ListToDecide:
    """The frozen list of all in review that you could approve now; what lacks payment details and the like is counted, not listed."""
    return frozen(await see.rewards.queue_list(who, directory, program=program, limit=limit))


@router.post("/v1/approvals", operation_id="approve_rewards", tags=["approvals"])
async def approve_rewards(
    body: bodies.FrozenList,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.approvals.approve),
) -> models.Decision:
    """Say that these rewards are owed: all as the list says, or none. Above a limit a second member must send the same list."""
    return done(await say.approvals.approve(who, directory, items_of(body.items), body.list_sha256, key_of(who, key)))


@router.post("/v1/approvals/withdrawals", operation_id="withdraw_approvals", tags=["approvals"])
async def withdraw_approvals(
    body: bodies.ReasonedList,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.approvals.withdraw),
) -> models.Decision:
    """Take approvals back before the release."""
    items = items_of(body.items)
    return done(await say.approvals.withdraw(who, directory, items, body.reason, body.note, key_of(who, key)))


@router.get("/v1/receivables", operation_id="list_to_settle", tags=["rewards"])
async def list_to_settle(
    id: Ids,  # noqa: A002
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.rewards.to_settle),
) -> models.ListToDecide:
    """The frozen list of what is owed back of these rewards now, with its digest: send it back to say how it is settled."""
    return frozen(await see.rewards.to_settle(who, directory, id))


@router.post("/v1/receivables/settlements", operation_id="settle_receivables", tags=["rewards"])
async def settle_receivables(
    body: bodies.Settlement,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.rewards.settle),
) -> models.Decision:
    """Say that these debts were repaid, are written off or forgiven. Above a limit a second member must send the same list."""
    how = (body.list_sha256, body.how, body.reference)
    why = Why(body.reason, body.note)
    return done(await say.rewards.settle(who, directory, items_of(body.items), *how, why, key_of(who, key)))


@router.post("/v1/conversions/{conversion}/amendments", operation_id="amend_conversion", tags=["rewards"])
async def amend_conversion(
    conversion: Annotated[fields.Id, Path()],
    body: bodies.Amendment,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.conversions.amend),
) -> models.Decision:
    """Give a paid order other figures, all of them anew. Who does neither approves, releases nor restores what it earns."""
    lines = tuple(Line(**line.model_dump()) for line in body.lines)
    figures = Figures(body.amount, body.currency, body.tax, body.shipping, body.discount, lines)
    why = Why(body.reason, body.note)
    return done(await say.conversions.amend(who, directory, conversion, figures, why, key_of(who, key)))


@router.post("/v1/corrections", operation_id="enter_correction", tags=["rewards"])
async def enter_correction(
    body: bodies.NewCorrection,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.corrections.enter),
) -> models.Decision:
    """Say that somebody is owed what no order earned them, and why. Whoever enters it neither approves nor releases it."""
    return done(await say.corrections.enter(who, directory, _corrected(body), body.why, key_of(who, key)))


@router.post("/v1/corrections/preview", operation_id="preview_correction", tags=["rewards"])
async def preview_correction(
    body: bodies.NewCorrection,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.corrections.preview),
) -> models.DecisionPreview:
    """What a correction would be, or why it would be refused. Nothing is kept."""
    return of_preview(await say.corrections.preview(who, directory, _corrected(body)))


def _corrected(body: bodies.NewCorrection) -> Corrected:
    return Corrected(**body.model_dump(exclude={"why"}))
