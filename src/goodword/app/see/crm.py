"""CRMs whose records are written to, and what they answered: what they refused needs a person, who is told what for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.store import crm
from goodword.store.crm import STATES


class Crm(Struct, frozen=True):
    """A CRM. ``referrer``: name, code or none; ``fields``: what it calls what is said there. Instants are of the real clock.

    ``waiting``: records that are tried again; ``refused``: those that need a person.
    """

    source: str
    site: str
    referrer: str
    fields: Mapping[str, str]
    made_by: str
    created_at: int
    rests_until: int | None
    written: int
    waiting: int
    refused: int


class Record(Struct, frozen=True):
    """A record. ``subject``: the person or deal that it is of, by ``match``, and how sure that is. ``answer``: codes of the CRM's."""

    noun: str
    subject: str
    state: str
    match: str
    confidence: str
    status: int | None
    answer: str
    changed_at: int


@requires("webhook.read")
async def every(who: Principal, directory: Directory) -> list[Crm]:
    """Return the CRMs that are written to, by name."""
    ws, now, found = who.workspace.id, directory.now(), list[Crm]()
    async with directory.reading() as conn:
        for it in await crm.every(conn, ws):
            counts = await crm.counts(conn, ws, it.source)
            rests = it.rests_until if it.rests_until > now else None
            said = (it.source, it.site, it.referrer, it.fields, it.made_by, it.made_at, rests)
            found.append(Crm(*said, *(counts.get(state, 0) for state in STATES)))
    return found


@requires("webhook.read")
async def records(
    who: Principal, directory: Directory, source: str, *, state: str = "refused", limit: int = 50
) -> list[Record]:
    """Return records of a CRM in a state, those tried last first. Raises InvalidError and UnknownError."""
    filters.choice("state", state, STATES)
    async with directory.reading() as conn:
        if not await crm.every(conn, who.workspace.id, source):
            raise UnknownError("CRM that is written to")
        rows = await crm.records(conn, who.workspace.id, source, state, limit)
    return [
        Record(it.noun, it.subject, it.state, it.match, it.confidence, it.answered, it.answer, it.at) for it in rows
    ]
