"""A complaint about one's data, and to be erased: told before, confirmed by the mailbox, paid first or given up."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.api.conftest import Api
from tests.api.test_story import _approved, _released
from tests.console.test_mail import Box, box
from tests.portal.conftest import OURS
from tests.portal.test_saying_no import Browser
from tests.portal.test_settings import account

from goodword.app.proof.audit import verify

__all__ = ["box"]

BALANCE = "select account, sum(amount)::int from balance where workspace_id = $1 group by 1 having sum(amount) <> 0 order by 1"


@pytest.fixture
def shop(api: Api, box: tuple[Box, Any]) -> Api:
    """Ann recommends and has a reward of 12.30; Eve recommends; a real server of mail."""
    api.mails, api.goodword.directory.post = box  # type: ignore[attr-defined]
    api.send(
        sent.enrolled("a", "ann", "ANN", email="ann@shop.example", name="Ann Onym"),
        sent.enrolled("e", "eve", "EVE", email="eve@shop.example"),
        sent.lead("l", "bob", code="ANN"),
        sent.purchase("p", "bob", "i", 12_300),
    )
    return api


@pytest.fixture
def ann(shop: Api) -> Iterator[Browser]:
    """Her browser, in which she is signed in."""
    with Browser(shop, "ann") as browser:
        yield browser


@pytest.fixture
def other(shop: Api) -> Iterator[httpx.Client]:
    """A browser in which nobody is signed in, such as where a mail is read."""
    with httpx.Client(base_url=shop.url, timeout=30, trust_env=False, headers=OURS) as client:
        yield client


def mailed(shop: Api, number: int = 1) -> tuple[str, str]:
    """Whom the mail of that number went to, and what it says."""
    kept: Box = shop.mails  # type: ignore[attr-defined]
    shop.until(lambda: len(kept.mails) >= number)
    return kept.to[number - 1][0], kept.mails[number - 1].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def link(shop: Api, ann: Browser, money: str, number: int = 1) -> str:
    """Ask to be erased, and return the path of the link that comes."""
    asked = ann.send("/about-me/erasure", money=money)
    assert asked.headers["location"] == f"{ann.root}/about-me/erasure?done=asked", asked.text
    to, body = mailed(shop, number)
    assert to == "ann@shop.example"
    return re.findall(rf"{re.escape(shop.url)}(/portal/\S+/erasure/[\w-]+)", body)[0]


def sound(shop: Api) -> None:
    """The log replays to the same rows, and the ledger adds up."""
    directory = shop.goodword.directory
    assert not shop.run(verify(directory.engine.pool, shop.ws, safe=directory.vault)).differences


def test_who_gives_up_what_is_open_is_erased_by_their_own_button(shop: Api, ann: Browser, other: httpx.Client) -> None:
    """All that follows is told before; looking erases nothing; then the money is back where it came from, and nothing leads to her."""
    page = ann.text("/about-me/erasure")
    for told in (
        "What goes",
        "What stays, and why",
        "Expected or due to you 12.30 EUR",
        "Pay me first",
        "I give it up",
    ):
        assert told in page, page
    before, person = shop.rows(BALANCE), shop.person("ann")
    at = link(shop, ann, "give_up")
    assert "Look into your mailbox" in ann.text("/about-me/erasure")
    for _ in range(2):
        assert other.head(at).status_code == other.get(at).status_code == 200
    assert "Nobody can give it back" in other.get(at).text
    assert other.post(at, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    for elsewhere in ("merge", "in", "payout"):
        assert other.post(at.replace("/erasure/", f"/{elsewhere}/")).status_code == 404
    assert shop.rows(BALANCE) == before
    done = other.post(at)
    assert (done.status_code, "You are erased" in done.text) == (200, True)
    assert ann.get("").headers["location"].endswith("/in")
    assert (other.get(at).status_code, other.post(at).status_code) == (404, 404)
    assert shop.get(f"/v1/people/{person}")["external_id"] is None
    [mine] = shop.get("/v1/rewards", beneficiary=person)["items"]
    assert (mine["status"], mine["amount"]) == ("rejected", 0)
    [said] = shop.get(f"/v1/explanations/{mine['id']}")["decisions"][-1:]
    assert ("given_up", {}) in [(step[0], step[1]) for verdict in said["verdicts"] for step in verdict["steps"]]
    theirs = [it for it in shop.get("/v1/rewards")["items"] if it["beneficiary"] != person]
    assert [it["amount"] for it in theirs] == [500], "what the friend gets is theirs"
    owed = shop.rows(f"select sum(amount)::int from balance where workspace_id = $1 and owner = '{person}'")
    assert owed in ([(0,)], [(None,)])
    sound(shop)


def test_who_is_to_be_paid_first_waits_in_the_inbox_and_is_erased_once_paid(
    shop: Api, ann: Browser, other: httpx.Client
) -> None:
    """A member sees it with a day of a month; the account stays; once nothing is open the same page erases at once."""
    person = shop.person("ann")
    assert ann.send("/settings", to="/settings/payout", **account("DE89370400440532013000")).status_code == 303
    noted = other.post(link(shop, ann, "pay"))
    assert (noted.status_code, "It is noted" in noted.text) == (200, True)
    [case] = shop.get("/v1/cases", status="open")["items"]
    assert (case["subject"], case["due_at"]) == (person, "2026-03-30T09:00:00Z")
    assert shop.get(f"/v1/people/{person}")["external_id"] == "ann"
    assert "pays what is due to you" in ann.text(f"/said/{case['id']}")
    assert "You said something about your data" in ann.text("/about-me/erasure")
    assert "not answered yet" in other.post(link(shop, ann, "pay", 2)).text, "it was asked for before"
    [mine] = shop.get("/v1/rewards", beneficiary=person)["items"]
    items = [{name: mine[name] for name in ("id", "amount", "unit")}]
    assert shop.call("owner", "DELETE", f"/v1/people/{person}").json()["code"] == "rewards_open"
    shop.say("owner", "/v1/rewards/rejections", {"items": items, "reason": "not_paid"})
    assert "Nothing is open" in ann.text("/about-me/erasure")
    assert "You are erased" in other.post(link(shop, ann, "pay", 3)).text
    [case] = shop.get("/v1/cases")["items"]
    assert (case["status"], case["outcome"]) == ("decided", "upheld")
    sound(shop)


def test_only_who_has_just_signed_in_asks_and_only_their_mailbox_confirms(
    shop: Api, ann: Browser, other: httpx.Client
) -> None:
    """Taken back, over, another's form, a session that was left open, nothing chosen: nothing is erased."""
    first = link(shop, ann, "give_up")
    assert "Taken back" in ann.text(ann.send("/about-me/erasure", do="stop").headers["location"].removeprefix(ann.root))
    assert (other.get(first).status_code, other.post(first).status_code) == (404, 404)
    second = link(shop, ann, "give_up", 2)
    shop.run(shop.goodword.pool.execute("update portal_merge set expires_at = 1"))
    assert (other.get(second).status_code, other.post(second).status_code) == (404, 404)
    gone = other.get(second).text
    assert gone == other.get(f"/portal/{shop.ws}/erasure/{'x' * 43}").text
    assert ann.send("/about-me/erasure", money="all").status_code == 409
    assert ann.client.post(f"{ann.root}/about-me/erasure", data={"form": "x", "money": "pay"}).status_code == 403
    shop.run(shop.goodword.pool.execute("update portal_session set opened_at = opened_at - 3600000000"))
    late = ann.send("/about-me/erasure", money="give_up")
    assert (late.status_code, "Sign in again first" in late.text) == (403, True)
    assert shop.get("/v1/people", external_id="ann")["external_id"] == "ann"


