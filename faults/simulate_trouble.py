"""Faults of the database and of processes: errors at a statement, lost connections, a restart; two workers, one that stood still."""

import asyncio
import contextlib
from functools import partial

import msgspec
from faults.simulate_corrections import MOVES
from faults.simulate_events import some_events
from faults.simulate_moves import Move, approve, click, prepared, sell, trade
from faults.simulate_rail import HONEST, LATE, SILENT
from faults.simulate_request import request
from faults.simulate_strikes import Blow, Pause, ended, lost_after, lost_before, raised
from faults.simulate_time import DAY, SECOND
from faults.simulate_world import AWAY, Server, World
from testkit.load import bearer

from goodword.app.rotation import Rotated, rotated
from goodword.app.say import keys
from goodword.store import workspaces
from goodword.store.migrations import migrate
from goodword.store.vault import MasterKey, new_key

_LEASE = 60 * SECOND  # of a payout's job
_STATEMENTS = 40  # within which a blow falls


def struck(blow: Blow, *, at_commit: bool = False) -> Move:
    """A kind: the blow falls somewhere in what happens next, or at a commit of it, in either process."""
    most, at = (5, "COMMIT") if at_commit else (_STATEMENTS, None)

    async def kind(world: World) -> None:
        paying = world.random.random() < 0.5
        if paying:
            await prepared(world)
        for server in world.servers:
            server.strikes.arm(blow, after=world.random.randrange(most), at=at)
        if paying:
            await world.work()
        await world.random.choice((trade, sell, approve, click))(world)
        await world.random.choice(MOVES)(world)

    return kind


#: What strikes -> the kind.
STRUCK = {
    "serialisation failure": struck(raised("40001")),
    "deadlock": struck(raised("40P01")),
    "statement timeout": struck(raised("57014")),
    "disk full": struck(raised("53100")),
    "disk full at commit": struck(raised("53100"), at_commit=True),
    "out of memory": struck(raised("53200")),
    "connection lost": struck(lost_before),
    "connection lost before commit": struck(lost_before, at_commit=True),
    "connection lost after commit": struck(lost_after, at_commit=True),
    "connection ended by the server": struck(ended),
    "permission denied": struck(raised("42501")),
}


async def database_restarted(world: World) -> None:
    """PostgreSQL stops at once while events come in and are decided; what was acknowledged is there."""
    await world.send(*some_events(world, 5))
    going = [asyncio.create_task(trade(world)), asyncio.create_task(world.drain())]
    await asyncio.sleep(0)
    world.ground.restart()
    await asyncio.gather(*going)
    await world.ground.owner.expire_connections()
    await world.insist(lambda: world.ground.owner.fetchval("select 1"))


async def migrated(world: World) -> None:
    """The database is migrated once more, twice at once, during work."""
    await asyncio.gather(migrate(world.ground.dsn), migrate(world.ground.dsn), sell(world))


# --- processes ---


async def two_workers(world: World) -> None:
    """Two processes decide one workspace at the same time."""
    await world.send(*some_events(world, 8))
    await world.together(*(world.decide(server) for server in world.servers * 2))


async def two_schedulers(world: World) -> None:
    """Two processes find the same timers and jobs due."""
    await prepared(world)
    world.clock.passes(3 * DAY)
    await world.together(*(world.decide(server) for server in world.servers))
    await world.together(*(world.work(server) for server in world.servers))


async def stopped(world: World) -> None:
    """A worker is stopped with a payout in its hands and woken after its lease has ended, and another one took it."""
    first, second = world.servers
    pause = Pause()
    await prepared(world)
    if world.random.random() < 0.4:
        world.provider.manners.append(world.random.choice((HONEST, SILENT, LATE))._replace(pause=pause))
    else:
        first.strikes.arm(pause.blow, after=world.random.randrange(_STATEMENTS))
    working = asyncio.create_task(first.worker.do_jobs())
    await asyncio.wait([working, asyncio.create_task(pause.reached.wait())], return_when=asyncio.FIRST_COMPLETED)
    world.clock.passes(_LEASE + SECOND)
    await world.work(second)
    world.clock.passes(_LEASE)
    await world.work(second)
    pause.resume.set()
    with contextlib.suppress(*AWAY):
        await working
    world.provider.manners.clear()


async def cut_request(world: World) -> None:
    """A sender goes away in the middle of a batch: nothing of it is stored."""
    said = some_events(world, 6)
    body, server = msgspec.json.encode(said), world.server
    headers = bearer(world.write_key)
    answer = await request(server.edge, "POST", "/v1/events", headers=headers, body=body, parts=4, cut=True)
    world.expect(answer.status == 400, f"a request that was cut was answered {answer.status}")
    stored = await world.ground.owner.fetchval(
        "select count(*) from event where workspace_id = $1 and id = any($2)",
        world.workspace.id,
        [i["id"] for i in said],
    )
    world.expect(stored == 0, f"{stored} events of a request that was cut are stored")


async def cut_flush(world: World) -> None:
    """The connection breaks in the middle of storing a batch; it is stored whole by the next try."""
    server = world.server
    await world.send(*some_events(world, 1), server=server)
    server.strikes.arm(world.random.choice((lost_before, lost_after)), after=world.random.randrange(12))
    await asyncio.gather(*(world.send(*some_events(world, 3), server=server) for _ in range(3)))
    await world.decide(server)


async def key_rotated(world: World) -> None:
    """A write key is replaced and revoked while events come in."""
    old, (owner, *_), (one, other) = world.write_key, world.people, world.servers
    async with world.ground.owner.acquire() as conn:
        known = [
            key for key in await workspaces.keys_of(conn, world.workspace.id) if key.kind == "wk" and not key.revoked_at
        ]
    _, world.write_key = await world.insist(lambda: keys.make(owner, other.directory, "wk"))

    async def revoke() -> None:
        for key in known:
            await world.insist(partial(keys.revoke, owner, one.directory, key.id))

    await world.together(
        world.send(*some_events(world, 3), key=old, server=one),
        revoke(),
        world.send(*some_events(world, 3), server=other),
    )
    world.clock.passes(6 * SECOND)
    for server in world.servers:
        answer = await world.send(*some_events(world, 1), key=old, server=server)
        world.expect(answer.status == 401, f"a revoked key was answered {answer.status}")


async def master_key_changed(world: World) -> None:
    """Both processes know a new master key beside the old one and wrap all keys again, while they trade; then only the new one."""
    await prepared(world)
    new, ws = MasterKey(new_key()), world.workspace.id
    world.restart(new, *world.ground.masters)

    async def again(server: Server) -> Rotated:
        return await world.insist(lambda: rotated(server.directory, ws))

    one, other, *_ = await world.together(*(again(server) for server in world.servers), trade(world), world.work())
    world.expect(one.own + other.own > 0 < one.persons + other.persons, f"nothing was wrapped again: {one}, {other}")
    left = await again(world.server)
    world.expect(left == (ws, 0, 0), f"keys are still wrapped under the old master key: {left}")
    world.restart(new)
    await world.work()
    await sell(world)
