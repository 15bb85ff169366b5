"""goodword.js on a company's site, in a real browser: what a link brought is kept there, comes with forms and calls, and ends."""

import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page
from testkit import sent
from tests.browser.conftest import World
from tests.conftest import ROOT

_DAY = 86_400
_CLIENT = ROOT / "clients" / "javascript"
_APP = 'import * as client from "./browser.js"; window.client = client;'
_POLICY = "default-src 'none'; script-src 'self' {url}; connect-src {url}"
_PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_RULES = """
program: visits
currency: EUR
landing_url: {url}/
conversions:
  - rewards: [{{side: advocate, percent: 10}}]
"""
#: A client as Segment's snippet leaves it: a stub, which the client replaces when it has come.
_ANALYTICS = """
const made = () => ({ told: [], track(...said) { this.told.push(["track", ...said]); },
  identify(...said) { this.told.push(["identify", ...said]); }, ready(then) { (this.then ??= []).push(then); } });
window.analytics = made();
window.arrived = () => { const stub = window.analytics; window.analytics = made(); stub.then.forEach((then) => then()); };
"""
_PAGE = """<!doctype html><html lang="en"><title>Shop</title><script src="/analytics.js"></script>
<script src="{script}" {settings}></script>
<form id="own" method="POST" action="/joined"><input name="mail" value="bob@mail.example"><button>own</button></form>
<form id="search" action="/joined"><input name="q" value="shoes"><button>search</button></form>
<form id="marked" action="/joined" data-goodword><button>marked</button></form>
<form id="off" method="post" action="/joined" data-goodword="off"><button>off</button></form>
<form id="else" method="post" action="http://127.0.0.1:{port}/joined"><button>else</button></form>
<form id="there" method="post" action="/joined"><input type="hidden" name="gw_click" value=""><button>there</button></form>
"""


class Site:
    """A company's site at a host of its own, under a policy that allows no script in its pages. ``settings``: of the script's tag."""

    def __init__(self, world: World) -> None:
        self.settings = ""
        self.joined: list[dict[str, list[str]]] = []
        there = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                address = urlsplit(self.path)
                if address.path == "/joined":
                    there.joined.append(parse_qs(address.query))
                if address.path == "/analytics.js":
                    self.say(_ANALYTICS, "text/javascript")
                    return
                if address.path == "/app":
                    self.say(
                        '<!doctype html><title>App</title><script type="module" src="/js/app.js"></script>', "text/html"
                    )
                    return
                if address.path.startswith("/js/"):
                    name = address.path.removeprefix("/js/")
                    self.say(_APP if name == "app.js" else (_CLIENT / name).read_text(), "text/javascript")
                    return
                script = f"{world.url}/goodword.js"
                self.say(_PAGE.format(script=script, settings=there.settings, port=there.port), "text/html")

            def do_POST(self) -> None:
                said = self.rfile.read(int(self.headers["content-length"])).decode()
                there.joined.append(parse_qs(said, keep_blank_values=True))
                self.say("<!doctype html><title>Thanks</title>", "text/html")

            def say(self, text: str, kind: str) -> None:
                self.send_response(200)
                self.send_header("content-type", f"{kind}; charset=utf-8")
                self.send_header("content-security-policy", _POLICY.format(url=world.url))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://localhost:{self.port}"

    def sent(self, page: Page, form: str) -> dict[str, list[str]]:
        """Send a form of the site's, from another page than the one that somebody came to; what it brought."""
        page.goto(f"{self.url}/join")
        count = len(self.joined)
        with page.expect_navigation():
            page.click(f"#{form} button")
        assert len(self.joined) == count + 1
        return self.joined[-1]


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[Site]:
    """Yield a site that a program leads to."""
    it = Site(world)
    thread = threading.Thread(target=it.server.serve_forever, args=(0.01,))
    thread.start()
    world.api.say("owner", "/v1/programs", {"document": _RULES.format(url=it.url)})
    world.api.send(sent.enrolled("enrol-dora", "Dora", "DORA", program="visits"))
    yield it
    it.server.shutdown()
    thread.join()
    it.server.server_close()


@pytest.fixture
def page(profile: BrowserContext, site: Site) -> Page:
    """Return a page of a visitor, to whom nothing has happened yet."""
    site.settings = ""
    page = profile.new_page()
    page.set_extra_http_headers({"user-agent": _PERSON})  # a browser without a head calls itself a robot
    return page


def kept(page: Page) -> list[Any]:
    """What the site holds on the device, whatever the way."""
    stored = page.evaluate("() => [...Object.entries(localStorage), ...Object.entries(sessionStorage)]")
    return [*page.context.cookies(), *stored]


def follow(page: Page, world: World, code: str = "DORA") -> str:
    """Follow a link; returns the click that the landing page was told."""
    page.goto(f"{world.url}/w/{world.api.ws}/r/{code}")
    [click] = parse_qs(urlsplit(page.url).query)["gw_click"]
    return click


