"""Stripe's thin events over real HTTP: taken at once, their objects fetched by the worker from what speaks Stripe's protocol."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testkit import stripe, stripe_api
from testkit.process import in_a_thread
from testkit.stripe import VERSIONS, Story
from testkit.stripe_api import StripeApi
from tests.api.conftest import RULES, Api, Command, installed
from tests.api.test_hooks import begin, decided, hold, money, noted, post, stored, tell


@pytest.fixture
def vendor() -> Iterator[StripeApi]:
    """Yield what stands for Stripe."""
    with stripe_api.serving() as it:
        yield it


@pytest.fixture
def api(database: str, tmp_path: Path, vendor: StripeApi) -> Iterator[Api]:
    """Yield an installation that asks it, with a published program."""
    with in_a_thread(installed(database, tmp_path, GOODWORD_STRIPE_URL=vendor.url)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": RULES})
        yield it


def held(api: Api) -> dict[str, int]:
    """What waits of Stripe, by its reason, as the self-check has it."""
    return {one["code"]: one["count"] for one in api.get("/v1/sources/stripe")["held"]}


def send(api: Api, vendor: StripeApi, *events: Any) -> list[str]:
    """Let Stripe tell events as thin ones, after which their objects are as they tell."""
    for said in events:
        vendor.keep(said["data"]["object"])
    return tell(api, *map(stripe.thin, events))


def test_a_purchase_told_by_thin_events_comes_to_the_same_money(api: Api, vendor: StripeApi, goodword: Command) -> None:
    """As told natively, though an account tells all by snapshots too; told again it is a repeat, and the log verifies."""
    hold(api)
    hold(api, stripe_api.KEY)
    expected = begin(api)
    told = Story(1, VERSIONS[-1]).told()
    for said in told:  # each once the one before is read: an object is fetched as it is, and these change
        assert send(api, vendor, said) == ["held"]
        api.until(lambda: held(api).keys() <= {"no_invoice"})
        assert "conflict" not in tell(api, said)
    decided(api)
    assert money(api, "in_1") == expected
    assert {one.version for one in vendor.asked} == {"2026-10-28.endive"}
    assert {one.trigger for one in vendor.asked} == {f"event={said['id']}_thin" for said in told}
    known = stored(api)
    assert send(api, vendor, told[0], told[3]) == ["held", "held"]
    api.until(lambda: held(api) == {})
    assert stored(api) == known
    assert noted(api) == {}
    done = goodword("verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_key_it_is_kept_and_said_what_to_give(api: Api, vendor: StripeApi, goodword: Command) -> None:
    """200, and nothing is asked for; once a restricted key is given, at once. Only a restricted one is taken, and shown by nobody."""
    hold(api)
    customer = Story(1, VERSIONS[-1]).customer
    assert send(api, vendor, customer, customer) == ["held", "held"]
    api.until(lambda: held(api) == {"no_key": 1})
    assert "give one" in goodword("sources", "stripe").stdout
    assert vendor.asked == []
    assert api.refused("owner", "/v1/hooks", {"source": "stripe", "secret": "sk_test_" + "a1B2" * 8})[0] == 422
    done = goodword("keys", "hook", "stripe", "--workspace", api.ws, typed=stripe_api.KEY + "\n")
    assert done.returncode == 0, done.stderr
    assert stripe_api.KEY not in done.stdout + done.stderr
    api.until(lambda: held(api) == {})
    assert [kind for _, kind in stored(api)] == ["lead.created", "customer.updated"]
    assert api.call(stripe_api.KEY, "GET", "/v1/keys").status_code == 401
    [sealed] = api.rows("select sealed from api_key where workspace_id = $1 and kind = 'rk'")
    assert stripe_api.KEY.encode() not in sealed[0]


def test_what_is_not_fetched_is_held_with_its_reason_and_tried_again(api: Api, vendor: StripeApi) -> None:
    """A key that may not, an object that nobody knows, a busy or silent Stripe, an answer that leads elsewhere or is something else."""
    hold(api)
    hold(api, stripe_api.KEY)
    customer = Story(1, VERSIONS[-1]).customer
    vendor.keys.clear()
    assert send(api, vendor, customer) == ["held"]
    api.until(lambda: held(api) == {"key_refused": 1})
    vendor.keys.add(stripe_api.KEY)
    kept = dict(vendor.objects)
    vendor.objects.clear()
    api.due("source.fetch")
    api.until(lambda: held(api) == {"unknown_object": 1})
    vendor.objects |= {path: {**object_, "id": "cus_other"} for path, object_ in kept.items()}
    api.due("source.fetch")
    api.until(lambda: held(api) == {"not_readable": 1})
    vendor.objects |= kept
    for status in (429, 500, 302):
        vendor.next = [status]
        api.due("source.fetch")
        api.until(lambda: not vendor.next and held(api) == {"away": 1})
    assert stored(api) == []
    api.due("source.fetch")
    api.until(lambda: held(api) == {})
    assert len(stored(api)) == 2
    assert {one.path for one in vendor.asked} == {"/v1/customers/cus_1"}


def test_what_was_given_up_is_asked_for_when_a_key_is_given(api: Api, vendor: StripeApi) -> None:
    """It stays with its reason, however long nobody looks."""
    hold(api)
    send(api, vendor, Story(1, VERSIONS[-1]).customer)
    api.until(lambda: held(api) == {"no_key": 1})
    api.run(api.goodword.pool.execute("update job set dead = true, done_at = 1 where kind = 'source.fetch'"))
    assert held(api) == {"no_key": 1}
    hold(api, stripe_api.KEY)
    api.until(lambda: held(api) == {})
    assert len(stored(api)) == 2


def test_what_is_fetched_and_cannot_be_read_stands_among_the_refused(api: Api, vendor: StripeApi) -> None:
    """With the field that was wrong, like what came whole."""
    hold(api)
    hold(api, stripe_api.KEY)
    story = Story(1, VERSIONS[-1])
    paid = story.event("paid", "invoice.paid", story.invoice() | {"currency": "euro"})
    assert send(api, vendor, paid) == ["held"]
    api.until(lambda: noted(api) == {"unknown_currency": 1})
    assert held(api) == {}


def test_in_a_live_workspace_a_thin_event_of_a_test_is_refused_unasked(api: Api, vendor: StripeApi) -> None:
    """As a snapshot is; and one of another account's."""
    hold(api)
    thin = stripe.thin(Story(1, VERSIONS[-1]).customer)
    [said] = post(api, {**thin, "context": "acct_7"}).json()["events"]
    assert said["code"] == "other_account"
    assert held(api) == {}
    assert vendor.asked == []
