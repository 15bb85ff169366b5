"""The simulation gives the same run for a seed, brings about every kind of fault, and sees what is wrong."""

import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from faults.simulate import COSTLY, KINDS, STARTS, TYPES, chosen, ground, rules, run_seed
from faults.simulate_checks import check, settle
from faults.simulate_corrections import MOVES
from faults.simulate_dealings import paused
from faults.simulate_events import OUTSIDE
from faults.simulate_time import Clock, simulated
from faults.simulate_world import World
from testkit.database import fresh

from goodword.app.follow import payouts
from goodword.app.write import persist
from goodword.core import calendar
from goodword.store import inbox


def _nobody() -> None:
    raise AssertionError("the server of the tests is not restarted")


async def _ran(dsn: str, folder: Path, *seeds: int) -> list[World]:
    async with ground(dsn, folder, _nobody) as ground_:
        return [await run_seed(ground_, seed) for seed in seeds]


@pytest.mark.parametrize("seed", [2, 16, 27] if os.environ.get("FULL") else [16])
async def test_a_seed_gives_the_same_run_each_time(
    database: str, pg_dsn: str, pg_template: str, tmp_path: Path, seed: int
) -> None:
    """In two databases a seed brings about the same faults and, byte for byte, the same log; nothing is wrong in either."""
    async with fresh(pg_dsn, pg_template) as again:
        [first], [second] = await _ran(database, tmp_path / "1", seed), await _ran(again, tmp_path / "2", seed)
    assert first.wrong == second.wrong == []
    assert first.story == second.story
    assert first.root == second.root != "None"


def test_a_hundred_seeds_bring_about_every_kind() -> None:
    """Each kind of fault that costs little comes at least five times in a hundred seeds, each other one at least once."""
    met = Counter(kind for seed in range(100) for kind in chosen(seed, Random(seed)))  # noqa: S311
    assert met.keys() == KINDS.keys()
    assert len(KINDS) >= 25
    assert min(count for kind, count in met.items() if kind not in COSTLY) >= 5


async def test_every_event_and_command_happens(database: str, tmp_path: Path) -> None:
    """A company that does everything its people can, a few times, is told every type of event and says every command; all holds."""
    random = Random(11)  # noqa: S311 - the same run each time
    clock = Clock(calendar.parse(STARTS[0]))
    async with ground(database, tmp_path, _nobody) as ground_:
        with simulated(clock, Random(8)):  # noqa: S311
            world = World(ground_, clock, random)
            await world.furnish(rules(random), "manual")
            # What a move does is drawn, so a kind of event may be left out a few times; twelve times is more than any was.
            for _ in range(12):
                await world.tell(*(kind(world) for kind in OUTSIDE))
                for move in (paused, *MOVES):
                    await move(world)
                if not _missing(world):
                    break
            await settle(world)
            wrong = await check(world)
    assert wrong == []
    assert _missing(world) == set()


def _missing(world: World) -> set[str]:
    # Approvals are taken back by the dealings of every other simulated company.
    return TYPES - world.reached.keys() - {"approval.withdrawn"}


@pytest.mark.parametrize(
    ("breaking", "seen"),
    [
        ("sends again", "was delivered 2 times"),
        ("forgets money", "I-01"),
        ("acknowledges too early", "was acknowledged and is lost"),
    ],
)
async def test_what_is_wrong_is_seen(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaking: str, seen: str
) -> None:
    """A product that sends again, loses a posting or acknowledges what it did not store fails within a few seeds."""
    asked, post = payouts._Sending._asked, persist.entities.post

    async def sends_again(self: Any, payout: Any, order: Any) -> Any:
        await self._rails[payout.rail].send(order)
        return await asked(self, payout, order)

    async def forgets_money(conn: Any, ws: str, balances: dict[Any, int]) -> Any:
        return await post(conn, ws, {key: amount for key, amount in balances.items() if key[1] != "settled"})

    async def acknowledges_too_early(_: Any, __: str, rows: Any) -> set[str]:
        return {row.evt for row in rows}

    wrong: dict[str, tuple[Any, str, Any]] = {
        "sends again": (payouts._Sending, "_asked", sends_again),
        "forgets money": (persist.entities, "post", forgets_money),
        "acknowledges too early": (inbox, "add", acknowledges_too_early),
    }
    monkeypatch.setattr(*wrong[breaking])
    runs = await _ran(database, tmp_path, *range(9, 14))
    assert any(seen in line for one in runs for line in one.wrong), [one.wrong for one in runs]
