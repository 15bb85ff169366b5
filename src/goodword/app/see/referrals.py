"""Referrals: who brought whom."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import paging
from goodword.app.see.paging import Page
from goodword.core.state import Referral
from goodword.store import pages


@requires("referral.read")
async def page(
    who: Principal, directory: Directory, *, friend: str | None = None, after: str = "", limit: int = 50
) -> Page[Referral]:
    """Return referrals, of a friend or all."""
    async with directory.reading() as conn:
        found = await pages.referrals(
            conn, who.workspace.id, friend=friend, programs=who.programs, after=after, limit=limit
        )
    return paging.by_id(found, limit)
