"""Welcome offers on the pages of staff: expected on the referral, on the friend's page and in the queue, until it is approved."""

from typing import Any

from tests.api.test_offers import brought, greeting, offers, ordered
from tests.console.conftest import Console


def sums(desk: Console, person: str) -> Any:
    """What their rewards come to, by state."""
    return desk.json(person)["sums"]


def test_pages_call_a_welcome_expected_until_it_is_approved(desk: Console) -> None:
    """The referral's page, the friend's and the queue say so; once a member has approved it, that it was taken off."""
    api = desk.api
    greeting(api)
    brought(api, "bob")
    (offer,) = offers(api, "bob")
    referral, person = f"/console/referrals/{offer['referral']}", f"/console/people/{offer['customer']}"
    for page in (referral, person):
        assert "5.00" in desk.html(page)
        assert "Expected" in desk.html(page)
    assert "expected" not in sums(desk, person)  # an offer is no reward
    ordered(api, "bob", offer["id"])
    assert sums(desk, person) == {"expected": {"EUR": 500}}
    (offer,) = offers(api, "bob")
    reward = f"/console/rewards/{offer['reward']}"
    for page in (referral, person, "/console/rewards", reward):
        assert "Expected" in desk.html(page), page
    listed = api.get("/v1/approvals", id=offer["reward"])
    api.say("ana", "/v1/approvals", {"items": listed["items"], "list_sha256": listed["list_sha256"]})
    assert "Confirmed" in desk.html(referral)
    assert "Taken off" in desk.html(reward)
    assert "Expected" not in desk.html(person)
    assert "expected" not in sums(desk, person)


def test_a_standing_approval_of_welcomes_is_asked_for_on_its_page(desk: Console) -> None:
    """Whoever names the rail asks for that kind."""
    greeting(desk.api)
    said = {"program": "greet", "unit": "EUR", "rail": "welcome", "side": "friend", "until": "2026-06-01"}
    amounts = {"per_reward": "5.00", "per_beneficiary": "5.00", "in_all": "50.00"}
    done = desk.form("/console/settings/standing", **said, **amounts)
    assert done.status_code == 303, done.text
    assert "welcome" in desk.html("/console/settings/standing")
