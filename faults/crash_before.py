"""What stands before each path of ``crash_paths``: a workspace of which each path starts somewhere else.

Each function brings a furnished workspace to a place and gives what the path is about.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from faults.place import Place
from faults.scene import Scene, Stage, scene, stage
from tests.acceptance.harness import ANNA, BEN, OWNER, PAT, SERVER, opened, outcome, sale, sales

from goodword.app import say, see
from goodword.core import events
from goodword.core.state import Case, Code, Payout, Reward

Data = dict[str, Any]
BANK = {"name": "Ann", "iban": "DE89370400440532013000"}
_SLOW = b"""
program: slow
currency: EUR
hold: 30d
conversions:
  - rewards:
      - {side: advocate, percent: 20}
"""


@asynccontextmanager
async def stages(place: Place, part: str) -> AsyncIterator[Callable[[str], AbstractAsyncContextManager[Stage]]]:
    """Furnish a workspace once; what is given makes, for a name, a stage with a database and books of its own."""
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
            async with place.database(furnished) as dsn, stage(dsn, ws, its) as found:
                yield found

        yield staged


async def _furnish(scene: Scene) -> None:
    """Give the workspace of all paths: three purchases in review, three in their hold, each beneficiary with payment details."""
    house = scene.house
    await house.send(*sales(3))
    await house.decide()
    for person in sorted({reward.beneficiary for reward in await house.every(Reward)}):
        await pay_to(scene, person, "sandbox", script="succeed")
    await say.programs.publish(scene.as_(OWNER), scene.directory, _SLOW, "slow.yaml")
    slow = [{**one, "program": "slow"} for one in sales(3, name="w") if one["type"] != "conversion.recorded"]
    await house.send(*slow, *(sale(f"w{n}") for n in range(3)))
    await house.decide()


async def nothing(_scene: Scene) -> Data:
    """What is furnished is enough."""
    return {}


async def in_review(scene: Scene) -> list[Reward]:
    """Return the six rewards in review."""
    found = [reward for reward in await scene.house.every(Reward) if reward.status == "in_review"]
    assert len(found) == 6, [reward.status for reward in found]
    return found


async def pay_to(scene: Scene, person: str, rail: str, **details: str) -> None:
    """Give a person payment details."""
    said = await say.payees.set_payee(scene.as_(SERVER), scene.directory, person, rail, details)
    assert outcome(said) == "payee_set"


async def listed(scene: Scene) -> Data:
    """Two rewards that can be approved."""
    ids = [reward.id for reward in (await in_review(scene))[:2]]
    found = await see.rewards.to_approve(scene.as_(ANNA), scene.directory, ids)
    return {"items": found.items, "digest": found.list_sha256}


async def approved(scene: Scene) -> Data:
    """The same two, approved and due."""
    data = await listed(scene)
    said = await say.approvals.approve(scene.as_(ANNA), scene.directory, data["items"], data["digest"], "approved")
    assert outcome(said) == "approved"
    await scene.house.move_clock("2026-03-01T00:00:00Z")
    return data


async def first_approval(scene: Scene) -> Data:
    """The same two, approved by one of the two whom their limits ask for."""
    for person in (ANNA, BEN):
        await scene.house.say(events.MemberSet, member=person.id, roles=person.roles, limits={"EUR": 100})
    data = await listed(scene)
    said = await say.approvals.approve(scene.as_(BEN), scene.directory, data["items"], data["digest"], "first")
    assert outcome(said) == "second_person_needed"
    return data


def drafted(rail: str = "sandbox", **details: str) -> Callable[[Scene], Awaitable[Data]]:
    """Two payouts that wait for their release, to details of this kind."""

    async def prepare(scene: Scene) -> Data:
        for reward in (await in_review(scene))[:2]:
            await pay_to(scene, reward.beneficiary, rail, **details)
        await approved(scene)
        said = await say.payouts.draft(scene.as_(PAT), scene.directory, rail, "EUR", None, "drafted")
        assert outcome(said) == "drafted"
        ids = [payout.id for payout in await scene.house.every(Payout)]
        found = await see.payouts.to_release(scene.as_(PAT), scene.directory, ids)
        return {"items": found.items, "digest": found.list_sha256}

    return prepare


def released(rail: str = "sandbox", **details: str) -> Callable[[Scene], Awaitable[Data]]:
    """Two payouts that are released, with their jobs."""

    async def prepare(scene: Scene) -> Data:
        data = await drafted(rail, **details)(scene)
        said = await say.payouts.release(scene.as_(PAT), scene.directory, data["items"], data["digest"], "released")
        assert outcome(said) == "released"
        return data

    return prepare


def changed(rail: str = "sandbox", **details: str) -> Callable[[Scene], Awaitable[Data]]:
    """Two payouts that are released, one of them to details that are no longer those of its payee."""

    async def prepare(scene: Scene) -> Data:
        data = await released(rail, **details)(scene)
        payout = (await scene.house.every(Payout))[0]
        await pay_to(scene, payout.beneficiary, rail, **{**details, "name": "somebody else"})
        return data

    return prepare


async def at_the_bank(scene: Scene) -> Data:
    """Two payouts that are in the bank's file."""
    data = await released("bank_file", **BANK)(scene)
    await scene.worker.do_jobs()
    assert {payout.status for payout in await scene.house.every(Payout)} == {"processing"}
    return data


