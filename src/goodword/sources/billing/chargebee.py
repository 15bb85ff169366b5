"""The source ``chargebee``: ``POST /hooks/chargebee/{workspace}``: invoices, payments and credit notes of Chargebee.

After the types of Chargebee's library (API v2, product catalog 2; chargebee 3.33.0 of npm), what each webhook holds among them, and
its pages on credit notes and on managing chargebacks, read on 2026-11-29. It checks a webhook by HTTP Basic alone, for Chargebee
signs nothing. A payment that somebody records is told as ``payment_succeeded`` too, with ``not_applicable`` for its gateway (its page
on telling offline payments from online ones, of 2023-08-09), and each transaction that is recorded as ``transaction_created`` (its
list of events); in which order is said nowhere, and is all one here. That own fields begin with ``cf_`` and stand among the others of
a customer or a subscription is said by the readme and code of chargebeex 0.1.0, which others made; of Chargebee's own pages those
that were read speak of own fields and of metadata and not of how the first are spelt. A site of its test mode is another site; what
its test gateway paid is a test.

An invoice is told by several events in any order, some with its customer and some without: so what is made of it is read from the
invoice alone, and what led there is a lead of its own. The payment alone names its gateway, so a paid invoice that is told without one
waits until its payment is told. What credits paid counts, for each was taken off the invoice that its credit note names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from goodword.sources.base import ByPayment, Paid
from goodword.sources.billing import signatures
from goodword.sources.billing.base import CUSTOMER, MARKS, Made, System, Telling, name, source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.told import checked, currency_of, dicts, missing, token, walk

_NOTING: Final = ("customer", "subscription")
_OWN: Final = (*MARKS.items(), ("customer_external_id", CUSTOMER))
FIELDS: Final[Mapping[str, Treatment]] = {
    "id": IGNORED,
    "occurred_at": IGNORED,
    "event_type": CHECKED,
    "webhook_status": IGNORED,
    "event.content": CHECKED,
    "invoice.id": used("invoice_id"),
    "invoice.status": CHECKED,
    "invoice.deleted": CHECKED,
    "invoice.customer_id": used("customer_external_id"),
    "invoice.currency_code": used("currency"),
    "invoice.total": used("amount"),
    "invoice.write_off_amount": used("amount"),
    "invoice.amount_adjusted": used("amount"),
    "invoice.tax": used("tax"),
    "invoice.paid_at": used("occurred_at"),
    "invoice.voided_at": used("occurred_at"),
    "invoice.date": used("occurred_at"),
    "invoice.price_type": CHECKED,
    "invoice.line_items": used("lines"),
    "invoice.discounts": used("code"),
    "invoice.linked_payments": CHECKED,
    "invoice.billing_address.email": PERSONAL,
    "invoice.billing_address.country": used("country"),
    "customer.id": used("customer_external_id"),
    "customer.created_at": used("occurred_at"),
    **{f"{noun}.cf_{said}": used(field) for noun in _NOTING for field, said in _OWN},
    **{f"{noun}.meta_data": used("click_id") for noun in _NOTING},
    "subscription.id": CHECKED,
    "subscription.customer_id": used("customer_external_id"),
    "subscription.created_at": used("occurred_at"),
    "transaction.id": used("refund_id"),
    "transaction.type": CHECKED,
    "transaction.status": CHECKED,
    "transaction.gateway": CHECKED,
    "transaction.currency_code": used("currency"),
    "transaction.linked_invoices": used("amount"),
    "transaction.linked_credit_notes": used("amount"),
    "credit_note.id": used("refund_id"),
    "credit_note.type": CHECKED,
    "credit_note.status": CHECKED,
    "credit_note.deleted": CHECKED,
    "credit_note.reason_code": CHECKED,
    "credit_note.create_reason_code": CHECKED,
    "credit_note.reference_invoice_id": used("invoice_id"),
    "credit_note.currency_code": used("currency"),
    "credit_note.total": used("amount"),
    "credit_note.taxes": used("tax"),
    "credit_note.date": used("occurred_at"),
}
#: What a payment is called that was one, and is none any more.
_FAILED: Final = ("late_failure", "voided")
Says = Made | Paid | ByPayment


def _tells(*parts: tuple[str, Callable[[Telling], Iterator[Says]]]) -> tuple[str, Callable[[Telling], Iterator[Says]]]:
    """Return what an event tells by the resources that it holds."""

    def tells(told: Telling) -> Iterator[Says]:
        content = told.value("content")
        for noun, make in parts:
            if isinstance(held := walk(content, noun), dict):
                yield from make(Telling(FIELDS, noun, held))

    return "event", tells


# --- who, and what led there ------------------------------------------------------------------------------------------


def _customer(told: Telling) -> Iterator[Made]:
    """A customer; ``gw_customer`` is what the company calls them."""
    id_, noted = told.name("id") or missing("customer_external_id"), _noted(told)
    yield from _lead(told, id_, noted)
    own = name(noted.get(CUSTOMER))
    if own is not None and own != id_:
        pair = sha256(f"{own}\0{id_}".encode()).hexdigest()[:32]
        yield {"type": "person.merged", "id": f"same.{pair}", "keep_external_id": own, "gone_external_id": id_}


def _subscription(told: Telling) -> Iterator[Made]:
    yield from _lead(told, told.name("customer_id") or missing("customer_external_id"), _noted(told))


def _lead(told: Telling, customer: str, noted: Mapping[str, Any]) -> Iterator[Made]:
    """Somebody showed up by a link or a code. It comes with each payment, and with another mark it is another lead."""
    marks = told.marks(noted)
    if any(marks.values()):
        digest = sha256(repr(sorted(marks.items())).encode()).hexdigest()[:16]
        yield {
            "type": "lead.created",
            "id": f"{told.token('id')}.{digest}.lead",
            "occurred_at": told.time("created_at"),
            "customer_external_id": customer,
            **marks,
        }


def _noted(told: Telling) -> dict[str, Any]:
    """What the company keeps in fields of its own: ``cf_gw_click`` and the like, or in ``meta_data``."""
    own = told.notes("meta_data")
    return {said: told.value(f"cf_{said}") or own.get(said) for _, said in _OWN}


# --- invoices and their payments --------------------------------------------------------------------------------------


def _paid(told: Telling) -> Iterator[Says]:
    """An invoice that the payment which is told beside it paid, or paid a part of."""
    yield from _invoice(told, waits=False)


def _told(told: Telling) -> Iterator[Says]:
    """An invoice that is told by itself."""
    yield from _invoice(told, waits=True)


def _invoice(told: Telling, *, waits: bool) -> Iterator[Says]:
    """An invoice, once it is paid. Its total has its tax in it.

    What was written off or taken off before was not paid, though the invoice is called paid. How much of it was tax is not said: all of
    the tax counts as in what was paid, so that nothing is earned on money that did not come, and the lines are left out.
    """
    invoice, status = told.token("id"), told.value("status")
    if status == "voided" or told.value("deleted") is True:
        yield _over(told, invoice, "voided" if status == "voided" else "deleted")
    if status != "paid" or told.value("deleted") is True:
        return
    total, tax = told.minor("total"), told.minor("tax", "tax")
    amount = total - sum(told.minor(part, "discount") for part in ("write_off_amount", "amount_adjusted"))
    if amount <= 0:
        return
    currency = currency_of(told.value("currency_code"))
    made = {
        "type": "conversion.recorded",
        "id": f"{invoice}.paid",
        "occurred_at": told.time("paid_at", "date"),
        "customer_external_id": told.name("customer_id") or missing("customer_external_id"),
        "code": _coupon(told),
        "customer_email": told.text("billing_address.email"),
        "country": told.country("billing_address.country"),
        "invoice_id": invoice,
        "amount": amount,
        "currency": currency,
        "tax": min(tax, amount),
        "lines": _lines(told, amount - tax) or None if amount == total else None,
    }
    payments = dicts(told.value("linked_payments"))
    by = [token(one.get("txn_id")) for one in payments if one.get("txn_status") == "success"]
    yield ByPayment(f"{by[-1]}.{invoice}", checked(made)) if waits and by and by[-1] else made
    for one in payments:  # what failed later was made good since
        if (id_ := token(one.get("txn_id"))) and one.get("txn_status") in _FAILED:
            yield _failed(id_, invoice, one.get("applied_amount"), currency)
            yield {
                "type": "refund.returned",
                "id": f"{id_}.{invoice}.paid",
                "invoice_id": invoice,
                "refund_id": f"{id_}.{invoice}",
            }


def _over(told: Telling, invoice: str, how: str) -> Made:
    """An invoice that is none any more."""
    at = told.time("voided_at")
    return {"type": "conversion.canceled", "id": f"{invoice}.{how}", "occurred_at": at, "invoice_id": invoice}


def _payment(told: Telling) -> Iterator[Says]:
    """Which payment paid which invoices; one that fails after all pays for nothing."""
    if told.value("type") != "payment":
        return
    id_, status = told.token("id"), told.value("status")
    for one in dicts(told.value("linked_invoices")):
        invoice = token(one.get("invoice_id")) or missing("invoice_id")
        if status == "success":
            yield Paid(f"{id_}.{invoice}", invoice)
        if status in _FAILED:
            yield _failed(id_, invoice, one.get("applied_amount"), currency_of(told.value("currency_code")))


def _failed(payment: str, invoice: str, amount: Any, currency: str) -> Made:
    named = {"invoice_id": invoice, "refund_id": f"{payment}.{invoice}"}
    return {
        "type": "conversion.refunded",
        "id": f"{payment}.{invoice}.failed",
        **named,
        "amount": amount,
        "currency": currency,
    }


def _coupon(told: Telling) -> str | None:
    coupons = [one for one in dicts(told.value("discounts")) if "coupon" in str(one.get("entity_type"))]
    return next(filter(None, (name(one.get("entity_id")) for one in coupons)), None)


def _lines(told: Telling, goods: int) -> list[Made]:
    """The lines, as far as they sum to the goods: less their discounts, and less their tax where prices hold it."""
    inside = told.value("price_type") == "tax_inclusive"
    lines = [_line(one, inside=inside) for one in dicts(told.value("line_items"))]
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


# --- what goes back ---------------------------------------------------------------------------------------------------


def _credit_note(told: Telling) -> Iterator[Made]:
    """A credit note of what was paid: to a card, or to the customer's credit. One that adjusts takes off what nobody paid."""
    if told.value("type") not in ("refundable", "store") or (invoice := told.value("reference_invoice_id")) is None:
        return
    taxes = sum(one["amount"] for one in dicts(told.value("taxes")) if type(one.get("amount")) is int)
    over = told.value("status") == "voided" or told.value("deleted") is True
    reasons = [str(told.value(field)).lower() for field in ("reason_code", "create_reason_code")]
    note = {"amount": told.minor("total"), "tax": taxes, "currency": currency_of(told.value("currency_code"))}
    at = {"occurred_at": told.time("date")}
    yield from _back(told.token("id"), invoice, {**note, **at}, over=over, charged="chargeback" in reasons)


