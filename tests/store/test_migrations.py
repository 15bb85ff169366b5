"""Versions that meet a database of another one: they work, or say what is wrong and what to do, and blame no event."""

from pathlib import Path

import asyncpg
import pytest
from faults.migrate import NEXT, version
from tests.conftest import Connect

from goodword.store import migrations
from goodword.store.migrations import SchemaError, beyond, migrate, pending

PRE, POST = (name for name, _ in NEXT)


async def test_a_version_that_no_longer_fits_says_so(database: str, tmp_path: Path, connect: Connect) -> None:
    """A newer ``pre`` migration suits both versions; after a ``post`` one the older names it and does not start."""
    conn = await connect()
    with version(tmp_path / "next", NEXT[0]):
        await migrate(database)
    assert (await pending(conn), await beyond(conn)) == ([], [])
    await migrate(database)
    with version(tmp_path / "next", *NEXT):
        await migrate(database)
        assert await beyond(conn) == []
    assert await beyond(conn) == [POST]
    with pytest.raises(SchemaError, match=f"newer version .{POST}"):
        await migrate(database)


async def test_a_login_that_may_not_migrate_is_told_what_to_do(database: str, tmp_path: Path, connect: Connect) -> None:
    """It starts on a schema of its version, even where it may add no partition, and otherwise names what is missing."""
    conn = await connect()
    name = database.partition("?")[0].rpartition("/")[2]
    await conn.execute(f"create role {name} login in role {migrations.ROLE}")
    limited = database.replace("://goodword@", f"://{name}@")
    try:
        if limited == database:
            pytest.skip("the server of the tests has a login of its own")
        last = await conn.fetchval(
            "select max(inhrelid::regclass::text) from pg_inherits where inhparent = 'touch'::regclass"
        )
        await conn.execute(f"drop table {last}")
        await migrate(limited)
        with version(tmp_path / "next", NEXT[0]), pytest.raises(SchemaError, match=f"{PRE}.* run goodword migrate"):
            await migrate(limited)
        assert await pending(conn) == []
    finally:
        await conn.execute(f"drop role {name}")


@pytest.mark.parametrize("broken", ["select 1 / 0", "select pg_terminate_backend(pg_backend_pid())"])
async def test_a_migration_that_fails_leaves_nothing(
    database: str, tmp_path: Path, broken: str, connect: Connect
) -> None:
    """What came before the failure in the same run is gone too, and the next try finds the same as the first."""
    text = f"-- Why: a trial\n{NEXT[0][1]}{broken};\n"
    with version(tmp_path / "next", NEXT[0], ("0902_pre_fails.sql", text)):
        for _ in range(2):
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
                await migrate(database)
    conn = await connect()
    assert await conn.fetchval("select to_regclass('later')") is None
    assert await conn.fetchval("select count(*) from migration") == len(migrations.names())


@pytest.mark.parametrize(
    "before", ["update migration set content = 'other'", "alter table migration drop column content"]
)
async def test_a_database_of_an_unreleased_version_is_refused(database: str, before: str, connect: Connect) -> None:
    """A migration that was applied in another form is named before anything is served on a schema that is not this one."""
    await migrate(database)
    conn = await connect()
    await conn.execute(before)
    with pytest.raises(SchemaError, match=r"unreleased version, whose migration 0001.*take a new database"):
        await migrate(database)
