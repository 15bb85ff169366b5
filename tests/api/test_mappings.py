"""A workspace's own mapping of a source, over HTTP and at the command line: published, previewed, kept deliveries sent again."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from testkit import sent
from tests.api.conftest import Api, Command
from tests.conftest import ROOT

MAPPING = """
events:
  - name: Subscription Started
    kind: conversion
    fields: {invoice_id: properties.subscription_id, amount: properties.plan_price}
    constants: {currency: EUR}
  - name: trial_ended
    kind: lead
    when: [{path: properties.plan, equals: pro}]
"""
SECRET = "wanda.wonder@nowhere.example"


def started(n: int, **properties: Any) -> dict[str, Any]:
    """Return what a company calls a subscription."""
    said = {"subscription_id": f"s{n}", "plan_price": "19.99", **properties}
    return {
        "type": "track",
        "event": "Subscription Started",
        "messageId": f"m{n}",
        "userId": f"u{n}",
        "properties": said,
    }


def deliver(api: Api, *items: dict[str, Any], path: str = "/v1/batch", **beside: Any) -> None:
    """Send a batch as Segment's clients do."""
    answer = api.call("wk", "POST", path, content=json.dumps({"batch": list(items), **beside}).encode())
    assert answer.status_code == 200, answer.text


def publish(api: Api, text: str = MAPPING, source: str = "segment", who: str = "owner") -> Any:
    """Publish a mapping."""
    answer = api.call(who, "PUT", f"/v1/sources/{source}/mapping", json={"text": text})
    assert answer.status_code == 200, answer.text
    made = api.get(f"/v1/sources/{source}/mapping")
    assert made["hash"] == answer.json()["hash"]
    return made


def keep(api: Api, days: int = 14, source: str = "segment") -> None:
    """Keep deliveries, and wait until whoever takes them knows."""
    assert api.call("owner", "PUT", f"/v1/sources/{source}/deliveries", json={"days": days}).status_code == 204
    n = iter(range(1_000))

    def kept() -> bool:
        deliver(api, {"type": "page", "messageId": f"probe{next(n)}", "userId": "probe"})
        return bool(api.get(f"/v1/sources/{source}/deliveries")["deliveries"])

    if days:
        api.until(kept)


def resend(api: Api, **body: Any) -> Any:
    """Send again what is kept, and return what came of it."""
    answer = api.call("owner", "POST", "/v1/sources/segment/deliveries/resend", json=body)
    assert answer.status_code == 202, answer.text
    at = "/v1/sources/segment/deliveries"
    api.until(lambda: api.get(at)["resend"]["ended_at"])
    return api.get(at)["resend"]


def recorded(api: Api) -> list[tuple[str, int, str, str]]:
    """The conversions of the log: invoice, amount, source, and the mapping that they were read by."""
    return [
        (it["invoice"], it["amount"], it["source"], it.get("mapping", ""))
        for it in events_of(api)
        if it["type"] == "conversion.recorded"
    ]


def events_of(api: Api) -> list[dict[str, Any]]:
    """All events of the log, in order."""
    leaves = api.rows("select leaf from log where workspace_id = $1 order by position")
    return [json.loads(leaf)["event"] for (leaf,) in leaves]


def test_a_name_of_ones_own_counts_from_its_publication_on_without_a_restart(api: Api) -> None:
    """Dropped before, read by the mapping some seconds later; the entry names the version; the next version counts likewise."""
    deliver(api, started(1))
    made = publish(api)
    assert (made["source"], made["version"], len(made["hash"])) == ("segment", 1, 64)
    n = iter(range(2, 1_000))

    def counted() -> bool:
        deliver(api, started(next(n)))
        return bool(recorded(api))

    api.until(counted)
    (_, amount, source, mapping), *_ = recorded(api)
    assert (amount, source, mapping) == (1999, "segment", made["hash"])
    assert "s1" not in [invoice for invoice, *_ in recorded(api)]
    other = publish(api, MAPPING.replace("plan_price", "gross"))
    assert (other["version"], [it["version"] for it in other["versions"]]) == (2, [2, 1])

    def anew() -> bool:
        deliver(api, started(next(n), gross="25.00"))
        return 2500 in [amount for _, amount, _, _ in recorded(api)]

    api.until(anew)
    assert recorded(api)[-1][3] == other["hash"]


