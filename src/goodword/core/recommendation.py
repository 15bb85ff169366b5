"""What is recommended to who decides a reward: approve, look closer, or reject, with reasons. It never acts (docs/decisions/0060).

It is worked out from what the state holds when it is asked for, the same by whom it is shown to and by whom it is stored beside what a
person decided. A reason that only says what was seen asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from goodword.core import confidence, contested, ledger, semantics
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.kinds.rewards import to_payee
from goodword.core.rules import amount_in
from goodword.core.stages import limits
from goodword.core.state import Conversion, Ground, Payee, Referral, Reward

#: Another number for whatever recommends otherwise: a figure about one says nothing about another.
VERSION: Final = 1
#: What may be recommended, from what asks least of a person.
ADVICE: Final = ("approve", "look", "reject")
#: What is seen -> what it recommends, in the order in which it is said.
REASONS: Final = {
    "nothing_left": "reject",
    "taken_back": "reject",
    "case_open": "look",
    "claim_open": "look",
    "referral_ended": "look",
    "late_proof": "look",
    "corrected": "look",
    "attribution_possible": "look",
    "payee_missing": "look",
    "payee_changed": "look",
    "first_large": "look",
    "two_people": "approve",
    "partly_refunded": "approve",
    "first_reward": "approve",
    "attribution_sure": "approve",
}
#: A first reward of at least this part of the amount above which two people approve is large.
LARGE: Final = 2


class Recommendation(Struct, frozen=True):
    """``advice``: one of ``ADVICE``; ``reasons``: what was seen, the weightiest first; ``version`` of what recommends."""

    advice: str
    reasons: tuple[Ground, ...]
    version: int = VERSION


class Seen(Struct, frozen=True, kw_only=True):
    """What a recommendation reads of a reward. Amounts in minor units or points.

    ``unsent``: what would be sent; ``charged`` and ``back``: of the order, None without an amount; ``level``: how sure it is who
    brought the friend, None where nobody is said to; ``ended``: the referral binds nobody any more; ``proofs``: codes of what came
    late and speaks against it; ``kept``: how many conversions the advocate keeps in the program, this one among them, None for a
    friend; ``missing``: the payment details are needed and not there; ``changed_at``: when they took the place of others, None for the
    first ones; ``two_over``: above which amount two people approve; ``corrected``: what a correction is, None of what is none.
    """

    unsent: int
    unit: str
    earned_at: int
    charged: int | None = None
    back: int = 0
    level: str | None = None
    cases: tuple[str, ...] = ()
    claim: str | None = None
    ended: bool = False
    proofs: tuple[str, ...] = ()
    kept: int | None = None
    missing: bool = False
    changed_at: int | None = None
    two_over: int | None = None
    corrected: str | None = None


def recommend(seen: Seen) -> Recommendation:
    """Return what is recommended of what was seen: the most that any reason asks for."""
    reasons = tuple(sorted(_reasons(seen), key=lambda reason: _ORDER[reason.code]))
    asked = (REASONS[reason.code] for reason in reasons)
    return Recommendation(max(asked, key=ADVICE.index, default=ADVICE[0]), reasons)


_ORDER: Final = {code: place for place, code in enumerate(REASONS)}


def _reasons(seen: Seen) -> Iterable[Ground]:
    yield from _of_money(seen)
    if seen.cases:
        yield Ground("case_open", {"cases": len(seen.cases), "case": seen.cases[0]})
    if seen.claim is not None:
        yield Ground("claim_open", {"claim": seen.claim})
    if seen.ended:
        yield Ground("referral_ended")
    if seen.proofs:
        yield Ground("late_proof", {"proofs": list(seen.proofs)})
    if seen.corrected is not None:
        yield Ground("corrected", {"origin": seen.corrected})
    if seen.level is not None:
        code = "attribution_possible" if seen.level == "possible" else "attribution_sure"
        yield Ground(code, {"level": seen.level})
    if seen.missing:
        yield Ground("payee_missing")
    if seen.changed_at is not None and seen.changed_at > seen.earned_at:
        yield Ground("payee_changed", {"at": seen.changed_at, "earned_at": seen.earned_at})


def _of_money(seen: Seen) -> Iterable[Ground]:
    if not seen.unsent:
        yield Ground("nothing_left")
    if seen.charged and seen.back >= seen.charged:
        yield Ground("taken_back", {"charged": seen.charged, "back": seen.back})
    elif seen.charged and seen.back:
        yield Ground("partly_refunded", {"charged": seen.charged, "back": seen.back})
    if seen.two_over is not None and seen.unsent > seen.two_over:
        yield Ground("two_people", {"amount": seen.unsent, "unit": seen.unit, "limit": seen.two_over})
    if seen.kept is not None and seen.kept <= 1:
        large = seen.two_over is not None and LARGE * seen.unsent >= seen.two_over > 0
        code = "first_large" if large else "first_reward"
        yield Ground(code, {"amount": seen.unsent, "unit": seen.unit})


def seen(draft: Draft, reward: Reward) -> Seen:
    """Return what a recommendation reads of a reward as it stands."""
    referral = draft.get(Referral, reward.referral) if not ledger.of_no_order(reward.on) else None
    order = draft.get(Conversion, reward.conversion)
    payee = draft.get(Payee, reward.beneficiary) if to_payee(reward.kind) else None
    counts = reward.side == "advocate" and not ledger.of_no_order(reward.on)
    rules = draft.rules_of(reward.rules)
    return Seen(
        unsent=reward.unsent,
        unit=reward.unit,
        earned_at=reward.earned_at,
        charged=order.amount if order is not None else None,
        back=order.back.amount if order is not None else 0,
        level=confidence.of(referral).level if referral is not None else None,
        cases=reward.cases,
        claim=contested.claim_on(draft, reward),
        ended=referral is not None and referral.status == "void",
        proofs=tuple(dict.fromkeys(proof.code for proof in referral.proofs)) if referral is not None else (),
        kept=limits.counter(draft, (reward.program, reward.beneficiary, *limits.KEPT)).count if counts else None,
        missing=to_payee(reward.kind) and payee is None,
        changed_at=payee.changed_at if payee is not None and payee.replaced is not None else None,
        two_over=amount_in(rules.review.two_people_over or {}, reward.unit),
        corrected=ledger.correction(reward.on),
    )


class Beside(NamedTuple):
    """A reward, and what was recommended of it before anything was decided."""

    reward: Reward
    recommended: Recommendation


def beside(draft: Draft, rewards: Iterable[Reward]) -> list[Beside]:
    """Return what is recommended of rewards as they stand; nothing where that is not kept."""
    if draft.semantics < semantics.RECOMMENDED_BESIDE:
        return []
    return [Beside(reward, recommend(seen(draft, reward))) for reward in rewards]


def told(found: Iterable[Beside], decided: str, first: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Return the steps that keep what was recommended beside what was decided: one for all of the same rules and advice.

    ``first``: who said so before the member who decides by it now.
    """
    groups: dict[tuple[str, str], list[list[object]]] = {}
    for reward, recommended in found:
        codes = [reason.code for reason in recommended.reasons]
        groups.setdefault((reward.rules, recommended.advice), []).append([reward.id, codes])
    said = {"version": VERSION, "decided": decided, "first": list(first)}
    return tuple(
        Step("recommended", {**said, "rules": rules, "advice": advice, "items": items})
        for (rules, advice), items in groups.items()
    )


#: What was decided -> what would have recommended it.
AGREES: Final = {"approved": "approve", "rejected": "reject"}


def agreement(step: Step) -> str:
    """Return whether a decision agreed with what was recommended, differed, or was asked to look closer, which is neither."""
    if step.values["advice"] == "look":
        return "looked"
    return "agreed" if AGREES[step.values["decided"]] == step.values["advice"] else "differed"
