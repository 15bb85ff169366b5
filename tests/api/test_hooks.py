"""Stripe's and Shopify's endpoints over real HTTP: who signed is known, what waits is joined, and one story comes to the same money."""

import asyncio
import itertools
import json
import os
import random
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit import sent, shopify, stripe
from testkit.stripe import AT, SECRET, VERSIONS, Story, signed
from tests.api.conftest import Api, Command

from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import create
from goodword.sources.base import SIGNATURE_CODES

#: In which each version of the story is told: its own, backwards, and others.
ORDERS = 22 if os.environ.get("FULL") else 5
OTHER = "whsec_" + "Z9y8" * 8


def hold(api: Api, secret: str = SECRET) -> dict[str, Any]:
    """Let the owner hold a secret of Stripe's."""
    return dict(api.say("owner", "/v1/hooks", {"source": "stripe", "secret": secret}))


def post(api: Api, said: Any, *secrets: str, header: str | None = None, ws: str | None = None) -> httpx.Response:
    """Send an event as Stripe does."""
    body = stripe.body(said)
    given = signed(body, int(time.time()), *(secrets or (SECRET,))) if header is None else header
    headers = {"stripe-signature": given, "content-type": "application/json; charset=utf-8"}
    return api.http.post(f"/hooks/stripe/{ws or api.ws}", content=body, headers=headers)


def tell(api: Api, *events: Any) -> list[str]:
    """Let Stripe tell events, each of which is taken; returns what became of them."""
    statuses = []
    for said in events:
        answer = post(api, said)
        assert (answer.status_code, answer.json()["received"]) == (200, True), answer.text
        statuses += [one["status"] for one in answer.json()["events"]]
    return statuses


def decided(api: Api) -> None:
    api.until(lambda: not api.get("/v1/reports/progress")["waiting"])


def stored(api: Api) -> list[tuple[str, str]]:
    return [(str(id_), str(kind)) for id_, kind in api.rows(
        "select id, type from event where workspace_id = $1 and source = 'stripe' order by evt"
    )]  # fmt: skip


def noted(api: Api) -> dict[str, int]:
    return {code: int(n) for code, n in api.rows(
        "select code, sum(count) from rejection where workspace_id = $1 and source = 'stripe' group by code"
    )}  # fmt: skip


def test_what_is_signed_is_taken_and_a_repeat_is_none_more(api: Api) -> None:
    """The endpoint is where it was said to be; the same delivery, and another one of the same object, are repeats."""
    made = hold(api)
    assert made["url"] == f"{api.url}/hooks/stripe/{api.ws}"
    story = Story(1, VERSIONS[-1])
    paid = story.event("paid", "invoice.paid", story.invoice())
    assert post(api, paid).json() == {"received": True, "events": [{"id": "in_1.paid", "status": "accepted"}]}
    assert tell(api, paid) == ["repeat"]
    assert tell(api, story.event("succeeded", "invoice.payment_succeeded", story.invoice())) == ["repeat"]
    assert stored(api) == [("in_1.paid", "conversion.recorded")]
    [key] = [one for one in api.get("/v1/keys")["items"] if one["kind"] == "hs"]
    assert (key["id"], key["source"]) == (made["id"], "stripe")


