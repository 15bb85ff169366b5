"""Standing approvals over HTTP: asked for by one, confirmed by another, stopped, and shown with what they approved."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from testkit import sent
from tests.api.conftest import Api

from goodword.app import see
from goodword.app.proof.audit import verify
from goodword.cli import main
from goodword.store.api_keys import api_key_hash
from goodword.worker import jobs

RULES = """\
program: shop
currency: EUR
landing_url: https://shop.example.com/welcome
hold: 0d
conversions:
  - on: purchase
    rewards: [{side: advocate, kind: credit, percent: 10}]
"""
WANTED = {
    "program": "shop",
    "kind": "credit",
    "unit": "EUR",
    "rail": "store_credit",
    "per_reward": 2_500,
    "per_beneficiary": 4_000,
    "in_all": 6_000,
    "until": "2026-06-01T00:00:00Z",
}
PATH = "/v1/standing-approvals"


def staffed(api: Api) -> None:
    """Pam writes the rules, Ana approves, Ola is a second owner."""
    api.member("pam", "program_manager")
    api.member("ana", "approver")
    api.member("ola", "owner")
    api.say("pam", "/v1/programs", {"document": RULES})


def granted(api: Api, **parts: Any) -> dict[str, Any]:
    """Ana asks, Ola confirms; the standing approval."""
    said = api.say("ana", PATH, WANTED | parts)["verdicts"][0]
    assert said["outcome"] == "second_person_needed"
    change = api.get(PATH)["waiting"][0]["change"]
    api.say("ola", f"/v1/changes/{change}/decision", {"outcome": "confirmed"})
    found: dict[str, Any] = api.get(PATH)["items"][0]
    return found


def ordered(api: Api, friend: str, amount: int = 20_000, by: str = "ann") -> dict[str, Any]:
    """A friend whom an advocate brought orders; the reward."""
    program = {"program": "shop"}
    api.send(sent.enrolled(f"e-{friend}", by, by, **program), sent.lead(f"l-{friend}", friend, code=by, **program))
    api.send(sent.purchase(f"o-{friend}", friend, f"i-{friend}", amount))
    person = api.person(friend)
    [reward] = [it for it in api.get("/v1/rewards", limit=200)["items"] if it["friend"] == person]
    return dict(reward)


def test_what_two_members_approved_beforehand_arrives_without_a_third(api: Api) -> None:
    """The worker delivers it, credit can be used, the record and the list say by what, and the log verifies."""
    staffed(api)
    given = granted(api)
    assert (given["state"], given["used"], len(given["granted_by"])) == ("holds", 0, 2)
    reward = ordered(api, "bob")
    path = f"/v1/rewards/{reward['id']}"
    api.until(lambda: api.get(path)["status"] == "paid")
    paid = api.get(path)
    assert paid["approvals"] == [given["id"]]
    assert (paid["standing"]["standing"], paid["standing"]["amount"], paid["standing"]["waits"]) == (
        given["id"],
        2_000,
        None,
    )
    assert api.get(PATH)["items"][0]["used"] == 2_000
    credit = api.get(f"/v1/people/{api.person('ann')}/credit")
    assert [it["balance"] for it in credit["balances"]] == [2_000]
    rows = api.rows("select kind, member, amount from approval where workspace_id = $1 order by position, n")
    assert rows == [("approve", given["id"], 2_000), ("release", given["id"], 2_000)]
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_what_goes_so_is_not_left_to_the_next_look_for_jobs(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever decided it says so: where the worker looks by itself every ten minutes, it arrives all the same."""
    staffed(api)
    granted(api)
    monkeypatch.setattr(jobs, "LOOK", 600.0)
    for friend in ("bob", "ben"):  # by the second one the look of before is over
        reward = ordered(api, friend, 10_000)
        api.until(lambda id_=reward["id"]: api.get(f"/v1/rewards/{id_}")["status"] == "paid")


def test_what_is_beyond_a_limit_waits_in_the_queue_with_its_reason(api: Api) -> None:
    staffed(api)
    granted(api)
    reward = ordered(api, "bob", 26_000)
    assert (reward["status"], reward["standing"]["waits"]) == ("in_review", "per_reward")
    record = api.get(f"/v1/rewards/{reward['id']}/record")
    assert "per_reward" in str(record)


def test_of_two_orders_at_the_limit_that_come_at_once_one_goes_and_one_waits(api: Api) -> None:
    """However they come in, a workspace is decided in order: no limit is passed, and the other one says why it waits."""
    staffed(api)
    granted(api)
    program = {"program": "shop"}
    api.send(sent.enrolled("e", "ann", "ann", **program))
    friends = [f"f{n}" for n in range(8)]
    api.send(*(sent.lead(f"l-{one}", one, code="ann", **program) for one in friends))

    def order(friend: str) -> int:
        return api.call(
            "wk", "POST", "/v1/events", json=sent.purchase(f"o-{friend}", friend, f"i-{friend}", 15_000)
        ).status_code

    with ThreadPoolExecutor(8) as at_once:
        assert set(at_once.map(order, friends)) == {202}
    api.until(lambda: len(api.get("/v1/rewards", limit=200)["items"]) == len(friends))
    stood = Counter(it["standing"]["waits"] for it in api.get("/v1/rewards", limit=200)["items"])
    assert stood == {None: 2, "per_beneficiary": 6}
    assert api.get(PATH)["items"][0]["used"] == 3_000


