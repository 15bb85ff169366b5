"""The figures: they follow the log, are recomputed by verify, and read by the overview."""

import json
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from testkit.database import scans
from tests.app.conftest import DAY, START, House
from tests.app.histories import story, tell
from tests.app.test_audit import live
from tests.conftest import Connect

from goodword.app.errors import InvalidError
from goodword.app.principal import OPERATOR
from goodword.app.proof.audit import examine, verify
from goodword.app.proof.what_if import compare
from goodword.app.see import reports
from goodword.app.write.process import drain
from goodword.core import calendar, events, measuring, rollup
from goodword.core import rules as core_rules
from goodword.core.money import MAX_INTEGER
from goodword.core.state import Program
from goodword.store import figures, log, pages
from goodword.store.sql_files import statements

TODAY = calendar.utc_day(START)
SLOT = calendar.utc_slot(START)


async def stored(house: House) -> list[tuple[Any, ...]]:
    """Return every row, once the figures have taken the log."""
    await house.follow()
    async with house.pool.acquire() as conn:
        return await figures.every(conn, house.ws)


async def said(house: House) -> list[tuple[Any, ...]]:
    """Return what the rows must be: the sum over the entries of the log."""
    async with house.pool.acquire() as conn:
        entries = await log.read(conn, house.ws, 1, (await log.stream(conn, house.ws)).position)
    found: rollup.Changes = {}
    times = measuring.Times()
    for entry in entries:
        rollup.fold(found, entry)
        rollup.took(found, times.hear(measuring.emitted(entry)))
    return sorted((*key, *change) for key, change in rollup.with_days(found).items())


async def overview(house: House, *window: str | None, **more: Any) -> Any:
    """Ask for an overview, once the figures have taken the log."""
    await house.follow()
    return await reports.overview(OPERATOR.at(house.workspace), house.directory, *window, **more)


