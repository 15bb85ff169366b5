"""What Dub's clients read, over HTTP: each page once, all states, a filter that is not served, and who may."""

import json
from typing import Any

import httpx
from tests.api.conftest import Api

from goodword.api.dub import _COMMISSIONS, _PARTNERS
from goodword.core.lifecycles import LIFECYCLES


def read(api: Api, path: str, key: str = "sk", **query: Any) -> httpx.Response:
    """Read as Dub's clients do."""
    return api.http.get(path, params=query, headers={"authorization": f"Bearer {api.keys.get(key, key)}"})


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
    ("/links", {}, 404, "not_found"),
    ("/links/info", {"domain": "ann"}, 404, "not_found"),
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
    for path in ("/customers", "/customers/ext_bob", "/commissions", "/partners", "/links"):
        assert api.http.get(path).json()["error"]["code"] == "unauthorized"
        assert read(api, path, "nobody").json()["error"]["code"] == "unauthorized"
        if path != "/links":
            for key in ("wk", "pk"):
                assert read(api, path, key).json()["error"]["code"] == "forbidden"
