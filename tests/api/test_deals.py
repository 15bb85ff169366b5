"""Deals over HTTP: a partner registers one, a person decides what conflicts with it, and a CRM tells what became of it."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify
from goodword.core import notices
from goodword.store import entities, log

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
    api.say("anna", f"/v1/deals/{first}/decision", {"outcome": "declined", "reason": "own_deal"})
    assert (
        api.get(f"/v1/deals/{first}")["told"]
        == "Your deal was not accepted: we were speaking with this company before."
    )
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


def test_of_two_acceptances_of_one_company_at_once_one_holds(api: Api) -> None:
    """Two members accept two partners' registrations in the same moment: the company is one partner's, and the log says why."""
    _partners(api)
    for name in ("anna", "ben"):
        api.member(name, "approver")
    first, second = (_register(api, by, contact={"email": f"{by}@acme.example"})["subject"] for by in ("ann", "eve"))

    def accept(who: str, mine: str, other: str) -> int:
        body = {"outcome": "accepted", "conflicts": [other]}
        return api.call(who, "POST", f"/v1/deals/{mine}/decision", json=body).status_code

    with ThreadPoolExecutor() as pool:
        tried = [pool.submit(accept, *each) for each in (("anna", first, second), ("ben", second, first))]
        assert sorted(one.result() for one in tried) == [200, 409]
    assert sorted(one["status"] for one in api.get("/v1/deals")["items"]) == ["accepted", "submitted"]


def test_webhooks_tell_what_became_of_a_deal(api: Api) -> None:
    """Each state is a notice with partner, contact and the CRM's deal that said it, so that it can be written back."""
    _partners(api)
    id_ = _register(api)["subject"]
    api.say("owner", f"/v1/deals/{id_}/decision", {"outcome": "accepted"})
    api.send({"type": "deal.reported", "id": "r1", "deal_id": "d-1", "status": "lost", "registration_id": id_})
    entries = [evt for (evt,) in api.rows("select evt from event where workspace_id = $1 order by evt")]
    told = []
    directory = api.goodword.directory

    async def notices_of(evt: str) -> list[Any]:
        async with directory.reading() as conn:
            entry = await log.of(conn, api.ws, evt)
            if entry is None:
                return []
            known = {}
            for noun, it in notices.named(entry):
                known |= {found.id: found for found in await entities.load(conn, api.ws, noun, [it])}
            return notices.notices(entry, known)

    for evt in entries:
        told += [one for one in api.run(notices_of(evt)) if one.type.startswith("deal.")]
    assert [(one.type, one.data.status, one.data.deal) for one in told] == [
        ("deal.registered", "submitted", None),
        ("deal.accepted", "accepted", None),
        ("deal.lost", "lost", "d-1"),
    ]
    assert {one.data.advocate for one in told} == {api.person("ann")}
    assert told[1].previous == {"status": "submitted"}
