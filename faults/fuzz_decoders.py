"""The decoders that are fuzzed, by name: what each is given, and what its answers must be."""

import csv
import io
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import yaml
from faults.fuzz_house import Check, Fuzz
from faults.fuzz_inputs import TEXT, VALUE, changed, packed, seldom, spoiled, written
from faults.fuzz_samples import BODIES, EVENTS, RULES
from faults.simulate_request import Reply
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from testkit.load import bearer

from goodword.api import routes
from goodword.core import ids
from goodword.core import rules as core_rules
from goodword.core.money import CURRENCIES
from goodword.outbound.rails import Order, csv_of
from goodword.sources import identity, native_read, rule_file
from goodword.store.api_keys import parse_api_key

_GZIP = {"content-encoding": "gzip"}
_LANDING = "https://shop.example/"
_NUMBERED = ("customer_external_id", "invoice_id", "external_id")

#: What is given, and what looks at the answer: fails if it is not as it must be.
Decoder = tuple[SearchStrategy[Any], Callable[[Any], Check]]


def latin(text: str) -> str:
    """A text as a header may carry it."""
    return text.encode("utf-8", "replace").decode("latin-1").replace("\n", " ").replace("\r", " ")


_HEADER = TEXT.map(latin)
_CARRIED = TEXT.map(lambda text: text.encode("utf-8", "replace").decode())  # as a path may carry it


def _headers(*names: str) -> SearchStrategy[dict[str, str]]:
    """Seldom a header that is not as it should be."""
    return seldom(st.just({}), st.dictionaries(st.sampled_from(names), _HEADER, min_size=1, max_size=1), 12)


def numbered(sample: dict[str, Any], other: dict[str, Any], id_: str, suffix: str) -> dict[str, Any]:
    """An event, with what the other one has too; its people and invoices are those with the suffix."""
    item = {**other, **sample, "id": id_}
    return item | {name: item[name] + suffix for name in _NUMBERED if name in item}


async def events(fuzz: Fuzz) -> Decoder:
    """Native ingestion: bodies, compression, headers."""
    lent = seldom(st.just({}), st.sampled_from(EVENTS), 12)
    id_ = seldom(st.builds(fuzz.number), st.just("n1"), 40)
    suffix = st.sampled_from(["", *map(str, range(1, 40))])
    item = st.builds(numbered, st.sampled_from(EVENTS), lent, id_, suffix)
    tree = changed(item)
    many = tree.map(lambda one: [one] * 1_001)
    whole = seldom(tree | st.lists(tree, min_size=1, max_size=4), seldom(VALUE, many, 8), 32)
    body = seldom(written(whole), spoiled(written(whole)), 7)
    asked = {
        "body": seldom(body.map(lambda data: (data, {})), packed(body).map(lambda data: (data, _GZIP)), 5),
        "headers": _headers("content-type", "content-encoding", "prefer", "authorization", "content-length"),
        "parts": st.sampled_from((1, 1, 4)),
        "cut": seldom(st.just(False), st.just(True), 50),
    }

    async def check(given: dict[str, Any]) -> None:
        body, coding = given["body"]
        headers = bearer(fuzz.made.write_key, **coding)
        more = given | {"body": body, "headers": headers | given["headers"]}
        reply = await fuzz.ask("events", "POST", "/v1/events", **more)
        if reply.status == 202:
            _answered(fuzz, body, reply)

    return st.fixed_dictionaries(asked), check


def _answered(fuzz: Fuzz, body: bytes, reply: Reply) -> None:
    answers = reply.json()["items"]
    fuzz.accepted |= {answer["id"] for answer in answers if answer["status"] == "accepted"}
    for answer in answers:
        status, code = answer["status"], answer.get("code", "")
        fuzz.answers[f"event {status} {code}".strip()] += 1
        assert status in ("accepted", "repeat", "conflict", "invalid"), f"an event was answered {answer}"
        assert status != "invalid" or code in native_read.CODES, f"an unknown code: {answer}"
        assert code != "not_storable", f"the database had to refuse it: {answer} {body[:500]!r}"


async def redirects(fuzz: Fuzz) -> Decoder:
    """Links: codes, queries, hosts, cookies."""
    workspace = f"/w/{fuzz.made.id}/r/"
    asked = {
        "method": st.sampled_from(("GET", "GET", "GET", "HEAD", "POST")),
        "prefix": seldom(st.sampled_from(("/r/", workspace, workspace, "/w/")), _CARRIED.map("/w/{}/r/".format), 5),
        "code": seldom(st.sampled_from(("ANN", "ann", "ANN.", "ANN)", "NONE")), _CARRIED, 3),
        "query": st.one_of(
            st.sampled_from((b"", b"utm=1", b"gw_click=mine&a=b")),
            spoiled(st.just(b"a=b&c=%20d#e")),
            _CARRIED.map(str.encode),
        ),
        "headers": st.fixed_dictionaries(
            {
                "host": seldom(st.sampled_from(("shop.example", "[::1]:80")), _HEADER, 3),
                "user-agent": st.sampled_from(("Mozilla/5.0", "Googlebot")) | _HEADER,
                "cookie": st.sampled_from(("gw=1", "a=b; gw_click=x")) | _HEADER,
            }
        ),
    }

    async def check(given: dict[str, Any]) -> None:
        reply = await fuzz.ask("redirects", path=given.pop("prefix") + given.pop("code"), **given)
        if reply.status == 302:
            location = reply.headers["location"]
            ours = (f"/w/{fuzz.made.id}/f/", "/f/")  # the page that friends see first
            right = location.startswith((_LANDING, *ours)) and location.isascii() and location.isprintable()
            assert right, f"a link led to {location!r}"
            assert location.count("gw_click=") <= 1, f"somebody else's click: {location!r}"

    return st.fixed_dictionaries(asked), check


async def rule_files(fuzz: Fuzz) -> Decoder:
    """Rule files in YAML and JSON, read; what is right is the same when written and read again, and can be published."""
    as_json = written(changed(st.just(RULES)))
    right = {".json": as_json, ".yaml": as_json | st.just(yaml.safe_dump(RULES, sort_keys=False).encode())}
    files = [st.tuples(seldom(data, spoiled(data), 3), st.just(f"rules{end}")) for end, data in right.items()]

    async def check(given: tuple[tuple[bytes, str], bool]) -> None:
        (data, name), is_published = given
        _read_rules(fuzz, data, name)
        if is_published:
            body = json.dumps({"document": data.decode("utf-8", "replace"), "name": name}).encode()
            await fuzz.command("rule files", "POST", "/v1/programs", body=body)

    return st.tuples(st.one_of(files), seldom(st.just(False), st.just(True), 20)), check


def _read_rules(fuzz: Fuzz, data: bytes, name: str) -> None:
    try:
        read = rule_file.read(data, name)
    except rule_file.RuleFileErrors as errors:
        fuzz.answers["rule files refused"] += 1
        if not errors.problems or not str(errors):
            raise AssertionError(f"refused without a reason: {data[:1000]!r}") from None
        return
    fuzz.answers["rule files read"] += 1
    again = core_rules.version(core_rules.document(read)).rules
    assert again == read, f"rules change when written and read again: {data[:1000]!r}"


async def operations(fuzz: Fuzz) -> Decoder:
    """The management API: ids, cursors, filters, bodies of every operation."""
    known = await known_ids(fuzz)
    asked = [_operation(method, route, known) for route in routes() for method in sorted(route.methods or ())]

    async def check(given: dict[str, Any]) -> None:
        names = {name: value.replace("/", "") or "x" for name, value in given.pop("names").items()}
        query = "&".join(f"{name}={quote(value)}" for name, value in given.pop("query").items())
        path = given.pop("path").format(**names)
        await fuzz.command("operations", path=path, query=query.encode(), **given)

    return st.one_of(asked), check


def _operation(method: str, route: Any, known: list[str]) -> SearchStrategy[dict[str, Any]]:
    """Requests of one operation."""
    value = st.sampled_from([*known, "EUR", "in_review", "ann", "1.2", "1"]) | _CARRIED
    special = {
        "step": st.just("pause"),
        "limit": value | st.sampled_from(("0", "1", "200", "201", "-1", "1" + "0" * 30)),
    }
    names, options = (
        {one.name: special.get(one.name, value) for one in params}
        for params in (route.dependant.path_params, route.dependant.query_params)
    )
    asked = {
        "method": st.just(method),
        "path": st.just(route.path),
        "names": st.fixed_dictionaries(names),
        "query": st.fixed_dictionaries({}, optional=options),
        "headers": _headers("authorization", "content-type", "idempotency-key"),
    }
    if (method, route.path) in BODIES:
        body = written(changed(_alive(BODIES[method, route.path], known)))
        asked["body"] = seldom(body, spoiled(body), 10)
    return st.fixed_dictionaries(asked)


