# ruff: noqa: INP001 - a script, not a package
"""Drive every page of the console, and those for partners, in a real browser, make a picture of each, and say what is wrong with it.

build/pages/ gets the pictures, build/pages/report.json a row a page: page, width, theme, axe_violations, bytes, requests_elsewhere,
server_ms, console_errors. Pages are found from ``console.reads()`` and, where an address has names, from the links of other pages.
Pages for persons are looked at in each further language once, light and on a phone. ONLY=text takes the pages whose name holds it,
LOCALE=de has a browser that likes German at the portal for all of its pictures; README=1 puts README's picture into docs/. Ends with 1
where anything is wrong.
"""

import asyncio
import itertools
import json
import os
import re
import shutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

import httpx
from playwright.sync_api import Browser, BrowserContext, Page
from testkit import browser as real
from testkit import crawl
from testkit import seen as worlds
from testkit.api import Api
from testkit.database import connected, embedded, temporary_home
from testkit.product import Installation, postmaster_of

from goodword import console, words
from goodword.console import nav
from goodword.store.embedded_place import find_place
from goodword.words import languages

BUILD = Path(__file__).resolve().parent.parent / "build" / "pages"
SHOWN = BUILD.parents[1] / "docs" / "rewards.png"
SIZES = ((1440, 900), (390, 844))
#: Between the two: there it is looked whether anything is wider than its window, and these pages get a picture.
BETWEEN = ((800, 560), (1120, 560))
_PICTURED = ("/rewards", "/rewards/{reward}", "/payouts", "/events", "/people", "/ledger")
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
_OF_COLOURS = ("color-contrast", "link-in-text-block")  # what axe may say anew where only the colours are others
MOST = 100_000  # bytes of a page with all its files
_TO_RELEASE = f"{nav.ROOT}/payouts?status=awaiting_release"
#: Pages that only a button shows: path -> where it stands, what it says.
_PRESSED = {
    "/settings/factor": ("/settings", "Set up a second factor"),
    "/settings/texts/seen": ("/settings/texts/reward_approved/en", "Show how it reads"),
}
#: Alone in a frame that runs no script, so that axe would never come to its end: it is looked at in the page around it.
_FRAMED = ("/settings/texts/{topic}/{language}/html",)
#: Of the documentation a page of each kind: the list, a quick start, both references, what is found.
_DOCS = [
    (path, path)
    for path in (
        "/docs",
        "/docs/quickstart-curl",
        "/docs/api/rewards",
        "/docs/event-reference",
        "/docs/search?q=reward",
    )
]
#: Looked at once more, when there is something on them.
_CORRECTION = f"{nav.ROOT}/corrections/new?program=loyalty&origin=goodwill&kind=cash&currency=EUR&person="
_ANEW = [
    ("/settings/standing/some", f"{nav.ROOT}/settings/standing"),
    ("/settings/codes/some", f"{nav.ROOT}/settings/codes"),
    ("/payouts/reconcile/some", f"{nav.ROOT}/payouts/reconcile"),
    ("/settings/own-system/some", f"{nav.ROOT}/settings/own-system"),
    ("/corrections/new/shown", f"{_CORRECTION}lena.vogt&amount=15.00"),
    ("/corrections/new/wrong", f"{_CORRECTION}nobody&amount=15.00"),
]
#: So many things of each kind are looked at for what is wider than a phone.
_SIBLINGS = 15
_ONLY = os.environ.get("ONLY", "")
_LOCALE = os.environ.get("LOCALE") or "en"
#: Languages in which pages for persons are looked at once more, where words are longer than ours; none where one is asked for.
_FURTHER = () if _LOCALE != "en" else tuple(it for it in languages() if it != _LOCALE)


