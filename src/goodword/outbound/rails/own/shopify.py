"""Shopify: a discount code for the beneficiary alone, or a gift card of theirs, each of the payout's amount.

Shopify takes a code once, and each payout has one that nobody can guess, for ever the same: so it is looked up, and a second one is
refused as taken. The customer is the one whose id of Shopify's, digits alone, is among the company's own names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from goodword.core import calendar
from goodword.core.money import CURRENCIES
from goodword.outbound.answers import Answered
from goodword.outbound.rails.base import Answer, Order, SilenceError, Ways
from goodword.outbound.rails.own.base import System, fine, refused, token, unknown

_CUSTOMER: Final = re.compile("[0-9]{5,20}")
_KEY: Final = re.compile("shp[a-z]{2}_[A-Za-z0-9]{16,200}")
_SITE: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?\.myshopify\.com")
_VERSION: Final = "2026-10"
_TAKEN: Final = "TAKEN"

_SHOP: Final = "query { shop { currencyCode } }"
_FIND: Final = "query($code: String!) { codeDiscountNodeByCode(code: $code) { id } }"
_CARDS: Final = (
    "query($end: String!) { giftCards(first: 50, query: $end, sortKey: ID, reverse: true) { nodes { id note } } }"
)
_END: Final = 4  # characters of a code that are searched for
_DISCOUNT: Final = """mutation($said: DiscountCodeBasicInput!) {
  made: discountCodeBasicCreate(basicCodeDiscount: $said) { node: codeDiscountNode { id } userErrors { code } } }"""
_GIFT_CARD: Final = """mutation($said: GiftCardCreateInput!) {
  made: giftCardCreate(input: $said) { node: giftCard { id } userErrors { code } } }"""


class _RefusedError(Exception):
    """It was refused for good. The message is a token."""


async def _send_discount(ways: Ways, order: Order) -> Answer:
    assert order.to is not None  # noqa: S101 - the rail looked

    def said(customer: str, amount: str, at: str) -> dict[str, Any]:
        gets = {"value": {"discountAmount": {"amount": amount, "appliesOnEachItem": False}}, "items": {"all": True}}
        once = {"usageLimit": 1, "appliesOncePerCustomer": True}
        whose = {"context": {"customers": {"add": [customer]}}}
        return {"title": order.id, "code": order.code, "startsAt": at, "customerGets": gets, **whose, **once}

    return await _make(ways, order, _DISCOUNT, said, order.code)


async def _send_gift_card(ways: Ways, order: Order) -> Answer:
    def said(customer: str, amount: str, _: str) -> dict[str, Any]:
        return {"initialValue": amount, "code": order.code, "customerId": customer, "note": order.id}

    return await _make(ways, order, _GIFT_CARD, said, None)


async def _make(ways: Ways, order: Order, mutation: str, said: Any, reference: str | None) -> Answer:
    """Make what is one code. ``reference``: the code, of what nobody else can use; None: what Shopify calls it."""
    assert order.to is not None  # noqa: S101 - the rail looked
    customer = next((it for it in order.external_ids if _CUSTOMER.fullmatch(it)), None)
    if customer is None:
        return Answer("failed", reason="no_shopify_customer")
    try:
        shop = await _call(ways, order, _SHOP, {})
        if _at(shop, "shop", "currencyCode") != order.unit:  # what is made is of the shop's currency, whatever it is
            return Answer("failed", reason="unit_not_booked")
        input_ = said(f"gid://shopify/Customer/{customer}", _decimal(order), calendar.text(order.to.at))
        got = await _call(ways, order, mutation, {"said": input_})
    except _RefusedError as error:
        return Answer("failed", reason=str(error))
    made = _at(got, "made")
    errors = made.get("userErrors") if isinstance(made, dict) else None
    if not isinstance(errors, list):
        raise SilenceError("it answered with nothing that was made")
    codes = [code if isinstance(code := _at(it, "code"), str) else "" for it in errors]
    if codes and _TAKEN not in codes:
        return Answer("failed", reason=token(codes[0].lower()) or "refused")
    if not codes and not isinstance(_at(made, "node", "id"), str):
        raise SilenceError("it answered with nothing that was made")
    return Answer("completed", reference or _short(_at(made, "node", "id")))


async def _ask_discount(ways: Ways, order: Order) -> Answer | None:
    try:
        found = _at(await _call(ways, order, _FIND, {"code": order.code}), "codeDiscountNodeByCode")
    except _RefusedError as error:
        raise SilenceError(f"it refused to answer: {error}") from None
    return None if found is None else Answer("completed", order.code)


async def _ask_gift_card(ways: Ways, order: Order) -> Answer | None:
    """Look a card up by the end of its code, then by its note. One that is not found yet is refused as taken when it is made again.

    It must be let to look: who may look no more would hear a refusal when it makes it again, and take that for the whole truth.
    """
    try:
        nodes = _at(await _call(ways, order, _CARDS, {"end": order.code[-_END:]}), "giftCards", "nodes")
    except _RefusedError as error:
        raise SilenceError(f"it refused to answer: {error}") from None
    if not isinstance(nodes, list):
        raise SilenceError("it answered with what is no list")
    found = next((_at(it, "id") for it in nodes if _at(it, "note") == order.id), None)
    return None if found is None else Answer("completed", _short(found))


DISCOUNT: Final = System(_send_discount, _ask_discount, key=_KEY, site=_SITE)
GIFT_CARD: Final = System(_send_gift_card, _ask_gift_card, key=_KEY, site=_SITE)


async def _call(ways: Ways, order: Order, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an answer. Raises _RefusedError, and SilenceError for what says neither."""
    assert order.to is not None  # noqa: S101 - the rail looked
    at = ways.urls.get("shopify") or f"https://{order.to.address}"
    headers = {"content-type": "application/json", "x-shopify-access-token": order.to.secrets[0]}
    body = msgspec.json.encode({"query": query, "variables": variables})
    got = await ways.ours.ask("POST", f"{at}/admin/api/{_VERSION}/graphql.json", headers, body)
    if refused(got.status):
        raise _RefusedError(f"http_{got.status}")
    if not fine(got.status):
        raise unknown(got)
    return _data(got)


def _data(got: Answered) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(got.body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise SilenceError(f"it answered {got.status} with what is no object") from None
    if said.get("errors") or not isinstance(said.get("data"), dict):  # throttled, or not understood
        raise SilenceError("it answered with errors")
    data: dict[str, Any] = said["data"]
    return data


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _short(id_: Any) -> str | None:
    """Return the end of an id of Shopify's, which is a path."""
    return token(id_.rpartition("/")[2]) if isinstance(id_, str) else None


def _decimal(order: Order) -> str:
    places = CURRENCIES[order.unit]
    whole, part = divmod(order.amount, 10**places)
    return f"{whole}.{part:0{places}d}" if places else str(whole)