async def contested(scene: Scene) -> Data:
    """An open case about an invoice that came again with other values."""
    await scene.house.send({**sale("s1"), "id": "other-values", "amount": 7_700})
    await scene.house.decide()
    [case] = await scene.house.every(Case)
    return {"case": case.id}


async def claimable(scene: Scene) -> Data:
    """A customer whom another advocate brought, as somebody says."""
    [conversion] = [r for r in await in_review(scene) if r.conversion == "inv:i-s0" and r.side == "friend"]
    [other] = [r for r in await in_review(scene) if r.conversion == "inv:i-s1" and r.side == "advocate"]
    return {"program": conversion.program, "friend": conversion.beneficiary, "advocate": other.beneficiary}


async def undecided(scene: Scene) -> Data:
    """Events of all kinds that wait to be decided; what they bring sets timers that are due at once, and one that is not."""
    wanted = [
        *sales(2, name="n"),
        {**sale("s1"), "id": "other-values", "amount": 7_700},
        {"type": "conversion.refunded", "id": "r1", "invoice_id": "i-s2", "refund_id": "1", "amount": 4_000},
        {"type": "chargeback.opened", "id": "b1", "invoice_id": "i-s0", "chargeback_id": "1"},
        {"type": "click.recorded", "id": "c1", "code": "code-s0", "visitor_id": "v1", "click_id": "k1"},
        {"type": "lead.created", "id": "l1", "customer_external_id": "f-v1", "visitor_id": "v1", "click_id": "k1"},
        {**sale("v1", amount=5_000), "country": "DE"},
        {"type": "lead.created", "id": "l2", "customer_external_id": "f-x", "code": "nobody"},
        {"type": "customer.known", "id": "k1", "customer_external_id": "f-k", "since": "2020-01-01T00:00:00Z"},
        {"type": "advocate.suspended", "id": "a1", "external_id": "a-s1"},
    ]
    assert {answer.status for answer in await scene.house.send(*wanted)} == {"accepted"}
    return {}


async def clicked(scene: Scene) -> Data:
    """Clicks of the redirect in blocks that the log does not have yet."""
    code = (await scene.house.every(Code))[0].id
    found = await asyncio.gather(*(scene.clicks.record(scene.house.workspace, code, bot=False) for _ in range(4)))
    assert all(found)
    await scene.clicks.drain()
    return {}


async def set_aside(scene: Scene) -> Data:
    """An event in quarantine, with another one of its customer behind it."""
    first, second = await scene.house.send(
        {"type": "lead.created", "id": "q1", "customer_external_id": "f-q", "code": "code-s0"}, sale("q")
    )
    await scene.pool.execute(
        "update undecided set waits_for = $2, trace = 'a defect' where workspace_id = $1 and evt = any($3)",
        scene.ws,
        first.evt,
        [first.evt, second.evt],
    )
    return {"evt": first.evt}
