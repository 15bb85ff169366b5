"""Payment details: sealed under the beneficiary's own key, told apart by a digest under the workspace's key for payees.

Must not know: what a rail needs, who may see them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
import msgspec

from goodword.core import canonical
from goodword.store import people
from goodword.store.sql_files import statements
from goodword.store.vault import UnsealError, Vault, payee_digest, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("payee_detail")


def digest(ws: Workspace, person: str, rail: str, details: dict[str, Any]) -> str:
    """Return the text that an approval freezes: it binds the person, the rail and the details."""
    return payee_digest(ws.keys.payee, person, canonical.encode((rail, details)))


async def save(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, person: str, rail: str, details: dict[str, Any]
) -> None:
    """Keep the details of a person. Raises LookupError for a person who is unknown or erased."""
    key = (await people.person_keys(conn, ws.id, vault, [person])).get(person)
    if key is None:
        raise LookupError(f"there is no person {person}")
    sealed = seal(key, msgspec.json.encode(details), _identity(ws.id, person))
    await conn.execute(_SQL["save"], ws.id, person, rail, digest(ws, person, rail, details), sealed)


async def opened(
    conn: asyncpg.Connection,
    ws: Workspace,
    vault: Vault,
    persons: Iterable[str],
    own: Mapping[str, bytes] | None = None,
) -> tuple[dict[str, tuple[str, str, dict[str, Any]]], dict[str, Exception]]:
    """Return (digest, rail, details) by person, of those who have any, and why those do not open that do not.

    The digest is that of what was unsealed, not the row's. ``own``: the persons' own keys, where they were opened already.
    """
    rows = await conn.fetch(_SQL["find"], ws.id, sorted(set(persons)))
    locked: dict[str, Exception] = {}
    if own is None:
        own, locked = await people.opened(conn, ws.id, vault, (row["person"] for row in rows))
    by_person = {}
    for row in rows:
        person = row["person"]
        if person in own:
            try:
                details = msgspec.json.decode(unseal(own[person], row["sealed"], _identity(ws.id, person)))
            except UnsealError as error:
                locked[person] = error
            else:
                by_person[person] = digest(ws, person, row["rail"], details), row["rail"], details
    return by_person, locked


def _identity(ws: str, person: str) -> bytes:
    return row_identity("payee_detail", ws, person)
