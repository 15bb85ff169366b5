"""From an order, a refund or a dispute of Shopify's to native events, by the topic that was named.

The topic is not signed: an object that is not of its kind is refused for what it lacks. An event has its id from the object, so that
a repeat is one whatever tells it. Must not know: HTTP, the workspace.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from goodword.core.money import MAX_INTEGER
from goodword.sources import native
from goodword.sources.base import Problem
from goodword.sources.fields import MAX_NAME
from goodword.sources.shopify.table import FIELDS
from goodword.sources.told import (
    Told,
    WrongError,
    checked,
    currency_of,
    dicts,
    figure,
    missing,
    offer,
    query,
    token,
    walk,
)

_LINES = 1_000
_MARKS = {"click_id": "gw_click", "link_code": "gw_code"}

_Made = dict[str, Any]


class Delivery(NamedTuple):
    """An object as it came. ``topic``: what it is about, such as ``orders/paid``."""

    topic: str
    object: Mapping[str, Any]


class _Told(Told):
    """What an object of Shopify's says."""

    def id(self, path: str = "id", field: str = "id") -> str:
        """Return an id, which is a number here. Raises WrongError for none."""
        return token(self.value(path)) or missing(field)

    def at(self, *paths: str) -> datetime | None:
        """Return the first time that is said."""
        said = next((found for path in paths if isinstance(found := self.value(path), str)), None)
        if said is None:
            return None
        try:
            at = msgspec.convert(said, datetime)
        except msgspec.ValidationError:
            raise WrongError("invalid_value", "occurred_at") from None
        return at if at.tzinfo is not None else None

    def marks(self) -> _Made:
        """Return what may lead to an advocate: said by the shop's theme, or still in the address that the visit began with."""
        noted = {one.get("name"): one.get("value") for one in dicts(self.value("note_attributes"))}
        entry = query(self.text("landing_site"))
        codes = [code for code in self.codes() if offer(code) is None]
        return {
            **{field: _name(noted.get(name)) or _name(entry.get(name)) for field, name in _MARKS.items()},
            "code": _name(noted.get("referral_code")) or next(filter(None, map(_name, codes)), None),
        }

    def codes(self) -> list[Any]:
        """Return the discount codes of an order."""
        return [one.get("code") for one in dicts(self.value("discount_codes"))]

    def offer(self) -> str | None:
        """Return the welcome offer that an order names: an attribute of the cart, or the discount code that is called by it."""
        noted = {one.get("name"): one.get("value") for one in dicts(self.value("note_attributes"))}
        return token(noted.get("gw_offer")) or next(filter(None, map(offer, self.codes())), None)

    def customer(self) -> str:
        """Whose it is: by the company's own name for them, by Shopify's, or somebody of their own."""
        noted = {one.get("name"): one.get("value") for one in dicts(self.value("note_attributes"))}
        return _name(noted.get("gw_customer")) or token(self.value("customer.id")) or f"guest:{self.id()}"


def to_native(delivery: Delivery) -> Sequence[native.Wire] | Problem:
    """Return what a delivery means here, nothing where it means nothing, or what is wrong with it."""
    found = _TOPICS.get(delivery.topic)
    if found is None:
        return ()
    noun, make = found
    try:
        return [checked(made) for made in make(_Told(FIELDS, noun, delivery.object))]
    except WrongError as wrong:
        return msgspec.structs.replace(wrong.problem, id=token(delivery.object.get("id")))


def _ordered(told: _Told) -> Iterator[_Made]:
    """An order, open until it is paid. What it costs includes its tax, and its shipping, the tax of that left out."""
    currency, order = currency_of(told.value("currency")), told.id()
    inside = told.value("taxes_included") is True
    amount, tax = (
        figure(told.value("total_price"), currency, "amount"),
        figure(told.value("total_tax") or 0, currency, "tax"),
    )
    shipping = sum(_net(line, 1, currency, inside=inside) for line in dicts(told.value("shipping_lines")))
    paid = told.value("financial_status") in ("paid", "partially_refunded", "refunded")
    yield {
        "type": "conversion.recorded",
        "id": f"{order}.{'paid' if paid else 'open'}",
        "occurred_at": told.at("processed_at", "created_at"),
        "customer_external_id": told.customer(),
        **told.marks(),
        "customer_email": told.text("email"),
        "country": told.country("billing_address.country_code") or told.country("shipping_address.country_code"),
        "invoice_id": order,
        "amount": amount,
        "currency": currency,
        "tax": tax,
        "shipping": shipping,
        "discount": figure(told.value("total_discounts") or 0, currency, "discount"),
        "offer_id": told.offer(),
        "lines": _lines(told, currency, amount - tax - shipping, inside=inside) or None,
        "status": "paid" if paid else "open",
    }


