"""Both clients against the published document: whatever they call is there, with that method, path, parameters and body."""

import asyncio
import inspect
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, urlsplit

import httpx
import jsonschema
import pytest
from goodword_client import AsyncGoodword, Goodword
from tests.goodword_clients.conftest import CLIENTS, HERE, _camel, _method, as_node, drive

from goodword import api
from goodword.app.directory import Directory
from goodword.edge.document import published

ITEM = {"id": "rwd_1", "amount": 5, "unit": "EUR", "destination": None}
SEEN = {"items": [ITEM], "list_sha256": "0" * 64, "shown": [{"id": "rwd_1"}], "left_out": {}}
EVENT = {"type": "advocate.enrolled", "id": "enrol-1", "external_id": "ann"}
WHY = {"reason": "mistake", "note": "as told"}
KEY = {"idempotency_key": "k-1"}

#: Every call of the clients, with all that it takes.
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("events.send", (EVENT,), {"wait": 2}),
    ("events.send_many", ([EVENT, {**EVENT, "id": "enrol-2"}],), {}),
    ("events.add", (EVENT,), {}),
    ("events.flush", (), {}),
    ("events.get", ("enrol/1",), {"source": "api"}),
    ("events.explain", ("evt_1",), {}),
    ("rewards.list", (), dict.fromkeys(["status", "program", "beneficiary", "conversion", "payout"], "x")),
    (
        "rewards.queue",
        (),
        {"program": "p", "unit": "EUR", "payee": "per_1", "risk": 2, "mine": True, "aside": False, "sort": "age"},
    ),
    ("rewards.get", ("rwd_1",), {}),
    ("rewards.record", ("rwd_1",), {}),
    ("rewards.look", ("rwd_1",), {"seconds": 5, **KEY}),
    ("rewards.reject", ([ITEM],), {**WHY, "withheld": "investigation", **KEY}),
    ("rewards.hold", ([ITEM],), {**WHY, **KEY}),
    ("approvals.list", (["rwd_1", "rwd_2"],), {}),
    ("approvals.queue", (), {"program": "p", "limit": 10}),
    ("approvals.approve", (SEEN,), KEY),
    ("approvals.withdraw", ([ITEM],), {**WHY, **KEY}),
    ("payouts.list", (), {"status": "sent", "beneficiary": "per_1", "rail": "sandbox"}),
    ("payouts.get", ("pay_1",), {}),
    ("payouts.draft", ("sandbox", "EUR"), {"beneficiaries": ["per_1"], **KEY}),
    ("payouts.to_release", (["pay_1"],), {}),
    ("payouts.release", (SEEN,), KEY),
    ("payouts.cancel", ("pay_1",), {"reason": "mistake", **KEY}),
    ("people.find", ("ann",), {}),
    ("people.get", ("per_1",), {}),
    ("people.set_payee", ("per_1", "sandbox", {"account": "x"}), KEY),
    ("people.advocates", (), {"program": "p", "person": "per_1"}),
    ("people.referrals", (), {"friend": "per_1"}),
    ("cases.list", (), {"status": "open"}),
    ("cases.get", ("cas_1",), {}),
    ("claims.list", (), {"status": "open", "friend": "per_1"}),
    ("claims.get", ("clm_1",), {}),
    ("programs.list", (), {}),
    ("programs.publish", ("program: x",), {"name": "rules.json", **KEY}),
    ("log.entries", (), {"after": "5"}),
    ("log.balances", (), {"owner": "per_1", "account": "payable"}),
    ("log.postings", (), {}),
    ("log.progress", (), {}),
]
#: What has no operation of its own.
OWN = {"get", "say", "ask", "pages", "close", "aclose"}


class Asked(NamedTuple):
    """A request that a client made."""

    method: str
    url: str
    body: Any
    headers: dict[str, str]


def _answered(asked: list[Asked], request: httpx.Request) -> httpx.Response:
    body = json.loads(request.content) if request.content else None
    asked.append(Asked(request.method, str(request.url), body, dict(request.headers)))
    events = [body] if isinstance(body, dict) else body or []
    items = [{"id": one["id"], "status": "accepted"} for one in events] if request.url.path == "/v1/events" else []
    return httpx.Response(200, json={"items": items, "after": None})


def _sync() -> tuple[list[Asked], set[str]]:
    asked: list[Asked] = []
    http = httpx.Client(transport=httpx.MockTransport(lambda request: _answered(asked, request)))
    with Goodword("http://goodword.test/", "gw_sk", http=http) as gw:
        for name, args, kwargs in CALLS:
            given = _method(gw, name)(*args, **kwargs)
            assert not isinstance(given, Iterator) or list(given) == []
        return asked, _methods(gw)


