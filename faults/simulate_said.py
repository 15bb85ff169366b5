"""Faults in what is said and when: events twice, late, out of order, malformed, poisonous; clocks that jump.

Each brings its fault about in a running world; what it must not change is checked there and in the end.
"""

from typing import Any
from unittest.mock import patch

from faults.simulate_events import enrolment, lead, refund, sale, some_events
from faults.simulate_moves import paid_out, prepared, sell, trade
from faults.simulate_time import DAY, HOUR, MINUTE, SECOND
from faults.simulate_world import World
from testkit.world import advocate, rules

from goodword.app.errors import UnknownError
from goodword.app.see import people
from goodword.app.write import process
from goodword.core import calendar, events, run
from goodword.core.decide import decide
from goodword.core.money import MAX_INTEGER
from goodword.store import uuid7


async def repeats(world: World) -> None:
    """The same events again: in one request, in the next, through the other process."""
    said = [enrolment(world), lead(world), sale(world, world.friends[-1]), refund(world)]
    await world.send(*said, *said)
    answers = (await world.send(*said, server=world.server)).json()["items"]
    world.expect([one["status"] for one in answers] == ["repeat"] * len(said), f"repeats were answered {answers}")
    await world.together(*(world.send(*said, server=server) for server in world.servers))
    await world.decide()


async def reordering(world: World) -> None:
    """What belongs together comes in any order, and in many requests."""
    said = [enrolment(world), lead(world), *(sale(world, world.friends[-1]) for _ in range(2)), refund(world)]
    world.random.shuffle(said)
    for item in said:
        await world.send(item)
        if world.random.random() < 0.3:
            await world.decide()


async def late_events(world: World) -> None:
    """What happened days ago comes now."""
    late = [item | world.late() for item in some_events(world, 5)]
    await world.tell(enrolment(world), *late)


async def lead_after_sale(world: World) -> None:
    """A friend's sale comes before the lead that it belongs to."""
    await world.send(enrolment(world))
    friend = lead(world) | world.late()
    await world.tell(sale(world, friend["customer_external_id"]))
    await world.tell(friend)


async def from_the_future(world: World) -> None:
    """A sender's clock is ahead."""
    ahead = calendar.text(world.now + world.random.choice((4 * MINUTE, 6 * MINUTE, DAY)))
    await world.tell(lead(world) | {"occurred_at": ahead}, sale(world) | {"occurred_at": ahead})


async def refund_before_order(world: World) -> None:
    """Money is given back of an invoice that nobody knows yet."""
    await world.send(enrolment(world), lead(world))
    order = sale(world, world.friends[-1], 9_999)
    back = refund(world) | {"invoice_id": order["invoice_id"], "amount": world.random.choice((1, 4_000, 9_999, 10_000))}
    await world.tell(back)
    await world.tell(order)


async def id_collision(world: World) -> None:
    """The same id with another content is a conflict, and changes nothing."""
    first = sale(world, "f-collides", 1_234)
    await world.send(first)
    other = first | {"amount": 4_321}
    for server in world.servers:
        answer = (await world.send(other, server=server)).json()["items"][0]
        world.expect((answer["status"], answer.get("field")) == ("conflict", "amount"), f"a conflict was {answer}")
    world.expect(world.acknowledged.get(first["id"]) == first, "a conflict was taken for the first")


async def uuid_collision(world: World) -> None:
    """The clock stands still and two processes make ids of the same time; ids rise all the same."""
    world.clock.jumps(-MINUTE)
    before = uuid7.new_id("evt")
    await world.together(*(world.send(*some_events(world, 3), server=server) for server in world.servers))
    world.expect(before < uuid7.new_id("evt"), "ids do not rise")
    world.clock.jumps(MINUTE)


async def bad_items(world: World) -> None:
    """Items that cannot be stand among good ones, which are taken."""
    bad: list[dict[str, Any]] = [
        {"type": "no.such", "id": "x1"},
        {"type": "lead.created", "id": "x2"},
        sale(world) | {"amount": -5},
        sale(world) | {"amount": MAX_INTEGER + 1},
        sale(world) | {"currency": "ZZZ"},
        sale(world) | {"customer_external_id": "nul\0nul"},
        sale(world) | {"misspelt": 1},
    ]
    good = sale(world)
    world.random.shuffle(bad)
    answer = (await world.send(*bad[:3], good, *bad[3:])).json()["items"]
    states = [one["status"] for one in answer]
    world.expect(states == ["invalid"] * 3 + ["accepted"] + ["invalid"] * 4, f"bad items were answered {answer}")


