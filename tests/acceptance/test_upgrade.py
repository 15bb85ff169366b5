"""A database that an earlier version left behind goes on under this one.

``tests/golden/<commit>.sql.gz`` is what that commit's own code made of a story: two programs, fifty friends who buy, approvals, a
rejection, payouts that arrive, fail, wait or are underway, refunds, a chargeback, a case, a claim, clicks, a page's lead, a new
version of the rules, and an order that was accepted and not yet decided. ``pg_dump --inserts`` wrote it, and its master key is
worth nothing. ``tests/golden/refunds`` has one of refunds and chargebacks only: before their orders, some of which never came or did
not suffice; of open orders; lost, kept, and still open.
"""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from testkit import sent
from testkit.database import fetch, fresh, run
from testkit.house import ANNA, BEN, PAT, PIA, opened, outcome, sale, sales

from goodword.app.proof.audit import verify
from goodword.core import events
from goodword.core.state import Case, Chargeback, Conversion, Payout, Refund, Reward
from goodword.store.migrations import migrate, names

GOLDEN = sorted((Path(__file__).resolve().parent.parent / "golden").glob("*.sql.gz"))
_MASTER_KEY = "60" * 32


REFUNDS = sorted((Path(__file__).resolve().parent.parent / "golden" / "refunds").glob("*.sql.gz"))


@pytest.fixture(params=GOLDEN, ids=lambda file: file.name.partition(".")[0])
async def restored(request: pytest.FixtureRequest, pg_dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Yield the address of a database as an earlier version left it."""
    async with _restored(request.param, pg_dsn, monkeypatch) as address:
        yield address


@asynccontextmanager
async def _restored(dump: Path, pg_dsn: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setenv("GOODWORD_MASTER_KEY", _MASTER_KEY)
    async with fresh(pg_dsn) as address:
        await run(address, gzip.decompress(dump.read_bytes()).decode())
        yield address


async def test_what_an_earlier_version_left_goes_on(restored: str) -> None:
    """It migrates; each entry of before is verified; what waited is decided, what was underway goes on; all of it is verified again.

    First-hour 11.
    """
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
        assert outcome(await house.over(events.PayoutReleased, PIA, waiting)) == "released"
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


@pytest.mark.parametrize("dump", REFUNDS, ids=lambda file: file.name.partition(".")[0])
async def test_refunds_and_chargebacks_of_before_are_the_rows_that_a_replay_gives(
    dump: Path, pg_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migrated, they are verified; what waited still counts when its order comes, and what did not fit may be said again."""
    async with _restored(dump, pg_dsn, monkeypatch) as address:
        await migrate(address)
        [(ws,)] = await fetch(address, "select workspace_id from stream")
        async with opened(address, ws) as house:
            assert (await verify(house.pool, ws)).differences == ()
            refunds = {(r.conversion, r.id): (r.status, r.amount, r.n) for r in await house.every(Refund)}
            assert refunds["inv:i-s0", "a"] == ("applied", 4_000, 0)
            assert refunds["inv:i-s0", "b"] == ("applied", 700, 0)  # 7,000 did not fit; it was said again, with less
            assert refunds["inv:i-s2", "chargeback:x"] == ("applied", 7_500, 0)
            assert refunds["inv:i-s8", "w2"] == ("waiting", 200, 1)
            assert {one.status for one in await house.every(Chargeback)} == {"open", "kept", "lost"}
            order = {conversion.id: conversion for conversion in await house.every(Conversion)}["inv:i-s0"]
            assert (order.back.amount, order.net, order.waiting) == (9_700, 300, 0)
            await house.send(
                sent.chargeback("k", "i-s8", "k", "lost"), sale("s8"), sent.refund("more", "i-s0", "d", 300)
            )
            await house.decide()
            orders = {conversion.id: conversion for conversion in await house.every(Conversion)}
            assert (orders["inv:i-s8"].net, orders["inv:i-s0"].net) == (0, 0)
            assert (await verify(house.pool, ws)).differences == ()
            assert await house.broken() == []
