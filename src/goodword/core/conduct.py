"""Who did what before: what a member who did one thing to a reward, or to what it rests on, may not do to it afterwards.

Four eyes are two people. Owners are no exception, and a member whom nobody confirmed did what who made them did (``hands``).
That two different people decide one list is held by ``reviews.agree``; that a change is confirmed by another owner, by ``changes``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from goodword.core import hands, semantics
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.facts import Actor
from goodword.core.state import Act, Member

#: What was done, where the first behaviour did not say what it was.
TOUCHED: Final = "touched"
#: act -> what the same member may not do afterwards. ``TOUCHED`` stands for each of those that the first behaviour kept.
FORBIDDEN: Final[dict[str, frozenset[str]]] = {
    TOUCHED: frozenset(["approve"]),
    "payee.entered": frozenset(["approve", "release", "restore", "decide_payee"]),
    "code.typed": frozenset(["approve", "release", "restore"]),
    "deal.registered": frozenset(["accept", "decide", "decide_appeal", "approve", "release", "restore"]),
    "deal.accepted": frozenset(["decide", "decide_appeal", "approve", "release", "restore"]),
    "deal.withdrawn": frozenset(["accept"]),
    "agreement.made": frozenset(["approve", "release", "restore"]),
    "claim.entered": frozenset(["decide", "decide_appeal", "approve", "release", "restore"]),
    "claim.decided": frozenset(["decide_appeal", "decide_dispute", "approve", "release", "restore"]),
    "appeal.decided": frozenset(["decide_dispute", "approve", "release", "restore"]),
    "appealed": frozenset(["decide_appeal", "decide_dispute"]),
    "case.decided": frozenset(["decide_appeal", "decide_dispute", "approve", "release", "restore"]),
    "person.merged": frozenset(["approve", "release", "restore"]),
    "conversion.amended": frozenset(["approve", "release", "restore"]),
    "correction.entered": frozenset(["approve", "release", "restore"]),
    "payout.returned": frozenset(["approve", "restore"]),
    "payout.arrived": frozenset(),
    "reward.rejected": frozenset(["decide_dispute", "approve", "restore"]),
    "restore.asked": frozenset(["approve"]),
    "restore.confirmed": frozenset(),
}
#: what may be forbidden -> the action that it takes
PERMISSIONS: Final = {
    "accept": "deal.decide",
    "decide": "claim.decide",
    "decide_appeal": "claim.decide",
    "decide_payee": "case.decide",
    "decide_dispute": "case.decide",
    "approve": "reward.approve",
    "release": "payout.release",
    "restore": "reward.restore",
}


def against(draft: Draft, acts: Iterable[Act], member: str, wanted: str) -> Act | None:
    """Return what the member did that forbids them this act, if there is something: the first of it."""
    for act in acts:
        if wanted in FORBIDDEN[act.act] and hands.same(draft, act.member, member):
            return act
    return None


def among(members: Iterable[Member], acts: Iterable[Act], member: str, wanted: str) -> str | None:
    """Return the act of a member that forbids them another, where these are all members: what a list says before it is sent."""
    by_id = {one.id: one for one in members}
    mine = hands.hands_among(by_id.get, member)
    for act in acts:
        if wanted in FORBIDDEN[act.act] and not mine.isdisjoint(hands.hands_among(by_id.get, act.member)):
            return act.act
    return None


def own_work(
    draft: Draft,
    actor: Actor,
    wanted: str,
    acts: Iterable[Act],
    programs: tuple[str, ...],
    step: Step,
    permission: str | None = None,
) -> tuple[str, Step] | None:
    """Return the refusal of an act by who did what forbids it, with who could do it instead; None: nothing speaks against it.

    ``permission``: what it takes, where that is not what such acts take else.
    """
    acts = tuple(acts)
    act = against(draft, acts, actor.id, wanted)
    if act is None:
        return None
    if draft.semantics < semantics.FOUR_EYES:
        return "own_work", step
    done_by = [actor.id, *(other.member for other in acts if wanted in FORBIDDEN[other.act])]
    could = hands.others(draft, permission or PERMISSIONS[wanted], programs, done_by)
    return "own_work", replace(step, values={**step.values, "did": act.act, "could": could})


def noted(acts: tuple[Act, ...], number: int, act: str, *members: str) -> tuple[Act, ...]:
    """Return the acts with one more for each of these members. ``number``: the behaviour; the first did not tell acts apart."""
    if number < semantics.ACTS_ARE_NAMED:
        return (*acts, *(Act(member, TOUCHED) for member in members))
    return tuple(dict.fromkeys([*acts, *(Act(member, act) for member in members)]))
