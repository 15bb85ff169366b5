"""A program that runs for some first, over HTTP and by the command line: who is in, the report of each candidate, the decision."""

from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from testkit import sent
from tests.api.conftest import Api

from goodword.app import see
from goodword.app.errors import UnknownError
from goodword.app.proof.audit import verify
from goodword.app.see import waiting
from goodword.cli import main
from goodword.store.api_keys import api_key_hash

RULES = """\
program: shop
currency: EUR
landing_url: https://shop.example.com/welcome
hold: 0d
payouts: {every: week, net: 1}
conversions:
  - on: purchase
    rewards: [{side: advocate, flat: {EUR: 1000}}]
"""
PATH = "/v1/pilots/shop"


@pytest.fixture
def shop(api: Api) -> Api:
    """A program with two advocates, and members who may begin a pilot, approve, and let in more."""
    said = {"email": "lia@shop.example", "roles": ["program_manager"], "programs": ["main"]}
    api.keys["lia"] = api.say("owner", "/v1/members", said)["key"]
    api.member("pam", "program_manager")
    api.member("ana", "approver")
    api.member("ola", "owner")
    api.say("pam", "/v1/programs", {"document": RULES})
    program = {"program": "shop"}
    api.send(*(sent.enrolled(f"e-{who}", who, who, **program) for who in ("ann", "amy")))
    return api


def _brought(api: Api, friend: str, by: str) -> dict[str, Any]:
    """A friend comes with a code and orders; what was decided of the lead."""
    program = {"program": "shop"}
    said = api.decided(sent.lead(f"l-{friend}", friend, code=by, **program))
    api.send(sent.purchase(f"o-{friend}", friend, f"i-{friend}", 10_000))
    return dict(said["decision"]["verdicts"][0])


def _start(api: Api, who: str = "pam", **chosen: Any) -> None:
    said = api.say(who, PATH, chosen or {"advocates": [api.person("ann")]})
    assert said["verdicts"][0]["outcome"] == "pilot_started"


def _over(api: Api) -> str:
    """The cycle passes; the digest of its report."""
    api.move(api.get(PATH)["cycles"][-1]["ends"])
    return str(api.get(PATH)["sha256"])


def _approve(api: Api) -> None:
    api.payee("ann")
    ids = [it["id"] for it in api.get("/v1/rewards", status="in_review")["items"]]
    frozen = api.get("/v1/approvals", id=ids)
    assert api.say("ana", "/v1/approvals", frozen)["verdicts"][0]["outcome"] == "approved"


def test_a_program_runs_for_some_first_and_then_for_all(shop: Api) -> None:
    """Who is outside is refused and told plainly, who is in earns; the report says 100 %; another member opens it; the log verifies."""
    api = shop
    assert api.call("ola", "GET", PATH).status_code == 404
    _start(api)
    refused = _brought(api, "bob", "amy")
    assert refused["refusal"] == "outside_pilot"
    told = api.get(f"/v1/explanations/{refused['subject']}")
    assert "open to a part of its advocates" in str(told)
    assert _brought(api, "ben", "ann")["outcome"] == "attributed"
    shown = api.get(PATH)
    assert (shown["state"], shown["count"], shown["waiting"], shown["percent"]) == ("running", 1, 1, None)
    everybody = {"outcome": "everybody", "sha256": shown["sha256"], "note": "All well."}
    assert api.refused("ola", f"{PATH}/decision", everybody) == (409, "pilot_running")
    _approve(api)
    everybody["sha256"] = _over(api)
    api.until(lambda: api.get(PATH)["outside"] == 1)
    shown = api.get(PATH)
    assert (shown["state"], shown["whole"], shown["failing"], shown["percent"]) == ("due", 1, 0, "100")
    assert api.get(f"{PATH}/failures")["items"] == []
    assert api.refused("pam", f"{PATH}/decision", everybody) == (403, "same_member")
    first = api.say("ola", f"{PATH}/decision", everybody, key="once")
    assert first["verdicts"][0]["outcome"] == "pilot_everybody"
    assert api.say("ola", f"{PATH}/decision", everybody, key="once")["evt"] == first["evt"]
    assert api.get(PATH)["state"] == "over"
    assert _brought(api, "bea", "amy")["outcome"] == "attributed"
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_a_report_that_is_another_one_by_now_decides_nothing(shop: Api) -> None:
    """An approval between the look and the decision changes it; a stop needs none, and the pilot goes on when the program does."""
    api = shop
    _start(api)
    _brought(api, "ben", "ann")
    seen = _over(api)
    _approve(api)
    said = {"outcome": "everybody", "sha256": seen, "note": "Seen."}
    assert api.refused("ola", f"{PATH}/decision", said) == (409, "item_changed")
    assert api.refused("ola", f"{PATH}/decision", {**said, "sha256": None}) == (409, "item_changed")
    stopped = api.say("pam", f"{PATH}/decision", {"outcome": "stopped", "note": "Look again."})
    assert [it["outcome"] for it in stopped["verdicts"]] == ["paused", "pilot_stopped"]
    assert api.get(PATH)["state"] == "stopped"
    api.say("pam", "/v1/programs/shop/resume", None)
    assert api.get(PATH)["state"] == "due"
    assert _brought(api, "bob", "amy")["refusal"] == "outside_pilot"


