"""Measures in a database: they follow the log, equal their recount, count once whoever is killed, and a changed row is found."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from tests.app.conftest import House
from tests.app.histories import story, tell
from tests.app.test_audit import live
from tests.conftest import Connect

from goodword.app.errors import InvalidError
from goodword.app.follow.figures import FOLLOWER
from goodword.app.follow.follower import catch_up, follow, restart
from goodword.app.principal import OPERATOR
from goodword.app.proof.audit import examine, verify
from goodword.app.recent import Recent
from goodword.app.see import measures
from goodword.core import calendar, events, measuring
from goodword.core.measuring import MEASURES, Measurement


async def recounted(house: House) -> measures.Recount:
    """Return the recount of a workspace."""
    return await measures.recount(OPERATOR.at(house.workspace), house.directory)


async def paid(house: House) -> None:
    """Let two rewards be paid that were approved some days before."""
    rewards = await live(house)
    await house.follow()
    house.at += 60 * calendar.DAY
    await house.send(events.CustomerKnown, person="per_y", since=house.at)
    payer = await house.member("mem_payer", "owner")
    payouts = await house.draft(rewards, house.owner, "bank_file")
    await house.release(payouts, payer)
    for payout in payouts:
        for said in ("processing", "completed"):
            answer = await house.say(events.PayoutAnswered, house.owner, payout=payout.id, outcome=said, anew=True)
            assert answer.verdicts[-1].outcome == said, answer.verdicts


async def emitted(house: House) -> list[Measurement]:
    """Return all measurement events, page by page."""
    found: list[Measurement] = []
    after: str | None = "0"
    while after is not None:
        page = await measures.events(OPERATOR.at(house.workspace), house.directory, after=int(after))
        found += page.items
        after = page.after
    return found


@pytest.mark.parametrize("by", ["decided", "occurred"])
async def test_measures_of_a_generated_history_are_their_recount(make_house: Any, by: Any) -> None:
    """Of a history told in batches each measure over all of it is what its measurement events come to, and verify finds nothing."""
    world = story(109)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(4))  # noqa: S311 - the same batches every time
    await house.follow()
    events = await emitted(house)
    assert len({it.name for it in events}) > 5
    times = measuring.Times()
    took = [
        one
        for position in sorted({event.position for event in events})
        for one in times.hear(event for event in events if event.position == position)
    ]
    assert len(took) > 3
    who, seen = OPERATOR.at(house.workspace), Counter[str]()

    def within(event: Measurement) -> bool:
        at = event.decided_at if by == "decided" else event.occurred_at
        return it.starts[0] <= at < it.starts[1]

    for zone in ("UTC", "Asia/Kathmandu"):
        for year in range(2023, 2028):
            it = await measures.over(who, house.directory, f"{year}-01-01", f"{year + 1}-01-01", zone=zone, by=by)
            assert it.as_of_position == it.position
            for one in it.measures:
                seen[one.measure] += one.count
                if one.how == "time":
                    mine = sorted(each.duration for each in took if each.measure == one.measure and within(each.paid))
                    assert one.count == len(mine)
                    assert one.median == (measuring.rounded(mine[(len(mine) - 1) // 2]) if mine else None)
                    continue
                of = [event for event in events if event.name == one.of and within(event)]
                assert one.count == len(of), one.measure
                amounts = sum(event.amount or 0 for event in of if one.how == "amount")
                assert sum(told.amount or 0 for told in one.told) == amounts
    assert seen["approved_to_paid"] + seen["conversion_to_paid"] == 2 * len(took)
    assert {*seen, *it.absent} == {*MEASURES}
    assert it.absent == ("satisfaction",)
    recount = await recounted(house)
    assert recount.differences == []
    assert (recount.position, recount.events) == (it.position, len(events))
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_who_is_stopped_or_begins_again_counts_once(house: House) -> None:
    """A follower that dies in a batch, a process that remembers nothing, and one that begins anew count each payment once."""
    await paid(house)
    await restart(house.engine, house.ws, FOLLOWER)
    small = replace(FOLLOWER, most=7)

    async def dies(conn: Any, ws: str, entries: Any) -> None:
        await FOLLOWER.apply(conn, ws, entries)
        raise ZeroDivisionError

    killed = 0
    while await follow(house.engine, house.ws, small):
        house.engine.recent = Recent()
        try:
            await follow(house.engine, house.ws, replace(small, apply=dies))
        except ZeroDivisionError:
            killed += 1
    assert killed > 10
    recount = await recounted(house)
    assert (recount.differences, recount.position) == ([], await house.position())
    today = calendar.utc_day(house.at)
    it = await measures.over(
        OPERATOR.at(house.workspace), house.directory, today, calendar.utc_day(house.at + calendar.DAY)
    )
    took = {one.measure: (one.count, one.median, one.p95) for one in it.measures if one.how == "time" and one.count}
    assert took == {"approved_to_paid": (2, *[60 * 86_400] * 2), "conversion_to_paid": (2, *[91 * 86_400] * 2)}
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_changed_row_of_a_histogram_is_found(house: House, connect: Connect) -> None:
    """Whatever a superuser does to what is kept of times and events, the recount and verify name the row."""
    await paid(house)
    await catch_up(house.engine, house.ws, [FOLLOWER])
    owner = await connect()
    one = "metric = 'approved_to_paid:1'"
    for change in (
        f"update figure set unit = '60' where {one}",
        f"update figure set count = count + 1 where {one}",
        f"delete from figure where {one}",
        "update figure set amount = amount - 1 where metric = 'cost.booked:1'",
    ):
        transaction = owner.transaction()
        await transaction.start()
        assert not (await owner.execute(change)).endswith(" 0"), change
        found = (await examine(owner, house.ws)).differences
        await transaction.rollback()
        assert found, change
        assert {it.noun for it in found} == {"figure"}
    await owner.execute(f"update figure set unit = '60' where {one}")
    differing = (await recounted(house)).differences
    assert differing
    assert all("approved_to_paid:1" in it.what for it in differing)


async def test_what_is_no_month_is_refused(house: House) -> None:
    """A month and days together, a month that is none, and one that counts by luck are refused with what to write."""
    who = OPERATOR.at(house.workspace)
    for asked in ({"month": "2026-13"}, {"month": "x"}, {"month": "2026-10", "begin": "2026-10-01"}, {"by": "luck"}):
        with pytest.raises(InvalidError):
            await measures.over(who, house.directory, **asked)  # type: ignore[arg-type]
