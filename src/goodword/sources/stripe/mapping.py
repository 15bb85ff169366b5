"""From an event of Stripe's to native events, and to what it says of payments: by its type, and by the version of the API it names.

An event of ours has its id from the object and not from the event that tells of it: Stripe tells the same by several events, in any
order and more than once. So of an object only that is read which does not change. Must not know: HTTP, the workspace.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from goodword.core.money import MAX_INTEGER
from goodword.sources import native
from goodword.sources.base import ByPayment, Paid, Problem
from goodword.sources.fields import MAX_NAME, MAX_TEXT, TOKEN_PATTERN
from goodword.sources.stripe import amounts
from goodword.sources.stripe.table import FIELDS
from goodword.sources.stripe.versions import Shape
from goodword.sources.told import Told, WrongError, checked, currency_of, dicts, missing, offer, token, walk

_LANGUAGE = re.compile(native.LANGUAGE)
_TOKEN = re.compile(TOKEN_PATTERN)
_TRAITS = 100
_LINES = 1_000
_CLICK, _CODE = (
    "gw_click_",
    "gw_code_",
)  # what a client_reference_id begins with, which may hold no other signs than these

#: What goes out of a mapping before it is checked: the fields of an event, and the payment by which its invoice is named.
_Made = dict[str, Any]
Mapped = native.Wire | Paid | ByPayment


class Event(NamedTuple):
    """An event as it came. ``noun``: what its object calls itself."""

    id: str
    type: str
    created: int
    shape: Shape
    noun: str
    object: Mapping[str, Any]


class _Told(Told):
    """What an object of Stripe's says, in the shape of its version."""

    def __init__(self, event: Event, noun: str | None = None, object_: Mapping[str, Any] | None = None) -> None:
        super().__init__(FIELDS, noun or event.noun, event.object if object_ is None else object_)
        self.event = event
        self.noun = noun or event.noun
        self.shape = event.shape

    def ref(self, path: str) -> str | None:
        """Return the id of an object that is named, or stands there itself."""
        return _ref(self.value(path))

    @property
    def id(self) -> str:
        """The object's own id. Raises WrongError."""
        return self.ref("id") or missing("id")

    def at(self, *paths: str) -> datetime | None:
        """Return the first time that is said; None: when the event says that it happened."""
        said = next((found for path in paths if (found := self.value(path)) is not None), self.event.created)
        return datetime.fromtimestamp(said, UTC) if type(said) is int and 0 <= said < MAX_INTEGER // 10**6 else None

    @property
    def currency(self) -> str:
        """The currency. Raises WrongError for none, and for one that is not in ISO 4217."""
        return currency_of(self.text("currency"))

    def amount(self, path: str, field: str = "amount") -> int:
        """Return an amount; nothing is 0."""
        return self.minor(self.value(path), field)

    def summed(self, path: str, field: str) -> int:
        """Return the sum of the amounts of a list."""
        return sum(self.minor(one.get("amount"), field) for one in dicts(self.value(path)))

    def minor(self, said: Any, field: str) -> int:
        """Return an amount in minor units. Raises WrongError for what is none."""
        if said is None:
            return 0
        amount = amounts.minor(said, self.currency) if type(said) is int else None
        if amount is None:
            raise WrongError("invalid_value", field)
        return amount

    def shipping(self) -> int:
        """Return what was charged for shipping, without its tax."""
        return self.amount("shipping_cost.amount_total", "shipping") - self.amount(
            "shipping_cost.amount_tax", "shipping"
        )

    def marks(self, *places: str) -> _Made:
        """Return what may lead to an advocate, from the first place that says it."""
        names = {"click_id": "gw_click", "link_code": "gw_code", "code": "referral_code"}
        return {field: self.first(name, *places) for field, name in names.items()}

    def offer(self, *places: str) -> str | None:
        """Return the welcome offer that is named: by metadata, or by the coupon that is called by it."""
        coupons = [one.get("coupon") for one in dicts(self.value("discounts"))]
        if self.noun == "invoice":
            coupons.append(self.value("discount.coupon.id"))
        return token(self.first("gw_offer", *places)) or next(filter(None, map(offer, map(_ref, coupons))), None)

    def first(self, name: str, *places: str) -> str | None:
        """Return what the first of several metadata says by a name."""
        for place in places or ("metadata",):
            if said := self.text(f"{place}.{name}", MAX_NAME):
                return said
        return None

    def customer(self, *places: str, path: str = "customer") -> str:
        """Return whose it is: by the company's own name for them, by Stripe's, or somebody of their own."""
        return self.first("gw_customer", *places) or self.ref(path) or f"guest:{self.id}"

    def payment(self) -> str:
        """Return the payment by which an invoice is meant. Raises WrongError for none."""
        return self.ref("payment_intent") or self.ref("charge") or missing("invoice_id")


