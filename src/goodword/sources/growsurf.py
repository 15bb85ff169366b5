"""The source ``growsurf``: participants, referrals, sales and refunds as GrowSurf's clients send them.

A participant recommends, and may have been recommended. Their id is made of their mail, so that who is named by either is one; it
is their code too, so that ``referredBy`` leads to them. The campaign is the program of that name. Its clients send nothing again that
writes, so a request waits where others would be sent away. Must not know: a server or framework of HTTP, the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from goodword.sources import compatible, loose
from goodword.sources.base import Answer, Decided, Key, Problem, Reply, Request, Source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.native_read import CODES
from goodword.sources.said import Said, body_of, mapped, not_served, one, repeats, wrong
from goodword.sources.told import currency_of, missing

#: By what a sale is known, the first that is said.
_NUMBERS: Final = ("externalId", "transactionId", "orderId", "invoiceId", "paymentId", "paymentIntentId", "chargeId")
FIELDS: Final[Mapping[str, Treatment]] = {
    "email": PERSONAL,
    "firstName": PERSONAL,
    "lastName": PERSONAL,
    "metadata": PERSONAL,
    "referredBy": used("code"),
    "referralStatus": IGNORED,
    "ipAddress": IGNORED,
    "fingerprint": IGNORED,
    "mobileInstanceId": IGNORED,
    "isAffiliate": IGNORED,
    "language": IGNORED,
    "delayInDays": IGNORED,
    "grossAmount": used("amount"),
    "amountPaid": used("amount"),
    "invoiceTotal": used("amount"),
    "netAmount": IGNORED,
    "amountCashNet": IGNORED,
    "taxAmount": used("tax"),
    "totalTaxAmount": used("tax"),
    "currency": used("currency"),
    "testMode": CHECKED,
    **dict.fromkeys(_NUMBERS, used("invoice_id")),
    "refundId": used("refund_id"),
    "refundAmount": used("amount"),
    "amount": used("amount"),
    "amountRefunded": CHECKED,
    "amendmentType": CHECKED,
    "refundStatus": CHECKED,
    "paymentProvider": IGNORED,
    "description": IGNORED,
    "customerId": IGNORED,
    "subscriptionId": IGNORED,
    "paidAt": IGNORED,
}
#: States of a refund by which no money went back; one that goes through is told again.
_NOT_PAID_BACK: Final = ("FAILED", "CANCELED", "CANCELLED", "PENDING", "REQUIRES_ACTION")
_PATH: Final = re.compile("(?:/v[12])?/(?:campaigns?|accounts|teams?)(?:/([^/]+)(?:/([^/]+)(?:/([^/]+)(?:/(.+))?)?)?)?")
_CALLS: Final = {"": "add", "ref": "referral", "transaction": "sale", "transaction/refund": "refund"}
_OURS: Final = {
    "participant": "GET /v1/advocates",
    "participants": "GET /v1/advocates",
    "referrals": "GET /v1/referrals",
    "commissions": "GET /v1/rewards",
    "payouts": "GET /v1/payouts",
}

_encode = msgspec.json.Encoder().encode


def participant(said: str) -> str:
    """Return the id of who is named by their mail or already by it."""
    if "@" not in said:
        return said
    return f"gs-{sha256(said.strip().lower().encode('utf-8', 'replace')).hexdigest()[:12]}"


def _read(request: Request) -> Sequence[Said | Problem]:
    found = _PATH.fullmatch(request.path)
    campaign, of, who, what = (unquote(part or "") for part in found.groups()) if found else ("",) * 4
    call = _CALLS.get(what) if of == "participant" and request.method == "POST" else None
    if call is None or (call == "add") == bool(who):
        raise not_served(_OURS.get(of, "POST /v1/events"))
    items = one(request, call, (campaign, who))
    return [Problem("test_mode") if request.live and _is_test(item) else item for item in items]


def _is_test(item: Said | Problem) -> bool:
    return isinstance(item, Said) and str(item.body.get("testMode")).strip().lower() in ("true", "1", "yes")


def _made(said: Said) -> Iterator[dict[str, Any]]:
    program, who = said.named
    if said.call == "add":
        mail = said.words("email") or missing("customer_email")
        id_, name = participant(mail), said.words("firstName", "lastName")
        joined = {"external_id": id_, "code": id_, "email": mail, "name": name}
        yield {"type": "advocate.enrolled", "id": said.id(program, mail), "program": program, **joined}
        if by := said.text("referredBy"):
            friend = {"customer_external_id": id_, "customer_email": mail, "code": participant(by)}
            yield {"type": "lead.created", "id": f"{said.id(program, mail)}.by", "program": program, **friend}
        return
    id_ = participant(who)
    if said.call == "referral":
        yield {
            "type": "conversion.recorded",
            "id": said.id(program, id_),
            "program": program,
            "customer_external_id": id_,
            "name": "referral",
        }
        return
    invoice = said.text(*_NUMBERS) or missing("invoice_id")
    currency = said.text("currency")
    if said.call == "sale":
        amount = said.whole("amountPaid", "invoiceTotal", "grossAmount")
        yield {
            "type": "conversion.recorded",
            "id": f"sale:{invoice}",
            "program": program,
            "customer_external_id": id_,
            "invoice_id": invoice,
            "amount": missing("amount") if amount is None else amount,
            "currency": currency_of(currency),
            "tax": said.whole("taxAmount", "totalTaxAmount") or 0,
        }
        return
    if (said.text("refundStatus") or "").upper() not in _NOT_PAID_BACK:
        yield _taken_back(said, invoice, currency)


def _taken_back(said: Said, invoice: str, currency: str | None) -> dict[str, Any]:
    """A refund, a chargeback, or with no amount all of the sale. What was refunded in all so far is no refund's amount."""
    refund, amount = said.text("refundId"), said.whole("refundAmount", "amount")
    number = f"gs-{said.id(invoice, refund, amount)}"
    if said.text("amendmentType") == "CHARGEBACK":
        return {
            "type": "chargeback.opened",
            "id": number,
            "invoice_id": invoice,
            "chargeback_id": number,
            "amount": amount,
        }
    if amount is None and said.whole("amountRefunded") is None:
        return {"type": "conversion.canceled", "id": f"canceled:{invoice}", "invoice_id": invoice}
    if refund is None and amount is not None:
        missing("refund_id")  # another refund of as much would be the same one
    return {
        "type": "conversion.refunded",
        "id": number,
        "invoice_id": invoice,
        "refund_id": number,
        "amount": missing("amount") if amount is None else amount,
        "currency": currency_of(currency) if currency else None,
    }