def test_what_is_not_signed_is_refused_and_staff_see_why(api: Api) -> None:
    """Forged, changed, stale, without a signature, before a secret is held: 401 with the reason, which stands among the refused."""
    said = Story(1, VERSIONS[-1]).customer
    body, now = stripe.body(said), int(time.time())
    assert post(api, said).json()["code"] == "secret_missing"
    hold(api)
    api.until(
        lambda: post(api, said, header="").json()["code"] == "signature_missing"
    )  # secrets are remembered for seconds
    for header, code in (
        (signed(body, now, OTHER), "signature_wrong"),
        (signed(body + b" ", now, SECRET), "signature_wrong"),
        (signed(body, now - 301, SECRET), "signature_stale"),
        (signed(body, now + 360, SECRET), "signature_stale"),
        ("v1=abc", "signature_malformed"),
        ("", "signature_missing"),
    ):
        for _ in range(3):
            answer = post(api, said, header=header)
            assert (answer.status_code, answer.json()["code"]) == (401, code)
            assert answer.json()["detail"] == SIGNATURE_CODES[code]
    assert post(api, said, ws="wsp_none").json()["code"] == "connection_unknown"
    assert post(api, said, ws="%00").json()["code"] == "connection_unknown"
    assert stored(api) == []
    codes = {"secret_missing", "signature_wrong", "signature_stale", "signature_malformed", "signature_missing"}
    api.until(lambda: noted(api).keys() == codes)
    assert set(noted(api).values()) == {1}, "a flood of what is wrong would push out what is worth reading"


def test_while_a_secret_rotates_both_count_and_an_ended_one_no_more(api: Api) -> None:
    """Of two held secrets each is enough, and a delivery that is signed with both; the old one stops within seconds of its end."""
    old, _ = hold(api), hold(api, OTHER)
    said = Story(1, VERSIONS[-1]).customer
    for secrets in ((SECRET,), (OTHER,), (OTHER, SECRET), ("whsec_unknown", OTHER)):
        assert post(api, said, *secrets).status_code == 200
    assert api.call("owner", "DELETE", f"/v1/keys/{old['id']}").status_code == 204
    api.until(lambda: post(api, said).status_code == 401)
    assert post(api, said, OTHER).status_code == 200


def test_a_secret_is_held_once_and_by_an_owner(api: Api) -> None:
    """It opens nothing as a key, is exchanged by nobody here, and neither a server's key nor what is none of Stripe's gets in."""
    hold(api)
    body = {"source": "stripe", "secret": SECRET}
    assert api.refused("owner", "/v1/hooks", body) == (409, "secret_held")
    assert api.refused("sk", "/v1/hooks", {**body, "secret": OTHER})[0] == 403
    assert api.refused("owner", "/v1/hooks", {**body, "secret": "sk_live_" + "a" * 30})[0] == 422
    assert api.refused("owner", "/v1/hooks", {"source": "segment", "secret": OTHER})[0] == 422
    assert api.call(SECRET, "GET", "/v1/keys").status_code == 401
    [sealed] = api.rows("select sealed from api_key where workspace_id = $1 and kind = 'hs'")
    assert SECRET.encode() not in sealed[0]


def test_a_refund_waits_for_its_invoice(api: Api, goodword: Command) -> None:
    """It names a payment alone: it is held, and counted once when it is said which invoice that paid; verified with the rest."""
    hold(api)
    story = Story(1, VERSIONS[-1])
    back = story.event("re1", "refund.created", story.refund(1, 3_000))
    payment = {"type": "payment_intent", "payment_intent": "pi_1"}
    joined = story.event(
        "joined", "invoice_payment.paid", {"object": "invoice_payment", "invoice": "in_1", "payment": payment}
    )
    assert tell(api, back, back) == ["held", "held"]
    assert tell(api, story.event("paid", "invoice.paid", story.invoice())) == ["accepted"]
    waits = goodword("doctor").stdout
    assert "1 event of stripe" in waits
    assert tell(api, joined, back) == ["repeat"]
    assert stored(api) == [("in_1.paid", "conversion.recorded"), ("re_1_1", "conversion.refunded")]
    assert api.rows("select count(*) from held where workspace_id = $1") == [(0,)]
    assert tell(api, story.event("re2", "refund.created", story.refund(2, 2_000))) == ["accepted"]
    decided(api)
    assert goodword("verify").returncode == 0


