"""The decoders that are fuzzed, by name: what each is given, and what its answers must be."""

import csv
import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import yaml
from faults.fuzz_house import Fuzz
from faults.fuzz_samples import BODIES, EVENTS, RULES
from faults.simulate_request import Reply

from goodword.api import routes
from goodword.core import ids
from goodword.core import rules as core_rules
from goodword.core.money import CURRENCIES
from goodword.outbound.rails import Order, csv_of
from goodword.sources import identity, native_read, rule_file
from goodword.store.api_keys import parse_api_key

_LANDING = "https://shop.example/"


async def events(fuzz: Fuzz, count: int) -> int:
    """Native ingestion: bodies, compression, headers."""
    random, mutator = fuzz.random, fuzz.mutator
    for _ in fuzz.times("native events", count):
        items = [_event(fuzz) for _ in range(random.choice((1, 1, 2, 5)))]
        whole = mutator.nasty() if random.random() < 0.03 else items[0] if len(items) == 1 else items
        body = mutator.written(whole * 1_001 if random.random() < 0.002 and isinstance(whole, list) else whole)
        if random.random() < 0.15:
            body = mutator.spoiled(body)
        headers = {"authorization": f"Bearer {fuzz.made.write_key}", "content-type": "application/json"}
        if random.random() < 0.2:
            body, headers["content-encoding"] = mutator.packed(body), "gzip"
        if random.random() < 0.1:
            name = random.choice(("content-type", "content-encoding", "prefer", "authorization", "content-length"))
            headers[name] = _latin(mutator.text())
        cut = random.random() < 0.02
        reply = await fuzz.ask(
            "events", "POST", "/v1/events", headers=headers, body=body, parts=random.choice((1, 1, 4)), cut=cut
        )
        if reply is not None and reply.status == 202:
            _answered(fuzz, body, reply)
    return count


def _event(fuzz: Fuzz) -> Any:
    item = {**fuzz.random.choice(EVENTS), "id": fuzz.number()}
    for name in ("customer_external_id", "invoice_id", "external_id"):
        if name in item and fuzz.random.random() < 0.7:
            item[name] = f"{item[name]}{fuzz.random.randrange(40)}"
    return fuzz.mutator.tree(item, fuzz.random.choice((0, 0, 1, 1, 2, 3)))


def _answered(fuzz: Fuzz, body: bytes, reply: Reply) -> None:
    answers = reply.json()["items"]
    for answer in answers:
        status = answer["status"]
        fuzz.answers[f"event {status} {answer.get('code', '')}".strip()] += 1
        fuzz.expect(status in ("accepted", "repeat", "conflict", "invalid"), f"an event was answered {answer}")
        if status == "invalid":
            fuzz.expect(answer.get("code") in native_read.CODES, f"an unknown code: {answer}")
            fuzz.expect(answer.get("code") != "not_storable", f"the database had to refuse it: {answer} {body[:500]!r}")
        if status == "accepted":
            fuzz.accepted.add(answer["id"])


async def redirects(fuzz: Fuzz, count: int) -> int:
    """Links: codes, queries, hosts, cookies."""
    random, mutator = fuzz.random, fuzz.mutator
    for _ in fuzz.times("redirects", count):
        code = random.choice(("ANN", "ann", "ANN.", "ANN)", "NONE", mutator.text(), mutator.text()))
        prefix = random.choice(
            ("/r/", f"/w/{fuzz.made.id}/r/", f"/w/{fuzz.made.id}/r/", f"/w/{mutator.text()}/r/", "/w/")
        )
        headers = {
            "host": random.choice(("shop.example", "[::1]:80", _latin(mutator.text()))),
            "user-agent": random.choice(("Mozilla/5.0", "Googlebot", _latin(mutator.text()))),
            "cookie": random.choice(("gw=1", "a=b; gw_click=x", _latin(mutator.text()))),
        }
        query = random.choice(
            (b"", b"utm=1", b"gw_click=mine&a=b", mutator.spoiled(b"a=b&c=%20d#e"), mutator.text().encode())
        )
        method = random.choice(("GET", "GET", "GET", "HEAD", "POST"))
        reply = await fuzz.ask("redirects", method, prefix + code, query=query, headers=headers)
        if reply is not None and reply.status == 302:
            location = reply.headers["location"]
            fuzz.expect(location.startswith(_LANDING), f"a link led to {location!r}")
            fuzz.expect(location.isascii() and location.isprintable(), f"a link led to {location!r}")
            fuzz.expect(location.count("gw_click=") <= 1, f"somebody else's click: {location!r}")
    return count


