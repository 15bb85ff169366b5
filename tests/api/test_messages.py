"""Messages to advocates as staff see them over HTTP, and what their links do in a browser and at a mail provider."""

from __future__ import annotations

import email
import re
import socket
from collections.abc import Iterator
from functools import partial

import pytest
from aiosmtpd.controller import Controller
from testkit import sent
from testkit.tokens import token
from tests.api.conftest import Api
from tests.app.test_messages import Desk
from tests.portal.test_coming_in import claims_of, secret_of

from goodword.app.follow.messages import WORKER
from goodword.app.write.commands import command
from goodword.core.events import MessageDue
from goodword.outbound.mail import Post, Server

RULES = """
program: main
currency: EUR
messages: {topics: [enrolled, referral_counted, satisfaction]}
conversions: [{'on': purchase, rewards: [{side: advocate, flat: {EUR: 500}}]}]
"""
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def desk(api: Api) -> Iterator[Desk]:
    """An installation that gives mail to a server, and a program that writes."""
    it = Desk()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(it, hostname="127.0.0.1", port=port)
    controller.start()
    api.goodword.directory.post = Post(Server("127.0.0.1", port, "none", "Acme <refer@shop.example>"))
    api.say("owner", "/v1/programs", {"document": RULES})
    yield it
    api.goodword.directory.post = None
    controller.stop()


def greeted(api: Api, desk: Desk, name: str = "ann") -> str:
    """Somebody joins and gets a mail; returns the path of the address in it."""
    before = len(desk.took)
    api.send(sent.enrolled(f"e-{name}", name, name.upper(), email=f"{name}@mail.example"))
    api.until(lambda: len(desk.took) > before)
    stop = re.search(r"<(\S+)>", str(desk.mail(f"{name}@mail.example")["List-Unsubscribe"]))
    assert stop is not None
    return stop[1].removeprefix(api.url)


def test_one_click_of_a_mail_provider_stops_a_topic_and_a_look_stops_nothing(api: Api, desk: Desk) -> None:
    """A POST without a session, a cookie or an origin, as RFC 8058 has it; what a button says is the same, or stops all."""
    path, person = greeted(api, desk), api.person("ann")
    shown = api.http.get(path)
    assert shown.status_code == 200
    assert "that you take part" in shown.text
    assert api.get(f"/v1/people/{person}/messages")["off"] == []
    clicked = api.http.post(path, data={"List-Unsubscribe": "One-Click"})
    assert clicked.status_code == 200
    assert not clicked.headers.get("set-cookie")
    assert api.get(f"/v1/people/{person}/messages")["off"] == ["enrolled"]
    assert api.http.post(path, data={"what": "all"}, headers=OURS).status_code == 200
    found = api.get(f"/v1/people/{person}/messages")
    assert found["stopped"] == "unsubscribed"
    assert [it["status"] for it in found["messages"]] == ["sent"]
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert api.http.post(path, data={"what": "all"}, headers=elsewhere).status_code == 403
    api.say("owner", f"/v1/people/{person}/messages/resumption", {"reason": "asked"})
    assert api.get(f"/v1/people/{person}/messages")["stopped"] is None


def test_an_address_that_opens_nothing_tells_nothing(api: Api, desk: Desk) -> None:
    """One that never was looks as one of somebody who was erased."""
    path = greeted(api, desk)
    root = path.rpartition("/")[0]
    for wrong in (f"{root}/{'x' * 20}", f"{root}/{'x' * 200}", f"{root}/%00", f"{path}/how"):
        assert api.http.get(wrong).status_code == 404
    never = api.http.get(f"{root}/{'x' * 20}").text
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('ann')}").status_code == 200
    assert api.http.get(path).text == never


def test_staff_read_what_was_said_and_whom_it_did_not_reach(api: Api, desk: Desk) -> None:
    """A refused one stands in the list with the server's number until somebody leaves it; who may not see names reads no text."""
    desk.refuses = {"ben@mail.example": "550 no"}
    greeted(api, desk)
    api.send(sent.enrolled("e-ben", "ben", "BEN", email="ben@mail.example"))
    api.until(lambda: len(api.get("/v1/messages")["items"]) == 1)
    [it] = api.get("/v1/messages")["items"]
    assert (it["status"], it["reason"], it["topic"]) == ("refused", "550", "enrolled")
    api.say("owner", f"/v1/messages/{it['id']}/settlement", {"outcome": "leave"})
    assert api.get("/v1/messages")["items"] == []
    [ann] = api.get(f"/v1/people/{api.person('ann')}/messages")["messages"]
    assert "enrolled" in api.get(f"/v1/messages/{ann['id']}")["said"].lower()
    api.member("alan", "analyst")
    assert api.call("alan", "GET", f"/v1/messages/{ann['id']}").json()["said"] is None
    assert (
        api.call("alan", "POST", f"/v1/messages/{ann['id']}/settlement", json={"outcome": "again"}).status_code == 403
    )


def test_an_advocate_reads_what_they_were_sent_and_what_not(api: Api, desk: Desk) -> None:
    """Sent, or withheld with the reason in words; and the question how satisfied they are is answered by one press, once."""
    path = greeted(api, desk)
    api.http.post(path, data={"List-Unsubscribe": "One-Click"})
    person = api.person("ann")
    due = {"topic": "enrolled", "trigger": f"rwd_{'0' * 26}", "program": api.get("/v1/programs")["items"][0]["id"]}
    agreed = {
        "type": "consent.recorded",
        "id": "c",
        "customer_external_id": "ann",
        "purpose": "messages",
        "outcome": "given",
    }
    api.send(agreed)
    for topic in ("enrolled", "satisfaction"):
        make = partial(MessageDue, **{**due, "topic": topic}, person=person, known=True)
        api.run(command(api.goodword.engine, api.ws, lambda s, make=make: make(**s), WORKER))  # type: ignore[misc]
    api.until(lambda: len(desk.took) == 2)
    entered = api.http.post(f"/portal/{api.ws}/in/{token(secret_of(api), claims_of(api))}", headers=OURS)
    assert entered.status_code == 303
    session = entered.headers["set-cookie"].partition(";")[0]
    mine = api.http.get(f"/portal/{api.ws}/messages", headers={"cookie": session})
    assert mine.status_code == 200
    assert "You wanted no more of these." in mine.text
    assert "How satisfied" not in mine.text
    asked = email.message_from_bytes(desk.took[-1][1])["List-Unsubscribe"].strip("<>").removeprefix(api.url)
    assert api.http.get(f"{asked}/how").text.count('name="score"') == 5
    for score in (4, 1):
        assert api.http.post(f"{asked}/how", data={"score": score}, headers=OURS).status_code == 200
    assert api.get(f"/v1/people/{person}/messages")["score"] == 4
    assert api.http.post(f"{asked}/how", data={"score": 9}, headers=OURS).status_code == 404
