"""Pilots: a program runs for some first, for one payout cycle; the report of every candidate; what a member decides about it."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Path

from goodword import words
from goodword.api import bodies, fields, models
from goodword.api.answers import done, whole
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.pilots import Chosen, Decided
from goodword.app.see.pilots import Report
from goodword.core import calendar
from goodword.core.state import Pilot

router = APIRouter(tags=["pilots"])
_Program = Annotated[fields.Id, Path(description="By its id or slug.")]


@router.post("/v1/pilots/{program}", operation_id="start_pilot")
async def start_pilot(
    program: _Program,
    body: bodies.PilotChosen,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.pilots.start),
) -> models.Decision:
    """Let a program run for some first, for a payout cycle from now on: for named advocates, ways of touches, a share, or any of them.

    For whom it is not, it is as if it were paused: their touches bind nobody (`outside_pilot`). What is bound stays.
    """
    return done(await say.pilots.start(who, directory, program, _chosen(body), key_of(who, key)))


@router.get("/v1/pilots/{program}", operation_id="get_pilot_report")
async def get_pilot_report(
    program: _Program, directory: Directory = DIRECTORY, who: Principal = needs(see.pilots.report)
) -> models.PilotReport:
    """The report of a program's newest pilot: how many candidates lack none of the seven points, and how many lack which."""
    return _report(await see.pilots.report(who, directory, program))


@router.get("/v1/pilots/{program}/failures", operation_id="list_pilot_failures")
async def list_pilot_failures(
    program: _Program,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.pilots.failures),
) -> models.Page[models.PilotFailure]:
    """Each candidate that fails, with the points that it lacks. A page may hold fewer than `limit` and still have a next one."""
    found = await see.pilots.failures(who, directory, program, after=after, limit=limit)
    return models.Page(
        items=[
            models.PilotFailure(
                reward=one.id,
                status=one.about.reward.status,
                lacks=[models.PilotMissing(**whole(point)) for point in one.points],
            )
            for one in found.items
        ],
        after=found.after,
    )


@router.post("/v1/pilots/{program}/decision", operation_id="decide_pilot")
async def decide_pilot(
    program: _Program,
    body: bodies.PilotDecision,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.pilots.decide),
) -> models.Decision:
    """Say what follows when a cycle is over: `enlarged` to more, `everybody`, `again`; or `stopped`, at any time.

    `sha256` is the report's that you saw: where it is another one by now, nothing is decided (`item_changed`). Who said who is in does
    not enlarge it (`same_member`).
    """
    decided = Decided(outcome=body.outcome, note=body.note, report=body.sha256, chosen=_chosen(body))
    return done(await say.pilots.decide(who, directory, program, decided, key_of(who, key)))


def _chosen(body: bodies.PilotChosen) -> Chosen:
    return Chosen(advocates=body.advocates, ways=body.ways, share=body.share)


def _cycle(it: Pilot) -> models.PilotCycle:
    return models.PilotCycle(
        advocates=list(it.who.persons),
        ways=list(it.who.ways),
        share=words.pilots.percentage(Fraction(*it.who.share)),
        begins=calendar.text(it.begins),
        ends=calendar.text(it.ends),
        over=None if it.over is None else calendar.text(it.over),
        by=it.by,
        evt=it.evt,
    )


def _report(it: Report) -> models.PilotReport:
    return models.PilotReport(
        program=it.program.id,
        slug=it.program.slug,
        state=it.state,
        cycles=[_cycle(cycle) for cycle in it.cycles],
        begin=calendar.text(it.begin),
        end=calendar.text(it.end),
        count=it.count,
        whole=it.whole,
        waiting=it.waiting,
        failing=it.failing,
        percent=it.percent,
        points=it.points,
        outside=it.outside,
        lag_seconds=it.lag_seconds,
        through=it.through,
        sha256=it.sha256,
    )