def _lines(told: _Told, currency: str, goods: int, *, inside: bool) -> list[_Made]:
    """The lines, as far as they sum to the goods."""
    lines = [_line(item, currency, inside=inside) for item in dicts(told.value("line_items"))]
    known = [line for line in lines if line is not None]
    whole = len(known) == len(lines) <= _LINES and sum(line["amount"] for line in known) == goods
    return known if whole else []


def _line(item: Mapping[str, Any], currency: str, *, inside: bool) -> _Made | None:
    id_, product = token(item.get("id")), token(item.get("product_id")) or token(item.get("sku"))
    quantity, brand = item.get("quantity"), token(item.get("vendor"))
    if id_ is None or product is None or type(quantity) is not int or not 0 <= quantity <= MAX_INTEGER:
        return None
    line = {
        "id": id_,
        "product": product,
        "amount": _net(item, quantity, currency, inside=inside),
        "quantity": quantity,
    }
    return line if brand is None else {**line, "brand": brand}


def _net(line: Mapping[str, Any], quantity: int, currency: str, *, inside: bool) -> int:
    """What a line costs less its discounts, and less the tax that its price holds."""
    price = figure(line.get("price") or 0, currency, "lines")
    less = [one.get("amount") for one in dicts(line.get("discount_allocations"))]
    if inside:
        less += [one.get("price") for one in dicts(line.get("tax_lines"))]
    return price * quantity - sum(figure(one or 0, currency, "lines") for one in less)


def _canceled(told: _Told) -> Iterator[_Made]:
    order = told.id()
    yield {
        "type": "conversion.canceled",
        "id": f"{order}.canceled",
        "occurred_at": told.at("cancelled_at"),
        "invoice_id": order,
    }


def _refunded(told: _Told) -> Iterator[_Made]:
    """What was paid back; goods that came back without money are no refund. Parts are named where they sum to it.

    What is not through yet is refused: nothing tells of this refund again by itself, and staff see it so.
    """
    order, refund = told.id("order_id", "invoice_id"), told.id()
    back = [one for one in dicts(told.value("transactions")) if one.get("kind") == "refund"]
    paid = [one for one in back if one.get("status") == "success"]
    if not paid:
        if any(one.get("status") == "pending" for one in back):
            raise WrongError("invalid_value", "status")
        return
    currency = currency_of(paid[0].get("currency"))
    if any(currency_of(one.get("currency")) != currency for one in paid):
        raise WrongError("invalid_value", "currency")
    amount = sum(figure(one.get("amount"), currency, "amount") for one in paid)
    parts = _parts(told, _plain, currency)
    if (shop := _shop(told, back)) is not None and shop != currency:
        currency, amount, parts = _in_shop_money(told, shop, currency, amount)
    yield {
        "type": "conversion.refunded",
        "id": f"{refund}.refunded",
        "occurred_at": told.at("created_at"),
        "invoice_id": order,
        "refund_id": refund,
        "amount": amount,
        "currency": currency,
        **parts.named(amount),
    }


class _Parts(NamedTuple):
    """What a refund is of, in one money. ``other``: of what it is more, or less, than goods, shipping and tax."""

    items: Sequence[str | None]
    goods: Sequence[int]
    taxes: Sequence[int]
    shipping: int
    shipping_tax: int
    other: int

    @property
    def tax(self) -> int:
        return sum(self.taxes) + self.shipping_tax

    def whole(self, *, inside: bool) -> int:
        """Return what they come to, the tax inside of the prices or beside them."""
        return sum(self.goods) + self.shipping + self.other + (0 if inside else self.tax)

    def is_inside(self, amount: int) -> bool | None:
        """Return whether prices hold the tax, by what they come to; None: they do not come to the amount."""
        if self.tax > 0 and self.whole(inside=True) == amount:
            return True
        return False if self.whole(inside=False) == amount else None

    def named(self, amount: int) -> _Made:
        """Return tax, shipping and lines, where they are all that the amount is of."""
        inside = self.is_inside(amount)
        if inside is None or self.other:
            return {}
        goods = [net - tax if inside else net for net, tax in zip(self.goods, self.taxes, strict=True)]
        lines = [{"id": id_, "amount": net} for id_, net in zip(self.items, goods, strict=True)]
        named = len(set(self.items)) == len(lines) and all(self.items)
        shipping = self.shipping - self.shipping_tax if inside else self.shipping
        return {"tax": self.tax, "shipping": shipping, "lines": lines if lines and named else None}


