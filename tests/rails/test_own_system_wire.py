"""The rail to a company's own system on its wire: what each answer means, who may be called, and what it is told."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from testkit import own_system as shops
from testkit.own_system import Said, Shop

from goodword.outbound.addresses import new_secret
from goodword.outbound.fetching import LARGEST, Fetcher
from goodword.outbound.rails import OWN_SYSTEM, Answer, Order, SilenceError, Ways, Where, make_rails

SECRET = new_secret()
ID = "pay_01"


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Yield a shop that knows our secret."""
    with shops.serving() as it:
        it.secrets.append(SECRET)
        yield it


def called(what: str, url: str, *, loopback: bool = True, secrets: tuple[str, ...] = (SECRET,)) -> Answer | None:
    """Send an order, or ask about it."""

    async def run() -> Answer | None:
        fetcher = Fetcher(loopback=loopback)
        rail = make_rails(Path("nowhere"), Ways(fetcher, fetcher, {}))[OWN_SYSTEM]
        where = Where("signed", url, secrets, int(time.time() * 1_000_000))
        told: dict[str, Any] = {"person": "per_1", "external_ids": ("ann",), "kind": "credit", "programs": ("shop",)}
        call: Callable[[Order], Awaitable[Answer | None]] = getattr(rail, what)
        try:
            return await call(Order(ID, 2_500, "EUR", {}, **told, to=where))
        finally:
            await fetcher.close()

    return asyncio.run(run())


def test_an_order_says_what_is_owed_to_whom_by_the_companys_own_name_and_nothing_of_the_person(shop: Shop) -> None:
    """The body holds ids, kind, unit, amount and programs; its id is the idempotency key; a library of others verifies it."""
    assert called("send", shop.url) == Answer("completed", f"b-{ID}")
    assert shop.booked == {
        ID: {
            "payout": ID,
            "person": "per_1",
            "external_ids": ["ann"],
            "kind": "credit",
            "unit": "EUR",
            "amount": 2_500,
            "programs": ["shop"],
        }
    }
    assert {shop.headers[0][name] for name in ("idempotency-key", "webhook-id")} == {ID}


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (Said(200, {"status": "completed", "reference": "b-1"}), Answer("completed", "b-1")),
        (Said(201, {"status": "completed"}), Answer("completed")),
        (Said(200, {"status": "completed", "reference": "Ann Example", "more": 1}), Answer("completed")),
        (Said(202, {"status": "sent"}), Answer("sent", again=900.0)),
        (Said(202, {"status": "sent"}, headers=(("retry-after", "60"),)), Answer("sent", again=60.0)),
        (Said(200, {"status": "failed", "reason": "no_account"}), Answer("failed", reason="no_account")),
        (Said(200, {"status": "failed", "reason": "Ann has none"}), Answer("failed", reason="failed")),
        (Said(400, {"reason": "no_account"}), Answer("failed", reason="no_account")),
        (Said(404), Answer("failed", reason="http_404")),
        (Said(410, b"gone"), Answer("failed", reason="http_410")),
        (Said(422, {"reason": 7}), Answer("failed", reason="http_422")),
        (Said(408), None),
        (Said(409), None),
        (Said(425), None),
        (Said(429), None),
        (Said(500), None),
        (Said(503, {"status": "completed"}), None),
        (Said(200, b""), None),
        (Said(200, b"<html>"), None),
        (Said(200, {"status": "done"}), None),
        (Said(200, {"status": "completed", "reference": 7}), None),
        (Said(200, b"[" * 100_000), None),
        (Said(200, b'{"status": "completed", "more": "' + b"x" * LARGEST + b'"}'), None),
        (Said(302, {"status": "completed"}, headers=(("location", "/elsewhere"),)), None),
        (Said(None), None),
    ],
)
def test_an_answer_to_an_order_means_one_thing(shop: Shop, said: Said, means: Answer | None) -> None:
    """Done, on its way, refused for good; of all else nobody knows what became, which is no answer."""
    shop.posts.append(said)
    if means is None:
        with pytest.raises(SilenceError):
            called("send", shop.url)
    else:
        assert called("send", shop.url) == means
    assert shop.told == [ID]


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (Said(200, {"status": "completed", "reference": "b-1"}), Answer("completed", "b-1")),
        (Said(200, {"status": "sent"}), Answer("sent", again=900.0)),
        (Said(200, {"status": "failed"}), Answer("failed", reason="failed")),
        (Said(200, {"status": "returned", "reason": "closed"}), Answer("returned", reason="closed")),
        (Said(404), "never heard of it"),
        (Said(400), None),
        (Said(403), None),
        (Said(410), None),
        (Said(500), None),
        (Said(200, {}), None),
        (Said(None), None),
    ],
)
def test_an_answer_to_a_question_means_one_thing(shop: Shop, said: Said, means: Answer | str | None) -> None:
    """Only 404 says that it never heard of an order; whoever refuses to answer has not answered."""
    shop.gets.append(said)
    if means is None:
        with pytest.raises(SilenceError):
            called("ask", shop.url)
    else:
        assert called("ask", shop.url) == (None if isinstance(means, str) else means)
    assert (shop.asked, shop.told) == ([ID], [])


def test_while_a_secret_is_exchanged_both_sign(shop: Shop) -> None:
    """Who has the old one alone verifies what both signed, and who has neither refuses it."""
    assert called("send", shop.url, secrets=(new_secret(), SECRET)) is not None
    refused = called("send", shop.url, secrets=(new_secret(),))
    assert refused == Answer("failed", reason="not_signed")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/book", "http://localhost:{port}/book", "http://[::1]:{port}/book"]
)
def test_nothing_inside_is_called(shop: Shop, url: str) -> None:
    """An address that leads inside by the time of the call is not called, and nothing is taken for delivered."""
    port = shop.url.rpartition(":")[2].partition("/")[0]
    for what in ("send", "ask"):
        with pytest.raises(SilenceError, match="inside"):
            called(what, url.format(port=port), loopback=False)
    assert shop.headers == []


def test_a_name_that_cannot_be_one_is_a_silence() -> None:
    """A label that is too long, or a host that nobody knows, breaks nothing."""
    for host in ("a" * 64 + ".example", "nobody.invalid"):
        with pytest.raises(SilenceError):
            called("send", f"https://{host}/")
