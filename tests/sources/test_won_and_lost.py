"""Deals that are won and lost again, contacts that are corrected, and what a CRM leaves out or writes oddly."""

import json
from typing import Any

import pytest
from tests.sources import test_crm_source as crm
from tests.sources import test_hubspot as hubspot
from tests.sources import test_pipedrive as pipedrive

from goodword.sources.base import Problem
from goodword.sources.pipedrive import FETCH, SOURCE

WANTED = "https://goodword.acme.example/hooks/crm/wsp?deals=conversions"


def kinds(made: Any) -> list[str]:
    """Return the types of events."""
    return [it["type"] for it in made]


def test_who_a_record_is_is_said_once_for_good() -> None:
    """A customer's name that is corrected in a CRM has the id of the first: a conflict, and no second merge."""
    first, second = (crm.made({**crm.CONTACT, "customer_external_id": own})[0][0] for own in ("bob", "bea"))
    assert (first["type"], first["id"], first["keep_external_id"]) == ("person.merged", "same.c-1", "bob")
    assert (second["id"], second["keep_external_id"]) == ("same.c-1", "bea")


def told(made: Any) -> list[tuple[str, bool, bool]]:
    """Return of events what they are, whether a deal's orders are told, and whether its CRM says that it was won."""
    return [(it["type"], it.get("orders", False), it.get("was_won", False)) for it in made]


def test_a_deal_that_is_lost_says_whether_it_was_won_as_far_as_its_crm_knows() -> None:
    """What that takes back is decided by all that was told of the deal. Where deals are no orders nothing of it is said."""
    lost = {**crm.DEAL, "status": "lost"}
    assert told(crm.made({**lost, "was_won": True}, WANTED)[0]) == [("deal.reported", True, True)]
    assert told(crm.made(lost, WANTED)[0]) == [("deal.reported", True, False)]
    assert told(crm.made({**lost, "was_won": True})[0]) == [("deal.reported", False, False)]
    assert kinds(crm.made({**crm.DEAL, "amount": 0}, WANTED)[0]) == ["deal.reported"]


def test_hubspot_says_by_its_history_that_a_deal_was_won() -> None:
    """Before its company is fetched and after."""
    closed = {"hs_is_closed": "true", "hs_is_closed_won": "false"}
    history = {"hs_is_closed_won": [{"value": "false"}, {"value": "true"}]}
    lost = {**hubspot.deal(**closed), "propertiesWithHistory": history}
    assert told(hubspot.fetched("deals", lost, conversions=1)) == [("deal.reported", True, True)]
    assert told(hubspot.fetched("deals", hubspot.deal(**closed), conversions=1)) == [("deal.reported", True, False)]
    of_company = {**hubspot.deal(companies=(77,), **closed), "propertiesWithHistory": history}
    [more] = hubspot.fetched("deals", of_company, conversions=1)
    whole = hubspot.fetched("companies", hubspot.company(), deal=more.said["deal"], conversions=1)
    assert told(whole) == [("deal.reported", True, True)]


def test_a_won_deal_without_a_currency_is_told_to_staff() -> None:
    """It is reported, and the order that it cannot be is a problem; where it need be none nothing is wrong."""
    won = hubspot.deal(hs_is_closed="true", hs_is_closed_won="true", deal_currency_code=None)
    for conversions, found in ((1, [Problem("missing_field", "currency", "won.501")]), (0, [])):
        said = {"noun": "deals", "object": "501", "conversions": conversions}
        mapped = hubspot.SOURCE.map(hubspot.FETCH.whole(said, hubspot.body(won)))
        assert [it for it in mapped if isinstance(it, Problem)] == found  # type: ignore[union-attr]
        assert len(mapped) == 1 + len(found)  # type: ignore[arg-type]


