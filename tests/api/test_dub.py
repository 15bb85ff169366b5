"""What Dub's clients read, over HTTP: each page once, all states, a filter that is not served, and who may."""

import json
from typing import Any

import httpx
import pytest
from tests.api.conftest import Api

from goodword.api import dub
from goodword.api.dub import _COMMISSIONS, _PARTNERS
from goodword.core.lifecycles import LIFECYCLES


def read(api: Api, path: str, by: str = "sk", **query: Any) -> httpx.Response:
    """Read as Dub's clients do."""
    return api.http.get(path, params=query, headers={"authorization": f"Bearer {api.keys.get(by, by)}"})


def walked(api: Api, path: str, by: str) -> list[str]:
    """Return the ids of a list, one a page, as its clients walk through it."""
    found = list[str]()
    while len(found) < 50:
        more: dict[str, Any] = {by: found[-1]} if found and by == "startingAfter" else {}
        if by == "page":
            more = {by: len(found) + 1}
        page = read(api, path, pageSize=1, **more).json()
        if not page:
            return found
        [one] = page
        found.append(one["id"])
    raise AssertionError(found)


def sold(api: Api) -> None:
    """Let Ann bring three friends who each buy, and Abi nobody."""
    events: list[dict[str, Any]] = [
        {"type": "advocate.enrolled", "id": f"e-{name}", "external_id": name, "code": name.upper()}
        for name in ("ann", "abi")
    ]
    for name in ("bob", "ben", "eve"):
        events.append({"type": "lead.created", "id": f"l-{name}", "customer_external_id": name, "code": "ANN"})
        sale = {"customer_external_id": name, "invoice_id": f"in_{name}", "amount": 12_000, "currency": "EUR"}
        events.append({"type": "conversion.recorded", "id": f"s-{name}", **sale})
    api.say("wk", "/v1/events", events)
    api.until(lambda: not api.get("/v1/reports/progress")["waiting"])


def test_every_state_of_ours_is_one_of_dubs() -> None:
    """A reward's and an advocate's."""
    assert set(_COMMISSIONS) == set(LIFECYCLES["reward"])
    assert set(_PARTNERS) == set(LIFECYCLES["advocate"])


def test_each_is_on_one_page_and_friends_rewards_on_none(api: Api) -> None:
    """However short pages are: what stands between two commissions ends no list."""
    sold(api)
    whole = {path: [it["id"] for it in read(api, path).json()] for path in ("/customers", "/commissions", "/partners")}
    assert [len(found) for found in whole.values()] == [3, 3, 2]
    assert walked(api, "/customers", "startingAfter") == whole["/customers"]
    assert walked(api, "/commissions", "startingAfter") == whole["/commissions"]
    assert walked(api, "/partners", "page") == whole["/partners"]
    rewards = api.get("/v1/rewards")["items"]
    assert set(whole["/commissions"]) == {it["id"] for it in rewards if it["side"] == "advocate"}
    assert {it["side"] for it in rewards} == {"advocate", "friend"}
    names = [it["externalId"] for it in read(api, "/customers").json()]
    assert sorted(names) == ["ben", "bob", "eve"]
    mail = json.dumps([read(api, path).json() for path in whole])
    assert "@" not in mail


def test_commissions_of_a_state_are_those_of_each_of_ours_in_order(api: Api) -> None:
    """Of a state that is two of ours both come, in order of their ids, on however short a page; of others none."""
    sold(api)
    api.payee("ann")
    api.move("2026-03-17T00:00:00Z")  # behind the hold
    api.until(lambda: not api.get("/v1/reports/progress")["waiting"])
    first, second, third = (it["id"] for it in read(api, "/commissions").json())
    api.say("owner", "/v1/approvals", api.get("/v1/approvals", id=[second]))
    of = {"pending": [first, third], "processed": [second], "paid": [], "canceled": [], "refunded": []}
    for status, ids in of.items():
        assert [it["id"] for it in read(api, "/commissions", status=status).json()] == ids
        assert [it["id"] for it in read(api, "/commissions", status=status, pageSize=1).json()] == ids[:1]
    assert [it["id"] for it in read(api, "/commissions", status="pending", startingAfter=first).json()] == [third]


