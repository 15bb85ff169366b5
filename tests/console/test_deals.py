"""A deal over the pages' own forms: registered for a partner, decided beside what conflicts with it, written on, taken back."""

from typing import Any

from tests.console.conftest import HANDLER, SCRIPT, Console
from tests.console.test_claims import _as

ACME = {"company": "Acme", "domain": "acme.example", "email": "carl@acme.example"}


def _fields(desk: Console, **more: Any) -> dict[str, Any]:
    slug = desk.json("/console/programs")["programs"][0]["slug"]
    [partner] = [one["external_id"] for one in desk.api.get("/v1/advocates")["items"]][:1]
    return {"program": slug, "advocate": partner, **ACME, **more}


def _registered(desk: Console, **more: Any) -> str:
    """Register a deal over the form; return the address of its page."""
    done = desk.form("/console/deals/new", **_fields(desk, **more))
    assert done.status_code == 303, done.text
    address, _, said = done.headers["location"].partition("?")
    assert said == "done=deal_registered"
    return str(address)


def test_a_deal_is_registered_by_a_form_that_keeps_what_was_typed(busy: Console) -> None:
    """What is wrong is said, and everything typed stands again; nothing typed is markup."""
    assert "Register a deal" in busy.html("/console/deals")
    figures = [{"amount": text, "currency": "EUR"} for text in ("much", "5000,50", "5,00", "50,000,00")]
    for wrong in ({"company": ""}, *figures, {"amount": "5"}, {"domain": "no domain"}):
        answer = busy.form("/console/deals/new", **_fields(busy, note=f"{SCRIPT} seen", **wrong))
        assert answer.status_code == 400, wrong
        assert SCRIPT not in answer.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; seen" in answer.text
    assert busy.json("/console/deals")["deals"] == []
    address = _registered(busy, company=HANDLER, amount="5,000.50", currency="EUR", note=SCRIPT)
    it = busy.json(address)["told"]["registration"]
    assert (it["amount"], it["currency"], it["status"]) == (500_050, "EUR", "submitted")
    page = busy.html(address)
    assert SCRIPT not in page
    assert HANDLER not in page
    nobody = busy.form("/console/deals/new", **_fields(busy, advocate="nobody at all"))
    assert (nobody.status_code, "nobody at all" in nobody.text) == (409, True)


def test_a_conflict_is_shown_and_decided_by_another_member(busy: Console) -> None:
    """Who registered it does not accept it; who does sees each conflict in a sentence, and what the partner will read."""
    busy.api.send(
        {"type": "deal.reported", "id": "d", "deal_id": "ours-1", "status": "open", "company_domain": "acme.example"}
    )
    address = _registered(busy)
    page = busy.html(address)
    assert "we have a deal of our own with it, ours-1" in page
    _as(busy, "mia", "program_manager")
    page = busy.html(address)
    assert "Your deal is accepted: the company is yours for as long as it is protected." in page
    assert "Your deal was not accepted: we were speaking with this company before." in page
    unseen = busy.form(f"{address}/decide", outcome="accepted", days="30")
    assert unseen.status_code == 409
    wrong = busy.form(f"{address}/decide", outcome="accepted", days="soon", seen="ours-1")
    assert wrong.status_code == 400
    done = busy.form(f"{address}/decide", outcome="accepted", days="30", seen="ours-1")
    assert done.headers["location"] == f"{address}?done=deal_accepted"
    it = busy.json(address)["told"]["registration"]
    assert it["status"] == "accepted"
    assert "Conflicts" in busy.html("/console/deals?status=accepted")


def test_what_is_declined_shows_the_sentence_and_what_was_written(busy: Console) -> None:
    """Both sides' messages stand at it, and a partner takes back another one."""
    address = _registered(busy)
    done = busy.form(f"{address}/write", side="sales", text=f"Who decides? {SCRIPT}")
    assert done.headers["location"] == f"{address}?done=deal_noted"
    busy.form(f"{address}/write", side="partner", text="Carl does.")
    page = busy.html(address)
    assert "Carl does." in page
    assert SCRIPT not in page
    done = busy.form(f"{address}/decide", outcome="declined", reason="no_fit")
    assert done.headers["location"] == f"{address}?done=deal_declined"
    assert "this company is none that we can sell to" in busy.html(address)
    other = _registered(busy, domain="globex.example", email="x@globex.example")
    done = busy.form(f"{other}/withdraw")
    assert done.headers["location"] == f"{other}?done=deal_withdrawn"
    assert busy.json(other)["told"]["registration"]["status"] == "withdrawn"


