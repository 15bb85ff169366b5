"""``POST /v1/events`` over real HTTP and a real database: durable, repeatable, and unmoved by hostile input."""

import base64
import gzip
import json
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from testkit import sent
from testkit.tables import rows
from tests.edges.conftest import Served, serving

from goodword.app.intake.quota import Rates
from goodword.app.write.process import drain
from goodword.core import calendar, events
from goodword.store.api_keys import new_api_key
from goodword.store.vault import blind

SALE = sent.purchase("s1", "c1", "i1", 1000, occurred_at="2026-01-02T03:04:05Z", customer_email="Anna@Example.org")
LEAD = sent.lead("l1", "c1", visitor_id="v1")
CLICK = sent.click("k1", "ANNA", "v1")
ENROLLED = {"type": "advocate.enrolled", "id": "e1", "external_id": "a1", "email": "b@example.org"}

TABLES = ("event", "undecided", "alias", "person", "personal", "match_key", "touch", "touch_block")


def counts(served: Served) -> dict[str, int]:
    columns = ", ".join(f"(select count(*) from {table})" for table in TABLES)
    return dict(zip(TABLES, served.rows(f"select {columns}")[0], strict=True))


def post(served: Served, body: bytes, **headers: str) -> httpx.Response:
    with served.client() as client:
        return client.post("/v1/events", content=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]


# --- accepted, repeated, in conflict ----------------------------------------------------------------------------------


def test_an_accepted_event_is_readable_by_others_at_once(served: Served) -> None:
    """202 means durable: another connection reads the row, free of what is personal, before anything else happens."""
    assert served.send(SALE) == [{"id": "s1", "status": "accepted"}]
    [event] = served.stored()
    assert isinstance(event, events.ConversionRecorded)
    assert (event.amount, event.currency, event.invoice) == (1000, "EUR", "i1")
    assert event.occurred_at == calendar.parse("2026-01-02T03:04:05Z")
    assert event.person.startswith("per_")
    [(body,)] = served.rows("select body from undecided")
    assert b"nna" not in body
    assert b"c1" not in body


def test_no_row_holds_what_is_personal_in_clear(served: Served) -> None:
    """After a lead was stored and decided, no table shows mail, phone, name, free text or outside names to a reader."""
    said = {
        "customer_external_id": "kunde-4711",
        "customer_email": "anna.muster@example.org",
        "customer_phone": "+49 30 901820",
        "customer_name": "Anna Muster",
        "form": {"wish": "quiet room"},
        "metadata": {"crm": "secret-note"},
        "visitor_id": "cookie-99",
        "device_id": "device-77",
        "company": "muster-werke.example",
        "code": "ANNALENA",
    }
    served.send({"type": "lead.created", "id": "l1", **said})
    served.run(drain(served.engine, served.ws))
    words = ["kunde-4711", "muster", "annalena", "quiet room", "secret-note", "cookie-99", "device-77", "30901820"]
    secret = [word.encode().hex() for word in words] + words
    tables = served.rows(
        "select oid::regclass::text from pg_class where relkind in ('r', 'p') and not relispartition"
        " and relnamespace = 'public'::regnamespace"
    )
    assert len(tables) > 30
    for (table,) in tables:
        for row in served.run(served.pool.fetch(f"select lower(t::text) as it from {table} t")):
            assert not [word for word in secret if word in row["it"]], table
    assert counts(served)["personal"] == 1


def test_the_items_of_a_request_keep_their_order(served: Served) -> None:
    """Evt rises in the order in which the items of a request were sent."""
    sent = [{**SALE, "id": f"s{i}", "invoice_id": f"i{i}"} for i in (5, 3, 9, 1, 7)]
    assert [answer["id"] for answer in served.send(*sent)] == ["s5", "s3", "s9", "s1", "s7"]
    assert [event.invoice for event in served.stored()] == ["i5", "i3", "i9", "i1", "i7"]


