"""The seven points of a reward: what an auditor asks of each of them, answered from what is stored, with where it is shown.

``referral_reward_eligibility_accuracy`` is the share of rewards of which no point is answered with no; of what is paid that
is all of them (invariant I-30). What an approval had to find first is ``dossier``: what stopped nothing then, and came later, does not
make it wrong. Must not know: where an entry stands in the log, how a point is told.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct

from goodword.core import confidence, contested, dossier, ledger, refunds, standing
from goodword.core.draft import Draft
from goodword.core.state import Conversion, Payout, Referral, Reward

Answer = Literal["yes", "no", "not_applicable"]
#: In the order in which an auditor asks them.
POINTS: Final = (
    "referral_source",
    "qualifying_conversion",
    "payment_and_refund",
    "terms",
    "duplicate_claim",
    "payout_calculation",
    "approval",
)
#: The name of the share, everywhere.
ACCURACY: Final = "referral_reward_eligibility_accuracy"
#: States in which a reward is over, and owes nothing.
ENDED: Final = ("rejected", "reversed", "expired")
#: States that an approval comes before.
APPROVED: Final = ("approved", "processing", "paid")


class Point(Struct, frozen=True, kw_only=True):
    """One of ``POINTS``. ``code``: what shows it, or is missing; ``values``: what was seen, amounts in minor units or points.

    ``evt``: the event by which it came; ``noun`` and ``id``: the thing that shows more. None where there is none.
    """

    point: str
    answer: Answer
    code: str
    values: dict[str, Any] = {}
    evt: str | None = None
    noun: str | None = None
    id: str | None = None


def points(draft: Draft, reward: Reward) -> tuple[Point, ...]:
    """Answer the seven points of a reward as it is now, in their order."""
    lacks = dossier.lacking(draft, reward)
    order, payout = draft.get(Conversion, reward.conversion), _payout(draft, reward)
    return (
        _source(draft, reward, "source_attribution" in lacks),
        _conversion(reward, order, "qualifying_event" in lacks),
        _returns(reward, order),
        _terms(draft, reward, "program_terms" in lacks),
        _duplicates(draft, reward),
        _calculation(draft, reward, payout, bool({"payout_calculation", "program_terms"} & {*lacks})),
        _approval(draft, reward, payout, "approval_record" in lacks),
    )


def failing(answered: tuple[Point, ...]) -> tuple[str, ...]:
    """Return the points that are answered with no."""
    return tuple(point.point for point in answered if point.answer == "no")


def must_be_whole(reward: Reward) -> bool:
    """Return whether no point of a reward may fail: it is paid."""
    return reward.status == "paid"


def _payout(draft: Draft, reward: Reward) -> Payout | None:
    return draft.get(Payout, reward.payout) if reward.payout is not None else None


def _source(draft: Draft, reward: Reward, lacks: bool) -> Point:
    if (by := _of_no_order(reward)) is not None:
        return Point(point="referral_source", answer="not_applicable", code=by, evt=reward.evt)
    referral = draft.get(Referral, reward.referral)
    if referral is None:
        return Point(point="referral_source", answer="no", code="no_referral", values={"referral": reward.referral})
    sure = confidence.of(referral)
    grounds = [ground.code for ground in sure.grounds]
    values: dict[str, Any] = {
        "confidence": sure.level,
        "grounds": grounds,
        "lead_at": referral.lead_at,
        "touch_at": referral.touch_at,
    }
    code = "no_grounds" if lacks else "imported" if "imported" in grounds else "referral"
    answer: Answer = "no" if lacks else "yes"
    return Point(
        point="referral_source",
        answer=answer,
        code=code,
        values=values,
        evt=referral.lead,
        noun="referral",
        id=referral.id,
    )


def _conversion(reward: Reward, order: Conversion | None, lacks: bool) -> Point:
    if (kind := ledger.correction(reward.on)) is not None:
        rests = {"document": reward.document, "puts_right": reward.puts_right}
        right = {"noun": "reward", "id": reward.puts_right} if reward.puts_right is not None else {}
        return Point(
            point="qualifying_conversion", answer="not_applicable", code=kind, values=rests, evt=reward.evt, **right
        )
    if order is None:
        missing = {"conversion": reward.conversion}
        return Point(point="qualifying_conversion", answer="no", code="no_order", values=missing)
    values: dict[str, Any] = {"name": order.name, "at": order.at, "amount": order.amount, "unit": order.currency}
    code = "not_paid" if lacks else "opening" if reward.on == ledger.OPENING else "order"
    return Point(
        point="qualifying_conversion",
        answer="no" if lacks else "yes",
        code=code,
        values=values,
        evt=order.evt,
        noun="conversion",
        id=order.id,
    )


def _returns(reward: Reward, order: Conversion | None) -> Point:
    """Whether the order was paid, what of it was given back, and that no more is owed than the rest."""
    if ledger.correction(reward.on) is not None:
        return Point(point="payment_and_refund", answer="not_applicable", code="no_order_behind")
    if order is None:
        return Point(point="payment_and_refund", answer="no", code="no_order")
    paid, back = order.amount or 0, order.back.amount
    values: dict[str, Any] = {"amount": order.amount, "back": back, "unit": order.currency, "sent": reward.sent}
    values |= {"owes": reward.receivable, "reward_unit": reward.unit}
    answer: Answer = "yes"
    if order.status != "paid":
        answer, code = "no", "not_paid"
    elif back > paid:
        answer, code = "no", "more_back_than_paid"
    elif reward.receivable:
        code = "owed_back"
    else:
        code = "nothing_back" if not back else "all_back" if back == paid else "part_back"
    return Point(
        point="payment_and_refund",
        answer=answer,
        code=code,
        values=values,
        evt=order.evt,
        noun="conversion",
        id=order.id,
    )


def _terms(draft: Draft, reward: Reward, lacks: bool) -> Point:
    version, held = draft.rules.get(reward.rules), reward.agreement
    values: dict[str, Any] = {"rules": reward.rules}
    if version is not None:
        values |= {"semantics": version.semantics}
    if held is not None:
        values |= {"agreement": held.agreement, "agreement_version": held.version, "own_rate": held.own}
    return Point(
        point="terms",
        answer="no" if lacks else "yes",
        code="no_version" if lacks else "version" if held is None else "agreement",
        values=values,
        noun="program",
        id=reward.program,
    )


def _duplicates(draft: Draft, reward: Reward) -> Point:
    """Nothing is approved while something stops it, so that what stops it now, and was approved, came later."""
    stops, claim = contested.by(draft, reward), contested.claim_on(draft, reward)
    flags = [*dict.fromkeys(mark.code for mark in reward.marks)]
    if stops is None:
        code = "cleared" if flags else "nothing_found"
        return Point(point="duplicate_claim", answer="yes", code=code, values={"flags": flags}, evt=reward.evt)
    approved = bool(reward.approvals) and reward.approved_at is not None and reward.status in (*APPROVED, *ENDED)
    answer: Answer = "yes" if approved else "not_applicable" if reward.status in ENDED else "no"
    return Point(
        point="duplicate_claim",
        answer=answer,
        code={"yes": "open_since", "not_applicable": "over", "no": "open_now"}[answer],
        values={"flags": flags},
        evt=reward.evt,
        noun="claim" if stops == claim else "case",
        id=stops,
    )


def _calculation(draft: Draft, reward: Reward, payout: Payout | None, lacks: bool) -> Point:
    """Whether the rules give what it is, and its payout sends that: what the log says of both is asked by ``recount``."""
    values: dict[str, Any] = {"gross": reward.gross, "amount": reward.amount, "unit": reward.unit, "sent": reward.sent}
    if reward.ceiling is not None:
        values["ceiling"] = reward.ceiling
    code = _of_no_order(reward) or "rule"
    if code == "rule":
        values |= {"on": reward.on, "rule": reward.rule, "tier": reward.tier, "share": reward.share}
    answer: Answer = "yes"
    if lacks:
        answer, code = "no", "no_rule"
    elif not 0 <= reward.amount <= reward.gross:
        answer, code = "no", "amount_differs"
    elif (most := _most(draft, reward)) is not None and reward.amount > most:
        answer, code, values["most"] = "no", "beyond_rules", most
    elif payout is not None and (wrong := _wrong_in(payout, reward)) is not None:
        answer, code = "no", wrong
        values |= {"payout": payout.id, "payout_amount": payout.amount}
    return Point(point="payout_calculation", answer=answer, code=code, values=values, evt=reward.evt)


def _most(draft: Draft, reward: Reward) -> int | None:
    """The most that the rules give; None: it is not theirs to say, as of what is kept of a reward that a claim took."""
    order, of_order = draft.get(Conversion, reward.conversion), not ledger.of_no_order(reward.on)
    if not of_order or reward.taken_by is not None or not reward.amount or order is None or order.status != "paid":
        return None
    if draft.get(Referral, reward.referral) is None:
        return None
    most = refunds.most(draft, reward)
    return 0 if most is None else most


def _wrong_in(payout: Payout, reward: Reward) -> str | None:
    mine = next((part for part in payout.parts if part.reward == reward.id), None)
    if mine is None:
        return "not_in_payout"
    sends = reward.status in ("processing", "paid")
    if payout.amount != sum(part.sent for part in payout.parts) or (
        sends and mine.sent + sum(amount for _, amount in mine.netted) > reward.sent
    ):
        return "payout_differs"
    return None


def _approval(draft: Draft, reward: Reward, payout: Payout | None, lacks: bool) -> Point:
    values: dict[str, Any] = {"approvals": list(reward.approvals), "approved_at": reward.approved_at}
    where = {"noun": "payout", "id": payout.id} if payout is not None else {}
    sends = payout is not None and reward.status in ("processing", "paid")
    if payout is not None and payout.releases:
        values |= {"releases": list(payout.releases), "released": payout.amount, "released_unit": payout.unit}
    if (
        reward.status in ENDED and not reward.approvals
    ):  # nothing of it is owed; the log has who approved what was sent before
        code = "ended_after_sending" if reward.sent else "ended"
        return Point(point="approval", answer="not_applicable", code=code, values=values | {"sent": reward.sent})
    if lacks or reward.status in ("pending", "in_review"):
        code = "not_yet" if reward.status in ("pending", "in_review") else "nobody"
        return Point(point="approval", answer="no", code=code, values=values)
    if sends and payout is not None and not payout.releases:
        return Point(point="approval", answer="no", code="not_released", values=values, **where)
    by = "standing" if any(id_.startswith(standing.PREFIX) for id_ in reward.approvals) else "members"
    unproved = standing.unproved(draft, reward, payout) if by == "standing" else None
    if unproved is not None:
        return Point(point="approval", answer="no", code=unproved, values=values, **where)
    return Point(point="approval", answer="yes", code=by, values=values, **where)


def _of_no_order(reward: Reward) -> str | None:
    """What made a reward that no order earned: ``opening``, or what the correction is."""
    return ledger.origin(reward.on) if ledger.of_no_order(reward.on) else None
