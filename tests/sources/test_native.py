"""The native format: what is wrong with an item is named, and what is personal never reaches the event."""

import json
import re
from datetime import datetime
from typing import Any

import msgspec
import pytest
from testkit.domain import check
from tests.conftest import ROOT

from goodword.core import calendar
from goodword.core.money import MAX_INTEGER
from goodword.sources import fields, native, native_read
from goodword.sources.split import NO_CODE, Stamp, split

SALE = {"type": "conversion.recorded", "id": "s1", "customer_external_id": "c1"}
PAID = {**SALE, "invoice_id": "i1", "amount": 500, "currency": "EUR"}
LINE = {"id": "l1", "product": "p1", "amount": 500}
LEAD = {"type": "lead.created", "id": "l1", "customer_external_id": "c1"}
ENROLLED = {"type": "advocate.enrolled", "id": "e1", "external_id": "a1"}
REFUND = {"type": "conversion.refunded", "id": "r1", "invoice_id": "i1", "refund_id": "r", "amount": 1}
UPDATED = {"type": "customer.updated", "id": "u1", "customer_external_id": "c1"}
CONSENT = {
    "type": "consent.recorded",
    "id": "k1",
    "customer_external_id": "c1",
    "purpose": "referral",
    "outcome": "given",
}
STAMP = Stamp("evt_1", "native", accepted_at=2, occurred_at=1)
HOSTILE = ("'; drop table event; --", '<script>alert("x")</script>', "\u202egnp.exe", "😀" * 50, "../../etc/passwd")


def read_one(value: Any) -> native.Wire | native_read.Problem:
    [item] = native_read.read(json.dumps([value]).encode())
    return item


