"""Faults of people and providers: commands twice, lists that change, rules and payees changed in flight; rails with bad manners."""

import contextlib
from typing import Any

from faults import simulate_rail as rail
from faults.simulate_moves import Move, every, pay_to, prepared, programme, sell, to_approve, trade
from faults.simulate_time import DAY
from faults.simulate_world import World
from testkit.world import advocate, rules

from goodword.app import say
from goodword.app.follow import payouts
from goodword.app.say.said import Why
from goodword.app.write import commands
from goodword.core import events
from goodword.core.state import Payout, Reward


async def twice(world: World) -> None:
    """The same command twice under one key, one after the other and at once in two processes: one decision."""
    await sell(world)
    await world.wait(2 * DAY)
    who = world.people[0]
    key = f"twice{world.number()}"
    waiting = await every(world, Reward, "in_review")
    if not waiting:
        return
    seen = await to_approve(world, waiting)
    said = (seen.items, seen.list_sha256, key)
    same = [await world.insist(lambda: say.approvals.approve(who, world.directory, *said))]
    same += await world.together(*(say.approvals.approve(who, server.directory, *said) for server in world.servers))
    world.expect(len({entry.event.evt for entry in same}) == 1, "one key gave two decisions")
    with contextlib.suppress(commands.CommandConflictError):
        await say.rewards.reject(who, world.directory, seen.items, Why("other", "changed my mind"), key)
        world.expect(False, "a key was taken for another command")


async def changed_list(world: World) -> None:
    """Between looking and approving something on the list changes: all of it is refused."""
    await sell(world)
    await world.wait(2 * DAY)
    ready = [r for r in await every(world, Reward, "in_review") if not r.cases and r.kind == "cash" and r.unit == "EUR"]
    if not ready:
        return
    seen = await to_approve(world, ready)
    await pay_to(world, ready[0].beneficiary, f"new{world.number()}")
    entry = await world.say(say.approvals.approve, world.people[0], seen.items, seen.list_sha256)
    world.expect(entry.verdicts[0].outcome == "refused", f"a list that changed was {entry.verdicts[0].outcome}")


async def payee_changed(world: World) -> None:
    """Payment details change between release and sending: nothing goes to either account."""
    await prepared(world)
    for payout in await every(world, Payout, "released"):
        if payout.destination != payout.beneficiary:
            await pay_to(world, payout.beneficiary, f"new{world.number()}")
    await world.work()


async def rules_in_flight(world: World) -> None:
    """New rules go live while events come in."""
    changed = rules(
        hold=world.random.choice(("0d", "2d")),
        rewards=[advocate(percent=str(world.random.randint(1, 50)))],
        landing_url="https://shop.example/new",
    )
    await world.together(trade(world), world.publish(changed))
    await sell(world)


async def paused(world: World) -> None:
    """The program is paused and goes on while events come in."""
    await world.together(trade(world), programme(world, "paused"))
    await sell(world)
    await programme(world, "active")


# --- providers ---


def met(manner: rail.Manner) -> Move:
    """A kind: the provider meets the next payouts so."""

    async def kind(world: World) -> None:
        world.provider.manners.extend([manner] * 2)
        await prepared(world)
        await world.work()
        await world.work()
        world.provider.manners.clear()

    return kind


async def liar(world: World) -> None:
    """Somebody who speaks for a rail says other outcomes later: what the lifecycle does not allow is refused."""
    await prepared(world)
    await world.work()
    for payout in (await every(world, Payout))[:3]:
        for outcome in world.random.sample(("processing", "sent", "failed", "unknown"), 2):
            if payout.rail == rail.NAME and payout.status in ("completed", "failed", "returned", "canceled"):
                entry = await _rail_says(world, payout.id, outcome)
                world.expect(entry.verdicts[0].outcome == "refused", f"{payout.status} became {outcome}")


async def unknown_payout(world: World) -> None:
    """An answer for a payout that does not exist is refused."""
    entry = await _rail_says(world, f"pay_{'0' * 26}", "completed")
    world.expect(entry.verdicts[0].refusal == "not_found", "a payout that does not exist was answered")


async def _rail_says(world: World, payout: str, outcome: str) -> Any:
    return await world.keyed(
        lambda key: commands.command(
            world.server.engine,
            world.workspace.id,
            lambda s: events.PayoutAnswered(**s, payout=payout, outcome=outcome, anew=True),
            payouts.WORKER,
            source="rail",
            key=key,
        )
    )
