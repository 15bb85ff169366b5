"""Schedules: each instant of a plan orders one run, whatever the clocks of its zone do; a run drafts as a member would, and no more."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.stories import earning
from testkit.world import CLERK, KINDS, OWNER, RAIL, World, at, member, verdict

from goodword.core import calendar, events, schedules
from goodword.core.decision import Decision, Job
from goodword.core.events import Plan
from goodword.core.facts import Actor
from goodword.core.state import Payout, Schedule

RULES = {"currency": "EUR", "conversions": [{"rewards": [{"side": "advocate", "percent": "10"}]}]}
BERLIN = "Europe/Berlin"
MONDAY = Plan(rail="bank_file", unit="EUR", every="week", on=(1,), hour=8, timezone=BERLIN)
ZONES = (
    "UTC",
    BERLIN,
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
)
PLANS = st.builds(
    lambda every, hour, zone, on: Plan(rail="r", unit="EUR", every=every[0], on=every[1](on), hour=hour, timezone=zone),
    st.sampled_from(
        [
            ("day", lambda _: ()),
            ("week", lambda on: tuple(sorted({1 + it % 7 for it in on}))),
            ("month", lambda on: tuple(sorted(on))),
        ]
    ),
    st.integers(0, 23),
    st.sampled_from(ZONES),
    st.sets(st.integers(1, 31), min_size=1, max_size=4),
)
TIMES = st.integers(calendar.parse("2010-01-01T00:00:00Z"), calendar.parse("2030-01-01T00:00:00Z"))


def brute(plan: Plan, day: date) -> int | None:
    """The instant of a plan on a day, found without the module under test."""
    lasts = (day + timedelta(days=1)).day == 1
    fits = {
        "day": True,
        "week": day.weekday() + 1 in plan.on,
        "month": day.day in plan.on or (lasts and any(it > day.day for it in plan.on)),
    }[plan.every]
    moment = datetime(day.year, day.month, day.day, plan.hour, tzinfo=ZoneInfo(plan.timezone))
    return calendar.instant(moment) if fits else None


@settings(max_examples=300, deadline=None)
@given(PLANS, TIMES)
def test_the_next_instant_is_the_first_of_the_plan_after_now(plan: Plan, now: int) -> None:
    """Half-open: an instant itself is over as it comes; none is left out, none comes twice, and each is on a day of the plan."""
    assert schedules.wrong(plan) is None
    first = calendar.moment(now).date() - timedelta(days=2)
    every = {found for n in range(70) if (found := brute(plan, first + timedelta(days=n))) is not None}
    chain = [schedules.following(plan, now)]
    while len(chain) < 3:
        chain.append(schedules.following(plan, chain[-1]))
    behind = sorted(it for it in every if it > now)
    assert chain[: len(behind)] == behind[: len(chain)] != []
    assert chain[0] > now
    assert schedules.following(plan, chain[0] - 1) == chain[0]


@pytest.mark.parametrize(
    ("plan", "now", "expected"),
    [
        ({"every": "month", "on": (31,)}, "2026-01-31T07:00:00Z", ["2026-02-28", "2026-03-31", "2026-04-30"]),
        ({"every": "month", "on": (30, 31)}, "2028-02-01T00:00:00Z", ["2028-02-29", "2028-03-30", "2028-03-31"]),
        ({"every": "month", "on": (15,)}, "2026-01-15T07:00:00Z", ["2026-02-15", "2026-03-15", "2026-04-15"]),
        ({"every": "week", "on": (1,)}, "2026-12-28T06:59:59Z", ["2026-12-28", "2027-01-04", "2027-01-11"]),
    ],
)
def test_days_of_a_month_that_lacks_them_are_its_last(plan: dict[str, Any], now: str, expected: list[str]) -> None:
    """The 31st is the last day of each month, once, though the 30th is asked for too."""
    made, found = msgspec.structs.replace(MONDAY, **plan), calendar.parse(now)
    days = []
    for _ in expected:
        found = schedules.following(made, found)
        days.append(calendar.day(found, BERLIN))
    assert days == expected


@pytest.mark.parametrize(
    ("now", "hour", "expected"),
    [
        ("2026-03-28T12:00:00Z", 2, ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]),  # 2:00 is left out: 3:00 it is
        ("2026-10-24T12:00:00Z", 2, ["2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"]),  # 2:00 comes twice: the first
        ("2026-10-24T12:00:00Z", 8, ["2026-10-25T07:00:00Z", "2026-10-26T07:00:00Z"]),
    ],
)
def test_a_run_is_by_the_clock_on_the_wall(now: str, hour: int, expected: list[str]) -> None:
    """When clocks change, a day has one run, at its hour."""
    plan, found = msgspec.structs.replace(MONDAY, every="day", on=(), hour=hour), calendar.parse(now)
    for instant in expected:
        found = schedules.following(plan, found)
        assert calendar.text(found) == instant


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("every", "year"),
        ("on", ()),
        ("on", (0,)),
        ("on", (8,)),
        ("on", (1, 1)),
        ("hour", 24),
        ("timezone", "Mars/Base"),
    ],
)
def test_what_no_day_can_be_is_refused(field: str, value: Any) -> None:
    """By the core too, whoever says it; nothing is set."""
    plan = msgspec.structs.replace(MONDAY, **{field: value})
    assert schedules.wrong(plan) == field
    made = World()
    assert refusal(made.command(events.PayoutScheduled, plan=plan)) == "wrong_state"
    assert not [*made.state.all(Schedule)]


def refusal(decision: Decision) -> str | None:
    return decision.verdicts[0].refusal


def owed(*amounts: int, **parts: Any) -> World:
    """What ann earned is approved and due."""
    made = earning(*amounts, **parts)
    made.approved()
    made.tick("2024-04-02")  # a Tuesday
    return made


def set_(made: World, plan: Plan = MONDAY, **more: Any) -> Schedule:
    said = made.command(events.PayoutScheduled, CLERK, plan=plan, **more)
    assert said.verdicts[0].outcome == "schedule_set", said.verdicts
    return made.state.tables[Schedule][said.verdicts[0].subject]  # type: ignore[index, return-value]


def ordered(made: World, since: int = 0) -> list[Job]:
    return [job for _, _, decision in made.log[since:] for job in decision.jobs if job.kind == schedules.JOB]


def run(made: World, it: Schedule, actor: Actor = schedules.TIMER, **more: Any) -> Decision:
    """What the job says: a draft for ann by the last run."""
    now = made.state.tables[Schedule][it.id]
    of = {"rail": "bank_file", "kinds": KINDS["bank_file"], "unit": "EUR", "beneficiaries": ("ann",)}
    return made.command(
        events.PayoutDrafted, actor, **{**of, "schedule": it.id, "run": now.ran_at, "program": now.program, **more}
    )


def kept(made: World, it: Schedule) -> Schedule:
    return made.state.tables[Schedule][it.id]  # type: ignore[return-value]


def test_a_run_drafts_and_a_person_releases() -> None:
    """On the Monday one job is ordered; what it drafts whoever did not set it releases alone."""
    made = owed(500)
    it = set_(made)
    made.tick("2024-04-08T05:59")
    assert ordered(made) == []
    made.tick("2024-04-08T06:00")
    [job] = ordered(made)
    assert (job.subject, job.payload) == (it.id, {"run": at("2024-04-08T06:00")})
    said = run(made, it)
    [payout] = made.state.all(Payout)
    assert (payout.status, payout.drafted_by, payout.schedule) == ("awaiting_release", CLERK.id, it.id)
    assert [one.outcome for one in said.verdicts] == ["drafted", "schedule_ran"]
    assert kept(made, it).gathered == 1
    assert kept(made, it).next_at == at("2024-04-15T06:00")
    pat, pia = member("pat", "payer"), member("pia", "payer")
    made.join(OWNER, pat, pia)
    assert verdict(made.release([payout], pat)) == "released"


@pytest.mark.parametrize("other", ["owner", "pia"])
def test_who_set_or_last_changed_it_is_the_first_of_two_to_release_what_it_drafts(other: str) -> None:
    """As who drafts by hand is, or one payer would set a schedule for the next hour and send alone; who changes it later did not."""
    made = owed(500)
    pat, pia = member("pat", "payer"), member("pia", "payer")
    made.join(OWNER, pat, pia)
    it = set_(made)
    made.command(events.PayoutScheduled, pat, schedule=it.id, plan=msgspec.structs.replace(MONDAY, hour=9))
    made.tick("2024-04-08T07:00")
    run(made, it)
    made.command(events.PayoutScheduled, OWNER, schedule=it.id, plan=MONDAY)
    [payout] = made.state.all(Payout)
    assert payout.drafted_by == "pat"
    said = made.release([payout], pat)
    assert said.verdicts[0].outcome == "second_person_needed"
    assert said.verdicts[0].steps[0].values == {"item": payout.id, "member": "pat", "schedule": it.id}
    [payout] = made.state.all(Payout)
    assert verdict(made.release([payout], {"owner": OWNER, "pia": pia}[other])) == "released"


def test_where_nobody_else_could_release_who_set_it_does() -> None:
    """The rule holds nobody up, as of a draft by hand."""
    made = owed(500)
    made.join(OWNER)
    it = set_(made)
    made.command(events.PayoutScheduled, OWNER, schedule=it.id, plan=msgspec.structs.replace(MONDAY, hour=9))
    made.tick("2024-04-08T07:00")
    run(made, it)
    [payout] = made.state.all(Payout)
    assert (payout.drafted_by, verdict(made.release([payout], OWNER))) == (OWNER.id, "released")


def test_a_run_that_finds_nothing_says_so_and_when_the_next_is() -> None:
    """It stands in the log with the refusal that a member would hear, and on the schedule."""
    made = owed(500)
    it = set_(made)
    made.tick("2024-04-08T06:00")
    run(made, it)
    made.tick("2024-04-15T06:00")
    said = run(made, it)
    assert [one.refusal or one.outcome for one in said.verdicts] == ["nothing_to_do", "schedule_ran"]
    assert said.verdicts[-1].steps[0].values == {
        "at": at("2024-04-15T06:00"),
        "payouts": 0,
        "next_at": at("2024-04-22T06:00"),
    }
    assert kept(made, it).gathered == 0


def test_each_instant_orders_one_run_and_missed_ones_are_the_last() -> None:
    """Three weeks at once order three runs; only the last of them drafts, and it drafts what all would."""
    made = owed(500)
    it = set_(made)
    made.tick("2024-04-22T06:00")
    assert [job.payload["run"] for job in ordered(made)] == [at(f"2024-04-{day}T06:00") for day in ("08", "15", "22")]
    assert len({job.id for job in ordered(made)}) == 3
    assert refusal(run(made, it, run=at("2024-04-15T06:00"))) == "wrong_state"
    assert run(made, it).verdicts[0].outcome == "drafted"


def test_a_schedule_that_is_stopped_or_changed_runs_no_more_as_it_was() -> None:
    """Neither at an instant that it waited for, nor by a job that was ordered before; set again it goes on."""
    made = owed(500)
    it = set_(made)
    made.tick("2024-04-08T06:00")
    made.command(events.PayoutScheduled, CLERK, schedule=it.id)
    assert refusal(run(made, it, run=at("2024-04-08T06:00"))) == "wrong_state"
    made.tick("2024-04-15T06:00")
    assert len(ordered(made)) == 1
    assert refusal(made.command(events.PayoutScheduled, CLERK, schedule=it.id)) == "nothing_to_do"
    thursday = msgspec.structs.replace(MONDAY, on=(4,))
    again = set_(made, thursday, schedule=it.id)
    assert (again.id, again.next_at) == (it.id, at("2024-04-18T06:00"))
    set_(made, MONDAY, schedule=it.id)
    made.tick("2024-04-21")
    assert len(ordered(made)) == 1, "it was changed before the Thursday came"
    made.tick("2024-04-22T06:00")
    assert len(ordered(made)) == 2
    assert refusal(made.command(events.PayoutScheduled, CLERK, schedule=it.id, plan=MONDAY)) == "nothing_to_do"


def test_changed_back_before_its_instant_it_still_runs_once() -> None:
    """Two timers wait for the same instant then; the second finds that it has run."""
    made = owed(500)
    it = set_(made)
    set_(made, msgspec.structs.replace(MONDAY, hour=9), schedule=it.id)
    set_(made, MONDAY, schedule=it.id)
    made.tick("2024-04-10")
    assert [job.payload["run"] for job in ordered(made)] == [at("2024-04-08T06:00")]


def test_set_at_its_very_instant_it_waits_for_the_next() -> None:
    """The instant is over as it comes."""
    made = owed(500)
    made.tick("2024-04-08T06:00")
    assert set_(made).next_at == at("2024-04-15T06:00")


@pytest.mark.parametrize(
    ("actor", "more", "expected"),
    [
        (schedules.TIMER, {"schedule": None, "run": None}, "not_permitted"),  # the system drafts nothing by itself
        (RAIL, {"schedule": None}, "not_permitted"),
        (RAIL, {}, "not_permitted"),
        (OWNER, {}, "not_permitted"),  # and nobody drafts in its name
        (schedules.TIMER, {"schedule": "sch_none"}, "not_permitted"),
        (schedules.TIMER, {"unit": "USD"}, "wrong_state"),
        (schedules.TIMER, {"rail": "sandbox"}, "wrong_state"),
    ],
)
def test_the_system_drafts_by_a_schedule_alone(actor: Actor, more: dict[str, Any], expected: str) -> None:
    """And only what that says; a member who names one drafts nothing."""
    made = owed(500)
    it = set_(made)
    made.tick("2024-04-08T06:00")
    assert refusal(run(made, it, actor, **more)) == expected
    assert not [*made.state.all(Payout)]


def test_what_a_person_could_not_draft_no_schedule_does() -> None:
    """Below the minimum it is refused as it is to a member; of another program's rewards it gathers nothing."""
    made = owed(500, payout_minimum={"EUR": 1_000})
    it = set_(made)
    made.tick("2024-04-08T06:00")
    assert refusal(run(made, it)) == "below_payout_minimum"
    made = owed(500)
    made.publish({**RULES, "program": "other"})
    it = set_(made, program=made.program("other"))
    made.tick("2024-04-08T06:00")
    assert refusal(run(made, it)) == "nothing_to_do"


def test_who_is_limited_to_programs_sets_those_of_them() -> None:
    """One for all programs, or for another one, is outside of theirs, and so is stopping it."""
    made = owed(500)
    made.publish({**RULES, "program": "other"})
    mine, theirs = made.program("main"), made.program("other")
    pat = msgspec.structs.replace(member("pat", "payer"), programs=(mine,))
    whole = set_(made)
    for said in ({"plan": MONDAY}, {"plan": MONDAY, "program": theirs}, {"schedule": whole.id}):
        assert refusal(made.command(events.PayoutScheduled, pat, **said)) == "outside_scope"
    moved = {"schedule": whole.id, "plan": MONDAY, "program": mine}
    assert refusal(made.command(events.PayoutScheduled, pat, **moved)) == "outside_scope"
    said = made.command(events.PayoutScheduled, pat, plan=MONDAY, program=mine)
    assert said.verdicts[0].outcome == "schedule_set"
    made.command(events.PayoutScheduled, pat, schedule=said.verdicts[0].subject, program=mine)
    assert kept(made, made.state.tables[Schedule][said.verdicts[0].subject]).next_at is None  # type: ignore[index, arg-type]