async def rule_files(fuzz: Fuzz, count: int) -> int:
    """Rule files in YAML and JSON, read; what is right is the same when written and read again, and can be published."""
    random, mutator = fuzz.random, fuzz.mutator
    for n in fuzz.times("rule files", count):
        is_json = random.random() < 0.6
        tree = mutator.tree(RULES, random.choice((0, 1, 1, 2, 4)))
        data = mutator.written(tree)
        if not is_json and random.random() < 0.3:
            data = yaml.safe_dump(RULES, sort_keys=False).encode()
        if random.random() < 0.4:
            data = mutator.spoiled(data)
        _read_rules(fuzz, data, "rules.json" if is_json else "rules.yaml")
        if n % 20 == 0:
            body = json.dumps({"document": data.decode("utf-8", "replace"), "name": "rules.yaml"}).encode()
            await _command(fuzz, "rule files", "POST", "/v1/programs", body)
    return count


def _read_rules(fuzz: Fuzz, data: bytes, name: str) -> None:
    try:
        read = rule_file.read(data, name)
    except rule_file.RuleFileErrors as errors:
        fuzz.answers["rule files refused"] += 1
        fuzz.expect(bool(errors.problems) and bool(str(errors)), f"refused without a reason: {data[:1000]!r}")
        return
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        fuzz.wrong.append(f"rule files: {type(error).__name__}: {error} · {name} {data[:2000]!r}")
        return
    fuzz.answers["rule files read"] += 1
    again = core_rules.version(core_rules.document(read)).rules
    fuzz.expect(again == read, f"rules change when written and read again: {data[:1000]!r}")


async def operations(fuzz: Fuzz, count: int) -> int:
    """The management API: ids, cursors, filters, bodies of every operation."""
    known = await _known_ids(fuzz)
    operations_ = [(method, route.path, route) for route in routes() for method in sorted(route.methods or ())]
    for _ in fuzz.times("operations", count):
        method, path, route = fuzz.random.choice(operations_)
        names = [param.name for param in route.dependant.query_params]
        query = "&".join(f"{name}={_quoted(_value(fuzz, name, known))}" for name in names if fuzz.random.random() < 0.5)
        for param in route.dependant.path_params:
            value = "pause" if param.name == "step" else _value(fuzz, param.name, known)
            if method == "DELETE" and value in known:
                value = "key_x"  # else the fuzzer's own keys
            path = path.replace(f"{{{param.name}}}", value.replace("/", "") or "x")
        body = b""
        if (method, route.path) in BODIES:
            sample = fuzz.mutator.tree(
                _alive(fuzz, BODIES[method, route.path], known), fuzz.random.choice((0, 0, 1, 2))
            )
            body = fuzz.mutator.written(sample)
            if fuzz.random.random() < 0.1:
                body = fuzz.mutator.spoiled(body)
        await _command(fuzz, "operations", method, path, body, query.encode("utf-8", "replace"))
    return count


async def _command(fuzz: Fuzz, decoder: str, method: str, path: str, body: bytes, query: bytes = b"") -> None:
    headers = {"authorization": f"Bearer {fuzz.made.owner_key}", "content-type": "application/json"}
    headers["idempotency-key"] = fuzz.number() if fuzz.random.random() < 0.95 else _latin(fuzz.mutator.text())
    if fuzz.random.random() < 0.03:
        name = fuzz.random.choice(("authorization", "content-type"))
        headers[name] = _latin(fuzz.mutator.text())
    await fuzz.ask(decoder, method, path, query=query, headers=headers, body=body)


async def _known_ids(fuzz: Fuzz) -> list[str]:
    """Ids of everything that is there, so that not all is merely unknown."""
    rows = await fuzz.goodword.pool.fetch(
        """(select id from reward where workspace_id = $1 limit 40) union (select id from case_ where workspace_id = $1 limit 10)
           union (select person from advocate where workspace_id = $1 limit 20)
           union (select id from program where workspace_id = $1)""".replace("case_", '"case"'),
        fuzz.made.id,
    )
    return sorted(row["id"] for row in rows)


