"""Who leaves: in one commit they are no member, have no session, and their open cases are somebody else's."""

from testkit import rule_documents, sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify

RULES = rule_documents.text("limited")
TABLE = "routes: [{name: rest, role: approver, fallback: fred@shop.example, days: 7}]"


def _end(api: Api, name: str, who: str = "owner") -> None:
    api.say(who, "/v1/members", {"email": f"{name}@shop.example", "roles": []})


def test_a_leavers_sessions_end_and_their_open_cases_go_to_who_stands_in(api: Api) -> None:
    """To the fallback of the case's route; of a case without a route, and of what the fallback held, to the owner who says it."""
    ana, fred = api.member("ana", "approver"), api.member("fred", "approver")
    api.say("owner", "/v1/programs", {"document": RULES})
    api.send(sent.enrolled("enrol", "ann", "ANN", program="main"), sent.lead("l1", "bob", code="ANN"))
    api.send(sent.purchase("o1", "bob", "inv-1", 90_000))
    api.say("owner", "/v1/routing", {"document": TABLE})
    api.send(sent.lead("l2", "ben", code="ANN"), sent.purchase("o2", "ben", "inv-2", 90_000))
    cases = {case["subject"]: case["id"] for case in api.get("/v1/cases")["items"]}
    before, routed = cases["inv:inv-1"], cases["inv:inv-2"]
    for case in (before, routed):
        api.say("owner", f"/v1/cases/{case}/assignment", {"member": ana})
    api.say("owner", f"/v1/cases/{before}/decision", {"outcome": "cleared", "reason": "looked", "worth": "useful"})
    columns = "workspace_id, hash, member, opened_at, seen_at, expires_at, agent, id, address, way"
    api.run(
        api.goodword.pool.execute(
            f"insert into session ({columns}) values ($1, '\\x01', $2, 0, 0, 9e15, '', 's', '', 'link')", api.ws, ana
        )
    )
    assert api.rows("select member from session where workspace_id = $1") == [(ana,)]
    _end(api, "ana")
    assert api.rows("select member from session where workspace_id = $1") == []
    assert api.get(f"/v1/cases/{routed}")["assignee"] == fred
    assert api.get(f"/v1/cases/{before}")["assignee"] == ana  # it is decided: whose it was stays on the record
    _end(api, "fred")
    owner = next(it["id"] for it in api.get("/v1/members")["items"] if "owner" in it["roles"])
    assert api.get(f"/v1/cases/{routed}")["assignee"] == owner
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences
