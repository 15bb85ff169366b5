"""Rewards: lists, one, and what an approval is given over."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import drafts, filters, paging, payees
from goodword.app.see.paging import FrozenList, Page
from goodword.core import receivables, reviews
from goodword.core.state import Payee, Reward
from goodword.store import log, pages

#: Items of a frozen list.
MOST = 1_000


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
    async with directory.snapshot() as conn:
        rewards = await paging.each(conn, who, Reward, ids)
        about = await payees.of(conn, who, directory, [reward.beneficiary for reward in rewards])
        draft = await drafts.of(conn, who, directory, rewards)
    return about.listed(who, rewards, draft)


@requires("reward.read")
async def to_settle(who: Principal, directory: Directory, ids: Sequence[str]) -> FrozenList:
    """Return the frozen list of what is owed back of these rewards now. Raises UnknownError."""
    async with directory.reading() as conn:
        rewards = await paging.each(conn, who, Reward, ids)
    return paging.frozen(receivables.item_of(reward) for reward in rewards)


@requires("reward.read")
async def queue_list(
    who: Principal, directory: Directory, *, program: str | None = None, limit: int = MOST
) -> FrozenList:
    """Return the frozen list of what the reader could approve now, in order of id. ``left_out`` counts what they could not, and why.

    What is put aside is not looked at.

    ``program``: an id or slug. Raises UnknownError for one that there is not.
    """
    ready: list[Reward] = []
    left_out: dict[str, int] = {}
    after: str | None = ""
    async with directory.snapshot() as conn:
        named = await filters.programs(conn, who, program)
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
        while after is not None and len(ready) < limit:
            piece = await pages.rewards(
                conn,
                who.workspace.id,
                status="in_review",
                beneficiary=None,
                conversion=None,
                payout=None,
                programs=named,
                after=after,
                limit=MOST,
            )
            draft = await drafts.of(conn, who, directory, piece)
            for reward in piece:
                if reward.snoozed_until is not None and reward.snoozed_until > now:
                    continue
                item = reviews.item_of(reward, draft.get(Payee, reward.beneficiary))
                why = reviews.against(draft, item, who.actor)
                if why is not None:
                    left_out[why[0]] = left_out.get(why[0], 0) + 1
                elif len(ready) < limit:
                    ready.append(reward)
            after = piece[-1].id if len(piece) == MOST else None
        about = await payees.of(conn, who, directory, [reward.beneficiary for reward in ready])
        draft = await drafts.of(conn, who, directory, ready)
    return about.listed(who, ready, draft, left_out)


@requires("reward.read")
async def to_restore(who: Principal, directory: Directory, ids: Sequence[str]) -> FrozenList:
    """Return the frozen list of these rewards that were rejected or have expired, with what they were. Raises UnknownError."""
    async with directory.reading() as conn:
        rewards = await paging.each(conn, who, Reward, ids)
    return paging.frozen(reviews.restorable(reward) for reward in rewards)
