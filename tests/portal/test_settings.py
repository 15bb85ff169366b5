"""Somebody enters where they are paid: checked, masked, and another account only by the link in a mail and a day later."""

import re
import secrets
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.api.conftest import Api
from tests.console.test_mail import Box, box
from tests.portal.conftest import OURS
from tests.portal.test_about_me import enter, text
from tests.portal.test_coming_in import browser

__all__ = ["box", "browser"]

OLD, NEW = "DE89370400440532013000", "FR1420041010050500013M02606"


@pytest.fixture
def mails(api: Api, box: tuple[Box, Any]) -> Box:
    """A real server of mail."""
    kept, api.goodword.directory.post = box
    return kept


def letter(api: Api, mails: Box, number: int) -> tuple[str, str, str]:
    """Whom the mail of that number went to, what it says, and the path of its link."""
    api.until(lambda: len(mails.mails) >= number)
    said = mails.mails[number - 1]
    body = said.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return str(said["to"]), body, re.findall(r"/portal/\S+/payout/[\w-]{43}", body)[0]


@pytest.fixture
def shop(api: Api, mails: Box) -> Api:  # noqa: ARG001 - a mail server is known
    """Ann and Eve recommend."""
    for name in ("ann", "eve"):
        api.send(sent.enrolled(f"a-{name}", name, name.upper(), email=f"{name}@shop.example"))
    return api


@pytest.fixture
def ann(shop: Api, browser: httpx.Client) -> httpx.Client:
    """Her browser, in which she is signed in."""
    enter(shop, browser, "ann")
    return browser


def page(api: Api, client: httpx.Client) -> httpx.Response:
    """Her settings."""
    answers = list[httpx.Response]()

    def looked() -> bool:
        answers.append(client.get(f"/portal/{api.ws}/settings"))
        return answers[-1].status_code != 429

    api.until(looked)
    return answers[-1]


def say(api: Api, client: httpx.Client, what: str, **fields: str | list[str]) -> httpx.Response:
    """Send a form of the page."""
    found = re.search(r'name="form" value="(\w+)"', page(api, client).text)
    own = {"form": found[1] if found else "", "once": secrets.token_hex(8)}
    path = what if what == "about-me" else f"settings/{what}"
    answers = list[httpx.Response]()

    def sent_() -> bool:
        answers.append(client.post(f"/portal/{api.ws}/{path}", data=own | fields, headers=OURS))
        return answers[-1].status_code != 429

    api.until(sent_)
    return answers[-1]


def account(iban: str, **more: str) -> dict[str, str]:
    """An account as the form sends it."""
    return {"rail": "bank_file", "way": "iban", "d.name": "Ann Example", "d.iban": iban, **more}


def test_an_account_is_checked_masked_and_changed_by_mail_and_a_day(shop: Api, ann: httpx.Client, mails: Box) -> None:
    """The first holds at once; another waits for the link in a real mail, is announced, and holds 24 hours later, not before."""
    wrong = say(shop, ann, "payout", **account("DE89370400440532013001", **{"d.bic": "x"}))
    assert wrong.status_code == 409
    assert "2 of what you entered is not right" in text(wrong)
    assert wrong.text.count('aria-invalid="true"') == 2
    assert say(shop, ann, "payout", **account(OLD)).headers["location"].endswith("?done=pay")
    shown = page(shop, ann)
    assert "paid to the account ending in 3000" in text(shown)
    assert OLD not in shown.text
    assert len(shown.content) < 60_000

    assert say(shop, ann, "payout", **account(NEW)).headers["location"].endswith("?done=asked")
    waits = shop.get(f"/v1/people/{shop.person('ann')}/payee")["waits"]
    assert (waits["rail"], waits["last"], waits["holds_from"]) == ("bank_file", "2606", None)
    to, body, link = letter(shop, mails, 1)
    assert (to, NEW in body) == ("ann@shop.example", False)
    look = ann.get(link)
    assert "account ending in 2606" in text(look)
    assert "ending in 3000" in text(page(shop, ann))
    assert "You confirmed it" in text(ann.post(link, data={"outcome": "confirmed"}, headers=OURS))
    _, body, again = letter(shop, mails, 2)
    assert "ending in 2606" in body
    waits = shop.get(f"/v1/people/{shop.person('ann')}/payee")["waits"]
    assert (waits["last"], waits["holds_from"]) == ("2606", "2026-03-03T09:00:00Z")
    assert ann.get(link).status_code == 404, "it was used, and another one tells when it holds"
    assert "will hold soon" in text(ann.get(again))
    assert "paid to the account ending in 3000" in text(page(shop, ann))
    shop.move("2026-03-05T09:00:00Z")
    shop.until(lambda: "paid to the account ending in 2606" in text(page(shop, ann)))
    assert ann.get(again).status_code == 404
    rows = shop.rows("select rail, entering is null, link is null from payee_detail where workspace_id = $1")
    assert [tuple(row) for row in rows] == [("bank_file", True, True)]