def test_what_waits_is_found_by_who_comes_at_the_same_instant(api: Api) -> None:
    """Refunds and what joins them, sent at once, many times: none is left behind, none counted twice."""
    hold(api)
    stories = [Story(n, VERSIONS[-1]) for n in range(40)]
    headers = {"content-type": "application/json"}

    async def all_at_once() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=api.url, timeout=60) as client:

            async def one(said: Any) -> httpx.Response:
                body = stripe.body(said)
                given = {**headers, "stripe-signature": signed(body, int(time.time()), SECRET)}
                return await client.post(f"/hooks/stripe/{api.ws}", content=body, headers=given)

            said = [s.event("re1", "refund.created", s.refund(1, 3_000)) for s in stories]
            said += [s.event("j", "invoice_payment.paid", {
                "object": "invoice_payment", "invoice": s.id("in"),
                "payment": {"type": "payment_intent", "payment_intent": s.id("pi")},
            }) for s in stories]  # fmt: skip
            random.Random(3).shuffle(said)  # noqa: S311 - an order, no secret
            return await asyncio.gather(*map(one, said))

    assert {answer.status_code for answer in asyncio.run(all_at_once())} == {200}
    assert api.rows("select count(*) from held where workspace_id = $1") == [(0,)]
    assert sorted(stored(api)) == sorted((f"re_{n}_1", "conversion.refunded") for n in range(40))


def test_what_is_signed_and_no_event_stands_among_the_refused(api: Api) -> None:
    """It is them, so staff see what was wrong."""
    hold(api)
    assert post(api, []).json()["code"] == "not_events"
    api.until(lambda: noted(api) == {"not_events": 1})
    assert stored(api) == []


def test_in_a_live_workspace_nothing_of_a_test_counts(api: Api) -> None:
    """What is of Stripe's test mode is refused there and kept among the refused; what is live is taken."""
    made = api.run(create(OPERATOR, api.goodword.directory, "live", "olga@live.example", mode="live"))
    live = Api(api.goodword, api.url, made)
    live.http.close()
    live.http, live.loop = api.http, api.loop
    hold(live)
    story = Story(1, VERSIONS[-1])
    [said] = post(live, story.customer).json()["events"]
    assert said["code"] == "test_mode"
    assert tell(live, Story(1, VERSIONS[-1], live=True).customer) == ["accepted", "accepted"]
    live.until(lambda: noted(live) == {"test_mode": 1})


def money(api: Api, invoice: str) -> Any:
    """Return what everybody has by a purchase: who, how much, how it stands; and how the invoice does."""
    of = f"workspace_id = $1 and conversion = 'inv:{invoice}'"
    rewards = api.rows(f"select side, amount, status from reward where {of} order by side")
    return rewards, api.rows(
        f"select amount, tax, shipping, back from conversion where workspace_id = $1 and id = 'inv:{invoice}'"
    )


def natively(n: int) -> list[dict[str, Any]]:
    """Return the story as a server of the shop's own tells it."""
    at = ["2026-03-03T09:00:00Z", "2026-03-03T09:01:00Z", "2026-03-03T09:08:20Z", "2026-03-03T09:15:00Z"]
    return [
        sent.lead(f"lead-{n}", f"cus_{n}", link_code="ANN", occurred_at=at[0], customer_email=f"bob{n}@mail.example"),
        sent.purchase(
            f"order-{n}", f"cus_{n}", f"in_{n}", 11_900, tax=1_900, shipping=1_000, discount=1_000, occurred_at=at[1],
            lines=[{"id": "l1", "product": "prod_shoes", "amount": 9_000, "quantity": 2}],
        ),
        sent.refund(f"re1-{n}", f"in_{n}", f"re_{n}_1", 3_000, currency="EUR", occurred_at=at[1]),
        sent.refund(f"re2-{n}", f"in_{n}", f"re_{n}_2", 2_000, currency="EUR", occurred_at=at[2]),
        {**sent.chargeback(f"dp-{n}", f"in_{n}", f"dp_{n}"), "amount": 2_500, "currency": "EUR", "occurred_at": at[2]},
        {**sent.chargeback(f"dpl-{n}", f"in_{n}", f"dp_{n}", "lost"), "occurred_at": at[3]},
    ]  # fmt: skip


