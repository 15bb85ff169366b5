"""A commit whose answer is lost on the way: it was carried out, nobody knows, and what is tried again must not be done twice."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from faults.crash_before import BANK
from faults.scene import Scene, scene
from faults.simulate_strikes import Blow, lost_before, raised
from faults.watch import Stop, Watch
from testkit.house import DUE, House, opened, outcome, payees, reviewable

from goodword.app.proof.audit import verify
from goodword.app.write import process
from goodword.core import events
from goodword.core.state import Code, Payout, Reward


async def losing(house: House, home: Path, act: Callable[[Scene], Awaitable[Any]], what: str = "COMMIT") -> Any:
    """Do something whose first commit (or other call) is carried out while its answer is lost; returns what came of it."""

    class Losing(Watch):
        async def pass_(self, words: str, *rest: Any) -> Any:
            if words.startswith(what) and self.stop is None:
                self.stop = Stop(len(self.points), "after", "cut")
            return await super().pass_(words, *rest)

    watch = Losing()
    async with scene(house.database, house.ws, home, watch) as there:
        watch.on = True
        found = await act(there)
    assert watch.reached
    return found


async def test_a_command_without_a_key_is_decided_once(database: str, tmp_path: Path) -> None:
    """It gets the answer of its first attempt, and the log has it once."""
    async with opened(database) as house:
        said = await losing(house, tmp_path, lambda there: there.say(events.MemberSet, member="mem_x", roles=()))
        assert outcome(said) == "member_set"
        found = await house.rows("select leaf from log where workspace_id = $1 and leaf like '%mem_x%'")
        assert len(found) == 1
        assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_payout_is_sent_although_its_first_answer_was_lost(database: str, tmp_path: Path) -> None:
    """The worker that wrote *processing* down knows that it did, and calls the rail: no payout is forgotten on its way."""
    async with opened(database) as house:
        [payout] = await _released(house, "succeed")
        await losing(house, tmp_path, lambda there: there.worker.do_jobs())
        [payout] = await house.every(Payout)
        assert payout.status == "completed"
        assert (tmp_path / "sends").read_text().split() == [payout.id]
        assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_group_whose_commit_was_not_heard_of_is_decided_once(database: str, tmp_path: Path) -> None:
    """Payouts that were given to the bank together are so once each, though the answer of their commit was lost."""
    async with opened(database) as house:
        released = await _released(house, "succeed", rail="bank_file", count=3)
        await losing(house, tmp_path, lambda there: there.worker.do_jobs())
        assert {payout.status for payout in await house.every(Payout)} == {"processing"}
        leaves = await house.rows("select leaf from log where workspace_id = $1 and leaf like '%payout.answered%'")
        assert len(leaves) == len(released) == 3
        assert await house.rows("select count(*) from job where done_at is null and workspace_id = $1") == [(0,)]
        assert (await verify(house.pool, house.ws)).differences == ()


@pytest.mark.parametrize(
    ("blow", "at_once", "sends"),
    [(lost_before, "completed", 2), (raised("40001"), "completed", 2), (raised("42501"), "unknown", 0)],
)
async def test_no_payout_is_forgotten_between_its_commit_and_its_call(
    database: str, tmp_path: Path, blow: Blow, at_once: str, sends: int
) -> None:
    """What breaks when payouts have just become *processing* either passes, and each is sent once, or their jobs stay to ask."""

    class Struck(Watch):
        async def _statement(self, conn: Any, query: str, args: Any, go: Any) -> Any:
            if (
                not self.reached and "COMMIT;" in self.points and "select found" in query
            ):  # what the commit left of them
                self.reached = True
                return await blow(conn, go)
            return await super()._statement(conn, query, args, go)

    async with opened(database) as house:
        await _released(house, "succeed", count=2)
        watch = Struck()
        async with scene(house.database, house.ws, tmp_path, watch) as there:
            watch.on = True
            await there.worker.do_jobs()
            assert watch.reached
            await house.pool.execute("update job set due_at = 0 where workspace_id = $1", house.ws)
            await there.worker.do_jobs()
        assert [payout.status for payout in await house.every(Payout)] == [at_once] * 2
        book = tmp_path / "sends"
        assert len(book.read_text().split() if book.exists() else []) == sends
        waiting = "select error like 'UnheardError%' from job where done_at is null and workspace_id = $1"
        assert await house.rows(waiting) == [(True,)] * (2 - sends)
        assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_payout_that_came_back_is_owed_again_although_its_arrival_was_never_heard_of(
    database: str, tmp_path: Path
) -> None:
    """A rail that says *returned* of a payout whose answer was lost is understood: what it sent stands in payable again."""
    async with opened(database) as house:
        [payout] = await _released(house, "return")
        await losing(house, tmp_path, lambda there: there.worker.do_jobs(), "the rail is told")
        await house.pool.execute("update job set due_at = 0 where workspace_id = $1", house.ws)
        async with scene(house.database, house.ws, tmp_path) as there:
            await there.worker.do_jobs()
        [payout] = await house.every(Payout)
        assert payout.status == "returned"
        assert {r.status for r in await house.every(Reward) if r.id == payout.parts[0].reward} == {"approved"}
        assert (tmp_path / "sends").read_text().split() == [payout.id]
        assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_click_is_stored_once(database: str, tmp_path: Path) -> None:
    """A flush that is tried again finds its block; there is one touch, and the log takes the block once."""
    async with opened(database) as house:
        await reviewable(house, 1)
        code = (await house.every(Code))[0].id

        async def click(there: Scene) -> str | None:
            return await there.clicks.record(there.workspace, code, bot=False)

        found = await losing(house, tmp_path, click, "with block as")
        assert await house.rows("select id from touch where workspace_id = $1") == [(found,)]
        await process.drain(house.engine, house.ws)
        assert await house.rows("select count(*) from touch_block where workspace_id = $1") == [(1,)]
        assert (await verify(house.pool, house.ws)).differences == ()


async def _released(house: House, script: str, *, rail: str = "sandbox", count: int = 1) -> list[Payout]:
    """Return payouts that are released, to details that a rail can use."""
    rewards = (await reviewable(house, (count + 1) // 2))[:count]
    await payees(house, rewards, rail, **({"script": script} if rail == "sandbox" else BANK))
    await house.approve(rewards)
    await house.move_clock(DUE)
    await house.release(await house.draft(rewards, rail=rail))
    return await house.every(Payout)