def to_native(event: Event) -> Sequence[Mapped] | Problem:
    """Return what an event means here, nothing where it means nothing, or what is wrong with it."""
    make = _EVENTS.get(event.type)
    if make is None:
        return ()
    if event.noun != _noun(event.type):
        return Problem("invalid_value", "type", event.id)
    try:
        return [made if isinstance(made, Paid) else _checked(made) for made in make(_Told(event))]
    except WrongError as wrong:
        return msgspec.structs.replace(wrong.problem, id=event.id)


def _noun(type_: str) -> str:
    """Return what the object of an event calls itself, by the event's type: a customer's subscription is a subscription."""
    return type_.rpartition(".")[0].removeprefix("customer.").removeprefix("charge.")


def _checked(made: _Made) -> native.Wire | ByPayment:
    """Read an event under the bounds of one that is sent natively. Raises WrongError."""
    payment = made.pop("payment", None)
    return checked(made) if payment is None else ByPayment(payment, checked({**made, "invoice_id": payment}))


# --- checkout ---------------------------------------------------------------------------------------------------------


def _checked_out(told: _Told, *, failed: bool = False) -> Iterator[_Made | Paid]:
    """A session is a lead, as of when it began; and a purchase where no invoice tells of that."""
    yield from _lead(told, "customer_details", _referenced(told))
    payment = told.ref("payment_intent")
    invoiced = told.ref("invoice") is not None or told.value("invoice_creation.enabled") is True
    if told.value("mode") != "payment" or invoiced or payment is None or failed:
        return
    yield Paid(payment, payment)
    paid = told.value("payment_status") != "unpaid"
    shipping = told.value("shipping_cost.amount_total") is not None
    yield {
        "type": "conversion.recorded",
        "id": f"{told.id}.{'paid' if paid else 'open'}",
        "occurred_at": told.at(),
        "customer_external_id": told.customer(),
        "customer_email": told.text("customer_details.email"),
        "country": told.country("customer_details.address.country"),
        "invoice_id": payment,
        "amount": told.amount("amount_total"),
        "currency": told.currency,
        "tax": told.amount("total_details.amount_tax", "tax"),
        "shipping": told.shipping() if shipping else told.amount("total_details.amount_shipping", "shipping"),
        "discount": told.amount("total_details.amount_discount", "discount"),
        "offer_id": told.offer(),
        "status": "paid" if paid else "open",
    }


def _referenced(told: _Told) -> _Made:
    """What a client_reference_id says of a link: a click or its code, by how it begins. Any other is the company's own."""
    said = told.text("client_reference_id", MAX_NAME) or ""
    return {
        "click_id": said.removeprefix(_CLICK) if said.startswith(_CLICK) else None,
        "link_code": said.removeprefix(_CODE) if said.startswith(_CODE) else None,
    }


