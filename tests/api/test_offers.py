"""Welcome offers over HTTP: a checkout asks for one and an order redeems it; until it is approved everything calls it expected."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec.structs import replace
from testkit import sent
from tests.api.conftest import Api
from tests.api.test_standing import granted, staffed

from goodword.app import see
from goodword.app.proof.audit import verify
from goodword.store.api_keys import api_key_hash

RULES = """\
program: greet
currency: EUR
landing_url: https://shop.example.com/welcome
hold: 0d
budget: {EUR: 1400}
conversions:
  - minimum: {EUR: 2000}
    rewards:
      - {side: friend, kind: welcome, flat: {EUR: 500}, valid: 30d}
"""
STANDS = {"program": "greet", "kind": "welcome", "rail": "welcome", "side": "friend", "per_reward": 500}
STANDS |= {"per_beneficiary": 500, "in_all": 500}
AT = {"program": "greet"}


def greeting(api: Api) -> None:
    staffed(api)
    api.say("pam", "/v1/programs", {"document": RULES})
    api.send(sent.enrolled("e", "ann", "ANN", **AT))


def brought(api: Api, *friends: str) -> None:
    api.send(*(sent.lead(f"l-{friend}", friend, code="ANN", **AT) for friend in friends))


def offers(api: Api, customer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v1/offers", customer=customer)["items"]
    return found


def ordered(api: Api, friend: str, offer: str) -> None:
    api.send(sent.purchase(f"o-{friend}", friend, f"i-{friend}", 9_500) | {"offer_id": offer, "discount": 500})


def test_an_offer_is_expected_until_its_order_is_approved(api: Api) -> None:
    """The checkout sees it, one order redeems it, a member approves, and the log verifies; whom nobody brought has none."""
    greeting(api)
    assert offers(api, "bob") == []
    brought(api, "bob")
    (offer,) = offers(api, "bob")
    assert (offer["status"], offer["usable"], offer["amounts"], offer["reward"]) == (
        "expected",
        True,
        {"EUR": 500},
        None,
    )
    assert offer["minimum"] == {"EUR": 2_000}
    assert offers(api, offer["customer"]) == [offer]
    ordered(api, "bob", offer["id"])
    (offer,) = offers(api, "bob")
    assert (offer["status"], offer["usable"], offer["conversion"]) == ("expected", False, "inv:i-bob")
    reward = api.get(f"/v1/rewards/{offer['reward']}")
    assert (reward["status"], reward["expected"]) == ("in_review", True)
    listed = api.get("/v1/approvals", id=reward["id"])
    api.say("ana", "/v1/approvals", {"items": listed["items"], "list_sha256": listed["list_sha256"]})
    reward = api.get(f"/v1/rewards/{offer['reward']}")
    assert (reward["status"], reward["expected"], offers(api, "bob")[0]["status"]) == ("paid", False, "confirmed")
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_a_standing_approval_books_it_with_the_order(api: Api) -> None:
    """What two members approved beforehand is confirmed in the decision on the order; beyond its limit a person decides."""
    greeting(api)
    granted(api, **STANDS)
    brought(api, "bob", "cid")
    for friend in ("bob", "cid"):
        ordered(api, friend, offers(api, friend)[0]["id"])
    assert [offers(api, friend)[0]["status"] for friend in ("bob", "cid")] == ["confirmed", "expected"]


def test_leads_at_once_never_overdraw_the_budget(api: Api) -> None:
    """Of six friends at the same time two are offered something, for the budget has room for two."""
    greeting(api)
    friends = [f"f{n}" for n in range(6)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda friend: brought(api, friend), friends))
    assert sum(len(offers(api, friend)) for friend in friends) == 2


def test_two_orders_at_once_redeem_an_offer_once(api: Api) -> None:
    """Whoever names it second is told that it was used, and earns nothing by it."""
    greeting(api)
    brought(api, "bob")
    (offer,) = offers(api, "bob")
    orders = [
        sent.purchase(f"o{n}", "bob", f"i{n}", 9_500) | {"offer_id": offer["id"], "discount": 500} for n in (1, 2)
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(api.decided, orders))
    assert len(api.get("/v1/rewards", limit=50)["items"]) == 1
    said = [verdict.get("refusal") for answer in answers for verdict in answer["decision"]["verdicts"]]
    assert said.count("offer_used") == 1


def test_a_key_of_a_page_and_who_is_limited_to_another_program_see_none(api: Api) -> None:
    """A page is told nothing of anybody; a member of another program sees no offer of this one."""
    greeting(api)
    brought(api, "bob")
    answer = api.call("pk", "GET", "/v1/offers", params={"customer": "bob"})
    assert answer.status_code == 403
    (offer,) = offers(api, "bob")
    directory = api.goodword.directory
    key = api.run(directory.principal(api_key_hash(api.keys["owner"])))
    elsewhere = replace(key, actor=replace(key.actor, programs=("prg_other",)))
    assert api.run(see.offers.of_customer(elsewhere, directory, offer["customer"])) == []
