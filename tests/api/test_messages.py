"""Messages to advocates as staff see them over HTTP, and what their links do in a browser and at a mail provider."""

from __future__ import annotations

import base64
import email
import json
import re
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from testkit import reports, sent
from testkit.tokens import token
from tests.api.conftest import Api
from tests.app.test_messages import Desk
from tests.portal.test_coming_in import claims_of, secret_of

from goodword.app.follow.messages import WORKER
from goodword.app.write.commands import command
from goodword.cli import main
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


def test_a_mail_servers_report_becomes_the_event_that_there_is(
    api: Api, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """By the address in the mail alone: for good stops the address, a repeat changes nothing, a late arrival is nothing at all."""
    caplog.set_level("DEBUG", "goodword")
    path = greeted(api, desk)
    address = f"https://refer.example{path}"
    assert reported(api, reports.delivery(("delayed", "4.4.1"), address=address)) == {
        "outcome": "nothing",
        "event": None,
    }
    first = reported(api, reports.delivery(("failed", "5.1.1"), address=address), "wk")
    assert first["outcome"] == "hard_bounce"
    assert reported(api, reports.delivery(("failed", "5.1.1"), address=address) + b"\n") == first
    event = api.get(f"/v1/events/{first['event']}")
    [verdict] = event["decision"]["verdicts"]
    assert (verdict["outcome"], verdict["refusal"]) == ("message_bounced", None)
    found = api.get(f"/v1/people/{api.person('ann')}/messages")
    assert (found["stopped"], [it["status"] for it in found["messages"]]) == ("bounced", ["bounced"])
    kept = json.dumps(event) + "".join(it.getMessage() for it in caplog.records if it.name.startswith("goodword"))
    assert not [it for it in ("mx.example", "@mail.example", address[-20:]) if it in kept]


def test_a_complaint_stops_an_address_and_five_soft_bounces_do(api: Api, desk: Desk) -> None:
    """Each report is one event, however often it comes."""
    address = f"https://refer.example{greeted(api, desk, 'ben')}"
    assert reported(api, reports.delivery(("failed", "4.2.2"), address=address))["outcome"] == "soft_bounce"
    assert api.get(f"/v1/people/{api.person('ben')}/messages")["stopped"] is None
    for _ in range(6):
        reported(api, reports.delivery(("failed", "4.2.2"), address=address))
    assert api.get(f"/v1/people/{api.person('ben')}/messages")["stopped"] is None, "six copies are one bounce"
    assert reported(api, reports.complaint("abuse", address=address))["outcome"] == "complaint"
    assert api.get(f"/v1/people/{api.person('ben')}/messages")["stopped"] == "complained"


def test_a_report_about_nothing_tells_nothing(api: Api, desk: Desk) -> None:
    """An address that never was, one of somebody who was erased, and one of another workspace are answered alike."""
    path = greeted(api, desk)
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('ann')}").status_code == 200
    never = path[:-20] + "x" * 20
    said = {refused_report(api, f"https://refer.example{it}") for it in (path, never, path.replace(api.ws, reports.WS))}
    assert [it[:2] for it in said] == [(422, "report_unmatched")]
    assert (
        api.call("sk", "POST", "/v1/messages/reports", json={"report": "not base64"}).json()["code"] == "report_invalid"
    )
    api.member("pia", "payer")
    for who, status in (("pk", 403), (None, 401), ("pia", 403)):
        assert api.call(who, "POST", "/v1/messages/reports", json={"report": "YQ=="}).status_code == status


def reported(api: Api, data: bytes, who: str = "sk") -> Any:
    """Return what is answered to a report."""
    body = {"report": base64.b64encode(data).decode()}
    while (answer := api.call(who, "POST", "/v1/messages/reports", json=body)).status_code == 503:
        assert answer.json()["code"] == "behind", "until the log says that it was sent"
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused_report(api: Api, address: str) -> tuple[int, str, str]:
    """Return how a report is refused."""
    data = reports.delivery(("failed", "5.1.1"), address=address)
    answer = api.call("sk", "POST", "/v1/messages/reports", json={"report": base64.b64encode(data).decode()})
    return answer.status_code, answer.json()["code"], answer.json()["detail"]


def test_several_are_settled_at_once_or_none(api: Api, desk: Desk) -> None:
    """One that cannot be stops all; a repeat is the first; what is sent once more is, each once."""
    names = ("ann", "ben", "cid")
    desk.refuses = {f"{it}@mail.example": "550 no" for it in names}
    for it in names:
        api.send(sent.enrolled(f"e-{it}", it, it.upper(), email=f"{it}@mail.example"))
    api.until(lambda: len(api.get("/v1/messages")["items"]) == 3)
    assert api.get("/v1/reports/overview")["queue"]["messages_waiting"] == 3
    ids = [it["id"] for it in api.get("/v1/messages")["items"]]
    path = "/v1/messages/settlements"
    arrived = api.call("owner", "POST", path, json={"messages": ids, "outcome": "arrived"}, key="a")
    assert (arrived.status_code, arrived.json()["code"]) == (409, "wrong_state"), (
        "nobody knows that of one that was refused"
    )
    desk.refuses = {}
    for _ in range(2):
        said = api.call("owner", "POST", path, json={"messages": [*ids[:2], ids[0]], "outcome": "again"}, key="k")
        assert [it["verdicts"][0]["outcome"] for it in said.json()["items"]] == ["message_ordered"] * 2
    api.until(lambda: len(desk.took) == 2)
    assert [it["id"] for it in api.get("/v1/messages")["items"]] == ids[2:]
    api.say("owner", path, {"messages": ids[2:], "outcome": "leave"})
    assert api.get("/v1/reports/overview")["queue"]["messages_waiting"] == 0
    many = {"messages": [f"ltr_{n}" for n in range(101)], "outcome": "leave"}
    assert api.call("owner", "POST", path, json=many, key="m").status_code == 422


def test_the_command_line_takes_reports_and_settles(api: Api, desk: Desk) -> None:
    """A mail server pipes a report; its exit code says whether to try again. What waits is listed, and settled at once."""
    address = f"https://refer.example{greeted(api, desk)}"
    at = ["--url", api.url, "--key"]
    report = ["message", "report", "-", *at, api.keys["wk"]]
    taken = CliRunner().invoke(main, report, input=reports.delivery(("failed", "5.1.1"), address=address))
    assert (taken.exit_code, taken.output) == (0, "it came back for good\n")
    assert CliRunner().invoke(main, report, input=b"hello").exit_code == 65
    away = ["message", "report", "-", "--url", "http://127.0.0.1:1", "--key", api.keys["wk"]]
    assert CliRunner().invoke(main, away, input=b"hello").exit_code == 75
    desk.refuses = {"ben@mail.example": "550 no"}
    api.send(sent.enrolled("e-ben", "ben", "BEN", email="ben@mail.example"))
    api.until(lambda: len(api.get("/v1/messages")["items"]) == 1)
    listed = CliRunner().invoke(main, ["message", "unknown", *at, api.keys["owner"]]).output
    id_ = api.get("/v1/messages")["items"][0]["id"]
    assert all(it in listed for it in (id_, "refused", "550", "enrolled"))
    settled = CliRunner().invoke(main, ["message", "settle", "leave", id_, *at, api.keys["owner"]])
    assert settled.exit_code == 0, settled.output
    assert "no message waits" in CliRunner().invoke(main, ["message", "unknown", *at, api.keys["owner"]]).output
