"""The page of sources: what came, what of it means nothing here, what has gone silent; over a real server's intake."""

import json
import time
from typing import Any

import httpx
import pytest
from testkit import sent, stripe, stripe_api
from testkit.past import Past
from tests.console.conftest import HANDLER, SCRIPT, Console

from goodword.app.engine import Engine
from goodword.app.intake.deliveries import Deliveries
from goodword.core import calendar
from goodword.sources.base import Answer
from goodword.sources.registry import REGISTRY


def _segment(desk: Console, *items: dict[str, Any]) -> None:
    """Let Segment's clients send these."""
    body = json.dumps({"batch": [{"messageId": str(n), "userId": "bob", **it} for n, it in enumerate(items)]})
    answer = desk.api.call("wk", "POST", "/v1/batch", content=body)
    assert answer.status_code == 200, answer.text


def _one(desk: Console, name: str, **wanted: int) -> Any:
    """A source, once its counts are written."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        it = desk.json(f"/console/sources/{name}")
        if {kind: it["whole"]["source"]["counts"][kind] for kind in wanted} == wanted:
            return it
        time.sleep(0.1)
    raise AssertionError(it["whole"])


def _gone(desk: Console, name: str) -> None:
    """Let a source have delivered hourly, three days ago for the last time."""
    engine = desk.api.goodword.engine

    async def deliver() -> None:
        for hour in reversed(range(10)):
            at = engine.clock.now() - 3 * calendar.DAY - hour * calendar.HOUR
            counted = Deliveries(Engine(engine.pool, Past(at)))
            counted.note(desk.api.ws, name, REGISTRY["native"], [None], [(Answer("a", "accepted"),)])
            await counted.drain()

    desk.api.run(deliver())


def test_a_source_shows_what_became_of_what_it_sent(desk: Console) -> None:
    """Counted over HTTP, from both sources; a name that is markup is no name, and none is shown unescaped."""
    order = {"type": "track", "event": "Order Completed"}
    good = {"order_id": "1", "total": "10.00", "currency": "EUR", "coupn": "x"}
    _segment(
        desk,
        {**order, "properties": good},
        {**order, "properties": {"order_id": "2", "currency": "EUR", "totl": 5}},
        {"type": "track", "event": "Button Clicked"},
        {"type": "track", "event": SCRIPT},
        {"type": "track", "event": HANDLER},
        {"type": "page", "name": "Home"},
    )
    desk.api.send(sent.enrolled("enrol", "Ann", "CODE"))
    it = _one(desk, "segment", accepted=1, refused=1, ignored=4)
    assert {one["name"] for one in it["whole"]["ignored"]} == {"Button Clicked", "page", ""}
    assert {one["name"] for one in it["whole"]["unknown"]} == {"properties.coupn", "properties.totl"}
    [refused] = it["whole"]["refused"]
    assert (refused["code"], refused["field"]) == ("missing_field", "amount")
    page = desk.html("/console/sources/segment")
    for told in ("Button Clicked", "properties.totl", "/v1/batch", "a write-only key", "/docs/howto/segment"):
        assert told in page
    assert SCRIPT not in page
    assert HANDLER not in page
    _one(desk, "native", accepted=1)
    names = [one["source"] for one in desk.json("/console/sources")["sources"]]
    assert {"native", "page", "segment", "segment_page"} <= set(names)
    assert "Too few to say" in desk.html("/console/sources")


def _hook(desk: Console, secret: str, n: int) -> int:
    """Send an event of Stripe's that is signed with a secret; returns the status."""
    story = stripe.Story(n, stripe.VERSIONS[-1])
    body = stripe.body(story.event("paid", "invoice.paid", story.invoice()))
    headers = {"stripe-signature": stripe.signed(body, int(time.time()), secret)}
    return desk.api.http.post(f"/hooks/stripe/{desk.api.ws}", content=body, headers=headers).status_code


def test_a_secret_of_another_system_is_held_exchanged_and_ended_on_its_page(desk: Console) -> None:
    """Two count while one takes another's place; no page, twin or failed form ever shows one, and only whoever may sees the form."""
    path, other = "/console/sources/stripe", "whsec_" + "Z9y8" * 8
    assert f"/hooks/stripe/{desk.api.ws}" in desk.html(path)
    assert "None is held" in desk.html(path)
    first = desk.form(f"{path}/secrets", secret=stripe.SECRET, name="shop")
    assert first.headers["location"].endswith("done=secret_held")
    assert desk.form(f"{path}/secrets", secret=other, name="the new one").status_code == 303
    assert desk.form(f"{path}/secrets", secret=stripe_api.KEY, name="reads").status_code == 303
    texts = [stripe.SECRET, other, stripe_api.KEY]
    for wrong in ("nonsense-of-mine", "sk_live_" + "a1B2" * 8, stripe.SECRET):
        failed = desk.form(f"{path}/secrets", secret=wrong, name="again")
        assert failed.status_code in (400, 409)
        assert 'value="again"' in failed.text
        assert wrong not in failed.text
    held = desk.json(path)["secrets"]
    assert [(it["name"], it["kind"]) for it in held] == [("reads", "rk"), ("the new one", "hs"), ("shop", "hs")]
    shown = desk.html(path) + json.dumps(desk.json(path)) + desk.html("/console/settings/keys")
    assert not any(text in shown for text in texts)
    assert [_hook(desk, secret, n) for n, secret in enumerate((stripe.SECRET, other), 1)] == [200, 200]
    ended = desk.form(f"{path}/secrets/{held[2]['id']}/end")
    assert ended.headers["location"].endswith("done=secret_ended")
    desk.api.until(lambda: _hook(desk, stripe.SECRET, 3) == 401)
    assert _hook(desk, other, 4) == 200
    assert [it["name"] for it in desk.json(path)["secrets"]] == ["reads", "the new one"]
    assert desk.form("/console/sources/segment/secrets", secret=stripe.SECRET).status_code == 400
    desk.be("developer")
    assert "the new one" in desk.html(path)
    assert "Hold it" not in desk.html(path)
    desk.be("support")  # sees what came, and no keys
    assert "the new one" not in desk.html(path)
    assert desk.json(path)["secrets"] is None
    assert desk.form(f"{path}/secrets", secret=other).status_code == 403


