"""Schedules: the days on which drafts of payouts are made; a person releases them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path

from goodword import words
from goodword.api import bodies, fields, models
from goodword.api.answers import done
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.schedules import Days
from goodword.core import calendar
from goodword.core.state import Schedule

router = APIRouter(tags=["payouts"])

ScheduleId = Annotated[fields.Id, Path()]


@router.get("/v1/payout-schedules", operation_id="list_payout_schedules")
async def list_payout_schedules(
    directory: Directory = DIRECTORY, who: Principal = needs(see.schedules.every)
) -> models.Page[models.Schedule]:
    """On which days drafts are made, what the last run gathered, and when the next is; what is stopped comes last."""
    return models.Page(items=[_schedule(it) for it in await see.schedules.every(who, directory)])


@router.post("/v1/payout-schedules", operation_id="make_payout_schedule")
async def make_payout_schedule(
    body: bodies.NewSchedule,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.schedules.keep),
) -> models.Decision:
    """Have drafts made on these days of what is due, as `POST /v1/payouts` would. Nothing is released by it."""
    return done(await say.schedules.keep(who, directory, _days(body), None, key_of(who, key)))


@router.put("/v1/payout-schedules/{schedule}", operation_id="change_payout_schedule")
async def change_payout_schedule(
    schedule: ScheduleId,
    body: bodies.NewSchedule,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.schedules.keep),
) -> models.Decision:
    """Have drafts made by this schedule on other days, or of something else, from now on; one that was stopped goes on."""
    return done(await say.schedules.keep(who, directory, _days(body), schedule, key_of(who, key)))


@router.post("/v1/payout-schedules/{schedule}/stop", operation_id="stop_payout_schedule")
async def stop_payout_schedule(
    schedule: ScheduleId,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.schedules.stop),
) -> models.Decision:
    """Let a schedule make no drafts any more; those that it made stay."""
    return done(await say.schedules.stop(who, directory, schedule, key_of(who, key)))


@router.get("/v1/payout-schedules/{schedule}/next", operation_id="preview_payout_schedule")
async def preview_payout_schedule(
    schedule: ScheduleId, directory: Directory = DIRECTORY, who: Principal = needs(say.payouts.coming)
) -> models.ComingRun:
    """What the next run would hold if nothing came between, of the first thousand payees. Nothing is kept."""
    coming = await say.payouts.coming(who, directory, schedule)
    assert coming.by is not None  # noqa: S101 - it is of the one that was asked for
    it, plan = coming.by, coming.by.plan
    said = [*(line.verdict for line in coming.lines), *coming.of_all]
    drafted = [verdict.amount or 0 for verdict in said if not verdict.refused]
    return models.ComingRun(
        at=calendar.text(it.next_at or 0),
        rail=plan.rail,
        unit=plan.unit,
        payouts=len(drafted),
        sum=sum(drafted),
        verdicts=[models.Verdict(**msgspec.to_builtins(verdict)) for verdict in said],
    )


def _days(body: bodies.NewSchedule) -> Days:
    return Days(**{**body.model_dump(), "on": tuple(body.on)})


def _schedule(it: Schedule) -> models.Schedule:
    plan = it.plan
    return models.Schedule(
        id=it.id,
        rail=plan.rail,
        unit=plan.unit,
        program=it.program,
        every=plan.every,  # type: ignore[arg-type]  # a plan says no other
        on=[*plan.on],
        hour=plan.hour,
        timezone=plan.timezone,
        days=words.schedules.days(plan.every, plan.on, plan.hour, plan.timezone),
        next_at=_text(it.next_at),
        ran_at=_text(it.ran_at),
        gathered=it.gathered,
        set_by=it.by,
        set_at=calendar.text(it.at),
    )


def _text(at: int | None) -> str | None:
    return None if at is None else calendar.text(at)
