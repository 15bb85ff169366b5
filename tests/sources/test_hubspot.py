"""HubSpot's signatures, notices and objects: who signed is known in each of three ways, and what an object holds becomes events."""

import itertools
from typing import Any

import msgspec
import pytest
from testkit.hubspot import AT, SECRET, body, company, contact, deal, headers, notice

from goodword.sources.base import Problem, RefusedError, Request, Unfetched
from goodword.sources.hubspot.mapping import FETCH
from goodword.sources.hubspot.signature import KEPT, TOLERANCE, check, is_secret
from goodword.sources.hubspot.source import SOURCE
from goodword.sources.hubspot.table import FIELDS
from goodword.sources.sales import wants_conversions

OTHER = "00000000-1111-2222-3333-444444444444"
URL = "https://goodword.acme.example/hooks/hubspot/wsp_1"
NOW = AT * 1_000


def request(sent: bytes, given: Any, url: str = URL, now: int = NOW) -> Request:
    return Request("/hooks/hubspot/wsp_1", lambda name: given.get(name.decode(), ""), sent, now, url=url)


def signed(
    sent: bytes, version: str = "v3", *, url: str = URL, secret: str = SECRET, at: int = AT, now: int = NOW
) -> str | None:
    """Return what is wrong with a request whose address is ``URL``, with two secrets held."""
    said = request(sent, headers(sent, url, version=version, secret=secret, at=at), now=now)
    return check(said, [OTHER.encode(), SECRET.encode()], now)


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_a_request_is_signed_in_one_of_three_ways(version: str) -> None:
    """By any held secret, over this body; the second and the third over this address and no other."""
    sent = body([notice("contact.creation", 151)])
    assert signed(sent, version) is None
    assert signed(sent, version, secret=OTHER) is None
    assert signed(sent, version, secret=OTHER[:-1] + "5") == "signature_wrong"
    changed = request(sent + b" ", headers(sent, URL, version=version, at=AT))
    assert check(changed, [SECRET.encode()], NOW) == "signature_wrong"
    elsewhere = signed(sent, version, url=URL.replace("wsp_1", "wsp_2"))
    assert elsewhere == (None if version == "v1" else "signature_wrong")


def test_an_old_request_is_stale() -> None:
    """The third version by its own time, either way; those before it by when what they tell happened, some days ago."""
    sent = body([notice("contact.creation", 151, AT - 10), notice("contact.creation", 152, AT)])
    minutes = TOLERANCE // 1_000
    for at, wrong in (
        (AT - minutes, None),
        (AT - minutes - 1, "signature_stale"),
        (AT + minutes + 1, "signature_stale"),
    ):
        assert signed(sent, at=at) == wrong
    for version in ("v1", "v2"):
        assert signed(sent, version, now=NOW + KEPT) is None
        assert signed(sent, version, now=NOW + KEPT + 1) == "signature_stale"


def test_the_third_version_goes_before_those_that_prove_less() -> None:
    """HubSpot sends several at once: a wrong third one is not made good by a right first one."""
    sent = body([notice("contact.creation", 151)])
    both = {**headers(sent, URL, version="v1"), **headers(sent, URL, at=AT, secret="x" * 20)}
    assert check(request(sent, both), [SECRET.encode()], NOW) == "signature_wrong"
    assert check(request(sent, {}), [SECRET.encode()], NOW) == "signature_missing"
    assert (
        check(request(sent, {"x-hubspot-signature": "ab", "x-hubspot-signature-version": "v9"}), [b""], NOW)
        == "signature_malformed"
    )
    for time in ("", "soon", "1772532060", "-1772532060000"):
        said = {**headers(sent, URL, at=AT), "x-hubspot-request-timestamp": time}
        assert check(request(sent, said), [SECRET.encode()], NOW) == "signature_malformed"


def test_the_address_is_signed_decoded_where_hubspot_decodes_it() -> None:
    """Some signs of a query stand in what is signed as themselves; as it came is right too."""
    sent = body([])
    came = f"{URL}?x=a%3Ab%2Fc&y=d%20e"
    for url in (f"{URL}?x=a:b/c&y=d%20e", came):
        assert check(request(sent, headers(sent, url, at=AT), came), [SECRET.encode()], NOW) is None
    assert (
        check(request(sent, headers(sent, f"{URL}?x=a:b/c&y=d e", at=AT), came), [SECRET.encode()], NOW)
        == "signature_wrong"
    )