def test_what_waits_for_a_key_is_shown_with_what_to_give(desk: Console) -> None:
    """A thin event of Stripe's: how many, since when, and why."""
    desk.api.say("owner", "/v1/hooks", {"source": "stripe", "secret": stripe.SECRET})
    body = stripe.body(stripe.thin(stripe.Story(1, stripe.VERSIONS[-1]).customer))
    headers = {"stripe-signature": stripe.signed(body, int(time.time()), stripe.SECRET)}
    answer = desk.api.http.post(f"/hooks/stripe/{desk.api.ws}", content=body, headers=headers)
    assert answer.json()["events"][0]["status"] == "held"
    desk.api.until(lambda: [it["code"] for it in desk.json("/console/sources/stripe")["whole"]["held"]] == ["no_key"])
    assert "No restricted key is held" in desk.html("/console/sources/stripe")


def test_a_body_that_cannot_be_read_is_a_delivery_too(desk: Console) -> None:
    """With a key that is known; with another one nobody is."""
    assert desk.api.call("wk", "POST", "/v1/batch", content="{").status_code == 400
    [refused] = _one(desk, "segment", refused=1)["whole"]["refused"]
    assert (refused["code"], refused["count"]) == ("not_json", 1)


def test_a_click_is_a_delivery_too(desk: Console) -> None:
    """Of the source that is the redirect, which is there once somebody has clicked."""
    assert "edge" not in [one["source"] for one in desk.json("/console/sources")["sources"]]
    desk.api.send(sent.enrolled("enrol", "Ann", "CODE"))
    httpx.get(f"{desk.api.url}/w/{desk.api.ws}/r/CODE")
    assert _one(desk, "edge", accepted=1)["whole"]["source"]["way"]["paths"] == ["/r/{code}"]


def test_a_source_that_has_gone_silent_is_told_on_home(desk: Console) -> None:
    """Home leads to it; of those that deliver as usual nothing is said."""
    assert desk.json("/console")["troubles"] == []
    _gone(desk, "native")
    [told] = desk.json("/console")["troubles"]
    assert (told["code"], told["about"], told["path"]) == ("silent", "native", "/sources/native")
    assert told["count"] == 72
    assert "native is silent" in desk.html("/console")
    assert "1 silent" in desk.html("/console/sources")
    assert "Silent" in desk.html("/console/sources/native")
    desk.api.send(sent.enrolled("enrol", "Ann", "CODE"))
    _one(desk, "native", accepted=11)
    assert desk.json("/console")["troubles"] == []


def test_what_its_events_decided_is_told(busy: Console) -> None:
    """From the log, of the newest."""
    it = busy.json("/console/sources/native")["whole"]["source"]
    assert it["decided"]["earned"] > 0
    assert sum(it["decided"].values()) <= 300


def test_a_source_that_is_none_is_not_found(desk: Console) -> None:
    """By page and API."""
    assert desk.get("/console/sources/nobody").status_code == 404
    assert desk.api.call("owner", "GET", "/v1/sources/nobody").status_code == 404


def test_the_api_says_the_same(desk: Console) -> None:
    """The same use case in its own words."""
    _gone(desk, "native")
    found = {one["source"]: one for one in desk.api.get("/v1/sources")["items"]}
    assert found["native"]["silent"]
    usual, allowed = found["native"]["usual_seconds"], found["native"]["allowed_seconds"]
    assert usual >= 3_600
    assert abs(allowed - 3 * usual) <= 3
    assert found["page"]["keys"] == ["pk"]
    one = desk.api.get("/v1/sources/segment")
    assert {"path": "context.ip", "how": "ignored", "to": None} in one["fields"]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_source_says_how_it_treats_its_fields(name: str) -> None:
    """A source whose fields stand in no table could drop money in silence."""
    assert REGISTRY[name].fields
    assert REGISTRY[name].guide


