"""What a superuser may do to a workspace: edit, delete, insert, reorder, cut short, sign again with a key of their own.

Each function changes something that verification must find beside an older head, and gives it in words.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from testkit import tampering
from testkit.tampering import KEYS, OUTSIDE, Row

from goodword.core.merkle import TILE, Frontier, head_bytes, leaf_hash, root_of, tile_root
from goodword.store import audit, vault

_ENDS = {
    "position": "position + 1",
    "as_of": "as_of + 1",
    "frontier": "set_byte(frontier, 20, get_byte(frontier, 20) # 1)",
}
_TRIES = 200
#: Tables of which each row that is changed, gone or new is found. Work may be there twice; and of a name that is gone nobody may know,
#: because Goodword made it, or because it came with somebody who was erased.
_TABLES = [table for table in KEYS if table not in ("alias", "job", "stream", "workspace")]


def _another(value: Any, chance: random.Random) -> Any:
    """Return another value of that type."""
    if isinstance(value, int):
        return value + chance.randint(1, 9)
    return value + b"x" if isinstance(value, bytes) else f"{value}x"


class Forger:
    """A superuser with a connection in a transaction, and chance."""

    chance: random.Random

    def __init__(self, conn: asyncpg.Connection, ws: str) -> None:
        self.conn = conn
        self.ws = ws

    async def columns(self, table: str) -> list[tuple[str, str]]:
        """Return the columns on which something rests."""
        found = await tampering.columns(self.conn, table)
        return [one for one in found if (table, one[0]) not in OUTSIDE]

    async def row(self, *tables: str) -> Row:
        """Return a row of one of these tables, both by chance."""
        table = self.chance.choice(tables)
        count = await self.conn.fetchval(f'select count(*) from "{table}" where workspace_id = $1', self.ws)
        at = self.chance.randrange(count)
        [found] = await tampering.pick(self.conn, self.ws, table, f"ctid offset {at}")
        return found

    async def edit(self) -> str:
        """Change one column of one row."""
        for _ in range(_TRIES):
            row = await self.row(*_TABLES, "log", "posting", "reward")
            column, type_ = self.chance.choice(await self.columns(row.table))
            if await tampering.change(self.conn, row, column, type_) is not None:
                return f"edit of {row.table}.{column} where {row.here}"
        raise AssertionError("nothing can be edited")

    async def edit_end(self) -> str:
        """Change where the log is said to end."""
        column = self.chance.choice(list(_ENDS))
        await self._do(f"update stream set {column} = {_ENDS[column]} where workspace_id = $1")
        return f"edit of stream.{column}"

    async def delete(self) -> str:
        """Delete one row."""
        row = await self.row(*_TABLES)
        assert await self.conn.execute(f'delete from "{row.table}" where {row.here}') == "DELETE 1"
        return f"deletion from {row.table} where {row.here}"

    async def insert(self) -> str:
        """Insert a copy of a row under another key."""
        for _ in range(_TRIES):
            row = await self.row(*_TABLES)
            values = dict(row.values)
            for column, value in row.values.items():
                if column in (*KEYS[row.table], "evt", "id"):  # those two are unique, too
                    values[column] = _another(value, self.chance)
            names = ", ".join(f'"{name}"' for name in values)
            places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
            statement = f'insert into "{row.table}" ({names}) values ({places})'
            if await self._allowed((statement, *values.values())):
                return f"insertion into {row.table} of {row.here} under another key"
        raise AssertionError("nothing can be inserted")

    async def reorder(self) -> str:
        """Let two rows change places: two entries of the log, or what stands in one column of two rows."""
        for _ in range(_TRIES):
            one = await self.row(*_TABLES, "log", "log")
            table, other = one.table, await self.row(one.table)
            column = "leaf" if table == "log" else self.chance.choice(await self.columns(table))[0]
            if one.values[column] == other.values[column] or column in ("workspace_id", *KEYS[table]):
                continue
            put = f'update "{table}" set "{column}" = $1 where '
            exchange = ((put + one.here, other.values[column]), (put + other.here, one.values[column]))
            if await self._allowed(*exchange):
                return f"exchange of {table}.{column} between {one.here} and {other.here}"
        raise AssertionError("nothing can be exchanged")

    async def cut_short(self) -> str:
        """Cut the end of the log off; more or less of what rests on it is made to fit."""
        leaves = await self._leaves()
        size = len(leaves) - self.chance.randint(1, min(60, len(leaves) - 1))
        how = self.chance.choice(("the log alone", "with its end", "with its end and rows"))
        await self._do("delete from log where workspace_id = $1 and position > $2", size)
        if how != "the log alone":
            await self._build(leaves[:size])
            await self._do("delete from log_head where workspace_id = $1 and size > $2", size)
        if how == "with its end and rows":
            for table in ("posting", "approval"):
                await self._do(f"delete from {table} where workspace_id = $1 and position > $2", size)
            there = "select from log l where l.workspace_id = $1 and l.evt = e.evt"
            await self._do(f"delete from event e where workspace_id = $1 and not exists ({there})")
        return f"cut to {size} entries, {how}"

    async def sign_again(self) -> str:
        """Sign with a key of one's own: the heads as they are, all of them under that key, or a log that was changed."""
        key = vault.new_key()
        ways = ("one head", "the heads and the public key", "a changed log, its heads and the public key")
        how = self.chance.choice(ways)
        heads = await audit.heads(self.conn, self.ws)
        if how == ways[2]:
            leaves = await self._leaves()
            at = self.chance.randrange(len(leaves))
            leaves[at] = leaves[at].replace(b"1", b"2", 1)
            await self._do("update log set leaf = $3 where workspace_id = $1 and position = $2", at + 1, leaves[at])
            await self._build(leaves)
        if how == ways[0]:
            heads = [self.chance.choice(heads)]
        else:
            public = "update workspace_secret set public = $2 where workspace_id = $1 and purpose = 'signing'"
            await self._do(public, vault.public_key(key))
        leaves = await self._leaves()
        for head in heads:
            root = head.root if how == ways[0] else root_of(map(leaf_hash, leaves[: head.size]))
            signature = vault.sign(key, head_bytes(self.ws, head.size, root, head.as_of))
            signed = "update log_head set root = $3, signature = $4, public = $5 where workspace_id = $1 and size = $2"
            await self._do(signed, head.size, root, signature, vault.public_key(key))
        return f"re-signing of {how}"

    async def _do(self, statement: str, *values: Any) -> None:
        """Run a statement; ``$1`` is the workspace."""
        await self.conn.execute(statement, self.ws, *values)

    async def _allowed(self, *statements: tuple[Any, ...]) -> bool:
        """Run statements with their values, if the tables' constraints allow all of them."""
        try:
            async with self.conn.transaction():
                for statement, *values in statements:
                    await self.conn.execute(statement, *values)
        except (asyncpg.UniqueViolationError, asyncpg.CheckViolationError):
            return False
        return True

    async def _leaves(self) -> list[bytes]:
        return [row.leaf async for row in audit.rows(self.conn, self.ws)]

    async def _build(self, leaves: list[bytes]) -> None:
        """Make tree, tiles and end fit these entries."""
        tree = Frontier()
        for leaf in leaves:
            tree.append(leaf_hash(leaf))
        end = "update stream set position = $2, frontier = $3 where workspace_id = $1"
        await self._do(end, tree.size, tree.encode())
        await self._do("delete from log_tile where workspace_id = $1")
        for tile in range(tree.size // TILE):
            hashes = b"".join(map(leaf_hash, leaves[tile * TILE : (tile + 1) * TILE]))
            row = "insert into log_tile (workspace_id, tile, root, hashes) values ($1, $2, $3, $4)"
            await self._do(row, tile, tile_root(hashes), hashes)


#: Kind -> how often it is taken among all, and what does it.
KINDS: dict[str, tuple[int, Callable[[Forger], Awaitable[str]]]] = {
    "edits": (8, Forger.edit),
    "edits of the log's end": (1, Forger.edit_end),
    "deletions": (4, Forger.delete),
    "insertions": (3, Forger.insert),
    "reorderings": (4, Forger.reorder),
    "truncations": (2, Forger.cut_short),
    "re-signings": (2, Forger.sign_again),
}
