"""Files for the bank that were handed out: who took them, when, what they pay, and what became of that."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core.state import Handover
from goodword.store import entities, pages

#: Files that are listed.
MOST = 20


class Handed(Struct, frozen=True):
    """A file, and its payouts counted by the state in which they are now. The list leaves out which they are."""

    file: Handover
    states: dict[str, int]


@requires("payout.read")
async def newest(who: Principal, directory: Directory) -> list[Handed]:
    """Return the files that were handed out last, the newest first; who is limited to programs sees none, for a file speaks of all."""
    if who.programs:
        return []
    async with directory.snapshot() as conn:
        files = await pages.handed_out(conn, who.workspace.id, MOST)
        return [Handed(file, await pages.states_of_file(conn, who.workspace.id, file.id)) for file in files]


@requires("payout.read")
async def get(who: Principal, directory: Directory, file: str) -> Handed:
    """Return one file with all that it pays. Raises UnknownError."""
    async with directory.snapshot() as conn:
        found = [] if who.programs else await entities.load(conn, who.workspace.id, Handover, [file])
        if not found:
            raise UnknownError("file for the bank")
        return Handed(found[0], await pages.states_of_file(conn, who.workspace.id, file))
