"""Connections of the server: as the role that cannot change what was decided, never idle in a transaction.

Must not know: any table but the log, whose rights it looks at.
"""

import asyncpg

from goodword.store.migrations import ROLE

#: A text that PostgreSQL cannot store.
UnstorableError = asyncpg.CharacterNotInRepertoireError
#: The database refused, failed, or is away.
DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

_SETTINGS = {
    "application_name": "goodword",
    "timezone": "UTC",
    "jit": "off",  # statements are short; compiling them costs more than running them
    "enable_seqscan": "off",  # rows are fetched by key: a plan made while a table was empty must not stay a scan
    "idle_in_transaction_session_timeout": "10s",
}
#: Of connections that write: a bitmap reads all that an index finds before the first row is given, and never lets the index forget what
#: was deleted. Of what waits to be decided it read the whole backlog, and all that was decided since it was cleaned up, for each batch.
_WRITING = {"enable_bitmapscan": "off"}
_READ_ONLY = {"default_transaction_read_only": "on"}
#: New rows from which on COPY, which has a round trip of its own, costs less than a statement (record 0027).
COPIED = 16
_STATEMENTS = 500  # all there are stay prepared; asyncpg would keep a hundred


async def open_pool(
    dsn: str,
    *,
    size: int = 10,
    connection_class: type[asyncpg.Connection] = asyncpg.Connection,
    read_only: bool = False,
) -> asyncpg.Pool:
    """Open up to ``size`` connections, each as ``goodword_app`` where that role is there and the login may take it.

    ``read_only``: PostgreSQL refuses every write through them. It is a setting of the session, so that a read costs no statement more.
    """
    pool: asyncpg.Pool = await asyncpg.create_pool(
        dsn,
        min_size=1,
        max_size=size,
        server_settings=_SETTINGS | (_READ_ONLY if read_only else _WRITING),
        init=_take_role,
        reset=_as_it_is,
        command_timeout=60,
        statement_cache_size=_STATEMENTS,
        connection_class=connection_class,
    )
    return pool


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Skip asyncpg's reset when a connection is given back: it costs a round trip.

    An open transaction ends in any case; sessions here have no cursors, no locks of their own and no settings but local ones.
    """


async def _take_role(connection: asyncpg.Connection) -> None:
    """SET ROLE, for as long as the connection lasts."""
    if await connection.fetchval(
        """select true from pg_roles where rolname = $1
           and pg_has_role(oid, 'member') and has_table_privilege(oid, 'log', 'insert')""",
        ROLE,
    ):
        await connection.execute(f"set role {ROLE}")


async def plan_afresh(connection: asyncpg.Connection) -> None:
    """Until this transaction ends, plan each statement for the tables of now.

    A prepared plan made while a table was small may, before PostgreSQL 17, read a whole workspace where it is given a list of keys,
    and stays until the table is analysed again; planning costs about 0.2 ms a statement, which many keys are worth.
    """
    await connection.execute("set local plan_cache_mode = force_custom_plan")


async def append_only(connection: asyncpg.Connection) -> bool:
    """Return whether the database itself keeps this connection from changing the log; if not: by proof only."""
    may_change = await connection.fetchval(
        """select has_table_privilege('log', 'update') or has_table_privilege('log', 'delete')
           or has_table_privilege('posting', 'update') or has_table_privilege('approval', 'update')
           or has_table_privilege('event', 'update') or has_table_privilege('event', 'delete')"""
    )
    return not may_change
