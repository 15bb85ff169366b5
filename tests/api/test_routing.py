"""Routing over HTTP: a table is published, confirmed by a second owner, read in words, and says who approves."""

from typing import Any

from click.testing import CliRunner
from msgspec.structs import replace
from testkit import sent
from tests.api.conftest import Api

from goodword.app import doctor, see
from goodword.app.health import Bounds, Health
from goodword.app.proof.audit import verify
from goodword.cli import main
from goodword.store.api_keys import api_key_hash

LARGE = "  - {name: large, kinds: [cash], at_least: {EUR: 1500}, role: owner, fallback: fred@shop.example, days: 3}\n"
REST = "  - {name: rest, role: approver, fallback: fred@shop.example, days: 7}\n"
TABLE = f"routes:\n{LARGE}{REST}"


def _publish(api: Api, document: str = TABLE, who: str = "owner") -> dict[str, Any]:
    said: dict[str, Any] = api.say(who, "/v1/routing", {"document": document})["verdicts"][0]
    return said


def _confirm(api: Api, who: str = "ola") -> None:
    change = api.get("/v1/routing")["waiting"]["change"]
    api.say(who, f"/v1/changes/{change}/decision", {"outcome": "confirmed"})


def _staffed(api: Api) -> None:
    api.member("ana", "approver")
    api.member("fred", "approver")
    api.member("ola", "owner")


