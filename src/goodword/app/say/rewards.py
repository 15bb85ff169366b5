"""Rewards: some are not owed."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Why, note, say
from goodword.core.entry import Entry
from goodword.core.events import Item, RewardsRejected


@requires("reward.reject")
async def reject(who: Principal, directory: Directory, items: tuple[Item, ...], why: Why, key: str) -> Entry:
    """Say that these rewards are not owed."""
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: RewardsRejected(**s, items=items, reason=why.reason, note=typed.digest, withheld=why.withheld),
        key,
        also=typed.keep,
    )
