"""A long batch is written part by part while the next part is decided; it is one transaction all the same."""

import asyncio
from typing import Any

import pytest
from tests.app.conftest import DAY, House

from goodword.app.proof.audit import verify
from goodword.app.write import persist as persist_module
from goodword.app.write import process as module
from goodword.app.write.batch import Part
from goodword.app.write.process import process
from goodword.core.state import Timer


class _Parts:
    """What was written, part by part; ``fail``: the number of the part whose writing fails."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch, fail: int = 0) -> None:
        self.sizes: list[int] = []
        self.fired: list[int] = []
        self.fail = fail
        house.engine.part = 2
        self._real = persist_module.persist
        monkeypatch.setattr(persist_module, "persist", self._persist)
        monkeypatch.setattr(module, "_BREATH", 0.0)

    async def _persist(self, conn: Any, ws: str, before: Any, part: Part, *rest: Any) -> Any:
        self.sizes.append(len(part.entries))
        self.fired.append(len(part.fired))
        if len(self.sizes) == self.fail:
            raise ValueError("on purpose")
        return await self._real(conn, ws, before, part, *rest)


async def _months(house: House, people: int) -> int:
    """Put the stories of so many friends into the inbox, some days apart, so that early timers fire among late stories."""
    said = []
    for n in range(people):
        said += house.story(f"per_f{n}", f"per_a{n % 3}")
        house.at += 9 * DAY
    await house.accept(*said)
    return len(said)


async def test_a_batch_written_in_parts_is_what_a_replay_makes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entities, balances, tiles, figures and timers, also those that one part sets and a later one fires, are as if written whole."""
    parts = _Parts(house, monkeypatch)
    size = await _months(house, 12)
    done = await process(house.engine, house.ws)
    assert done > size  # timers fired too
    assert len(parts.sizes) > 2
    assert sum(parts.sizes) == done
    assert any(parts.fired[1:])
    assert all(timer.due_at > house.at - 9 * DAY for timer in await house.every(Timer))
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size == await house.position()


@pytest.mark.parametrize("fail", [1, 2, 3])
async def test_a_part_that_cannot_be_written_leaves_nothing_of_its_batch(
    house: House, monkeypatch: pytest.MonkeyPatch, fail: int
) -> None:
    """Whichever part the database refuses, none of the batch is decided, and the next try decides all of it."""
    size, before = await _months(house, 4), await house.position()
    with monkeypatch.context() as patch:
        parts = _Parts(house, patch, fail)
        with pytest.raises(ValueError, match="on purpose"):
            await module._process(house.engine, house.ws, 1_000, house.at, None)
    assert len(parts.sizes) == fail
    assert await house.position() == before
    assert await process(house.engine, house.ws) >= size
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_batch_given_up_amid_its_parts_leaves_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that is canceled while a part is being written is rolled back, and its connection serves the next one."""
    size, before = await _months(house, 4), await house.position()
    with monkeypatch.context() as patch:
        parts = _Parts(house, patch)
        batch = asyncio.create_task(process(house.engine, house.ws))
        while not parts.sizes:
            await asyncio.sleep(0)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
    assert await house.position() == before
    assert await process(house.engine, house.ws) >= size
    assert (await verify(house.pool, house.ws)).differences == ()
