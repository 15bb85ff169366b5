"""Each client at a running server: from an event to an explained reward, and from a frozen list to a payout."""

import uuid

import pytest
from testkit import sent
from tests.api.conftest import Api
from tests.goodword_clients.conftest import Between, Client, RaisedError


def test_from_an_event_to_an_explained_reward(api: Api, which: str) -> None:
    """Who enrols gets a link, the order of a friend is decided, and why is told in words."""
    shop = Client(which, api.url, api.keys["sk"])
    enrolled, _, order = shop.calls(
        ("events.send", (sent.enrolled("ann-1", "ann", "ANN"),), {"wait": 10}),
        ("events.send", (sent.lead("bob-1", "bob", code="ANN"),), {"wait": 10}),
        ("events.send", (sent.purchase("order-1", "bob", "2026-17", 12_000),), {"wait": 10}),
    )
    assert enrolled["link"]["code"] == "ANN"
    why = shop.call("events.explain", order["decision"]["evt"])
    assert {one["outcome"] for one in why["sentences"]} == {"earned"}
    ann = shop.call("people.find", "ann")["id"]
    [reward] = shop.call("rewards.list", beneficiary=ann)
    assert shop.call("rewards.get", reward["id"]) == reward
    assert reward["amount"] > 0
    assert shop.call("events.get", "order-1")["status"] == "decided"
    assert [one["friend"] for one in shop.call("people.referrals")] == [shop.call("people.find", "bob")["id"]]
    assert [one["slug"] for one in shop.call("programs.list")] == ["main"]


def test_an_event_without_an_id_is_given_one_and_sent_again_is_a_repeat(api: Api, which: str) -> None:
    """The id stands in the event itself, so that the same event sent twice counts once."""
    shop = Client(which, api.url, api.keys["wk"])
    event = sent.enrolled("", "ann", "ANN")
    del event["id"]
    if which == "node":  # what goes there is a copy
        event["id"] = uuid.uuid4().hex
    first, again = shop.calls(("events.send", (event,), {}), ("events.send", (event,), {}))
    assert (first["status"], again["status"]) == ("accepted", "repeat")
    assert first["id"] == again["id"] == event["id"]


def test_a_list_comes_whole_page_by_page(api: Api, which: str) -> None:
    """However many pages there are, each item comes once, in order."""
    shop = Client(which, api.url, api.keys["sk"])
    events = [sent.enrolled(f"enrol-{n}", f"person-{n}", f"CODE{n}") for n in range(220)]
    answers = shop.call("events.send_many", events)
    assert [one["status"] for one in answers] == ["accepted"] * len(events)
    api.until(lambda: not api.get("/v1/reports/progress")["waiting"])
    advocates = shop.call("people.advocates")
    assert len(advocates) == len({one["id"] for one in advocates}) == len(events)
    assert [one["id"] for one in advocates] == sorted(one["id"] for one in advocates)
    entries = shop.call("log.entries", after="150")
    assert [one["position"] for one in entries] == list(range(151, entries[-1]["position"] + 1))


def test_a_wrong_event_costs_its_neighbours_nothing(api: Api, which: str) -> None:
    """Of many sent together the wrong one says why; sent alone it is raised, with code and field."""
    shop = Client(which, api.url, api.keys["wk"])
    wrong = {**sent.enrolled("wrong", "zoe", "ZOE"), "emial": "zoe@mail.example"}
    answers = shop.call(
        "events.send_many", [sent.enrolled("ann-1", "ann", "ANN"), wrong, sent.enrolled("bea-1", "bea", "BEA")]
    )
    assert [one["status"] for one in answers] == ["accepted", "invalid", "accepted"]
    with pytest.raises(RaisedError) as raised:
        shop.call("events.send", wrong)
    assert (raised.value.name, raised.value.code, raised.value.field) == ("EventRefusedError", "unknown_field", "emial")
    with pytest.raises(RaisedError) as raised:
        shop.call("events.send", sent.enrolled("ann-1", "ann", "OTHER"))
    assert (raised.value.name, raised.value.code) == ("EventRefusedError", "id_taken")


