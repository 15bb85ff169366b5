"""A copy of all that is held of somebody: each planted fact is in it, and nothing of anybody else's."""

import json
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.api.conftest import RULES, Api, Command, goodword
from tests.console.test_mail import Box, box
from tests.portal.test_about_me import about, enter, shop
from tests.portal.test_coming_in import browser
from tests.portal.test_saying_no import Browser
from tests.portal.test_settings import NEW, OLD, account, mails, say
from tests.portal.test_what_one_shares import TEXTS, post

from goodword.app.see import copies

__all__ = ["box", "browser", "goodword", "mails", "shop"]

W9 = {"name": "Canary payee", "classification": "individual", "ssn": "536-90-4399", "street": "1 Canary road"}
#: What is planted of Ann, beside the numbers of her account and tax form -> where it stands in her copy.
PLANTED = {
    "ann@canary.example": "said",
    "+4915112345678": "said",
    "Ann Canary": "said",
    "Canary form": "said",
    "Canary metadata": "said",
    "Canary proof": "said",
    "Canary trait": "said",
    "2019-01-01": "accounts",
    "Canary company": "accounts",
    "Canary-Code": "programs",
    "whatsapp": "programs",
    "2606": "settings",
    "reward_paid": "settings",
    "canary_news": "consents",
    "Canary dispute": "conversations",
    "Canary thread": "conversations",
    "vis_": "clicks",
    "app": "sessions",
    "98700": "orders",
}
SECRETS = {OLD: "payment_details", NEW: "payment_details", "536904399": "tax_forms", "1 Canary road": "tax_forms"}


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
    for fact in ("bob@shop.example", "Bob <b>Other</b>", '"shoe": 43', '"DE"', '"bank_file"', '"3000"', '"news"'):
        assert fact in text, fact
    assert found["payment_details"]["details"]["iban"] == "DE89370400440532013000"
    assert sorted(it["amount"] for it in found["orders"]) == sorted([12_300, *(1_000 + n for n in range(120))])
    assert len({it["id"] for it in found["orders"]}) == 121
    assert found["copy_of"] == shop.person("bob")
    assert found["read_me"].startswith("All that test holds of you.")
    assert shop.person("ann") not in text
    assert "ann@shop.example" not in text


