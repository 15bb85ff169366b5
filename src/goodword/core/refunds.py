"""Refunds and chargebacks: they count however late, before or after the payment, and never hand a place to another conversion."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import conversions, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ChargebackClosed, ChargebackOpened, ConversionRefunded
from goodword.core.stages import planning
from goodword.core.state import Case, Conversion, Referral, Refund, Reward


def decide(draft: Draft, event: ConversionRefunded) -> None:
    """Give back a part of an invoice."""
    refund(draft, event.invoice, Refund(id=event.refund, amount=event.amount, at=event.occurred_at))


def refund(draft: Draft, invoice: str, value: Refund) -> None:
    """Record a refund at its invoice and lower what the invoice earned. Before the conversion it waits there."""
    key = conversions.invoice_key(invoice)
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    if any(known.id == value.id for known in conversion.refunds):
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": value.id}), subject=key))
        return
    rest = conversion.net
    if conversion.status != "waiting" and (rest is None or value.amount > rest):
        draft.say(
            refused(
                "refund",
                "refund_exceeds",
                Step("rest", {"refund": value.id, "rest": rest, "amount": value.amount, "unit": conversion.currency}),
                subject=key,
            )
        )
        return
    conversion = draft.put(replace(conversion, refunds=(*conversion.refunds, value)))
    if conversion.status == "waiting":
        draft.say(Verdict(about="refund", outcome="waiting", subject=key, amount=value.amount))
        return
    values = {"amount": value.amount, "refunded": conversion.refunded, "of": conversion.amount}
    draft.say(
        Verdict(
            about="refund",
            outcome="applied",
            subject=key,
            amount=value.amount,
            unit=conversion.currency,
            steps=(Step("refunded", values),),
        )
    )
    reprice(draft, conversion)


def reprice(draft: Draft, conversion: Conversion) -> None:
    """Work out every reward of a conversion anew from its net: whole, capped and rounded once, then split again."""
    for id_ in conversion.rewards:
        reward = draft.need(Reward, id_)
        if reward.amount:
            _adjust(draft, reward, *planning.worth(draft, reward, conversion))


def _adjust(draft: Draft, reward: Reward, worth: int, step: Step) -> None:
    to = min(reward.amount, worth)
    shares = planning.share_steps(draft.need(Referral, reward.referral), reward.side, reward.share)
    steps = (step, *shares)
    if to < reward.amount:
        settlement.lower(draft, reward, to, outcome="adjusted", steps=steps)
    if to == reward.amount or draft.semantics < semantics.A_VERDICT_A_REWARD:
        settlement.tell(draft, reward, replace(reward, amount=to), "adjusted", steps)


def chargeback_opened(draft: Draft, event: ChargebackOpened) -> None:
    """The buyer's bank asks the money back: the rewards wait for a case."""
    key = conversions.invoice_key(event.invoice)
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    if event.chargeback in conversion.chargebacks:
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": event.chargeback}), subject=key))
        return
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    case = settlement.open_case(draft, "chargeback", key, None, [], rewards).id if rewards else ""
    draft.put(replace(conversion, chargebacks={**conversion.chargebacks, event.chargeback: case}))
    draft.say(
        Verdict(about="refund", outcome="chargeback_opened", subject=key, steps=(Step("case", {"case": case or None}),))
    )


def chargeback_closed(draft: Draft, event: ChargebackClosed) -> None:
    """Kept: the case is closed. Lost: a refund of the rest, and the case is closed."""
    key = conversions.invoice_key(event.invoice)
    conversion = draft.get(Conversion, key)
    case_id = conversion.chargebacks.get(event.chargeback) if conversion is not None else None
    if conversion is None or case_id is None or case_id in conversions.CLOSED:
        draft.say(refused("refund", "chargeback_unknown", subject=key))
        return
    draft.put(replace(conversion, chargebacks={**conversion.chargebacks, event.chargeback: event.outcome}))
    case = draft.get(Case, case_id) if case_id else None
    if case is not None and case.status == "open":
        settlement.close_case(draft, case, "cleared" if event.outcome == "kept" else "confirmed", "chargeback")
    draft.say(Verdict(about="refund", outcome=f"chargeback_{event.outcome}", subject=key))
    rest = conversion.net
    if event.outcome == "lost" and rest:
        refund(draft, event.invoice, Refund(id=f"chargeback:{event.chargeback}", amount=rest, at=event.occurred_at))
