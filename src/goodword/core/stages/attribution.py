"""Which touch wins: the attribution of one lead in one program. It must not know conversions or amounts.

Codes are resolved when the lead is decided. Of the touches that may be credited a typed code wins, else the first or last click in the
window; of two at one time the later in the log is last. The winner may then turn out to be the friend's own: no second choice.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from goodword.core import calendar, persons, protection
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.facts import Told
from goodword.core.refusals import PRECEDENCE
from goodword.core.stages import eligibility
from goodword.core.state import Advocate, Code, Customer, Lead, Program


class Candidate(Struct, frozen=True, gc=False, kw_only=True):
    """A touch as it competes. ``named``: the lead names this very click, so five minutes of clock difference are allowed."""

    touch: str
    code: str
    at: int
    typed: bool = False
    bot: bool = False
    named: bool = False
    refusal: str | None = None
    rules: str | None = None
    window: str | None = None
    person: str | None = None
    visitor: str | None = None
    #: of an accepted registration: ``contact``, or ``company`` where it is a colleague of theirs
    registered: str | None = None


class Choice(Struct, frozen=True, gc=False, kw_only=True):
    """The winner of a program, or the reason why there is none, with the steps that show it."""

    program: str
    winner: Candidate | None
    refusal: str | None
    steps: tuple[Step, ...]
    #: all that competed with it and could have won, in the order of the log
    eligible: tuple[Candidate, ...] = ()


def touches_of(draft: Draft, lead: Lead, customer: Customer, told: Told) -> list[Candidate]:
    """Everything that links the lead to a code: its visitor's and the customer's clicks, the click and the codes it names.

    A click that is decided just now is one of them.
    """
    visitors = {*customer.visitors, *([] if lead.visitor is None else [lead.visitor])}
    touches = told.touches(visitors, lead.click)
    known = {touch.id for touch in touches} if draft.touches else set()
    touches += [
        touch
        for touch in draft.touches
        if touch.id not in known and (touch.visitor in visitors or touch.id == lead.click)
    ]
    candidates = [
        Candidate(touch=t.id, code=t.code, at=t.at, bot=t.bot, named=t.id == lead.click, visitor=t.visitor)
        for t in (sorted(touches, key=lambda touch: touch.at) if draft.touches else touches)
    ]
    if lead.link_code is not None:
        candidates.append(Candidate(touch=lead.id, code=lead.link_code, at=lead.at))
    if lead.code is not None:
        candidates.append(Candidate(touch=lead.id, code=lead.code, at=lead.at, typed=True))
    return candidates + [
        Candidate(touch=it.id, code=it.code, at=it.at, registered=how)
        for it, how in protection.touches(draft.get, lead, customer, alone=not candidates)
    ]


def choose(draft: Draft, program: Program, lead: Lead, candidates: list[Candidate], told: Told) -> Choice:
    """The attribution of ``lead`` among the touches whose code belongs to ``program``."""
    steps: list[Step] = []
    eligible: list[Candidate] = []
    reasons: list[str] = []
    for candidate in candidates:
        judged = _judge(draft, program, lead, candidate)
        if judged is None:
            continue
        steps.append(_step(judged))
        if judged.refusal is None:
            eligible.append(judged)
        else:
            reasons.append(judged.refusal)
    if steps:
        steps.insert(0, Step("lead", {"at": lead.at}))
    if not eligible:
        first = min(reasons, key=PRECEDENCE.__getitem__, default="no_touch")
        return Choice(program=program.id, winner=None, refusal=first, steps=tuple(steps))
    winner = _winner(draft, program, lead, eligible)
    refusal = None
    if _own(draft, told, winner, lead.person):
        refusal = "self_referral"
        steps.append(Step("own", {"touch": winner.touch}))
    return Choice(program=program.id, winner=winner, refusal=refusal, steps=tuple(steps), eligible=tuple(eligible))


def _winner(draft: Draft, program: Program, lead: Lead, eligible: list[Candidate]) -> Candidate:
    """A typed code, else the last or first click; ``sorted`` is stable, so of equal times the later in the log is last."""
    if len(eligible) == 1:
        return eligible[0]
    typed = [candidate for candidate in eligible if candidate.typed or candidate.registered is not None]
    if typed:
        return typed[-1]
    in_order = sorted(eligible, key=lambda candidate: candidate.at)
    version = program.version_at(lead.at) or eligible[-1].rules
    last = version is None or draft.rules_of(version).attribution.touch == "last"
    return in_order[-1] if last else in_order[0]


def _judge(draft: Draft, program: Program, lead: Lead, candidate: Candidate) -> Candidate | None:
    """The candidate with its refusal, rules and advocate; None if its code belongs to another program."""
    code = draft.get(Code, candidate.code)
    if code is None or code.program is None or code.person is None:
        return replace(candidate, refusal="unknown_code")
    if code.program != program.id:
        return None
    version = program.version_at(candidate.at)
    then = {eligibility.status(draft, program, at) for at in (candidate.at, lead.at)}
    if then != {"active"} or version is None:
        closed = eligibility.closed("draft" if "draft" in then else "")
        return replace(candidate, refusal=closed, person=code.person)
    if candidate.bot:
        return replace(candidate, refusal="bot_touch", person=code.person)
    rules = draft.rules_of(version)
    advocate = draft.get(Advocate, (program.id, code.person))
    refusal = eligibility.standing(advocate, rules, candidate.at)
    if refusal is None and not candidate.typed and candidate.registered is None:
        latest = lead.at + (calendar.CLOCK_DIFFERENCE if candidate.named else 0)
        in_window = lead.at - calendar.duration(rules.attribution.window) < candidate.at <= latest
        refusal = None if in_window else "outside_window"
    window = rules.attribution.window
    return replace(candidate, refusal=refusal, person=code.person, rules=version, window=window)


def _own(draft: Draft, told: Told, winner: Candidate, friend: str) -> bool:
    """Whether winner and friend are one person: the same row, or a key that proves it."""
    if winner.person == friend or winner.person is None:
        return winner.person == friend
    return any(proves for _, proves in persons.shared(draft, told, friend, winner.person))


def _step(candidate: Candidate) -> Step:
    values: dict[str, object] = {
        "touch": candidate.touch,
        "at": candidate.at,
        "typed": candidate.typed,
        "result": candidate.refusal or "counts",
    }
    if candidate.registered is not None:
        values["registered"] = candidate.registered
    elif candidate.window is not None and not candidate.typed:
        values["window"] = candidate.window
    if candidate.named:
        values["named"] = True
    return Step("touch", values)
