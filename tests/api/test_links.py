"""Links: what an advocate is given to share, at which hosts it works, and what is said of one that leads nowhere."""

import base64
import hashlib
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.page import Page
from testkit.product import Product
from tests.api.conftest import RULES, Api, Command
from tests.conftest import ROOT

from goodword import settings
from goodword.app.addresses import link_of
from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import create
from goodword.sources.identity import code_key
from goodword.wiring import running, serving

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "user-agent": "Firefox/140.0"}
NO_LANDING = RULES.replace("landing_url: https://shop.example/hello\n", "").replace("main", "bare")


def enrol(api: Api, id_: str, external_id: str = "ann", **more: Any) -> dict[str, Any]:
    """Enrol an advocate and wait; returns the item of the answer."""
    return api.decided({"type": "advocate.enrolled", "id": id_, "external_id": external_id, **more})


def follow(api: Api, url: str, **headers: str) -> httpx.Response:
    """Follow a link as a friend does, whose DNS leads to this server."""
    parts = urlsplit(url)
    return api.http.get(parts.path, headers={**BROWSER, "host": parts.netloc, **headers})


def test_who_enrols_is_given_code_and_link(api: Api) -> None:
    """The answer to an enrolment has a code and a whole link that leads to the landing page, as lists of advocates do.

    First-hour 5.
    """
    link = enrol(api, "e1")["link"]
    assert link["url"] == f"{api.url}/w/{api.ws}/r/{link['code']}"
    landed = httpx.get(link["url"], headers=BROWSER)
    assert landed.headers["location"].startswith("https://shop.example/hello?gw_click=tch_")
    [advocate] = api.get("/v1/advocates")["items"]
    assert (advocate["codes"], advocate["links"]) == ([link["code"]], [link])
    assert enrol(api, "e1")["link"] == link, "a repeat has the first answer"


def test_who_was_enrolled_before_is_given_the_same_link(api: Api) -> None:
    """A second enrolment is refused and answered with the link that there is; one that names a code with that code's."""
    link = enrol(api, "e1")["link"]
    again = enrol(api, "e2")
    assert again["decision"]["verdicts"][0]["refusal"] == "already_enrolled"
    assert again["link"] == link
    named = enrol(api, "e3", code="Ann 10/ü")["link"]
    assert named["code"] == "Ann 10/ü"
    assert follow(api, named["url"]).headers["location"].startswith("https://shop.example/hello?gw_click=")
    assert enrol(api, "e4", "bob", code="Ann 10/ü")["decision"]["verdicts"][0]["refusal"] == "code_taken"
    assert "link" not in enrol(api, "e5", "bob", code="Ann 10/ü")
    assert "link" not in enrol(api, "e6", "bob", program="none")


@given(st.text(min_size=1, max_size=64))
def test_every_link_leads_to_its_code(code: str) -> None:
    """Whatever a code is written with, the path of its link says it again, and nothing of it is query or fragment."""
    if code_key(code) is None or not code.isprintable():
        return
    for host in (None, "go.example.com"):
        url = urlsplit(link_of("https://x.example:8443", "wsp_1", host, code).url)
        path = httpx.URL(url.geturl()).path
        assert path == ("" if host else "/w/wsp_1") + f"/r/{code}"
        assert (url.query, url.fragment) == ("", "")


async def test_the_public_address_stands_in_links_and_in_what_is_printed(database: str, tmp_path: Path) -> None:
    """Links begin with GOODWORD_URL, whatever the server listens on; a host of the workspace's own takes its scheme and port.

    First-hour 13.
    """
    environ = {
        "DATABASE_URL": database,
        "GOODWORD_HOME": str(tmp_path),
        "GOODWORD_MASTER_KEY": "17" * 32,
        "GOODWORD_URL": "https://goodword.example:8443",
    }
    async with running(settings.read(environ)) as goodword, serving(goodword, "127.0.0.1", 0) as url:
        made = await create(OPERATOR, goodword.directory, "test", "olga@shop.example")
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            owner = {"authorization": f"Bearer {made.owner_key}", "idempotency-key": "k"}
            assert (await http.post("/v1/programs", json={"document": RULES}, headers=owner)).is_success
            headers = {"authorization": f"Bearer {made.write_key}", "prefer": "wait=10"}
            event = {"type": "advocate.enrolled", "id": "e", "external_id": "ann", "code": "ANN"}
            answer = await http.post("/v1/events", json=event, headers=headers)
            assert answer.json()["items"][0]["link"]["url"] == f"https://goodword.example:8443/w/{made.id}/r/ANN"
            await http.put("/v1/hosts/go.shop.example", headers=owner)
            [advocate] = (await http.get("/v1/advocates", headers=owner)).json()["items"]
            assert advocate["links"] == [{"code": "ANN", "url": "https://go.shop.example:8443/r/ANN"}]


