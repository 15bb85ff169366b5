"""From an amount to a reward that is owed: its row, its postings, its hold, and every later change of its amount or state.

All changes of a reward's money go through here, so that rows, postings, counters and timers always move together.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from goodword.core import calendar, ledger, lifecycles, semantics
from goodword.core.draft import Draft
from goodword.core.rules import Rules
from goodword.core.stages import limits
from goodword.core.state import Case, Conversion, Flag, Payout, Reward, Timer


def earn(draft: Draft, rules: Rules, rewards: Sequence[Reward]) -> list[Reward]:
    """Book what a conversion earns: expense -> accrued, budgets, holds. Each reward is pending or, without amount, reversed."""
    spent: dict[tuple[str, str], int] = {}
    for reward in rewards:
        budget = reward.program, reward.unit
        spent[budget] = spent.get(budget, 0) + reward.amount
    for (program, unit), amount in spent.items():
        limits.spend(draft, program, unit, amount)
    return [_booked(draft, rules, reward) for reward in rewards]


def _booked(draft: Draft, rules: Rules, reward: Reward) -> Reward:
    draft.postings += ledger.earned(reward)
    if reward.status != "pending":
        return draft.put(reward)
    if reward.hold_until > draft.as_of:
        timer(draft, reward.hold_until, "hold_over", reward.id)
        return draft.put(reward)
    return expiry(draft, rules, replace(reward, status="in_review"), reward.hold_until)


def expiry(draft: Draft, rules: Rules, reward: Reward, since: int) -> Reward:
    """Put a reward that begins a stay in review: where the program says so, it expires if nobody approves it within its time."""
    if rules.expires_after is None:
        return draft.put(reward)
    at = expires_at(draft, rules, since)
    timer(draft, at, "expire", reward.id)
    return draft.put(replace(reward, expires_at=at))


def expires_at(draft: Draft, rules: Rules, since: int) -> int:
    """When a stay in review is over that begins now, or at ``since`` if that is later: before it nobody could act."""
    if draft.semantics >= semantics.EXPIRY_OF_THE_STAY:
        since = max(since, draft.as_of)
    return since + calendar.duration(rules.expires_after or "0d")


def timer(draft: Draft, due_at: int, kind: str, subject: str) -> None:
    """Wake ``subject`` at an instant."""
    draft.put(Timer(id=draft.id("tmr", kind, share=subject), due_at=due_at, kind=kind, subject=subject))


def open_case(
    draft: Draft, kind: str, subject: str, program: str | None, flags: list[Flag], rewards: list[Reward]
) -> Case:
    """A task for a person; the rewards wait for it."""
    case = Case(
        id=draft.id("cas", kind, program=program or "", share=subject, n=sum(noun is Case for noun, _ in draft.puts)),
        kind=kind,
        program=program,
        subject=subject,
        status="open",
        opened_at=draft.as_of,
        flags=tuple(flags),
        rewards=tuple(reward.id for reward in rewards),
        evt=draft.evt,
    )
    draft.put(case)
    _wait_for(draft, case, rewards)
    return case


def join_case(draft: Draft, case: Case, rewards: list[Reward]) -> None:
    """Further rewards wait for a case that is open already."""
    draft.put(replace(case, rewards=(*case.rewards, *(reward.id for reward in rewards))))
    _wait_for(draft, case, rewards)


def _wait_for(draft: Draft, case: Case, rewards: list[Reward]) -> None:
    for reward in rewards:
        now = draft.need(Reward, reward.id)
        now = draft.put(replace(now, cases=(*now.cases, case.id)))
        if now.status in ("pending", "in_review"):  # a first approval is void; one that stands stays on record
            draft.put(replace(now, approvals=(), approval_list=None))


def close_case(draft: Draft, case: Case, outcome: str, by: str) -> None:
    """The case is decided; its rewards wait for it no longer."""
    decided = {"outcome": outcome, "decided_by": by, "decided_at": draft.as_of, "decided_evt": draft.evt}
    draft.put(replace(case, status="decided", **decided))
    for id_ in case.rewards:
        reward = draft.need(Reward, id_)
        left = tuple(case_id for case_id in reward.cases if case_id != case.id)
        began = waits(reward) and not left and draft.semantics >= semantics.EXPIRY_OF_THE_STAY
        reward = draft.put(replace(reward, cases=left))
        if began:
            expiry(draft, draft.rules_of(reward.rules), reward, draft.as_of)


def waits(reward: Reward) -> bool:
    """Whether nobody could approve the reward, though it is in review: it does not expire, and its time begins when that is over."""
    return reward.status == "in_review" and bool(reward.cases)


def lower(draft: Draft, reward: Reward, to: int, *, status: str | None = None) -> Reward:
    """The amount falls to ``to`` (perhaps with an end state): postings, budget, approvals of a changed item, draft payouts.

    Raising is not possible: an amount never rises by a refund. A reward of which something is withheld does not end: that stays owed.
    """
    if to > reward.amount:
        raise AssertionError(f"{reward.id}: {reward.amount} would rise to {to}")
    draft.postings += ledger.lowered(reward, to)
    if reward.on != ledger.OPENING:  # no program spent it
        limits.spend(draft, reward.program, reward.unit, to - reward.amount)
    if reward.payout is not None:
        leave_payout(draft, reward.payout)
        reward = draft.need(Reward, reward.id)
    if reward.amount and not to and reward.side == "advocate" and not _keeps(draft, reward):
        limits.keep(draft, reward.program, reward.beneficiary, reward.on, -1)
    now = replace(
        reward, amount=to, approvals=() if reward.status == "in_review" else reward.approvals, approval_list=None
    )
    if status is None and to == 0 and reward.gross > 0:
        status = "reversed"
    if status is not None and not reward.withheld:
        now = replace(now, status=status, expires_at=None)
    return draft.put(now)


def restore(draft: Draft, reward: Reward, to: int) -> Reward:
    """Rejected or expired -> in_review, as a new stay: postings, budget and kept conversions are as if it had never ended."""
    draft.postings += ledger.raised(reward, to, "accrued")
    limits.spend(draft, reward.program, reward.unit, to - reward.amount)
    if to and not reward.amount and reward.side == "advocate" and not _keeps(draft, reward):
        limits.keep(draft, reward.program, reward.beneficiary, reward.on, 1)
    now = replace(
        reward, status="in_review", amount=to, approvals=(), approval_list=None, approved_at=None, due_at=None
    )
    return expiry(draft, draft.rules_of(reward.rules), replace(now, destination=None), draft.as_of)


def raise_(draft: Draft, reward: Reward, to: int) -> Reward:
    """The amount rises to ``to``, because what lowered it is taken back or the order is worth more: into review again.

    Not where all of it was sent already. While a payout is under way with it, it stays so; what is owed beyond that waits for its end.
    """
    if reward.payout is not None and reward.status == "approved":
        leave_payout(draft, reward.payout)
        reward = draft.need(Reward, reward.id)
    if reward.status == "approved":  # all that is owed of it stands there
        draft.postings += ledger.withdrawn(reward)
    payout = draft.need(Payout, reward.payout) if reward.payout is not None else None
    under_way = payout is not None and (
        payout.status == "released" or lifecycles.may_move("payout", payout.status, "failed")
    )
    draft.postings += ledger.raised(reward, to, "payable" if under_way else "accrued")
    limits.spend(draft, reward.program, reward.unit, to - reward.amount)
    if to and not reward.amount and reward.side == "advocate" and not _keeps(draft, reward):
        limits.keep(draft, reward.program, reward.beneficiary, reward.on, 1)
    now = replace(reward, amount=to, gross=max(to, reward.gross))
    if under_way:
        now = replace(now, status="processing")
    elif to and not now.unsent and payout is not None:
        now = replace(now, status="paid")
    else:
        now = _anew(draft, replace(now, payout=None))
    return draft.put(now)


def _anew(draft: Draft, reward: Reward) -> Reward:
    """The reward as one that nobody has approved yet: its hold may still run."""
    cleared = {"approvals": (), "approval_list": None, "approved_at": None, "due_at": None, "destination": None}
    if reward.hold_until > draft.as_of and not reward.sent:
        timer(draft, reward.hold_until, "hold_over", reward.id)
        return replace(reward, status="pending", **cleared)
    now = replace(reward, status="in_review", **cleared)
    return expiry(draft, draft.rules_of(reward.rules), now, draft.as_of)


def _keeps(draft: Draft, reward: Reward) -> bool:
    """Whether the advocate keeps the conversion all the same: it earns them something else, or it was none.

    A conversion is kept once, not by reward.
    """
    if reward.on == ledger.OPENING:
        return True
    others = [draft.need(Reward, id_) for id_ in draft.need(Conversion, reward.conversion).rewards if id_ != reward.id]
    mine = (reward.program, "advocate", reward.beneficiary)
    return any(other.amount and (other.program, other.side, other.beneficiary) == mine for other in others)


def leave_payout(draft: Draft, payout_id: str) -> None:
    """A payout that was not released yet is canceled when one of its rewards changes; one on its way is left alone."""
    payout = draft.need(Payout, payout_id)
    if payout.status != "awaiting_release":
        return
    draft.put(replace(payout, status="canceled", reason="item_changed", releases=(), release_list=None))
    for part in payout.parts:
        reward = draft.need(Reward, part.reward)
        draft.put(replace(reward, payout=None))


def back_to_review(draft: Draft, reward: Reward, *, due_at: int | None = None) -> Reward:
    """Approved -> in_review: withdrawn, the payee changed, or a member says it came back. payable -> accrued.

    ``due_at``: when it is due once it is approved again; without it the new approval says so.
    """
    if reward.payout is not None:
        leave_payout(draft, reward.payout)
        reward = draft.need(Reward, reward.id)
    draft.postings += ledger.withdrawn(reward)
    cleared = replace(
        reward, status="in_review", approvals=(), approval_list=None, approved_at=None, due_at=due_at, destination=None
    )
    return expiry(draft, draft.rules_of(reward.rules), cleared, draft.as_of)
