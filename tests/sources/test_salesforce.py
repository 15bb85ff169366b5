"""Salesforce's outbound messages: who sent them is known by organization and address, and nothing but plain elements is read."""

from typing import Any

import msgspec
import pytest
from tests.sources.test_crm_source import SECRET as WHSEC

from goodword.core import calendar
from goodword.sources.base import Problem, RefusedError, Request
from goodword.sources.salesforce import ACK, SOURCE, check, is_organization

NOW = 1_772_532_060
ORGANIZATION, TOKEN = "00DQy000000AbCdMAK", "a1B2c3D4" * 5
HELD = f"{ORGANIZATION}:{TOKEN}"
URL = f"https://goodword.acme.example/hooks/salesforce/wsp?token={TOKEN}"
CONTACT = {
    "Id": "003Qy00000AbCdEIAV",
    "CreatedDate": "2026-03-01T08:00:00.000Z",
    "LastModifiedDate": "2026-03-03T10:01:00.000Z",
    "Email": "bea@firm.example",
    "FirstName": "Bea",
    "LastName": "O&apos;Hara",
    "MailingCountryCode": "AT",
    "Goodword_Code__c": "ANN",
    "Goodword_Domain__c": "firm.example",
}
OPPORTUNITY = {
    "Id": "006Qy00000FgHiJIAZ",
    "AccountId": "001Qy00000KlMnOIAV",
    "Amount": "1.25E7",
    "ContactId": "003Qy00000AbCdEIAV",
    "CreatedDate": "2026-03-02T08:00:00.000Z",
    "CurrencyIsoCode": "EUR",
    "IsClosed": "true",
    "IsWon": "true",
    "LastModifiedDate": "2026-03-09T10:01:00.000Z",
    "StageName": "Closed Won",
    "Secret_Plan__c": "x",
}