def _lead(told: _Told, person: str, marks: _Made, path: str = "customer") -> Iterator[_Made]:
    """Somebody showed up by a link or a code."""
    said = {field: found or marks.get(field) for field, found in told.marks().items()}
    if not any(said.values()):
        return
    of = f"{person}." if person else ""
    yield {
        "type": "lead.created",
        "id": f"{told.id}.lead",
        "occurred_at": told.at("created"),
        "customer_external_id": told.customer(path=path),
        **said,
        **(
            {
                "customer_email": told.text(f"{of}email"),
                "customer_name": told.text(f"{of}name"),
                "customer_phone": told.text(f"{of}phone"),
                "country": told.country(f"{of}address.country"),
            }
            if person or path == "id"
            else {}
        ),
    }


# --- customers and subscriptions --------------------------------------------------------------------------------------


def _customer(told: _Told) -> Iterator[_Made]:
    yield from _lead(told, "", {}, path="id")
    yield from _same(told)
    locales, metadata = told.value("preferred_locales"), told.value("metadata")
    language = locales[0] if isinstance(locales, list) and locales else None
    said = {
        "email": told.text("email"),
        "name": told.text("name"),
        "phone": told.text("phone"),
        "country": told.country("address.country"),
        "language": language if isinstance(language, str) and _LANGUAGE.match(language) else None,
        "traits": _traits(metadata if isinstance(metadata, dict) else {}),
    }
    yield from _updated(told, {name: value for name, value in said.items() if value}, "id")


def _same(told: _Told) -> Iterator[_Made]:
    """Stripe's customer is the one whom the company calls so, if the customer itself says it.

    A session or a subscription says it of itself alone: several users of a firm may buy as one customer of Stripe's.
    """
    own, theirs = told.first("gw_customer"), told.id
    if own is None or own == theirs:
        return
    pair = sha256(f"{own}\0{theirs}".encode()).hexdigest()[:32]
    yield {"type": "person.merged", "id": f"same.{pair}", "keep_external_id": own, "gone_external_id": theirs}


def _traits(said: Mapping[str, Any]) -> dict[str, str]:
    """What of metadata may be kept as traits."""
    kept = {
        name: value
        for name, value in said.items()
        if _TOKEN.match(name) and isinstance(value, str) and 0 < len(value) <= MAX_TEXT and "\0" not in value
    }
    return dict(list(kept.items())[:_TRAITS])


def _subscription(told: _Told) -> Iterator[_Made]:
    yield from _lead(told, "", {})
    status = told.text("status")
    yield from _updated(told, {"traits": {"subscription_status": status}} if status else {}, "customer")


def _updated(told: _Told, said: Mapping[str, Any], path: str) -> Iterator[_Made]:
    if said:
        yield {
            "type": "customer.updated",
            "id": told.event.id,
            "occurred_at": told.at(),
            "customer_external_id": told.customer(path=path),
            **said,
        }


# --- invoices and their payments --------------------------------------------------------------------------------------


def _invoice(told: _Told, *, paid: bool) -> Iterator[_Made | Paid]:
    """An invoice, as it was charged or will be. One that a customer's balance paid wholly stays open."""
    invoice, places = told.id, ("metadata", told.shape.metadata)
    paid = paid and not _is_from_balance(told)
    for payment in _payments(told):
        yield Paid(payment, invoice)
    amount, tax, shipping = told.amount("total"), _tax(told), told.shipping()
    if amount < 0:  # a credit to the customer: what it takes back is told by what is refunded
        return
    yield {
        "type": "conversion.recorded",
        "id": f"{invoice}.{'paid' if paid else 'open'}",
        "occurred_at": told.at(f"status_transitions.{'paid_at' if paid else 'finalized_at'}"),
        "customer_external_id": told.customer(*places),
        **told.marks(*places),
        "customer_email": told.text("customer_email"),
        "country": told.country("customer_address.country"),
        "invoice_id": invoice,
        "amount": amount,
        "currency": told.currency,
        "tax": tax,
        "shipping": shipping,
        "discount": told.summed("total_discount_amounts", "discount"),
        "offer_id": told.offer(*places),
        "lines": _lines(told, amount - tax - shipping) or None,
        "status": "paid" if paid else "open",
    }


