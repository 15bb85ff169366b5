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


def account(ws: Workspace, person: str, details: Mapping[str, Any]) -> str | None:
    """Return what stands in the log for the account of somebody, under whatever name; None: it has no IBAN."""
    iban = details.get("iban")
    return payee_digest(ws.keys.payee, person, canonical.encode(("account", iban))) if iban else None


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


async def page(conn: asyncpg.Connection, ws: str, after: str, limit: int) -> list[str]:
    """Return persons who have payment details, in order, behind one of them."""
    return [row["person"] for row in await conn.fetch(_SQL["page"], ws, after, limit)]


def name_digest(ws: Workspace, person: str, name: str) -> str:
    """Return what stands in the log for the name by which a bank knows somebody's account."""
    return payee_digest(ws.keys.payee, person, canonical.encode(("suggested", name)))


async def suggest(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, person: str, destination: str, name: str | None
) -> None:
    """Keep by which name a bank knows the account of a person's details, sealed as these are; None: it said none.

    Raises LookupError for a person who is unknown or erased.
    """
    sealed = None
    if name is not None:
        key = (await people.person_keys(conn, ws.id, vault, [person])).get(person)
        if key is None:
            raise LookupError(f"there is no person {person}")
        sealed = seal(key, name.encode(), _of_name(ws.id, person))
    await conn.execute(_SQL["suggest"], ws.id, person, destination, sealed)


async def suggested(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, persons: Iterable[str]
) -> dict[str, str | None]:
    """Return the names by which banks know accounts, by person; None for one that does not open, and nothing where none was said."""
    rows = await conn.fetch(_SQL["suggested"], ws.id, sorted(set(persons)))
    own, _ = await people.opened(conn, ws.id, vault, (row["person"] for row in rows))
    names: dict[str, str | None] = {}
    for row in rows:
        person = row["person"]
        if person in own:
            try:
                names[person] = unseal(own[person], row["suggested"], _of_name(ws.id, person)).decode()
            except UnsealError:
                names[person] = None
    return names


def _identity(ws: str, person: str) -> bytes:
    return row_identity("payee_detail", ws, person)


def _of_name(ws: str, person: str) -> bytes:
    return row_identity("payee_detail", ws, person, "suggested")
