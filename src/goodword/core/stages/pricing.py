"""What a conversion earns for one side: flat, percent or points, by tier or age, under the cap of a reward. One rounding, at the end.

Earned is on what is left after all refunds. Below the minimum, or where nothing is left that the rule is for, it is nothing; flat is
whole, percent is of the base (``base``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace

from goodword.core import calendar, money
from goodword.core.decision import Step
from goodword.core.kinds.rewards import REGISTRY, taken_off
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Later, Rules, Tier, amount_in, fraction
from goodword.core.rules import Reward as RewardRule
from goodword.core.stages import base
from goodword.core.state import Conversion


def unit(rules: Rules, rule: RewardRule, conversion: Conversion, program: str) -> str:
    """The unit in which this reward is owed."""
    return REGISTRY[rule.kind].unit(program, conversion.currency or rules.currency)


def tier_of(rule: RewardRule, kept: int) -> int:
    """Index of the tier for an advocate with ``kept`` kept conversions before this one; -1: none."""
    reached = [i for i, tier in enumerate(rule.tiers) if tier.from_kept <= kept]
    return reached[-1] if reached else -1


def age_of(rule: RewardRule, first_at: int, at: int, timezone: str) -> int:
    """Index of the figures for a customer whose first conversion was at that instant; -1: the reward's own."""
    reached = [
        i for i, later in enumerate(rule.later) if at >= calendar.add_months(first_at, later.after_months, timezone)
    ]
    return reached[-1] if reached else -1


class Priced(NamedTuple):
    """What the whole side earns, and the steps that show it, the last of which is the price."""

    amount: int
    steps: tuple[Step, ...]


def as_offered(rule: RewardRule, amounts: dict[str, int]) -> RewardRule:
    """Return the rule of a welcome with what was promised by currency, perhaps by rules of before."""
    return replace(rule, flat={**(rule.flat or {}), **amounts})


def price(
    rules: Rules,
    conversion_rule: ConversionRule,
    rule: RewardRule,
    tier: int,
    conversion: Conversion,
    number: int,
    *,
    net: bool,
) -> Priced | None:
    """Amount for the whole side; on what is left, or on what was charged. None: not offered.

    ``tier``: index among the tiers, or among the figures for later; ``number``: the behaviour of the rule version.
    """
    currency = conversion.currency or rules.currency
    figures: RewardRule | Tier | Later = rule if tier < 0 else (rule.tiers or rule.later)[tier]
    worth = base.of(conversion_rule, rule.rates, conversion, number, net=net)
    refunded = conversion.back.amount
    minimum = None if conversion_rule.minimum is None else amount_in(conversion_rule.minimum, currency)
    values: dict[str, object] = {
        "side": rule.side,
        "tier": tier,
        "currency": currency,
        "base": None if worth is None else base.told(worth.amount),
        "refunded": refunded,
        "minimum": minimum,
    }
    if type(figures) is Tier:  # isinstance is slow on structs
        values["from_kept"] = figures.from_kept
    if figures.points is not None:
        exact = values["points"] = figures.points
    elif figures.flat is not None:
        if currency not in figures.flat:
            return None
        exact = values["flat"] = figures.flat[currency]
    else:
        if figures.percent is None or worth is None:
            return None
        exact = _percent(rule, figures.percent, worth, values)
    if rule.cap is not None and figures.points is None:
        most = amount_in(rule.cap, currency)
        if most is None:
            return None
        values["cap"] = most
        exact = min(exact, most)
    if taken_off(rule.kind):
        values["discount"] = conversion.discount
        exact = min(exact, conversion.discount)
    charged = conversion.amount or 0
    left = charged - refunded if net else charged
    if worth is not None and worth.steps:
        values["net"] = left
    if net and conversion.amended is not None:
        values["amended"] = True
    changed = refunded or conversion.amended is not None
    if net and changed and worth is not None and (worth.amount == 0 or (minimum is not None and left < minimum)):
        exact = 0
    values["earns"] = exact
    return Priced(exact, (*(worth.steps if worth is not None else ()), Step("price", values)))


def _percent(rule: RewardRule, percent: str, worth: base.Worth, values: dict[str, object]) -> int:
    """The percentage of the base, or of its lines each at its rate, rounded once."""
    if not rule.rates:
        values["percent"] = percent
        return money.percent_of(worth.amount, fraction(percent))
    percents = [*(rate.percent for rate in rule.rates), percent]
    parts = [(text, part) for text, part in zip(percents, worth.rates, strict=True) if part]
    values["rates"] = [[text, base.told(part)] for text, part in parts]
    return money.percent_of(sum((fraction(text) * part for text, part in parts), Fraction()), Fraction(1))