def test_stopping_takes_one_and_holds_at_once(api: Api) -> None:
    staffed(api)
    given = granted(api)
    api.say("ola", f"{PATH}/{given['id']}/stop", {"reason": "enough"})
    assert ordered(api, "bob")["standing"] is None
    stopped = api.get(PATH)["items"][0]
    assert (stopped["state"], stopped["reason"]) == ("stopped", "enough")
    assert api.refused("ola", f"{PATH}/{given['id']}/stop", {"reason": "enough"}) == (409, "wrong_state")


def test_who_wrote_the_rules_neither_asks_nor_confirms(api: Api) -> None:
    staffed(api)
    api.say("owner", "/v1/programs", {"document": RULES.replace("10}", "20}")})
    assert api.refused("owner", PATH, WANTED) == (403, "rules_author")
    api.say("ana", PATH, WANTED)
    change = api.get(PATH)["waiting"][0]["change"]
    assert api.refused("owner", f"/v1/changes/{change}/decision", {"outcome": "confirmed"}) == (403, "rules_author")
    assert api.refused("pam", PATH, WANTED)[0] == 403
    assert api.refused("ana", PATH, WANTED | {"rail": "bank_file"}) == (422, "standing_invalid")
    assert api.refused("ana", PATH, WANTED | {"kind": "cash"}) == (422, "standing_invalid")
    assert api.call("ana", "POST", PATH, json=WANTED | {"rail": "pigeon"}).status_code == 422


def test_an_approver_of_its_program_is_the_second_person_and_decides_on_nothing_else(api: Api) -> None:
    """They see what waits there, confirm what another asked for, and no other change; of another program they see and confirm none."""
    staffed(api)
    api.say("pam", "/v1/programs", {"document": RULES.replace("program: shop", "program: other")})
    for name, program in (("lia", "shop"), ("leo", "other")):
        said = {"email": f"{name}@shop.example", "roles": ["approver"], "programs": [program]}
        api.say("owner", "/v1/members", said)
        [asked] = [it["id"] for it in api.get("/v1/changes", status="open")["items"]]
        api.keys[name] = api.say("ola", f"/v1/changes/{asked}/decision", {"outcome": "confirmed"})["key"]
    api.say("ana", PATH, WANTED)
    [change] = [it["change"] for it in api.get(PATH, "lia")["waiting"]]
    assert api.get(PATH, "leo")["waiting"] == []
    decision = f"/v1/changes/{change}/decision"
    assert api.refused("ana", decision, {"outcome": "confirmed"}) == (403, "same_member")
    for who in ("leo", "pam"):
        assert api.refused(who, decision, {"outcome": "confirmed"})[0] == 403
    api.say("lia", decision, {"outcome": "confirmed"})
    [given] = api.get(PATH)["items"]
    assert given["state"] == "holds"
    api.say("owner", "/v1/members", {"email": "new@shop.example", "roles": ["payer"]})
    [member] = [it["id"] for it in api.get("/v1/changes", status="open")["items"]]
    assert api.refused("ana", f"/v1/changes/{member}/decision", {"outcome": "confirmed"}) == (403, "not_permitted")
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_a_leaver_takes_their_standing_approvals_with_them(api: Api) -> None:
    staffed(api)
    granted(api)
    ana = next(it for it in api.get("/v1/members")["items"] if it["email"] == "ana@shop.example")
    api.say("owner", "/v1/members", {"email": ana["email"], "roles": []})
    assert [(it["state"], it["reason"]) for it in api.get(PATH)["items"]] == [("stopped", "granter_left")]


def test_the_command_line_asks_confirms_lists_and_stops(api: Api) -> None:
    staffed(api)
    url = str(api.http.base_url)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in WANTED.items()]

    def said(who: str, *arguments: str) -> str:
        done = CliRunner().invoke(main, ["standing", *arguments, "--url", url, "--key", api.keys[who]])
        assert done.exit_code == 0, done.output
        return done.output

    said("ana", "ask", *options)
    said("ola", "confirm", api.get(PATH)["waiting"][0]["change"])
    given = api.get(PATH)["items"][0]
    assert given["id"] in said("ana", "list")
    said("ana", "stop", given["id"])
    assert "stopped" in said("ana", "list")


def test_who_is_limited_to_another_program_sees_stops_and_asks_for_none(api: Api) -> None:
    said = {"email": "lia@shop.example", "roles": ["approver"], "programs": ["main"]}
    api.keys["lia"] = api.say("owner", "/v1/members", said)["key"]
    api.confirm()
    staffed(api)
    given = granted(api)
    assert api.get(PATH, "lia") == {"items": [], "waiting": []}
    assert api.refused("lia", f"{PATH}/{given['id']}/stop", {"reason": "enough"}) == (403, "outside_scope")
    assert api.call("lia", "POST", PATH, json=WANTED).status_code == 404
    directory = api.goodword.directory
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    other = replace(owner, actor=replace(owner.actor, roles=("approver",), programs=("prg_none",)))
    assert api.run(see.standing.soon(other, directory)) == []