def test_who_came_by_no_link_leaves_no_trace(page: Page, site: Site) -> None:
    """Nothing is kept, forms and calls stay as they are."""
    page.goto(site.url)
    page.evaluate("() => analytics.track('Signed Up', {plan: 'pro'})")
    assert page.evaluate("() => analytics.told") == [["track", "Signed Up", {"plan": "pro"}]]
    assert page.evaluate("() => JSON.parse(JSON.stringify(goodword.referral()))") == {}
    assert kept(page) == []
    assert site.sent(page, "own") == {"mail": ["bob@mail.example"]}
    assert kept(page) == []


def test_a_click_comes_with_the_form_and_binds_the_friend(page: Page, site: Site, world: World) -> None:
    """The click is in one cookie of the site's own for thirty days, and in the form of another page; the lead with it is bound."""
    click = follow(page, world)
    [cookie] = kept(page)
    assert (cookie["name"], cookie["value"], cookie["domain"]) == ("gw", f"gw_click={click}", "localhost")
    assert (cookie["sameSite"], cookie["secure"]) == ("Lax", True)
    assert 29.9 * _DAY < cookie["expires"] - time.time() <= 30 * _DAY
    joined = site.sent(page, "own")
    assert joined == {"mail": ["bob@mail.example"], "gw_click": [click]}
    page.goto(site.url)
    referral = page.evaluate("() => JSON.parse(JSON.stringify(goodword.referral()))")
    assert referral == {"click_id": click}
    lead = world.api.decided(sent.lead("lead-by-link", "Finn", program="visits", **referral))
    assert {one["outcome"] for one in lead["decision"]["verdicts"]} == {"attributed"}


def test_fields_come_with_forms_of_the_site_only(page: Page, site: Site, world: World) -> None:
    """What is posted to the site, and what asks for it; not a search, nor what goes elsewhere; a field that is there is filled."""
    click = follow(page, world)
    assert site.sent(page, "search") == {"q": ["shoes"]}
    assert site.sent(page, "marked") == {"gw_click": [click]}
    assert site.sent(page, "off") == {}
    assert site.sent(page, "else") == {}
    assert site.sent(page, "there") == {"gw_click": [click]}


def test_analytics_calls_have_it_in_their_context(page: Page, site: Site, world: World) -> None:
    """Of the stub and of the client that replaces it; what the caller says stays, a callback stays last, and no trait is added."""
    ours = {"gw_click": follow(page, world)}
    page.goto(f"{site.url}/join")
    calls = """() => {
      analytics.track("Signed Up");
      analytics.track("Order Completed", {total: "19.99"}, {context: {app: "shop", gw_click: "mine"}, integrations: {All: true}});
      analytics.track("Viewed", () => 1);
      analytics.identify("bob", {plan: "pro"});
      analytics.identify({plan: "pro"}, {context: {app: "shop"}});
      analytics.identify("bob");
      return analytics.told.map((one) => one.map((part) => typeof part === "function" ? "callback" : part));
    }"""
    told = [
        ["track", "Signed Up", {}, {"context": ours}],
        [
            "track",
            "Order Completed",
            {"total": "19.99"},
            {"context": {"app": "shop", "gw_click": "mine"}, "integrations": {"All": True}},
        ],
        ["track", "Viewed", {}, {"context": ours}, "callback"],
        ["identify", "bob", {"plan": "pro"}, {"context": ours}],
        ["identify", {"plan": "pro"}, {"context": {"app": "shop", **ours}}],
        ["identify", "bob", {}, {"context": ours}],
    ]
    assert page.evaluate(calls) == told
    page.evaluate("() => arrived()")
    assert page.evaluate("() => analytics.told") == []
    assert page.evaluate(calls) == told


def test_consent_is_waited_for_where_it_must_be(page: Page, site: Site, world: World) -> None:
    """Before it nothing is kept and the page's own form has it; a yes keeps it, a no forgets it everywhere."""
    site.settings = 'data-consent="wait"'
    click = follow(page, world)
    assert kept(page) == []
    with page.expect_navigation():
        page.click("#own button")
    assert site.joined[-1]["gw_click"] == [click]
    assert "gw_click" not in site.sent(page, "own")
    click = follow(page, world)
    page.evaluate("() => goodword.consent(true)")
    assert [one["value"] for one in kept(page)] == [f"gw_click={click}"]
    assert site.sent(page, "own")["gw_click"] == [click]
    page.goto(f"{site.url}/join")
    page.evaluate("() => goodword.consent(false)")
    assert kept(page) == []
    page.evaluate("() => analytics.track('Signed Up')")
    assert page.evaluate("() => analytics.told") == [["track", "Signed Up"]]
    with page.expect_navigation():
        page.click("#own button")
    assert "gw_click" not in site.joined[-1]


