"""``GET /r/{code}``: a friend always arrives somewhere, and a stored click can be proved."""

import asyncio
import json
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from testkit import world as builder
from tests.edges.conftest import Served, serving

from goodword.app.write.process import drain
from goodword.core import canonical, events
from goodword.core import entry as log_entry
from goodword.core.facts import Touch
from goodword.core.rules import document, version
from goodword.edge.redirects import Patience
from goodword.sources.rule_file import read as read_rules

LANDING = "https://shop.example/welcome?lang=de#top"
PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def follow(served: Served, path: str, method: str = "GET", host: str = "go.example", **headers: str) -> httpx.Response:
    with httpx.Client(base_url=served.url) as client:
        return client.request(method, path, headers={"host": host, **PERSON, **headers})


def query(response: httpx.Response) -> dict[str, list[str]]:
    assert response.status_code == 302, response.text
    return parse_qs(urlsplit(response.headers["location"]).query)


def program(served: Served, landing: str = LANDING) -> str:
    """Put a published program and a host into the database, as their own events would; returns the program's id."""
    text = json.dumps(
        builder.rules(program="friends", landing_url=landing, rewards=[builder.advocate(flat={"EUR": 500})])
    )
    rules = version(document(read_rules(text.encode(), "friends.json")))
    ws = served.ws

    async def write() -> None:
        await served.pool.execute(
            "insert into rule_version values ($1, $2, $3, $4)", ws, rules.hash, rules.semantics, document(rules.rules)
        )
        await served.pool.execute(
            "insert into program values ($1, 'prg_1', 'friends', 'active', $2, '[]')", ws, json.dumps([[0, rules.hash]])
        )
        await served.pool.execute("insert into directory values ('go.example', $1)", ws)

    served.run(write())
    return "prg_1"


def enrol(served: Served, code: str) -> str:
    """Enrol an advocate with a code; returns the code's id."""
    served.send({"type": "advocate.enrolled", "id": code, "external_id": code, "code": code})
    event = served.stored()[-1]
    assert isinstance(event, events.AdvocateEnrolled)
    served.run(
        served.pool.execute("insert into code values ($1, $2, 'prg_1', $3, '[]')", served.ws, event.code, event.person)
    )
    return str(event.code)


def touches(served: Served) -> list[Touch]:
    rows = served.rows("select id, code, at, visitor, device, bot, block from touch order by id")
    return [Touch(**dict(zip(Touch.__struct_fields__, row, strict=True))) for row in rows]


def test_a_click_is_durable_before_the_friend_is_sent_on(served: Served) -> None:
    """302 to the landing page, its query and the visitor's kept, with the id of a click that others can read."""
    program(served)
    code = enrol(served, "Anna10")
    forged = "gw_click=forged&gw_code=forged&gw%5Fclick=forged&%67w_code=forged&gw_click"
    response = follow(served, f"/r/Anna10?utm_source=mail&x=%C3%A4&{forged}")
    location = urlsplit(response.headers["location"])
    assert (location.scheme, location.netloc, location.path, location.fragment) == (
        "https",
        "shop.example",
        "/welcome",
        "top",
    )
    [touch] = touches(served)
    assert query(response) == {"lang": ["de"], "utm_source": ["mail"], "x": ["ä"], "gw_click": [touch.id]}
    assert (touch.code, touch.bot) == (code, False)
    assert response.headers["cache-control"] == "no-store"


def test_a_code_resolves_despite_case_and_punctuation(served: Served) -> None:
    """Whatever surrounds a pasted link, the code is found."""
    program(served)
    enrol(served, "Anna10")
    for text in ("ANNA10", "anna10.", "anna10)", "Anna10/", "%41nna10", "anna10%E2%80%8B"):
        assert "gw_click" in query(follow(served, f"/r/{text}"))


def test_the_path_of_a_workspace_works_on_every_host(served: Served) -> None:
    """``/w/{workspace}/r/{code}`` needs no host of its own; an unknown workspace is 404."""
    program(served)
    enrol(served, "Anna10")
    assert "gw_click" in query(follow(served, f"/w/{served.ws}/r/Anna10", host="elsewhere.example"))
    assert follow(served, "/w/wsp_unknown/r/Anna10").json()["code"] == "unknown_host"


def test_an_unknown_code_goes_to_the_fallback_page(served: Served) -> None:
    """No click is recorded for a code that nobody ever named; the friend sees the workspace's page."""
    program(served)
    assert query(follow(served, "/r/nobody")) == {"lang": ["de"]}
    assert query(follow(served, "/r/...")) == {"lang": ["de"]}
    assert touches(served) == []


def test_an_unknown_host_is_told_so(served: Served) -> None:
    """Without a workspace there is no page to go to."""
    program(served)
    response = follow(served, "/r/Anna10", host="other.example:8443")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_host")


def test_a_workspace_without_a_page_is_told_so(served: Served) -> None:
    """A program without landing_url cannot send anybody anywhere."""
    served.run(served.pool.execute("insert into directory values ('go.example', $1)", served.ws))
    assert follow(served, "/r/Anna10").json()["code"] == "no_landing_page"


def test_a_program_is_recorded_as_a_bot(served: Served) -> None:
    """A crawler's click is kept and marked; it never attributes."""
    program(served)
    enrol(served, "Anna10")
    for agent in ("Googlebot/2.1 (+http://www.google.com/bot.html)", "curl/8.5.0", "facebookexternalhit/1.1"):
        query(follow(served, "/r/Anna10", **{"user-agent": agent}))
    assert [touch.bot for touch in touches(served)] == [True] * 3


