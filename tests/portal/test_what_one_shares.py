"""What somebody shares from their page: channels, their own words, a card, and a code of their choice, once."""

import asyncio
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from testkit import sent
from testkit.tokens import token
from tests.api.conftest import RULES
from tests.api.test_links import BROWSER
from tests.portal.conftest import OURS, Api
from tests.portal.test_coming_in import claims_of, secret_of

from goodword import words
from goodword.app import say, sharing
from goodword.app.errors import InvalidError
from goodword.app.intake.views import milestone
from goodword.app.principal import Principal
from goodword.app.proof.audit import verify
from goodword.core import entry, events
from goodword.core.facts import Actor

TEXTS = "\nsharing:\n  landing: page\n  texts:\n  - {name: short, text: Their tea & cake.}\n  - {name: long, text: Good <b>.}\n"
DISCLOSURE = "I may get a reward from test if you order."


@pytest.fixture
def shop(api: Api) -> Api:
    """A program with two texts, and two advocates."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": RULES + TEXTS}).is_success
    api.send(sent.enrolled("a", "ann", "ANNA10"), sent.enrolled("e", "eve", "EVE-20"))
    return api


@pytest.fixture
def ann(shop: Api) -> Iterator[httpx.Client]:
    """Her browser, in which she is signed in."""
    with httpx.Client(base_url=shop.url, timeout=30, trust_env=False, headers=OURS) as client:
        assert client.post(f"/portal/{shop.ws}/in/{token(secret_of(shop), claims_of(shop))}").status_code == 303
        yield client


def kit(shop: Api, ann: httpx.Client, more: str = "") -> str:
    """The page."""
    page = ann.get(f"/portal/{shop.ws}/share/main{more}")
    assert page.status_code == 200, page.text
    assert len(page.content) < 60_000
    return page.text


def post(shop: Api, ann: httpx.Client, more: str, form: str | None = None, **fields: str) -> httpx.Response:
    """Send a form of the page, once so many are taken."""
    form = re.findall(r'name="form" value="(\w+)"', kit(shop, ann))[0] if form is None else form
    at, fields = f"/portal/{shop.ws}/share/main{more}", {"form": form, **fields}
    found: list[httpx.Response] = []

    def tried() -> bool:
        found.append(ann.post(at, data=fields))
        return found[-1].status_code != 429

    shop.until(tried)
    return found[-1]


def said(shop: Api, kind: type[events.Event]) -> list[str]:
    """What was decided of events of a kind, for finance, the oldest first."""
    leaves = shop.rows("select leaf from log where workspace_id = $1 order by position")
    return [
        words.sentences(it.verdicts[0]).finance for (leaf,) in leaves if type((it := entry.read(leaf)).event) is kind
    ]


def shown(page: str, name: str) -> list[str]:
    """The notices of the page by their meaning."""
    return [html.unescape(it) for it in re.findall(rf'notice {name}"[^>]*>.*?<p[^>]*>([^<]+)</p>', page, re.DOTALL)]


def people(shop: Api, *names: str) -> list[Principal]:
    """These, as they are signed in at the portal."""
    workspace = shop.run(shop.goodword.directory.workspace(shop.ws))
    return [Principal("session", workspace, Actor(id=shop.person(name), kind="person")) for name in names]


def verified(shop: Api) -> None:
    """All of it stands as the log has it."""
    directory = shop.goodword.directory
    assert not shop.run(verify(directory.engine.pool, shop.ws, safe=directory.vault)).differences


# --- channels ---------------------------------------------------------------------------------------------------------


def test_a_channel_opens_with_the_text_what_is_added_and_the_link(shop: Api, ann: httpx.Client) -> None:
    """It leads to the app alone; that it was opened is an event with channel and text, once a day of each."""
    for _ in range(2):
        answer = post(shop, ann, "/to/whatsapp", text="short", said="Their tea & cake.")
        assert answer.status_code == 303
    there = urlsplit(answer.headers["location"])
    assert (there.scheme, there.netloc) == ("https", "wa.me")
    [whole] = parse_qs(there.query)["text"]
    assert whole.startswith("Their tea & cake. ")
    assert DISCLOSURE in whole
    assert whole.endswith(f"/w/{shop.ws}/r/ANNA10")
    [advocate] = shop.get("/v1/advocates", person=shop.person("ann"))["items"]
    assert said(shop, events.LinkShared) == [
        f"command: link_shared ({advocate['id']}). Channel: whatsapp. Text: short."
    ]


def test_edited_words_carry_the_disclosure(shop: Api, ann: httpx.Client) -> None:
    """Whatever is typed, what is added stands behind it, and the event says no name of a text."""
    typed = "Hi Tom!\r\nTea?\u202e #1 & more " + "x" * 600
    answer = post(shop, ann, "/to/email", text="long", said=typed)
    fields = dict(part.split("=", 1) for part in answer.headers["location"].removeprefix("mailto:?").split("&"))
    body = unquote(fields["body"])
    assert body.startswith("Hi Tom!\r\nTea? #1 & more xxx")
    assert "\u202e" not in body
    assert body.count("x") < sharing.LONGEST + 10
    assert DISCLOSURE in body
    assert ["In their own words." in it for it in said(shop, events.LinkShared)] == [True]
    assert not shop.rows(
        "select 1 from log where workspace_id = $1 and position(convert_to('Tom', 'utf8') in leaf) > 0"
    )


def test_the_phones_sheet_is_told_and_leads_nowhere(shop: Api, ann: httpx.Client) -> None:
    """Its button is hidden where no script shows it; what is sent behind it is noted."""
    page = kit(shop, ann)
    assert re.search(r"<button[^>]* hidden data-sheet", page)
    assert post(shop, ann, "/to/sheet", text="short", said="Their tea & cake.").status_code == 204
    assert len(said(shop, events.LinkShared)) == 1


def test_no_channel_leads_elsewhere_and_nobody_else_says_that_one_was_opened(shop: Api, ann: httpx.Client) -> None:
    """What is no channel is not there; another's form, a form of nobody and another site are refused, and nothing is said."""
    assert post(shop, ann, "/to/evil", text="short", said="x", url="https://evil.example").status_code == 404
    assert post(shop, ann, "/to/x", form="f" * 64, text="short", said="x").status_code == 403
    assert post(shop, ann, "/to/x", text="none", said="x").status_code == 404
    at = f"/portal/{shop.ws}/share/main/to/x"
    assert ann.post(at, data={"said": "x"}, headers={"sec-fetch-site": "cross-site"}).status_code in (403, 429)
    assert ann.get(at).status_code == 404
    with httpx.Client(base_url=shop.url, trust_env=False, headers=OURS) as nobody:
        assert nobody.post(at, data={"said": "x"}).headers["location"] == f"/portal/{shop.ws}/in"
    assert said(shop, events.LinkShared) == []


