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
        conn = await connect()
        await conn.execute("set session_replication_role = replica")  # what protects the log is not what is tried here
        by_hand = next(it for it in paid if it.referral and it.payout and not it.standing and it.kind == "cash")
        await _taken_away(conn, ws, by_hand)
        stood = next(one for one in paid if one.standing is not None and one.standing.at is not None)
        await _stood(conn, ws, stood)
        for reward, changes in ((by_hand, _wrong_amounts(by_hand)), (stood, _wrong_terms(stood))):
            for statement, back, code in changes:
                await conn.execute(statement)
                found = await audits.of(who, house.directory, reward.id)
                assert code in {point.code for point in found.points if point.answer == "no"}, statement
                assert all(point.sentence for point in found.points)
                await conn.execute(back)
            found = await audits.of(who, house.directory, reward.id)
            assert found.lacks == (), reward
            assert found.said[-1].amount == reward.amount


def _wrong_amounts(reward: Reward) -> list[tuple[str, str, str]]:
    """What somebody changes, how it is changed back, and by which code the sheet of the reward says so."""
    row, payout = f"where id = '{reward.id}'", f"where id = '{reward.payout}'"
    first = (
        f"where reward = '{reward.id}' and position = (select min(position) from posting where reward = '{reward.id}')"
    )
    part = "parts = jsonb_set(parts, '{{0,sent}}', to_jsonb((parts #>> '{{0,sent}}')::bigint {0} 1)), amount = amount {0} 1"
    everywhere = (
        f"update reward set amount = amount {{0}} 1, sent = sent {{0}} 1 {row}; update payout set {{1}} {payout};"
    )
    everywhere += f"update posting set amount = amount {{0}} 1 where reward = '{reward.id}'"
    return [
        (f"update reward set amount = amount - 1 {row}", f"update reward set amount = amount + 1 {row}", "log_differs"),
        (
            f"update reward set amount = amount + 1, gross = gross + 1 {row}",
            f"update reward set amount = amount - 1, gross = gross - 1 {row}",
            "beyond_rules",
        ),
        (
            f"update posting set amount = amount + 1 {first}",
            f"update posting set amount = amount - 1 {first}",
            "postings_differ",
        ),
        (
            f"update payout set amount = amount + 1 {payout}",
            f"update payout set amount = amount - 1 {payout}",
            "payout_differs",
        ),
        (
            f"update payout set {part.format('+')} {payout}",
            f"update payout set {part.format('-')} {payout}",
            "payout_differs",
        ),
        (
            f"update payout set {part.format('-')} {payout}",
            f"update payout set {part.format('+')} {payout}",
            "payout_differs",
        ),
        # An amount, its postings and its payout, all of them changed alike: only the log knows.
        (
            everywhere.format("-", part.format("-")),
            everywhere.format("+", part.format("+")),
            "log_differs",
        ),
    ]


def _wrong_terms(reward: Reward) -> list[tuple[str, str, str]]:
    """Of a standing approval: what no row but its own says is said by the log."""
    it = f"where id = '{reward.approvals[0]}'"
    return [
        (
            f"update standing set until = until + 1 {it}",
            f"update standing set until = until - 1 {it}",
            "standing_differs",
        ),
        (
            f"update standing set in_all = in_all + 1 {it}",
            f"update standing set in_all = in_all - 1 {it}",
            "standing_differs",
        ),
        (
            f"update standing set per_reward = -per_reward {it}",
            f"update standing set per_reward = -per_reward {it}",
            "standing_beyond",
        ),
    ]


async def _stood(conn: asyncpg.Connection, ws: str, reward: Reward) -> None:
    """A standing approval is not believed by its name: it was confirmed by two, for the class, at the time, within its limits."""
    it, at = f"where id = '{reward.approvals[0]}'", reward.approved_at
    used = f"update counter set amounts = jsonb_build_object('{reward.unit}', 1000000000) where kind = 'standing:{reward.approvals[0]}'"
    statements = [
        f"delete from standing {it}",
        f"update standing set granted_by = jsonb_build_array(granted_by ->> 0, granted_by ->> 0) {it}",
        f"update standing set granted_by = jsonb_build_array(granted_by ->> 0) {it}",
        *(f"update standing set {name} = 'another' {it}" for name in ("program", "kind", "unit", "rail", "side")),
        f"update standing set until = {at} {it}",
        f"update standing set since = {at} + 1 {it}",
        f"update standing set stopped_at = {at} - 1 {it}",
        f"update standing set per_reward = 0 {it}",
        f"{used} and person = ''",
        f"{used} and person = '{reward.beneficiary}'",
        f"update reward set standing = null where id = '{reward.id}'",
    ]
    await _tried(conn, ws, reward, {statement: ["approval"] for statement in statements})


async def _taken_away(conn: asyncpg.Connection, ws: str, reward: Reward) -> None:
    """Whoever holds the database changes a row, each tried alone."""
    payout = reward.payout
    tries = {
        f"update reward set approvals = '[]' where id = '{reward.id}'": ["approval"],
        f"update reward set approved_at = null where id = '{reward.id}'": ["approval"],
        f"delete from approval where subject = '{reward.id}'": ["approval"],
        f"update payout set releases = '[]' where id = '{payout}'": ["approval"],
        f"update payout set parts = '[]' where id = '{payout}'": ["payout_calculation"],
        f"update payout set amount = amount + 1 where id = '{payout}'": ["payout_calculation"],
        f"update reward set amount = amount - 1 where id = '{reward.id}'": ["payout_calculation"],
        f"update reward set sent = sent + 1 where id = '{reward.id}'": ["payout_calculation"],
        f"delete from posting where reward = '{reward.id}' and source = 'payable'": ["payout_calculation"],
        f"update reward set rule = 9 where id = '{reward.id}'": ["payout_calculation"],
        f"update reward set rules = 'x' where id = '{reward.id}'": ["terms", "payout_calculation"],
        f"delete from referral where id = '{reward.referral}'": ["referral_source"],
        f"update conversion set evt = null where id = '{reward.conversion}'": ["qualifying_conversion"],
        f"update conversion set status = 'open' where id = '{reward.conversion}'": [
            "qualifying_conversion",
            "payment_and_refund",
        ],
    }
    await _tried(conn, ws, reward, tries)


async def _tried(conn: asyncpg.Connection, ws: str, reward: Reward, tries: dict[str, list[str]]) -> None:
    """Each of these, tried alone, is named by the audit query."""
    for statement, missing in tries.items():
        change = conn.transaction()
        await change.start()
        await conn.execute(statement)
        rows = await eligibility.paid_and_lacking(conn, ws, 0, 2**62, [reward.program], 9)
        shares = await eligibility.accuracy(conn, ws, 0, 2**62, [reward.program])
        await change.rollback()
        assert dict(rows).get(reward.id) == missing, statement
        assert sum(row.rewards - row.whole for row in shares if row.status == "paid") == len(rows), statement
