"""A long batch, in which timers fire among events, is one transaction: it holds as a whole or leaves nothing."""

import asyncio
from typing import Any

import pytest
from tests.app.conftest import DAY, House

from goodword.app.proof.audit import verify
from goodword.app.write import process as module
from goodword.app.write.process import process
from goodword.core.state import Timer
from goodword.store import entities


class _Written:
    """Counts what is written, noun by noun; ``fail``: the number of the write that fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail: int = 0) -> None:
        self.count = 0
        self._fail = fail
        self._real = entities.save
        monkeypatch.setattr(entities, "save", self._save)

    async def _save(self, *arguments: Any, **named: Any) -> None:
        if any(arguments[3:]):
            self.count += 1
            if self.count == self._fail:
                raise ValueError("on purpose")
        await self._real(*arguments, **named)


async def _months(house: House, people: int) -> int:
    """Put the stories of so many friends into the inbox, some days apart, so that early timers fire among late stories."""
    said = []
    for n in range(people):
        said += house.story(f"per_f{n}", f"per_a{n % 3}")
        house.at += 9 * DAY
    await house.accept(*said)
    return len(said)


async def test_a_batch_in_which_timers_fire_is_what_a_replay_makes(house: House) -> None:
    """Entities, balances, tiles, figures and timers, also those that one event sets and a later one finds fired, are the replay's."""
    size = await _months(house, 12)
    done = await process(house.engine, house.ws)
    assert done > size  # timers fired too
    assert all(timer.due_at > house.at - 9 * DAY for timer in await house.every(Timer))
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size == await house.position()


@pytest.mark.parametrize("fail", [1, 2, 3])
async def test_a_noun_that_cannot_be_written_leaves_nothing_of_its_batch(
    house: House, monkeypatch: pytest.MonkeyPatch, fail: int
) -> None:
    """Whichever write the database refuses, none of the batch is decided, and the next try decides all of it."""
    size, before = await _months(house, 4), await house.position()
    with monkeypatch.context() as patch:
        written = _Written(patch, fail)
        with pytest.raises(ValueError, match="on purpose"):
            await module._process(house.engine, house.ws, 1_000, house.at, None)
    assert written.count == fail
    assert await house.position() == before
    assert await process(house.engine, house.ws) >= size
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_batch_given_up_while_it_is_written_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that is canceled while it is being written is rolled back, and its connection serves the next one."""
    size, before = await _months(house, 4), await house.position()
    with monkeypatch.context() as patch:
        written = _Written(patch)
        batch = asyncio.create_task(process(house.engine, house.ws))
        while not written.count:
            await asyncio.sleep(0)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
    assert await house.position() == before
    assert await process(house.engine, house.ws) >= size
    assert (await verify(house.pool, house.ws)).differences == ()
