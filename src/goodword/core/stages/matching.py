"""Whether a conversion is one that the referral's rules reward: name, time, currency, minimum, conditions, place.

It is judged on the amount as recorded; what it earns is another question (``pricing``).
"""

from __future__ import annotations

from goodword.core import calendar, semantics
from goodword.core.decision import Step
from goodword.core.kinds.conditions.base import View
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Reward as RewardRule
from goodword.core.rules import Rules
from goodword.core.state import Conversion, Customer, Referral

Match = tuple[str | None, list[Step], ConversionRule | None]


def match(rules: Rules, referral: Referral, customer: Customer, conversion: Conversion, number: int) -> Match:
    """The first reason against the conversion (None: it qualifies), the steps taken, and the rule for its name.

    ``number``: the behaviour under which it is decided.
    """
    steps: list[Step] = []
    rule = rules.conversion(conversion.name)
    if rule is None:
        return "conversion_not_offered", [Step("conversion_name", {"name": conversion.name})], None
    refusal = (
        _time(rule, referral, conversion, steps)
        or _currency(rules, rule, conversion, steps)
        or _minimum(rule, conversion, steps)
        or _conditions(rule, referral, customer, conversion, steps, by_digest=number >= semantics.LISTS_BY_DIGEST)
        or _place(rules, rule, referral, conversion, steps)
    )
    return refusal, steps, rule


def _time(rule: ConversionRule, referral: Referral, conversion: Conversion, steps: list[Step]) -> str | None:
    at, lead_at, window = conversion.at, referral.lead_at, rule.window
    steps.append(Step("conversion_window", {"lead_at": lead_at, "at": at, "window": window}))
    if at < lead_at - calendar.CLOCK_DIFFERENCE:
        return "before_lead"
    if window is not None and at >= lead_at + calendar.duration(window):
        return "outside_conversion_window"
    return None


def _currency(rules: Rules, rule: ConversionRule, conversion: Conversion, steps: list[Step]) -> str | None:
    """A rule whose every amount is for other currencies offers nothing to this one; nor a percentage of no amount."""
    currency = conversion.currency or rules.currency
    if rule.minimum is None or conversion.amount is None or currency in rule.minimum:
        for reward in rule.rewards:
            if _offers(reward, currency, conversion.amount):
                return None
    steps.append(Step("currency", {"currency": currency}))
    return "currency_not_offered"


def _offers(reward: RewardRule, currency: str, amount: int | None) -> bool:
    if reward.points is not None:
        return True
    if reward.flat is not None:
        return currency in reward.flat
    return reward.percent is not None and amount is not None and (reward.cap is None or currency in reward.cap)


def _minimum(rule: ConversionRule, conversion: Conversion, steps: list[Step]) -> str | None:
    amount, currency = conversion.amount, conversion.currency
    if rule.minimum is None or amount is None or currency is None:
        return None
    minimum = rule.minimum[currency]
    steps.append(Step("minimum", {"amount": amount, "minimum": minimum, "unit": currency}))
    return "below_minimum" if amount < minimum else None


def _conditions(
    rule: ConversionRule,
    referral: Referral,
    customer: Customer,
    conversion: Conversion,
    steps: list[Step],
    *,
    by_digest: bool,
) -> str | None:
    """Every condition is looked at and shown up to the first that is not met."""
    if not rule.conditions:
        return None
    view = View(
        amount=conversion.amount,
        currency=conversion.currency,
        country=conversion.country or customer.country,
        lines=conversion.lines,
        traits=customer.traits,
        new_customer=is_new(customer, referral.lead_at),
        by_digest=by_digest,
    )
    for condition in rule.conditions:
        holds, seen = condition.holds(view)
        kind = str(condition.__struct_config__.tag)
        steps.append(Step("condition", {"kind": kind, "holds": holds, **seen}))
        if not holds:
            return "condition_not_met"
    return None


def is_new(customer: Customer, lead_at: int) -> bool:
    """Nothing made the person a customer before the lead (five minutes of clock difference allowed)."""
    first, known = customer.first_conversion_at, customer.known_since
    earlier = first is not None and first < lead_at - calendar.CLOCK_DIFFERENCE
    return not earlier and not (known is not None and known < lead_at)


def _place(
    rules: Rules, rule: ConversionRule, referral: Referral, conversion: Conversion, steps: list[Step]
) -> str | None:
    """First qualifying conversion only, or all in [first, first + months)."""
    taken = referral.place(rule.on)
    months = rule.counts.months
    if taken is None or taken.conversion == conversion.id:
        steps.append(Step("place", {"first": True, "months": months}))
        return None
    zone = {} if months is None else {"timezone": rules.timezone}
    steps.append(Step("place", {"first": False, "first_at": taken.at, "at": conversion.at, "months": months, **zone}))
    if conversion.at < taken.at or months is None:
        return "not_first"
    if conversion.at >= calendar.add_months(taken.at, months, rules.timezone):
        return "recurring_ended"
    return None
