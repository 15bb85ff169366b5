"""The gate of a live workspace over HTTP: what is missing is named, what was checked stands, and a silent feed stops the money."""

from typing import Any
from uuid import uuid4

import pytest
from msgspec import structs
from testkit import sent
from tests.api.conftest import RULES, Api, Command

from goodword.api.bodies import Measure
from goodword.app import say, see
from goodword.app.follow import feeds
from goodword.app.principal import OPERATOR, Principal
from goodword.core import calendar
from goodword.core.facts import Actor
from goodword.core.launching import MEASURES
from goodword.words.catalogue import catalogue

HOURS = 24


@pytest.fixture
def live(api: Api) -> Api:
    """A live workspace of two owners, in which a program was published and one advocate enrolled."""
    mails = ("olga@live.example", "otto@live.example")
    made = api.run(say.workspaces.create(OPERATOR, api.goodword.directory, "live", *mails, mode="live"))
    it = Api(api.goodword, api.url, made)
    it.http.close()
    it.http, it.loop = api.http, api.loop
    it.keys["otto"] = made.further_owner_keys[0]
    it.say("owner", "/v1/programs", {"document": RULES})
    it.send(sent.enrolled("enrol-ann", "ann", "ANN"))
    it.until(it.heard)
    return it


def otto(api: Api) -> str:
    """The owner who published nothing."""
    return next(one["id"] for one in api.get("/v1/members")["items"] if one["email"] == "otto@live.example")


def plan(api: Api, **otherwise: Any) -> dict[str, Any]:
    return api.plan("main", otto(api), silent_hours=HOURS) | otherwise


def test_a_live_program_is_a_draft_until_nothing_is_missing(live: Api) -> None:
    """What is told of a draft is refused for good; readiness names what is missing, a launch refuses all of it, and then it goes."""
    assert [it["status"] for it in live.get("/v1/programs")["items"]] == ["draft"]
    said = live.decided(sent.lead("lead-bob", "bob", code="ANN"))
    assert "program_not_live" in str(said["decision"]), said
    before = live.get("/v1/programs/main/readiness")
    assert (before["gated"], before["ready"]) == (True, False)
    assert before["missing"] == ["owner", "evidence", "trigger", "billing", "measures"]
    wrong = live.call(
        "owner", "POST", "/v1/programs/main/launch", json=plan(live, owner="mem_none", evidence="ab" * 32)
    )
    assert (wrong.status_code, wrong.json()["code"]) == (409, "not_ready"), wrong.text
    assert [step[1]["item"] for step in wrong.json()["steps"]] == ["owner", "evidence"]
    asked = plan(live)
    ready = live.get("/v1/programs/main/readiness", **asked, measures=["reward_cost"], every_days=30)
    assert (ready["ready"], ready["missing"]) == (True, [])
    first = live.call("owner", "POST", "/v1/programs/main/launch", key="once", json=asked)
    again = live.call("owner", "POST", "/v1/programs/main/launch", key="once", json=asked)
    assert first.status_code == again.status_code == 200, first.text
    assert first.json()["evt"] == again.json()["evt"]
    assert [it["status"] for it in live.get("/v1/programs")["items"]] == ["active"]
    assert live.get("/v1/programs/main/readiness")["plan"]["measures"] == list(MEASURES)
    live.send(sent.lead("lead-bea", "bea", code="ANN"), sent.purchase("order-bea", "bea", "inv-bea", 20_000))
    friends = {it["friend"] for it in live.get("/v1/referrals")["items"]}
    assert friends == {live.person("bea")}
    assert live.get("/v1/rewards")["items"]


def test_what_anybody_may_send_is_no_source_of_orders(live: Api) -> None:
    """Who holds the key of a page could keep the alarm from ringing: it counts where leads come from, and not for orders."""
    said = plan(live)
    answer = live.call("pk", "POST", "/v1/events", json=[sent.click("click-1", "ANN", "visitor-1")])
    assert answer.json()["items"][0]["status"] == "accepted", answer.text
    live.until(lambda: "page" in live.heard())
    asked = said | {"trigger": "page"}
    more = {"measures": ["reward_cost"], "every_days": 30}
    assert live.get("/v1/programs/main/readiness", **asked, **more)["missing"] == []
    for trigger in ("native", "page"):
        asked = said | {"trigger": trigger, "billing": "page"}
        assert "billing" in live.get("/v1/programs/main/readiness", **asked, **more)["missing"]
        wrong = live.call("owner", "POST", "/v1/programs/main/launch", json=asked)
        assert (wrong.status_code, wrong.json()["code"]) == (409, "not_ready"), wrong.text
        assert ("billing", "never_heard") in [(step[1]["item"], step[1]["why"]) for step in wrong.json()["steps"]]


def test_the_pilot_of_a_draft_says_that_it_begins_with_the_launch(live: Api) -> None:
    """Nothing of it is decided before, and why not is a sentence; launched, its cycle runs."""
    live.say("owner", "/v1/pilots/main", {"advocates": [live.person("ann")]})
    assert live.get("/v1/pilots/main")["state"] == "draft"
    said = live.call("owner", "POST", "/v1/pilots/main/decision", json={"outcome": "stopped", "note": "No."})
    assert (said.status_code, said.json()["code"]) == (409, "wrong_state"), said.text
    assert said.json()["steps"][0][1]["status"] == "draft"
    assert catalogue("en").say("pilot_state.draft").startswith("The program is a draft")
    live.say("owner", "/v1/programs/main/launch", plan(live))
    assert live.get("/v1/pilots/main")["state"] == "running"


