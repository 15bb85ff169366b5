"""Orders that are told otherwise, on the real database: what is loaded is what deciding them looks at, also in one batch."""

import msgspec
import pytest
from testkit import sent
from testkit.house import SENDERS
from testkit.world import rules
from tests.app.conftest import House

from goodword.app.intake.ingest import Ingest
from goodword.app.proof.audit import verify
from goodword.app.write.process import drain, quarantined
from goodword.core.events import OrderAmended
from goodword.core.state import Case, Conversion, Reward
from goodword.sources import native_read


async def decided(house: House, *events: sent.Event, together: bool) -> dict[str, tuple[int | None, str]]:
    """Send events, in one batch or each by itself; returns amount and status of what ann earned, by conversion's first invoice."""
    ingest = Ingest(house.engine, house.vault)
    for group in [events] if together else [(event,) for event in events]:
        for answer in await ingest.accept(house.workspace, SENDERS["sk"], native_read.read(msgspec.json.encode(group))):
            assert answer.status == "accepted", answer
        await drain(house.engine, house.ws)
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []
    rewards = [reward for reward in await house.every(Reward) if reward.side == "advocate"]
    return {reward.conversion: (reward.amount, reward.status) for reward in rewards}


@pytest.mark.parametrize("together", [True, False])
async def test_an_order_is_amended_refunded_and_disputed(house: House, together: bool) -> None:
    """B04, B10: amendments, refunds, their return and disputes of one invoice, one by one and all in a batch, come to the same."""
    earned = await decided(
        house,
        sent.enrolled("e1", "ann", "ANN-1"),
        sent.purchase("o1", "bob", "b1", 10_000, code="ANN-1"),
        sent.refund("r1", "b1", "r1", 4_000),
        {
            "type": "conversion.amended",
            "id": "a1",
            "invoice_id": "b1",
            "amendment_id": "a1",
            "amount": 12_000,
            "currency": "EUR",
        },
        sent.chargeback("c1", "b1", "cb1"),
        sent.chargeback("c2", "b1", "cb1", "lost"),
        sent.chargeback("c3", "b1", "cb1", "kept"),
        {"type": "refund.returned", "id": "t1", "invoice_id": "b1", "refund_id": "r1", "amount": 1_000},
        together=together,
    )
    (order,) = [each for each in await house.every(Conversion) if each.id == "inv:b1"]
    assert (order.amount, order.back.amount, order.net) == (12_000, 3_000, 9_000)
    assert earned["inv:b1"][0] == 900


@pytest.mark.parametrize("together", [True, False])
async def test_a_contract_without_invoice_is_taken_back_by_the_event_that_said_it(
    house: House,
    together: bool,
) -> None:
    """First-hour 19: ``event_id`` names the event of the same source; one that was never sent is refused, and changes nothing."""
    contract = {"type": "conversion.recorded", "id": "contract", "customer_external_id": "bob", "code": "ANN-1"}
    await decided(
        house,
        sent.enrolled("e1", "ann", "ANN-1"),
        contract,
        {"type": "conversion.canceled", "id": "x0", "event_id": "never"},
        {"type": "conversion.canceled", "id": "x1", "event_id": "contract"},
        together=together,
    )
    assert [(each.side, each.gross, each.amount) for each in await house.every(Reward)] == [("friend", 500, 0)]
    assert [each.status for each in await house.every(Conversion)] == ["canceled"]


@pytest.mark.parametrize("together", [True, False])
async def test_an_order_is_amended_whose_customer_turned_out_to_be_its_advocate(house: House, together: bool) -> None:
    """Whoever is bound by now, what the order earned is looked at as theirs to whom it belonged, and stays taken back."""
    earned = await decided(
        house,
        sent.enrolled("e1", "ann", "ANN-1"),
        sent.purchase("o1", "bob", "b1", 10_000, code="ANN-1"),
        {"type": "person.merged", "id": "m1", "keep_external_id": "ann", "gone_external_id": "bob"},
        {
            "type": "conversion.amended",
            "id": "a1",
            "invoice_id": "b1",
            "amendment_id": "a1",
            "amount": 12_000,
            "currency": "EUR",
        },
        together=together,
    )
    assert earned["inv:b1"][0] == 0


@pytest.mark.parametrize("together", [True, False])
async def test_an_order_is_taken_back_before_it_is_told(house: House, together: bool) -> None:
    """It takes its place, and earns nothing, whatever comes back of it; of a bank's decisions the last counts, whenever told."""
    lost = sent.chargeback("c2", "b2", "cb1", "lost") | {"occurred_at": "2020-02-02T00:00:00Z"}
    earned = await decided(
        house,
        sent.enrolled("e1", "ann", "ANN-1"),
        sent.refund("r1", "b1", "r1", 4_000),
        {"type": "conversion.canceled", "id": "x1", "invoice_id": "b1"},
        sent.purchase("o1", "bob", "b1", 10_000, code="ANN-1"),
        {"type": "refund.returned", "id": "t1", "invoice_id": "b1", "refund_id": "r1"},
        sent.purchase("o2", "bea", "b2", 10_000, code="ANN-1"),
        sent.chargeback("c1", "b2", "cb1", "kept"),
        lost,
        together=together,
    )
    assert {key: amount for key, (amount, _) in earned.items()} == {"inv:b1": 0, "inv:b2": 1_000}
    assert {each.id: each.status for each in await house.every(Conversion)} == {"inv:b1": "canceled", "inv:b2": "paid"}


@pytest.mark.parametrize("together", [True, False])
async def test_what_was_before_the_lead_is_told_after_it(house: House, together: bool) -> None:
    """An older order, or what the company knows: the orders that these concern are loaded, and looked at."""
    earned = await decided(
        house,
        sent.enrolled("e1", "ann", "ANN-1") | {"occurred_at": "2019-01-01T00:00:00Z"},
        sent.lead("l1", "bob", code="ANN-1"),
        sent.purchase("o1", "bob", "b1", 10_000),
        sent.purchase("o0", "bob", "b0", 10_000) | {"occurred_at": "2020-01-01T00:00:00Z"},
        sent.lead("l2", "bea", code="ANN-1"),
        sent.purchase("o2", "bea", "b2", 10_000),
        {"type": "customer.known", "id": "k1", "customer_external_id": "bea", "since": "2020-01-01T00:00:00Z"},
        together=together,
    )
    assert {key: amount for key, (amount, _) in earned.items()} == {"inv:b1": 1_000, "inv:b2": 1_000}
    assert [[flag.code for flag in case.flags] for case in await house.every(Case)] == [["existing_customer"]] * 2


@pytest.mark.parametrize("before", [10_000, 4_000])
async def test_a_member_amends_an_order_by_hand(house: House, before: int) -> None:
    """B04: what is loaded is what deciding it looks at, whether the order earned something before or only does now."""
    await house.publish(rules(hold="0d", conversion={"minimum": {"EUR": 5_000}}))
    await decided(
        house,
        sent.enrolled("e1", "ann", "ANN-1"),
        sent.purchase("o1", "bob", "b1", before, code="ANN-1"),
        sent.refund("r1", "b1", "r1", 1_000),
        together=False,
    )
    (order,) = await house.every(Conversion)
    await house.say(OrderAmended, conversion=order.id, amount=12_000, currency="EUR", reason="goodwill")
    rewards = [reward for reward in await house.every(Reward) if reward.side == "advocate"]
    assert [(reward.amount, [act.act for act in reward.acts]) for reward in rewards] == [
        (1_100, ["conversion.amended"])
    ]
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []
