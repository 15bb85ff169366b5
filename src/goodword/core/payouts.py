"""Payouts: approved rewards of one beneficiary, gathered for one rail and unit, released by a named person, and what the rail says.

Nothing leaves without a release over a frozen list; nothing is released that was not approved. What a beneficiary owes back in the
same unit and kind is netted first, oldest first, across programs.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from goodword.core import access, conduct, contested, ledger, lifecycles, lists, money, reviews, semantics, settlement
from goodword.core.decision import Job, Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Item, PayeeSet, PayoutAnswered, PayoutCanceled, PayoutDrafted, PayoutReleased
from goodword.core.facts import Actor, Told
from goodword.core.kinds.rewards import to_payee
from goodword.core.state import Act, Part, Payee, Payout, Reward

#: What a rail may say of a payout.
ANSWERS = ("processing", "sent", "completed", "failed", "returned", "unknown")

#: Where jobs of payouts wait.
QUEUE = "payouts"


def item_of(payout: Payout) -> Item:
    """Return what a frozen list says of a payout: what goes over the rail, and whereto."""
    return Item(id=payout.id, amount=payout.amount, unit=payout.unit, destination=payout.destination)


def payee_set(draft: Draft, event: PayeeSet, told: Told) -> None:
    """Payment details change: what was approved for others goes back to review. The same details again change no approval."""
    before = draft.get(Payee, event.person)
    same = before is not None and (before.rail, before.destination) == (event.rail, event.destination)
    acts = before.acts if before is not None and same else ()
    entered = Act(told.need_actor().id, "payee.entered")
    acts = tuple(dict.fromkeys([*acts, entered]))
    draft.put(Payee(person=event.person, rail=event.rail, destination=event.destination, acts=acts))
    back = []
    for reward in draft.of(Reward, "unsettled_with", event.person):
        if same or not to_payee(reward.kind):
            continue
        if reward.status == "approved" and reward.destination != event.destination:
            settlement.back_to_review(draft, draft.need(Reward, reward.id))
            back.append(reward.id)
        elif reward.status == "in_review" and (reward.approval_list is not None or reward.due_at is not None):
            draft.put(replace(reward, approvals=(), approval_list=None, due_at=None))
    steps = (Step("payee", {"rail": event.rail, "destination": event.destination, "back_to_review": back}),)
    draft.say(Verdict(about="command", outcome="payee_set", subject=event.person, steps=steps))


def drafted(draft: Draft, event: PayoutDrafted, told: Told) -> None:
    """One payout a beneficiary, of everything that is approved and due in the member's programs; a verdict for each."""
    by = told.need_actor()
    for beneficiary in dict.fromkeys(event.beneficiaries):
        _draft(draft, event, beneficiary, by)
    if not event.beneficiaries:
        draft.say(refused("command", "nothing_to_do"))


def _draft(draft: Draft, event: PayoutDrafted, beneficiary: str, by: Actor) -> None:
    payee = draft.get(Payee, beneficiary)
    mine = [reward for reward in draft.of(Reward, "unsettled_with", beneficiary) if access.covers(by, reward.program)]
    rewards = _fitting(reward for reward in mine if _gathers(draft, event, payee, reward))
    if not rewards:
        draft.say(refused("command", "nothing_to_do", subject=beneficiary))
        return
    parts = _parts(rewards, _owing(draft, event, mine))
    total = sum(part.sent for part in parts)
    minimum = max((_minimum(draft, reward, event.unit) for reward in rewards), default=0)
    if total < minimum:
        values = {"sum": total, "minimum": minimum, "unit": event.unit}
        draft.say(refused("command", "below_payout_minimum", Step("sum", values), subject=beneficiary))
        return
    netted = [draft.need(Reward, id_) for part in parts for id_, _ in part.netted]
    bound = any(to_payee(reward.kind) for reward in rewards)  # credit and points need no payment details, and get none
    payout = Payout(
        id=draft.id("pay", event.rail, program=event.unit, share=beneficiary),
        beneficiary=beneficiary,
        rail=event.rail,
        unit=event.unit,
        amount=total,
        status="awaiting_release",
        parts=tuple(parts),
        destination=payee.destination if payee is not None and bound else beneficiary,
        drafted_by=by.id,
        drafted_at=draft.as_of,
        manual=event.manual,
        programs=tuple(sorted({reward.program for reward in [*rewards, *netted]})),
    )
    draft.put(payout)
    for reward in rewards:
        draft.put(replace(reward, payout=payout.id))
    values = {
        "minimum": minimum,
        "rewards": len(parts),
        "sum": total,
        "netted": sum(n for part in parts for _, n in part.netted),
    }
    verdict = Verdict(about="command", outcome="drafted", subject=payout.id, beneficiary=beneficiary, amount=total)
    draft.say(replace(verdict, unit=event.unit, steps=(Step("payout", values),)))


