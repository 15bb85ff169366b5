"""Looking: that evidence was opened and for how long, that a list was exported, that a file was downloaded.

A page says so once, when what was opened is closed or decided; who approves by the API says it of each flagged reward. A masked
field is shown by ``people.unmask`` alone.
"""

from __future__ import annotations

from functools import partial

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import gifts, stocks
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked

#: Nobody looks longer than a day: what says more was left open.
MOST_SECONDS = 86_400


@requires("reward.read")
async def reward(who: Principal, directory: Directory, reward: str, seconds: int = 0, key: str | None = None) -> Entry:
    """Say that the evidence of a reward was opened. From then on its flags of until now do not keep this member from approving it."""
    return await _opened(who, directory, reward, seconds, key)


@requires("case.read")
async def case(who: Principal, directory: Directory, case: str, seconds: int = 0, key: str | None = None) -> Entry:
    """Say that the evidence of a case was opened."""
    return await _opened(who, directory, case, seconds, key)


@requires("claim.read")
async def claim(who: Principal, directory: Directory, claim: str, seconds: int = 0, key: str | None = None) -> Entry:
    """Say that the evidence of a claim was opened."""
    return await _opened(who, directory, claim, seconds, key)


@requires("handout.read")
async def codes(who: Principal, directory: Directory, payout: str) -> list[stocks.Code]:
    """Show the codes that a payout brought, as they read, and put on the record which member asked: none sees them without that.

    The company's own server reads them to give them to whom they are for. Raises UnknownError.
    """
    shown = await stocks.of_payout(who, directory, payout)
    if not shown or who.actor.kind != "member":
        return shown
    looked = partial(RecordLooked, subject=payout, what="unmasked", fields=("code",))
    entry = await say(who, directory, lambda s: looked(**s), None)
    return [] if entry.refused else shown


@requires("own.rewards")
async def gift(who: Principal, directory: Directory, payout: str) -> gifts.Gift:
    """Show a person what the codes of a gift of theirs read, and put on the record, once, that they did. Raises UnknownError."""
    found = await gifts.own(who, directory, payout)
    if found.opened_at is None:
        looked = partial(RecordLooked, subject=payout, what="unmasked", fields=("code",))
        entry = await say(who, directory, lambda s: looked(**s), None)
        if entry.refused:
            raise UnknownError("gift")
    async with directory.snapshot() as conn:
        return await gifts.of(conn, who.workspace, payout, [found.person], reads=True) or found


@requires("record.look")
async def exported(who: Principal, directory: Directory, subject: str, key: str | None = None) -> Entry:
    """Say that a list was exported. ``subject``: the SHA-256 of what left, hexadecimal, or the id of what it was of."""
    return await say(who, directory, lambda s: RecordLooked(**s, subject=subject, what="exported"), key)


@requires("record.look")
async def downloaded(who: Principal, directory: Directory, subject: str, key: str | None = None) -> Entry:
    """Say that a file was downloaded. ``subject``: its SHA-256, hexadecimal, or the id of what it was of."""
    return await say(who, directory, lambda s: RecordLooked(**s, subject=subject, what="downloaded"), key)


async def _opened(who: Principal, directory: Directory, subject: str, seconds: int, key: str | None) -> Entry:
    seconds = max(0, min(seconds, MOST_SECONDS))
    return await say(who, directory, lambda s: RecordLooked(**s, subject=subject, what="opened", seconds=seconds), key)