def begin(api: Api) -> Any:
    """Let Ann recommend, and return what the story comes to when it is told natively."""
    api.send(sent.enrolled("ann-1", "ann", "ANN"))
    api.move("2026-03-04T00:00:00Z")
    api.send(*natively(0))
    expected = money(api, "in_0")
    assert [row[:2] for row in expected[0]] == [("advocate", 150), ("friend", 500)], expected
    return expected


def in_order(seed: int, told: list[Any]) -> list[Any]:
    """Return what is told in its order, backwards, or in another one."""
    if seed > 1:
        random.Random(seed).shuffle(told)  # noqa: S311 - an order, no secret
    return told[::-1] if seed == 1 else told


def test_a_purchase_comes_to_the_same_money_in_every_version_and_order(api: Api, goodword: Command) -> None:
    """Tax and shipping, two refunds, a dispute that is lost: the rewards and the invoice are those of the story told natively.

    Stripe tells it in four versions, in its order, backwards and in others.
    """
    hold(api)
    expected = begin(api)
    for n, (version, seed) in enumerate(itertools.product(VERSIONS, range(ORDERS)), 1):
        events = in_order(seed, Story(n, version).told())
        assert {"invalid", "conflict"}.isdisjoint(tell(api, *events))
        decided(api)
        assert money(api, f"in_{n}") == expected, (version, seed, [one["id"] for one in events])
    assert api.rows("select count(*) from held where workspace_id = $1") == [(0,)]
    done = goodword("verify")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("seed", range(6))
def test_whom_the_company_calls_otherwise_than_stripe_is_one_person(api: Api, seed: int) -> None:
    """A session names the company's own customer and the code, the invoice Stripe's, the customer both: one reward, in any order."""
    hold(api)
    api.send(sent.enrolled("ann-1", "ann", "ANN"))
    api.move("2026-03-04T00:00:00Z")
    story = Story(1, VERSIONS[-1])
    session = {
        "id": "cs_1", "object": "checkout.session", "created": AT, "mode": "subscription", "payment_status": "paid",
        "customer": "cus_1", "invoice": "in_1", "metadata": {"gw_customer": "user-42", "gw_code": "ANN"},
    }  # fmt: skip
    customer = {"id": "cus_1", "object": "customer", "created": AT + 50, "metadata": {"gw_customer": "user-42"}}
    told = [
        story.event("session", "checkout.session.completed", session, AT + 61),
        story.event("known", "customer.updated", customer, AT + 55),
        story.event("paid", "invoice.paid", story.invoice(), AT + 60),
    ]
    orders = list(itertools.permutations(told))
    tell(api, *orders[seed])
    decided(api)
    assert [row[:2] for row in money(api, "in_1")[0]] == [("advocate", 900), ("friend", 500)]
    assert api.person("user-42")


def test_the_same_purchase_at_shopify_comes_to_the_same_money(api: Api) -> None:
    """In its order, backwards and in others, in both families of headers; what is not signed is refused."""
    made = api.say("owner", "/v1/hooks", {"source": "shopify", "secret": shopify.SECRET})
    path = made["url"].removeprefix(api.url)
    expected = begin(api)
    for n in range(1, ORDERS + 1):
        story = shopify.Story(n)
        for said in in_order(n - 1, story.told()):
            body = shopify.body(said)
            headers = shopify.headers(body, said.topic, family="shopify" if n % 2 else "x-shopify")
            answer = api.http.post(path, content=body, headers=headers)
            assert answer.status_code == 200
            assert {one["status"] for one in answer.json()["events"]} <= {"accepted", "repeat"}, answer.text
        decided(api)
        assert money(api, str(story.id)) == expected, n
    forged = shopify.headers(b"{}", "orders/paid", secret="shpss_" + "9z8y" * 8)
    assert api.http.post(path, content=b"{}", headers=forged).json()["code"] == "signature_wrong"


