"""The worker: whatever waits is decided, done and signed without anybody asking, by as many workers as there are."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest
from tests.app.conftest import START, House
from tests.conftest import Connect

from goodword.app.engine import Engine
from goodword.app.intake.clicks import Clicks
from goodword.app.proof.audit import verify
from goodword.core import events
from goodword.core.decision import Job
from goodword.core.state import Reward, Timer
from goodword.store import jobs
from goodword.store.jobs import Leased
from goodword.store.vault import Vault
from goodword.worker import Worker, run_alone
from goodword.worker import loops as module

PATIENCE = 20


async def until(condition: Any) -> None:
    """Wait until a condition holds, though the database may be away meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                if await condition():
                    return
            await asyncio.sleep(0.01)


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

    workers = [Worker(engine, vault, {"note": note}, database) for _ in range(2)]
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

        await until(decided)

        async def signed(house: House = house) -> bool:
            return (await verify(house.pool, house.ws)).heads > 0

        await until(signed)
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

    await until(set_aside)
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

    await until(decided)


async def test_jobs_are_done_and_tried_again(
    house: House, running: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job is done once; one that fails, or that nothing here can do, is kept with its error and tried again."""
    monkeypatch.setattr(jobs, "_FIRST_PAUSE", 1)
    async with house.pool.acquire() as conn:
        said = [("job_1", "note", "s"), ("job_2", "note", "fails"), ("job_3", "unknown", "s")]
        await jobs.add(conn, house.ws, [Job(id=i, kind=k, subject=s) for i, k, s in said], START)

    async def done() -> bool:
        return len(running["done"]) >= 2

    await until(done)
    assert sorted((job.id, job.attempts) for _, job in running["done"]) == [("job_1", 1), ("job_2", 2)]

    async def kept() -> bool:
        return "unknown" in (await house.pool.fetchval("select error from job where id = 'job_3'") or "")

    await until(kept)


async def test_a_look_that_found_work_looks_again(
    house: House, engine: Engine, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More jobs than a worker takes at once are done without its pausing in between; it takes no more than so many."""
    monkeypatch.setattr(module, "JOBS", 3_600.0)
    groups: list[int] = []

    async def note(_: str, leased: Sequence[Leased]) -> dict[Leased, Exception]:
        groups.append(len(leased))
        return {}

    async with house.pool.acquire() as conn:
        said = [Job(id=f"job_{n:04}", kind="note", subject="s") for n in range(2 * jobs.MOST + 1)]
        await jobs.add(conn, house.ws, said, START)
    worker = Worker(engine, vault, {"note": note})
    task = asyncio.create_task(worker.run())

    async def done() -> bool:
        return sum(groups) == len(said)

    await until(done)
    worker.stop()
    await task
    assert groups == [jobs.MOST, jobs.MOST, 1]
    assert await house.pool.fetchval("select count(*) from job where done_at is null") == 0


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

    await until(decided)


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
    """Between two looks only the woken are decided; when a look is due, or nobody is woken, everybody who has work is."""
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
    worker._going.clear()
    assert await decided_of(wake=True) == [1, 0]
    assert await decided_of(wake=False) == [1, 2]
    worker._going.clear()
    monkeypatch.setattr(module, "LOOK", 0.0)
    assert await decided_of(wake=True) == [1, 1]


async def test_clicks_alone_are_no_reason_to_go_on_at_once(make_house: Any, engine: Engine, vault: Vault) -> None:
    """While links are followed, blocks of clicks are left until a look is due; what somebody may wait for is gone on with."""
    house: House = await make_house()
    worker, clicks = Worker(engine, vault, {}), Clicks(engine)

    async def goes_on_after(*said: Any) -> bool:
        await clicks.record(house.workspace, "cod_per_ann", bot=False)
        await house.accept(*said)
        assert await worker.decide() > len(said)
        return house.ws in worker._going

    assert not await goes_on_after()
    assert await goes_on_after(house.event(events.LeadCreated, person="per_a", code="nobody"))
    assert not await goes_on_after()
    for _ in range(module._HEAP):
        await clicks.record(house.workspace, "cod_per_ann", bot=False)
    assert await goes_on_after() is True
