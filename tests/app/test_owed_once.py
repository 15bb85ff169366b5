"""Untidy lives that cross, on the real database: what is loaded is what deciding looks at, and all is as the log says."""

from tests.app.conftest import DAY, House

from goodword.app.proof.audit import verify
from goodword.app.write.process import quarantined
from goodword.core import events
from goodword.core.state import Conversion, Program, Reward


async def sound(house: House) -> None:
    """Nothing was set aside, and all is as the log says."""
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []


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
