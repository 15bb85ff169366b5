"""Payment details: sealed under the beneficiary's own key, told apart by a digest under the workspace's key for payees.

Must not know: what a rail needs, who may see them.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import asyncpg
import msgspec

from goodword.core import canonical
from goodword.core.state import Payee
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


async def enter(
    conn: asyncpg.Connection, ws: Workspace, vault: Vault, person: str, rail: str, details: dict[str, Any]
) -> None:
    """Keep other details of a person beside those that hold, until they do. Raises LookupError for a person without any."""
    key = (await people.person_keys(conn, ws.id, vault, [person])).get(person)
    sealed = seal(key, msgspec.json.encode(details), _identity(ws.id, person)) if key is not None else None
    row = (ws.id, person, rail, digest(ws, person, rail, details), sealed)
    if sealed is None or await conn.execute(_SQL["enter"], *row) != "UPDATE 1":
        raise LookupError(f"there is no person {person} with payment details")


async def settle(conn: asyncpg.Connection, ws: str, payees: Iterable[Payee]) -> None:
    """Let what persons entered hold that is in force now, and forget what is asked for no more."""
    its = {it.person: it.destination for it in payees if it.entering is None}
    if its:
        await conn.execute(_SQL["hold"], ws, [*its], [*its.values()])
        await conn.execute(_SQL["forget"], ws, [*its])


class Entered(NamedTuple):
    """Details that a person entered and that do not hold yet. ``mailed``: by which job a link went out, which may have arrived."""

    destination: str
    rail: str
    details: dict[str, Any]
    mailed: str | None


async def entered(conn: asyncpg.Connection, ws: Workspace, vault: Vault, persons: Iterable[str]) -> dict[str, Entered]:
    """Return what persons entered, by whom; of one whose key does not open, nothing. Raises UnsealError."""
    rows = await conn.fetch(_SQL["entered"], ws.id, sorted(set(persons)))
    own, _ = await people.opened(conn, ws.id, vault, (row["person"] for row in rows))
    found = {}
    for row in rows:
        person = row["person"]
        if person in own:
            details = msgspec.json.decode(unseal(own[person], row["entering"], _identity(ws.id, person)))
            rail = row["entering_rail"]
            found[person] = Entered(digest(ws, person, rail, details), rail, details, row["mailed"])
    return found


async def link(conn: asyncpg.Connection, ws: str, person: str, destination: str, token: str, mailed: str) -> bool:
    """Keep a link before its mail is handed over; False: it was begun before, or something else is asked for by now."""
    said: str = await conn.execute(_SQL["link"], ws, person, destination, _hash(token), mailed)
    return said == "UPDATE 1"


async def unlink(conn: asyncpg.Connection, ws: str, mailed: str) -> None:
    """Note that the server did not take a mail: it may be sent again."""
    await conn.execute(_SQL["unlink"], ws, mailed)


async def whose(conn: asyncpg.Connection, ws: str, token: str) -> str | None:
    """Return whose details a link is about; None: nobody's."""
    found: str | None = await conn.fetchval(_SQL["whose"], ws, _hash(token))
    return found


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


def _hash(token: str) -> bytes:
    """Return what is kept of a token: it has 256 random bits, so there is nothing to guess."""
    return sha256(token.encode()).digest()


def _identity(ws: str, person: str) -> bytes:
    return row_identity("payee_detail", ws, person)


def _of_name(ws: str, person: str) -> bytes:
    return row_identity("payee_detail", ws, person, "suggested")
