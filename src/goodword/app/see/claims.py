"""Claims: assertions that advocates brought a friend."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core.state import Claim
from goodword.store import pages


@requires("claim.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    status: str | None = None,
    friend: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Claim]:
    """Return claims, filtered; those of a friend that are open together contest one another.

    Raises InvalidError for a status that there is not, UnknownError for a friend's name.
    """
    filters.status("claim", status)
    async with directory.reading() as conn:
        friend = await filters.person(conn, who, friend)
        claims = await pages.claims(
            conn, who.workspace.id, status=status, friend=friend, programs=who.programs, after=after, limit=limit
        )
    return paging.by_id(claims, limit)
