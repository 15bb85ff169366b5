"""How somebody comes to their page: by a mailed link or a token of the company's own app, once, as themselves and as nobody else."""

import base64
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit import sent, tokens
from testkit.tokens import token
from tests.console.test_mail import Box, box
from tests.portal.conftest import OURS, Api

from goodword.app import portal_in, say, signed
from goodword.app.follow import portal_mail
from goodword.app.principal import OPERATOR

__all__ = ["box"]

ANN = "Ann@Shop.example"


@pytest.fixture
def mails(api: Api, box: tuple[Box, Any]) -> Box:
    """A real server of mail, and three people: two with one mail, one with another."""
    kept, api.goodword.directory.post = box
    api.send(
        sent.enrolled("a", "ann", "ANN", email=ANN),
        sent.enrolled("e", "eve", "EVE", email="eve@shop.example"),
        sent.enrolled("e2", "eve two", "EVE2", email="eve@shop.example"),
    )
    return kept


@pytest.fixture
def browser(api: Api) -> Iterator[httpx.Client]:
    """A browser in which nobody was yet."""
    with httpx.Client(base_url=api.url, timeout=30, trust_env=False, headers=OURS) as client:
        yield client


def _ask(api: Api, browser: httpx.Client, mail: str, **headers: str) -> httpx.Response:
    return browser.post(f"/portal/{api.ws}/in", data={"mail": mail}, headers=headers)


def _links(api: Api, mails: Box, many: int) -> list[str]:
    """The paths of the links that came, once so many mails did."""
    api.until(lambda: len(mails.mails) >= many)
    texts = [mail.get_body(("plain",)).get_content() for mail in mails.mails]  # type: ignore[union-attr]
    return [re.findall(rf"{re.escape(api.url)}(/portal/\S+/in/[\w-]+)", text)[0] for text in texts]


def _mailed(api: Api, browser: httpx.Client, mails: Box, mail: str = ANN) -> str:
    assert _ask(api, browser, mail).status_code == 200
    return _links(api, mails, len(mails.mails) + 1)[-1]


def _home(api: Api, browser: httpx.Client) -> httpx.Response:
    return browser.get(f"/portal/{api.ws}")


