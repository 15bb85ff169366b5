"""Tips and stories: what a person hands in, in their own words, and what the team makes of it. A case, which holds nothing.

It is shown as it was written or not at all, and only where its person permits that; a permission is a consent, and no part of a
decision. Must not know: where stories are shown.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import disputes, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import StoryHandedIn
from goodword.core.facts import Told
from goodword.core.state import Advocate, Case

#: The kind of its case.
KIND: Final = settlement.STORY
#: A tip is for other advocates, a story for whoever likes to read it.
WHAT: Final = ("tip", "story")
#: shown: where its person permits it; not_shown: nowhere, also of one that was shown until now.
OUTCOMES: Final = ("shown", "not_shown")
#: Where it may be shown -> the purpose of the consent: to advocates of the program, or to everybody.
PLACES: Final = {"portal": "story_portal", "public": "story_public"}


def handed_in(draft: Draft, event: StoryHandedIn, told: Told) -> None:
    """Open its case, if nothing of theirs waits already."""
    actor = told.need_actor()
    advocate = draft.get(Advocate, (event.program, event.person))
    if actor.id != event.person or event.what not in WHAT or advocate is None or advocate.status != "active":
        draft.say(refused("command", "not_found", subject=event.person))
        return
    theirs = (it for it in draft.of(Case, "disputed", event.person) if it.kind == KIND)
    waits = next((it for it in theirs if it.status != "decided"), None)
    refusal = None
    if waits is not None:
        refusal = "case_open", Step("case", {"item": event.person, "case": waits.id})
    refusal = refusal or disputes.bounded(draft, actor)
    if refusal is not None:
        draft.say(refused("command", *refusal, program=event.program, subject=event.person))
        return
    case = settlement.open_case(draft, KIND, event.person, event.program, [], [])
    draft.put(replace(case, person=event.person, reason=event.what))
    step = Step("story", {"case": case.id, "what": event.what})
    draft.say(
        Verdict(about="command", outcome="story_handed_in", program=event.program, subject=case.id, steps=(step,))
    )


def may_end(case: Case, outcome: str) -> bool:
    """Return whether something that is shown is to be shown no longer: that is decided at any time."""
    return case.outcome == OUTCOMES[0] and outcome == OUTCOMES[1]


def again(draft: Draft, case: Case) -> Case:
    """Return a case that is to be decided: of one that was decided already, with the event that did."""
    if case.status != "decided":
        return case
    return draft.put(replace(case, between=(*case.between, case.decided_evt or "")))
