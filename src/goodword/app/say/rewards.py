"""Rewards: some are not owed, and what is owed back of some is settled."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.core.entry import Entry
from goodword.core.events import Item, ReceivableSettled, RewardsRejected


@requires("reward.reject")
async def reject(
    who: Principal, directory: Directory, items: tuple[Item, ...], reason: str, text: str | None, key: str
) -> Entry:
    """Say that these rewards are not owed."""
    digest = await note(who, directory, text, key)
    return await say(who, directory, lambda s: RewardsRejected(**s, items=items, reason=reason, note=digest), key)


@requires("receivable.settle")
async def settle(
    who: Principal,
    directory: Directory,
    items: tuple[Item, ...],
    list_sha256: str,
    how: str,
    reason: str,
    reference: str | None,
    text: str | None,
    key: str,
) -> Entry:
    """Say how what is owed back of these rewards is settled: repaid, written_off or forgiven."""
    digest = await note(who, directory, text, key)
    return await say(
        who,
        directory,
        lambda s: ReceivableSettled(
            **s, items=items, list_sha256=list_sha256, how=how, reason=reason, reference=reference, note=digest
        ),
        key,
    )
