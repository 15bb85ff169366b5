"""Receivables: what a beneficiary owes back is settled otherwise than by netting. They paid it back, or nobody asks for it any more.

As with every list, what a person saw is what is settled, all of it or none; above a member's limit a second one says the same.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import access, ledger, lists, money, reviews
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Item, ReceivableSettled
from goodword.core.facts import Actor, Told
from goodword.core.state import Reward

#: Money came back, the books give it up, or the beneficiary is let off. The last two cost the program the same and read otherwise.
REPAID: Final = "repaid"
HOW: Final = (REPAID, "written_off", "forgiven")
#: Under which name a member's sum of the day is counted.
_ALONE: Final = "settled"


def item_of(reward: Reward) -> Item:
    """Return what a frozen list says of a receivable: all that is owed back of a reward. A smaller amount settles a part."""
    return Item(id=reward.id, amount=reward.receivable, unit=reward.unit)


def settled(draft: Draft, event: ReceivableSettled, told: Told) -> None:
    """Say how these are settled. A payout that waits and would net them is released no more: it is drafted anew."""
    actor = told.need_actor()
    problem = lists.problem(event.items, event.list_sha256) or _against(draft, event)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1]))
        return
    rewards = [draft.need(Reward, item.id) for item in event.items]
    said = (event.list_sha256, event.how)
    firsts = {reward.settling[2] for reward in rewards if reward.settling[:2] == said}
    second = len(firsts) == 1 and all(reward.settling[:2] == said for reward in rewards)
    if second and actor.id in firsts:
        draft.say(refused("command", "same_member", Step("first", {"member": actor.id})))
        return
    listed = Step(
        "list",
        {"sha256": event.list_sha256, "items": len(rewards), "reason": event.reason, "first": [*firsts] * second},
    )
    reason = None if second else _above(draft, event.items, actor, rewards)
    if reason is not None:
        for reward in rewards:
            draft.put(replace(reward, settling=(*said, actor.id)))
        draft.say(Verdict(about="command", outcome="second_person_needed", subject=draft.evt, steps=(reason, listed)))
        return
    draft.say(Verdict(about="command", outcome="settled", subject=draft.evt, steps=(listed,)))
    for reward, item in zip(rewards, event.items, strict=True):
        if not second:
            reviews.count_alone(draft, actor, _ALONE, reward.beneficiary, item.unit, item.amount)
        _settle(draft, event, reward, item.amount)


def _against(draft: Draft, event: ReceivableSettled) -> tuple[str, Step] | None:
    """Return the first reason against settling the list."""
    if event.how not in HOW:
        return "wrong_state", Step("status", {"how": event.how})
    for item in event.items:
        reward = draft.get(Reward, item.id)
        if reward is None:
            return "not_found", Step("item", {"item": item.id})
        changed = lists.difference(item, replace(item_of(reward), amount=item.amount))
        if changed is not None:
            return "item_changed", changed
        if not 0 < item.amount <= reward.receivable:
            values = {"item": item.id, "amount": item.amount, "owed": reward.receivable, "unit": item.unit}
            return "exceeds_receivable", Step("owed", values)
    return None


def _above(draft: Draft, items: tuple[Item, ...], actor: Actor, rewards: list[Reward]) -> Step | None:
    """Return why one person is not enough: the list's sum, or what they settled alone today for one beneficiary."""
    for unit, total in lists.sums(items).items():
        if not access.within(actor.limits, unit, total):
            return Step(
                "over_limit", {"unit": unit, "sum": money.told(total), "limit": (actor.limits or {}).get(unit, 0)}
            )
    totals: dict[tuple[str, str], int] = {}
    for reward, item in zip(rewards, items, strict=True):
        key = (reward.beneficiary, item.unit)
        totals[key] = totals.get(key, 0) + item.amount
    return reviews.above_today(draft, actor, _ALONE, totals)


def _settle(draft: Draft, event: ReceivableSettled, reward: Reward, amount: int) -> None:
    """What was repaid counts as netted: should its payout come back later, it is owed again. What was forgiven never is."""
    repaid = event.how == REPAID
    draft.postings += ledger.settled(reward, amount, repaid=repaid)
    if repaid:
        now = replace(reward, netted=reward.netted + amount, repaid=reward.repaid + amount, settling=())
    else:
        now = replace(reward, forgiven=reward.forgiven + amount, settling=())
    draft.put(now)
    draft.say(
        Verdict(
            about="reward",
            outcome=event.how,
            program=reward.program,
            subject=reward.id,
            side=reward.side,
            beneficiary=reward.beneficiary,
            amount=amount,
            unit=reward.unit,
            steps=(Step("still_owed", {"owed": reward.receivable, "amount": now.receivable, "unit": reward.unit}),),
        )
    )
