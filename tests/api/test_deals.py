"""Deals over HTTP: a partner registers one, a person decides what conflicts with it, and a CRM tells what became of it."""

from typing import Any

from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify

ACME = {"name": "Acme", "domain": "acme.example", "external_id": "77"}
CARL = {"name": "Carl", "email": "carl@acme.example"}


def _register(api: Api, by: str = "ann", key: str = "sk", **more: Any) -> dict[str, Any]:
    said = api.say(key, "/v1/deals", {"advocate_external_id": by, "company": ACME, "contact": CARL, **more})
    found: dict[str, Any] = said["verdicts"][0]
    return found


def _partners(api: Api) -> None:
    api.send(sent.enrolled("a", "ann", "ANN"), sent.enrolled("e", "eve", "EVE"))


def test_a_deal_goes_from_its_registration_to_an_explained_reward(api: Api) -> None:
    """A partner's server registers, sales answers, an approver accepts, the CRM says won, and the contact's order earns."""
    _partners(api)
    api.member("anna", "approver")
    api.send(
        {"type": "deal.reported", "id": "r0", "deal_id": "d-9", "status": "open", "company_domain": "acme.example"}
    )
    registered = _register(api, note="They need it by June.", amount=500_000, currency="EUR")
    id_ = registered["subject"]
    assert [(one["kind"], one["by"], one["sure"], one["subject"]) for _, one in registered["steps"]] == [
        ("own_deal", "company_domain", "probable", "d-9")
    ]
    deal = api.get(f"/v1/deals/{id_}")
    assert (deal["status"], deal["advocate_name"], deal["company_name"]) == ("submitted", "ann", "Acme")
    assert [deal] == [one | {"note": deal["note"]} for one in api.get("/v1/deals", status="submitted")["items"]]
    api.say("anna", f"/v1/deals/{id_}/messages", {"side": "sales", "text": "We met them once."})
    api.say("sk", f"/v1/deals/{id_}/messages", {"text": "They asked for us."})
    accepted = {"outcome": "accepted", "conflicts": ["d-9"], "days": 30}
    assert api.refused("anna", f"/v1/deals/{id_}/decision", {"outcome": "accepted"})[1] == "conflict_not_seen"
    said = api.say("anna", f"/v1/deals/{id_}/decision", accepted)
    assert [one["outcome"] for one in said["verdicts"]] == ["deal_accepted", "attributed"]
    api.send(
        {"type": "deal.reported", "id": "r1", "deal_id": "d-10", "status": "won", "registration_id": id_},
        sent.purchase("p1", "carl@acme.example", "i-1", 20_000),
    )
    deal = api.get(f"/v1/deals/{id_}", "anna")
    assert (deal["status"], [one["id"] for one in deal["deals"]], deal["note"]) == (
        "won",
        ["d-10"],
        "They need it by June.",
    )
    assert [(one["side"]) for one in deal["messages"]] == ["sales", "partner"]
    [reward] = [one for one in api.get("/v1/rewards")["items"] if one["side"] == "advocate"]
    assert reward["beneficiary"] == api.person("ann")
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_a_declined_partner_is_told_a_sentence_and_a_withdrawn_deal_is_over(api: Api) -> None:
    """The reason is one of a closed list; nothing else is done with what was declined or taken back."""
    _partners(api)
    api.member("anna", "approver")
    first, second = (_register(api, by)["subject"] for by in ("ann", "eve"))
    said = api.say("anna", f"/v1/deals/{first}/decision", {"outcome": "declined", "reason": "own_deal"})
    [told] = said["explanations"]
    assert told["beneficiary"] == "Your deal was not accepted: we were speaking with this company before."
    assert api.refused("anna", f"/v1/deals/{first}/decision", {"outcome": "accepted"})[1] == "wrong_state"
    api.say("sk", f"/v1/deals/{second}/withdrawal", {})
    assert [one["status"] for one in api.get("/v1/deals")["items"]] == ["declined", "withdrawn"]


def test_the_same_key_registers_a_deal_once(api: Api) -> None:
    """A repeat gives the first answer; something else under the same key is refused."""
    _partners(api)
    body = {"advocate_external_id": "ann", "company": ACME, "contact": CARL}
    said = [api.say("sk", "/v1/deals", body, key="k-1")["evt"] for _ in range(2)]
    assert said[0] == said[1]
    assert len(api.get("/v1/deals")["items"]) == 1