def _value(fuzz: Fuzz, name: str, known: list[str]) -> str:
    if name == "limit" and fuzz.random.random() < 0.5:
        return str(fuzz.random.choice((0, 1, 2, 200, 201, -1, 10**30)))
    if fuzz.random.random() < 0.5:
        return fuzz.random.choice([*known, "EUR", "in_review", "ann", "1.2", "1"])
    return fuzz.mutator.text()


def _alive(fuzz: Fuzz, body: Any, known: list[str]) -> Any:
    """The body with ids that are there in place of those that are not."""
    if isinstance(body, dict):
        return {name: _alive(fuzz, value, known) for name, value in body.items()}
    if isinstance(body, list):
        return [_alive(fuzz, value, known) for value in body]
    if isinstance(body, str) and body.endswith("0" * 26) and known and fuzz.random.random() < 0.7:
        return fuzz.random.choice([id_ for id_ in known if id_[:4] == body[:4]] or known)
    return body


async def texts(fuzz: Fuzz, count: int) -> int:
    """Ids, keys, mails, phones, codes: a text is read as itself or not at all."""
    samples = (f"evt_{'0' * 26}", fuzz.made.secret_key, "ann@example.com", "+49 30 1234567", "Ann's CODE.")
    for _ in fuzz.times("texts", count):
        text = fuzz.random.choice(samples)
        if fuzz.random.random() < 0.8:
            text = fuzz.mutator.spoiled(text.encode()).decode("utf-8", "surrogateescape")
        try:
            _read_text(fuzz, text)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            fuzz.wrong.append(f"texts: {type(error).__name__}: {error} · {text!r}")
    return count


def _read_text(fuzz: Fuzz, text: str) -> None:
    try:
        prefix, value = ids.decode(text)
        fuzz.expect(ids.encode(prefix, value) == text, f"an id was read leniently: {text!r}")
    except ValueError:
        fuzz.answers["texts no id"] += 1
    fuzz.answers[f"texts {'a' if parse_api_key(text) else 'no'} key"] += 1
    for read in (identity.canonical_email, identity.canonical_phone, identity.code_key):
        once = read(text)
        if once is not None:
            fuzz.expect(read(once) == once, f"{read.__name__} is not settled: {text!r} -> {once!r} -> {read(once)!r}")


async def bank_files(fuzz: Fuzz, count: int) -> int:
    """The bank file: what is written is what a reader of CSV reads, and no cell is run by a spreadsheet."""
    for _ in fuzz.times("bank files of ten", count // 10):
        orders = [
            Order(
                f"pay_{n}",
                fuzz.random.choice((0, 1, 10**6, 2**53 - 1)),
                fuzz.random.choice(list(CURRENCIES)),
                _details(fuzz),
            )
            for n in range(10)
        ]
        text = csv_of(orders).encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        fuzz.expect([row["reference"] for row in rows] == [order.id for order in orders], f"rows are lost: {orders}")
        for row, order in zip(rows, orders, strict=False):
            whole, _, part = row["amount"].partition(".")
            fuzz.expect(int(whole + part) == order.amount and len(part) == CURRENCIES[order.unit], f"{row} {order}")
            for name in ("name", "account", "bank"):
                said = order.details.get(name, "")
                fuzz.expect(row[name] in (said, f"'{said}"), f"{row[name]!r} was {said!r}")
                fuzz.expect(
                    not row[name].lstrip().startswith(("=", "+", "-", "@")), f"a cell would be run: {row[name]!r}"
                )
    return count // 10 * 10


def _details(fuzz: Fuzz) -> dict[str, str]:
    return {name: fuzz.mutator.text()[:200] for name in ("name", "account", "bank") if fuzz.random.random() < 0.8}


def _latin(text: str) -> str:
    """A text as a header may carry it."""
    return text.encode("utf-8", "replace").decode("latin-1").replace("\n", " ").replace("\r", " ")


def _quoted(text: str) -> str:

    return quote(text.encode("utf-8", "replace"))


DECODERS: dict[str, Callable[[Fuzz, int], Awaitable[int]]] = {
    "native events": events,
    "redirects": redirects,
    "operations": operations,
    "rule files": rule_files,
    "texts": texts,
    "bank files": bank_files,
}