def test_the_mail_about_an_account_is_in_the_language_of_whom_it_protects(
    shop: Api, ann: httpx.Client, mails: Box
) -> None:
    """Whatever browser asked for it, for nobody knows who that was; of a kind of a language, as that."""
    shop.send({"type": "customer.updated", "id": "l", "customer_external_id": "ann", "language": "es-MX"})
    assert say(shop, ann, "payout", **account(OLD)).status_code == 303
    assert say(shop, ann, "payout", **account(NEW)).status_code == 303
    _, body, _ = letter(shop, mails, 1)
    assert "una cuenta que termina en 2606" in " ".join(body.split())


def test_a_change_is_taken_back_in_the_portal_and_by_the_mail(shop: Api, ann: httpx.Client, mails: Box) -> None:
    """Either way nothing changes, and what opened it opens nothing any more."""
    say(shop, ann, "payout", **account(OLD))
    say(shop, ann, "payout", **account(NEW))
    _, _, link = letter(shop, mails, 1)
    assert say(shop, ann, "payout/withdrawn").headers["location"].endswith("?done=kept")
    assert ann.get(link).status_code == 404
    say(shop, ann, "payout", **account(NEW))
    _, _, link = letter(shop, mails, 2)
    assert "Nothing changes" in text(ann.post(link, data={"outcome": "withdrawn"}, headers=OURS))
    assert ann.post(link, data={"outcome": "confirmed"}, headers=OURS).status_code == 404
    assert "entered an account" not in text(page(shop, ann))
    assert say(shop, ann, "payout/withdrawn").status_code == 404


@pytest.mark.parametrize("mail", ["ann@shop.example", None])
def test_an_account_that_was_merged_in_confirms_no_other_payment_details(
    api: Api, browser: httpx.Client, mails: Box, mail: str | None
) -> None:
    """Who has a session of somebody merges an account of their own into theirs; the newer mailbox is not asked about the money.

    Nor where the account that goes on has no mailbox: then nothing is entered that nobody else could confirm.
    """
    own = {"email": mail} if mail is not None else {}
    api.send(sent.enrolled("a", "ann", "ANN", **own) | {"occurred_at": "2026-03-01T09:00:00Z"})
    api.send(sent.enrolled("t", "thief", "THIEF", email="thief@x.example") | {"occurred_at": "2026-03-02T08:59:59Z"})
    enter(api, browser, "ann")
    assert say(api, browser, "payout", **account(OLD)).headers["location"].endswith("?done=pay")
    gone = {"gone": api.person("thief"), "reason": "same_person"}
    assert api.call("owner", "POST", f"/v1/people/{api.person('ann')}/merges", json=gone).is_success
    answer = say(api, browser, "payout", **account(NEW))
    if mail is None:
        assert answer.status_code == 409
        assert api.rows("select count(entering) from payee_detail where workspace_id = $1") == [(0,)]
    else:
        assert letter(api, mails, 1)[0] == mail
    assert "thief@x.example" not in [to for its in mails.to for to in its]