def envelope(*records: tuple[str, dict[str, str]], organization: str = ORGANIZATION, before: str = "") -> bytes:
    """Return an outbound message as its schema has it, with values of our own."""
    said = "".join(
        f"<Notification><Id>04lQy00000{place:08d}</Id>"
        f'<sObject xsi:type="sf:{kind}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        + "".join(f"<sf:{name}>{value}</sf:{name}>" for name, value in fields.items())
        + "</sObject></Notification>"
        for place, (kind, fields) in enumerate(records)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04kQy0000000001AAA</ActionId>"
        '<SessionId xsi:nil="true"/><EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/65.0</EnterpriseUrl>'
        f"<PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/65.0</PartnerUrl>{said}"
        "</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def request(body: bytes, url: str = URL, **headers: str) -> Request:
    return Request(
        "/hooks/salesforce/wsp", lambda name: headers.get(name.decode(), ""), body, NOW * calendar.SECOND, url=url
    )


def wrong(body: bytes, url: str = URL, *held: str, **headers: str) -> str | None:
    secrets = [secret.encode() for secret in held or (HELD, WHSEC)]
    return check(request(body, url, **headers), secrets, NOW * calendar.SECOND)


def made(body: bytes, more: str = "") -> list[Any]:
    found: list[Any] = []
    for item in SOURCE.read(request(body, URL + more)):
        told = item if isinstance(item, Problem) else SOURCE.map(item)
        found += [told] if isinstance(told, Problem) else [msgspec.to_builtins(one) for one in told]  # type: ignore[union-attr]
    return found


def test_a_message_comes_from_who_is_held_with_the_token_of_its_address() -> None:
    """Both forms of the organization's id are one; what is wrong about either is refused, and a flow's secret opens nothing here."""
    body = envelope(("Contact", CONTACT))
    assert wrong(body) is None
    assert wrong(envelope(("Contact", CONTACT), organization=ORGANIZATION[:15])) is None
    assert wrong(envelope(organization="00DQy000000XXXXMAK")) == "signature_wrong"
    assert wrong(body, URL[:-1]) == "signature_wrong"
    assert wrong(body, URL.partition("?")[0]) == "signature_missing"
    assert wrong(body, f"{URL.partition('?')[0]}?token={WHSEC}") == "signature_wrong"
    assert wrong(body, URL, WHSEC) == "signature_wrong"
    assert wrong(b"<no", URL) == "signature_malformed"
    assert wrong(body, authorization=f"Bearer {WHSEC}") is None, "the header says nothing of a message"
    assert wrong(b"{}", URL, authorization=f"Bearer {WHSEC}") is None
    assert wrong(b"{}", URL, authorization=f"Bearer {HELD}") == "signature_wrong"
    assert wrong(b"{}") == "signature_missing"
    assert is_organization(HELD)
    assert not is_organization(HELD[:40])
    assert SOURCE.access is not None
    assert not SOURCE.access.is_key(HELD)
    assert SOURCE.fetch is None, "what it sends says all of a record"


def test_records_of_a_message_mean_what_those_of_a_flow_do() -> None:
    """Names, times and money as Salesforce writes them; an opportunity's one contact and account by the ids that do not change."""
    updated, lead, deal = made(envelope(("Contact", CONTACT), ("Opportunity", OPPORTUNITY)))
    assert (updated["type"], updated["customer_external_id"]) == ("customer.updated", "salesforce:003Qy00000AbCdE")
    assert (updated["name"], updated["company"], updated["country"]) == ("Bea O'Hara", "firm.example", "AT")
    assert (lead["type"], lead["code"], lead["occurred_at"]) == ("lead.created", "ANN", "2026-03-01T08:00:00Z")
    assert (deal["deal_id"], deal["status"], deal["stage"]) == ("salesforce.006Qy00000FgHiJ", "won", "Closed_Won")
    assert (deal["amount"], deal["currency"]) == (1_250_000_000, "EUR")
    assert (deal["company_id"], deal["customer_external_id"]) == (
        "salesforce:001Qy00000KlMnO",
        "salesforce:003Qy00000AbCdE",
    )
    told = made(envelope(("Opportunity", OPPORTUNITY)), "&deals=conversions")
    assert [it["type"] for it in told] == ["deal.reported", "conversion.recorded"]
    alone = {name: said for name, said in OPPORTUNITY.items() if name != "CurrencyIsoCode"}
    assert made(envelope(("Opportunity", alone)), "&currency=JPY")[0]["amount"] == 12_500_000
    assert "amount" not in made(envelope(("Opportunity", alone)))[0]
    for closed, won, status in (("true", "false", "lost"), ("false", "false", "open")):
        assert made(envelope(("Opportunity", {**OPPORTUNITY, "IsClosed": closed, "IsWon": won})))[0]["status"] == status


def test_a_bad_record_costs_itself_alone_and_all_are_acknowledged() -> None:
    """What is sent again would be as bad. Fields that nobody knows are told by their names."""
    body = envelope(("Task", {"Id": "1"}), ("Contact", {"Id": "no id!"}), ("Contact", CONTACT))
    assert made(body)[:2] == [
        Problem("unknown_type", "sObject", "Task"),
        Problem("missing_field", "id", "contact.no id!"),
    ]
    assert len(made(body)) == 4
    reply = SOURCE.answer(request(body), [], None)
    assert (reply.status, reply.body, reply.media) == (200, ACK, b"text/xml; charset=utf-8")
    assert b"<Ack>true</Ack>" in ACK
    assert SOURCE.answer(request(b"{}"), [], None).media == b"application/json"
    [item] = SOURCE.read(request(envelope(("Opportunity", OPPORTUNITY))))
    assert [*SOURCE.unknown(item)] == ["Opportunity.Secret_Plan__c"]
    assert {f"Opportunity.{name}" for name in OPPORTUNITY} - {*SOURCE.fields} == {"Opportunity.Secret_Plan__c"}


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
DEEP = ("Contact", {"Id": "<a>" * 20 + "</a>" * 20})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (envelope(("Contact", CONTACT), before=DOCTYPE), "not_events"),
        (envelope(("Contact", CONTACT), before='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "not_events"),
        (envelope(("Contact", {"Id": "&a;"})), "not_events"),
        (envelope(DEEP), "not_events"),
        (envelope(("Contact", {"Id": "<a/>" * 60_000})), "not_events"),
        (envelope(*[("Contact", CONTACT)] * 101), "too_many_events"),
        (b"<html><body>no</body></html>", "not_events"),
        (envelope(("Contact", CONTACT))[:-9], "not_events"),
    ],
    ids=["entities", "outside", "undeclared", "deep", "many", "too many", "html", "cut"],
)
def test_what_is_no_plain_envelope_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        SOURCE.read(request(body))
    assert refused.value.code == code


@pytest.mark.parametrize("named", ["hex", "utf-7", "x"])
def test_a_message_is_read_as_what_salesforce_writes_whatever_it_names(named: str) -> None:
    """It writes UTF-8 alone; another encoding that a text names for itself is not looked for, and breaks nothing."""
    body = envelope(("Contact", CONTACT)).replace(b"UTF-8", named.encode(), 1)
    assert SOURCE.read(request(body)) == SOURCE.read(request(envelope(("Contact", CONTACT))))
    with pytest.raises(RefusedError):
        SOURCE.read(request(body.replace(b"Bea", b"B\xe9a")))