#: How an amount of an object is read, by its name.
_Reads = Callable[[Mapping[str, Any], str], Any]


def _plain(one: Mapping[str, Any], name: str) -> Any:
    return one.get(name) or 0


def _money(side: str, currency: str) -> _Reads:
    """Return how amounts are read in one money of the two: the shop's, or that which the buyer saw. Raises WrongError for none."""

    def read(one: Mapping[str, Any], name: str) -> Any:
        said = walk(one, f"{name}_set.{side}")
        if _code(said) != currency:
            raise WrongError("invalid_value", "currency")
        return said.get("amount")

    return read


def _parts(told: _Told, read: _Reads, currency: str) -> _Parts:
    items, more = dicts(told.value("refund_line_items")), dicts(told.value("order_adjustments"))
    shipping = [one for one in more if one.get("kind") == "shipping_refund"]
    other = [one for one in more if one.get("kind") != "shipping_refund"] if read is not _plain else []

    def of(one: Mapping[str, Any], name: str, field: str) -> int:
        return figure(read(one, name), currency, field)

    return _Parts(
        items=[token(one.get("line_item_id")) for one in items],
        goods=[of(one, "subtotal", "lines") for one in items],
        taxes=[of(one, "total_tax", "tax") for one in items],
        shipping=-sum(of(one, "amount", "shipping") for one in shipping),
        shipping_tax=-sum(of(one, "tax_amount", "tax") for one in shipping),
        other=-sum(of(one, name, "amount") for one in other for name in ("amount", "tax_amount")),
    )


def _shop(told: _Told, transactions: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the currency of the shop, as far as a refund says it."""
    moneys = [
        *(walk(one, "subtotal_set.shop_money") for one in dicts(told.value("refund_line_items"))),
        *(walk(one, "amount_set.shop_money") for one in dicts(told.value("order_adjustments"))),
        *(walk(one, "total_unsettled_set.shop_money") for one in transactions),
    ]
    return next((currency_of(code) for money in moneys if (code := _code(money))), None)


def _code(money: Any) -> str | None:
    """Return the currency of a money, which goes by two names."""
    said = (money.get("currency_code") or money.get("currency")) if isinstance(money, dict) else None
    return said.upper() if isinstance(said, str) else None


def _in_shop_money(told: _Told, shop: str, currency: str, amount: int) -> tuple[str, int, _Parts]:
    """Return a refund that was paid in the buyer's currency as its parts are in the shop's, which its order is in.

    Raises WrongError where the parts are not said in both, or are not all that was paid.
    """
    parts = _parts(told, _money("shop_money", shop), shop)
    inside = _parts(told, _money("presentment_money", currency), currency).is_inside(amount)
    if inside is None:
        raise WrongError("invalid_value", "currency")
    return shop, parts.whole(inside=inside), parts


#: How a dispute ends: status -> whether the money stays. What was refunded instead is told apart.
_ENDS = {"won": "kept", "charge_refunded": "kept", "lost": "lost", "accepted": "lost"}


def _disputed(told: _Told) -> Iterator[_Made]:
    """A chargeback opens a case, whatever its status is called; an inquiry is none yet."""
    if told.value("type") == "inquiry":
        return
    currency, dispute = currency_of(told.value("currency")), told.id()
    named = {"invoice_id": told.id("order_id", "invoice_id"), "chargeback_id": dispute}
    amount = figure(told.value("amount"), currency, "amount")
    at = {"occurred_at": told.at("initiated_at")}
    yield {
        "type": "chargeback.opened",
        "id": f"{dispute}.opened",
        **at,
        **named,
        "amount": amount,
        "currency": currency,
    }
    status = told.text("status") or ""
    if end := _ENDS.get(status):
        yield {"type": "chargeback.closed", "id": f"{dispute}.{status}", **named, "outcome": end}


_Makes = Callable[[_Told], Iterator[_Made]]
_TOPICS: Mapping[str, tuple[str, _Makes]] = {
    **dict.fromkeys(("orders/create", "orders/paid"), ("order", _ordered)),
    "orders/cancelled": ("order", _canceled),
    "refunds/create": ("refund", _refunded),
    **dict.fromkeys(("disputes/create", "disputes/update"), ("dispute", _disputed)),
}
#: Topics that mean something here.
TOPICS = tuple(_TOPICS)


def _name(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= MAX_NAME and "\0" not in value else None