def _fitting(rewards: Iterable[Reward]) -> list[Reward]:
    """The oldest of them whose sum can be kept exactly; what is left goes with the next payout."""
    fitting, total = [], 0
    for reward in sorted(rewards, key=lambda reward: (reward.earned_at, reward.id)):
        total += reward.unsent
        if total > money.MAX_INTEGER:
            break
        fitting.append(reward)
    return fitting


def _gathers(draft: Draft, event: PayoutDrafted, payee: Payee | None, reward: Reward) -> bool:
    """Approved, due, not in another payout, of the rail's kinds, and approved for today's payment details."""
    if reward.status != "approved" or reward.payout is not None or reward.unit != event.unit:
        return False
    if (
        contested.by(draft, reward) is not None
        or reward.kind not in event.kinds
        or reward.due_at is None
        or reward.due_at > draft.as_of
    ):
        return False
    if not to_payee(reward.kind):
        return True
    return payee is not None and payee.rail == event.rail and payee.destination == reward.destination


def _owing(draft: Draft, event: PayoutDrafted, mine: list[Reward]) -> dict[str, int]:
    """What is owed back of each reward, oldest first, and not already netted by a payout that waits for its release."""
    planned: dict[str, int] = {}
    for payout in {reward.payout for reward in mine if reward.payout is not None and reward.status == "approved"}:
        for part in draft.need(Payout, payout).parts:
            for id_, amount in part.netted:
                planned[id_] = planned.get(id_, 0) + amount
    owing = {}
    for reward in sorted(mine, key=lambda reward: (reward.earned_at, reward.id)):
        owed = reward.receivable - planned.get(reward.id, 0)
        netted = reward.owed_back == "net"  # what is asked back is never netted
        if owed > 0 and netted and reward.unit == event.unit and reward.kind in event.kinds:
            owing[reward.id] = owed
    return owing


def _parts(rewards: list[Reward], owing: dict[str, int]) -> list[Part]:
    """Rewards, oldest first, each with what it nets."""
    left = dict(owing)
    parts = []
    for reward in rewards:
        sent, netted = reward.unsent, []
        for id_, owed in left.items():
            taken = min(owed, sent)
            if taken:
                netted.append((id_, taken))
                left[id_] -= taken
                sent -= taken
        parts.append(Part(reward=reward.id, program=reward.program, sent=sent, netted=tuple(netted)))
    return parts


def _minimum(draft: Draft, reward: Reward, unit: str) -> int:
    return (draft.rules_of(reward.rules).payout_minimum or {}).get(unit, 0)


def released(draft: Draft, event: PayoutReleased, told: Told) -> None:
    """Say that these payouts are sent. Above the member's limit a second member must release the same list."""
    actor = told.need_actor()
    problem = lists.problem(event.items, event.list_sha256) or _against(draft, event.items, actor)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1]))
        return
    payouts = [draft.need(Payout, item.id) for item in event.items]
    waiting = all(payout.release_list == event.list_sha256 and payout.releases for payout in payouts)
    if waiting and actor.id in payouts[0].releases:
        draft.say(refused("command", "same_member", Step("first", {"member": actor.id})))
        return
    reason = None if waiting else _above(draft, event, actor, payouts)
    if reason is not None:
        for payout in payouts:
            draft.put(replace(payout, releases=(actor.id,), release_list=event.list_sha256))
        draft.say(Verdict(about="command", outcome="second_person_needed", subject=draft.evt, steps=(reason,)))
        return
    for payout in payouts:
        if not waiting:
            reviews.count_alone(draft, actor, "released", payout.beneficiary, payout.unit, payout.amount)
        _release(draft, payout, (*payout.releases, actor.id) if waiting else (actor.id,), event.list_sha256)
    steps = (Step("list", {"sha256": event.list_sha256, "items": len(payouts)}),)
    draft.say(Verdict(about="command", outcome="released", subject=draft.evt, steps=steps))