def test_the_policy_of_the_page_names_the_apps_and_no_other_page_does(shop: Api, ann: httpx.Client) -> None:
    """A form's answer may lead to them from there; nothing else is let in."""
    policy = ann.get(f"/portal/{shop.ws}/share/main").headers["content-security-policy"]
    home = ann.get(f"/portal/{shop.ws}").headers["content-security-policy"]
    assert (
        "form-action 'self' mailto: sms: https://wa.me https://t.me https://x.com https://www.linkedin.com;" in policy
    )
    assert re.sub(r"form-action [^;]+", "form-action 'self'", policy) == home


def test_texts_are_chosen_by_name_and_escaped(shop: Api, ann: httpx.Client) -> None:
    """The first by default; one that is not there has no page."""
    assert "Their tea &amp; cake.</textarea>" in kit(shop, ann)
    assert "Good &lt;b&gt;.</textarea>" in kit(shop, ann, "?text=long")
    assert ann.get(f"/portal/{shop.ws}/share/main?text=none").status_code == 404


def test_the_card_says_who_gets_what_and_the_picture_is_the_link(shop: Api, ann: httpx.Client) -> None:
    """With the code to type in; as files, the same picture as staff have."""
    page = ann.get(f"/portal/{shop.ws}/share/main/card").text
    for text in ("ANNA10", "you get 5.00 EUR", "Who gave you this card may get a reward from test", "<svg"):
        assert text in page
    assert "<script" not in page
    for kind in ("svg", "png"):
        answer = ann.get(f"/portal/{shop.ws}/share/main/link.{kind}")
        assert answer.content == sharing.picture(f"{shop.url}/w/{shop.ws}/r/ANNA10", kind)  # type: ignore[arg-type]
        assert answer.headers["content-disposition"] == f'attachment; filename="link.{kind}"'
    assert ann.get(f"/portal/{shop.ws}/share/main/link.exe").status_code == 404
    assert "/f/ANNA10?gw_look=1" in kit(shop, ann)


