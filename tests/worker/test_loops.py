"""The worker: whatever waits is decided, done and signed without anybody asking, by as many workers as there are."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import pytest
from testkit.waiting import eventually
from tests.app.conftest import START, House
from tests.conftest import Connect

from goodword.app.engine import Engine
from goodword.app.follow.kinds import Kind, Queue
from goodword.app.intake.clicks import Clicks
from goodword.app.proof.audit import verify
from goodword.core import events
from goodword.core.decision import Job
from goodword.core.state import Reward, Timer
from goodword.store import jobs
from goodword.store.jobs import Leased, NotBegunError, Retry
from goodword.store.vault import Vault
from goodword.worker import Worker, run_alone
from goodword.worker import jobs as jobs_module
from goodword.worker import loops as module

PATIENCE = 20
QUEUE = Queue("queue")


@pytest.fixture
async def running(engine: Engine, vault: Vault, database: str) -> AsyncIterator[dict[str, Any]]:
    """Two workers on the same database, and the jobs they did."""
    done: list[tuple[str, Leased]] = []

    async def note(ws: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        failed = {
            job: ValueError("not the first time") for job in leased if job.subject == "fails" and job.attempts == 1
        }
        done.extend((ws, job) for job in leased if job not in failed)
        return failed

    workers = [Worker(engine, vault, {"note": Kind(note, QUEUE, retry=Retry(first=1))}, database) for _ in range(2)]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    yield {"workers": workers, "done": done}
    for worker in workers:
        worker.stop()
    await asyncio.gather(*tasks)


async def test_two_workers_decide_and_sign(make_house: Any, running: dict[str, Any]) -> None:
    """Events of several workspaces are decided once each, woken or found, and heads over them signed."""
    houses: list[House] = [await make_house() for _ in range(3)]
    for number, house in enumerate(houses):
        await house.publish()
        await house.accept(*house.story())
        if number:
            running["workers"][0].wake(house.ws)
    for house in houses:

        async def decided(house: House = house) -> bool:
            return len(await house.every(Reward)) == 2

        await eventually(decided)

        async def signed(house: House = house) -> bool:
            return (await verify(house.pool, house.ws)).heads > 0

        await eventually(signed)
        report = await verify(house.pool, house.ws)
        assert (report.size, report.differences) == (5, ())


@pytest.mark.usefixtures("running")
async def test_timers_of_the_real_clock_fire(make_house: Any) -> None:
    """A timer that is due by the real clock is decided without any event."""
    house: House = await make_house("real", None)
    await house.pool.execute("insert into timer values ($1, 'tmr_x', 1, 'no such kind', 'x')", house.ws)
    await house.pool.execute("update stream set next_due = 1 where workspace_id = $1", house.ws)

    async def set_aside() -> bool:
        found = await house.pool.fetchval(
            "select trace from undecided where workspace_id = $1 and id = 'tmr_x'", house.ws
        )
        return found is not None

    await eventually(set_aside)
    assert [timer.id for timer in await house.every(Timer)] == ["tmr_x"]


@pytest.mark.usefixtures("running")
async def test_a_broken_workspace_stops_no_other(make_house: Any) -> None:
    """A workspace whose log cannot go on is left behind; the others are decided, before and after it in the list."""
    houses: list[House] = [await make_house() for _ in range(3)]
    for house in houses:
        await house.publish()
    await houses[1].pool.execute("update stream set frontier = 'x' where workspace_id = $1", houses[1].ws)
    for house in houses:
        await house.accept(*house.story())

    async def decided() -> bool:
        return [len(await house.every(Reward)) for house in houses] == [2, 0, 2]

    await eventually(decided)


def job(id_: str, kind: str = "note", subject: str = "s") -> Job:
    return Job(id=id_, kind=kind, subject=subject, queue=QUEUE.name)


async def enqueue(house: House, *said: Job) -> None:
    """Put jobs that are due into the queue."""
    async with house.pool.acquire() as conn:
        await jobs.add(conn, house.ws, said, START)


@contextlib.asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[None]:
    """Run a worker until the block ends."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task


async def test_jobs_are_done_and_tried_again(house: House, running: dict[str, Any]) -> None:
    """A job is done once; one that fails is tried again; one of a kind that nobody here does is left to who does."""
    await enqueue(house, job("job_1"), job("job_2", subject="fails"), job("job_3", "unknown"))

    async def done() -> bool:
        return len(running["done"]) >= 2

    await eventually(done)
    assert sorted((job.id, job.attempts) for _, job in running["done"]) == [("job_1", 1), ("job_2", 2)]
    row = await house.pool.fetchrow("select attempts, done_at, error from job where id = 'job_3'")
    assert tuple(row) == (0, None, None)


