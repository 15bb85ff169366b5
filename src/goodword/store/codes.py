"""What codes read that are given out: sealed, told apart by a keyed digest, and each text only once in a workspace.

Codes of stocks are read as they were uploaded. One of our own is worked out of the payout that brings it, under a key of the workspace:
80 bits that nobody without the key can guess, the same whenever it is asked for. Must not know: whose a code is, who may see it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import asyncpg

from goodword.store.sql_files import statements
from goodword.store.vault import UnsealError, blind, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

#: Crockford's Base32: without I, L, O and U. Who types one of the first three is understood.
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TYPED: Final = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})
#: Characters of a code of our own, of five bits each, and of its groups.
_LENGTH: Final = 16
_GROUP: Final = 4

_SQL = statements("code_text")
_STOCK = statements("stock")


class Row(NamedTuple):
    """A code as it stands. ``blind``: digest of what it reads; ``sealed``: that, encrypted."""

    id: str
    blind: bytes
    sealed: bytes


def digest(ws: Workspace, texts: Sequence[str]) -> str:
    """Return what stands in the log for these texts, in their order: it tells nobody anything."""
    return of_blinds([_blind(ws, text) for text in texts])


def of_blinds(blinds: Sequence[bytes]) -> str:
    """Return the same of digests of the texts."""
    return sha256(b"".join(blinds)).hexdigest()


def of_payout(ws: Workspace, payout: str) -> str:
    """Return what the code of our own reads that a payout brings: four groups of four."""
    number = int.from_bytes(blind(ws.keys.index, "own_code", payout))
    return _grouped("".join(_DIGITS[number >> 5 * place & 31] for place in range(_LENGTH)))


def typed(text: str) -> str | None:
    """Return a code of our own as it reads, of what somebody typed, in any case and with any spaces and hyphens; None: it is none."""
    code = "".join(text.upper().translate(_TYPED).split())
    return _grouped(code) if len(code) == _LENGTH and set(code) <= set(_DIGITS) else None


def _grouped(code: str) -> str:
    return "-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


async def payout_of(conn: asyncpg.Connection, ws: Workspace, text: str) -> str | None:
    """Return the payout that brought the code of our own that somebody typed; None: there is no such code here."""
    code = typed(text)
    id_: str | None = None if code is None else await conn.fetchval(_SQL["by_text"], ws.id, _blind(ws, code))
    return None if id_ is None or is_of_stock(id_) else id_


def is_of_stock(id_: str) -> bool:
    """Return whether a code was uploaded, by its id."""
    return "." in id_


async def add(conn: asyncpg.Connection, ws: Workspace, texts: Mapping[str, str]) -> set[str]:
    """Keep texts by id, in the caller's transaction; returns the ids of those that are new: of another the text was there."""
    # In one order, so that two who bring the same at once come to an end.
    ids = sorted(texts, key=lambda id_: _blind(ws, texts[id_]))
    blinds = [_blind(ws, texts[id_]) for id_ in ids]
    sealed = [seal(ws.keys.note, texts[id_].encode(), _identity(ws.id, id_)) for id_ in ids]
    return {row["id"] for row in await conn.fetch(_SQL["add"], ws.id, ids, blinds, sealed)}


async def find(conn: asyncpg.Connection, ws: Workspace, ids: Collection[str]) -> dict[str, str]:
    """Return what these codes read."""
    rows = await conn.fetch(_SQL["find"], ws.id, sorted(ids))
    return {row["id"]: unseal(ws.keys.note, row["sealed"], _identity(ws.id, row["id"])).decode() for row in rows}


async def every(conn: asyncpg.Connection, ws: str) -> list[Row]:
    """Return all codes as they stand. For verification."""
    return [Row(*row) for row in await conn.fetch(_SQL["every"], ws)]


def opens(ws: Workspace, row: Row) -> bool:
    """Return whether a code opens, and is found by what it reads."""
    try:
        text = unseal(ws.keys.note, row.sealed, _identity(ws.id, row.id)).decode()
    except (UnsealError, UnicodeDecodeError):
        return False
    return _blind(ws, text) == row.blind


def is_of_payout(ws: Workspace, row: Row) -> bool:
    """Return whether a code of our own reads as the payout's that it names."""
    return opens(ws, row) and row.blind == _blind(ws, of_payout(ws, row.id))


async def low_of_all(conn: asyncpg.Connection) -> list[tuple[str, str, int]]:
    """Return (workspace, name, left) of the stocks of all workspaces that run low."""
    return [tuple(row) for row in await conn.fetch(_STOCK["low_of_all"])]


async def awaited_of_all(conn: asyncpg.Connection) -> list[tuple[str, int]]:
    """Return how many payouts wait for codes, by workspace."""
    return [tuple(row) for row in await conn.fetch(_STOCK["awaited_of_all"])]


def _blind(ws: Workspace, text: str) -> bytes:
    return blind(ws.keys.index, "code_text", text)


def _identity(ws: str, id_: str) -> bytes:
    return row_identity("code_text", ws, id_)