def by_segment(n: int) -> list[dict[str, Any]]:
    """Return the story as a client of Segment's tells it: amounts as floats, what goes back by its total."""
    said: list[tuple[str, str, str, dict[str, Any]]] = [
        ("lead", "Signed Up", "09:00:00", {"gw_code": "ANN", "email": f"bob{n}@mail.example"}),
        ("order", "Order Completed", "09:01:00", {
            "order_id": f"in_{n}", "total": 119.0, "tax": 19.0, "shipping": 10.0, "discount": 10, "currency": "EUR",
            "products": [{"product_id": "prod_shoes", "price": 45.0, "quantity": 2}],
        }),
        ("re1", "Order Refunded", "09:01:00", {"order_id": f"in_{n}", "refund_id": f"re_{n}_1", "total": 30.0, "currency": "EUR"}),
        ("re2", "Order Refunded", "09:08:20", {"order_id": f"in_{n}", "refund_id": f"re_{n}_2", "total": 20, "currency": "EUR"}),
    ]  # fmt: skip
    return [
        {
            "type": "track", "event": event, "messageId": f"{id_}-{n}", "userId": f"cus_{n}",
            "timestamp": f"2026-03-03T{at}Z", "properties": properties,
        }
        for id_, event, at, properties in said
    ]  # fmt: skip


def in_files(n: int, at: Path) -> list[tuple[str, Path]]:
    """Return the story as three files of a shop tell it, under the names of ours; their kinds and where they are."""
    said = {
        "leads": "customer_external_id,link_code,customer_email,occurred_at\n"
        f"cus_{n},ANN,bob{n}@mail.example,2026-03-03T09:00:00Z\n",
        "orders": "customer_external_id,invoice_id,amount,tax,shipping,discount,currency,occurred_at\n"
        f"cus_{n},in_{n},11900,1900,1000,1000,EUR,2026-03-03T09:01:00Z\n",
        "refunds": "invoice_id,refund_id,amount,currency,occurred_at\n"
        f"in_{n},re_{n}_1,3000,EUR,2026-03-03T09:01:00Z\nin_{n},re_{n}_2,2000,EUR,2026-03-03T09:08:20Z\n",
    }
    for kind, text in said.items():
        (at / f"{kind}.csv").write_text(text)
    return [(kind, at / f"{kind}.csv") for kind in said]


def test_the_same_purchase_by_segment_and_by_files_comes_to_the_same_money(
    api: Api, goodword: Command, tmp_path: Path
) -> None:
    """Purchase and refunds by each; of a bank's dispute neither knows anything, so that is told natively."""
    expected = begin(api)
    batch = {"batch": by_segment(1), "writeKey": api.keys["wk"]}
    assert api.http.post("/v1/batch", json=batch).json() == {"success": True}
    for kind, file in in_files(2, tmp_path):
        done = goodword("import", kind, str(file))
        assert done.returncode == 0, done.stdout + done.stderr
    for n in (1, 2):
        api.send(*natively(n)[4:])
        decided(api)
        assert money(api, f"in_{n}") == expected, n
    assert api.rows("select count(*) from rejection where workspace_id = $1") == [(0,)]
    assert {source for (source,) in api.rows("select distinct source from event where workspace_id = $1")} > {"segment"}


def test_the_command_holds_a_secret_and_says_where_to_send(api: Api, goodword: Command) -> None:
    """Read from the standard input, so that it stands in no list of processes; listed by its source, ended by its id."""
    done = goodword("keys", "hook", "stripe", "--json", "--workspace", api.ws, typed=SECRET + "\n")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["url"].endswith(f"/hooks/stripe/{api.ws}")
    assert tell(api, Story(1, VERSIONS[-1]).customer) == ["accepted", "accepted"]
    assert "signatures" in goodword("keys", "list", "--workspace", api.ws).stdout
    assert goodword("keys", "revoke", made["id"], "--workspace", api.ws).returncode == 0
    assert "held already" in goodword("keys", "hook", "stripe", "--workspace", api.ws, typed=SECRET + "\n").stderr
