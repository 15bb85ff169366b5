"""What a process keeps of a workspace between batches is the truth of one head of its log, and of no other."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.app.conftest import DAY, House
from tests.conftest import Connect

from goodword.app.engine import Engine
from goodword.app.proof.audit import verify
from goodword.app.write import cache, loader
from goodword.app.write import persist as persist_module
from goodword.app.write import process as module
from goodword.app.write.process import process
from goodword.core import events
from goodword.core.merkle import TILE
from goodword.core.state import Advocate, Balance, Program, Reward, Timer
from goodword.store import entities, log
from goodword.store.sql_files import FOLDER


def kept_of(house: House) -> cache.Cached:
    """What is kept of the house's workspace."""
    kept = house.engine.cache.of(house.ws)
    assert kept is not None
    return kept


@contextmanager
def fetched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note the nouns that are fetched by key or as a whole."""
    found: list[str] = []

    def noted(name: str) -> Any:
        real = getattr(entities, name)

        async def noting(conn: Any, ws: str, noun: Any, *wanted: Any) -> Any:
            if not wanted or any(wanted):
                found.append((noun[0] if isinstance(noun, tuple) else noun).__name__)
            return await real(conn, ws, noun, *wanted)

        return noting

    with monkeypatch.context() as patch:
        for name in ("load", "of", "every"):
            patch.setattr(loader.entities, name, noted(name))
        yield found


async def test_what_the_batch_before_had_in_hand_is_not_fetched_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second purchase of the same friend fetches neither the program nor the advocate, and is decided as a replay does."""
    await house.accept(*house.story())
    await process(house.engine, house.ws)
    await house.accept(house.bought(invoice="2"))
    with fetched(monkeypatch) as nouns:
        assert await process(house.engine, house.ws) == 1
    assert "Conversion" in nouns
    assert {"Program", "Member", "Advocate", "Customer", "Referral"}.isdisjoint(nouns)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_head_that_another_process_moved_on_is_not_known(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another process has decided in between, everything is fetched, and what it decided counts."""
    await house.accept(*house.story())
    await process(house.engine, house.ws)
    await house.accept(house.bought(invoice="2"))
    await process(Engine(house.pool), house.ws)  # another process knows nothing of ours
    await house.accept(house.bought(invoice="3"))
    with fetched(monkeypatch) as nouns:
        await process(house.engine, house.ws)
    assert {"Program", "Advocate", "Counter", "Conversion"} <= set(nouns)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_what_was_rolled_back_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that was decided and not committed leaves what is kept as it was."""
    await house.accept(*house.story())
    await process(house.engine, house.ws)
    await house.accept(house.bought(invoice="2"))
    before = {reward.id for reward in kept_of(house).state.all(Reward)}

    async def failing(*_: Any) -> None:
        raise OSError("on purpose")

    monkeypatch.setattr(module, "_PAUSE", 0.001)
    with monkeypatch.context() as trouble:
        trouble.setattr(persist_module, "persist", failing)
        with pytest.raises(OSError, match="on purpose"):
            await process(house.engine, house.ws)
    assert {reward.id for reward in kept_of(house).state.all(Reward)} == before
    assert await process(house.engine, house.ws) == 1
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_tiles_of_leaves_that_are_kept_are_those_of_the_leaves_stored(house: House) -> None:
    """Batches of every length across the ends of tiles leave the tree that ``verify`` builds from the leaves."""
    await house.accept(*house.story())
    await process(house.engine, house.ws)
    for n, size in enumerate((1, TILE - 5, 1, 1, 1, 2 * TILE + 3, 7, TILE)):
        await house.accept(*(house.bought(f"per_{n}_{m}", invoice=f"{n}-{m}") for m in range(size)))
        while await process(house.engine, house.ws):
            pass
    tiles = await house.pool.fetchval("select count(*) from log_tile where workspace_id = $1", house.ws)
    assert tiles == await house.position() // TILE
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_database_of_before_gets_what_a_new_one_has(house: House, connect: Connect) -> None:
    """The migration makes of tiles with their own roots, and of figures without days, what is kept with them since."""
    await house.accept(*(house.bought(f"per_{n}", invoice=f"i{n}") for n in range(5 * TILE)))
    while await process(house.engine, house.ws):
        pass
    await house.follow()
    owner = await connect()
    kept = "select tile, root || larger as ends from log_tile order by tile"
    before = await owner.fetch(kept)
    assert [len(row["ends"]) // 32 for row in before[:4]] == [1, 2, 1, 3]
    await owner.execute("alter table log_tile drop column larger")
    assert await owner.fetchval(
        "with gone as (delete from figure where slot like 'day:%' returning 1) select count(*) from gone"
    )
    await owner.execute((FOLDER / "migrations" / "0024_pre_long_histories.sql").read_text())
    assert await owner.fetch(kept) == before
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_what_a_process_of_before_writes_beside_a_new_one_is_proved_and_verified(house: House) -> None:
    """It keeps the root of a tile alone: those of larger subtrees are worked out of others where a proof needs them."""
    await house.accept(*(house.bought(f"per_{n}", invoice=f"i{n}") for n in range(9 * TILE)))
    while await process(house.engine, house.ws):
        pass
    size = await house.position()
    async with house.pool.acquire() as conn:
        asked = range(1, size, 97)
        before = [await log.inclusion(conn, house.ws, position, size) for position in asked]
        assert await conn.execute("update log_tile set larger = '' where tile >= 2") != "UPDATE 0"
        assert [await log.inclusion(conn, house.ws, position, size) for position in asked] == before
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_what_is_kept_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the most that may be kept everything is let go, and decisions are the same."""
    monkeypatch.setattr(cache, "MOST", 20)
    for n in range(12):
        await house.accept(*house.story(f"per_f{n}", f"per_a{n}"))
        await process(house.engine, house.ws)
        assert cache.size(kept_of(house).state) <= 20 + 60
    assert len(await house.every(Advocate)) == 12
    assert len(await house.every(Program)) == 1
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_what_is_kept_of_all_workspaces_together_is_bounded(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond that the workspaces that were decided longest ago are let go, never the one at hand."""
    monkeypatch.setattr(cache, "TOGETHER", 20)
    kept = house.engine.cache
    await house.accept(*house.story("per_f", "per_a"))
    await process(house.engine, house.ws)
    state = kept_of(house).state
    async with house.pool.acquire() as conn:
        end = log.End(await log.stream(conn, house.ws), [])
    for other in ("wsp_b", "wsp_c"):
        kept.keep(other, cache.Cached(b""), state, end)
    assert cache.size(state) > 20
    assert [ws for ws in (house.ws, "wsp_b", "wsp_c") if kept.of(ws)] == ["wsp_c"]


async def test_everything_that_is_kept_is_what_stands_in_the_database(house: House) -> None:
    """After purchases, refunds, timers that fired and a list that was approved, each kept entity is its row, and no more are kept."""
    for n in range(4):
        await house.accept(*house.story(f"per_f{n}", f"per_a{n % 2}"))
        await process(house.engine, house.ws)
        await house.accept(house.bought(f"per_f{n}", invoice="2"))
        await process(house.engine, house.ws)
    await house.send(events.ConversionRefunded, invoice="inv_per_f1_1", refund="r1", amount=4_000)
    house.at += 31 * DAY
    await house.send(events.CustomerKnown, person="per_x", since=house.at)
    here = kept_of(house).state
    stored = await house.stored()
    for noun, table in here.tables.items():
        if noun is not Balance:
            assert table == {key: stored[noun][key] for key in table}
        assert here.absent[noun] - table.keys() <= here.absent[noun] - stored[noun].keys()
    for (noun, by), groups in here.gathered.items():
        for group in groups:
            of_group = {it.key for it in stored[noun].values() if getattr(it, by) == group}
            assert {it.key for it in here.of(noun, by, group)} == of_group
    assert len(here.tables[Reward]) == 8
    assert not here.tables[Timer].keys() - stored[Timer].keys()
