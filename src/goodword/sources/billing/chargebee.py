"""The source ``chargebee``: ``POST /hooks/chargebee/{workspace}``: invoices and refunds of Chargebee.

After the types of Chargebee's library (API v2, product catalog 2; chargebee 3.33.0 of npm), read on 2026-11-29. It checks a webhook by
HTTP Basic alone, for Chargebee signs nothing. Where own fields stand (``cf_…``) is remembered: no page of it was read. A site of its
test mode is another site; what its test gateway paid is a test. The payment alone names its gateway, so an invoice is taken from the
payment that settled it and from no telling of the invoice itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from goodword.sources.billing import signatures
from goodword.sources.billing.base import CUSTOMER, MARKS, Made, System, Telling, name, source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.told import currency_of, dicts, missing, token, walk

_NOTED: Final = tuple(f"content.{noun}" for noun in ("subscription", "customer"))
FIELDS: Final[Mapping[str, Treatment]] = {
    "id": IGNORED,
    "occurred_at": IGNORED,
    "event_type": CHECKED,
    "webhook_status": IGNORED,
    "invoice.content.invoice.id": used("invoice_id"),
    "invoice.content.invoice.status": CHECKED,
    "invoice.content.invoice.customer_id": used("customer_external_id"),
    "invoice.content.invoice.currency_code": used("currency"),
    "invoice.content.invoice.total": used("amount"),
    "invoice.content.invoice.write_off_amount": used("amount"),
    "invoice.content.invoice.amount_adjusted": used("amount"),
    "invoice.content.invoice.tax": used("tax"),
    "invoice.content.invoice.paid_at": used("occurred_at"),
    "invoice.content.invoice.date": used("occurred_at"),
    "invoice.content.invoice.price_type": CHECKED,
    "invoice.content.invoice.line_items": used("lines"),
    "invoice.content.invoice.discounts": used("code"),
    "invoice.content.subscription": used("click_id"),
    "invoice.content.customer": used("click_id"),
    "invoice.content.customer.email": PERSONAL,
    "invoice.content.customer.billing_address.country": used("country"),
    "invoice.content.transaction.gateway": CHECKED,
    "refund.content.transaction.id": used("refund_id"),
    "refund.content.transaction.status": CHECKED,
    "refund.content.transaction.currency_code": used("currency"),
    "refund.content.transaction.date": used("occurred_at"),
    "refund.content.transaction.linked_credit_notes": used("amount"),
    "refund.content.transaction.gateway": CHECKED,
}


def _invoiced(told: Telling) -> Iterator[Made]:
    """An invoice, once it is paid. Its total has its tax in it.

    What was written off or credited was not paid, though the invoice is called paid. How much of it was tax is not said: all of the tax
    counts as in what was paid, so that nothing is earned on money that did not come, and the lines are left out.
    """
    if told.value("content.invoice.status") != "paid":
        return
    invoice, noted = told.token("content.invoice.id"), _noted(told)
    total, tax = told.minor("content.invoice.total"), told.minor("content.invoice.tax", "tax")
    lost = [told.minor(f"content.invoice.{part}", "discount") for part in ("write_off_amount", "amount_adjusted")]
    amount = total - sum(lost)
    if amount <= 0:
        return
    marks = told.marks(noted)
    yield {
        "type": "conversion.recorded",
        "id": f"{invoice}.paid",
        "occurred_at": told.time("content.invoice.paid_at", "content.invoice.date"),
        "customer_external_id": name(noted.get(CUSTOMER))
        or told.name("content.invoice.customer_id")
        or missing("customer_external_id"),
        **marks,
        "code": marks["code"] or _coupon(told),
        "customer_email": told.text("content.customer.email"),
        "country": told.country("content.customer.billing_address.country"),
        "invoice_id": invoice,
        "amount": amount,
        "currency": currency_of(told.value("content.invoice.currency_code")),
        "tax": min(tax, amount),
        "lines": _lines(told, amount - tax) or None if amount == total else None,
    }


def _noted(told: Telling) -> dict[str, Any]:
    """What the company keeps in fields of its own: ``cf_gw_click`` and the like, or in ``meta_data``."""
    found: dict[str, Any] = {}
    for path in reversed(_NOTED):
        of = told.value(path)
        of = of if isinstance(of, dict) else {}
        own = walk(of, "meta_data")
        own = own if isinstance(own, dict) else {}
        for said in (*MARKS.values(), CUSTOMER):
            if value := of.get(f"cf_{said}") or own.get(said):
                found[said] = value
    return found


def _coupon(told: Telling) -> str | None:
    coupons = [one for one in dicts(told.value("content.invoice.discounts")) if "coupon" in str(one.get("entity_type"))]
    return next(filter(None, (name(one.get("entity_id")) for one in coupons)), None)


def _lines(told: Telling, goods: int) -> list[Made]:
    """The lines, as far as they sum to the goods: less their discounts, and less their tax where prices hold it."""
    inside = told.value("content.invoice.price_type") == "tax_inclusive"
    lines = [_line(one, inside=inside) for one in dicts(told.value("content.invoice.line_items"))]
    known = [line for line in lines if line is not None]
    return known if len(known) == len(lines) and sum(line["amount"] for line in known) == goods else []


def _line(item: Mapping[str, Any], *, inside: bool) -> Made | None:
    id_, product = token(item.get("id")), token(item.get("entity_id"))
    amounts = [item.get(part) or 0 for part in ("amount", "discount_amount", "tax_amount")]
    quantity = item.get("quantity", 1)
    if id_ is None or product is None or any(type(one) is not int for one in (*amounts, quantity)):
        return None
    amount, discount, tax = amounts
    return {"id": id_, "product": product, "amount": amount - discount - (tax if inside else 0), "quantity": quantity}


def _refunded(told: Telling) -> Iterator[Made]:
    """A refund that went through, by the invoices whose credit notes it pays."""
    if told.value("content.transaction.status") != "success":
        return
    id_, currency = told.token("content.transaction.id"), currency_of(told.value("content.transaction.currency_code"))
    notes = dicts(told.value("content.transaction.linked_credit_notes"))
    if not notes:
        missing("invoice_id")
    for note in notes:
        invoice, number = token(note.get("cn_reference_invoice_id")), token(note.get("cn_id"))
        yield {
            "type": "conversion.refunded",
            "id": f"{id_}.{number}.refunded",
            "occurred_at": told.time("content.transaction.date"),
            "invoice_id": invoice or missing("invoice_id"),
            "refund_id": f"{id_}.{number}" if len(notes) > 1 else id_,
            "amount": note.get("applied_amount"),
            "currency": currency,
        }


SOURCE = source(
    System(
        name="chargebee",
        check=signatures.basic,
        secret=signatures.is_pair,
        topic=lambda _, body: str(body.get("event_type")),
        makes={
            "payment_succeeded": ("invoice", _invoiced),
            "payment_refunded": ("refund", _refunded),
        },
        fields=FIELDS,
        test=lambda body: walk(body, "content.transaction.gateway") == "chargebee",
    )
)
