"""The entities of ``core.state`` as rows: one table a noun, one column a field, nested values as jsonb. Written whole.

The statements ``load``, ``of_<group>``, ``save`` and ``every`` are made of the structs (``entity_sql.py``).
Must not know: what a field means.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import asyncpg
import msgspec
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, astuple, fields

from goodword.core.ledger import Account
from goodword.core.state import Balance, By, Entity, Key
from goodword.store.arrays import array, columns
from goodword.store.entity_sql import STAMP, STAMPED, statements_of
from goodword.store.pool import COPIED
from goodword.store.sql_files import statements

E = TypeVar("E", bound=Entity)

_PLAIN = {str, int, bool}
#: Columns that sum up everything, and are numeric: their values are whole.
_SUMS = {(Balance, "amount")}
_encode = msgspec.json.Encoder().encode


class _Field(NamedTuple):
    """A column, what it holds of itself and, if its values come as something else, what reads them. ``nested``: it is jsonb.

    ``nothing``: what it says where it holds no part, as most do that hold some.
    """

    name: str
    own: Any
    read: Callable[[Any], Any] | None = None
    nested: bool = False
    nothing: str | None = None


async def load(conn: asyncpg.Connection, ws: str, noun: type[E], keys: Iterable[Key]) -> list[E]:
    """Return the entities with these keys that are there, in no order."""
    wanted = set(keys)
    if not wanted:
        return []
    named = columns(wanted) if len(noun.KEY) > 1 else [array(wanted)]  # type: ignore[arg-type]
    return _read(noun, await conn.fetch(statements_of(noun)["load"], ws, *named))


async def of(conn: asyncpg.Connection, ws: str, by: By, groups: Iterable[str]) -> list[Entity]:
    """Return the entities of a noun that are in one of these of its groups, in no order."""
    noun, name = by
    wanted = set(groups)
    if not wanted:
        return []
    return _read(noun, await conn.fetch(statements_of(noun)[f"of_{name}"], ws, array(wanted)))


def key_of(parts: Sequence[str]) -> Key:
    """Return the key whose columns hold these values, in order."""
    return tuple(parts) if len(parts) > 1 else parts[0]


async def any_of(conn: asyncpg.Connection, ws: str, noun: type[Entity]) -> bool:
    """Return whether there is an entity of this noun."""
    found: bool = await conn.fetchval(statements_of(noun)["any"], ws)
    return found


async def every(conn: asyncpg.Connection, ws: str, noun: type[E]) -> list[E]:
    """Return all entities of a noun, in order of key. For verification: the whole history."""
    return _read(noun, await conn.fetch(statements_of(noun)["every"], ws))


async def readable(conn: asyncpg.Connection, ws: str, noun: type[E]) -> dict[Key, E | None]:
    """Return all entities of a noun by key; None for a row that holds what its fields cannot. For verification."""
    by_key: dict[Key, E | None] = {}
    for row in await conn.fetch(statements_of(noun)["every"], ws):
        key = key_of([row[name] for name in noun.KEY])
        try:
            [by_key[key]] = _read(noun, [row])
        except msgspec.ValidationError:
            by_key[key] = None
    return by_key


async def save(
    conn: asyncpg.Connection, ws: str, noun: type[E], entities: Sequence[E], new: Sequence[E] = (), *, position: int = 0
) -> None:
    """Write the entities whole; no key may stand twice among them. ``new``: further ones, of whom none is there.

    ``position``: where the log ends with what changed them.

    COPY costs PostgreSQL a third of a statement that looks for each row first, and a round trip of its own. Raises
    UniqueViolationError for a new one that is there.
    """
    if len(new) < COPIED:
        entities, new = [*entities, *new], ()
    if entities:  # one JSON array costs a third of what an array for each column does
        stamp = [position] if noun in STAMPED else []
        await conn.execute(statements_of(noun)["save"], ws, _encode(entities).decode(), *stamp)
    if new:
        values = {"workspace_id": [ws] * len(new), **_columns(noun, new)}
        if noun in STAMPED:
            values[STAMP] = [position] * len(new)
        rows = zip(*values.values(), strict=True)
        await conn.copy_records_to_table(noun.__name__.lower(), columns=list(values), records=rows)


def _columns(noun: type[E], entities: Iterable[E]) -> dict[str, Sequence[Any]]:
    """Return the values by column, without columns that hold nothing but what they hold of themselves: half of them, mostly."""
    written: dict[str, Sequence[Any]] = {}
    for field, values in zip(_fields(noun), zip(*map(astuple, entities), strict=True), strict=True):
        # Whether all are as they are of themselves is asked by identity first: most columns say so, or not, by their first value.
        if (values[0] is not field.own and values[0] != field.own) or values.count(field.own) < len(values):
            written[field.name] = [_text(value) for value in values] if field.nested else values
    return written


def _text(value: Any) -> str | None:
    return None if value is None else _encode(value).decode()


async def post(conn: asyncpg.Connection, ws: str, changes: Mapping[Account, int]) -> None:
    """Add changes to balances, by (program, account, owner, unit): only the ledger writes them, and nobody loads them."""
    if changes:
        # A text costs a third of what asyncpg takes to write a numeric.
        posted = columns((*key, str(amount)) for key, amount in sorted(changes.items()))
        await conn.execute(statements("balance")["post"], ws, *posted)


def _read(noun: type[E], rows: Sequence[asyncpg.Record]) -> list[E]:
    other = [(field.name, field.read, field.nothing) for field in _fields(noun) if field.read]
    names = [*rows[0].keys()] if rows else []
    entities = []
    for row in rows:
        values = dict(zip(names, row.values(), strict=True))  # a record is asked for each of its values by name, else
        for name, read, nothing in other:
            if (text := values[name]) is not None:
                values[name] = () if text == nothing else read(text)
        entities.append(noun(**values))
    return entities


@cache
def _fields(noun: type[Entity]) -> list[_Field]:
    hints = get_type_hints(noun)
    return [_field(noun, field, hints[field.name]) for field in fields(noun)]


def _field(noun: type[Entity], field: FieldInfo, hint: Any) -> _Field:
    own = field.default_factory() if field.default_factory is not NODEFAULT else field.default
    if (noun, field.name) in _SUMS:
        return _Field(field.name, own, int)
    if _is_plain(hint):
        return _Field(field.name, own)
    return _Field(field.name, own, msgspec.json.Decoder(hint).decode, nested=True, nothing="[]" if own == () else None)


def _is_plain(hint: Any) -> bool:
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return all(option in _PLAIN or option is NoneType for option in options)
