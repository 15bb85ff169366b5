"""Notes: what people typed beside their decisions. The log has a digest of each, as the ``note`` of its event."""

from __future__ import annotations

from collections.abc import Iterable

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core.entry import Entry
from goodword.core.events import note_of
from goodword.store import notes


@requires("note.read")
async def get(who: Principal, directory: Directory, note: str) -> str:
    """Return the text of a note by its digest. Raises UnknownError, also for one that was erased with whom it was about."""
    async with directory.reading() as conn:
        text = await notes.find(conn, who.workspace, note)
    if text is None:
        raise UnknownError("note")
    return text


@requires("note.read")
async def texts(who: Principal, directory: Directory, digests: Iterable[str]) -> dict[str, str]:
    """Return the texts of these notes, by digest; those that were erased are left out."""
    wanted = list(digests)
    if not wanted:
        return {}
    async with directory.reading() as conn:
        return await notes.each(conn, who.workspace, wanted)


@requires("note.read")
async def beside(who: Principal, directory: Directory, entries: Iterable[Entry]) -> dict[str, str]:
    """Return the texts of the notes beside these decisions, by digest; those that were erased are left out."""
    return await texts(who, directory, filter(None, (note_of(entry.event) for entry in entries)))
