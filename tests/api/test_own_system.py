"""A company's own system over HTTP: named by an owner, told of each payout once whatever is lost on the way, asked about the rest."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from testkit import own_system as shops
from testkit import stripe_api
from testkit.own_system import Said, Shop
from testkit.process import in_a_thread
from tests.api.conftest import Api, installed
from tests.api.test_codes import RULES
from tests.api.test_standing import granted, ordered, staffed

from goodword.app.proof.audit import verify

PATH = "/v1/own-system"


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Yield a shop."""
    with shops.serving() as it:
        yield it


def named(api: Api, shop: Shop, **more: Any) -> None:
    """Name the shop, and give it the secret if there is a new one."""
    answer = api.call("owner", "PUT", PATH, json={"kind": "signed", "address": shop.url, **more})
    assert answer.status_code == 200, answer.text
    if answer.json()["secret"]:
        shop.secrets.append(answer.json()["secret"])


def staff(api: Api) -> None:
    """Rules by which an order of a friend earns 25 euros of credit, and who approves and who pays."""
    api.say("owner", "/v1/programs", {"document": RULES})
    api.member("anna", "approver")
    api.member("pia", "payer")


def drafted(api: Api, friend: str, advocate: str) -> list[str]:
    """A payout for who brought a friend, approved and not released."""
    ordered(api, friend, by=advocate)
    ids = [it["id"] for it in api.get("/v1/rewards", status="in_review")["items"]]
    api.agree("/v1/approvals", *ids, who="anna")
    return [it["subject"] for it in api.say("sk", "/v1/payouts", {"rail": "own_system", "unit": "EUR"})["verdicts"]]


def release(api: Api, payout: str) -> None:
    """Pia releases it."""
    api.say("pia", "/v1/payouts/release", api.get("/v1/payouts/release", "pia", id=[payout]))


def released(api: Api, friend: str = "bob", advocate: str = "") -> str:
    """A payout of 25 euros of credit for who brought a friend, approved and released by two people."""
    if "anna" not in api.keys:
        staff(api)
    [payout] = drafted(api, friend, advocate or f"by-{friend}")
    release(api, payout)
    return payout


def status(api: Api, payout: str) -> str:
    return str(api.get(f"/v1/payouts/{payout}")["status"])


def hurry(api: Api, payout: str, to: str) -> None:
    """Let what is to be asked be due until a payout is in a state."""

    def done() -> bool:
        for kind in ("payout.send", "payout.ask"):
            api.due(kind)
        return status(api, payout) == to

    api.until(done)


def sound(api: Api) -> None:
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_what_is_approved_beforehand_is_booked_in_the_companys_system(api: Api, shop: Shop) -> None:
    """Under a standing approval over the rail an order's credit is in the shop, without a person and without a name; it verifies."""
    staffed(api)
    named(api, shop)
    given = granted(api, rail="own_system")
    reward = ordered(api, "bob")
    api.until(lambda: api.get(f"/v1/rewards/{reward['id']}")["status"] == "paid")
    assert api.get(f"/v1/rewards/{reward['id']}")["approvals"] == [given["id"]]
    [order] = shop.booked.values()
    assert (order["external_ids"], order["kind"], order["amount"], order["unit"], order["programs"]) == (
        *(["ann"], "credit", 2_000, "EUR", ["shop"]),
    )
    assert "bob" not in str(order)
    assert len(shop.told) == 1
    sound(api)


@pytest.mark.parametrize(
    ("posts", "gets", "told"),
    [
        ([Said(None, books=True)], [], 1),  # booked, and the answer is lost
        ([Said(None)], [], 2),  # it never arrived: the question says so, and it is sent again by the same id
        ([Said(500)], [Said(503), Said(None)], 2),  # it is away for a while
        ([Said(200, b"<html>", books=True)], [Said(429)], 1),
        ([Said(409), Said(None)], [], 3),
        ([Said(202, {"status": "sent"}, books=True)], [Said(200, {"status": "sent"})], 1),
    ],
)
def test_whatever_is_lost_on_the_way_it_is_booked_once(
    api: Api, shop: Shop, posts: list[Said], gets: list[Said], told: int
) -> None:
    """Nothing is taken for done or undone until the shop says so; it has one order in the end, and the ledger one payment."""
    named(api, shop)
    shop.posts, shop.gets = posts, gets
    payout = released(api)
    hurry(api, payout, "completed")
    assert (shop.told, [*shop.booked]) == ([payout] * told, [payout])
    assert api.get(f"/v1/payouts/{payout}")["reference"] == f"b-{payout}"
    sound(api)


def test_what_the_shop_refuses_is_owed_again(api: Api, shop: Shop) -> None:
    """Its reason stands at the payout, the reward is approved as before, and the next payout brings it."""
    named(api, shop)
    shop.posts.append(Said(422, {"reason": "no_account"}))
    payout = released(api)
    api.until(lambda: status(api, payout) == "failed")
    assert api.get(f"/v1/payouts/{payout}")["reason"] == "no_account"
    assert [it["status"] for it in api.get("/v1/rewards")["items"]] == ["approved"]
    assert shop.booked == {}
    sound(api)


