"""What somebody reads of what is held about them, from whom it came, and what they agree to and take back themselves."""

import re

import httpx
import pytest
from testkit import sent
from testkit.tokens import token
from tests.api.conftest import Api
from tests.portal.test_coming_in import browser, claims_of, secret_of
from tests.portal.test_friends import PAGE

from goodword.sources.naming import is_name

__all__ = ["browser"]


@pytest.fixture
def shop(api: Api) -> Api:
    """Ann, who recommends, and Bob, who came by her and ordered."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": PAGE}).is_success
    api.send(
        sent.enrolled("a", "ann", "ANN", email="ann@shop.example", name="Ann Example"),
        sent.lead("l", "bob", code="ANN", customer_email="bob@shop.example", customer_name="Bob <b>Other</b>"),
        {"type": "customer.updated", "id": "u", "customer_external_id": "bob", "traits": {"shoe": 43}, "country": "DE"},
        {"type": "survey.answered", "id": "s", "customer_external_id": "bob", "survey": "nps", "score": 9},
        sent.purchase("p", "bob", "i-1", 12_300),
    )
    api.payee("bob", "bank_file", name="Bob Other", iban="DE89370400440532013000")
    return api


def enter(api: Api, client: httpx.Client, sub: str) -> None:
    """Sign somebody in."""
    at = f"/portal/{api.ws}/in/{token(secret_of(api), claims_of(api, sub=sub))}"
    api.until(lambda: client.post(at).status_code == 303)


@pytest.fixture
def bob(shop: Api, browser: httpx.Client) -> httpx.Client:
    """His browser, in which he is signed in."""
    enter(shop, browser, "bob")
    return browser


def text(page: httpx.Response) -> str:
    """What a reader sees, without the marks of HTML."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def about(api: Api, client: httpx.Client) -> httpx.Response:
    """The page."""
    return client.get(f"/portal/{api.ws}/about-me")


def say(api: Api, client: httpx.Client, purpose: str, outcome: str, **more: str) -> httpx.Response:
    """Send the form of the page that is about a purpose."""
    form = re.search(
        rf'<form[^>]*>((?:(?!</form>).)*name="purpose" value="{purpose}".*?)</form>', about(api, client).text, re.DOTALL
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1])) if form else {}
    return client.post(f"/portal/{api.ws}/about-me", data={**fields, "purpose": purpose, "outcome": outcome, **more})


def test_somebody_reads_what_is_held_of_them_and_from_whom(shop: Api, bob: httpx.Client) -> None:
    """Each value with who said it; what is sealed apart by its last characters alone; nothing of who recommended him."""
    page = about(shop, bob)
    said = text(page)
    assert page.status_code == 200
    assert "Mail bob@shop.example From test, 2 March 2026" in said
    assert "Name Bob &lt;b&gt;Other&lt;/b&gt; From test, 2 March 2026" in said
    assert "Detail shoe: 43" in said
    assert "payee:name" not in said, "what is noticed is told nobody"
    assert "Answer to a survey nps: 9 (0–10)" in said
    assert "Country DE" in said
    assert "Order 123.00 EUR 2 March 2026" in said
    assert "Somebody recommended you to the program main, 2 March 2026" in said
    assert "ann" not in said.lower().replace("cannot", "")
    assert len(page.content) < 60_000
    assert "Paid to Account ending in 3000" in said
    assert "DE89" not in said


def test_what_is_held_of_others_is_on_no_page_of_ones_own(shop: Api, bob: httpx.Client) -> None:
    """Ann's page has her own mail and not his, whatever the address says."""
    assert "ann@shop.example" not in about(shop, bob).text
    enter(shop, bob, "ann")
    for more in ("", f"?person={shop.person('bob')}", "?done=<b>"):
        page = bob.get(f"/portal/{shop.ws}/about-me{more}").text
        assert "ann@shop.example" in page
        assert "bob" not in page.lower()


def test_who_recommends_is_named_to_a_friend_as_far_as_they_permit(shop: Api, bob: httpx.Client) -> None:
    """She says so at her own page; once she takes it back he reads of somebody again, at the friends' page too."""
    enter(shop, bob, "ann")
    assert say(shop, bob, "named", "given", shown_as="Ännchen & Co").headers["location"].endswith("?done=given")
    friends = bob.get(f"/w/{shop.ws}/f/ANN")
    assert "Ännchen &amp; Co recommends" in friends.text
    enter(shop, bob, "bob")
    assert "Ännchen &amp; Co recommended you to the program main," in text(about(shop, bob))
    enter(shop, bob, "ann")
    assert "You are shown as Ännchen &amp; Co" in text(about(shop, bob))
    assert say(shop, bob, "named", "revoked").headers["location"].endswith("?done=revoked")
    assert "Somebody recommends" in bob.get(f"/w/{shop.ws}/f/ANN").text
    enter(shop, bob, "bob")
    assert "Somebody recommended you" in text(about(shop, bob))