class Site:
    """A workspace as somebody sees it. ``state``: what its pictures are called by; ``mail``: who looks."""

    def __init__(self, seen: worlds.Seen, browser: Browser, state: str, api: Any, mail: str = worlds.OWNER) -> None:
        self.state = state
        self.base = seen.it.url
        context = browser.new_context()
        real.enter(context, seen.link(mail, api))
        self.signed_in = real.state(context)
        context.close()
        cookies = {one["name"]: one["value"] for one in self.signed_in["cookies"]}
        self.http = httpx.Client(base_url=self.base, cookies=cookies, headers={"accept": "text/html"}, timeout=60)

    def is_file(self, address: str) -> bool:
        """Return whether a browser keeps what stands there instead of showing it."""
        return "attachment" in self.http.get(address).headers.get("content-disposition", "")

    def _text(self, address: str) -> str | None:
        answer = self.http.get(address)
        return answer.text if answer.is_success else None

    def siblings(self) -> list[str]:
        """Return addresses of many things of each kind, for what only some of them show."""
        paths = [read.path for read in console.reads()]
        lists = (self._text(nav.ROOT + path) for path in paths if "{" not in path)
        return crawl.siblings(nav.ROOT, paths, filter(None, lists), _SIBLINGS)

    def addresses(self, needed: bool = True) -> list[tuple[str, str]]:
        """Return every page with an address that shows it. Where ``needed``, one that nothing leads to is told."""
        paths = [read.path for read in console.reads()]
        found = crawl.addresses(nav.ROOT, paths, self._text)
        if chosen := re.search(r'name="id" value="(pay_\w+)"', self.http.get(_TO_RELEASE).text):
            found["/payouts/release"] = f"{nav.ROOT}/payouts/release?id={chosen[1]}"
        if cases := re.findall(r'name="id" value="(cas_\w+)"', self.http.get(f"{nav.ROOT}/cases").text):
            found["/cases/list"] = f"{nav.ROOT}/cases/list?deed=confirmed&{'&'.join(f'id={id_}' for id_ in cases[:5])}"
        found.setdefault("/sources/{source}/mapping", f"{nav.ROOT}/sources/segment/mapping")
        found.setdefault(
            "/settings/texts/{topic}/{language}/html", f"{nav.ROOT}/settings/texts/reward_approved/en/html"
        )
        for path in paths:
            if needed and path not in found:
                print(f"pages: nothing leads to {path} in {self.state}", file=sys.stderr)
        return list(found.items())


def pictured(browser: Browser, site: Site, pages: list[tuple[str, str]], status: int = 200) -> list[dict[str, Any]]:
    """Return a row for each page, width and theme; the pictures are written. A page is asked for once and looked at in all of them."""
    rows: list[dict[str, Any]] = []
    context = browser.new_context(storage_state=site.signed_in)
    for path, address in pages:
        if _ONLY in f"{site.state} {path or '/'}" and path not in _FRAMED and not site.is_file(address):
            rows += _rows(context, site, path, address, status)
    context.close()
    return rows


class Visitor(NamedTuple):
    """Somebody who comes by a link and is not signed in. ``state``: what their pictures are called by."""

    state: str
    base: str


def partners(browser: Browser, base: str, pages: dict[str, str], button: str = "") -> list[dict[str, Any]]:
    """Return a row for each page of the portal, width and theme. ``pages``: state -> address.

    ``button``: the code of what it says that is pressed first.
    """
    rows: list[dict[str, Any]] = []
    for state, address in pages.items():
        status = HTTPStatus.NOT_FOUND if state == "gone" else HTTPStatus.OK
        for locale in (_LOCALE, *_FURTHER):
            context = browser.new_context(locale=locale)
            visitor = Visitor(_named(f"portal-{state}", locale), base)
            said = button and words.portal(button, locale)
            if _ONLY in visitor.state:
                rows += _rows(context, visitor, "/deals", address, status, said, once=locale != _LOCALE)
            context.close()
    return rows


