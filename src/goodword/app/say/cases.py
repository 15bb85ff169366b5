"""Cases: a person closes what a flag opened."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Preview, Why, note, previewed, say
from goodword.core.entry import Entry
from goodword.core.events import CaseAppealed, CaseAssigned, CaseDecided, CaseNoted, CaseSnoozed


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
async def comment(who: Principal, directory: Directory, case: str, text: str, key: str) -> Entry:
    """Comment on a case."""
    typed = note(who, text, key)
    return await say(who, directory, lambda s: CaseNoted(**s, case=case, note=typed.digest or ""), key, also=typed.keep)


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