def test_a_friend_is_known_to_who_recommended_them_as_long_as_they_agree(shop: Api, bob: httpx.Client) -> None:
    """By the name that he chose, from then until he takes it back; before and after she sees a friend."""

    def seen() -> str:
        enter(shop, bob, "ann")
        page = text(bob.get(f"/portal/{shop.ws}"))
        enter(shop, bob, "bob")
        return page

    assert "A friend, since 2 March 2026" in seen()
    assert say(shop, bob, "known", "given", shown_as="Bobby").status_code == 303
    assert "Bobby, since 2 March 2026" in seen()
    assert say(shop, bob, "known", "revoked").status_code == 303
    now = seen()
    assert "A friend, since 2 March 2026" in now
    assert "Bobby" not in now
    said = [
        leaf for (leaf,) in shop.rows("select leaf from log where workspace_id = $1") if b"consent.recorded" in leaf
    ]
    assert len(said) == 2
    assert all(b'"portal"' in leaf and b"Bobby" not in leaf for leaf in said)


def test_what_the_company_recorded_is_taken_back_there_too(shop: Api, bob: httpx.Client) -> None:
    """Also for one channel, also where its clock is ahead; what follows is told before the button, and it is said once."""
    given = {"type": "consent.recorded", "customer_external_id": "bob", "outcome": "given"}
    shop.send(
        {**given, "id": "c1", "purpose": "newsletter", "channel": "email"},
        {**given, "id": "c2", "purpose": "referral", "occurred_at": "2026-03-02T09:01:00Z"},
    )
    before = text(about(shop, bob))
    assert "Take it back now" in before.partition("Rewards that others expect because of you")[2]
    assert say(shop, bob, "newsletter", "revoked").status_code == 303
    assert say(shop, bob, "referral", "revoked").status_code == 303
    page = about(shop, bob)
    assert "Take it back now" not in page.text
    assert text(page).count("Not agreed: you took it back, or said no, on 2 March 2026") == 2


@pytest.mark.parametrize(
    "name", ["evil.example", "https://evil.example", "a@b", "", " ", "x" * 41, "a\r\nBcc: b", "<b>"]
)
def test_what_leads_somewhere_is_no_name(name: str) -> None:
    """Nor is what is empty, long, or of several lines; what people are called is one."""
    assert not is_name(name)
    assert all(is_name(it) for it in ("Bob", "J.R. Ewing", "Änn & 'O'", "Anna-Lena", "\u674e"))


def test_what_is_no_name_is_refused_and_not_recorded(shop: Api, bob: httpx.Client) -> None:
    """The page says what is wrong, and nothing is agreed to."""
    answer = say(shop, bob, "known", "given", shown_as="evil.example")
    assert answer.status_code == 409
    assert "That is no name that can be shown" in answer.text
    assert "You agreed on" not in about(shop, bob).text


def test_nobody_says_it_for_another(shop: Api, bob: httpx.Client) -> None:
    """A form of another site, without the session's mark, or of what was never agreed to changes nothing."""
    at = f"/portal/{shop.ws}/about-me"
    fields = {"purpose": "known", "outcome": "given", "shown_as": "Bob", "once": "x"}
    assert bob.post(at, data=fields).status_code == 403
    assert bob.post(at, data={**fields, "form": "f" * 64}).status_code == 403
    [form] = {*re.findall(r'name="form" value="(\w+)"', about(shop, bob).text)}
    assert bob.post(at, data={**fields, "form": form}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    for purpose, outcome in (("newsletter", "given"), ("known", "revoked"), ("named", "revoked")):
        wrong = {**fields, "form": form, "purpose": purpose, "outcome": outcome}
        assert bob.post(at, data=wrong).status_code == 404
    assert "You agreed on" not in about(shop, bob).text
    bob.cookies.clear()
    assert bob.post(at, data={**fields, "form": form}).headers["location"] == f"/portal/{shop.ws}/in"
