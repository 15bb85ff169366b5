"""Refunds and chargebacks: they count however late, before or after the payment, and never hand a place to another conversion."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from goodword.core import conversions, money, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ChargebackClosed, ChargebackOpened, ConversionRefunded
from goodword.core.stages import planning, pricing
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
        if not reward.amount:
            continue
        rules = draft.rules_of(reward.rules)
        rule = rules.conversion(reward.on)
        if rule is None:
            raise AssertionError(f"{reward.id} was earned under a rule that is not in {reward.rules}")
        priced = pricing.price(rules, rule, rule.rewards[reward.rule], reward.tier, conversion, net=True)
        if priced is None:
            raise AssertionError(f"{reward.id} can be priced no longer")
        whole, step = priced
        now = min(reward.amount, _share(draft, reward, whole))
        _adjust(draft, reward, now, step)


def worth(draft: Draft, reward: Reward) -> int:
    """What a reward that ended would be today: its conversion's net, priced as when it was earned."""
    rules = draft.rules_of(reward.rules)
    rule, conversion = rules.conversion(reward.on), draft.need(Conversion, reward.conversion)
    assert rule is not None  # noqa: S101 - it was earned under it
    priced = pricing.price(rules, rule, rule.rewards[reward.rule], reward.tier, conversion, net=True)
    return 0 if priced is None else min(reward.gross, _share(draft, reward, priced[0]))


def _share(draft: Draft, reward: Reward, whole: int) -> int:
    if reward.side == "friend":
        return whole
    referral = draft.need(Referral, reward.referral)
    owners: list[tuple[str, Fraction]] = planning.shares_of(referral)
    return money.split(whole, owners)[reward.share]


def _adjust(draft: Draft, reward: Reward, to: int, step: Step) -> None:
    if to < reward.amount:
        settlement.lower(draft, reward, to)
    shares = planning.share_steps(draft.need(Referral, reward.referral), reward.side, reward.share)
    steps = (Step("was", {"amount": reward.amount, "status": reward.status, "rules": reward.rules}), step, *shares)
    draft.say(
        Verdict(
            about="reward",
            outcome="adjusted",
            program=reward.program,
            subject=reward.id,
            side=reward.side,
            beneficiary=reward.beneficiary,
            amount=to,
            unit=reward.unit,
            steps=steps,
        )
    )


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
