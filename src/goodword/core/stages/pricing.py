"""What a conversion earns for one side: flat, percent or points, by tier, under the cap of a reward. One rounding, at the end.

Earned is on the amount less all refunds. Below the minimum, or given back whole, it is nothing; flat is whole, percent is of the net.
"""

from __future__ import annotations

from goodword.core import money
from goodword.core.decision import Step
from goodword.core.kinds.rewards import REGISTRY
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Reward as RewardRule
from goodword.core.rules import Rules, Tier, fraction
from goodword.core.state import Conversion


def unit(rules: Rules, rule: RewardRule, conversion: Conversion, program: str) -> str:
    """The unit in which this reward is owed."""
    return REGISTRY[rule.kind].unit(program, conversion.currency or rules.currency)


def tier_of(rule: RewardRule, kept: int) -> int:
    """Index of the tier for an advocate with ``kept`` kept conversions before this one; -1: none."""
    reached = [i for i, tier in enumerate(rule.tiers) if tier.from_kept <= kept]
    return reached[-1] if reached else -1


def price(
    rules: Rules, conversion_rule: ConversionRule, rule: RewardRule, tier: int, conversion: Conversion, *, net: bool
) -> tuple[int, Step] | None:
    """Amount for the whole side, and the step that shows it; on the net, or on the amount as recorded. None: not offered."""
    currency = conversion.currency or rules.currency
    figures: RewardRule | Tier = rule if tier < 0 else rule.tiers[tier]
    refunded = conversion.back.amount
    base = conversion.net if net and refunded else conversion.amount
    minimum = None if conversion_rule.minimum is None else conversion_rule.minimum.get(currency)
    values: dict[str, object] = {
        "side": rule.side,
        "tier": tier,
        "currency": currency,
        "base": base,
        "refunded": refunded,
        "minimum": minimum,
    }
    if tier >= 0:
        values["from_kept"] = rule.tiers[tier].from_kept
    if figures.points is not None:
        exact = values["points"] = figures.points
    elif figures.flat is not None:
        if currency not in figures.flat:
            return None
        exact = values["flat"] = figures.flat[currency]
    else:
        if figures.percent is None or base is None:
            return None
        exact = money.percent_of(base, fraction(figures.percent))
        values["percent"] = figures.percent
    if rule.cap is not None and figures.points is None:
        if currency not in rule.cap:
            return None
        most = values["cap"] = rule.cap[currency]
        exact = min(exact, most)
    if net and refunded and _kept_nothing(base, minimum):
        exact = 0
    values["earns"] = exact
    return exact, Step("price", values)


def _kept_nothing(net: int | None, minimum: int | None) -> bool:
    return net is not None and (net == 0 or (minimum is not None and net < minimum))