def _is_from_balance(told: _Told) -> bool:
    """Return whether nothing was paid but from the balance: nobody can tell whether money filled it, or a gift."""
    total, balance = told.value("total"), told.value("starting_balance")
    if type(total) is not int or type(balance) is not int:
        return False
    return balance < 0 < total and told.value("amount_paid") == 0


def _payments(told: _Told) -> Iterator[str]:
    """By what an invoice says that it was paid."""
    for path in told.shape.payments:
        if (named := told.ref(path)) is not None:
            yield named
    if told.shape.listed is not None:
        yield from (found for one in _data(told.value(told.shape.listed)) if (found := _paid_by(one.get("payment"))))


def _paid_by(payment: Any) -> str | None:
    """What paid: a payment intent, a charge, a payment that was recorded; whatever it calls its type."""
    if not isinstance(payment, dict) or not isinstance(payment.get("type"), str):
        return None
    return _ref(payment.get(payment["type"]))


def _tax(told: _Told) -> int:
    if told.shape.tax is not None and not dicts(told.value(told.shape.taxes)):
        return told.amount(told.shape.tax, "tax")
    return told.summed(told.shape.taxes, "tax")


def _lines(told: _Told, goods: int) -> list[_Made]:
    """The lines, as far as they are there and sum to the goods. One that is not known by its product is none."""
    lines = [_line(told, line) for line in _data(told.value("lines"))]
    if not lines or len(lines) > _LINES or None in lines:
        return []
    known = [line for line in lines if line is not None]
    return known if sum(line["amount"] for line in known) == goods else []


def _line(told: _Told, line: Mapping[str, Any]) -> _Made | None:
    """A line without its discounts, and without the tax that its amount holds."""
    shape, product, id_ = told.shape, _ref(walk(line, told.shape.product)), _ref(line.get("id"))
    if product is None or id_ is None:
        return None
    quantity = line.get("quantity")
    name, value = shape.inclusive
    inside = [one for one in dicts(line.get(shape.line_taxes)) if one.get(name) == value]
    less = [*dicts(line.get("discount_amounts")), *inside]
    amount = told.minor(line.get("amount"), "lines") - sum(told.minor(one.get("amount"), "lines") for one in less)
    whole = quantity if type(quantity) is int and 0 <= quantity <= MAX_INTEGER else 1
    return {"id": id_, "product": product, "amount": amount, "quantity": whole}


def _invoice_payment(told: _Told) -> Iterator[Paid]:
    payment, invoice = _paid_by(told.value("payment")), told.ref("invoice")
    if payment is not None and invoice is not None:
        yield Paid(payment, invoice)


def _payment_intent(told: _Told) -> Iterator[Paid]:
    if told.shape.invoice and (invoice := told.ref("invoice")) is not None:
        yield Paid(told.id, invoice)


# --- what goes back ---------------------------------------------------------------------------------------------------


def _charge(told: _Told) -> Iterator[_Made | Paid]:
    """A charge says how much went back in all: nobody can tell from it by which refunds, unless it lists them."""
    if told.shape.invoice and (invoice := told.ref("invoice")) is not None:
        for payment in filter(None, (told.ref("payment_intent"), told.id)):
            yield Paid(payment, invoice)
    for refund in _data(told.value("refunds")):
        named = {"charge": told.id, "payment_intent": told.ref("payment_intent")}
        yield from _refund(_Told(told.event, "refund", {**named, **{k: v for k, v in refund.items() if v is not None}}))


def _refund(told: _Told) -> Iterator[_Made]:
    """A refund counts from when it is asked for; where it fails or is taken back, it counts no more."""
    named = {"payment": told.payment(), "refund_id": told.id, "occurred_at": told.at("created")}
    said = {"amount": told.amount("amount"), "currency": told.currency}
    yield {"type": "conversion.refunded", "id": told.id, **named, **said}
    if told.value("status") in ("failed", "canceled"):
        yield {"type": "refund.returned", "id": f"{told.id}.returned", **named}


