"""A new master key: every wrapped key of an installation is wrapped again, while it serves. Must not know: SQL, who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from goodword.app.directory import Directory
from goodword.app.workspaces import every_workspace
from goodword.store import people, workspaces


class Rotated(NamedTuple):
    """A workspace, and how many of its own keys and of its persons' were wrapped again."""

    workspace: str
    own: int
    persons: int


async def rotate(directory: Directory) -> AsyncIterator[Rotated]:
    """Wrap every key under the vault's present master key, workspace by workspace; what is so already is passed by.

    Safe to repeat and to interrupt. Raises MasterKeyError where a key is wrapped under a master key that the vault does not have.
    """
    for ws in await every_workspace(directory):
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