def advocates(browser: Browser, base: str, door: str, pages: dict[str, str], later: Any = None) -> list[dict[str, Any]]:
    """Return the same of what somebody sees of their own. ``door``: by which they come in; ``pages``: name -> address.

    ``later``: called once they are in.
    """
    rows: list[dict[str, Any]] = []
    context = browser.new_context(locale=_LOCALE)
    page = context.new_page()
    page.goto(base + door)
    page.locator("main button").click()
    page.wait_for_load_state()
    signed_in = real.state(context)
    context.close()
    if later is not None:
        later()
    for locale in (_LOCALE, *_FURTHER):
        context = browser.new_context(locale=locale, storage_state=signed_in)
        for state, address in pages.items():
            visitor = Visitor(_named(f"own-{state}", locale), base)
            if _ONLY in visitor.state:
                rows += _rows(context, visitor, f"/{state}", address, HTTPStatus.OK, once=locale != _LOCALE)
        context.close()
    return rows


def _named(state: str, locale: str) -> str:
    return f"{state}-{locale}" if locale in _FURTHER else state


def narrow(browser: Browser, site: Site) -> list[dict[str, Any]]:
    """Return a row for each page of many things of a kind that is wider than a phone, or no page."""
    width, height = SIZES[1]
    context = browser.new_context(storage_state=site.signed_in, viewport={"width": width, "height": height})
    it = real.Watched(context, site.base)
    rows: list[dict[str, Any]] = []
    for address in site.siblings():
        if _ONLY not in f"{site.state} {address}" or site.is_file(address):
            continue
        got = it.open(address)
        wrong = [f"status {got}"] if got >= HTTPStatus.BAD_REQUEST else []
        wrong += [f"{it.sideways} pixels too wide"] if it.sideways > 0 else []
        row = {"page": f"{site.state} {address}", "address": address, "width": width, "theme": THEMES[0]}
        rows.append({**row, "bytes": it.size, "server_ms": it.waited, "wrong": wrong})
        if wrong:
            print(f"{row['page']} {width}: {'; '.join(wrong)}", flush=True)
    context.close()
    return rows


def pressed(browser: Browser, site: Site) -> list[dict[str, Any]]:
    """Return the same of the pages that only a button shows."""
    rows: list[dict[str, Any]] = []
    context = browser.new_context(storage_state=site.signed_in)
    for path, (at, button) in _PRESSED.items():
        if _ONLY in f"{site.state} {path}":
            rows += _rows(context, site, path, f"{nav.ROOT}{at}", 200, button)
    context.close()
    return rows


def _rows(
    context: BrowserContext,
    site: Site | Visitor,
    path: str,
    address: str,
    status: int,
    button: str = "",
    *,
    once: bool = False,
) -> list[dict[str, Any]]:
    """Return a row for each width and theme. ``once``: for the narrow one and light alone, since all else is as it is in English."""
    it = real.Watched(context, site.base)
    got = it.open(address)
    if button:
        got = it.press(button)
    size, waited = it.size, it.waited
    wide, rows = [], list[dict[str, Any]]()
    for width, height in () if once else BETWEEN:
        it.page.set_viewport_size({"width": width, "height": height})
        wide += [f"{it.sideways} pixels too wide at {width}"] if it.sideways > 0 else []
        if path in _PICTURED:
            _picture(it.page, f"{site.state}{path.replace('/', '-')}-{width}")
    for (width, height), theme in [(SIZES[1], THEMES[0])] if once else itertools.product(SIZES, THEMES):
        it.page.set_viewport_size({"width": width, "height": height})
        it.page.emulate_media(color_scheme=theme)
        found = it.axe() if theme == THEMES[0] else it.axe(*_OF_COLOURS)
        wrong = [f"axe {one}" for one in found]
        wrong += [f"console {one}" for one in it.errors] + [f"asks {one}" for one in it.elsewhere]
        wrong += [f"status {got}"] if got != status else []
        wrong += [f"{size} bytes"] if size > MOST else []
        wrong += [f"{it.sideways} pixels too wide"] if it.sideways > 0 else []
        wrong += wide if not rows else []
        row = {"page": f"{site.state} {unquote(path) or '/'}", "address": address, "width": width, "theme": theme}
        row |= {
            "axe_violations": len(found),
            "bytes": size,
            "requests_elsewhere": len(it.elsewhere),
            "server_ms": waited,
        }
        rows.append({**row, "console_errors": len(it.errors), "wrong": wrong})
        if wrong:
            print(f"{row['page']} {width} {theme}: {'; '.join(wrong)}", flush=True)
        _picture(it.page, f"{site.state}{path.replace('/', '-') or '-home'}-{width}-{theme}")
    it.page.close()
    return rows


def _picture(page: Page, name: str) -> None:
    page.screenshot(path=BUILD / f"{re.sub(r'[{}]', '', name)}.png", animations="disabled")


def _readme(browser: Browser, site: Site) -> None:
    """Make the picture that README shows, of the first rows that wait or were decided."""
    window = {"width": 1440, "height": 786}
    context = browser.new_context(viewport=window, color_scheme="light", storage_state=site.signed_in)
    page = context.new_page()
    page.goto(f"{site.base}/console/rewards")
    page.screenshot(path=BUILD / "readme.png", animations="disabled")
    context.close()
    if os.environ.get("README"):
        shutil.copy(BUILD / "readme.png", SHOWN)


def _portals(browser: Browser, seen: worlds.Seen, full: Site, shops: tuple[Api, Api], url: str) -> list[dict[str, Any]]:
    """Return the rows of all pages of persons; ``shops``: one with much, and one with long names."""
    (shop, long), rows = shops, list[dict[str, Any]]()
    external_id, program, friends = worlds.shared_by(shop)
    rows += partners(browser, url, {"friend": friends, "door": f"/portal/{shop.ws}/in"})
    names = ("friends", "rewards", "payments", "messages", "about-me", "merge", "settings", "board")
    own = {name: f"/portal/{shop.ws}/{name}" for name in names}
    own |= {"home": f"/portal/{shop.ws}", "share": f"/portal/{shop.ws}/share/{program}"}
    own |= {name: f"{own['about-me']}/{name}" for name in ("complaint", "erasure")}
    own |= {"card": f"{own['share']}/card", "share-wrong": f"{own['share']}?wrong=code_taken"}
    no = worlds.said_no(seen, shop, external_id)
    case, story = no.pop("case"), no.pop("story")
    rows += advocates(browser, url, worlds.entrance(seen, shop, external_id), own | no | worlds.helped(shop))
    rows += pictured(
        browser,
        full,
        [
            ("/inbox/some", f"{nav.ROOT}/inbox"),
            ("/cases/dispute", f"{nav.ROOT}/cases/{case}"),
            ("/cases/told", f"{nav.ROOT}/cases/{story}"),
        ],
    )
    for who, own in worlds.stands(shop).items():
        rows += advocates(browser, url, worlds.entrance(seen, shop, who), own)
    who, own = worlds.long_one(long)
    rows += advocates(browser, url, worlds.entrance(seen, long, who), own)
    join, way_in, terms = worlds.joined(seen)
    rows += partners(browser, url, {"join": join})
    rows += advocates(browser, url, way_in, {"accept": terms})
    return rows


def _given(browser: Browser, seen: worlds.Seen, box: worlds.Box, dsn: str) -> list[dict[str, Any]]:
    """Return the rows of gifts, before and after their button, of what partners accepted, and of what asks to sign in anew."""
    it, url = worlds.given(seen, box), seen.it.url
    rows = partners(browser, url, it.pages)
    for name, address in it.pages.items():
        rows += partners(browser, url, {f"{name}-shown": address}, "gift.show")
    for who, own in it.own.items():
        rows += advocates(browser, url, worlds.entrance(seen, it.api, who), own)

    async def age() -> None:
        async with connected(dsn) as conn:
            await conn.execute("update portal_session set opened_at = opened_at - 3600000000")

    again = {"sign-in-again": f"/portal/{it.api.ws}/settings"}
    with ThreadPoolExecutor(1) as apart:  # the browser has a loop of its own here
        later = lambda: apart.submit(asyncio.run, age()).result()  # noqa: E731
        rows += advocates(browser, url, worlds.entrance(seen, it.api, "ann"), again, later)
    staff = Site(seen, browser, "gifts", it.api)
    pages = [("/messages", f"{nav.ROOT}/messages"), ("/people/agreed", f"{nav.ROOT}/people/{it.person}")]
    return rows + pictured(browser, staff, pages)


