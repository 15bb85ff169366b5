"""What is bounded in the core is so on a real database: what is loaded suffices, and sums are as large as they are."""

import json
from typing import Any

import msgspec
from testkit.world import advocate, rules
from tests.app.conftest import House

from goodword.app.principal import OPERATOR
from goodword.app.proof.audit import verify
from goodword.app.see import ledger, reports
from goodword.app.write.cache import Cache
from goodword.app.write.process import process, quarantined
from goodword.core import events
from goodword.core.money import MAX_INTEGER
from goodword.core.state import Case, Chargeback, Conversion, Refund, Reward


def alike(house: House, n: int, minute: int = 0, **more: Any) -> Any:
    """Return an order of bob's of the same amount as all others, so many minutes later."""
    at = house.at + minute * 60_000_000
    said = {"person": "per_bob", "invoice": f"i{n}", "amount": 10_000, "currency": "EUR", **more}
    return house.event(events.ConversionRecorded, occurred_at=at, accepted_at=at, **said)


async def one_by_one(house: House, *said: Any) -> None:
    """Have each decided in a batch of its own, and nothing remembered from the one before."""
    for event in said:
        await house.accept(event)
        house.engine.cache = Cache()
        await house.decide()


async def test_who_is_paid_twice_is_found_by_what_is_loaded(house: House) -> None:
    """24: orders before any lead, a lead that has them decided again, and later ones: each within ten minutes of another is flagged."""
    await house.publish(rules(conversion={"counts": {"months": 12}}))
    await one_by_one(
        house,
        house.event(events.AdvocateEnrolled, person="per_ann", code="cod_ann"),
        alike(house, 0, 0),
        alike(house, 1, 2),
        house.event(events.LeadCreated, person="per_bob", code="cod_ann"),
        alike(house, 2, 11),
        alike(house, 3, 40, code="cod_ann"),
        alike(house, 4, 60, visitor="vis_1"),
        alike(house, 5, 61),
    )
    flagged = [case.subject for case in await house.every(Case) if case.kind == "flags"]
    assert sorted(flagged) == ["inv:i0", "inv:i1", "inv:i2", "inv:i5"]
    assert len({reward.conversion for reward in await house.every(Reward)}) == 6
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_refunds_and_chargebacks_count_by_what_is_loaded(house: House) -> None:
    """24: before their order in a batch of their own or in that of the order, and behind it."""
    back = {"invoice": "i0", "amount": 1_000}
    bob = [house.event(events.AdvocateEnrolled, person="per_ann", code="cod_ann"), alike(house, 0, code="cod_ann")]
    await one_by_one(
        house,
        house.event(events.ConversionRefunded, refund="a", **back),
        house.event(events.ChargebackOpened, invoice="i0", chargeback="c"),
    )
    await house.accept(house.event(events.ConversionRefunded, refund="b", **back), *bob)
    await house.decide()
    await one_by_one(
        house,
        house.event(events.ConversionRefunded, refund="b", **back),
        house.event(events.ConversionRefunded, refund="c", **back),
        house.event(events.ChargebackClosed, invoice="i0", chargeback="c", outcome="lost"),
    )
    [order] = await house.every(Conversion)
    assert (order.back.amount, order.net) == (10_000, 0)
    found = {refund.id: (refund.status, refund.amount) for refund in await house.every(Refund)}
    assert found == dict.fromkeys("abc", ("applied", 1000)) | {"chargeback:c": ("applied", 7_000)}
    assert [(one.status, one.refund) for one in await house.every(Chargeback)] == [("lost", "chargeback:c")]
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_sums_are_exact_beyond_what_a_bigint_holds(house: House) -> None:
    """31h: 1,025 rewards of 2^53-1 are decided and none is set aside; books, figures and reports are exact, and their JSON is read."""
    months = {"counts": {"months": 12}}
    await house.publish(rules(conversion=months, rewards=[advocate(percent="100")]))
    await house.accept(
        house.event(events.AdvocateEnrolled, person="per_ann", code="cod_ann"),
        house.event(events.LeadCreated, person="per_bob", code="cod_ann"),
        *(alike(house, n, amount=MAX_INTEGER) for n in range(1_025)),
    )
    while await process(house.engine, house.ws):
        pass
    assert await quarantined(house.pool, house.ws) == []
    total = 1_025 * MAX_INTEGER
    assert total > 2**63
    who = OPERATOR.at(house.workspace)
    books = await ledger.trial_balance(who, house.directory)
    assert books.balanced
    assert sorted(books.lines) == [("EUR", "accrued", total), ("EUR", "expense", -total)]
    page = await ledger.balances(who, house.directory)
    assert {balance["amount"] for balance in json.loads(msgspec.json.encode(page))["items"]} == {total, -total}
    await house.follow()
    overview = json.loads(msgspec.json.encode(await reports.overview(who, house.directory)))
    assert str(total) in json.dumps(overview)
    assert (await verify(house.pool, house.ws)).differences == ()
