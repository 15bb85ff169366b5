"""Contacts of a CRM whom nobody recommended: by which referral they may have come is shown, and a person says whether they did."""

from typing import Any

from tests.api.conftest import RULES, Api, Command

from goodword.app.see import matches

FIRM = {"company_domain": "firm.example"}


def story(api: Api) -> None:
    """Ann recommended Bob of firm.example, by a lead that names the domain; the CRM has a deal with Carla, who is of it too."""
    api.say("owner", "/v1/programs", {"document": RULES})
    api.send({"type": "advocate.enrolled", "id": "a", "external_id": "ann", "code": "ANN"})
    api.send(lead("bob", "firm.example"))


def lead(who: str, company: str | None = None, code: str | None = "ANN", **more: Any) -> dict[str, Any]:
    said = {"type": "lead.created", "id": f"lead-{who}", "customer_external_id": who, "company": company, "code": code}
    return {name: it for name, it in {**said, **more}.items() if it is not None}


def deal(number: int = 1, contact: str | None = "hubspot:151", **more: Any) -> dict[str, Any]:
    who = {"customer_external_id": contact} if contact else {}
    return {
        "type": "deal.reported",
        "id": f"d{number}",
        "deal_id": f"hubspot.{number}",
        "status": "open",
        **who,
        **more,
    }


def found(api: Api, who: str = "owner", **asked: Any) -> list[tuple[str, str, str]]:
    """Return what is shown: of which deal or person, by what, how sure."""
    items = api.get("/v1/crm/matches", who=who, **asked)["items"]
    return [(it["deal_id"] or it["person"], one["by"], one["confidence"]) for it in items for one in it["matches"]]


def decided(api: Api, what: str, deal_id: str, referral: str, who: str = "owner") -> Any:
    return api.call(who, "POST", f"/v1/crm/matches/{what}", json={"deal_id": deal_id, "referral": referral})


def test_a_deal_that_nobody_brought_is_shown_with_what_speaks_for_a_referral_and_how_sure_that_is(api: Api) -> None:
    """Each by its own sign: the pipeline, the CRM's own company, a domain, a name; what is nobody's or is brought stands not there."""
    story(api)
    api.send(
        lead("bea", "Firm & Sons"),
        lead("ben", "hubspot:4711"),
        lead("carl", "gmail.com", customer_email="carl@gmail.com"),
        deal(1, company_domain="www.firm.example"),
        deal(2, "hubspot:152", company="firm & sons"),
        deal(3, "hubspot:153", company_id="hubspot:4711"),
        deal(4, "hubspot:154", contact_external_ids=["hubspot:155", "bob"]),
        deal(5, "hubspot:156", customer_email="x@gmail.com", company_domain="gmail.com"),
        deal(6, "bob", **FIRM),
        deal(7, "hubspot:157", **FIRM) | {"status": "lost"},
        deal(8, None, **FIRM),
    )
    assert found(api) == [
        ("hubspot.8", "domain", "probable"),
        ("hubspot.4", "association", "probable"),
        ("hubspot.3", "company_ref", "probable"),
        ("hubspot.2", "name", "possible"),
        ("hubspot.1", "domain", "probable"),
    ]
    assert found(api, source="pipedrive") == []
    [first] = api.get("/v1/crm/matches", limit=1)["items"]
    assert (first["person"], first["contact_name"]) == (None, None)
    [one] = first["matches"]
    assert one["why"] == "It is of the same domain as bob, whom ann recommended."
    assert one["advocates"] == [api.person("ann")]
    page = api.get("/v1/crm/matches", limit=2)
    rest = api.get("/v1/crm/matches", after=page["after"])["items"]
    assert [it["deal_id"] for it in (*page["items"], *rest)] == [f"hubspot.{number}" for number in (8, 4, 3, 2, 1)]


def test_a_contact_is_matched_by_their_mail_and_their_mailbox_without_any_deal(api: Api) -> None:
    """The domain of a mail is as good as one that is said, but where strangers have addresses; an equal mailbox is exact."""
    story(api)
    contact = {"type": "customer.updated", "id": "c1", "customer_external_id": "hubspot:151"}
    api.send(contact | {"email": "carla@firm.example"})
    person = api.person("hubspot:151")
    assert found(api, person=person) == [(person, "domain", "probable")]
    assert found(api, person="hubspot:151") == [(person, "domain", "probable")]
    assert found(api, person=api.person("bob")) == []
    api.send(
        {"type": "customer.updated", "id": "c2", "customer_external_id": "bob", "email": "bob@gmail.com"},
        contact | {"id": "c3", "customer_external_id": "hubspot:152", "email": "bob@gmail.com"},
        contact | {"id": "c4", "customer_external_id": "hubspot:153", "email": "other@gmail.com"},
    )
    assert found(api, person="hubspot:152") == [(api.person("hubspot:152"), "mail", "exact")]
    assert found(api, person="hubspot:153") == []
    assert api.call("owner", "GET", "/v1/crm/matches?person=nobody").status_code == 404


