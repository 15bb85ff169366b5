"""The log is verified."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError
from goodword.app.principal import Principal, requires
from goodword.app.proof import checking
from goodword.app.proof.checking import Check
from goodword.store import log


@requires("log.verify")
async def verify(who: Principal, directory: Directory) -> Check:
    """Begin to verify the workspace beside the requests of this server, unless that runs already; ``see.log.verification`` tells of it.

    Raises ConflictError for a log that is too long for it, and where it is not possible.
    """
    ws = who.workspace.id
    async with directory.reading() as conn:
        size = (await log.stream(conn, ws)).position
    if size > checking.MOST or not directory.checks.possible:
        raise ConflictError(
            "too_long", "Run goodword verify on the machine of this installation: the log is too long for a page."
        )
    return directory.checks.start(ws, who.actor.id, size, directory.erased(ws))
