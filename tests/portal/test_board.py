"""The leaderboard: who agreed to stand there, by a name of their own, by what was approved; and who left is not there any more."""

import re
from collections.abc import Iterator

import httpx
import pytest
from testkit import sent
from tests.api.conftest import RULES, Api
from tests.portal.conftest import OURS
from tests.portal.test_about_me import about, enter, text
from tests.portal.test_about_me import say as said


@pytest.fixture
def shop(api: Api) -> Api:
    """Ann brought two orders, Eve and Tim one each, which are approved in March; Zoe one that nobody has approved."""
    assert api.call(
        "owner", "POST", "/v1/programs", json={"document": f"{RULES}\nsharing: {{board: open}}\n"}
    ).is_success
    api.member("anna", "approver")
    for who, friends in (("ann", 2), ("eve", 1), ("tim", 1)):
        api.send(
            sent.enrolled(f"a-{who}", who, who.upper(), email=f"{who}@shop.example", name=f"{who.title()} Example")
        )
        api.payee(who)
        for n in range(friends):
            friend = f"{who}-{n}"
            api.send(
                sent.lead(f"l-{friend}", friend, code=who), sent.purchase(f"p-{friend}", friend, f"i-{friend}", 12_300)
            )
    api.move("2026-03-20T09:00:00Z")
    for reward in api.get("/v1/rewards", status="in_review")["items"]:
        if reward["side"] == "advocate":
            api.agree("/v1/approvals", reward["id"], who="anna")
    api.send(
        sent.enrolled("a-zoe", "zoe", "ZOE"),
        sent.lead("l-zoe", "zoe-0", code="zoe"),
        sent.purchase("p-zoe", "zoe-0", "i-zoe", 12_300),
    )
    return api


@pytest.fixture
def browsers(shop: Api) -> Iterator[dict[str, httpx.Client]]:
    """A browser of each advocate, signed in."""
    found = {}
    for who in ("ann", "eve", "tim", "zoe"):
        found[who] = httpx.Client(base_url=shop.url, timeout=30, trust_env=False, headers=OURS)
        enter(shop, found[who], who)
    yield found
    for client in found.values():
        client.close()


def board(api: Api, client: httpx.Client) -> str:
    """The page."""
    page = client.get(f"/portal/{api.ws}/board")
    assert page.status_code == 200, page.text
    return text(page)


def agree(api: Api, client: httpx.Client, outcome: str = "given", **more: str) -> httpx.Response:
    """Send the form of the page that joins, or the one that leaves."""
    page = client.get(f"/portal/{api.ws}/board").text
    form = next(it for it in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{outcome}"' in it)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return client.post(f"/portal/{api.ws}/board", data={**fields, **more})


def test_only_who_agreed_stands_there_by_the_name_they_chose(shop: Api, browsers: dict[str, httpx.Client]) -> None:
    """Nobody is there at first; ties share a place; who has nothing approved has none; of the others nothing shows."""
    ann, eve, tim, zoe = (browsers[it] for it in ("ann", "eve", "tim", "zoe"))
    assert f'href="/portal/{shop.ws}/board"' in ann.get(f"/portal/{shop.ws}").text
    assert "Nothing was approved in this month for anybody who stands here." in board(shop, ann)
    for client, name in ((eve, "Tea lover"), (tim, "T."), (zoe, "Zed")):
        assert agree(shop, client, shown_as=name).status_code == 303
    seen = board(shop, ann)
    assert "1. T. 1 1. Tea lover 1" in seen or "1. Tea lover 1 1. T. 1" in seen
    assert not re.search(r"Zed|2\. |Example|shop\.example|EUR|12\.30", seen), seen
    assert agree(shop, ann, shown_as="A. <b>").status_code == 409
    assert agree(shop, ann, shown_as="A.").status_code == 303
    seen = board(shop, eve)
    assert "1. A. 2" in seen
    assert "2. Tea lover 1 You" in seen
    assert "2. T. 1" in seen
    shop.move("2026-04-20T09:00:00Z")
    assert re.search(
        r"This month, since 1 April 2026 Nothing was approved .* from 1 March 2026 to 31 March 2026 1\. A\. 2",
        board(shop, tim),
    )
    shop.move("2026-05-20T09:00:00Z")
    assert "A. 2" not in board(shop, tim)


def test_who_takes_it_back_is_not_there_any_more_wherever_they_do(shop: Api, browsers: dict[str, httpx.Client]) -> None:
    """At the page, at what one agreed to, by the company's word, by a suspension and by an erasure, each at once."""
    eve = browsers["eve"]
    for who, client in browsers.items():
        assert agree(shop, client, shown_as=f"The one called {who}").status_code == 303
    person = shop.person("tim")
    assert agree(shop, browsers["ann"], "revoked").status_code == 303
    assert "The one called ann" not in board(shop, eve)
    assert "The one called ann" not in board(shop, browsers["ann"])
    assert agree(shop, browsers["ann"], shown_as="Ann again").status_code == 303
    assert "1. Ann again 2" in board(shop, eve)
    assert "Stand on the leaderboard" in text(about(shop, browsers["ann"]))
    assert said(shop, browsers["ann"], "leaderboard", "revoked").status_code == 303
    assert "Ann again" not in board(shop, eve)
    assert "1. The one called tim 1" in board(shop, eve)
    shop.send(
        {
            "type": "consent.recorded",
            "id": "c",
            "customer_external_id": "tim",
            "purpose": "leaderboard",
            "outcome": "revoked",
        }
    )
    assert "The one called tim" not in board(shop, eve)
    assert agree(shop, browsers["tim"], shown_as="Tim").status_code == 303
    assert "1. Tim 1" in board(shop, eve)
    shop.member("pia", "payer")
    shop.move("2026-04-16T09:00:00Z")
    drafted = shop.say("pia", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [person]})
    shop.agree("/v1/payouts/release", *[it["subject"] for it in drafted["verdicts"]])
    shop.until(lambda: {it["status"] for it in shop.get("/v1/payouts")["items"]} == {"completed"})
    assert "1. Tim 1" in board(shop, eve)
    assert shop.call("owner", "DELETE", f"/v1/people/{person}").is_success
    assert "Tim" not in board(shop, eve)
    assert "1. The one called eve 1" in board(shop, browsers["zoe"])
    shop.send({"type": "advocate.suspended", "id": "s", "external_id": "eve"})
    assert "The one called eve" not in board(shop, browsers["zoe"])
    log = str(shop.rows("select convert_from(leaf, 'UTF8') from log where workspace_id = $1"))
    assert "leaderboard" in log
    assert "The one called" not in log