def test_a_yes_is_a_claim_that_somebody_else_decides_and_the_deal_earns_by_it(api: Api, goodword: Command) -> None:
    """In one step, with what bound the friend and what the CRM said in evidence; whoever said so does not decide it."""
    story(api)
    api.send(deal(1, **FIRM))
    [shown] = api.get("/v1/crm/matches")["items"]
    referral = shown["matches"][0]["referral"]
    sam = api.member("sam", "operations")
    assert sam
    answer = decided(api, "confirmation", "hubspot.1", referral, "sam")
    assert answer.status_code == 200, answer.text
    [claim] = api.get("/v1/claims")["items"]
    assert (claim["status"], claim["friend"], claim["shares"][0]["person"]) == (
        "open",
        api.person("hubspot:151"),
        api.person("ann"),
    )
    assert [it["kind"] for it in claim["claimed"]["touches"]] == ["lead.created", "deal.reported"]
    assert found(api) == [], "it is asked already"
    assert decided(api, "confirmation", "hubspot.1", referral).status_code == 422
    said = {"outcome": "won", "reason": "seen"}
    path = f"/v1/claims/{claim['id']}/decision"
    assert api.call("sam", "POST", path, json=said).status_code in (403, 409)
    assert len(api.get("/v1/referrals")["items"]) == 1, "nothing is bound by a yes"
    api.say("owner", path, said)
    api.send(
        {
            "type": "conversion.recorded",
            "id": "o",
            "customer_external_id": "hubspot:151",
            "invoice_id": "hubspot.1",
            "amount": 50_000,
            "currency": "EUR",
        }
    )
    [bound] = [it for it in api.get("/v1/referrals")["items"] if it["friend"] == api.person("hubspot:151")]
    assert (bound["confidence"], bound["status"]) == ("possible", "converted")
    done = goodword("verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_no_is_kept_and_asked_no_more(api: Api, goodword: Command) -> None:
    """By whoever may enter claims, for this contact and referral alone; where the CRM names nobody there is nobody to say it of."""
    story(api)
    api.send(deal(1, **FIRM), deal(2, "hubspot:152", **FIRM), deal(3, None, **FIRM))
    referral = api.get("/v1/crm/matches")["items"][0]["matches"][0]["referral"]
    api.member("ada", "analyst")
    assert decided(api, "denial", "hubspot.1", referral, "ada").status_code == 403
    assert decided(api, "denial", "hubspot.3", referral).status_code == 422
    assert decided(api, "denial", "hubspot.9", referral).status_code == 422
    assert decided(api, "denial", "hubspot.1", referral).status_code == 200
    assert [it[0] for it in found(api)] == ["hubspot.3", "hubspot.2"]
    assert api.get("/v1/claims")["items"] == []
    both = {"deal_id": "hubspot.2", "person": api.person("bob"), "referral": referral}
    assert api.call("owner", "POST", "/v1/crm/matches/denial", json=both).status_code == 422
    done = goodword("verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_page_looks_at_so_many_deals_and_says_where_to_go_on(api: Api, monkeypatch: Any) -> None:
    story(api)
    api.send(deal(1, **FIRM), *(deal(number, f"hubspot:{number}") for number in range(2, 6)))
    monkeypatch.setattr(matches, "_LOOKED", 3)
    page = api.get("/v1/crm/matches")
    assert page["items"] == []
    assert [it["deal_id"] for it in api.get("/v1/crm/matches", after=page["after"])["items"]] == ["hubspot.1"]


def test_who_is_limited_to_a_program_is_shown_its_matches_and_decides_those(api: Api) -> None:
    """Of another program's referral there is no match for them."""
    story(api)
    api.say("owner", "/v1/programs", {"document": RULES.replace("program: main", "program: other", 1)})
    api.send(
        {"type": "advocate.enrolled", "id": "a2", "external_id": "abi", "code": "ABI", "program": "other"},
        lead("eve", "firm.example", "ABI"),
        deal(1, **FIRM),
    )
    [shown] = api.get("/v1/crm/matches")["items"]
    programs = {one["slug"]: one["id"] for one in api.get("/v1/programs")["items"]}
    of = {one["program"]: one["referral"] for one in shown["matches"]}
    assert set(of) == {*programs.values()}
    body = {"email": "lim@shop.example", "programs": ["other"], "roles": ["operations"]}
    api.keys["lim"] = api.say("owner", "/v1/members", body)["key"]
    api.confirm()
    [theirs] = api.get("/v1/crm/matches", who="lim")["items"]
    assert [one["referral"] for one in theirs["matches"]] == [of[programs["other"]]]
    for what in ("confirmation", "denial"):
        assert decided(api, what, "hubspot.1", of[next(iter(set(of) - {programs["other"]}))], "lim").status_code == 422
    assert decided(api, "denial", "hubspot.1", of[programs["other"]], "lim").status_code == 200
    assert len(found(api)) == 1