def driven() -> tuple[list[dict[str, Any]], str]:
    """Return the rows of all pages in all states, and what traffic they show."""
    os.environ.setdefault("GOODWORD_MASTER_KEY", "5e" * 32)  # thrown away with the installation
    rows: list[dict[str, Any]] = []
    with embedded() as (database, server), temporary_home() as home, worlds.posted() as box:
        # Where mail can be sent, forms are shown that ask for an address.
        mail = {"GOODWORD_SMTP_URL": f"smtp://localhost:{box.at}", "GOODWORD_MAIL_FROM": "Shop <refer@shop.example>"}
        it = Installation(home, DATABASE_URL=server.dsn, **mail)
        try:
            it.start("serve")
            it.ready()
            seen = worlds.Seen(it)
            shop, told = worlds.year(seen, os.environ.get("SMALL", "") == "")
            long = worlds.hostile(seen)
            seen.member(worlds.ANALYST, shop, "analyst")
            with real.chromium() as browser:
                full = Site(seen, browser, "full", shop)
                others = [Site(seen, browser, "long", long), Site(seen, browser, "empty", seen.api)]
                for site in (full, *others):
                    rows += pictured(browser, site, site.addresses(needed=site.state != "empty"))
                    rows += narrow(browser, site)
                rows += pressed(browser, full)
                rows += partners(browser, it.url, {**worlds.forms(shop), "long": worlds.long_form(long)})
                rows += _portals(browser, seen, full, (shop, long), it.url)
                rows += _given(browser, seen, box, server.dsn)
                rows += pictured(browser, full, [("/people/credit", worlds.credited(shop))])
                worlds.stood(seen, shop)
                rows += pictured(browser, full, [*_ANEW, ("/payouts/failed", worlds.failed(seen, shop))])
                running = [("/programs/{program}/pilot/running", worlds.piloted(shop))]
                rows += pictured(
                    browser, full, [*running, ("/payouts/schedules/some", f"{nav.ROOT}/payouts/schedules")]
                )
                live = Site(seen, browser, "live", worlds.drafted(seen))
                rows += pictured(
                    browser, live, [("/programs/draft", f"{nav.ROOT}/programs/retail"), ("/home", nav.ROOT)]
                )
                rows += pictured(browser, full, _DOCS)
                rows += pictured(browser, Site(seen, browser, "error-404", shop), [("", "/console/nothing")], 404)
                analyst = Site(seen, browser, "error-403", shop, worlds.ANALYST)
                rows += pictured(browser, analyst, [("", "/console/payouts")], 403)
                _readme(browser, full)
                os.kill(postmaster_of(find_place(database).folder), signal.SIGQUIT)
                full.state = "error-503"
                rows += pictured(browser, full, [("", "/console/rewards")], 503)
        finally:
            it.stop()
    return rows, told


def main() -> int:
    """Write pictures and report; say what is wrong."""
    if not real.CHROMIUM.exists():
        print(f"pages: {real.MISSING}", file=sys.stderr)
        return int(os.environ.get("CI") == "true")
    BUILD.mkdir(parents=True, exist_ok=True)
    rows, told = driven()
    (BUILD / "report.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    wrong = [row for row in rows if row["wrong"]]
    heaviest = max((row["bytes"] for row in rows), default=0)
    print(
        f"{len(rows)} pages of {told}, {len(wrong)} with something wrong; the heaviest has {heaviest:,} bytes; see {BUILD}"
    )
    return int(bool(wrong) or not rows)


if __name__ == "__main__":
    sys.exit(main())
