"""What others try against somebody who is signed in: from another site, from a mail, from what they wrote themselves."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page
from testkit import browser as real
from testkit import crawl
from testkit.seen import HANDLER, IMAGE, SCRIPT
from tests.browser.conftest import World

from goodword import console
from goodword.console import nav

#: What would run if a page took it for more than a text.
_HOSTILE = (f"'\"><svg onload=alert(1)>{SCRIPT}{HANDLER}{IMAGE}{{{{ 7 * 7 }}}}", "javascript:alert(1)")


@contextmanager
def elsewhere(html: str) -> Iterator[str]:
    """Yield the address of a page on another site: another name of this machine, for a browser the same as another company's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://evil.localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _watched(page: Page) -> list[str]:
    """What runs that should not: whatever a page alerts."""
    ran: list[str] = []

    def told(dialog: object) -> None:
        ran.append(str(getattr(dialog, "message", "")))
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", told)
    return ran


def _reader(page: Page, world: World) -> httpx.Client:
    """Whoever is signed in there, without a browser."""
    cookies = {one["name"]: str(one["value"]) for one in page.context.cookies()}
    return httpx.Client(base_url=world.url, cookies=cookies, headers={"accept": "text/html"}, timeout=60)


def _shown(page: Page, http: httpx.Client, address: str) -> str:
    """Open what is no file, in which nothing may be that a sender or an address put there; returns its text."""
    if "content-disposition" in http.get(address).headers:
        return ""
    page.goto(f"{http.base_url}".rstrip("/") + address)
    runs = "img, main script, svg[onload], [onmouseover], [onerror], a[href^='javascript']"
    assert page.locator(runs).count() == 0, address
    return page.locator("body").inner_text()


def test_what_senders_wrote_runs_on_no_page(page: Page, world: World) -> None:
    """Names, codes, invoices that are HTML stand on every page that the console has, as text; no page alerts or breaks."""
    ran = _watched(page)
    with _reader(page, world) as http:
        found = crawl.addresses(nav.ROOT, [one.path for one in console.reads()], lambda address: http.get(address).text)
        assert len(found) >= len(nav.PAGES)
        shown = "".join(_shown(page, http, address) for address in found.values())
    assert SCRIPT in shown
    assert HANDLER in shown
    assert ran == []


@pytest.mark.parametrize("text", _HOSTILE, ids=["html", "address"])
def test_what_an_address_says_runs_on_no_page(page: Page, world: World, text: str) -> None:
    """Every filter, cursor, name and notice that an address may hold, on every page that needs no record, and as a record's name."""
    ran = _watched(page)
    names = ("q", "status", "program", "beneficiary", "after", "before", "done", "by", "from", "to")
    asked = "&".join(f"{name}={quote(text)}" for name in names)
    paths = [f"{one.path}?{asked}" for one in console.reads() if "{" not in one.path]
    paths += [one.path.partition("{")[0] + quote(text, safe="") for one in console.reads() if "{" in one.path]
    with _reader(page, world) as http:
        for path in dict.fromkeys(paths):
            _shown(page, http, nav.ROOT + path)
            assert "49" not in page.title(), path
    assert ran == []


def test_a_form_of_another_site_does_nothing(page: Page, world: World) -> None:
    """Every form of the console, sent from elsewhere in the browser of somebody signed in: nobody is signed out, nothing is said."""
    before = world.api.get("/v1/clock")["now"]
    for path in ("/out", *(one.path for one in console.acts())):
        fields = "".join(f'<input name="{name}" value="2027-01-01T00:00">' for name in ("to", "step", "once", "form"))
        action = world.url + nav.ROOT + path.replace("{", "").replace("}", "")
        with elsewhere(f'<form method="post" action="{action}">{fields}<button>x</button></form>') as site:
            page.goto(site)
            with page.expect_navigation() as waited:
                page.get_by_role("button").click()
            assert waited.value is not None
            assert waited.value.status in (401, 403), path
    assert world.api.get("/v1/clock")["now"] == before
    page.goto(f"{world.url}/console/rewards?status=all")
    assert page.locator("a.row-link").count() > 0


def test_a_page_is_shown_in_no_frame_of_another_site(page: Page, world: World) -> None:
    """So that nobody is made to press a button that they do not see."""
    with elsewhere(f'<iframe src="{world.url}/console/clock"></iframe>') as site:
        page.goto(site)
        page.wait_for_load_state("networkidle")
        assert all(not frame.locator("form").count() for frame in page.frames)


def test_nobody_goes_on_with_a_session_that_was_planted(profile: BrowserContext, world: World) -> None:
    """A cookie that was there before somebody signed in is worth nothing, before and after; the new one no script can read."""
    planted = {"name": "goodword_session", "value": "planted" * 6, "url": world.url}
    profile.add_cookies([planted])
    page = profile.new_page()
    answer = page.goto(f"{world.url}/console")
    assert answer is not None
    assert answer.status == 401
    real.enter(profile, world.link())
    [cookie] = [one for one in profile.cookies() if one["name"] == "goodword_session"]
    assert cookie["value"] != planted["value"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.goto(f"{world.url}/console")
    assert page.evaluate("() => document.cookie") == ""
    assert httpx.get(f"{world.url}/console", cookies={"goodword_session": planted["value"]}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1@evil.example"])
def test_a_host_that_was_forged_stands_in_no_page_and_no_redirect(page: Page, world: World, host: str) -> None:
    """Pages lead by paths alone, so that nobody can have a link made that leads to them."""
    cookies = {one["name"]: str(one["value"]) for one in page.context.cookies()}
    for path in ("/console", "/console/rewards", "/console/", "/console/in/none", "/console/nothing"):
        answer = httpx.get(world.url + path, headers={"host": host, "x-forwarded-host": host}, cookies=cookies)
        assert "evil.example" not in answer.text
        assert "evil.example" not in answer.headers.get("location", ""), path


@pytest.mark.parametrize(
    "path",
    ["//evil.example/console", "/console//evil.example", "/console/..//evil.example", "/console/%2f%2fevil.example"],
)
def test_no_address_leads_to_another_site(page: Page, world: World, path: str) -> None:
    """Neither by slashes nor by what is to be shown after something was done."""
    port = world.url.rsplit(":", 1)[1]
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookies}\r\nconnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    head = answer.partition("\r\n\r\n")[0].lower()
    assert "location:" not in head or "evil.example" not in head, head
    for name in ("next", "to", "return", "done", "see"):
        page.goto(f"{world.url}/console?{name}=//evil.example")
        assert page.url.startswith(world.url)
