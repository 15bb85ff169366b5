"""Two accounts of one person become one: by who is signed in to the one and reads the mailbox of the other, and by nobody else."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from testkit import sent
from testkit.tokens import token
from tests.console.test_mail import Box, box
from tests.portal.conftest import OURS, Api
from tests.portal.test_coming_in import claims_of, secret_of
from tests.portal.test_saying_no import Browser

from goodword.app.proof.audit import verify
from goodword.core import entry
from goodword.core.entry import Entry
from goodword.core.events import PersonMerged

__all__ = ["box"]

OLD = "ann.old@shop.example"
JOBS = "select count(*), count(done_at) from job where workspace_id = $1 and kind = 'portal_mail'"
SESSIONS = "select count(*) from portal_session where workspace_id = $1"


@pytest.fixture
def mails(api: Api, box: tuple[Box, Any]) -> Box:
    """A real server of mail; Ann has two accounts, and a friend of each; Eve has one mail for two accounts."""
    kept, api.goodword.directory.post = box
    api.send(
        sent.enrolled("a", "ann", "ANN", email="ann@shop.example", name="Ann"),
        sent.enrolled("o", "ann old", "OLD", email=OLD),
        sent.enrolled("e", "eve", "EVE", email="eve@shop.example"),
        sent.enrolled("e2", "eve two", "EVE2", email="eve@shop.example"),
        sent.lead("l", "bob", code="OLD"),
        sent.purchase("p", "bob", "i", 12_300),
    )
    return kept


@contextmanager
def _in(api: Api, name: str) -> Iterator[httpx.Client]:
    """A browser in which somebody has just signed in."""
    with httpx.Client(base_url=api.url, timeout=30, trust_env=False, headers=OURS) as client:
        assert client.post(f"/portal/{api.ws}/in/{token(secret_of(api), claims_of(api, sub=name))}").status_code == 303
        yield client


@pytest.fixture
def ann(api: Api, mails: Box) -> Iterator[httpx.Client]:  # noqa: ARG001 - whose accounts are there
    """Ann, in her newer account."""
    with _in(api, "ann") as client:
        yield client


@pytest.fixture
def other(api: Api) -> Iterator[httpx.Client]:
    """A browser in which nobody is signed in, such as where a mail is read."""
    with httpx.Client(base_url=api.url, timeout=30, trust_env=False, headers=OURS) as client:
        yield client


def _send(api: Api, browser: httpx.Client, **fields: str) -> httpx.Response:
    at = f"/portal/{api.ws}/merge"
    form = re.findall(r'name="form" value="(\w+)"', browser.get(at).text)
    return browser.post(at, data={"form": form[0], **fields})


def _link(api: Api, mails: Box, browser: httpx.Client, mail: str = OLD) -> str:
    """Ask for the account of a mail, and return the path of the link that comes."""
    many = len(mails.mails)
    assert _send(api, browser, mail=mail).headers["location"] == f"/portal/{api.ws}/merge?done=asked"
    api.until(lambda: len(mails.mails) > many)
    said = mails.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return str(re.findall(rf"{re.escape(api.url)}(/portal/\S+/merge/[\w-]+)", said)[0])


def _merges(api: Api) -> list[Entry]:
    """The merges that stand in the log."""
    entries = [entry.read(row[0]) for row in api.rows("select leaf from log where workspace_id = $1 order by position")]
    return [it for it in entries if isinstance(it.event, PersonMerged)]


def _said(merge: Entry) -> tuple[str, str]:
    assert isinstance(merge.event, PersonMerged)
    return merge.event.keep, merge.event.gone


@pytest.fixture
def old(api: Api, mails: Box) -> Iterator[httpx.Client]:  # noqa: ARG001 - whose accounts are there
    """Ann, in her older account."""
    with _in(api, "ann old") as client:
        yield client


def test_both_confirm_and_the_two_are_one(
    api: Api, mails: Box, ann: httpx.Client, old: httpx.Client, other: httpx.Client
) -> None:
    """The asking and looking at the link merge nothing; the button does, once; both codes, mails and balances are the one's then."""
    assert "Somebody who has another account" not in ann.get(f"/portal/{api.ws}/about-me").text
    link = _link(api, mails, ann)
    assert mails.to == [[OLD]]
    assert "Look into the other mailbox" in ann.get(f"/portal/{api.ws}/merge").text
    for _ in range(2):
        assert other.head(link).status_code == other.get(link).status_code == 200
    assert "Ann" in other.get(link).text
    assert other.post(link, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert other.post(link.replace("/merge/", "/in/")).status_code == 404, "it signs nobody in"
    assert (_merges(api), old.get(f"/portal/{api.ws}").status_code) == ([], 200)
    done = other.post(link)
    assert (done.status_code, "The accounts are one" in done.text) == (200, True)
    [merge] = _merges(api)
    assert merge.event.source == "portal"
    assert api.rows(SESSIONS) == [(2,)]
    for again in (other.get(link), other.post(link)):
        assert again.status_code == 404
        assert again.text == other.get(f"/portal/{api.ws}/merge/{'x' * 43}").text
    assert len(_merges(api)) == 1
    assert old.get(f"/portal/{api.ws}").headers["location"].endswith("/in"), "whose session goes with their account"
    keep, gone = _said(merge)
    owners = f"select distinct person from code where workspace_id = $1 and person in ('{keep}', '{gone}')"
    assert api.rows(owners) == [(keep,)]
    owed = api.rows("select owner, amount from balance where workspace_id = $1 and account = 'accrued' and amount <> 0")
    assert {row[0] for row in owed} & {keep, gone} == {keep}
    assert "/r/ANN" in ann.get(f"/portal/{api.ws}").text, "the own code stays the one that is shared"
    assert [other.get(f"/w/{api.ws}/f/{code}").status_code for code in ("ANN", "OLD")] == [200, 200]
    assert other.post(f"/portal/{api.ws}/in", data={"mail": OLD}).status_code == 200
    api.until(lambda: len(mails.mails) == 2)
    said = mails.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    way = re.findall(rf"{re.escape(api.url)}(/portal/\S+/in/[\w-]+)", said)[0]
    assert other.post(way).status_code == 303
    assert "/r/ANN" in other.get(f"/portal/{api.ws}").text, "the old mail opens the account that goes on"


def test_nothing_tells_whether_there_is_another_account(api: Api, mails: Box, ann: httpx.Client) -> None:
    """Known, unknown, one's own and no mail: the same answer and page, and one job each; only another's mailbox is written to."""
    answers = []
    for mail in ("nobody@shop.example", "ann@shop.example", OLD):
        said = _send(api, ann, mail=mail)
        page = ann.get(f"/portal/{api.ws}/merge?done=asked")
        answers.append((said.status_code, said.headers["location"], page.status_code, page.text))
    assert len({*answers}) == 1
    api.until(lambda: api.rows(JOBS) == [(3, 3)])
    assert mails.to == [[OLD]]
    assert _send(api, ann, mail="carl@shop.example").status_code == 429
    assert OLD not in str(api.rows("select payload from job where workspace_id = $1"))


def test_what_is_taken_back_or_asked_anew_or_over_opens_nothing(
    api: Api, mails: Box, ann: httpx.Client, other: httpx.Client
) -> None:
    """The link of before ends each time; an asking that is over is forgotten, and so is that of who was erased."""
    first = _link(api, mails, ann)
    assert _send(api, ann, do="stop").headers["location"].endswith("done=taken_back")
    assert (other.get(first).status_code, other.post(first).status_code) == (404, 404)
    second = _link(api, mails, ann)
    third = _link(api, mails, ann, "eve@shop.example")
    assert (other.post(second).status_code, other.get(third).status_code) == (404, 200)
    api.run(api.goodword.pool.execute("update portal_merge set expires_at = 1"))
    assert (other.post(third).status_code, _merges(api)) == (404, [])
    assert "Send the link" in ann.get(f"/portal/{api.ws}/merge").text
    api.run(api.goodword.pool.execute("update portal_merge set expires_at = 9000000000000000"))
    assert other.get(third).status_code == 200
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('eve')}").is_success
    assert (other.get(third).status_code, api.rows("select 1 from portal_merge where workspace_id = $1")) == (404, [])


