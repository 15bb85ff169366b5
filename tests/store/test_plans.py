"""Plans of statements: none reads more than it gives, though PostgreSQL may know little of the tables, or what was long ago."""

import json

import asyncpg
import pytest
from testkit.database import scans
from testkit.tables import rows
from tests.conftest import Connect

from goodword.core.state import NOUNS
from goodword.store.entity_sql import statements_of
from goodword.store.pages import filtered, of_programs, of_somebody, referrals_by
from goodword.store.pool import open_pool
from goodword.store.sql_files import statements

_GENERIC = 7  # times after which PostgreSQL keeps a plan for all values
_ROWS = 2_000
_KEYS = [f"{n:06}" for n in range(100, 110)]


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


@pytest.mark.parametrize("waited", [0, 200])
async def test_a_backlog_is_read_as_far_as_it_is_decided_though_little_waited_when_it_was_counted_last(
    database: str, waited: int, connect: Connect
) -> None:
    """What a batch fetches, and the look for work, do not read all that waits to put it in order, as a plan for few rows does."""
    owner = await connect()
    await owner.execute("insert into workspace values ('wsp', 'x', 'live', 'real', 0)")
    await owner.execute("insert into stream (workspace_id) values ('wsp')")
    more = """insert into undecided (workspace_id, evt, source, id, body)
              select 'wsp', 'evt_' || lpad(n::text, 6, '0'), 'native', n::text, decode(repeat('ab', 200), 'hex')
              from generate_series(1, 20000) n"""
    if waited:
        await owner.execute(more)
        await owner.execute("delete from undecided where evt > 'evt_' || lpad($1::int::text, 6, '0')", waited)
        await owner.execute("analyze undecided")
        await owner.execute("delete from undecided")
    await owner.execute(more)
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"prepare fetched (text, int) as {statements('undecided')['fetch']}")
        await conn.execute(f"prepare work (bigint) as {statements('workspace')['with_work']}")
        for _ in range(_GENERIC):
            assert await _read(conn, "execute fetched ('wsp', 500)") <= 510
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

    def reading_little(*, has_17: bool) -> list[tuple[str, str, str]]:
        """Return the name, the text and the arguments behind the workspace of each statement that reads little."""
        array = f"array[{', '.join(map(repr, _KEYS))}]"
        keys = f"{array}::text[]"
        loads = [(noun, "load", ", ".join([keys] * len(noun.KEY))) for noun in NOUNS]
        groups = [(noun, f"of_{by}", keys) for noun in NOUNS for by in noun.GROUPS]
        lookups = [
            (f"{noun.__name__} {name}", statements_of(noun)[name], behind) for noun, name, behind in loads + groups
        ]
        names = {"keys": keys, "blind": f"{array}::bytea[]", "ones": f"array{[1] * len(_KEYS)}::int[]", "one": _KEYS[0]}
        for of, name, behind, since in rows(__file__, "Lookups", **names):
            page, *columns = name.split()
            if of == "filtered":
                text = filtered(page, behind.count(",") - len(columns), tuple(columns))
            elif of == "referrals_by":
                text = referrals_by(name)
            elif of == "of_somebody":
                text = of_somebody(*name.split())
            else:
                text = of_programs(page, 1, tuple(columns)) if of == "of_programs" else statements(of)[name]
            if has_17 or not since:
                lookups.append((f"{of} {name}", text, behind))
        return lookups

    owner = await connect()
    if before != "nothing":
        await _fill(owner, "wsp_old")
    if before == "an older workspace that was looked at":
        await owner.execute("vacuum (analyze)")
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}")
        has_17 = conn.get_server_version().major >= 17
        lookups = reading_little(has_17=has_17)
        asked = []
        for n, (_, text, behind) in enumerate(lookups):
            await conn.execute(f"prepare look_{n} as {text}")
            asked.append(f"execute look_{n} ({', '.join(filter(None, [repr('wsp_young'), behind]))})")
            await conn.execute(asked[n])
        await _fill(owner, "wsp_young")
        read = [await _read(conn, statement, table=None) for statement in asked]
        assert [(look, count) for look, count in zip(lookups, read, strict=True) if count > 3 * len(_KEYS)] == []


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_a_look_for_events_reads_what_it_looks_through_and_no_more(
    database: str, plan: str, connect: Connect
) -> None:
    """However long the log is and however much waits: so many entries behind a position, so many of what waits."""
    owner = await connect()
    read: list[list[int]] = []
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}")
        asked = {
            "log matching": "{0} - 500, {0}, array['no such part']::bytea[], 50",
            "undecided newest_of_all": "50",
            "rejection page": "'999999', '', 50",
        }
        for number, name in enumerate(asked):
            of, statement = name.split()
            await conn.execute(f"prepare event_{number} as {statements(of)[statement]}")
        for ws, size in (("wsp_small", 1_000), ("wsp_large", 20_000)):
            for table, columns in (
                ("log", "position, evt, leaf"),
                ("undecided", "evt, source, id, body"),
                ("rejection", "id, at, source, key, code, count"),
            ):
                values = {
                    "log": f"n, '{ws}' || n, 'leaf'",
                    "undecided": "lpad(n::text, 6, '0'), 's', n::text, ''",
                    "rejection": "lpad(n::text, 6, '0'), n, 's', 'k', 'c', 1",
                }[table]
                await owner.execute(
                    f"insert into {table} (workspace_id, {columns}) select '{ws}', {values} from generate_series(1, {size}) n"
                )
            await owner.execute("vacuum (analyze)")
            behind = [", ".join([f"'{ws}'", args.format(size)]) for args in asked.values()]
            read.append([await _read(conn, f"execute event_{n} ({args})", table=None) for n, args in enumerate(behind)])
    small, large = read
    assert large == [500, 50, 50]
    assert small[0] == 500
    assert max(small[1:]) <= 1_000  # a table as small may be read whole


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("is_vacuumed", [True, False])
async def test_a_look_for_people_of_two_words_reads_a_row_for_each_of_them(
    database: str, plan: str, is_vacuumed: bool, connect: Connect
) -> None:
    """Of whoever has the first word the second is read alone, or nothing: not all the words that they are found by.

    A pair is read by itself, and no further than is asked for; one row behind the bound says that there are more.
    """
    owner = await connect()
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}")
        await conn.execute(f"prepare look as {statements('search')['find']}")
        await owner.execute(
            """insert into search_word select 'wsp', decode(lpad(word::text, 2, '0'), 'hex'), 'per_' || lpad(n::text, 6, '0')
               from generate_series(1, 2000) n, generate_series(1, 30) word where word < 30 or n % 100 = 0"""
        )
        if is_vacuumed:
            await owner.execute("vacuum (analyze) search_word")
        asked = "execute look ('wsp', '\\x01', array['\\x{}']::bytea[], 500, 10)"
        assert await _read(conn, asked.format("30"), table="search_word") == 501 + 5
        assert await _read(conn, asked.format("29"), table="search_word") == 10 + 10
        pair = "execute look ('wsp', '\\x01', array[]::bytea[], 500, 10)"
        assert await _read(conn, pair, table="search_word") == 10


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("is_vacuumed", [True, False])
async def test_a_page_of_the_queue_reads_a_page_of_each_class(
    database: str, plan: str, is_vacuumed: bool, connect: Connect
) -> None:
    """However much is in review, and however much was: as many rows of each class as the page has, and one to find each class."""
    classes = [(risk, bucket) for risk in (0, 2) for bucket in (0, 1, 3)]
    lanes = f"""array{["r"] * 6}::text[], array{["EUR"] * 6}::text[], array{[risk for risk, _ in classes]}::bigint[],
        array{[bucket for _, bucket in classes]}::int[], array{[7] * 6}::bigint[]"""
    behind = f"{lanes}, array{[100] * 6}::bigint[], array{[''] * 6}::text[], 10, 0"
    owner = await connect()
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}; set enable_sort = off; set enable_bitmapscan = off")
        largest, states = (
            "array['r'], array['EUR'], array[-50000]::bigint[], array[''], 10, 0",
            "array['in_review', 'approved'], 10",
        )
        asked = {
            "classes": ("", 40),
            "behind": (behind, 60),
            "ahead": (behind, 60),
            "smaller": (largest, 10),
            "larger": (largest, 10),
            "counts": (states, 20),
            "counts_of": (f"{states}, array['000011', '000012']", 20),
        }
        for name, (arguments, _) in asked.items():
            await conn.execute(f"prepare {name} as {statements('queue')[name]}")
            await conn.execute(f"execute {name} ({', '.join(filter(None, [repr('wsp'), arguments]))})")
        await _fill(owner, "wsp")
        await owner.execute(
            """update reward set rules = 'r', unit = 'EUR', risk = n % 2 * 2, hold_until = n, reviewed_at = null,
                 decide_by = null, snoozed_until = null,
                 amount = (array[1, 20000, 2000000])[n % 3 + 1], gross = 2000000,
                 status = case when n % 5 = 0 then 'paid' else 'in_review' end
               from (select id as key, id::int as n from reward) as numbered where key = id"""
        )
        if is_vacuumed:
            await owner.execute("vacuum (analyze) reward")
        for name, (arguments, most) in asked.items():
            read = await _read(
                conn, f"execute {name} ({', '.join(filter(None, [repr('wsp'), arguments]))})", table="reward"
            )
            assert read <= most, name


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("is_vacuumed", [True, False])
async def test_who_is_paid_next_is_found_without_who_stands_in_a_payout_or_waits(
    database: str, plan: str, is_vacuumed: bool, connect: Connect
) -> None:
    """A draft of a thousand reads the rewards of these, not those that other drafts took, that are not due or in review."""
    owner = await connect()
    async with await open_pool(database, size=1) as pool, pool.acquire() as conn:
        await conn.execute(f"set plan_cache_mode = {plan}")
        await conn.execute(
            f"prepare payable (text, text, bigint, text, int, text[]) as {statements('pages')['payable']}"
        )
        await _fill(owner, "wsp")
        await owner.execute(
            """update reward set unit = 'EUR', beneficiary = 'per_' || lpad((n / 4)::text, 6, '0'), due_at = n % 2 * 100,
                 payout = case when n < 1000 then 'pay' end, status = case when n < 1500 then 'approved' else 'in_review' end
               from (select id as key, id::int as n from reward) as numbered where key = id"""
        )
        if is_vacuumed:
            await owner.execute("vacuum (analyze) reward")
        asked = "execute payable ('wsp', 'EUR', 50, '', 20, null)"
        assert [row["beneficiary"] for row in await conn.fetch(asked)] == [f"per_{n:06}" for n in range(250, 270)]
        assert await _read(conn, asked, table="reward") <= 2 * 20 + 1


async def _fill(owner: asyncpg.Connection, ws: str) -> None:
    """Put rows into every table of a workspace; all that is text in the row n is n."""
    columns = await owner.fetch(
        """select relname as name, array_agg(attname::text order by attnum) as columns,
             array_agg(atttypid::regtype::text order by attnum) as types
           from pg_attribute join pg_class c on c.oid = attrelid
           where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
             and attnum > 0 and not attisdropped and relname <> all ($1)
           group by relname""",
        ["workspace", "api_key", "attempt", "directory", "login", "migration", "session", "worker", "master_key"],
    )
    value, special = dict(rows(__file__, "Types")), dict(rows(__file__, "Columns", ws=ws))
    for table in columns:
        if table["name"] not in (
            "stream",
            "own_system",
            "staff_mail",
            "portal_session",
            "portal_merge",
            "message_text",
        ):  # a workspace has one; a mail's kind, and the way to a session, is one of two; a text has its own digest
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
