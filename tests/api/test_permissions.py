"""Every operation of the API by every principal."""

import ast
import inspect
from typing import Any

import pytest
from msgspec import convert
from testkit.tables import rows
from tests.api.conftest import Api

from goodword.api import routes, use_case_of
from goodword.api.errors import STATUS
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.follow.follower import catch_up
from goodword.app.follow.registry import REGISTRY
from goodword.app.principal import NotPermittedError, Principal, action_of
from goodword.core import access
from goodword.core.facts import Actor
from goodword.core.refusals import Refusal
from goodword.store.api_keys import api_key_hash

#: operation -> the action it needs
OPERATIONS = dict(rows(__file__, "Operations"))
#: roles besides those of the first three members
OTHERS = ("program_manager", "operations", "support", "marketer", "analyst", "developer", "auditor")
PRINCIPALS = {who: convert(said, Actor) for who, said in rows(__file__, "Principals")} | {
    role: Actor(id=f"mem_{role}", kind="member", roles=(role,)) for role in OTHERS
}


def test_every_operation_is_in_the_table_with_the_action_it_needs() -> None:
    """An operation that is not listed, or needs another action than the table says, fails."""
    assert {route.operation_id: action_of(use_case_of(route)) for route in routes()} == OPERATIONS


def test_every_operation_answers_every_principal_as_the_table_of_roles_says(api: Api) -> None:
    """Who may not gets 403 and who is nobody 401, before anything is read; who may gets anything else."""
    api.member("anna", "approver")
    api.member("pia", "payer")
    for role in OTHERS:
        api.member(role, role)
    body = {"email": "lia@shop.example", "roles": ["approver", "payer", *OTHERS], "programs": ["main"]}
    api.keys["limited"] = api.say("owner", "/v1/members", body)["key"]
    api.member("nobody")
    wrong: list[Any] = []
    tried = 0
    for route in routes():
        method = next(iter(route.methods - {"HEAD"}))
        path = route.path.replace("{step}", "pause").replace("{rules}", "0" * 64)
        for part in (
            "program",
            "person",
            "claim",
            "reward",
            "case",
            "payout",
            "event",
            "id",
            "key",
            "note",
            "change",
            "conversion",
        ):
            path = path.replace(f"{{{part}}}", "x_1")
        for who, actor in PRINCIPALS.items():
            answer = api.call(who, method, path, json={} if method in ("POST", "PUT") else None)
            denied = answer.status_code == 403 and answer.json()["code"] == "not_permitted"
            tried += 1
            if denied == access.allowed(actor, OPERATIONS[str(route.operation_id)]) or answer.status_code in (401, 500):
                wrong.append((route.operation_id, who, answer.status_code))
        answer = api.call(None, method, path)
        if (answer.status_code, answer.json()["code"]) != (401, "key_missing"):
            wrong.append((route.operation_id, None, answer.status_code))
    assert wrong == []
    assert tried == len(OPERATIONS) * len(PRINCIPALS)


