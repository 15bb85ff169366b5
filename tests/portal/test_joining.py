"""How people join by themselves: nobody before their mailbox was confirmed, as whoever they are, and as far as the rules let them."""

import io
import json
import re
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.api.conftest import RULES, Api
from tests.console.test_mail import Box, box
from tests.portal.test_coming_in import browser
from tests.portal.test_friends import text

from goodword.app import say
from goodword.app.follow import portal_mail
from goodword.app.joining import Joining
from goodword.app.principal import OPERATOR
from goodword.portal import colours
from goodword.sources import import_file
from goodword.store import portal
from goodword.store.jobs import Leased

__all__ = ["box", "browser"]

OPEN = RULES + '\nrequires_terms: true\nsharing:\n  join: open\n  colour: "#e8e8e8"\n'
AGREED = {"mail": "Zoë.Wünsch@shop.example", "agreed": "yes"}
JOBS = "select count(*), count(done_at) from job where workspace_id = $1 and kind = 'portal_mail'"


@pytest.fixture
def shop(api: Api, box: tuple[Box, Any]) -> Api:
    """A program that anybody may join, and a real server of mail."""
    api.mails, api.goodword.directory.post = box  # type: ignore[attr-defined]
    assert api.call("owner", "POST", "/v1/programs", json={"document": OPEN}).is_success
    return api


def _mails(shop: Api) -> Box:
    box: Box = shop.mails  # type: ignore[attr-defined]
    return box


def _at(shop: Api) -> str:
    [program] = shop.get("/v1/programs")["items"]
    return f"/portal/{shop.ws}/join/{program['slug']}"


def _page(shop: Api, browser: httpx.Client) -> httpx.Response:
    return browser.get(_at(shop))


def _ask(shop: Api, browser: httpx.Client, **more: str) -> httpx.Response:
    return browser.post(_at(shop), data={**AGREED, **more})


def _link(shop: Api, browser: httpx.Client, **more: str) -> str:
    """Ask, and return the path of the link that came."""
    box, before = _mails(shop), len(_mails(shop).mails)
    answer = _ask(shop, browser, **more)
    assert answer.status_code == 200, answer.text
    shop.until(lambda: len(box.mails) > before)
    said = box.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return re.findall(rf"{re.escape(shop.url)}(/portal/\S+/in/[\w-]+)", said)[0]


def _log(shop: Api) -> str:
    return b"".join(row[0] for row in shop.rows("select leaf from log where workspace_id = $1")).decode(
        errors="replace"
    )


def _advocates(shop: Api) -> list[dict[str, Any]]:
    return list(shop.get("/v1/advocates")["items"])


def test_who_confirms_their_mail_joins_and_nobody_before(shop: Api, browser: httpx.Client) -> None:
    """The form and looking at the link enrol nobody; the button does, once, and records what was agreed to."""
    page = _page(shop, browser)
    assert page.status_code == 200
    assert 'type="checkbox"' in page.text
    assert "checked" not in page.text
    assert "<script" not in page.text
    link = _link(shop, browser, name="Zoë <b>Wünsch</b>")
    assert _mails(shop).to == [["Zoë.Wünsch@shop.example"]]
    assert browser.get(link).status_code == 200
    assert (_advocates(shop), shop.rows("select count(*) from person where workspace_id = $1")) == ([], [(0,)])
    done = browser.post(link)
    assert (done.status_code, done.headers["location"]) == (303, f"/portal/{shop.ws}")
    [it] = _advocates(shop)
    assert browser.post(link).status_code == 404
    person = shop.get(f"/v1/people/{it['person']}")
    assert person["external_id"] == "mail:zoë.wünsch@shop.example"
    [(agreed,)] = shop.rows("select consents::text from customer where workspace_id = $1")
    assert json.loads(agreed)["advocate"]["given"] is True
    assert "w\u00fcnsch" not in _log(shop).lower()
    again = _link(shop, browser)
    assert browser.post(again).status_code == 303
    assert [one["id"] for one in _advocates(shop)] == [it["id"]]


