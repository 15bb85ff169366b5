"""The runner of the faults tells what failed, and takes nothing for success that tried nothing."""

import asyncio

import asyncpg
import pytest
from faults import merkle, part, tampering_export
from faults.part import Progress, Result, shown
from faults.run import PARTS
from faults.watch import Gone, Stop, Watch
from testkit.house import opened, sales
from tests.conftest import Connect

from goodword.app.proof.audit import Report
from goodword.app.proof.export import export_log


def test_a_part_is_good_only_if_it_tried_something_and_nothing_failed() -> None:
    """Failures, examples of failures and an empty trial each make a part bad; only the rest passes."""
    assert Result("part", "all", 10, 0).good
    assert not Result("part", "all", 10, 1).good
    assert not Result("part", "all", 0, 0).good
    assert not Result("part", "all", 10, 0, ("this one",)).good


def test_the_line_of_a_part_tells_what_its_count_is_worth() -> None:
    """Without a failure the line has the rule of three, with one it has the count and the example."""
    assert "0 of 3,000 failed, so less than 3/3,000 = 0.001 at 95 %" in shown(Result("part", "all", 3_000, 0), 1)
    bad = shown(Result("part", "all", 3_000, 2, ("this one",)), 1)
    assert "2 of 3,000 FAILED" in bad
    assert "FAILED: this one" in bad
    assert "NOTHING WAS TRIED" in shown(Result("part", "all", 0, 0), 1)


def test_a_long_part_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where its time has come a line on stderr tells what is done and what was wrong; before that there is none."""
    progress = Progress("seeds", 3_000)
    progress.one()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(part, "_EVERY", 0.0)
    progress.one(2)
    assert capsys.readouterr().err.startswith("seeds: 2 of 3,000, 2 wrong, about ")


def test_every_public_vector_is_there() -> None:
    """The data file holds 98 cases of each kind of proof, of which six are valid, and names its source."""
    both = [merkle.VECTORS[kind] for kind in ("inclusion", "consistency")]
    assert [(len(cases), sum(case["valid"] for case in cases)) for cases in both] == [(98, 6), (98, 6)]
    assert merkle.VECTORS["source"].startswith("github.com/transparency-dev/merkle")


def test_parts_are_named_as_their_result_says() -> None:
    """Each line of the registry is found by a name that a command line can take."""
    assert PARTS
    assert all(name.isidentifier() for name in PARTS)


@pytest.mark.parametrize("how", ["gone", "cut"])
@pytest.mark.parametrize(("side", "there"), [("before", 0), ("after", 1)])
async def test_a_stop_is_on_its_side_of_its_point(
    database: str, how: str, side: str, there: int, connect: Connect
) -> None:
    """What is stopped before a commit leaves nothing, after it everything; what is gone can do nothing more."""
    watch = Watch(Stop(2, side, how))  # type: ignore[arg-type]
    pool = await watch.open_pool(database)

    async def insert() -> None:
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute("insert into directory (host, workspace_id) values ('a', 'b')")

    watch.on = True
    with pytest.raises((Gone, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await insert()
    assert watch.points[:3] == ["BEGIN;", "insert into directory (host, workspace_id) values ('a', 'b')", "COMMIT;"]
    assert watch.reached
    if how == "gone":
        with pytest.raises(Gone):
            await insert()
    pool.terminate()
    await asyncio.sleep(0.01)  # so that the transports close
    conn = await connect()
    assert await conn.fetchval("select count(*) from directory") == there


async def test_what_is_done_to_an_export_is_found_and_a_verifier_that_finds_nothing_is_seen(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an older head no change of an exported file passes; a verifier that passes everything fails every trial."""
    async with opened(database) as house:
        await house.send(*sales(2))
        await house.decide()
        kept = await house.sign()
        await house.send(*sales(2, name="later"))
        await house.decide()
        await house.sign()
        lines = [line async for line in export_log(house.pool, house.ws)]
    tried = await tampering_export.at_random(lines, kept, 1, 100)
    assert tried.wrong == ()
    assert tried.kinds.total() == 100
    assert tried.untouched == 2
    monkeypatch.setattr(tampering_export, "verify_export", lambda *_: Report(house.ws, 0, "", 0, False, ()))
    assert len((await tampering_export.at_random(lines, kept, 1, 10)).wrong) == 10