def test_an_analyst_sees_figures_and_rewards_but_no_names(api: Api) -> None:
    """An analyst is shown what an owner is, but for names, codes and mails; payouts and accounts not at all."""

    async def seen(who: Principal, directory: Directory) -> dict[str, Any]:
        """What somebody sees of everything that has names."""
        await catch_up(directory.engine, who.workspace.id, REGISTRY.values())
        persons = [reward.beneficiary for reward in (await see.rewards.page(who, directory)).items]
        return {
            "rewards": await see.rewards.page(who, directory),
            "overview": await see.reports.overview(who, directory),
            "summary": await see.reports.summary(who, directory),
            "referrals": await see.referrals.page(who, directory),
            "balances": await see.ledger.balances(who, directory),
            "advocates": await see.advocates.page(who, directory),
            "members": await see.members.every(who, directory),
            "people": [await see.people.get(who, directory, person) for person in persons],
        }

    api.purchase()
    api.until(lambda: api.get("/v1/reports/overview")["lag_seconds"] == 0)
    directory = api.goodword.directory
    owner = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    analyst = Principal("mk", owner.workspace, Actor(id="mem_x", kind="member", roles=("analyst",)))
    all_, some = api.run(seen(owner, directory)), api.run(seen(analyst, directory))
    for same in ("rewards", "overview", "referrals", "balances"):
        assert some[same] == all_[same]
    assert len(some["rewards"].items) == 2
    for name in ("ann-bob", "olga@shop.example"):
        assert name in str(all_)
        assert name not in str(some)
    [advocate], [known] = some["advocates"].items, all_["advocates"].items
    assert (known.external_id, [link.code for link in known.links]) == ("ann-bob", ["bob"])
    assert (advocate.advocate, advocate.external_id, advocate.links) == (known.advocate, None, ())
    assert some["summary"]["top_advocates"] == [[advocate.advocate.person, 2_000]]
    for barred in (see.payouts.page, see.payouts.bank_file, see.keys.every, see.log.page):
        with pytest.raises(NotPermittedError):
            barred(analyst, directory)
    with pytest.raises(NotPermittedError):
        see.people.find(analyst, directory, "ann-bob")


def test_an_operation_calls_the_use_case_that_it_names() -> None:
    """What an operation asks permission for is what it does: its handler calls that function, and no other of ``say`` or ``see``."""
    for route in routes():
        use_case = use_case_of(route)
        called = []
        for node in ast.walk(ast.parse(inspect.getsource(route.endpoint)).body[0]):
            text = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if text.startswith(("say.", "see.")):
                called.append(f"goodword.app.{text}")
        assert called == [f"{use_case.__module__}.{use_case.__name__}"], route.operation_id


def test_a_secret_key_approves_releases_decides_publishes_and_grants_nothing() -> None:
    """The operations that a secret key may use are the harmless ones."""
    may = {
        name
        for name, action in OPERATIONS.items()
        if action not in access.READS and access.allowed(PRINCIPALS["sk"], action)
    }
    assert may == {
        *("set_payee", "check_payee", "give_tax_form", "enter_claim", "appeal_claim", "draft_payouts", "move_clock"),
        *("register_deal", "write_on_deal", "withdraw_deal", "make_deal_form", "end_deal_form"),
        *("confirm_crm_match", "decline_crm_match"),
        "change_code",  # an enrolment with a further code does the same
        "preview_payout_schedule",  # nothing is set by it
        "report_message",  # it may tell the same as an event
        "upload_stock",  # what can be given out, and to nobody yet
        *(
            "look_up_code",
            "redeem_code",
            "redeem_credit",
            "reverse_redemption",
        ),  # what left already, by an approval and a release, is used
    }


@pytest.mark.parametrize(("key", "code"), [("nonsense", "key_malformed"), ("gw_sk_live_" + "a" * 56, "key_malformed")])
def test_a_key_that_is_none_is_told_so(api: Api, key: str, code: str) -> None:
    """A cut or mistyped key is 401 with its own code, and says how to authenticate."""
    answer = api.call(key, "GET", "/v1/workspaces")
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_key_ends(api: Api) -> None:
    """A key that was ended is unknown."""
    made = api.say("owner", "/v1/keys", {"kind": "sk", "name": "crm"})
    assert api.call(made["key"], "GET", "/v1/workspaces").status_code == 200
    assert api.call("owner", "DELETE", f"/v1/keys/{made['id']}").status_code == 204
    assert api.call(made["key"], "GET", "/v1/workspaces").json()["code"] == "key_unknown"


def test_every_refusal_has_a_status() -> None:
    """The one table from refusal to HTTP status has a client's error for each."""
    assert set(STATUS) == {refusal.code for refusal in Refusal}
    assert set(STATUS.values()) <= {403, 404, 409, 422}