def _refund(told: Telling) -> Iterator[Made]:
    """A refund, by the credit notes that it pays, where none of them is told beside it."""
    if told.value("type") not in (None, "refund") or told.value("status") != "success":
        return
    currency, notes = currency_of(told.value("currency_code")), dicts(told.value("linked_credit_notes"))
    if not notes:
        missing("invoice_id")
    for one in notes:
        id_, invoice = token(one.get("cn_id")) or missing("refund_id"), one.get("cn_reference_invoice_id")
        total = one.get("cn_total")
        note = {"amount": one.get("applied_amount") if total is None else total, "currency": currency}
        charged = one.get("cn_reason_code") == "chargeback"
        yield from _back(id_, invoice, note, over=one.get("cn_status") == "voided", charged=charged)


def _back(id_: str, invoice: Any, note: Made, *, over: bool, charged: bool) -> Iterator[Made]:
    """What a credit note gives back; ``over``: it was taken back, as of a chargeback that was won."""
    named = {"invoice_id": token(invoice) or missing("invoice_id")}
    if charged:
        said = {field: value for field, value in note.items() if field != "tax"}
        yield {"type": "chargeback.opened", "id": f"{id_}.opened", **named, "chargeback_id": id_, **said}
        end = "kept" if over else "lost"
        yield {"type": "chargeback.closed", "id": f"{id_}.{end}", **named, "chargeback_id": id_, "outcome": end}
        return
    yield {"type": "conversion.refunded", "id": f"{id_}.refunded", **named, "refund_id": id_, **note}
    if over:
        yield {"type": "refund.returned", "id": f"{id_}.voided", **named, "refund_id": id_}


