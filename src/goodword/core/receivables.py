"""Receivables: what a beneficiary owes back is settled otherwise than by netting. They paid it back, or nobody asks for it any more.

As with every list, what a person saw is what is settled, all of it or none; above a member's limit a second one says the same.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import ledger, lists, reviews
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Item, ReceivableSettled
from goodword.core.facts import Told
from goodword.core.state import Reward

#: Money came back, the books give it up, or the beneficiary is let off. The last two cost the program the same and read otherwise.
REPAID: Final = "repaid"
HOW: Final = (REPAID, "written_off", "forgiven")


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
    moves = [(reward.beneficiary, item.unit, item.amount) for reward, item in zip(rewards, event.items, strict=True)]
    said = f"{event.list_sha256} {event.how}"
    agreed = reviews.agree(draft, event, actor, rewards, moves, listed=said)
    if agreed.refusal is not None:
        draft.say(refused("command", *agreed.refusal))
        return
    values = {"sha256": event.list_sha256, "items": len(rewards), "reason": event.reason}
    if agreed.waits:
        for reward in rewards:
            draft.put(replace(reward, settling=agreed.members, settling_list=said))
        listed = Step("list", {**values, "first": []})
        steps = (*agreed.waits, listed)
        draft.say(Verdict(about="command", outcome="second_person_needed", subject=draft.evt, steps=steps))
        return
    listed = Step("list", {**values, "first": list(agreed.members[:-1])})
    draft.say(Verdict(about="command", outcome="settled", subject=draft.evt, steps=(listed,)))
    for reward, item in zip(rewards, event.items, strict=True):
        owed_no_more(draft, reward, event.how, item.amount)


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


def owed_no_more(draft: Draft, reward: Reward, how: str, amount: int) -> None:
    """What was repaid counts as netted: should its payout come back later, it is owed again. What was forgiven never is."""
    repaid = how == REPAID
    draft.postings += ledger.settled(reward, amount, repaid=repaid)
    if repaid:
        now = replace(
            reward, netted=reward.netted + amount, repaid=reward.repaid + amount, settling=(), settling_list=None
        )
    else:
        now = replace(reward, forgiven=reward.forgiven + amount, settling=(), settling_list=None)
    draft.put(now)
    draft.say(
        Verdict(
            about="reward",
            outcome=how,
            program=reward.program,
            subject=reward.id,
            side=reward.side,
            beneficiary=reward.beneficiary,
            amount=amount,
            unit=reward.unit,
            steps=(Step("still_owed", {"owed": reward.receivable, "amount": now.receivable, "unit": reward.unit}),),
        )
    )
