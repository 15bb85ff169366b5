"""Statements that meet a backlog with a plan from before it, as every worker's do that had nothing to do for a while."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from goodword.store.pool import open_pool
from goodword.store.sql_files import statements

_GENERIC = 7  # times after which PostgreSQL keeps a plan for all values


@pytest.mark.parametrize("aside", [0, 3_000])
@pytest.mark.parametrize("is_vacuumed", [True, False])
async def test_a_plan_from_before_a_backlog_reads_no_more_of_it_than_it_gives(
    database: str, aside: int, is_vacuumed: bool
) -> None:
    """What a batch fetches, and the look for work, read as many rows as they give; statistics of the backlog come later."""
    owner = await asyncpg.connect(database)
    await owner.execute("insert into workspace values ('wsp', 'x', 'live', 'real', 0)")
    await owner.execute("insert into stream (workspace_id) values ('wsp')")
    if is_vacuumed:
        await owner.execute("vacuum (analyze) undecided")
    pool = await open_pool(database, size=1)
    async with pool.acquire() as conn:
        await conn.execute(f"prepare fetched (text, int) as {statements('undecided')['fetch']}")
        await conn.execute(f"prepare work (bigint) as {statements('workspace')['with_work']}")
        for _ in range(_GENERIC):
            assert await conn.fetch("execute fetched ('wsp', 100)") == []
            assert await conn.fetch("execute work (0)") == []
        await owner.execute(
            """insert into undecided (workspace_id, evt, source, id, body, waits_for)
               select 'wsp', 'evt_' || lpad(n::text, 6, '0'), 'native', n::text, '',
                 case when n % 3 = 0 and n <= 3 * $1 then 'evt_0' end
               from generate_series(1, 20000) n""",
            aside,
        )
        assert (
            await _read(conn, "execute fetched ('wsp', 100)") <= aside + 100 + 60
        )  # between them stand those set aside
        assert await _read(conn, "execute work (0)") <= 5
    await pool.close()
    await owner.close()


async def _read(conn: asyncpg.Connection, statement: str) -> int:
    """Give how many rows of what waits a statement reads."""
    [(plan,)] = await conn.fetch(f"explain (analyze, format json) {statement}")
    scans = [scan for scan in _scans(json.loads(plan)[0]["Plan"]) if scan["Relation Name"] == "undecided"]
    assert scans
    return int(
        sum(scan["Actual Loops"] * (scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) for scan in scans)
    )


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Relation Name" in plan:
        yield plan
    for part in plan.get("Plans", ()):
        yield from _scans(part)
