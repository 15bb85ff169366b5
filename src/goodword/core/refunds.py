"""Refunds and chargebacks: they count however late, before or after the payment, and never hand a place to another conversion."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import conversions, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ChargebackClosed, ChargebackOpened, ConversionRefunded
from goodword.core.stages import planning
from goodword.core.state import Case, Chargeback, Conversion, Referral, Refund, Reward

#: How a chargeback ends.
CLOSED = ("kept", "lost")


def decide(draft: Draft, event: ConversionRefunded) -> None:
    """Give back a part of an invoice."""
    value = Refund(
        conversion=conversions.invoice_key(event.invoice),
        id=event.refund,
        amount=event.amount,
        goods=event.amount,
        lines=event.lines,
        status="applied",
        at=event.occurred_at,
        evt=event.evt,
    )
    refund(draft, value)


def refund(draft: Draft, value: Refund) -> None:
    """Record a refund of an invoice and lower what the invoice earned. Before the conversion it waits for it."""
    key = value.conversion
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    known = draft.get(Refund, value.key)
    if known is not None and known.status != "refused":
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": value.id}), subject=key))
        return
    if conversion.status == "waiting":
        draft.put(replace(value, status="waiting", n=conversion.waiting))
        draft.put(replace(conversion, waiting=conversion.waiting + 1))
        draft.say(Verdict(about="refund", outcome="waiting", subject=key, amount=value.amount))
        return
    rest = conversion.net
    if rest is None or value.amount > rest:
        draft.say(
            refused(
                "refund",
                "refund_exceeds",
                Step("rest", {"refund": value.id, "rest": rest, "amount": value.amount, "unit": conversion.currency}),
                subject=key,
            )
        )
        return
    draft.put(value)
    conversion = draft.put(replace(conversion, back=conversion.back.plus(value)))
    values = {"amount": value.amount, "refunded": conversion.back.amount, "of": conversion.amount}
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


def worth(draft: Draft, reward: Reward) -> int:
    """What a reward that ended would be today: its conversion's net, priced as when it was earned."""
    return min(reward.gross, planning.worth(draft, reward, draft.need(Conversion, reward.conversion))[0])


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
    if draft.get(Chargeback, (key, event.chargeback)) is not None:
        draft.say(refused("refund", "duplicate_refund", Step("refund", {"refund": event.chargeback}), subject=key))
        return
    rewards = [draft.need(Reward, id_) for id_ in conversion.rewards]
    case = settlement.open_case(draft, "chargeback", key, None, [], rewards).id if rewards else None
    draft.put(
        Chargeback(conversion=key, id=event.chargeback, status="open", case=case, at=event.occurred_at, evt=event.evt)
    )
    draft.put(replace(conversion, chargebacks=conversion.chargebacks + 1))
    draft.say(Verdict(about="refund", outcome="chargeback_opened", subject=key, steps=(Step("case", {"case": case}),)))


def chargeback_closed(draft: Draft, event: ChargebackClosed) -> None:
    """Kept: the case is closed. Lost: a refund of the rest, and the case is closed."""
    key = conversions.invoice_key(event.invoice)
    conversion = draft.get(Conversion, key)
    chargeback = draft.get(Chargeback, (key, event.chargeback))
    if conversion is None or chargeback is None or chargeback.status in CLOSED:
        draft.say(refused("refund", "chargeback_unknown", subject=key))
        return
    case = draft.get(Case, chargeback.case) if chargeback.case is not None else None
    if case is not None and case.status == "open":
        settlement.close_case(draft, case, "cleared" if event.outcome == "kept" else "confirmed", "chargeback")
    status = event.outcome if event.outcome in CLOSED else chargeback.status
    closed = draft.put(replace(chargeback, status=status, case=None, at=event.occurred_at, evt=event.evt))
    draft.say(Verdict(about="refund", outcome=f"chargeback_{event.outcome}", subject=key))
    rest = conversion.net
    if event.outcome == "lost" and rest:
        refund(draft, conversions.lost(draft, closed, rest))
