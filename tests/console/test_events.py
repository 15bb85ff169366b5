"""Events: what arrived is found, with what was decided of it and why nothing was."""

import time
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from testkit import sent, stripe
from tests.console.conftest import HANDLER, SCRIPT, Console

from goodword import words
from goodword.app import say


def _list(desk: Console, **filters: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return desk.json(f"/console/events?{query}")


def _types(found: Any) -> list[str]:
    return [row["type"] for row in found["rows"]]


def test_what_arrived_stands_in_the_list_the_newest_first(busy: Console) -> None:
    """With whom it is about by name, its invoice, what was decided and what was earned."""
    found = _list(busy)
    positions = [row["position"] for row in found["rows"]]
    assert positions == sorted(positions, reverse=True)
    assert positions[0] == found["position"]
    [order] = [row for row in found["rows"] if row["about"] == "INV-2" and row["type"] == "conversion.recorded"]
    assert (order["person"]["name"], order["code"], order["source"]) == ("friend of Ann", "earned", "native")
    assert order["amounts"][0][1] == "EUR"
    page = unescape(busy.html("/console/events"))
    assert "friend of Ann" in page
    assert "INV-2" in page


@pytest.mark.parametrize(
    ("filters", "types"),
    [
        ({"invoice": "INV-2"}, {"conversion.recorded", "chargeback.opened"}),
        ({"invoice": "INV"}, set()),
        ({"type": "lead.created"}, {"lead.created"}),
        ({"outcome": "earned"}, {"conversion.recorded"}),
        ({"outcome": "attributed"}, {"lead.created"}),
        ({"outcome": "refused:not_referred"}, {"conversion.recorded"}),
        ({"outcome": "nothing", "type": "conversion.recorded"}, {"conversion.recorded"}),
        ({"source": "page"}, set()),
        ({"code": "code2", "type": "advocate.enrolled"}, {"advocate.enrolled"}),
        ({"person": "friend of Ann", "type": "lead.created"}, {"lead.created"}),
        ({"person": "per_00000000000000000000000000"}, set()),
    ],
)
def test_a_filter_gives_what_it_says_and_no_more(busy: Console, filters: dict[str, str], types: set[str]) -> None:
    """By person, invoice, code, type, outcome and source, alone and together; it says how far it looked."""
    busy.api.send(sent.purchase("alone", "nobody's friend", "INV-9", 5_000))
    found = _list(busy, **filters)
    assert set(_types(found)) == types
    assert found["looked"] == found["position"]
    assert found["after"] is None
    if types:
        assert len(found["rows"]) < len(_list(busy)["rows"])
    assert "Looked through" in busy.html(f"/console/events?{'&'.join(f'{k}={v}' for k, v in filters.items())}")


@pytest.mark.parametrize(
    "query",
    [
        "type=lead",
        "outcome=refused:none",
        "outcome=x",
        "after=x",
        "after=99999999999999999999",
        "source=%22",
        "outcome=waiting&after=5",
        "outcome=set_aside&after=evt_x",
    ],
)
def test_a_filter_that_means_nothing_is_an_error(desk: Console, query: str) -> None:
    """And never an empty list."""
    assert desk.get(f"/console/events?{query}").status_code == 400


def test_what_nobody_is_called_is_not_found(desk: Console) -> None:
    """Of a person and a code; an invoice that never came is an empty list, for that is the answer."""
    assert desk.get("/console/events?person=nobody").status_code == 404
    assert desk.get("/console/events?code=NOBODY").status_code == 404
    assert _list(desk, invoice="INV-NEVER")["rows"] == []
    assert "No such event here" in desk.html("/console/events?invoice=INV-NEVER")


def test_a_list_goes_on_where_it_ended(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the filter, each event once and none left out."""
    busy.api.send(sent.purchase("alone", "nobody's friend", "INV-9", 5_000))
    for filters in ({}, {"type": "conversion.recorded"}, {"outcome": "nothing"}):
        whole = [row["evt"] for row in _list(busy, **filters)["rows"]]
        for name, value in (("console.events.LIMIT", 2), ("app.see.events._PIECE", 3), ("app.see.events.LOOKED", 5)):
            monkeypatch.setattr(f"goodword.{name}", value)
        seen, after = list[str](), "start"
        while after:
            found = _list(busy, **filters, **({} if after == "start" else {"after": after}))
            assert len(found["rows"]) <= 2
            assert found["looked"] <= 5
            seen += [row["evt"] for row in found["rows"]]
            after = found["after"]
        monkeypatch.undo()
        assert seen == whole
        assert whole


def test_an_order_is_found_however_old_it_is(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its invoice and by its customer, behind what is looked through."""
    for n in range(4):
        busy.api.send(sent.purchase(f"later-{n}", f"stranger {n}", f"LATER-{n}", 5_000))
    monkeypatch.setattr("goodword.app.see.events.LOOKED", 3)
    for filters in ({"invoice": "INV-1"}, {"person": "friend of Ann"}):
        found = _list(busy, **filters)
        assert found["rows"] == []
        assert "conversion.recorded" in [row["type"] for row in found["known"]]
        assert all(row["position"] < found["back_to"] for row in found["known"])
    assert [row["about"] for row in _list(busy, invoice="INV-1")["known"]] == ["INV-1"]


def test_an_event_tells_by_which_mapping_it_was_read_and_when_it_was_said_to_happen(desk: Console) -> None:
    """The name that the mapping knows, with a link to that version, and of a time without its zone both, as sent and as understood."""
    placed = "fields: {invoice_id: properties.id, amount: properties.price}, constants: {currency: EUR}"
    text = f"events:\n  - {{name: Plan Bought, kind: conversion, {placed}}}\n"
    desk.api.run(
        say.mappings.publish(
            desk.visitors.caller.principal, desk.api.goodword.directory, "segment", text, "m.yaml", once=uuid4().hex
        )
    )  # type: ignore[union-attr]
    wall = (datetime.now(UTC) - timedelta(hours=5)).replace(microsecond=0)
    n = iter(range(1_000))

    def bought() -> bool:
        item = {"type": "track", "event": "Plan Bought", "messageId": f"m{next(n)}", "userId": "bob"}
        item |= {"properties": {"id": "INV-P", "price": "5.00"}, "timestamp": wall.isoformat()}
        item |= {"context": {"library": {"name": "analytics-python"}}}
        assert desk.api.call("wk", "POST", "/v1/batch", json={"batch": [item]}).status_code == 200
        return bool(_list(desk, type="conversion.recorded")["rows"])

    desk.api.until(bought)
    evt = _list(desk, type="conversion.recorded")["rows"][-1]["evt"]
    page = unescape(desk.html(f"/console/events/{evt}"))
    assert '<a class="link" href="/console/sources/segment/mapping?version=1">version 1 of the mapping</a>' in page
    assert "Plan Bought" in page
    assert wall.isoformat() in page
    assert words.page("events.hours_off", hours="5") in page
    assert desk.get("/console/sources/segment/mapping?version=1").status_code == 200
    assert "of the mapping" not in desk.html(f"/console/events/{_list(desk)['rows'][-1]['evt']}")


def test_one_event_tells_what_came_what_was_decided_and_where_it_stands(busy: Console) -> None:
    """Why it earned nothing in words, too; what is personal stands there by the names of its fields alone."""
    busy.api.send(
        {**sent.purchase("alone", "nobody's friend", "INV-9", 5_000), "customer_email": "secret@friends.example"}
    )
    row = next(row for row in _list(busy, invoice="INV-9")["rows"])
    assert (row["refused"], row["code"]) == (True, "not_referred")
    one = busy.json(f"/console/events/{row['evt']}")
    assert one["event"]["invoice"] == "INV-9"
    assert "customer_email" in one["personal"]
    page = busy.html(f"/console/events/{row['evt']}")
    assert words.refusal("not_referred") in unescape(page)
    assert "customer_email" in page
    assert "secret@friends.example" not in page
    assert f"/console/log/{row['position']}" in page
    earned = _list(busy, invoice="INV-1")["rows"][-1]
    one = busy.json(f"/console/events/{earned['evt']}")
    assert one["rewards"]
    assert one["postings"]
    for reward in one["rewards"]:
        assert f"/console/rewards/{reward}" in busy.html(f"/console/events/{earned['evt']}")
    assert busy.get("/console/events/evt_00000000000000000000000000").status_code == 404


def test_what_people_wrote_is_text_on_events_too(busy: Console) -> None:
    """Names, codes, invoices and filters."""
    busy.api.send(sent.purchase("odd", SCRIPT, SCRIPT, 5_000), sent.purchase("odd-2", HANDLER, HANDLER, 5_000))
    page = busy.html("/console/events")
    page += "".join(busy.html(f"/console/events/{row['evt']}") for row in _list(busy)["rows"][:6])
    page += busy.html("/console/events?invoice=%3Cscript%3Ealert(1)%3C/script%3E")
    page += busy.html("/console/events?invoice=%22onmouseover=%22alert(1)")
    assert "&lt;script&gt;alert(1)" in page
    assert SCRIPT not in page
    assert HANDLER not in page


def test_who_may_see_no_names_reads_no_events(busy: Console) -> None:
    """An analyst is not led there, and told so."""
    for path in ("", f"/{_list(busy)['rows'][0]['evt']}"):
        busy.be("analyst")
        assert busy.get(f"/console/events{path}").status_code == 403
        busy.be("owner")


def test_what_is_masked_is_shown_to_who_says_why_and_that_is_kept(busy: Console) -> None:
    """Once, for a reason that was typed; the log has it, and whoever opens the event reads who looked, when and why."""
    said = {**sent.purchase("alone", "nobody's friend", "INV-9", 5_000), "customer_email": "secret@friends.example"}
    busy.api.send({**said, "metadata": {"gift": SCRIPT}})
    [row] = _list(busy, invoice="INV-9")["rows"]
    address = f"/console/events/{row['evt']}"
    assert busy.form(f"{address}/unmask").status_code == 400
    assert busy.json(address)["looks"] == []
    shown = busy.form(f"{address}/unmask", why=HANDLER, once="one")
    assert shown.status_code == 200
    assert "secret@friends.example" in shown.text
    assert SCRIPT not in shown.text
    assert (
        "secret@friends.example" in busy.form(f"{address}/unmask", why=HANDLER, once="one").text
    )  # a repeat is no second look
    again = busy.html(address)
    assert "secret@friends.example" not in again
    assert "Seen by" in again
    assert HANDLER not in again
    [look] = busy.json(address)["looks"]
    assert look["why"] == HANDLER
    assert _types(_list(busy, type="record.looked")) == ["record.looked"]
    assert busy.form("/console/events/evt_00000000000000000000000000/unmask", why="x").status_code == 404
    busy.be("analyst")
    assert busy.form(f"{address}/unmask", why="x").status_code == 403


def _post(desk: Console, **body: Any) -> None:
    desk.api.http.post("/v1/events", headers={"authorization": f"Bearer {desk.api.keys['sk']}"}, **body)


def _refused(desk: Console, **filters: str) -> Any:
    query = "".join(f"&{name}={value}" for name, value in filters.items())
    return desk.json(f"/console/events?outcome=rejected{query}")["rejected"]


def test_what_was_refused_says_what_was_wrong_and_nothing_of_what_it_held(desk: Console) -> None:
    """By field, code and key; in words; what is no name of a field or id is not kept, and nothing of who is not known."""
    wrong: list[Any] = [
        {**sent.purchase("ok-1", "bob", "INV-1", 500), "amount": "secret"},
        {**sent.purchase("a secret id", "bob", "INV-2", 500), "amout": 5},
        {**sent.purchase("ok-3", "bob", "INV-3", 500), f"secret {SCRIPT}": 5},
        {"type": "secret.thing", "id": "ok-4"},
    ]
    for body in (wrong, wrong, b"secret, not json", b"[" * 40 + b"]" * 40):
        _post(desk, **({"content": body} if isinstance(body, bytes) else {"json": body}))
    desk.api.send(sent.purchase("twice", "bob", "INV-9", 500))
    _post(desk, json=sent.purchase("twice", "bob", "INV-9", 600))
    desk.api.http.post("/v1/events", content=b"{}", headers={"authorization": "Bearer nobody"})
    desk.api.until(lambda: sum(row["times"] for row in _refused(desk)) >= 11)
    told = {(row["code"], row["field"], row["sent_as"]): row for row in _refused(desk)}
    assert set(told) == {
        ("wrong_type", "amount", "ok-1"),
        ("unknown_field", "amount", ""),
        ("unknown_field", "", "ok-3"),
        ("unknown_type", "type", "ok-4"),
        ("not_json", "", ""),
        ("too_deep", "", ""),
        ("id_taken", "amount", "twice"),
    }
    assert sum(row["times"] for row in told.values()) == 11
    assert all(row["key"].startswith("key_") and row["source"] == "native" for row in told.values())
    [conflict] = desk.json("/console/events?outcome=conflict")["rejected"]
    assert conflict["code"] == "id_taken"
    page = unescape(desk.html("/console/events?outcome=rejected"))
    assert "Expected: a whole number, minor units: 2500 is 25.00 EUR." in page
    assert "Perhaps amount is meant." in page
    assert "amout" not in page
    assert "secret" not in page
    dump = desk.api.run(desk.api.goodword.pool.fetch("select r::text as text from rejection r"))
    assert not any("secret" in row["text"] for row in dump)


def test_what_waits_for_its_invoice_and_who_did_not_sign_stand_beside_the_refused(desk: Console) -> None:
    """A refund of Stripe's whose payment nobody has named yet, a forged one, a thin one that names nothing: staff see them, and why."""
    api = desk.api
    api.say("owner", "/v1/hooks", {"source": "stripe", "secret": stripe.SECRET})
    back = stripe.event(
        "evt_1", "refund.created", stripe.VERSIONS[-1], stripe.Story(1, stripe.VERSIONS[-1]).refund(1, 500)
    )
    thin = {**stripe.thin(back), "related_object": None}
    for said, secret in ((back, stripe.SECRET), (back, "whsec_" + "x" * 32), (thin, stripe.SECRET)):
        body = stripe.body(said)
        api.http.post(
            f"/hooks/stripe/{api.ws}",
            content=body,
            headers={"stripe-signature": stripe.signed(body, int(time.time()), secret)},
        )
    api.until(lambda: {row["code"] for row in _refused(desk)} == {"signature_wrong", "thin_event"})
    page = unescape(desk.html("/console/events?outcome=rejected"))
    assert "1 event of stripe" in page
    assert "was not signed with a secret that is held here" in page
    assert "let the endpoint send snapshots" in page


def test_a_list_of_refused_deliveries_goes_on(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, the newest first, by its cursor."""
    for n in range(5):
        _post(desk, json={"type": "x", "id": f"odd-{n}"})
    desk.api.until(lambda: len(_refused(desk)) == 5)
    monkeypatch.setattr("goodword.console.events.LIMIT", 2)
    seen, after = list[str](), "rej_ZZ"
    found = desk.json("/console/events?outcome=rejected")
    while True:
        seen += [row["sent_as"] for row in found["rejected"]]
        after = found["after"]
        if not after:
            break
        found = desk.json(f"/console/events?outcome=rejected&after={after}")
    assert sorted(seen) == [f"odd-{n}" for n in range(5)]
    assert desk.get("/console/events?outcome=rejected&after=x").status_code == 400
