"""A copy of all that is held of somebody: each planted fact is in it, and nothing of anybody else's."""

import json
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.api.conftest import Api
from tests.portal.test_about_me import about, enter, shop
from tests.portal.test_coming_in import browser
from tests.portal.test_saying_no import Browser

__all__ = ["browser", "shop"]


def _copy(api: Api, client: httpx.Client) -> dict[str, Any]:
    answer = client.get(f"/portal/{api.ws}/about-me/copy")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_each_planted_fact_is_in_the_copy(shop: Api, browser: httpx.Client) -> None:
    """Of a friend: what was said, by whom, orders, consents, country, where he is paid, but for the number of the account."""
    shop.send(
        *(sent.purchase(f"more-{n}", "bob", f"i-more-{n}", 1_000 + n) for n in range(120)),
        {"type": "consent.recorded", "id": "c", "customer_external_id": "bob", "purpose": "news", "outcome": "given"},
    )
    enter(shop, browser, "bob")
    found = _copy(shop, browser)
    text = json.dumps(found)
    for fact in ("bob@shop.example", "Bob <b>Other</b>", "shoe: 43", '"DE"', '"bank_file"', '"3000"', '"news"'):
        assert fact in text, fact
    assert "DE89" not in text
    assert sorted(it["amount"] for it in found["orders"]) == sorted([12_300, *(1_000 + n for n in range(120))])
    assert len({it["id"] for it in found["orders"]}) == 121
    assert found["copy_of"] == shop.person("bob")
    assert shop.person("ann") not in text
    assert "ann@shop.example" not in text


def test_an_advocate_finds_rewards_messages_and_what_they_wrote(shop: Api) -> None:
    """Sums are those of the page; a friend is nobody; what was noticed is not told."""
    [reward] = [it for it in shop.get("/v1/rewards")["items"] if it["beneficiary"] == shop.person("ann")]
    with Browser(shop, "ann") as ann:
        assert ann.send(f"/wrong/{reward['id']}", reason="other", text="Canary text").status_code == 303
        found = _copy(shop, ann.client)
    [mine] = found["rewards"]
    assert (mine["id"], mine["amount"], mine["unit"]) == (reward["id"], reward["amount"], reward["unit"])
    assert {"line": "expected", "unit": "EUR", "amount": reward["amount"]} in found["balance"]
    assert [it["rewards"] for it in found["referrals"]] == [[reward["id"]]]
    assert [it["text"] for one in found["conversations"] for it in one["messages"]] == ["Canary text"]
    text = json.dumps(found)
    assert shop.person("bob") not in text
    assert "bob" not in text.lower()
    assert "flags" not in text


@pytest.mark.parametrize("path", ["about-me/copy"])
def test_nobody_else_gets_one_and_one_waits_for_the_next(shop: Api, browser: httpx.Client, path: str) -> None:
    """Without a session one is led to the door; many at once are told to wait; the page leads to it."""
    assert browser.get(f"/portal/{shop.ws}/{path}").status_code == 303
    enter(shop, browser, "bob")
    assert f'href="/portal/{shop.ws}/{path}"' in about(shop, browser).text
    answers = {browser.get(f"/portal/{shop.ws}/{path}").status_code for _ in range(30)}
    assert answers <= {200, 429}
    assert 200 in answers