def build(value: dict[str, Any], traits: tuple[str, ...] = ()) -> Any:
    found = split(read_one(value))
    return found.build({name[:2]: f"{name.kind}:{name.key}" for name in found.names.values()}, STAMP, traits)


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        (5, "wrong_type", None),
        ([], "wrong_type", None),
        ({"id": "x"}, "missing_field", "type"),
        ({**SALE, "type": "x"}, "unknown_type", "type"),
        ({**SALE, "type": 5}, "wrong_type", "type"),
        ({**SALE, "amonut": 1}, "unknown_field", "amonut"),
        ({**SALE, "id": 5}, "wrong_type", "id"),
        ({**SALE, "id": ""}, "invalid_value", "id"),
        ({**SALE, "id": "x" * 256}, "invalid_value", "id"),
        ({"type": "conversion.recorded", "id": "x"}, "missing_field", "customer_external_id"),
        ({**SALE, "customer_external_id": "a\0b"}, "invalid_character", "customer_external_id"),
        ({**SALE, "customer_email": "x" * 1001}, "invalid_value", "customer_email"),
        ({**PAID, "amount": 1.5}, "wrong_type", "amount"),
        ({**PAID, "amount": "5"}, "wrong_type", "amount"),
        ({**PAID, "amount": True}, "wrong_type", "amount"),
        ({**PAID, "amount": -1}, "out_of_range", "amount"),
        ({**PAID, "amount": 2**53}, "out_of_range", "amount"),
        ({**PAID, "amount": 10**400}, "out_of_range", "amount"),
        ({**PAID, "currency": "XXX"}, "unknown_currency", "currency"),
        ({**PAID, "currency": "eur"}, "invalid_value", "currency"),
        ({**SALE, "amount": 1}, "missing_field", "invoice_id"),
        ({**UPDATED, "language": "german!"}, "invalid_value", "language"),
        ({**UPDATED, "time_zone": "Europe/Atlantis"}, "unknown_time_zone", "time_zone"),
        ({**UPDATED, "time_zone": "../../etc/passwd"}, "invalid_value", "time_zone"),
        ({**UPDATED, "country": "QQ"}, "unknown_country", "country"),
        ({**CONSENT, "outcome": "perhaps"}, "invalid_value", "outcome"),
        ({**CONSENT, "purpose": "any thing"}, "invalid_value", "purpose"),
        ({**CONSENT, "until": "2026-12-01T00:00:00"}, "invalid_value", "until"),
        ({**SALE, "invoice_id": "i", "amount": 1}, "missing_field", "currency"),
        ({**SALE, "invoice_id": "i", "currency": "EUR"}, "missing_field", "amount"),
        ({**SALE, "country": "QQ"}, "unknown_country", "country"),
        ({**SALE, "country": "DEU"}, "invalid_value", "country"),
        ({**SALE, "name": "two words"}, "invalid_value", "name"),
        ({**SALE, "name": "purchase\n"}, "invalid_value", "name"),
        ({**SALE, "status": "void"}, "invalid_value", "status"),
        ({**SALE, "occurred_at": "2026-01-01"}, "invalid_value", "occurred_at"),
        ({**SALE, "occurred_at": "2026-01-01T00:00:00"}, "invalid_value", "occurred_at"),
        ({**SALE, "occurred_at": 0}, "wrong_type", "occurred_at"),
        ({**SALE, "occurred_at": "1969-12-31T23:59:59Z"}, "invalid_value", "occurred_at"),
        ({**SALE, "occurred_at": "2256-01-01T00:00:00Z"}, "invalid_value", "occurred_at"),
        ({**SALE, "occurred_at": "0001-01-01T00:00:00+23:59"}, "invalid_value", "occurred_at"),
        ({**SALE, "occurred_at": "9999-12-31T23:59:59-23:59"}, "invalid_value", "occurred_at"),
        ({**PAID, "lines": [{**LINE, "amount": 499}]}, "lines_do_not_sum", "lines"),
        ({**SALE, "lines": [LINE]}, "lines_do_not_sum", "lines"),
        ({**PAID, "lines": [{"id": "l1", "amount": 5}]}, "missing_field", "lines[0].product"),
        ({**PAID, "lines": [{**LINE, "sku": 5}]}, "unknown_field", "lines[0].sku"),
        ({**SALE, "metadata": {"a": {"b": [2**53]}}}, "out_of_range", "metadata"),
        ({**SALE, "metadata": {"a": {"b": "\0"}}}, "invalid_character", "metadata.a.b"),
        ({**SALE, "metadata": {"a\0": 1}}, "invalid_character", "metadata"),
        ({**SALE, "metadata": {"a": "x" * 20_000}}, "too_large", "metadata"),
        ({**SALE, "metadata": []}, "wrong_type", "metadata"),
        ({**ENROLLED, "code": "..."}, "not_a_code", "code"),
        ({**REFUND, "amount": 0}, "out_of_range", "amount"),
        ({**REFUND, "refund_id": "a b"}, "invalid_value", "refund_id"),
        ({**PAID, "tax": 400, "shipping": 101}, "parts_exceed_amount", "tax"),
        ({**PAID, "tax": 100, "lines": [LINE]}, "lines_do_not_sum", "lines"),
        ({**REFUND, "lines": [{"id": "a", "amount": 2}]}, "lines_do_not_sum", "lines"),
        ({**REFUND, "currency": "XQQ"}, "unknown_currency", "currency"),
        ({"type": "conversion.canceled", "id": "e"}, "missing_field", "invoice_id"),
        ({"type": "chargeback.closed", "id": "c", "invoice_id": "i", "chargeback_id": "c"}, "missing_field", "outcome"),
        ({**UPDATED, "traits": {"a": []}}, "wrong_type", "traits[...]"),
        ({"type": "customer.known", "id": "k", "customer_external_id": "c"}, "missing_field", "since"),
    ],
)
def test_what_is_wrong_with_an_item_is_named(value: Any, code: str, field: str | None) -> None:
    """A wrong item is a problem with a stable code and the path of its field."""
    found = read_one(value)
    assert isinstance(found, native_read.Problem)
    assert (found.code, found.field) == (code, field)
    assert found.code in native_read.CODES


@pytest.mark.parametrize("currency", ["XCG", "ANG", "BGN"])
def test_orders_are_read_in_new_currencies_and_in_ended_ones(currency: str) -> None:
    """An order counts in the currency that it was in, whatever became of that one since."""
    assert build({**PAID, "currency": currency}).currency == currency


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"[", "not_json"),
        (b"{} {}", "not_json"),
        (b"[{},]", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"id": NaN}', "not_json"),
        (b'{"id": "\\ud800"}', "not_json"),
        (b'[{"id": "\\udc00\\ud800"}]', "not_json"),
        (b"5", "not_events"),
        (b"null", "not_events"),
        (b'"text"', "not_events"),
        (b"[" * 500_000, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "too_deep"),
        (b"[" + b"{}," * 1_000 + b"{}]", "too_many_events"),
        (b" " * (native_read.MAX_BODY + 1), "too_large"),
    ],
)
def test_a_body_that_cannot_be_read_fails_as_a_whole(body: bytes, code: str) -> None:
    """What is not JSON, nests too deep or is too much fails with a stable code, quickly and without a crash."""
    with pytest.raises(native_read.UnreadableError) as caught:
        native_read.read(body)
    assert caught.value.code == code
    assert code in native_read.REQUEST_CODES


