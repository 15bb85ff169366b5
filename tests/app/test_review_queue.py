"""The queue of rewards in review: each order is whole and as it is said, by pages and by single steps either way."""

from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from tests.app.conftest import House
from tests.app.histories import story, tell

from goodword.app.errors import InvalidError
from goodword.app.principal import Principal
from goodword.app.see import queue
from goodword.core import calendar, priority
from goodword.core.state import Reward
from goodword.store import queue as lanes

#: What differs between them.
_VARIED = ("id", "gross", "amount", "reviewed_at", "decide_by", "risk", "marks", "cases")


async def _house(make_house: Any, seed: int) -> tuple[House, Principal]:
    """A history, of which each reward in review is there nine times more: since other days, for other amounts, under other promises."""
    world = story(seed, moves=90)
    house: House = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
    columns = ", ".join(f'"{name}"' for name in Reward.__struct_fields__ if name not in _VARIED)
    await house.rows(
        f"""insert into reward (workspace_id, id, gross, amount, reviewed_at, decide_by, risk, {columns})
            select workspace_id, 'rwd_' || n || substr(id, 6), gross * 20000, (amount + 1) * (7 ^ (n % 6))::bigint,
              hold_until - n * n * $2::bigint,
              hold_until + case when n % 3 = 0 then 1 else (n % 5) * 2 * $2::bigint - n * n * $2::bigint end, n % 4, {columns}
            from reward cross join generate_series(1, 7) as n where workspace_id = $1 and status = 'in_review' returning id""",
        calendar.DAY,
    )
    return house, Principal("mk", house.workspace, replace(house.owner, limits=None))


async def _waiting(house: House) -> list[Reward]:
    return [reward for reward in await house.every(Reward) if reward.status == "in_review"]


def _order(sort: str, reward: Reward, now: int) -> tuple[int, ...]:
    since, its = priority.since(reward), priority.class_of(reward)
    return {
        "priority": (-priority.total(reward, now), since),
        "age": (since,),
        "due": (since + its.promise * calendar.DAY,),
        "risk": (-its.risk, since),
        "amount": (-reward.amount,),
    }[sort]


@pytest.mark.parametrize("seed", [67, 68, 75])
async def test_every_order_is_whole_and_as_it_is_said(make_house: Any, seed: int) -> None:
    """Page by page all of it comes once, in order; from each one a step leads to the next and to the one before."""
    house, who = await _house(make_house, seed)
    waiting = await _waiting(house)
    assert len(waiting) > 10
    for sort in queue.SORTS:
        rows, after = [], ""
        while True:
            page = await queue.page(who, house.directory, sort=sort, after=after, limit=7)
            rows += page.items
            if page.after is None:
                break
            after = page.after
        expected = sorted(waiting, key=lambda reward: (_order(sort, reward, page.now), reward.id))
        assert [row.id for row in rows] == [reward.id for reward in expected], sort
        assert all(row.points == sum(part.points for part in row.parts) for row in rows)
        for place in (0, 5, len(expected) - 1):
            stands = await queue.neighbours(who, house.directory, expected[place].id, sort=sort)
            before = expected[place - 1].id if place else None
            behind = expected[place + 1].id if place + 1 < len(expected) else None
            assert (stands.before, stands.after) == (before, behind), sort


async def test_a_filter_leaves_what_it_says(make_house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By unit, rules, payee, severity, program and what the reader may approve: the same rewards as one that looks at each."""
    house, who = await _house(make_house, 67)
    waiting = await _waiting(house)

    async def person(_: Any, __: Any, named: str | None) -> str | None:
        return named  # in a history a person's id is their name

    monkeypatch.setattr(queue.filters, "person", person)

    async def given(**asked: Any) -> set[str]:
        return {row.id for row in (await queue.page(who, house.directory, queue.Filter(**asked), limit=1_000)).items}

    one = waiting[0]
    assert await given(unit=one.unit) == {reward.id for reward in waiting if reward.unit == one.unit}
    assert await given(rules=one.rules) == {reward.id for reward in waiting if reward.rules == one.rules}
    assert await given(payee=one.beneficiary) == {
        reward.id for reward in waiting if reward.beneficiary == one.beneficiary
    }
    assert await given(program=one.program) == {reward.id for reward in waiting if reward.program == one.program}
    flagged = {reward.id for reward in waiting if reward.risk >= 2}
    assert flagged
    assert await given(risk=2) == flagged
    every = (await queue.page(who, house.directory, limit=1_000)).items
    mine = {row.id for row in every if row.refusal is None}
    assert mine
    assert mine != {row.id for row in every}
    assert await given(mine=True) == mine


async def test_the_store_and_the_core_put_a_reward_in_the_same_class(make_house: Any) -> None:
    """The index says of each reward what ``priority.class_of`` says."""
    house, who = await _house(make_house, 67)
    waiting = await _waiting(house)
    async with house.pool.acquire() as conn:
        found = set(await lanes.lanes(conn, who.workspace.id))
    assert found == {lanes.Lane(reward.rules, reward.unit, priority.class_of(reward)) for reward in waiting}


async def test_what_is_flagged_is_grave_until_it_is_decided(make_house: Any) -> None:
    """A reward with an open case has its severity, and none once all are decided; a flag of no case, which nobody decides, stays."""
    world = story(67, moves=90)
    house: House = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(67))  # noqa: S311 - the same batches every time
    rewards = await house.every(Reward)
    assert {reward.risk > 0 for reward in rewards if reward.cases} == {True}
    decided = [reward for reward in rewards if not reward.cases]
    only_marked = [reward for reward in decided if any(mark.case is None for mark in reward.marks)]
    assert {reward.risk > 0 for reward in only_marked} == {True}
    assert {reward.risk for reward in decided if reward not in only_marked} == {0}


_NONE = [
    "x",
    "1~2",
    "1~2~3~4~rwd",
    "1~a~3~rwd_1",
    "9" * 30 + "~1~2~rwd",
    "1~--5~3~rwd_1",
    f"1~{'9' * 19}~3~rwd_1",
    "1~2~3~\0",
]


@pytest.mark.parametrize("after", _NONE)
async def test_a_cursor_of_nothing_is_an_error(make_house: Any, after: str) -> None:
    """What no page has given is named as wrong."""
    house, who = await _house(make_house, 68)
    with pytest.raises(InvalidError):
        await queue.page(who, house.directory, after=after)
