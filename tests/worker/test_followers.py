"""The worker lets followers take the log of all workspaces side by side; who fails or hangs stops nobody else."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import pytest
from testkit.waiting import eventually
from tests.app.conftest import House

from goodword.app.engine import Engine
from goodword.app.follow import follower as app_follower
from goodword.app.follow.follower import Follower
from goodword.app.recent import Recent
from goodword.core.entry import Entry
from goodword.store import followers as store
from goodword.worker import followers
from goodword.worker.followers import Followers

Do = Callable[[str], Any]


def follower(name: str, do: Do) -> Follower:
    """Make a follower that does this with a workspace and stores nothing."""

    async def apply(_: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
        assert entries
        if (waits := do(ws)) is not None:
            await waits

    async def clear(_: asyncpg.Connection, __: str) -> None:
        pass

    return Follower(name=name, apply=apply, clear=clear)


class Running:
    """Followers that run while the block does."""

    def __init__(self, engine: Engine, *wanted: Follower) -> None:
        self._followers = Followers(engine, {one.name: one for one in wanted})

    async def __aenter__(self) -> None:
        self._running = asyncio.create_task(self._followers.run())

    async def __aexit__(self, *_: object) -> None:
        self._followers.stop()
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)


@pytest.fixture
async def houses(make_house: Any) -> list[House]:
    """Four workspaces with an entry each."""
    return [await make_house() for _ in range(4)]


async def test_who_fails_and_who_hangs_keep_nobody_else(
    engine: Engine, houses: list[House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one workspace failing, one hanging and one follower hanging in all, the others' entries are taken; failures come again."""
    monkeypatch.setattr(followers, "LOOK", 0.02)
    monkeypatch.setattr(followers, "_FIRST_PAUSE", 0.02)
    bad, hung, *good = [house.ws for house in houses]
    failures: list[str] = []
    never = asyncio.Event()

    def do(ws: str) -> Any:
        if ws == bad:
            failures.append(ws)
            raise ZeroDivisionError
        return never.wait() if ws == hung else None

    mine, stuck = follower("mine", do), follower("stuck", lambda _: never.wait())

    async def served() -> bool:
        async with engine.pool.acquire() as conn:
            behind = {one.workspace for one in await store.behind(conn, ["mine"])}
        return len(failures) > 2 and {house.ws for house in houses} - behind == set(good)

    async with Running(engine, stuck, mine):
        await eventually(served)


async def test_one_that_failed_is_tried_after_pauses_that_double(engine: Engine, houses: list[House]) -> None:
    """What fails at every look is not tried at every look."""
    wanted = follower("mine", lambda _: 1 / 0)
    them = Followers(engine, {"mine": wanted})
    one = (houses[0].ws, "mine")
    pauses = []
    for _ in range(4):
        await them._serve(one, 1)
        pauses.append(them._failed[one][0])
        assert not them._may_try(one)
    assert pauses == [1, 2, 4, 8]


async def test_after_a_batch_that_bytes_cut_short_the_next_follows_at_once(
    engine: Engine, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries of which a few fill a batch are all taken behind one look: nothing waits for the next, which never comes here."""
    monkeypatch.setattr(followers, "LOOK", 3_600)
    monkeypatch.setattr(app_follower, "_BYTES", 1)
    monkeypatch.setattr(engine, "recent", Recent(0))  # what is in memory already is not bounded by bytes
    await house.accept(*house.story())
    await house.decide()
    batches: list[str] = []

    async def all_taken() -> bool:
        return len(batches) == await house.position() > 3

    async with Running(engine, follower("mine", batches.append)):
        await eventually(all_taken)


async def test_once_takes_a_batch_of_each(engine: Engine, houses: list[House]) -> None:
    """A step by hand takes what is there, of every workspace, and then there is nothing more."""
    seen: list[str] = []
    them = Followers(engine, {"mine": follower("mine", seen.append)})
    assert await them.once() == sum([await house.position() for house in houses])
    assert sorted(seen) == sorted(house.ws for house in houses)
    assert await them.once() == 0