def test_every_public_way_in_leads_to_the_copy(
    api: Api,
    mails: Box,  # noqa: ARG001 - a mail server is known
    browser: httpx.Client,
    goodword: Command,
    tmp_path: Any,
) -> None:
    """Facts planted by events, import, pages, links and forms are found; others' are not; an old session tells no account or number."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": RULES + TEXTS}).is_success
    assert api.call("owner", "PUT", "/v1/tax", json={"jurisdictions": ["us"], "timezone": "UTC"}).is_success
    file = tmp_path / "customers.csv"
    file.write_text("customer_external_id,since\nann,2019-01-01T00:00:00Z\n")
    assert goodword("import", "customers", str(file)).returncode == 0
    of_ann = {"customer_external_id": "ann"}
    api.send(
        sent.enrolled("e", "eve", "EVE", email="eve@other.example", name="Eve Other"),
        sent.click("c", "EVE", "browser-of-ann"),
        sent.lead(
            "la", "ann", visitor_id="browser-of-ann", customer_phone="+4915112345678", form={"why": "Canary form"}
        ),
        sent.enrolled("a", "ann", "ANNA10", email="ann@canary.example", name="Ann Canary"),
        {
            "type": "customer.updated",
            "id": "u",
            **of_ann,
            "traits": {"likes": "Canary trait"},
            "company": "Canary company",
        },
        {
            "type": "consent.recorded",
            "id": "k",
            **of_ann,
            "purpose": "canary_news",
            "outcome": "given",
            "proof": "Canary proof",
        },
        sent.purchase("pa", "ann", "i-ann", 98_700, metadata={"note": "Canary metadata"}),
        sent.lead("lb", "bob", code="ANNA10", customer_email="bob@other.example", customer_name="Bob Other"),
        sent.purchase("pb", "bob", "i-bob", 12_300),
    )
    enter(api, browser, "ann")
    assert say(api, browser, "payout", **account(OLD)).status_code == 303
    assert say(api, browser, "payout", **account(NEW)).status_code == 303
    form = {f"d.{name}": text for name, text in (W9 | {"town": "Troy", "state": "NY", "signed": "2026-03-01"}).items()}
    assert say(api, browser, "tax", jurisdiction="us", kind="w9", **form).headers["location"].endswith("#tax")
    assert say(api, browser, "mails", topic=["enrolled"]).status_code == 303
    assert post(api, browser, "/code", code="Canary-Code", once="1").status_code == 303
    assert post(api, browser, "/to/whatsapp", text="short", said="Tea.").status_code == 303
    reward = api.get("/v1/rewards", beneficiary=api.person("ann"))["items"][0]
    with Browser(api, "ann") as ann:
        at = ann.send(f"/wrong/{reward['id']}", reason="other", text="Canary dispute").headers["location"]
        said = at.removeprefix(ann.root).removesuffix("?done=1")
        assert ann.send(said, text="Canary thread").status_code == 303
    found = _copy(api, browser)
    where = {fact: [name for name, part in found.items() if fact in json.dumps(part)] for fact in PLANTED | SECRETS}
    assert {fact: name for fact, name in (PLANTED | SECRETS).items() if name not in where[fact]} == {}
    [clicked] = found["clicks"]
    assert clicked["at"].startswith("2026-03-02")
    text = json.dumps(found)
    for other in ("eve", "bob", api.person("eve"), api.person("bob"), "other.example"):
        assert other.lower() not in text.lower(), other
    _staff_make_the_same(api, goodword)
    api.run(api.goodword.pool.execute("update portal_session set opened_at = opened_at - 3600000000"))
    later = _copy(api, browser)
    assert (later["whole"], later["payment_details"], later["tax_forms"]) == (False, None, None)
    assert not [fact for fact in SECRETS if fact in json.dumps(later)]
    enter(api, browser, "eve")
    assert not [fact for fact in PLANTED | SECRETS if "anary" in fact and fact in json.dumps(_copy(api, browser))]


def _staff_make_the_same(api: Api, goodword: Command) -> None:
    """By the API and at the command line, with what colleagues typed; it goes on the record, and who may not gets none."""
    person, path = api.person("ann"), f"/v1/people/{api.person('ann')}/copies"
    seen = {"subject": person, "fields": ["email"], "note": "Canary note"}
    assert api.call("owner", "POST", "/v1/unmaskings", json=seen).is_success
    api.member("sue", "support")
    assert api.call("sue", "POST", path, json={"note": "by post"}).status_code == 403
    assert api.call("owner", "POST", f"/v1/people/{person[:-1]}_/copies", json={"note": "by post"}).status_code == 404
    made = api.call("owner", "POST", path, json={"note": "asked by post"})
    assert (made.status_code, made.headers["content-type"]) == (200, "application/json")
    printed = goodword("person", "copy", "ann", "--why", "asked by post", "--workspace", api.ws)
    assert printed.returncode == 0, printed.stderr
    for text in (made.text, printed.stdout):
        assert not [fact for fact in (*PLANTED, *SECRETS, "Canary note") if fact not in text]
        assert json.loads(text)["copy_of"] == person
    looks = api.get("/v1/looks", subject=person)["items"]
    assert [it["what"] for it in looks].count("exported") == 2


def test_a_copy_is_whole_however_long_the_history_is(
    shop: Api, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said goes on behind each piece that is read: all of it is there, each once, the newest first."""
    monkeypatch.setattr(copies, "_AT_ONCE", 7)
    updates = [
        {"type": "customer.updated", "id": f"n{n}", "customer_external_id": "bob", "name": f"Name {n}"}
        for n in range(40)
    ]
    shop.send(*updates, *(sent.purchase(f"m-{n}", "bob", f"im-{n}", 1_000) for n in range(14)))
    enter(shop, browser, "bob")
    found = _copy(shop, browser)
    named = [it["fields"]["name"] for it in found["said"] if it["fields"].get("name", "").startswith("Name ")]
    assert sorted(named) == sorted(f"Name {n}" for n in range(40))
    assert len({it["id"] for it in found["orders"]}) == len(found["orders"]) == 15


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