def test_what_was_said_goes_with_its_link_and_no_job_keeps_it(shop: Api, browser: httpx.Client) -> None:
    """A link that nobody followed goes by itself when it is over, and what mailed it forgets what was said; so does what never will."""
    kept = "select count(*), count(joining) from portal_link where workspace_id = $1"
    said = "select count(*), count(payload -> 'joining') from job where workspace_id = $1 and kind = 'portal_mail'"
    ws, directory = shop.ws, shop.goodword.directory
    _link(shop, browser)
    shop.until(lambda: shop.rows(said) == [(1, 0)])
    [(ends,)] = shop.rows("select expires_at from portal_link where workspace_id = $1")

    async def expire(now: int) -> None:
        async with shop.goodword.pool.acquire() as conn:
            await portal.expire(conn, now)

    shop.run(expire(ends - 1))
    assert shop.rows(kept) == [(1, 1)]
    shop.run(expire(ends))
    assert shop.rows(kept) == [(0, 0)]
    post, directory.post = directory.post, None

    async def given_up(attempts: int) -> Exception:
        async with shop.goodword.pool.acquire() as conn:
            workspace = await directory.workspace(ws)
            asked = Joining("main", AGREED["mail"])
            await portal_mail.enqueue(conn, workspace, str(attempts), AGREED["mail"], directory.now(), asked)
            sql = "update job set due_at = due_at + 3600000000 where workspace_id = $1 and id = $2 returning payload::text"
            payload = await conn.fetchval(sql, ws, f"portal_mail:{attempts}")
        job = Leased(f"portal_mail:{attempts}", "portal_mail", str(attempts), attempts, payload)
        [error] = (await portal_mail.kinds(directory)["portal_mail"].do(ws, [job])).values()
        return error

    assert "no mail server" in str(shop.run(given_up(1)))
    assert shop.rows(said) == [(2, 1)]
    assert "no mail server" in str(shop.run(given_up(12)))
    assert shop.rows(said) == [(3, 1)]
    directory.post = post


def test_one_answer_whoever_asks(shop: Api, browser: httpx.Client) -> None:
    """Known or not: the same bytes and one job; only the mailbox hears more. What is no form of ours does nothing."""
    shop.send(sent.enrolled("a", "ann", "ANN", email="ann@shop.example"))
    answers = [_ask(shop, browser, mail=mail) for mail in ("ann@shop.example", "new@shop.example")]
    assert {(it.status_code, it.text) for it in answers} == {(200, answers[0].text)}
    shop.until(lambda: shop.rows(JOBS) == [(2, 2)])
    assert sorted(_mails(shop).to) == [["ann@shop.example"], ["new@shop.example"]]
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert browser.post(_at(shop), data=AGREED, headers=elsewhere).status_code == 403
    assert shop.rows(JOBS) == [(2, 2)]
    assert "new@" not in str(shop.rows("select payload from job where workspace_id = $1"))


def test_what_is_missing_is_said_and_nothing_is_mailed(shop: Api, browser: httpx.Client) -> None:
    """Without the tick, and with what is no address; what was typed stands there again, escaped."""
    for more, said in (({"agreed": ""}, "tick"), ({"mail": 'no"mail', "name": "<i>"}, "no mail address")):
        answer = _ask(shop, browser, **more)
        assert answer.status_code == 409
        assert said in text(answer)
        assert "<i>" not in answer.text
    assert shop.rows(JOBS) == [(0, 0)]


def test_a_mailbox_is_asked_so_often_and_no_more(shop: Api, browser: httpx.Client) -> None:
    """Whoever asks, and whether to join or to come in."""
    asked = [_ask(shop, browser).status_code for _ in range(2)]
    asked.append(browser.post(f"/portal/{shop.ws}/in", data={"mail": AGREED["mail"]}).status_code)
    asked.append(_ask(shop, browser).status_code)
    assert asked == [200, 200, 200, 429]


def test_who_is_known_stays_who_they_are(shop: Api, browser: httpx.Client) -> None:
    """Whose mail a trusted source said is that person, at the mailbox as it wrote it; of several one is chosen."""
    shop.send(sent.purchase("p", "carl", "i", 100, customer_email="carl@shop.example"))
    assert browser.post(_link(shop, browser, mail="Carl@Shop.example")).status_code == 303
    [it] = _advocates(shop)
    assert it["person"] == shop.person("carl")
    assert _mails(shop).to == [["carl@shop.example"]]
    for name in ("eve", "eva"):
        shop.send({"type": "customer.updated", "id": name, "customer_external_id": name, "email": "eve@shop.example"})
    link = _link(shop, browser, mail="eve@shop.example")
    assert browser.post(link).status_code == 409
    assert browser.post(link, data={"account": shop.person("eva")}).status_code == 303
    assert {one["person"] for one in _advocates(shop)} == {shop.person("carl"), shop.person("eva")}