def test_who_had_the_mailbox_before_confirms_nothing(
    api: Api, mails: Box, ann: httpx.Client, other: httpx.Client
) -> None:
    """Of two accounts with a mail one has another by now: the link names the other one alone, and then none."""
    link = _link(api, mails, ann, "eve@shop.example")
    moved = {"type": "customer.updated", "customer_external_id": "eve two", "email": "two@shop.example"}
    api.send({**moved, "id": "k1"})
    assert "eve two" not in other.get(link).text
    api.send({**moved, "id": "k2", "customer_external_id": "eve", "email": "one@shop.example"})
    assert (other.get(link).status_code, other.post(link).status_code, _merges(api)) == (404, 404, [])


def test_of_several_accounts_one_is_chosen(api: Api, mails: Box, ann: httpx.Client, other: httpx.Client) -> None:
    """Without a choice the link stays whole, and nobody chooses an account that it does not name."""
    link = _link(api, mails, ann, "eve@shop.example")
    assert "eve two" in other.get(link).text
    for said in ({}, {"account": api.person("ann old")}):
        assert other.post(link, data=said).status_code == 409
    gone = api.person("eve two")
    assert other.post(link, data={"account": gone}).status_code == 200
    [merge] = _merges(api)
    assert _said(merge) == (api.person("ann"), gone)


def test_it_takes_who_has_just_signed_in(api: Api, mails: Box, ann: httpx.Client) -> None:
    """A browser that was left open asks for nothing; another person's session takes nothing back."""
    assert _send(api, ann, mail=OLD).status_code == 303
    with _in(api, "eve") as eve:
        assert _send(api, eve, do="stop").status_code == 303
    assert "Look into the other mailbox" in ann.get(f"/portal/{api.ws}/merge").text
    api.run(api.goodword.pool.execute("update portal_session set opened_at = opened_at - 3600000000"))
    refused = _send(api, ann, mail="eve@shop.example")
    assert (refused.status_code, "Sign in again first" in refused.text) == (403, True)
    api.until(lambda: api.rows(JOBS) == [(1, 1)])
    assert mails.to == [[OLD]]


def test_pressing_twice_at_once_and_each_for_the_other_merges_once(
    api: Api, mails: Box, ann: httpx.Client, other: httpx.Client
) -> None:
    """Both accounts ask for one another, and every link is pressed several times at once: one merge holds, and nothing is broken."""
    mine = _link(api, mails, ann)
    with _in(api, "ann old") as old:
        theirs = _link(api, mails, old, "ann@shop.example")
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda link: other.post(link).status_code, [mine, theirs] * 4)]
    assert {*answers} <= {200, 404}
    assert 200 in answers
    joined = [it for it in _merges(api) if it.verdicts[0].outcome == "merged"]
    assert (len(joined), len(_merges(api)) <= 2) == (1, True)
    assert len({row[0] for row in api.rows("select root from kin where workspace_id = $1")}) == 1
    assert not api.run(verify(api.goodword.pool, api.ws)).differences


def test_what_dies_behind_the_button_is_done_by_pressing_again(
    api: Api, mails: Box, ann: httpx.Client, other: httpx.Client
) -> None:
    """Confirmed and not recorded: it cannot be taken back, and whoever presses again has it recorded, once."""
    link = _link(api, mails, ann)
    gone = api.person("ann old")
    api.run(api.goodword.pool.execute("update portal_merge set gone = $1", gone))
    assert _send(api, ann, do="stop").status_code == 303
    assert other.post(link).status_code == 200
    assert len(_merges(api)) == 1


@pytest.mark.usefixtures("mails")
def test_what_was_said_and_earned_as_the_other_goes_on_as_ones_own(api: Api) -> None:
    """A dispute of before is found, written to and answered; its reward, a consent and the name that it was given for are there."""
    [reward] = [it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    with Browser(api, "ann old") as old:
        said = old.send(f"/wrong/{reward['id']}", reason="wrong_amount", text="The order was more.")
        talk = said.headers["location"].removeprefix(old.root).partition("?")[0]
        given = {"purpose": "named", "outcome": "given", "shown_as": "Annie"}
        assert old.send("/about-me", **given).status_code == 303
    gone, keep = api.person("ann old"), api.person("ann")
    assert api.call(
        "owner", "POST", f"/v1/people/{keep}/merges", json={"gone": gone, "reason": "same_person"}
    ).is_success
    with Browser(api, "ann") as ann:
        assert ann.get(f"/rewards/{reward['id']}").status_code == 200
        assert talk in ann.get("/said").text
        assert "The order was more." in ann.text(talk)
        assert ann.send(talk, text="I have the receipt.").status_code == 303
        case = talk.rpartition("/")[2]
        note = {"note": "We look.", "told": True}
        assert api.call("owner", "POST", f"/v1/cases/{case}/comments", json=note).is_success
        assert "We look." in ann.text(talk)
        assert "Annie" in ann.text("/about-me")
        assert "Annie" in ann.client.get(f"/w/{api.ws}/f/ANN").text
    with Browser(api, "ann old") as again:
        assert again.get(talk).status_code == 200, "who comes as the other is who they are now"
    assert not api.run(verify(api.goodword.pool, api.ws)).differences


@pytest.mark.usefixtures("mails")
def test_members_who_say_it_both_ways_at_once_and_again_merge_once(api: Api) -> None:
    """Each way, several times at once: one merge, whichever came first; the others say that it was done, and the books verify."""
    ids = [api.person("ann"), api.person("ann old")]
    with ThreadPoolExecutor(6) as pool:
        said = [(keep, gone) for keep, gone in (ids, ids[::-1]) for _ in range(3)]
        answers = [
            *pool.map(
                lambda it: api.call(
                    "owner", "POST", f"/v1/people/{it[0]}/merges", json={"gone": it[1], "reason": "same_person"}
                ),
                said,
            )
        ]
    refused = [it.json()["code"] for it in answers if not it.is_success]
    assert (len(refused), {*refused}) == (5, {"already_merged"})
    assert not api.run(verify(api.goodword.pool, api.ws)).differences
