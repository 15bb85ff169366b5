"""Connections of the pool: nobody who holds a transaction and does nothing keeps a workspace from being decided."""

import pytest

from goodword.store.pool import open_pool


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_transaction_in_which_nothing_happens_ends(database: str, read_only: bool) -> None:
    """After ten seconds, of those that write and of those that read; times are of UTC."""
    async with await open_pool(database, size=1, read_only=read_only) as pool, pool.acquire() as conn:
        assert await conn.fetchval("show idle_in_transaction_session_timeout") == "10s"
        assert await conn.fetchval("show timezone") == "UTC"
        assert await conn.fetchval("show default_transaction_read_only") == ("on" if read_only else "off")
