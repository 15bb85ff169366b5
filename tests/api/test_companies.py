"""A company as senders name it: what a signed source says, a mail's domain, members' mailboxes, and what a page says."""

import re

from testkit import sent
from tests.api.conftest import Api

from goodword.app.proof.audit import verify

#: What is said of a customer, what of a friend, what comes of it. ``#`` is another number in each line.
MEETINGS: list[tuple[dict[str, str], dict[str, str], list[str]]] = [
    ({"company": "acme#.com"}, {"company": "ACME#.com"}, ["existing_customer"]),
    ({"company": "acme#.com"}, {"company": "www.acme#.com"}, ["existing_customer"]),
    ({"company": "hs-4711#"}, {"company": "hs-4711#"}, ["existing_customer"]),
    ({"company": "acme#.com"}, {"customer_email": "bob@acme#.com"}, ["colleague"]),
    ({"email": "old@acme#.com"}, {"company": "acme#.com"}, ["colleague"]),
    ({"email": "old@acme#.com"}, {"customer_email": "Bob <bob@ACME#.com>"}, ["colleague"]),
    ({"company": "Acme # Inc"}, {"company": "ACME # INC"}, ["colleague"]),
    ({"email": "old@gmail.com"}, {"customer_email": "bob@gmail.com"}, []),
    ({"company": "gmail.com"}, {"company": "gmail.com"}, []),
    ({"company": "n/a"}, {"company": "N/A"}, []),
    ({"company": "acme#.com"}, {"company": "eu.acme#.com"}, []),
    ({}, {"customer_email": "olga@shop.example"}, ["employee"]),
    ({}, {"customer_email": "otto@shop.example"}, ["employee"]),
    ({}, {"customer_email": "olga@gmail.com"}, []),
]


def known(api: Api, customer: str, **said: str) -> None:
    """Somebody is a customer since February."""
    named = {"customer_external_id": customer}
    api.send(
        {"type": "customer.updated", "id": f"u-{customer}", **named, **said},
        {"type": "customer.known", "id": f"k-{customer}", **named, "since": "2026-02-01T00:00:00Z"},
    )


def met(api: Api, friend: str, **said: str) -> list[str]:
    """What becomes of a friend of whom this is said: the flags of their order, or why they are refused."""
    lead = api.decided(sent.lead(f"l-{friend}", friend, code="ANN", **said))["decision"]
    if refused := [verdict["refusal"] for verdict in lead["verdicts"] if verdict.get("refusal")]:
        return refused
    order = api.decided(sent.purchase(f"b-{friend}", friend, f"i-{friend}", 20_000))["decision"]
    return sorted({code for verdict in order["verdicts"] for code in verdict.get("flags", ())})


def test_whose_company_was_a_customer(api: Api) -> None:
    """A domain or id that both senders name refuses; a mail's domain, a mere name and members' mail are flagged; the rest is nothing.

    No mail, domain or name stands in the log: a company is the random id of its row.
    """
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    found = []
    for number, (old, friend, _) in enumerate(MEETINGS):
        one, other = ({name: said.replace("#", str(number)) for name, said in each.items()} for each in (old, friend))
        known(api, f"old{number}", **one)
        found.append(met(api, f"friend{number}", **other))
    expected = [flags for _, _, flags in MEETINGS]
    assert found == expected
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()
    log = [leaf for (leaf,) in api.rows("select convert_from(leaf, 'utf8') from log where workspace_id = $1")]
    assert any('"domain":"cmp_' in leaf for leaf in log)
    said = [leaf.lower() for leaf in log if "program.published" not in leaf]
    assert [leaf for leaf in said if re.search(r"acme[^a-z]|shop\.example", leaf)] == []


def test_who_joins_the_company_is_of_it_from_then_on(api: Api) -> None:
    """Members' mails are opened once as long as they stay the same: who is new among them is known with the next event."""
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    assert met(api, "zoe", customer_email="zoe@elsewhere.example") == []
    body = {"email": "zed@elsewhere.example", "roles": ["support"]}
    assert api.say("owner", "/v1/members", body)
    assert met(api, "zac", customer_email="zac@elsewhere.example") == ["employee"]


#: What a deal of our own says of its company, what of a friend, what comes of it.
SOLD: list[tuple[dict[str, str], dict[str, str], list[str]]] = [
    ({"company_domain": "acme#.com"}, {"company": "WWW.Acme#.com"}, ["existing_customer"]),
    ({"company_domain": "www.acme#.com"}, {"company": "acme#.com"}, ["existing_customer"]),
    ({"company_id": "hubspot:4711#"}, {"company": "hubspot:4711#"}, ["existing_customer"]),
    ({"company_id": "hubspot:4711#"}, {"company": "pipedrive:4711#"}, []),
    ({"company_domain": "acme#.com"}, {"customer_email": "bob@acme#.com"}, ["colleague"]),
    ({"company": "Acme # Inc"}, {"company": "ACME # INC"}, ["colleague"]),
    ({"company": "acme#.com"}, {"company": "acme.#.com"}, []),
]


def test_with_whose_company_we_had_a_deal(api: Api) -> None:
    """A deal names a company as a customer does, so that one is found by the other; what a mail tells is nowhere to be read again."""
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    found = []
    for number, (deal, friend, _) in enumerate(SOLD):
        one, other = ({name: said.replace("#", str(number)) for name, said in each.items()} for each in (deal, friend))
        opened = {"opened_at": "2026-02-01T00:00:00Z", "status": "open", "deal_id": f"d{number}"}
        api.send({"type": "deal.reported", "id": f"d{number}", **opened, **one})
        found.append(met(api, f"friend{number}", **other))
    assert found == [expected for _, _, expected in SOLD]
    assert api.run(verify(api.goodword.pool, api.ws)).differences == ()
    sealed = "select count(sealed), count(*) from alias where workspace_id = $1 and kind = 'domain'"
    ((texts, all_),) = api.rows(sealed)
    api.send({"type": "customer.updated", "id": "m1", "customer_external_id": "m1", "email": "m@mailed.example"})
    assert api.rows(sealed) == [(texts, all_ + 1)]
    api.send({"type": "customer.updated", "id": "m2", "customer_external_id": "m2", "company": "spoken.example"})
    assert api.rows(sealed) == [(texts + 1, all_ + 2)]


def test_a_page_says_nothing_of_a_company(api: Api) -> None:
    """What a publishable key says of a company neither refuses nor flags, also once a signed source names the same visitor."""
    api.send(sent.enrolled("enrol", "ann", "ANN"))
    known(api, "old", company="acme.com")
    said = {"visitor_id": "v1", "company": "acme.com", "customer_email": "bob@acme.com"}
    answer = api.call("pk", "POST", "/v1/events", json=sent.lead("l-page", "bob", code="ANN", **said))
    assert answer.json()["items"][0]["status"] == "accepted"
    api.send(sent.lead("l-bob", "bob", visitor_id="v1"), sent.purchase("b-bob", "bob", "i-bob", 20_000))
    assert {reward["program"] for reward in api.get("/v1/rewards")["items"]}
    assert api.get("/v1/cases")["items"] == []
