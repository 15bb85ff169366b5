"""What a superuser may do to a workspace: edit, delete, insert, reorder, cut short, sign again with a key of their own.

Each function changes something that verification must find beside an older head, and gives it in words.
"""

import random
from collections.abc import Awaitable, Callable

import asyncpg
from testkit import tampering
from testkit.tampering import KEYS, OUTSIDE, Row

from goodword.core.merkle import TILE, Frontier, head_bytes, leaf_hash, tile_root
from goodword.store import audit, vault

_HINTS = {
    ("stream", "next_due"),
    ("stream", "manual_now"),
}  # the first is a hint; without a move of the clock the log has no second
_TRIES = 200


class Forger:
    """A superuser with a connection in a transaction, and chance."""

    chance: random.Random

    def __init__(self, conn: asyncpg.Connection, ws: str) -> None:
        self.conn = conn
        self.ws = ws
        self._columns: dict[str, list[tuple[str, str]]] = {}

    async def columns(self, table: str) -> list[tuple[str, str]]:
        """Return the columns on which something rests."""
        if table not in self._columns:
            self._columns[table] = [
                one for one in await tampering.columns(self.conn, table) if (table, one[0]) not in {*OUTSIDE, *_HINTS}
            ]
        return self._columns[table]

    async def row(self, table: str) -> Row:
        """Return a row of a table, by chance."""
        count = await self.conn.fetchval(f'select count(*) from "{table}" where workspace_id = $1', self.ws)
        at = self.chance.randrange(count)
        [found] = await self.conn.fetch(f'select * from "{table}" where workspace_id = $1 offset {at} limit 1', self.ws)
        return Row(table, dict(found), await tampering.here(self.conn, table, dict(found)))

    async def edit(self) -> str:
        """Change one column of one row."""
        for _ in range(_TRIES):
            row = await self.row(self.chance.choice([*KEYS, "log", "posting", "reward"]))
            column, type_ = self.chance.choice(await self.columns(row.table))
            if await tampering.change(self.conn, row, column, type_) is not None:
                return f"edit of {row.table}.{column} where {row.here}"
        raise AssertionError("nothing can be edited")

    async def edit_end(self) -> str:
        """Change where the log is said to end."""
        column, value = self.chance.choice(
            (
                ("position", "position + 1"),
                ("as_of", "as_of + 1"),
                ("frontier", "set_byte(frontier, 20, get_byte(frontier, 20) # 1)"),
            )
        )
        await self.conn.execute(f"update stream set {column} = {value} where workspace_id = $1", self.ws)
        return f"edit of stream.{column}"

    async def delete(self) -> str:
        """Delete one row."""
        row = await self.row(self.chance.choice(list(KEYS)))
        assert await self.conn.execute(f'delete from "{row.table}" where {row.here}') == "DELETE 1"
        return f"deletion from {row.table} where {row.here}"

    async def insert(self) -> str:
        """Insert a copy of a row under another key."""
        for _ in range(_TRIES):
            row = await self.row(self.chance.choice(list(KEYS)))
            values = dict(row.values)
            for column in KEYS[row.table]:
                values[column] = (
                    f"{values[column]}x"
                    if isinstance(values[column], str)
                    else values[column] + self.chance.randint(1, 9)
                )
            for column in {"evt", "id"} & values.keys() - set(KEYS[row.table]):  # other unique keys
                values[column] = f"{values[column]}x"
            names = ", ".join(f'"{name}"' for name in values)
            places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
            try:
                async with self.conn.transaction():
                    await self.conn.execute(f'insert into "{row.table}" ({names}) values ({places})', *values.values())
            except (asyncpg.UniqueViolationError, asyncpg.CheckViolationError):
                continue
            return f"insertion into {row.table} of {row.here} under another key"
        raise AssertionError("nothing can be inserted")

    async def reorder(self) -> str:
        """Let two rows change places: two entries of the log, or what stands in one column of two rows."""
        for _ in range(_TRIES):
            table = self.chance.choice([*KEYS, "log", "log"])
            one, two = await self.row(table), await self.row(table)
            column, _ = ("leaf", "") if table == "log" else self.chance.choice(await self.columns(table))
            if one.here == two.here or one.values[column] == two.values[column]:
                continue
            if column == "workspace_id" or column in KEYS[table]:
                continue
            try:
                async with self.conn.transaction():
                    for row, other in ((one, two), (two, one)):
                        await self.conn.execute(
                            f'update "{table}" set "{column}" = $1 where {row.here}', other.values[column]
                        )
            except (asyncpg.UniqueViolationError, asyncpg.CheckViolationError):
                continue
            return f"exchange of {table}.{column} between {one.here} and {two.here}"
        raise AssertionError("nothing can be exchanged")

    async def cut_short(self) -> str:
        """Cut the end of the log off; more or less of what rests on it is made to fit."""
        leaves = await self._leaves()
        size = len(leaves) - self.chance.randint(1, min(60, len(leaves) - 1))
        how = self.chance.choice(("the log alone", "with its end", "with its end and rows"))
        await self.conn.execute("delete from log where workspace_id = $1 and position > $2", self.ws, size)
        if how != "the log alone":
            await self._build(leaves[:size])
            await self.conn.execute("delete from log_head where workspace_id = $1 and size > $2", self.ws, size)
        if how == "with its end and rows":
            for table in ("posting", "approval"):
                await self.conn.execute(f"delete from {table} where workspace_id = $1 and position > $2", self.ws, size)
            await self.conn.execute(
                """delete from event e where workspace_id = $1
                   and not exists (select from log l where l.workspace_id = $1 and l.evt = e.evt)""",
                self.ws,
            )
        return f"cut to {size} entries, {how}"

    async def sign_again(self) -> str:
        """Sign with a key of one's own: the heads as they are, all of them under that key, or a log that was changed."""
        key = vault.new_key()
        how = self.chance.choice(
            ("one head", "the heads and the public key", "a changed log, its heads and the public key")
        )
        if how == "one head":
            head = self.chance.choice(await audit.heads(self.conn, self.ws))
            signature = vault.sign(key, head_bytes(self.ws, head.size, head.root, head.as_of))
            await self._signed(head.size, head.root, signature, vault.public_key(key))
            return "re-signing of one head"
        if how.startswith("a changed"):
            leaves = await self._leaves()
            at = self.chance.randrange(len(leaves))
            leaves[at] = leaves[at].replace(b"1", b"2", 1)
            await self.conn.execute(
                "update log set leaf = $3 where workspace_id = $1 and position = $2", self.ws, at + 1, leaves[at]
            )
            await self._build(leaves)
        await self.conn.execute(
            "update workspace_secret set public = $2 where workspace_id = $1 and purpose = 'signing'",
            self.ws,
            vault.public_key(key),
        )
        leaves = await self._leaves()
        for head in await audit.heads(self.conn, self.ws):
            root = _tree(leaves[: head.size]).root()
            signature = vault.sign(key, head_bytes(self.ws, head.size, root, head.as_of))
            await self._signed(head.size, root, signature, vault.public_key(key))
        return f"re-signing of {how}"

    async def _leaves(self) -> list[bytes]:
        return [row.leaf async for row in audit.rows(self.conn, self.ws)]

    async def _signed(self, size: int, root: bytes, signature: bytes, public: str) -> None:
        await self.conn.execute(
            "update log_head set root = $3, signature = $4, public = $5 where workspace_id = $1 and size = $2",
            self.ws,
            size,
            root,
            signature,
            public,
        )

    async def _build(self, leaves: list[bytes]) -> None:
        """Make tree, tiles and end fit these entries."""
        tree = _tree(leaves)
        await self.conn.execute(
            "update stream set position = $2, frontier = $3 where workspace_id = $1", self.ws, tree.size, tree.encode()
        )
        await self.conn.execute("delete from log_tile where workspace_id = $1", self.ws)
        for tile in range(tree.size // TILE):
            hashes = b"".join(map(leaf_hash, leaves[tile * TILE : (tile + 1) * TILE]))
            await self.conn.execute(
                "insert into log_tile (workspace_id, tile, root, hashes) values ($1, $2, $3, $4)",
                self.ws,
                tile,
                tile_root(hashes),
                hashes,
            )


def _tree(leaves: list[bytes]) -> Frontier:
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree


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
