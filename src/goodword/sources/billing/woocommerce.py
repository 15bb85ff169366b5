"""The source ``woocommerce``: ``POST /hooks/woocommerce/{workspace}``: orders as WooCommerce sends them, refunds inside of them.

After its own code, read on 2026-11-29: includes/class-wc-webhook.php, with what 11.2.0 added to it, and the controller that makes an
order of its REST API. When a webhook is saved, a ping comes that is not signed and says nothing: it is answered, and nothing of it is
kept. A refund that was deleted is told by an order that does not have it any more: nothing is made of that, and it stays. Orders and
customers have bare numbers in each shop: here they go with the address that the order itself names, which is signed as the header
beside it is not. Must not know: a server or framework of HTTP, the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from goodword.sources import amounts
from goodword.sources.base import Request
from goodword.sources.billing import signatures
from goodword.sources.billing.base import CUSTOMER, Made, System, Telling, name, source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.told import WrongError, currency_of, dicts, figure, offer, query, token

FIELDS: Final[Mapping[str, Treatment]] = {
    "order.id": used("invoice_id"),
    "order.status": used("status"),
    "order.currency": used("currency"),
    "order.total": used("amount"),
    "order.total_tax": used("tax"),
    "order.shipping_total": used("shipping"),
    "order.discount_total": used("discount"),
    "order.date_paid_gmt": used("occurred_at"),
    "order.date_modified_gmt": IGNORED,
    "order.customer_id": used("customer_external_id"),
    "order.meta_data": used("click_id"),
    "order.coupon_lines": used("code"),
    "order.line_items": used("lines"),
    "order.fee_lines": used("lines"),
    "order.billing.email": PERSONAL,
    "order.billing.country": used("country"),
    "order.refunds": used("amount"),
    "order.customer_ip_address": IGNORED,
    "order.customer_user_agent": IGNORED,
    "order.customer_note": IGNORED,
    "order.payment_method": CHECKED,
    "order._links.self": used("invoice_id"),
}
_PING: Final = re.compile(rb"webhook_id=[0-9]{1,20}")
_ADDRESS: Final = 150  # letters of an address that go before numbers
_ENTRY: Final = "_wc_order_attribution_session_entry"  # the address that the visit began with


def _told(told: Telling) -> Iterator[Made]:
    """An order that was paid, whatever became of it since; it is told again with each change, and counts once."""
    if told.value("date_paid_gmt") is None:
        return
    shop = _shop(told)
    order, currency = f"{shop}.{told.token('id')}", currency_of(told.value("currency"))
    noted = {str(one.get("key")): one.get("value") for one in dicts(told.value("meta_data"))}
    entry = query(name(noted.get(_ENTRY)))
    amount, tax = figure(told.value("total"), currency, "amount"), figure(told.value("total_tax") or 0, currency, "tax")
    shipping = figure(told.value("shipping_total") or 0, currency, "shipping")
    marks = told.marks({**entry, **{key: value for key, value in noted.items() if value}})
    coupons = [found for one in dicts(told.value("coupon_lines")) if (found := name(one.get("code")))]
    offered = token(noted.get("gw_offer")) or next(filter(None, map(offer, coupons)), None)
    coupon = next((code for code in coupons if offer(code) is None), None)
    yield {
        "type": "conversion.recorded",
        "id": f"{order}.paid",
        "occurred_at": told.time("date_paid_gmt"),
        "customer_external_id": name(noted.get(CUSTOMER)) or _customer(shop, told.value("customer_id"), order),
        **marks,
        "code": marks["code"] or coupon,
        "customer_email": told.text("billing.email"),
        "country": told.country("billing.country"),
        "invoice_id": order,
        "amount": amount,
        "currency": currency,
        "tax": tax,
        "shipping": shipping,
        "discount": figure(told.value("discount_total") or 0, currency, "discount"),
        "offer_id": offered,
        "lines": _lines(told, currency, amount - tax - shipping) or None,
    }
    for refund in dicts(told.value("refunds")):
        if (id_ := token(refund.get("id"))) is None:
            continue
        try:
            taken = abs(figure(refund.get("total"), currency, "amount"))
        except WrongError:
            continue  # what is wrong with it costs neither the order nor another refund
        back = {"refund_id": id_, "amount": taken, "currency": currency}
        if taken:
            yield {"type": "conversion.refunded", "id": f"{order}.{id_}.refunded", "invoice_id": order, **back}
    if told.value("status") == "cancelled":
        yield {"type": "conversion.canceled", "id": f"{order}.canceled", "invoice_id": order}


def _shop(told: Telling) -> str:
    """Return by what the numbers of a shop are told from another's: its address, as the order has it."""
    said = next((one.get("href") for one in dicts(told.value("_links.self"))), None)
    try:
        address = urlsplit(said if isinstance(said, str) else "")
        host, path = address.hostname or "", address.path
    except ValueError:
        host = path = ""
    under = path.partition("/wp-json")[0] if "/wp-json" in path else ""
    return name(f"{host.removeprefix('www.')}{under}"[:_ADDRESS]) or "woocommerce"


def _customer(shop: str, customer: Any, order: str) -> str:
    """Return what a customer is called; who has no account is a guest of the order."""
    number = name(customer) if customer else None
    return f"guest:{order}" if number is None else f"{shop}:{number}"


def _lines(told: Telling, currency: str, goods: int) -> list[Made]:
    """The lines, as far as they sum to the goods: net, after discounts; fees among them."""
    lines = [_line(one, currency) for noun in ("line_items", "fee_lines") for one in dicts(told.value(noun))]
    known = [line for line in lines if line is not None]
    return known if len(known) == len(lines) and sum(line["amount"] for line in known) == goods else []


def _line(item: Mapping[str, Any], currency: str) -> Made | None:
    id_, product = token(item.get("id")), token(item.get("product_id")) or token(item.get("sku"))
    quantity = item.get("quantity", 1)
    if id_ is None or type(quantity) is not int or quantity < 0:
        return None
    amount = amounts.minor(item.get("total") or 0, currency)
    if amount is None:  # of more decimals than the currency has, such as of a tax within
        return None
    return {"id": id_, "product": product or "fee", "amount": amount, "quantity": quantity}


def _is_test(body: Mapping[str, Any]) -> bool:
    """Whether a payment of the test mode paid for it, where the gateway says so."""
    noted = {str(one.get("key")): one.get("value") for one in dicts(body.get("meta_data"))}
    return noted.get("_wcpay_mode") == "test" or noted.get("_payment_mode") == "test"


def _topic(request: Request, _: Mapping[str, Any]) -> str:
    return request.header(b"x-wc-webhook-topic").strip().lower()


SOURCE = source(
    System(
        name="woocommerce",
        check=signatures.woocommerce,
        secret=signatures.is_text,
        topic=_topic,
        makes=dict.fromkeys(("order.created", "order.updated", "order.restored"), ("order", _told)),
        fields=FIELDS,
        test=_is_test,
        ping=lambda body: bool(_PING.fullmatch(body)),
    )
)
