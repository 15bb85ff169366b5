"""What the queue's statements and its index say of a reward is what the core says: ``core.priority``, a second time in SQL."""

import re
from random import Random

import asyncpg
from testkit.world import World
from tests.app.conftest import House

from goodword.core import calendar, priority
from goodword.core.state import Reward
from goodword.store.sql_files import statements

#: Expressions of the queue's statements, and of the columns of its index, by what they are; the last names what they are read of.
_SAID = re.compile(r"(width_bucket\(amount, .*?\)) as bucket,\s*(least\(.*, \d+\)) as promise")
_SINCE = re.compile(r"coalesce\(reviewed_at, hold_until\)")
#: The place in the index of bucket, promise, and since when.
_IN_INDEX = (5, 6, 7)
_EDGES = (0, 1, *(at + by for at in (*priority.AMOUNTS, 2**52) for by in (-1, 0, 1)))


def _rewards(random: Random, like: Reward) -> list[Reward]:
    """Rewards in review around every edge: of amounts, of a promised day, with and without what was kept later."""
    made = []
    for n in range(4_000):
        hold_until = random.choice((0, 1_700_000_000_000_000)) + random.randrange(3 * calendar.DAY)
        reviewed_at = random.choice((None, hold_until, hold_until + random.randrange(40 * calendar.DAY)))
        since = hold_until if reviewed_at is None else reviewed_at
        days = random.choice((-3, -1, 0, 1, 6, 7, 8, 30, 365, 366, 367, 900)) * calendar.DAY
        decide_by = random.choice((None, since + days + random.choice((-1, 0, 1, calendar.DAY // 2))))
        amount = random.choice((*_EDGES, random.randrange(2_000_000)))
        fields = {"id": f"rwd_{n}", "amount": amount, "gross": amount, "risk": n % 4, "hold_until": hold_until}
        made.append(_with(like, **fields, reviewed_at=reviewed_at, decide_by=decide_by))
    return made


def _with(reward: Reward, **fields: object) -> Reward:
    return Reward(**{name: getattr(reward, name) for name in Reward.__struct_fields__} | fields)


async def _index(pool: asyncpg.Pool) -> list[str]:
    rows = "select pg_get_indexdef('reward_queue'::regclass, n, true) as text from unnest($1::int[]) with ordinality as at (n, place)"
    return [row["text"] for row in await pool.fetch(f"{rows} order by place", list(_IN_INDEX))]


async def test_the_store_puts_each_reward_where_the_core_does(house: House) -> None:
    """Severity, bucket, promise and since when, of four thousand rewards at and beside every edge, by statement and by index."""
    world = World()
    rewards = _rewards(Random(7), _any(world))  # noqa: S311 - the same rewards every time
    [said] = {match for text in statements("queue").values() for match in _SAID.findall(text)}
    columns = [[getattr(it, name) for it in rewards] for name in ("amount", "hold_until", "reviewed_at", "decide_by")]
    table = (
        "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) with ordinality"
        " as reward (amount, hold_until, reviewed_at, decide_by, n) order by n"
    )
    for bucket, promise, since in ((*said, "coalesce(reviewed_at, hold_until)"), await _index(house.pool)):
        found = await house.pool.fetch(
            f"select {bucket} as bucket, {promise} as promise, {since} as since from {table}", *columns
        )
        wanted = [(its.bucket, its.promise, priority.since(it)) for it in rewards for its in [priority.class_of(it)]]
        assert [tuple(row) for row in found] == wanted
        assert {bucket for bucket, _, _ in wanted} == set(range(len(priority.AMOUNTS) + 1))
        assert {0, 7, priority.PROMISE_MOST} <= {promise for _, promise, _ in wanted}


def test_the_statements_say_the_same_wherever_they_say_it() -> None:
    """Each time a statement names a class it is in the same words, so that what is tried once holds for all."""
    whole = "\n".join(statements("queue").values())
    for begins, words in (
        ("width_bucket(", r"width_bucket\(amount, '\{[0-9,]+\}'::bigint\[\]\)"),
        ("least(", r"least\(greatest\(.*?366\)"),
    ):
        found = re.findall(words, whole)
        assert len(found) == whole.count(begins) > 3
        assert len(set(found)) == 1
    assert len(_SINCE.findall(whole)) > 6


def _any(world: World) -> Reward:
    """Any reward."""
    world.publish()
    world.enrol("ann", "ANN")
    [reward, *_] = world.referred()
    return reward