#: What is asked for -> how it is refused.
REFUSED: list[tuple[str, dict[str, str], int, str]] = [
    ("/customers", {"email": "bob@mail.example"}, 422, "unprocessable_entity"),
    ("/customers", {"pageSize": "101"}, 422, "unprocessable_entity"),
    ("/customers", {"pageSize": "x"}, 422, "unprocessable_entity"),
    ("/commissions", {"status": "x"}, 422, "unprocessable_entity"),
    ("/commissions", {"interval": "7d"}, 422, "unprocessable_entity"),
    ("/commissions", {"partnerId": "nobody"}, 404, "not_found"),
    ("/partners", {"page": "51"}, 422, "unprocessable_entity"),
    ("/partners", {"status": "approved"}, 422, "unprocessable_entity"),
    ("/customers/ext_nobody", {}, 404, "not_found"),
    ("/customers/ref_00000000000000000000000000", {}, 404, "not_found"),
    ("/customers/x/y", {}, 404, "not_found"),
    ("/links", {"search": "ann"}, 422, "unprocessable_entity"),
    ("/links/count", {"groupBy": "domain"}, 422, "unprocessable_entity"),
    ("/links/info", {"domain": "ann"}, 422, "unprocessable_entity"),
    ("/links/info", {"key": "NOBODY"}, 404, "not_found"),
    ("/links/exists", {"key": "ANN"}, 404, "not_found"),
    ("/partners/links", {}, 422, "unprocessable_entity"),
    ("/partners/links", {"tenantId": "nobody"}, 404, "not_found"),
    ("/partners/analytics", {}, 404, "not_found"),
    ("/track/x", {}, 404, "not_found"),
]


def test_what_is_not_served_is_told_as_dub_tells_it(api: Api) -> None:
    """By status and its one code; a filter that is not known never gives all."""
    for path, query, status, code in REFUSED:
        said = read(api, path, **query)
        assert (said.status_code, said.json()["error"]["code"]) == (status, code), (path, query)
        assert said.headers["content-type"] == "application/json"


def test_who_may_not_read_is_told_so(api: Api) -> None:
    """No key, one that is not known, one that only writes, one that a page shows everybody."""
    for path in ("/customers", "/customers/ext_bob", "/commissions", "/partners", "/links", "/links/count"):
        assert api.http.get(path).json()["error"]["code"] == "unauthorized"
        assert read(api, path, "nobody").json()["error"]["code"] == "unauthorized"
        for key in ("wk", "pk"):
            assert read(api, path, key).json()["error"]["code"] == "forbidden"


def make(api: Api, path: str, method: str = "POST", by: str = "wk", **body: Any) -> httpx.Response:
    """Make something as Dub's clients do."""
    return api.http.request(method, path, json=body, headers={"authorization": f"Bearer {api.keys.get(by, by)}"})


def test_each_link_is_on_one_page_counted_and_found_by_its_key(api: Api) -> None:
    """An advocate's further codes are links beside the first, however short pages are; one partner's are that partner's."""
    sold(api)
    for code in ("ANN2", "ANN3"):
        made = make(api, "/partners/links", tenantId="ann", key=code)
        assert (made.status_code, made.json()["key"], made.json()["tenantId"]) == (201, code, "ann"), made.text
    whole = read(api, "/links").json()
    assert sorted(it["key"] for it in whole) == ["ABI", "ANN", "ANN2", "ANN3"]
    assert read(api, "/links/count").json() == 4
    assert walked(api, "/links", "page") == walked(api, "/links", "startingAfter") == [it["id"] for it in whole]
    assert read(api, "/links/count", tenantId="ann").json() == 3
    assert [it["key"] for it in read(api, "/links", tenantId="abi").json()] == ["ABI"]
    assert read(api, "/links", tenantId="nobody").json() == []
    for query in ({"key": "ann2", "domain": "dub.sh"}, {"linkId": "ANN2"}):
        [one] = [it for it in whole if it["key"] == "ANN2"]
        assert read(api, "/links/info", **query).json() == one
    [ann] = [it for it in read(api, "/partners").json() if it["tenantId"] == "ann"]
    for named in ({"tenantId": "ann"}, {"partnerId": ann["id"]}):
        assert read(api, "/partners/links", **named).json() == ann["links"]
    assert [it["key"] for it in ann["links"]] == ["ANN", "ANN2", "ANN3"]


