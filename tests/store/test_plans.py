"""Plans of statements: none reads more than it gives, though PostgreSQL may know little of the tables, or what was long ago."""

import json
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from testkit.database import scans
from tests.conftest import Connect

from goodword.core.state import NOUNS
from goodword.store.entity_sql import statements_of
from goodword.store.pages import filtered, of_programs
from goodword.store.pool import open_pool
from goodword.store.sql_files import statements

_GENERIC = 7  # times after which PostgreSQL keeps a plan for all values
_ROWS = 2_000
_KEYS = [f"{n:06}" for n in range(100, 110)]
_BLIND = [key.encode() for key in _KEYS]
_ONE = _KEYS[0]
_SINCE = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), 100)

#: Statements that read little, by key or in order: noun or file, name, what comes behind the workspace.
_LOOKUPS: list[tuple[Any, str, list[Any]]] = [
    *((noun, "load", [_KEYS] * len(noun.KEY)) for noun in NOUNS),
    *((noun, "of", [_KEYS]) for noun in NOUNS if noun.GROUP),
    ("accept", "known", [_KEYS, _KEYS]),
    ("accept", "body", [_ONE]),
    ("people", "find_names", [_KEYS, _BLIND]),
    ("people", "sealed_names", [_KEYS]),
    ("people", "keys_of_people", [_KEYS]),
    ("people", "personal_of", [_ONE, _ONE]),
    ("people", "matches", [_KEYS]),
    ("log", "leaf_of", [_ONE]),
    ("touch", "of_visitors", [_KEYS, *_SINCE, 100]),
    ("touch", "by_id", [_KEYS, *_SINCE]),
    ("pages", "entries_of", [_KEYS, _KEYS, 100]),
    ("pages", "cases_about", [_KEYS, 100]),
    ("pages", "event_by_source", [_ONE, _ONE]),
    ("pages", "undecided", [_ONE]),
    *(
        ("filtered", f"{page} {column}", [10, "", _ONE])
        for page, columns in {
            "rewards": ("beneficiary",),
            "referrals": ("friend",),
            "claims": ("friend",),
            "payouts": ("beneficiary",),
            "advocates": ("person",),
        }.items()
        for column in columns
    ),
    *(("filtered", f"{page} status", [10, "", "approved"]) for page in ("rewards", "cases", "payouts")),
    *(("of_programs", page, [10, "", _KEYS, [""]]) for page in ("referrals", "advocates")),
    *(("of_programs", page, [10, "", _KEYS, ["approved"]]) for page in ("rewards", "claims", "cases", "payouts")),
    *(
        ("of_programs", page, [10, "", _ONE, _KEYS])
        for page in (
            "rewards beneficiary",
            "referrals friend",
            "claims friend",
            "payouts beneficiary",
            "advocates person",
        )
    ),
    ("pages", "knows_person", [_ONE, _KEYS]),
    ("report", "queue_of", [10, _KEYS]),
    ("filtered", "balances owner", [10, "", "", "", "", _ONE]),
    ("redirects", "link", [_BLIND[0]]),
    ("undecided", "decided", [_KEYS]),
    ("timer", "end", [_KEYS]),
    ("job", "done", [_KEYS, [1] * len(_KEYS), 0]),
    ("job", "lease", [_ONE, _ONE, 5_000, 9_000, 10]),
    ("job", "prune", [5, 10]),
    ("timer", "due", [5, 100]),
    ("report", "queue", [100]),
    ("log", "leaves", [100, 110]),
    ("log", "last_head", []),
]

#: Before version 17 PostgreSQL may read a workspace of some thousand rows whole for these; long batches plan afresh (store/pool.py).
_SINCE_17 = {
    ("people", "keys_of_people"),
    ("people", "matches"),
    ("touch", "by_id"),
    ("undecided", "decided"),
    ("timer", "end"),
    ("job", "done"),
    ("job", "lease"),
}


