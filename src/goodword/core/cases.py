"""Cases: a person closes them, with a reason. Who decided a case cannot approve its rewards."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from goodword.core import access, amendments, calendar, claims, conduct, lifecycles, reasons, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import CaseAppealed, CaseDecided
from goodword.core.facts import Actor, Told
from goodword.core.kinds.signals import families
from goodword.core.rules import Claims
from goodword.core.stages import planning
from goodword.core.state import Case, Conversion, Figures, Program, Reward

#: What clearing takes where the family of a flag is guarded (``families``).
CLEAR = "flag.clear"
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
    if case.status not in ("open", "appealed") or not known or (event.outcome == "replaced" and rival is None):
        step = Step("status", {"status": case.status, "answer": event.outcome[:64]})
        draft.say(refused("command", "wrong_state", step, subject=case.id))
        return
    if unfit := _not_theirs(draft, case, event.outcome, told.need_actor()):
        draft.say(refused("command", "not_permitted", unfit, subject=case.id))
        return
    by = told.actor.id if told.actor is not None else ""
    appealed = case.status == "appealed"
    if appealed:
        programs = (case.program,) if case.program is not None else ()
        own = conduct.own_work(
            draft, told.need_actor(), "decide_appeal", case.acts, programs, Step("item", {"item": case.id})
        )
        if own is not None:
            draft.say(refused("command", *own, subject=case.id))
            return
    settlement.close_case(draft, case, event.outcome, by)
    if draft.semantics >= semantics.CLAIMS_MOVE_MONEY:
        _appealable(draft, draft.need(Case, case.id), by)
    before = len(draft.verdicts)
    why = reasons.told(draft, event.reason, event.withheld) if event.outcome == "confirmed" else ()
    for id_ in case.rewards:
        reward = draft.need(Reward, id_)
        reward = draft.put(replace(reward, acts=conduct.noted(reward.acts, draft.semantics, "case.decided", by)))
        if event.outcome == "confirmed":
            _confirmed(draft, case, reward, why)
        elif (
            reward.taken_by == case.id and draft.semantics >= semantics.OWED_ONCE and planning.displaced(draft, reward)
        ):
            draft.put(replace(reward, taken_by=None))
        elif reward.taken_by == case.id:
            claims.restore(draft, reward, Step("case", {"case": case.id}))
    steps = (Step("case", {"case": case.id, "kind": case.kind, "outcome": event.outcome, "reason": event.reason}), *why)
    verdict = Verdict(about="command", outcome=event.outcome, program=case.program, subject=case.id, steps=steps)
    draft.verdicts.insert(before, verdict)
    if rival is not None:
        amendments.take(draft, draft.need(Conversion, case.subject), rival, told)
        amendments.by_hand(draft, case.subject, by)


def _not_theirs(draft: Draft, case: Case, outcome: str, actor: Actor) -> Step | None:
    """Fraud, disputes and partner exceptions are cleared by an approver or an owner; whoever decides cases may confirm them."""
    if draft.semantics < semantics.FLAGS_BY_FAMILY or outcome != "cleared" or access.allowed(actor, CLEAR):
        return None
    codes = [flag.code for flag in case.flags]
    return Step("action", {"action": CLEAR}) if families.guarded(case.kind, codes) else None


def _rival(draft: Draft, case: Case, event: CaseDecided) -> Figures | None:
    """The figures that are chosen in place of those of the first paid delivery: the newest, unless the event is said."""
    if case.kind != "conversion_conflict" or event.outcome != "replaced":
        return None
    rivals = draft.need(Conversion, case.subject).rivals
    return next((rival for rival in reversed(rivals) if event.choice in (None, rival.evt)), None)


def _appealable(draft: Draft, case: Case, by: str) -> None:
    """Once, and for a time, a decision may be appealed."""
    acts = conduct.noted(case.acts, draft.semantics, "case.decided", by)
    until = None
    if case.appealed_at is None:
        named = case.program or (draft.need(Reward, case.rewards[0]).program if case.rewards else None)
        rules = draft.rules_of(draft.need(Program, named).versions[-1][1]).claims if named is not None else Claims()
        until = draft.as_of + calendar.duration(rules.appeal_within)
    draft.put(replace(case, acts=acts, appeal_until=until))


def appealed(draft: Draft, event: CaseAppealed, told: Told) -> None:
    """Have the decision looked at again, by another member: once, and in its time. Until then its rewards wait again."""
    case = draft.get(Case, event.case)
    if case is None:
        draft.say(refused("command", "not_found", subject=event.case))
        return
    refusal = claims.appeal_refused(draft, "case", case)
    if refusal is not None:
        draft.say(refused("command", *refusal, subject=case.id))
        return
    acts = conduct.noted(case.acts, draft.semantics, "appealed", told.need_actor().id)
    between = (*case.between, case.decided_evt or "", draft.evt)
    case = replace(case, status="appealed", appealed_at=draft.as_of, appeal_until=None, acts=acts, between=between)
    draft.put(case)
    steps = (Step("case", {"case": case.id, "kind": case.kind, "outcome": "appealed", "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="appealed", program=case.program, subject=case.id, steps=steps))
    settlement.wait_for(draft, case, [draft.need(Reward, id_) for id_ in case.rewards])


def _confirmed(draft: Draft, case: Case, reward: Reward, why: Sequence[Step]) -> None:
    moves = draft.semantics >= semantics.CLAIMS_MOVE_MONEY
    if moves and not reward.amount:
        return  # it is over already
    before_payment = lifecycles.may_move("reward", reward.status, "rejected")
    if not before_payment and not lifecycles.may_move("reward", reward.status, "reversed"):
        return
    steps = (Step("case", {"case": case.id}), *why)
    status, outcome = ("rejected", "rejected") if before_payment else ("reversed", "taken_back")
    reward = settlement.lower(draft, reward, 0, status=status, outcome=outcome, steps=steps)
    if moves:
        draft.put(replace(reward, taken_by=case.id))