# --- a code of one's own ----------------------------------------------------------------------------------------------


def test_somebody_chooses_a_code_once_and_both_lead_to_them(shop: Api, ann: httpx.Client) -> None:
    """The page says so, the link is the new one's, whatever looks like it is read as it, and the log has no text."""
    answer = post(shop, ann, "/code", code=" Anna-Loves-Tea ", once="1")
    assert answer.headers["location"] == f"/portal/{shop.ws}/share/main?done=code#code"
    page = kit(shop, ann, "?done=code")
    assert shown(page, "good") == ["You share Anna-Loves-Tea from now on."]
    assert "/r/Anna-Loves-Tea" in page
    assert "<code>ANNA10</code>" in page
    assert 'name="code"' not in page
    for code in ("ANNA10", "anna 1oves tea", "ANNALOVESTEA."):
        link = shop.http.get(f"/w/{shop.ws}/r/{code}", headers=BROWSER)
        assert link.headers["location"].startswith(f"/w/{shop.ws}/f/"), code
        assert shop.http.get(link.headers["location"], headers=BROWSER).status_code == 200
    shop.send(sent.lead("l", "bob", code="annalovestea"))
    assert shop.get("/v1/referrals", friend=shop.person("bob"))["items"]
    again = post(shop, ann, "/code", code="SECOND", once="2")
    assert again.headers["location"].endswith("?wrong=code_changed_before#code")
    back = post(shop, ann, "/code", code="SECOND", once="1")  # by the page of before, which a browser shows again
    assert back.headers["location"].endswith("?wrong=code_changed_before#code")
    assert len(said(shop, events.CodeChanged)) == 1
    assert not shop.rows(
        "select 1 from log where workspace_id = $1 and position(convert_to('Loves', 'utf8') in leaf) > 0"
    )


#: What is chosen, and what becomes of it.
WRONG = {
    **dict.fromkeys(("abc", "x" * 21, "12345", "evil.example", "a b c d", "<b>x</b>", "-abcd"), "unreadable"),
    **dict.fromkeys(("eve20", "EVE-2O", "\u0415V\u0415-20"), "code_taken"),
    "anna10": "nothing_to_do",
}


def test_what_is_no_code_or_is_somebodys_is_refused_and_leaves_nothing(shop: Api, ann: httpx.Client) -> None:
    """Neither the log nor the names of codes hold what was tried, and the page says why."""
    count = "select (select count(*) from log where workspace_id = $1), (select count(*) from alias where workspace_id = $1)"
    before = shop.rows(count)
    [who] = people(shop, "ann")
    for number, (code, wrong) in enumerate(WRONG.items()):
        change = say.sharing.change_own(who, shop.goodword.directory, "main", code, str(number))
        if wrong == "unreadable":
            with pytest.raises(InvalidError):
                shop.run(change)
        else:
            assert shop.run(change).verdicts[0].refusal == wrong
    for code in ("abc", "eve20"):
        answer = post(shop, ann, "/code", code=code, once=code)
        assert answer.headers["location"] == f"/portal/{shop.ws}/share/main?wrong={WRONG[code]}#code"
        assert len(shown(kit(shop, ann, f"?wrong={WRONG[code]}"), "stop")) == 1
    assert shop.rows(count) == before


