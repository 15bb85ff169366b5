"""The measure, its money side: an invoice is paid at Stripe, and the gift's mail is in the box, its code behind a page."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from testkit import sent
from testkit.stripe import VERSIONS, Story
from testkit.tokens import token
from tests.api.conftest import Api
from tests.api.test_hooks import hold, tell
from tests.api.test_standing import granted
from tests.app.test_messages import Desk
from tests.portal.test_coming_in import claims_of, secret_of

from goodword.app.follow.messages import WORKER
from goodword.app.proof.audit import verify
from goodword.app.write.commands import command
from goodword.core.events import MessageDue, MessagesChosen
from goodword.core.facts import Actor
from goodword.outbound.mail import Post, Server

RULES = """\
program: shop
currency: EUR
hold: 30d
conversions:
  - on: purchase
    rewards:
      - {side: advocate, kind: gift, flat: {EUR: 2500}, instant_up_to: {EUR: 2500}}
      - {side: friend, kind: gift, flat: {EUR: 1000}, hold: 0d}
"""
CODES = ("GIFT-25-AAAA-0001", "https://cards.example/redeem/10-AAAA-0001")
OURS = {"sec-fetch-site": "same-origin"}
LIMITS = {"kind": "gift", "rail": "code_stock", "per_reward": 2_500, "per_beneficiary": 5_000, "in_all": 9_000}
ANN, BOB = "ann@home.example", "bob1@mail.example"
STORY = Story(1, VERSIONS[-1])


@pytest.fixture
def desk(api: Api) -> Iterator[Desk]:
    """A shop that gives gifts, with codes of both amounts, an advocate, Stripe's secret, and a mail server that is real."""
    it = Desk()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(it, hostname="127.0.0.1", port=port)
    controller.start()
    api.goodword.directory.post = Post(Server("127.0.0.1", port, "none", "Acme <refer@shop.example>"))
    for name, role in (("pam", "program_manager"), ("ana", "approver"), ("ola", "owner"), ("pat", "payer")):
        api.member(name, role)
    api.say("pam", "/v1/programs", {"document": RULES})
    for amount, text in zip((2_500, 1_000), CODES, strict=True):
        stock = {"name": f"cards-{amount}", "unit": "EUR", "amount": amount, "codes": text}
        api.say("owner", "/v1/stocks", {**stock, "ends_at": "2027-01-01T00:00:00Z"})
    api.send(sent.enrolled("e-ann", "ann", "ANN", email=ANN, program="shop"))
    hold(api)
    yield it
    api.goodword.directory.post = None
    controller.stop()


def bought(api: Api) -> None:
    """Bob comes by Ann's code, and Stripe says that his first invoice is paid."""
    api.move("2026-03-03T10:00:00Z")
    tell(api, STORY.customer, *(it for it in STORY.told() if it["type"] in ("invoice.paid", "invoice_payment.paid")))
    api.until(lambda: len(rewards(api)) == 2)


def rewards(api: Api) -> dict[str, dict[str, Any]]:
    """What the order earned, by side."""
    return {it["side"]: it for it in api.get("/v1/rewards", limit=50)["items"]}


def leads_to(api: Api, desk: Desk, to: str) -> str:
    """The path of the gift in a mail, which has it once."""
    plain = desk.mail(to).get_body(("plain",))
    assert plain is not None
    [found] = re.findall(r"http\S+/gift\b", plain.get_content())
    return str(found).removeprefix(api.url)


def unmasked(api: Api, payout: str) -> list[str]:
    return [it for (it,) in api.rows(f"select by from look where workspace_id = $1 and subject = '{payout}'")]


