"""Lists that are filtered show what the whole list shows of it."""

from typing import Any

import pytest
from testkit.house import DUE, PAT, opened, reviewable

from goodword.core import events
from goodword.core.state import Advocate, Balance, Payout, Reward
from goodword.store import pages

_MOST = 1_000


@pytest.mark.parametrize(
    ("noun", "page", "columns"),
    [
        (Reward, pages.rewards, ("status", "beneficiary", "conversion", "payout")),
        (Payout, pages.payouts, ("status", "beneficiary", "rail")),
        (Advocate, pages.advocates, ("person",)),
        (Balance, pages.balances, ("owner", "account")),
    ],
)
async def test_a_filter_shows_what_the_whole_list_shows_of_it(
    database: str, noun: type[Any], page: Any, columns: tuple[str, ...]
) -> None:
    """For every value of every filter the page is the whole list without the others, in the same order; a page in two is the same."""
    async with opened(database) as house:
        rewards = await reviewable(house, 4)
        await house.approve(rewards[:5])
        await house.move_clock(DUE)
        first, *_ = await house.draft(rewards)
        await house.say(events.PayoutCanceled, PAT, payout=first.id, reason="mistake")
        assert {"canceled", "awaiting_release"} <= {payout.status for payout in await house.every(Payout)}
        every = [one for one in await house.every(noun) if noun is not Balance or one.amount]
        async with house.pool.acquire() as conn:
            behind = {"after": ""} if noun is not Balance else {}
            missing = {"person": None} if noun is Advocate else {}
            whole = await page(conn, house.ws, limit=_MOST, **behind, **missing)
            assert sorted(map(repr, whole)) == sorted(map(repr, every))
            for column in columns:
                values = {getattr(one, column) for one in whole} - {None}
                assert values
                for value in values:
                    wanted = [one for one in whole if getattr(one, column) == value]
                    assert await page(conn, house.ws, limit=_MOST, **{**behind, **missing, column: value}) == wanted