def test_what_came_between_is_shown_and_accepted_over(busy: Console) -> None:
    """The page shows the conflicts that an acceptance finds now, also those that came after the registration."""
    address = _registered(busy)
    other = _registered(busy, domain="acme-labs.example", company="Acme Labs", email="lea@acme-labs.example")
    slug = busy.json("/console/programs")["programs"][0]["slug"]
    busy.api.send(
        {"type": "advocate.enrolled", "id": "z", "external_id": "zoe", "code": "ZOE", "program": slug},
        {"type": "lead.created", "id": "y", "customer_external_id": "carl@acme.example", "code": "ZOE"},
    )
    busy.api.until(lambda: busy.api.get("/v1/events/y")["status"] == "decided")
    assert busy.json(address)["told"]["registration"]["conflicts"] == []
    _as(busy, "mia", "program_manager")
    shown = busy.json(address)
    assert [each["kind"] for each, _ in shown["conflicts"]] == ["bound"]
    assert shown["bar"] is None
    assert "somebody else brought the contact" in busy.html(address)
    assert busy.json(other)["conflicts"] == []
    seen = shown["conflicts"][0][0]["subject"]
    done = busy.form(f"{address}/decide", outcome="accepted", days="30", seen=seen)
    assert done.headers["location"] == f"{address}?done=deal_accepted"


def test_whom_a_contact_of_a_crm_may_have_come_by_is_shown_and_said_in_one_step(busy: Console) -> None:
    """On a page of its own, on the source's and on the contact's; a yes is a claim, a no is asked no more; names are no markup."""
    code = busy.json("/console/programs")["programs"][0]["slug"]
    said = {"type": "deal.reported", "status": "open", "company_domain": "firm.example", "company": HANDLER}
    busy.api.send(
        {"type": "advocate.enrolled", "id": "z", "external_id": f"zoe{SCRIPT}", "code": "ZOE", "program": code},
        {"type": "lead.created", "id": "y", "customer_external_id": "bob", "code": "ZOE", "company": "firm.example"},
        {**said, "id": "d1", "deal_id": "hubspot.1", "customer_external_id": f"carla{SCRIPT}"},
        {**said, "id": "d2", "deal_id": "hubspot.2", "customer_external_id": "cleo"},
        {**said, "id": "d3", "deal_id": "hubspot.3"},
        {
            "type": "customer.updated",
            "id": "c",
            "customer_external_id": f"carla{SCRIPT}",
            "email": "carla@firm.example",
        },
    )
    busy.api.until(lambda: busy.api.get("/v1/events/c")["status"] == "decided")
    for path in ("/console/deals/matches", "/console/sources/hubspot"):
        page = busy.html(path)
        assert "It is of the same domain as bob, whom zoe&lt;script&gt;" in page, path
        assert SCRIPT not in page
        assert HANDLER not in page
        assert "The CRM names nobody at this deal" in page
    [_, _, first] = busy.json("/console/deals/matches")["matched"]
    assert "May have come by" in busy.html(f"/console/people/{first['person']}")
    match = {"referral": first["matches"][0]["referral"]}
    done = busy.form("/console/deals/matches/confirm", deal="hubspot.1", **match)
    assert done.headers["location"] == "/console/deals/matches?done=match_confirmed"
    [claim] = [it for it in busy.api.get("/v1/claims")["items"] if it["friend"] == first["person"]]
    assert claim["status"] == "open"
    done = busy.form("/console/deals/matches/decline", deal="hubspot.2", **match)
    assert done.headers["location"] == "/console/deals/matches?done=match_declined"
    assert [it["deal"]["id"] for it in busy.json("/console/deals/matches")["matched"]] == ["hubspot.3"]
    assert "May have come by" not in busy.html(f"/console/people/{first['person']}")
    assert busy.form("/console/deals/matches/decline", person=first["person"], **match).status_code == 400
    assert "Say whether" not in busy.html("/console/deals")
    _as(busy, "ana", "auditor")
    assert "This is how they came" not in busy.html("/console/deals/matches")
    assert busy.form("/console/deals/matches/confirm", deal="hubspot.2", **match).status_code == 403
