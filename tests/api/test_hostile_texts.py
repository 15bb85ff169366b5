"""No text breaks an operation: each of its texts and names, one after the other, is one that no database or header can hold."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from faults.fuzz_house import Fuzz, installed
from faults.fuzz_samples import BODIES
from testkit.rule_documents import at, places, replaced
from tests.api.conftest import Api

from goodword.api import routes
from goodword.store import pages

HOSTILE = ("a\0", "\ud800", "x" * 10_000) + (("\0", "\x1f", "") if os.environ.get("FULL") else ())

TIMES = {("POST", "/v1/workspaces"): "starts_at", ("POST", "/v1/clock"): "to", ("POST", "/v1/claims"): "lead_at"}


def _renamed(value: Any, text: str) -> Iterator[Any]:
    """The same, each time with another name of a field turned into this text."""
    if isinstance(value, list):
        for index, child in enumerate(value):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in _renamed(child, text))
    if isinstance(value, dict):
        for name, child in value.items():
            yield {text if one == name else one: held for one, held in value.items()}
            yield from ({**value, name: other} for other in _renamed(child, text))


async def _ask(fuzz: Fuzz, method: str, path: str, query: str = "", body: Any = None) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    await fuzz.command("hostile", method, path, query=query.encode(), body=content)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
async def test_every_text_of_every_operation_may_be_hostile(database: str, tmp_path: Path, text: str) -> None:
    """Query, path and body are refused by a problem document or taken; nothing is answered by a 5xx."""
    carried = quote(text.encode("utf-8", "replace"))
    async with installed(database, tmp_path) as fuzz:
        for route in routes():
            for method in sorted(route.methods):
                filled = {param.name: "x" for param in route.dependant.path_params} | {"step": "pause"}
                plain = route.path.format(**filled)
                for param in route.dependant.query_params:
                    await _ask(fuzz, method, plain, f"{param.name}={carried}")
                for param in route.dependant.path_params:
                    await _ask(fuzz, method, route.path.format(**filled | {param.name: text.replace("\ud800", "?")}))
                sample = BODIES.get((method, route.path), {})
                for place in places(sample):
                    if isinstance(at(sample, place), str):
                        await _ask(fuzz, method, plain, body=replaced({place: text}, sample))
                for renamed in _renamed(sample, text):
                    await _ask(fuzz, method, plain, body=renamed)
        await _ask(fuzz, "GET", "/v1/reports/summary")  # it looks into the whole log
        assert fuzz.answers.total() > 100


async def test_names_of_fields_may_be_hostile(database: str, tmp_path: Path) -> None:
    """An unknown field is named in the answer, whatever its name is."""
    async with installed(database, tmp_path) as fuzz:
        for (method, path), sample in BODIES.items():
            for text in HOSTILE:
                await _ask(fuzz, method, path.replace("{", "").replace("}", ""), body=sample | {text: 1})
        assert fuzz.answers.total() == len(BODIES) * len(HOSTILE)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30T00:00:00Z",
        "2024-01-01T25:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "1969-12-31T23:59:59Z",
        "2256-01-01T00:00:00Z",
    ],
)
async def test_a_time_that_there_is_not_is_refused(database: str, tmp_path: Path, text: str) -> None:
    """Wherever an operation takes a time, one that is not in the calendar or that the log could not keep is refused."""
    async with installed(database, tmp_path) as fuzz:
        for (method, path), field in TIMES.items():
            await _ask(fuzz, method, path, body=BODIES[method, path] | {field: text})
        assert fuzz.answers == {"hostile 422": len(TIMES)}


def test_a_mistake_of_ours_is_a_problem_document_too(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected is answered by a 500 with a code, and says nothing of the inside."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr(pages, "programs", broken)
    answer = api.call("owner", "GET", "/v1/programs")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "internal_error"
    assert "secret" not in answer.text