def test_a_link_that_is_mailed_signs_in_once_and_looking_uses_nothing(
    api: Api, mails: Box, browser: httpx.Client
) -> None:
    """From the form to the page and out again; the second who presses, and whoever comes after, gets nothing."""
    assert _home(api, browser).headers["location"] == f"/portal/{api.ws}/in"
    assert "Lost the link that you share?" in browser.get(f"/portal/{api.ws}/in").text
    link = _mailed(api, browser, mails)
    assert mails.to == [["Ann@Shop.example"]]
    assert "the link that you share" in str(mails.mails[0].get_body(("plain",)))
    for _ in range(2):
        assert browser.head(link).status_code == browser.get(link).status_code == 200
    assert browser.post(link, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    done = browser.post(f"{link}?next=//evil.example", data={"next": "https://evil.example"})
    assert (done.status_code, done.headers["location"]) == (303, f"/portal/{api.ws}")
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = re.findall(r"=([\w-]{43});", cookie)[0]
    assert api.rows("select hash from portal_session where workspace_id = $1") == [(sha256(token.encode()).digest(),)]
    page = _home(api, browser)
    assert page.status_code == 200
    assert f"/w/{api.ws}/r/ANN" in page.text, "a lost link is found so"
    guess = browser.get(f"/portal/{api.ws}/in/{'x' * 43}")
    for again in (browser.get(link), browser.post(link)):
        assert (again.status_code, again.text) == (404, guess.text)
    out = f"/portal/{api.ws}/out"
    assert browser.post(out, data={"form": "wrong"}).status_code == 403
    form = re.findall(r'name="form" value="(\w+)"', page.text)[0]
    assert browser.post(out, data={"form": form}).status_code == 200
    browser.cookies.set(f"goodword-{api.ws}", token)
    assert _home(api, browser).status_code == 303


def test_the_mail_is_in_the_language_of_whose_it_is_or_of_the_page_that_asked(
    api: Api, mails: Box, browser: httpx.Client
) -> None:
    """What somebody chose goes before what the browser likes."""
    api.send({"type": "customer.updated", "id": "l", "customer_external_id": "ann", "language": "es-MX"})
    for number, (mail, subject) in enumerate(((ANN, "Tu enlace a test"), ("eve@shop.example", "Dein Link zu test"))):
        assert _ask(api, browser, mail, **{"accept-language": "de-AT"}).status_code == 200
        api.until(lambda wanted=number: len(mails.mails) > wanted)
        assert mails.mails[number]["subject"] == subject


def test_the_answer_and_what_is_done_for_it_do_not_tell_whether_a_mail_is_known(
    api: Api, mails: Box, browser: httpx.Client
) -> None:
    """The same bytes, and one job each; only who is known gets a mail, at the address of the settings whatever host was asked."""
    answers = [_ask(api, browser, mail, host="evil.example") for mail in (ANN, "nobody@shop.example", "no mail\0")]
    assert {(it.status_code, it.text) for it in answers} == {(200, answers[0].text)}
    jobs = "select count(*), count(done_at) from job where workspace_id = $1 and kind = 'portal_mail'"
    api.until(lambda: api.rows(jobs) == [(3, 3)])
    assert len(_links(api, mails, 1)) == 1
    assert ANN not in str(api.rows("select payload from job where workspace_id = $1 and kind = 'portal_mail'"))
    assert [_ask(api, browser, ANN).status_code for _ in range(4)][-1] == 429


def test_a_form_that_is_not_ours_ends_no_session(api: Api, browser: httpx.Client) -> None:
    """Whatever it says is refused, and never a mistake of ours."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    assert browser.post(f"/portal/{api.ws}/in/{token(secret_of(api), claims_of(api))}").status_code == 303
    assert browser.post(f"/portal/{api.ws}/out", data={"form": "fälsch"}).status_code == 403
    assert _home(api, browser).status_code == 200


def test_who_asks_too_often_keeps_nobody_else_out(api: Api, mails: Box, browser: httpx.Client) -> None:
    """What one address sends counts for that address, and neither for others nor for who signs in elsewhere."""
    link = _mailed(api, browser, mails)
    text = token(secret_of(api), claims_of(api))
    answers = [browser.post(f"/portal/{api.ws}/in/x").status_code for _ in range(60)]
    assert answers[:20] == [404] * 20
    assert 429 in answers
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=api.url, transport=transport, timeout=30, headers=OURS) as other:
        assert _ask(api, other, "eve@shop.example").status_code == 200
        assert other.post(link).status_code == 303
        assert other.post(f"/portal/{api.ws}/in/{text}").status_code == 303


@pytest.mark.usefixtures("mails")
def test_a_company_with_many_advocates_lets_in_as_many_a_day(api: Api) -> None:
    """However many were before, the next one is not made to wait; only what comes at once is bounded."""
    ws, directory = api.run(api.goodword.directory.workspace(api.ws)), api.goodword.directory

    async def all_of_them(number: int) -> list[int | None]:
        return [
            await portal_in.ask(directory, ws, f"m{n}@shop.example", f"10.{n // 250}.0.{n % 250}")
            for n in range(number)
        ]

    assert {*api.run(all_of_them(615))} == {None}
    answers: list[int] = []
    for host in range(
        2, 200
    ):  # each address may send only so many; a slow machine needs more until they are too many at once
        if 429 in answers:
            break
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{host}")
        with httpx.Client(base_url=api.url, transport=transport, timeout=30, headers=OURS) as client:
            answers += [_ask(api, client, f"n{host}-{n}@shop.example").status_code for n in range(5)]
    assert answers[:100] == [200] * 100
    assert 429 in answers


def test_an_office_behind_one_address_is_let_in_and_a_mailbox_is_not_flooded(api: Api) -> None:
    """Of many people at one address nobody waits longer because the others came; a /64 of IPv6 is one address; a mail has few links."""
    ws, directory = api.run(api.goodword.directory.workspace(api.ws)), api.goodword.directory
    sent_to = count()

    async def ask(address: str, mails: Iterable[str]) -> list[int]:
        asked = [await portal_in.ask(directory, ws, mail, address) for mail in mails]
        return [0 if until is None else until - directory.now() for until in asked]

    def others(many: int) -> list[str]:
        return [f"o{next(sent_to)}@shop.example" for _ in range(many)]

    assert api.run(ask("192.0.2.1", others(portal_in.AT_ONCE))) == [0] * portal_in.AT_ONCE
    waits = api.run(ask("192.0.2.1", others(40)))
    assert sum(it > 0 for it in waits) > 30
    assert max(waits) <= portal_in.EVERY
    assert api.run(ask("192.0.2.2", others(1))) == [0]
    api.run(directory.pool.execute("delete from attempt"))
    networks = [f"2001:db8::{n:x}" for n in range(1, portal_in.AT_ONCE + 11)]
    waits = [api.run(ask(address, others(1)))[0] for address in networks]
    assert (max(waits[: portal_in.AT_ONCE]), waits[-1] > 0) == (0, True)
    assert api.run(ask("2001:db8:0:1::1", others(1))) == [0]
    for same in (
        ["same@shop.example"] * 4,
        [f"{name}@shop.example" for name in ("other", "other+1", "Other+2", "other+3+x")],
    ):
        assert [it > 0 for it in api.run(ask("192.0.2.3", same))] == [False] * 3 + [True]


def test_a_mailbox_of_before_opens_nothing_once_the_company_says_another(
    api: Api, mails: Box, browser: httpx.Client
) -> None:
    """By what happened last, whatever is told later of before, and not by what a page says; the same mailbox may come back."""
    said = {"type": "customer.updated", "customer_external_id": "ann"}
    api.send({**said, "id": "u1", "email": "new@shop.example"})
    api.send({**said, "id": "u0", "email": "older@shop.example", "occurred_at": "2026-01-02T09:00:00Z"})
    headers = {"authorization": f"Bearer {api.keys['pk']}"}
    typed = sent.lead("page", "ann", customer_email="thief@shop.example")
    assert api.http.post("/v1/events", json=[typed], headers=headers).status_code == 202
    for mail in (ANN, "older@shop.example", "thief@shop.example", "new@shop.example"):
        assert _ask(api, browser, mail).status_code == 200
    done = "select count(*) from job where workspace_id = $1 and kind = 'portal_mail' and done_at is not null"
    api.until(lambda: api.rows(done) == [(4,)])
    assert mails.to == [["new@shop.example"]]
    api.move("2026-03-03T09:00:00Z")
    api.send({**said, "id": "u2", "email": ANN})
    _mailed(api, browser, mails, ANN)
    assert mails.to[1:] == [[ANN]]


def test_lines_in_a_mail_write_no_headers(api: Api, mails: Box, browser: httpx.Client) -> None:
    """Whether who asks typed them or the company's own server said them: nobody else is written to."""
    api.send(sent.enrolled("h", "hal", "HAL", email="Hal\r\nBcc: evil@evil.example <hal@shop.example>"))
    for mail in (f"{ANN}\r\nBcc: evil@evil.example", f"{ANN}, evil@evil.example", "hal@shop.example", ANN):
        assert _ask(api, browser, mail).status_code == 200
    done = "select count(*) from job where workspace_id = $1 and kind = 'portal_mail' and done_at is not null"
    api.until(lambda: api.rows(done) == [(4,)])
    assert {to for each in mails.to for to in each} <= {ANN, "hal@shop.example"}
    assert [ANN] in mails.to
    assert not [mail for mail in mails.mails if "evil" in str(mail) or mail["bcc"]]


def test_what_asks_for_a_link_keeps_no_mail(api: Api, mails: Box, browser: httpx.Client) -> None:
    """No job, done or given up, holds anything of whom it was for: an erasure has nothing to find there."""
    api.goodword.directory.post = None
    assert _ask(api, browser, ANN).status_code == 200
    ws = api.run(api.goodword.directory.workspace(api.ws))

    async def asked() -> None:
        async with api.goodword.pool.acquire() as conn:
            await portal_mail.enqueue(conn, ws, "x" * 32, ANN.lower(), api.goodword.directory.now())

    api.run(asked())
    [payload] = api.rows("select payload::text from job where workspace_id = $1 and kind = 'portal_mail'")
    said = json.loads(payload[0])
    assert {*said} == {"id", "mail", "at"}
    assert len(base64.b64decode(said["mail"])) == 16
    assert mails.mails == []


def test_a_mail_is_sent_once_whatever_becomes_of_its_job(api: Api, mails: Box, browser: httpx.Client) -> None:
    """A job that is done anew, as after a crash, sends nothing again, also when the link was used."""
    link = _mailed(api, browser, mails)
    for press in (False, True):
        if press:
            assert browser.post(link).status_code == 303
        api.until(lambda: api.rows("select count(done_at) from job where kind = 'portal_mail' and $1 <> ''") == [(1,)])
        api.run(api.goodword.pool.execute("update job set done_at = null, due_at = 0 where kind = 'portal_mail'"))
    api.until(lambda: api.rows("select count(done_at) from job where kind = 'portal_mail' and $1 <> ''") == [(1,)])
    assert len(mails.mails) == 1


def test_of_several_accounts_with_one_mail_one_is_chosen(api: Api, mails: Box, browser: httpx.Client) -> None:
    link = _mailed(api, browser, mails, "eve@shop.example")
    page = browser.get(link).text
    assert "Come in as eve" in page
    assert "Come in as eve two" in page
    assert browser.post(link).status_code == 409
    assert browser.post(link, data={"account": api.person("ann")}).status_code == 409
    assert browser.post(link, data={"account": api.person("eve two")}).status_code == 303
    assert "EVE2" in _home(api, browser).text
    assert browser.post(link, data={"account": api.person("eve")}).status_code == 404


def test_a_link_goes_to_the_mailbox_as_the_trusted_source_wrote_it(api: Api, mails: Box, browser: httpx.Client) -> None:
    """Whatever a page said since of somebody, and however long ago that was; of a name with an address the address."""
    api.send(sent.enrolled("s", "sam", "SAM", email=" Sam <Strasse@shop.example>"))
    headers = {"authorization": f"Bearer {api.keys['pk']}"}
    for n in range(21):  # another mailbox, whose letters are read as the same ones
        lead = sent.lead(f"l{n}", "sam", customer_email="stra\u00dfe@shop.example")
        [item] = api.http.post("/v1/events", json=[lead], headers=headers).json()["items"]
        assert item["status"] == "accepted"
    assert _ask(api, browser, "stra\u00dfe@shop.example").status_code == 200
    _links(api, mails, 1)
    assert mails.to == [["Strasse@shop.example"]]


def test_two_mailboxes_that_are_read_alike_open_no_account_of_each_other(
    api: Api, mails: Box, browser: httpx.Client
) -> None:
    """What the company says of two people stays two people's; two spellings of one mailbox are one."""
    for name, mail in (
        ("sam", "strasse@shop.example"),
        ("zoe", "stra\u00dfe@shop.example"),
        ("sue", "Strasse@Shop.example"),
    ):
        api.send(sent.enrolled(name, name, name, email=mail))
    page = browser.get(_mailed(api, browser, mails, "strasse@shop.example")).text
    assert mails.to == [["strasse@shop.example"]]
    assert [name for name in ("sam", "zoe", "sue") if f"Come in as {name}" in page] == ["sam", "sue"]


def test_a_mail_that_no_trusted_source_said_opens_nothing(api: Api, mails: Box, browser: httpx.Client) -> None:
    """Else whoever types somebody's name beside a mail of their own would be them."""
    person = api.person("ann")
    api.run(
        api.goodword.pool.execute("update match_key set verified = false where kind = 'mail' and person = $1", person)
    )
    assert _ask(api, browser, ANN).status_code == 200
    api.until(lambda: api.rows("select count(done_at) from job where kind = 'portal_mail' and $1 <> ''") == [(1,)])
    assert mails.mails == []


def _expire(api: Api) -> None:
    for table in ("portal_link", "portal_session"):
        api.run(api.goodword.pool.execute(f"update {table} set expires_at = 1"))


def _erase(api: Api) -> None:
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('ann')}").is_success