def test_the_same_event_again_is_a_repeat(served: Served) -> None:
    """Same id and content, in whatever spelling of JSON, is stored once; in one request or in two."""
    respelt = dict(reversed([*SALE.items(), ("country", None)]))
    assert [answer["status"] for answer in served.send(SALE, respelt)] == ["accepted", "repeat"]
    before = counts(served)
    assert [answer["status"] for answer in served.send(respelt)] == ["repeat"]
    assert counts(served) == before


CONFLICTS = rows(__file__, "Other content")


def test_the_same_id_with_other_content_is_a_conflict(served: Served) -> None:
    """The first differing field is named, personal or not; nothing of the second event is kept."""
    served.send(SALE)
    before = counts(served)
    for field, value in CONFLICTS:
        assert served.send({**SALE, field: value}) == [
            {"id": "s1", "status": "conflict", "code": "id_taken", "field": field}
        ]
        assert counts(served) == before


def test_a_conflict_with_what_is_decided_names_the_field_too(served: Served) -> None:
    """What was sent is compared with the log, once it is there: ids are recognised for ever, and so are fields."""
    served.send(SALE)
    served.run(drain(served.engine, served.ws))
    before = counts(served)
    assert before["undecided"] == 0
    assert served.send(SALE) == [{"id": "s1", "status": "repeat"}]
    for field, value in CONFLICTS:
        assert served.send({**SALE, field: value}) == [
            {"id": "s1", "status": "conflict", "code": "id_taken", "field": field}
        ]
    assert counts(served) == before


def test_a_conflict_inside_one_request_is_found(served: Served) -> None:
    """Of two items with one id the first is stored and the second compared with it."""
    answers = served.send(SALE, {**SALE, "amount": 5}, {**SALE, "type": "lead.created"})
    assert [answer["status"] for answer in answers] == ["accepted", "conflict", "invalid"]
    assert answers[1]["field"] == "amount"


def test_one_id_as_often_as_a_request_has_room_is_accepted_once(served: Served) -> None:
    """Who says one thing a thousand times over is answered like who says it twice; the last differs, and is told so."""
    answers = served.send(*[SALE] * 999, {**SALE, "amount": 5})
    assert [answer["status"] for answer in answers] == ["accepted", *["repeat"] * 998, "conflict"]
    assert answers[-1]["field"] == "amount"
    assert len(served.stored()) == 1


def test_one_id_sent_by_many_at_once_is_accepted_once(served: Served) -> None:
    """Twenty requests with one id at one time: one accepted, nineteen repeats, one row."""
    start = threading.Barrier(20)

    def send(_: int) -> str:
        start.wait()
        status: str = served.send(SALE)[0]["status"]
        return status

    with ThreadPoolExecutor(20) as threads:
        statuses = sorted(threads.map(send, range(20)))
    assert statuses == ["accepted"] + ["repeat"] * 19
    assert len(served.stored()) == 1


def test_without_occurred_at_it_happened_when_it_came(served: Served) -> None:
    """No occurred_at: accepted_at; sent again later it is still a repeat."""
    item = {key: value for key, value in SALE.items() if key != "occurred_at"}
    served.send(item)
    [event] = served.stored()
    assert event.occurred_at == event.accepted_at
    assert served.send(item)[0]["status"] == "repeat"
    assert served.send({**item, "amount": 4})[0]["field"] == "amount"


@pytest.mark.parametrize(("clock", "imported"), [("real", True), ("manual", False), ("events", False)])
def test_the_clock_of_the_workspace_says_when_it_was_accepted(served: Served, clock: str, imported: bool) -> None:
    """real: now, and older than 72 hours is imported; manual: what it shows; events: when it happened."""
    shown = calendar.parse("2026-01-03T00:00:00Z")

    async def make() -> None:
        async with served.pool.acquire() as connection:
            await served.make_workspace(connection, clock, shown)

    served.run(make())
    served.send(SALE)
    [event] = served.stored()
    assert event.imported is imported
    if clock != "real":
        assert event.accepted_at == (shown if clock == "manual" else event.occurred_at)