def test_serve_prints_the_public_address(database: str, tmp_path: Path) -> None:
    """What serve prints is what people open."""
    place = Product(tmp_path / "home", DATABASE_URL=database, GOODWORD_URL="https://goodword.example")
    with place.printing("serve", "--no-worker") as server:
        assert server.stdout is not None
        assert "serves https://goodword.example " in server.stdout.readline()


def test_links_work_at_a_host_of_the_workspaces_own(api: Api) -> None:
    """A host that is set redirects, in any case and with any port, and links are given there; the path of the workspace goes on.

    First-hour 13.
    """
    link = enrol(api, "e1", code="ANN")["link"]
    assert follow(api, "http://go.shop.example/r/ANN").status_code == 404
    assert api.call("owner", "PUT", "/v1/hosts/Go.Shop.example.").json() == {"host": "go.shop.example"}
    port = urlsplit(api.url).port
    assert enrol(api, "e2", code="ANN")["link"] == {"code": "ANN", "url": f"http://go.shop.example:{port}/r/ANN"}
    api.until(lambda: follow(api, "http://go.shop.example/r/ANN").status_code == 302)
    for url in ("http://GO.SHOP.example:8443/r/ann", link["url"]):
        assert "gw_click" in parse_qs(urlsplit(follow(api, url).headers["location"]).query)


def test_hosts_of_before_go_on_working_until_they_are_removed(api: Api) -> None:
    """Links are given at the host that was set last; those that were printed live on until their host is removed."""
    for host in ("one.example", "two.example", "one.example"):
        assert api.call("owner", "PUT", f"/v1/hosts/{host}").is_success
    assert api.get("/v1/hosts")["items"] == [{"host": "one.example"}, {"host": "two.example"}]
    enrol(api, "e1", code="ANN")
    for host in ("one.example", "two.example"):
        api.until(lambda host=host: follow(api, f"http://{host}/r/ANN").status_code == 302)
    assert api.call("owner", "DELETE", "/v1/hosts/one.example").status_code == 204
    assert api.get("/v1/hosts")["items"] == [{"host": "two.example"}]
    api.until(lambda: follow(api, "http://one.example/r/ANN").status_code == 404)
    assert api.call("owner", "DELETE", "/v1/hosts/one.example").json()["code"] == "not_found"


