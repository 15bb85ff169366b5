"""A correction over the pages: what would come of it first, then why; on a person's page, on a record, and of a payout."""

from urllib.parse import urlencode

import pytest
from testkit import sent
from tests.console.conftest import SCRIPT, Console


@pytest.fixture
def shop(desk: Console) -> Console:
    """An advocate with a reward."""
    desk.api.send(
        sent.enrolled("a", "ann", "ANN"), sent.lead("l", "bob", code="ANN"), sent.purchase("o", "bob", "I-1", 20_000)
    )
    return desk


def _asked(desk: Console, **more: str) -> str:
    slug = desk.json("/console/programs")["programs"][0]["slug"]
    said = {
        "person": "ann",
        "program": slug,
        "origin": "goodwill",
        "kind": "cash",
        "amount": "25.00",
        "currency": "EUR",
    }
    return "/console/corrections/new?" + urlencode(said | more)


def test_it_is_shown_and_then_entered_as_it_was_shown(shop: Console) -> None:
    """The page says what ann would hear; nothing is kept of looking; what is entered is what stands in the address."""
    address = _asked(shop)
    page = shop.html(address)
    assert "25.00" in page
    assert "gesture of goodwill" in page
    before = shop.api.get("/v1/rewards")["items"]
    missing = shop.form(address, document=SCRIPT)
    assert missing.status_code == 400
    assert SCRIPT not in missing.text
    done = shop.form(address, why=SCRIPT, document="TICKET-7")
    assert done.status_code == 303, done.text
    to, _, said = done.headers["location"].partition("?")
    assert said == "done=corrected"
    record = shop.html(to)
    assert "TICKET-7" in record
    assert "correction" in record
    assert SCRIPT not in record
    (new,) = [it for it in shop.api.get("/v1/rewards")["items"] if it["id"] not in {one["id"] for one in before}]
    assert (new["amount"], new["origin"]) == (2_500, "goodwill")
    assert "Goodwill" in shop.html("/console/rewards?status=all")
    person = shop.html(f"/console/people/{new['beneficiary']}")
    assert "goodwill, " in person
    assert 'people/"' not in person + record


def test_the_record_of_a_reward_and_the_page_of_a_person_lead_there(shop: Console) -> None:
    """Prefilled with what they know; the reward and its correction lead to each other; who may enter none is offered none."""
    (reward,) = [it for it in shop.api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    link = f"/console/corrections/new?reward={reward['id']}"
    assert link in shop.html(f"/console/rewards/{reward['id']}")
    view = shop.json(link)
    assert view["asked"]["person"] == reward["beneficiary"]
    assert view["asked"]["currency"] == "EUR"
    assert view["shown"] is None
    assert "Enter a correction" in shop.html(f"/console/people/{reward['beneficiary']}")
    done = shop.form(f"{link}&origin=mistake&amount=5.00", why="Counted once too little")
    correction = done.headers["location"].partition("?")[0].removeprefix("/console/rewards/")
    assert reward["id"] in shop.html(f"/console/rewards/{correction}")
    assert correction in shop.html(f"/console/rewards/{reward['id']}")
    shop.be("analyst")
    assert "Enter a correction" not in shop.html(f"/console/rewards/{reward['id']}")
    assert shop.json(_asked(shop))["may_enter"] is False
    assert shop.form(_asked(shop), why="x").status_code == 403


def test_what_cannot_be_is_said_where_it_was_typed(shop: Console) -> None:
    """An amount that is none, a person whom nobody knows, an exchange without a reward: the form stands as it was."""
    for wrong, told in (
        ({"amount": "a lot"}, "a number such as 500"),
        ({"person": "nobody at all"}, "not known in that role"),
        ({"origin": "exchange"}, "state"),
        ({"kind": "points", "amount": "1.5"}, "whole number"),
    ):
        page = shop.html(_asked(shop, **wrong))
        assert told in page, wrong
        assert 'name="why"' not in page
    assert shop.form(_asked(shop, person="nobody at all"), why="x").status_code == 409


def test_a_payout_that_came_back_arrives_after_all_by_two(shop: Console) -> None:
    """Its page shows what would come of it, to who may say so; the first waits for a second."""
    api = shop.api
    api.member("paula", "payer", "approver")
    api.payee("ann", "bank_file", name="Ann", iban="DE89370400440532013000")
    api.move("2026-05-01T00:00:00Z")
    (reward,) = [it["id"] for it in api.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    api.agree("/v1/approvals", reward)
    api.move("2026-08-01T00:00:00Z")
    api.say("paula", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    (payout,) = api.get("/v1/payouts")["items"]
    page = f"/console/payouts/{payout['id']}"
    assert "arrived after all" not in shop.html(page)
    api.agree("/v1/payouts/release", payout["id"])
    api.until(lambda: api.get(f"/v1/payouts/{payout['id']}")["status"] == "processing")
    api.say("paula", f"/v1/payouts/{payout['id']}/answer", {"outcome": "failed"})
    assert "It arrived after all" in shop.html(page)
    done = shop.form(f"{page}/arrival", why="On the statement of May")
    assert done.headers["location"].endswith("done=arrived_first"), done.text
    assert "another one is still to say it" in shop.html(page)
    body = {"amount": payout["amount"], "unit": "EUR", "why": "Seen too."}
    api.say("paula", f"/v1/payouts/{payout['id']}/arrival", body)
    assert shop.json(page)["row"]["payout"]["status"] == "completed"
