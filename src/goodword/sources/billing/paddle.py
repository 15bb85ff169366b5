"""The source ``paddle``: ``POST /hooks/paddle/{workspace}``: transactions and adjustments of Paddle Billing.

After the types and the verifier of Paddle's library for Python (API version 1; 1.16.1 of PyPI) and a copy of what its documentation
says of adjustments, read on 2026-11-29; its library of npm is run by the tests. Amounts are texts in minor units. A refund waits for
Paddle's approval; ``reversed`` is the status of what a reversal was made for. A delivery of a sandbox looks like any other, but for
what its simulator sends: its secret belongs into a sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from goodword.sources.billing import signatures
from goodword.sources.billing.base import CUSTOMER, Made, System, Telling, name, source
from goodword.sources.fields import CHECKED, IGNORED, Treatment, used
from goodword.sources.told import WrongError, currency_of, dicts, missing, token, walk

FIELDS: Final[Mapping[str, Treatment]] = {
    "event_id": IGNORED,
    "occurred_at": IGNORED,
    "notification_id": CHECKED,
    "event_type": CHECKED,
    "transaction.data.id": used("invoice_id"),
    "transaction.data.customer_id": used("customer_external_id"),
    "transaction.data.custom_data": used("click_id"),
    "transaction.data.currency_code": used("currency"),
    "transaction.data.billed_at": used("occurred_at"),
    "transaction.data.created_at": used("occurred_at"),
    "transaction.data.details.totals.total": used("amount"),
    "transaction.data.details.totals.tax": used("tax"),
    "transaction.data.details.totals.discount": used("discount"),
    "transaction.data.details.line_items": used("lines"),
    "transaction.data.payments": IGNORED,
    "transaction.data.checkout": IGNORED,
    "adjustment.data.id": used("refund_id"),
    "adjustment.data.transaction_id": used("invoice_id"),
    "adjustment.data.action": CHECKED,
    "adjustment.data.status": CHECKED,
    "adjustment.data.currency_code": used("currency"),
    "adjustment.data.totals.total": used("amount"),
    "adjustment.data.totals.tax": used("tax"),
    "adjustment.data.created_at": used("occurred_at"),
    "adjustment.data.reason": IGNORED,
}


def _paid(told: Telling) -> Iterator[Made]:
    """A transaction that was paid: what it comes to after discounts, tax included."""
    transaction, noted = told.token("data.id"), told.notes("data.custom_data")
    amount, tax = told.minor("data.details.totals.total"), told.minor("data.details.totals.tax", "tax")
    yield {
        "type": "conversion.recorded",
        "id": f"{transaction}.paid",
        "occurred_at": told.time("data.billed_at", "data.created_at"),
        "customer_external_id": name(noted.get(CUSTOMER))
        or told.name("data.customer_id")
        or missing("customer_external_id"),
        **told.marks(noted),
        "invoice_id": transaction,
        "amount": amount,
        "currency": currency_of(told.value("data.currency_code")),
        "tax": tax,
        "discount": told.minor("data.details.totals.discount", "discount"),
        "lines": _lines(told, amount - tax) or None,
    }


def _lines(told: Telling, goods: int) -> list[Made]:
    """The lines, as far as they sum to the goods."""
    lines = [_line(item) for item in dicts(told.value("data.details.line_items"))]
    known = [line for line in lines if line is not None]
    return known if len(known) == len(lines) and sum(line["amount"] for line in known) == goods else []


def _line(item: Mapping[str, Any]) -> Made | None:
    id_, product = token(item.get("id")), token(walk(item, "product.id")) or token(item.get("price_id"))
    subtotal, discount = (walk(item, f"totals.{part}") for part in ("subtotal", "discount"))
    quantity = item.get("quantity")
    if id_ is None or product is None or type(quantity) is not int or not str(subtotal).isdecimal():
        return None
    less = int(str(discount)) if str(discount).isdecimal() else 0
    return {"id": id_, "product": product, "amount": int(str(subtotal)) - less, "quantity": quantity}


def _adjusted(told: Telling) -> Iterator[Made]:
    """A refund that was approved, or taken back again; a chargeback, and its end. A credit pays nothing back."""
    action, status = told.text("data.action"), told.text("data.status")
    id_, transaction = told.token("data.id"), told.token("data.transaction_id", "invoice_id")
    of = {"invoice_id": transaction, "occurred_at": told.time("data.created_at")}
    if action == "refund" and status in ("approved", "reversed"):
        yield {
            "type": "conversion.refunded",
            "id": f"{id_}.refunded",
            **of,
            "refund_id": id_,
            "amount": told.minor("data.totals.total"),
            "tax": told.minor("data.totals.tax", "tax"),
            "currency": currency_of(told.value("data.currency_code")),
        }
    if action == "refund" and status == "reversed":
        yield {"type": "refund.returned", "id": f"{id_}.returned", "invoice_id": transaction, "refund_id": id_}
    if action == "refund" and status == "pending_approval":
        raise WrongError("invalid_value", "status")  # the one that is approved is told again
    if action == "chargeback":
        amount = told.minor("data.totals.total")
        yield {"type": "chargeback.opened", "id": f"{id_}.opened", **of, "chargeback_id": transaction, "amount": amount}
        yield {"type": "chargeback.closed", "id": f"{id_}.lost", **of, "chargeback_id": transaction, "outcome": "lost"}
    if action == "chargeback_reverse":
        yield {"type": "chargeback.closed", "id": f"{id_}.kept", **of, "chargeback_id": transaction, "outcome": "kept"}


def _topic(_: Any, body: Mapping[str, Any]) -> str:
    return str(body.get("event_type"))


SOURCE = source(
    System(
        name="paddle",
        check=signatures.paddle,
        secret=signatures.is_text,
        topic=_topic,
        makes={
            **dict.fromkeys(("transaction.completed", "transaction.paid"), ("transaction", _paid)),
            **dict.fromkeys(("adjustment.created", "adjustment.updated"), ("adjustment", _adjusted)),
        },
        fields=FIELDS,
        test=lambda body: str(body.get("notification_id")).startswith("ntfsim"),
    )
)