def test_a_host_is_of_one_workspace(api: Api) -> None:
    """Nobody takes another workspace's host, nor a thing that is no name of a host."""
    assert api.call("owner", "PUT", "/v1/hosts/go.shop.example").is_success
    other = api.say("owner", "/v1/workspaces", {"name": "other"})["owner_key"]
    answer = api.call(other, "PUT", "/v1/hosts/GO.shop.example")
    assert (answer.status_code, answer.json()["code"]) == (409, "host_taken")
    assert api.call(other, "DELETE", "/v1/hosts/go.shop.example").status_code == 404
    assert api.get("/v1/hosts")["items"] == [{"host": "go.shop.example"}]
    for wrong in (
        "go.shop.example:443",
        "https:go.example",
        "localhost",
        "10.0.0.1",
        "go_1.example",
        "-a.example",
        "a..b",
    ):
        answer = api.call(other, "PUT", f"/v1/hosts/{wrong}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), wrong
    assert api.call(other, "PUT", "/v1/hosts/gö.example").json() == {"host": "xn--g-1ga.example"}


def test_the_command_line_sets_lists_and_removes_hosts(api: Api, goodword: Command) -> None:
    """``workspace host`` does what the API does, and says what is wrong in a line."""
    host = partial(goodword, "workspace", "host")
    assert host().stdout.startswith("no host")
    assert host("Go.Example.com").stdout == "go.example.com\n"
    assert api.get("/v1/hosts")["items"] == [{"host": "go.example.com"}]
    wrong = host("https://go.example.com")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "host name alone" in wrong.stderr
    assert host("go.example.com", "--remove").stdout.startswith("no host")


def _is_sound(answer: httpx.Response, language: str = "en") -> Page:
    """Assert that it is a page that loads nothing, has a language, a title, one heading, a viewport and a policy that fits."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    names = [tag for tag, _ in page.tags]
    assert {"script", "link", "img", "iframe", "form"}.isdisjoint(names)
    assert all({"style", "src", "href", "onclick"}.isdisjoint(attributes) for _, attributes in page.tags)
    assert ("html", {"lang": language}) in page.tags
    assert [names.count(one) for one in ("title", "h1", "main")] == [1, 1, 1]
    assert any(attributes.get("name") == "viewport" for _, attributes in page.tags)
    [style] = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme:dark" in style
    return page


def test_a_link_of_a_program_without_a_page_is_an_honest_page(api: Api) -> None:
    """A friend is told that there is no page yet, the code to type, and that nothing was stored; and nothing was (first-hour 6)."""
    other = api.say("owner", "/v1/workspaces", {"name": "bare"})
    key = other["owner_key"]
    published = api.say(key, "/v1/programs", {"document": NO_LANDING})
    assert [one["path"] for one in published["warnings"]] == ["landing_url"]
    headers = {"authorization": f"Bearer {other['write_key']}", "prefer": "wait=10"}
    code = '<b>"Ann"&'
    event = {"type": "advocate.enrolled", "id": "e", "external_id": "ann", "code": code}
    link = api.http.post("/v1/events", json=event, headers=headers).json()["items"][0]["link"]
    answer = follow(api, link["url"])
    page = _is_sound(answer)
    assert answer.status_code == 404
    assert code in page.text
    assert "Nothing about you was stored" in page.text
    assert follow(api, link["url"].replace("Ann", "Bob")).text.count("Bob") == 0
    for accept in ("*/*", "application/json", "text/html;q=0, application/json", ""):
        problem = follow(api, link["url"], accept=accept)
        assert (problem.status_code, problem.json()["code"]) == (404, "no_landing_page")
        assert problem.headers["vary"] == "accept"
    found = api.run(api.goodword.pool.fetchval("select count(*) from touch"))
    assert found == 0


@pytest.mark.parametrize("path", ["/r/ANN", "/w/wsp_unknown/r/ANN", f"/w/wsp_{'0' * 26}/r/ANN"])
def test_a_link_of_no_workspace_is_a_page_too(api: Api, path: str) -> None:
    """Who follows a mistyped link reads a sentence, not JSON; programs are given the problem document."""
    page = _is_sound(follow(api, f"http://nowhere.example{path}"))
    assert "This link does not work" in page.text
    german = _is_sound(follow(api, f"http://nowhere.example{path}", **{"accept-language": "de-AT"}), "de")
    assert "Dieser Link funktioniert nicht" in german.text
    assert follow(api, f"http://nowhere.example{path}", accept="*/*").json()["code"] == "unknown_host"


def test_rules_without_a_landing_page_are_warned_of(tmp_path: Path) -> None:
    """``rules check`` says it on the error output and is fine; the example of the first hour has none to say."""
    bare = tmp_path / "bare.yaml"
    bare.write_text(NO_LANDING)
    done = Product(tmp_path / "home").run("rules", "check", str(bare))
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stderr.startswith("warning: bare.yaml: landing_url is not set")
    done = Product(tmp_path / "home").run("rules", "check", str(ROOT / "examples" / "minimal.yaml"))
    assert (done.returncode, done.stderr) == (0, "")


def test_publishing_warns_on_the_command_line(api: Api, goodword: Command, tmp_path: Path) -> None:
    """Rules without a landing page are published, and the warning stands beside it; rules with one have none."""
    bare = tmp_path / "bare.yaml"
    bare.write_text(NO_LANDING)
    done = goodword("program", "publish", str(bare))
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("warning: bare.yaml: landing_url is not set")
    assert api.say("owner", "/v1/programs", {"document": RULES})["warnings"] == []