def _credit_note(told: _Told) -> Iterator[_Made]:
    """What a credit note takes back beside its refunds, which are told by themselves."""
    total = told.amount("total")
    if told.shape.refunds:
        refunds = [one.get("amount_refunded") for one in dicts(told.value("refunds"))]
        rest = total - sum(told.minor(one, "amount") for one in refunds)
    else:
        refunds = [told.ref("refund")] if told.ref("refund") else []
        if refunds and told.ref("customer_balance_transaction"):  # nobody can tell how much of it is which
            raise WrongError("invalid_value", "amount")
        rest = told.amount("out_of_band_amount") if refunds else total
    if rest <= 0:
        return
    whole: _Made = {}
    if not refunds:
        whole = {"tax": told.summed(told.shape.credit_taxes, "tax"), "shipping": told.shipping()}
    named = {"invoice_id": told.ref("invoice") or missing("invoice_id"), "refund_id": told.id}
    at = {"occurred_at": told.at("created")}
    yield {
        "type": "conversion.refunded",
        "id": told.id,
        **named,
        **at,
        "amount": rest,
        "currency": told.currency,
        **whole,
    }
    if told.value("status") == "void":
        yield {"type": "refund.returned", "id": f"{told.id}.voided", **named, **at}


#: How a dispute ends: status -> whether the money stays. One that was prevented never took any, and what was refunded is told apart.
_ENDS = {"won": "kept", "lost": "lost", "prevented": "kept"}
_INQUIRY = "warning_"  # before anything is taken: nothing happened yet


def _dispute(told: _Told, *, closed: bool = False, reinstated: bool = False) -> Iterator[_Made]:
    """A dispute opens a case, whatever its status is called; the list of them grows. It ends by the few that are known."""
    status = told.text("status") or ""
    if status.startswith(_INQUIRY):
        return
    named = {"payment": told.payment(), "chargeback_id": told.id}
    said = {"amount": told.amount("amount"), "currency": told.currency}
    yield {"type": "chargeback.opened", "id": f"{told.id}.opened", "occurred_at": told.at("created"), **named, **said}
    end = "kept" if reinstated else _ENDS.get(status) if closed else None
    if end is not None:
        id_ = f"{told.id}.{'reinstated' if reinstated else status}"
        yield {"type": "chargeback.closed", "id": id_, "occurred_at": told.at(), **named, "outcome": end}


_Makes = Callable[[_Told], Iterator[_Made | Paid]]
_EVENTS: Mapping[str, _Makes] = {
    "checkout.session.completed": _checked_out,
    "checkout.session.async_payment_succeeded": _checked_out,
    "checkout.session.async_payment_failed": partial(_checked_out, failed=True),
    **dict.fromkeys(("customer.created", "customer.updated"), _customer),
    **{
        f"customer.subscription.{what}": _subscription
        for what in ("created", "updated", "deleted", "paused", "resumed", "trial_will_end")
    },
    **dict.fromkeys(("invoice.paid", "invoice.payment_succeeded"), partial(_invoice, paid=True)),
    "invoice.finalized": partial(_invoice, paid=False),
    "invoice_payment.paid": _invoice_payment,
    "payment_intent.succeeded": _payment_intent,
    **dict.fromkeys(("charge.succeeded", "charge.refunded", "charge.updated"), _charge),
    **dict.fromkeys(("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"), _refund),
    **dict.fromkeys(("credit_note.created", "credit_note.updated", "credit_note.voided"), _credit_note),
    **dict.fromkeys(("charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn"), _dispute),
    "charge.dispute.closed": partial(_dispute, closed=True),
    "charge.dispute.funds_reinstated": partial(_dispute, reinstated=True),
}
#: Types of events that mean something here.
TYPES = tuple(sorted(_EVENTS))


def _data(value: Any) -> list[dict[str, Any]]:
    """The items of a list object, as far as the event holds them."""
    return dicts(value.get("data")) if isinstance(value, dict) else []


def _ref(value: Any) -> str | None:
    """Return the id of an object that is named, or stands there itself."""
    value = value.get("id") if isinstance(value, dict) else value
    return value if isinstance(value, str) and _TOKEN.match(value) else None
