"""The element on a company's own page, which allows no inline style: it is used, goes on alone, and leaves the page as it is."""

import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from testkit import browser as real
from testkit import sent
from testkit.tokens import token
from testkit.waiting import until
from tests.browser.conftest import World

PHONE = {"width": 390, "height": 844}
_POLICY = "default-src 'none'; script-src 'self' {host}; style-src 'self'; connect-src {host}"
_PAGE = """<!doctype html><html lang="{lang}"><meta name="viewport" content="width=device-width">
<title>Shop</title><link rel="stylesheet" href="/own.css"><script src="/own.js"></script>
<script src="{script}" async></script>
<main><h1>Shop</h1><button class="first">Order</button> <p class="row">Tea</p>
<goodword-share token="{token}"></goodword-share></main></html>"""
#: The page's own look, which must reach nothing inside, and be reached by nothing from there.
_STYLE = """:root { color-scheme: light dark; }
button { color: rgb(1, 2, 3); background: rgb(250, 250, 250); } .row { color: rgb(4, 5, 6); }
goodword-share { --goodword-accent: rgb(90, 0, 90); --goodword-on-accent: rgb(255, 255, 255); }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } .row { color: rgb(240, 240, 240); } }"""
_BEFORE = """window.before = [...Object.getOwnPropertyNames(window)];
window.heard = []; for (const name of ["goodword-shared", "goodword-token"])
  addEventListener(name, (it) => heard.push([name, it.detail.channel || ""]));"""


class Site:
    """A company's site at a host of its own. ``token``: what its server signs; ``script``: where the element comes from."""

    def __init__(self, world: World) -> None:
        self.token, self.lang, self.host = "", "en", world.url
        there = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = _PAGE.format(lang=there.lang, script=f"{world.url}/portal/share.js", token=there.token)
                own = {"/own.css": (_STYLE, "text/css"), "/own.js": (_BEFORE, "text/javascript")}
                text, kind = own.get(self.path, (page, "text/html"))
                self.send_response(200)
                self.send_header("content-type", f"{kind}; charset=utf-8")
                self.send_header("content-security-policy", _POLICY.format(host=there.host))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[Site]:
    """Yield a site, whose server has the secret of the portal."""
    it = Site(world)
    thread = threading.Thread(target=it.server.serve_forever, args=(0.01,))
    thread.start()
    world.api.send(sent.enrolled("enrol-emb", "Emb", "EMB-1", program="friends"))
    yield it
    it.server.shutdown()
    thread.join()
    it.server.server_close()


@pytest.fixture(scope="module")
def secret(world: World) -> str:
    """The secret that the site's server signs with."""
    return str(world.seen.it.made("keys", "create", "portal", "--workspace", world.api.ws)["key"])


