"""Rewards: lists, one, and what an approval is given over."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import FrozenList, Page
from goodword.core import receivables, reviews
from goodword.core.state import Payee, Reward
from goodword.store import entities, pages


@requires("reward.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    status: str | None = None,
    program: str | None = None,
    beneficiary: str | None = None,
    conversion: str | None = None,
    payout: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Reward]:
    """Return rewards, filtered; ``status="in_review"`` is the queue. ``program``: an id or slug, ``beneficiary``: an id or a name.

    Raises InvalidError for a value that means nothing, UnknownError for a program or name that there is not.
    """
    filters.status("reward", status)
    filters.conversion(conversion)
    filters.id_of("payout", payout, "payout")
    async with directory.reading() as conn:
        rewards = await pages.rewards(
            conn,
            who.workspace.id,
            status=status,
            beneficiary=await filters.person(conn, who, beneficiary),
            conversion=conversion,
            payout=payout,
            programs=await filters.programs(conn, who, program),
            after=after,
            limit=limit,
        )
    return paging.by_id(rewards, limit)


@requires("reward.read")
async def get(who: Principal, directory: Directory, reward: str) -> Reward:
    """Return one reward. Raises UnknownError."""
    async with directory.reading() as conn:
        return await paging.one(conn, who, Reward, reward)


@requires("reward.read")
async def to_approve(who: Principal, directory: Directory, ids: Sequence[str]) -> FrozenList:
    """Return the frozen list of these rewards as they are now. Raises UnknownError."""
    async with directory.reading() as conn:
        rewards = await paging.each(conn, who, Reward, ids)
        payees = await entities.load(conn, who.workspace.id, Payee, [reward.beneficiary for reward in rewards])
    by_person = {payee.person: payee for payee in payees}
    return paging.frozen(reviews.item_of(reward, by_person.get(reward.beneficiary)) for reward in rewards)


@requires("reward.read")
async def to_settle(who: Principal, directory: Directory, ids: Sequence[str]) -> FrozenList:
    """Return the frozen list of what is owed back of these rewards now. Raises UnknownError."""
    async with directory.reading() as conn:
        rewards = await paging.each(conn, who, Reward, ids)
    return paging.frozen(receivables.item_of(reward) for reward in rewards)
