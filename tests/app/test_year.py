"""What was paid in a year is read for many payees as for one."""

from __future__ import annotations

import asyncpg
from tests.app.conftest import House

from goodword.app.see.taxes import page_of_year
from goodword.core import taxes
from goodword.core.state import Counter
from goodword.store import entities


async def test_a_page_of_a_year_asks_no_more_often_for_many_than_for_one(house: House) -> None:
    """Ten payees are read by statements that do not grow with them, and each with what is theirs."""
    asked: list[str] = []

    async with house.pool.acquire() as conn, conn.transaction():
        names = ("program", "person", "kind", "period")
        for n in range(10):
            key = dict(zip(names, taxes.key_of(f"per_{n}", "2026"), strict=True))
            await entities.save(conn, house.ws, Counter, [Counter(**key, count=1, amounts={"EUR": 1 + n})])

        def note(record: asyncpg.connection.LoggedQuery) -> None:
            asked.append(record.query)

        counts = []
        for limit in (1, 10):
            asked.clear()
            with conn.query_logger(note):
                page = await page_of_year(conn, house.as_(house.owner), house.directory, "2026", "", limit)
            assert [(it.person, it.values[0].paid) for it in page.items] == [(f"per_{n}", 1 + n) for n in range(limit)]
            counts.append(len(asked))
        assert 0 < counts[1] < counts[0] + 5, "one more statement each would be nine"
