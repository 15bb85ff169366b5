"""The plain CRM webhook: records in our words, signed by Standard Webhooks or brought with the secret itself."""

import base64
import json
from typing import Any

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook
from svix.webhooks import Webhook as Svix

from goodword.core import calendar
from goodword.sources.base import Problem, RefusedError, Request
from goodword.sources.crm import SOURCE
from goodword.sources.standard import check, is_secret

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "AAAA" * 8
NOW = 1_772_532_060
CONTACT = {
    "record": "contact",
    "id": "c-1",
    "updated_at": "2026-03-03T10:01:00Z",
    "email": "bob@firm.example",
    "name": "Bob",
    "company": {"name": "Firm", "domain": "Firm.example"},
    "code": "ANN",
}
DEAL = {
    "record": "deal",
    "id": 5,
    "updated_at": "2026-03-04T10:01:00Z",
    "status": "won",
    "stage": "closed",
    "amount": 119.5,
    "currency": "EUR",
    "company": {"id": "f-7", "domain": "firm.example"},
    "contact": {"id": "c-1"},
}


def request(body: bytes, headers: dict[str, str], url: str = "") -> Request:
    return Request("/hooks/crm/wsp", lambda name: headers.get(name.decode(), ""), body, NOW * calendar.SECOND, url=url)