def test_the_newest_counts_and_ends_when_it_says(page: Page, site: Site, world: World) -> None:
    """Another link takes the place of the first; who reloads has no longer; the window may be another one."""
    site.settings = 'data-days="7"'
    first = follow(page, world)
    [before] = kept(page)
    page.wait_for_timeout(1_100)
    page.reload()
    [after] = kept(page)
    assert after["expires"] == before["expires"]
    assert before["expires"] - time.time() <= 7 * _DAY
    second = follow(page, world)
    assert second != first
    assert [one["value"] for one in kept(page)] == [f"gw_click={second}"]
    page.goto(f"{site.url}/?gw_code=DORA")
    assert [one["value"] for one in kept(page)] == ["gw_code=DORA"]
    assert page.evaluate("() => JSON.parse(JSON.stringify(goodword.referral()))") == {"link_code": "DORA"}
    page.context.clear_cookies()  # as the browser does when the time is over
    assert "gw_code" not in site.sent(page, "own")


def test_what_a_strangers_link_says_is_only_a_value(page: Page, site: Site) -> None:
    """It sets no part of the cookie, makes no element, and is not kept where it is too long."""
    hostile = "a; domain=evil.example; <img src=x onerror=alert(1)>\"'"
    page.goto(f"{site.url}/?gw_click={'x' * 65}")
    assert kept(page) == []
    page.on("dialog", lambda _: pytest.fail("a script of a stranger ran"))
    page.goto(f"{site.url}/?" + "gw_click=" + re.sub("[^a-z]", lambda one: f"%{ord(one[0]):02x}", hostile))
    [cookie] = kept(page)
    assert (cookie["name"], cookie["domain"]) == ("gw", "localhost")
    assert site.sent(page, "own")["gw_click"] == [hostile]


def test_of_the_cookie_only_what_a_link_brings_is_believed(page: Page, site: Site) -> None:
    """Whoever else may write it there, a neighbour of the site's domain say, changes no field of a form."""
    page.goto(site.url)
    page.evaluate(f"() => document.cookie = 'gw=mail=eve%40mail.example&q=x&gw_code=DORA&gw_click={'x' * 65};path=/'")
    assert site.sent(page, "own") == {"mail": ["bob@mail.example"], "gw_code": ["DORA"]}


@pytest.mark.parametrize("wrong", ["", "x" * 65])
def test_a_click_that_is_none_takes_nothing_away(page: Page, site: Site, world: World, wrong: str) -> None:
    """What is kept stays, and a code beside it counts."""
    click = follow(page, world)
    page.goto(f"{site.url}/?gw_click={wrong}")
    assert site.sent(page, "own")["gw_click"] == [click]
    page.goto(f"{site.url}/?gw_click={wrong}&gw_code=DORA")
    said = site.sent(page, "own")
    assert (said["gw_code"], "gw_click" in said) == (["DORA"], False)


def test_what_is_much_is_sent_by_a_page_all_the_same(page: Page, site: Site, world: World) -> None:
    """More than a browser lets a request have that outlives its page goes in several, and by one that does not."""
    follow(page, world)
    page.goto(f"{site.url}/app")
    page.wait_for_function("() => window.client")
    sizes: list[int] = []
    page.on("request", lambda one: sizes.append(len(one.post_data or "")) if one.method == "POST" else None)
    flushed = page.evaluate(
        """(options) => { const gw = new client.Goodword(options);
        const lead = (n, size) => gw.add({type: "lead.created", id: `much-${n}`, customer_external_id: `much-${n}`,
          program: "visits", metadata: {text: "x".repeat(size)}});
        for (let n = 0; n < 10; n++) lead(n, 15_000);
        lead(10, 70_000);
        return gw.flush(20_000); }""",
        {"url": world.url, "key": world.api.keys["pk"]},
    )
    assert flushed is True
    assert len(sizes) > 3
    assert sorted(sizes)[-2] <= 60_000 < max(sizes)


def test_a_page_sends_what_it_saw_under_its_publishable_key(page: Page, site: Site, world: World) -> None:
    """The client's entry for pages, as a module: a lead with the click is stored, sent at once or when the page is left."""
    click = follow(page, world)
    page.goto(f"{site.url}/app")
    page.wait_for_function("() => window.client")
    assert page.evaluate("() => JSON.parse(JSON.stringify(client.referral()))") == {"click_id": click}
    options = {"url": world.url, "key": world.api.keys["pk"]}
    answer = page.evaluate(
        """(options) => { window.gw = new client.Goodword(options);
        return gw.send({type: "lead.created", customer_external_id: "Gus", program: "visits", ...client.referral()}); }""",
        options,
    )
    assert answer["status"] == "accepted"
    added = page.evaluate(
        """() => gw.add({type: "lead.created", customer_external_id: "Hal", program: "visits", ...client.referral()})"""
    )
    page.goto("about:blank")
    world.api.until(lambda: world.api.call("sk", "GET", f"/v1/events/{added}", params={"source": "page"}).is_success)