def test_an_event_says_which_version_read_it_and_what_that_calls_it(api: Api) -> None:
    """The name as it was sent, source, version and hash; one of Segment's own names was read by none. The name makes no other event."""
    made = publish(api)
    n = iter(range(1_000))

    def counted() -> bool:
        deliver(api, started(next(n)) | {"event": "subscription_started"})
        return bool(recorded(api))

    api.until(counted)
    evt = next(it["evt"] for it in events_of(api) if "mapping" in it)
    mapped = {"source": "segment", "version": 1, "hash": made["hash"], "called": "subscription_started"}
    assert api.get(f"/v1/events/{evt}")["mapped"] == mapped
    publish(api, MAPPING.replace("plan_price", "gross"))
    assert api.get(f"/v1/events/{evt}")["mapped"] == mapped
    paid = {"order_id": "o1", "total": "5.00", "currency": "EUR"}
    deliver(api, {"type": "track", "event": "Order Completed", "messageId": "o1", "userId": "u1", "properties": paid})
    api.until(lambda: len([it for it in events_of(api) if it.get("invoice") == "o1"]) == 1)
    [plain] = [it["evt"] for it in events_of(api) if it.get("invoice") == "o1"]
    assert api.get(f"/v1/events/{plain}").get("mapped") is None
    again = {"event": "Subscription  Started", "messageId": "m-last"}
    for spelled in ({"messageId": "m-last"}, again):  # the same, by another spelling of its name
        deliver(api, started(999, gross="25.00") | spelled)
    api.until(lambda: [it for it in recorded(api) if it[0] == "s999"])
    assert api.rows("select count(*) from rejection where workspace_id = $1 and code = 'id_taken'") == [(0,)]


def test_a_time_without_its_zone_is_shown_as_it_was_sent_and_as_it_was_understood(api: Api) -> None:
    """Both stand with the event, and the difference in hours; of any other event there is nothing."""
    wall = (datetime.now(UTC) - timedelta(hours=5)).replace(microsecond=0)
    paid = {"order_id": "o1", "total": "5.00", "currency": "EUR"}
    order = {"type": "track", "event": "Order Completed", "messageId": "o1", "userId": "u1", "properties": paid}
    deliver(api, order | {"timestamp": wall.isoformat(), "context": {"library": {"name": "analytics-python"}}})
    deliver(api, order | {"messageId": "o2", "properties": paid | {"order_id": "o2"}})
    api.until(lambda: len(recorded(api)) == 2)
    west, plain = ([it for it in events_of(api) if it.get("invoice") == name] for name in ("o1", "o2"))
    assert api.get(f"/v1/events/{west[0]['evt']}")["said"] == {"at": wall.isoformat(), "hours_off": 5.0}
    assert api.get(f"/v1/events/{plain[0]['evt']}")["said"] is None
    happened = datetime.fromtimestamp(west[0]["occurred_at"] / 1e6, UTC)
    assert happened == wall + timedelta(hours=5)


def test_what_is_kept_is_sealed_and_is_sent_again_through_the_newest_mapping(api: Api) -> None:
    """What meant nothing counts now, once however often it is sent again; what was decided is a repeat; nothing of it can be read."""
    api.send(sent.enrolled("e1", "ann", "ANN"))
    keep(api)
    paid = {"order_id": "o1", "total": "5.00", "currency": "EUR"}
    order = {"type": "track", "event": "Order Completed", "messageId": "o1", "userId": "u1", "properties": paid}
    deliver(api, started(1, note=SECRET), order, writeKey=api.keys["wk"])
    deliver(api, started(1, note=SECRET), started(2, plan_price="a lot"))
    api.until(lambda: recorded(api))
    tried = api.call("owner", "POST", "/v1/sources/segment/mapping/preview", json={"text": MAPPING})
    assert tried.status_code == 200, tried.text
    [mine] = [it for it in tried.json()["names"] if it["own"]]
    assert (mine["name"], mine["becomes"], mine["refused"]) == (
        "Subscription Started",
        {"conversion.recorded": 1},
        {"invalid_value amount": 1},
    )
    assert mine["money"] == [{"type": "conversion.recorded", "currency": "EUR", "events": 1, "amount": 1999}]
    assert len(recorded(api)) == 1, "a preview stores nothing"
    hash_ = publish(api)["hash"]
    for times, became in enumerate(({"accepted": 1, "repeat": 2}, {"repeat": 3})):
        told = resend(api)
        assert {kind: told["became"].get(kind, 0) for kind in became} == became, times
        assert told["why"] == {"invalid_value amount": 1}
        api.until(lambda: len(recorded(api)) == 2)
    assert sorted(recorded(api)) == [("o1", 500, "segment", ""), ("s1", 1999, "segment", hash_)]
    for table in ("kept_delivery", "kept_key", "source_keeping", "job", "undecided"):
        held = str(api.rows(f"select to_jsonb(t)::text from {table} t where workspace_id = $1"))
        for plain in (SECRET, api.keys["wk"], "Subscription Started", "subscription_id"):
            assert plain not in held, (table, plain)
            assert plain.encode().hex() not in held, (table, plain)