@pytest.mark.parametrize("seed", range(2))
async def test_rows_are_the_sum_over_the_log(make_house: Any, seed: int) -> None:
    """After any generated history, told in batches and commands, each row is what the entries of its day add up to."""
    world = story(seed + 100)
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
    rows = await stored(house)
    assert len({row[0] for row in rows}) > 3
    assert rows == await said(house)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_what_entries_add_is_known_since_they_were_decided(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole batches are counted by the sums made as they were decided, those of their entries; of parts they are made anew."""
    for n in range(3):
        await house.accept(*(event for each in range(4) for event in house.story(f"per_{n}f{each}", f"per_{n}a{each}")))
        await house.decide()
    last = await house.position()
    recent = house.engine.recent
    whole = recent.behind(house.ws, last - 24, 24)
    assert [entry.position for entry in whole] == list(range(last - 23, last + 1))
    sums: rollup.Changes = {}
    for entry in whole:
        rollup.fold(sums, entry)
    assert whole.figures == sums
    assert recent.behind(house.ws, last - 12, 24).figures is not None
    assert recent.behind(house.ws, last - 24, 12).figures == recent.behind(house.ws, last - 24, 23).figures != sums
    assert recent.behind(house.ws, last - 23, 11).figures is None
    assert recent.behind(house.ws, last - 24, 11).figures is None
    before = await said(house)
    assert await stored(house) == before

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(rollup, "fold", fails)
        await house.accept(*house.story("per_y", "per_z"))
        await house.decide()
    assert recent.behind(house.ws, last, 24).figures is None
    assert await stored(house) == await said(house) != before


async def test_a_changed_a_deleted_and_an_added_row_are_named(house: House, connect: Connect) -> None:
    """Whatever a superuser does to a row, verify names it by its day, program, metric and unit; also half a cent more."""
    await live(house)
    owner = await connect()
    where = f"slot = '{SLOT}' and metric = 'leads'"
    changes = {
        f"update figure set count = count - 1 where {where}": {f"{SLOT}  leads  both"},
        f"update figure set amount = amount + 0.5 where {where}": {f"{SLOT}  leads  both"},
        f"update figure set slot = '2001-01-01' where {where}": {f"{SLOT}  leads  both", "2001-01-01  leads  both"},
        f"update figure set basis = 'decided' where {where}": {f"{SLOT}  leads  both", f"{SLOT}  leads  decided"},
        f"delete from figure where {where}": {f"{SLOT}  leads  both"},
        f"insert into figure values ('{house.ws}', '2001-01-01', 'prg', 'paid', 'EUR', 'both', 1, 5)": {
            "2001-01-01 prg paid EUR both"
        },
    }
    for change, names in changes.items():
        transaction = owner.transaction()
        await transaction.start()
        assert (await owner.execute(change)).endswith(" 1"), change
        found = (await examine(owner, house.ws)).differences
        await transaction.rollback()
        assert {(d.noun, d.key) for d in found} == {("figure", name) for name in names}, (change, found)
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_dry_run_and_a_comparison_with_other_rules_count_nothing(house: House) -> None:
    """What was only tried leaves every row as it was."""
    await live(house)
    before = await stored(house)
    nothing = {"items": (), "list_sha256": ""}
    assert (await house.say(events.ApprovalGiven, dry_run=True, **nothing)).verdicts[0].refusal == "nothing_to_do"
    async with house.pool.acquire() as conn:
        entries = await log.read(conn, house.ws, 1, (await log.stream(conn, house.ws)).position)
    row = await house.pool.fetchrow("select document, semantics from rule_version where workspace_id = $1", house.ws)
    rules = core_rules.version(row["document"], row["semantics"]).rules
    assert compare(entries, replace(rules, hold="9d")).same
    assert await stored(house) == before
    await house.say(events.ApprovalGiven, **nothing)
    assert await stored(house) == await said(house) != before


async def test_sums_outgrow_an_integer_of_the_database(house: House) -> None:
    """The largest amounts there are, often, still add up: a figure never keeps an event from being decided."""
    many = 1_100
    at_most = {"amount": MAX_INTEGER, "currency": "EUR"}
    await house.accept(
        *(house.event(events.ConversionRecorded, person=f"per_{n}", invoice=f"i{n}", **at_most) for n in range(many))
    )
    await drain(house.engine, house.ws)
    found = await overview(house)
    assert reports.Total("conversions", "EUR", many, many * MAX_INTEGER) in found.totals
    assert many * MAX_INTEGER > 2**63
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_days_are_half_open_and_a_program_has_its_own(house: House) -> None:
    """The first day is in it, the last is not; of one program only what named it; days without anything are there."""
    await house.publish(program="other")
    [main, other] = sorted(await house.every(Program), key=lambda one: str(one.slug))
    for days, program in ((0, main.id), (1, other.id), (3, None)):
        house.at = START + days * DAY
        await house.send(events.LeadCreated, person=f"per_{days}", program=program)
    days = [calendar.utc_day(START + n * DAY) for n in range(5)]

    def leads(found: reports.Overview) -> dict[str, int]:
        return {day: one.count for day, them in found.days.items() for one in them if one.metric == "leads"}

    assert leads(await overview(house, days[0], days[3])) == {days[0]: 1, days[1]: 1}
    assert list((await overview(house, days[0], days[3])).days) == days[:3]
    assert leads(await overview(house, days[1], days[4])) == {days[1]: 1, days[3]: 1}
    assert leads(await overview(house, days[0], days[4], other.id)) == {days[1]: 1}
    with pytest.raises(LookupError):
        await overview(house, days[0], days[4], "prg_none")
    for wrong in ((days[1], days[1]), (days[1], days[0]), ("2000-01-01", days[1])):
        with pytest.raises(InvalidError):
            await overview(house, *wrong)


async def test_without_a_window_it_is_the_last_thirty_days_of_the_workspace_s_clock(house: House) -> None:
    """The day that the clock shows is the last one, however old; one end that is said moves the other."""
    found = await overview(house)
    assert (len(found.days), list(found.days)[-1]) == (30, TODAY)
    assert next(iter((await overview(house, None, "2011-03-31")).days)) == "2011-03-01"
    assert list((await overview(house, TODAY)).days) == [TODAY]


async def test_the_overview_reads_the_rows_of_its_days_alone(house: House) -> None:
    """What stands on other days is passed over by the primary key, and is not read and thrown away."""
    await live(house)
    await house.pool.execute(
        """insert into figure select $1, day::date::text || 'T00:15', '', 'leads', '', 'both', 1, 0
           from generate_series('2001-01-01'::date, '2009-12-31', '1 day') day""",
        house.ws,
    )
    async with house.pool.acquire() as conn:
        await conn.execute("set enable_seqscan = off")
        days = [f"2005-03-{n:02d}" for n in range(1, 31)]
        ends = [f"{day}T24:00" for day in days]
        for name, more in (("days", (days, days, ends, None, "decided")), ("accounts", (None,))):
            read = "explain (analyze, format json) " + statements("figure")[name]
            [scan] = scans(json.loads(await conn.fetchval(read, house.ws, *more))[0]["Plan"])
            assert scan["Index Name"] == "figure_pkey"
            assert "slot" in scan["Index Cond"]
            assert "Filter" not in scan or scan["Rows Removed by Filter"] == 0
            assert scan["Actual Rows"] * scan["Actual Loops"] == {"days": 30, "accounts": 3}[name]


async def test_days_of_utc_are_read_as_a_row_a_metric_and_days_of_other_zones_are_equal_sums(house: House) -> None:
    """What UTC days come to is told without their quarters of an hour; a zone that is UTC by another name says the same."""
    await live(house)
    found = await overview(house)
    assert found.totals
    assert (await overview(house, zone="Africa/Abidjan")).days == found.days
    await house.pool.execute("delete from figure where slot like '____-__-__T%'")
    assert (await reports.overview(OPERATOR.at(house.workspace), house.directory)).days == found.days
    assert not (await overview(house, zone="Asia/Kolkata")).totals


async def test_accounts_are_those_of_the_ledger(house: House) -> None:
    """Without looking at the balances of people the overview has the trial balance, of each program too; it adds up to zero."""
    await live(house)
    found = await overview(house)
    async with house.pool.acquire() as conn:
        assert [one for one in found.accounts if one[2]] == [
            tuple(row) for row in await pages.trial_balance(conn, house.ws) if row[2]
        ]
    assert {name: amount for _, name, amount in found.accounts}["payable"] > 0
    assert sum(amount for *_, amount in found.accounts) == 0
    [program] = await house.every(Program)
    assert (await overview(house, None, None, program.id)).accounts == found.accounts


async def test_queues_are_counted_up_to_a_bound(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for people is counted, and no further than the bound."""
    await live(house)
    waiting = await house.pool.fetchval("select count(*) from reward where status = 'in_review'")
    assert (await overview(house)).queue == {
        "rewards_in_review": waiting,
        "payouts_awaiting_release": 0,
        "cases_open": 0,
        "persons_waiting": 0,
        "messages_waiting": 0,
    }
    monkeypatch.setattr("goodword.store.reports.QUEUE_MOST", 3)
    assert waiting > 3
    assert (await overview(house)).queue["rewards_in_review"] == 3
