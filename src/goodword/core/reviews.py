"""Reviews: people approve, reject and withdraw rewards, over frozen lists. All or nothing: one item that differs refuses all.

Above a member's limit, or where the program asks for two people, the first word leaves the rewards as they are and a second, by
another person over the same list, decides (``agree``).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from goodword.core import (
    access,
    calendar,
    conduct,
    contested,
    corrections,
    dossier,
    hands,
    ledger,
    lists,
    money,
    priority,
    reasons,
    recommendation,
    refunds,
    routes,
    scope,
    semantics,
    settlement,
)
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import (
    ApprovalGiven,
    ApprovalWithdrawn,
    Event,
    Item,
    PayoutArrived,
    PayoutReleased,
    ReceivableSettled,
    RewardsHeld,
    RewardsRejected,
    RewardsRestored,
)
from goodword.core.facts import Actor, Told
from goodword.core.kinds.rewards import to_payee
from goodword.core.rules import amount_in
from goodword.core.stages import limits, matching, planning
from goodword.core.state import BEFORE_PAYMENT, Payee, Payout, Referral, Reward

#: For whom a list moves what: beneficiary, unit, amount.
Move = tuple[str, str, int]
#: Who decides what is in review and has no route.
APPROVER: Final = "approver"
#: A list names at most so many of its items that lack something.
MOST_NAMED = 20
#: command over a list -> what its member did, as the counter of what they did alone says
DID: Final[dict[type[Event], str]] = {
    ApprovalGiven: "approved",
    RewardsRejected: "rejected",
    PayoutReleased: "released",
    ReceivableSettled: "settled",
    PayoutArrived: "arrived",
}
#: What is done by whom the route of a reward says.
_ROUTED: Final = frozenset({"approved", "rejected"})
#: what was done -> the fields that keep who did it first and over which list
_FIRST: Final = {
    "approved": ("approvals", "approval_list"),
    "rejected": ("rejecting", "reject_list"),
    "released": ("releases", "release_list"),
    "settled": ("settling", "settling_list"),
    "arrived": ("arriving", "arriving_list"),
}


def firsts(did: str, thing: Reward | Payout) -> tuple[str, ...]:
    """Return who said the same of a reward or payout before, over the list that it now stands in."""
    members: tuple[str, ...] = getattr(thing, _FIRST[did][0])
    return members


class Agreed(NamedTuple):
    """What comes of one more word over a list: ``members`` who have said it by now; ``refusal``; ``waits``: why another must say it."""

    members: tuple[str, ...] = ()
    refusal: tuple[str, Step] | None = None
    waits: tuple[Step, ...] = ()


def agree(
    draft: Draft,
    event: Any,
    actor: Actor,
    things: Iterable[Reward | Payout],
    moves: Sequence[Move],
    two: Step | None = None,
    *,
    listed: str | None = None,
) -> Agreed:
    """Return whether a list is decided by this word or awaits a second person over the very same list; counts who decided alone.

    ``event``: a command of ``DID`` with its ``items``; ``moves``: what it moves, for whom; ``two``: why two people are needed whatever
    their limits; ``listed``: what both must have said, where it is more than the list. Of two, one at least is within their own limit,
    and it counts for them; who spoke first must still be one who may.
    """
    did, strict, things = DID[type(event)], draft.semantics >= semantics.FOUR_EYES, list(things)
    members, digest = _FIRST[did]
    listed = listed or lists.digest(event.items)
    said = {getattr(thing, members) if getattr(thing, digest) == listed else () for thing in things}
    first: tuple[str, ...] = said.pop() if len(said) == 1 else ()
    rewards = [thing for thing in things if isinstance(thing, Reward) and did in _ROUTED]
    gone = tuple(member for member in first if strict and not _still(draft, event, member, rewards))
    standing = tuple(member for member in first if member not in gone)
    for member in standing:
        if hands.same(draft, member, actor.id):
            return Agreed(refusal=("same_member", Step("first", {"member": member})))
    over = _over(draft, event, actor, moves)
    if standing:
        able = actor.id if over is None else next((m for m in standing if _within(draft, event, m, moves)), None)
        if strict and able is None and over is not None:
            return Agreed(refusal=("over_limit", over))
        if strict and able is not None:
            _count_alone(draft, able, did, moves)
        return Agreed((*standing, actor.id))
    reason = over or two
    if reason is None:
        _count_alone(draft, actor.id, did, moves)
        return Agreed((actor.id,))
    return Agreed((actor.id,), waits=(reason, *(Step("first_gone", {"member": member}) for member in gone)))


def _still(draft: Draft, event: Event, member: str, rewards: Sequence[Reward]) -> bool:
    """Whether who spoke first could say it today. Of whom no entry tells, nothing speaks against."""
    now = hands.known(draft, member)
    if now is None:
        return True
    actor = hands.acting(now)
    return (
        may(draft, event, actor)
        and scope.refusal(draft, event, actor) is None
        and elsewhere(draft, rewards, actor) is None
    )


def may(draft: Draft, event: Event, actor: Actor) -> bool:
    """Return whether somebody may say this at all: as their roles say, or the routes of all rewards on its list.

    Who decides by a route takes back by it what was approved, too.
    """
    if access.allowed(actor, event.PERMISSION or ""):
        return True
    if not isinstance(event, (ApprovalGiven, RewardsRejected, ApprovalWithdrawn)) or not event.items:
        return False
    return routes.given(actor, [draft.get(Reward, item.id) for item in event.items])


def may_approve(draft: Draft, actor: Actor, rewards: list[Reward]) -> bool:
    """Return whether somebody may approve these at all."""
    return may(draft, _as_list(draft, rewards), actor)


def elsewhere(draft: Draft, rewards: Iterable[Reward], actor: Actor) -> tuple[str, Step] | None:
    """Return why a member does not decide all of these by their routes; None: they do."""
    found = (routes.refusal(draft, reward, actor, priority.decide_by(reward)) for reward in rewards)
    return next(filter(None, found), None)


def _within(draft: Draft, event: Any, member: str, moves: Sequence[Move]) -> bool:
    now = hands.known(draft, member)
    return now is not None and _over(draft, event, hands.acting(now), moves) is None


def _over(draft: Draft, event: Any, actor: Actor, moves: Sequence[Move]) -> Step | None:
    """What of a list is above a member's limit: its sum, or what they alone did today for one beneficiary together with it."""
    for unit, total in lists.sums(event.items).items():
        if not access.within(actor.limits, unit, total):
            limit = (actor.limits or {}).get(unit, 0)
            return Step("over_limit", {"unit": unit, "sum": money.told(total), "limit": limit})
    totals: dict[tuple[str, str], int] = {}
    for beneficiary, unit, amount in moves:
        totals[beneficiary, unit] = totals.get((beneficiary, unit), 0) + amount
    for (beneficiary, unit), total in totals.items():
        counter = limits.counter(draft, alone_key(actor.id, DID[type(event)], beneficiary, draft.as_of))
        together = counter.amounts.get(unit, 0) + total
        if not access.within(actor.limits, unit, together):
            limit = (actor.limits or {}).get(unit, 0)
            named = {"unit": unit, "beneficiary": beneficiary}
            return Step("over_limit", {**named, "sum": money.told(together), "limit": limit})
    return None


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
        refusal = against(draft, item, actor)
        if refusal is not None:
            lacking = refusal[0] == "payee_missing" and draft.semantics >= semantics.FOUR_EYES
            steps = _lacking(draft, event.items) if lacking else [refusal[1]]
            if refusal[0] == "evidence_not_opened":
                steps = _unopened(draft, event.items, actor)
            draft.say(refused("command", refusal[0], *steps, subject=item.id))
            return
    rewards = [draft.need(Reward, item.id) for item in event.items]
    agreed = agree(draft, event, actor, rewards, moves(rewards), _two_people(draft, rewards))
    if agreed.refusal is not None:
        draft.say(refused("command", *agreed.refusal))
    elif not agreed.waits:
        _approve(draft, event, rewards, agreed.members)
    else:
        for reward in rewards:
            draft.put(replace(reward, approvals=agreed.members, approval_list=event.list_sha256))
        say_second(draft, agreed, Step("list", {"sha256": event.list_sha256, "items": len(rewards)}))


