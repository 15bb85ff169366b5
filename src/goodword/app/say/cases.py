"""Cases: a person closes what a flag opened."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Why, note, say
from goodword.core.entry import Entry
from goodword.core.events import CaseAppealed, CaseDecided


@requires("case.decide")
async def decide(
    who: Principal, directory: Directory, case: str, outcome: str, why: Why, key: str, choice: str | None = None
) -> Entry:
    """Close a case: ``cleared`` lets its rewards go on, ``confirmed`` rejects them.

    Of an invoice that came again with other values: ``kept`` or ``replaced``, by those of the event ``choice``, else the newest.
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