def _merge(api: Api) -> None:
    said = {"gone": api.person("ann"), "reason": "same_person"}
    assert api.call("owner", "POST", f"/v1/people/{api.person('eve')}/merges", json=said).is_success


@pytest.mark.parametrize("end", [_expire, _erase, _merge])
def test_a_session_ends_with_its_time_and_with_the_account(
    api: Api, mails: Box, browser: httpx.Client, end: Callable[[Api], None]
) -> None:
    """A link of before opens what the account is now: nothing, or whom it was merged into, for its mailbox was proved."""
    assert browser.post(_mailed(api, browser, mails)).status_code == 303
    link = _mailed(api, browser, mails)
    assert _home(api, browser).status_code == 200
    end(api)
    assert _home(api, browser).status_code == 303
    assert browser.post(link).status_code == (303 if end is _merge else 404)
    if end is _erase:
        assert api.rows("select person from portal_session where workspace_id = $1") == []


# --- tokens of the company's own app ----------------------------------------------------------------------------------


def _secret(api: Api) -> tuple[str, str]:
    workspace = api.run(api.goodword.directory.workspace(api.ws))
    made: tuple[str, str] = api.run(say.keys.make(OPERATOR.at(workspace), api.goodword.directory, "portal"))
    return made


def secret_of(api: Api) -> str:
    """A new secret for tokens."""
    return _secret(api)[1]


