"""Group commit: what is put is stored once, in batches, and trouble hits only whom it must."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from goodword.app.engine import Clock
from goodword.app.intake.group_commit import ApartError, GroupCommit, UnavailableError


class Store(Clock):
    """A place to write to, with a clock, which keeps what it was given and fails where it is told."""

    def __init__(self, *, bad: frozenset[int] = frozenset(), away: int = 0) -> None:
        self.batches: list[list[int]] = []
        self.bad = bad
        self.away = away

    async def write(self, items: Sequence[int]) -> list[str]:
        """Store a batch, or fail."""
        await asyncio.sleep(0)
        if self.away:
            self.away -= 1
            raise ConnectionRefusedError
        if self.bad.intersection(items):
            raise asyncpg.CheckViolationError("a bad row")
        self.batches.append(list(items))
        return [f"stored {item}" for item in items]

    def commit(self, **limits: int) -> GroupCommit[int, str]:
        """Return a buffer that writes here."""
        return GroupCommit(self, self.write, lambda item: f"refused {item}", **limits)


async def test_results_come_back_in_order_to_whom_they_belong() -> None:
    """Many producers at once: each gets its own results, and few flushes serve them all."""
    store = Store()
    buffer = store.commit()
    results = await asyncio.gather(*(buffer.put([i, i + 1_000]) for i in range(100)))
    assert results == [[f"stored {i}", f"stored {i + 1_000}"] for i in range(100)]
    assert sorted(item for batch in store.batches for item in batch) == sorted([*range(100), *range(1_000, 1_100)])
    assert len(store.batches) < 10


async def test_bad_items_stand_alone() -> None:
    """Halving refuses exactly the bad ones; all others are stored once, in their order."""
    store = Store(bad=frozenset({3, 4, 77}))
    results = await store.commit().put(list(range(100)))
    assert [i for i, result in enumerate(results) if result.startswith("refused")] == [3, 4, 77]
    assert [item for batch in store.batches for item in batch] == [i for i in range(100) if i not in (3, 4, 77)]


async def test_a_short_absence_of_the_database_is_waited_out() -> None:
    """A lost connection is tried again; the producer notices nothing."""
    store = Store(away=2)
    assert await store.commit().put([1]) == ["stored 1"]


async def test_a_long_absence_refuses_all_and_the_buffer_lives_on() -> None:
    """No item is called bad because the database is away; afterwards everything works again."""
    store = Store(away=4)
    buffer = store.commit()
    with pytest.raises(UnavailableError):
        await buffer.put([1, 2])
    assert await buffer.put([3]) == ["stored 3"]
    assert store.batches == [[3]]


async def test_a_full_buffer_takes_nothing_more() -> None:
    """Beyond the capacity the whole request is refused; what waits is stored."""
    store = Store()
    buffer = store.commit(capacity=5)
    first = asyncio.create_task(buffer.put([1, 2, 3]))
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError) as caught:
        await buffer.put([4, 5, 6])
    assert caught.value.retry_after > 0
    assert len(await first) == 3
    await buffer.drain()
    assert [item for batch in store.batches for item in batch] == [1, 2, 3]


async def test_nothing_is_taken_that_would_wait_too_long() -> None:
    """Once flushes tell how fast the database is, only so many may wait as it stores in two seconds, and one flush's worth."""
    now = 0.0

    class Slow(Store):
        async def write(self, items: Sequence[int]) -> list[str]:
            nonlocal now
            now += len(items) / 100
            return await super().write(items)

        def monotonic(self) -> float:
            return now

    buffer = Slow().commit(largest=10, capacity=1_000)
    assert len(await buffer.put(list(range(1_000)))) == 1_000
    with pytest.raises(UnavailableError):
        await buffer.put(list(range(201)))
    with pytest.raises(UnavailableError):
        buffer.check(201)
    buffer.check()
    assert len(await buffer.put(list(range(200)))) == 200


async def test_a_producer_that_goes_away_takes_nobody_with_it() -> None:
    """A cancelled request leaves the others of its flush alone."""
    store = Store()
    buffer = store.commit()
    gone = asyncio.create_task(buffer.put([1]))
    stays = asyncio.create_task(buffer.put([2]))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == ["stored 2"]


async def test_a_flush_holds_no_more_than_it_may() -> None:
    """A large heap is written in several flushes."""
    store = Store()
    await store.commit(largest=10).put(list(range(35)))
    assert [len(batch) for batch in store.batches] == [10, 10, 10, 5]


async def test_what_cannot_be_stored_now_sends_only_its_own_producer_away() -> None:
    """An item that may be stored later fails the request that it came with; all others of the flush are stored."""

    class Locked(Store):
        async def write(self, items: Sequence[int]) -> list[str]:
            if 7 in items:
                raise ApartError("the key of seven is away", 60)
            return await super().write(items)

    buffer = Locked().commit()
    results = await asyncio.gather(*(buffer.put([i, i + 100]) for i in range(20)), return_exceptions=True)
    failed = [i for i, result in enumerate(results) if isinstance(result, UnavailableError)]
    assert failed == [7]
    assert all(result == [f"stored {i}", f"stored {i + 100}"] for i, result in enumerate(results) if i != 7)


async def test_who_waits_for_room_is_never_sent_away() -> None:
    """More than the buffer holds, all at once: each waits until there is room, and all are stored, no more waiting than it holds."""
    store = Store()
    buffer = store.commit(capacity=5, largest=2)

    async def patient(item: int) -> str:
        await buffer.room(1)
        [stored] = await buffer.put([item])
        return stored

    results = await asyncio.gather(*map(patient, range(200)))
    assert results == [f"stored {item}" for item in range(200)]
    assert sorted(item for batch in store.batches for item in batch) == list(range(200))


async def test_who_waits_for_room_is_told_that_the_database_is_away() -> None:
    """It waits for room, not for the database: that is said, and the buffer lives on."""
    store = Store(away=10**6)
    buffer = store.commit(capacity=1, largest=1)

    async def patient(item: int) -> None:
        await buffer.room(1)
        with pytest.raises(UnavailableError):
            await buffer.put([item])

    await asyncio.gather(*map(patient, range(5)))
    store.away = 0
    assert await buffer.put([9]) == ["stored 9"]
