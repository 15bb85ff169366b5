"""Referrals: who brought whom."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core.state import Referral
from goodword.store import pages


@requires("referral.read")
async def page(
    who: Principal, directory: Directory, *, friend: str | None = None, after: str = "", limit: int = 50
) -> Page[Referral]:
    """Return referrals, of a friend or all. Raises UnknownError for a friend's name that nobody has."""
    async with directory.reading() as conn:
        friend = await filters.person(conn, who, friend)
        referrals = await pages.referrals(
            conn, who.workspace.id, friend=friend, programs=who.programs, after=after, limit=limit
        )
    return paging.by_id(referrals, limit)