def test_head_records_nothing(served: Served) -> None:
    """HEAD tells where the link leads and is no click; other methods are refused."""
    program(served)
    enrol(served, "Anna10")
    assert query(follow(served, "/r/Anna10", "HEAD")) == {"lang": ["de"]}
    assert follow(served, "/r/Anna10", "POST").status_code == 405
    assert touches(served) == []


def test_every_flush_leaves_a_block_whose_digest_covers_its_clicks(served: Served) -> None:
    """Count and SHA-256 of a block follow from its rows alone, and enter the inbox as an event in the same commit."""
    program(served)
    enrol(served, "Anna10")
    for _ in range(5):
        follow(served, "/r/Anna10")
    found = touches(served)
    blocks = served.rows("select id, count, digest from touch_block order by id")
    assert sum(count for _, count, _ in blocks) == len(found) == 5
    for id_, count, digest in blocks:
        mine = [touch for touch in found if touch.block == id_]
        assert count == len(mine)
        assert digest == sha256(b"".join(map(canonical.encode, mine))).digest()
    said = [event for event in served.stored() if isinstance(event, events.TouchesRecorded)]
    assert [(event.block, event.count, bytes.fromhex(event.digest)) for event in said] == blocks
    served.run(drain(served.engine, served.ws))
    entered = [log_entry.read(leaf).event for (leaf,) in served.rows("select leaf from log order by position")]
    assert [event for event in entered if isinstance(event, events.TouchesRecorded)] == said


def test_with_the_database_away_a_known_code_still_redirects(served: Served) -> None:
    """A known code and another one on a known host go on with ``gw_code``; an unknown host gets 503."""
    program(served)
    enrol(served, "Anna10")
    query(follow(served, "/r/Anna10"))
    query(follow(served, "/r/unknown"))
    served.links.save()
    again = Served(served.database, served.folder, like=served)
    with serving(again):
        again.run(again.pool.close())
        assert query(follow(again, "/r/Anna10")) == {"lang": ["de"], "gw_code": ["anna10"]}
        assert query(follow(again, "/r/Berta")) == {"lang": ["de"], "gw_code": ["berta"]}
        response = follow(again, "/r/Anna10", host="never.seen")
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert again.edge.redirects.missed == 2
        with again.client() as client:
            refused = client.post("/v1/events", json={"type": "lead.created", "id": "1", "customer_external_id": "c"})
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert len(touches(served)) == 1


def test_a_click_that_takes_too_long_does_not_hold_the_friend_up(served: Served) -> None:
    """While another transaction holds the table, each friend goes on with ``gw_code`` and is counted; afterwards nobody is."""
    program(served)
    enrol(served, "Anna10")
    query(follow(served, "/r/Anna10"))

    async def hold() -> Any:
        connection = await served.pool.acquire()
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("lock table touch in access exclusive mode")
        return connection, transaction

    async def release(held: Any) -> None:
        await held[1].rollback()
        await served.pool.release(held[0])

    held = served.run(hold())
    try:
        for _ in range(2):
            assert query(follow(served, "/r/Anna10"))["gw_code"] == ["anna10"]
    finally:
        served.run(release(held))
    assert "gw_click" in query(follow(served, "/r/Anna10"))
    assert served.edge.redirects.missed == 2
    assert len(touches(served)) == 4  # what took too long was stored all the same


async def test_patience_ends_only_what_is_late() -> None:
    """Of many that are waited for the late ones end, the oldest first; what is done keeps its result."""
    patience, loop = Patience(0.02), asyncio.get_running_loop()
    for _ in range(2):  # the second time after nobody waited
        ended: list[str] = []
        waited_for = {name: loop.create_future() for name in ("done", "late", "later")}
        for name, one in waited_for.items():
            patience.end(one)
            one.add_done_callback(partial(lambda ended, name, _: ended.append(name), ended, name))
        waited_for["done"].set_result("stored")
        await asyncio.wait(waited_for.values())
        assert ended == ["done", "late", "later"]
        assert waited_for["done"].result() == "stored"
        assert all(isinstance(waited_for[name].exception(), TimeoutError) for name in ("late", "later"))


def test_a_hostile_workspace_is_an_unknown_one(served: Served) -> None:
    """What is no id of a workspace is not looked up; links go on working."""
    program(served)
    enrol(served, "Anna10")
    for path in ("/w/%00/r/x", "/w/'; drop table event/r/x", "/w//r/x", "/w/wsp_01J/r/x"):
        assert follow(served, path).status_code == 404
    assert follow(served, "/r/x", host="\\x00' --").status_code == 404
    assert "gw_click" in query(follow(served, "/r/Anna10"))


def test_hostile_paths_never_break_out_of_the_location(served: Served) -> None:
    """Line feeds, quotes and other schemes in code or query stay inside the query of our own page."""
    program(served)
    enrol(served, "Anna10")
    for path in (
        "/r/Anna10?x=%0d%0aset-cookie:%20a=b",
        '/r/Anna10?"><script>',
        "/r/%0d%0aX:%20y",
        "/r//evil.example",
        "/r/" + "a" * 5_000,
    ):
        response = follow(served, path)
        assert response.status_code == 302
        assert response.headers["location"].startswith("https://shop.example/welcome?lang=de")
        assert "set-cookie" not in response.headers
        assert "<" not in response.headers["location"]