def test_secrets_are_those_of_apps() -> None:
    assert is_secret(SECRET)
    assert not is_secret("short")
    assert not is_secret("whsec_" + "a" * 30)


def read(*said: Any, url: str = URL, version: str = "v3") -> list[Any]:
    sent = body(list(said))
    return list(SOURCE.read(request(sent, headers(sent, url, at=AT, version=version), url)))


def unfetched(*said: Any, **more: Any) -> list[Unfetched]:
    found = [one for item in read(*said, **more) for one in SOURCE.map(item)]
    assert all(type(one) is Unfetched for one in found)
    return found  # type: ignore[return-value]


def test_a_notice_has_its_object_fetched_once_a_delivery() -> None:
    """Both ways in which HubSpot names kinds; of several about one object the newest; what means nothing asks for nothing."""
    said = [
        notice("contact.propertyChange", 151, AT, propertyName="email", propertyValue="old@firm.example"),
        notice("contact.propertyChange", 151, AT + 5, propertyName="phone", propertyValue="1"),
        notice("object.creation", 151, AT + 2, objectTypeId="0-1"),
        notice("object.creation", 77, objectTypeId="0-2"),
        notice("deal.propertyChange", 501, propertyName="dealstage", propertyValue="closedwon"),
        notice("object.propertyChange", 9, objectTypeId="0-5", propertyName="subject"),
        notice("contact.deletion", 152),
        notice("contact.privacyDeletion", 153),
        notice("contact.propertyChange", 154, propertyName="goodword_referral_state", propertyValue="attributed"),
    ]
    found = unfetched(*said)
    assert sorted((it.said["noun"], it.said["object"]) for it in found) == [
        ("companies", "77"),
        ("contacts", "151"),
        ("deals", "501"),
    ]
    assert next(it.id for it in found if it.said["object"] == "151") == f"contacts.151.{AT + 5}.100151"
    assert len({it.id for it in found}) == len(found)
    called = [SOURCE.called(item) for item in read(*said)]
    assert {"object.propertyChange", "contact.deletion", "contact.privacyDeletion"} < set(called)


def test_what_is_asked_for_is_said_by_a_table_and_a_number() -> None:
    """An object is a number, so that no delivery says where anything is asked for; of what was merged the one that is left."""
    for object_ in ("151", None, -1, 1.5, True, "../151", 10**30):
        [item] = read(notice("contact.creation", 1) | {"objectId": object_})
        assert isinstance(item, Problem), object_
    [merged] = unfetched(notice("contact.merge", 5, primaryObjectId=151, mergedObjectIds=[152], newObjectId=160))
    assert FETCH.path(merged.said).startswith("/crm/objects/2026-09/contacts/160?properties=email,firstname,")
    asked = FETCH.path(unfetched(notice("deal.creation", 501))[0].said)
    assert "associations=contacts,companies" in asked
    assert "dealname" not in asked, "what is not used is not asked for"


def test_what_is_no_list_of_notices_is_refused() -> None:
    for sent, code in (
        (b"{}", "not_events"),
        (b"[1]", "not_events"),
        (b"[", "not_json"),
        (b"[" * 100 + b"]" * 100, "too_deep"),
    ):
        with pytest.raises(RefusedError) as error:
            SOURCE.read(request(sent, headers(sent, URL)))
        assert error.value.code == code


def fetched(noun: str, object_: Any, **said: Any) -> list[Any]:
    """Return what an object becomes: events as their fields, and what else is fetched."""
    whole = FETCH.whole({"noun": noun, "object": object_["id"], "conversions": 0, **said}, body(object_))
    mapped = SOURCE.map(whole)
    assert not isinstance(mapped, Problem), mapped
    return [one if isinstance(one, Unfetched) else msgspec.json.decode(msgspec.json.encode(one)) for one in mapped]


