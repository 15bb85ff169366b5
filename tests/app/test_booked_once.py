"""A company's own system and a worker that dies or comes late: it is told again by the same id alone, and only if it never heard."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from testkit.world import advocate, rules
from tests.app.conftest import House, engine, make_house, pool, vault  # noqa: F401 - fixtures

from goodword.app.directory import Directory
from goodword.app.follow.payouts import WORKER, UnansweredError, kinds
from goodword.app.proof.audit import verify
from goodword.core import events
from goodword.core.state import Payout, Reward
from goodword.outbound.addresses import new_secret
from goodword.outbound.rails import OWN_SYSTEM, Answer, Order, SilenceError
from goodword.outbound.rails.own_system import OwnSystem
from goodword.store import own_system
from goodword.store.jobs import Leased
from goodword.store.webhooks import Secret


class Shop(OwnSystem):
    """A shop that keeps books by id. ``told``: of each order that came; ``before``: what happens before it answers a question."""

    def __init__(self) -> None:
        self.told: list[Order] = []
        self.booked: set[str] = set()
        self.silent = 0
        self.before: Callable[[], Any] | None = None

    async def send(self, order: Order) -> Answer:
        """Book."""
        self.told.append(order)
        self.booked.add(order.id)
        if self.silent:
            self.silent -= 1
            raise SilenceError
        return Answer("completed", f"b-{order.id}")

    async def ask(self, order: Order) -> Answer | None:
        """Look it up."""
        known = order.id in self.booked
        if self.before:
            await self.before()
        return Answer("completed", f"b-{order.id}") if known else None


class Trial:
    """A payout of credit that is released, and a worker without loops."""

    def __init__(self, house: House, vault: Any, shop: Shop, payout: Payout) -> None:  # noqa: F811 - the fixture
        self.house = house
        self.shop = shop
        self.payout = payout
        self._do = kinds(Directory(house.engine, vault), {OWN_SYSTEM: shop})["payout.send"].do

    async def work(self) -> list[Exception]:
        """Do its job as a worker does; what failed."""
        failed = await self._do(self.house.ws, [Leased("job", "payout.send", self.payout.id, 1)])
        return [*failed.values()]

    async def status(self) -> str:
        """Its state."""
        [payout] = await self.house.every(Payout)
        return str(payout.status)

    async def says(self, outcome: str, **more: Any) -> None:
        """Write down what a worker would."""
        said = {"payout": self.payout.id, "outcome": outcome, **more}
        await self.house.say(events.PayoutAnswered, WORKER, source="rail", **said)

    async def ends(self) -> None:
        """It is paid once, and all verifies."""
        assert await self.status() == "completed"
        assert {order.id for order in self.shop.told} == self.shop.booked == {self.payout.id}
        assert (await verify(self.house.pool, self.house.ws)).differences == ()


@pytest.fixture
async def trial(make_house: Any, vault: Any) -> Trial:  # noqa: F811 - the fixtures
    """Return what ann's friend's order earned her as credit, on its way to the shop."""
    house: House = await make_house()
    credit = [advocate(percent="10", kind="credit")]
    await house.publish(rules(rewards=credit, hold="0d", payouts={"every": "once"}))
    await house.accept(*house.story("bob", "per_ann"))
    await house.send(events.CustomerUpdated, person="per_x", traits={})
    rewards = [it for it in await house.every(Reward) if it.kind == "credit"]
    await house.approve(rewards, house.owner)
    drafted = {"rail": OWN_SYSTEM, "kinds": OwnSystem.kinds, "manual": False, "unit": "EUR"}
    await house.say(events.PayoutDrafted, house.owner, **drafted, beneficiaries=("per_ann",))
    [payout] = await house.every(Payout)
    await house.release([payout], house.owner)
    found = own_system.OwnSystem("signed", "https://shop.example/book", [Secret(new_secret())], "mem_1", 0)
    async with house.pool.acquire() as conn:
        await own_system.set_(conn, house.workspace, found)
    return Trial(house, vault, Shop(), payout)


async def test_a_worker_that_was_killed_before_its_call_is_followed_by_one_that_asks_first(trial: Trial) -> None:
    """Nobody was told: the next worker asks, writes down that it tells once more, and tells."""
    await trial.says("processing")
    assert await trial.work() == []
    assert len(trial.shop.told) == 1
    await trial.ends()


async def test_a_worker_that_was_killed_after_its_call_is_followed_by_one_that_does_not_tell(trial: Trial) -> None:
    """It was booked: the next worker hears so."""
    await trial.says("processing")
    trial.shop.booked.add(trial.payout.id)
    assert await trial.work() == []
    assert (await trial.status(), trial.shop.told) == ("completed", [])


async def test_a_worker_that_was_killed_before_its_second_call_is_followed_by_a_third(trial: Trial) -> None:
    """Between the commit that it tells once more and the call nothing is lost either."""
    await trial.says("processing")
    await trial.says("unknown", reason="no_answer")
    await trial.says("processing", reason="unheard")
    assert await trial.work() == []
    assert len(trial.shop.told) == 1
    await trial.ends()


async def test_an_answer_that_was_lost_is_asked_for(trial: Trial) -> None:
    """It was told once, and is not told again."""
    trial.shop.silent = 1
    assert await trial.work() == []
    assert await trial.status() == "unknown"
    assert await trial.work() == []
    assert len(trial.shop.told) == 1
    await trial.ends()


async def test_two_workers_that_ask_at_once_tell_once(trial: Trial) -> None:
    """Both hear that it never heard of the payout; one of them writes down that it tells."""
    await trial.says("processing")
    await trial.says("unknown", reason="no_answer")
    both = asyncio.Barrier(2)
    trial.shop.before = both.wait
    await asyncio.gather(trial.work(), trial.work())
    assert len(trial.shop.told) == 1
    await trial.ends()


async def test_whom_a_member_called_failed_meanwhile_is_not_told(trial: Trial) -> None:
    """A member's word that comes between the question and what follows from it holds: nothing is sent."""

    async def failed() -> None:
        said = {"payout": trial.payout.id, "outcome": "failed", "reason": "never_received"}
        await trial.house.say(events.PayoutAnswered, trial.house.owner, **said, anew=True)

    await trial.says("processing")
    trial.shop.before = failed
    assert await trial.work() == []
    assert (await trial.status(), trial.shop.told) == ("failed", [])
    assert await trial.work() == []
    assert trial.shop.told == []


async def test_what_is_on_its_way_and_forgotten_is_never_told_again(trial: Trial) -> None:
    """A shop that said sent and does not know it any more is asked again, and told nothing."""
    await trial.says("processing")
    await trial.says("sent")
    [error] = await trial.work()
    assert isinstance(error, UnansweredError)
    assert (await trial.status(), trial.shop.told) == ("sent", [])