def say_second(draft: Draft, agreed: Agreed, *steps: Step) -> None:
    """Say that a second person is needed, and why."""
    steps = (*agreed.waits[:1], *steps, *agreed.waits[1:])
    draft.say(Verdict(about="command", outcome="second_person_needed", subject=draft.evt, steps=steps))


def against(draft: Draft, item: Item, actor: Actor) -> tuple[str, Step] | None:
    """Return the first reason against approving one item."""
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
    stopped = contested.refusal(draft, reward, item.id) or elsewhere(draft, [reward], actor)
    if stopped is not None:
        return stopped
    if to_payee(reward.kind) and payee is None:
        return "payee_missing", Step("item", {**named, "beneficiary": reward.beneficiary})
    lacks = dossier.refusal(draft, reward, item.id)
    if lacks is not None:
        return lacks
    own = conduct.own_work(draft, actor, "approve", reward.acts, (reward.program,), Step("item", named))
    if own is None and to_payee(reward.kind) and payee is not None:
        step = Step("entered", {**named, "beneficiary": reward.beneficiary})
        own = conduct.own_work(draft, actor, "approve", payee.acts, (reward.program,), step)
    return own or unopened(draft, reward, actor)


def _unopened(draft: Draft, items: tuple[Item, ...], actor: Actor) -> list[Step]:
    """All items of a list whose evidence the member has still to open, the first of them named."""
    rewards = [reward for item in items if (reward := draft.get(Reward, item.id)) is not None]
    return [found[1] for reward in rewards if (found := unopened(draft, reward, actor)) is not None][:MOST_NAMED]