@pytest.mark.parametrize("aside", [0, 3_000])
@pytest.mark.parametrize("is_vacuumed", [True, False])
async def test_a_plan_from_before_a_backlog_reads_no_more_of_it_than_it_gives(
    database: str, aside: int, is_vacuumed: bool, connect: Connect
) -> None:
    """What a batch fetches, and the look for work, read as many rows as they give; statistics of the backlog come later."""
    owner = await connect()
    await owner.execute("insert into workspace values ('wsp', 'x', 'live', 'real', 0)")
    await owner.execute("insert into stream (workspace_id) values ('wsp')")
    if is_vacuumed:
        await owner.execute("vacuum (analyze) undecided")
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
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


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_jobs_that_wait_are_not_read_for_those_that_are_due(database: str, plan: str, connect: Connect) -> None:
    """Neither the look for jobs nor a lease reads those due later, of whatever priority, nor more of a backlog than it takes."""
    owner = await connect()
    await owner.execute("insert into workspace values ('wsp', 'x', 'live', 'real', 0)")
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}")
        await conn.execute(f"prepare due as {statements('workspace')['with_jobs']}")
        await conn.execute(f"prepare lease as {statements('job')['lease']}")
        await conn.execute("execute lease ('wsp', 'q', 'k', 100, 200, 10)")
        await owner.execute(
            """insert into job (workspace_id, id, kind, subject, due_at, queue, priority)
               select 'wsp', lpad(n::text, 6, '0'), case when n % 2 = 0 then 'k' else 'other' end, 's',
                 case when n <= 10000 then 1000 else 1 end, 'q', case when n <= 10000 then 2 else n % 3 end
               from generate_series(1, 20000) n"""
        )
        assert await _read(conn, "execute due (100, array['q', 'q'], array['k', 'none'])", table="job") <= 4
        assert await _read(conn, "execute due (100, array['q'], array['none'])", table="job") <= 2
        assert await _read(conn, "execute lease ('wsp', 'q', 'k', 100, 200, 10)", table="job") <= 3 * 10


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("before", ["nothing", "an older workspace", "an older workspace that was looked at"])
async def test_a_lookup_by_key_reads_no_more_of_a_young_workspace_than_it_gives(
    database: str, before: str, plan: str, connect: Connect
) -> None:
    """Its rows came after PostgreSQL looked at the tables, if it did, and after the plans were made that are kept."""
    owner = await connect()
    if before != "nothing":
        await _fill(owner, "wsp_old")
    if before == "an older workspace that was looked at":
        await owner.execute("vacuum (analyze)")
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}")
        has_17 = conn.get_server_version().major >= 17
        lookups = [look for look in _LOOKUPS if has_17 or look[:2] not in _SINCE_17]
        asked = []
        for n, (of, name, arguments) in enumerate(lookups):
            await conn.execute(f"prepare look_{n} as {_text(of, name, arguments)}")
            asked.append(f"execute look_{n} ({', '.join(map(_literal, ['wsp_young', *arguments]))})")
            await conn.execute(asked[n])
        await _fill(owner, "wsp_young")
        read = [await _read(conn, statement, table=None) for statement in asked]
        assert [(look, rows) for look, rows in zip(lookups, read, strict=True) if rows > 3 * len(_KEYS)] == []


def _text(of: Any, name: str, arguments: list[Any]) -> str:
    """Return the statement of a noun, or of a file; else that of a page and the columns that it is asked for."""
    if of == "of_programs":
        page, *columns = name.split()
        return of_programs(page, 1, tuple(columns))
    if of == "filtered":
        page, *columns = name.split()
        return filtered(page, len(arguments) - 1 - len(columns), tuple(columns))
    return (statements(of) if isinstance(of, str) else statements_of(of))[name]


def _literal(value: Any) -> str:
    """Write a value as SQL does."""
    if isinstance(value, list):
        type_ = {str: "text", bytes: "bytea", int: "integer"}[type(value[0])]
        return f"array[{', '.join(map(_literal, value))}]::{type_}[]"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return str(value) if isinstance(value, int) else f"'{value}'"


async def _fill(owner: asyncpg.Connection, ws: str) -> None:
    """Put rows into every table of a workspace; all that is text in the row n is n."""
    columns = await owner.fetch(
        """select relname as name, array_agg(attname::text order by attnum) as columns,
             array_agg(atttypid::regtype::text order by attnum) as types
           from pg_attribute join pg_class c on c.oid = attrelid
           where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
             and attnum > 0 and not attisdropped and relname <> all ($1)
           group by relname""",
        ["workspace", "api_key", "directory", "migration", "worker", "master_key"],
    )
    value = {
        "text": "lpad(n::text, 6, '0')",
        "bytea": "convert_to(lpad(n::text, 6, '0'), 'UTF8')",
        "bigint": "n",
        "integer": "n",
        "numeric": "n",
        "boolean": "false",
        "jsonb": "'[]'",
        "timestamp with time zone": "now()",
    }
    special = {
        "workspace_id": f"'{ws}'",
        "status": "'approved'",
        "programs": "jsonb_build_array(lpad(n::text, 6, '0'))",
        "waits_for": "null",
        "trace": "null",
        "done_at": "null",
    }
    for table in columns:
        if table["name"] != "stream":
            values = [
                special.get(name, value[type_]) for name, type_ in zip(table["columns"], table["types"], strict=True)
            ]
            await owner.execute(
                f'insert into "{table["name"]}" select {", ".join(values)} from generate_series(1, {_ROWS}) n'
            )


async def _read(conn: asyncpg.Connection, statement: str, table: str | None = "undecided") -> int:
    """Return how many rows a statement reads, of a table or of all."""
    [(plan,)] = await conn.fetch(f"explain (analyze, format json) {statement}")
    read = [scan for scan in scans(json.loads(plan)[0]["Plan"]) if table in (None, scan["Relation Name"])]
    assert read
    return int(
        sum(scan["Actual Loops"] * (scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) for scan in read)
    )