def test_a_page_key_makes_nobody_the_owner_of_a_mailbox(shop: Api, browser: httpx.Client) -> None:
    """Whom anybody named beside somebody's mail is not who joins by it, and learns nothing of them."""
    lead = sent.lead("l", "mallory", customer_email="new@shop.example")
    headers = {"authorization": f"Bearer {shop.keys['pk']}"}
    assert shop.http.post("/v1/events", json=[lead], headers=headers).json()["items"][0]["status"] == "accepted"
    assert browser.post(_link(shop, browser, mail="new@shop.example")).status_code == 303
    assert [one["person"] for one in _advocates(shop)] != [shop.person("mallory")]


def test_a_program_for_customers_takes_nobody_else(shop: Api, browser: httpx.Client) -> None:
    """Who is unknown gets no mail; who is known and never was a customer is told so, and is not enrolled."""
    document = OPEN.replace("join: open", "join: open\n  joiners: customers")
    assert shop.call("owner", "POST", "/v1/programs", json={"document": document}).is_success
    shop.send({"type": "customer.updated", "id": "u", "customer_external_id": "lee", "email": "lee@shop.example"})
    shop.send(sent.purchase("p", "carl", "i", 100, customer_email="carl@shop.example"))
    assert _ask(shop, browser, mail="new@shop.example").status_code == 200
    shop.until(lambda: shop.rows(JOBS) == [(1, 1)])
    assert _mails(shop).mails == []
    refused = browser.post(_link(shop, browser, mail="lee@shop.example"))
    assert (refused.status_code, "for customers" in text(refused)) == (409, True)
    assert "set-cookie" not in refused.headers
    assert _advocates(shop) == []
    shop.move("2026-03-02T10:00:00Z")
    assert browser.post(_link(shop, browser, mail="carl@shop.example")).status_code == 303
    assert len(_advocates(shop)) == 1


def test_a_program_that_lets_nobody_join_is_not_told_from_none(shop: Api, browser: httpx.Client) -> None:
    """Closed and unknown are the same bytes; a link of before enrols nobody once it is closed or paused."""
    link = _link(shop, browser)
    [program] = shop.get("/v1/programs")["items"]
    shop.say("owner", f"/v1/programs/{program['id']}/pause", {})
    assert (browser.post(link).status_code, _advocates(shop)) == (409, [])
    assert "is paused" in text(_page(shop, browser))
    assert shop.call("owner", "POST", "/v1/programs", json={"document": RULES}).is_success
    gone = browser.get(f"/portal/{shop.ws}/join/nothing")
    assert (_page(shop, browser).status_code, _page(shop, browser).text) == (404, gone.text)
    assert (browser.post(link).status_code, _advocates(shop)) == (409, [])


def test_a_colour_stays_readable(shop: Api, browser: httpx.Client) -> None:
    """Every colour becomes one that text of it can be read in, on light and on dark; what is none is no style sheet."""
    assert f"/portal/{shop.ws}/colour/e8e8e8.css" in _page(shop, browser).text
    answer = browser.get(f"/portal/{shop.ws}/colour/e8e8e8.css")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    for part in range(0, 256, 15):
        for other in (0, 128, 255):
            sheet = colours.sheet(bytes((part, other, 255 - part)).hex()) or ""
            light, dark = re.findall(r"--accent: light-dark\(#(\w{6}), #(\w{6})\)", sheet)[0]
            assert colours.contrast(tuple(bytes.fromhex(light)), (0xF2, 0xF2, 0xED)) >= 4.5
            assert colours.contrast(tuple(bytes.fromhex(dark)), (0x1D, 0x21, 0x1F)) >= 4.5
    for wrong in ("E8E8E8", "red", "e8e8e8;", "../e8e8e8", "e8e8e80"):
        assert browser.get(f"/portal/{shop.ws}/colour/{wrong}.css").status_code == 404


def test_the_present_terms_are_accepted_by_version(shop: Api, browser: httpx.Client) -> None:
    """Whoever comes in is shown them before their page, accepts what was shown and nothing else, and is asked anew of other ones."""
    assert browser.post(_link(shop, browser)).status_code == 303
    home = f"/portal/{shop.ws}"
    at = browser.get(home).headers["location"]
    page = browser.get(at)
    [program] = shop.get("/v1/programs")["items"]
    [shown] = re.findall(r'name="rules" value="(\w+)"', page.text)
    assert shown == program["versions"][-1]["rules"]
    assert len(re.findall(r"<li>", page.text)) >= 3
    assert browser.get(f"{home}?later=1").status_code == 200
    form = re.findall(r'name="form" value="(\w+)"', page.text)[0]
    assert browser.post(at, data={"form": "x", "rules": shown}).status_code == 403
    other = OPEN.replace("hold: 14d", "hold: 15d") if "hold: 14d" in OPEN else OPEN + "hold: 15d\n"
    assert shop.call("owner", "POST", "/v1/programs", json={"document": other}).is_success
    changed = browser.post(at, data={"form": form, "rules": shown})
    assert "changed" in changed.headers["location"]
    newest = re.findall(r'name="rules" value="(\w+)"', browser.get(changed.headers["location"]).text)[0]
    assert newest != shown
    done = browser.post(at, data={"form": form, "rules": newest})
    assert done.headers["location"] == f"{home}/share/{program['slug']}"
    assert browser.get(done.headers["location"]).status_code == 200
    assert browser.get(home).status_code == 200
    assert shop.rows("select accepted, terms from advocate where workspace_id = $1") == [(newest, True)]
    assert newest in _log(shop)
    assert shop.call("owner", "POST", "/v1/programs", json={"document": OPEN}).is_success
    assert browser.get(home).headers["location"] == at


