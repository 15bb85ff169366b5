"""Corrections: what is owed though no order earned it. A named member says why, another one approves it; nothing is ever edited.

A correction is a reward of its own, in review as it begins: routed, approved, paid, taken back, told and explained like any other. It
is a cost of its program under its own name in the books, counts toward the budget and is never refused by it. No refund touches it.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import conduct, kin, ledger, money, routes, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import CorrectionEntered
from goodword.core.facts import Told
from goodword.core.kinds.rewards import REGISTRY
from goodword.core.stages import limits
from goodword.core.state import Advocate, Customer, Mark, Program, Referral, Reward

#: The flag on every correction: it can be routed by it, and nobody approves one whose evidence they have not opened.
FLAG: Final = "correction"
#: What is given in the place of a reward that was rejected, in another unit or kind.
EXCHANGE: Final = "exchange"
#: So many corrections may put one reward right.
MOST: Final = 20


def entered(draft: Draft, event: CorrectionEntered, told: Told) -> None:
    """Put a correction into review. Who entered it neither approves nor releases it."""
    program = draft.get(Program, event.program) if event.program is not None else None
    if program is None:
        draft.say(refused("command", "program_required"))
        return
    side = _side(draft, program, event.person)
    if side is None:
        draft.say(refused("command", "person_unknown", Step("item", {"item": event.person}), program=program.id))
        return
    right = draft.get(Reward, event.puts_right) if event.puts_right is not None else None
    refusal = _against(draft, program, event, right)
    if refusal is not None:
        draft.say(refused("command", refusal[0], *refusal[1], program=program.id))
        return
    version, on = program.versions[-1][1], ledger.on_of(event.origin)
    rules, by = draft.rules_of(version), told.need_actor().id
    reward = Reward(
        id=draft.id("rwd", on, program=program.id, side=side),
        program=program.id,
        referral="",
        conversion="",
        friend="",
        side=side,
        beneficiary=event.person,
        share=0,
        kind=event.reward_kind,
        unit=_unit(program, event),
        gross=event.amount,
        amount=event.amount,
        status="in_review",
        rules=version,
        on=on,
        rule=0,
        tier=-1,
        evt=draft.evt,
        earned_at=draft.as_of,
        hold_until=draft.as_of,
        acts=conduct.noted((), draft.semantics, "correction.entered", by),
        puts_right=event.puts_right,
        document=event.document,
    )
    _, budget = limits.budget(draft, rules, program.id, reward.unit, reward.amount)
    limits.spend(draft, program.id, reward.unit, reward.amount)
    draft.postings += ledger.earned(reward)
    marked = (Mark(FLAG, draft.as_of, None, {"origin": event.origin}),)
    reward = settlement.marked(draft, reward, marked)
    reward = settlement.expiry(draft, rules, routes.routed(draft, reward), draft.as_of)
    if right is not None:
        draft.put(replace(right, corrections=(*right.corrections, reward.id)))
    values = {"origin": event.origin, "member": by, "puts_right": event.puts_right, "document": event.document}
    steps = (Step("correction", values), *budget, *routes.step(reward))
    verdict = Verdict(about="reward", outcome="corrected", program=program.id, subject=reward.id, side=side)
    verdict = replace(verdict, beneficiary=reward.beneficiary, amount=reward.amount, unit=reward.unit)
    draft.say(replace(verdict, flags=(FLAG,), steps=steps))


def _side(draft: Draft, program: Program, person: str) -> str | None:
    """As what somebody is known in a program: an advocate, or a friend who was brought; None: as neither."""
    if draft.get(Advocate, (program.id, person)) is not None:
        return "advocate"
    customer = draft.get(Customer, person)
    bound = [draft.need(Referral, id_) for id_ in customer.referrals] if customer is not None else []
    return "friend" if any(it.program == program.id for it in bound) else None


def _unit(program: Program, event: CorrectionEntered) -> str:
    return REGISTRY[event.reward_kind].unit(program.id, event.currency or "")


def _against(
    draft: Draft, program: Program, event: CorrectionEntered, right: Reward | None
) -> tuple[str, tuple[Step, ...]] | None:
    """Return the first reason against a correction."""
    if not program.versions or not program.began:
        return "program_not_active" if program.began else "program_not_live", ()
    advocate = draft.get(Advocate, (program.id, event.person))
    if advocate is not None and advocate.status == "suspended":
        return "advocate_not_active", (Step("advocate", {"status": advocate.status}),)
    kind = REGISTRY[event.reward_kind]
    if kind.taken_off:  # no order could have it
        return "wrong_state", (Step("status", {"kind": kind.name}),)
    if event.origin not in ledger.ORIGINS or kind.in_money is (event.currency is None):
        return "wrong_state", (Step("status", {"origin": event.origin, "currency": event.currency}),)
    if event.currency is not None and event.currency not in money.CURRENCIES:
        return "currency_not_offered", (Step("currency", {"currency": event.currency, "amount": event.amount}),)
    if not 0 < event.amount <= money.MAX_INTEGER:
        return "nothing_to_do", ()
    if event.puts_right is None:
        lacks = (Step("status", {"origin": event.origin, "puts_right": None}),)
        return ("wrong_state", lacks) if event.origin == EXCHANGE else None
    whose = None if right is None else kin.root(draft.get, right.beneficiary)
    if right is None or right.program != program.id or whose != event.person:
        return "not_found", (Step("item", {"item": event.puts_right}),)
    if len(right.corrections) >= MOST:
        return "too_many", (Step("corrections", {"most": MOST}),)
    return _against_exchange(draft, right, event, _unit(program, event))


def _against_exchange(
    draft: Draft, right: Reward, event: CorrectionEntered, unit: str
) -> tuple[str, tuple[Step, ...]] | None:
    if event.origin != EXCHANGE:
        return None
    if right.status != "rejected" or right.taken_by is not None:
        return "wrong_state", (Step("status", {"item": right.id, "status": right.status}),)
    if exchanged_for(draft, right) is not None or (right.kind, right.unit) == (event.reward_kind, unit):
        return "nothing_to_do", (Step("item", {"item": right.id}),)
    return None


def exchanged_for(draft: Draft, reward: Reward) -> str | None:
    """Return what was given in the place of a reward, or may still be: while it stands the reward is not looked at again."""
    on = ledger.on_of(EXCHANGE)
    given = [draft.need(Reward, id_) for id_ in reward.corrections]
    return next((it.id for it in given if it.on == on and it.amount), None)


def displaced(draft: Draft, reward: Reward) -> bool:
    """Return whether a reward cannot come alive, since what was given in its place stands, or what it was given for does."""
    if reward.on == ledger.on_of(EXCHANGE) and reward.puts_right is not None:
        right = draft.need(Reward, reward.puts_right)
        return right.status != "rejected" or exchanged_for(draft, right) is not None
    return exchanged_for(draft, reward) is not None
