"""Saying no: a person disputes a decision about what is theirs, claims a friend whom they miss, appeals, and writes with the team.

A dispute is a case. It holds no reward and moves none: who finds that it is right says what follows by the commands that there are.
Must not know: how cases and claims are decided.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, kin, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import CaseNoted, ClaimNoted, DisputeOpened
from goodword.core.facts import Actor, Told
from goodword.core.stages import limits
from goodword.core.state import Act, Advocate, Case, Claim, Message, Referral, Reward

#: The kind of its case.
KIND: Final = settlement.DISPUTE
#: upheld: who disputes is right; dismissed: the decision stands.
OUTCOMES: Final = ("upheld", "dismissed")
#: Why a person says that something is not right.
REASONS: Final = ("should_count", "wrong_amount", "should_be_mine", "too_late", "other")
#: Why about what is held of themselves: it is not handled rightly; or they are to be erased, once what they are owed was paid.
DATA: Final = "data"
ERASURE: Final = "erasure"
#: The law gives a month for that, of which the shortest has so many days.
MONTH: Final = 28 * calendar.DAY
#: So often a day a person disputes, claims or appeals; so often one thing is disputed; so many messages wait for an answer.
MOST_A_DAY: Final = 10
MOST_ON_ONE: Final = 3
MOST_UNANSWERED: Final = 5
#: A thread keeps so many messages, the newest; the log has all.
MOST_MESSAGES: Final = 100
#: What was done to a reward by whom does not decide a dispute about it.
_DECIDED: Final = frozenset(["reward.rejected", "case.decided", "claim.decided", "appeal.decided"])


def said_key(person: str, as_of: int) -> tuple[str, str, str, str]:
    """The key of the counter of what a person said in the UTC day of ``as_of``."""
    return "", person, "said", calendar.utc_day(as_of)


def theirs(draft: Draft, actor: Actor, person: str | None) -> bool:
    """Return whether somebody may say something about what is a person's: members and keys may, a person of their own alone.

    Who is limited to a program came by a link to a form, which opens nothing of this.
    """
    return actor.kind != "person" or (not actor.programs and person in kin.all_of(draft.get, actor.id))


def bounded(draft: Draft, actor: Actor) -> tuple[str, Step] | None:
    """Count what a person says today; return the refusal of what is too much. Of members and keys nothing is counted."""
    if actor.kind != "person":
        return None
    key = said_key(actor.id, draft.as_of)
    names = kin.all_of(draft.get, actor.id)
    count = sum(limits.counter(draft, said_key(one, draft.as_of)).count for one in names)
    if count >= MOST_A_DAY:
        return "too_many", Step("said", {"today": count, "most": MOST_A_DAY})
    limits.add(draft, key, 1)
    return None


def opened(draft: Draft, event: DisputeOpened, told: Told) -> None:
    """Open a case about what a person says is not right; another person decides than who decided that.

    About what is held of themselves one is open at a time, however many there were: nobody had decided anything before.
    """
    actor = told.need_actor()
    oneself = event.subject == event.person
    program = _program(draft, event.person) if oneself else _of_theirs(draft, event)
    if actor.id != event.person or (program is None and not oneself):
        draft.say(refused("command", "not_found", subject=event.subject))
        return
    before = [it for it in draft.of(Case, "disputed", event.subject) if it.kind == KIND]
    open_ = (it for it in before if it.status != "decided" or (not oneself and _may_be_appealed(draft, it)))
    stands, refusal = next(open_, None), None
    if stands is not None:
        refusal = "case_open", Step("case", {"item": event.subject, "case": stands.id})
    elif event.reason not in ((DATA, ERASURE) if oneself else REASONS) or (len(before) >= MOST_ON_ONE and not oneself):
        refusal = "too_many", Step("disputed", {"count": len(before), "most": MOST_ON_ONE})
    refusal = refusal or bounded(draft, actor)
    if refusal is not None:
        draft.say(refused("command", *refusal, program=program, subject=event.subject))
        return
    case = settlement.open_case(draft, KIND, event.subject, program, [], [])
    if event.reason == ERASURE:
        case = replace(case, due_at=draft.as_of + MONTH)
    draft.put(replace(case, person=event.person, reason=event.reason, acts=acts_on(draft, event.subject, event.person)))
    steps = (Step("dispute", {"case": case.id, "of": event.subject, "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="dispute_opened", program=program, subject=case.id, steps=steps))


def acts_on(draft: Draft, subject: str, person: str | None) -> tuple[Act, ...]:
    """Return who did what to a reward or referral that decides no dispute about it; of what is held of themselves nobody decided."""
    if subject == person:
        return ()
    acts = draft.need(Reward, subject).acts if subject.startswith("rwd_") else draft.need(Referral, subject).acts
    return tuple(act for act in acts if act.act in _DECIDED)


def erased(draft: Draft, person: str, by: str) -> None:
    """Who asked to be erased is: the case about it is closed, and so is that of a story that waits, whose text is gone."""
    for one in kin.all_of(draft.get, person):
        for case in draft.of(Case, "disputed", one):
            outcome = "upheld" if case.reason == ERASURE else "not_shown" if case.kind == settlement.STORY else None
            if outcome is not None and case.status != "decided":
                settlement.close_case(draft, case, outcome, by)


def _program(draft: Draft, person: str) -> str | None:
    """The first program in which a person recommends, by whose messages they are told; None: none."""
    return next((it.id for it in draft.programs() if draft.get(Advocate, (it.id, person)) is not None), None)


def _of_theirs(draft: Draft, event: DisputeOpened) -> str | None:
    """The program of a reward or referral of theirs; None: there is none, or it is another's."""
    names = kin.all_of(draft.get, event.person)
    if event.subject.startswith("rwd_"):
        reward = draft.get(Reward, event.subject)
        return None if reward is None or reward.beneficiary not in names else reward.program
    referral = draft.get(Referral, event.subject) if event.subject.startswith("ref_") else None
    if referral is None or not any(share.person in names for share in referral.shares):
        return None
    return referral.program