def test_in_a_sandbox_a_program_is_live_and_the_gate_says_what_would_be_missing(api: Api) -> None:
    """Nothing has to be launched there, and everybody who reads programs sees what a live workspace would ask."""
    assert [it["status"] for it in api.get("/v1/programs")["items"]] == ["active"]
    found = api.get("/v1/programs/main/readiness")
    assert (found["gated"], found["ready"]) == (False, False)
    assert "approver" in found["missing"]
    assert all(one["says"] for one in found["checks"])
    api.purchase()
    assert api.get("/v1/rewards")["items"]


def pause(api: Api, hours: int) -> None:
    """Let sources have delivered so long ago, and a worker look."""
    at = api.goodword.directory.now() - hours * calendar.HOUR
    api.run(api.goodword.pool.execute("update source set last_at = $2 where workspace_id = $1", api.ws, at))
    api.run(feeds.watch(api.goodword.directory))


def stops(api: Api) -> list[str]:
    return [one["code"] for one in api.get("/v1/programs/main/readiness")["stops"]]


def test_a_feed_that_falls_silent_stops_the_money_and_heard_again_lets_it_go(api: Api) -> None:
    """A worker says it once, all views tell it, and what was refused meanwhile is released after the next delivery."""
    anna = api.member("anna", "approver")
    api.purchase()
    api.launch("main", anna, silent_hours=HOURS)
    api.payee("ann-bob")
    api.move("2026-03-17T10:00:00Z")
    [reward] = api.get("/v1/rewards", beneficiary=api.person("ann-bob"))["items"]
    api.agree("/v1/approvals", reward["id"], who="anna")
    api.move("2026-04-16T00:00:00Z")
    pause(api, HOURS - 1)
    assert stops(api) == []
    pause(api, HOURS + 1)
    assert stops(api) == ["feed_silent"]
    many = api.rows("select count(*) from log where workspace_id = $1")
    pause(api, HOURS + 2)
    assert api.rows("select count(*) from log where workspace_id = $1") == many
    drafted = {"rail": "sandbox", "unit": "EUR"}
    assert api.refused("owner", "/v1/payouts", drafted) == (409, "feed_silent")
    assert "main" in {it["about"] for it in waiting(api) if it["code"] == "feed_silent"}
    hear(api)
    assert (stops(api), waiting(api)) == ([], [])
    api.say("owner", "/v1/payouts", drafted)
    [payout] = api.get("/v1/payouts")["items"]
    frozen = api.get("/v1/payouts/release", id=payout["id"])
    pause(api, HOURS + 1)
    assert api.refused("owner", "/v1/payouts/release", frozen) == (409, "feed_silent")
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "awaiting_release"
    api.say("owner", "/v1/programs/main/end", {})
    assert stops(api) == ["feed_silent"]
    assert [it["about"] for it in waiting(api)] == ["main"]
    hear(api)
    assert stops(api) == []
    pause(api, HOURS + 1)
    assert stops(api) == ["feed_silent"], "an order of a program that is ended can still be refunded"
    hear(api)
    api.say("owner", "/v1/payouts/release", frozen)
    api.until(lambda: api.get(f"/v1/payouts/{payout['id']}")["status"] != "awaiting_release")


def waiting(api: Api) -> list[dict[str, Any]]:
    """What the owner is alarmed of that concerns programs."""
    who = Principal(
        "session", api.run(api.goodword.directory.workspace(api.ws)), Actor(id="x", kind="member", roles=("owner",))
    )
    found = api.run(see.waiting.alarms(who, api.goodword.directory))
    return [structs.asdict(it.waiting) for it in found if it.waiting.code in ("feed_silent", "owner_missing")]


def hear(api: Api) -> None:
    """Let the source deliver something, and a worker look."""
    before = api.rows("select max(last_at) from source where workspace_id = $1")
    api.send(sent.enrolled(f"enrol-{uuid4().hex}", f"amy-{uuid4().hex}", uuid4().hex[:8]))
    api.until(lambda: api.rows("select max(last_at) from source where workspace_id = $1") != before)
    api.run(feeds.watch(api.goodword.directory))


def test_a_program_is_checked_and_launched_at_a_terminal(live: Api, goodword: Command) -> None:
    """`check` shows what is missing and the digest; `launch` says it with members by mail."""
    server = ("--url", live.url, "--key", live.keys["owner"])
    [source] = live.heard()
    said = ("--owner", "otto@live.example", "--trigger", source, "--billing", source)
    seen = goodword("program", "check", "main", *said, *server)
    assert seen.returncode == 0, seen.stderr
    assert seen.stdout.count("missing") == 1, seen.stdout
    digest = live.get("/v1/programs/main/readiness")["evidence"]
    assert digest in seen.stdout
    assert "not_ready" in goodword("program", "launch", "main", "--evidence", digest, *server).stderr
    done = goodword("program", "launch", "main", *said, "--evidence", digest, *server)
    assert done.returncode == 0, done.stderr
    assert live.get("/v1/programs")["items"][0]["status"] == "active"


def test_the_measures_that_the_document_names_are_those_of_the_gate() -> None:
    """A plan names no measure that the API does not take, and the other way round."""
    assert Measure.__args__ == MEASURES  # type: ignore[attr-defined]
