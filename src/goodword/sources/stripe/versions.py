"""Where the versions of Stripe's API keep what is read, by the version that an event names itself.

Three shapes: until March 2025 an invoice names its payment and a charge its invoice; since basil an invoice may carry its payments
and its charges name no invoice; since endive it carries none. Must not know: what is made of it.
"""

from typing import NamedTuple


class Shape(NamedTuple):
    """Where things stand. ``metadata``: of an invoice that of its subscription; ``taxes``: lists of amounts, else ``tax`` is one.

    ``payments``: of an invoice the fields that are a payment, ``listed`` the list of them; ``product`` and ``inclusive``: of a line
    the path of its product, and what tells of one of its ``line_taxes`` that the amount holds it. ``invoice``: whether payments
    and charges name theirs. ``refunds``: whether a credit note lists what went back, with its amounts.
    """

    metadata: str
    taxes: str
    tax: str | None
    payments: tuple[str, ...]
    listed: str | None
    product: str
    line_taxes: str
    inclusive: tuple[str, object]
    credit_taxes: str
    invoice: bool
    refunds: bool


_FLAT = Shape(
    metadata="subscription_details.metadata",
    taxes="total_tax_amounts",
    tax="tax",
    payments=("payment_intent", "charge"),
    listed=None,
    product="price.product",
    line_taxes="tax_amounts",
    inclusive=("inclusive", True),
    credit_taxes="tax_amounts",
    invoice=True,
    refunds=False,
)
_BASIL = Shape(
    metadata="parent.subscription_details.metadata",
    taxes="total_taxes",
    tax=None,
    payments=(),
    listed="payments",
    product="pricing.price_details.product",
    line_taxes="taxes",
    inclusive=("tax_behavior", "inclusive"),
    credit_taxes="total_taxes",
    invoice=False,
    refunds=True,
)
_ENDIVE = _BASIL._replace(listed=None)

#: First day of a version, the newest first -> its shape.
_SINCE = (("2026-09-30", _ENDIVE), ("2025-03-31", _BASIL), ("", _FLAT))


def of(version: object) -> Shape:
    """Return the shape of a version such as ``2025-03-31.basil``; what names none has the newest."""
    day = version[:10] if isinstance(version, str) else "9999"
    return next(shape for since, shape in _SINCE if day >= since)
