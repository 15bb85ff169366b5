"""A system of the company's that is told by a signed request, and asked by another: both by Standard Webhooks.

``POST address`` books, ``GET address/{payout}`` asks. A request without a body is signed as if it had the body ``{}``, since what
verifies signatures everywhere reads JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from goodword.outbound.addresses import signature
from goodword.outbound.answers import Answered
from goodword.outbound.rails.base import Answer, Order, SilenceError, Ways, Where
from goodword.outbound.rails.own.base import System, fine, later, refused, token, unknown

_NO_BODY: Final = b"{}"
_NOT_FOUND: Final = 404
_SECOND: Final = 1_000_000


class _Said(Struct):
    status: Literal["completed", "sent", "failed", "returned"]
    reference: str | None = None
    reason: str | None = None


class _Refused(Struct):
    reason: str | None = None


async def _send(ways: Ways, order: Order) -> Answer:
    where = _where(order)
    body = msgspec.json.encode(
        {
            "payout": order.id,
            "person": order.person,
            "external_ids": order.external_ids,
            "kind": order.kind,
            "unit": order.unit,
            "amount": order.amount,
            "programs": order.programs,
        }
    )
    headers = {**_signed(order, where, body), "content-type": "application/json"}
    got = await ways.named.ask("POST", where.address, headers, body)
    if fine(got.status):
        return _read(got)
    if refused(got.status):
        return Answer("failed", reason=_reason(got.body) or f"http_{got.status}")
    raise unknown(got)


async def _ask(ways: Ways, order: Order) -> Answer | None:
    where = _where(order)
    parts = urlsplit(where.address)
    url = parts._replace(path=f"{parts.path.rstrip('/')}/{order.id}").geturl()
    got = await ways.named.ask("GET", url, _signed(order, where, _NO_BODY))
    if got.status == _NOT_FOUND:
        return None
    if fine(got.status):
        return _read(got)
    raise unknown(got)


SYSTEM: Final = System(_send, _ask)


def _where(order: Order) -> Where:
    assert order.to is not None  # noqa: S101 - the rail looked
    return order.to


def _signed(order: Order, where: Where, body: bytes) -> Mapping[str, str]:
    at = where.at // _SECOND
    return {
        "idempotency-key": order.id,
        "webhook-id": order.id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(where.secrets, order.id, at, body),
    }


def _read(got: Answered) -> Answer:
    try:
        said = msgspec.json.decode(got.body, type=_Said)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise SilenceError(f"it answered {got.status} with a body that says no status") from None
    reason = token(said.reason)
    if said.status in ("failed", "returned"):
        reason = reason or said.status
    again = later(got) if said.status == "sent" else None
    return Answer(said.status, token(said.reference), reason, again)


def _reason(body: bytes) -> str | None:
    try:
        return token(msgspec.json.decode(body, type=_Refused).reason)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