def test_nobody_accepts_for_somebody_else(shop: Api, browser: httpx.Client) -> None:
    """Without a session there is only the door, and where one takes no part there is nothing."""
    [program] = shop.get("/v1/programs")["items"]
    at = f"/portal/{shop.ws}/accept/{program['slug']}"
    assert browser.get(at).headers["location"].endswith("/in")
    assert browser.post(at, data={"rules": "x"}).headers["location"].endswith("/in")


def test_a_list_enrols_who_agreed_and_sends_nothing(shop: Api) -> None:
    """Consent and enrolment stand in the log, the same file again changes nothing, and no mail is due."""
    text = b"external_id,email,consent.outcome,consent.purpose\nann,ann@shop.example,given,advocate\nbob,,revoked,advocate\n"
    ws, directory = shop.run(shop.goodword.directory.workspace(shop.ws)), shop.goodword.directory

    async def taken() -> list[str]:
        rows = import_file.rows(io.BytesIO(text), "advocates")
        return [it.became async for piece in say.imports.take(OPERATOR.at(ws), directory, rows.pieces) for it in piece]

    assert shop.run(taken()) == ["imported"] * 3
    assert shop.run(taken()) == ["there_already"] * 3
    [it] = _advocates(shop)
    assert it["person"] == shop.person("ann")
    consents = shop.rows("select person, consents::text from customer where workspace_id = $1")
    assert {who: json.loads(said)["advocate"]["given"] for who, said in consents} == {
        shop.person("ann"): True,
        shop.person("bob"): False,
    }
    assert shop.rows(JOBS) == [(0, 0)]
    assert _mails(shop).mails == []


def test_a_rule_enrols_who_agreed_behind_their_order(shop: Api) -> None:
    """Who did not agree is told why, who does then is enrolled, with a code that leads to them; no mail is due."""
    document = OPEN + "enrol: {nth: 2}\n"
    assert shop.call("owner", "POST", "/v1/programs", json={"document": document}).is_success
    shop.send(sent.purchase("p1", "carl", "i1", 100), sent.purchase("p2", "carl", "i2", 100))
    refused = shop.decided(sent.purchase("p3", "carl", "i3", 100))["decision"]["verdicts"][-1]
    assert (refused["about"], refused["refusal"], _advocates(shop)) == ("enrolment", "consent_to_join_missing", [])
    agreed = {
        "type": "consent.recorded",
        "id": "c",
        "customer_external_id": "carl",
        "purpose": "advocate",
        "outcome": "given",
    }
    shop.send(agreed)
    [it] = _advocates(shop)
    assert it["person"] == shop.person("carl")
    assert shop.get(f"/v1/advocates/{it['id']}/sharing")["link"]["url"]
    assert shop.rows(JOBS) == [(0, 0)]


def test_where_people_join_is_shown_to_staff(shop: Api) -> None:
    """The address that works, where the rules open it, as long as the program goes on; with closed rules there is none."""
    [program] = shop.get("/v1/programs")["items"]
    assert program["join"] == shop.url + _at(shop)
    assert shop.http.get(program["join"].removeprefix(shop.url)).status_code == 200
    assert shop.call("owner", "POST", "/v1/programs", json={"document": RULES}).is_success
    assert [it["join"] for it in shop.get("/v1/programs")["items"]] == [None]
    assert shop.call("owner", "POST", "/v1/programs", json={"document": OPEN}).is_success
    assert [it["join"] for it in shop.get("/v1/programs")["items"]] == [program["join"]]
    shop.say("owner", f"/v1/programs/{program['id']}/end", {})
    assert [it["join"] for it in shop.get("/v1/programs")["items"]] == [None]