def test_pipedrive_says_that_a_deal_was_won_until_now() -> None:
    """What held before the change, or when it was won; before its company is fetched and after."""
    wanted, yes, no = (
        f"{pipedrive.URL}&deals=conversions",
        ("deal.reported", True, True),
        ("deal.reported", True, False),
    )
    lost = {**pipedrive.DEAL, "status": "lost"}
    sent = json.loads(pipedrive.delivery("deal", lost))
    sent["previous"] = {"status": "won"}
    assert told(pipedrive.made(json.dumps(sent).encode(), wanted)) == [yes]
    was = pipedrive.delivery("deal", {**lost, "won_time": "2026-03-31T09:00:00Z"})
    assert told(pipedrive.made(was, wanted)) == [yes]
    assert told(pipedrive.made(pipedrive.delivery("deal", lost), wanted)) == [no]
    sent["data"]["org_id"] = 12
    [waits] = pipedrive.made(json.dumps(sent).encode(), wanted)
    whole = FETCH.whole(waits.said, json.dumps(pipedrive.ORGANIZATION).encode())
    assert told(pipedrive.shown(SOURCE.map(whole))) == [yes]


def test_the_contacts_of_a_deal_are_told_beside_the_first_each_once_and_twenty_at_most() -> None:
    """HubSpot's also after the company was fetched; a CRM's own may be called as the company calls them."""
    [whole] = hubspot.fetched("deals", hubspot.deal(contacts=(151, 152, 151, *range(200, 230))))
    assert (whole["customer_external_id"], len(whole["contact_external_ids"])) == ("hubspot:151", 20)
    assert whole["contact_external_ids"][:2] == ["hubspot:152", "hubspot:200"]
    [more] = hubspot.fetched("deals", hubspot.deal(contacts=(151, *range(200, 230)), companies=(77,)))
    [later] = hubspot.fetched("companies", hubspot.company(), deal=more.said["deal"])
    assert later["contact_external_ids"] == [f"hubspot:{id_}" for id_ in range(200, 220)]
    people = [{"id": "c-1"}, {"customer_external_id": "bea"}, {"id": "no id"}, "c-4", {"id": 5}]
    [[made]] = crm.made({**crm.DEAL, "contact": {"id": "c-1"}, "contacts": people})
    assert (made["customer_external_id"], made["contact_external_ids"]) == ("crm:c-1", ["bea", "crm:5"])
    [[alone]] = crm.made(
        {**{name: said for name, said in crm.DEAL.items() if name != "contact"}, "contacts": people[1:]}
    )
    assert (alone["customer_external_id"], alone["contact_external_ids"]) == ("bea", ["crm:5"])


@pytest.mark.parametrize("website", ["http://[firm", "https://firm.example]:x", "//[", "http://[::1", "@", "https://"])
def test_a_website_that_is_none_costs_the_domain_alone(website: str) -> None:
    [waits] = pipedrive.made(pipedrive.delivery("deal", {**pipedrive.DEAL, "org_id": 12}))
    answer = {"data": {"id": 12, "name": "Firm & Sons", "website": website}}
    [told] = pipedrive.shown(SOURCE.map(FETCH.whole(waits.said, json.dumps(answer).encode())))
    assert told["company"] == "Firm & Sons"
    assert "company_domain" not in told


def test_a_delivery_of_pipedrives_without_an_id_is_refused() -> None:
    """All would be one job."""
    for id_ in (None, "", {}, True):
        [item] = SOURCE.read(pipedrive.request(pipedrive.delivery("deal", pipedrive.DEAL, id=id_)))
        assert item == Problem("missing_field", "meta.id")


def test_what_a_deal_never_uses_is_not_kept_until_its_company_comes() -> None:
    """The custom field that calls a customer is a contact's."""
    fields = {pipedrive.CUSTOMER: {"value": "bob@firm.example"}, pipedrive.CODE: {"value": "ANN"}}
    [waits] = pipedrive.made(pipedrive.delivery("deal", {**pipedrive.DEAL, "org_id": 12, "custom_fields": fields}))
    assert "bob@firm.example" not in waits.said["deal"]
    assert "ANN" in waits.said["deal"]
