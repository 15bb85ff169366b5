"""Runs of schedules on a real database: each draft is made once, however often and by how many its job is begun."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from testkit.house import SERVER
from testkit.waiting import eventually
from tests.app.conftest import House

from goodword.app import say, see
from goodword.app.follow.schedules import kinds
from goodword.app.proof.audit import verify
from goodword.app.say.schedules import Days
from goodword.core import calendar, events, schedules
from goodword.core.state import Payout, Reward, Schedule
from goodword.store.jobs import Leased, NotBegunError
from goodword.worker import Worker

PAYEES = 5
DAILY = Days(rail="bank_file", unit="EUR", every="day", hour=8, timezone="Europe/Berlin")


@pytest.fixture
async def owed(make_house: object, monkeypatch: pytest.MonkeyPatch) -> House:
    """Five payees are owed what is due; a lot of a run holds two of them."""
    monkeypatch.setattr(say.payouts, "MOST", 2)
    house: House = await make_house("manual", calendar.parse("2024-01-01T00:00:00Z"))  # type: ignore[operator]
    house.at = calendar.parse("2024-01-01T00:00:00Z")
    await house.publish(hold="0d", payouts={"every": "once"})
    for n in range(PAYEES):
        await house.accept(*house.story(f"per_f{n}", f"per_a{n}"))
        await house.decide()
        await house.say(events.PayeeSet, SERVER, person=f"per_a{n}", rail="bank_file", destination=f"d{n}")
    await house.approve([it for it in await house.every(Reward) if it.side == "advocate"], house.owner)
    return house


async def set_(house: House) -> Schedule:
    entry = await say.schedules.keep(house.as_(house.owner), house.directory, DAILY, None, "set")
    assert entry.verdicts[0].outcome == "schedule_set", entry.verdicts
    [it] = await see.schedules.every(house.as_(house.owner), house.directory)
    return it


async def jobs_of(house: House) -> list[Leased]:
    """The jobs that were ordered, as a worker has them in hand, in order of their runs."""
    mine = "workspace_id = $1 and kind = 'payout.draft'"
    rows = await house.rows(
        f"select id, kind, subject, payload from job where {mine} order by (payload->>'run')::bigint"
    )
    return [Leased(id_, kind, subject, 1, payload) for id_, kind, subject, payload in rows]


async def sound(house: House) -> None:
    """Each payee has one draft, by the schedule; the log proves all of it."""
    payouts = await house.every(Payout)
    assert sorted(it.beneficiary for it in payouts) == [f"per_a{n}" for n in range(PAYEES)]
    assert {it.status for it in payouts} == {"awaiting_release"}
    assert await house.broken() == []
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_worker_drafts_when_the_clock_gets_there(owed: House, database: str) -> None:
    """The clock is moved, the timer is due, the job is done: all drafts are there, and nothing is released."""
    it = await set_(owed)
    worker = Worker(owed.engine, owed.vault, kinds(owed.directory), database)
    task = asyncio.create_task(worker.run())
    try:
        await owed.move_clock("2024-01-02T08:00:00Z")

        async def whole() -> bool:
            return len(await owed.every(Payout)) == PAYEES

        await eventually(whole)
    finally:
        worker.stop()
        await task
    await sound(owed)
    [now] = await owed.every(Schedule)
    assert (now.id, now.gathered, now.ran_at) == (it.id, PAYEES, calendar.parse("2024-01-02T07:00:00Z"))


async def test_a_job_that_runs_twice_at_once_drafts_once(owed: House) -> None:
    """Two workers have it in hand, and it is done once more afterwards."""
    await set_(owed)
    await owed.move_clock("2024-01-02T08:00:00Z")
    *_, job = await jobs_of(owed)
    work = kinds(owed.directory)[schedules.JOB].do
    assert [*await asyncio.gather(work(owed.ws, [job]), work(owed.ws, [job]))] == [{}, {}]
    position = await owed.position()
    assert await work(owed.ws, [job]) == {}
    assert await owed.position() == position, "what was said is not said again"
    await sound(owed)


@pytest.mark.parametrize("after", [0, 2, 4])
async def test_killed_between_lots_it_goes_on(owed: House, after: int) -> None:
    """Whoever finds the job anew drafts for those who are left, and for nobody twice."""
    await set_(owed)
    await owed.move_clock("2024-01-02T08:00:00Z")
    *_, job = await jobs_of(owed)
    work = kinds(owed.directory)[schedules.JOB].do
    task = asyncio.create_task(work(owed.ws, [job]))  # type: ignore[arg-type]
    while len(await owed.every(Payout)) < after and not task.done():
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert await work(owed.ws, [job]) == {}
    await sound(owed)


async def test_a_run_that_takes_long_lets_others_go_on(owed: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lot by lot, each in a turn of its own, it comes to its end."""
    monkeypatch.setattr("goodword.app.follow.schedules._SECONDS", -1)
    await set_(owed)
    await owed.move_clock("2024-01-02T08:00:00Z")
    *_, job = await jobs_of(owed)
    work = kinds(owed.directory)[schedules.JOB].do
    turns = 0
    while isinstance((await work(owed.ws, [job])).get(job), NotBegunError):
        turns += 1
        assert turns < PAYEES
        monkeypatch.setattr("goodword.app.follow.schedules._SECONDS", -1 if turns < 2 else 30)
    assert turns == 2
    await sound(owed)


async def test_of_runs_that_wait_the_last_one_drafts(owed: House) -> None:
    """Three days passed while no worker ran: the first two jobs find that another one took their place."""
    await set_(owed)
    await owed.move_clock("2024-01-04T08:00:00Z")
    jobs = await jobs_of(owed)
    assert len(jobs) == 4  # on the day on which it was set, too
    work = kinds(owed.directory)[schedules.JOB].do
    position = await owed.position()
    for job in jobs[:-1]:
        assert await work(owed.ws, [job]) == {}
    assert await owed.position() == position
    assert await work(owed.ws, jobs[-1:]) == {}
    await sound(owed)


async def test_stopped_before_its_job_is_done_it_drafts_nothing(owed: House) -> None:
    """And nothing fails: the job is over."""
    it = await set_(owed)
    await owed.move_clock("2024-01-02T08:00:00Z")
    *_, job = await jobs_of(owed)
    await say.schedules.stop(owed.as_(owed.owner), owed.directory, it.id, "stop")
    assert await kinds(owed.directory)[schedules.JOB].do(owed.ws, [job]) == {}
    assert await owed.every(Payout) == []


async def test_what_is_shown_of_the_next_run_is_what_it_makes(owed: House) -> None:
    """Looked at before, nothing is kept of it; the run drafts the same."""
    it = await set_(owed)
    position = await owed.position()
    coming = await say.payouts.coming(owed.as_(owed.owner), owed.directory, it.id)
    assert await owed.position() == position
    shown = {line.verdict.beneficiary: line.verdict.amount for line in coming.lines}
    assert len(shown) == 2, "as many as a lot holds"
    await owed.move_clock("2024-01-02T08:00:00Z")
    *_, job = await jobs_of(owed)
    await kinds(owed.directory)[schedules.JOB].do(owed.ws, [job])
    made = {payout.beneficiary: payout.amount for payout in await owed.every(Payout)}
    assert shown.items() <= made.items()
