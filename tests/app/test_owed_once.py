"""Untidy lives that cross, on the real database: what is loaded is what deciding looks at, and all is as the log says."""

import pytest
from tests.app.conftest import DAY, SERVER, House

from goodword.app.proof.audit import verify
from goodword.app.write.cache import Cache
from goodword.app.write.process import quarantined
from goodword.core import events, lists
from goodword.core.facts import Actor
from goodword.core.state import Conversion, Payout, Program, Reward


async def sound(house: House) -> None:
    """Nothing was set aside, and all is as the log says."""
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []


async def drafted_for_ann(house: House) -> Payout:
    """What ann earned by bob's order is approved and lies in a draft."""
    await house.accept(*house.story())
    house.at += 31 * DAY
    await house.send(events.CustomerKnown, person="per_x", since=house.at)
    await house.say(events.PayeeSet, SERVER, person="per_ann", rail="bank_file", destination="d1")
    rewards = [reward for reward in await house.every(Reward) if reward.beneficiary == "per_ann"]
    items = tuple(events.Item(id=r.id, amount=r.amount, unit=r.unit, destination="d1") for r in rewards)
    await house.say(events.ApprovalGiven, items=items, list_sha256=lists.digest(items))
    house.at += 60 * DAY
    await house.send(events.CustomerKnown, person="per_y", since=house.at)
    await house.say(events.PayoutDrafted, rail="bank_file", kinds=("cash",), unit="EUR", beneficiaries=("per_ann",))
    (payout,) = await house.every(Payout)
    assert isinstance(payout, Payout)
    return payout


async def test_an_order_of_an_account_that_is_merged_is_amended_and_given_back(house: House) -> None:
    """Two bound accounts are merged; the order of the one that went is amended by hand, charged back and kept: it is owed once."""
    await house.accept(*house.story("per_bob", "per_ann"))
    await house.accept(*house.story("per_bea", "per_amy"))
    await house.decide()
    house.at += DAY
    key = "inv_per_bea_1"
    await house.send(events.PersonMerged, keep="per_bob", gone="per_bea")
    otto = await house.member("otto", "owner")
    figures = {"conversion": f"inv:{key}", "amount": 20_000, "currency": "EUR", "reason": "told"}
    await house.say(events.OrderAmended, otto, **figures)
    await house.send(events.ChargebackOpened, invoice=key, chargeback="cb1")
    await house.send(events.ChargebackClosed, invoice=key, chargeback="cb1", outcome="lost")
    await house.send(events.ChargebackClosed, invoice=key, chargeback="cb1", outcome="kept")
    earned = [r for r in await house.every(Reward) if r.side == "advocate" and r.conversion == f"inv:{key}"]
    assert [(reward.beneficiary, reward.amount) for reward in earned] == [("per_amy", 2_000)]
    (order,) = [order for order in await house.every(Conversion) if order.id == f"inv:{key}"]
    assert order.amended is not None
    assert order.amended.by == "otto"
    await sound(house)


async def test_a_suspension_is_lifted_by_an_old_name(house: House) -> None:
    """Ann was suspended and is eve by now: two members lift it by either name, and what it cost is earned."""
    await house.accept(*house.story("per_bob", "per_ann")[:2])
    await house.decide()
    await house.send(events.PersonMerged, keep="per_eve", gone="per_ann")
    await house.send(events.AdvocateSuspended, person="per_eve")
    await house.accept(house.bought("per_bob"))
    await house.decide()
    (program,) = await house.every(Program)
    for name in ("otto", "olga"):
        who = await house.member(name, "owner")
        await house.say(events.SuspensionLifted, who, person="per_ann", program=program.id, reason="mistake")
    earned = [reward for reward in await house.every(Reward) if reward.side == "advocate"]
    assert [(reward.beneficiary, reward.amount) for reward in earned] == [("per_eve", 1_000)]
    await sound(house)


@pytest.mark.parametrize(
    ("before", "how"),
    [("approved", "failed"), ("released", "failed"), ("processing", "failed"), ("released", "canceled")],
)
async def test_a_payout_comes_back_after_its_beneficiary_was_merged(house: House, before: str, how: str) -> None:
    """Ann is eve by now, who has no payment details: whatever becomes of the payout to ann is decided, and nothing is stuck."""
    payout = await drafted_for_ann(house)
    rail = Actor(id="worker", kind="system")
    if before == "approved":
        await house.send(events.PersonMerged, keep="per_eve", gone="per_ann")
    items = (events.Item(id=payout.id, amount=payout.amount, unit="EUR", destination="d1"),)
    await house.say(events.PayoutReleased, items=items, list_sha256=lists.digest(items))
    if before == "released":
        await house.send(events.PersonMerged, keep="per_eve", gone="per_ann")
    if how == "failed":
        house.engine.cache = Cache()
        await house.say(events.PayoutAnswered, rail, payout=payout.id, outcome="processing", source="rail")
    if before == "processing":
        await house.send(events.PersonMerged, keep="per_eve", gone="per_ann")
    house.engine.cache = Cache()  # as another process, which has nothing of it in hand
    if how == "canceled":
        await house.say(events.PayoutCanceled, rail, payout=payout.id, reason="contested")
    else:
        await house.say(events.PayoutAnswered, rail, payout=payout.id, outcome="failed", source="rail")
    assert {reward.beneficiary for reward in await house.every(Reward) if reward.side == "advocate"} == {"per_eve"}
    assert {reward.status for reward in await house.every(Reward) if reward.side == "advocate"} == {"in_review"}
    await sound(house)


async def test_a_refund_lowers_what_was_paid_to_somebody_who_was_merged_since(house: House) -> None:
    """Ann was paid and is eve by now: another process, which has nothing of it in hand, decides the refund of the order."""
    payout = await drafted_for_ann(house)
    items = (events.Item(id=payout.id, amount=payout.amount, unit="EUR", destination="d1"),)
    await house.say(events.PayoutReleased, items=items, list_sha256=lists.digest(items))
    for outcome in ("processing", "sent", "completed"):
        rail = Actor(id="worker", kind="system")
        await house.say(events.PayoutAnswered, rail, payout=payout.id, outcome=outcome, source="rail")
    await house.send(events.PersonMerged, keep="per_eve", gone="per_ann")
    house.engine.cache = Cache()
    (order,) = await house.every(Conversion)
    await house.send(events.ConversionRefunded, invoice=order.id[4:], refund="r1", amount=order.amount or 0)
    (hers,) = [reward for reward in await house.every(Reward) if reward.side == "advocate"]
    assert (hers.amount, hers.receivable) == (0, 1_000)
    await sound(house)
