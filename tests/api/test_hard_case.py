"""The hard case from click to appeal: a contract, two who say that they brought it, one of them a partner with a rate of their own."""

from urllib.parse import parse_qs, urlsplit

from testkit import banking, sent
from testkit.banking import Booked
from tests.api.conftest import Api
from tests.api.test_claims import PERSON
from tests.api.test_reconciliations import body

from goodword.app.proof.audit import verify

ROUTING = """routes:
  - {name: contracts, kinds: [cash], at_least: {EUR: 50000}, role: operations, fallback: fred@shop.example, days: 3}
  - {name: rest, role: approver, fallback: fred@shop.example, days: 7}
"""
RULES = """program: partners
currency: EUR
hold: 14d
landing_url: https://shop.example/hello
conversions:
  - on: contract
    rewards:
      - {side: advocate, percent: 10}
"""
#: Both have an account at a bank; whose money it becomes is decided meanwhile.
IBANS = {"ann": "DE89370400440532013000", "pia": "FR1420041010050500013M02606"}


def test_two_claim_a_contract_and_the_one_who_brought_it_is_paid_once(api: Api) -> None:
    """Routed to operations, decided, appealed and decided by another; both are told, and ledger, bank and record say the same."""
    _staffed(api)
    terms = {"advocate": "pia", "program": "partners", "percent": "15"}
    assert api.say("owner", "/v1/agreements", terms)["verdicts"][0]["outcome"] == "agreement_made"
    _contract(api)
    (standing,) = api.get("/v1/rewards", beneficiary="ann")["items"]
    assert (standing["amount"], standing["status"]) == (50_000, "pending")

    # Contested: it waits for a person, whatever its hold and its route say.
    (claim,) = api.get("/v1/claims", "max")["items"]
    path = f"/v1/claims/{claim['id']}"
    assert (claim["kind"], claim["claimed"]["shares"][0]["name"]) == ("late_touch", "pia")
    api.move(api.get(f"/v1/rewards/{standing['id']}/record")["decide_by"])
    for who in ("otto", "fred"):
        assert _approval(api, who, standing["id"])[1] == "contested"

    # Decided: the partner earns at their rate; each is told what concerns them, and by when it is decided.
    assert api.refused("otto", f"{path}/decision", {"outcome": "won", "reason": "seen"})[1] == "not_permitted"
    api.say("max", f"{path}/decision", {"outcome": "won", "reason": "seen"})
    (reward,) = api.get("/v1/rewards", beneficiary="pia")["items"]
    assert (reward["amount"], reward["agreement"]["own_rate"], reward["route"]["name"]) == (75_000, True, "contracts")
    assert reward["decide_by"] > api.get("/v1/clock")["now"]
    assert _told(api, standing["id"])[-1] == (
        "A person has decided that somebody else brought the friend. This reward of 500.00 EUR is not yours any more."
    )
    assert "A person has decided that you brought this friend." in _told(api, reward["id"])
    assert not any("750" in text for text in _told(api, standing["id"])), "each is told only their own money"

    # Appealed: it stops once more, and another member decides.
    api.say("ola", f"{path}/appeal", {"reason": "loser", "note": "Ann says that she telephoned."})
    assert _approval(api, "otto", reward["id"])[1] == "contested"
    assert api.refused("max", f"{path}/decision", {"outcome": "won", "reason": "seen"})[0] == 403
    api.say("fred", f"{path}/decision", {"outcome": "won", "reason": "seen_again"})
    assert api.refused("ola", f"{path}/appeal", {"reason": "again"})[1] == "appeal_over"

    # Approved by its route, and by nobody who decided who brought the friend; paid once, as the bank says.
    for who in ("max", "fred"):
        assert _approval(api, who, reward["id"])[0] in (403, 409)
    api.say("otto", f"/v1/rewards/{reward['id']}/looks", {"seconds": 5})
    assert _approval(api, "otto", reward["id"])[1] == "approved"
    api.move("2026-08-01T00:00:00Z")
    api.say("sk", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    (payout,) = api.get("/v1/payouts")["items"]
    api.agree("/v1/payouts/release", payout["id"], who="paula")
    api.until(lambda: api.get(f"/v1/payouts/{payout['id']}")["status"] == "processing")
    left = Booked(named=payout["id"], amount=-75_000, other=IBANS["pia"])
    for became in ("matched", "repeated"):
        read = api.say("paula", "/v1/reconciliations", body(banking.camt([left])))
        assert read["counts"][became] == 1
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "completed"
    assert (
        api.call("sk", "POST", "/v1/payouts", json={"rail": "bank_file", "unit": "EUR"}).json()["code"]
        == "nothing_to_do"
    )

    # Afterwards ledger, record and what each was told say the same.
    assert [(it["account"], it["owner"], it["amount"]) for it in api.get("/v1/ledger/balances")["items"]] == [
        ("expense", "", -75_000),
        ("settled", "bank_file", 75_000),
    ]
    lost, won = (api.get(f"/v1/rewards/{it['id']}") for it in (standing, reward))
    assert [(it["status"], it["amount"], it["sent"]) for it in (lost, won)] == [
        ("reversed", 0, 0),
        ("paid", 75_000, 75_000),
    ]
    record = api.get(f"/v1/rewards/{reward['id']}/record")
    otto = next(it["id"] for it in api.get("/v1/members")["items"] if it["email"] == "otto@shop.example")
    assert (record["about"]["reward"]["approvals"], record["lacks"]) == ([otto], [])
    assert [it["state"] for it in record["evidence"]] == ["good"] * 6
    assert _told(api, reward["id"])[-1] == "Your payout has arrived."
    assert not api.run(
        verify(api.goodword.directory.engine.pool, api.ws, safe=api.goodword.directory.vault)
    ).differences


def _approval(api: Api, who: str, reward: str) -> tuple[int, str]:
    listed = api.get("/v1/approvals", who, id=[reward])
    answer = api.call(who, "POST", "/v1/approvals", json=listed)
    return answer.status_code, answer.json().get("code") or answer.json()["verdicts"][0]["outcome"]


def _told(api: Api, reward: str) -> list[str]:
    """What a beneficiary is told of a reward, in order."""
    return [it["beneficiary"] for it in api.get(f"/v1/explanations/{reward}")["sentences"] if it["beneficiary"]]


def _staffed(api: Api) -> None:
    """Members, the table of routes, the program, two advocates with their accounts at a bank."""
    roles = {"otto": "operations", "max": "approver", "fred": "approver", "paula": "payer", "ola": "owner"}
    for name, role in roles.items():
        api.member(name, role)
    api.say("owner", "/v1/programs", {"document": RULES})
    api.say("owner", "/v1/routing", {"document": ROUTING})
    api.confirm()
    api.send(*(sent.enrolled(name, name, name, program="partners") for name in IBANS))
    for name, iban in IBANS.items():
        api.payee(name, "bank_file", name=name.title(), iban=iban)


def _contract(api: Api) -> None:
    """A firm follows Ann's link and signs; its click on Pia's link, later than Ann's and before it asked, is told after that."""
    answer = api.http.get(f"/w/{api.ws}/r/ann", headers=PERSON, follow_redirects=False)
    [click] = parse_qs(urlsplit(answer.headers["location"]).query)["gw_click"]
    api.move("2026-03-02T11:00:00Z")
    api.send(
        sent.lead("asked", "firm", click_id=click, visitor_id="v-firm"),
        sent.purchase("signed", "firm", "contract-7", 500_000, name="contract"),
        sent.click("late", "pia", "v-firm", occurred_at="2026-03-02T10:00:00Z"),
    )