def _may_be_appealed(draft: Draft, case: Case) -> bool:
    return case.outcome == "dismissed" and case.appeal_until is not None and draft.as_of <= case.appeal_until


def answered(draft: Draft, it: Case | Claim, person: str, *, decided: bool) -> None:
    """Say to whom it is about that the team has answered, by a message or decision (topic ``dispute_answered``), and their wait.

    ``it``: as it was before a message; as it is since a decision.
    """
    if isinstance(it, Case) and it.kind == settlement.STORY:
        return  # nobody waits for it as for an answer about what is theirs
    waited = it.opened_at if it.appealed_at is None else it.appealed_at
    first = it.appealed_at is None and all(one.side != "team" for one in it.messages)
    since = {"first_since": it.opened_at if first else None, "decided_since": waited if decided else None}
    said = Verdict(about="event", outcome="dispute_answered", program=it.program, subject=it.id, beneficiary=person)
    draft.say(replace(said, steps=(Step("answered", since),)))


def wrote(draft: Draft, it: Case | Claim, person: str | None, event: CaseNoted | ClaimNoted, actor: Actor) -> None:
    """Add a message to what a person and the team write to each other, while somebody is still to decide."""
    if person is None or not theirs(draft, actor, person):
        draft.say(refused("command", "not_found", subject=it.id))
        return
    side = "person" if actor.kind == "person" else "team"
    if it.status not in ("open", "appealed"):
        draft.say(refused("command", "wrong_state", Step("status", {"status": it.status}), subject=it.id))
        return
    waiting = it.messages[-MOST_UNANSWERED:]
    if side == "person" and len(waiting) == MOST_UNANSWERED and all(one.side == "person" for one in waiting):
        step = Step("said", {"today": len(waiting), "most": MOST_UNANSWERED})
        draft.say(refused("command", "too_many", step, program=it.program, subject=it.id))
        return
    messages = (*it.messages, Message(side, actor.id, draft.as_of, event.note))[-MOST_MESSAGES:]
    now = replace(it, messages=messages)
    if isinstance(now, Case):
        now = replace(now, snoozed_until=None if side == "person" else now.snoozed_until)
    draft.put(now)
    steps = (Step("message", {"side": side}),)
    outcome = "case_noted" if isinstance(it, Case) else "claim_noted"
    said = Verdict(about="command", outcome=outcome, program=it.program, subject=it.id, steps=steps)
    draft.say(said)
    if side == "team":
        answered(draft, it, person, decided=False)