def _answer(request: Request, answers: Sequence[Sequence[Answer]], _: Decided | None) -> Reply:
    if (found := wrong(answers)) is not None:
        detail = CODES.get(found.code or "", "It says something else than before under the same number.")
        said = {"success": False, "code": found.code or found.status, "message": detail, "field": found.field}
        return Reply(409 if found.status == "conflict" else 422, _encode(said))
    body, what = body_of(request), request.path.rpartition("/")[2]
    if what == "participant":
        names = {name: body.get(name) for name in ("email", "firstName", "lastName", "metadata", "referredBy")}
        id_ = participant(str(body.get("email")))
        return Reply(200, _encode({"id": id_, **names, "isNew": not repeats(answers), "referralCount": 0}))
    if what == "ref":
        return Reply(200, _encode({"success": True, "message": "Referral triggered"}))
    if what == "transaction":
        return Reply(200, _encode(_sale(answers)))
    kind = "CHARGEBACK" if body.get("amendmentType") == "CHARGEBACK" else "REFUND"
    taken = int(any(answers))  # of one that did not go through nothing is
    counts = {"matched": taken, "adjusted": taken, "deleted": 0, "reversed": 0, "matchingCommissionIds": []}
    return Reply(200, _encode({"success": True, "message": "Refund recorded", "amendmentType": kind, **counts}))


def _sale(answers: Sequence[Sequence[Answer]]) -> dict[str, Any]:
    if not repeats(answers):
        return {"success": True, "duplicate": False, "firstSale": False, "message": "Transaction recorded"}
    more = {"duplicateFields": [], "matchingCommissionIds": [], "commissionsCreated": 0}
    return {"success": False, "duplicate": True, "message": "It was recorded before", **more}


SOURCE = Source(
    name="growsurf",
    paths=(),
    beneath=_PATH,
    methods=("POST", "GET", "DELETE", "PATCH", "PUT"),
    credential=Key(compatible.servers("growsurf"), compatible.OTHERWISE),
    read=_read,
    map=mapped(_made),
    answer=_answer,
    refuse=compatible.refuse,
    limit=loose.MAX_ITEM,
    json=False,
    waits=True,
    fields=FIELDS,
    called=lambda item: item.call if isinstance(item, Said) else "",
    unknown=lambda item: [name for name in item.body if name not in FIELDS] if isinstance(item, Said) else (),
    guide="howto/compatible",
    example="/v2/campaign/{program}/participant",
)
