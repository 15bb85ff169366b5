"""From an amount to a reward that is owed: its row, its postings, its hold, and every later change of its amount or state.

All changes of a reward's money go through here, so that rows, postings, counters and timers always move together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, kin, ledger, lifecycles, lots, routes, semantics, severity
from goodword.core.decision import Step, Verdict
from goodword.core.draft import Draft
from goodword.core.kinds.rewards import taken_off
from goodword.core.rules import Rules
from goodword.core.stages import limits
from goodword.core.state import (
    BEFORE_PAYMENT,
    Case,
    Conversion,
    Flag,
    Mark,
    Part,
    Payout,
    Referral,
    Reward,
    Routed,
    Timer,
)


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
    return expiry(draft, rules, replace(reward, status="in_review"), stays_since(draft, reward.hold_until))


def stays_since(draft: Draft, held_until: int) -> int:
    """Since when what is earned now is in review: before it was known nobody could act, however long its hold is over."""
    return max(held_until, draft.as_of) if draft.semantics >= semantics.PROMISED_FROM_NOW else held_until


def expiry(draft: Draft, rules: Rules, reward: Reward, since: int) -> Reward:
    """Put a reward that begins a stay in review: it is to be decided by a day, and expires later where the program says so."""
    if reward.decide_by is None and draft.semantics >= semantics.REVIEW_HAS_A_DATE:
        reward = promised(draft, rules, reward, since)
    if rules.expires_after is None:
        return draft.put(reward)
    at = expires_at(draft, rules, since)
    timer(draft, at, "expire", reward.id)
    return draft.put(replace(reward, expires_at=at))


def promised(draft: Draft, rules: Rules, reward: Reward, since: int) -> Reward:
    """The reward as it is promised to be decided, of its stay in review since an instant; behind that its fallback may decide it."""
    by = decide_by(rules, since, reward.route)
    if reward.route is not None:
        timer(draft, by, "promise_over", reward.id)
    return replace(reward, reviewed_at=since, decide_by=by)


def decide_by(rules: Rules, since: int, route: Routed | None) -> int:
    """By when a person is to decide what is in review since an instant: as its route says, or else the rules."""
    return since + (rules.review.due_days if route is None else route.days) * calendar.DAY


def expires_at(draft: Draft, rules: Rules, since: int) -> int:
    """When a stay in review is over that begins now, or at ``since`` if that is later: before it nobody could act."""
    if draft.semantics >= semantics.EXPIRY_OF_THE_STAY:
        since = max(since, draft.as_of)
    return since + calendar.duration(rules.expires_after or "0d")


def timer(draft: Draft, due_at: int, kind: str, subject: str) -> None:
    """Wake ``subject`` at an instant."""
    draft.put(Timer(id=draft.id("tmr", kind, share=subject), due_at=due_at, kind=kind, subject=subject))


#: Kind of a case about what a bank says, and its flag. Nothing is wrong with its rewards: deciding it takes none of them.
BANK_LINE: Final = "bank_line"
#: Kind of a case about what a bank says of the name of a payee, and its flag. It names no rewards: all that would go there waits.
PAYEE_CHECK: Final = "payee_check"
#: Kind of a case that a person opened who says that a decision is not right (``disputes``).
DISPUTE: Final = "dispute"
#: Kind of a case that a person opened who hands in a text of theirs (``stories``).
STORY: Final = "story"
#: Kind of a case -> the days within which it is to be decided; others have three.
CASE_DAYS: Final = {"chargeback": 7, "suspended": 5, "duplicate_claim": 5, DISPUTE: 5, STORY: 10}


def case_due(draft: Draft, kind: str) -> int | None:
    """By when a case of a kind is to be decided that is opened, or appealed, now."""
    days = CASE_DAYS.get(kind, 3) * calendar.DAY
    return draft.as_of + days if draft.semantics >= semantics.CASES_ARE_DUE else None


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
        due_at=case_due(draft, kind),
    )
    draft.put(case)
    wait_for(draft, case, rewards)
    return case


def ask(draft: Draft, referral: Referral, flags: tuple[Flag, ...], rewards: list[Reward]) -> None:
    """Let a person look at what came late and speaks against a referral, or at what is worth something again in spite of it."""
    mine = (it for it in draft.puts.values() if isinstance(it, Case) and it.evt == draft.evt)
    case = next((it for it in mine if it.kind == "flags" and it.subject == referral.id and it.flags == flags), None)
    if case is not None:
        join_case(draft, case, rewards)
        return
    case = open_case(draft, "flags", referral.id, referral.program, [*flags], rewards)
    said = tuple(Step("flag", {"code": flag.code, **flag.evidence}) for flag in flags)
    steps = (*said, Step("case", {"case": case.id}))
    verdict = Verdict(about="event", outcome="case_opened", program=referral.program, subject=referral.id, steps=steps)
    draft.say(replace(verdict, flags=tuple(flag.code for flag in flags)))


def join_case(draft: Draft, case: Case, rewards: list[Reward]) -> None:
    """Further rewards wait for a case that is open already."""
    rewards = [reward for reward in rewards if reward.id not in case.rewards]
    draft.put(replace(case, rewards=(*case.rewards, *(reward.id for reward in rewards)), snoozed_until=None))
    wait_for(draft, case, rewards)


def wait_for(draft: Draft, case: Case, rewards: list[Reward]) -> None:
    """Let rewards wait for a case: what lies in a payout leaves it."""
    for reward in rewards:
        now = draft.need(Reward, reward.id)
        now = mark(draft, draft.put(replace(now, cases=(*now.cases, case.id))), case.flags, case)
        if now.status in ("pending", "in_review"):  # a first approval is void; one that stands stays on record
            draft.put(replace(now, approvals=(), approval_list=None))
    if draft.semantics >= semantics.CONTESTED_STOPS:
        without(draft, [draft.need(Reward, reward.id) for reward in rewards])


#: States of a reward that nobody approved yet.
UNDECIDED: Final = ("pending", "in_review")
#: A reward keeps so many of the flags that were raised on it, and of those who opened its evidence, the newest.
MOST_KEPT = 20


def mark(draft: Draft, reward: Reward, flags: Iterable[Flag], case: Case | None = None) -> Reward:
    """Keep on a reward that flags were raised on it: whoever opened its evidence before has not seen these."""
    if draft.semantics < semantics.EVIDENCE_IS_OPENED:
        return reward
    if case is None:
        new = [Mark(flag.code, draft.as_of, None, flag.evidence) for flag in flags]
    else:
        codes = dict.fromkeys(flag.code for flag in flags) or (case.kind,)
        new = [Mark(code, draft.as_of, case.id) for code in codes]
    if not new:
        return reward
    again = {(one.code, one.case) for one in new}
    before = [one for one in reward.marks if (one.code, one.case) not in again]
    marks = (*before, *new)[-MOST_KEPT:]
    reward = replace(reward, marks=marks, opened_by=(), risk=severity.of(marks, reward.cases))
    now = routes.routed(draft, reward) if reward.status in UNDECIDED else reward
    if now.route != reward.route and reward.evt != draft.evt:  # what earns it says its route itself
        verdict = Verdict(about="event", outcome="routed", program=now.program, subject=now.id, side=now.side)
        draft.say(replace(verdict, beneficiary=now.beneficiary, steps=tuple(routes.step(now))))
    return draft.put(now)


def marked(draft: Draft, reward: Reward, marks: tuple[Mark, ...]) -> Reward:
    """The reward with the flags that it begins with."""
    if draft.semantics < semantics.EVIDENCE_IS_OPENED:
        return reward
    return replace(reward, marks=marks, risk=severity.of(marks, reward.cases))


def close_case(draft: Draft, case: Case, outcome: str, by: str) -> None:
    """The case is decided; its rewards wait for it no longer."""
    decided = {"outcome": outcome, "decided_by": by, "decided_at": draft.as_of, "decided_evt": draft.evt}
    draft.put(replace(case, status="decided", **decided))
    for id_ in case.rewards:
        reward = draft.need(Reward, id_)
        left = tuple(case_id for case_id in reward.cases if case_id != case.id)
        began = waits(reward) and not left and draft.semantics >= semantics.EXPIRY_OF_THE_STAY
        reward = draft.put(replace(reward, cases=left, risk=severity.of(reward.marks, left)))
        if began:
            expiry(draft, draft.rules_of(reward.rules), reward, draft.as_of)


def can_be_stopped(draft: Draft, reward: Reward) -> bool:
    """Whether a case can still keep what is owed of a reward from leaving: it was not handed over to its rail."""
    if reward.status == "processing" and draft.semantics >= semantics.STOPPED_UNTIL_HANDED_OVER:
        return reward.payout is not None and draft.need(Payout, reward.payout).status == "released"
    return reward.status in BEFORE_PAYMENT


def waits(reward: Reward) -> bool:
    """Whether nobody could approve the reward, though it is in review: it does not expire, and its time begins when that is over."""
    return reward.status == "in_review" and bool(reward.cases)


def lower(
    draft: Draft,
    reward: Reward,
    to: int,
    *,
    status: str | None = None,
    outcome: str | None = None,
    steps: Sequence[Step] = (),
    tells: bool = True,
) -> Reward:
    """The amount falls to ``to`` (perhaps with an end state): postings, budget, approvals of a changed item, draft payouts.

    An amount never rises by a refund. A reward of which something is withheld does not end: that stays owed. Of one that was paid as
    our own credit what is there of that is taken back.
    ``outcome``: what its verdict calls this, if not as the state in which it ends; ``steps``: why; ``tells``: it has
    a verdict here, and not at the caller's.
    """
    reward = before = theirs(draft, reward)
    if to > reward.amount:
        raise AssertionError(f"{reward.id}: {reward.amount} would rise to {to}")
    draft.postings += ledger.lowered(reward, to)
    if reward.on != ledger.OPENING:  # no program spent it
        limits.spend(draft, reward.program, reward.unit, to - reward.amount)
    if reward.payout is not None:
        leave_payout(draft, reward)
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
    if now.status in UNDECIDED:
        now = routes.routed(draft, now)
        steps = (*steps, *routes.step(now)) if now.route != before.route else steps
    now = _off_again(draft, now)
    if tells and draft.semantics >= semantics.A_VERDICT_A_REWARD:
        told = outcome or status or "adjusted"
        if reward.withheld and draft.semantics >= semantics.WITHHELD_IS_NO_END:
            told = "adjusted"
        tell(draft, before, now, told, steps)
    return lots.take_back(draft, draft.put(now))


def _off_again(draft: Draft, reward: Reward) -> Reward:
    """What takes a welcome, whatever it is, takes along what the shop took off: that costs nothing any more, and is owed by nobody."""
    back = reward.receivable
    if not back or not taken_off(reward.kind):
        return reward
    draft.postings += ledger.settled(reward, back, repaid=True)
    return replace(reward, netted=reward.netted + back, repaid=reward.repaid + back)


def raise_(
    draft: Draft, reward: Reward, to: int, steps: Sequence[Step] = (), *, holds: bool = True, tells: bool = True
) -> Reward:
    """The amount rises to ``to``, because what lowered or took it is taken back, or the order is worth more: into review again.

    Not where all of it was sent already. While a payout is under way with it, it stays so; what is owed beyond that waits for its end.
    ``holds``: a hold that still runs goes on; ``tells``: it has a verdict here, and not at the caller's.
    """
    reward = before = theirs(draft, reward)
    if reward.payout is not None and reward.status == "approved":
        leave_payout(draft, reward)
        reward = draft.need(Reward, reward.id)
    if reward.status == "approved":  # what was withheld of it stands there
        draft.postings += ledger.withdrawn(reward)
    payout = draft.need(Payout, reward.payout) if reward.payout is not None else None
    under_way = payout is not None and lifecycles.may_move("payout", payout.status, "failed")
    under_way = under_way or (payout is not None and payout.status == "released")
    draft.postings += ledger.raised(reward, to, "payable" if under_way else "accrued")
    if reward.on != ledger.OPENING:
        limits.spend(draft, reward.program, reward.unit, to - reward.amount)
    if to and not reward.amount and reward.side == "advocate" and not _keeps(draft, reward):
        limits.keep(draft, reward.program, reward.beneficiary, reward.on, 1)
    for_nothing = max(0, reward.let_off - max(0, reward.discharged - to))
    reward = not_let_off(draft, reward, for_nothing, came_back=False)
    now = replace(reward, amount=to, gross=max(to, reward.gross))
    if under_way:
        now = replace(now, status="processing")
    elif to and not now.unsent and payout is not None:
        now = replace(now, status="paid")
    else:
        now = _anew(draft, replace(now, payout=None), holds=holds)
    if tells:
        route = routes.step(now) if now.status in UNDECIDED else ()
        tell(draft, before, now, "restored", (*steps, *route))
    draft.put(now)
    if to and not before.amount and now.status in BEFORE_PAYMENT and not ledger.of_no_order(now.on):
        referral = draft.need(Referral, now.referral)
        if referral.proofs:
            ask(draft, referral, referral.proofs, [now])
    return draft.need(Reward, now.id)


def theirs(draft: Draft, reward: Reward) -> Reward:
    """The reward as that of whom it is by now: what was settled when they were merged stays as it was told, until it moves again."""
    open_ = reward.status in (*BEFORE_PAYMENT, "processing")  # the merge itself moves it
    return reward if open_ else moved_on(draft, reward)


def moved_on(draft: Draft, reward: Reward) -> Reward:
    """The reward as that of whom its beneficiary and its friend are by now, with the money."""
    if draft.semantics < semantics.MERGES_ARE_FOLLOWED:
        return reward
    whose, friend = kin.root(draft.get, reward.beneficiary), kin.root(draft.get, reward.friend)
    if whose != reward.beneficiary:
        draft.postings += ledger.handed_over(reward, whose)
    elif friend == reward.friend:
        return reward
    return draft.put(replace(reward, beneficiary=whose, friend=friend))


def not_let_off(draft: Draft, reward: Reward, amount: int, *, came_back: bool) -> Reward:
    """So much of what was forgiven is not sent too much any more: it was forgiven for nothing, and that is said."""
    if not amount:
        return reward
    step = Step("let_off", {"amount": amount, "unit": reward.unit})
    verdict = Verdict(
        about="reward",
        outcome="back_by_itself" if came_back else "earned_after_all",
        program=reward.program,
        subject=reward.id,
        side=reward.side,
        beneficiary=reward.beneficiary,
        amount=-amount,
        unit=reward.unit,
        steps=(step,),
    )
    draft.say(verdict)
    return replace(reward, forgiven=reward.forgiven - amount)


def _anew(draft: Draft, reward: Reward, *, holds: bool) -> Reward:
    """The reward as one that nobody has approved yet: its hold may still run."""
    running = holds and reward.hold_until > draft.as_of and not reward.sent
    reward = routes.routed(draft, reward)
    cleared = {"approvals": (), "approval_list": None, "approved_at": None, "due_at": None, "destination": None}
    cleared |= {"reviewed_at": None, "decide_by": None}
    if running:
        timer(draft, reward.hold_until, "hold_over", reward.id)
        return replace(reward, status="pending", **cleared)
    now = replace(reward, status="in_review", **cleared)
    return expiry(draft, draft.rules_of(reward.rules), now, draft.as_of)


def tell(draft: Draft, before: Reward, now: Reward, outcome: str, steps: Sequence[Step] = ()) -> None:
    """Say what became of one reward: to whom it belongs, and what it was. So every cent is explained where it is booked."""
    was = Step("was", {"amount": before.amount, "status": before.status, "rules": before.rules})
    verdict = Verdict(about="reward", outcome=outcome, program=now.program, subject=now.id, side=now.side)
    steps = (was, *steps, *of_welcome(before, now))
    draft.say(replace(verdict, beneficiary=now.beneficiary, amount=now.amount, unit=now.unit, steps=steps))


def of_welcome(before: Reward, now: Reward) -> list[Step]:
    """Show by how much less a welcome is expected, or below nought by how much more, for it stands in no account.

    And how much that was taken off is no cost any more, and owed by nobody.
    """
    if not taken_off(before.kind):
        return []
    less, back = before.unsent - now.unsent, now.repaid - before.repaid
    steps = [Step("not_booked", {"amount": less, "unit": before.unit})] if less else []
    return [*steps, Step("off_again", {"amount": back, "unit": before.unit})] if back else steps


def _keeps(draft: Draft, reward: Reward) -> bool:
    """Whether the advocate keeps the conversion all the same: it earns them something else, or it was none.

    A conversion is kept once, not by reward.
    """
    if ledger.of_no_order(reward.on):
        return True
    others = [draft.need(Reward, id_) for id_ in draft.need(Conversion, reward.conversion).rewards if id_ != reward.id]
    mine = (reward.program, "advocate", reward.beneficiary)
    return any(other.amount and (other.program, other.side, other.beneficiary) == mine for other in others)


def without(draft: Draft, rewards: Iterable[Reward]) -> None:
    """What waits for its release goes on without these rewards: each payout gets smaller, and is canceled only if nothing is left."""
    leaving: dict[str, set[str]] = {}
    for reward in rewards:
        if reward.payout is not None:
            leaving.setdefault(reward.payout, set()).add(reward.id)
    for id_, leave in leaving.items():
        before = draft.need(Payout, id_)
        now = _smaller(draft, before, leave)
        if now is not before:
            tell_smaller(draft, before, now, sorted(leave))


def tell_smaller(draft: Draft, before: Payout, now: Payout, left_out: list[str]) -> None:
    """Say that a payout goes on without some rewards, or that nothing of it was left."""
    amount = 0 if now.status == "canceled" else now.amount
    step = Step("left_out", {"was": before.amount, "rewards": left_out})
    verdict = Verdict(about="command", outcome="payout_lowered", subject=now.id, beneficiary=now.beneficiary)
    draft.say(replace(verdict, amount=amount, unit=now.unit, steps=(step,)))


def _smaller(draft: Draft, payout: Payout, leave: AbstractSet[str]) -> Payout:
    """A payout that waits for its release, without some of its rewards; one on its way is left alone. Its releases are void."""
    if payout.status != "awaiting_release":
        return payout
    for id_ in sorted(leave):
        draft.put(replace(draft.need(Reward, id_), payout=None))
    void = replace(payout, releases=(), release_list=None)
    parts = [part for part in payout.parts if part.reward not in leave]
    if not parts:
        return draft.put(replace(void, status="canceled", reason="item_changed"))
    owing = [netted for part in payout.parts if part.reward in leave for netted in part.netted]
    return draft.put(made_of(draft, void, [_netting(part, owing) for part in parts]))


def made_of(draft: Draft, payout: Payout, parts: list[Part]) -> Payout:
    """The payout of these parts."""
    rewards = {id_ for part in parts for id_ in (part.reward, *(id_ for id_, _ in part.netted))}
    programs = sorted({draft.need(Reward, id_).program for id_ in rewards})
    return replace(payout, parts=tuple(parts), amount=sum(part.sent for part in parts), programs=tuple(programs))


def _netting(part: Part, owing: list[tuple[str, int]]) -> Part:
    """The part, netting as well what another one would have netted; ``owing`` is left with what it could not."""
    sent, netted, left = part.sent, dict(part.netted), []
    for id_, owed in owing:
        taken = min(owed, sent)
        if taken:
            netted[id_] = netted.get(id_, 0) + taken
            sent -= taken
        if owed > taken:
            left.append((id_, owed - taken))
    owing[:] = left
    return replace(part, sent=sent, netted=tuple(netted.items()))


def leave_payout(draft: Draft, reward: Reward) -> None:
    """A payout that was not released yet goes on without a reward that changes; one on its way is left alone.

    Under the first behaviour all of it was canceled.
    """
    payout = draft.need(Payout, reward.payout or "")
    if draft.semantics >= semantics.CONTESTED_STOPS:
        _smaller(draft, payout, {reward.id})
        return
    if payout.status != "awaiting_release":
        return
    draft.put(replace(payout, status="canceled", reason="item_changed", releases=(), release_list=None))
    for part in payout.parts:
        draft.put(replace(draft.need(Reward, part.reward), payout=None))


def back_to_review(draft: Draft, reward: Reward, *, due_at: int | None = None) -> Reward:
    """Approved -> in_review: withdrawn, the payee changed, or a member says it came back. payable -> accrued.

    ``due_at``: when it is due once it is approved again; without it the new approval says so.
    """
    if reward.payout is not None:
        leave_payout(draft, reward)
        reward = draft.need(Reward, reward.id)
    draft.postings += ledger.withdrawn(reward)
    cleared = replace(
        reward,
        status="in_review",
        approvals=(),
        approval_list=None,
        approved_at=None,
        due_at=due_at,
        destination=None,
        reviewed_at=None,
        decide_by=None,
    )
    return expiry(draft, draft.rules_of(reward.rules), routes.routed(draft, cleared), draft.as_of)
