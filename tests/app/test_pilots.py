"""The report of a pilot asks the seven points of every candidate: what is planted is named, and nothing else."""

from typing import Any

from testkit.house import OWNER, House, opened, reviewable

from goodword.app.proof.audit import verify
from goodword.app.see import pilots
from goodword.core import audit, calendar, events
from goodword.core.state import Program, Reward

#: What somebody changes by hand of a reward -> the points that it lacks then.
PLANTED = {
    "update reward set approvals = '[]' where id = $1": {"approval"},
    "update reward set rule = 9 where id = $1": {"payout_calculation"},
    "update reward set rules = repeat('0', 64) where id = $1": {"terms", "payout_calculation"},
    "delete from referral where id = (select referral from reward where id = $1)": {"referral_source"},
    "update conversion set status = 'open' where id = (select conversion from reward where id = $1)": {
        "qualifying_conversion",
        "payment_and_refund",
    },
}


async def _failing(house: House, program: str) -> dict[str, set[str]]:
    """What the report names, page by page, each with its sentences."""
    found: dict[str, set[str]] = {}
    after: str | None = ""
    while after is not None:
        page = await pilots.failures(house.as_(OWNER), house.directory, program, after=after, limit=3)
        for one in page.items:
            assert one.id not in found
            assert all(point.sentence for point in one.points)
            found[one.id] = {point.point for point in one.points}
        after = page.after
    return found


async def test_each_planted_failure_is_named_with_its_points(database: str) -> None:
    """Whole before, each change by hand is named with what it lacks, and the report has another digest; what waits is no failure."""
    async with opened(database) as house:
        [program] = await house.every(Program)
        begun = await house.say(events.PilotStarted, program=program.id, share=(999_999, 1_000_000))
        assert not begun.refused, begun.verdicts
        found = await reviewable(house, 2 + len(PLANTED))
        advocates = sorted((it for it in found if it.side == "advocate"), key=lambda it: it.id)
        held, waits, *planted = advocates
        await house.approve([it for it in found if it.conversion not in (held.conversion, waits.conversion)])
        before = await _report(house, program)
        assert (before.count, before.whole, before.waiting, before.failing) == (len(found), len(found) - 4, 4, 0)
        assert before.percent == "100"
        assert await _failing(house, program.id) == {}
        assert (await verify(house.pool, house.ws)).differences == ()
        await house.say(events.RewardsHeld, items=await house.items([held]), reason="look")
        expected = {held.id: {"duplicate_claim"}}
        report = await _report(house, program)
        assert (report.failing, report.waiting, report.points) == (1, 3, {"duplicate_claim": 1})
        assert report.sha256 != before.sha256
        for (statement, lacks), reward in zip(PLANTED.items(), planted, strict=True):
            await _by_hand(house, statement, reward.id)
            expected[reward.id] = lacks
        assert {point for lacks in expected.values() for point in lacks} == {*audit.POINTS}
        friends = {it.id for it in found if it.side == "friend"}
        named = await _failing(house, program.id)
        assert {id_: lacks for id_, lacks in named.items() if id_ not in friends} == expected
        report = await _report(house, program)
        assert report.failing == len(named)
        assert report.points == {
            point: sum(point in lacks for lacks in named.values())
            for point in audit.POINTS
            if any(point in lacks for lacks in named.values())
        }
        assert report.count == report.whole + report.waiting + report.failing
        assert report.percent != "100"


async def _report(house: House, program: Program) -> Any:
    return await pilots.report(house.as_(OWNER), house.directory, program.slug)


async def _by_hand(house: House, statement: str, reward: str) -> None:
    async with house.pool.acquire() as conn:
        assert await conn.execute(statement, reward) in ("UPDATE 1", "DELETE 1")


async def test_orders_outside_of_the_cycles_are_no_candidates(make_house: Any) -> None:
    """From the beginning up to, and without, the end of the last cycle, by when the order happened."""
    house = await make_house()
    await house.publish(hold="0d", payouts={"every": "week", "net": 1})
    await house.accept(*house.story())
    await house.decide()
    house.at += calendar.DAY
    await house.send(events.LeadCreated, person="per_eve", code="cod_per_ann")
    [program] = await house.every(Program)
    await house.say(events.PilotStarted, program=program.id, ways=("code",))
    [program] = await house.every(Program)
    assert program.pilot is not None
    begin, end = program.pilot.begins, program.pilot.ends
    wanted = set()
    for at, counts in ((begin, True), (end - 1, True), (end, False)):
        house.at = at
        friend = f"per_{at}"
        lead = house.event(events.LeadCreated, person=friend, code="cod_per_ann")
        bought = house.bought(friend)
        await house.accept(lead, bought)
        await house.decide()
        wanted |= {it.id for it in await house.every(Reward) if it.friend == friend and counts}
    report = await pilots.report(house.as_(house.owner), house.directory, program.id)
    assert (report.begin, report.end) == (begin, end)
    assert report.count == len(wanted) == 4
    assert (report.state, report.waiting, report.percent) == ("due", 4, None)
