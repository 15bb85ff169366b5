"""What no sender of webhooks writes, and anybody can: it is refused as what cannot be read, or a figure is, and nothing breaks."""

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from testkit import billing, hubspot, shopify, stripe

from goodword.sources import hooks
from goodword.sources.base import Problem, RefusedError, Request, Source
from goodword.sources.native_read import REQUEST_CODES
from goodword.sources.registry import REGISTRY

HOOKS = [name for name, source in REGISTRY.items() if any(path.startswith("/hooks/") for path in source.paths)]
NOW = 1_772_528_400_000_000
#: A figure as it is written -> none of them is one that any amount, id or time can be.
FIGURES = (
    "1e999999999",
    "-1e999999999",
    "1e-999999999",
    "1e99999999999999999999",
    "9" * 6_000,
    "1e400",
    "1" + "0" * 400,
)
#: Written so it is no JSON, or nests deeper than anything is read.
BROKEN = {
    "a figure that is none": b"NaN",
    "an endless figure": b"-Infinity",
    "broken UTF-8": b'"\xff\xfe"',
    "half of a pair": b'"\\ud800"',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "nothing": b"",
    "more behind it": b"1}{",
}


def request(body: bytes, **headers: str) -> Request:
    """Return a delivery whose sender is known."""
    return Request("", lambda name: headers.get(name.decode().replace("-", "_"), ""), body, NOW)


def taken(source: Source, it: Request) -> list[Any]:
    """Return what becomes of a delivery."""
    made: list[Any] = []
    for item in source.read(it):
        found = item if isinstance(item, Problem) else source.map(item)
        made += [found] if isinstance(found, Problem) else found
    return made


def answered(source: Source, it: Request) -> list[Any] | int:
    """Return what becomes of a delivery, or the status by which it is refused."""
    try:
        return taken(source, it)
    except RefusedError as refused:
        return refused.status


@pytest.mark.parametrize("wrapped", [b'{"id":"x","amount":%b}', b'[{"id":"x","amount":%b}]'], ids=["object", "list"])
@pytest.mark.parametrize("said", BROKEN.values(), ids=list(BROKEN))
@pytest.mark.parametrize("name", HOOKS)
def test_what_is_no_json_is_refused_by_the_source_itself(name: str, said: bytes, wrapped: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        taken(REGISTRY[name], request(wrapped % said))
    assert refused.value.status == 400
    assert refused.value.code == "not_events" or refused.value.code in REQUEST_CODES


@pytest.mark.parametrize("wrapped", ['{"id":"x","amount":%s}', '[{"id":"x","amount":%s}]'], ids=["object", "list"])
@pytest.mark.parametrize("figure", FIGURES, ids=[one[:12] for one in FIGURES])
@pytest.mark.parametrize("name", HOOKS)
def test_a_figure_without_measure_breaks_no_source(name: str, figure: str, wrapped: str) -> None:
    """It is refused with the body, or read and means nothing: an object without anything else of its kind is no event."""
    made = answered(REGISTRY[name], request((wrapped % figure).encode()))
    assert made == 400 or all(isinstance(one, Problem) for one in made)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where figures and texts stand."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield path
    else:
        for key, one in inner:
            yield from leaves(one, (*path, key))


def nodes(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where anything stands, objects and lists too."""
    if path:
        yield path
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from nodes(one, (*path, key))


def swapped(said: Any, path: tuple[Any, ...], figure: str) -> bytes:
    """Return a body with a figure where another value stood."""
    copied = copy.deepcopy(said)
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = "\0here"
    return json.dumps(copied).replace('"\\u0000here"', figure).encode()


def deliveries() -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Yield what each system tells: its source, the body, the headers that say what it is about."""
    for system, story in billing.STORIES.items():
        for topic, said in story():
            headers = billing.headers(system, b"", NOW // 1_000_000, topic)
            yield system, said, {key.replace("-", "_"): value for key, value in headers.items()}
    for told in shopify.Story(1).told():
        yield "shopify", told.object, {"x_shopify_topic": told.topic}
    for event in stripe.Story(1, stripe.VERSIONS[-1]).told():
        yield "stripe", event, {}
    yield "hubspot", [hubspot.notice("contact.creation", 1)], {}
    for record in (
        {"record": "contact", "id": "1", "updated_at": "2026-03-03T09:00:00Z", "email": "a@example.com", "code": "ANNA"},
        {"record": "deal", "id": 1, "status": "won", "amount": 1, "currency": "EUR", "contact": {"id": 1}, "stage": "a",
         "closed_at": "2026-03-03T09:00:00Z", "company": {"id": "1", "domain": "example.com"}},
    ):  # fmt: skip
        yield "crm", record, {}
    meta = {"version": "2.0", "entity": "deal", "action": "change", "id": "1", "timestamp": "2026-03-03T09:00:00Z"}
    deal = {
        "id": 1,
        "status": "won",
        "value": 1,
        "currency": "EUR",
        "person_id": 1,
        "stage_id": 1,
        "won_time": meta["timestamp"],
    }
    yield "pipedrive", {"meta": meta, "data": deal}, {}


TOLD = list(deliveries())


def test_no_field_takes_a_figure_without_measure() -> None:
    """Wherever one stands in what a system tells: nothing is raised but a refusal that says 400."""
    tried = set()
    for name, said, headers in TOLD:
        for path in leaves(said):
            for figure in FIGURES:
                made = answered(REGISTRY[name], request(swapped(said, path, figure), **headers))
                assert made == 400 or isinstance(made, list), (name, path, figure)
                tried.add(name)
    assert tried >= {"crm", "pipedrive", "hubspot", "shopify", "stripe", *billing.STORIES}


#: What may stand in the place of another kind of value.
OTHERS = (
    "null",
    "[]",
    "{}",
    "[1]",
    '{"a":1}',
    "[null]",
    "[{}]",
    '"x"',
    '""',
    "true",
    "-1",
    "1.5",
    '"2026-13-45T00:00:00Z"',
)


def test_no_field_takes_a_value_of_another_kind() -> None:
    """Whatever stands in the place of anything that a system tells: nothing is raised but a refusal that says 400."""
    for name, said, headers in TOLD:
        for path in nodes(said):
            for other in OTHERS:
                made = answered(REGISTRY[name], request(swapped(said, path, other), **headers))
                assert made == 400 or isinstance(made, list), (name, path, other)


@pytest.mark.parametrize("body", [*BROKEN.values(), b'{"a":1e999999999999999999999}'])
def test_a_fetched_object_that_cannot_be_read_is_no_other_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"it is no object|too deep"):
        hooks.fetched(body, msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode)
