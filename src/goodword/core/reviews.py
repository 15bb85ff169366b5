"""Reviews: people approve, reject and withdraw rewards, over frozen lists. All or nothing: one item that differs refuses all.

Above a member's limit, or where the program asks for two people, the first approval leaves the rewards in review and a second, by
another member over the same list, approves.
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import access, calendar, conduct, contested, ledger, lists, money, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ApprovalGiven, ApprovalWithdrawn, Item, RewardsRejected
from goodword.core.facts import Actor, Told
from goodword.core.kinds.rewards import to_payee
from goodword.core.stages import limits
from goodword.core.state import BEFORE_PAYMENT, Payee, Reward

NET_DAYS = 15


def item_of(reward: Reward, payee: Payee | None) -> Item:
    """Return what a frozen list says of a reward: what would be sent, and whereto if its kind goes to payment details.

    That is not the amount where something of it was sent or netted already: a limit must hold for what leaves.
    """
    destination = payee.destination if payee is not None and to_payee(reward.kind) else None
    return Item(id=reward.id, amount=reward.unsent, unit=reward.unit, destination=destination)


def approve(draft: Draft, event: ApprovalGiven, told: Told) -> None:
    """Say that these rewards are owed."""
    actor = told.need_actor()
    problem = lists.problem(event.items, event.list_sha256)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1]))
        return
    for item in event.items:
        refusal = _against(draft, item, actor)
        if refusal is not None:
            draft.say(refused("command", refusal[0], refusal[1], subject=item.id))
            return
    rewards = [draft.need(Reward, item.id) for item in event.items]
    first = {reward.approvals for reward in rewards if reward.approval_list == event.list_sha256}
    if len(first) == 1 and all(reward.approval_list == event.list_sha256 for reward in rewards):
        _second(draft, event, actor, rewards, first.pop())
        return
    reason = _above(draft, event, actor, rewards)
    if reason is None:
        _count_alone(draft, actor, "approved", rewards)
        _approve(draft, event, rewards, (actor.id,), ())
        return
    for reward in rewards:
        draft.put(replace(reward, approvals=(actor.id,), approval_list=event.list_sha256))
    steps = (reason, Step("list", {"sha256": event.list_sha256, "items": len(rewards)}))
    draft.say(Verdict(about="command", outcome="second_person_needed", subject=draft.evt, steps=steps))


def _against(draft: Draft, item: Item, actor: Actor) -> tuple[str, Step] | None:
    """The first reason against approving one item."""
    reward = draft.get(Reward, item.id)
    if reward is None:
        return "not_found", Step("item", {"item": item.id})
    payee = draft.get(Payee, reward.beneficiary)
    named = {"item": item.id}
    changed = lists.difference(item, item_of(reward, payee))
    if reward.status == "pending":
        return "hold_running", Step("hold", {**named, "until": reward.hold_until})
    if reward.status != "in_review":
        return "wrong_state", Step("status", {**named, "status": reward.status})
    if changed is not None:
        return "item_changed", changed
    if reward.cases:
        return "case_open", Step("case", {**named, "case": reward.cases[0]})
    claim = contested.claim_on(draft, reward)
    if claim is not None:
        return "contested", Step("contested", {**named, "claim": claim})
    if to_payee(reward.kind) and payee is None:
        return "payee_missing", Step("item", {**named, "beneficiary": reward.beneficiary})
    if conduct.against(reward.acts, actor.id, "approve"):
        return "own_work", Step("item", named)
    if to_payee(reward.kind) and payee is not None and conduct.against(payee.acts, actor.id, "approve"):
        return "own_work", Step("entered", {**named, "beneficiary": reward.beneficiary})
    return None


def _above(draft: Draft, event: ApprovalGiven, actor: Actor, rewards: list[Reward]) -> Step | None:
    """Why one person is not enough: the list's sum, what they approved alone today for one beneficiary, or the program's rule."""
    for unit, total in lists.sums(event.items).items():
        if not access.within(actor.limits, unit, total):
            limit = (actor.limits or {}).get(unit, 0)
            return Step("over_limit", {"unit": unit, "sum": money.told(total), "limit": limit})
    today = above_today(draft, actor, "approved", by_beneficiary(rewards))
    if today is not None:
        return today
    for reward in rewards:
        over = draft.rules_of(reward.rules).review.two_people_over or {}
        amount = max(reward.amount, reward.unsent)
        if reward.unit in over and amount > over[reward.unit]:
            values = {"item": reward.id, "amount": amount, "unit": reward.unit, "limit": over[reward.unit]}
            return Step("two_people_over", values)
    return None


def by_beneficiary(rewards: list[Reward]) -> dict[tuple[str, str], int]:
    """(beneficiary, unit) -> sum of what would be sent of the rewards."""
    totals: dict[tuple[str, str], int] = {}
    for reward in rewards:
        key = (reward.beneficiary, reward.unit)
        totals[key] = totals.get(key, 0) + reward.unsent
    return totals


def above_today(draft: Draft, actor: Actor, what: str, totals: dict[tuple[str, str], int]) -> Step | None:
    """Return the first (beneficiary, unit) whose total, with what the member alone did for them in this UTC day, is above the limit."""
    for (beneficiary, unit), total in totals.items():
        counter = limits.counter(draft, alone_key(actor.id, what, beneficiary, draft.as_of))
        together = counter.amounts.get(unit, 0) + total
        if not access.within(actor.limits, unit, together):
            limit = (actor.limits or {}).get(unit, 0)
            named = {"unit": unit, "beneficiary": beneficiary}
            return Step("over_limit", {**named, "sum": money.told(together), "limit": limit})
    return None


def alone_key(member: str, what: str, beneficiary: str, as_of: int) -> tuple[str, str, str, str]:
    """The key of the counter of what a member alone approved or released for one beneficiary in the UTC day of ``as_of``."""
    return "", member, f"{what}:{beneficiary}", calendar.utc_day(as_of)


def _count_alone(draft: Draft, actor: Actor, what: str, rewards: list[Reward]) -> None:
    for (beneficiary, unit), total in by_beneficiary(rewards).items():
        count_alone(draft, actor, what, beneficiary, unit, total)


def count_alone(draft: Draft, actor: Actor, what: str, beneficiary: str, unit: str, amount: int) -> None:
    """Remember what one member did alone for one beneficiary in this UTC day."""
    limits.add(draft, alone_key(actor.id, what, beneficiary, draft.as_of), 1, unit, amount)


def _second(draft: Draft, event: ApprovalGiven, actor: Actor, rewards: list[Reward], first: tuple[str, ...]) -> None:
    if actor.id in first:
        draft.say(refused("command", "same_member", Step("first", {"member": first[0]})))
        return
    _approve(draft, event, rewards, (*first, actor.id), first)


def _approve(
    draft: Draft, event: ApprovalGiven, rewards: list[Reward], members: tuple[str, ...], first: tuple[str, ...]
) -> None:
    for reward, item in zip(rewards, event.items, strict=True):
        zone = draft.rules_of(reward.rules).timezone
        draft.postings += ledger.approved(reward)
        draft.put(
            replace(
                reward,
                status="approved",
                approvals=members,
                approval_list=event.list_sha256,
                approved_at=draft.as_of,
                # One that came back is due as it was: its beneficiary waits for this approval only.
                due_at=reward.due_at or calendar.month_end_plus(draft.as_of, NET_DAYS, zone),
                destination=item.destination,
            )
        )
    steps = (Step("list", {"sha256": event.list_sha256, "items": len(rewards), "first": list(first)}),)
    draft.say(Verdict(about="command", outcome="approved", subject=draft.evt, steps=steps))


def reject(draft: Draft, event: RewardsRejected, told: Told) -> None:
    """Say that these rewards are not owed; a reason is always given. What was withheld is owed: no rejection takes it."""
    if not _listed(draft, event.items, BEFORE_PAYMENT):
        return
    rewards = [draft.need(Reward, item.id) for item in event.items]
    for reward in rewards:
        if reward.withheld:
            step = Step("withheld", {"item": reward.id, "amount": reward.withheld, "unit": reward.unit})
            draft.say(refused("command", "wrong_state", step, subject=reward.id))
            return
    steps = (Step("list", {"items": len(event.items), "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="rejected", subject=told.need_actor().id, steps=steps))
    for reward in rewards:
        settlement.lower(draft, reward, 0, status="rejected")


def withdraw(draft: Draft, event: ApprovalWithdrawn, told: Told) -> None:
    """Take back an approval before the release."""
    if not _listed(draft, event.items, ("approved",)):
        return
    for item in event.items:
        settlement.back_to_review(draft, draft.need(Reward, item.id))
    steps = (Step("list", {"items": len(event.items), "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="withdrawn", subject=told.need_actor().id, steps=steps))


def _listed(draft: Draft, items: tuple[Item, ...], states: tuple[str, ...]) -> bool:
    """Whether every item is there, as the list says and in one of the states; says the refusal otherwise."""
    problem = lists.problem(items)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1]))
        return False
    for item in items:
        reward = draft.get(Reward, item.id)
        if reward is None:
            draft.say(refused("command", "not_found", Step("item", {"item": item.id}), subject=item.id))
            return False
        if reward.status not in states:
            step = Step("status", {"item": item.id, "status": reward.status})
            draft.say(refused("command", "wrong_state", step, subject=item.id))
            return False
        changed = lists.difference(replace(item, destination=None), item_of(reward, None))
        if changed is not None:
            draft.say(refused("command", "item_changed", changed, subject=item.id))
            return False
    return True
