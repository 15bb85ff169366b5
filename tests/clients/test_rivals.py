"""The clients of other referral systems, as they come from their registries: a referral to its explained reward, and each error."""

import json
import os
import shutil
import subprocess
from typing import Any

import pytest
from tests.clients.conftest import BUILT, HERE, NO_ROOM, RIVALS, Shop
from tests.clients.test_habits import AGAIN, compare

from goodword.sources import dub

#: In Python and in Node the same calls go by other names of their arguments.
DUB = ("dub-python", "dub-node")


def said(shop: Shop, client: str, *calls: tuple[Any, ...], key: str = "wk") -> list[Any]:
    """Let a client make calls; returns what each came to."""
    name, language = client.split("-")
    if language == "python":
        command, folder = [BUILT / "python" / "bin" / "python", HERE / "rival.py"], HERE
        sent: list[Any] = [[where, *more] if len(more) > 1 else [where, [], more[0]] for where, *more in calls]
    else:
        command, folder = ["node", HERE / "rival.mjs"], BUILT / "node"
        sent = [[where, [more[0]] if isinstance(more[0], dict) else more[0]] for where, *more in calls]
    done = subprocess.run(
        [*map(str, command), name, shop.url, shop.keys.get(key, key)],
        input=json.dumps(sent), capture_output=True, text=True, check=False, timeout=120, cwd=folder, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(params=DUB)
def client(request: pytest.FixtureRequest, installed: None) -> str:  # noqa: ARG001 - they are there
    """Give each client of Dub in turn."""
    if request.param.endswith("node") and not shutil.which("node"):
        pytest.skip("node is not there: Dub's client for it was not run")
    return str(request.param)


@pytest.fixture
def node(installed: None) -> None:  # noqa: ARG001 - they are there
    """See to it that node is there."""
    if not shutil.which("node"):
        pytest.skip("node is not there: FirstPromoter's client was not run")


def call(client: str, where: str, **body: Any) -> tuple[Any, ...]:
    """A call of Dub's: its body is one argument."""
    return (where, [], {"request": body}) if client.endswith("python") else (where, body)


def clicked(shop: Shop) -> str:
    """Enrol Ann and let somebody click her link; returns the click."""
    shop.say("wk", "/v1/events", [{"type": "advocate.enrolled", "id": "e", "external_id": "ann", "code": "ANN"}])
    shop.say("wk", "/v1/events", [{"type": "click.recorded", "id": "c", "code": "ANN", "click_id": "click-1"}])
    return "click-1"


def rest(shop: Shop) -> None:
    """Wait until all is decided."""
    shop.until(lambda: not shop.get("/v1/reports/progress")["waiting"])


def rewards(shop: Shop) -> list[int]:
    """What advocates earn."""
    return sorted(it["amount"] for it in shop.get("/v1/rewards")["items"] if it["side"] == "advocate")


def test_a_referral_from_a_click_to_a_reward_by_dubs_clients(shop: Shop, client: str) -> None:
    """Lead and sale are taken once, in each mode; both clients read what they are answered; a sale again earns no second reward."""
    click = clicked(shop)
    lead = {"customerExternalId": "bob", "eventName": "Sign up", "customerEmail": "bob@mail.example"}
    sale = {
        "customerExternalId": "bob",
        "amount": 12_000,
        "currency": "eur",
        "invoiceId": "in_1",
        "metadata": {"plan": "pro"},
    }
    told = said(
        shop, client,
        call(client, "track.lead", **lead, clickId=click, mode="deferred"),
        call(client, "track.lead", **lead, clickId="", mode="wait"),
        call(client, "track.lead", **lead, clickId=click),
        call(client, "track.sale", **sale),
        call(client, "track.sale", **sale),
    )  # fmt: skip
    assert [it.get("failed") for it in told] == [None] * 5, told
    assert (told[0]["click"], told[0]["link"], told[0]["customer"]["email"]) == (
        {"id": click},
        None,
        "bob@mail.example",
    )
    assert (told[3]["eventName"], told[3]["customer"]["id"], told[3]["sale"]["amount"]) == ("Purchase", "bob", 12_000)
    rest(shop)
    assert len(rewards(shop)) == 1
    [reward] = [it for it in shop.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    assert shop.get(f"/v1/explanations/{reward['id']}")


def listed(shop: Shop, client: str, where: str, **filters: Any) -> list[dict[str, Any]]:
    """Let a client read the first page of a list with the secret key."""
    [told] = said(shop, client, call(client, where, **filters), key="sk")
    assert "failed" not in told, told
    return told["result"]  # type: ignore[no-any-return]


def test_customers_commissions_and_partners_are_read_by_dubs_clients(shop: Shop, client: str) -> None:
    """Who was brought, what was earned by it and by whom: each names the others as the lists do, and a filter finds its own."""
    click = clicked(shop)
    said(
        shop, client,
        call(client, "track.lead", customerExternalId="bob", eventName="Sign up", clickId=click),
        call(client, "track.sale", customerExternalId="bob", amount=12_000, currency="eur", invoiceId="in_1"),
    )  # fmt: skip
    rest(shop)
    [customer] = listed(shop, client, "customers.list")
    assert (customer["externalId"], customer.get("email")) == ("bob", None)
    [commission] = listed(shop, client, "commissions.list")
    [earned] = rewards(shop)
    sale = (commission["type"], commission["amount"], commission["earnings"], commission["invoiceId"])
    assert sale == ("sale", 12_000, earned, "in_1")
    assert (commission["currency"], commission["status"]) == ("eur", "pending")
    [partner] = listed(shop, client, "partners.list")
    assert (partner["tenantId"], partner["status"], partner["links"][0]["key"]) == ("ann", "approved", "ANN")
    assert (commission["customer"]["id"], commission["partner"]["id"]) == (customer["id"], partner["id"])
    for name, value, other in (
        ("invoiceId", "in_1", "in_2"),
        ("partnerId", partner["id"], customer["id"].replace("ref_", "per_")),
        ("status", "pending", "paid"),
    ):
        assert listed(shop, client, "commissions.list", **{name: value}) == [commission]
        assert listed(shop, client, "commissions.list", **{name: other}) == []
    assert listed(shop, client, "customers.list", externalId="bob") == [customer]
    assert listed(shop, client, "customers.list", externalId="eve") == []
    for id_ in (customer["id"], "ext_bob"):
        body = {"request": {"id": id_}} if client.endswith("python") else {"id": id_}
        [one] = said(
            shop, client, ("customers.get", [], body) if "request" in body else ("customers.get", body), key="sk"
        )
        assert (one["id"], one["externalId"]) == (customer["id"], "bob")
    [told] = said(shop, client, call(client, "customers.list", email="bob@mail.example"), key="sk")
    assert (told["code"], "email" in told["message"]) == ("unprocessable_entity", True)
    [told] = said(shop, client, call(client, "customers.list"), key="wk")
    assert told["code"] == "forbidden"


def test_partners_and_links_are_made_and_read_by_dubs_clients(shop: Shop, client: str) -> None:
    """Both parse what they are answered: a partner with a code, further links of theirs, lists, their number, and one by its key."""
    email, url = "ann@mail.example", "https://shop.example"
    own = {"tenantId": "ann", "url": url}
    partner, again, created, upserted, theirs, more, taken = said(
        shop, client,
        call(client, "partners.create", email=email, tenantId="ann", name="Ann", username="ANN"),
        call(client, "partners.create", email=email, tenantId="ann", name="Ann", username="ANN"),
        call(client, "links.create", **own, key="ANN2"),
        call(client, "links.upsert", **own, key="ANN2"),
        call(client, "partners.createLink" if client.endswith("node") else "partners.create_link", tenantId="ann", key="ANN3"),
        call(client, "partners.upsertLink" if client.endswith("node") else "partners.upsert_link", **own, key="ANN4"),
        call(client, "links.create", url=url, tenantId="eve", key="ANN2"),
    )  # fmt: skip
    assert [it.get("failed") for it in (partner, again, created, upserted, theirs, more)] == [None] * 6, partner
    assert (partner["tenantId"], partner["status"], partner["links"][0]["key"]) == ("ann", "approved", "ANN")
    assert (again["id"], taken["code"]) == (partner["id"], "conflict")
    made = [created, upserted, theirs, more]
    assert [it["key"] for it in made] == ["ANN2", "ANN2", "ANN3", "ANN4"]
    assert {it["partnerId"] for it in made} == {partner["id"]}
    links = listed(shop, client, "links.list")
    assert sorted(it["key"] for it in links) == ["ANN", "ANN2", "ANN3", "ANN4"]
    [found] = said(shop, client, call(client, "links.get", key="ANN3", domain="shop.example"), key="sk")
    assert found == next(it for it in links if it["key"] == "ANN3")
    [count] = said(shop, client, call(client, "links.count"), key="sk")
    assert count == 4
    retrieve = "partners.retrieveLinks" if client.endswith("node") else "partners.retrieve_links"
    assert len(listed(shop, client, retrieve, tenantId="ann")) == 4
    [same] = listed(shop, client, "partners.list")
    assert (same["id"], len(same["links"])) == (partner["id"], 4)
    shop.say("wk", "/v1/events", [{"type": "click.recorded", "id": "c", "code": "ANN3", "click_id": "click-1"}])
    said(
        shop, client,
        call(client, "track.lead", customerExternalId="bob", eventName="Sign up", clickId="click-1"),
        call(client, "track.sale", customerExternalId="bob", amount=12_000, currency="eur", invoiceId="in_1"),
    )  # fmt: skip
    rest(shop)
    assert len(rewards(shop)) == 1


def test_each_error_is_the_one_that_dubs_clients_know(shop: Shop, client: str) -> None:
    """By its status: what is missing, what says something else under a known number, a wrong key, a member's, no room, another call."""
    sale = {"customerExternalId": "bob", "amount": 12_000, "currency": "eur", "invoiceId": "in_1"}
    empty, _, other, wrong = said(
        shop, client,
        call(client, "track.sale", **sale | {"customerExternalId": ""}),
        call(client, "track.sale", **sale),
        call(client, "track.sale", **sale | {"amount": 13_000}),
        call(client, "track.sale", **sale | {"invoiceId": "in_2", "currency": "xyz"}),
    )  # fmt: skip
    assert [it["code"] for it in (empty, other, wrong)] == ["unprocessable_entity", "conflict", "unprocessable_entity"]
    for key, code in (("nobody", "unauthorized"), ("owner", "forbidden")):
        [it] = said(shop, client, call(client, "track.sale", **sale), key=key)
        assert it["code"] == code
    [none] = said(shop, client, call(client, "partners.deactivate", tenantId="ann"), key="sk")
    assert (none["code"], "/v1/" in none["message"]) == ("not_found", True), none
    full = dub.SOURCE.refuse(NO_ROOM) if dub.SOURCE.refuse else None
    assert full is not None
    assert (full.status, json.loads(full.body)["error"]["code"]) == (429, "rate_limit_exceeded")
    for status in (400, 405, 413, 415, 500, 503):
        answer = dub._refuse(type(NO_ROOM)(status, "x", "y"))
        assert json.loads(answer.body)["error"]["code"] == dub.ERRORS[answer.status]


def test_participants_referrals_sales_and_refunds_by_growsurfs_client(shop: Shop, installed: None) -> None:  # noqa: ARG001
    """Once each; who is named by mail or id is one; a refund lowers what was earned; other calls are told of ours."""
    program = "main"
    ann, bob = "ann@mail.example", "bob@mail.example"
    id_ = said(shop, "growsurf-python", ("campaign.participant.add", [program], {"email": ann, "first_name": "Ann"}))[
        0
    ]["id"]
    sale = {"id": program, "currency": "EUR", "gross_amount": 12_000, "tax_amount": 2_000, "external_id": "o1"}
    back = {"external_id": "o1", "refund_id": "r1", "refund_amount": 6_000, "currency": "EUR"}
    told = said(
        shop, "growsurf-python",
        ("campaign.participant.add", [program], {"email": bob, "referred_by": id_}),
        ("campaign.participant.add", [program], {"email": bob, "referred_by": id_}),
        ("campaign.participant.trigger_referral", [bob], {"id": program}),
        ("campaign.participant.record_transaction", [bob], sale),
        ("campaign.participant.record_transaction", [bob], sale),
        ("campaign.participant.refund_transaction", [bob], {"id": program, **back}),
        ("campaign.participant.retrieve", [bob], {"id": program}),
    )  # fmt: skip
    assert [it.get("failed") for it in told[:6]] == [None] * 6, told
    assert [told[0]["isNew"], told[1]["isNew"]] == [True, False]
    assert [told[3]["duplicate"], told[4]["duplicate"], told[5]["amendmentType"]] == [False, True, "REFUND"]
    assert (told[6]["status"], "/v1/advocates" in told[6]["message"]) == (404, True)
    rest(shop)
    earned = rewards(shop)
    assert len(earned) == 1
    assert len({it["customer"] if "customer" in it else it["id"] for it in shop.get("/v1/referrals")["items"]}) == 1


def test_signups_sales_and_refunds_by_firstpromoters_client(shop: Shop, node: None) -> None:
    """200 alone is success to it; fifty sign-ups from one machine raise no case of a shared address, for its own is dropped."""
    del node
    click = clicked(shop)
    sale = {"uid": "bob", "event_id": "s1", "amount": 12_000, "currency": "EUR"}
    told = said(
        shop, "firstpromoter-node",
        ("post", ["track/signup", {"uid": "bob", "email": "bob@mail.example", "tid": click}]),
        ("post", ["track/sale", sale]),
        ("post", ["track/sale", sale]),
        ("post", ["track/refund", {"uid": "bob", "event_id": "r1", "sale_event_id": "s1", "amount": 6_000, "currency": "EUR"}]),
        ("post", ["track/sale", {"uid": "bob", "event_id": "s2", "amount": 12_000}]),
        ("get", ["promoters/list"]),
    )  # fmt: skip
    assert [it.get("type") for it in told[:4]] == ["signup", "sale", "sale", "refund"], told
    assert (told[4]["code"], told[5]["code"]) == ("missing_field", "not_served")
    many = [
        ("post", ["track/signup", {"uid": f"c{n}", "email": f"c{n}@mail.example", "ref_id": "ANN"}]) for n in range(50)
    ]
    assert all("failed" not in it for it in said(shop, "firstpromoter-node", *many))
    assert all("ip" in one.body for one in shop.wire.seen if one.path.endswith("signup"))
    rest(shop)
    assert len(rewards(shop)) == 1
    assert shop.get("/v1/cases")["items"] == []


#: A sign-up, and a sale, in the words of each client.
SPOKEN: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    **{
        name: (
            call(name, "track.lead", customerExternalId="bob", clickId="click-1", eventName="Sign up"),
            call(name, "track.sale", customerExternalId="bob", amount=12_000, currency="eur", invoiceId="in_1"),
        )
        for name in DUB
    },
    "growsurf-python": (
        ("campaign.participant.add", ["main"], {"email": "bob@mail.example"}),
        (
            "campaign.participant.record_transaction",
            ["bob@mail.example"],
            {"id": "main", "currency": "EUR", "gross_amount": 12_000, "external_id": "o1"},
        ),
    ),
    "firstpromoter-node": (
        ("post", ["track/signup", {"uid": "bob", "email": "bob@mail.example"}]),
        ("post", ["track/sale", {"uid": "bob", "event_id": "s1", "amount": 12_000, "currency": "EUR"}]),
    ),
}


@pytest.mark.parametrize("name", RIVALS)
def test_a_client_does_what_it_was_seen_to_do(shop: Shop, installed: None, name: str) -> None:  # noqa: ARG001 - they are there
    """What it sends and how; what it does where there is no room, where an answer is lost, and with a wrong key."""
    if name.endswith("node") and not shutil.which("node"):
        pytest.skip(f"node is not there: {name} was not run")
    signed_up, sold = SPOKEN[name]
    assert all("failed" not in it for it in said(shop, name, signed_up, sold))
    first, sale = shop.wire.seen
    shows = "`x-api-key: KEY`" if "x-api-key" in sale.headers else f"`{sale.headers['authorization'].split()[0]} KEY`"
    listed = lambda names: ", ".join(f"`{one}`" for one in names)  # noqa: E731
    found = {
        "sends": listed(f"{one.method} {one.path}" for one in (first, sale)),
        "key": shows,
        "media type": sale.headers.get("content-type", "none"),
        "a sign-up": listed(sorted(first.body)),
        "a sale": listed(sorted(sale.body)),
        "reads of a sale": listed(sorted(json.loads(sale.answer))),
    }
    for question, trouble in (("after 429 with Retry-After it", "busy"), ("after 500 it", "lose")):
        before = shop.wire.requests
        setattr(shop.wire, trouble, 1)
        [told] = said(shop, name, sold)
        tells = ", and it tells of a failure" if told and "failed" in told else ""
        found[question] = AGAIN[shop.wire.requests - before] + tells
    [told] = said(shop, name, sold, key="nobody")
    found["with a wrong key it"] = "tells of a failure" if "failed" in told else "tells of none"
    compare(name, found, f"{sale.status}, each call its own")
