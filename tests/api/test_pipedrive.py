"""Pipedrive, Salesforce and the plain webhook over real HTTP: who brings the secret is taken, and records are written to."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit import crm_api, sent
from testkit.crm_api import CrmApi
from testkit.process import in_a_thread
from tests.api.conftest import RULES, Api, installed
from tests.api.test_hubspot import settled
from tests.sources.test_crm_source import CONTACT, signed
from tests.sources.test_crm_source import SECRET as WHSEC
from tests.sources.test_pipedrive import CODE, DEAL, ORGANIZATION, PAIR, PERSON, basic, delivery
from tests.sources.test_salesforce import CONTACT as OF_MESSAGE
from tests.sources.test_salesforce import HELD, OPPORTUNITY, TOKEN, envelope

KEY = "0a1b2c3d" * 5
FIELDS = {name: f"{place}f" * 20 for place, name in enumerate(("source", "referrer", "referral_state", "deal_state"))}


@pytest.fixture
def vendor() -> Iterator[CrmApi]:
    """Yield what stands for Pipedrive."""
    with crm_api.serving(KEY) as it:
        yield it


@pytest.fixture
def api(database: str, tmp_path: Path, vendor: CrmApi) -> Iterator[Api]:
    """Yield an installation that asks it, with a published program and an advocate."""
    urls = {"GOODWORD_PIPEDRIVE_URL": vendor.url, "GOODWORD_SALESFORCE_URL": vendor.url}
    with in_a_thread(installed(database, tmp_path, **urls)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": RULES})
        it.send(sent.enrolled("ann-1", "ann", "ANN"))
        it.move("2026-04-02T00:00:00Z")
        yield it


def post(api: Api, body: bytes, authorization: str = basic(PAIR)) -> httpx.Response:
    """Send a delivery as Pipedrive does."""
    headers = {"authorization": authorization, "content-type": "application/json"}
    return api.http.post(f"/hooks/pipedrive/{api.ws}?code={CODE}", content=body, headers=headers)


def test_a_person_and_a_deal_of_pipedrives_come_round(api: Api, vendor: CrmApi) -> None:
    """Taken with the password; the deal waits for its organization; both records say who recommended, in the fields that are named."""
    for secret in (PAIR, KEY):
        api.say("owner", "/v1/hooks", {"source": "pipedrive", "secret": secret})
    said = {"fields": FIELDS}
    assert api.call("owner", "PUT", "/v1/crm/pipedrive", json=said).status_code == 204
    vendor.records |= {"/api/v2/organizations/12": ORGANIZATION, "/api/v2/persons/31": {}, "/api/v2/deals/44": {}}
    wrong = post(api, delivery("person", PERSON), basic(PAIR + "x"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "signature_wrong")
    assert [it["status"] for it in post(api, delivery("person", PERSON)).json()["events"]] == ["accepted", "accepted"]
    assert [it["status"] for it in post(api, delivery("person", PERSON)).json()["events"]] == ["repeat", "repeat"]
    settled(api)
    assert [it["status"] for it in post(api, delivery("deal", {**DEAL, "org_id": 12})).json()["events"]] == ["held"]
    settled(api)
    values = {FIELDS["source"]: "referral", FIELDS["referrer"]: "ANN", FIELDS["referral_state"]: "attributed"}
    assert vendor.written == [
        ("/api/v2/persons/31", {"custom_fields": values}),
        ("/api/v2/deals/44", {"custom_fields": {**values, FIELDS["deal_state"]: "open"}}),
    ]
    assert {it.key for it in vendor.asked} == {KEY}


def test_a_record_of_any_crm_is_taken_signed_or_with_the_secret(api: Api) -> None:
    """And told again it is a repeat; without either it is refused with the reason."""
    made = api.say("owner", "/v1/hooks", {"source": "crm", "secret": WHSEC})
    path, content = made["url"].removeprefix(api.url), json.dumps(CONTACT).encode()

    def send(headers: dict[str, str]) -> Any:
        return api.http.post(path, content=content, headers={**headers, "content-type": "application/json"})

    now = int(api.goodword.engine.clock.now() // 1_000_000)
    assert [it["status"] for it in send(signed(content, now)).json()["events"]] == ["accepted", "accepted"]
    assert [it["status"] for it in send({"authorization": f"Bearer {WHSEC}"}).json()["events"]] == ["repeat", "repeat"]
    assert send(signed(content, now - 301)).json()["code"] == "signature_stale"
    assert send({"authorization": "Bearer whsec_other"}).json()["code"] == "signature_wrong"
    assert send({}).json()["code"] == "signature_missing"
    settled(api)
    assert [it["status"] for it in api.get("/v1/referrals")["items"]] == ["attributed"]


def test_a_record_of_salesforces_comes_round(api: Api, vendor: CrmApi) -> None:
    """By either form of its id; a token is asked for with the app's key and secret, and what an app may not is tried again."""
    consumer = ("3MVG9" + "a1B2" * 10, "5C" * 16)
    for secret in (WHSEC, ":".join(consumer)):
        api.say("owner", "/v1/hooks", {"source": "salesforce", "secret": secret})
    for site, status in (
        ("", 422),
        ("evil.example", 422),
        ("acme.my.salesforce.com.evil.example", 422),
        ("acme.my.salesforce.com", 204),
    ):
        assert api.call("owner", "PUT", "/v1/crm/salesforce", json={"site": site}).status_code == status, site
    base = "/services/data/v65.0/sobjects"
    vendor.records |= {f"{base}/Contact/003Qy00000AbCdE": {}, f"{base}/Opportunity/006Qy00000FgHiJ": {}}
    deal = {"record": "deal", "id": "006Qy00000FgHiJIAZ", "updated_at": "2026-03-04T10:01:00Z", "status": "open"}
    said = [{**CONTACT, "id": "003Qy00000AbCdEIAV"}, {**deal, "contact": {"id": "003Qy00000AbCdE"}}]
    headers = {"authorization": f"Bearer {WHSEC}", "content-type": "application/json"}
    answer = api.http.post(f"/hooks/salesforce/{api.ws}", content=json.dumps(said).encode(), headers=headers)
    assert [it["status"] for it in answer.json()["events"]] == ["accepted"] * 3, answer.text
    api.until(lambda: vendor.asked)
    assert vendor.written == [], "the app is not known yet"
    vendor.consumer = consumer
    api.due("crm.write")
    settled(api)
    values = {
        "Goodword_Source__c": "referral",
        "Goodword_Referrer__c": "ANN",
        "Goodword_Referral_State__c": "attributed",
    }
    assert sorted(vendor.written) == [
        (f"{base}/Contact/003Qy00000AbCdE", values),
        (f"{base}/Opportunity/006Qy00000FgHiJ", {**values, "Goodword_Deal_State__c": "open"}),
    ]


