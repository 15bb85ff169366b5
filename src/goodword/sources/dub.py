"""The source ``dub``: leads and sales as Dub's clients track them, at the root, where they send them.

Its clients read answers strictly: 200 alone, ``link`` there as null, and of an error the one code that belongs to its status
(docs/howto/compatible.md). A sale is a purchase, a lead is a lead whatever it is called; a click is one of ours. Must not know: a
server or framework of HTTP, the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from goodword.sources import compatible, loose
from goodword.sources.base import Answer, Decided, Key, Problem, RefusedError, Reply, Request, Source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.native_read import CODES
from goodword.sources.said import Said, body_of, mapped, not_served, one, wrong
from goodword.sources.told import currency_of, missing

FIELDS: Final[Mapping[str, Treatment]] = {
    "clickId": used("click_id"),
    "customerExternalId": used("customer_external_id"),
    "customerName": PERSONAL,
    "customerEmail": PERSONAL,
    "customerAvatar": IGNORED,
    "eventName": CHECKED,
    "leadEventName": IGNORED,
    "eventQuantity": IGNORED,
    "mode": CHECKED,
    "amount": used("amount"),
    "currency": used("currency"),
    "invoiceId": used("invoice_id"),
    "paymentProcessor": IGNORED,
    "metadata": PERSONAL,
}
#: The only code that a client takes with a status; with any other status it tells of a failure without one.
ERRORS: Final = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "invite_expired",
    422: "unprocessable_entity",
    429: "rate_limit_exceeded",
    500: "internal_server_error",
}
JSON: Final = "application/json"
_BEHIND: Final = 400  # what stands for a status that has no code of its own
_OURS: Final = {
    "customers": "GET /v1/people?external_id=…",
    "partners": "POST /v1/events with advocate.enrolled, and GET /v1/advocates",
    "links": "GET /v1/advocates, which have their links",
    "commissions": "GET /v1/rewards",
    "track": "POST /v1/events",
}
_PATH: Final = re.compile("/(customers|partners|links|commissions|track)(?:/.*)?")
_TRACKS: Final = ("/track/lead", "/track/sale")
_WAIT: Final = 2

_encode = msgspec.json.Encoder().encode


def _read(request: Request) -> Sequence[Said | Problem]:
    if request.path not in _TRACKS or request.method != "POST":
        raise not_served(_ours(request.path))
    return one(request, request.path.rpartition("/")[2])


def _ours(path: str) -> str:
    found = _PATH.fullmatch(path)
    return _OURS[found[1] if found else "track"]


def not_here(path: str) -> str:
    """Return what is said of a read that is not served."""
    return not_served(_ours(path)).detail


def _made(said: Said) -> Iterator[dict[str, Any]]:
    customer = said.text("customerExternalId", "externalId", "customerId") or missing("customer_external_id")
    click, event = said.text("clickId"), said.text("eventName") or ""
    known = {
        "customer_external_id": customer,
        "click_id": click,
        "customer_email": said.words("customerEmail"),
        "metadata": found if isinstance(found := said.body.get("metadata"), dict) and found else None,
    }
    if said.call == "lead":
        name = said.words("customerName")
        yield {"type": "lead.created", "id": said.id(customer, event, click), "customer_name": name, **known}
        return
    amount = said.whole("amount")
    invoice = said.text("invoiceId")
    yield {
        "type": "conversion.recorded",
        "id": f"sale:{invoice}" if invoice else said.id(customer, said.now, amount),
        "invoice_id": invoice or f"dub.{said.id(customer, said.now, amount)}",
        "amount": missing("amount") if amount is None else amount,
        "currency": currency_of(said.text("currency") or "usd"),
        **known,
    }


def _answer(request: Request, answers: Sequence[Sequence[Answer]], _: Decided | None) -> Reply:
    if (found := wrong(answers)) is not None:
        status = 409 if found.status == "conflict" else 422
        detail = CODES.get(found.code or "", "It says something else than before under the same number.")
        return failure(status, f"{detail}{f' Field: {found.field}.' if found.field else ''}")
    body = body_of(request)
    text = {name: found for name, found in body.items() if isinstance(found, str)}.get
    customer = {
        "name": text("customerName"),
        "email": text("customerEmail"),
        "avatar": text("customerAvatar"),
        "externalId": text("customerExternalId"),
    }
    if request.path.endswith("lead"):
        return Reply(200, _encode({"click": {"id": text("clickId") or ""}, "link": None, "customer": customer}))
    sale = {
        "amount": body.get("amount"),
        "currency": text("currency") or "usd",
        "paymentProcessor": text("paymentProcessor") or "custom",
        "invoiceId": text("invoiceId"),
        "metadata": body.get("metadata"),
    }
    said = {"eventName": text("eventName") or "Purchase", "link": None, "click": None, "sale": sale}
    return Reply(200, _encode({**said, "customer": {"id": customer["externalId"] or "", **customer}}))


def _refuse(error: RefusedError) -> Reply:
    status = {503: 429, 405: 404, 413: 422, 415: _BEHIND}.get(error.status, error.status)
    return failure(status, error.detail, error.headers)


def failure(status: int, message: str, headers: Mapping[bytes, bytes] | None = None) -> Reply:
    """Return an error as Dub's clients read it: a status that has no code of its own goes as 400."""
    code = ERRORS.get(status)
    status, code = (status, code) if code is not None else (_BEHIND, ERRORS[_BEHIND])
    return Reply(
        status, _encode({"error": {"code": code, "message": message, "doc_url": "/docs"}}), headers=headers or {}
    )


def _waits(request: Request) -> int | None:
    return _WAIT if body_of(request).get("mode") == "wait" else None


SOURCE = Source(
    name="dub",
    paths=_TRACKS,
    beneath=_PATH,
    methods=("POST", "PATCH", "PUT", "DELETE"),
    credential=Key(compatible.servers("dub"), compatible.OTHERWISE),
    read=_read,
    map=mapped(_made),
    answer=_answer,
    refuse=_refuse,
    wait=_waits,
    limit=loose.MAX_ITEM,
    json=False,
    fields=FIELDS,
    called=lambda item: item.call if isinstance(item, Said) else "",
    unknown=lambda item: [name for name in item.body if name not in FIELDS] if isinstance(item, Said) else (),
    guide="howto/compatible",
)