def _alive(sample: Any, known: list[str]) -> SearchStrategy[Any]:
    """The body, mostly with ids that are there in place of those that are not."""
    if isinstance(sample, dict):
        return st.fixed_dictionaries({name: _alive(value, known) for name, value in sample.items()})
    if isinstance(sample, list):
        return st.tuples(*[_alive(value, known) for value in sample]).map(list)
    if isinstance(sample, str) and sample.endswith("0" * 26):
        like = [id_ for id_ in known if id_[:4] == sample[:4]]
        return st.sampled_from([sample, *(like or known)])
    return st.just(sample)


async def known_ids(fuzz: Fuzz) -> list[str]:
    """Ids of everything that is there, so that not all is merely unknown."""
    rows = await fuzz.goodword.pool.fetch(
        """(select id from reward where workspace_id = $1 limit 40) union (select id from "case" where workspace_id = $1 limit 10)
           union (select person from advocate where workspace_id = $1 limit 20)
           union (select id from program where workspace_id = $1)""",
        fuzz.made.id,
    )
    return sorted(row["id"] for row in rows)


async def texts(fuzz: Fuzz) -> Decoder:
    """Ids, keys, mails, phones, codes: a text is read as itself or not at all."""
    samples = (f"evt_{'0' * 26}", fuzz.made.secret_key, "ann@example.com", "+49 30 1234567", "Ann's CODE.")
    right = st.sampled_from(samples)
    wrong = spoiled(right.map(str.encode)).map(lambda data: data.decode("utf-8", "surrogateescape"))

    async def check(text: str) -> None:
        try:
            prefix, value = ids.decode(text)
            assert ids.encode(prefix, value) == text, f"an id was read leniently: {text!r}"
        except ValueError:
            fuzz.answers["texts no id"] += 1
        fuzz.answers[f"texts {'a' if parse_api_key(text) else 'no'} key"] += 1
        for read in (identity.canonical_email, identity.canonical_phone, identity.code_key):
            once = read(text)
            if once is not None:
                assert read(once) == once, f"{read.__name__} is not settled: {text!r} -> {once!r} -> {read(once)!r}"

    return seldom(wrong, right | TEXT, 4), check


async def bank_files(fuzz: Fuzz) -> Decoder:
    """The bank file: what is written is what a reader of CSV reads, and no cell is run by a spreadsheet."""
    details = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "iban", "bic", "account", "bank"), TEXT))
    amount = st.sampled_from((0, 1, 2**53 - 1)) | st.integers(0, 2**53 - 1)
    order = st.tuples(amount, st.sampled_from(sorted(CURRENCIES)), details)

    async def check(given: list[tuple[int, str, dict[str, str]]]) -> None:
        orders = [Order(f"pay_{number}", *one) for number, one in enumerate(given)]
        text = csv_of(orders).encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [row["reference"] for row in rows] == [one.id for one in orders], f"rows are lost: {orders}"
        for row, one in zip(rows, orders, strict=True):
            _paid(row, one)
        fuzz.answers["bank files rows"] += len(rows)

    return st.lists(order, min_size=1, max_size=2), check


def _paid(row: dict[str, str], order: Order) -> None:
    whole, _, part = row["amount"].partition(".")
    assert (int(whole + part), len(part)) == (order.amount, CURRENCIES[order.unit]), f"{row} {order}"
    said_in = {"name": ("name",), "account": ("iban", "account"), "bank": ("bic", "bank")}
    for name, fields in said_in.items():
        said = next((order.details[field] for field in fields if field in order.details), "")
        kept = {row[name], re.sub(r"(;\s*)'(?=[=+@-])", r"\1", row[name])}
        assert kept & {said, f"'{said}"}, f"{row[name]!r} was {said!r}"
        for cell in row[name].split(";"):  # as a spreadsheet may divide it
            assert not cell.lstrip().startswith(("=", "+", "-", "@")), f"a cell would be run: {row[name]!r}"


DECODERS: dict[str, Callable[[Fuzz], Awaitable[Decoder]]] = {
    "native events": events,
    "redirects": redirects,
    "operations": operations,
    "rule files": rule_files,
    "texts": texts,
    "bank files": bank_files,
}