def test_of_two_at_once_exactly_one_wins(shop: Api) -> None:
    """Ann chooses two codes at once, and Eve one of them: each gets one code at most, and no code has two."""
    directory = shop.goodword.directory
    who = dict(zip(("ann", "eve"), people(shop, "ann", "eve"), strict=True))
    tries = [("ann", "TEATIME"), ("ann", "CAKETIME"), ("eve", "TEATIME"), ("eve", "teat1me")]

    async def all_at_once() -> list[Any]:
        asked = [say.sharing.change_own(who[name], directory, "main", code, f"{name}{code}") for name, code in tries]
        return await asyncio.gather(*asked)

    won = [tried for tried, it in zip(tries, shop.run(all_at_once()), strict=True) if not it.refused]
    assert len([name for name, _ in won if name == "ann"]) == 1
    assert len([code for _, code in won if code.casefold() != "caketime"]) == 1
    assert len(said(shop, events.CodeChanged)) == len(won)
    verified(shop)


def test_staff_give_a_code_by_the_api(shop: Api) -> None:
    """Once; what is wrong is said, another workspace's advocate is not there, and a repeat is one."""
    [advocate] = shop.get("/v1/advocates", person=shop.person("eve"))["items"]
    at = f"/v1/advocates/{advocate['id']}/code"
    for _ in range(2):
        answer = shop.call("owner", "POST", at, json={"code": "EVES-CAKE"}, key="k")
        assert answer.status_code == 200, answer.text
    assert shop.get(f"/v1/advocates/{advocate['id']}/sharing")["link"]["code"] == "EVES-CAKE"
    for code, error in (("EVES-TEA", "code_changed_before"), ("a", "invalid_request")):
        assert shop.call("owner", "POST", at, json={"code": code}).json()["code"] == error
    assert shop.call("owner", "POST", "/v1/advocates/adv_none/code", json={"code": "EVES-TEA"}).status_code == 404


# --- views ------------------------------------------------------------------------------------------------------------


def test_that_a_page_was_opened_is_an_event_the_first_and_the_tenth_time(shop: Api) -> None:
    """Of people alone, once each, however many come; the count is beside it, and nothing of who came."""

    def opened(times: int) -> None:
        before = sum(row[0] for row in shop.rows("select people from page_view where workspace_id = $1"))
        for _ in range(times):
            shop.until(lambda: shop.http.get(f"/w/{shop.ws}/f/ANNA10", headers=BROWSER).status_code == 200)
        shop.until(
            lambda: (
                sum(row[0] for row in shop.rows("select people from page_view where workspace_id = $1"))
                == before + times
            )
        )

    opened(1)
    shop.until(lambda: len(said(shop, events.LandingViewed)) == 1)
    assert shop.http.get(f"/w/{shop.ws}/f/ANNA10?gw_look=1", headers=BROWSER).status_code == 200, "it is no view"
    opened(7)
    opened(3)
    shop.until(lambda: len(said(shop, events.LandingViewed)) == 2)
    told = said(shop, events.LandingViewed)
    assert ["by people: 1 so far" in told[0], "by people: 10 so far" in told[1]] == [True, True]
    verified(shop)


@pytest.mark.parametrize(
    ("count", "reached"), [(0, 0), (1, 1), (9, 1), (10, 10), (99, 10), (100, 100), (12_345, 10_000)]
)
def test_what_is_said_is_a_power_of_ten(count: int, reached: int) -> None:
    """However often somebody opens a page, the log grows by a few lines a day."""
    assert milestone(count) == reached
