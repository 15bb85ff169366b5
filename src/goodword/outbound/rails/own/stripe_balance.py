"""Stripe's customer balance: credit that Stripe takes off the customer's next invoice.

The customer is the one of Stripe's whose id the company calls the beneficiary by, or Stripe's own webhooks do. Stripe recognises an
order by its Idempotency-Key for a day, and the transaction carries the payout's id for ever: that is what is looked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from goodword.core.money import CURRENCIES
from goodword.outbound.answers import Answered
from goodword.outbound.rails.base import Answer, Order, SilenceError, Ways
from goodword.outbound.rails.own.base import System, fine, refused, token, unknown

_CUSTOMER: Final = re.compile("cus_[A-Za-z0-9]{1,60}")
_KEY: Final = re.compile("[sr]k_(?:live|test)_[A-Za-z0-9]{10,240}")
_VERSION: Final = "2026-10-28.endive"
_TAG: Final = "goodword_payout"
#: Decimal places of amounts where Stripe has others than ISO 4217.
_PLACES: Final = {"MGA": 0, "ISK": 2, "UGX": 2}
#: Transactions of a customer that are looked through, the newest first: so many at once, so often.
_AT_ONCE, _PAGES = 100, 20


async def _send(ways: Ways, order: Order) -> Answer:
    amount, customers = _amount(order), _customers(order)
    if amount is None:
        return Answer("failed", reason="unit_not_booked")
    if not customers:
        return Answer("failed", reason="no_stripe_customer")
    said = {"amount": -amount, "currency": order.unit.lower(), f"metadata[{_TAG}]": order.id}
    headers = {"idempotency-key": order.id, "content-type": "application/x-www-form-urlencoded"}
    got = await _call(ways, order, "POST", customers[0], headers, urlencode(said).encode())
    if fine(got.status):
        return _booked(_read(got))
    error = _error(got)
    if refused(got.status) and error.get("type") != "idempotency_error":  # that is of another call under the same key
        return Answer("failed", reason=token(error.get("code") or error.get("type")) or f"http_{got.status}")
    raise unknown(got)


async def _ask(ways: Ways, order: Order) -> Answer | None:
    customers = _customers(order)
    if not customers:  # there may have been one when it was told
        raise SilenceError("nobody says who the person is at Stripe")
    for customer in customers:
        after = ""
        for _ in range(_PAGES):
            got = await _call(ways, order, "GET", customer, query=f"?limit={_AT_ONCE}{after}")
            if not fine(got.status):
                raise unknown(got)
            page = _read(got)
            try:
                rows = [(str(it["id"]), (it.get("metadata") or {}).get(_TAG)) for it in page["data"]]
                more = bool(page["has_more"])
            except (KeyError, TypeError, AttributeError):
                raise SilenceError("it answered with what is no list") from None
            if found := next((id_ for id_, payout in rows if payout == order.id), None):
                return Answer("completed", token(found))
            if not more or not rows:
                break
            after = f"&starting_after={quote(rows[-1][0])}"
        else:
            raise SilenceError(
                f"{customer} has more than {_AT_ONCE * _PAGES} transactions, and it is none of the newest"
            )
    return None


SYSTEM: Final = System(_send, _ask, key=_KEY, live=lambda key: "_live_" in key[:8])


async def _call(
    ways: Ways,
    order: Order,
    method: str,
    customer: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    body: bytes = b"",
    query: str = "",
) -> Answered:
    assert order.to is not None  # noqa: S101 - the rail looked
    url = f"{ways.urls['stripe']}/v1/customers/{customer}/balance_transactions{query}"
    said = {"authorization": f"Bearer {order.to.secrets[0]}", "stripe-version": _VERSION, **headers}
    return await ways.ours.ask(method, url, said, body)


def _customers(order: Order) -> list[str]:
    return [it for it in order.external_ids if _CUSTOMER.fullmatch(it)]


def _amount(order: Order) -> int | None:
    """Return an amount as Stripe has it; None for points, and for what Stripe has no such small part of."""
    places = CURRENCIES.get(order.unit)
    if places is None:
        return None
    theirs = _PLACES.get(order.unit, places)
    amount, rest = divmod(order.amount * 10**theirs, 10**places)
    return None if rest else amount


def _read(got: Answered) -> dict[str, Any]:
    try:
        return msgspec.json.decode(got.body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise SilenceError(f"it answered {got.status} with what is no object") from None


def _booked(said: dict[str, Any]) -> Answer:
    id_ = said.get("id")
    if not isinstance(id_, str):
        raise SilenceError("it answered with what has no id")
    return Answer("completed", token(id_))


def _error(got: Answered) -> dict[str, Any]:
    try:
        error = msgspec.json.decode(got.body, type=dict[str, Any]).get("error")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return {name: it for name, it in error.items() if isinstance(it, str)} if isinstance(error, dict) else {}