def claims_of(api: Api, **more: Any) -> dict[str, Any]:
    """What a token says, with something else in it."""
    said = tokens.claims(api.ws, "ann", api.goodword.directory.now() // 1_000_000)
    return {name: it for name, it in {**said, **more}.items() if it is not None}


def test_a_token_of_the_companys_app_opens_the_page_of_whom_it_names_once(api: Api, mails: Box) -> None:  # noqa: ARG001 - it brings the people
    """Replay is refused by its id, in this browser and in another, also under another secret and when it was signed anew."""
    secret, other = _secret(api)[1], _secret(api)[1]
    claims = claims_of(api)
    for n, text in enumerate((token(secret, claims), token(secret, claims), token(other, {**claims, "sub": "eve"}))):
        with httpx.Client(base_url=api.url, headers=OURS, trust_env=False) as browser:
            at = f"/portal/{api.ws}/in/{text}"
            assert browser.get(at).status_code == (200 if n == 0 else 404)
            assert browser.post(at).status_code == (303 if n == 0 else 404)
            assert ("ANN" in _home(api, browser).text) == (n == 0)


NOW = 1_800_000_000
SECRET = "a secret of thirty-two characters"
SAID: dict[str, Any] = {"sub": "ann", "aud": "wsp_1", "jti": "x" * 16, "iat": NOW, "exp": NOW + 60}
WRONG: dict[str, str] = {
    "another secret": token("other" * 8, SAID),
    "no signature": token(SECRET, SAID, "none"),
    "another algorithm": token(SECRET, SAID, "HS512"),
    "what nobody here knows is critical": token(SECRET, SAID, crit=["b64"]),
    "several audiences": token(SECRET, {**SAID, "aud": ["wsp_1"]}),
    "a time in words": token(SECRET, {**SAID, "exp": str(NOW + 60)}),
    "changed": token(SECRET, {**SAID, "sub": "eve"}).rpartition(".")[0] + "." + token(SECRET, SAID).rpartition(".")[2],
    "over": token(SECRET, {**SAID, "exp": NOW}),
    "of tomorrow": token(SECRET, {**SAID, "iat": NOW + 61, "exp": NOW + 300}),
    "too long": token(SECRET, {**SAID, "exp": NOW + 301}),
    "another audience": token(SECRET, {**SAID, "aud": "wsp_2"}),
    "no id": token(SECRET, {name: it for name, it in SAID.items() if name != "jti"}),
    "a short id": token(SECRET, {**SAID, "jti": "1"}),
    "nobody": token(SECRET, {**SAID, "sub": ""}),
    "a number": token(SECRET, {**SAID, "sub": 7}),
    "huge": token(SECRET, {**SAID, "more": "x" * 4_000}),
    "no parts": "a.b.c",
}


def test_a_token_holds_exactly_as_it_is_said() -> None:
    """Of this audience, signed by one of the secrets, at any moment from when it was made until its end."""
    for now in (NOW - 60, NOW, NOW + 59):
        assert signed.read(token(SECRET, SAID), [b"new", SECRET.encode()], "wsp_1", now * 1_000_000) is not None
    assert signed.read(token(SECRET, SAID), [], "wsp_1", NOW * 1_000_000) is None


@pytest.mark.parametrize("wrong", WRONG)
def test_a_token_that_is_not_exactly_right_says_nothing(wrong: str) -> None:
    assert signed.read(WRONG[wrong], [SECRET.encode()], "wsp_1", NOW * 1_000_000) is None


def test_the_code_that_the_page_shows_makes_a_token() -> None:
    """In both languages, each as a program of its own; with Node where there is one."""
    page = (Path(__file__).parents[2] / "docs" / "howto" / "portal-sign-in.md").read_text()
    [python, script] = re.findall(r"```(?:python|javascript)\n(.*?)```", page, re.DOTALL)
    said = f'("{SECRET}", "wsp_1", "ann")'
    ways = [[sys.executable, "-c", f"{python}\nprint(portal_token{said})"]]
    if node := shutil.which("node"):
        ways.append([node, "--input-type=module", "-e", f"{script}\nconsole.log(portalToken{said})"])
    for way in ways:
        text = subprocess.run(way, capture_output=True, text=True, check=True).stdout.strip()
        claims = signed.read(text, [SECRET.encode()], "wsp_1", time.time_ns() // 1_000)
        assert claims is not None
        assert claims.sub == "ann"


def test_a_token_of_nobody_looks_as_one_that_never_was(api: Api, browser: httpx.Client) -> None:
    guess = browser.get(f"/portal/{api.ws}/in/a.b.c")
    text = token(secret_of(api), claims_of(api, sub="nobody"))
    for answer in (browser.get(f"/portal/{api.ws}/in/{text}"), browser.post(f"/portal/{api.ws}/in/{text}")):
        assert (answer.status_code, answer.text) == (404, guess.text)


def test_a_secret_that_was_exchanged_signs_nothing(api: Api, browser: httpx.Client) -> None:
    api.send(sent.enrolled("a", "ann", "ANN"))
    workspace = api.run(api.goodword.directory.workspace(api.ws))
    owner, directory = OPERATOR.at(workspace), api.goodword.directory
    id_, secret = _secret(api)
    _, new = api.run(say.keys.rotate(owner, directory, id_, "once"))
    assert new.startswith("gw_ps_")
    for text, status in ((secret, 404), (new, 200)):
        assert browser.get(f"/portal/{api.ws}/in/{token(text, claims_of(api))}").status_code == status


def test_two_secrets_count_at_once_and_one_that_has_ended_signs_nothing(api: Api, browser: httpx.Client) -> None:
    """Made by the API, each shown once and listed as what it is; the old one is ended when the app has the new one."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    old, new = (api.say("owner", "/v1/keys", {"kind": "portal", "name": name}) for name in ("old", "new"))
    listed = {it["id"]: it for it in api.get("/v1/keys")["items"] if it["source"] == "portal"}
    assert {(it["id"], it["name"], it["kind"]) for it in listed.values()} == {
        (old["id"], "old", "hs"),
        (new["id"], "new", "hs"),
    }
    assert old["key"] not in api.call("owner", "GET", "/v1/keys").text
    for ended, statuses in ((False, (200, 200)), (True, (404, 200))):
        if ended:
            assert api.call("owner", "DELETE", f"/v1/keys/{old['id']}").status_code == 204
        for made, status in zip((old, new), statuses, strict=True):
            at = f"/portal/{api.ws}/in/{token(made['key'], claims_of(api))}"
            assert browser.get(at).status_code == status
    assert api.refused("sk", "/v1/keys", {"kind": "portal"})[0] == 403
    assert api.call(new["key"], "GET", "/v1/rewards").status_code == 401


def test_what_signs_in_at_one_workspace_signs_in_at_no_other(api: Api, mails: Box, browser: httpx.Client) -> None:
    """Links, tokens and sessions alike, with the cookie of the one sent to the other under its name."""
    other = api.sandbox("other")
    link, secret = _mailed(api, browser, mails), _secret(api)[1]
    assert browser.post(link.replace(api.ws, other.ws)).status_code == 404
    for audience in (api.ws, other.ws):
        text = token(secret, claims_of(api, aud=audience))
        assert browser.post(f"/portal/{other.ws}/in/{text}").status_code == 404
    assert browser.post(link).status_code == 303
    browser.cookies.set(f"goodword-{other.ws}", browser.cookies[f"goodword-{api.ws}"])
    assert browser.get(f"/portal/{other.ws}").status_code == 303
    assert browser.get("/portal/wsp_none/in").status_code == 404
