"""A worker that is told to stop ends within a bound, whatever its jobs wait for; what they were at is taken up again."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.app.conftest import House, engine, house, make_house, pool, vault

from goodword.app.engine import Engine
from goodword.app.follow.kinds import Kind, Queue
from goodword.core.decision import Job
from goodword.store import jobs
from goodword.store.jobs import Leased
from goodword.store.vault import Vault
from goodword.worker import Worker
from goodword.worker import jobs as module

__all__ = ["engine", "house", "make_house", "pool", "vault"]

PATIENCE = 20


@pytest.mark.parametrize("quick", [True, False])
async def test_it_waits_for_its_jobs_only_for_a_while(
    house: House, engine: Engine, vault: Vault, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    """A job that ends in time is done; one that does not keeps its lease and is another worker's when that has ended."""
    begun, end = asyncio.Event(), asyncio.Event()
    cut = []

    async def work(_: str, __: Sequence[Leased]) -> dict[Leased, Exception]:
        begun.set()
        try:
            await end.wait()
        except asyncio.CancelledError:
            cut.append(1)
            raise
        return {}

    monkeypatch.setattr(module, "ENDS_WITHIN", PATIENCE if quick else 0.2)
    kinds = {"note": Kind(work, Queue("q"), within=600)}
    async with engine.pool.acquire() as conn:
        await jobs.add(conn, house.ws, [Job(id="a", kind="note", subject="s", queue="q")], 1)
    worker = Worker(engine, vault, kinds)
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        worker.stop()
        if quick:
            end.set()
        await task
    row = await engine.pool.fetchrow("select done_at, leased_until, attempts, error from job where id = 'a'")
    assert (bool(row["done_at"]), bool(row["leased_until"]), row["attempts"], row["error"]) == (
        quick,
        not quick,
        1,
        None,
    )
    assert bool(cut) is not quick
    assert await engine.pool.fetchval("select count(*) from worker") == 0
    if not quick:
        async with engine.pool.acquire() as conn:
            [again] = await jobs.lease(conn, house.ws, "q", "note", row["leased_until"], row["leased_until"] + 1, 10)
        assert again.attempts == 2
