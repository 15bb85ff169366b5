"""Followers of the log: each entry counts once, whoever fails, is killed or works at the same time; the rest is told as lag."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from testkit.database import scans
from tests.app.conftest import House
from tests.app.test_audit import live
from tests.app.test_rollups import said
from tests.conftest import Connect

from goodword.app import say
from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.errors import UnknownError
from goodword.app.follow.figures import FOLLOWER
from goodword.app.follow.follower import Follower, catch_up, follow, restart
from goodword.app.follow.lag import lags
from goodword.app.follow.registry import REGISTRY
from goodword.app.principal import OPERATOR
from goodword.app.proof.audit import examine, verify
from goodword.app.recent import Recent
from goodword.app.see import reports
from goodword.core import events
from goodword.core.entry import Entry
from goodword.store import figures, followers
from goodword.store.sql_files import statements
from goodword.store.vault import Vault


async def rows(house: House) -> list[tuple[Any, ...]]:
    """Return the figures as they stand there."""
    async with house.pool.acquire() as conn:
        return await figures.every(conn, house.ws)


async def cursor(house: House) -> int:
    """Return the last entry that the figures have taken."""
    async with house.pool.acquire() as conn:
        return await followers.position(conn, house.ws, FOLLOWER.name)


async def lead(house: House, n: int = 1) -> None:
    """Let so many leads be decided."""
    await house.accept(*(house.event(events.LeadCreated, person=f"per_{n}") for n in range(n - 1)))
    await house.send(events.LeadCreated, person="per_last")


async def test_figures_say_up_to_which_entry_they_are_true(house: House, vault: Vault) -> None:
    """A decision leaves the figures as they were, with the place where they end and how old what they lack is; then they follow."""

    async def overview() -> reports.Overview:
        return await reports.overview(OPERATOR.at(house.workspace), Directory(house.engine, vault))

    every = list(REGISTRY.values())
    await catch_up(house.engine, house.ws, every)
    before = await overview()
    assert (before.as_of_position, before.lag_seconds) == (before.position, 0)
    await lead(house)
    after = await overview()
    assert (after.totals, after.as_of_position) == (before.totals, before.position)
    assert after.position == before.position + 1
    assert 0 < after.lag_seconds < 60
    progress = await reports.progress(OPERATOR.at(house.workspace), Directory(house.engine, vault))
    behind = {(one.follower, one.position, one.end) for one in progress.behind}
    assert behind == {(one.name, before.position, after.position) for one in every}
    assert len(progress.behind) == len(every)
    assert await catch_up(house.engine, house.ws, every) == len(every)
    now = await overview()
    assert (now.as_of_position, now.lag_seconds) == (after.position, 0)
    assert [one.metric for one in now.totals] == ["leads", "refused:no_touch"]
    async with house.pool.acquire() as conn:
        assert await lags(conn, house.engine.clock.now()) == []


async def test_what_does_not_end_counts_nothing(house: House) -> None:
    """A follower that raises, is cancelled, takes too long or loses its connection leaves figures and position as they were."""
    await live(house)
    await lead(house, 3)
    at, before = await cursor(house), await rows(house)

    async def raising(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
        await FOLLOWER.apply(conn, ws, entries)
        raise ZeroDivisionError

    async def hanging(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
        await FOLLOWER.apply(conn, ws, entries)
        await asyncio.Event().wait()

    async def lost(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
        await FOLLOWER.apply(conn, ws, entries)
        await house.pool.execute("select pg_terminate_backend($1)", conn.get_server_pid())

    for apply, error in (
        (raising, ZeroDivisionError),
        (hanging, TimeoutError),
        (lost, (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)),
    ):
        with pytest.raises(error):
            await follow(house.engine, house.ws, replace(FOLLOWER, apply=apply, within=0.3))
        assert (await cursor(house), await rows(house)) == (at, before)
    cancelled = asyncio.create_task(follow(house.engine, house.ws, replace(FOLLOWER, apply=hanging)))
    await asyncio.sleep(0.2)
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    assert (await cursor(house), await rows(house)) == (at, before)
    assert await follow(house.engine, house.ws, FOLLOWER) == 3
    assert await rows(house) == await said(house)


async def test_many_at_once_take_each_entry_once(house: House) -> None:
    """Six processes that follow one workspace while it is decided come to what the log says."""
    engines = [Engine(house.pool) for _ in range(6)]
    await live(house)
    await restart(house.engine, house.ws, FOLLOWER)
    small = replace(FOLLOWER, most=7)

    async def following(engine: Engine) -> int:
        taken = 0
        while await cursor(house) < await house.position():
            taken += await follow(engine, house.ws, small)
        return taken

    *taken, _ = await asyncio.gather(*map(following, engines), lead(house, 20))
    await catch_up(house.engine, house.ws, [FOLLOWER])
    assert len([one for one in taken if one]) > 1
    assert await rows(house) == await said(house)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_batch_is_bounded_by_entries_and_by_bytes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many entries go together, or so many bytes of them; one that is larger goes alone."""
    await lead(house, 12)
    taken: list[list[int]] = []

    async def apply(_: asyncpg.Connection, __: str, entries: Sequence[Entry]) -> None:
        taken.append([entry.position for entry in entries])

    async def clear(_: asyncpg.Connection, __: str) -> None:
        pass

    mine = Follower(name="mine", apply=apply, clear=clear, most=5)
    last = await catch_up(house.engine, house.ws, [mine])
    assert [len(one) for one in taken] == [5] * (last // 5) + [last % 5] * (last % 5 > 0)
    assert [position for one in taken for position in one] == list(range(1, (await house.position()) + 1))
    taken.clear()
    monkeypatch.setattr("goodword.app.follow.follower._BYTES", 1_000)
    monkeypatch.setattr(house.engine, "recent", Recent(0))  # what is in memory already is not bounded by bytes
    await restart(house.engine, house.ws, mine)
    await catch_up(house.engine, house.ws, [mine])
    sizes = [
        await house.pool.fetchval("select sum(octet_length(leaf)) from log where position = any($1)", one)
        for one in taken
    ]
    assert [position for one in taken for position in one] == list(range(1, last + 1))
    assert all(size <= 1_000 or len(one) == 1 for size, one in zip(sizes, taken, strict=True))
    assert {len(one) > 1 for one in taken} == {True, False}


async def test_what_this_process_wrote_is_not_read_back(
    house: House, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own entries are taken from memory, to the same figures; where the log has another entry in their place it is read."""
    await live(house)
    await lead(house, 3)
    read = followers.leaves
    reads = 0

    async def counted(*which: Any) -> list[bytes]:
        nonlocal reads
        reads += 1
        return await read(*which)

    monkeypatch.setattr(followers, "leaves", counted)
    await catch_up(house.engine, house.ws, [FOLLOWER])
    assert reads == 1  # at the end, where there is nothing
    assert await rows(house) == await said(house)
    await lead(house, 2)
    owner = await connect()
    await owner.execute("update log set evt = evt || 'x' where position = $1", await house.position())
    assert await follow(house.engine, house.ws, FOLLOWER) > 0
    assert reads == 2


async def test_what_begins_again_comes_to_the_same(house: House) -> None:
    """Figures that somebody broke are right again once they were forgotten and the log was followed from its first entry."""
    await live(house)
    before = await rows(house)
    await house.pool.execute("update figure set count = count + 1")
    await restart(house.engine, house.ws, FOLLOWER)
    assert (await cursor(house), await rows(house)) == (0, [])
    assert (await verify(house.pool, house.ws)).differences == ()
    await catch_up(house.engine, house.ws, [FOLLOWER])
    assert await rows(house) == before == await said(house)


async def test_verification_goes_as_far_as_the_figures(house: House, connect: Connect) -> None:
    """What the figures have not taken is no difference; a position that somebody moved is one, ahead or back."""
    await live(house)
    await lead(house, 3)
    assert (await verify(house.pool, house.ws)).differences == ()
    owner = await connect()
    for to, nouns in (
        ("position - 1", {"figure"}),
        ("position + 3", {"figure"}),
        ("position + 4", {"figure", "follower"}),
    ):
        transaction = owner.transaction()
        await transaction.start()
        await owner.execute(f"update follower set position = {to}")
        found = (await examine(owner, house.ws)).differences
        await transaction.rollback()
        assert {one.noun for one in found} == nouns, to


async def test_an_entry_that_is_gone_is_not_passed_over(house: House, connect: Connect) -> None:
    """Where somebody deleted an entry its followers stop before it, and say so."""
    await lead(house, 3)
    owner = await connect()
    await owner.execute("delete from log where position = 2")
    with pytest.raises(LookupError, match="goodword verify"):
        await follow(house.engine, house.ws, FOLLOWER)
    assert await cursor(house) == 0


async def test_following_reads_the_entries_behind_it_alone(house: House) -> None:
    """However long the history, a batch reads its own entries, found by the primary key."""
    await lead(house, 200)
    last = await house.position()
    async with house.pool.acquire() as conn:
        await conn.execute("set enable_seqscan = off")
        read = "explain (analyze, format json) " + statements("follower")["next"]
        [scan] = scans(json.loads(await conn.fetchval(read, house.ws, last - 9, 500, 1 << 22))[0]["Plan"])
    assert (scan["Index Name"], scan["Actual Rows"]) == ("log_pkey", 9)
    assert "Filter" not in scan


async def test_who_keeps_the_installation_going_may_begin_a_follower_again(house: House, vault: Vault) -> None:
    """The operator names a follower and it begins again; a name that there is not is said to be unknown."""
    await live(house)
    operator, directory = OPERATOR.at(house.workspace), Directory(house.engine, vault)
    with pytest.raises(UnknownError):
        await say.followers.restart(operator, directory, "none")
    assert await cursor(house) > 0
    await say.followers.restart(operator, directory, "figures")
    assert await cursor(house) == 0