def test_an_old_session_enters_no_first_account(shop: Api, ann: httpx.Client) -> None:
    """Nothing is kept of it; who signs in again enters theirs, and an older session asks for another one by mail as before."""
    older = "update portal_session set opened_at = opened_at - 1800000000"
    shop.run(shop.goodword.pool.execute(older))
    shown = page(shop, ann)
    assert "sign in once more" in text(shown)
    assert 'name="d.iban"' not in shown.text
    refused = say(shop, ann, "payout", **account(OLD))
    assert refused.status_code == 409
    assert "Nothing was saved: your first account takes who has signed in" in text(refused)
    assert shop.rows("select person from payee_detail where workspace_id = $1") == []
    enter(shop, ann, "ann")
    assert say(shop, ann, "payout", **account(OLD)).headers["location"].endswith("?done=pay")
    shop.run(shop.goodword.pool.execute(older))
    assert say(shop, ann, "payout", **account(NEW)).headers["location"].endswith("?done=asked")


def test_a_tax_form_is_given_through_the_page(shop: Api, ann: httpx.Client) -> None:
    """A field that is wrong is shown at it, with what else was typed, and nothing is kept; a right one is there, of hers alone."""
    assert shop.call("owner", "PUT", "/v1/tax", json={"jurisdictions": ["us"], "timezone": "UTC"}).is_success
    given = {"name": "Ann", "classification": "individual", "street": "1 Main", "town": "Troy", "state": "NY"}
    fields = {f"d.{name}": it for name, it in given.items()} | {
        "d.signed": "2026-03-01",
        "jurisdiction": "us",
        "kind": "w9",
    }
    wrong = say(shop, ann, "tax", **fields, **{"d.ssn": "000-12-3456"})
    assert (wrong.status_code, wrong.text.count('aria-invalid="true"')) == (409, 1)
    assert 'value="1 Main"' in wrong.text
    assert shop.get(f"/v1/people/{shop.person('ann')}/tax")["forms"] == []
    assert say(shop, ann, "tax", **fields, **{"d.ssn": "536-90-4399"}).headers["location"].endswith("?done=tax#tax")
    [form] = shop.get(f"/v1/people/{shop.person('ann')}/tax")["forms"]
    assert (form["jurisdiction"], form["form"], form["holds"]) == ("us", "w9", True)
    assert shop.get(f"/v1/people/{shop.person('eve')}/tax")["forms"] == []
    shown = page(shop, ann).text
    assert "w9" in shown
    assert "904399" not in shown


def test_language_mails_and_consents_are_kept_and_are_ones_own(shop: Api, ann: httpx.Client) -> None:
    """What one chooses is shown again; of Eve nothing is changed by it."""
    assert say(shop, ann, "mails", topic=["reward_paid", "enrolled"]).headers["location"].endswith("#mails")
    shown = page(shop, ann).text
    assert re.findall(r'name="topic" value="(\w+)" checked', shown) == ["enrolled", "reward_paid"]
    assert say(shop, ann, "mails", topic=["reward_paid", "enrolled"]).status_code == 303
    assert say(shop, ann, "language", language="en").headers["location"].endswith("#language")
    assert say(shop, ann, "language", language="<b>").status_code == 409
    assert say(shop, ann, "tax", jurisdiction="us", kind="w9").status_code == 404
    give = {"purpose": "named", "outcome": "given", "shown_as": "Ann"}
    for said in (give, {"purpose": "named", "outcome": "revoked"}):
        assert say(shop, ann, "about-me", **said).status_code == 303
    told = text(page(shop, ann)).partition("What you agreed to")[2]
    assert re.findall(r" (agreed|taken back),", told) == ["taken back", "agreed"]
    enter(shop, ann, "eve")
    shown = page(shop, ann)
    assert len(re.findall(r'name="topic" value="\w+" checked', shown.text)) == len(
        re.findall(r'name="topic"', shown.text)
    )
    assert "You have agreed to nothing yet." in text(shown)