def test_another_system_is_not_asked_for_what_it_cannot_know(api: Api, shop: Shop) -> None:
    """While nobody knows what became of a payout no other takes the place of who was told, unless an owner says that it knows."""
    named(api, shop)
    shop.posts.append(Said(500))
    shop.gets.extend([Said(500)] * 1_000)
    payout = released(api)
    api.until(lambda: status(api, payout) == "unknown")
    assert api.get(PATH)["unknown"] == 1
    with shops.serving() as other:
        other.secrets = shop.secrets
        body = {"kind": "signed", "address": other.url}
        refused = api.call("owner", "PUT", PATH, json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "payouts_under_way")
        assert api.call("owner", "DELETE", PATH).json()["code"] == "payouts_under_way"
        stripe = {"kind": "stripe_balance", "key": "rk_test_" + "a1B2" * 8, "same_system": True}
        assert api.call("owner", "PUT", PATH, json=stripe).json()["code"] == "payouts_under_way"
        named(api, other, same_system=True)
        hurry(api, payout, "completed")
        assert other.told == [payout]
    sound(api)


def test_nothing_is_released_to_nobody(api: Api, shop: Shop) -> None:
    """Without a system none is drafted for; one that ended leaves what is released waiting, which goes on when one is named."""
    staff(api)
    assert api.refused("sk", "/v1/payouts", {"rail": "own_system", "unit": "EUR"}) == (409, "own_system_missing")
    assert api.call("owner", "GET", PATH).status_code == 404
    named(api, shop)
    [payout] = drafted(api, "bob", "ann")
    assert api.call("owner", "DELETE", PATH).status_code == 204
    release(api, payout)
    api.until(lambda: api.rows("select 1 from job where error like 'UnconnectedError%' and workspace_id = $1"))
    assert (status(api, payout), shop.told) == ("released", [])
    shop.secrets.clear()
    named(api, shop)
    api.until(lambda: status(api, payout) == "completed")
    sound(api)


def test_the_secret_is_exchanged_and_stands_nowhere(api: Api, shop: Shop) -> None:
    """Both sign for a day; the secret is shown once, to an owner alone, and stands sealed and in no log."""
    named(api, shop)
    [first] = shop.secrets
    again = api.call("owner", "PUT", PATH, json={"kind": "signed", "address": shop.url})
    assert again.json() == {"secret": None}
    second = api.call("owner", "POST", f"{PATH}/secret").json()["secret"]
    assert second.startswith("whsec_")
    assert second != first
    for secret in (first, second):
        shop.secrets[:] = [secret]
        payout = released(api, f"bob{len(shop.told)}")
        api.until(lambda payout=payout: status(api, payout) == "completed")
    rows = api.rows("select secrets::text from own_system where workspace_id = $1")
    rows += api.rows("select leaf from log where workspace_id = $1")
    assert "whsec_" not in str(rows) + str(api.get(PATH))
    for who in ("anna", "pia", "sk"):
        assert api.call(who, "PUT", PATH, json={"kind": "signed", "address": shop.url}).status_code == 403
        assert api.call(who, "POST", f"{PATH}/secret").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "signed"},
        {"kind": "signed", "address": "http://10.0.0.1/book"},
        {"kind": "signed", "address": "ftp://shop.example/book"},
        {"kind": "signed", "address": "https://shop.example/book", "key": "sk_test_0123456789ab"},
        {"kind": "stripe_balance"},
        {"kind": "stripe_balance", "key": "sk_live_0123456789ab"},
        {"kind": "stripe_balance", "key": "sk_test_0123456789ab", "address": "https://shop.example"},
        {"kind": "pigeon", "address": "https://shop.example"},
    ],
)
def test_a_system_that_cannot_be_called_is_none(api: Api, body: dict[str, str]) -> None:
    """Addresses inside, keys of another form or mode, and kinds that there are not, are said at once; nothing is kept."""
    assert api.call("owner", "PUT", PATH, json=body).status_code == 422
    assert api.call("owner", "GET", PATH).status_code == 404


def test_who_is_erased_was_booked_before(database: str, tmp_path: Path, shop: Shop) -> None:
    """A person whose reward was booked can be erased; what was booked is known by an id that says nothing, and all verifies."""
    with in_a_thread(installed(database, tmp_path)) as api, api.http:
        named(api, shop)
        payout = released(api)
        api.until(lambda: status(api, payout) == "completed")
        person = api.person("by-bob")
        assert api.call("owner", "DELETE", f"/v1/people/{person}").is_success
        assert status(api, payout) == "completed"
        sound(api)


def test_credit_is_booked_in_stripes_balance(database: str, tmp_path: Path) -> None:
    """With a key of Stripe's, which stands sealed, an answer that is lost is looked up at Stripe, and the balance has it once."""
    with ExitStack() as stack:
        stripe = stack.enter_context(stripe_api.serving())
        api = stack.enter_context(in_a_thread(installed(database, tmp_path, GOODWORD_STRIPE_URL=stripe.url)))
        stack.enter_context(api.http)
        answer = api.call("owner", "PUT", PATH, json={"kind": "stripe_balance", "key": stripe_api.KEY})
        assert answer.json() == {"secret": None}
        assert stripe_api.KEY not in str(api.rows("select secrets::text from own_system where workspace_id = $1"))
        assert api.call("owner", "POST", f"{PATH}/secret").status_code == 404
        stripe.balances["cus_Ann"] = []
        stripe.loses = 1
        payout = released(api, "bob", "cus_Ann")
        hurry(api, payout, "completed")
        assert [(it["amount"], it["metadata"]) for it in stripe.balances["cus_Ann"]] == [
            (-2_500, {"goodword_payout": payout})
        ]
        sound(api)