def test_a_click_of_a_crawler_is_marked(served: Served) -> None:
    """The user agent says whether a program clicked; it is looked at and not kept."""
    crawler, person = "Googlebot/2.1", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    served.send({**CLICK, "user_agent": crawler}, {**CLICK, "id": "k2", "user_agent": person}, {**CLICK, "id": "k3"})
    assert [getattr(event, "bot", None) for event in served.stored()] == [True, False, False]
    assert served.send({**CLICK, "user_agent": person})[0]["field"] == "user_agent"


# --- who sends --------------------------------------------------------------------------------------------------------


def test_a_publishable_key_may_send_clicks_and_leads_only(served: Served) -> None:
    """What a page may not send is invalid and stored nowhere; what it may is marked as unverified."""
    answers = served.send(SALE, LEAD, ENROLLED, CLICK, kind="pk")
    refused = {"status": "invalid", "code": "not_permitted", "field": "type"}
    assert answers == [
        {"id": "s1", **refused},
        {"id": "l1", "status": "accepted"},
        {"id": "e1", **refused},
        {"id": "k1", "status": "accepted"},
    ]
    assert all(event.unverified for event in served.stored())


def test_a_page_cannot_take_the_id_of_a_servers_event(served: Served) -> None:
    """Ids are unique for their source; a page is a source of its own."""
    assert served.send(LEAD, kind="pk")[0]["status"] == "accepted"
    assert served.send({**LEAD, "visitor_id": "v2"}, kind="wk")[0]["status"] == "accepted"
    assert [event.source for event in served.stored()] == ["page", "native"]


def test_a_key_that_was_verified_stays_so(served: Served) -> None:
    """A mail said by a page is unverified until a server says it; a page cannot take that back."""
    lead = {**LEAD, "customer_email": "a@example.org"}
    verified = []
    for id_, kind in (("1", "pk"), ("2", "wk"), ("3", "pk")):
        served.send({**lead, "id": id_}, kind=kind)  # type: ignore[arg-type]
        verified.append(served.rows("select verified from match_key where kind = 'mail'"))
    assert verified == [[(False,)], [(True,)], [(True,)]]


def test_a_wrong_key_is_told_apart(served: Served) -> None:
    """A missing, broken, unknown or unfit key is a problem of its own, and nothing is stored."""
    for authorization, status, code in [
        ("", 401, "key_missing"),
        ("Bearer", 401, "key_missing"),
        ("Digest abc", 401, "key_missing"),
        ("Basic !!!", 401, "key_missing"),
        ("Bearer gw_sk_live_abc", 401, "key_malformed"),
        ("Bearer ' or 1=1 --", 401, "key_malformed"),
        ("Bearer {unknown}", 401, "key_unknown"),
        ("Bearer {mk}", 403, "not_permitted"),
    ]:
        header = authorization.format(unknown=new_api_key("wk", "live"), mk=served.keys["mk"])
        with served.client(None) as client:
            response = client.post("/v1/events", json=SALE, headers={"authorization": header} if header else {})
        assert_problem(response, status, code)
        assert counts(served)["event"] == 0


def test_basic_with_the_key_as_user_name_works(served: Served) -> None:
    """As Segment's clients send it."""
    basic = base64.b64encode(f"{served.keys['wk']}:".encode()).decode()
    with served.client(None) as client:
        response = client.post("/v1/events", json=SALE, headers={"authorization": f"Basic {basic}"})
    assert response.json() == {"items": [{"id": "s1", "status": "accepted"}]}


# --- hostile bodies ---------------------------------------------------------------------------------------------------

BOMB = gzip.compress(b"[" + b" " * 50_000_000 + b"]")


