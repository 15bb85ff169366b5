"""Cases: a person closes them, with a reason. Who decided a case cannot approve its rewards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import asdict, replace

from goodword.core import (
    access,
    amendments,
    calendar,
    canonical,
    claims,
    conduct,
    disputes,
    hands,
    lifecycles,
    payees,
    reasons,
    reviews,
    routes,
    semantics,
    settlement,
    stories,
)
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import CaseAppealed, CaseAssigned, CaseDecided, CaseNoted, CaseSnoozed
from goodword.core.facts import Actor, Told
from goodword.core.kinds.signals import families
from goodword.core.rules import Claims
from goodword.core.stages import limits, planning
from goodword.core.state import Case, Comment, Conversion, Figures, Member, Program, Reward

#: What a flag turns out to have been worth: true, worth a look though nothing was wrong, not worth one.
WORTHS = ("confirmed", "useful", "false_alarm")
#: What the kind of each of these counters begins with.
WORTH = "worth:"
#: What clearing takes where the family of a flag is guarded (``families``).
CLEAR = "flag.clear"
#: cleared: nothing is wrong; confirmed: the suspicion is true.
OUTCOMES = ("cleared", "confirmed")
#: Of an invoice that was told with other values after it was paid: which of them count.
OF_CONFLICT = ("kept", "replaced")


def seen(case: Case) -> str:
    """The digest of a case as it stands: what a list of cases says of each that was shown.

    What only a dispute has stands in that of a dispute alone: lists of before say the same as ever.
    """
    shown = asdict(case)
    if case.person is None:
        for name in ("person", "reason", "messages"):
            del shown[name]
    return hashlib.sha256(canonical.encode(shown)).hexdigest()


def outcomes(kind: str) -> tuple[str, ...]:
    """Return how a case of a kind may be decided."""
    if kind == disputes.KIND:
        return disputes.OUTCOMES
    if kind == stories.KIND:
        return stories.OUTCOMES
    return OUTCOMES if kind != "conversion_conflict" else (*OUTCOMES, *OF_CONFLICT)


def _changed(draft: Draft, case: Case, as_seen: str | None) -> bool:
    """Whether a case is another than it was shown as; says the refusal then."""
    if as_seen in (None, seen(case)):
        return False
    step = Step("changed", {"item": case.id, "field": "case", "was": as_seen, "now": seen(case)})
    draft.say(refused("command", "item_changed", step, subject=case.id))
    return True


def decide(draft: Draft, event: CaseDecided, told: Told) -> None:
    """cleared: the rewards go on. confirmed: they are rejected, or reversed where money is on its way or gone.

    What is withheld of one stays owed.
    """
    case = draft.get(Case, event.case)
    if case is None:
        draft.say(refused("command", "not_found", subject=event.case))
        return
    if _changed(draft, case, event.seen):
        return
    rival = _rival(draft, case, event)
    known = (event.worth is None or event.worth in WORTHS) and event.outcome in outcomes(case.kind)
    over = case.status not in ("open", "appealed") and not stories.may_end(case, event.outcome)
    if over or not known or (event.outcome == "replaced" and rival is None):
        step = Step("status", {"status": case.status, "answer": event.outcome[:64]})
        draft.say(refused("command", "wrong_state", step, subject=case.id))
        return
    unfit = _not_theirs(draft, case, event.outcome, told.need_actor()) or _own_work(draft, case, told.need_actor())
    if unfit is not None:
        draft.say(unfit)
        return
    by = told.actor.id if told.actor is not None else ""
    case = stories.again(draft, case)
    if case.kind == settlement.PAYEE_CHECK:
        payees.decided(draft, case, event.outcome)
    settlement.close_case(draft, case, event.outcome, by)
    _worth(draft, draft.need(Case, case.id), event.worth)
    if draft.semantics >= semantics.CLAIMS_MOVE_MONEY and case.kind != stories.KIND:
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
    if case.person is not None:
        disputes.answered(draft, case, case.person, decided=True)
    if rival is not None:
        amendments.take(draft, draft.need(Conversion, case.subject), rival, told)
        amendments.by_hand(draft, case.subject, by)


def _own_work(draft: Draft, case: Case, actor: Actor) -> Verdict | None:
    """Return the refusal of a decision by who decided or appealed the case before, or entered the payment details that it is about."""
    own = None
    programs = (case.program,) if case.program is not None else ()
    if case.kind == disputes.KIND:
        since = disputes.acts_on(draft, case.subject, case.person)  # by who did something to it while it was disputed
        acts = (*case.acts, *since)
        own = conduct.own_work(draft, actor, "decide_dispute", acts, programs, Step("item", {"item": case.id}))
    elif case.status == "appealed":
        own = conduct.own_work(draft, actor, "decide_appeal", case.acts, programs, Step("item", {"item": case.id}))
    if own is None and case.kind == settlement.PAYEE_CHECK:
        own = payees.entered_by(draft, case, actor)
    return None if own is None else refused("command", *own, subject=case.id)


def _not_theirs(draft: Draft, case: Case, outcome: str, actor: Actor) -> Verdict | None:
    """Fraud, disputes and partner exceptions are cleared by an approver or an owner; whoever decides cases may confirm them.

    Where all that waits for it is routed to another role, that role clears it as well; what confirming it rejects is theirs to reject.
    """
    if draft.semantics >= semantics.CASES_ARE_ROUTED and outcome == "confirmed":
        routed = reviews.elsewhere(draft, _rejected(draft, case), actor)
        return None if routed is None else refused("command", *routed, subject=str(routed[1].values["item"]))
    if draft.semantics < semantics.FLAGS_BY_FAMILY or outcome != "cleared":
        return None
    guarded = families.guarded(case.kind, [flag.code for flag in case.flags])
    if not guarded or access.allowed(actor, CLEAR):
        return None
    theirs = clears(actor, [draft.need(Reward, id_) for id_ in case.rewards])
    return None if theirs else refused("command", "not_permitted", Step("action", {"action": CLEAR}), subject=case.id)


def clears(actor: Actor, rewards: Sequence[Reward]) -> bool:
    """Return whether somebody may clear what is guarded; ``rewards``: those that wait for it."""
    return access.allowed(actor, CLEAR) or (bool(rewards) and routes.given(actor, rewards))


def worth_key(program: str | None, code: str, worth: str) -> tuple[str, str, str, str]:
    """The key of the counter of how often a flag, or kind of case, of a program or of none, turned out to be worth so much."""
    return program or "", "", f"{WORTH}{code}:{worth}", "ever"


def codes_of(case: Case) -> list[str]:
    """What a case is counted as: its flags, or else its kind."""
    return [*dict.fromkeys(flag.code for flag in case.flags)] or [case.kind]


def _worth(draft: Draft, case: Case, worth: str | None) -> None:
    """Keep whether it was worth a look, and count it by flag: what an appeal finds replaces what was said before."""
    if worth is None:
        return
    for code in codes_of(case):
        if case.worth is not None:
            limits.add(draft, worth_key(case.program, code, case.worth), -1)
        limits.add(draft, worth_key(case.program, code, worth), 1)
    draft.put(replace(case, worth=worth))


def _open(draft: Draft, id_: str, as_seen: str | None) -> Case | None:
    """The case, if it is to be decided and is as it was shown; says the refusal otherwise."""
    case = draft.get(Case, id_)
    if case is None:
        draft.say(refused("command", "not_found", subject=id_))
    elif _changed(draft, case, as_seen):
        return None
    elif case.status not in ("open", "appealed"):
        draft.say(refused("command", "wrong_state", Step("status", {"status": case.status}), subject=case.id))
    else:
        return case
    return None


def assigned(draft: Draft, event: CaseAssigned) -> None:
    """Say whose a case is, or by when it is to be decided."""
    case = _open(draft, event.case, event.seen)
    if case is None:
        return
    member = hands.known(draft, event.member) if event.member is not None else None
    able = member is not None and access.allowed(hands.acting(member), CaseDecided.PERMISSION or "")
    if event.member is not None and not (able and access.covers(hands.acting(member), case.program)):  # type: ignore[arg-type]
        draft.say(refused("command", "not_found", Step("item", {"item": event.member}), subject=event.member))
        return
    case = replace(case, assignee=event.member, due_at=event.due_at if event.due_at is not None else case.due_at)
    step = Step("assigned", {"member": case.assignee, "due_at": case.due_at})
    draft.put(case)
    draft.say(Verdict(about="command", outcome="case_assigned", program=case.program, subject=case.id, steps=(step,)))


def handed_on(
    case: Case, fallbacks: Iterable[str], find: Callable[[str], Member | None], leaver: str, by: str
) -> str | None:
    """Return whose a leaver's case is to be: the first who may decide it, of the fallbacks of its rewards and of who ends the leaver.

    None: nobody's; then it stands with those that nobody took up.
    """
    for id_ in (*fallbacks, by):
        member = hands.able(find, id_, CaseDecided.PERMISSION or "", case.program)
        if member is not None and member.id != leaver:
            return member.id
    return None


def noted(draft: Draft, event: CaseNoted, told: Told) -> None:
    """Comment on a case, whatever its state. One that somebody put aside is back, unless they comment themselves."""
    case, actor = draft.get(Case, event.case), told.need_actor()
    if case is None:
        draft.say(refused("command", "not_found", subject=event.case))
        return
    if event.told or actor.kind == "person":
        disputes.wrote(draft, case, case.person, event, actor)
        return
    by = actor.id
    comments = (*case.comments, Comment(by, draft.as_of, event.note))[-claims.MOST_COMMENTS :]
    until = case.snoozed_until if by == case.assignee else None
    draft.put(replace(case, comments=comments, snoozed_until=until))
    draft.say(Verdict(about="command", outcome="case_noted", program=case.program, subject=case.id))


def snoozed(draft: Draft, event: CaseSnoozed) -> None:
    """Put a case aside, not beyond the time by which it is to be decided: who needs longer says so by another date."""
    case = _open(draft, event.case, event.seen)
    if case is None:
        return
    until, due = event.until, case.due_at
    if until is not None and (until <= draft.as_of or (due is not None and until > due) or not event.reason):
        step = Step("snoozed", {"until": until, "due_at": due, "reason": event.reason})
        draft.say(refused("command", "wrong_state", step, subject=case.id))
        return
    step = Step("snoozed", {"until": until, "due_at": due, "reason": event.reason})
    draft.put(replace(case, snoozed_until=until))
    said = Verdict(about="command", outcome="case_snoozed", program=case.program, subject=case.id, steps=(step,))
    if until is None:
        said = Verdict(about="command", outcome="case_woken", program=case.program, subject=case.id, steps=(step,))
    draft.say(said)


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
    case, actor = draft.get(Case, event.case), told.need_actor()
    if case is None or not disputes.theirs(draft, actor, case.person):
        draft.say(refused("command", "not_found", subject=event.case))
        return
    refusal = claims.appeal_refused(draft, "case", case)
    if refusal is None and actor.kind == "person" and case.outcome != "dismissed":
        refusal = "wrong_state", Step("status", {"status": case.status, "answer": case.outcome})
    refusal = refusal or disputes.bounded(draft, actor)
    if refusal is not None:
        draft.say(refused("command", *refusal, subject=case.id))
        return
    acts = conduct.noted(case.acts, draft.semantics, "appealed", actor.id)
    between = (*case.between, case.decided_evt or "", draft.evt)
    case = replace(case, status="appealed", appealed_at=draft.as_of, appeal_until=None, acts=acts, between=between)
    due = settlement.case_due(draft, case.kind)
    case = draft.put(replace(case, due_at=due, assignee=None, snoozed_until=None) if due is not None else case)
    steps = (Step("case", {"case": case.id, "kind": case.kind, "outcome": "appealed", "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="appealed", program=case.program, subject=case.id, steps=steps))
    if case.kind == settlement.PAYEE_CHECK:
        payees.asked_again(draft, case)
    settlement.wait_for(draft, case, [draft.need(Reward, id_) for id_ in case.rewards])


def _rejected(draft: Draft, case: Case) -> list[Reward]:
    """The rewards that confirming a case rejects: what was sent is taken back by it instead, which no route decides."""
    rewards = [draft.need(Reward, id_) for id_ in case.rewards] if case.kind != settlement.BANK_LINE else []
    return [it for it in rewards if it.amount and lifecycles.may_move("reward", it.status, "rejected")]


def _confirmed(draft: Draft, case: Case, reward: Reward, why: Sequence[Step]) -> None:
    moves = draft.semantics >= semantics.CLAIMS_MOVE_MONEY
    if case.kind == settlement.BANK_LINE or (moves and not reward.amount):
        return  # nothing is wrong with it, or it is over already
    before_payment = lifecycles.may_move("reward", reward.status, "rejected")
    if not before_payment and not lifecycles.may_move("reward", reward.status, "reversed"):
        return
    steps = (Step("case", {"case": case.id}), *why)
    status, outcome = ("rejected", "rejected") if before_payment else ("reversed", "taken_back")
    reward = settlement.lower(draft, reward, 0, status=status, outcome=outcome, steps=steps)
    if moves:
        draft.put(replace(reward, taken_by=case.id))
