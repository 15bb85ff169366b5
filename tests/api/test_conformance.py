"""The published document is true: what is asked as it says is answered as it says, also by the edge."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from tests.api.conftest import Api

from goodword import console
from goodword.console import nav
from goodword.sources import customerio

#: Values that fit the patterns of texts, the first that does.
TEXTS = ("x_1", "x", "0" * 64, "2026-03-03T00:00:00Z", "2026-03-03", "rules.yaml", "EUR", "DE", "bank_file", "sandbox")


class Published:
    """The document of a server, and answers beside it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.document: dict[str, Any] = api.http.get("/openapi.json").json()
        self.seen: set[tuple[str, int]] = set()

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every operation: method, path, what the document says."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def operation(self, id_: str) -> dict[str, Any]:
        """One operation by its id."""
        return next(one for _, _, one in self.operations() if one["operationId"] == id_)

    def holds(self, operation: dict[str, Any], answer: httpx.Response) -> None:
        """Assert that the document has this status, this type and this body for the operation."""
        about = f"{operation['operationId']} {answer.status_code} {answer.text[:300]}"
        assert str(answer.status_code) in operation["responses"], about
        said = operation["responses"][str(answer.status_code)]
        for name, header in said.get("headers", {}).items():
            assert not header.get("required", True) or name in answer.headers, about
        self.seen.add((operation["operationId"], answer.status_code))
        if not answer.content:
            assert "content" not in said, about
            return
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in said["content"], about
        if kind.endswith("json"):
            self.fits(said["content"][kind].get("schema", {}), answer.json(), about)

    def fits(self, schema: dict[str, Any], value: Any, about: str = "") -> None:
        """Assert that a value is as a schema of the document says."""
        validator = Draft202012Validator({**schema, "components": self.document["components"]})
        wrong = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]
        assert wrong == [], about

    def sample(self, schema: dict[str, Any]) -> Any:
        """A value that a schema allows, with what must be there and nothing more."""
        if "$ref" in schema:
            return self.sample(self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self.sample(schema["anyOf"][0])
        if "enum" in schema:
            return schema["enum"][0]
        if "const" in schema:
            return schema["const"]
        match schema.get("type"):
            case "object":
                return {name: self.sample(schema["properties"][name]) for name in schema.get("required", ())}
            case "array":
                return [self.sample(schema["items"])] if schema.get("minItems") else []
            case "integer":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return True
        return next(text for text in TEXTS if re.search(schema.get("pattern", ""), text))

    def asked(
        self, method: str, path: str, operation: dict[str, Any], *, headers: dict[str, str], body: Any = None
    ) -> httpx.Response:
        """Ask as the document says, with samples in the path and the query, and hold the answer to it."""
        query = {}
        for one in operation.get("parameters", ()):
            if one["in"] == "path":
                path = path.replace(f"{{{one['name']}}}", self.sample(one["schema"]))
            elif one["in"] == "query" and one["required"]:
                query[one["name"]] = self.sample(one["schema"])
        answer = self.api.http.request(method, path, params=query, headers=headers, json=body)
        self.holds(operation, answer)
        return answer


@pytest.fixture
def published(api: Api) -> Published:
    """The document of a server at which something happened."""
    api.purchase()
    api.move("2026-04-01T00:00:00Z")
    return Published(api)


def headers(api: Api, operation: dict[str, Any], who: str | None = "owner") -> dict[str, str]:
    """A key, and an Idempotency-Key where the document says that it is required."""
    found = {} if who is None else {"authorization": f"Bearer {api.keys[who]}"}
    for one in operation.get("parameters", ()):
        if one["name"] == "Idempotency-Key" and one["required"]:
            found["idempotency-key"] = f"{operation['operationId']}-1"
    return found


def test_every_operation_answers_as_the_document_says(published: Published) -> None:
    """With the least right input, without a key, with another's key, without a command's key, with a wrong body, query and path."""
    api, tried = published.api, 0
    for method, path, operation in published.operations():
        own = "wk" if operation["x-permission"] == "event.send" else "owner"
        taken, right = operation.get("requestBody"), headers(api, operation, own)
        body = None if taken is None else published.sample(taken["content"]["application/json"]["schema"])
        published.asked(method, path, operation, headers=right, body=body)
        if operation["security"]:
            assert published.asked(method, path, operation, headers={}, body=body).status_code == 401
            other = "pk" if operation["x-permission"] == "message.report" else "wk" if own == "owner" else "owner"
            denied = published.asked(method, path, operation, headers=headers(api, operation, other), body=body)
            assert denied.status_code == 403
        if "idempotency-key" in right:
            without = {"authorization": right["authorization"]}
            assert published.asked(method, path, operation, headers=without, body=body).status_code == 400
            again = published.asked(method, path, operation, headers=right, body=body)
            assert again.status_code != 500
        if body is not None:
            for wrong in ({"no": "such name"}, [], "x", None):
                anew = {**right, "idempotency-key": f"wrong-{tried}"}
                answer = published.asked(method, path, operation, headers=anew, body=wrong)
                assert answer.status_code in ((200, 202, 400) if own == "wk" else (422,))
        if operation["security"] and own == "owner":
            answer = api.http.request(method, path.replace("{", "").replace("}", ""), params={"no": 1}, headers=right)
            published.holds(operation, answer)
            assert answer.status_code == 422
        tried += 1
    assert tried > 55
    assert {status for _, status in published.seen} >= {200, 201, 202, 400, 401, 403, 404, 409, 422}


def test_what_there_is_is_as_the_document_says(published: Published) -> None:
    """Everything that came of a purchase is read, each by its own id too, and is of its schema with no more and no less than said."""
    api, tried = published.api, 0
    api.until(lambda: api.call("owner", "GET", "/v1/log/head").status_code == 200)
    own = {"kind": "signed", "address": "https://shop.example.com/bookings"}
    assert api.call("owner", "PUT", "/v1/own-system", json=own).is_success
    [reward, _] = api.get("/v1/rewards")["items"]
    details = {"rail": "sandbox", "details": {"name": "Ann"}}
    assert api.call("sk", "PUT", f"/v1/people/{reward['beneficiary']}/payee", json=details).is_success
    named = {
        "reward": reward["id"],
        "person": reward["beneficiary"],
        "event": reward["evt"],
        "id": reward["id"],
        "rules": api.get("/v1/programs")["items"][0]["versions"][0]["rules"],
    }
    queries = {"external_id": "bob", "position": 1, "size": 1, "old": 1, "new": 1}
    for method, path, operation in published.operations():
        parts = re.findall(r"\{(\w+)\}", path)
        if method != "GET" or not operation["security"] or not set(parts) <= named.keys():
            continue
        at = path.format(**named)
        required = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query" and one["required"]]
        params = {name: queries.get(name, reward["id"]) for name in required}
        answer = api.call("owner", "GET", at, params=params)
        published.holds(operation, answer)
        if operation["operationId"] != "list_to_release":  # there is no payout
            assert answer.status_code == 200, answer.text
        tried += 1
    assert tried > 25


def test_commands_are_answered_as_the_document_says(published: Published) -> None:
    """The way of a reward to a draft, with what may speak against each step: decisions and refusals are those of the document."""
    api = published.api
    api.payee("ann-bob", script="succeed")
    api.payee("bob")
    ids = [one["id"] for one in api.get("/v1/rewards")["items"]]
    frozen = api.call("owner", "GET", "/v1/approvals", params={"id": ids}).json()
    stale = {**frozen, "list_sha256": "0" * 64}
    document = "program: main\ncurrency: EUR\nconversions: [{rewards: [{side: advocate, percent: 1}]}]"
    for operation, path, body, status in (
        ("approve_rewards", "/v1/approvals", stale, 409),
        ("approve_rewards", "/v1/approvals", frozen, 200),
        ("approve_rewards", "/v1/approvals", frozen, 409),
        ("draft_payouts", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"}, 422),
        ("publish_program", "/v1/programs", {"document": document}, 200),
        ("publish_program", "/v1/programs", {"document": "program: main"}, 422),
        ("move_program", "/v1/programs/main/end", None, 200),
        ("move_program", "/v1/programs/main/end", None, 409),
        ("move_program", "/v1/programs/none/end", None, 404),
        ("publish_program", "/v1/programs", {"document": document}, 409),
        ("preview_rules", "/v1/rules/preview", {"document": document, "order": {"amount": 1, "currency": "EUR"}}, 200),
        ("set_member", "/v1/members", {"email": "olga@shop.example", "roles": []}, 409),
        ("move_clock", "/v1/clock", {"to": "2026-01-01T00:00:00Z"}, 422),
        ("make_key", "/v1/keys", {"kind": "sk"}, 201),
        ("create_workspace", "/v1/workspaces", {"name": "more"}, 201),
    ):
        answer = api.call("owner", "POST", path, json=body)
        published.holds(published.operation(operation), answer)
        assert answer.status_code == status, (operation, answer.text)
    made = api.say("owner", "/v1/keys", {"kind": "sk"})["id"]
    api.call("owner", "PUT", "/v1/hosts/go.example.com")
    for operation, path in (("revoke_key", f"/v1/keys/{made}"), ("remove_host", "/v1/hosts/go.example.com")):
        for status in (204, 404):
            answer = api.call("owner", "DELETE", path)
            published.holds(published.operation(operation), answer)
            assert answer.status_code == status
    answer = api.call(
        "owner", "PUT", f"/v1/people/{api.person('bob')}/payee", json={"rail": "bank_file", "details": {}}
    )
    published.holds(published.operation("set_payee"), answer)
    assert answer.status_code == 422


def test_the_edge_answers_as_the_document_says(published: Published) -> None:
    """Events of every status, bodies that cannot be read, and links that lead somewhere and nowhere, to browsers and programs."""
    api, operation = published.api, published.operation("send_events")
    key = {"authorization": f"Bearer {api.keys['wk']}"}
    event = {"type": "advocate.enrolled", "id": "e", "external_id": "eve", "code": "EVE"}
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    published.fits(schema, event)
    published.fits(schema, [event, event])
    sent: list[tuple[int, dict[str, str], bytes]] = [
        (200, {"prefer": "wait=10"}, json.dumps(event).encode()),
        (202, {}, json.dumps([event, {**event, "code": "ADA"}, {"type": "none", "id": "x"}, 1]).encode()),
        (400, {}, b"{"),
        (400, {}, b"1"),
        (400, {}, b"[" * 40 + b"]" * 40),
        (400, {"content-encoding": "gzip"}, b"{}"),
        (413, {}, json.dumps([event] * 1_001).encode()),
        (413, {}, b" " * ((1 << 20) + 1)),
        (415, {"content-encoding": "br"}, b"{}"),
        (415, {"content-type": "text/html"}, b"{}"),
    ]
    for status, more, body in sent:
        answer = api.http.post("/v1/events", content=body, headers={"content-type": "application/json", **key, **more})
        published.holds(operation, answer)
        assert answer.status_code == status, answer.text
    link = published.operation("follow_link")
    for path, accept, status in (
        (f"/w/{api.ws}/r/EVE", "text/html", 302),
        (f"/w/{api.ws}/r/EVE", "*/*", 302),
        ("/w/wsp_none/r/EVE", "text/html", 404),
        ("/w/wsp_none/r/EVE", "application/json", 404),
    ):
        answer = api.http.get(path, headers={"accept": accept})
        published.holds(link, answer)
        assert answer.status_code == status
    answer = api.http.get("/goodword.js")
    published.holds(published.operation("get_script"), answer)
    assert answer.status_code == 200


def test_nothing_of_ours_is_taken_for_a_path_of_another_product(published: Published) -> None:
    """Customer.io's paths may begin with anything: no operation, and nothing that the console is sent, looks like one of them."""
    at, methods = customerio.SOURCE.beneath, customerio.SOURCE.methods
    assert at is not None
    said = published.operations()
    ours = [path for method, path, one in said if method in methods and not one["operationId"].startswith("customerio")]
    ours += [f"{nav.ROOT}{act.path}" for act in console.acts()]
    assert len(ours) > 50
    assert [path for path in ours if at.fullmatch(path)] == ["/v1/events"]  # which the native source has first


def test_the_document_is_one_that_tools_take(published: Published) -> None:
    """It is valid OpenAPI 3.1 with events and links in it, nothing of FastAPI's own errors, and every reference leads somewhere."""
    document = published.document
    validate(document)
    text = json.dumps(document)
    assert "HTTPValidationError" not in text
    assert {"/v1/events", "/w/{workspace}/r/{code}", "/r/{code}"} <= document["paths"].keys()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', text)):
        assert reference in document["components"]["schemas"]
    ids = [operation["operationId"] for _, _, operation in published.operations()]
    assert len(ids) == len(set(ids))
    commands = [
        operation["operationId"]
        for _, _, operation in published.operations()
        for one in operation.get("parameters", ())
        if one["name"] == "Idempotency-Key" and one["required"]
    ]
    assert len(commands) == 71


@pytest.mark.parametrize("path", ["/docs", "/docs/api/rewards", "/r/nobody"])
def test_a_browser_takes_our_pages_as_they_are(published: Published, path: str) -> None:
    """A real browser shows the page and refuses nothing of it: its policy allows its own style, and it asks for no more."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium is there: the pages were not opened in a browser")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    done = subprocess.run([*command, published.api.url + path], capture_output=True, text=True, timeout=120, check=True)
    assert "<h1" in done.stdout
    assert "Content Security Policy" not in done.stderr