def test_nothing_is_kept_unless_somebody_says_so_and_nothing_once_they_take_it_back(api: Api) -> None:
    """Off by default; 0 days forget what was kept; more than 14 are refused; an erasure takes all of it away, for it may name them."""
    at = "/v1/sources/segment/deliveries"
    deliver(api, started(1))
    assert api.get(at)["deliveries"] == api.get(at)["days"] == 0
    for days in (15, -1):
        assert api.call("owner", "PUT", at, json={"days": days}).status_code == 422
    keep(api, 3)
    assert (api.get(at)["days"], api.get(at)["bytes"] > 0) == (3, True)
    api.send(sent.enrolled("e1", "ann", "ANN"))
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('ann')}").status_code == 200
    assert (api.get(at)["days"], api.get(at)["deliveries"], api.get(at)["bytes"]) == (3, 0, 0)
    assert api.rows("select day from kept_key where workspace_id = $1") == []
    deliver(api, started(2))
    assert api.get(at)["deliveries"] == 1
    keep(api, 0)
    assert (api.get(at)["days"], api.get(at)["deliveries"], api.get(at)["bytes"]) == (0, 0, 0)
    answer = api.call("owner", "POST", f"{at}/resend", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_kept")


def test_all_that_is_wrong_in_a_file_is_told_at_once(api: Api) -> None:
    """Each with its place, what was found and what was expected; nothing is published; a source of one meaning takes none."""
    wrong = "events:\n  - {name: a, kind: conversion, fields: {amont: properties.x}}\n  - {name: b, kind: refnd}\n"
    answer = api.call("owner", "PUT", "/v1/sources/segment/mapping", json={"text": wrong})
    assert (answer.status_code, answer.json()["code"]) == (422, "mapping_invalid")
    assert [it["path"] for it in answer.json()["errors"]] == ["events[0].fields.amont", "events[1].kind"]
    assert "did you mean amount?" in answer.json()["errors"][0]["expected"]
    assert api.get("/v1/sources/segment/mapping")["version"] == 0
    assert api.call("owner", "PUT", "/v1/sources/stripe/mapping", json={"text": MAPPING}).status_code == 422
    assert api.call("owner", "PUT", "/v1/sources/nobody/mapping", json={"text": MAPPING}).status_code == 404


def test_the_same_again_is_no_version_and_one_is_taken_back(api: Api) -> None:
    """However it is written; the versions stay, with who and when; what it was is read by its number; who did so is on the record."""
    first = publish(api)
    assert publish(api, json.dumps({"events": [{"name": "x", "kind": "nothing"}]}))["version"] == 2
    assert publish(api, "# said otherwise\nevents: [{kind: nothing, name: x}]\n")["version"] == 2
    assert api.call("owner", "DELETE", "/v1/sources/segment_page/mapping").status_code == 204
    now = api.get("/v1/sources/segment/mapping")
    assert (now["version"], now["hash"], now["text"]) == (3, "", "")
    assert [it["says"] for it in now["versions"]] == [False, True, True]
    assert {it["by"] for it in now["versions"]} == {api.rows("select id from member where workspace_id = $1")[0][0]}
    assert api.get("/v1/sources/segment/mapping", version=1)["text"] == MAPPING
    looks = [what for (what,) in api.rows("select what from look where workspace_id = $1 order by id")]
    assert looks == ["mapped", "mapped", "mapped"]
    assert (first["hash"],) in api.rows("select subject from look where workspace_id = $1")


_SOLD = {"plan_price": 19.99, "subscription_id": 7}


@pytest.mark.parametrize(
    ("source", "sample"),
    [
        ("segment", {"event": "Subscription Started", "userId": "u", "properties": _SOLD}),
        ("posthog", {"event": "subscription_started", "distinct_id": "u", "properties": _SOLD}),
        ("customerio", {"name": "Subscription Started", "customer_id": "u", "data": _SOLD}),
        (
            "jitsu",
            [{"event": "subscriptionStarted", "userId": "u", "properties": {"planPrice": 19.99, "subscriptionId": 7}}],
        ),
    ],
)
def test_a_sample_says_what_would_become_of_it(api: Api, source: str, sample: Any) -> None:
    """Where nothing is kept, of each source in its own format; what is no JSON is told."""
    body = {"text": MAPPING, "sample": json.dumps(sample)}
    [it] = api.call("owner", "POST", f"/v1/sources/{source}/mapping/preview", json=body).json()["names"]
    assert (it["becomes"], it["refused"], it["money"][0]["amount"]) == ({"conversion.recorded": 1}, {}, 1999)
    wrong = api.call("owner", "POST", f"/v1/sources/{source}/mapping/preview", json={**body, "sample": "{"})
    assert wrong.status_code == 422


def test_at_the_command_line(api: Api, goodword: Command, tmp_path: Path) -> None:
    """Checked, previewed, published, shown, kept, sent again; what is wrong ends it with code 1 and the lines."""
    del api
    file, sample = tmp_path / "mapping.yaml", tmp_path / "sample.json"
    file.write_text(MAPPING)
    sample.write_text(json.dumps([started(1), started(2)]))
    assert "fine, version " in goodword("mapping", "check", str(file)).stdout
    tried = goodword("mapping", "preview", "segment", str(file), "--sample", str(sample))
    assert "  Subscription Started: 2 conversion.recorded\n" in tried.stdout, tried.stderr
    assert "39.98 EUR in 2 events" in tried.stdout
    assert "segment is read by version " in goodword("mapping", "publish", "segment", str(file)).stdout
    assert goodword("mapping", "show", "segment").stdout == MAPPING
    assert "1  " in goodword("mapping", "show", "segment", "--versions").stdout
    assert "kept for 7 days" in goodword("mapping", "keep", "segment", "7").stdout
    assert goodword("mapping", "kept", "segment").stdout.startswith("7 days: 0 deliveries")
    assert "Nothing is kept of then" in goodword("mapping", "resend", "segment").stderr
    nothing = goodword("mapping", "preview", "segment", str(file)).stdout
    assert "goodword mapping keep segment 14" in nothing, "what to do where nothing is kept"
    assert "customerio, jitsu, posthog, segment take a mapping" in goodword("mapping", "show", "segmnt").stderr
    assert "read without a mapping" in goodword("mapping", "end", "segment").stdout
    file.write_text("events: [{name: a, kind: conversoin}]")
    wrong = goodword("mapping", "publish", "segment", str(file))
    assert (wrong.returncode, "did you mean conversion?" in wrong.stderr) == (1, True)


def test_the_guide_does_what_it_says(api: Api, goodword: Command, tmp_path: Path) -> None:
    """Its file is fine, its sample comes to what it shows, and every one of its commands is one."""
    del api
    guide = (ROOT / "docs/howto/mapping.md").read_text()
    blocks: dict[str, list[str]] = {}
    for kind, text in re.findall(r"```(\w+)\n(.*?)```", guide, re.DOTALL):
        blocks.setdefault(kind, []).append(text)
    (tmp_path / "mapping.yaml").write_text(blocks["yaml"][0])
    (tmp_path / "sample.json").write_text(blocks["json"][0])
    said = [line.partition("#")[0].split()[1:] for text in blocks["sh"] for line in text.splitlines()]
    done = [goodword(*(str(tmp_path / it) if it.endswith((".yaml", ".json")) else it for it in line)) for line in said]
    assert [line[1] for line in said] == ["check", "preview", "publish", "keep", "preview", "publish", "resend"]
    assert [it.returncode for it in done] == [0, 0, 0, 0, 0, 0, 1], [it.stderr for it in done]
    assert done[1].stdout == blocks["text"][0]
    assert "Nothing is kept of then" in done[-1].stderr