def _against(draft: Draft, items: tuple[Item, ...], actor: Actor) -> tuple[str, Step] | None:
    """Return the first reason against releasing the list. What its payouts net of one debt is summed over all of them."""
    netted: dict[str, int] = {}
    for item in items:
        payout = draft.get(Payout, item.id)
        if payout is None:
            return "not_found", Step("item", {"item": item.id})
        if payout.status != "awaiting_release":
            return "wrong_state", Step("status", {"item": item.id, "status": payout.status})
        changed = lists.difference(item, item_of(payout))
        if changed is not None:
            return "item_changed", changed
        payee = draft.get(Payee, payout.beneficiary)
        if (
            payee is not None
            and payee.destination == payout.destination
            and conduct.against(payee.acts, actor.id, "release")
        ):
            return "own_work", Step("entered", {"item": item.id, "beneficiary": payout.beneficiary})
        for part in payout.parts:
            reward = draft.need(Reward, part.reward)
            if reward.cases:
                return "case_open", Step("case", {"item": item.id, "case": reward.cases[0]})
            claim = contested.claim_on(draft, reward)
            if claim is not None:
                return "contested", Step("contested", {"item": item.id, "claim": claim})
            if reward.unsent != part.sent + sum(n for _, n in part.netted) or reward.status != "approved":
                return "item_changed", Step("changed", {"item": item.id, "field": "parts", "reward": reward.id})
            for id_, amount in part.netted:
                netted[id_] = netted.get(id_, 0) + amount
                if draft.need(Reward, id_).receivable < netted[id_]:
                    return "item_changed", Step("changed", {"item": item.id, "field": "netted", "reward": reward.id})
    return None


def _above(draft: Draft, event: PayoutReleased, actor: Actor, payouts: list[Payout]) -> Step | None:
    for unit, total in lists.sums(event.items).items():
        if not access.within(actor.limits, unit, total):
            limit = (actor.limits or {}).get(unit, 0)
            return Step("over_limit", {"unit": unit, "sum": money.told(total), "limit": limit})
    totals: dict[tuple[str, str], int] = {}
    for payout in payouts:
        key = (payout.beneficiary, payout.unit)
        totals[key] = totals.get(key, 0) + payout.amount
    return reviews.above_today(draft, actor, "released", totals)


def _release(draft: Draft, payout: Payout, members: tuple[str, ...], list_sha256: str) -> None:
    """Payable -> clearing and receivable; the rail is called by a job after the commit. Nothing to send: it is complete."""
    for part in payout.parts:
        reward = draft.need(Reward, part.reward)
        netted = [(draft.need(Reward, id_), amount) for id_, amount in part.netted]
        draft.postings += ledger.released(reward, payout.rail, part.sent, netted)
        for owing, amount in netted:
            draft.put(replace(owing, netted=owing.netted + amount))
        taken = sum(amount for _, amount in netted)
        draft.put(replace(reward, status="processing", sent=reward.sent + part.sent + taken))
    payout = draft.put(replace(payout, status="released", releases=members, release_list=list_sha256))
    if payout.amount:
        draft.jobs.append(
            Job(id=draft.id("job", "payout.send", share=payout.id), kind="payout.send", subject=payout.id, queue=QUEUE)
        )
    else:
        _complete(draft, draft.put(replace(payout, status="processing")))


def canceled(draft: Draft, event: PayoutCanceled) -> None:
    """Before the rail was called a payout can be taken back; its rewards stay approved."""
    payout = draft.get(Payout, event.payout)
    if payout is None:
        draft.say(refused("command", "not_found", subject=event.payout))
        return
    if not lifecycles.may_move("payout", payout.status, "canceled"):
        draft.say(refused("command", "wrong_state", Step("status", {"status": payout.status}), subject=payout.id))
        return
    if payout.status == "released":
        _come_back(draft, payout, payout.parts, settled=False)
    else:
        for part in payout.parts:
            draft.put(replace(draft.need(Reward, part.reward), payout=None))
    draft.put(replace(payout, status="canceled", reason=event.reason))
    draft.say(Verdict(about="command", outcome="canceled", subject=payout.id))


def answered(draft: Draft, event: PayoutAnswered, told: Told) -> None:
    """What the rail says. An answer that the payout's state does not allow (late, twice) is refused and changes nothing.

    A rail that is called answers for itself: a member speaks only of a payout of which nobody knows what became. Over any rail, what
    comes back by a member's word alone is approved anew, or one person could have it sent again and again.
    """
    payout = draft.get(Payout, event.payout)
    if payout is None:
        draft.say(refused("command", "not_found", subject=event.payout))
        return
    if event.outcome not in ANSWERS or not lifecycles.may_move("payout", payout.status, event.outcome):
        step = Step("status", {"status": payout.status, "answer": event.outcome})
        draft.say(refused("command", "wrong_state", step, subject=payout.id))
        return
    by = told.need_actor()
    member = by if by.kind == "member" else None
    if member is not None and not payout.manual and payout.status != "unknown":
        step = Step("status", {"status": payout.status, "answer": event.outcome})
        draft.say(refused("command", "rail_answers", step, subject=payout.id))
        return
    if event.outcome == "processing" and payout.status == "released":
        payout = _without_contested(draft, payout)
        if payout.status != "released":
            return
    doubted = member if event.anew or not payout.manual else None
    before = payout.status
    payout = draft.put(
        replace(payout, reference=event.reference or payout.reference, reason=event.reason, status=event.outcome)
    )
    if event.outcome == "completed":
        _complete(draft, payout)
    elif event.outcome == "failed":
        _come_back(draft, payout, payout.parts, settled=False, said_by=doubted)
    elif event.outcome == "returned":
        _come_back(draft, payout, payout.parts, settled=before == "completed", said_by=doubted)
    draft.say(Verdict(about="command", outcome=event.outcome, subject=payout.id, beneficiary=payout.beneficiary))


