"""What a list shows to who decides over it, and how an owner's word waits for another's, over HTTP and at the command line."""

from pathlib import Path
from typing import Any

from tests.api.conftest import STARTS_AT, Api, Command

IBAN = "DE89370400440532013000"
AFTER_HOLD = "2026-03-17T10:00:00Z"


def _of(api: Api, person: str) -> dict[str, Any]:
    [reward] = api.get("/v1/rewards", beneficiary=api.person(person))["items"]
    return dict(reward)


def _entered_by_pia(api: Api) -> dict[str, Any]:
    """Bob's order; the payer enters where ann is paid; the hold is over."""
    api.member("anna", "approver")
    api.ids = {"pia": api.member("pia", "payer")}  # type: ignore[attr-defined]
    for role in ("support", "analyst"):
        api.member(role, role)
    api.purchase()
    path = f"/v1/people/{api.person('ann-bob')}/payee"
    answer = api.call("pia", "PUT", path, json={"rail": "bank_file", "details": {"name": "Pia", "iban": IBAN}})
    assert answer.status_code == 200, answer.text
    api.move(AFTER_HOLD)
    return _of(api, "ann-bob")


def test_a_list_says_whose_account_it_pays(api: Api) -> None:
    """Payee, last characters of the account, who entered it and when, to who approves and who releases (13, 17, first-hour 14)."""
    reward = _entered_by_pia(api)
    listed = api.get("/v1/approvals", "anna", id=reward["id"])
    assert listed["shown"] == [
        {
            "id": reward["id"],
            "beneficiary": api.person("ann-bob"),
            "name": "ann-bob",
            "rail": "bank_file",
            "last": IBAN[-4:],
            "changed_by": api.ids["pia"],  # type: ignore[attr-defined]
            "changed_at": STARTS_AT,
            "entered_by": [api.ids["pia"]],  # type: ignore[attr-defined]
            "own_work": None,
            "cases": [],
            "awaits": [],
            "approvals": [],
            "rejecting": [],
            "claim": None,
            "flags": [],
            "opened": True,
            "check": None,
            "stopped": None,
        }
    ]
    assert IBAN not in str(listed)
    assert api.say("anna", "/v1/approvals", listed)["verdicts"][0]["outcome"] == "approved"
    api.move("2026-05-01T00:00:00Z")
    api.say("pia", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    [payout] = api.get("/v1/payouts")["items"]
    listed = api.get("/v1/payouts/release", "pia", id=payout["id"])
    assert (listed["shown"][0]["last"], listed["shown"][0]["own_work"]) == (IBAN[-4:], "payee.entered")
    answer = api.call("pia", "POST", "/v1/payouts/release", json=listed)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_work")
    [[code, values]] = answer.json()["steps"]
    assert (code, values["did"]) == ("entered", "payee.entered")
    owner = api.run(api.goodword.pool.fetchval("select id from member where roles ? 'owner'"))
    assert values["could"] == [owner]


def test_who_neither_approves_nor_releases_sees_no_account(api: Api) -> None:
    """Support reads names and no accounts, an analyst neither."""
    reward = _entered_by_pia(api)
    seen = {who: api.get("/v1/approvals", who, id=reward["id"])["shown"][0] for who in ("support", "analyst")}
    assert {who: (one["name"], one["last"]) for who, one in seen.items()} == {
        "support": ("ann-bob", None),
        "analyst": (None, None),
    }


def test_the_queue_lists_what_can_be_approved(api: Api) -> None:
    """What lacks payment details is counted and holds nobody up; so is what the reader may not approve (first-hour 16)."""
    reward = _entered_by_pia(api)
    api.purchase("ben")
    api.move("2026-04-17T10:00:00Z")
    listed = api.get("/v1/approvals/queue", "anna")
    assert ([item["id"] for item in listed["items"]], listed["left_out"]) == ([reward["id"]], {"payee_missing": 3})
    assert len(api.get("/v1/approvals/queue", "anna", program="main", limit=1)["items"]) == 1
    assert api.call("anna", "GET", "/v1/approvals/queue", params={"program": "none"}).status_code == 404
    api.say("anna", "/v1/approvals", listed)
    assert api.get("/v1/approvals/queue", "anna")["items"] == []


def test_the_queue_leaves_out_what_an_open_claim_or_case_stops(api: Api) -> None:
    """What is contested is counted and not listed; who lists it by its id sees the claim, and its approval says the same."""
    api.member("anna", "approver")
    api.member("sue", "support")
    for friend in ("bob", "ben"):
        api.purchase(friend)
        for person in (f"ann-{friend}", friend):
            details = {"rail": "bank_file", "details": {"name": person, "iban": IBAN}}
            assert api.call("sk", "PUT", f"/v1/people/{api.person(person)}/payee", json=details).status_code == 200
    api.move(AFTER_HOLD)
    stopped = _of(api, "ann-bob")
    assert stopped["id"] in {item["id"] for item in api.get("/v1/approvals/queue", "anna")["items"]}
    claim = {"program": "main", "person": api.person("bob"), "advocates": [{"person": api.person("ann-ben")}]}
    claim |= {"lead_at": STARTS_AT, "reason": "mail", "evidence": ["tch_1"]}
    api.say("sue", "/v1/claims", claim)
    [opened] = api.get("/v1/claims")["items"]
    listed = api.get("/v1/approvals/queue", "anna")
    assert stopped["id"] not in {item["id"] for item in listed["items"]}
    assert listed["left_out"] == {"contested": 1}
    alone = api.get("/v1/approvals", "anna", id=stopped["id"])
    assert [one["claim"] for one in alone["shown"]] == [opened["id"]]
    assert api.refused("anna", "/v1/approvals", alone) == (409, "contested")
    assert api.say("anna", "/v1/approvals", listed)["verdicts"][0]["outcome"] == "approved"


def test_one_owner_asks_and_another_confirms(api: Api, goodword: Command) -> None:
    """Raising waits in the list of changes; the other owner's word gives the key on, to nobody before (E4)."""
    api.member("otto", "owner")
    body = {"email": "mia@shop.example", "roles": ["approver"], "limits": {"EUR": 100}}
    asked = api.say("owner", "/v1/members", body)
    assert (asked["key"], asked["decision"]["verdicts"][0]["outcome"]) == (None, "second_person_needed")
    [change] = api.get("/v1/changes", status="open")["items"]
    assert (change["subject"], change["to"]) == (
        asked["id"],
        {"roles": ["approver"], "limits": {"EUR": 100}, "programs": []},
    )
    path = f"/v1/changes/{change['id']}/decision"
    assert api.refused("owner", path, {"outcome": "confirmed"}) == (403, "same_member")
    assert api.refused("sk", path, {"outcome": "confirmed"}) == (403, "not_permitted")
    added = api.say("otto", path, {"outcome": "confirmed"})
    assert added["id"] == asked["id"]
    api.keys["mia"] = added["key"]
    assert {one["id"]: one["confirmed"] for one in api.get("/v1/members", "mia")["items"]}[added["id"]]
    assert api.refused("otto", path, {"outcome": "declined"}) == (409, "wrong_state")
    api.say("otto", "/v1/members", {**body, "limits": {"EUR": 5_000}})
    told = goodword("member", "confirm", "mia@shop.example")
    assert told.stdout == f"member {added['id']} is confirmed: approver; EUR=5000\n"
    [(leaf,)] = api.rows("select leaf from log where workspace_id = $1 order by position desc limit 1")
    assert b'"operator"' in leaf, "it stands in the log as said by the holder of the database"


def test_the_holder_of_the_database_confirms(api: Api, goodword: Command, tmp_path: Path) -> None:
    """In a company of one owner `goodword member confirm` makes a member a person of their own; who is none is named."""
    assert goodword("member", "confirm", "nobody@shop.example").returncode == 1
    assert goodword("member", "confirm", "nobody").returncode == 2
    told = goodword("member", "add", "anna@shop.example", "--role", "approver")
    assert "key, shown this once" in told.stdout
    [anna] = [one for one in api.get("/v1/members")["items"] if one["email"] == "anna@shop.example"]
    assert not anna["confirmed"]
    assert goodword("member", "confirm", "anna@shop.example", "--json").returncode == 0
    [anna] = [one for one in api.get("/v1/members")["items"] if one["email"] == "anna@shop.example"]
    assert anna["confirmed"]
    again = goodword("member", "confirm", "anna@shop.example")
    assert (again.returncode, "waits for somebody" in again.stderr) == (1, True)
    file = tmp_path / "two.env"
    two = ("--owner", "olga@two.example", "--owner", "otto@two.example")
    assert goodword("workspace", "create", "Two", *two, "--env", str(file)).returncode == 0
    assert "OWNER_KEY_2=gw_mk_live_" in file.read_text()


def test_a_first_rejection_is_seen_by_who_approves(api: Api) -> None:
    """Above a limit one member's no waits for another's: the reward, the queue and the list to approve say so, and who said it (23)."""
    reward = _entered_by_pia(api)
    small = api.member("mia", "approver", limits={"EUR": 1})
    [item] = api.get("/v1/approvals", "anna", id=reward["id"])["items"]
    said = api.say("mia", "/v1/rewards/rejections", {"items": [item], "reason": "fraud"})
    assert said["verdicts"][0]["outcome"] == "second_person_needed"
    shown = (
        api.get(f"/v1/rewards/{reward['id']}"),
        *api.get("/v1/rewards", status="in_review", beneficiary=reward["beneficiary"])["items"],
        *api.get("/v1/approvals/queue", "anna")["shown"],
        *api.get("/v1/approvals", "anna", id=reward["id"])["shown"],
    )
    seen = [one for one in shown if one["id"] == reward["id"]]
    assert [(one["awaits"], one["rejecting"], one["approvals"]) for one in seen] == [
        (["second_rejection"], [small], [])
    ] * 4
    listed = api.get("/v1/approvals", "anna", id=reward["id"])
    assert api.say("anna", "/v1/approvals", listed)["verdicts"][0]["outcome"] == "approved"


def test_what_many_rewards_are_for_is_asked_at_once(api: Api) -> None:
    """Both parties by name, in the order in which they are asked for; one that is not there is named, and no other told."""
    api.purchase()
    ids = sorted(it["id"] for it in api.get("/v1/rewards")["items"])
    assert len(ids) > 1
    for asked in (ids, ids[::-1]):
        told = api.get("/v1/rewards/facts", id=asked)["items"]
        assert [it["reward"]["id"] for it in told] == asked
        assert {it["friend"]["name"] for it in told} == {"bob"}
    analyst = api.member("ana", "analyst")
    assert analyst
    assert {it["friend"]["name"] for it in api.get("/v1/rewards/facts", "ana", id=ids)["items"]} == {None}
    none = "rwd_00000000000000000000000000"
    refused = api.call("owner", "GET", "/v1/rewards/facts", params={"id": [*ids, none]})
    assert (refused.status_code, none in refused.text) == (404, True)