def test_an_unreadable_request_is_a_problem(served: Served) -> None:
    """Malformed, deep, oversized, a gzip bomb, a wrong encoding: a 4xx problem with a stable code, nothing stored."""
    for body, headers, status, code in [
        (b"", {}, 400, "not_json"),
        (b"\x00\x01\x02", {}, 400, "not_json"),
        (b"[" * 900_000, {}, 400, "too_deep"),
        (b'{"id": "\\ud800"}', {}, 400, "not_json"),
        (json.dumps(SALE).encode("utf-16"), {}, 400, "not_json"),
        (b"7", {}, 400, "not_events"),
        (b" " * 3_000_000, {}, 413, "too_large"),
        (b"[" + b"{}," * 1_000 + b"{}]", {}, 413, "too_many_events"),
        (BOMB, {"content_encoding": "gzip"}, 413, "too_large"),
        (b"no gzip", {"content_encoding": "gzip"}, 400, "bad_compression"),
        (gzip.compress(b"{}")[:-3], {"content_encoding": "gzip"}, 400, "bad_compression"),
        (gzip.compress(b"{}") + b"x", {"content_encoding": "gzip"}, 400, "bad_compression"),
        (zlib.compress(b"{}"), {"content_encoding": "deflate"}, 415, "unsupported_encoding"),
        (b"a=1", {"content_type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
    ]:
        assert_problem(post(served, body, **headers), status, code)
        assert set(counts(served).values()) == {0}
    assert served.send(SALE)[0]["status"] == "accepted"  # and the edge lives on


def test_gzip_is_read(served: Served) -> None:
    """A gzip body is what it inflates to."""
    response = post(served, gzip.compress(json.dumps([SALE]).encode()), content_encoding="gzip")
    assert response.json() == {"items": [{"id": "s1", "status": "accepted"}]}


def test_other_methods_are_told_so(served: Served) -> None:
    """Only POST sends events; a page may ask beforehand."""
    with served.client() as client:
        assert_problem(client.get("/v1/events"), 405, "method_not_allowed")
        preflight = client.options("/v1/events")
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"


def test_hostile_text_is_kept_as_text_or_refused(served: Served) -> None:
    """SQL, HTML and control characters in every text field: what a field may hold is stored as it is, else invalid."""
    texts = ("customer_external_id", "visitor_id", "click_id", "code", "link_code", "device_id", "company")
    personal = ("customer_email", "customer_phone", "customer_name", "form")
    tokens = ("program", "country")
    for text in [
        "'; drop table event; --",
        '<script>alert("x")</script>',
        "{{7*7}}${7*7}%s%n",
        "\u202egnp.exe\ufeff\u200b",
        "\x01\x7f\n\r\t",
        "\\u0000 \\' \"",
        "😀🏳️‍🌈" * 20,
        "../../etc/passwd",
    ]:
        items = [{**LEAD, "id": f"{name} {text}", name: text} for name in (*texts, *personal, *tokens)]
        statuses = {answer["id"].split(" ")[0]: answer["status"] for answer in served.send(*items)}
        assert statuses == {**dict.fromkeys((*texts, *personal), "accepted"), **dict.fromkeys(tokens, "invalid")}
        assert [answer["status"] for answer in served.send(*items)].count("repeat") == len(texts) + len(personal)
    assert served.send({**LEAD, "id": "after"})[0]["status"] == "accepted"


def test_one_bad_item_never_fails_its_neighbours(served: Served) -> None:
    """Wrong UTF-8, NUL, huge numbers, wrong types, unknown fields: each alone is invalid, all others are accepted."""
    good = [{**SALE, "id": f"g{i}", "invoice_id": f"i{i}"} for i in range(7)]
    line = json.dumps(SALE).encode()
    bad = [
        line.replace(b"c1", b"\xff\xfe"),
        line.replace(b"c1", b"\\u0000"),
        line.replace(b"1000", b"1" * 9_000),
        line.replace(b"1000", b"1e400"),
        line.replace(b"1000", b"10.00"),
        line.replace(b'"currency"', b'"curency"'),
        b"[[[]]]",
    ]
    body = (
        b"["
        + b",".join(
            part for pair in zip(map(json.dumps, good), bad, strict=True) for part in (pair[0].encode(), pair[1])
        )
        + b"]"
    )
    response = post(served, body)
    assert response.status_code == 202
    assert [(item["status"], item.get("code"), item.get("field")) for item in response.json()["items"]] == [
        ("accepted", None, None),
        ("invalid", "invalid_encoding", "customer_external_id"),
        ("accepted", None, None),
        ("invalid", "invalid_character", "customer_external_id"),
        ("accepted", None, None),
        ("invalid", "out_of_range", "amount"),
        ("accepted", None, None),
        ("invalid", "out_of_range", "amount"),
        ("accepted", None, None),
        ("invalid", "wrong_type", "amount"),
        ("accepted", None, None),
        ("invalid", "unknown_field", "curency"),
        ("accepted", None, None),
        ("invalid", "wrong_type", None),
    ]
    assert len(served.stored()) == 7


def test_a_row_that_the_database_refuses_stands_alone(served: Served) -> None:
    """A flush that fails is halved until the bad row stands alone; nothing of it is kept, the others are stored."""
    served.execute("alter table event add check (id not like 'poison%')")
    items = [
        {
            **SALE,
            "id": f"poison{i}" if i in (13, 14, 50) else f"s{i}",
            "invoice_id": f"i{i}",
            "customer_external_id": f"c{i}",
        }
        for i in range(64)
    ]
    answers = served.send(*items)
    refused = {"status": "invalid", "code": "not_storable"}
    assert [answer for answer in answers if answer["status"] != "accepted"] == [
        {"id": "poison13", **refused},
        {"id": "poison14", **refused},
        {"id": "poison50", **refused},
    ]
    assert counts(served) | {"match_key": 0} == {
        "event": 61,
        "undecided": 61,
        "alias": 62,  # and the domain of their mails
        "person": 61,
        "personal": 61,
        "match_key": 0,
        "touch": 0,
        "touch_block": 0,
    }


def test_a_full_buffer_says_when_to_come_back(served: Served) -> None:
    """Beyond the buffer's capacity: 503 with Retry-After, nothing stored, and what waits is still stored."""
    served.send(SALE)
    buffer = served.ingest._buffers.get(served.ws)
    buffer._capacity = 3
    response = post(served, json.dumps([{**SALE, "id": f"x{i}", "invoice_id": f"i{i}"} for i in range(4)]).encode())
    assert_problem(response, 503, "unavailable")
    assert int(response.headers["retry-after"]) > 0
    assert len(served.stored()) == 1


def test_where_there_is_no_room_nothing_is_read(served: Served) -> None:
    """A request that cannot be taken is refused before its body is looked at: refusing must cost little."""
    served.send(SALE)
    served.ingest._buffers.get(served.ws)._capacity = -1
    assert_problem(post(served, b"this is no JSON"), 503, "unavailable")


# --- names and persons ------------------------------------------------------------------------------------------------


def test_a_name_means_one_person_for_all_who_send_it_at_once(served: Served) -> None:
    """Two processes that meet a name at one time agree on its id."""
    other = Served(served.database, served.folder, like=served)
    with serving(other):
        start = threading.Barrier(2)

        def send(which: int) -> list[str]:
            start.wait()
            edge = (served, other)[which]
            order = range(200) if which else reversed(range(200))
            items = [
                {**SALE, "id": f"{which}-{i}", "invoice_id": f"{which}-{i}", "customer_external_id": f"c{i}"}
                for i in order
            ]
            return [answer["status"] for answer in edge.send(*items)]

        with ThreadPoolExecutor(2) as threads:
            assert [set(statuses) for statuses in threads.map(send, range(2))] == [{"accepted"}] * 2
    found: dict[str, set[str]] = {}
    for event in served.stored():
        assert isinstance(event, events.ConversionRecorded)
        found.setdefault(str(event.invoice)[2:], set()).add(event.person)
    assert len(found) == 200
    assert all(len(persons) == 1 for persons in found.values())
    assert len(served.rows("select * from person")) == 200


def test_prefer_wait_answers_with_the_decision(served: Served) -> None:
    """``Prefer: wait=2`` on a single event: its decision if it comes in time, else that it is accepted."""
    with served.client() as client:
        late = client.post("/v1/events", json=SALE, headers={"prefer": "wait=0"})
        assert (late.status_code, late.json()) == (202, {"items": [{"id": "s1", "status": "accepted"}]})
        [event] = served.stored()
        served.run(drain(served.engine, served.ws))
        answer = client.post("/v1/events", json=SALE, headers={"prefer": "respond-async, wait=2"})
    assert answer.status_code == 200
    [item] = answer.json()["items"]
    assert item["status"] == "repeat"
    assert item["decision"]["evt"] == event.evt
    assert item["decision"]["position"] == 1
    assert item["decision"]["verdicts"][0]["refusal"] == "not_referred"


def test_everything_else_goes_to_the_inner_application(served: Served) -> None:
    """The edge answers its own paths only; it says whether it lives and whether it can serve."""
    with served.client() as client:
        assert client.get("/v1/programs").json()["code"] == "inner"
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json() == {"status": "ready"}


# --- names ------------------------------------------------------------------------------------------------------------


def persons(served: Served, *names: str) -> list[str]:
    """Who is meant by these names, in order."""
    for name in names:
        served.send({**LEAD, "id": f"{name!r}{len(served.stored())}", "customer_external_id": name})
    return [event.person for event in served.stored()[-len(names) :]]  # type: ignore[attr-defined]


def test_one_name_is_one_person_however_it_is_written(served: Served) -> None:
    """Space around and composition make no difference; case does (finding 31i)."""
    assert len(set(persons(served, "Jos\u00e9", " Jos\u00e9", "Jose\u0301 ", "Jose\u0301"))) == 1
    assert len(set(persons(served, "bob", "Bob"))) == 2


def test_a_name_of_before_goes_on(served: Served) -> None:
    """Who was known with a space behind the name is found with it and, from then on, without."""
    [known] = persons(served, "before")
    keys = served.workspace.keys  # type: ignore[union-attr]
    served.execute(
        f"update alias set blind = '\\x{blind(keys.index, 'person', 'before ').hex()}' where kind = 'person'"
    )
    other = Served(served.database, served.folder.with_name("other"), served)
    with serving(other) as fresh:
        assert persons(fresh, "before ", "before") == [known, known]


@pytest.mark.parametrize(("first", "second"), [("ANNA10", "\u0410NNA10"), ("\u0410\u041d\u041d\u0410", "AHHA")])
def test_an_enrolment_says_which_code_its_own_looks_like(served: Served, first: str, second: str) -> None:
    """Whichever script came first; one's own code again looks like no other (finding 31i)."""
    enrolled = {"type": "advocate.enrolled", "external_id": "a1"}
    served.send({**enrolled, "id": "1", "code": first}, {**enrolled, "id": "2", "code": first.lower()})
    served.send({**enrolled, "id": "3", "code": second})
    mine, again, theirs = served.stored()
    assert (mine.like, again.like) == (None, None)  # type: ignore[attr-defined]
    assert (theirs.like or theirs.look) == mine.code  # type: ignore[attr-defined]


def test_what_an_address_says_is_said_beside_it(served: Served) -> None:
    """An event tells whether its person's address is for minutes; the domain of a company is a key, that of a provider none."""
    for number, mail in enumerate(("a@yopmail.com", "Ada <ada@gmail.com>", "ada@acme.example")):
        served.send({**LEAD, "id": str(number), "customer_email": mail})
    assert [event.disposable for event in served.stored()] == [True, False, False]  # type: ignore[attr-defined]
    assert served.rows("select kind, count(*) from match_key group by kind order by kind") == [
        ("domain", 1),
        ("mail", 3),
    ]


# --- what anybody may send ---------------------------------------------------------------------------------------------


def page(served: Served, *items: dict[str, object], address: str = "198.51.100.7") -> httpx.Response:
    """Send as a page in a browser at that address, by way of a proxy of ours."""
    with served.client("pk") as client:
        return client.post("/v1/events", json=list(items), headers={"x-forwarded-for": address, "prefer": "wait=5"})


def clicks(number: int, prefix: str = "k") -> list[dict[str, object]]:
    return [{**CLICK, "id": f"{prefix}{n}"} for n in range(number)]


@pytest.fixture
def behind_a_proxy(database: str, tmp_path: Path) -> Iterator[Served]:
    """Yield an edge that believes the proxy on this machine."""
    with behind_proxy(Served(database, tmp_path / "edge")) as served:
        yield served


def behind_proxy(it: Served) -> AbstractContextManager[Served]:
    """Serve an edge that believes the proxy on this machine."""
    it.settings = replace(it.settings, trusted_proxies=("127.0.0.1",))
    return serving(it)


def test_a_page_is_told_of_no_decision(served: Served) -> None:
    """202 whatever it asks for, also where the event is decided by then: who is bound to whom is no page's (finding 18 ii)."""
    first = page(served, LEAD)
    assert (first.status_code, first.json()) == (202, {"items": [{"id": "l1", "status": "accepted"}]})
    served.run(drain(served.engine, served.ws))
    again = page(served, LEAD)
    assert (again.status_code, again.json()) == (202, {"items": [{"id": "l1", "status": "repeat"}]})
    assert "preference-applied" not in again.headers


def test_an_address_sends_so_many_and_no_more(behind_a_proxy: Served) -> None:
    """What is beyond is refused whole, says when to come back, and is another address's no hindrance (finding 18 iii)."""
    served = behind_a_proxy
    assert page(served, *clicks(200)).status_code == 202
    refused = page(served, LEAD)
    assert_problem(refused, 429, "rate_limited")
    assert 20 <= int(refused.headers["retry-after"]) <= 29
    assert refused.headers["access-control-allow-origin"] == "*"
    assert counts(served)["event"] == 200
    assert page(served, LEAD, address="198.51.100.8").status_code == 202
    assert len(served.send(*clicks(200, "of-a-server"))) == 200
    assert served.send(SALE)[0]["status"] == "accepted"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("nobody", "nobody", True),
    ],
)
def test_a_household_is_one_address(behind_a_proxy: Served, first: str, second: str, same: bool) -> None:
    """Of IPv6 the /64 counts, whose rest everybody chooses at will; an IPv4 address is the same however it is written."""
    assert page(behind_a_proxy, *clicks(200), address=first).status_code == 202
    assert page(behind_a_proxy, LEAD, address=second).status_code == (429 if same else 202)


class Slow(Served):
    """An edge that takes one event a second of a key."""

    RATES = Rates(address=100, key=1)


def test_a_key_sends_so_many_from_all_addresses(database: str, tmp_path: Path) -> None:
    """However many addresses send with one key, they bring no more than the key may; no body of theirs is read then."""
    with behind_proxy(Slow(database, tmp_path / "edge")) as served:
        assert page(served, *clicks(200)).status_code == 202
        refused = page(served, LEAD, address="203.0.113.1")
        assert_problem(refused, 429, "rate_limited")
        with served.client("pk") as client:
            answer = client.post("/v1/events", content=b"no json", headers={"x-forwarded-for": "203.0.113.2"})
        assert_problem(answer, 429, "rate_limited")
