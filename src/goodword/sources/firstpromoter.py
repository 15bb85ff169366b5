"""The source ``firstpromoter``: sign-ups, sales and refunds as clients of FirstPromoter's tracking API send them, of both versions.

Its client for Node takes 200 alone for success, and gives its own machine's address as the customer's: an ``ip`` is dropped. A
customer is known by ``uid``, else by mail. Must not know: a server or framework of HTTP, the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from zlib import crc32

import msgspec

from goodword.sources import compatible, loose
from goodword.sources.base import Answer, Decided, Key, Problem, Reply, Request, Source
from goodword.sources.fields import IGNORED, PERSONAL, Treatment, used
from goodword.sources.native_read import CODES
from goodword.sources.said import Said, body_of, mapped, not_served, one, wrong
from goodword.sources.told import currency_of, missing

FIELDS: Final[Mapping[str, Treatment]] = {
    "uid": used("customer_external_id"),
    "email": PERSONAL,
    "first_name": PERSONAL,
    "last_name": PERSONAL,
    "tid": used("click_id"),
    "ref_id": used("code"),
    "promo_code": used("code"),
    "event_id": used("invoice_id"),
    "sale_event_id": used("invoice_id"),
    "amount": used("amount"),
    "currency": used("currency"),
    "ip": IGNORED,
    "wid": IGNORED,
    "plan": IGNORED,
    "quantity": IGNORED,
    "mrr": IGNORED,
    "skip_email_notification": IGNORED,
    "username": IGNORED,
    "created_at": IGNORED,
}
_PATH: Final = re.compile(
    r"/api/(?:v1|v2)/(track|promoters|leads|rewards|payouts|promo_codes|campaigns|company)(?:/(.*))?"
)
_TRACKS: Final = ("signup", "sale", "refund")
_OURS: Final = {
    "promoters": "POST /v1/events with advocate.enrolled, and GET /v1/advocates",
    "leads": "GET /v1/referrals",
    "rewards": "GET /v1/rewards",
    "payouts": "GET /v1/payouts",
}

_encode = msgspec.json.Encoder().encode


def _read(request: Request) -> Sequence[Said | Problem]:
    found = _PATH.fullmatch(request.path)
    of, call = (found[1], found[2]) if found else ("", "")
    if of != "track" or call not in _TRACKS or request.method != "POST":
        raise not_served(_OURS.get(of, "POST /v1/events"))
    return one(request, call)


def _made(said: Said) -> Iterator[dict[str, Any]]:
    mail = said.words("email")
    if said.call == "refund":
        sale, refund, amount = said.text("sale_event_id"), said.text("event_id"), said.whole("amount")
        yield {
            "type": "conversion.refunded",
            "id": f"refund:{refund}" if refund else said.id(sale, amount, said.now),
            "invoice_id": sale or missing("invoice_id"),
            "refund_id": f"fp-{said.id(refund or said.now, sale)}",
            "amount": missing("amount") if amount is None else abs(amount),
            "currency": currency_of(said.text("currency")) if said.text("currency") else None,
        }
        return
    known = {
        "customer_external_id": said.text("uid") or mail or missing("customer_external_id"),
        "customer_email": mail,
        "click_id": said.text("tid"),
        "code": said.text("ref_id", "promo_code"),
    }
    if said.call == "signup":
        name = said.words("first_name", "last_name")
        id_ = said.id(known["customer_external_id"], known["click_id"], known["code"])
        yield {"type": "lead.created", "id": id_, "customer_name": name, **known}
        return
    event, amount = said.text("event_id"), said.whole("amount")
    yield {
        "type": "conversion.recorded",
        "id": f"sale:{event}" if event else said.id(said.now, amount, mail),
        "invoice_id": event or f"firstpromoter.{said.id(said.now, amount, mail)}",
        "amount": missing("amount") if amount is None else amount,
        "currency": currency_of(said.text("currency")),
        **known,
    }


def _answer(request: Request, answers: Sequence[Sequence[Answer]], _: Decided | None) -> Reply:
    if (found := wrong(answers)) is not None:
        detail = CODES.get(found.code or "", "It says something else than before under the same number.")
        said = {"code": found.code or found.status, "message": detail, "field": found.field}
        return Reply(409 if found.status == "conflict" else 422, _encode(said))
    body, call = body_of(request), request.path.rpartition("/")[2]
    lead = {
        "id": crc32(str(body.get("uid") or body.get("email")).encode()),
        "email": body.get("email"),
        "uid": body.get("uid"),
    }
    money = {"amount_cents": body.get("amount"), "sale_amount": body.get("amount"), "event_id": body.get("event_id")}
    made: dict[str, Any] = {
        "id": crc32(request.body),
        "type": call,
        "etype": call,
        **money,
        "reward": None,
        "commissions": [],
    }
    return Reply(200, _encode({**made, "lead": lead, "referral": lead, "promoter": None}))


SOURCE = Source(
    name="firstpromoter",
    paths=(),
    beneath=_PATH,
    methods=("POST", "GET", "PUT", "DELETE"),
    credential=Key(compatible.servers("firstpromoter"), compatible.OTHERWISE),
    read=_read,
    map=mapped(_made),
    answer=_answer,
    refuse=compatible.refuse,
    limit=loose.MAX_ITEM,
    json=False,
    fields=FIELDS,
    called=lambda item: item.call if isinstance(item, Said) else "",
    unknown=lambda item: [name for name in item.body if name not in FIELDS] if isinstance(item, Said) else (),
    guide="howto/compatible",
    example="/api/v1/track/signup",
)