async def test_a_look_that_found_work_looks_again(
    house: House, engine: Engine, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More jobs than a worker takes at once are done without its pausing in between; it takes no more than so many."""
    monkeypatch.setattr(jobs_module, "LOOK", 3_600.0)
    groups: list[int] = []

    async def note(_: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        groups.append(len(leased))
        return {}

    most = 20
    await enqueue(house, *(job(f"job_{n:04}") for n in range(2 * most + 1)))

    async def done() -> bool:
        return sum(groups) == 2 * most + 1

    async with at_work(Worker(engine, vault, {"note": Kind(note, QUEUE, most=most)})):
        await eventually(done)
    assert groups == [most, most, 1]
    # What follows the log has jobs of its own, which this worker does not do.
    left = "select count(*) from job where done_at is null and kind = 'note'"
    assert await house.pool.fetchval(left) == 0


async def test_what_nobody_could_begin_is_not_looked_for_again_at_once(house: House, engine: Engine) -> None:
    """While somebody else has what a whole group needs, it waits for the next look; it was tried no time more for that."""
    most, seen = 2, list[str]()

    async def later(_: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        seen.extend(job.id for job in leased)
        return {job: NotBegunError("somebody else has it") for job in leased} if len(seen) <= most else {}

    await enqueue(house, *(job(f"job_{n}") for n in range(most)))
    work = jobs_module.Jobs(engine, {"note": Kind(later, QUEUE, most=most)})
    assert await work.once() == 0
    assert await work.once() == most
    assert seen == ["job_0", "job_1"] * 2
    assert await house.pool.fetchval("select max(attempts) from job where kind = 'note'") == 1


async def test_who_hangs_holds_only_its_own_slots(make_house: Any, engine: Engine, vault: Vault) -> None:
    """While a receiver does not answer, the other workspaces' jobs are done, and other kinds of its own, however many wait for it."""
    hung, *others = [await make_house() for _ in range(4)]
    answer = asyncio.Event()
    done: list[tuple[str, str]] = []

    async def call(ws: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        if ws == hung.ws:
            await answer.wait()
        done.extend((ws, job.id) for job in leased)
        return {}

    async def note(ws: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        done.extend((ws, job.id) for job in leased)
        return {}

    for house in (hung, *others):
        await enqueue(house, *(job(f"job_{n}", "call") for n in range(30)), job("note_1"))
    queue = Queue("queue", slots=3, each=2)
    kinds = {"call": Kind(call, queue, most=10), "note": Kind(note, queue, most=10)}
    wanted = {(house.ws, f"job_{n}") for house in others for n in range(30)}
    wanted |= {(house.ws, "note_1") for house in (hung, *others)}

    async def all_but_its() -> bool:
        return set(done) == wanted

    async with at_work(Worker(engine, vault, kinds)):
        await eventually(all_but_its)
        leased = await hung.pool.fetchval("select count(*) from job where workspace_id = $1 and attempts > 0", hung.ws)
        assert leased == 2 * 10 + 1  # two groups that hang, and the note
        answer.set()

        async def everything() -> bool:
            return len(done) == len(set(done)) == 4 * 31

        await eventually(everything)


async def test_what_takes_too_long_failed_and_is_given_up_in_the_end(
    house: House, engine: Engine, vault: Vault
) -> None:
    """A group that does not end in time is cancelled and tried again; after the last attempt its jobs are dead and keep why."""
    tried: list[int] = []

    async def hang(_: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        tried.extend(job.attempts for job in leased)
        await asyncio.Event().wait()
        return {}

    await enqueue(house, job("job_1"))
    kind = Kind(hang, QUEUE, within=0.01, retry=Retry(first=1, attempts=2))

    async def dead() -> bool:
        return bool(await house.pool.fetchval("select dead and error ^@ 'TimeoutError' from job where id = 'job_1'"))

    async with at_work(Worker(engine, vault, {"note": kind})):
        await eventually(dead)
    assert tried == [1, 2]


async def test_jobs_that_were_done_long_ago_are_forgotten(
    house: House, engine: Engine, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker prunes them, a few in a transaction, until none is left; what is open, young or given up stays."""
    monkeypatch.setattr(module, "_PRUNED", 2)
    await enqueue(house, *(job(f"job_{n}") for n in range(9)))
    old = engine.clock.now() - module.KEPT
    await house.pool.execute("update job set done_at = $1 where id < 'job_5'", old)
    await house.pool.execute("update job set dead = true, error = 'x' where id = 'job_4'")
    await house.pool.execute("update job set done_at = $1 where id = 'job_5'", old + 60_000_000)
    await Worker(engine, vault, {}).prune_jobs()
    left = [row["id"] for row in await house.pool.fetch("select id from job order by id")]
    assert left == ["job_4", "job_5", "job_6", "job_7", "job_8"]


async def test_a_workspace_that_waits_keeps_no_other_waiting(
    make_house: Any, engine: Engine, vault: Vault, connect: Connect
) -> None:
    """While the database keeps one workspace's batch waiting, the others are decided; then it is too, once."""
    slow, quick = [await make_house() for _ in range(2)]
    owner = await connect()
    for house in (slow, quick):
        await house.publish()
        await house.accept(*house.story())

    async def decided(house: House) -> bool:
        return len(await house.every(Reward)) == 2

    async with at_work(Worker(engine, vault, {})):
        async with owner.transaction():
            await owner.execute("select from undecided where workspace_id = $1 for update", slow.ws)
            # what comes while it waits is decided as well
            await eventually(lambda: decided(quick))
            await quick.accept(*quick.story("per_cid", "per_amy"))

            async def again() -> bool:
                return len(await quick.every(Reward)) == 4

            await eventually(again)
            assert await slow.every(Reward) == []
        await eventually(lambda: decided(slow))
    assert (await verify(slow.pool, slow.ws)).differences == ()


async def test_a_head_that_cannot_be_signed_stops_no_other(make_house: Any, engine: Engine, vault: Vault) -> None:
    """A workspace whose key does not open is told of; the heads of the others are signed."""
    houses: list[House] = [await make_house() for _ in range(3)]
    await houses[1].pool.execute(
        "update workspace_secret set wrapped = 'x' where workspace_id = $1 and purpose = 'signing'", houses[1].ws
    )
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever says that it cannot
        await Worker(engine, vault, {}).sign_heads()
    assert [(await verify(house.pool, house.ws)).heads > 0 for house in houses] == [True, False, True]


@pytest.mark.usefixtures("running")
async def test_it_outlives_the_database(house: House, connect: Connect) -> None:
    """When all its connections are cut, a worker takes new ones and goes on."""
    owner = await connect()
    await owner.execute(
        """select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()"""
    )
    await house.accept(*house.story(), conn=owner)

    async def decided() -> bool:
        return len(await house.every(Reward)) == 2

    await eventually(decided)


async def test_a_look_that_fails_ends_no_worker(
    house: House, engine: Engine, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is looked at now and then may fail, whatever kind of callable it is: the worker looks again, and decides."""
    monkeypatch.setattr(module, "MINUTE", 0.01)
    monkeypatch.setattr(module, "_AFTER_FAILURE", 0.01)
    looked: list[str] = []

    async def look(name: str) -> None:
        looked.append(name)
        raise OSError("the database is not there yet")

    await house.publish()
    await house.accept(*house.story())
    async with at_work(Worker(engine, vault, {}, minutely=(partial(look, "a"), lambda: look("b")))):

        async def went_on() -> bool:
            return min(looked.count("a"), looked.count("b")) > 1 and len(await house.every(Reward)) == 2

        await eventually(went_on)


async def test_it_ends_when_told(engine: Engine, vault: Vault) -> None:
    """SIGTERM ends a worker of its own process after what it is doing."""
    worker = Worker(engine, vault, {})
    task = asyncio.create_task(run_alone(worker))
    await asyncio.sleep(3 * module.LOOK)
    assert not task.done()
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await task


async def test_who_is_woken_needs_no_look_and_keeps_nobody_waiting(
    make_house: Any, engine: Engine, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks only the woken are decided; when a look is due, or nobody is woken, everybody who has work is.

    First-hour 9.
    """
    woken, other = [await make_house() for _ in range(2)]
    worker = Worker(engine, vault, {})

    async def decided_of(*, wake: bool) -> list[int]:
        before = [(await house.position()) for house in (woken, other)]
        for house in (woken, other):
            await house.accept(house.event(events.LeadCreated, person="per_a", code="nobody"))
        if wake:
            worker.wake(woken.ws)
        await worker.decide()
        return [await house.position() - was for house, was in zip((woken, other), before, strict=True)]

    monkeypatch.setattr(module, "LOOK", 1e12)  # seconds: longer than any machine is up
    assert await decided_of(wake=True) == [1, 1]  # it had not looked yet
    assert await decided_of(wake=True) == [1, 0]
    assert await decided_of(wake=False) == [1, 2]
    monkeypatch.setattr(module, "LOOK", 0.0)
    assert await decided_of(wake=True) == [1, 1]


async def test_clicks_alone_are_no_reason_to_go_on_at_once(make_house: Any, engine: Engine, vault: Vault) -> None:
    """While links are followed, blocks of clicks are left until a look is due; what somebody may wait for is gone on with."""
    house: House = await make_house()
    worker, clicks = Worker(engine, vault, {}), Clicks(engine)

    async def goes_on_after(*said: Any) -> bool:
        await clicks.record(house.workspace, "cod_per_ann", bot=False)
        await house.accept(*said)
        moved, more = await worker._batch(house.ws)
        assert moved > len(said)
        return more

    assert not await goes_on_after()
    assert await goes_on_after(house.event(events.LeadCreated, person="per_a", code="nobody"))
    assert not await goes_on_after()
    for _ in range(module._HEAP):
        await clicks.record(house.workspace, "cod_per_ann", bot=False)
    assert await goes_on_after() is True