def test_who_is_chosen_is_checked(shop: Api) -> None:
    """Advocates of the program, a share between nothing and all, known ways; each says which field is wrong."""
    api = shop
    for chosen, status in (
        ({}, 422),
        ({"advocates": ["per_none"]}, 422),
        ({"share": "0"}, 422),
        ({"share": "99.99999"}, 422),
        ({"ways": ["link", "code", "deal"]}, 422),
        ({"ways": ["pigeon"]}, 422),
    ):
        assert api.call("pam", "POST", PATH, json=chosen).status_code == status, chosen
    assert api.call("ana", "POST", PATH, json={"share": "10"}).status_code == 403
    _start(api, advocates=["ann"], ways=["deal"], share="12.5")
    [cycle] = api.get(PATH)["cycles"]
    assert (cycle["advocates"], cycle["ways"], cycle["share"]) == ([api.person("ann")], ["deal"], "12.5")
    assert api.refused("ola", PATH, {"share": "10"}) == (409, "wrong_state")
    late = {"outcome": "enlarged", "sha256": _over(api), "note": "More."}
    assert api.refused("ola", f"{PATH}/decision", {**late, "share": "50"}) == (422, "pilot_invalid")
    assert api.refused("ola", f"{PATH}/decision", {**late, "outcome": "again", "share": "50"})[0] == 422
    more = {"advocates": ["ann", "amy"], "ways": ["deal"], "share": "50"}
    assert api.say("ola", f"{PATH}/decision", {**late, **more})["verdicts"][0]["outcome"] == "pilot_enlarged"
    assert [it["share"] for it in api.get(PATH)["cycles"]] == ["12.5", "50"]


def test_who_may_decide_is_told_that_the_report_is_due(shop: Api) -> None:
    """The member who manages programs, once the cycle is over; nobody else, and nobody before or after."""
    api = shop
    directory = api.goodword.directory

    def waits(who: str) -> list[str]:
        principal = api.run(directory.principal(api_key_hash(api.keys[who])))
        return [it.path for it in api.run(waiting.mine(principal, directory)) if it.code == "pilot"]

    _start(api)
    assert waits("ola") == []
    sha = _over(api)
    assert waits("ola") == waits("pam") == ["/programs/shop/pilot"]
    assert waits("ana") == []
    api.say("ola", f"{PATH}/decision", {"outcome": "everybody", "sha256": sha, "note": "Seen."})
    assert waits("ola") == []


def test_who_is_limited_to_another_program_sees_and_decides_none(shop: Api) -> None:
    """Neither the report nor that there is one; commands are outside of their programs."""
    api = shop
    _start(api)
    for path in (PATH, f"{PATH}/failures"):
        assert api.call("lia", "GET", path).status_code == 404
    assert api.refused("lia", PATH, {"share": "10"}) == (403, "outside_scope")
    stop = {"outcome": "stopped", "note": "No."}
    assert api.refused("lia", f"{PATH}/decision", stop) == (403, "outside_scope")
    directory = api.goodword.directory
    _over(api)
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    assert [slug for slug, _ in api.run(see.pilots.due(owner, directory))] == ["shop"]
    other = replace(owner, actor=replace(owner.actor, programs=("prg_none",)))
    assert api.run(see.pilots.due(other, directory)) == []
    with pytest.raises(UnknownError):
        api.run(see.pilots.beginning(other, directory, "shop"))


def test_the_command_line_starts_reports_and_decides(shop: Api) -> None:
    """The report prints its digest, which the decision names."""
    api = shop
    url = str(api.http.base_url)

    def said(who: str, *arguments: str) -> str:
        done = CliRunner().invoke(main, ["pilot", *arguments, "--url", url, "--key", api.keys[who]])
        assert done.exit_code == 0, done.output
        return done.output

    started = said("pam", "start", "shop", "--share", "10", "--advocate", "ann")
    assert "A pilot for 1 advocate by name, 10 % of all" in " ".join(started.split())
    _brought(api, "ben", "ann")
    sha = _over(api)
    told = said("ana", "report", "shop")
    assert sha in told
    assert "nothing is decided yet" in told
    assert "everybody" in said("ola", "decide", "shop", "everybody", "--report", sha, "--note", "Seen.")