def test_depth_counts_brackets_and_not_text() -> None:
    """Brackets inside a text are no nesting; 32 levels are allowed, one more is not."""
    assert isinstance(read_one({**SALE, "metadata": {"a": "[{" * 100 + '\\"'}}), native.Wire)
    deep: Any = 1
    for _ in range(29):
        deep = [deep]
    assert isinstance(read_one({**SALE, "metadata": {"a": deep}}), native.Wire)
    with pytest.raises(native_read.UnreadableError):
        read_one({**SALE, "metadata": {"a": [[deep]]}})


def test_one_bad_item_leaves_its_neighbours_alone() -> None:
    """Wrong UTF-8, a huge number, a wrong type make their own item invalid and no other; ids are told where readable."""
    good = json.dumps(PAID).encode()
    bad = [
        good.replace(b"c1", b"\xff"),
        good.replace(b"500", b"1" * 5_000),
        good.replace(b"500", b"1e999"),
        b"{}",
        good.replace(b"c1", b"\xed\xa0\x80"),
        good.replace(b"s1", b"\\u0000"),
    ]
    items = native_read.read(b"[" + b",".join([good, *(part for item in bad for part in (item, good))]) + b"]")
    assert all(isinstance(item, native.Wire) for item in items[::2])
    problems = [item for item in items[1::2] if isinstance(item, native_read.Problem)]
    assert [(p.code, p.field, p.id) for p in problems] == [
        ("invalid_encoding", "customer_external_id", "s1"),
        ("out_of_range", "amount", "s1"),
        ("out_of_range", "amount", "s1"),
        ("missing_field", "type", None),
        ("invalid_encoding", "customer_external_id", "s1"),
        ("invalid_character", "id", None),
    ]


@pytest.mark.parametrize("payload", native.TYPES, ids=lambda payload: payload.__name__)
def test_every_field_says_how_it_is_treated(payload: type[native.Wire]) -> None:
    """No field of the format is without a declared treatment, and what is used or named is a field of the core's event."""
    from goodword.core import events  # noqa: PLC0415 - only here

    core = next(e for e in events.OUTSIDE if e.__struct_config__.tag == payload.__struct_config__.tag)
    for name, treatment in fields.declared(payload):
        if treatment.how in ("used", "named"):
            assert (treatment.to or name) in core.__struct_fields__


@pytest.mark.parametrize("text", HOSTILE)
def test_personal_text_never_reaches_the_event(text: str) -> None:
    """Whatever stands in a personal field, hostile or not, is kept apart, whole, and is nowhere in the event."""

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for item in value.values() for text in texts(item)]
        return [value] if isinstance(value, str) else []

    said = {"customer_email": text, "customer_phone": text, "customer_name": text, "form": {"q": text}}
    found = split(read_one({**LEAD, **said, "metadata": {"m": text}, "company": text, "code": text}))
    rows = {name[:2]: "id_of_a_row" for name in found.names.values()}
    event = msgspec.to_builtins(found.build(rows, STAMP))
    assert text not in texts(event)
    assert found.personal() == {**said, "metadata": {"m": text}}


def test_only_declared_traits_of_plain_values_stand_in_the_event() -> None:
    """A trait that no rule looks at, or whose text is no token, is personal."""
    sent = {**UPDATED, "traits": {"vip": True, "age": 7, "plan": "pro", "note": "two words", "first_name": "Anna"}}
    declared = ("vip", "age", "plan", "note")
    assert build(sent, declared).traits == {"vip": True, "age": 7, "plan": "pro"}
    assert split(read_one(sent)).personal(declared) == {"traits": {"note": "two words", "first_name": "Anna"}}
    assert build(sent).traits == {}


