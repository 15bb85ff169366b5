"""Claims: somebody says that advocates brought a friend, another person decides."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Preview, note, previewed, say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import ClaimAppealed, ClaimDecided, ClaimEntered, ClaimNoted, ClaimTaken

#: Advocates by id, each with their part.
Shares = Sequence[tuple[str, Fraction]]


def _told(shares: Shares) -> tuple[tuple[str, int, int], ...]:
    return tuple((advocate, share.numerator, share.denominator) for advocate, share in shares)


@requires("claim.enter")
async def enter(
    who: Principal,
    directory: Directory,
    program: str,
    person: str,
    shares: Shares,
    lead_at: int,
    reason: str,
    text: str | None,
    evidence: Sequence[str],
    key: str,
) -> Entry:
    """Say that advocates brought a friend, with shares that sum to one. ``program``: an id or slug.

    Persons are named by id, exactly as the company calls them, or by what they are called; what nobody is called is refused as an id
    that there is not, and what several are called raises InvalidError.
    ``evidence``: ids of touches, events and cases; without any it is a request, which stops nothing until somebody takes it up.
    Raises InvalidError where it names nobody, UnknownError for a program that there is not.
    """
    if not person.strip():
        raise InvalidError("Name the friend whom the advocates brought.")
    async with directory.reading() as conn:
        program = await filters.named(conn, who.workspace.id, program)
        person = await filters.meant(conn, who, directory, person)
        shares = [(await filters.meant(conn, who, directory, advocate), share) for advocate, share in shares]
    typed = note(who, text, key)
    advocates = _told(shares)
    return await say(
        who,
        directory,
        lambda s: ClaimEntered(
            **s,
            program=program,
            person=person,
            advocates=advocates,
            lead_at=lead_at,
            reason=reason,
            note=typed.digest,
            evidence=tuple(evidence),
        ),
        key,
        also=typed.keep,
    )


@requires("claim.decide")
async def take(who: Principal, directory: Directory, claim: str, key: str) -> Entry:
    """Take up a request: from now on it stops what it touches."""
    return await say(who, directory, lambda s: ClaimTaken(**s, claim=claim), key)


@requires("claim.note")
async def comment(
    who: Principal, directory: Directory, claim: str, text: str, key: str, *, told: bool = False
) -> Entry:
    """Comment on a claim; ``told``: it is an answer to the person whose it is, who reads it."""
    typed = note(who, text, key)
    of: dict[str, Any] = {"claim": claim, "note": typed.digest or "", "told": told}
    return await say(who, directory, lambda s: ClaimNoted(**s, **of), key, also=typed.keep)


@requires("claim.decide")
async def decide(
    who: Principal,
    directory: Directory,
    claim: str,
    outcome: str,
    reason: str,
    text: str | None,
    key: str,
    shares: Shares = (),
) -> Entry:
    """Decide a claim: ``won`` makes or moves the referral, ``split`` gives it to those of ``shares``, ``none`` to nobody."""
    typed = note(who, text, key)
    return await say(
        who,
        directory,
        lambda s: ClaimDecided(
            **s, claim=claim, outcome=outcome, reason=reason, note=typed.digest, shares=_told(shares)
        ),
        key,
        also=typed.keep,
    )


@requires("claim.decide")
async def preview(
    who: Principal, directory: Directory, claim: str, outcome: str, reason: str, shares: Shares = ()
) -> Preview:
    """Return what deciding a claim so would move: it is decided as it would be now, and taken back."""
    said = partial(ClaimDecided, claim=claim, outcome=outcome, reason=reason, shares=_told(shares))
    return await previewed(who, directory, lambda s: said(**s))


@requires("claim.appeal")
async def appeal(who: Principal, directory: Directory, claim: str, reason: str, text: str | None, key: str) -> Entry:
    """Have the decision of a claim looked at again, by another member; once, and in its time."""
    typed = note(who, text, key)
    return await say(
        who,
        directory,
        lambda s: ClaimAppealed(**s, claim=claim, reason=reason, note=typed.digest),
        key,
        also=typed.keep,
    )