def test_an_error_says_its_code_status_and_field(api: Api, which: str) -> None:
    """What the server refuses is raised as it says it; a key that sends may not read."""
    shop = Client(which, api.url, api.keys["sk"])
    for call, status, code, field in [
        (("rewards.get", "rwd_0"), 404, "not_found", None),
        (("people.set_payee", "per_0", "nowhere", {}), 422, "invalid_request", "body.rail"),
    ]:
        with pytest.raises(RaisedError) as raised:
            shop.call(*call)
        assert (raised.value.name, raised.value.status) == ("ApiError", status)
        assert (raised.value.code, raised.value.field) == (code, field)
    with pytest.raises(RaisedError) as raised:
        Client(which, api.url, api.keys["wk"]).call("rewards.get", "rwd_0")
    assert (raised.value.status, raised.value.code) == (403, "not_permitted")


def test_a_frozen_list_is_approved_as_it_was_shown_or_not_at_all(api: Api, which: str) -> None:
    """One reward that has changed since the list was shown stops all of it; the list shown anew is approved, and paid."""
    owner = Client(which, api.url, api.keys["owner"])
    for friend in ("bob", "cleo"):
        api.purchase(friend)
        api.payee(f"ann-{friend}")
    api.move("2026-06-01T00:00:00Z")
    waiting = [one["id"] for one in owner.call("rewards.list", status="in_review") if one["side"] == "advocate"]
    assert len(waiting) == 2
    shown = owner.call("approvals.list", waiting)
    api.send(sent.refund("refund", "inv-cleo", "r-1", 10_000))
    with pytest.raises(RaisedError) as raised:
        owner.call("approvals.approve", shown)
    assert (raised.value.name, raised.value.status, raised.value.code) == ("ApiError", 409, "item_changed")
    assert {one["status"] for one in owner.call("rewards.list", status="in_review")} == {"in_review"}
    waiting = [one for one in waiting if owner.call("rewards.get", one)["status"] == "in_review"]
    shown = owner.call("approvals.list", waiting)
    done = owner.call("approvals.approve", shown)
    assert {one["outcome"] for one in done["verdicts"]} == {"approved"}
    assert {owner.call("rewards.get", one)["status"] for one in waiting} == {"approved"}


def test_what_is_lost_on_its_way_back_is_done_once(api: Api, which: str) -> None:
    """A command whose answer is lost is sent again under its own key, and said once; an event is a repeat of itself."""
    with Between(api.url, lose=1) as between:
        shop = Client(which, between.url, api.keys["sk"])
        assert shop.call("events.send", sent.enrolled("ann-1", "ann", "ANN"))["status"] == "repeat"
        api.until(lambda: not api.get("/v1/reports/progress")["waiting"])
        person = shop.call("people.find", "ann")["id"]
        decision = shop.call("people.set_payee", person, "sandbox", {})
    told = api.get("/v1/log/entries", limit=200)["items"]
    assert [one["evt"] for one in told if one["type"] == decision["type"]] == [decision["evt"]]
    assert between.lost == 3


def test_a_client_waits_as_long_as_it_is_asked_to(api: Api, which: str) -> None:
    """While there is no room, nothing is sent before the time that the answer names; when tries are over, that is raised."""
    with Between(api.url, busy=2) as between:
        shop = Client(which, between.url, api.keys["wk"])
        assert shop.call("events.send", sent.enrolled("ann-1", "ann", "ANN"))["status"] == "accepted"
        first, second, third = between.came
        assert second - first >= 1
        assert third - second >= 1
    with Between(api.url, busy=9) as between:
        shop = Client(which, between.url, api.keys["wk"], retries=1)
        with pytest.raises(RaisedError) as raised:
            shop.call("events.send", sent.enrolled("bea-1", "bea", "BEA"))
    assert raised.value.name == "UnreachableError"
    assert len(between.came) == 2


def test_what_is_refused_is_not_sent_again(api: Api, which: str) -> None:
    """A wrong request stays wrong: it is sent once."""
    with Between(api.url) as between, pytest.raises(RaisedError):
        Client(which, between.url, api.keys["sk"]).call("rewards.get", "rwd_0")
    assert len(between.came) == 1
