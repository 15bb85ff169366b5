"""Passwords, second factors and proving again who one is: what is wrong waits, what is right comes in, nothing is used twice."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.console.conftest import Api, Command
from tests.console.test_settings import Others, others
from tests.console.test_sign_in import browser, form, link

from goodword.app import passwords
from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import create
from goodword.core import access, calendar

__all__ = ["browser", "others"]

MAIL, PASSWORD = "olga@shop.example", "four odd words apart"


@pytest.fixture
def inside(api: Api, browser: httpx.Client) -> httpx.Client:
    """Return the owner's browser, signed in by a link, with a password set."""
    browser.post(link(api))
    assert say(browser, "/settings/password", password=PASSWORD).status_code == 303
    return browser


def say(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Send a form of the console as a page of this session has it."""
    token = form(client.get("/console/settings"))
    return client.post(f"/console{path}", data={"form": token, "once": str(time.monotonic_ns()), **fields})


def knock(client: httpx.Client, mail: str = MAIL, password: str = PASSWORD) -> httpx.Response:
    """Sign in by mail and password."""
    return client.post("/console/in", data={"mail": mail, "password": password})


def long_ago(api: Api) -> None:
    """Let all sessions be opened, and proofs given, twenty minutes ago."""
    api.run(api.goodword.pool.execute("update session set sure_at = sure_at - $1", 20 * calendar.MINUTE))


def factor(api: Api, client: httpx.Client) -> tuple[bytes, list[str]]:
    """Turn a second factor on; return its secret and the recovery codes."""
    page = say(client, "/settings/factor")
    assert (page.status_code, "<path" in page.text) == (200, True)
    [typed] = re.findall(r'Or type it: <span class="id">([A-Z2-7 ]+)</span>', page.text)
    secret = passwords.base64.b32decode(typed.replace(" ", ""))
    assert say(client, "/settings/factor/on", code="000000x").status_code == 400
    page = say(client, "/settings/factor/on", code=code(api, secret, -1))
    codes = re.findall(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</li>", page.text)
    assert len(set(codes)) == 10
    return secret, codes


def code(api: Api, secret: bytes, by: int = 0) -> str:
    """The code of this half minute, or of one beside it."""
    return passwords.code_at(secret, api.goodword.directory.now() // (30 * calendar.SECOND) + by)


def test_the_vectors_of_rfc_6238_hold() -> None:
    """The last six of its eight digits, for SHA-1."""
    vectors = {59: "287082", 1_111_111_109: "081804", 1_234_567_890: "005924", 20_000_000_000: "353130"}
    secret = b"12345678901234567890"
    assert {at: passwords.code_at(secret, at // 30) for at in vectors} == vectors
    for by, taken in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        step = passwords.step_of(secret, "005924", (1_234_567_890 + by) * 1_000_000)
        assert (step is not None) == taken


@pytest.mark.parametrize("password", ["short", "a" * 12, "x" * 129, "Password1234", "olga is my name", "abababababab"])
def test_a_password_that_is_guessed_first_is_not_taken(api: Api, browser: httpx.Client, password: str) -> None:
    """Too short, too long, common, of few characters, or with one's mail in it."""
    browser.post(link(api))
    refused = say(browser, "/settings/password", password=password)
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
    assert api.rows("select count(*) from credential where workspace_id = $1") == [(0,)]


def test_a_password_signs_in_and_to_change_it_ends_other_sessions(
    api: Api, inside: httpx.Client, others: Others
) -> None:
    """A wrong one, and a mail that nobody has, are answered alike; of the password nothing readable is kept."""
    one, two = others("one"), others("two")
    assert "Sign in" in one.get("/console").text
    wrong, unknown = knock(one, password="something else!"), knock(one, mail="nobody@shop.example")
    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert wrong.text.replace(MAIL, "") == unknown.text.replace("nobody@shop.example", "")
    before = dict(one.cookies)
    assert knock(one).status_code == 303
    assert one.get("/console").status_code == 200
    assert before.get("goodword_session") != one.cookies["goodword_session"]
    assert knock(two, mail="OLGA@shop.example").status_code == 303
    assert say(one, "/settings/password", password="another four words").status_code == 303
    assert [client.get("/console").status_code for client in (one, two, inside)] == [200, 401, 401]
    assert knock(two).status_code == 403
    assert knock(two, password="another four words").status_code == 303
    [(kept,)] = api.rows("select password from credential where workspace_id = $1")
    assert len(kept) == 32


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_no_other_site_signs_somebody_in(
    api: Api, inside: httpx.Client, others: Others, headers: dict[str, str]
) -> None:
    """Else a visitor would work under somebody else's name."""
    assert inside
    client = others("x")
    answer = client.post("/console/in", data={"mail": MAIL, "password": PASSWORD}, headers=headers)
    assert (answer.status_code, "goodword_session" in client.cookies) == (403, False)
    assert api.rows("select count(*) from session where workspace_id = $1") == [(1,)]


def test_who_guesses_waits_and_an_honest_person_comes_in(api: Api, inside: httpx.Client, others: Others) -> None:
    """Many tries at once are counted as many; a right password is looked at after the wait, a link at once."""
    assert inside

    def guess(n: int) -> int:
        return httpx.post(f"{api.url}/console/in", data={"mail": MAIL, "password": f"wrong word {n}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(8)))
    assert set(answers) <= {403, 429}
    counted = api.rows("select max(failed) from attempt where $1 <> ''")
    assert counted == [(answers.count(403),)]
    client = others("honest")
    later = api.goodword.directory.now() + calendar.MINUTE
    api.run(api.goodword.pool.execute("update attempt set until = $1", later))
    waits = knock(client)
    assert waits.status_code == 429
    assert 1 <= int(waits.headers["retry-after"]) <= 900
    assert client.post(link(api)).status_code == 303
    api.run(api.goodword.pool.execute("update attempt set until = 0"))
    assert knock(client).status_code == 303
    assert knock(client, password="wrong again, sorry").status_code == 403  # nothing of before is counted


def test_a_code_is_asked_for_and_used_once(api: Api, inside: httpx.Client, others: Others) -> None:
    """After the password and after a link; two browsers at once with one code are one session, and it cannot be said again."""
    secret, _ = factor(api, inside)
    halves = [knock(others(str(n))) for n in range(2)]
    places = [half.headers["location"] for half in halves]
    assert all("/console/in/" in place for place in places)
    assert 'name="code"' in others("look").get(places[0]).text
    assert others("none").post(places[0]).status_code == 403
    now = code(api, secret)
    with ThreadPoolExecutor(2) as pool:
        came = sorted(pool.map(lambda place: httpx.post(api.url + place, data={"code": now}).status_code, places))
    assert came == [303, 403]
    third = others("third")
    place = link(api)
    assert third.post(place, data={"code": now}).status_code == 403
    assert third.get("/console").status_code == 401
    assert third.post(place, data={"code": code(api, secret, 1)}).status_code == 303
    assert third.get("/console").status_code == 200


def test_a_page_opens_nobody_elses_mail(api: Api, inside: httpx.Client) -> None:
    """Only the mail of who asks is opened: that a colleague's cannot be keeps nobody out of their own account."""
    api.member("otto", "support")
    broken = "update alias set sealed = sealed || '\\x00'::bytea where workspace_id = $1 and kind = 'member' and id = any($2)"
    listed = inside.get("/console/settings/members", headers={"accept": "application/json"}).json()["members"]
    others = [one["member"]["id"] for one in listed if one["mail"] != MAIL]
    assert api.run(api.goodword.pool.execute(broken, api.ws, others)) == "UPDATE 1"
    assert MAIL in inside.get("/console/settings").text
    assert say(inside, "/settings/password", password="another four words").status_code == 303
    assert knock(inside, password="another four words").status_code == 303


def test_a_secret_is_shown_once_and_a_new_one_replaces_it(api: Api, inside: httpx.Client) -> None:
    """On the page that makes it alone; until its first code the account says that it waits, and no page has it."""
    secrets = []
    for _ in range(2):
        page = say(inside, "/settings/factor")
        [typed] = re.findall(r'Or type it: <span class="id">([A-Z2-7 ]+)</span>', page.text)
        secrets.append(typed)
        for accept in ("text/html", "application/json"):
            later = inside.get("/console/settings", headers={"accept": accept}).text
            assert not [text for text in (typed, typed.replace(" ", ""), "otpauth", "<path class=") if text in later]
        assert "waits for its first code" in inside.get("/console/settings").text
    first, second = (passwords.base64.b32decode(typed.replace(" ", "")) for typed in secrets)
    assert say(inside, "/settings/factor/on", code=code(api, first)).status_code == 400
    assert say(inside, "/settings/factor/on", code=code(api, second)).status_code == 200


def test_a_recovery_code_lets_in_once(api: Api, inside: httpx.Client, others: Others) -> None:
    """Instead of a code, however it is typed; only hashes are kept."""
    _, codes = factor(api, inside)
    client = others("lost phone")
    place = knock(client).headers["location"]
    assert client.post(place, data={"code": codes[0].upper().replace("-", " ")}).status_code == 303
    place = knock(client).headers["location"]
    assert client.post(place, data={"code": codes[0]}).status_code == 403
    [(kept,)] = api.rows("select codes from credential where workspace_id = $1")
    assert [len(each) for each in kept] == [32] * 9


def test_codes_are_not_tried_at_will(api: Api, inside: httpx.Client) -> None:
    """Who has the password, or a link, and no code waits longer and longer."""
    secret, _ = factor(api, inside)
    place = link(api)
    tries: list[int] = []
    while 429 not in tries and len(tries) < 40:  # each wait is twice the one before: longer than any try, however slow
        tries.append(httpx.post(api.url + place, data={"code": f"{len(tries):06d}"}).status_code)
    assert tries[0] == 403
    assert tries[-1] == 429
    later = api.goodword.directory.now() + calendar.MINUTE
    api.run(api.goodword.pool.execute("update attempt set until = $1", later))
    assert httpx.post(api.url + place, data={"code": code(api, secret, 1)}).status_code == 429
    api.run(api.goodword.pool.execute("update attempt set until = 0"))
    assert httpx.post(api.url + place, data={"code": code(api, secret, 1)}).status_code == 303


def test_what_matters_asks_again_and_goes_on_with_the_form(api: Api, inside: httpx.Client) -> None:
    """A browser that was left open makes no key: the password or a code is asked for, once in 15 minutes."""
    long_ago(api)
    asked = say(inside, "/settings/keys", kind="sk", name="of a <b>thief</b>")
    assert asked.status_code == 403
    assert 'name="proof"' in asked.text
    assert "of a &lt;b&gt;thief" in asked.text
    keys = inside.get("/console/settings/keys", headers={"accept": "application/json"}).json()["keys"]
    assert all("thief" not in key["name"] for key in keys)
    wrong = say(inside, "/settings/keys", kind="sk", name="x", proof="not my password")
    assert (wrong.status_code, "not my password" in wrong.text) == (403, False)
    twin = inside.post(
        "/console/settings/keys",
        data={"form": form(inside.get("/console")), "once": "t", "kind": "sk"},
        headers={"accept": "application/json"},
    )
    assert (twin.status_code, twin.json()["code"]) == (403, "not_sure")
    assert "gw_sk_sandbox_" in say(inside, "/settings/keys", kind="sk", name="mine", proof=PASSWORD).text
    assert "gw_sk_sandbox_" in say(inside, "/settings/keys", kind="sk", name="two").text
    secret, _ = factor(api, inside)
    long_ago(api)
    assert say(inside, "/settings/keys", kind="sk", name="no", proof=PASSWORD).status_code == 403
    now = code(api, secret)
    assert "gw_sk_sandbox_" in say(inside, "/settings/keys", kind="sk", name="yes", proof=now).text
    long_ago(api)
    assert say(inside, "/settings/keys", kind="sk", name="again", proof=now).status_code == 403


def test_who_has_neither_signs_in_anew(api: Api, browser: httpx.Client) -> None:
    """A link is the proof; the page says how to get one."""
    browser.post(link(api))
    long_ago(api)
    asked = say(browser, "/settings/password", password=PASSWORD)
    assert (asked.status_code, "goodword console link" in asked.text) == (403, True)
    browser.post(link(api))
    assert say(browser, "/settings/password", password=PASSWORD).status_code == 303


def test_an_owner_lets_a_member_who_lost_all_come_by_a_link(api: Api, inside: httpx.Client, others: Others) -> None:
    """Password and second factor are forgotten and sessions end; nobody learns either."""
    api.member("otto", "support")
    [(otto,)] = api.rows("select id from alias where workspace_id = $1 and kind = 'member' order by id desc limit 1")
    client = others("otto")
    client.post(link(api, otto))
    say(client, "/settings/password", password=PASSWORD)
    factor(api, client)
    assert say(inside, f"/settings/members/{otto}/forget").status_code == 303
    assert client.get("/console").status_code == 401
    assert knock(client, "otto@shop.example").status_code == 403
    assert client.post(link(api, otto)).status_code == 303
    assert [one["what"] for one in api.get("/v1/looks", subject=otto)["items"]] == ["forgotten"]


def test_the_holder_of_the_database_helps_who_lost_their_phone(
    api: Api, inside: httpx.Client, others: Others, goodword: Command
) -> None:
    """After the command a link signs in without a code, the sessions of before have ended, and the log says so."""
    factor(api, inside)
    assert goodword("console", "forget", "nobody@shop.example").returncode == 1
    done = goodword("console", "forget", "Olga@Shop.example")
    assert done.returncode == 0, done.stderr
    assert "goodword console link" in done.stdout
    assert inside.get("/console").status_code == 401
    olga = api.get("/v1/members")["items"][0]["id"]
    assert [one["what"] for one in api.get("/v1/looks", subject=olga)["items"]] == ["forgotten"]
    client, printed = others("another phone"), goodword("console", "link", "olga@shop.example").stdout.strip()
    assert client.post(printed[printed.index("/console/in/") :]).status_code == 303
    assert client.get("/console").status_code == 200


def test_what_asks_again_is_what_gives_rights_or_moves_money() -> None:
    """By the table of actions, so that no form can be forgotten."""
    rights = {
        "key.manage",
        "webhook.manage",
        "member.manage",
        "change.decide",
        "change.answer",
        "account.secure",
        "routing.publish",
        "debtor.set",
        "tax_reporting.set",
        "rail.manage",
        "standing.grant",
    }
    assert rights | {"payout.release"} == access.SURE
    assert set(access.ACTIONS) >= access.SURE


def other_workspace(api: Api, owner: str) -> str:
    """Make another workspace, whose owner has this mail; return its id."""
    made = api.run(create(OPERATOR, api.goodword.directory, "elsewhere", owner))
    return str(made.id)


def switch(client: httpx.Client, workspace: str, **fields: str) -> httpx.Response:
    """Press the button that leads to another workspace."""
    token = form(client.get("/console/workspaces"))
    return client.post(f"/console/workspaces/{workspace}", data={"form": token, **fields})


def test_one_goes_on_where_the_same_mail_is_a_member(api: Api, inside: httpx.Client) -> None:
    """Without a new sign-in, no surer of who they are; the session before is over. Where it is nobody's, nothing is shown or done."""
    there, foreign = other_workspace(api, MAIL), other_workspace(api, "eve@evil.example")
    places = inside.get("/console/workspaces", headers={"accept": "application/json"}).json()["places"]
    assert {place["id"]: place["here"] for place in places} == {api.ws: True, there: False}
    assert switch(inside, foreign).status_code == 404
    assert switch(inside, "wsp_none").status_code == 404
    assert inside.post(f"/console/workspaces/{there}", data={"form": "0" * 64}).status_code == 403
    assert inside.post(f"/console/workspaces/{there}", headers={"origin": "https://evil.example"}).status_code == 403
    long_ago(api)
    before = dict(inside.cookies)
    assert switch(inside, there).status_code == 303
    assert "elsewhere" in inside.get("/console").text
    assert httpx.get(api.url + "/console", cookies=before).status_code == 401
    assert say(inside, "/settings/keys", kind="sk", name="x").status_code == 403  # still asked who they are
    assert switch(inside, api.ws).status_code == 303


def test_where_a_second_factor_is_on_its_code_is_asked_for(api: Api, inside: httpx.Client, others: Others) -> None:
    """To go to a workspace is no way around it."""
    there = other_workspace(api, MAIL)
    secret, _ = factor(api, inside)
    assert switch(inside, there).status_code == 303
    back = switch(inside, api.ws)
    place = back.headers["location"]
    assert "/console/in/" in place
    assert "elsewhere" in inside.get("/console").text
    assert inside.post(place).status_code == 403
    assert inside.post(place, data={"code": code(api, secret)}).status_code == 303
    assert "elsewhere" not in inside.get("/console").text
    assert others("nobody").post(place, data={"code": code(api, secret, 1)}).status_code == 404


def test_with_a_member_s_sessions_end_the_links_that_are_out(api: Api, inside: httpx.Client, others: Others) -> None:
    """Who has a password and no code waits at the door: an owner who forgets the member's factor lets nobody in there."""
    factor(api, inside)
    thief, place = others("thief"), knock(others("thief")).headers["location"]
    invitation = link(api)
    owner = inside.get("/console/settings", headers={"accept": "application/json"}).json()["member"]
    assert say(inside, f"/settings/members/{owner}/forget").status_code == 303
    assert [thief.post(address).status_code for address in (place, invitation)] == [404, 404]
    again = others("again")
    assert again.post(link(api)).status_code == 303
    left = link(api)
    assert say(again, "/settings/sessions").status_code == 303
    assert thief.post(left).status_code == 404
    left = link(api)
    assert say(again, "/settings/password", password=PASSWORD).status_code == 303
    assert thief.post(left).status_code == 404
    assert again.get("/console").status_code == 200
