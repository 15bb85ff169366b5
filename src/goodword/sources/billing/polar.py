"""The source ``polar``: ``POST /hooks/polar/{workspace}``: orders and refunds of Polar.

After the types and the reader of Polar's library (@polar-sh/sdk 1.0.1, of its API 2026-04, 2026-10 and 2027-01), read on 2026-11-29.
Signed by Standard Webhooks, with the letters of the secret as its key; amounts are minor units, and a refund's is without the tax that
goes back beside it. Its sandbox is another server, which no delivery names: its secret belongs into a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from goodword.sources.billing import signatures
from goodword.sources.billing.base import CUSTOMER, Made, System, Telling, name, source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.told import currency_of, missing, token

FIELDS: Final[Mapping[str, Treatment]] = {
    "type": CHECKED,
    "timestamp": IGNORED,
    "order.data.id": used("invoice_id"),
    "order.data.paid": CHECKED,
    "order.data.customer_id": used("customer_external_id"),
    "order.data.customer.external_id": used("customer_external_id"),
    "order.data.customer.email": PERSONAL,
    "order.data.customer.metadata": used("click_id"),
    "order.data.metadata": used("click_id"),
    "order.data.discount.code": used("code"),
    "order.data.billing_address.country": used("country"),
    "order.data.created_at": used("occurred_at"),
    "order.data.total_amount": used("amount"),
    "order.data.tax_amount": used("tax"),
    "order.data.discount_amount": used("discount"),
    "order.data.currency": used("currency"),
    "order.data.product_id": used("lines"),
    "order.data.items": IGNORED,
    "refund.data.id": used("refund_id"),
    "refund.data.order_id": used("invoice_id"),
    "refund.data.status": CHECKED,
    "refund.data.amount": used("amount"),
    "refund.data.tax_amount": used("tax"),
    "refund.data.currency": used("currency"),
    "refund.data.created_at": used("occurred_at"),
    "refund.data.reason": IGNORED,
}


def _ordered(told: Telling) -> Iterator[Made]:
    """An order that was paid. It is of one product."""
    if told.value("data.paid") is not True:
        return
    order, noted = told.token("data.id"), told.notes("data.metadata", "data.customer.metadata")
    amount, tax = told.minor("data.total_amount"), told.minor("data.tax_amount", "tax")
    product, marks = token(told.value("data.product_id")), told.marks(noted)
    known = name(noted.get(CUSTOMER)) or told.name("data.customer.external_id", "data.customer_id")
    yield {
        "type": "conversion.recorded",
        "id": f"{order}.paid",
        "occurred_at": told.time("data.created_at"),
        "customer_external_id": known or missing("customer_external_id"),
        **marks,
        "code": marks["code"] or told.name("data.discount.code"),
        "customer_email": told.text("data.customer.email"),
        "country": told.country("data.billing_address.country"),
        "invoice_id": order,
        "amount": amount,
        "currency": currency_of(told.value("data.currency")),
        "tax": tax,
        "discount": told.minor("data.discount_amount", "discount"),
        "lines": [{"id": "1", "product": product, "amount": amount - tax}] if product else None,
    }


def _refunded(told: Telling) -> Iterator[Made]:
    """A refund, once it went through; one that failed later is taken back."""
    id_, order, status = told.token("data.id"), told.token("data.order_id", "invoice_id"), told.value("data.status")
    if status == "succeeded":
        tax = told.minor("data.tax_amount", "tax")
        yield {
            "type": "conversion.refunded",
            "id": f"{id_}.refunded",
            "occurred_at": told.time("data.created_at"),
            "invoice_id": order,
            "refund_id": id_,
            "amount": told.minor("data.amount") + tax,
            "tax": tax,
            "currency": currency_of(told.value("data.currency")),
        }
    if status in ("failed", "canceled"):
        yield {"type": "refund.returned", "id": f"{id_}.returned", "invoice_id": order, "refund_id": id_}


def _topic(_: Any, body: Mapping[str, Any]) -> str:
    return str(body.get("type"))


SOURCE = source(
    System(
        name="polar",
        check=signatures.either,
        secret=signatures.is_key,
        topic=_topic,
        makes={
            **dict.fromkeys(("order.created", "order.paid", "order.updated"), ("order", _ordered)),
            **dict.fromkeys(("refund.created", "refund.updated"), ("refund", _refunded)),
        },
        fields=FIELDS,
        test=lambda _: False,
    )
)
