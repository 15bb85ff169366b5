"""Signing in by a link that works once, and out; what other sites send, and old sessions, do nothing."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from tests.console.conftest import Api, Command

from goodword import console
from goodword.app import see
from goodword.app.principal import OPERATOR
from goodword.app.say import sessions as links
from goodword.cli import served
from goodword.core import calendar
from goodword.store import sessions
from goodword.web.forms import ours


@pytest.fixture
def browser(api: Api) -> Iterator[httpx.Client]:
    """Yield something that keeps cookies."""
    with httpx.Client(base_url=api.url, headers={"accept": "text/html", "user-agent": "Browser 1"}) as it:
        yield it


def link(api: Api, member: str | None = None) -> str:
    """A link for the owner, or for a member, as the command line prints it."""

    async def make() -> str:
        directory = api.goodword.directory
        workspace = await directory.workspace(api.ws)
        assert workspace is not None
        owner = await see.members.owner(OPERATOR.at(workspace), directory)
        return await links.link(OPERATOR.at(workspace, owner), directory, member or owner.id)

    return f"/console/in/{api.run(make())}"


def ticked(*names: str) -> dict[str, Any]:
    """The fields of boxes that are ticked."""
    return dict.fromkeys(names, "on")


def form(page: httpx.Response) -> str:
    """The token that forms of this session send."""
    found = re.search(r'name="form" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


def test_a_link_signs_in_once(api: Api, browser: httpx.Client) -> None:
    """Looking at it uses nothing up; the button does, and whoever comes later is told so."""
    address = link(api)
    for _ in range(2):
        shown = browser.get(address)
        assert (shown.status_code, "olga@shop.example" in shown.text) == (200, True)
    assert browser.get("/console").status_code == 401
    entered = browser.post(address)
    assert (entered.status_code, entered.headers["location"]) == (303, "/console")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "olga@shop.example" in browser.get("/console").text
    assert browser.get(address).status_code == 404
    assert httpx.post(api.url + address).status_code == 404


def test_over_https_no_other_host_or_path_can_have_set_the_cookie(api: Api) -> None:
    """The name says so to the browser, and it is sent over HTTPS alone; that it is HTTPS only a trusted proxy says."""

    async def enter(address: str) -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(console.build(api.goodword.directory))
        async with httpx.AsyncClient(transport=transport, base_url="https://console.test") as client:
            return await client.post(address), await client.get("/console")

    entered, home = api.run(enter(link(api)))
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-goodword=")
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()
    assert home.status_code == 200
    believed = httpx.post(api.url + link(api), headers={"x-forwarded-proto": "https"})
    assert believed.headers["set-cookie"].startswith("goodword_session=")


def test_of_two_who_have_a_link_one_gets_in(api: Api) -> None:
    """However they press the button at once."""
    address = api.url + link(api)
    with ThreadPoolExecutor(8) as pool:
        answers = sorted(answer.status_code for answer in pool.map(httpx.post, [address] * 8))
    assert answers == [303] + [404] * 7
    assert api.rows("select count(*) from session where workspace_id = $1") == [(1,)]


def test_a_link_lasts_a_quarter_of_an_hour_and_a_session_half_a_day_unused(api: Api, browser: httpx.Client) -> None:
    """Of both only a hash is kept; what is over is as if it never was."""
    address = link(api)
    rows = api.rows("select hash, expires_at from login where workspace_id = $1")
    assert [len(row[0]) for row in rows] == [32]
    assert rows[0][1] <= api.goodword.directory.now() + 15 * calendar.MINUTE
    api.run(api.goodword.pool.execute("update login set expires_at = 0"))
    assert browser.get(address).status_code == 404
    assert browser.post(address).status_code == 404
    browser.post(link(api))
    assert browser.get("/console").status_code == 200
    api.run(api.goodword.pool.execute("update session set seen_at = $1", api.goodword.directory.now() - sessions.IDLE))
    assert browser.get("/console").status_code == 401


def test_signing_out_ends_the_session_for_whoever_has_its_token(api: Api, browser: httpx.Client) -> None:
    """A stolen cookie opens nothing any more."""
    browser.post(link(api))
    stolen = dict(browser.cookies)
    out = browser.post("/console/out", data={"form": form(browser.get("/console"))})
    assert out.status_code == 200
    assert "goodword_session" not in browser.cookies
    assert httpx.get(api.url + "/console", cookies=stolen).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
    ],
)
def test_what_another_site_sends_does_nothing(api: Api, browser: httpx.Client, headers: dict[str, str]) -> None:
    """Neither does it sign somebody in as another, nor out."""
    address = link(api)
    assert browser.post(address, headers=headers).status_code == 403
    assert browser.post(address).status_code == 303
    token = form(browser.get("/console"))
    assert browser.post("/console/out", data={"form": token}, headers=headers).status_code == 403
    assert browser.post("/console/out", data={"form": token[:-1] + "x"}).status_code == 403
    assert browser.post("/console/out").status_code == 403
    assert browser.get("/console").status_code == 200


@pytest.mark.parametrize("origin", ["null", "http://[", "", "https://"])
def test_a_site_without_a_name_is_no_page_of_ours(origin: str) -> None:
    """Also where the request names no host: nothing is equal to nothing."""
    headers = [(b"origin", origin.encode())]
    assert not ours(Request({"type": "http", "headers": headers}))
    assert not ours(Request({"type": "http", "headers": [*headers, (b"host", b"")]}))


def test_signing_in_goes_on_under_no_token_that_was_there_before(api: Api) -> None:
    """Whoever planted a cookie, or had an old one, is not signed in with it; the session before is over."""
    tokens = ["planted"]
    for _ in range(2):
        entered = httpx.post(api.url + link(api), cookies={"goodword_session": tokens[-1]})
        tokens.append(entered.cookies["goodword_session"])
    assert len(set(tokens)) == 3
    opens = [httpx.get(api.url + "/console", cookies={"goodword_session": token}).status_code for token in tokens]
    assert opens == [401, 401, 200]


def test_a_host_that_was_forged_leads_nowhere(api: Api) -> None:
    """Not even where a slash stands at the end of an address: who follows is led on by a path alone."""
    for path in ("/console/", "/console/rewards/", "/console//evil.example/"):
        answer = httpx.get(api.url + path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
        assert "evil.example" not in answer.headers.get("location", "") + answer.text.replace("//evil.example/", "")
    assert httpx.get(api.url + "/console/").headers["location"] == "/console"


def test_the_command_line_prints_a_link(goodword: Command, browser: httpx.Client) -> None:
    """It names the member by mail; who is none is said so."""
    printed = goodword("console", "link", "Olga@Shop.example").stdout.strip()
    path = printed[printed.index("/console/in/") :]
    assert browser.post(path).status_code == 303
    assert goodword("console", "link", "nobody@shop.example").returncode == 1
    assert goodword("console", "link", "nobody").returncode == 2


def test_the_link_leads_to_where_the_home_is_served(api: Api, goodword: Command, tmp_path: Path) -> None:  # noqa: ARG001
    """Not to the usual port, where somebody serves it at another; the public address of the settings comes first."""
    link_ = ("console", "link", "olga@shop.example")
    (tmp_path / "home").mkdir(exist_ok=True)
    with served.recorded(tmp_path / "home", "http://127.0.0.1:9999"):
        assert goodword(*link_).stdout.startswith("http://127.0.0.1:9999/console/in/")
        said = goodword(*link_, GOODWORD_URL="https://refer.shop.example").stdout
        assert said.startswith("https://refer.shop.example/console/in/")
    assert "9999" not in goodword(*link_).stdout  # it is served no more


def test_a_member_who_is_none_any_more_sees_with_no_role(api: Api, browser: httpx.Client) -> None:
    """A session says who comes; what they may do is asked each time."""
    address = link(api)
    browser.post(address)
    api.run(api.goodword.pool.execute("update session set member = 'mem_gone'"))
    assert browser.get("/console").status_code in (200, 403)


def test_a_page_that_looks_by_itself_keeps_no_session(api: Api, browser: httpx.Client) -> None:
    """Who has gone leaves a list open, and the log grows on: after half a day they are signed out all the same."""
    browser.post(link(api))
    before = api.goodword.directory.now() - 2 * calendar.MINUTE
    api.run(api.goodword.pool.execute("update session set seen_at = $1", before))
    assert browser.get("/console/rewards", headers={"x-by-itself": "1"}).status_code == 200
    with browser.stream("GET", "/console/live?after=0") as stream:
        assert stream.status_code == 200
    assert api.rows("select seen_at from session where workspace_id = $1") == [(before,)]
    assert browser.get("/console/rewards").status_code == 200
    assert api.rows("select seen_at > $2 from session where workspace_id = $1".replace("$2", str(before))) == [(True,)]
    for name in ("rows", "others"):
        [script] = set(re.findall(rf'/console/static/{name}.js[^"]*', browser.get("/console/rewards").text))
        assert "x-by-itself" in browser.get(script).text
