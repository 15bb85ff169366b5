"""Generated histories through the real write path: what load fetched by key is all that the decisions looked at."""

import os
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from tests.core.builder import World
from tests.core.test_properties import MOVES, start

from goodword.app.audit import verify
from goodword.app.commands import command
from goodword.app.process import drain, quarantined
from goodword.core import events
from goodword.core.state import NOUNS, Member, Timer
from goodword.store import people


def story(seed: int) -> World:
    """A history of the core's own generator."""
    random = Random(seed)  # noqa: S311 - the same history every time
    world = start()
    for _ in range(60):
        random.choice(MOVES)(world, *(random.randrange(12) for _ in range(3)))
    return world


async def tell(house: Any, world: World, random: Random) -> None:
    """Bring a history to the database: outside events in batches, commands one by one, timers by themselves."""
    waiting: list[Any] = []
    members: dict[str, Any] = {}
    for event, facts, _ in world.log:
        if isinstance(event, events.TimerDue | events.TouchesRecorded | events.MemberSet):
            continue  # blocks of touches are the edge's; members are set below, as each of the world's actors appears
        if type(event).PERMISSION is None:
            waiting.append(event)
            if random.random() < 0.8:
                continue
        house.at = event.accepted_at
        nobody = house.event(events.CustomerKnown, person="nobody", since=0)  # brings the clock to the command's time
        await house.accept(*waiting, nobody)
        waiting.clear()
        await drain(house.pool, house.ws)
        if type(event).PERMISSION is not None:
            if members.get(facts.actor.id) != facts.actor and facts.actor.kind == "member":
                members[facts.actor.id] = facts.actor
                said = {"member": facts.actor.id, "roles": facts.actor.roles, "limits": facts.actor.limits}
                await house.say(events.MemberSet, **said)
            await command(house.pool, house.ws, lambda _, event=event: event, facts.actor)
    await house.accept(*waiting)
    await drain(house.pool, house.ws)


@pytest.mark.parametrize("seed", range(40 if os.environ.get("FULL") else 4))
async def test_what_was_loaded_decides_like_what_is_whole(make_house: Any, seed: int) -> None:
    """After any history the database holds what the same history gives in memory, nothing is set aside, all verifies."""
    world = story(seed)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    async with house.pool.acquire() as conn:
        for match in world.matches:
            keys = [(match.kind, match.person, person, match.verified) for person in (match.person, match.other)]
            await people.add_match_keys(conn, house.ws, house.workspace.keys, keys)
    await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
    assert [row.trace for row in await quarantined(house.pool, house.ws)] == []
    stored = await house.state()
    for noun in NOUNS:
        if noun not in (Member, Timer):
            assert {k: plain(v) for k, v in stored[noun].items() if k != "nobody"} == {
                v.key: plain(v) for v in world.state.all(noun)
            }, noun
    assert (await verify(house.pool, house.ws)).differences == ()


def plain(entity: Any) -> Any:
    """An entity without what depends on when a timer's worker came by."""
    return replace(entity, decided_at=None) if hasattr(entity, "decided_at") else entity
