"""Schedules: the days on which drafts of payouts are made of what is due, so that nobody has to remember them.

A run drafts as a member would, and releases nothing. Its instants are those of a wall clock in the schedule's zone, each one once:
where a night has its hour twice it is the first, where it has none, the same time after the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, settlement
from goodword.core.decision import Job, Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import PayoutDrafted, PayoutScheduled, Plan, TimerDue
from goodword.core.facts import Actor, Told
from goodword.core.state import Schedule

#: How often, and the numbers that its days have: weekdays from Monday on, days of a month; one that a month lacks is its last.
EVERY: Final = {"day": 0, "week": 7, "month": 31}
HOURS: Final = 24
#: So many are kept of a workspace, stopped or not: all of them are looked at together.
MOST: Final = 100

#: Who drafts by a schedule: nobody of the company.
TIMER: Final = Actor(id="timer", kind="system")
#: The kind of timer at whose instant a run is ordered, and the kind and queue of the job that does it.
KIND: Final = "drafts_due"
JOB: Final = "payout.draft"
QUEUE: Final = "draft"


def wrong(plan: Plan) -> str | None:
    """Return the field of a plan that says what cannot be; None: there is none."""
    most = EVERY.get(plan.every)
    if most is None:
        return "every"
    if len({*plan.on}) != len(plan.on) or bool(plan.on) != bool(most) or not all(1 <= it <= most for it in plan.on):
        return "on"
    if not 0 <= plan.hour < HOURS:
        return "hour"
    try:
        calendar.zone(plan.timezone)
    except ValueError:
        return "timezone"
    return None


def following(plan: Plan, at: int) -> int:
    """Return the first instant of a plan that comes after ``at``, whatever the clocks of its zone did meanwhile."""
    return next(it for it in _instants(plan, calendar.day(at, plan.timezone)) if it > at)


def _instants(plan: Plan, day: str) -> Iterator[int]:
    at = date.fromisoformat(day)
    while True:
        if _has(plan, at):
            yield calendar.hour_begins(at.isoformat(), plan.hour, plan.timezone)
        at += timedelta(days=1)


def _has(plan: Plan, day: date) -> bool:
    if plan.every == "month":
        last = calendar.last_day(day.year, day.month)
        return day.day in {min(it, last) for it in plan.on}
    return plan.every == "day" or day.isoweekday() in plan.on


def scheduled(draft: Draft, event: PayoutScheduled, told: Told) -> None:
    """Set a schedule, change one, or stop it. One that is changed has not run yet: what it ordered before is not done any more."""
    before = draft.get(Schedule, event.schedule) if event.schedule is not None else None
    if before is None and (event.schedule is not None or event.plan is None):
        draft.say(refused("command", "not_found", subject=event.schedule))
        return
    by = told.need_actor().id
    if event.plan is None:
        _stop(draft, before, by)  # type: ignore[arg-type]
        return
    if (field := wrong(event.plan)) is not None:
        step = Step("status", {"status": f"{field}: {getattr(event.plan, field)}"[:64]})
        draft.say(refused("command", "wrong_state", step, subject=event.schedule))
        return
    same = before is not None and (before.plan, before.program) == (event.plan, event.program)
    if before is not None and before.next_at is not None and same:
        draft.say(refused("command", "nothing_to_do", subject=before.id))
        return
    next_at = following(event.plan, draft.as_of)
    id_ = before.id if before is not None else draft.id("sch", "schedule")
    now = Schedule(
        id=id_, program=event.program, plan=event.plan, next_at=next_at, by=by, at=draft.as_of, evt=draft.evt
    )
    draft.put(now)
    settlement.timer(draft, next_at, KIND, now.id)
    verdict = Verdict(about="command", outcome="schedule_set", program=now.program, subject=now.id)
    draft.say(replace(verdict, steps=(_told(now),)))


def _stop(draft: Draft, before: Schedule, by: str) -> None:
    if before.next_at is None:
        draft.say(refused("command", "nothing_to_do", subject=before.id))
        return
    draft.put(replace(before, next_at=None, ran_at=None, gathered=None, by=by, at=draft.as_of, evt=draft.evt))
    draft.say(Verdict(about="command", outcome="schedule_stopped", program=before.program, subject=before.id))


def _told(it: Schedule) -> Step:
    plan = it.plan
    when = {"every": plan.every, "on": [*plan.on], "hour": plan.hour, "timezone": plan.timezone}
    return Step("schedule", {"rail": plan.rail, "unit": plan.unit, **when, "next_at": it.next_at})


def due(draft: Draft, event: TimerDue) -> str:
    """Order the run of this instant, and wait for the next; the timer of a plan that is no longer does nothing."""
    it = draft.need(Schedule, event.subject)
    if it.next_at != event.due_at:
        return "nothing_to_do"
    next_at = following(it.plan, event.due_at)
    draft.put(replace(it, next_at=next_at, ran_at=event.due_at, gathered=None))
    settlement.timer(draft, next_at, KIND, it.id)
    id_ = draft.id("job", JOB, share=it.id)
    draft.jobs.append(Job(id=id_, kind=JOB, subject=it.id, queue=QUEUE, payload={"run": event.due_at}))
    return "drafts_ordered"


def refusal(draft: Draft, event: PayoutDrafted, by: Actor) -> Verdict | None:
    """Return why a draft is not made: by a schedule the system drafts alone, and only for the last run of one that goes on."""
    if event.schedule is None and by.kind != "system":
        return None
    it = draft.get(Schedule, event.schedule) if event.schedule is not None else None
    if it is None or by != TIMER:
        return refused("command", "not_permitted", Step("action", {"action": event.PERMISSION}))
    last = it.next_at is not None and it.ran_at is not None and it.ran_at == event.run
    if not last or (it.plan.rail, it.plan.unit, it.program) != (event.rail, event.unit, event.program):
        status = "stopped" if it.next_at is None else "changed"
        return refused("command", "wrong_state", Step("status", {"status": status}), subject=it.id)
    return None


def ran(draft: Draft, event: PayoutDrafted, made: int) -> None:
    """Keep how many payouts a run gathered so far, and say so, and when the next one is."""
    if event.schedule is None:
        return
    it = draft.need(Schedule, event.schedule)
    it = draft.put(replace(it, gathered=(it.gathered or 0) + made, ran_evt=draft.evt))
    step = Step("run", {"at": it.ran_at, "payouts": it.gathered, "next_at": it.next_at})
    draft.say(Verdict(about="command", outcome="schedule_ran", program=it.program, subject=it.id, steps=(step,)))
