"""Amounts as the log has them: what was charged, tax and shipping included, in minor units.

A source that gives net figures, or figures with a point, is read by this. Must not know: which source it is.
"""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from goodword.core.money import CURRENCIES

_LONGEST = 40  # characters of a figure
_LARGEST = 15  # places before the point: more than any amount has
_SURE = 15  # digits that a binary float keeps, whatever the figure
_PLAIN = re.compile(r"(-?[0-9]+)(?:\.([0-9]+))?")
_FIGURE = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")


def charged(goods: int, tax: int = 0, shipping: int = 0) -> int:
    """Return the ``amount`` of an order whose goods, after discounts, are given without tax and shipping; all in minor units."""
    return goods + tax + shipping


def minor(value: Any, currency: str) -> int | None:
    """Return the minor units of a figure such as ``19.99``: a whole number, a decimal or a text. None if it says no such amount.

    A figure is its digits, never a binary float. One that a float went through on its way has digits too many
    (0.1 + 0.2 is 0.30000000000000004): it is the nearest amount if it is that up to half a unit of its 15th digit, which any
    float keeps. What is further away (a third of an amount) is no amount, and is not rounded to one.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    places = CURRENCIES[currency]
    text = str(value).strip()
    plain = _PLAIN.fullmatch(text)
    if plain and len(plain[2] or "") <= places and len(text) < _LARGEST:
        return int(plain[1] + (plain[2] or "").ljust(places, "0"))
    if len(text) > _LONGEST or not _FIGURE.fullmatch(text):
        return None
    figure = Decimal(text)
    first = figure.adjusted()  # the place of the first digit
    if figure and not -_LONGEST < first < _LARGEST:
        return None
    exact = Fraction(figure) * 10**places
    nearest = round(exact)
    sure = Fraction(10) ** (first - _SURE + 1) / 2 * 10**places
    return nearest if abs(exact - nearest) <= sure else None
