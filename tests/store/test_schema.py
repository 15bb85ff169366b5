"""The schema, the migrations and what the database itself holds."""

import asyncio
import re

import asyncpg
import pytest
from testkit.database import catalog, fresh, run
from tests.conftest import ROOT, Connect

from goodword.store.migrations import APPEND_ONLY, MONTHS_AHEAD, add_partitions, migrate, names, pending
from goodword.store.pool import append_only, open_pool
from goodword.store.sql_files import FOLDER


async def test_schema_is_where_the_migrations_lead(database: str, pg_dsn: str) -> None:
    """Columns, indexes and constraints of docs/schema.sql, which is read rather than run, are those that the migrations make."""
    async with fresh(pg_dsn) as empty:
        await run(empty, (ROOT / "docs" / "schema.sql").read_text())
        written, migrated = await catalog(empty), await catalog(database)
    assert all(written)
    assert written == migrated


def test_a_migration_has_a_number_a_phase_and_a_reason() -> None:
    """Names are gapless numbers with pre or post, and the first line says why."""
    assert [name[:4] for name in names()] == [f"{n:04d}" for n in range(1, len(names()) + 1)]
    for name in names():
        assert re.fullmatch(r"\d{4}_(pre|post)_[a-z0-9_]+\.sql", name)
        assert re.match(r"-- Why: \S.+\n", (FOLDER / "migrations" / name).read_text())


async def test_no_table_is_looked_at_with_each_tenth_that_it_grows(connect: Connect) -> None:
    """Every table waits for its double before PostgreSQL looks at it, partitions too; for a small sample, none of the workspaces."""
    connection = await connect()
    tables = await connection.fetch("""
        select relname, reloptions from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migration'""")
    assert len([row for row in tables if row["relname"].startswith("touch_")]) > 20
    for row in tables:
        assert {"autovacuum_analyze_scale_factor=1", "autovacuum_vacuum_insert_scale_factor=1"} <= {*row["reloptions"]}
    targets = await connection.fetch("""
        select distinct attname = 'workspace_id' as is_workspace, attstattarget from pg_attribute
        join pg_class c on c.oid = attrelid
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migration'
        and attnum > 0 and (not relispartition or attname = 'workspace_id')""")
    assert {tuple(row) for row in targets} == {(True, 0), (False, 10)}


async def test_workspace_stands_first(connect: Connect) -> None:
    """Every index and key starts with workspace_id, but for the listed ones; no trigger, no extension."""
    connection = await connect()
    indexes = await connection.fetch("select indexname, indexdef from pg_indexes where schemaname = 'public'")
    assert len(indexes) > 40
    astray = {row["indexname"] for row in indexes if "(workspace_id" not in row["indexdef"]}
    # Looked up before the workspace is known, or about the database itself.
    keys = {
        f"{table}_pkey"
        for table in ("api_key", "attempt", "directory", "login", "master_key", "migration", "session", "worker")
    }
    assert astray == keys | {"api_key_age"}
    assert await connection.fetchval("select count(*) from pg_trigger where not tgisinternal") == 0
    assert await connection.fetchval("select count(*) from pg_extension where extname <> 'plpgsql'") == 0
    assert await connection.fetchval("select count(*) from pg_constraint where contype = 'f'") == 0


async def test_migrate_again_and_at_once(database: str, connect: Connect) -> None:
    """Four migrations at once of a database that is up to date, or empty, leave it up to date."""
    connection = await connect()
    await asyncio.gather(*(migrate(database) for _ in range(4)))
    assert await pending(connection) == []
    await connection.execute("drop schema public cascade; create schema public")
    await asyncio.gather(*(migrate(database) for _ in range(4)))
    assert await pending(connection) == []
    assert await connection.fetchval("select count(*) from migration") == len(names())


async def test_touches_find_a_partition(connect: Connect) -> None:
    """A touch stored last month, now or two years from now has a partition, and adding them again adds none."""
    connection = await connect()
    for months in (-1, 0, MONTHS_AHEAD):
        await connection.execute(
            """insert into touch (workspace_id, stored_at, id, code, at, bot)
               values ('wsp', date_trunc('month', now()) + make_interval(months => $1), $2, 'C', 0, false)""",
            months,
            f"t{months}",
        )
    assert await add_partitions(connection) == 0
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute(
            """insert into touch (workspace_id, stored_at, id, code, at, bot)
               values ('wsp', date_trunc('month', now()) + make_interval(months => $1), 'late', 'C', 0, false)""",
            MONTHS_AHEAD + 1,
        )


async def test_the_server_cannot_change_what_was_decided(database: str, connect: Connect) -> None:
    """A connection of the pool, also a reused one, can add to log, posting, approval and inbox, and nothing else."""
    pool = await open_pool(database, size=1)
    for _ in range(2):
        async with pool.acquire() as connection:
            assert await append_only(connection)
            await connection.execute("update stream set position = 0 where workspace_id = 'nobody'")
            for table in APPEND_ONLY:
                assert await connection.fetchval(f"select count(*) from {table}") == 0
                for change in (f"update {table} set workspace_id = 'x'", f"delete from {table}", f"truncate {table}"):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await connection.execute(change)
            await connection.execute("insert into log values ('wsp', 1, 'evt', '')")
            await connection.execute("set role none; set role goodword_app; begin; delete from job; rollback")
        owner = await connect()
        assert not await append_only(owner)
        await owner.execute("delete from log")
    await pool.close()