def test_who_had_the_mailbox_before_erases_nobody(shop: Api, ann: Browser, other: httpx.Client) -> None:
    """The company says another mail of her: the link that went to the one of before opens nothing, and she asks anew."""
    before = link(shop, ann, "give_up")
    assert other.get(before).status_code == 200
    shop.send({"type": "customer.updated", "id": "k", "customer_external_id": "ann", "email": "new@shop.example"})
    assert (other.get(before).status_code, other.post(before).status_code) == (404, 404)
    assert shop.get("/v1/people", external_id="ann")["external_id"] == "ann"
    assert ann.send("/about-me/erasure", money="give_up").status_code == 303
    to, _ = mailed(shop, 2)
    assert to == "new@shop.example"


def test_what_is_on_its_way_is_not_given_up(shop: Api, other: httpx.Client) -> None:
    """The page says so before, the button refuses, and the link is whole for later."""
    shop.payee("ann", "bank_file", name="Ann Onym", iban="DE89370400440532013000")
    reward = _approved(shop, "ann")
    _released(shop, "bank_file")  # which goes on when a person says so
    shop.until(lambda: shop.get(f"/v1/rewards/{reward['id']}")["status"] == "processing")
    with Browser(shop, "ann") as ann:
        assert "A payment to you is on its way" in ann.text("/about-me/erasure")
        at = link(shop, ann, "give_up")
    refused = other.post(at)
    assert (refused.status_code, "A payment to you is on its way" in refused.text) == (409, True)
    assert shop.get("/v1/people", external_id="ann")["external_id"] == "ann"
    assert other.get(at).status_code == 200


def test_a_complaint_is_acknowledged_answered_and_appealed(shop: Api, ann: Browser) -> None:
    """At once at the page and by mail, with the day; staff find it in the inbox; two at once are one; the answer is read here."""
    assert f'href="{ann.root}/about-me/complaint"' in ann.get("/about-me").text
    sent_ = ann.send("/about-me/complaint", text="You mailed my neighbour.")
    at = sent_.headers["location"].removeprefix(ann.root)
    assert "We have it. You are answered by 7 March 2026." in ann.text(at)
    to, body = mailed(shop)
    assert (to, "You are answered by 7 March 2026." in body, "neighbour" in body) == ("ann@shop.example", True, False)
    assert f"/portal/{shop.ws}/in/" in body
    again = ann.send("/about-me/complaint", text="And again.")
    assert (again.status_code, "not answered yet" in again.text) == (409, True)
    assert ann.send("/about-me/complaint", text="").status_code == 409
    case = at.removeprefix("/said/").partition("?")[0]
    [found] = shop.get("/v1/cases", status="open")["items"]
    assert (found["id"], found["subject"]) == (case, shop.person("ann"))
    shop.say("owner", f"/v1/cases/{case}/comments", {"note": "We look.", "told": True})
    decided = {"outcome": "dismissed", "reason": "looked_at", "note": "It was another shop."}
    shop.say("owner", f"/v1/cases/{case}/decision", decided)
    page = ann.text(f"/said/{case}")
    for told in ("You mailed my neighbour.", "We look.", "It was another shop.", "data protection authority"):
        assert told in page, told
    assert ann.send("/about-me/complaint", text="Something else.").status_code == 303, "another one may follow"
    with Browser(shop, "eve") as eve:
        assert eve.get(f"/said/{case}").status_code == 404
        assert "not answered yet" not in eve.text("/about-me/complaint")
    sound(shop)
