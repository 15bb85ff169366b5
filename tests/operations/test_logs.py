"""Logs: a line an object or for people, by level; and of all that is sent nothing stands in them."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit.database import run
from testkit.product import Installation, installed

from goodword.settings import SettingsError, read
from goodword.telemetry import Json, Text

PERSONAL = {
    "external_id": "cust-Zebulon-77",
    "email": "zebulon@private.example",
    "phone": "+4915112345678",
    "name": "Zebulon Quartermain",
    "code": "ZEBCODE77",
    "iban": "DE89370400440532013000",
    "query": "zebquery77",
    "agent": "zebagent/7.7",
    "header": "zebheader77",
    "garbage": "gw_sk_zebgarbage77",
}


@pytest.fixture(scope="module", params=["json", "text"])
def installation(request: pytest.FixtureRequest) -> Iterator[tuple[Installation, str]]:
    """Yield a server and a worker that log all they can, in each form."""
    settings = {"GOODWORD_LOG_LEVEL": "debug", "GOODWORD_METRICS_TOKEN": "zebmetricstoken7"}
    with installed(GOODWORD_LOG_FORMAT=request.param, **settings) as it:
        yield it, request.param


def test_nothing_that_is_sent_stands_in_the_logs(installation: tuple[Installation, str]) -> None:
    """Requests full of personal data, right and wrong ones, and such that fail with a trace: neither data nor keys are logged."""
    it, form = installation
    made = it.made("workspace", "create", "Zebworks77", "--mode", "sandbox", "--owner", "zebowner77@acme.example")
    keys = {name: text for name, text in made.items() if name.endswith("_key")}
    assert len(keys) == 4
    p = PERSONAL
    with httpx.Client(base_url=it.url, timeout=30, headers={"user-agent": p["agent"], "x-zeb": p["header"]}) as http:

        def call(key: str, method: str, path: str, **more: Any) -> int:
            headers = {"authorization": f"Bearer {key}", "idempotency-key": f"{p['query']}-{method}-{path}"}
            return http.request(method, path, headers=headers, **more).status_code

        event = {"type": "advocate.enrolled", "id": p["external_id"], "external_id": p["external_id"]}
        event |= {name: p[name] for name in ("email", "phone", "name", "code")}
        rules = (Path(__file__).parents[2] / "examples" / "minimal.yaml").read_text()
        statuses = [
            call(keys["owner_key"], "POST", "/v1/programs", json={"document": rules}),
            call(keys["write_key"], "POST", "/v1/events", json=event),
            call(keys["write_key"], "POST", "/v1/events", json={**event, "phone": 7, "nope": p["name"]}),
            call(keys["write_key"], "POST", "/v1/events", content=f"[{p['name']}".encode()),
            call(p["garbage"], "GET", f"/v1/people?external_id={p['external_id']}"),
            call(keys["secret_key"], "GET", f"/v1/people?external_id={p['external_id']}&{p['query']}=1"),
            call(keys["owner_key"], "GET", f"/v1/{p['query']}/{p['name']}"),
            call(keys["owner_key"], "GET", f"/w/{made['id']}/r/{p['code']}?{p['query']}=1"),
            call(keys["owner_key"], "GET", f"/r/{p['code']}"),
            call(
                keys["secret_key"],
                "PUT",
                "/v1/people/per_x/payee",
                json={"rail": "bank_file", "details": {"iban": p["iban"]}},
            ),
            call("zebmetricstoken7", "GET", "/metrics"),
        ]
        assert {200, 202, 400, 401, 404, 422} <= {*statuses}, statuses
        asyncio.run(run(it.dsn, *(f"alter table {name} rename to {name}_away" for name in ("advocate", "alias"))))
        try:
            failed = [
                call(keys["secret_key"], "GET", "/v1/advocates"),
                call(keys["secret_key"], "GET", f"/v1/people?external_id={p['external_id']}"),
                call(keys["write_key"], "POST", "/v1/events", json={**event, "id": "zebother77"}),
            ]
        finally:
            asyncio.run(run(it.dsn, *(f"alter table {name}_away rename to {name}" for name in ("advocate", "alias"))))
        assert failed[:2] == [500, 500]
        found = [line for name in ("serve", "worker") for line in (it.home / f"{name}.log").read_text().splitlines()]
    text = "\n".join(found)
    assert text.count("request") >= len(statuses)
    for secret in (*p.values(), *keys.values(), "zebowner77", "Zebworks77", "zebmetricstoken7", "zebother77"):
        assert secret.lower() not in text.lower(), secret
    assert "UndefinedTableError" in text
    assert "/v1/people" in text
    assert "/w/{workspace}/r/{code}" in text
    if form == "json":
        parsed = [json.loads(line) for line in found if not line.startswith("goodword serves")]
        errors = [one for one in parsed if one.get("trace")]
        assert errors
        assert all({"time", "level", "logger", "message"} <= one.keys() for one in parsed)
        assert {one["level"] for one in parsed} >= {"debug", "info", "error"}
        assert all(one["request_id"] for one in errors if one["message"] == "request")


@pytest.mark.parametrize("form", [Json(), Text()])
def test_what_an_exception_of_somebody_else_repeats_is_not_logged(form: logging.Formatter) -> None:
    """Classes and frames stay, of the cause and of what it led to; what they say goes, in groups and notes too."""

    class Quoted(Exception):
        pass

    secret = PERSONAL["name"]
    error: BaseException | None = None
    try:
        try:
            int(secret)
        except ValueError as cause:
            cause.add_note(secret)
            raise ExceptionGroup(secret, [Quoted(secret), OSError(28, "No space left on device", secret)]) from cause
    except ExceptionGroup as raised:
        error = raised
    assert error is not None
    record = logging.makeLogRecord(
        {"msg": "failed\nin %s", "args": ("x",), "exc_info": (type(error), error, error.__traceback__)}
    )
    text = form.format(record)
    assert secret not in text
    for told in ("ValueError", "Quoted", "No space left on device", "ExceptionGroup", "test_logs.py"):
        assert told in text
    assert "failed\nin" not in text
    assert len(text.splitlines()) == 1 or isinstance(form, Text)


def test_level_and_format_are_settings(tmp_path: Path) -> None:
    """What is none is refused, with what there is."""
    given = {"GOODWORD_HOME": str(tmp_path)}
    assert (read(given).log_level, read(given).log_format) == ("info", None)
    found = read({**given, "GOODWORD_LOG_LEVEL": "Warning", "GOODWORD_LOG_FORMAT": "text"})
    assert (found.log_level, found.log_format) == ("warning", "text")
    with pytest.raises(SettingsError, match="expected json or text, got 'xml'"):
        read({**given, "GOODWORD_LOG_FORMAT": "xml"})
    with pytest.raises(SettingsError, match="expected debug, info, warning or error, got 'loud'"):
        read({**given, "GOODWORD_LOG_LEVEL": "loud"})
