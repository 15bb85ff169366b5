"""Cases: a person closes what a flag opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Preview, Why, note, previewed, say
from goodword.app.write.commands import Part, Stamp, together
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, CaseAppealed, CaseAssigned, CaseDecided, CaseNoted, CaseSnoozed


class Shown(NamedTuple):
    """A case of a list. ``seen``: the digest of what was shown of it, which it must still be; None: whatever it is now."""

    case: str
    seen: str | None = None


@requires("case.decide")
async def decide(
    who: Principal,
    directory: Directory,
    case: str,
    outcome: str,
    why: Why,
    key: str,
    choice: str | None = None,
    worth: str | None = None,
) -> Entry:
    """Close a case: ``cleared`` lets its rewards go on, ``confirmed`` rejects them.

    Of an invoice that came again with other values: ``kept`` or ``replaced``, by those of the event ``choice``, else the newest.
    ``worth``: whether its flags were worth a look: confirmed, useful or false_alarm.
    """
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: CaseDecided(
            **s,
            case=case,
            outcome=outcome,
            reason=why.reason,
            note=typed.digest,
            withheld=why.withheld,
            choice=choice,
            worth=worth,
        ),
        key,
        also=typed.keep,
    )


@requires("case.appeal")
async def appeal(who: Principal, directory: Directory, case: str, reason: str, text: str | None, key: str) -> Entry:
    """Have the decision of a case looked at again, by another member; once, and in its time."""
    typed = note(who, text, key)
    return await say(
        who,
        directory,
        lambda s: CaseAppealed(**s, case=case, reason=reason, note=typed.digest),
        key,
        also=typed.keep,
    )


@requires("case.decide")
async def preview(
    who: Principal, directory: Directory, case: str, outcome: str, reason: str, choice: str | None = None
) -> Preview:
    """Return what closing a case so would move: it is decided as it would be now, and taken back."""
    return await previewed(
        who, directory, lambda s: CaseDecided(**s, case=case, outcome=outcome, reason=reason, choice=choice)
    )


@requires("case.handle")
async def assign(
    who: Principal,
    directory: Directory,
    case: str,
    member: str | None,
    due_at: int | None = None,
    key: str | None = None,
) -> Entry:
    """Say whose a case is, None: nobody's, and by when it is to be decided, None: as it was."""
    return await say(who, directory, lambda s: CaseAssigned(**s, case=case, member=member, due_at=due_at), key)


@requires("case.note")
async def comment(who: Principal, directory: Directory, case: str, text: str, key: str, *, told: bool = False) -> Entry:
    """Comment on a case; ``told``: it is an answer to the person whose it is, who reads it."""
    typed = note(who, text, key)
    of: dict[str, Any] = {"case": case, "note": typed.digest or "", "told": told}
    return await say(who, directory, lambda s: CaseNoted(**s, **of), key, also=typed.keep)


@requires("case.handle")
async def snooze(
    who: Principal, directory: Directory, case: str, until: int | None, reason: str, text: str | None, key: str
) -> Entry:
    """Put a case aside until an instant that is not behind the time by which it is due; None: it is back now."""
    typed = note(who, text, key)
    return await say(
        who,
        directory,
        lambda s: CaseSnoozed(**s, case=case, until=until, reason=reason, note=typed.digest),
        key,
        also=typed.keep,
    )


@requires("case.decide")
async def decide_each(
    who: Principal,
    directory: Directory,
    shown: Sequence[Shown],
    outcome: str,
    why: Why,
    key: str,
    *,
    worth: str | None = None,
    dry_run: bool = False,
) -> list[Entry]:
    """Close several cases alike: all of them, or none, by StoppedError.

    ``dry_run``: what would come of each, of which nothing is kept.
    """

    def decided(stamp: Stamp, it: Shown, digest: str | None) -> AnyEvent:
        return CaseDecided(
            **stamp,
            case=it.case,
            outcome=outcome,
            reason=why.reason,
            note=digest,
            withheld=why.withheld,
            worth=worth,
            seen=it.seen,
        )

    return await _each(who, directory, shown, decided, key, why.text, dry_run=dry_run)


@requires("case.handle")
async def assign_each(
    who: Principal,
    directory: Directory,
    shown: Sequence[Shown],
    member: str | None,
    key: str,
    *,
    due_at: int | None = None,
    dry_run: bool = False,
) -> list[Entry]:
    """Say whose several cases are, and by when they are to be decided; as ``decide_each`` does."""

    def assigned(stamp: Stamp, it: Shown, _: str | None) -> AnyEvent:
        return CaseAssigned(**stamp, case=it.case, seen=it.seen, member=member, due_at=due_at)

    return await _each(who, directory, shown, assigned, key, None, dry_run=dry_run)


@requires("case.handle")
async def snooze_each(
    who: Principal,
    directory: Directory,
    shown: Sequence[Shown],
    until: int | None,
    why: Why,
    key: str,
    *,
    dry_run: bool = False,
) -> list[Entry]:
    """Put several cases aside until an instant, for one reason; as ``decide_each`` does."""

    def snoozed(stamp: Stamp, it: Shown, digest: str | None) -> AnyEvent:
        return CaseSnoozed(**stamp, case=it.case, seen=it.seen, until=until, reason=why.reason, note=digest)

    return await _each(who, directory, shown, snoozed, key, why.text, dry_run=dry_run)


async def _each(
    who: Principal,
    directory: Directory,
    shown: Sequence[Shown],
    make: Callable[[Stamp, Shown, str | None], AnyEvent],
    key: str,
    text: str | None,
    *,
    dry_run: bool,
) -> list[Entry]:
    """Say the same of each case, each with the text as a note of its own."""

    def part(it: Shown) -> Part:
        own = f"{key}:{it.case}"
        typed = note(who, text, own)
        return Part(lambda stamp: make(stamp, it, typed.digest), own, typed.keep)

    return await together(directory.engine, who.workspace.id, [part(it) for it in shown], who.actor, dry_run=dry_run)