def test_a_contact_is_a_customer_and_with_a_code_a_lead() -> None:
    """Called by the CRM's number; the lead is of when the code was first said, and the code of one."""
    known, lead = fetched("contacts", contact(goodword_code="ANN"))
    assert {name: value for name, value in known.items() if name != "id"} == {
        "type": "customer.updated",
        "occurred_at": "2026-03-03T10:01:00.120000Z",
        "customer_external_id": "hubspot:151",
        "email": "bob151@firm.example",
        "phone": "+43 660 1234567",
        "name": "Bob Binder",
        "language": "de-at",
        "country": "AT",
        "company": "Firm & Sons",
    }
    assert {name: value for name, value in lead.items() if name != "id"} == {
        "type": "lead.created",
        "occurred_at": "2026-03-02T09:30:00Z",
        "customer_external_id": "hubspot:151",
        "code": "ANN",
    }
    by_form = fetched("contacts", contact(referral_code="BEA"))[1]
    assert (by_form["code"], by_form["occurred_at"]) == ("BEA", "2026-03-01T08:00:00Z")


def test_a_contact_that_says_what_the_company_calls_them_is_that_customer() -> None:
    """And who was known by the CRM's number before is the same person."""
    same, known = fetched("contacts", contact(goodword_customer="bob"))
    assert (same["type"], same["keep_external_id"], same["gone_external_id"]) == ("person.merged", "bob", "hubspot:151")
    assert known["customer_external_id"] == "bob"


def test_each_telling_of_a_record_is_an_event_and_the_same_telling_is_a_repeat() -> None:
    """Changed, and changed back, it is told three times; fetched again without a change it is what it was; the lead stays one."""
    first, again = fetched("contacts", contact(goodword_code="ANN")), fetched("contacts", contact(goodword_code="ANN"))
    assert first == again
    changed = fetched("contacts", contact(goodword_code="ANN", phone="1", updated="2026-03-03T11:00:00.000Z"))
    back = fetched("contacts", contact(goodword_code="ANN", updated="2026-03-03T12:00:00.000Z"))
    assert len({told[0]["id"] for told in (first, changed, back)}) == 3
    assert len({told[1]["id"] for told in (first, changed, back)}) == 1
    assert first[1] == changed[1] == back[1]


def test_the_company_of_a_contact_is_fetched_and_named_by_its_domain() -> None:
    """By its name where it has none; a company that changed is told of each of its contacts."""
    known, more = fetched("contacts", contact(companies=(77, 78)))
    assert "company" not in known
    assert (more.said["noun"], more.said["object"], more.said["contact"]) == ("companies", "77", "151")
    [of_bob] = fetched("companies", company(), contact="151")
    assert (of_bob["type"], of_bob["customer_external_id"], of_bob["company"]) == (
        "customer.updated",
        "hubspot:151",
        "firm.example",
    )
    assert [it["customer_external_id"] for it in fetched("companies", company(contacts=(151, 152)))] == [
        "hubspot:151",
        "hubspot:152",
    ]
    assert fetched("companies", company(domain=None), contact="151")[0]["company"] == "Firm & Sons"
    assert fetched("companies", company(domain=None, name=None), contact="151") == []


def test_a_deal_is_reported_with_its_company() -> None:
    """By its domain, which is fetched first; won or lost by what HubSpot says of its stage, however that is called."""
    [more] = fetched("deals", deal(companies=(77,), goodword_code="ANN"))
    assert (more.said["noun"], more.said["object"]) == ("companies", "77")
    assert len(msgspec.json.encode(more.said)) < 1_000, "it is the payload of a job"
    [told] = fetched("companies", company(), deal=more.said["deal"])
    assert {name: value for name, value in told.items() if name != "id"} == {
        "type": "deal.reported",
        "occurred_at": "2026-03-04T12:00:00Z",
        "deal_id": "hubspot.501",
        "status": "open",
        "company": "Firm & Sons",
        "company_domain": "firm.example",
        "company_id": "hubspot:77",
        "customer_external_id": "hubspot:151",
        "stage": "qualifiedtobuy",
        "amount": 1_190_050,
        "currency": "EUR",
        "opened_at": "2026-03-02T08:00:00Z",
        "code": "ANN",
    }
    for closed, won, status in (("true", "true", "won"), ("true", "false", "lost"), ("false", "false", "open")):
        [told] = fetched("deals", deal(hs_is_closed=closed, hs_is_closed_won=won, dealstage="7261354"))
        assert (told["status"], told["stage"]) == (status, "7261354")
    [bare] = fetched("deals", deal(contacts=(), amount=None, deal_currency_code=None))
    assert not {"amount", "currency", "customer_external_id", "company"} & bare.keys()