def unopened(draft: Draft, reward: Reward, actor: Actor) -> tuple[str, Step] | None:
    """Return the refusal of a flagged reward whose evidence the member has not opened since its last flag."""
    if draft.semantics < semantics.EVIDENCE_IS_OPENED or not reward.marks or actor.id in reward.opened_by:
        return None
    flags = list(dict.fromkeys(one.code for one in reward.marks))
    return "evidence_not_opened", Step("evidence", {"item": reward.id, "flags": flags})


def _lacking(draft: Draft, items: tuple[Item, ...]) -> list[Step]:
    """All items of a list whose beneficiary has no payment details, the first of them named: one look, not one for each."""
    rewards = [reward for item in items if (reward := draft.get(Reward, item.id)) is not None and to_payee(reward.kind)]
    lacking = [reward for reward in rewards if draft.get(Payee, reward.beneficiary) is None]
    return [Step("item", {"item": r.id, "beneficiary": r.beneficiary}) for r in lacking[:MOST_NAMED]]


def _two_people(draft: Draft, rewards: list[Reward]) -> Step | None:
    """Why two people approve a list whatever their own limits, by the rules of its programs or by its routes."""
    return _two_people_over(draft, rewards) or routes.two(draft, rewards)


def _two_people_over(draft: Draft, rewards: list[Reward]) -> Step | None:
    """The first reward of which its program's rules say that two people approve it."""
    for reward in rewards:
        over = draft.rules_of(reward.rules).review.two_people_over or {}
        amount = max(reward.amount, reward.unsent)
        most = amount_in(over, reward.unit)
        if most is not None and amount > most:
            values = {"item": reward.id, "amount": amount, "unit": reward.unit, "limit": most}
            return Step("two_people_over", values)
    return None


def approved_today(draft: Draft, member: str, beneficiary: str) -> dict[str, int]:
    """Return what a member alone approved in this UTC day for one beneficiary, by unit: their limit holds for the sum."""
    return limits.counter(draft, alone_key(member, "approved", beneficiary, draft.as_of)).amounts


