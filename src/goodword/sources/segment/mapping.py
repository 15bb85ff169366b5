"""From an item of Segment's to a native event, or to none: which names mean what, whose it is, when it was, how much.

An item's own times count and no other: ``sentAt`` and the batch say when it was tried last, and a repeat has to stay a repeat.
Must not know: HTTP, the workspace.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec

from goodword.core import calendar
from goodword.core.countries import COUNTRIES
from goodword.core.money import MAX_INTEGER
from goodword.sources import native, native_read
from goodword.sources.amounts import charged, minor
from goodword.sources.base import Problem
from goodword.sources.fields import MAX_NAME, MAX_TEXT, TOKEN_PATTERN
from goodword.sources.segment.table import FIELDS
from goodword.sources.told import WrongError, checked, currency_of, missing, offer, token

_AHEAD = 5 * calendar.MINUTE  # of what comes earlier than it was said to happen: a clock that goes fast
_STEP = 30 * calendar.MINUTE  # zones are whole numbers of these from UTC, but for three
_ZONES = 28  # such steps, either way: of the zones that people live in the one that is ahead most
_PROMPT = calendar.MINUTE  # within which clients send what happened
_CLOCKS = 5 * calendar.SECOND  # that two clocks differ
_TRAITS = 100
_TRANSPORT = frozenset({"sentAt", "writeKey", "receivedAt"})
TOKEN = re.compile(TOKEN_PATTERN)
LANGUAGE = re.compile(native.LANGUAGE)
_FIELDS_OF_THEIR_OWN = frozenset({"email", "phone", "name", "firstname", "lastname", "company"})
_PAGE = ("context.page.search", "context.page.url")


class Item(NamedTuple):
    """An item as it came. ``kind``: what it calls itself, or the path does; ``now``: the instant at which it came.

    ``library``: what its client calls itself, where that stands beside the item.
    """

    kind: str
    fields: Mapping[str, Any]
    now: int
    library: str = ""


class Told:
    """What an item says: a field by its path, which stands in the table; the first of several that says something."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._objects: dict[str, Mapping[str, Any]] = {"": item.fields}
        self.now = item.now

    def value(self, path: str) -> Any:
        """Return what stands there; None for nothing and for an empty text."""
        place, name = _PLACES[path]
        found = self._objects.get(place)
        value = (self._at(place) if found is None else found).get(name)
        return None if isinstance(value, str) and not value.strip() else value

    def _at(self, place: str) -> Mapping[str, Any]:
        """Return the object at a place, by its bare names; the item itself as it is."""
        found = self._objects.get(place)
        if found is None:
            above, _, name = place.rpartition(".")
            value = self._at(above).get(name)
            found = {bare(key): one for key, one in reversed(value.items())} if isinstance(value, dict) else {}
            self._objects[place] = found
        return found

    def text(self, field: str, *paths: str) -> str | None:
        """Return a name or a text. A number is its digits."""
        value = next((found for path in paths if (found := self.value(path)) is not None), None)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise WrongError("wrong_type", field)

    def marked(self, name: str) -> str | None:
        """Return what a link left behind: said by who sends, or still in the address of the page."""
        field = {"gw_click": "click_id", "gw_code": "link_code"}[name]
        said = self.text(field, *(f"{place}.{name}" for place in ("properties", "context", "traits", "context.traits")))
        if said is not None:
            return said
        for path in _PAGE:
            address = self.value(path)
            if isinstance(address, str) and name in address:
                query = address[1:] if address.startswith("?") else _query(address)
                found = parse_qs(query[:MAX_TEXT]).get(name, [""])[0]
                return found if 0 < len(found) <= MAX_NAME and "\0" not in found else None
        return None

    def of_person(self, name: str) -> str | None:
        """Return what is said of the person, in whichever of three places; no text is nothing."""
        for place in ("traits", "context.traits", "properties"):
            if f"{place}.{name}" in FIELDS and isinstance(said := self.value(f"{place}.{name}"), str):
                return said
        return None

    def at(self, path: str) -> Any:
        """Return what stands at any path, its names behind the first in whatever spelling; None for nothing and for an empty text."""
        place, name = _place(path)
        value = self._at(place).get(name)
        return None if isinstance(value, str) and not value.strip() else value

    @property
    def id(self) -> str:
        """The id by which a repeat is known: the client's, else what was said, apart from when it was sent."""
        said = self.text("id", "messageId")
        if said is None:
            kept = {name: value for name, value in self._item.fields.items() if name not in _TRANSPORT}
            return sha256(msgspec.json.encode([self._item.kind, kept], order="sorted")).hexdigest()
        return said if len(said) <= MAX_NAME else sha256(said.encode()).hexdigest()

    @property
    def said_at(self) -> datetime | None:
        """When it is said to have happened. Raises WrongError."""
        said = self.text("occurred_at", "timestamp", "originalTimestamp")
        return None if said is None else self.instant(said)

    def instant(self, said: str) -> datetime | None:
        """Return the time that a text says, None for one that is ahead. Raises WrongError for what is none."""
        try:
            at = msgspec.convert(said, datetime)
        except msgspec.ValidationError:
            raise WrongError("invalid_value", "occurred_at") from None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    @property
    def off(self) -> timedelta:
        """By how much a client of Python's said the time of its wall as if it were UTC, as it does of a time without a zone.

        Such a time is before or ahead of its arrival by a whole number of half hours and what the client took, which is little. It
        does not follow when it is tried again, so that a repeat within that time stays one.
        """
        library, at = self._item.library or self.value("context.library.name"), self.said_at
        if at is None or not isinstance(library, str) or "python" not in library.casefold():
            return timedelta()
        passed = self.now - calendar.instant(at)
        steps = -(-(passed - _PROMPT) // _STEP)  # the fewest that leave no more than that
        is_prompt = -_CLOCKS <= passed - steps * _STEP <= _PROMPT
        return timedelta(microseconds=steps * _STEP) if is_prompt and abs(steps) <= _ZONES else timedelta()

    @property
    def occurred_at(self) -> datetime | None:
        """When it happened. What is ahead of its own arrival has a wrong clock or zone: it happened when it came."""
        said = self.said_at
        if said is None:
            return None
        at = said + self.off
        return None if calendar.instant(at) > self.now + _AHEAD else at

    @property
    def customer(self) -> str:
        """Whose it is; a visitor whom nobody knows by a name is somebody of their own."""
        if (user := self.text("customer_external_id", "userId")) is not None:
            return user
        if (visitor := self.text("visitor_id", "anonymousId")) is not None:
            return f"anonymous:{visitor}"
        raise WrongError("missing_field", "customer_external_id")

    def figure(self, field: str, currency: str, *paths: str) -> int | None:
        """Return the first figure that is said, in minor units."""
        value = next((found for path in paths if (found := self.value(path)) is not None), None)
        if value is None:
            return None
        amount = minor(value, currency)
        if amount is None:
            raise WrongError("invalid_value", field)
        return amount

    def has_other_figure(self) -> bool:
        """Whether the properties hold a number that no field of the table is."""
        return any(_is_figure(value) for name, value in self._at("properties").items() if name not in _OURS)

    def traits(self) -> dict[str, Any]:
        """Return what may be kept of traits: short, of one value each."""
        said: dict[str, Any] = {}
        for path in ("context.traits", "traits"):
            value = self.value(path)
            said |= value if isinstance(value, dict) else {}
        kept = {name: trait(value) for name, value in sorted(said.items()) if TOKEN.match(name) and may_stay(value)}
        return dict(list(kept.items())[:_TRAITS])


def to_native(item: Item) -> Sequence[native.Wire] | Problem:
    """Return the native event of an item, none where it means nothing here, or what is wrong with it."""
    return event_of(item, lambda told: _made(item.kind, told))


def event_of(item: Item, make: Callable[[Told], dict[str, Any] | None]) -> Sequence[native.Wire] | Problem:
    """Return the event that is made of what an item says, none where that is None, or what is wrong with it."""
    try:
        made = make(Told(item))
        return () if made is None else (checked(made),)
    except WrongError as wrong:
        said = item.fields.get("messageId")
        return msgspec.structs.replace(wrong.problem, id=said if isinstance(said, str) else None)


def _made(kind: str, told: Told) -> dict[str, Any] | None:
    if kind == "identify":
        return _identified(told)
    event = told.value("event")
    make = EVENTS.get(bare(event)) if kind == "track" and isinstance(event, str) else None
    return make(told) if make else None


def _identified(told: Told) -> dict[str, Any] | None:
    user = told.text("customer_external_id", "userId")
    said = {name: value for name, value in {**_known(told), "traits": _others(told)}.items() if value}
    if user is None or not said:
        return None
    return {**base(told, "customer.updated"), "customer_external_id": user, **said}


def _known(told: Told) -> dict[str, Any]:
    """What an identify says that has a field of its own; what is none of its kind says nothing."""
    language, zone = told.value("context.locale"), told.value("context.timezone")
    return {
        "email": short(told.of_person("email")),
        "phone": short(told.of_person("phone")),
        "name": short(_name(told)),
        "language": language if isinstance(language, str) and LANGUAGE.match(language) else None,
        "time_zone": zone if native_read.is_zone(zone) else None,
        "country": _country(told),
        "company": _company(told),
    }


def _others(told: Told) -> dict[str, Any]:
    """The traits that have no field of their own."""
    return {name: value for name, value in told.traits().items() if bare(name) not in _FIELDS_OF_THEIR_OWN}


def _name(told: Told) -> str | None:
    parts = [part for name in ("first_name", "last_name") if (part := told.of_person(name)) is not None]
    return told.of_person("name") or " ".join(parts) or None


def _company(told: Told) -> str | None:
    """The id of a firm, else what it is called."""
    for place in ("traits", "context.traits"):
        for path in (f"{place}.company.id", f"{place}.company.name", f"{place}.company"):
            said = told.value(path)
            if isinstance(said, str) and len(said) <= MAX_NAME and "\0" not in said:
                return said
    return None


def _country(told: Told) -> str | None:
    countries = ("traits.address.country", "context.traits.address.country", "properties.country")
    return next((said for path in countries if is_country(said := told.value(path))), None)


def signed_up(told: Told, placed: Collection[str] = ()) -> dict[str, Any]:
    """Return a sign-up. ``placed``: the fields that are known from elsewhere."""
    return {
        **base(told, "lead.created"),
        **touched(told, placed),
        "customer_phone": short(told.of_person("phone")),
        "customer_name": short(_name(told)),
    }


def _ordered(told: Told) -> dict[str, Any]:
    return _bought(told, ("properties.order_id", "properties.invoice_id"))


def _invoiced(told: Told) -> dict[str, Any]:
    return _bought(told, ("properties.invoice_id", "properties.order_id"))


def _bought(told: Told, named: tuple[str, ...]) -> dict[str, Any]:
    currency = _currency(told)
    amount, tax, shipping = _charged(told, currency)
    if amount is None:
        raise WrongError("missing_field", "amount")
    discount = told.figure("discount", currency, "properties.discount")
    return {
        **base(told, "conversion.recorded"),
        **touched(told),
        "invoice_id": told.text("invoice_id", *named) or missing("invoice_id"),
        "amount": amount,
        "currency": currency,
        "tax": tax,
        "shipping": shipping,
        "discount": abs(discount or 0),
        "offer_id": token(told.value("properties.offer_id")) or offer(told.value("properties.coupon")),
        "lines": _lines(told, currency, amount - tax - shipping, full=True) or None,
    }


def _refunded(told: Told) -> dict[str, Any]:
    """Of an order what is named, or where nothing is, all of it."""
    invoice = told.text("invoice_id", "properties.order_id", "properties.invoice_id") or missing("invoice_id")
    currency = _currency(told, needed=False)
    if currency is None:
        if told.has_other_figure() or any(
            told.value(path) is not None for path in (*_GROSS, *_NET, "properties.products")
        ):
            raise WrongError("missing_field", "currency")
        return {**base(told, "conversion.canceled"), "invoice_id": invoice}
    amount, tax, shipping = _charged(told, currency, back=True)
    if amount is None:
        lines = _lines(told, currency, None, full=False)
        if not lines and told.has_other_figure():
            raise WrongError("missing_field", "amount")
        if not lines:
            return {**base(told, "conversion.canceled"), "invoice_id": invoice}
        amount = charged(sum(line["amount"] for line in lines), tax, shipping)
    refund = told.text("refund_id", "properties.refund_id") or told.id
    return {
        **base(told, "conversion.refunded"),
        "invoice_id": invoice,
        "refund_id": refund if TOKEN.match(refund) else sha256(refund.encode()).hexdigest(),
        "amount": amount,
        "currency": currency,
        "tax": tax,
        "shipping": shipping,
        "lines": _lines(told, currency, amount - tax - shipping, full=False) or None,
    }


#: Names of events, without case and what joins their words.
EVENTS: dict[str, Callable[[Told], dict[str, Any]]] = {
    "ordercompleted": _ordered,
    "completedorder": _ordered,
    "invoicepaid": _invoiced,
    "orderrefunded": _refunded,
    "refundedorder": _refunded,
    "signedup": signed_up,
    "usersignedup": signed_up,
    "accountcreated": signed_up,
}

_GROSS = ("properties.total",)
_NET = ("properties.subtotal", "properties.revenue", "properties.value")


def base(told: Told, kind: str) -> dict[str, Any]:
    """Return what every event of a kind says."""
    made: dict[str, Any] = {"type": kind, "id": told.id, "occurred_at": told.occurred_at}
    if told.off and told.said_at is not None:  # who looks at the event sees both
        made["metadata"] = {"said_at": told.said_at.isoformat(), "hours_off": told.off.total_seconds() / 3_600}
    return made


def touched(told: Told, placed: Collection[str] = ()) -> dict[str, Any]:
    """Return whose it is, and what may lead to an advocate. ``placed``: the fields that are known from elsewhere."""
    codes = ("properties.referral_code", "traits.referral_code", "context.traits.referral_code")
    return {
        "customer_external_id": None if "customer_external_id" in placed else told.customer,
        "visitor_id": told.text("visitor_id", "anonymousId"),
        "click_id": told.marked("gw_click"),
        "link_code": told.marked("gw_code"),
        "code": None if "code" in placed else told.text("code", *codes),
        "device_id": told.text("device_id", "context.device.id"),
        "customer_email": short(told.of_person("email")),
        "country": _country(told),
    }


def _currency(told: Told, *, needed: bool = True) -> Any:
    said = told.text("currency", "properties.currency")
    return currency_of(said) if needed or said is not None else None


def _charged(told: Told, currency: str, *, back: bool = False) -> tuple[int | None, int, int]:
    """What was charged, and tax and shipping of it: ``total`` is that; the others are goods. What came back may have a minus."""
    sign = abs if back else int
    tax = sign(told.figure("tax", currency, "properties.tax") or 0)
    shipping = sign(told.figure("shipping", currency, "properties.shipping") or 0)
    if (total := told.figure("amount", currency, *_GROSS)) is not None:
        return sign(total), tax, shipping
    goods = told.figure("amount", currency, *_NET)
    return None if goods is None else charged(sign(goods), tax, shipping), tax, shipping


def _lines(told: Told, currency: str, goods: int | None, *, full: bool) -> list[dict[str, Any]]:
    """The lines of an order, or of a refund, as far as they are known to sum to the goods. A product named twice is told apart."""
    products = told.value("properties.products")
    lines: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    for product in products if isinstance(products, list) else ():
        line = _line(product, currency)
        if line is None:
            return []
        name = line["product"]
        seen[name] = seen.get(name, 0) + 1
        line["id"] = name if seen[name] == 1 else f"{name}.{seen[name]}"[-64:]
        lines.append(line if full else {"id": line["id"], "amount": line["amount"]})
    return lines if goods is None or sum(line["amount"] for line in lines) == goods else []


def _line(product: Any, currency: str) -> dict[str, Any] | None:
    if not isinstance(product, dict):
        return None
    given = {bare(name): value for name, value in product.items()}
    name = next((str(found) for key in ("productid", "sku", "id") if (found := given.get(key)) not in (None, "")), "")
    price, quantity = minor(given.get("price"), currency), given.get("quantity", 1)
    if price is None or not TOKEN.match(name) or type(quantity) is not int or not 0 <= quantity <= MAX_INTEGER:
        return None
    brand = given.get("brand")
    line = {"product": name, "amount": price * quantity, "quantity": quantity}
    return {**line, "brand": brand} if isinstance(brand, str) and TOKEN.match(brand) else line


def is_country(said: Any) -> bool:
    """Return whether it is a country."""
    return isinstance(said, str) and said.upper() in COUNTRIES


def _is_figure(value: Any) -> bool:
    """Whether it may be an amount: a number, or a text with a point; digits alone are somebody's id."""
    written = isinstance(value, str) and "." in value and minor(value, "CLF") is not None
    return written or (isinstance(value, int | Decimal) and not isinstance(value, bool))


def short(text: str | None) -> str | None:
    """Return a text that is not too long for one of a person."""
    return text if text is None or len(text) <= MAX_TEXT else None


def may_stay(value: Any) -> bool:
    """Return whether a value may be a trait: short, and one."""
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and "\0" not in value
    return not isinstance(value, dict | list) and (not isinstance(value, int) or abs(value) <= MAX_INTEGER)


def trait(value: Any) -> Any:
    """Return a trait as the log may hold it: a figure with a point is a float, and decides nothing."""
    return value if value is None or isinstance(value, str | int) else float(value)


@lru_cache(2_048)
def bare(name: str) -> str:
    """Return a name without case and what joins its words."""
    return "".join(letter for letter in name if letter.isalnum()).lower()


#: Path -> where its object is, and its name there: bare, but in the item itself.
_PLACES = {
    path: (place, bare(name) if place else name) for path in FIELDS for place, _, name in (path.rpartition("."),)
}


@lru_cache(2_048)
def _place(path: str) -> tuple[str, str]:
    """Return where the object of any path is, and the name there, as ``_PLACES`` has them."""
    root, *names = path.split(".")
    *above, last = [root, *map(bare, names)]
    return ".".join(above), last


_OURS = frozenset(name for place, name in _PLACES.values() if place == "properties")


def _query(address: str) -> str:
    try:
        return urlsplit(address).query
    except ValueError:
        return ""