def test_a_mapping_is_tried_published_and_taken_back_on_a_sources_own_page(desk: Console) -> None:
    """What is wrong is told with its line and what was typed stays; a sample says what would become of it; markup is text."""
    at = "/console/sources/segment"
    assert "No mapping of your own" in desk.html(at)
    assert "/console/sources/segment/mapping" in desk.html(at)
    wrong = desk.form(f"{at}/mapping", text=f"events:\n  - name: '{SCRIPT}'\n    kind: conversoin")
    assert (wrong.status_code, "line 3: events[0].kind" in wrong.text, "did you mean conversion?" in wrong.text) == (
        200,
        True,
        True,
    )
    assert SCRIPT not in wrong.text
    text = "events: [{name: Paid, kind: conversion, fields: {amount: properties.p, invoice_id: messageId}, constants: {currency: EUR}}]"
    items = [{"event": "Paid", "userId": "u", "messageId": "m1", "properties": {"p": "1234.50"}}, {"event": HANDLER}]
    tried = desk.form(f"{at}/mapping/preview", text=text, sample=json.dumps(items))
    assert ("1,234.50" in tried.text, "by the mapping" in tried.text, HANDLER in tried.text) == (True, True, False)
    assert desk.json(f"{at}/mapping")["mapping"]["version"] == 0
    published = desk.form(f"{at}/mapping", text=text)
    assert published.headers["location"] == f"{at}/mapping?done=mapping_published"
    assert desk.form(f"{at}/mapping", text=text).headers["location"].endswith("done=mapping_same")
    page = desk.html(f"{at}/mapping")
    assert ("Version 1, by which" in page, "name: Paid" in page) == (True, True)
    assert desk.form(f"{at}/mapping/keep", days="3").headers["location"].endswith("done=deliveries_kept")
    assert desk.form(f"{at}/mapping/keep", days="15").status_code == 400
    assert "for 3 days" in desk.html(at)
    assert desk.form(f"{at}/mapping/resend").status_code == 409
    assert desk.form(f"{at}/mapping/end").headers["location"].endswith("done=mapping_ended")
    assert "Version 1, of before" in desk.html(f"{at}/mapping?version=1")
    assert desk.get("/console/sources/stripe/mapping").status_code == 400
    desk.be("auditor")
    page = desk.html(f"{at}/mapping?version=1")
    assert ("<textarea" in page, "name: Paid" in page) == (False, True)
    assert desk.form(f"{at}/mapping", text=text).status_code == 403


def test_what_is_written_to_a_crm_is_said_on_its_page(desk: Console) -> None:
    """How it is written to, and each record that it refused, with the CRM's codes; whoever may say how sees the forms, others not."""
    path = "/console/sources/hubspot"
    assert "Nothing is written to the records" in desk.html(path)
    assert desk.form(f"{path}/crm", referrer="code").headers["location"].endswith("done=crm_connected")
    ws, pool = desk.api.ws, desk.api.goodword.pool
    row = "$1, 'hubspot', 'x', 'contacts', 'per_1', 'refused', 'external_id', 'exact', 'y', 400, 'VALIDATION_ERROR goodword_source', 1"
    desk.api.run(pool.execute(f"insert into crm_record values ({row})", ws))
    page = desk.html(path)
    for told in (
        "1 need a person",
        "VALIDATION_ERROR goodword_source",
        "by external id, exact",
        "Write them once more",
    ):
        assert told in page
    assert desk.form(f"{path}/crm", referrer="name").status_code == 303
    assert desk.json(path)["written"]["crm"]["referrer"] == "name"
    assert desk.form(f"{path}/crm/again").headers["location"].endswith("done=crm_again")
    assert desk.form("/console/sources/stripe/crm", referrer="code").status_code == 400
    desk.be("developer")
    assert desk.form(f"{path}/crm/end").headers["location"].endswith("done=crm_ended")
    assert desk.json(path)["written"]["crm"] is None
    desk.be("support")
    assert desk.json(path)["written"] is None
    assert desk.form(f"{path}/crm", referrer="code").status_code == 403


def test_what_was_typed_of_a_mapping_stays_whatever_fails(desk: Console) -> None:
    """A sample that is no JSON, one that is as long as one may be, and a version that somebody else published meanwhile."""
    at = "/console/sources/posthog/mapping"
    text = "events: [{name: Mine, kind: lead}]"
    failed = desk.form(f"{at}/preview", text=text, sample="no JSON")
    assert (failed.status_code, "name: Mine" in failed.text, "no JSON</textarea>" in failed.text) == (400, True, True)
    long = desk.form(at, text="events: [{name: Mine, kind: leed}]", sample="x" * 390_000)
    assert (long.status_code, "kind: leed" in long.text, "xxx</textarea>" in long.text) == (200, True, True)
    assert desk.form(at, text="events: [{name: Theirs, kind: lead}]", newest="0").status_code == 303
    late = desk.form(at, text=text, newest="0")
    assert (late.status_code, "version 1" in late.text, "name: Mine" in late.text) == (409, True, True)
    assert 'name="newest" value="1"' in late.text
    assert desk.json(at)["mapping"]["version"] == 1
    assert desk.form(at, text=text, newest="1").headers["location"].endswith("done=mapping_published")
