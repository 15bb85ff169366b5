"""Every page is there for who may read it, as HTML and as JSON, and says nothing that somebody else wrote as its own."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import asyncpg
import httpx
import pytest
from testkit import sent
from tests.console.conftest import ASKED, HANDLER, SCRIPT, Console

from goodword import console, words
from goodword.app.principal import action_of
from goodword.console import nav
from goodword.console.headers import HEADERS
from goodword.core import access


class _Links(HTMLParser):
    """Gathers where a page leads, and what could run in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.files: set[str] = set()
        self.wrong: list[tuple[str, Any]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "a":
            self.links.add(str(of["href"]))
        if tag in ("link", "script", "use"):
            self.files.add(str(of.get("href") or of.get("src")))
        if tag == "style" or (tag == "script" and not of.get("src")):
            self.wrong.append((tag, attrs))
        self.wrong += [(tag, name) for name in of if name.startswith("on") or name == "style"]


def _records(desk: Console) -> list[str]:
    """Addresses of one record each."""
    row = desk.json("/console/rewards")["rewards"][0]["about"]
    case = desk.json("/console/cases")["cases"][0]["case"]["id"]
    records = [f"rewards/{row['reward']['id']}", f"people/{row['beneficiary']['id']}", f"cases/{case}", "log/3"]
    records += [f"referrals/{row['reward']['referral']}", f"conversions/{row['reward']['conversion']}"]
    records += [f"programs/{row['program']}", f"people/{row['friend']['id']}"]
    return [f"/console/{record}" for record in records]


def test_every_page_is_there_for_an_owner(desk: Console) -> None:
    """Also where nothing has happened yet: each then says what would fill it."""
    for page in nav.PAGES:
        assert f"<h1>{page.title}" in desk.html(page.address)
        assert desk.json(page.address)
    assert "No rewards here" in desk.html("/console/rewards?status=all")
    assert "Nothing is left to decide" in desk.html("/console/rewards")


def test_pages_lead_to_pages_and_to_files_that_are_there(busy: Console) -> None:
    """No link leads nowhere, nothing is asked of another host, and nothing in a page could run."""
    seen, new = set[str](), {"/console", *_records(busy)}
    while new:
        address = new.pop()
        seen.add(address)
        page = _Links(busy.html(address))
        assert busy.json(address) is not None
        assert page.wrong == []
        assert all(link.startswith("/console/static/") for link in page.files)
        for file in page.files:
            assert busy.get(file).headers["cache-control"] == "public, max-age=31536000, immutable"
        found = {
            link
            for link in page.links
            if link != "#main" and not link.startswith("/console/log/") and not re.search(r"\.csv|\.zip|/pdf$", link)
        }
        guides = {
            link for link in found if link.startswith(("/docs/", "/portal/"))
        }  # of the whole server, not of the console
        for link in guides - seen:
            assert httpx.get(busy.api.url + link, timeout=60).status_code == 200, link
        seen |= guides
        new |= {link for link in found if link not in seen}
        assert len(seen) < 600
    assert {page.address for page in nav.PAGES} <= seen


def test_what_people_wrote_is_text(busy: Console) -> None:
    """A name is shown as it is and is never a part of the page."""
    hostile = "/console/people?q=%3Cscript%3Ealert(1)%3C/script%3E"
    rows = busy.json("/console/rewards")["rewards"]
    people = {party["id"] for row in rows for party in (row["about"]["friend"], row["about"]["beneficiary"])}
    addresses = ["/console/rewards", hostile, *(f"/console/people/{id_}" for id_ in people)]
    addresses += ["/console/referrals", "/console/conversions", "/console/people?q=alert", *_records(busy)]
    addresses += ["/console/ledger/accounts", "/console/conversions?invoice=%22%3E%3Cscript%3E"]
    text = "".join(_followed(busy, address) for address in addresses)
    assert "&lt;script&gt;alert(1)" in text
    assert "&#34;onmouseover=" in text
    assert SCRIPT not in text
    assert HANDLER not in text
    quoted = busy.html("/console/people?q=%22%20onfocus=%22x")
    assert '" onfocus="' not in quoted


def _followed(desk: Console, address: str) -> str:
    """The text of a page, or of the one it leads to: a search that finds one person alone goes to them."""
    answer = desk.get(address)
    return desk.html(answer.headers["location"] if answer.status_code == 303 else address)


def test_a_reward_shows_its_seven_facts_and_why(busy: Console) -> None:
    """By name, in the list and alone; the twin has the same facts."""
    rows = busy.json("/console/rewards?beneficiary=Ann")["rewards"]
    assert [row["about"]["referrers"][0]["name"] for row in rows] == ["Ann"]
    row = rows[0]
    assert row["about"]["friend"]["name"] == "friend of Ann"
    assert (row["eligibility"], row["approval"], row["payment"]) == ("look", "case_open", "not_sent")
    assert row["about"]["waits_for"][0] == "case_chargeback"
    page = busy.html(f"/console/rewards/{row['about']['reward']['id']}")
    for fact in (
        "Ann",
        "friend of Ann",
        "Look closer",
        "INV-2",
        "Case open",
        "Not sent",
        "To the beneficiary",
        "accrued",
    ):
        assert fact in page
    one = busy.json(f"/console/rewards/{row['about']['reward']['id']}")
    explained = busy.api.get(f"/v1/explanations/{row['about']['reward']['id']}")
    told = [said["beneficiary"] for decision in one["decisions"] for said in decision["said"]]
    assert told == [sentence["beneficiary"] for sentence in explained["sentences"]]


def test_without_names_a_person_is_an_id(busy: Console) -> None:
    """An analyst sees who it is by the last digits, reads no log and is led to none."""
    busy.be("analyst")
    page = busy.html("/console/rewards")
    assert "Ann" not in page
    assert "per …" in page
    assert 'href="/console/log"' not in page
    reward = busy.json("/console/rewards")["rewards"][0]["about"]["reward"]["id"]
    assert busy.json(f"/console/rewards/{reward}")["decisions"] is None


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_who_may_not_is_told_so(desk: Console, accept: str) -> None:
    """A page says what happened and what to do, its twin is a problem document."""
    desk.be("analyst")
    expected = {
        "/log": 403,
        "/payouts": 403,
        "/cases": 403,
        "/rewards/rwd_none": 404,
        "/rewards?status=none": 400,
        "/x": 404,
    }
    for path, status in expected.items():
        answer = desk.get(f"/console{path}", accept)
        assert answer.status_code == status, path
        if accept == "application/json":
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == status
        else:
            assert "Nothing was changed." in answer.text
    assert desk.get("/console/rewards", method="POST").status_code == 405


def test_roles_are_shown_the_pages_that_they_may_read(desk: Console) -> None:
    """The side bar and what a page answers are of one mind, for every role."""
    for role in access.ROLES:
        desk.be(role)
        bar = _Links(desk.html("/console")).links
        for page in nav.PAGES:
            status = desk.get(page.address).status_code
            assert (page.address in bar) == (status == 200), (role, page.title, status)


def test_who_is_not_signed_in_is_asked_to(desk: Console) -> None:
    """Everywhere but at the files and at the page of signing in; of what there is they learn nothing."""
    desk.visitors.caller = None
    for path in ("", "/rewards", "/log/1", "/nothing/there"):
        assert desk.get(f"/console{path}").text == "Sign in"
    assert desk.get("/console/sign-in").status_code == 200
    assert desk.get("/console/static/base.css").status_code == 200


def test_every_answer_has_the_headers(busy: Console) -> None:
    """Pages, twins, errors, files and the page of signing in."""
    plain = [read.path for read in console.reads() if "{" not in read.path]
    addresses = [*(f"/console{path}" for path in plain), *_records(busy), "/console/sign-in", "/console/x", "/x"]
    for address in addresses:
        for accept in ("text/html", "application/json"):
            headers = busy.get(address, accept).headers
            assert {name: headers.get(name) for name in HEADERS} == HEADERS
            assert headers["cache-control"] == "no-store"
    assert busy.get("/console/static/base.css").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("error", "status"), [(OSError("no connection"), 503), (KeyError("a mistake"), 500)])
