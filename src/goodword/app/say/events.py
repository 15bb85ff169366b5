"""Events that were set aside because deciding them failed."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.write.process import retry_quarantine


@requires("event.retry")
async def retry(who: Principal, directory: Directory, evt: str) -> int:
    """Decide an event again that was set aside, and those behind it, in order; return how many they are."""
    return await retry_quarantine(directory.engine, who.workspace.id, evt)
