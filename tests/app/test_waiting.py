"""Who waits for a decision hears of it, whoever decides."""

import asyncio

from tests.app.conftest import House

from goodword.app.intake.waiting import Waiting
from goodword.app.write.process import process
from goodword.core.events import LeadCreated
from goodword.store.uuid7 import new_id

NEVER = 3_600.0  # seconds between looks: only being told helps


async def test_who_waits_is_told_by_who_decides_in_the_same_process(house: House) -> None:
    """An entry that was committed reaches each who waits for it, who needs no look into the log; others go on waiting."""
    waiting = Waiting(house.engine, look=NEVER)
    event, other = (house.event(LeadCreated, person=f"per_{name}", code="nobody") for name in "ab")
    await house.accept(event)
    waits = asyncio.create_task(waiting.decision(house.ws, event.evt, 30, new=True))
    waits_on = asyncio.create_task(waiting.decision(house.ws, other.evt, 30, new=True))
    await asyncio.sleep(0)
    assert await process(house.engine, house.ws, tell=waiting.told) == 1
    assert await waits == await house.entry(event.evt)
    await asyncio.sleep(0)
    assert not waits_on.done()
    waits_on.cancel()


async def test_a_decision_of_another_process_is_looked_for(house: House) -> None:
    """What nobody here was told of is found in the log: at once for a repeat, else at the next look."""
    event = house.event(LeadCreated, person="per_a", code="nobody")
    await house.accept(event)
    often = Waiting(house.engine, look=0.01)
    waits = asyncio.create_task(often.decision(house.ws, event.evt, 30, new=True))
    await process(house.engine, house.ws)
    assert await waits == await house.entry(event.evt)
    assert await Waiting(house.engine, look=NEVER).decision(house.ws, event.evt, 30, new=False) is not None


async def test_nobody_waits_longer_than_he_said(house: House) -> None:
    """An event that is not decided in time has no decision, and nothing of the wait is left."""
    waiting = Waiting(house.engine, look=0.01)
    assert await waiting.decision(house.ws, new_id("evt"), 0.03, new=True) is None
    assert vars(waiting)["_waiting"] == {}
