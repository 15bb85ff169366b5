"""A payout goes on without what is contested: through the database, the worker, and a rail that is called."""

from pathlib import Path
from typing import Any

import pytest
from testkit.house import SERVER, outcome
from tests.app.conftest import DAY, START, House
from tests.rails.test_rails import Counting

from goodword.app.directory import Directory
from goodword.app.follow.payouts import kinds
from goodword.app.proof.audit import verify
from goodword.core import events
from goodword.core.state import Claim, Payout, Program, Reward
from goodword.store import payees
from goodword.store.jobs import Leased
from goodword.store.people import resolve


async def due(house: House) -> list[Reward]:
    """Ten euros by per_bob and twenty by per_bea are approved for one advocate, and due; the rail will succeed."""
    ws, details = house.workspace, {"script": "succeed"}
    async with house.pool.acquire() as conn, conn.transaction():
        ids, _ = await resolve(conn, ws.id, ws.keys, house.vault, {("person", "ann"): ("ann", None)})
        person = ids["person", "ann"]
        await payees.save(conn, ws, house.vault, person, "sandbox", details)
    await house.publish(hold="0d")
    for friend, amount in (("per_bob", 10_000), ("per_bea", 20_000)):
        await house.accept(*house.story(friend, person, amount)[friend == "per_bea" :])
    await house.send(events.AdvocateEnrolled, person="per_amy", code="cod_amy")
    digest = payees.digest(ws, person, "sandbox", details)
    await house.say(events.PayeeSet, SERVER, person=person, rail="sandbox", destination=digest)
    rewards = [reward for reward in await house.every(Reward) if reward.beneficiary == person]
    await house.approve(rewards, house.owner)
    house.at += 60 * DAY
    await house.send(events.CustomerUpdated, person="per_x", traits={})
    return sorted(rewards, key=lambda reward: reward.amount)


async def contest(house: House, friend: str = "per_bob", **more: Any) -> Claim:
    """Somebody enters, with evidence, that amy brought a friend."""
    (program,) = await house.every(Program)
    fields = {"program": program.id, "person": friend, "advocates": (("per_amy", 1, 1),), "lead_at": START}
    said = await house.say(
        events.ClaimEntered, house.owner, **{**fields, "reason": "mail", "evidence": ("tch_1",), **more}
    )
    assert outcome(said) == "claim_opened"
    await house.decide()
    return next(claim for claim in await house.every(Claim) if claim.friend == friend)


async def send(house: House, payout: Payout, folder: Path) -> Counting:
    """Do the payout's job as a worker does; returns the rail."""
    rail = Counting(folder)
    work = kinds(Directory(house.engine, house.vault), {"sandbox": rail})["payout.send"].do
    assert await work(house.ws, [Leased(f"job_{payout.id}", "payout.send", payout.id, 1)]) == {}
    return rail


async def sound(house: House) -> None:
    assert await house.broken() == []
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_what_was_drafted_goes_on_without_it(house: House, tmp_path: Path) -> None:
    """end-to-end 1: the claim takes its reward out of the payout at once; the rest is released and sent."""
    await due(house)
    (payout,) = await house.draft(await house.every(Reward), house.owner)
    assert payout.amount == 3_000
    await contest(house)
    (payout,) = await house.every(Payout)
    assert (payout.status, payout.amount) == ("awaiting_release", 2_000)
    await house.release([payout], house.owner)
    await send(house, payout, tmp_path)
    assert [one.status for one in await house.every(Payout)] == ["completed"]
    await sound(house)


async def test_the_rail_is_told_only_what_the_commit_left(house: House, tmp_path: Path) -> None:
    """hostile-review 31d: contested between release and call, the reward is not sent: the rail's order is for the rest."""
    await due(house)
    (payout,) = await house.draft(await house.every(Reward), house.owner)
    await house.release([payout], house.owner)
    claim = await contest(house)
    rail = await send(house, payout, tmp_path)
    assert [(order.id, order.amount) for order in rail.orders.values()] == [(payout.id, 2_000)]
    (bob,) = [
        reward for reward in await house.every(Reward) if reward.friend == "per_bob" and reward.side == "advocate"
    ]
    assert (bob.status, bob.sent, bob.payout) == ("approved", 0, None)
    await sound(house)
    dan = await house.member("dan", "approver")
    won = await house.say(events.ClaimDecided, dan, claim=claim.id, outcome="won", reason="seen")
    assert [verdict.outcome for verdict in won.verdicts] == ["won", "theirs", "not_theirs", "moved", "earned"]
    await sound(house)


async def test_a_chargeback_stops_the_call(house: House, tmp_path: Path) -> None:
    """hostile-review 31d: all that was in the payout is contested: nothing is called for, and the payout is canceled."""
    mine, *_ = await due(house)
    await house.draft([mine], house.owner)
    (payout,) = await house.every(Payout)
    await house.release([payout], house.owner)
    for friend in ("per_bob", "per_bea"):
        await house.send(events.ChargebackOpened, invoice=f"inv_{friend}_1", chargeback=f"cb_{friend}")
    rail = await send(house, payout, tmp_path)
    assert rail.sent == []
    assert [one.status for one in await house.every(Payout)] == ["canceled"]
    await sound(house)


async def test_appeals_through_the_database(house: House) -> None:
    """A claim is taken up, won, appealed and lost: what it took comes back, and all that deciding needed was loaded."""
    rewards = await due(house)
    before = {reward.id: reward.amount for reward in rewards}
    claim = await contest(house, evidence=())
    dan, jo = await house.member("dan", "approver"), await house.member("jo", "approver")
    assert outcome(await house.say(events.ClaimTaken, dan, claim=claim.id)) == "claim_taken"
    assert outcome(await house.say(events.ClaimDecided, claim=claim.id, outcome="won", reason="x")) == "own_work"
    assert outcome(await house.say(events.ClaimDecided, dan, claim=claim.id, outcome="won", reason="x")) == "won"
    assert outcome(await house.say(events.ClaimAppealed, claim=claim.id, reason="x")) == "appealed"
    assert outcome(await house.say(events.ClaimDecided, jo, claim=claim.id, outcome="lost", reason="x")) == "lost"
    now = {reward.id: reward.amount for reward in await house.every(Reward) if reward.id in before}
    assert now == before
    await sound(house)


@pytest.mark.parametrize("outcome_", ["cleared", "confirmed"])
async def test_a_case_is_appealed_through_the_database(house: House, outcome_: str) -> None:
    """Confirmed, appealed and decided by a third."""
    await due(house)
    await house.send(events.ChargebackOpened, invoice="inv_per_bob_1", chargeback="cb")
    [(case,)] = await house.rows('select id from "case" where workspace_id = $1')
    dan, jo = await house.member("dan", "approver"), await house.member("jo", "approver")
    assert outcome(await house.say(events.CaseDecided, dan, case=case, outcome="confirmed", reason="x")) == "confirmed"
    assert outcome(await house.say(events.CaseAppealed, case=case, reason="x")) == "appealed"
    assert outcome(await house.say(events.CaseDecided, jo, case=case, outcome=outcome_, reason="x")) == outcome_
    states = {reward.status for reward in await house.every(Reward) if reward.friend == "per_bob"}
    assert states == ({"in_review"} if outcome_ == "cleared" else {"rejected"})
    await sound(house)
