"""What of an order a reward is worked out from: the goods, or more of what was charged, of the lines that the rule is for.

It is exact: parts of lines are fractions, and nothing is rounded here. What was given back is taken from its part and its line; what
names no part is of the goods first (``refunds``), what names no line is of all lines, in proportion to what is left of each. A line
below nought, such as a discount, belongs to all lines likewise, unless the rule names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from goodword.core import semantics
from goodword.core.decision import Step
from goodword.core.events import Line
from goodword.core.kinds.conditions import CHOOSING
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Rate
from goodword.core.state import Conversion

Exact = int | Fraction


class Worth(NamedTuple):
    """The base of a reward: all of it, and of it what each of the rule's rates is for, the rest last; the steps that show it."""

    amount: Exact
    rates: tuple[Exact, ...]
    steps: tuple[Step, ...]


def of(
    rule: ConversionRule, rates: tuple[Rate, ...], conversion: Conversion, number: int, *, net: bool
) -> Worth | None:
    """The base by a rule of that behaviour, less what was given back or (``net`` false) as charged; None without an amount."""
    if conversion.amount is None:
        return None
    back = conversion.back if net else None
    tax, shipping = conversion.tax, conversion.shipping
    goods = conversion.amount - tax - shipping
    if back is not None:
        goods, tax, shipping = goods - back.goods, tax - back.tax, shipping - back.shipping
    whole: Exact = goods
    steps: tuple[Step, ...] = ()
    if tax and rule.base in ("with_tax", "charged"):
        whole += tax
    if shipping and rule.base in ("with_shipping", "charged"):
        whole += shipping
    if conversion.tax or conversion.shipping:
        values = {"of": rule.base, "goods": goods, "tax": tax, "shipping": shipping, "amount": whole}
        steps = (Step("base", values),)
    if number < semantics.LINES_EARN or not conversion.lines or not (rates or _choosing(rule)):
        return Worth(whole, (*[0] * len(rates), whole) if rates else (whole,), steps)
    parts, eligible = _worths(rule, rates, conversion, goods, back.lines if back is not None else {})
    share = Fraction(whole, goods) if goods else 0
    if _choosing(rule):
        steps += (Step("lines", {"eligible": told(eligible), "of": goods}),)
    return Worth(eligible * share, tuple(part * share for part in parts), steps)


def chosen(rule: ConversionRule, lines: Sequence[Line]) -> Sequence[Line]:
    """The lines that meet all conditions which choose lines; all of them where none does."""
    for condition in _choosing(rule):
        lines = condition.choose(lines)
    return lines


def told(exact: Exact) -> int | str:
    """A fraction as an explanation tells it: a whole number, or ``7/3``."""
    if type(exact) is int:
        return exact
    return int(exact) if exact == int(exact) else str(exact)


def _choosing(rule: ConversionRule) -> list[CHOOSING]:
    return [condition for condition in rule.conditions if isinstance(condition, CHOOSING)] if rule.conditions else []


def _worths(
    rule: ConversionRule, rates: tuple[Rate, ...], conversion: Conversion, goods: int, back: dict[str, int]
) -> tuple[list[Exact], Exact]:
    """What is left of the lines of each rate, and last of those of none; and of all of them. Never below nought."""
    left = _left(conversion.lines, goods, back)
    eligible = {id(line) for line in chosen(rule, conversion.lines)}
    own = [_rate(rates, line) for line in conversion.lines]
    is_named = [
        id(line) in eligible if _choosing(rule) else rate is not None
        for line, rate in zip(conversion.lines, own, strict=True)
    ]
    of_all = sum((worth for worth, named in zip(left, is_named, strict=True) if worth < 0 and not named), Fraction())
    positive = sum((worth for worth in left if worth > 0), Fraction())
    parts: list[Exact] = [Fraction()] * (len(rates) + 1)
    for line, worth, rate, named in zip(conversion.lines, left, own, is_named, strict=True):
        if id(line) not in eligible or (worth < 0 and not named):
            continue
        borne = of_all * worth / positive if worth > 0 else 0
        parts[len(rates) if rate is None else rate] += worth + borne
    total = sum(parts, Fraction())
    return ([max(part, 0) for part in parts], total) if total > 0 else ([0] * len(parts), 0)


def _left(lines: tuple[Line, ...], goods: int, back: dict[str, int]) -> list[Fraction]:
    """What is left of each line: less what was given back of it, and its part of what was given back of the goods alone."""
    given = dict(back)
    rest = [line.amount - given.pop(line.id, 0) for line in lines]
    total = sum(rest)
    return [Fraction(amount * goods, total) if total else Fraction() for amount in rest]


def _rate(rates: tuple[Rate, ...], line: Line) -> int | None:
    """The place of the rate for a line; a rate that names products and brands wants both."""
    for place, rate in enumerate(rates):
        if (not rate.product or line.product in rate.product) and (not rate.brand or line.brand in rate.brand):
            return place
    return None
