"""Rewards: some are not owed, of some it was wrong to say so, and what is owed back of some is settled."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Why, note, say
from goodword.core.entry import Entry
from goodword.core.events import Item, ReceivableSettled, RewardsHeld, RewardSnoozed, RewardsRejected, RewardsRestored


@requires("reward.decide")
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


@requires("reward.hold")
async def hold(who: Principal, directory: Directory, items: tuple[Item, ...], why: Why, key: str) -> Entry:
    """Let these rewards wait until somebody has looked at each: a case is opened for it."""
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: RewardsHeld(**s, items=items, reason=why.reason, note=typed.digest),
        key,
        also=typed.keep,
    )


@requires("reward.hold")
async def snooze(who: Principal, directory: Directory, reward: str, until: int | None, why: Why, key: str) -> Entry:
    """Put a reward in review aside until an instant that is not behind the day by which it is promised; None: it is back now."""
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: RewardSnoozed(**s, reward=reward, until=until, reason=why.reason, note=typed.digest),
        key,
        also=typed.keep,
    )


@requires("receivable.settle")
async def settle(
    who: Principal,
    directory: Directory,
    items: tuple[Item, ...],
    list_sha256: str,
    how: str,
    reference: str | None,
    why: Why,
    key: str,
) -> Entry:
    """Say how what is owed back of these rewards is settled: repaid, written_off or forgiven."""
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: ReceivableSettled(
            **s,
            items=items,
            list_sha256=list_sha256,
            how=how,
            reason=why.reason,
            reference=reference,
            note=typed.digest,
        ),
        key,
        also=typed.keep,
    )


@requires("reward.restore")
async def restore(
    who: Principal, directory: Directory, items: tuple[Item, ...], list_sha256: str, why: Why, key: str
) -> Entry:
    """Say that these were rejected, or have expired, by mistake. A second member must say the same list."""
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: RewardsRestored(**s, items=items, list_sha256=list_sha256, reason=why.reason, note=typed.digest),
        key,
        also=typed.keep,
    )
