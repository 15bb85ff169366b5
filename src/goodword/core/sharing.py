"""What an advocate shares: a code of their own choice, once; the channels that they opened; and that their friends' page was looked at.

Only the code decides anything: what is shared and looked at is told, and moves nothing.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from goodword.core import codes
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import CodeChanged, CodesAlike, LandingViewed, LinkShared
from goodword.core.facts import Told
from goodword.core.state import Advocate, Code, Shared

#: Where a link may be shared: messages that open in the advocate's own app, and the share sheet of their phone.
CHANNELS: Final = ("email", "sms", "whatsapp", "telegram", "x", "linkedin", "sheet")
#: As which source it is said what codes of before look like.
LOOKS: Final = "looks"
#: So many of what somebody shared are kept beside them.
MOST_KEPT: Final = 20


def changed(draft: Draft, event: CodeChanged, told: Told) -> None:
    """An advocate has another code from now on, once; that of before goes on.

    A code that was typed before it was anybody's is nobody's to choose: who typed it would become somebody's friend by that.
    """
    advocate = _its(draft, event, told)
    if advocate is None:
        return
    code, person = draft.get(Code, event.code), advocate.person
    refusal, alike = None, None
    if advocate.changed_at is not None:
        refusal = "code_changed_before"
    elif code is not None and code.person == person:
        refusal = "nothing_to_do" if code.program == advocate.program else "code_serves_another_program"
    elif (code is not None and (code.person is not None or code.leads)) or (alike := _alike(draft, event, person)):
        refusal = "code_taken"
    if refusal is not None:
        step = Step("code", {"code": event.code}) if alike is None else Step("looks_like", {"code": alike})
        draft.say(refused("command", refusal, step, program=advocate.program, subject=advocate.id))
        return
    draft.put(replace(advocate, codes=(*advocate.codes, event.code), changed_at=draft.as_of))
    codes.owned_by(draft, advocate, event.code, event.look)
    of: dict[str, Any] = {"program": advocate.program, "subject": advocate.id}
    draft.say(Verdict(about="command", outcome="code_changed", steps=(Step("code", {"code": event.code}),), **of))


def shared(draft: Draft, event: LinkShared, told: Told) -> None:
    """An advocate opened a channel with their link: nothing follows from it."""
    advocate = _its(draft, event, told)
    if advocate is None:
        return
    if event.channel not in CHANNELS:
        draft.say(refused("command", "not_found", program=advocate.program, subject=advocate.id))
        return
    it = Shared(at=draft.as_of, channel=event.channel, text=event.text)
    draft.put(replace(advocate, shared=(*advocate.shared, it)[-MOST_KEPT:]))
    of: dict[str, Any] = {"program": advocate.program, "subject": advocate.id}
    step = Step("shared", {"channel": event.channel, "text": event.text})
    draft.say(Verdict(about="command", outcome="link_shared", steps=(step,), **of))


def viewed(draft: Draft, event: LandingViewed) -> None:
    """The page of a code was opened: nothing follows from it, for anybody can open it as often as they like."""
    code = draft.get(Code, event.code)
    if code is None or code.person is None:
        draft.say(refused("event", "unknown_code"))
        return
    step = Step("viewed", {"day": event.day, "opened": event.opened})
    draft.say(Verdict(about="event", outcome="viewed", program=code.program, subject=code.id, steps=(step,)))


def alike(draft: Draft, event: CodesAlike) -> None:
    """Codes that were enrolled before are read by what looks like them, where nothing else is."""
    read = 0
    for id_, named in event.looks:
        code, look = draft.get(Code, id_), draft.get(Code, named)
        if code is not None and code.person is not None and (look is None or (look.person, look.means) == (None, None)):
            draft.put(replace(look or Code(id=named), means=id_))
            read += 1
    step = Step("alike", {"codes": read, "of": len(event.looks)})
    draft.say(Verdict(about="event", outcome="read", steps=(step,)))


def _its(draft: Draft, event: CodeChanged | LinkShared, told: Told) -> Advocate | None:
    """Return the advocate whom it is about, of whom a person who says it is one; None: it is refused."""
    actor = told.need_actor()
    own = actor.kind != "person" or actor.id == event.person
    advocate = draft.get(Advocate, (event.program, event.person)) if own and event.program is not None else None
    if advocate is not None and advocate.status == "active":
        return advocate
    refusal = "advocate_not_enrolled" if advocate is None else "advocate_not_active"
    subject = advocate.id if advocate is not None else None
    draft.say(refused("command", refusal, program=event.program, subject=subject))
    return None


def _alike(draft: Draft, event: CodeChanged, person: str) -> str | None:
    """Return the code of somebody else that looks like the one that is chosen, if there is one."""
    if event.like is not None and codes.lives(draft, event.like, person):
        return event.like
    return codes.of_somebody_else(draft, event.look or event.code, person)
