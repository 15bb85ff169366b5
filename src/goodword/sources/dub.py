"""The source ``dub``: leads and sales as Dub's clients track them, partners and their links as they make them, at the root.

Its clients read answers strictly: the one status of each call, every field of an object there, and of an error the one code that
belongs to its status (docs/howto/compatible.md). A sale is a purchase, a lead is a lead whatever it is called; a click is one of ours.
Who becomes a partner or gets another link is known once that is decided, for which a moment is waited. Must not know: a server or
framework of HTTP, the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, structs

from goodword.core import calendar
from goodword.sources import compatible, loose
from goodword.sources.base import Answer, Decided, Key, Problem, RefusedError, Reply, Request, Source
from goodword.sources.fields import CHECKED, IGNORED, MAX_TEXT, PERSONAL, Treatment, used
from goodword.sources.native_read import CODES
from goodword.sources.said import Said, body_of, mapped, not_served, one, wrong
from goodword.sources.told import WrongError, currency_of, missing

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
    "tenantId": used("external_id"),
    "programId": used("program"),
    "partnerId": IGNORED,
    "name": PERSONAL,
    "email": PERSONAL,
    "username": used("code"),
    "key": used("code"),
    "image": IGNORED,
    "country": IGNORED,
    "description": IGNORED,
    "groupId": IGNORED,
    "linkProps": IGNORED,
    "url": IGNORED,
    "domain": IGNORED,
    "comments": IGNORED,
    "externalId": IGNORED,
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
    "links": "advocate.enrolled for who gets a link, and GET /v1/advocates, which have them",
    "commissions": "GET /v1/rewards",
    "track": "POST /v1/events",
}
_PATH: Final = re.compile("/(customers|partners|links|commissions|track)(?:/.*)?")
_TRACKS: Final = ("/track/lead", "/track/sale")
#: What makes a partner or a link: method and path -> what it is called here, and the status that its client takes.
_MAKES: Final = {
    ("POST", "/partners"): ("partner", 201),
    ("POST", "/partners/links"): ("link", 201),
    ("PUT", "/partners/links/upsert"): ("link", 200),
    ("POST", "/links"): ("link", 200),
    ("PUT", "/links/upsert"): ("link", 200),
}
_WAIT: Final = 2
#: Whom a link is of: a partner is known here by the company's own name for them, which Dub calls their tenant.
_WHOSE: Final = "Say in tenantId whose the link is: by that name the partner is known here, and by no partnerId."
_STARTED: Final = "It is taken and not decided yet: ask again, which makes no second one."
_NULL_OF_LINK: Final = (
    *("externalId", "expiresAt", "expiredUrl", "disabledAt", "password", "title", "description", "image", "video"),
    *("ios", "android", "geo", "tags", "folderId", "comments", "utm_source", "utm_medium", "utm_campaign", "utm_term"),
    *("utm_content", "userId", "lastClicked", "tagId"),
)
_NULL_OF_PARTNER: Final = (
    *("username", "email", "image", "country", "companyName", "defaultPayoutMethod", "paypalEmail", "stripeConnectId"),
    *("payoutsEnabledAt", "identityVerifiedAt", "description", "groupId"),
)

_encode = msgspec.json.Encoder().encode


def short_link(code: str, url: str) -> dict[str, Any]:
    """Return a link as a partner has it: its address is the link itself, for where it leads to is the program's to say."""
    return {"id": code, "domain": urlsplit(url).netloc, "key": code, "shortLink": url, "url": url}


def link(code: str, url: str, program: str, person: str, tenant: str | None, at: str) -> dict[str, Any]:
    """Return a link by itself, with every field that its clients want."""
    return {
        **short_link(code, url),
        "programId": program,
        "partnerId": person,
        "tenantId": tenant,
        **dict.fromkeys(_NULL_OF_LINK),
        "qrCode": url,
        "workspaceId": program,
        "projectId": program,
        "webhookIds": [],
        "trackConversion": True,
        "createdAt": at,
        "updatedAt": at,
    }