def test_a_table_is_asked_for_confirmed_and_read_in_words(api: Api) -> None:
    """With names in the place of ids; what it changes of the one before is said; what only takes away holds at once."""
    _staffed(api)
    assert api.get("/v1/routing")["default"].startswith("No table was published")
    assert _publish(api)["outcome"] == "second_person_needed"
    waiting = api.get("/v1/routing")["waiting"]
    assert [(it["route"], it["before"]) for it in waiting["changes"]] == [("large", None), ("rest", None)]
    assert api.get("/v1/changes", status="open")["items"][0]["kind"] == "routing"
    _confirm(api)
    whole = api.get("/v1/routing")
    (version,) = whole["versions"]
    assert (whole["waiting"], version["version"]) == (None, 1)
    assert [it["said"] for it in version["routes"]] == [
        "Rewards that are cash, of at least 15.00 EUR: an owner decides within 3 days; after that fred@shop.example may, too.",
        "Whatever is left: an approver decides within 7 days; after that fred@shop.example may, too.",
    ]
    assert api.refused("owner", "/v1/routing", {"document": version["document"]})[1] == "nothing_to_do"
    assert _publish(api, TABLE.replace("days: 3", "days: 2"))["outcome"] == "routing_published"
    newest = api.get("/v1/routing")["versions"][0]
    assert (newest["version"], newest["confirmed_by"]) == (2, None)
    assert [it["route"] for it in newest["changes"]] == ["large"]
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_what_is_wrong_in_a_file_is_told_by_its_place(api: Api) -> None:
    _staffed(api)
    for wrong, path in (
        (f"routes:\n{LARGE}", "routes[0]"),
        (TABLE.replace("role: owner", "role: payer"), "routes[0].role"),
        (TABLE.replace("at_least", "atleast"), "routes[0].atleast"),
        (TABLE.replace("days: 7", "days: many"), "routes[1].days"),
    ):
        answer = api.call("owner", "POST", "/v1/routing", json={"document": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "routing_invalid"), answer.text
        assert path in [one["path"] for one in answer.json()["errors"]], answer.text
    for wrong, field in (
        (TABLE.replace("fred@", "nobody@"), "routes.0.fallback"),
        (TABLE.replace("kinds: [cash]", "programs: [none]"), "routes.0.programs"),
    ):
        answer = api.call("owner", "POST", "/v1/routing", json={"document": wrong})
        assert (answer.status_code, field in answer.text) == (422, True), answer.text
    assert api.get("/v1/routing")["waiting"] is None


def test_a_reward_shows_its_route_and_is_approved_by_its_role(api: Api) -> None:
    """From the table to the refusal of who has not the role; the record says who decides it and who stands in."""
    _staffed(api)
    _publish(api)
    _confirm(api)
    api.send(sent.enrolled("a", "ann", "ANN"))
    api.send(sent.lead("l1", "bob", code="ANN"), sent.purchase("p1", "bob", "i-1", 20_000))
    reward = next(it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate")
    route = reward["route"]
    assert (route["name"], route["role"], route["days"], route["why"]) == ("large", "owner", 3, ["kind", "amount"])
    record = api.get(f"/v1/rewards/{reward['id']}/record")
    assert record["approver"] == "owner"
    assert [it["values"]["route"] for it in record["inputs"] if it["code"] == "approval_rules"] == ["large"]


def test_above_the_limits_of_its_route_two_members_approve_and_the_record_says_why(api: Api) -> None:
    """The table says it in words, the reward has it, the record names it, the first word waits, and the log is verified after it."""
    _staffed(api)
    _publish(api, f"routes:\n{REST[:-2]}, two_above: {{EUR: 100}}, per_advocate: {{EUR: 1000}}}}\n")
    _confirm(api)
    (route,) = api.get("/v1/routing")["versions"][0]["routes"]
    assert (route["two_above"], route["per_advocate"]) == ({"EUR": 100}, {"EUR": 1000})
    assert "Two members approve a reward above 1.00 EUR. Two approve once what is approved" in route["said"]
    api.send(sent.enrolled("a", "ann", "ANN"))
    api.send(sent.lead("l1", "bob", code="ANN"), sent.purchase("p1", "bob", "i-1", 20_000))
    reward = next(it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate")
    assert (reward["route"]["two_above"], reward["route"]["per_advocate"]) == (100, 1000)
    api.payee("ann", "bank_file", name="Ann", iban="DE02120300000000202051")
    api.move(api.get(f"/v1/rewards/{reward['id']}/record")["decide_by"])
    record = api.get(f"/v1/rewards/{reward['id']}/record")
    assert record["second"]["why"] == "route_two_above"
    (rules,) = [it for it in record["inputs"] if it["code"] == "approval_rules"]
    assert (rules["met"]["two_above"], rules["state"]) == (100, "waits")
    listed = api.call("ana", "GET", "/v1/approvals", params={"id": reward["id"]}).json()
    said = api.say("ana", "/v1/approvals", listed)["verdicts"][0]
    assert (said["outcome"], said["steps"][0][0]) == ("second_person_needed", "route_two_above")
    assert api.refused("ana", "/v1/approvals", listed)[1] == "same_member"
    assert api.say("fred", "/v1/approvals", listed)["verdicts"][0]["outcome"] == "approved"
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_operations_decide_what_is_routed_to_them_by_their_key(api: Api) -> None:
    """They approve it, take it back and reject it; what is routed to somebody else, and a list with one such, they do not decide."""
    api.member("otto", "operations")
    _staffed(api)
    api.purchase()
    api.payee("ann-bob", "bank_file", name="Ann", iban="DE02120300000000202051")
    api.payee("bob", "bank_file", name="Bob", iban="DE02120300000000202051")
    mine, _ = sorted(api.get("/v1/rewards")["items"], key=lambda it: it["side"])
    api.move(api.get(f"/v1/rewards/{mine['id']}/record")["decide_by"])

    def listed(*ids: str) -> Any:
        return api.call("otto", "GET", "/v1/approvals", params={"id": ids}).json()

    assert api.refused("otto", "/v1/approvals", listed(mine["id"]))[1] == "not_permitted"
    owners = LARGE.replace("1500", str(mine["amount"] + 1))
    _publish(api, f"routes:\n{owners}{REST.replace('role: approver', 'role: operations')}")
    _confirm(api)
    assert "somebody of operations decides within 7 days" in api.get("/v1/routing")["versions"][0]["routes"][1]["said"]
    api.purchase("cat", 200_000)
    for who in ("ann-cat", "cat"):
        api.payee(who, "bank_file", name="Ann", iban="DE02120300000000202051")
    rewards = [it for it in api.get("/v1/rewards")["items"] if it["conversion"] == "inv:inv-cat"]
    api.move(api.get(f"/v1/rewards/{rewards[0]['id']}/record")["decide_by"])
    roles = {it["route"]["role"]: it["id"] for it in rewards}
    assert roles.keys() == {"owner", "operations"}
    for ids in ([roles["owner"]], [*roles.values()]):
        assert api.refused("otto", "/v1/approvals", listed(*ids))[1] == "not_permitted"
    assert api.refused("ana", "/v1/approvals", listed(roles["operations"]))[1] == "routed_elsewhere"
    mine_now = listed(roles["operations"])
    assert api.say("otto", "/v1/approvals", mine_now)["verdicts"][0]["outcome"] == "approved"
    taken = {"items": mine_now["items"], "reason": "mistake"}
    assert api.say("otto", "/v1/approvals/withdrawals", taken)["verdicts"][0]["outcome"] == "withdrawn"
    why = {"reason": "other"}
    assert (
        api.say("otto", "/v1/rewards/rejections", {**why, "items": mine_now["items"]})["verdicts"][0]["outcome"]
        == "rejected"
    )
    large = api.call("ola", "GET", "/v1/approvals", params={"id": roles["owner"]}).json()
    assert api.refused("otto", "/v1/rewards/rejections", {**why, "items": large["items"]})[1] == "not_permitted"
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_a_table_is_published_shown_and_confirmed_from_the_command_line(api: Api, database: str, tmp_path: Any) -> None:
    _staffed(api)
    file = tmp_path / "routing.yaml"
    file.write_text(TABLE)
    at = ["--url", str(api.http.base_url), "--key", api.keys["owner"]]
    said = CliRunner().invoke(main, ["routing", "show", *at])
    assert "No table was published" in said.output
    said = CliRunner().invoke(main, ["routing", "publish", str(file), *at])
    assert (said.exit_code, "second" in said.output) == (0, True), said.output
    env = {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path), "GOODWORD_MASTER_KEY": "17" * 32}
    said = CliRunner().invoke(main, ["routing", "confirm", "--workspace", api.ws], env=env)
    assert (said.exit_code, "holds" in said.output) == (0, True), said.output
    said = CliRunner().invoke(main, ["routing", "show", *at])
    assert "an owner decides within 3 days" in said.output
    file.write_text(CliRunner().invoke(main, ["routing", "show", "--file", *at]).output)
    said = CliRunner().invoke(main, ["routing", "publish", str(file), *at])
    assert (said.exit_code, "nothing_to_do" in said.output) == (1, True), said.output


def test_what_is_late_says_for_what_it_waits_and_each_route_is_a_figure(api: Api) -> None:
    """Behind the promised day it is escalated, and its fallback decides it; who is limited to others sees none of it."""
    _staffed(api)
    _publish(api)
    _confirm(api)
    api.send(sent.enrolled("a", "ann", "ANN"))
    api.send(sent.lead("l1", "bob", code="ANN"), sent.purchase("p1", "bob", "i-1", 20_000))
    reward = next(it for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate")
    promised = api.get(f"/v1/rewards/{reward['id']}/record")["decide_by"]
    api.say("owner", "/v1/clock", {"to": f"{int(promised[:4]) + 1}{promised[4:]}"})
    api.until(lambda: api.get(f"/v1/rewards/{reward['id']}")["status"] == "in_review")
    queued = {it["about"]["reward"]["id"]: it for it in api.get("/v1/rewards/queue", sort="due")["items"]}
    assert queued[reward["id"]]["cause"] == "payee_missing"
    api.payee("ann", "bank_file", name="Ann", iban="DE02120300000000202051")
    queued = {it["about"]["reward"]["id"]: it for it in api.get("/v1/rewards/queue", sort="due")["items"]}
    assert (queued[reward["id"]]["cause"], queued[reward["id"]]["late"] > 0) == ("role", True)
    figure = next(it for it in api.get("/v1/routing/figures")["routes"] if it["route"] == "large")
    assert (figure["waiting"], figure["late"], figure["decided"], figure["median"]) == (1, 1, 0, None)
    assert api.rows(
        "select count(*) from log where workspace_id = $1 and convert_from(leaf, 'UTF8') like '%escalated%'"
    )[0] >= (1,)
    at = ["--url", str(api.http.base_url), "--key", api.keys["owner"]]
    looks = Health(api.goodword.directory, Bounds(60, 0, []))
    assert api.run(looks.figures()).overdue == 2
    [late] = [it for it in api.run(doctor.examine(api.goodword.directory, looks)) if it.code == "overdue"]
    assert (late.level, late.what.startswith("2 rewards in workspace")) == ("problem", True)
    shown = CliRunner().invoke(main, ["routing", "late", *at])
    assert (shown.exit_code, reward["id"] in shown.output, "role" in shown.output) == (0, True, True), shown.output
    listed = api.call("fred", "GET", "/v1/approvals", params={"id": reward["id"]}).json()
    assert api.say("fred", "/v1/approvals", listed)["verdicts"][0]["outcome"] == "approved"
    figure = next(it for it in api.get("/v1/routing/figures")["routes"] if it["route"] == "large")
    assert (figure["waiting"], figure["late"], figure["decided"], figure["decided_late"]) == (0, 0, 1, 1)
    assert figure["median"] > 300
    directory = api.goodword.directory
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    other = replace(owner, actor=replace(owner.actor, roles=("approver",), programs=("prg_none",)))
    assert [it.decided for it in api.run(see.routing.figures(other, directory)).routes] == [0, 0]
    assert api.run(see.routing.overdue(other, directory)) == 0
