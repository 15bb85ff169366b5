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


def test_a_deal_that_is_lost_again_takes_its_order_back() -> None:
    """One that never was won takes none: its order may come yet. Where deals are no orders nothing is taken back."""
    lost = {**crm.DEAL, "status": "lost"}
    [[_, back]] = crm.made({**lost, "was_won": True}, WANTED)
    assert (back["type"], back["id"], back["invoice_id"]) == ("conversion.canceled", "lost.5", "crm.5")
    assert kinds(crm.made(lost, WANTED)[0]) == ["deal.reported"]
    assert kinds(crm.made({**lost, "was_won": True})[0]) == ["deal.reported"]
    assert kinds(crm.made({**crm.DEAL, "amount": 0}, WANTED)[0]) == ["deal.reported"]


def test_hubspot_says_by_its_history_that_a_deal_was_won() -> None:
    """Before its company is fetched and after."""
    closed = {"hs_is_closed": "true", "hs_is_closed_won": "false"}
    history = {"hs_is_closed_won": [{"value": "false"}, {"value": "true"}]}
    lost = {**hubspot.deal(**closed), "propertiesWithHistory": history}
    assert kinds(hubspot.fetched("deals", lost, conversions=1)) == ["deal.reported", "conversion.canceled"]
    assert kinds(hubspot.fetched("deals", hubspot.deal(**closed), conversions=1)) == ["deal.reported"]
    of_company = {**hubspot.deal(companies=(77,), **closed), "propertiesWithHistory": history}
    [more] = hubspot.fetched("deals", of_company, conversions=1)
    whole = hubspot.fetched("companies", hubspot.company(), deal=more.said["deal"], conversions=1)
    assert kinds(whole) == ["deal.reported", "conversion.canceled"]


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
    wanted = f"{pipedrive.URL}&deals=conversions"
    lost = {**pipedrive.DEAL, "status": "lost"}
    sent = json.loads(pipedrive.delivery("deal", lost))
    sent["previous"] = {"status": "won"}
    assert kinds(pipedrive.made(json.dumps(sent).encode(), wanted)) == ["deal.reported", "conversion.canceled"]
    was = pipedrive.delivery("deal", {**lost, "won_time": "2026-03-31T09:00:00Z"})
    assert kinds(pipedrive.made(was, wanted)) == ["deal.reported", "conversion.canceled"]
    assert kinds(pipedrive.made(pipedrive.delivery("deal", lost), wanted)) == ["deal.reported"]
    sent["data"]["org_id"] = 12
    [waits] = pipedrive.made(json.dumps(sent).encode(), wanted)
    whole = FETCH.whole(waits.said, json.dumps(pipedrive.ORGANIZATION).encode())
    assert kinds(pipedrive.shown(SOURCE.map(whole))) == ["deal.reported", "conversion.canceled"]


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