def _claims(world: World, **more: Any) -> dict[str, Any]:
    link = f"{world.url}/w/{world.api.ws}/r/EMB-1"
    now = int(time.time())
    told = {"sub": "Emb", "aud": f"{world.api.ws}:share", "program": "friends", "link": link}
    return {**told, "iat": now, "exp": now + 3600, **more}


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Yield a page on a phone, where no site is reached but these two."""
    context = browser.new_context(viewport=PHONE)  # type: ignore[arg-type]
    context.route("https://**", lambda route: route.fulfill(status=204))
    page = context.new_page()
    page.errors = []  # type: ignore[attr-defined]
    page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    yield page
    context.close()


def test_an_advocate_shares_on_the_companys_own_page(phone: Page, site: Site, world: World, secret: str) -> None:
    """Under a strict policy: link, code, text with disclosure, apps; copied, opened, and said in the log."""
    site.token = token(secret, _claims(world))
    phone.goto(site.url)
    expect(phone.get_by_text("Or say your code:")).to_be_visible()
    expect(phone.get_by_label("Your link")).to_have_value(f"{world.url}/w/{world.api.ws}/r/EMB-1")
    expect(phone.get_by_text("if you order.")).to_be_visible()
    phone.get_by_label("In your own words").fill("Very good,\u202e\nreally.")
    for app, words in (("WhatsApp", "Very%20good%2C%0Areally."), ("E-mail", "body=Very%20good%2C%0D%0Areally.")):
        address = str(phone.get_by_role("link", name=app).get_attribute("href"))
        assert words in address
        assert "%20if%20you%20order." in address, "the disclosure is behind whatever they write"
    phone.get_by_role("button", name="Copy").click()
    expect(phone.get_by_text("The link is copied.")).to_be_visible()
    with phone.context.expect_page():
        phone.get_by_role("link", name="WhatsApp").click()
    until(lambda: _shared(world) or phone.wait_for_timeout(50))
    assert phone.evaluate("() => heard") == [["goodword-shared", "whatsapp"]]
    assert "'text': None" in str(_shared(world)), "words of one's own stay with who wrote them"
    _looked_at(phone)


def test_the_page_around_it_stays_as_it_is(phone: Page, site: Site, world: World, secret: str) -> None:
    """No global is added, no style reaches in or out but by the variables, nothing is kept on the device."""
    site.token = token(secret, _claims(world))
    phone.goto(site.url)
    expect(phone.get_by_text("Or say your code:")).to_be_visible()
    added = "() => Object.getOwnPropertyNames(window).filter((it) => !before.includes(it))"
    assert set(phone.evaluate(added)) <= {"before", "heard"}
    colour = "(it) => getComputedStyle(it).color"
    assert phone.get_by_role("button", name="Order").evaluate(colour) == "rgb(1, 2, 3)"
    assert phone.get_by_text("Tea").evaluate(colour) == "rgb(4, 5, 6)"
    assert phone.get_by_role("button", name="Copy").evaluate(colour) == "rgb(255, 255, 255)"
    assert (
        phone.get_by_role("button", name="Copy").evaluate("(it) => getComputedStyle(it).backgroundColor")
        == "rgb(90, 0, 90)"
    )
    kept = (
        "() => [document.cookie, localStorage.length, sessionStorage.length, document.querySelectorAll('style').length]"
    )
    assert phone.evaluate(kept) == ["", 0, 0, 0]
    assert phone.context.cookies() == []
    assert phone.errors == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lang", "says"), [("constructor", "Your link"), ("__proto__", "Your link"), ("de_AT", "Dein Link")]
)
def test_it_is_there_on_a_page_that_adds_to_every_object_and_speaks_no_language(
    phone: Page, site: Site, world: World, secret: str, lang: str, says: str
) -> None:
    """What an old script adds to ``Object.prototype`` reaches no element of ours; a language that is none is English."""
    phone.add_init_script("Object.prototype['not a name'] = () => 1; Object.prototype.hidden = true;")
    site.token, site.lang = token(secret, _claims(world)), lang
    try:
        phone.goto(site.url)
        expect(phone.get_by_label(says, exact=True)).to_have_value(f"{world.url}/w/{world.api.ws}/r/EMB-1")
        expect(phone.get_by_text("EMB-1", exact=True)).to_be_visible()
    finally:
        site.lang = "en"
    assert phone.errors == []  # type: ignore[attr-defined]


def test_of_another_program_nothing_is_shown_while_the_server_is_away(
    phone: Page, site: Site, world: World, secret: str
) -> None:
    """The same person in another program: the link is that of the new token, or none."""
    site.token = token(secret, _claims(world))
    phone.goto(site.url)
    expect(phone.get_by_text("Or say your code:")).to_be_visible()
    phone.route("**/element", lambda route: route.abort())
    link = f"{world.url}/w/{world.api.ws}/r/OTHER"
    change = "(it) => document.querySelector('goodword-share').setAttribute('token', it)"
    phone.evaluate(change, token(secret, _claims(world, program="other", link=link)))
    expect(phone.get_by_label("Your link")).to_have_value(link)
    phone.evaluate(change, token(secret, _claims(world, program="third", link="")))
    expect(phone.get_by_text("What you can share is not shown now.")).to_be_visible()


def test_while_the_server_is_away_the_link_of_the_token_is_there(
    phone: Page, site: Site, world: World, secret: str
) -> None:
    """With the disclosure, and a mail that opens with both; in the time of a server that never answers, too."""
    phone.route("**/element", lambda route: route.abort())
    site.token = token(secret, _claims(world))
    phone.goto(site.url)
    expect(phone.get_by_label("Your link")).to_have_value(f"{world.url}/w/{world.api.ws}/r/EMB-1")
    expect(phone.get_by_text("I may get a reward if you order.")).to_be_visible()
    phone.get_by_label("In your own words").fill("")
    assert "body=I%20may" in str(phone.get_by_role("link", name="E-mail").get_attribute("href"))
    assert "I%20may%20get%20a%20reward" in str(phone.get_by_role("link", name="E-mail").get_attribute("href"))
    assert phone.evaluate("() => heard") == []
    assert real.axe(phone) == []


def test_a_token_that_shows_nothing_asks_the_page_for_another(
    phone: Page, site: Site, world: World, secret: str
) -> None:
    """The page is told by an event, and may set a new one; what the old one said is used no further once there is another."""
    site.token = token("wrong" * 10, _claims(world, link="javascript:alert(1)"))
    phone.goto(site.url)
    expect(phone.get_by_text("What you can share is not shown now.")).to_be_visible()
    until(lambda: phone.evaluate("() => heard.length") or phone.wait_for_timeout(50))
    assert phone.evaluate("() => heard") == [["goodword-token", ""]]
    assert real.axe(phone) == []
    phone.evaluate(
        "(it) => document.querySelector('goodword-share').setAttribute('token', it)", token(secret, _claims(world))
    )
    expect(phone.get_by_text("Or say your code:")).to_be_visible()


def _shared(world: World) -> list[Any]:
    """What the log says that was shared."""
    entries = world.api.get("/v1/log/entries", limit=200)["items"]
    return [it for it in entries if "link_shared" in str(it)]


def _looked_at(page: Page) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert real.axe(page) == [], theme
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/element-{theme}.png", full_page=True)
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert page.errors == []  # type: ignore[attr-defined]
