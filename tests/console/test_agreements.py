"""An agreement on its partner's page: made, shown with its versions, ended; and the record of a reward names it."""

from typing import Any

from tests.console.conftest import SCRIPT, Console


def _partner(desk: Console) -> tuple[str, str]:
    """The address of a partner's page, and what the company calls them."""
    [one] = desk.api.get("/v1/advocates")["items"][:1]
    return f"/console/people/{one['person']}", one["external_id"]


def _agree(desk: Console, address: str, **fields: Any) -> Any:
    return desk.form(f"{address}/agreement", **fields)


def test_terms_are_agreed_on_at_the_partners_page_which_keeps_what_was_typed(busy: Console) -> None:
    """What is wrong is said and stands again; what is right is a version, and the next one stands before it."""
    address, _ = _partner(busy)
    assert "No terms of their own" in busy.html(address)
    for wrong in (
        {"percent": "much"},
        {"percent": "5", "amount": "5", "currency": "EUR"},
        {"amount": "5"},
        {"percent": "", "amount": "500,00", "currency": "EUR"},  # a comma for the point would be a hundredfold
        {"days": "x"},
    ):
        answer = _agree(busy, address, note=f"{SCRIPT} seen", **{"percent": "", **wrong})
        assert answer.status_code == 400, (wrong, answer.text)
        assert SCRIPT not in answer.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; seen" in answer.text
    terms = {"percent": "12.5", "accounts": f"acme.example\n{SCRIPT}", "products": "gift, book", "countries": "ch us"}
    done = _agree(busy, address, **terms, days="30", note="Signed.")
    assert done.headers["location"] == f"{address}?done=agreement_made", done.text
    page = busy.html(address)
    assert SCRIPT not in page
    for shown in (
        "12.5 %",
        "acme.example",
        "book, gift" if "book, gift" in page else "gift, book",
        "CH, US",
        "30 days",
    ):
        assert shown in page
    assert busy.json(address)["agreed"]["rows"][0]["state"] == "in_force"
    _agree(busy, address, amount="5,000.50", currency="EUR", on="purchase", percent="")
    [row] = busy.json(address)["agreed"]["rows"]
    assert [(one["version"], one["percent"], one["flat"]) for one in row["versions"]] == [
        (2, None, {"EUR": 500_050}),
        (1, "12.5", None),
    ]
    assert "All 2 versions of all programs" in busy.html(address)


def test_an_agreement_is_ended_by_whoever_may_make_one(busy: Console) -> None:
    address, _ = _partner(busy)
    assert busy.form(f"{address}/agreement/end").status_code == 409
    _agree(busy, address, percent="20")
    today = str(busy.json("/console/clock")["now_at"])[:10]
    assert _agree(busy, address, percent="20", since="2020-01-01").status_code == 409
    done = busy.form(f"{address}/agreement/end", program="", since=today)
    assert done.headers["location"] == f"{address}?done=agreement_ended"
    assert busy.json(address)["agreed"]["rows"][0]["state"] == "over"
    assert "The agreement is over." in busy.html(f"{address}?done=agreement_ended")


def test_the_record_of_a_reward_names_the_agreement_that_it_was_earned_by(busy: Console) -> None:
    """Beside the rules, with the rate that it was worked out by; what is outside says so in a sentence."""
    address, name = _partner(busy)
    [code] = [link["code"] for one in busy.api.get("/v1/advocates")["items"][:1] for link in one["links"]][:1]
    _agree(busy, address, percent="20", countries="CH")
    slug = busy.json("/console/programs")["programs"][0]["slug"]
    for friend, country in (("pia", "AT"), ("pit", "CH")):
        busy.api.send(
            {
                "type": "lead.created",
                "id": f"l-{friend}",
                "customer_external_id": friend,
                "code": code,
                "program": slug,
            },
            {
                "type": "conversion.recorded",
                "id": f"o-{friend}",
                "customer_external_id": friend,
                "country": country,
                "invoice_id": f"i-{friend}",
                "amount": 10_000,
                "currency": "EUR",
            },
        )
        busy.api.until(lambda: busy.api.get(f"/v1/events/o-{friend}")["status"] == "decided")  # noqa: B023
    found = {
        one["conversion"][-3:]: one
        for one in busy.api.get("/v1/rewards", beneficiary=name)["items"]
        if one["side"] == "advocate"
    }
    assert (found["pia"]["amount"], found["pia"]["agreement"]["own_rate"]) == (2_000, True)
    page = busy.html(f"/console/rewards/{found['pia']['id']}")
    assert "at the rate of the partner&#39;s agreement, version 1" in page
    assert "20% of the order" in page
    assert found["pit"]["agreement"]["own_rate"] is False
    page = busy.html(f"/console/rewards/{found['pit']['id']}")
    assert "What a partner would earn is outside of the agreement with them" in page
    assert "judged by the partner&#39;s agreement, version 1" in page