def partner(
    person: str, program: str, tenant: str | None, at: str, status: str, links: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return a partner, with every field that its clients want."""
    return {
        "id": person,
        "name": tenant or person,
        **dict.fromkeys(_NULL_OF_PARTNER),
        "networkStatus": "draft",
        "programId": program,
        "partnerId": person,
        "tenantId": tenant,
        "createdAt": at,
        "status": status,
        "links": links,
    }


def _makes(request: Request) -> tuple[str, int] | None:
    return _MAKES.get((request.method, request.path))


def _read(request: Request) -> Sequence[Said | Problem]:
    if (makes := _makes(request)) is not None:
        if makes[0] == "link" and not _tenant(body_of(request)):
            raise RefusedError(422, "missing_field", _WHOSE)
        return one(request, makes[0])
    if request.path not in _TRACKS or request.method != "POST":
        raise not_served(_ours(request.path))
    return one(request, request.path.rpartition("/")[2])


def _tenant(body: Mapping[str, Any]) -> str | None:
    found = body.get("tenantId")
    return found if isinstance(found, str) and found.strip() else None


def _enrolled(said: Said) -> dict[str, Any]:
    """A partner, or another link of theirs, which is another code: who says the same again makes no second one."""
    email = said.text("email", most=MAX_TEXT) if said.call == "partner" else None
    field = "username" if said.call == "partner" else "key"
    code = said.text(field)
    if code is None and said.body.get(field):
        raise WrongError("not_a_code", "code")
    return {
        "type": "advocate.enrolled",
        "id": said.id(msgspec.json.encode(dict(said.body), order="sorted").decode()),
        "external_id": said.text("tenantId") or email or missing("external_id"),
        "email": email,
        "name": said.words("name") if said.call == "partner" else None,
        "code": code,
        "program": said.text("programId"),
    }


def _ours(path: str) -> str:
    found = _PATH.fullmatch(path)
    return _OURS[found[1] if found else "track"]


def not_here(path: str) -> str:
    """Return what is said of a read that is not served."""
    return not_served(_ours(path)).detail


def _made(said: Said) -> Iterator[dict[str, Any]]:
    if said.call in ("partner", "link"):
        yield _enrolled(said)
        return
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


def _made_it(request: Request, decided: Decided | None) -> Reply:
    """Return the partner or the link that came of it, or why none did."""
    noun, status = _makes(request) or ("", 0)
    if decided is None:
        return failure(429, _STARTED, {b"retry-after": b"1"})
    verdict = decided.decision["verdicts"][0]
    if not isinstance(decided.link, Struct):
        refusal = str(verdict.get("refusal") or "undecided")
        known = {"code_taken": 409, "code_serves_another_program": 409}
        return failure(known.get(refusal, 422), f"{refusal}: the page of refusals at /docs says why.")
    made, body = structs.asdict(decided.link), body_of(request)
    program, person, at = str(verdict["program"]), decided.person or "", calendar.text(decided.at)
    tenant = _tenant(body) or (str(body.get("email")) if noun == "partner" else None)
    if noun == "partner":
        said = partner(person, program, tenant, at, "approved", [short_link(made["code"], made["url"])])
    else:
        said = link(made["code"], made["url"], program, person, tenant, at)
    return Reply(status, _encode(said))


def _answer(request: Request, answers: Sequence[Sequence[Answer]], decided: Decided | None) -> Reply:
    if (found := wrong(answers)) is not None:
        status = 409 if found.status == "conflict" else 422
        detail = CODES.get(found.code or "", "It says something else than before under the same number.")
        return failure(status, f"{detail}{f' Field: {found.field}.' if found.field else ''}")
    if _makes(request) is not None:
        return _made_it(request, decided)
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
    return _WAIT if _makes(request) is not None or body_of(request).get("mode") == "wait" else None


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
