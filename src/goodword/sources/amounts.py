"""Amounts as the log has them: what was charged, tax and shipping included. A source that gives net figures is read by this.

Must not know: which source it is.
"""


def charged(goods: int, tax: int = 0, shipping: int = 0) -> int:
    """Return the ``amount`` of an order whose goods, after discounts, are given without tax and shipping; all in minor units."""
    return goods + tax + shipping