@pytest.mark.parametrize(
    ("invoice", "stands"),
    [
        ("INV-2026.1", "INV-2026.1"),
        ("Rechnung 7/2026", "invoice:Rechnung 7/2026"),
        ("x" * 65, "invoice:" + "x" * 65),
        ("inv_01JD3ZABCDEFGHJKMNPQRSTVWX", "invoice:inv_01JD3ZABCDEFGHJKMNPQRSTVWX"),
        ("i1\n", "invoice:i1\n"),
    ],
)
def test_any_invoice_id_works(invoice: str, stands: str) -> None:
    """A token stands for itself; any other text, and one that looks like a row's id, is replaced by the id of a row."""
    assert build({**PAID, "invoice_id": invoice}).invoice == stands


def test_a_click_of_the_redirect_is_named_by_its_id() -> None:
    """``gw_click`` comes back as click_id and needs no row; a sender's own click id gets one."""
    own = "tch_01JD3ZABCDEFGHJKMNPQRSTVWX"
    assert build({**LEAD, "click_id": own}).click == own
    assert build({**LEAD, "click_id": "theirs"}).click == "click:theirs"


def test_a_code_that_is_none_does_not_lose_the_event() -> None:
    """Rubbish typed as a code becomes an unknown code; an advocate cannot be given one."""
    assert build({**PAID, "code": "?!"}).code == f"code:{NO_CODE}"
    assert build({**PAID, "code": " anna10)."}).code == build({**PAID, "code": "ANNA10"}).code


def test_null_is_the_same_as_absent() -> None:
    """A field that is null is one that is not there: the same content."""
    assert split(read_one({**SALE, "country": None})).content() == split(read_one(SALE)).content()


def test_what_is_ignored_makes_no_conflict() -> None:
    """A field that is dropped is no part of the content; one that is used or personal is."""
    assert split(read_one({**REFUND, "reason": "broken"})).content() == split(read_one(REFUND)).content()
    assert split(read_one({**REFUND, "metadata": {"a": 1}})).content() != split(read_one(REFUND)).content()


def test_the_content_of_an_event_is_within_what_the_log_can_hold() -> None:
    """The largest numbers and latest times that are let in have a canonical encoding in the log."""
    line = {"id": "l", "product": "p", "amount": MAX_INTEGER, "quantity": MAX_INTEGER}
    sent = {
        **PAID,
        "amount": MAX_INTEGER,
        "discount": MAX_INTEGER,
        "occurred_at": "2255-06-05T23:47:34Z",
        "lines": [line],
    }
    check(build(sent))


def test_match_keys_are_canonical() -> None:
    """Two spellings of a mail or phone give the same key."""
    first = split(read_one({**LEAD, "customer_email": "A.Nna+x@googlemail.com", "customer_phone": "+49 30 901820"}))
    other = split(
        read_one({**LEAD, "customer_email": "anna@gmail.com", "customer_phone": "030 901820", "country": "de"})
    )
    assert first.match_keys() == other.match_keys() == [("mail", "anna@gmail.com"), ("phone", "+4930901820")]


def test_every_code_stands_in_the_documentation() -> None:
    """A sender finds each code, with the sentence that explains it, in docs/events.md, and no other code there."""
    page = (ROOT / "docs" / "events.md").read_text()
    items, requests = page.split("## Why an event is invalid")[1].split("## Why a whole request fails")
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", items, re.MULTILINE)) == native_read.CODES
    found = dict(re.findall(r"^\| \d+ \| `(\w+)` \| (.+) \|$", requests, re.MULTILINE))
    assert {code: found.get(code) for code in native_read.REQUEST_CODES} == native_read.REQUEST_CODES


