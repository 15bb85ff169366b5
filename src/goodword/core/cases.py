"""Cases: a person closes them, with a reason. Who decided a case cannot approve its rewards."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import amendments, conduct, lifecycles, reasons, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import CaseDecided
from goodword.core.facts import Told
from goodword.core.state import Case, Conversion, Figures, Reward

#: cleared: nothing is wrong; confirmed: the suspicion is true.
OUTCOMES = ("cleared", "confirmed")
#: Of an invoice that was told with other values after it was paid: which of them count.
OF_CONFLICT = ("kept", "replaced")


def decide(draft: Draft, event: CaseDecided, told: Told) -> None:
    """cleared: the rewards go on. confirmed: they are rejected, or reversed where money is on its way or gone.

    What is withheld of one stays owed.
    """
    case = draft.get(Case, event.case)
    if case is None:
        draft.say(refused("command", "not_found", subject=event.case))
        return
    rival = _rival(draft, case, event)
    known = event.outcome in OUTCOMES or (case.kind == "conversion_conflict" and event.outcome in OF_CONFLICT)
    if case.status != "open" or not known or (event.outcome == "replaced" and rival is None):
        step = Step("status", {"status": case.status, "answer": event.outcome[:64]})
        draft.say(refused("command", "wrong_state", step, subject=case.id))
        return
    by = told.actor.id if told.actor is not None else ""
    settlement.close_case(draft, case, event.outcome, by)
    for id_ in case.rewards:
        reward = draft.need(Reward, id_)
        reward = draft.put(replace(reward, acts=conduct.noted(reward.acts, draft.semantics, "case.decided", by)))
        if event.outcome == "confirmed":
            _confirmed(draft, reward)
    steps = [Step("case", {"case": case.id, "kind": case.kind, "outcome": event.outcome, "reason": event.reason})]
    if event.outcome == "confirmed":
        steps += reasons.told(draft, event.reason, event.withheld)
    draft.say(
        Verdict(about="command", outcome=event.outcome, program=case.program, subject=case.id, steps=tuple(steps))
    )
    if rival is not None:
        amendments.take(draft, draft.need(Conversion, case.subject), rival, told)


def _rival(draft: Draft, case: Case, event: CaseDecided) -> Figures | None:
    """The figures that are chosen in place of those of the first paid delivery: the newest, unless the event is said."""
    if case.kind != "conversion_conflict" or event.outcome != "replaced":
        return None
    rivals = draft.need(Conversion, case.subject).rivals
    return next((rival for rival in reversed(rivals) if event.choice in (None, rival.evt)), None)


def _confirmed(draft: Draft, reward: Reward) -> None:
    before_payment = lifecycles.may_move("reward", reward.status, "rejected")
    if not before_payment and not lifecycles.may_move("reward", reward.status, "reversed"):
        return
    ended = settlement.lower(draft, reward, 0, status="rejected" if before_payment else "reversed")
    if draft.semantics >= semantics.PARTS_ARE_KEPT:
        draft.put(replace(ended, ceiling=0))  # no return of a refund brings back what a person took
