"""Approvals: rewards are owed, as a list says that a person has seen."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.core.entry import Entry
from goodword.core.events import ApprovalGiven, ApprovalWithdrawn, Item


@requires("reward.decide")
async def approve(
    who: Principal, directory: Directory, items: tuple[Item, ...], list_sha256: str, key: str | None = None
) -> Entry:
    """Say that these rewards are owed: all as the list says, or none."""
    return await say(who, directory, lambda s: ApprovalGiven(**s, items=items, list_sha256=list_sha256), key)


@requires("reward.decide")
async def withdraw(
    who: Principal, directory: Directory, items: tuple[Item, ...], reason: str, text: str | None, key: str
) -> Entry:
    """Take approvals back before the release."""
    typed = note(who, text, key)
    return await say(
        who,
        directory,
        lambda s: ApprovalWithdrawn(**s, items=items, reason=reason, note=typed.digest),
        key,
        also=typed.keep,
    )