def second_needed(draft: Draft, actor: Actor, reward: Reward) -> Step | None:
    """Return why the approval of one reward by a member needs a second person; None: it does not."""
    return second_for(draft, actor, [reward])


def second_for(draft: Draft, actor: Actor, rewards: list[Reward]) -> Step | None:
    """Return why the approval of a list by a member needs a second person; None: it does not."""
    return second_to_reject(draft, actor, rewards) or _two_people(draft, rewards)


def second_to_reject(draft: Draft, actor: Actor, rewards: list[Reward]) -> Step | None:
    """Return why a list is above a member's limit: approving and rejecting it then needs a second person; None: it is not."""
    return _over(draft, _as_list(draft, rewards), actor, moves(rewards))


def seconds(draft: Draft, actor: Actor, reward: Reward) -> list[str]:
    """Return the members who could be the second person beside one, where two approve a reward: one of them within their limit."""
    return seconds_for(draft, actor, [reward])


def seconds_for(draft: Draft, actor: Actor, rewards: list[Reward]) -> list[str]:
    """Return the same of a list: who may approve all of it."""
    acts = [*itertools.chain.from_iterable(reward.acts for reward in rewards)]
    for person in {reward.beneficiary for reward in rewards if to_payee(reward.kind)}:
        payee = draft.get(Payee, person)
        acts += payee.acts if payee is not None else ()
    able = _over(draft, _as_list(draft, rewards), actor, moves(rewards)) is None
    programs = sorted({reward.program for reward in rewards})
    others = [
        member
        for action in (routes.PERMISSION, routes.DECIDES)  # the first few of each are enough, and they stand first
        for member in hands.others(draft, action, programs, [actor.id])
    ]
    free = [
        member
        for member in dict.fromkeys(others)
        if conduct.against(draft, tuple(acts), member, "approve") is None
        and (known := hands.known(draft, member)) is not None
        and may_approve(draft, hands.acting(known), rewards)
        and elsewhere(draft, rewards, hands.acting(known)) is None
    ]
    return [member for member in free if able or _carries(draft, member, rewards)]


def _carries(draft: Draft, member: str, rewards: list[Reward]) -> bool:
    """Whether a list lies within the limit of a member; what they approved today counts when they say so."""
    known, sums = hands.known(draft, member), lists.sums(_as_list(draft, rewards).items)
    return known is not None and all(access.within(known.limits, unit, sum_) for unit, sum_ in sums.items())


def _as_list(draft: Draft, rewards: list[Reward]) -> ApprovalGiven:
    """The approval of these rewards, as it would be said now."""
    items = tuple(item_of(reward, None) for reward in rewards)
    return ApprovalGiven(
        evt="", source="", occurred_at=draft.as_of, accepted_at=draft.as_of, items=items, list_sha256=""
    )


def moves(rewards: Iterable[Reward]) -> list[Move]:
    """Return for whom what would be sent of the rewards: one sum a beneficiary and unit."""
    totals: dict[tuple[str, str], int] = {}
    for reward in rewards:
        key = (reward.beneficiary, reward.unit)
        totals[key] = totals.get(key, 0) + reward.unsent
    return [(*key, total) for key, total in totals.items()]


def alone_key(member: str, what: str, beneficiary: str, as_of: int) -> tuple[str, str, str, str]:
    """The key of the counter of what a member alone decided for one beneficiary in the UTC day of ``as_of``."""
    return "", member, f"{what}:{beneficiary}", calendar.utc_day(as_of)


def day_key(as_of: int) -> tuple[str, str, str, str]:
    """The key of the counter of what left in the UTC day of ``as_of`` without a second confirmed member."""
    return "", "", "alone", calendar.utc_day(as_of)


