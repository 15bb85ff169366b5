# ruff: noqa: INP001 - part of a script, not a package
"""The schema as text, read from a database that was just migrated: nobody writes a column twice.

What tables and columns mean stands beside them: the migrations say it with ``comment on``.
"""

import asyncio
import re
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg

from goodword.store.embedded import serving
from goodword.store.migrations import migrate

_HEAD = """\
-- The database as it is today. Made from store/sql/migrations by scripts/schema.py: change it with a migration.
--
-- Rules of this schema
--  * workspace_id stands first in every primary key, unique key, foreign key and index; one transaction is one workspace.
--    Exceptions: api_key, directory (looked up before the workspace is known) and migration.
--  * No trigger, no extension, no MERGE, no foreign key to a row that every batch updates (ingestion would wait for deciding).
--  * Ids are text: a prefix and 26 Crockford base32 digits of 128 bits, whose text order is the order of time.
--  * Times are bigint: microseconds since 1970-01-01 UTC (exact, as in the log). touch.stored_at alone is a timestamptz, as the
--    partition key. Amounts are bigint minor units or points (sums of all, in rollup, numeric); the unit stands beside.
--  * Nested values are jsonb, as the core's structs write them.
--  * Personal data stands only in *sealed* columns (AES-256-GCM under the person's key, row identity as associated data) and, as
--    blind indexes (HMAC), in alias.blind and match_key.blind.
--  * The nouns of core/state.py have a table each, one column a field: written whole, loaded by key, and equal to what a replay of
--    the log gives. Their fields are explained there.
--  * When PostgreSQL looks at tables, and how closely, is not shown: docs/decisions/0016 says it.
"""

_TABLES = """
    select c.oid, quote_ident(relname) as name, obj_description(c.oid) as meaning, pg_get_partkeydef(c.oid) as parts,
      array(select one from unnest(reloptions) as one where one not like 'autovacuum%') as options
    from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
    order by c.oid"""
_COLUMNS = """
    select quote_ident(attname) as name, format_type(atttypid, atttypmod) as type, attnotnull as needed, collname as collation,
      pg_get_expr(adbin, adrelid) as preset, col_description(attrelid, attnum) as meaning
    from pg_attribute
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    left join pg_collation coll on coll.oid = attcollation and collname <> 'default'
    where attrelid = $1 and attnum > 0 and not attisdropped order by attnum"""
_CONSTRAINTS = """
    select pg_get_constraintdef(oid, true) as text from pg_constraint
    where conrelid = $1 and contype in ('c', 'p', 'u') order by contype <> 'p', contype desc, conname"""
_INDEXES = """
    select pg_get_indexdef(indexrelid) as text from pg_index where indrelid = $1
    and not exists (select from pg_constraint where conindid = indexrelid and conrelid = indrelid) order by indexrelid"""


@cache
def schema() -> str:
    """Return the schema that the migrations make in an empty database, as SQL."""
    home = Path(tempfile.mkdtemp(prefix="goodword-schema-"))
    home.chmod(0o711)  # so that the server's user can reach its folder when root runs this
    try:
        with serving(home) as server:
            return asyncio.run(_read(server.dsn))
    finally:
        shutil.rmtree(home)


async def _read(dsn: str) -> str:
    await migrate(dsn)
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(_TABLES)
        return "\n".join([_HEAD, *[await _table(connection, table) for table in tables]])
    finally:
        await connection.close()


async def _table(connection: asyncpg.Connection, table: asyncpg.Record) -> str:
    columns, constraints, indexes = [
        await connection.fetch(query, table["oid"]) for query in (_COLUMNS, _CONSTRAINTS, _INDEXES)
    ]
    lines = [*_columns(columns), *((_plain(row["text"]), None) for row in constraints)]
    end = f" partition by {_plain(table['parts'])}" if table["parts"] else ""
    options = f" with ({', '.join(table['options'])})" if table["options"] else ""
    return "\n".join(
        [
            *textwrap.wrap(table["meaning"] or "", 128, initial_indent="-- ", subsequent_indent="-- "),
            f"create table {table['name']} (",
            *_listed(lines),
            f"){end}{options};",
            *(_plain(row["text"]) + ";" for row in indexes),
            "",
        ]
    )


def _columns(columns: list[asyncpg.Record]) -> Iterator[tuple[str, str | None]]:
    """Yield each column as SQL, names in line, with what it means."""
    width = max(len(column["name"]) for column in columns)
    for column in columns:
        parts: list[Any] = [
            column["name"].ljust(width),
            column["type"],
            column["collation"] and f'collate "{column["collation"]}"',
            "not null" if column["needed"] else None,
            column["preset"] and f"default {_plain(column['preset'])}",
        ]
        yield " ".join(part for part in parts if part), column["meaning"]


def _listed(lines: list[tuple[str, str | None]]) -> Iterator[str]:
    """Yield the lines of a table, commas between them and the meanings in line behind them."""
    whole = [text + ("," if n < len(lines) else "") for n, (text, _) in enumerate(lines, 1)]
    width = max([len(text) for text, (_, meaning) in zip(whole, lines, strict=True) if meaning], default=0)
    for text, (_, meaning) in zip(whole, lines, strict=True):
        yield f"  {text.ljust(width)}  -- {meaning}" if meaning else f"  {text}"


def _plain(text: str) -> str:
    """Return SQL as a person would write it, not as PostgreSQL gives it back."""
    text = re.sub(r"= ANY \(ARRAY\[(.*?)\]\)", r"in (\1)", text)
    text = re.sub(r"::(text|jsonb|bytea|bigint)\b(\[\])?", "", text).replace(" USING btree", "")
    text = re.sub(r" ON (ONLY )?public\.", " on ", text)
    return re.sub(r"\b[A-Z]{2,}(?: KEY)?\b(?=[^']*(?:'[^']*'[^']*)*$)", lambda word: word[0].lower(), text)