_WHO: Final = (("customer", _customer), ("subscription", _subscription))


def _succeeded() -> tuple[str, Callable[[Telling], Iterator[Says]]]:
    """A payment: which invoice it paid, and the invoice."""
    noun, tells = _tells(*_WHO, ("invoice", _paid), ("transaction", _payment))

    def succeeded(told: Telling) -> Iterator[Says]:
        content = told.value("content")
        payment, invoice = token(walk(content, "transaction.id")), token(walk(content, "invoice.id"))
        if payment and invoice:
            yield Paid(f"{payment}.{invoice}", invoice)
        yield from tells(told)

    return noun, succeeded


def _refunded() -> tuple[str, Callable[[Telling], Iterator[Says]]]:
    """A refund: by its credit note, which is told beside it, else by those that it names."""
    noun, by_note = _tells(("credit_note", _credit_note))
    _, by_names = _tells(("transaction", _refund))

    def refunded(told: Telling) -> Iterator[Says]:
        yield from (by_note if isinstance(walk(told.value("content"), "credit_note"), dict) else by_names)(told)

    return noun, refunded


SOURCE = source(
    System(
        name="chargebee",
        check=signatures.basic,
        secret=signatures.is_pair,
        topic=lambda _, body: str(body.get("event_type")),
        makes={
            **dict.fromkeys(
                (
                    *(f"customer_{change}" for change in ("created", "changed")),
                    *(f"subscription_{change}" for change in ("created", "started", "activated", "changed")),
                ),
                _tells(*_WHO),
            ),
            "payment_succeeded": _succeeded(),
            **dict.fromkeys(
                ("invoice_generated", "invoice_generated_with_backdating", "invoice_updated", "invoice_deleted"),
                _tells(("invoice", _told)),
            ),
            **dict.fromkeys(("transaction_created", "transaction_updated"), _tells(("transaction", _payment))),
            **dict.fromkeys(
                (
                    *(f"credit_note_{change}" for change in ("created", "created_with_backdating")),
                    *(f"credit_note_{change}" for change in ("updated", "deleted")),
                ),
                _tells(("credit_note", _credit_note)),
            ),
            "payment_refunded": _refunded(),
        },
        fields=FIELDS,
        test=lambda body: walk(body, "content.transaction.gateway") == "chargebee",
    )
)