def _count_alone(draft: Draft, member: str, what: str, moves: Sequence[Move]) -> None:
    """Remember what one member's limit carried in this UTC day."""
    for beneficiary, unit, amount in moves:
        limits.add(draft, alone_key(member, what, beneficiary, draft.as_of), 1, unit, amount)


def _approve(draft: Draft, event: ApprovalGiven, rewards: list[Reward], members: tuple[str, ...]) -> None:
    recommended = recommendation.told(recommendation.beside(draft, rewards), "approved", members[:-1])
    routes.count(draft, rewards)
    for reward, item in zip(rewards, event.items, strict=True):
        rules = draft.rules_of(reward.rules)
        draft.postings += ledger.approved(reward)
        draft.put(
            replace(
                reward,
                status="approved",
                approvals=members,
                approval_list=event.list_sha256,
                rejecting=(),
                reject_list=None,
                approved_at=draft.as_of,
                expires_at=None,
                # One that came back is due as it was: its beneficiary waits for this approval only.
                due_at=reward.due_at or rules.payouts.due(draft.as_of, rules.timezone),
                destination=item.destination,
            )
        )
    said = draft.semantics >= semantics.DUE_SAID
    due = lists.dates(draft.need(Reward, reward.id) for reward in rewards) if said else []
    listed = Step("list", {"sha256": event.list_sha256, "items": len(rewards), "first": list(members[:-1])})
    draft.say(Verdict(about="command", outcome="approved", subject=draft.evt, steps=(listed, *due, *recommended)))


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
    actor = told.need_actor()
    routed = elsewhere(draft, rewards, actor)
    if routed is not None:
        draft.say(refused("command", *routed, subject=str(routed[1].values["item"])))
        return
    first: tuple[str, ...] = ()
    recommended = recommendation.beside(draft, rewards)
    if draft.semantics >= semantics.FOUR_EYES:
        agreed = agree(draft, event, actor, rewards, moves(rewards))
        if agreed.refusal is not None:
            draft.say(refused("command", *agreed.refusal))
            return
        digest = lists.digest(event.items)
        if agreed.waits:
            for reward in rewards:
                draft.put(replace(reward, rejecting=agreed.members, reject_list=digest))
            say_second(draft, agreed, Step("list", {"sha256": digest, "items": len(rewards), "reason": event.reason}))
            return
        for reward in rewards:
            acts = conduct.noted(reward.acts, draft.semantics, "reward.rejected", *agreed.members)
            draft.put(replace(reward, rejecting=(), reject_list=None, acts=acts))
        rewards, first = [draft.need(Reward, reward.id) for reward in rewards], agreed.members[:-1]
    why = reasons.told(draft, event.reason, event.withheld)
    beside = recommendation.told(recommended, "rejected", first)
    steps = (Step("list", {"items": len(event.items), "reason": event.reason}), *why, *beside)
    draft.say(Verdict(about="command", outcome="rejected", subject=actor.id, steps=steps))
    for reward in rewards:
        settlement.lower(draft, reward, 0, status="rejected", steps=why)


def hold(draft: Draft, event: RewardsHeld, told: Told) -> None:
    """Let a person look at each of these rewards before it goes on; a case of its own is opened for each."""
    if not _listed(draft, event.items, BEFORE_PAYMENT):
        return
    steps = (Step("list", {"items": len(event.items), "reason": event.reason}),)
    draft.say(Verdict(about="command", outcome="held", subject=told.need_actor().id, steps=steps))
    for item in event.items:
        rewards = [reward := draft.need(Reward, item.id)]
        case = settlement.open_case(draft, "held", reward.id, reward.program, [], rewards)
        steps = (Step("case", {"case": case.id}),)
        verdict = Verdict(about="event", outcome="case_opened", program=reward.program, subject=reward.id, steps=steps)
        draft.say(replace(verdict, beneficiary=reward.beneficiary, side=reward.side))


def restorable(reward: Reward) -> Item:
    """Return what a frozen list says of a reward that ended: what it was before refunds. What it is worth today may be less."""
    return Item(id=reward.id, amount=reward.gross, unit=reward.unit)


