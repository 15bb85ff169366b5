"""The monthly audit of payouts: which of them are looked at, and the signature of who looked.

The sample is drawn by the root of the first signed head that has every entry of the month, which nobody can choose, so that anybody
draws the same one again. Must not know: which payouts completed in a month.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from statistics import median_low
from typing import Final

from msgspec import Struct

from goodword.core import calendar, hands, lists, payouts, standing
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import AuditSigned
from goodword.core.facts import Actor, Told
from goodword.core.state import Audit, Payee, Payout, Reward

#: Why a payout is looked at whatever the sample says.
OUTLIERS: Final = ("source_spike", "unusual_place", "account_changed", "large_amount", "point_missing")
#: A payee had more than so many times what they had in a month before, on average of the three before.
SPIKE: Final = 3
#: So many orders of before say which places are usual.
USUAL: Final = 3
#: Payment details that took the place of others so long before the payout completed.
CHANGED: Final = 14 * calendar.DAY
#: So many times the median of the month's payouts in its unit is large, where there are so many to have a median of.
LARGE: Final = 5
ENOUGH: Final = 5
#: The sample: at least so many, and this share of what is no outlier, up to so many.
LEAST: Final = 5
SHARE: Final = Fraction(1, 20)
MOST: Final = 50


class Seen(Struct, frozen=True, kw_only=True):
    """What is known of a completed payout besides. ``past``: what the payee had in the three months before; amounts in the same unit.

    ``month``: in this one; ``places``: countries of the orders behind it; ``usual``: of orders behind earlier rewards, with how many;
    ``lacks``: points that its rewards lack; ``marked``: when these were marked since the payee's details changed, which stays with
    them whatever details these became since.
    """

    payout: Payout
    completed_at: int
    month: int
    past: int
    places: frozenset[str] = frozenset()
    usual: dict[str, int] = {}
    payee: Payee | None = None
    lacks: tuple[str, ...] = ()
    marked: tuple[int, ...] = ()


def outliers(seen: Sequence[Seen]) -> dict[str, tuple[str, ...]]:
    """Return which of a month's payouts are outliers, by id, each with the rules by which it is one."""
    sent: dict[str, list[int]] = {}
    for one in seen:
        sent.setdefault(one.payout.unit, []).append(one.payout.amount)
    found = {one.payout.id: tuple(_rules(one, sent[one.payout.unit])) for one in seen}
    return {id_: rules for id_, rules in found.items() if rules}


def _rules(one: Seen, sent: Sequence[int]) -> Iterable[str]:
    payout, payee = one.payout, one.payee
    if one.past and one.month * 3 > SPIKE * one.past:
        yield "source_spike"
    if sum(one.usual.values()) >= USUAL and not one.places <= one.usual.keys():
        yield "unusual_place"
    changed_at = payee.changed_at if payee is not None and payee.replaced is not None else None
    changes = one.marked if changed_at is None else (changed_at, *one.marked)
    if any(0 <= one.completed_at - at < CHANGED for at in changes):
        yield "account_changed"
    if len(sent) >= ENOUGH and payout.amount >= LARGE * median_low(sent):
        yield "large_amount"
    if one.lacks:
        yield "point_missing"


def sample(ids: Iterable[str], root: str) -> list[str]:
    """Draw from what is no outlier, by the root of a signed head (hexadecimal): the same for everybody."""
    rest = sorted(ids, key=lambda id_: hashlib.sha256(f"{root}:{id_}".encode()).digest())
    return rest[: min(MOST, max(LEAST, -(-len(rest) * SHARE.numerator // SHARE.denominator)))]


def signed(draft: Draft, event: AuditSigned, told: Told) -> None:
    """Keep that a month was looked at, if the payouts are as they were shown and the signer had no part in any of them."""
    actor = told.need_actor()
    problem = lists.problem(event.items, event.list_sha256) or _against(draft, event, actor)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1], subject=event.month))
        return
    draft.put(
        Audit(
            month=event.month,
            list_sha256=event.list_sha256,
            size=len(event.items),
            head=event.head,
            root=event.root,
            findings=event.findings,
            by=actor.id,
            at=draft.as_of,
            evt=draft.evt,
        )
    )
    values = {"month": event.month, "items": len(event.items), "findings": len(event.findings)}
    step = Step("audit", values | {"sha256": event.list_sha256})
    draft.say(Verdict(about="command", outcome="audit_signed", subject=event.month, steps=(step,)))


def _against(draft: Draft, event: AuditSigned, actor: Actor) -> tuple[str, Step] | None:
    before = draft.get(Audit, event.month)
    if before is not None and (before.list_sha256, before.findings) == (event.list_sha256, event.findings):
        return "nothing_to_do", Step("first", {"evt": before.evt})
    if {*event.findings} - {item.id for item in event.items}:
        return "item_changed", Step("list", {"sha256": event.list_sha256})
    for item in event.items:
        payout = draft.get(Payout, item.id)
        if payout is None:
            return "not_found", Step("item", {"item": item.id})
        if payout.status != "completed":
            return "wrong_state", Step("status", {"item": item.id, "status": payout.status})
        if (changed := lists.difference(item, payouts.item_of(payout))) is not None:
            return "item_changed", changed
        rewards = [draft.need(Reward, part.reward) for part in payout.parts]
        payees = [payee for it in rewards if (payee := draft.get(Payee, it.beneficiary)) is not None]
        granted = {it.id: it.granted_by for it in standing.every(draft)}
        if any(hands.same(draft, member, actor.id) for member in had_part(payout, rewards, payees, granted)):
            return "own_work", Step("item", {"item": item.id})
    return None


def marked(reward: Reward) -> Iterable[int]:
    """Return when a reward was marked since the details that it would go to took the place of others."""
    return (mark.at for mark in reward.marks if mark.code == payouts.CHANGED_DETAILS)


def had_part(
    payout: Payout, rewards: Iterable[Reward], payees: Iterable[Payee], granted: Mapping[str, Sequence[str]]
) -> set[str]:
    """Return who drafted or released it, or said that it arrived, entered the details that it went to, or did anything to its rewards.

    What a standing approval did those did who granted it. ``payees``: of whom it is owed to; ``granted``: standing approval -> by whom.
    """
    found = {payout.drafted_by, *payout.releases, *payout.arriving}
    for reward in rewards:
        found |= {*reward.approvals, *(act.member for act in reward.acts)}
    for payee in payees:
        if payee.destination == payout.destination:
            found |= {act.member for act in payee.acts}
    return found | {member for id_ in found for member in granted.get(id_, ())}