def _async() -> tuple[list[Asked], set[str]]:
    asked: list[Asked] = []

    async def made() -> set[str]:
        transport = httpx.MockTransport(lambda request: _answered(asked, request))
        async with AsyncGoodword("http://goodword.test", "gw_sk", http=httpx.AsyncClient(transport=transport)) as gw:
            gw._queue._http = httpx.Client(transport=transport)
            for name, args, kwargs in CALLS:
                given = _method(gw, name)(*args, **kwargs)
                if isinstance(given, AsyncIterator):
                    assert [one async for one in given] == []
                elif inspect.isawaitable(given):
                    await given
            return _methods(gw)

    return asked, asyncio.run(made())


def _methods(gw: Any) -> set[str]:
    parts = {name: part for name, part in vars(gw).items() if not name.startswith("_")}
    own = {name for name, _ in inspect.getmembers(type(gw), inspect.isfunction) if not name.startswith("_")}
    return own | {
        f"{name}.{method}"
        for name, part in parts.items()
        for method, _ in inspect.getmembers(type(part), inspect.isfunction)
        if not method.startswith("_")
    }


def _node() -> tuple[list[Asked], set[str]]:
    done = drive(url="http://goodword.test", key="gw_sk", record=True, calls=[as_node(*call) for call in CALLS])
    assert [one for one in done["results"] if "raised" in one] == []
    return [Asked(**one) for one in done["asked"]], set(done["methods"])


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Return the published document."""
    return api.application(cast("Directory", None), published()).openapi()


@pytest.mark.parametrize("which", CLIENTS)
def test_every_call_of_a_client_is_in_the_published_document(which: str, document: dict[str, Any]) -> None:
    """Each request names an operation, no parameter that it does not take and all that it needs, and a body that its schema takes."""
    asked, methods = {"sync": _sync, "async": _async, "node": _node}[which]()
    assert len(asked) == len(CALLS) - 1  # to flush asks for nothing of its own
    for one in asked:
        assert list(_wrong(document, one)) == [], one
    named = {_camel(name) if which == "node" else name for name, _, _ in CALLS}
    assert methods - OWN == named  # no call is left out here


def test_a_wrong_call_is_named(document: dict[str, Any]) -> None:
    """The check finds an unknown path, a parameter and a body field that are not there, and one that is missing."""
    at = "http://goodword.test/v1/"
    key = {"idempotency-key": "k"}
    tried = [
        Asked("GET", at + "nothing", None, {}),
        Asked("GET", at + "rewards?stauts=x", None, {}),
        Asked("GET", at + "people", None, {}),
        Asked("POST", at + "approvals", {"items": [ITEM]}, key),
        Asked("POST", at + "approvals", {**SEEN, "more": 1}, key),
        Asked("POST", at + "approvals", SEEN, {}),
        Asked("POST", at + "rewards/queue", {}, key),
    ]
    assert all(list(_wrong(document, one)) for one in tried)
    assert list(_wrong(document, Asked("POST", at + "approvals", SEEN, key))) == []


def test_the_types_of_javascript_name_every_call() -> None:
    """What the declarations offer is what there is."""
    declared = (HERE.parents[1] / "clients" / "javascript" / "index.d.ts").read_text()
    for name, _, _ in CALLS:
        part, method = _camel(name).split(".")
        body = re.search(rf"interface {part.title()} {{(.*?)\n}}", declared, re.DOTALL)
        assert body is not None, part
        assert re.search(rf"^  {method}\(", body[1], re.MULTILINE), name


def _wrong(document: dict[str, Any], asked: Asked) -> Iterator[str]:
    address = urlsplit(asked.url)
    found = [
        (path, operations[asked.method.lower()])
        for path, operations in document["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), address.path) and asked.method.lower() in operations
    ]
    if not found:
        yield "no such operation"
        return
    _, operation = min(found, key=lambda one: one[0].count("{"))
    there = {one["name"].lower(): one for one in operation.get("parameters", [])}
    said = {name for name, _ in parse_qsl(address.query, keep_blank_values=True)}
    queries = {name for name, one in there.items() if one["in"] == "query"}
    yield from (f"unknown parameter {name}" for name in said - queries)
    headers = {name.lower() for name in asked.headers}
    for name, one in there.items():
        if one.get("required") and one["in"] != "path" and name not in said | headers:
            yield f"{name} is missing"
    if one := operation.get("requestBody"):
        schema = one["content"]["application/json"]["schema"]
        checker = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
        yield from (error.message for error in checker.iter_errors(asked.body))
    elif asked.body is not None:
        yield "a body that nobody reads"