def test_a_deal_that_waits_for_its_company_hides_none_that_says_something_else() -> None:
    """Whom it is associated with may change and its time stay; the same is the same, and asked for once."""
    first, again, other = (fetched("deals", deal(contacts=ids, companies=(77,)))[0].id for ids in ((), (), (151,)))
    assert first == again != other


def test_a_deal_that_is_won_is_an_order_where_that_is_wanted() -> None:
    """Once, whatever is changed of it later; not without a contact or an amount."""
    won = {"hs_is_closed": "true", "hs_is_closed_won": "true"}
    _, ahead = fetched("deals", deal(**won), conversions=1)
    assert ahead["occurred_at"] == "2026-03-04T12:00:00Z", (
        "the day on which it was to be won is ahead: it was won by then"
    )
    _, order = fetched("deals", deal(**won, updated="2026-04-01T12:00:00.000Z"), conversions=1)
    assert order == {
        "type": "conversion.recorded",
        "id": "won.501",
        "occurred_at": "2026-03-31T00:00:00Z",
        "customer_external_id": "hubspot:151",
        "invoice_id": "hubspot.501",
        "amount": 1_190_050,
        "currency": "EUR",
    }
    assert fetched("deals", deal(**won, updated="2026-04-04T12:00:00.000Z", dealstage="x"), conversions=1)[1] == order
    for object_ in (deal(), deal(contacts=(), **won), deal(**{**won, "amount": None})):
        assert [it["type"] for it in fetched("deals", object_, conversions=1)] == ["deal.reported"]
    whole = FETCH.whole({"noun": "deals", "object": "501", "conversions": 0}, body(deal(deal_currency_code="XXQ")))
    assert SOURCE.map(whole) == Problem("unknown_currency", "currency", "deals.501")


def test_an_empty_or_odd_contact_says_only_what_can_be_said() -> None:
    """An archived one nothing; a language or country that is none is left out."""
    empty = contact(
        **dict.fromkeys(
            ("email", "firstname", "lastname", "phone", "company", "hs_language", "hs_country_region_code", "country")
        )
    )
    assert fetched("contacts", empty) == []
    assert fetched("contacts", {**contact(), "archived": True}) == []
    odd = fetched("contacts", contact(hs_language="not a language", hs_country_region_code="XX", country="Austria"))[0]
    assert not {"language", "country"} & odd.keys()


def test_another_object_than_was_asked_for_is_none() -> None:
    for answer in (contact(152), {"id": "151"}, []):
        with pytest.raises((ValueError, msgspec.MsgspecError)):
            FETCH.whole({"noun": "contacts", "object": "151", "conversions": 0}, body(answer))


def test_every_field_that_hubspot_sends_has_its_treatment() -> None:
    """Of a notice all; of objects what is asked for."""
    for said in (notice("contact.propertyChange", 1, propertyName="a", propertyValue="b"),):
        assert {f"notice.{name}" for name in said} <= FIELDS.keys()
    for noun, object_ in itertools.product(["contacts"], [contact()]):
        shown = {f"{noun}.properties.{name}" for name in object_["properties"]}
        assert shown - FIELDS.keys() == {
            f"{noun}.properties.{it}" for it in ("createdate", "hs_object_id", "lastmodifieddate")
        }


def test_deals_are_orders_only_where_the_address_says_so() -> None:
    """And where that address was signed."""
    asked = f"{URL}?deals=conversions"
    for url, version, wanted in ((URL, "v3", 0), (asked, "v3", 1), (asked, "v2", 1), (asked, "v1", 0)):
        [it] = unfetched(notice("deal.creation", 501), url=url, version=version)
        assert it.said["conversions"] == wanted
    assert not wants_conversions("https://[bad?deals=conversions")
