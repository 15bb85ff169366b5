"""Agreements over HTTP: made, shown with the names that they were made of, ended, and what a partner earns by them."""

from typing import Any

from click.testing import CliRunner
from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify
from goodword.cli import main

RIVALS = ["Rival Ltd", "rival.example", "hubspot:4711"]


def _agree(api: Api, **terms: Any) -> dict[str, Any]:
    said: dict[str, Any] = api.say("owner", "/v1/agreements", {"advocate": "ann", **terms})["verdicts"][0]
    return said


def _sound(api: Api) -> None:
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_an_agreement_goes_from_its_terms_to_an_explained_reward_and_an_exception(api: Api) -> None:
    """A rate of their own inside, a flag outside, which an approver clears; names are kept sealed, and everything verifies."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    made = _agree(api, percent="20", accounts=RIVALS, countries=["CH"], until="2027-01-01T00:00:00Z", note="Signed.")
    assert made["outcome"] == "agreement_made"
    agreement = api.get(f"/v1/agreements/{made['subject']}")
    assert [agreement] == api.get("/v1/agreements", advocate="ann")["items"]
    (terms,) = agreement["versions"]
    assert (agreement["advocate_name"], terms["percent"], terms["until"], terms["over"]) == (
        "ann",
        "20",
        "2027-01-01T00:00:00Z",
        False,
    )
    assert sorted(one["name"] for one in terms["accounts"]) == sorted(RIVALS)
    api.send(
        sent.lead("l1", "bob", code="ANN"),
        sent.purchase("p1", "bob", "i-1", 20_000),
        sent.lead("l2", "rita", code="ANN", company="rival.example"),
        sent.purchase("p2", "rita", "i-2", 20_000),
    )
    inside, outside = sorted(
        (one for one in api.get("/v1/rewards")["items"] if one["side"] == "advocate"), key=lambda it: it["conversion"]
    )
    assert [(one["amount"], one["cases"] == [], one["agreement"]) for one in (inside, outside)] == [
        (4_000, True, {"id": agreement["id"], "version": 1, "own_rate": True}),
        (2_000, False, {"id": agreement["id"], "version": 1, "own_rate": False}),
    ]
    case = api.get(f"/v1/cases/{outside['cases'][0]}")
    assert [(code, evidence["reason"]) for code, evidence in case["flags"]] == [("partner_exception", "excluded")]
    _sound(api)


def test_terms_follow_each_other_and_the_end_is_one_of_them(api: Api) -> None:
    """A version never changes; the same key makes one; terms of the past are refused, and what cannot be meant is told by its field."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    body = {"advocate": "ann", "percent": "20", "accounts": ["Acme"]}
    first, again = (api.say("owner", "/v1/agreements", body, key="once")["verdicts"][0] for _ in range(2))
    assert first == again
    assert api.refused("owner", "/v1/agreements", {"advocate": "ann", "since": "2020-01-01T00:00:00Z"})[1] == "in_past"
    end = api.say("owner", "/v1/agreements/end", {"advocate": "ann"})["verdicts"][0]
    assert (end["outcome"], end["subject"]) == ("agreement_ended", first["subject"])
    versions = api.get(f"/v1/agreements/{first['subject']}")["versions"]
    assert [(one["version"], one["percent"], one["over"]) for one in versions] == [(1, "20", False), (2, None, True)]
    for wrong, field in (
        ({"percent": "101"}, "percent"),
        ({"percent": "10", "flat": {"EUR": 5}}, "percent"),
        ({"accounts": ["n/a"]}, "accounts"),
        ({"on": "purchase"}, "on"),
        ({"since": "2026-06-02T00:00:00Z", "until": "2026-06-01T00:00:00Z"}, "until"),
    ):
        answer = api.call("owner", "POST", "/v1/agreements", json={"advocate": "ann", **wrong})
        assert (answer.status_code, field in answer.text) == (422, True), (wrong, answer.text)
    _sound(api)


def test_a_member_agrees_from_the_command_line(api: Api) -> None:
    """With a key of their own: amounts as people write them; what is shown is every version; a key that may not is told so."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    api.member("anna", "approver")
    at = ["ann", "--url", str(api.http.base_url), "--key"]
    given = ["--flat", "EUR=50.00", "--flat", "USD=55", "--on", "purchase", "--without-account", "Acme"]
    assert CliRunner().invoke(main, ["agreement", "make", *at, api.keys["owner"], "--flat", "EUR=half"]).exit_code == 2
    refused = CliRunner().invoke(main, ["agreement", "make", *at, api.keys["anna"], *given])
    assert (refused.exit_code, "not_permitted" in refused.output or "forbidden" in refused.output) == (1, True)
    made = CliRunner().invoke(main, ["agreement", "make", *at, api.keys["owner"], *given])
    assert (made.exit_code, "50.00 EUR" in made.output) == (0, True), made.output
    ended = CliRunner().invoke(main, ["agreement", "end", *at, api.keys["owner"], "--since", "2030-01-01T00:00:00Z"])
    assert ended.exit_code == 0, ended.output
    shown = CliRunner().invoke(main, ["agreement", "show", *at, api.keys["owner"]])
    assert shown.exit_code == 0, shown.output
    for said in ("50.00 EUR, 55.00 USD for purchase", "Acme", "ended"):
        assert said in shown.output
