"""The page of a friend, as a browser asks for it: what it says and hides, where it leads, and what is stored of a visit."""

import html
import re
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.api.conftest import RULES, Api
from tests.api.test_links import BROWSER

from goodword.outbound import preview
from goodword.portal.friends import kept

PAGE = RULES + "\nsharing:\n  landing: page\n  texts:\n  - {name: short, text: Their tea & cake.}\n"
SLACK = {**BROWSER, "user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}


@pytest.fixture
def ann(api: Api) -> Api:
    """A program with a page for friends, and Ann, whose code is ANNA10."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": PAGE}).is_success
    named = {"type": "customer.updated", "id": "u", "customer_external_id": "ann", "name": "Ann <b>Example</b>"}
    api.send(sent.enrolled("a", "ann", "ANNA10"), named)
    return api


def get(api: Api, path: str, headers: dict[str, str] = BROWSER) -> httpx.Response:
    """Ask for an address of the workspace."""
    return api.http.get(f"/w/{api.ws}{path}", headers=headers)


def text(answer: httpx.Response) -> str:
    """What a reader sees, without the marks of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def permit(api: Api, id_: str, **more: Any) -> None:
    """Ann says whether she is named."""
    api.send({"type": "consent.recorded", "id": id_, "customer_external_id": "ann", "purpose": "named", **more})


def touches(api: Api) -> int:
    """How many clicks are stored."""
    return len(api.rows("select 1 from touch where workspace_id = $1"))


def test_a_link_leads_by_way_of_the_page_to_the_company(ann: Api) -> None:
    """The link keeps its query to the page, whose button keeps it to the company's; only then there is a click."""
    link = get(ann, "/r/ANNA10?utm_source=x%26y&gw_click=tch_mine")
    assert link.status_code == 302
    assert link.headers["location"] == f"/w/{ann.ws}/f/ANNA10?utm_source=x%26y"
    page = ann.http.get(link.headers["location"], headers=BROWSER)
    assert (page.status_code, touches(ann)) == (200, 0)
    [button] = re.findall(r'class="btn primary large" href="([^"]+)"', page.text)
    assert html.unescape(button) == f"/w/{ann.ws}/r/ANNA10?gw_go=1&utm_source=x%26y"
    gone = ann.http.get(html.unescape(button), headers=BROWSER).headers["location"]
    assert re.fullmatch(r"https://shop\.example/hello\?utm_source=x%26y&gw_click=tch_\w+", gone)
    assert touches(ann) == 1


def test_the_page_says_what_holds_before_the_button(ann: Api) -> None:
    """The disclosure and what the friend gets come first; the code and the conditions stand there; it fits, and runs no script."""
    page = get(ann, "/f/anna1O")
    said = text(page)
    assert said.index("may get a reward from") < said.index("Go to test") < said.index("ANNA10")
    assert "Somebody recommends" in said
    assert "Ann" not in said.replace("ANNA10", "")
    assert "<script" not in page.text
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert len(page.content) < 60_000


def test_somebody_is_named_as_far_as_they_permit(ann: Api) -> None:
    """By the first word of their name, or as they chose, escaped; no more once they took it back."""
    permit(ann, "c1", outcome="given")
    assert "Ann recommends" in text(get(ann, "/f/ANNA10"))
    permit(ann, "c2", outcome="given", shown_as="Änn & 'O'")
    page = get(ann, "/f/ANNA10")
    assert "Änn & 'O' recommends" in text(page)
    assert "&amp; &#39;O&#39; recommends" in page.text
    permit(ann, "c3", outcome="revoked")
    assert "Somebody recommends" in text(get(ann, "/f/ANNA10"))


def test_a_consent_ends_by_the_clock_of_the_workspace(ann: Api) -> None:
    """Half-open: at its end they are named no more."""
    permit(ann, "c1", outcome="given", until="2026-04-01T00:00:00Z")
    for now, named in (("2026-03-31T23:59:59Z", "Ann"), ("2026-04-01T00:00:00Z", "Somebody")):
        ann.move(now)
        assert f"{named} recommends" in text(get(ann, "/f/ANNA10"))


@pytest.mark.parametrize("name", ["evil.example now", "Evil\u3002example"])
def test_what_a_reader_makes_a_link_of_is_no_name(ann: Api, name: str) -> None:
    """Neither as it was chosen nor as the first word of a name; initials are one."""
    permit(ann, "c1", outcome="given", shown_as=name)
    assert "Somebody recommends" in text(get(ann, "/f/ANNA10"))
    permit(ann, "c2", outcome="given", shown_as="J.R. Ewing")
    assert "J.R. Ewing recommends" in text(get(ann, "/f/ANNA10"))


@pytest.mark.parametrize("name", ["https://evil.example", "a@b", "<b>", "x" * 41])
def test_an_address_is_no_name(ann: Api, name: str) -> None:
    """What leads elsewhere, or is no name, is refused."""
    said = {
        "type": "consent.recorded",
        "id": "c",
        "customer_external_id": "ann",
        "purpose": "named",
        "outcome": "given",
    }
    headers = {"authorization": f"Bearer {ann.keys['wk']}"}
    [item] = ann.http.post("/v1/events", json=[{**said, "shown_as": name}], headers=headers).json()["items"]
    assert (item["status"], item["field"]) == ("invalid", "shown_as")


def test_previews_are_right_and_are_no_views_of_people(ann: Api) -> None:
    """An unfurler follows the link to a title and a description; it stores no click and counts apart."""
    page = ann.http.get(get(ann, "/r/ANNA10", SLACK).headers["location"], headers=SLACK)
    assert re.search(r'<meta property="og:title" content="Somebody recommends [^"]+">', page.text)
    assert re.search(r'<meta property="og:description" content="Who recommends us may get a reward[^"]+">', page.text)
    for _ in range(3):
        get(ann, "/f/anna10")
    ann.until(lambda: ann.rows("select 1 from page_view where workspace_id = $1"))
    ann.until(lambda: sum(row[0] for row in ann.rows("select people from page_view where workspace_id = $1")) == 3)
    rows = ann.rows("select code, people, bots from page_view where workspace_id = $1")
    assert [tuple(row)[1:] for row in rows] == [(3, 1)]
    assert touches(ann) == 0


@pytest.mark.parametrize(
    "agent", ["WhatsApp/2.24 A", "LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)"]
)
def test_a_preview_has_all_that_its_makers_ask_for(ann: Api, agent: str) -> None:
    """Whole addresses of this server whatever host was asked for, a picture of the size that is said, and a page that is small."""
    headers = {"user-agent": agent, "accept": "*/*"}
    page = ann.http.get(get(ann, "/r/ANNA10", headers).headers["location"], headers=headers)
    told = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', page.text))
    assert told["url"] == f"{ann.url}/w/{ann.ws}/f/ANNA10"
    assert (told["image:width"], told["image:height"]) == ("1200", "630")
    assert told["image"].startswith(f"{ann.url}/portal/{ann.ws}/preview/")
    assert len(page.content) < 20_000
    picture = ann.http.get(told["image"], headers=headers)
    assert (picture.headers["content-type"], picture.headers["cache-control"]) == ("image/png", "public, max-age=86400")
    assert picture.content[16:24] == (1200).to_bytes(4) + (630).to_bytes(4)
    assert len(picture.content) < 100_000
    for no in ("preview/0", "preview/%00"):
        assert ann.http.get(told["image"].replace("preview/", no), headers=headers).status_code == 404
    assert ann.http.get(told["image"].replace(ann.ws, "wsp_none"), headers=headers).status_code == 404


def test_a_picture_leaves_out_what_it_cannot_write() -> None:
    """A line in letters that the font lacks is left out, a long one ends with dots, and the same lines are the same bytes."""
    mark = preview.png("", "")
    assert preview.png("\u65e5\u672c", "\u8336") == mark
    assert preview.png("Tea", "") not in (mark, preview.png("Te", ""))
    assert preview.png("Tea " * 99, "x" * 999) == preview.png("Tea " * 98, "x" * 998)


def test_a_code_of_nobody_has_a_page_that_says_so(ann: Api) -> None:
    """Nothing is stored of it, however often it is asked for, and no address in it leads anywhere."""
    for path in ("/f/NOBODY", "/f/%2F%2Fevil.example", f"/f/{'x' * 200}", "/f/"):
        page = get(ann, path)
        assert (page.status_code, "This link does not work" in text(page)) == (404, True)
    assert ann.http.get("/f/ANNA10", headers={**BROWSER, "host": "nobody.example"}).status_code == 404
    assert not ann.rows("select 1 from page_view where workspace_id = $1")


def test_what_has_ended_promises_nothing(ann: Api) -> None:
    """Of who has left, of a paused program and of one that has ended the page says so, and what anybody can do."""
    ann.send({"type": "advocate.left", "id": "l", "external_id": "ann"})
    assert ended(ann) == (410, "This recommendation counts no more")
    ann.send({"type": "advocate.resumed", "id": "r", "external_id": "ann"})
    assert get(ann, "/f/ANNA10").status_code == 200
    for status, code, title in (
        ("pause", 200, "test takes no recommendations now"),
        ("end", 410, "This offer has ended"),
    ):
        assert ann.call("owner", "POST", f"/v1/programs/main/{status}").is_success, status
        assert ended(ann) == (code, title)


@pytest.mark.parametrize("code", ["a/r/b", "a/f/b", "//evil.example", "x?y=1#z", "%2e%2e", "gw_go=1", '"><b>'])
def test_a_code_of_any_signs_leads_by_way_of_its_page(ann: Api, code: str) -> None:
    """Each sign is the code's, on the way to the page and on to the company, and leads nowhere else."""
    ann.send(sent.enrolled("o", "odd", code))
    [advocate] = ann.get("/v1/advocates", person=ann.person("odd"))["items"]
    link = ann.get(f"/v1/advocates/{advocate['id']}/sharing")["link"]["url"].removeprefix(ann.url)
    page = ann.http.get(ann.http.get(link, headers=BROWSER).headers["location"], headers=BROWSER)
    [button] = re.findall(r'class="btn primary large" href="([^"]+)"', page.text)
    gone = ann.http.get(html.unescape(button), headers=BROWSER).headers["location"]
    assert re.fullmatch(r"https://shop\.example/hello\?gw_click=tch_\w+", gone)
    assert f"<code>{html.escape(code).replace('&quot;', '&#34;')}</code>" in page.text


def test_before_a_program_goes_live_its_page_says_so(ann: Api) -> None:
    """A code that somebody already has promises nothing then, and is no mistake of ours."""
    ann.run(ann.goodword.pool.execute("update program set status = 'draft' where workspace_id = $1", ann.ws))
    assert ended(ann) == (200, "test takes no recommendations yet")


def ended(api: Api) -> tuple[int, str]:
    """The status of Ann's page and its headline's end; it promises nothing."""
    page = get(api, "/f/ANNA10")
    assert "5.00 EUR" not in text(page)
    [title] = re.findall(r"<h1>([^<]+)</h1>", page.text)
    return page.status_code, title


@pytest.mark.parametrize(
    ("query", "goes_on"),
    [
        ("utm=1&gw_click=x&gw_code=y&gw_go=1", "utm=1"),
        ("gw%5Fclick=x&a=b", "a=b"),
        ("a=%0d%0aset-cookie:x", "a=%0d%0aset-cookie:x"),
        ('a="><script>', "a=%22%3E%3Cscript%3E"),
        ("&&&", ""),
    ],
)
def test_only_what_is_not_ours_goes_on(query: str, goes_on: str) -> None:
    """What a visitor brings is kept, encoded; what only we may say is not taken from them."""
    assert kept(query) == goes_on
