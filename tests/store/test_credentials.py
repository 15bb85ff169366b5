"""Wrong tries: whoever counts one and whoever was right never wait for one another."""

import asyncio

import pytest
from tests.conftest import Connect

from goodword.core import calendar
from goodword.store import credentials
from goodword.store.credentials import Limit
from goodword.store.migrations import migrate

A, B = (Limit(key, 5, calendar.MINUTE) for key in (b"a", b"b"))


@pytest.mark.parametrize(("own", "shared"), [(A, B), (B, A)])
async def test_a_right_try_and_one_that_is_counted_do_not_lock_each_other_out(
    database: str, connect: Connect, own: Limit, shared: Limit
) -> None:
    await migrate(database)
    counting, right = await connect(), await connect()
    assert await credentials.take_turn(counting, [A, B], 1) is None

    async def was_right() -> None:
        async with right.transaction():
            await credentials.was_right(right, own.key, [shared.key])

    async with counting.transaction():
        assert await credentials.take_turn(counting, [A], 2) is None
        waiting = asyncio.create_task(was_right())
        while not await counting.fetchval("select count(*) from pg_locks where not granted"):
            await asyncio.sleep(0.01)
        assert await credentials.take_turn(counting, [B], 2) is None
    await waiting
    assert await counting.fetch("select key, failed from attempt") == [(shared.key, 1)]


async def test_who_forgets_old_tries_waits_for_nobody(database: str, connect: Connect) -> None:
    await migrate(database)
    counting, forgetting = await connect(), await connect()
    assert await credentials.take_turn(counting, [A, B], 1) is None
    now = credentials.FORGOTTEN + 2
    async with counting.transaction():
        assert await credentials.take_turn(counting, [A], now) is None
        await credentials.forget_tries(forgetting, now)
    assert await counting.fetch("select key, failed from attempt") == [(A.key, 1)]
