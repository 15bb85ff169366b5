"""The master key: whether it opens what is there, and a new one in its place, while the installation serves.

Must not know: SQL, who asks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg

from goodword.app.directory import Directory
from goodword.store import people, workspaces
from goodword.store.vault import MasterKeyError, UnsealError, Vault


async def opens(conn: asyncpg.Connection, vault: Vault) -> None:
    """Raise MasterKeyError unless the vault opens the keys of workspaces: for the start of whatever works with them, and after it.

    It must have every master key that wrapped one: their ids are asked, with which wrapped keys begin, about 20 ms with 10,000
    workspaces, so every look at a server's health may. One workspace of each master key is opened, so that an id alone is not
    believed. Persons' keys are left to ``goodword verify``, which reads all there is anyway: a start must not grow with them.
    """
    masters = await workspaces.masters(conn)
    vault.require(masters)
    for master, ws in masters.items():
        try:
            await workspaces.find(conn, vault, ws)
        except UnsealError:
            raise MasterKeyError(
                f"the master key {master.hex()} does not open the keys that it wrapped: they were changed in the"
                " database; restore them from a backup"
            ) from None


class Rotated(NamedTuple):
    """A workspace, and how many of its own keys and of its persons' were wrapped again."""

    workspace: str
    own: int
    persons: int


async def rotate(directory: Directory) -> AsyncIterator[Rotated]:
    """Wrap every key under the vault's present master key, workspace by workspace; what is so already is passed by.

    Safe to repeat and to interrupt. Raises MasterKeyError where a key is wrapped under a master key that the vault does not have.
    """
    async with directory.reading() as conn:
        every = await workspaces.every(conn)
    for ws in every:
        yield await rotated(directory, ws)


async def rotated(directory: Directory, ws: str) -> Rotated:
    """Do so in one workspace."""
    persons, last = 0, ""
    async with directory.pool.acquire() as conn:
        own = await workspaces.wrap_again(conn, directory.vault, ws)
        while page := await people.wrap_again(conn, ws, directory.vault, last):
            count, last = page
            persons += count
    return Rotated(ws, own, persons)
