"""HubSpot over real HTTP: signed notices are taken, objects are fetched by a worker, and who recommended somebody is written back."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit import crm_api, sent
from testkit.crm_api import CrmApi, Said
from testkit.hubspot import AT, KEY, SECRET, body, company, contact, deal, headers, notice
from testkit.process import in_a_thread
from tests.api.conftest import RULES, Api, Command, installed

CONTACTS, COMPANIES, DEALS = (f"/crm/objects/2026-09/{noun}" for noun in ("contacts", "companies", "deals"))


@pytest.fixture
def vendor() -> Iterator[CrmApi]:
    """Yield what stands for HubSpot."""
    with crm_api.serving(KEY) as it:
        yield it


@pytest.fixture
def api(database: str, tmp_path: Path, vendor: CrmApi) -> Iterator[Api]:
    """Yield an installation that asks it, with a published program, an advocate, and both of HubSpot's secrets held."""
    with in_a_thread(installed(database, tmp_path, GOODWORD_HUBSPOT_URL=vendor.url)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": RULES})
        it.send(sent.enrolled("ann-1", "ann", "ANN", name="Ann Adler"))
        it.move("2026-04-02T00:00:00Z")
        for secret in (SECRET, KEY):
            it.say("owner", "/v1/hooks", {"source": "hubspot", "secret": secret})
        yield it


def post(
    api: Api, *said: Any, version: str = "v3", secret: str = SECRET, query: str = "", **more: Any
) -> httpx.Response:
    """Send notices as HubSpot does."""
    content, path = body(list(said)), f"/hooks/hubspot/{api.ws}{query}"
    given = headers(content, f"{api.url}{path}", version=version, secret=secret, **more)
    return api.http.post(path, content=content, headers={**given, "content-type": "application/json"})


def tell(api: Api, vendor: CrmApi, noun: str, object_: Any, query: str = "") -> None:
    """Let an object be as it is now, and HubSpot say that it was changed; return once that is decided."""
    path = {"contact": CONTACTS, "company": COMPANIES, "deal": DEALS}[noun]
    vendor.records[f"{path}/{object_['id']}"] = object_
    at = 1_772_532_060_000 + len(vendor.asked)
    answer = post(api, notice(f"{noun}.propertyChange", int(object_["id"]), at), query=query)
    assert (answer.status_code, answer.json()["events"][0]["status"]) == (200, "held"), answer.text
    settled(api)


def settled(api: Api) -> None:
    """Wait until nothing is to be fetched, decided, followed or written: each of that makes work for the next."""

    def open_(*kinds: str) -> bool:
        sql = "select kind from job where workspace_id = $1 and done_at is null"
        return any(kind in kinds for (kind,) in api.rows(sql))

    api.until(
        lambda: (
            not open_("source.fetch")
            and not api.get("/v1/reports/progress")["waiting"]
            and not api.get("/v1/reports/progress")["behind"]
            and not open_("crm.look", "crm.write")
        )
    )


def stored(api: Api) -> list[str]:
    return [str(kind) for kind, in api.rows(
        "select type from event where workspace_id = $1 and source = 'hubspot' order by evt"
    )]  # fmt: skip


def connect(api: Api, **more: Any) -> None:
    answer = api.call("owner", "PUT", "/v1/crm/hubspot", json=more)
    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_a_notice_is_taken_in_each_way_in_which_it_is_signed(api: Api, vendor: CrmApi, version: str) -> None:
    """Forged or old it is refused, with another address too where that is signed; staff see why, and the self-check what came."""
    vendor.records[f"{CONTACTS}/151"] = contact(goodword_code="ANN")
    said = notice("contact.creation", 151, int(time.time() * 1_000))
    assert post(api, said, version=version).status_code == 200
    settled(api)
    assert stored(api) == ["customer.updated", "lead.created"]
    forged = post(api, said, version=version, secret="x" * 36)
    old = post(api, said | {"occurredAt": AT}, version=version, at=AT)
    assert [(it.status_code, it.json()["code"]) for it in (forged, old)] == [
        (401, "signature_wrong"),
        (401, "signature_stale"),
    ]
    content = body([said])
    elsewhere = headers(content, f"https://other.example/hooks/hubspot/{api.ws}", version=version)
    answer = api.http.post(f"/hooks/hubspot/{api.ws}", content=content, headers=elsewhere)
    assert answer.status_code == (200 if version == "v1" else 401)
    codes = "select code from rejection where workspace_id = $1 and source = 'hubspot'"
    api.until(lambda: {code for (code,) in api.rows(codes)} == {"signature_wrong", "signature_stale"})
    settled(api)
    shown = api.get("/v1/sources/hubspot")
    assert (shown["held"], shown["last_at"] is not None) == ([], True)
    assert "contacts.properties.email" in {it["path"] for it in shown["fields"]}


def test_a_contact_with_a_code_is_somebodys_friend_and_hubspot_is_told(
    api: Api, vendor: CrmApi, goodword: Command
) -> None:
    """By its number there; with the code or the name of who recommended, as the workspace has it; nothing is written twice."""
    connect(api)
    tell(api, vendor, "contact", contact(goodword_code="ANN"))
    [referral] = api.get("/v1/referrals")["items"]
    assert referral["status"] == "attributed"
    expected = {"goodword_source": "referral", "goodword_referrer": "ANN", "goodword_referral_state": "attributed"}
    assert vendor.written == [(f"{CONTACTS}/151", {"properties": expected})]
    tell(api, vendor, "contact", contact(goodword_code="ANN", phone="1", updated="2026-03-05T10:00:00.000Z"))
    assert len(vendor.written) == 1, "it says so already"
    [record] = api.get("/v1/crm/hubspot/records", state="written")["items"]
    assert {name: record[name] for name in ("noun", "match", "confidence", "status", "answer")} == {
        "noun": "contacts", "match": "external_id", "confidence": "exact", "status": 200, "answer": ""
    }  # fmt: skip
    connect(api, referrer="name", fields={"source": ""})
    assert goodword("follower", "restart", "crm", "--workspace", api.ws).returncode == 0
    api.until(lambda: len(vendor.written) == 2)
    assert vendor.written[1][1] == {
        "properties": {"goodword_referrer": "Ann Adler", "goodword_referral_state": "attributed"}
    }
    done = goodword("verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_customer_of_ours_is_found_by_name_or_by_mailbox(api: Api, vendor: CrmApi) -> None:
    """What the company calls them in a property, or a mailbox that is theirs, is exact; a colleague's domain writes nothing."""
    connect(api)
    lead = {
        "type": "lead.created",
        "id": "l-1",
        "customer_external_id": "bob",
        "code": "ANN",
        "customer_email": "bob151@firm.example",
    }
    eve = {**lead, "id": "l-2", "customer_external_id": "eve", "customer_email": "eve@firm.example"}
    api.send(lead, eve)
    settled(api)
    assert vendor.written == []
    tell(api, vendor, "contact", contact(152, goodword_customer="eve", email="other@firm.example"))
    assert [path for path, _ in vendor.written] == [f"{CONTACTS}/152"]
    tell(api, vendor, "contact", contact(151))
    tell(api, vendor, "contact", contact(153, email="dan@firm.example"))
    assert [path for path, _ in vendor.written] == [f"{CONTACTS}/152", f"{CONTACTS}/151"]
    records = api.get("/v1/crm/hubspot/records", state="written")["items"]
    assert {(it["match"], it["confidence"]) for it in records} == {("external_id", "exact"), ("mail", "exact")}


def test_a_deal_is_reported_with_its_company_and_won_an_order_where_wanted(api: Api, vendor: CrmApi) -> None:
    """The company is fetched first; a deal is no order unless the address says so; its record is told where the deal came from."""
    connect(api)
    vendor.records[f"{COMPANIES}/77"] = company()
    tell(api, vendor, "contact", contact(companies=(77,), goodword_code="ANN"))
    tell(api, vendor, "deal", deal(companies=(77,)))
    assert "deal.reported" in stored(api)
    written = dict(vendor.written)[f"{DEALS}/501"]["properties"]
    assert (written["goodword_source"], written["goodword_referrer"], written["goodword_deal_state"]) == (
        "referral",
        "ANN",
        "open",
    )
    won = {"hs_is_closed": "true", "hs_is_closed_won": "true"}
    tell(api, vendor, "deal", deal(companies=(77,), updated="2026-03-30T12:00:00.000Z", **won))
    assert "conversion.recorded" not in stored(api)
    tell(api, vendor, "deal", deal(companies=(77,), updated="2026-03-31T12:00:00.000Z", **won), "?deals=conversions")
    assert stored(api).count("conversion.recorded") == 1
    assert dict(vendor.written)[f"{DEALS}/501"]["properties"]["goodword_deal_state"] == "won"


def test_a_deal_is_recognised_by_any_of_its_contacts(api: Api, vendor: CrmApi) -> None:
    """Its own record says who recommended one of them; nothing is bound or written to the others by that."""
    connect(api)
    tell(api, vendor, "contact", contact(152, goodword_code="ANN", email="bea@other.example"))
    tell(api, vendor, "deal", deal(contacts=(151, 152)))
    written = dict(vendor.written)
    assert written[f"{DEALS}/501"]["properties"]["goodword_referrer"] == "ANN"
    assert set(written) == {f"{DEALS}/501", f"{CONTACTS}/152"}
    assert len(api.get("/v1/referrals")["items"]) == 1
    done = api.get("/v1/reports/progress")
    assert not done["waiting"]


def test_what_hubspot_refuses_needs_a_person_and_is_not_tried_for_ever(api: Api, vendor: CrmApi) -> None:
    """A property that is missing there: shown with HubSpot's own codes and nothing that it repeats; once put right it is written."""
    connect(api)
    vendor.refuses = Said(
        400,
        {
            "status": "error",
            "message": 'Property values were not valid: [{"name": "goodword_source", "value": "Ann Adler"}]',
            "category": "VALIDATION_ERROR",
            "errors": [
                {
                    "message": "Ann Adler",
                    "code": "PROPERTY_DOESNT_EXIST",
                    "context": {"propertyName": ["goodword_source"]},
                }
            ],
        },
    )
    tell(api, vendor, "contact", contact(goodword_code="ANN"))
    [record] = api.get("/v1/crm/hubspot/records")["items"]
    assert (record["state"], record["status"]) == ("refused", 400)
    assert record["answer"] == "VALIDATION_ERROR PROPERTY_DOESNT_EXIST goodword_source"
    assert len(vendor.written) == 1
    assert api.get("/v1/crm")["items"][0]["refused"] == 1
    tell(api, vendor, "deal", deal())
    assert {it["noun"] for it in api.get("/v1/crm/hubspot/records")["items"]} == {"deals", "contacts"}
    vendor.refuses = None
    assert api.call("owner", "POST", "/v1/crm/hubspot/again").json() == {"count": 2}
    api.until(lambda: api.get("/v1/crm")["items"][0]["written"] == 2)
    assert api.get("/v1/crm/hubspot/records")["items"] == []


def test_a_busy_hubspot_is_left_alone_for_as_long_as_it_asks(api: Api, vendor: CrmApi) -> None:
    """Nothing is written to any of its records meanwhile; what is away or refuses the key is tried again, and nothing is lost."""
    connect(api)
    tell(api, vendor, "contact", contact())
    vendor.next = [Said(429, {"status": "error", "category": "RATE_LIMITS"}, after=3_600)]
    lead = {"type": "lead.created", "id": "l-1", "customer_external_id": "hubspot:151", "code": "ANN"}
    api.send(lead)
    api.until(lambda: api.get("/v1/crm")["items"][0]["waiting"] == 1)
    [crm] = api.get("/v1/crm")["items"]
    assert crm["rests_until"] is not None
    [due] = api.rows("select min(due_at) from job where workspace_id = $1 and kind = 'crm.write' and done_at is null")
    [now] = api.rows(
        "select (extract(epoch from clock_timestamp()) * 1000000)::bigint from workspace where workspace_id = $1"
    )
    assert due[0] - now[0] > 3_500_000_000
    for said in (Said(503, {}), Said(401, {"category": "INVALID_AUTHENTICATION"})):
        vendor.next = [said]
        many = len(vendor.written)
        api.run(api.goodword.pool.execute("update crm set rests_until = 0"))
        api.due("crm.write")
        api.until(lambda: len(vendor.written) > many)  # noqa: B023 - it is asked here
        api.until(lambda: api.get("/v1/crm")["items"][0]["waiting"] == 1)
    api.due("crm.write")
    api.until(lambda: api.get("/v1/crm")["items"][0]["written"] == 1)


def test_who_is_erased_has_no_record_any_more(api: Api, vendor: CrmApi) -> None:
    """What was written to is forgotten with the person, and nothing more is written there."""
    connect(api)
    tell(api, vendor, "contact", contact(goodword_code="ANN"))
    [referral] = api.get("/v1/referrals")["items"]
    assert api.rows("select 1 from crm_record where workspace_id = $1")
    assert api.call("owner", "DELETE", f"/v1/people/{referral['friend']}").status_code in (200, 204), "erased"
    assert api.rows("select 1 from crm_record where workspace_id = $1") == []


def test_a_contact_that_was_deleted_meanwhile_tells_nothing(api: Api, vendor: CrmApi) -> None:
    assert post(api, notice("contact.creation", 999)).status_code == 200
    settled(api)
    assert (stored(api), api.get("/v1/sources/hubspot")["held"]) == ([], [])
    assert [it.path for it in vendor.asked] == [f"{CONTACTS}/999"]


def test_who_says_how_a_crm_is_written_to(api: Api, goodword: Command) -> None:
    """Only who may; a CRM that nobody knows, a field that nobody writes, and a host of their own where there is none are refused."""
    for source, said, code in (
        ("zoho", {}, 422),
        ("hubspot", {"fields": {"mood": "x"}}, 422),
        ("hubspot", {"site": "a.example"}, 422),
    ):
        assert api.call("owner", "PUT", f"/v1/crm/{source}", json=said).status_code == code
    assert api.call("sk", "PUT", "/v1/crm/hubspot", json={}).status_code == 403
    assert api.call("owner", "DELETE", "/v1/crm/hubspot").status_code == 404
    assert (
        goodword(
            "crm", "connect", "hubspot", "--referrer", "none", "--field", "source=origin", "--workspace", api.ws
        ).returncode
        == 0
    )
    assert "hubspot" in goodword("crm", "list", "--workspace", api.ws).stdout
    [shown] = api.get("/v1/crm")["items"]
    assert (shown["referrer"], shown["fields"]["source"], shown["fields"]["deal_state"]) == (
        "none",
        "origin",
        "goodword_deal_state",
    )
    assert "0 are written" in goodword("crm", "again", "hubspot", "--workspace", api.ws).stdout
    assert goodword("crm", "records", "hubspot", "--workspace", api.ws).returncode == 0
    assert goodword("crm", "end", "hubspot", "--workspace", api.ws).returncode == 0
    assert api.get("/v1/crm")["items"] == []


def test_one_worker_at_a_time_writes_to_a_crm(api: Api, vendor: CrmApi) -> None:
    """Another one's jobs are whole meanwhile, and are done when its lease has ended, as after a kill: nothing is lost."""
    connect(api)
    api.run(api.goodword.pool.execute("update crm set leased_until = 9000000000000000"))
    vendor.records[f"{CONTACTS}/151"] = contact(goodword_code="ANN")
    assert post(api, notice("contact.creation", 151)).status_code == 200
    sql = "select attempts from job where workspace_id = $1 and kind = 'crm.write' and done_at is null"
    api.until(lambda: api.rows(sql))
    assert vendor.written == []
    api.run(api.goodword.pool.execute("update crm set leased_until = 0"))
    settled(api)
    assert [path for path, _ in vendor.written] == [f"{CONTACTS}/151"]
