"""Deals over HTTP: a partner registers one, a person decides what conflicts with it, and a CRM tells what became of it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from testkit import sent
from tests.api.conftest import Api, Command

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


def test_a_deal_is_registered_decided_and_written_on_at_a_terminal(api: Api, goodword: Command) -> None:
    """With a key of one's own: who registered it does not accept it; what is refused or typed wrongly is one line."""
    _partners(api)
    api.member("anna", "approver")
    told = {"type": "deal.reported", "id": "r0", "deal_id": "d-9", "status": "open", "company_domain": "acme.example"}
    api.send(told)

    def deals(*said: str, who: str = "owner", fails: bool = False) -> str:
        done = goodword("deals", *said, "--url", api.url, GOODWORD_KEY=api.keys[who])
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    company = ("--company", "Acme", "--domain", "acme.example", "--mail", "carl@acme.example")
    money = ("--amount", "5000.50", "--currency", "EUR")
    registered = deals("register", "--advocate", "ann", *company, *money, "--note", "By June.")
    [id_] = set(re.findall(r"reg_[0-9A-Z]{26}", registered))
    assert "we have a deal of our own with it, d-9" in " ".join(registered.split())
    assert "no amount" in deals("register", "--advocate", "ann", *company, *money[2:], "--amount", "much", fails=True)
    assert "currency" in deals("register", "--advocate", "ann", *company, *money[:2], fails=True)
    assert id_ in deals("list")
    assert id_ not in deals("list", "--status", "accepted")
    [listed] = json.loads(deals("list", "--json"))
    shown = json.loads(deals("show", id_, "--json"))
    assert (listed["id"], shown["note"], shown["amount"]) == (id_, "By June.", 500_050)
    assert "conflict, probable: own_deal by company_domain, d-9" in deals("show", id_)
    assert "own_work" in deals("accept", id_, "--over", "d-9", fails=True), "they registered it"
    assert "conflict" in deals("accept", id_, who="anna", fails=True)
    deals("accept", id_, "--over", "d-9", "--preview", who="anna")
    assert api.get(f"/v1/deals/{id_}")["status"] == "submitted"
    deals("accept", id_, "--over", "d-9", "--days", "30", who="anna")
    assert "accepted" in deals("show", id_)
    deals("message", id_, "Who decides there?")
    deals("withdraw", id_, "--note", "They say so.")
    [other] = set(re.findall(r"reg_[0-9A-Z]{26}", deals("register", "--advocate", "eve", *company)))
    deals("decline", other, "--reason", "no_fit", who="anna")
    assert [it["status"] for it in json.loads(deals("list", "--json"))] == ["withdrawn", "declined"]
    assert "not_found" in deals("show", "reg_none", fails=True)


def test_whose_a_deal_of_a_crm_may_be_is_said_at_a_terminal(api: Api, goodword: Command) -> None:
    _partners(api)
    firm = {"type": "deal.reported", "status": "open", "company_domain": "firm.example"}
    api.send(
        sent.lead("l", "bob", code="ANN", company="firm.example"),
        {**firm, "id": "d1", "deal_id": "hubspot.1", "customer_external_id": "carla"},
        {**firm, "id": "d2", "deal_id": "hubspot.2", "customer_external_id": "cleo"},
    )
    where = ("--url", api.url, "--key", api.keys["owner"])
    done = goodword("deals", "matches", *where)
    assert "of the same domain as bob" in done.stdout, done.stderr
    [referral] = {one["referral"] for it in api.get("/v1/crm/matches")["items"] for one in it["matches"]}
    for deal, more in (("hubspot.1", ()), ("hubspot.2", ("--no",))):
        done = goodword("deals", "match", referral, "--deal-id", deal, *more, *where)
        assert done.returncode == 0, done.stderr
    assert [it["status"] for it in api.get("/v1/claims")["items"]] == ["open"]
    assert json.loads(goodword("deals", "matches", "--json", *where).stdout) == []
    assert goodword("deals", "match", referral, "--deal-id", "hubspot.2", *where).returncode == 1