def signed(body: bytes, at: int = NOW, secret: str = SECRET) -> dict[str, str]:
    """Return the headers that the library of Standard Webhooks makes."""
    made = Webhook(secret).sign("msg_1", calendar.moment(at * calendar.SECOND), body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": made}


def wrong(body: bytes, headers: dict[str, str], now: int = NOW) -> str | None:
    return check(request(body, headers), [OTHER.encode(), SECRET.encode()], now * calendar.SECOND)


def test_what_the_library_signs_is_taken_in_time() -> None:
    """With any held secret, over this body, within five minutes."""
    body = b'{"record": "contact"}'
    assert wrong(body, signed(body)) is None
    assert wrong(body, signed(body, secret=OTHER)) is None
    assert wrong(body + b" ", signed(body)) == "signature_wrong"
    assert wrong(body, signed(body, secret="whsec_" + "BBBB" * 8)) == "signature_wrong"
    for off in (-301, 301):
        assert wrong(body, signed(body), NOW + off) == "signature_stale"
    for change in ({"webhook-id": ""}, {"webhook-timestamp": "soon"}, {"webhook-signature": "v2,abc"}):
        assert wrong(body, {**signed(body), **change}) == "signature_malformed"
    assert wrong(body, {}) == "signature_missing"


def test_a_secret_may_stand_without_its_padding() -> None:
    """As the libraries take it, for some systems show it so."""
    whole = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    bare, body = whole.rstrip("="), b"{}"
    assert is_secret(whole)
    assert is_secret(bare)
    assert bare != whole
    for held, signs in ((bare, whole), (whole, bare)):
        it = request(body, signed(body, secret=signs))
        assert check(it, [held.encode()], NOW * calendar.SECOND) is None


def test_who_signs_by_svix_names_its_headers_otherwise() -> None:
    """The same signature under names of its own, of which all have to be there: those of both do not make one."""
    body, names = b'{"record": "contact"}', ("id", "timestamp", "signature")
    made = Svix(SECRET).sign("msg_1", calendar.moment(NOW * calendar.SECOND), body.decode())
    theirs = dict(zip((f"svix-{name}" for name in names), ("msg_1", str(NOW), made), strict=True))
    assert wrong(body, theirs) is None
    assert wrong(body, signed(body) | theirs) is None
    assert wrong(body + b" ", theirs) == "signature_wrong"
    assert wrong(body, theirs, NOW + 301) == "signature_stale"
    for name in names[:2]:
        half = {it: said for it, said in theirs.items() if it != f"svix-{name}"} | {f"webhook-{name}": "1"}
        assert wrong(body, half) == "signature_malformed"


def test_a_sender_that_signs_nothing_brings_the_secret() -> None:
    """And no other; a signature that is wrong is not made good by it."""
    assert wrong(b"{}", {"authorization": f"Bearer {SECRET}"}) is None
    assert wrong(b"{}", {"authorization": f"Bearer {SECRET}x"}) == "signature_wrong"
    assert wrong(b"{}", {"authorization": f"Basic {SECRET}"}) == "signature_malformed"
    both = {**signed(b"{}", secret="whsec_" + "BBBB" * 8), "authorization": f"Bearer {SECRET}"}
    assert wrong(b"{}", both) == "signature_wrong"
    assert is_secret(SECRET)
    assert not is_secret("whsec_short")


def made(said: Any, url: str = "") -> list[Any]:
    items = SOURCE.read(request(json.dumps(said).encode(), {}, url))
    mapped = [SOURCE.map(item) for item in items]
    return [
        one if isinstance(one, Problem) else [msgspec.json.decode(msgspec.json.encode(it)) for it in one]
        for one in mapped
    ]


def test_a_contact_is_a_customer_and_a_lead_and_a_deal_is_reported() -> None:
    """One or many in a request; amounts to the cent; an order only where the address says so."""
    [[known, lead], [deal]] = made([CONTACT, DEAL])
    assert (known["customer_external_id"], known["company"], known["email"]) == (
        "crm:c-1",
        "firm.example",
        "bob@firm.example",
    )
    assert (lead["type"], lead["code"], lead["occurred_at"]) == ("lead.created", "ANN", "2026-03-03T10:01:00Z")
    assert {
        name: deal[name]
        for name in ("deal_id", "status", "amount", "company_domain", "company_id", "customer_external_id")
    } == {
        "deal_id": "crm.5",
        "status": "won",
        "amount": 11_950,
        "company_domain": "firm.example",
        "company_id": "crm:f-7",
        "customer_external_id": "crm:c-1",
    }
    [[_, order]] = made(DEAL, "https://goodword.acme.example/hooks/crm/wsp?deals=conversions")
    assert (order["type"], order["invoice_id"], order["amount"]) == ("conversion.recorded", "crm.5", 11_950)
    same = made({**CONTACT, "customer_external_id": "bob"})[0][0]
    assert (same["keep_external_id"], same["gone_external_id"]) == ("bob", "crm:c-1")


def test_a_number_is_its_digits_wherever_somebody_or_something_is_named() -> None:
    """Who is 4711 in a shop is nobody else in its CRM, and a code of digits is one."""
    merged, _, lead = made({**CONTACT, "customer_external_id": 4711, "code": 2026})[0]
    assert (merged["keep_external_id"], lead["customer_external_id"], lead["code"]) == ("4711", "4711", "2026")
    [deal] = made({**DEAL, "contact": {"customer_external_id": 4711}, "company": {"id": 77}})[0]
    assert (deal["customer_external_id"], deal["company_id"]) == ("4711", "crm:77")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"record": "ticket"}, "unknown_type", "record"),
        ({"id": None}, "missing_field", "id"),
        ({"id": "a/b"}, "missing_field", "id"),
        ({"status": None}, "missing_field", "status"),
        ({"status": "maybe"}, "invalid_value", "status"),
        ({"currency": "XXQ"}, "unknown_currency", "currency"),
        ({"amount": "1.999"}, "invalid_value", "amount"),
        ({"amount": -1}, "invalid_value", "amount"),
        ({"updated_at": "yesterday"}, "invalid_value", "updated_at"),
        ({"company": {"domain": "no domain"}}, None, None),
        ({"contact": {"customer_external_id": ["bob"]}}, "invalid_value", "contact.customer_external_id"),
        ({"code": "A" * 256}, "invalid_value", "code"),
    ],
)
def test_what_is_wrong_with_a_record_costs_the_record(change: Any, code: str | None, field: str | None) -> None:
    """With the field that is wrong; the others of the request are taken."""
    one, [*other] = made([DEAL | change, CONTACT])
    assert (isinstance(one, Problem), len(other)) == (code is not None, 2)
    if isinstance(one, Problem):
        assert (one.code, one.field) == (code, field)


def test_fields_that_nobody_knows_are_counted_by_their_path() -> None:
    [item] = SOURCE.read(request(json.dumps({**CONTACT, "mood": 1, "company": {"size": 5}}).encode(), {}))
    assert sorted(SOURCE.unknown(item)) == ["company.size", "mood"]


def test_a_body_that_is_no_record_is_refused() -> None:
    for body, code in ((b"1", "not_events"), (b"{", "not_json"), (b"[" + b"{}," * 1_000 + b"{}]", "too_many_events")):
        with pytest.raises(RefusedError) as error:
            SOURCE.read(request(body, {}))
        assert error.value.code == code
