"""Payees: where a beneficiary is paid."""

from __future__ import annotations

from collections.abc import Mapping

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.core.entry import Entry
from goodword.core.events import PayeeSet
from goodword.core.state import Kin
from goodword.outbound.rails import REGISTRY, checked, for_mode
from goodword.store import entities, payees
from goodword.store.vault import MasterKeyError, UnsealError


@requires("payee.set")
async def set_payee(
    who: Principal, directory: Directory, person: str, rail: str, details: Mapping[str, str], key: str | None = None
) -> Entry:
    """Enter or change payment details of a beneficiary, in the canonical form of their rail.

    Those of an account that was merged are of the one that it goes on as. Raises UnknownError for a person whom nobody knows,
    ConflictError for one whose key does not open, DetailsError, RailModeError, and KeyError for a rail that there is not.
    """
    ws = who.workspace
    details = checked(for_mode(REGISTRY, rail, ws.mode).fields, details)
    async with directory.reading() as conn:
        for merged in await entities.load(conn, ws.id, Kin, [person]):
            person = merged.root
    destination = payees.digest(ws, person, rail, details)

    async def save(conn: asyncpg.Connection, entry: Entry) -> None:
        if any(verdict.outcome == "payee_set" for verdict in entry.verdicts):
            try:
                await payees.save(conn, ws, directory.vault, person, rail, details)
            except LookupError:
                raise UnknownError("person") from None
            except (MasterKeyError, UnsealError):
                what = "The key of this person does not open, so nothing can be kept of them: ask your operator."
                raise ConflictError("person_locked", what) from None

    return await say(
        who, directory, lambda s: PayeeSet(**s, person=person, rail=rail, destination=destination), key, also=save
    )
