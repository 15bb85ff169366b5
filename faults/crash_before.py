"""What stands before each path of ``crash_paths`` and each race: a workspace of which each starts somewhere else.

Each function brings a furnished workspace to a place and gives what the path is about.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from faults import acts
from faults.acts import Data
from faults.place import Place
from faults.scene import Scene, Stage, scene, stage
from testkit import sent
from testkit.house import ANNA, BEN, DUE, OWNER, PAT, PIA, happened, opened, outcome, payees, sale, sales
from testkit.world import advocate, rules

from goodword.app import say, see
from goodword.core import events
from goodword.core.entry import Entry
from goodword.core.state import Case, Payout, Program, Reward

BANK: dict[str, Any] = {"name": "Ann", "iban": "DE89370400440532013000"}
_AT_ONCE = 3
_SLOW = rules(program="slow", hold="30d", rewards=[advocate(percent="20")])


@asynccontextmanager
async def stages(place: Place, part: str) -> AsyncIterator[Callable[[str], AbstractAsyncContextManager[Stage]]]:
    """Furnish a workspace once; what is given makes, for a name, a stage with a database and books of its own, three at a time."""
    free = asyncio.Semaphore(_AT_ONCE)
    async with place.database() as furnished:
        async with opened(furnished) as house:
            ws = house.ws
        home = place.home / part / "furnished"
        home.mkdir(parents=True)
        async with scene(furnished, ws, home) as first:
            await _furnish(first)

        @asynccontextmanager
        async def staged(name: str) -> AsyncIterator[Stage]:
            its = place.home / part / name.replace(" ", "_").replace(",", "")
            its.mkdir()
            async with free, place.database(furnished) as dsn, stage(dsn, ws, its) as found:
                yield found

        yield staged


async def _furnish(scene: Scene) -> None:
    """Give the workspace of all paths: three purchases in review, three in their hold, each beneficiary with payment details."""
    await scene.send(*sales(3))
    await scene.decide()
    await payees(scene, await scene.every(Reward), script="succeed")
    await scene.publish(_SLOW)
    slow = [{**one, "program": "slow"} for one in sales(3, name="w") if one["type"] != "conversion.recorded"]
    await scene.send(*slow, *(sale(f"w{n}") for n in range(3)))
    await scene.decide()


async def nothing(scene: Scene) -> Data:
    """What is furnished is enough."""
    return {"program": (await scene.every(Program))[0].id}


async def of_advocate(scene: Scene, *names: str) -> list[Reward]:
    """Return the advocates' rewards for these purchases."""
    found = {r.conversion: r for r in await scene.every(Reward) if r.side == "advocate"}
    return [found[f"inv:i-{name}"] for name in names]


async def listed(scene: Scene, *names: str) -> Data:
    """Rewards that can be approved, and everybody has opened what is flagged; two unless they are named."""
    rewards = await of_advocate(scene, *(names or ("s0", "s1")))
    for who in (ANNA, BEN, OWNER):
        for shown in (await see.rewards.to_approve(scene.as_(who), scene.directory, [it.id for it in rewards])).shown:
            if not shown.opened:
                await say.looking.reward(scene.as_(who), scene.directory, shown.id, 9)
    found = await see.rewards.to_approve(scene.as_(ANNA), scene.directory, [reward.id for reward in rewards])
    return {"items": found.items, "digest": found.list_sha256, "payee": rewards[0].beneficiary}


async def approved(scene: Scene, *names: str) -> Data:
    """The same, approved and due."""
    data = await listed(scene, *names)
    _expect(await acts.approve(ANNA)(scene, data), "approved")
    await scene.move_clock(DUE)
    return data


async def limited(scene: Scene) -> Data:
    """The same two, above what two of the three members may approve alone."""
    for person in (ANNA, BEN):
        await scene.say(events.MemberSet, member=person.id, roles=person.roles, limits={"EUR": 100})
    return await listed(scene)


async def first_approval(scene: Scene) -> Data:
    """The same two, approved by one of the two whom a limit asks for; the other is within their own."""
    await scene.say(events.MemberSet, member=BEN.id, roles=BEN.roles, limits={"EUR": 100})
    data = await listed(scene)
    _expect(await acts.approve(BEN)(scene, data), "second_person_needed")
    return data


async def drafted(scene: Scene, *names: str, rail: str = "sandbox", **details: str) -> Data:
    """Payouts that wait for their release, to details of this kind; two unless they are named."""
    if details:
        await payees(scene, await of_advocate(scene, *(names or ("s0", "s1"))), rail, **details)
    data = await approved(scene, *names)
    _expect(await acts.draft("drafted", rail)(scene, data), "drafted")
    ids = [payout.id for payout in await scene.every(Payout)]
    found = await see.payouts.to_release(scene.as_(PAT), scene.directory, ids)
    return {**data, "items": found.items, "digest": found.list_sha256}


async def released(scene: Scene, **how: str) -> Data:
    """Two payouts that are released, with their jobs."""
    data = await drafted(scene, **how)
    _expect(await acts.release(PIA)(scene, data), "released")
    return data


async def changed(scene: Scene, rail: str = "sandbox", **details: str) -> Data:
    """Two payouts that are released, one of them to details that are no longer those of its payee."""
    data = await released(scene, rail=rail, **details)
    await payees(scene, await of_advocate(scene, "s0"), rail, **{**details, "name": "somebody else"})
    return data


async def at_the_bank(scene: Scene) -> Data:
    """Two payouts that are in the bank's file."""
    data = await released(scene, rail="bank_file", **BANK)
    await scene.worker.do_jobs()
    assert {payout.status for payout in await scene.every(Payout)} == {"processing"}
    return data


async def contested(scene: Scene) -> Data:
    """An open case about an invoice that came again with other values."""
    await scene.send({**sale("s1"), "id": "other-values", "amount": 7_700})
    await scene.decide()
    [case] = await scene.every(Case)
    return {"case": case.id}


async def claimable(scene: Scene) -> Data:
    """A customer whom other advocates brought, as somebody says."""
    data = await listed(scene, "s0")
    reward, *others = await of_advocate(scene, "s0", "s1", "s2")
    advocates = [other.beneficiary for other in others]
    return {**data, "program": reward.program, "friend": reward.friend, "advocates": advocates}


async def undecided(scene: Scene) -> Data:
    """Events of all kinds that wait to be decided; what they bring sets timers that are due at once, and one that is not."""
    wanted = [
        *sales(2, name="n"),
        *happened("s2", "s0", "s0"),
        {**sale("v1", amount=5_000), "country": "DE"},
        sent.lead("l2", "f-x", code="nobody"),
        {"type": "advocate.suspended", "id": "a1", "external_id": "a-s1"},
    ]
    assert {answer.status for answer in await scene.send(*wanted)} == {"accepted"}
    return {}


async def clicked(scene: Scene) -> Data:
    """Clicks of the redirect in blocks that the log does not have yet."""
    await scene.clicked(4)
    return {}


async def set_aside(scene: Scene) -> Data:
    """An event in quarantine, with another one of its customer behind it."""
    first, second = await scene.send(sent.lead("q1", "f-q", code="code-s0"), sale("q"))
    await scene.pool.execute(
        "update undecided set waits_for = $2, trace = 'a defect' where workspace_id = $1 and evt = any($3)",
        scene.ws,
        first.evt,
        [first.evt, second.evt],
    )
    return {"evt": first.evt}


def _expect(entry: Entry, wanted: str) -> None:
    assert outcome(entry) == wanted, entry.verdicts