def restore(draft: Draft, event: RewardsRestored, told: Told) -> None:
    """Say that rewards were rejected or have expired wrongly: two members, neither of whom rejected them, over the same list.

    They are in review again, for what they are worth today, and are approved like any other; not by who asked for it.
    """
    actor = told.need_actor()
    problem = lists.problem(event.items, event.list_sha256)
    for item in event.items if problem is None else ():
        problem = problem or _against_restoring(draft, item, actor)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1]))
        return
    rewards = [draft.need(Reward, item.id) for item in event.items]
    steps = (
        Step("list", {"sha256": event.list_sha256, "items": len(rewards)}),
        Step("list", {"items": len(rewards), "reason": event.reason}),
    )
    first = {reward.approvals for reward in rewards if reward.approval_list == event.list_sha256}
    if len(first) != 1 or any(reward.approval_list != event.list_sha256 for reward in rewards):
        for reward in rewards:
            acts = conduct.noted(reward.acts, draft.semantics, "restore.asked", actor.id)
            draft.put(replace(reward, approvals=(actor.id,), approval_list=event.list_sha256, acts=acts))
        draft.say(Verdict(about="command", outcome="second_person_needed", subject=draft.evt, steps=steps))
        return
    if hands.same(draft, (asked := first.pop())[0], actor.id):
        draft.say(refused("command", "same_member", Step("first", {"member": asked[0]})))
        return
    ahead: dict[tuple[str, str], int] = {}
    for reward in rewards:
        if ledger.of_no_order(reward.on):
            continue  # no program spends an opening balance, and no budget refuses a correction
        key = reward.program, reward.unit
        ahead[key] = ahead.get(key, 0) + refunds.worth(draft, reward)[0]
        over, more = limits.budget(draft, draft.rules_of(reward.rules), *key, ahead[key])
        if over is not None:
            draft.say(refused("command", over, *more, subject=reward.id))
            return
    draft.say(Verdict(about="command", outcome="restored", subject=draft.evt, steps=steps))
    for reward in rewards:
        back = (
            replace(reward, taken_by=None) if draft.semantics >= semantics.OWED_ONCE else reward
        )  # no case has it now
        settlement.raise_(draft, back, *refunds.worth(draft, reward), holds=False)


def _against_restoring(draft: Draft, item: Item, actor: Actor) -> tuple[str, Step] | None:
    """The first reason against putting one item back into review."""
    reward = draft.get(Reward, item.id)
    if reward is None:
        return "not_found", Step("item", {"item": item.id})
    if reward.status not in ("rejected", "expired"):
        return "wrong_state", Step("status", {"item": item.id, "status": reward.status})
    referral = draft.get(Referral, reward.referral) if not ledger.of_no_order(reward.on) else None
    if referral is not None and referral.status == "void":  # the friend is another's by now, and so is what they bought
        return "wrong_state", Step("status", {"item": item.id, "status": reward.status, "referral": referral.status})
    if referral is not None and draft.semantics >= semantics.PLACES_STAY_TAKEN:
        taken = matching.of_another(draft.rules_of(reward.rules), referral, reward.on, reward.conversion)
        if taken is not None:  # a claim has given it to another conversion since
            return "wrong_state", Step("first", {"conversion": taken.conversion})
    if draft.semantics >= semantics.OWED_ONCE and planning.displaced(draft, reward):  # another order took its place
        return "wrong_state", Step("status", {"item": item.id, "status": reward.status})
    if corrections.displaced(draft, reward):
        return "wrong_state", Step("status", {"item": item.id, "status": reward.status})
    changed = lists.difference(item, restorable(reward))
    if changed is not None:
        return "item_changed", changed
    if not refunds.worth(draft, reward)[0]:
        return "nothing_to_do", Step("item", {"item": item.id})
    if conduct.against(draft, reward.acts, actor.id, "restore"):
        return "own_work", Step("item", {"item": item.id})
    return None


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
