"""What was given back of an order, by part: what a refund says, as far as it fits; what names no part is of the goods first.

Must not know: rewards, cases.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from goodword.core import semantics
from goodword.core.decision import Step, refused
from goodword.core.draft import Draft
from goodword.core.money import MAX_INTEGER
from goodword.core.state import Back, Conversion, Refund

#: What a refund says that takes all of its order, whatever that is amended to later or comes back of other refunds.
ALL = (MAX_INTEGER, 0, 0)
#: The id of the refund that taking back a whole order is.
CANCELED = "canceled"


def problem(amount: int, tax: int, shipping: int, lines: Sequence[int]) -> str | None:
    """Return the code of what is wrong with the parts of an amount, ``lines``: what each costs; None if nothing is."""
    goods = amount - tax - shipping
    if goods < 0:
        return "parts_exceed_amount"
    return "lines_do_not_sum" if lines and sum(lines) != goods else None


def left(conversion: Conversion, back: Back) -> tuple[int, int, int]:
    """Goods, tax and shipping of an order that were not given back."""
    goods = (conversion.amount or 0) - conversion.tax - conversion.shipping
    return goods - back.goods, conversion.tax - back.tax, conversion.shipping - back.shipping


def fitted(refund: Refund, conversion: Conversion, back: Back) -> Refund:
    """The refund with as much of what it said as is left of its order, in parts that are left."""
    amount, tax, shipping = refund.said or (refund.amount, 0, 0)
    goods_left, tax_left, shipping_left = left(conversion, back)
    tax, shipping = min(tax, tax_left), min(shipping, shipping_left)
    rest = max(0, min(amount, goods_left + tax_left + shipping_left) - tax - shipping)
    goods = min(rest, goods_left)
    further = min(rest - goods, shipping_left - shipping)
    shipping, tax = shipping + further, tax + (rest - goods - further)
    parts = {"goods": goods, "tax": tax, "shipping": shipping}
    return replace(refund, status="applied", amount=goods + tax + shipping, **parts)


def exceeds(refund: Refund) -> bool:
    """Whether more was said than fitted."""
    return bool(refund.said) and refund.said[0] > refund.amount


def refit(draft: Draft, conversion: Conversion) -> tuple[Conversion, list[Refund]]:
    """The order with all that was given back of it laid on its parts anew, in the order in which it came; and what exceeds it.

    So it is the same whether a refund came before or after an amendment, a refund that was taken back, or the order itself.
    """
    back, over = Back(), []
    rows = draft.of(Refund, "conversion", conversion.id)
    last = CANCELED if draft.semantics >= semantics.ANY_ORDER_OF_TELLING else None  # it takes what others leave
    for refund in sorted(rows, key=lambda refund: (refund.id == last, refund.evt, refund.id)):
        if refund.status in ("returned", "refused"):
            continue
        if refund.currency not in (None, conversion.currency):
            draft.put(replace(refund, status="refused"))
            draft.say(refused("refund", "refund_currency", currencies(refund, conversion), subject=conversion.id))
            continue
        now = fitted(refund, conversion, back)
        if now != refund:
            draft.put(now)
        if exceeds(now) and refund.status == "waiting":
            over.append(now)
        back = back.plus(now)
    return draft.put(replace(conversion, back=back, waiting=0)), over


def currencies(refund: Refund, conversion: Conversion) -> Step:
    """Shows that a refund is in another currency than its invoice."""
    return Step("currencies", {"refund": refund.id, "currency": refund.currency, "of": conversion.currency})