def test_what_is_known_of_a_customer_is_split() -> None:
    """Mail, phone and name are sealed, and only that they were said stands in the log; the firm is a row's random id there."""
    personal = {"email": "Bob@Mail.example", "phone": "+43 660 1234567", "name": "Bob"}
    said = {
        **UPDATED,
        **personal,
        "language": "de_AT",
        "time_zone": "Europe/Vienna",
        "country": "at",
        "company": "Bob & Co",
    }
    found = split(read_one(said))
    assert found.personal() == personal
    assert [kind for kind, _ in found.match_keys()] == ["mail", "domain", "phone"]
    event = build(said)
    assert (event.keys, event.traits) == (("mail", "domain", "phone"), {})
    assert (event.language, event.time_zone, event.country) == ("de-AT", "Europe/Vienna", "AT")
    assert event.company == "company:bob & co"
    assert build(UPDATED).keys == ()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"survey": "nps", "score": 0}, (0, None, None)),
        ({"survey": "nps", "score": 10, "lowest": 0, "highest": 10}, (10, 0, 10)),
        ({"survey": "csat", "score": 5}, (5, None, None)),
        ({"survey": "ours", "score": 3, "lowest": 1, "highest": 7}, (3, 1, 7)),
        ({"survey": "nps", "score": 11}, "invalid_value score"),
        ({"survey": "csat", "score": 0}, "invalid_value score"),
        ({"survey": "nps", "score": 5, "lowest": 1}, "invalid_value lowest"),
        ({"survey": "nps", "score": 5, "highest": 5}, "invalid_value highest"),
        ({"survey": "ours", "score": 3}, "missing_field lowest"),
        ({"survey": "ours", "score": 3, "lowest": 1}, "missing_field highest"),
        ({"survey": "ours", "score": 3, "lowest": 7, "highest": 7}, "invalid_value lowest"),
        ({"survey": "ours", "score": 8, "lowest": 1, "highest": 7}, "invalid_value score"),
        ({"survey": "nps", "score": 9.5}, "wrong_type score"),
        ({"survey": "nps", "score": True}, "wrong_type score"),
        ({"survey": "nps", "score": -1}, "out_of_range score"),
        ({"survey": "nps"}, "missing_field score"),
    ],
)
def test_an_answer_is_on_the_scale_of_its_survey(said: dict[str, Any], found: Any) -> None:
    """NPS and CSAT have theirs, any other says its own; what is off it is refused with the field."""
    sent = {"type": "survey.answered", "id": "s-1", "customer_external_id": "ann", **said}
    if isinstance(found, str):
        (problem,) = native_read.read(json.dumps(sent).encode())
        assert isinstance(problem, native_read.Problem)
        assert f"{problem.code} {problem.field}" == found
        return
    event = build(sent)
    assert (event.survey, event.score, event.low, event.high) == (said["survey"], *found)


def test_what_is_written_beside_an_answer_is_dropped() -> None:
    """It is neither kept nor what tells a repeat."""
    sent = {"type": "survey.answered", "id": "s-1", "customer_external_id": "ann", "survey": "nps", "score": 9}
    told = split(read_one({**sent, "comment": "Ann wrote this"}))
    assert told.personal() == {}
    assert told.content() == split(read_one(sent)).content()


def test_the_proof_of_a_consent_is_sealed() -> None:
    """The log has the purpose, the channel and until when."""
    said = {**CONSENT, "channel": "email", "until": "2026-12-01T00:00:00Z", "proof": "signed in the shop, see file 7"}
    event = build(said)
    assert split(read_one(said)).personal() == {"proof": "signed in the shop, see file 7"}
    assert (event.purpose, event.channel, event.outcome) == ("referral", "email", "given")
    assert event.until == calendar.instant(datetime.fromisoformat("2026-12-01T00:00:00+00:00"))


@pytest.mark.parametrize(
    ("company", "mail", "said"),
    [
        ("acme.com", None, {"company": "company:acme.com", "domain": "domain:acme.com"}),
        ("www.Acme.com", "a@b.org", {"company": "company:www.acme.com", "domain": "domain:acme.com"}),
        (
            "Acme",
            "a@b.org",
            {"company": "company:acme", "company_as": "name", "domain": "domain:b.org", "domain_of_mail": True},
        ),
        ("hs-4711", None, {"company": "company_ref:hs-4711", "company_as": "id"}),
        ("23andMe", None, {"company": "company:23andme", "company_as": "name"}),
        ("0015g00000XyZ12AAB", None, {"company": "company_ref:0015g00000XyZ12AAB", "company_as": "id"}),
        ("Self-employed", None, {"company": "company:self-employed"}),
        ("gmail.com", "a@gmail.com", {"company": "company:gmail.com"}),
        (None, "a@mailinator.com", {"disposable": True}),
        (None, "a@mail.acme.com", {"domain": "domain:mail.acme.com", "domain_of_mail": True}),
    ],
)
def test_by_what_a_company_is_named(company: str | None, mail: str | None, said: dict[str, Any]) -> None:
    """A domain, an id with four digits or a name; what nobody tells from others is shown, and compared with nothing."""
    built = build({**LEAD, "company": company, "customer_email": mail})
    fields = ("company", "company_as", "domain", "domain_of_mail", "disposable")
    assert {name: value for name in fields if (value := getattr(built, name))} == said