def test_what_goes_wrong_is_told_and_not_shown(
    desk: Console, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """While the database is away, and where we are wrong: a page that says what is safe, with nothing of the trace in it."""

    async def fails(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(desk.visitors, "of", fails)
    for path in ("/rewards", "/rewards/rwd_none"):
        answer = desk.get(f"/console{path}")
        assert answer.status_code == status
        assert str(error) not in answer.text
        assert desk.get(f"/console{path}", "application/json").json()["status"] == status
    assert desk.get("/console/nothing").status_code == status


def test_every_page_names_its_use_case() -> None:
    """So that nothing is shown that nobody asked a permission for."""
    for read in console.reads():
        assert action_of(read.use_case) in access.READS
    assert {page.path for page in nav.PAGES} <= {read.path for read in console.reads()}
    assert len({page.key for page in nav.PAGES}) == len(nav.PAGES)


def test_a_list_goes_on_where_it_ended(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor stands in the address beside the filters."""
    monkeypatch.setattr("goodword.console.rewards.LIMIT", 2)
    seen, address = list[str](), "/console/rewards?status=in_review"
    while address:
        seen += [row["about"]["reward"]["id"] for row in busy.json(address)["rewards"]]
        on = [link for link in _Links(busy.html(address)).links if "after=" in link]
        address = on[0] if on else ""
        assert not address or "status=in_review" in address
    assert len(seen) == len(set(seen)) == len(busy.api.get("/v1/rewards", status="in_review")["items"])


def test_a_longer_page_asks_no_more_of_the_database(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown beside rewards is read once a noun, however many there are."""
    asked: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval"):
        real = getattr(asyncpg.Connection, name)

        async def counted(conn: Any, query: str, *args: Any, _real: Any = real, **more: Any) -> Any:
            if ASKED.get():
                asked.append(query)
            return await _real(conn, query, *args, **more)

        monkeypatch.setattr(asyncpg.Connection, name, counted)

    def asks(limit: int) -> tuple[int, int]:
        monkeypatch.setattr("goodword.console.rewards.LIMIT", limit)
        asked.clear()
        return len(busy.json("/console/rewards?status=in_review")["rewards"]), len(asked)

    (few, once), (many, again) = asks(1), asks(50)
    assert again - once <= 2 < many - few  # a noun more, such as the case of one of them


def test_who_is_limited_to_programs_sees_theirs_alone(busy: Console) -> None:
    """Rewards, cases and pages of other programs are not there for them."""
    reward, _, case, _, referral, order, program, _ = _records(busy)
    busy.be("owner", programs=("prg_00000000000000000000000000",))
    assert busy.json("/console/rewards")["rewards"] == []
    assert busy.json("/console/cases")["cases"] == []
    assert busy.json("/console/programs")["programs"] == []
    assert busy.json("/console/referrals")["referrals"] == []
    assert busy.json("/console/conversions")["conversions"] == []
    assert {busy.get(path).status_code for path in (reward, case, referral, order, program)} == {404}
    assert busy.json("/console/people?q=INV-2")["found"] == []
    assert busy.get("/console/ledger").status_code == 403
    assert busy.get("/console/log").status_code == 403
    assert busy.get("/console").status_code == 200


def test_home_says_why_nothing_came_of_events(busy: Console) -> None:
    """Each reason of today in words, with how often; the other figures stand apart."""
    busy.api.send(sent.purchase("alone", "nobody's friend", "INV-9", 5_000))
    busy.api.until(lambda: busy.api.get("/v1/reports/overview")["lag_seconds"] == 0)
    home = busy.json("/console")
    assert home["refused"]
    page = busy.html("/console")
    assert "Why nothing, today" in page
    assert all(words.refusal(code) in unescape(page) for code in home["refused"])


def test_a_person_shows_what_is_known_and_agreed_to(busy: Console) -> None:
    """Of each purpose what was said last; the firm's name is one that only some may see."""
    friend = {"customer_external_id": "friend of Ann"}
    known = {"language": "de_AT", "time_zone": "Europe/Vienna", "country": "at", "company": "Bond & Sons"}
    busy.api.send({"type": "customer.updated", "id": "known-1", **friend, **known})
    over = {"purpose": "news", "channel": "email", "outcome": "given", "until": "2026-01-02T00:00:00Z"}
    busy.api.send({"type": "consent.recorded", "id": "consent-1", **friend, **over})
    busy.api.send({"type": "consent.recorded", "id": "consent-2", **friend, "purpose": "survey", "outcome": "revoked"})
    address = f"/console/people/{busy.api.person('friend of Ann')}"
    view = busy.json(address)["known"]
    assert [view[name] for name in known] == ["de-AT", "Europe/Vienna", "AT", "Bond & Sons"]
    assert [(it["purpose"], it["channel"], it["given"], it["holds"]) for it in view["consents"]] == [
        ("news", "email", True, False),
        ("survey", None, False, False),
    ]
    page = unescape(busy.html(address))
    assert [text for text in ("Bond & Sons", "Europe/Vienna", "news, email", "taken back") if text not in page] == []
    assert busy.json(f"/console/people/{busy.api.person('Ann')}")["known"]["consents"] == []
    busy.api.send({"type": "survey.answered", "id": "survey-1", **friend, "survey": "csat", "score": 4})
    answer = busy.json(address)["known"]["answers"]
    assert [(name, it["score"], it["low"], it["high"]) for name, it in answer] == [("csat", 4, 1, 5)]
    assert re.search("<dt>csat</dt><dd>4 <span[^>]*>of 1 to 5, ", busy.html(address))


def test_a_payout_shows_what_it_pays(busy: Console) -> None:
    """Its payee by name, the rewards in it, and what was said of it."""
    ann = busy.json("/console/people?q=Ann")["found"][0]["person"]["id"]
    case = busy.json("/console/cases?status=open")["cases"][0]["case"]["id"]
    busy.api.member("otto", "owner")
    busy.api.say("otto", f"/v1/cases/{case}/decision", {"outcome": "cleared", "reason": "looked_at"})
    [reward] = [row["about"]["reward"]["id"] for row in busy.json(f"/console/rewards?beneficiary={ann}")["rewards"]]
    busy.api.say("owner", f"/v1/rewards/{reward}/looks", {"seconds": 5})
    busy.api.agree("/v1/approvals", reward)
    busy.api.move("2026-08-01T00:00:00Z")
    busy.api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
    [row] = busy.json("/console/payouts?status=awaiting_release")["payouts"]
    assert row["name"] == "Ann"
    page = busy.html(f"/console/payouts/{row['payout']['id']}")
    assert "Ann" in page
    assert f"/console/rewards/{reward}" in page
    assert busy.json(f"/console/rewards/{reward}")["row"]["payment"] == "to_release"


def _claims_at_home(desk: Console) -> int:
    """How many claims Home says that wait for a person, and whether its page says them too."""
    [need] = [one for one in desk.json("/console")["needs"] if one["code"] == "claims"]
    assert ("Claims open" in desk.html("/console")) is bool(need["count"])
    return int(need["count"])


def test_a_claim_shows_its_sides_beside_one_another(busy: Console) -> None:
    """Who claims the friend and to whom they are bound, by name, with what stands."""
    people = {name: busy.api.person(name) for name in ("friend of Ann", SCRIPT)}
    claim = {"program": busy.json("/console/programs")["programs"][0]["slug"], "person": people["friend of Ann"]}
    claim |= {"advocates": [{"person": people[SCRIPT]}], "lead_at": "2026-03-02T09:00:00Z", "reason": "phone"}
    assert not _claims_at_home(busy)
    busy.api.say("owner", "/v1/claims", claim)
    assert _claims_at_home(busy) == 1
    [sides] = busy.json("/console/claims")["claims"]
    page = busy.html(f"/console/claims/{sides['claim']['id']}")
    assert "&lt;script&gt;" in page
    assert "Ann" in page
    assert SCRIPT not in page
    assert _Links(page).wrong == []
    assert sides["standing"][0]["stakes"][0]["amount"] == 2_000


def test_files_are_sent_small_and_pages_are_not(desk: Console) -> None:
    """What is secret in a page, such as the token of its forms, must not show in how small it could be made."""
    page = desk.get("/console")
    assert "content-encoding" not in page.headers
    sizes, plain = dict[str, int](), dict[str, int]()  # as sent and as they are
    for file in {found.partition("#")[0] for found in _Links(page.text).files}:
        answer = desk.get(file)
        assert answer.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in answer.headers["vary"]
        sizes[file], plain[file] = int(answer.headers["content-length"]), len(answer.content)
        assert sizes[file] < plain[file]
    assert sizes
    assert sum(sizes.values()) < 45_000
    assert sum(size for file, size in plain.items() if "htmx" not in file) < 100_000
