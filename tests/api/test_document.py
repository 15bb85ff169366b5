"""The published document and the form of answers."""

import httpx
from openapi_spec_validator import validate
from tests.api.conftest import Api


def test_the_document_is_openapi_3_1_and_says_what_each_operation_needs(api: Api) -> None:
    """It validates, and each operation has an id, a tag, a summary and the permission it needs."""
    document = httpx.get(f"{api.url}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    validate(document)
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len(operations) > 40
    for one in operations:
        assert one["operationId"]
        assert one["tags"]
        assert one["summary"]
        assert one["x-permission"]


def test_what_cannot_be_served_is_a_problem_document(api: Api) -> None:
    """Unknown paths, wrong methods, wrong bodies, too large ones: a status, a stable code, nothing of the inside."""
    tried = [
        (api.call("owner", "GET", "/v1/nothing"), 404, "no_such_path"),
        (api.call("owner", "DELETE", "/v1/programs"), 405, "method_not_allowed"),
        (api.call("owner", "POST", "/v1/clock", content=b"{"), 422, "invalid_request"),
        (api.call("owner", "POST", "/v1/clock", json={"to": 0}), 422, "invalid_request"),
        (api.call("owner", "POST", "/v1/clock", json={"to": STAMP, "more": 1}), 422, "invalid_request"),
        (api.call("owner", "GET", "/v1/rewards?limit=100000"), 422, "invalid_request"),
        (api.call("owner", "POST", "/v1/programs", content=b" " * (1 << 21)), 413, "too_large"),
        (api.call("owner", "POST", "/v1/programs", json={"document": "program: x"}), 422, "rules_invalid"),
        (api.call("owner", "GET", "/v1/rewards/rwd_0"), 404, "not_found"),
    ]
    for answer, status, code in tried:
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_command_without_an_idempotency_key_is_not_said(api: Api) -> None:
    """What moves money or status must be repeatable without harm."""
    headers = {"authorization": f"Bearer {api.keys['owner']}"}
    answer = api.http.post("/v1/clock", json={"to": STAMP}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


STAMP = "2026-03-03T00:00:00Z"