@pytest.mark.parametrize("late", [False, True], ids=["won, then lost", "lost told first"])
def test_a_deal_of_salesforces_that_is_lost_after_it_was_won_takes_its_order_back(api: Api, *, late: bool) -> None:
    """A flow says what an opportunity is now and nothing of what it was: what was told before is known here."""
    api.say("owner", "/v1/hooks", {"source": "salesforce", "secret": WHSEC})
    headers = {"authorization": f"Bearer {WHSEC}", "content-type": "application/json"}
    contact = {**CONTACT, "id": "003Qy00000AbCdE", "created_at": "2026-03-04T10:00:00Z", "code": "ANN"}
    deal = {
        "record": "deal",
        "id": "006Qy00000FgHiJ",
        "contact": {"id": contact["id"]},
        "amount": "500.00",
        "currency": "EUR",
    }
    told = [
        {**deal, "status": "won", "updated_at": "2026-03-05T10:00:00Z"},
        {**deal, "status": "lost", "updated_at": "2026-03-09T10:00:00Z"},
    ]
    for said in (contact, *(reversed(told) if late else told)):
        path = f"/hooks/salesforce/{api.ws}?deals=conversions"
        answer = api.http.post(path, content=json.dumps(said).encode(), headers=headers)
        assert {it["status"] for it in answer.json()["events"]} == {"accepted"}, answer.text
        settled(api)
    orders = api.rows("select status, amount from conversion where workspace_id = $1")
    assert [tuple(row) for row in orders] == [("canceled", 50_000)]
    assert all(reward["amount"] == 0 for reward in api.get("/v1/rewards")["items"])
    assert api.get("/v1/rewards")["items"], "it earned, or would have"


def test_an_outbound_message_of_salesforces_is_taken_and_acknowledged(api: Api) -> None:
    """Also a second time, when nothing is counted twice; with another token or organization it is not, and nothing of it is kept."""
    api.say("owner", "/v1/hooks", {"source": "salesforce", "secret": HELD})
    contact = {**OF_MESSAGE, "CreatedDate": "2026-03-04T08:00:00.000Z"}
    body = envelope(("Contact", contact), ("Opportunity", OPPORTUNITY))

    def post(body: bytes, token: str = TOKEN) -> httpx.Response:
        path = f"/hooks/salesforce/{api.ws}?deals=conversions&token={token}"
        return api.http.post(
            path, content=body, headers={"content-type": "text/xml; charset=UTF-8", "soapaction": '""'}
        )

    assert post(body, "x" * 40).status_code == 401
    assert post(envelope(("Contact", contact), organization="00DQy000000XXXXMAK")).status_code == 401
    for _ in range(2):
        answer = post(body)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8"), answer.text
        assert "<Ack>true</Ack>" in answer.text
        settled(api)
    [referral] = api.get("/v1/referrals")["items"]
    assert (referral["status"], referral["friend"]) == ("converted", api.person("salesforce:003Qy00000AbCdE"))
    kinds = [
        str(kind) for (kind,) in api.rows("select type from event where workspace_id = $1 and source = 'salesforce'")
    ]
    assert sorted(kinds) == ["conversion.recorded", "customer.updated", "deal.reported", "lead.created"]
