"""What takes away comes behind all that was accepted before it: an acknowledged order falls to no later word (finding 6)."""

import asyncio
from typing import Any

import pytest
from testkit.house import SERVER
from tests.app.conftest import DAY, House

from goodword.app.engine import Clock, Engine
from goodword.app.proof.audit import verify
from goodword.app.write import process
from goodword.app.write.process import BehindError
from goodword.core import events
from goodword.core.entry import Entry
from goodword.core.facts import Actor
from goodword.core.state import Payout, Program, Referral, Reward
from goodword.store import log

ORDERS = 8_000


class Hurried(Clock):
    """A clock for which every wait is over at once."""

    def patience(self, seconds: float) -> float:
        """Nobody waits."""
        return -seconds


class Patient(Clock):
    """A clock for which no wait is ever over: how busy the machine is proves nothing."""

    def patience(self, seconds: float) -> float:
        """Everybody waits for as long as it takes."""
        return seconds * 1_000


def told(entry: Entry) -> tuple[str | None, str | None]:
    """What an entry says first."""
    return entry.verdicts[0].outcome, entry.verdicts[0].refusal


async def sold(house: House, friends: int) -> list[Any]:
    """Orders of so many friends with the code of an advocate who is enrolled."""
    await house.send(events.AdvocateEnrolled, person="per_ann", code="cod_ann")
    common = {"amount": 10_000, "currency": "EUR", "code": "cod_ann"}
    return [
        house.event(events.ConversionRecorded, person=f"per_{n}", invoice=f"inv_{n}", **common) for n in range(friends)
    ]


async def released(house: House) -> tuple[Reward, Payout]:
    """A reward whose payout waits for its release."""
    house.at += DAY
    await house.accept(*house.story())
    await house.decide()
    house.at += 40 * DAY
    await house.send(events.CustomerKnown, person="per_x", since=house.at)
    await house.say(events.PayeeSet, SERVER, person="per_ann", rail="sandbox", destination="account")
    rewards = [reward for reward in await house.every(Reward) if reward.side == "advocate"]
    await house.approve(rewards, house.owner)
    house.at += 60 * DAY
    await house.send(events.CustomerKnown, person="per_y", since=house.at)
    [payout] = await house.draft(rewards, house.owner)
    return rewards[0], payout


@pytest.mark.parametrize("to", ["ended", "paused"])
async def test_an_end_takes_nothing_that_was_accepted_before_it(house: House, to: str) -> None:
    """8 times 1,000 acknowledged orders with a program's end or pause right behind them: 8,000 of 8,000 are attributed (finding 6)."""
    house = House(Engine(house.pool, Patient()), house.vault, house.workspace, house.owner)
    orders = await sold(house, ORDERS)
    for at in range(0, ORDERS, 1_000):
        await house.accept(*orders[at : at + 1_000])
    [program] = await house.every(Program)
    assert told(await house.say(events.ProgramMoved, program=program.id, to=to)) == (to, None)
    assert len(await house.every(Referral)) == ORDERS
    late = house.event(events.ConversionRecorded, person="per_late", code="cod_ann", invoice="inv_late", amount=1)
    await house.accept(late)
    await house.decide()
    assert told(await house.entry(late.evt)) == ("refused", "program_not_active")