async def huge_amounts(world: World) -> None:
    """Amounts as large as can be kept exactly, and whose sums cannot, from the sale to the payout."""
    await world.publish(rules(hold="0d", rewards=[advocate(percent="100")]))
    ann = enrolment(world)
    said = [ann]
    for _ in range(3):
        friend = lead(world) | {"code": ann["code"]}
        amount = world.random.choice((MAX_INTEGER, MAX_INTEGER, 10**15))
        said += [friend, sale(world, friend["customer_external_id"], amount) | {"currency": "EUR"}]
    await world.send(*said)
    await world.wait(DAY)
    await paid_out(world)


async def currencies(world: World) -> None:
    """Currencies without minor units and with three, to the payout."""
    await world.send(enrolment(world))
    for unit in ("JPY", "BHD"):
        await world.send(lead(world), sale(world, world.friends[-1], 12_345) | {"currency": unit})
    await prepared(world)
    await world.work()


async def change_of_hour(world: World) -> None:
    """Sales fall on both sides of a change of the hour and of leap days."""
    for hours in range(0, 5, 2):
        world.clock.passes(hours * HOUR // 2)
        await sell(world)


async def poison(world: World) -> None:
    """An event on which deciding fails is set aside, what belongs to it waits, the rest goes on; mended, all are decided."""
    friend, other = lead(world), lead(world)
    await world.send(enrolment(world), friend, other)
    await world.drain()
    before = {row.evt for row in await process.quarantined(world.server.pool, world.workspace.id)}
    name, real = friend["customer_external_id"], decide
    person = await world.insist(lambda: _person(world, name))

    def failing(state: Any, event: Any, *more: Any) -> Any:
        if isinstance(event, events.ConversionRecorded) and event.person == person:
            raise ZeroDivisionError("simulated")
        return real(state, event, *more)

    with patch.object(run, "decide", failing):
        await world.send(sale(world, name), sale(world, other["customer_external_id"]), sale(world, name))
        await world.drain()
        found = await process.quarantined(world.server.pool, world.workspace.id)
    aside = [row for row in found if row.evt not in before]
    world.expect(len(aside) == 2, f"{len(aside)} events stand aside")
    for row in aside[:1]:
        world.expect("ZeroDivisionError" in (row.trace or ""), "the quarantine does not say why")
        await world.insist(lambda row=row: process.retry_quarantine(world.server.engine, world.workspace.id, row.evt))  # type: ignore[misc]


async def unwritable(world: World) -> None:
    """An event that cannot be written is found among its batch and set aside; the rest is decided."""
    await world.send(*some_events(world, 4))
    waiting = await world.ground.owner.fetchval(
        "select min(evt) from undecided where workspace_id = $1 and waits_for is null", world.workspace.id
    )
    server = world.server
    server.strikes.cursed = waiting
    while await world.decide(server):
        pass
    server.strikes.disarm()
    aside = [row.evt for row in await process.quarantined(server.pool, world.workspace.id)]
    world.expect(waiting is None or waiting in aside, "an event that cannot be written does not stand aside")
    await process.retry_quarantine(server.engine, world.workspace.id, waiting or "")


async def unreadable(world: World) -> None:
    """A row that this version cannot read is set aside and stays there."""
    number = f"x{world.number()}"
    await world.ground.owner.execute(
        """with new as (insert into event values ($1, 'native', $2, $3, 'lead.created', 'x'))
           insert into undecided values ($1, $3, 'native', $2, '{"type": "no.such"}')""",
        world.workspace.id,
        number,
        uuid7.new_id("evt"),
    )
    await trade(world)
    await world.drain()
    aside = {row.id for row in await process.quarantined(world.server.pool, world.workspace.id)}
    world.expect(number in aside, "a row that cannot be read does not stand aside")
    world.unreadable += 1


# --- clocks ---


async def clock_forward(world: World, way: int = 1) -> None:
    """The machine's clock is set forward."""
    world.clock.jumps(way * world.random.choice((SECOND, HOUR, 3 * DAY)))
    await trade(world)
    await world.work()


async def clock_back(world: World) -> None:
    """The machine's clock is set back."""
    await clock_forward(world, -1)


async def slow_machine(world: World) -> None:
    """Deciding takes so long that a batch ends after a few events."""
    world.clock.drag = 60_000
    await world.tell(*some_events(world, 8))
    world.clock.drag = 1


async def _person(world: World, name: str) -> str | None:
    try:
        return (await people.find(world.people[0], world.directory, name)).id
    except UnknownError:
        return None