def _without_contested(draft: Draft, payout: Payout) -> Payout:
    """What was released and is contested since, or is no longer owed, is not handed over: the rail gets the rest, if there is any."""
    if draft.semantics < semantics.CONTESTED_STOPS:
        return payout
    stopped = [part for part in payout.parts if _stopped(draft, part)]
    if not stopped:
        return payout
    left = [part for part in payout.parts if part not in stopped]
    _come_back(draft, payout, stopped, settled=False)
    if left:
        now = draft.put(settlement.made_of(draft, payout, left))
        if not now.amount:
            _complete(draft, draft.put(replace(now, status="processing")))
            now = draft.need(Payout, payout.id)
    else:
        now = draft.put(replace(payout, status="canceled", reason="contested"))
    settlement.tell_smaller(draft, payout, now, [part.reward for part in stopped])
    return now


def _stopped(draft: Draft, part: Part) -> bool:
    reward = draft.need(Reward, part.reward)
    return 0 < part.sent <= reward.receivable or contested.by(draft, reward) is not None


def _complete(draft: Draft, payout: Payout) -> None:
    for part in payout.parts:
        reward = draft.need(Reward, part.reward)
        draft.postings += ledger.completed(reward, payout.rail, part.sent)
        if reward.status == "processing":
            to = "paid" if reward.amount else "reversed"  # what was withheld of a reversed one arrived
            if reward.amount and reward.unsent:  # an appeal gave back what was netted meanwhile
                settlement.back_to_review(draft, replace(reward, payout=None))
            else:
                draft.put(replace(reward, status=to))
    draft.put(replace(payout, status="completed"))


def _come_back(
    draft: Draft, payout: Payout, parts: Iterable[Part], *, settled: bool, said_by: Actor | None = None
) -> None:
    """What was sent is owed again; what was netted stays netted. Details that changed meanwhile need a new approval.

    ``said_by``: a member, whose word alone is no reason to send it again; all of it needs a new approval, by somebody else, and is
    then due as it was.
    A reward that was reversed on its way is approved again if a later payout netted its debt: that debt never was one.
    """
    for part in parts:
        reward = draft.need(Reward, part.reward)
        if reward.payout != payout.id:
            _back_elsewhere(draft, reward, payout.rail, part.sent, settled=settled)
            continue
        draft.postings += ledger.came_back(reward, payout.rail, part.sent, settled=settled)
        reward = replace(reward, sent=reward.sent - part.sent, payout=None)
        to = "approved" if reward.amount or reward.withheld else "reversed"
        reward = draft.put(replace(reward, status=to))
        payee = draft.get(Payee, payout.beneficiary)
        others = to_payee(reward.kind) and payee is not None and payee.destination != reward.destination
        if to == "approved" and (said_by is not None or others):
            reward = settlement.back_to_review(draft, reward, due_at=None if others else reward.due_at)
        if said_by is not None:
            draft.put(replace(reward, acts=conduct.noted(reward.acts, draft.semantics, "payout.returned", said_by.id)))


def _back_elsewhere(draft: Draft, reward: Reward, rail: str, sent: int, *, settled: bool) -> None:
    """What was sent comes back of a reward that an appeal put into review again since: all that is owed of it is approved anew.

    While another payout is under way with it, it stays so.
    """
    if reward.status in ("pending", "in_review"):
        draft.postings += ledger.approved(reward)
        reward = draft.put(replace(reward, status="approved"))
    draft.postings += ledger.came_back(reward, rail, sent, settled=settled)
    reward = draft.put(replace(reward, sent=reward.sent - sent))
    if reward.status == "paid":
        reward = draft.put(replace(reward, payout=None))
    if reward.status != "processing" and reward.unsent:
        settlement.back_to_review(draft, reward)
