"""The seven points of each reward: SQL and the core say the same after any history, and of what is paid nothing is missing."""

from random import Random
from typing import Any

import asyncpg
from testkit.house import OWNER, opened
from testkit.tampering import fill
from tests.app.histories import story, tell
from tests.conftest import Connect

from goodword.app.principal import Principal
from goodword.app.say import corrections
from goodword.app.say.corrections import Corrected
from goodword.app.see import audits
from goodword.core import audit
from goodword.core.state import Reward
from goodword.store import eligibility


async def _recounted(who: Principal, directory: Any, rewards: list[Reward]) -> dict[str, set[str]]:
    """Hold what SQL counts and lists against the points of each reward; returns which answers there were, by point."""
    answers: dict[str, set[str]] = {point: set() for point in audit.POINTS}
    counted: dict[tuple[str, str], list[int]] = {}
    lacks: dict[str, set[str]] = {point: set() for point in audit.POINTS}
    for reward in rewards:
        one = await audits.of(who, directory, reward.id)
        assert [point.point for point in one.points] == [*audit.POINTS]
        for point in one.points:
            assert point.sentence
            assert (point.evt is None) or point.position is not None
            answers[point.point].add(f"{point.answer} {point.code}")
        for missing in one.lacks:
            lacks[missing].add(one.id)
        sums = counted.setdefault((one.about.program, reward.status), [0, 0])
        sums[0] += 1
        sums[1] += not one.lacks
    shares = await audits.accuracy(who, directory)
    assert {(row.program, row.status): [row.count, row.whole] for row in shares.rows} == counted
    assert shares.lacking == ()
    assert shares.paid[0] == shares.paid[1]
    for point in audit.POINTS:
        listed = await audits.page(who, directory, point=point, limit=1_000)
        assert {one.id for one in listed.items} == lacks[point]
    return answers


async def test_the_share_is_its_recount_after_any_history(make_house: Any) -> None:
    """Counted by SQL it is what the points of each reward say, by program and state; so is the list of those that lack one."""
    world = story(61, moves=90)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(61))  # noqa: S311 - the same batches every time
    rewards = await house.every(Reward)
    answers = await _recounted(Principal("mk", house.workspace, house.owner), house.directory, rewards)
    assert len(rewards) > 10
    assert {"no open_now", "yes open_since"} <= answers["duplicate_claim"]


async def test_of_what_is_paid_nothing_is_missing_and_what_somebody_takes_away_is_named(
    database: str, connect: Connect
) -> None:
    """Of any origin and rail; a row that is changed by hand is named by the audit query, and the share is whole no more."""
    ws = await fill(database)
    async with opened(database, ws) as house:
        who, [advocate, *_] = house.as_(OWNER), [it for it in await house.every(Reward) if it.side == "advocate"]
        said = Corrected(
            program=advocate.program, person=advocate.beneficiary, origin="goodwill", amount=500, currency="EUR"
        )
        assert not (await corrections.enter(who, house.directory, said, "A parcel was lost.", "sorry")).refused
        rewards = await house.every(Reward)
        answers = await _recounted(who, house.directory, rewards)
        paid = [reward for reward in rewards if reward.status == "paid"]
        assert len(paid) > 2
        assert {"yes members", "yes standing", "no not_yet"} <= answers["approval"]
        assert {"yes referral", "not_applicable goodwill"} <= answers["referral_source"]
        [sheet] = [await audits.of_reward(who, house.directory, paid[0].id)]
        assert sheet.payout is not None
        assert sheet.head is not None
        assert {one.released for one in sheet.approvers} == {False, True}
        [same] = (await audits.of_payout(who, house.directory, sheet.payout.id)).rewards
        assert same == sheet.rewards[0]
        await _taken_away(await connect(), ws, next(one for one in paid if one.referral and one.approvals))


async def _taken_away(conn: asyncpg.Connection, ws: str, reward: Reward) -> None:
    """Whoever holds the database changes a row, each tried alone."""
    payout = reward.payout
    tries = {
        f"update reward set approvals = '[]' where id = '{reward.id}'": ["approval"],
        f"update reward set approved_at = null where id = '{reward.id}'": ["approval"],
        f"delete from approval where subject = '{reward.id}'": ["approval"],
        f"update payout set releases = '[]' where id = '{payout}'": ["approval"],
        f"update payout set parts = '[]' where id = '{payout}'": ["payout_calculation"],
        f"update reward set rule = 9 where id = '{reward.id}'": ["payout_calculation"],
        f"update reward set rules = 'x' where id = '{reward.id}'": ["terms", "payout_calculation"],
        f"delete from referral where id = '{reward.referral}'": ["referral_source"],
        f"update conversion set evt = null where id = '{reward.conversion}'": ["qualifying_conversion"],
        f"update conversion set status = 'open' where id = '{reward.conversion}'": [
            "qualifying_conversion",
            "payment_and_refund",
        ],
    }
    await conn.execute("set session_replication_role = replica")  # what protects the log is not what is tried here
    for statement, missing in tries.items():
        change = conn.transaction()
        await change.start()
        await conn.execute(statement)
        rows = await eligibility.paid_and_lacking(conn, ws, 0, 2**62, [reward.program], 9)
        shares = await eligibility.accuracy(conn, ws, 0, 2**62, [reward.program])
        await change.rollback()
        assert dict(rows).get(reward.id) == missing, statement
        assert [row.rewards - row.whole for row in shares if row.status == "paid"] == [len(rows)]