def test_who_does_not_take_part_any_more_reads_no_names(shop: Api, browsers: dict[str, httpx.Client]) -> None:
    """They agreed to be seen by who takes part in the same program: who is suspended does not, until they do again."""
    assert agree(shop, browsers["tim"], shown_as="T.").status_code == 303
    assert "1. T. 1" in board(shop, browsers["eve"])
    shop.send({"type": "advocate.suspended", "id": "s", "external_id": "eve"})
    assert "T. 1" not in board(shop, browsers["eve"])
    shop.send({"type": "advocate.resumed", "id": "r", "external_id": "eve"})
    assert "1. T. 1" in board(shop, browsers["eve"])


def test_the_name_on_it_is_the_one_chosen_for_it(shop: Api, browsers: dict[str, httpx.Client]) -> None:
    """As whom Tim is named to friends, which he says later, is told to nobody here; who chose none for it has no row."""
    assert agree(shop, browsers["tim"], shown_as="T.").status_code == 303
    assert said(shop, browsers["tim"], "named", "given", shown_as="Tim Example").status_code == 303
    assert said(shop, browsers["eve"], "named", "given", shown_as="Eve Example").status_code == 303
    agreed = {"type": "consent.recorded", "purpose": "leaderboard", "outcome": "given"}
    shop.send({**agreed, "id": "c", "customer_external_id": "eve"})
    seen = board(shop, browsers["ann"])
    assert "1. T. 1" in seen
    assert not re.search(r"Tim Example|Eve Example", seen), seen


def test_what_no_order_earned_is_no_order(shop: Api, browsers: dict[str, httpx.Client]) -> None:
    """Neither goodwill that a member entered nor what another system owed, approved in the same month as any order is."""
    assert agree(shop, browsers["zoe"], shown_as="Zed").status_code == 303
    shop.payee("zoe")
    of = {"person": "zoe", "program": shop.get("/v1/programs")["items"][0]["slug"], "origin": "goodwill"}
    shop.say("owner", "/v1/corrections", {**of, "amount": 2_500, "currency": "EUR", "why": "A long wait."})
    opened = {"type": "balance.opened", "id": "b", "external_id": "zoe", "reference": "old-1"}
    shop.send({**opened, "amount": 5_000, "currency": "EUR"})
    mine = [it["id"] for it in shop.get("/v1/rewards", status="in_review")["items"] if not it["referral"]]
    assert len(mine) == 2
    for reward in mine:
        shop.say("anna", f"/v1/rewards/{reward}/looks", {"seconds": 3})
        shop.agree("/v1/approvals", reward, who="anna")
    assert not re.search(r"\d\. Zed", board(shop, browsers["ann"]))
    assert not re.search(r"\d\. Zed", board(shop, browsers["zoe"]))


def test_what_is_taken_back_counts_no_more(shop: Api, browsers: dict[str, httpx.Client]) -> None:
    """A refund of one of two orders, after both were approved."""
    assert agree(shop, browsers["ann"], shown_as="A.").status_code == 303
    assert "1. A. 2" in board(shop, browsers["eve"])
    shop.send(sent.refund("r", "i-ann-0", "re-1", 12_300))
    assert "1. A. 1" in board(shop, browsers["eve"])


def test_a_program_without_one_shows_none(api: Api) -> None:
    """It is closed unless its rules open it: no link leads there, and who stood on one stands on none."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": RULES}).is_success
    api.send(sent.enrolled("a", "ann", "ANN"))
    with httpx.Client(base_url=api.url, timeout=30, trust_env=False, headers=OURS) as ann:
        enter(api, ann, "ann")
        assert "/board" not in ann.get(f"/portal/{api.ws}").text
        assert "has no leaderboard" in board(api, ann)
