"""Thin events of Stripe's about objects of its first API: they name an object, which is fetched, and then are events like any other.

What is fetched is the object as it is by then, and not as it was: of an object only that is read which does not change, so the two
come to the same (mapping). Where it stands is said by this table and the id; the address that a delivery names is not looked at.
Must not know: who fetches, when.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from goodword.sources import hooks
from goodword.sources.base import Access, ByPayment, Fetch, Paid, Problem, Unfetched
from goodword.sources.native import Wire
from goodword.sources.stripe import versions
from goodword.sources.stripe.mapping import TYPES, Event, to_native

OBJECT: Final = "v2.core.event"
#: The version of the API that is asked for: the newest that is tested, whichever the account has.
VERSION: Final = "2026-10-28.endive"

_PREFIX: Final = "v1."
_ID = re.compile("[A-Za-z0-9_]{1,255}")
_KEY = re.compile("rk_(?:live|test)_[A-Za-z0-9]{10,200}")
#: Where an object is, by what it calls itself.
_PATHS: Final = {
    "checkout.session": "/v1/checkout/sessions/",
    "customer": "/v1/customers/",
    "subscription": "/v1/subscriptions/",
    "invoice": "/v1/invoices/",
    "invoice_payment": "/v1/invoice_payments/",
    "payment_intent": "/v1/payment_intents/",
    "charge": "/v1/charges/",
    "refund": "/v1/refunds/",
    "credit_note": "/v1/credit_notes/",
    "dispute": "/v1/disputes/",
}
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Thin(NamedTuple):
    """A thin event. ``type``: as a snapshot calls it; ``created``: seconds; ``noun`` and ``object``: what it is about."""

    id: str
    type: str
    created: int
    noun: str
    object: str


def read(id_: str, type_: str, created: Any, related: Any) -> Thin | Problem:
    """Read a thin event; one that means nothing here need not name an object."""
    name = type_.removeprefix(_PREFIX)
    if not type_.startswith(_PREFIX) or name not in TYPES:
        return Thin(id_, type_, 0, "", "")
    related = related if isinstance(related, dict) else {}
    noun, object_ = related.get("type"), related.get("id")
    if not isinstance(noun, str) or noun not in _PATHS:
        return Problem("thin_event", id=id_)
    if not isinstance(object_, str) or not _ID.fullmatch(object_):
        return Problem("thin_event", id=id_)
    try:
        at = datetime.fromisoformat(created)
        seconds = int(at.timestamp()) if at.tzinfo is not None else -1
    except (TypeError, ValueError, OverflowError):
        seconds = -1
    return Thin(id_, name, seconds, noun, object_) if seconds >= 0 else Problem("invalid_value", "occurred_at", id_)


def to_events(item: Event | Thin) -> Sequence[Wire | Paid | ByPayment | Unfetched] | Problem:
    """Return what an event means here; a thin one that means something waits for its object."""
    if isinstance(item, Event):
        return to_native(item)
    return (Unfetched(item.id, item._asdict()),) if item.object else ()


def _path(said: Mapping[str, str | int]) -> str:
    return f"{_PATHS[str(said['noun'])]}{said['object']}"


def _headers(key: str, said: Mapping[str, str | int]) -> dict[str, str]:
    return {
        "authorization": f"Bearer {key}",
        "stripe-version": VERSION,
        "stripe-request-trigger": f"event={said['id']}",
    }


def _whole(said: Mapping[str, str | int], body: bytes) -> Event:
    """Return the event with its object. Raises ValueError for what is not that object."""
    object_ = hooks.fetched(body, _decode)
    if (object_.get("object"), object_.get("id")) != (said["noun"], said["object"]):
        raise ValueError("it is another object")
    return Event(
        str(said["id"]), str(said["type"]), int(said["created"]), versions.of(VERSION), str(said["noun"]), object_
    )


ACCESS = Access(
    lambda text: bool(_KEY.fullmatch(text)),
    "a restricted key (rk_live_… or rk_test_…) that may read what its events are about",
)
FETCH = Fetch(
    path=_path,
    headers=_headers,
    whole=_whole,
)
