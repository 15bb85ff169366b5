"""Changes: what owners asked for and others must confirm."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core.state import Change
from goodword.store import pages, workspaces


@requires("change.read")
async def page(
    who: Principal, directory: Directory, *, status: str | None = None, after: str = "", limit: int = 50
) -> Page[Change]:
    """Return changes, filtered. Raises InvalidError for a status that there is not."""
    filters.status("change", status)
    async with directory.reading() as conn:
        rows = await pages.changes(conn, who.workspace.id, status=status, after=after, limit=limit)
    return paging.by_id(rows, limit)


@requires("change.read")
async def about(who: Principal, directory: Directory, mail: str) -> Change:
    """Return what is open about the member with this canonical mail. Raises UnknownError."""
    async with directory.reading() as conn:
        mails = await workspaces.mails(conn, who.workspace)
        subject = next((member for member, known in mails.items() if known == mail), "")
        found = await pages.changes(conn, who.workspace.id, status="open", subject=subject, after="", limit=1)
    if not found:
        raise UnknownError(f"change of {mail} that waits for somebody")
    return found[0]