async def test_a_release_sees_a_refund_that_was_accepted_before_it(house: House) -> None:
    """A refund waits in the inbox when somebody releases the payout of its order: nothing is released (finding 6)."""
    reward, payout = await released(house)
    items = await house.items([payout])
    refund = house.event(events.ConversionRefunded, invoice="inv_per_bob_1", refund="ref_1", amount=10_000)
    await house.accept(refund)
    said = await house.over(events.PayoutReleased, house.owner, items)
    assert told(said) == ("refused", "wrong_state")
    assert [(r.amount, r.status) for r in await house.every(Reward) if r.id == reward.id] == [(0, "reversed")]
    assert [p.status for p in await house.every(Payout)] == ["canceled"]
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_draft_and_a_rejection_see_what_was_accepted_before_them(house: House) -> None:
    """A refund that waits changes what a rejection is about and what a draft gathers (finding 6)."""
    await house.accept(*house.story())
    await house.decide()
    rewards = [reward for reward in await house.every(Reward) if reward.side == "advocate"]
    items = await house.items(rewards)
    await house.accept(house.event(events.ConversionRefunded, invoice="inv_per_bob_1", refund="ref_1", amount=5_000))
    assert told(await house.say(events.RewardsRejected, items=items, reason="none")) == ("refused", "item_changed")
    await house.accept(house.event(events.ConversionRefunded, invoice="inv_per_bob_1", refund="ref_2", amount=5_000))
    drafted = await house.say(
        events.PayoutDrafted, rail="sandbox", kinds=("cash",), unit="EUR", beneficiaries=("per_ann",)
    )
    assert told(drafted) == ("refused", "nothing_to_do")
    assert {reward.amount for reward in await house.every(Reward) if reward.side == "advocate"} == {0}


async def test_who_is_erased_as_nothing_is_open_loses_no_order_that_was_accepted_before(house: House) -> None:
    """An acknowledged order waits that earns them something: it is decided first, and then something is open."""
    await house.accept(*await sold(house, 1))
    ann = Actor(id="per_ann", kind="person")
    assert told(await house.say(events.PersonErased, ann, person="per_ann")) == ("refused", "rewards_open")
    assert [it.beneficiary for it in await house.every(Reward) if it.side == "advocate"] == ["per_ann"]
    await house.accept(house.event(events.ConversionRefunded, invoice="inv_0", refund="ref_1", amount=10_000))
    assert told(await house.say(events.PersonErased, ann, person="per_ann")) == ("erased", None)
    assert {it.amount for it in await house.every(Reward) if it.side == "advocate"} == {0}


async def test_a_repeat_waits_for_nothing(house: House) -> None:
    """What was said before is answered as before, though much was accepted since; another command decides that first."""
    [program] = await house.every(Program)
    first = await house.say(events.ProgramMoved, program=program.id, to="paused", key="pause")
    await house.accept(*await sold(house, 1), *house.story("per_eve"))
    before = await house.position()
    again = await house.say(events.ProgramMoved, program=program.id, to="paused", key="pause")
    assert again == first
    assert await house.position() == before
    await house.say(events.ProgramMoved, program=program.id, to="active", key="resume")
    assert await house.position() == before + 5


async def test_what_takes_too_long_is_not_overtaken(house: House) -> None:
    """While another one holds the workspace a command that takes away waits; when its time is over nothing was said (503 behind)."""
    await house.accept(*await sold(house, 3))
    [program] = await house.every(Program)
    hurried = House(Engine(house.pool, Hurried()), house.vault, house.workspace, house.owner)
    before = await house.position()
    with pytest.raises(BehindError):
        await hurried.say(events.ProgramMoved, program=program.id, to="ended")
    assert await house.position() == before
    async with house.pool.acquire() as conn, conn.transaction():
        assert await log.lock(conn, house.ws, wait=True) is not None
        ending = asyncio.create_task(house.say(events.ProgramMoved, program=program.id, to="ended"))
        await asyncio.sleep(0)
    assert told(await ending) == ("ended", None)
    assert len(await house.every(Referral)) == 3


async def test_what_is_set_aside_holds_nobody_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event on which deciding fails is set aside and waits on; the end comes all the same."""
    orders = await sold(house, 2)
    await house.accept(*orders)
    decide = process.Batch.take

    def broken(batch: Any, event: Any, *more: Any) -> Entry:
        if event.evt == orders[0].evt:
            raise AssertionError("broken")
        return decide(batch, event, *more)

    monkeypatch.setattr(process.Batch, "take", broken)
    [program] = await house.every(Program)
    assert told(await house.say(events.ProgramMoved, program=program.id, to="ended")) == ("ended", None)
    assert len(await house.every(Referral)) == 1
    assert len(await process.quarantined(house.pool, house.ws)) == 1