def test_a_paid_invoice_puts_the_gifts_mail_in_the_box(api: Api, desk: Desk) -> None:
    """Under a standing approval both get theirs, the friend who is no advocate too; no mail shows a code, their page does."""
    given = granted(api, **LIMITS)
    bought(api)
    began = time.monotonic()
    api.until(lambda: len(desk.took) == 2)
    assert time.monotonic() - began < 10
    assert desk.to == [ANN, BOB]
    api.until(lambda: all(it["status"] == "paid" for it in rewards(api).values()))
    mine = rewards(api)
    assert {it["approvals"][0] for it in mine.values()} == {given["id"]}
    for to, side, name, text in ((ANN, "advocate", "ann", CODES[0]), (BOB, "friend", None, CODES[1])):
        raw = next(data for it, data in desk.took if it == to)
        assert text.encode() not in raw
        path, payout = leads_to(api, desk, to), mine[side]["payout"]
        shown = api.http.get(path)
        assert (shown.status_code, text in shown.text, unmasked(api, payout)) == (200, False, [])
        opened = api.http.post(path, headers=OURS)
        assert (opened.status_code, text in opened.text) == (200, True)
        person = mine[side]["beneficiary"]
        assert unmasked(api, payout) == [person]
        assert text in api.http.post(path, headers=OURS).text
        assert unmasked(api, payout) == [person]  # the first time is on the record
        assert api.http.post(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403
        [message] = [it for it in api.get(f"/v1/people/{person}/messages")["messages"] if it["topic"] == "gift"]
        kept = api.get(f"/v1/messages/{message['id']}")["said"]
        assert "/gift" in kept
        assert path.split("/")[-2] not in kept  # who reads messages opens no gift
        if name:
            signed_in(api, name)
            assert text not in api.http.get(f"/portal/{api.ws}/gifts/{payout}").text
            other = mine["friend"]["payout"]
            assert api.http.get(f"/portal/{api.ws}/gifts/{other}").status_code == 404
    assert api.http.get(f"/portal/{api.ws}/letters/{'x' * 20}/gift").status_code == 404
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def signed_in(api: Api, name: str) -> None:
    """Somebody comes in by the company's word, as the portal's tests have it."""
    answer = api.http.post(f"/portal/{api.ws}/in/{token(secret_of(api), claims_of(api, sub=name))}", headers=OURS)
    assert answer.status_code == 303, answer.text


def test_without_a_standing_approval_a_person_decides_by_a_day(api: Api, desk: Desk) -> None:
    """The task stands in the queue with its promised date, nothing is mailed; a refund before the approval ends it."""
    bought(api)
    mine = rewards(api)
    assert {side: it["status"] for side, it in mine.items()} == {"advocate": "in_review", "friend": "in_review"}
    assert all(it["decide_by"] == "2026-03-10T10:00:00Z" for it in mine.values())
    api.send(sent.refund("r-1", STORY.id("in"), "re-1", 11_900))
    api.until(lambda: all(it["status"] == "reversed" for it in rewards(api).values()))
    assert desk.took == []


def test_a_gift_that_could_not_be_mailed_is_seen_by_staff_until_they_decide(api: Api, desk: Desk) -> None:
    """Who wants no mail at all is given it all the same: it stands among the messages to look at until a member decides."""
    granted(api, **LIMITS)
    bought(api)
    api.until(lambda: len(desk.took) == 2)
    bob = rewards(api)["friend"]["beneficiary"]
    stop = leads_to(api, desk, BOB).removesuffix("/gift")
    assert 'value="topic"' not in api.http.get(stop).text  # a gift's mail is not turned off by itself
    assert api.http.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert api.get(f"/v1/people/{bob}/messages")["stopped"] == "unsubscribed"
    desk.took.clear()
    said = {
        "person": bob,
        "program": api.rows("select id from program where workspace_id = $1 and slug = 'shop'")[0][0],
    }
    due = partial(MessageDue, **said, topic="gift", trigger="pay_01HK153X00HF8T78SRB6NGVC7Q", known=True)
    api.run(command(api.goodword.directory.engine, api.ws, lambda s: due(**s), WORKER))
    [waits] = api.get("/v1/messages")["items"]
    assert (waits["topic"], waits["status"], waits["reason"]) == ("gift", "withheld", "mail_suppressed")
    at = f"/v1/messages/{waits['id']}/settlement"
    api.say("owner", at, {"outcome": "leave"})
    assert api.get("/v1/messages")["items"] == []
    assert desk.took == []


def test_a_withheld_gift_is_sent_again_once_its_person_is_written_to_again(api: Api, desk: Desk) -> None:
    """While they want no mail it is withheld again; afterwards it comes once by a member's word, and leads to that gift's code."""
    granted(api, **LIMITS)
    desk.refuses[BOB] = "550 5.1.1 no such mailbox"
    bought(api)
    api.until(lambda: desk.took and api.get("/v1/messages")["items"])
    bob = rewards(api)["friend"]["beneficiary"]
    [first] = api.get("/v1/messages")["items"]
    assert (first["person"], first["topic"], first["status"]) == (bob, "gift", "refused")

    def again() -> None:
        api.say("owner", f"/v1/messages/{first['id']}/settlement", {"outcome": "again"})

    desk.refuses.clear()
    none = partial(MessagesChosen, person=bob, off=(), none=True)
    api.run(command(api.goodword.directory.engine, api.ws, lambda s: none(**s), Actor(id=bob, kind="person")))
    again()
    api.until(lambda: [it["status"] for it in api.get("/v1/messages")["items"]] == ["withheld"])
    assert api.get("/v1/reports/overview")["queue"]["messages_waiting"] == 1
    assert desk.to == [ANN]
    api.say("owner", f"/v1/people/{bob}/messages/resumption", {"reason": "asked"})
    again()
    api.until(lambda: len(desk.took) == 2)
    assert desk.to == [ANN, BOB]
    opened = api.http.post(leads_to(api, desk, BOB), headers=OURS)
    assert (opened.status_code, CODES[1] in opened.text) == (200, True)
    assert api.get("/v1/messages")["items"] == []
