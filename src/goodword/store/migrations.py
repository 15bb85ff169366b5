"""Migrations: ``sql/migrations/NNNN_pre_name.sql`` in order of number, each once, with its record in the same commit.

``pre`` runs before the new code is started, ``post`` after the old one has gone. The first line of a file says why.
What follows the calendar or the server (partitions of ``touch``, the server's role) is no file: ``migrate`` sees to it.
Must not know: settings, what the tables are for.
"""

import logging
from datetime import UTC, date, datetime
from hashlib import sha256

import asyncpg

from goodword.store.sql_files import FOLDER

#: The role that the server takes: nothing that was decided can be changed with it.
ROLE = "goodword_app"
APPEND_ONLY = ("log", "posting", "approval", "event")
MONTHS_AHEAD = 24

_LOCK = 0x600D  # one migrate at a time; a second one waits and finds nothing to do
_TRIES = 5
_LOCK_TIMEOUT = "5s"  # rather fail than hold up the traffic behind a waiting DDL statement

#: What to say of a database that is ``beyond`` this program.
TOO_OLD = "the database was migrated by a newer version ({name}): start that one, this version no longer fits it"

#: What to say of a database to which a migration was applied that was changed since, which none is once it is released.
CHANGED = (
    "the database was made by an unreleased version, whose migration {name} was another one: take a new database,"
    " (another GOODWORD_HOME or DATABASE_URL), or the version that made this one"
)

_log = logging.getLogger(__name__)


class SchemaError(RuntimeError):
    """This program and this database do not fit; the message says why and what to do."""


async def migrate(dsn: str) -> None:
    """Bring the database up to date. Safe to repeat and for several at once; asyncpg's errors pass through.

    Raises SchemaError if this program is too old for the database, or this login may not do what is missing.
    """
    connection = await asyncpg.connect(dsn)
    try:
        for tries in range(1, _TRIES + 1):
            try:
                await _apply(connection)
                break
            except asyncpg.DeadlockDetectedError:  # the traffic locks the tables in another order
                if tries == _TRIES:
                    raise
        await _extend(connection)
        await _grant(connection)
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection) -> None:
    """Apply what is missing, all of it or nothing."""
    missing: list[str] = []
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
            newer = await beyond(connection)
            if newer:
                raise SchemaError(TOO_OLD.format(name=newer[0]))
            missing = await pending(connection)
            if changed := await _changed(connection):
                raise SchemaError(CHANGED.format(name=changed[0]))
            for name in missing:
                text = (FOLDER / "migrations" / name).read_text()
                await connection.execute(text)
                await connection.execute("insert into migration (name, content) values ($1, $2)", name, _digest(text))
    except asyncpg.InsufficientPrivilegeError as error:
        what = f"migration {missing[0]} is missing" if missing else "the table of migrations cannot be read"
        raise SchemaError(
            f"{what}, and this login may not change that ({error}): run goodword migrate with DATABASE_ADMIN_URL set"
        ) from None


async def _extend(connection: asyncpg.Connection) -> None:
    """Add partitions, where this login may: they reach two years ahead, and the server runs without new ones."""
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
            await add_partitions(connection)
    except asyncpg.InsufficientPrivilegeError:
        _log.warning("this login may not add partitions of touches: run goodword migrate as their owner once a year")


def names() -> list[str]:
    """Return the names of all migrations in the order in which they apply."""
    return sorted(file.name for file in (FOLDER / "migrations").iterdir() if file.name.endswith(".sql"))


async def pending(connection: asyncpg.Connection) -> list[str]:
    """Return the migrations that this database has not seen; none pending means that the code and the schema agree."""
    if await connection.fetchval("select to_regclass('migration') is null"):
        return names()
    seen = {row["name"] for row in await connection.fetch("select name from migration")}
    return [name for name in names() if name not in seen]


async def _changed(connection: asyncpg.Connection) -> list[str]:
    """Return the migrations that this database has seen with another content; one without a digest is not asked."""
    if await connection.fetchval("select to_regclass('migration') is null"):
        return []
    digested = await connection.fetchval(
        "select count(*) from pg_attribute where attrelid = 'migration'::regclass and attname = 'content'"
    )
    if not digested:
        return names()
    seen = {row["name"]: row["content"] for row in await connection.fetch("select name, content from migration")}
    known = {name: _digest((FOLDER / "migrations" / name).read_text()) for name in names() if name in seen}
    return [name for name, digest in known.items() if seen[name] not in (None, digest)]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


async def beyond(connection: asyncpg.Connection) -> list[str]:
    """Return the migrations of a newer version after which this one does not fit any more; ``pre`` ones suit both."""
    if await connection.fetchval("select to_regclass('migration') is null"):
        return []
    known = set(names())
    seen = await connection.fetch("select name from migration order by name")
    return [row["name"] for row in seen if row["name"] not in known and "_post_" in row["name"]]


async def add_partitions(connection: asyncpg.Connection, today: date | None = None) -> int:
    """Make the partitions of ``touch`` for last month, this one and the next 24 that are missing; returns how many.

    Raises asyncpg.InsufficientPrivilegeError for a login that does not own the table.
    """
    here = {
        row["name"]
        for row in await connection.fetch("""
        select child.relname as name from pg_inherits join pg_class child on child.oid = inhrelid
        where inhparent = 'touch'::regclass""")
    }
    missing = [month for month in _months(today or datetime.now(UTC).date()) if _partition(month) not in here]
    for month in missing:
        await connection.execute(
            f"create table {_partition(month)} partition of touch"
            f" for values from ('{month} 00:00+00') to ('{_following(month)} 00:00+00')"
            " with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1)"
        )
        await connection.execute(f"alter table {_partition(month)} alter column workspace_id set statistics 0")
    return len(missing)


def _months(today: date) -> list[date]:
    start = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(start - 1, start + MONTHS_AHEAD + 1)]


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _partition(month: date) -> str:
    return f"touch_{month.year:04d}_{month.month:02d}"


async def _grant(connection: asyncpg.Connection) -> None:
    """Make the role where this login may, with its rights here; else the log is append-only by proof only."""
    try:
        if not await connection.fetchval("select true from pg_roles where rolname = $1", ROLE):
            await connection.execute(f"create role {ROLE} nologin")
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        pass  # another database of this server was faster: a role belongs to all of them
    except asyncpg.InsufficientPrivilegeError:
        return
    tables = await connection.fetch("""
        select relname as name from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition""")
    others = ", ".join(f'"{row["name"]}"' for row in tables if row["name"] not in APPEND_ONLY)
    try:
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(f"grant select, insert on {', '.join(APPEND_ONLY)} to {ROLE}")
            await connection.execute(f"grant select, insert, update, delete on {others} to {ROLE}")
            await connection.execute(f"grant {ROLE} to current_user")
    except asyncpg.InsufficientPrivilegeError:
        return