def test_links_are_walked_and_counted_behind_those_that_pages_by_number_reach(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a link only what follows is read, and their number is asked of the database, without those of who was erased."""
    sold(api)
    make(api, "/partners/links", tenantId="ann", key="ANN2")
    for bound in ("_FAR", "_MOST", "_READ"):
        monkeypatch.setattr(dub, bound, 1)
    assert sorted(walked(api, "/links", "startingAfter")) == ["ABI", "ANN", "ANN2"]
    assert read(api, "/links", startingAfter="ANN", tenantId="ann").json()[0]["key"] == "ANN2"
    for after in ({"startingAfter": "ANN", "tenantId": "abi"}, {"startingAfter": "NOBODY"}):
        assert read(api, "/links", **after).json() == []
    assert read(api, "/links/count").json() == 3
    assert read(api, "/links/count", tenantId="nobody").json() == 0
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('abi')}").status_code == 200
    assert read(api, "/links/count").json() == len(walked(api, "/links", "startingAfter")) == 2
    monkeypatch.setattr(dub, "_COUNTED", 0)
    assert read(api, "/links/count").status_code == 422


def test_a_partner_and_their_links_are_made_once_and_are_what_is_read(api: Api) -> None:
    """By each call that makes one, told again too; who is named by no name of the company's, or by another's code, is told why."""
    said = {"tenantId": "zoe", "email": "zoe@mail.example", "name": "Zoe", "username": "ZOE"}
    made = make(api, "/partners", **said)
    assert made.status_code == 201, made.text
    assert make(api, "/partners", **said).json() == made.json()
    again = make(api, "/partners", **said | {"name": "Zoe Z"})
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
    [listed] = read(api, "/partners").json()
    assert {**made.json(), "createdAt": ""} == {**listed, "createdAt": ""}
    calls = [
        ("POST", "/links", 200, {"key": "ZOE2", "url": "https://shop.example", "programId": "nothing"}),
        ("POST", "/links", 200, {"key": "ZOE2", "url": "https://shop.example"}),
        ("PUT", "/links/upsert", 200, {"key": "ZOE2", "url": "https://shop.example"}),
        ("PUT", "/partners/links/upsert", 200, {"key": "ZOE3", "url": "https://shop.example"}),
        ("POST", "/partners/links", 201, {}),
    ]
    keys = []
    for method, path, status, body in calls:
        one = make(api, path, method, tenantId="zoe", **body)
        if "programId" in body:
            assert (one.status_code, one.json()["error"]["code"]) == (422, "unprocessable_entity"), one.text
            continue
        assert one.status_code == status, one.text
        keys.append(one.json()["key"])
    assert keys == ["ZOE2", "ZOE2", "ZOE3", "ZOE"]
    assert sorted(it["key"] for it in read(api, "/links").json()) == ["ZOE", "ZOE2", "ZOE3"]
    for body, status, code in (
        ({"partnerId": listed["id"], "key": "ZOE4"}, 422, "unprocessable_entity"),
        ({"key": "ZOE4", "url": "https://shop.example"}, 422, "unprocessable_entity"),
        ({"tenantId": "eve", "key": "ZOE2"}, 409, "conflict"),
        ({"tenantId": "eve", "key": "x" * 300}, 422, "unprocessable_entity"),
    ):
        wrong = make(api, "/links", **body)
        assert wrong.status_code == status, (body, wrong.text)
        assert wrong.json()["error"]["code"] == code
    assert "tenantId" in make(api, "/links", key="ZOE4").json()["error"]["message"]
    by_mail = make(api, "/partners", email="pat@mail.example")
    assert (by_mail.status_code, by_mail.json()["tenantId"]) == (201, "pat@mail.example")
    assert make(api, "/partners", name="Nobody").status_code == 422
    for method, path in (
        ("POST", "/links/bulk"),
        ("PATCH", "/links/ZOE"),
        ("DELETE", "/links/ZOE"),
        ("POST", "/partners/ban"),
    ):
        assert make(api, path, method, tenantId="zoe").json()["error"]["code"] == "not_found", path
