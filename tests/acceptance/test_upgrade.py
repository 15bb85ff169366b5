"""A database that an earlier version left behind goes on under this one.

``tests/golden/<commit>.sql.gz`` is what that commit's own code made of a story: two programs, fifty friends who buy, approvals, a
rejection, payouts that arrive, fail, wait or are underway, refunds, a chargeback, a case, a claim, clicks, a page's lead, a new
version of the rules, and an order that was accepted and not yet decided. ``pg_dump --inserts`` wrote it, and its master key is
worth nothing.
"""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from testkit import sent
from testkit.database import fetch, fresh, run
from testkit.house import ANNA, BEN, PAT, opened, outcome, sale, sales

from goodword.app.proof.audit import verify
from goodword.core import events
from goodword.core.state import Case, Payout, Reward
from goodword.store.migrations import migrate, names

GOLDEN = sorted((Path(__file__).resolve().parent.parent / "golden").glob("*.sql.gz"))
_MASTER_KEY = "60" * 32


@pytest.fixture(params=GOLDEN, ids=lambda file: file.name.partition(".")[0])
async def restored(request: pytest.FixtureRequest, pg_dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Yield the address of a database as an earlier version left it."""
    monkeypatch.setenv("GOODWORD_MASTER_KEY", _MASTER_KEY)
    async with fresh(pg_dsn) as address:
        await run(address, gzip.decompress(request.param.read_bytes()).decode())
        yield address


async def test_what_an_earlier_version_left_goes_on(restored: str) -> None:
    """It migrates; each entry of before is verified; what waited is decided, what was underway goes on; all of it is verified again."""
    [(applied,)] = await fetch(restored, "select count(*) from migration")
    [(ws, before)] = await fetch(restored, "select workspace_id, position from stream")
    assert applied < len(names())
    await migrate(restored)
    assert await fetch(restored, "select count(*) from migration") == [(len(names()),)]
    async with opened(restored, ws) as house:
        assert (await verify(house.pool, ws)).differences == ()
        assert await house.broken() == []
        assert await house.decide() == 1
        news = [
            {**one, "program": "main"} if one["type"] != "conversion.recorded" else one for one in sales(2, name="new")
        ]
        await house.send(*news, sale("s30"))
        await house.send(sent.refund("late", "i-s3", "l", 10_000))
        await house.decide()
        assert len([r for r in await house.every(Reward) if r.status == "pending"]) > 2
        underway = {payout.status: payout for payout in await house.every(Payout)}
        assert {"processing", "awaiting_release", "completed", "failed", "released"} <= underway.keys()
        said = {"payout": underway["processing"].id, "outcome": "completed", "reference": "ref", "reason": "fine"}
        done = await house.say(events.PayoutAnswered, PAT, **said)
        assert outcome(done) == "completed"
        waiting = await house.items([underway["awaiting_release"]])
        assert outcome(await house.over(events.PayoutReleased, PAT, waiting)) == "released"
        [case] = [case for case in await house.every(Case) if case.status == "open"]
        decided = await house.say(events.CaseDecided, BEN, case=case.id, outcome="cleared", reason="looked")
        assert outcome(decided) == "cleared"
        await house.move_clock("2026-06-01T00:00:00Z")
        review = [reward for reward in await house.every(Reward) if reward.status == "in_review" and not reward.cases]
        assert outcome(await house.over(events.ApprovalGiven, ANNA, await house.items(review[:5]))) == "approved"
        report = await verify(house.pool, ws)
        assert report.differences == ()
        assert report.size > before + 20
        assert await house.broken() == []
