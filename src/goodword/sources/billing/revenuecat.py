"""The source ``revenuecat``: ``POST /hooks/revenuecat/{workspace}``: purchases in apps, as RevenueCat tells them.

After its page of event types and fields (api_version 1.0, in RevenueCat/docs), read on 2026-11-29. It shows a text in ``Authorization``
and signs nothing. What was bought in the sandbox of a store is a test. The price is in the buyer's currency, tax included, and of what
was paid back below nought: what a store keeps for itself is no part of what is known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from goodword.sources.billing import signatures
from goodword.sources.billing.base import CUSTOMER, MARKS, Made, System, Telling, name, source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.told import currency_of, figure, missing, token, walk

FIELDS: Final[Mapping[str, Treatment]] = {
    "api_version": IGNORED,
    "event.event.id": IGNORED,
    "event.event.type": CHECKED,
    "event.event.environment": CHECKED,
    "event.event.period_type": CHECKED,
    "event.event.is_family_share": CHECKED,
    "event.event.transaction_id": used("invoice_id"),
    "event.event.app_user_id": used("customer_external_id"),
    "event.event.subscriber_attributes": used("click_id"),
    "event.event.subscriber_attributes.$email.value": PERSONAL,
    "event.event.offer_code": used("code"),
    "event.event.country_code": used("country"),
    "event.event.product_id": used("lines"),
    "event.event.currency": used("currency"),
    "event.event.price_in_purchased_currency": used("amount"),
    "event.event.tax_percentage": used("tax"),
    "event.event.purchased_at_ms": used("occurred_at"),
    "event.event.event_timestamp_ms": used("occurred_at"),
    "event.event.cancel_reason": CHECKED,
    "event.event.price": IGNORED,
    "event.event.takehome_percentage": IGNORED,
    "event.event.commission_percentage": IGNORED,
    "event.event.aliases": IGNORED,
    "event.event.original_app_user_id": IGNORED,
}
_BOUGHT: Final = ("INITIAL_PURCHASE", "RENEWAL", "NON_RENEWING_PURCHASE")


def _bought(told: Telling) -> Iterator[Made]:
    """A purchase that was paid for; a trial and what a family shares are none."""
    currency = currency_of(told.value("event.currency"))
    amount = figure(told.value("event.price_in_purchased_currency"), currency, "amount")
    if not amount or told.value("event.is_family_share") is True:
        return
    noted = {
        key: walk(told.value("event.subscriber_attributes"), f"{key}.value") for key in (*MARKS.values(), CUSTOMER)
    }
    transaction, marks = told.token("event.transaction_id", "invoice_id"), told.marks(noted)
    tax = _tax(told, amount)
    product = token(told.value("event.product_id"))
    yield {
        "type": "conversion.recorded",
        "id": f"{transaction}.paid",
        "occurred_at": told.time("event.purchased_at_ms"),
        "customer_external_id": name(noted[CUSTOMER])
        or told.name("event.app_user_id")
        or missing("customer_external_id"),
        **marks,
        "code": marks["code"] or told.name("event.offer_code"),
        "customer_email": told.text("event.subscriber_attributes.$email.value"),
        "country": told.country("event.country_code"),
        "invoice_id": transaction,
        "amount": amount,
        "currency": currency,
        "tax": tax,
        "lines": [{"id": "1", "product": product, "amount": amount - tax}] if product else None,
    }


def _canceled(told: Telling) -> Iterator[Made]:
    """A purchase that the store paid back, as much as it says, else all of it. A subscription that ends keeps what was paid."""
    if told.value("event.cancel_reason") != "CUSTOMER_SUPPORT":
        return
    transaction = told.token("event.transaction_id", "invoice_id")
    of = {"invoice_id": transaction, "occurred_at": told.time("event.event_timestamp_ms")}
    if not told.value("event.price_in_purchased_currency"):
        yield {"type": "conversion.canceled", "id": f"{transaction}.canceled", **of}
        return
    currency = currency_of(told.value("event.currency"))
    amount = abs(figure(told.value("event.price_in_purchased_currency"), currency, "amount"))
    yield {
        "type": "conversion.refunded",
        "id": f"{transaction}.refunded",
        **of,
        "refund_id": f"{transaction}.refund",
        "amount": amount,
        "tax": _tax(told, amount),
        "currency": currency,
    }


def _returned(told: Telling) -> Iterator[Made]:
    """A refund that the store took back."""
    transaction = told.token("event.transaction_id", "invoice_id")
    refund = {"invoice_id": transaction, "refund_id": f"{transaction}.refund"}
    yield {"type": "refund.returned", "id": f"{transaction}.returned", **refund}


def _tax(told: Telling, amount: int) -> int:
    """The tax in an amount, as far as its share is known."""
    share = told.value("event.tax_percentage")
    tax = Decimal(str(share)) * amount if isinstance(share, int | Decimal) and 0 <= share < 1 else Decimal(0)
    return int(tax.quantize(Decimal(1), ROUND_HALF_EVEN))


SOURCE = source(
    System(
        name="revenuecat",
        check=signatures.shown,
        secret=signatures.is_text,
        topic=lambda _, body: str(walk(body, "event.type")),
        makes={
            **dict.fromkeys(_BOUGHT, ("event", _bought)),
            "CANCELLATION": ("event", _canceled),
            "REFUND_REVERSED": ("event", _returned),
        },
        fields=FIELDS,
        test=lambda body: walk(body, "event.environment") == "SANDBOX",
    )
)
