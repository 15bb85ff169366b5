"""The books of months: each figure is what the log adds up to, whatever the history, the zone and the time it counts by."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace
from testkit import books as programs
from testkit.world import World, advocate, rules
from tests.app.histories import story, tell
from tests.app.test_journals import history

from goodword.app import see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.principal import NotPermittedError
from goodword.app.proof import pack
from goodword.core import audit, books, calendar, money
from goodword.core.entry import Entry
from goodword.core.ledger import Posting
from goodword.core.state import Conversion, Program, Referral, Reward
from goodword.store import log

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles")


async def house_of(make_house: Any, world: World, seed: int = 0) -> Any:
    house = await make_house(starts_at=world.log[0][0].accepted_at)
    await tell(house, world, Random(seed))  # noqa: S311 - the same batches every time
    await house.follow()
    return house


async def entries_of(house: Any) -> list[Entry]:
    async with house.pool.acquire() as conn:
        return await log.read(conn, house.ws, 1, (await log.stream(conn, house.ws)).position)


def months_of(entries: list[Entry], zone: str) -> list[str]:
    """The months of a log, and the one behind them."""
    first, last = (calendar.period(it.as_of, "month", zone) for it in (entries[0], entries[-1]))
    found = [first]
    while found[-1] <= last:
        found.append(books.later(found[-1], 1))
    return found


def ends(posting: Posting) -> Iterator[tuple[tuple[str, str, str], int]]:
    """What a posting does to the classes of accounts, a debit positive."""
    yield (posting.program, posting.source, posting.unit), posting.amount
    yield (posting.to_program, posting.destination, posting.unit), -posting.amount


@pytest.mark.parametrize("seed", range(3))
async def test_books_are_what_the_log_adds_up_to(make_house: Any, seed: int) -> None:
    """In each month and zone, opening, debits, credits and closing of each class, ages and accruals are sums over the entries alone."""
    house = await house_of(make_house, story(seed + 300), seed)
    entries, state = await entries_of(house), await house.stored()
    slugs = {it.id: it.slug for it in state[Program].values()}
    rewards: dict[str, Reward] = state[Reward]
    zone = ZONES[seed]
    who = house.as_(house.owner)
    months = months_of(entries, zone)
    assert len(months) > 2
    for begin, end in [*pairwise(months), (months[0], months[-1])]:
        it = await see.books.months(who, house.directory, begin, end, zone=zone)
        start, until = (books.begins(month, zone) for month in (begin, end))
        opening, debits, credited, closing = Counter(), Counter(), Counter(), Counter()
        accrued = Counter()
        for entry in entries:
            for posting in entry.postings:
                for place, amount in ends(posting):
                    opening[place] += amount * (entry.as_of < start)
                    closing[place] += amount * (entry.as_of < until)
                    if start <= entry.as_of < until:
                        (debits if amount > 0 else credited)[place] += abs(amount)
                if start <= entry.as_of < until:
                    earned = calendar.period(rewards[posting.reward].earned_at, "month", zone)
                    booked = calendar.period(entry.as_of, "month", zone)
                    accrued[
                        booked, earned, slugs[posting.program], posting.source, posting.destination, posting.unit
                    ] += posting.amount
        assert {
            (of.program, of.account, of.unit): (of.opening, of.debits, of.credits, of.closing) for of in it.trial
        } == {
            (slugs[place[0]], *place[1:]): found
            for place in {*opening, *debits, *credited}
            if any(found := (opening[place], debits[place], credited[place], closing[place]))
        }
        assert it.unbalanced == []
        said = Counter()
        for of in it.accruals:
            said[of.month, of.earned, of.program, of.debit, of.credit, of.unit] += of.amount
        assert said == accrued
        assert all(of.what != "moved" for of in it.accruals)
        owed = {
            (of.program, of.account, of.unit): -of.closing for of in it.trial if of.account in books.AGED and of.closing
        }
        told = Counter()
        for of in it.ages:
            told[of.program, of.account, of.unit] += of.amount * (-1 if of.account == "receivable" else 1)
        assert {place: amount for place, amount in told.items() if amount} == owed


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("by", ["occurred", "decided"])
async def test_one_row_a_referral_sums_to_ledger_and_billing(
    make_house: Any, seed: int, by: Any, tmp_path: Path
) -> None:
    """Whatever happened, the rows' cost is the ledger's expense and their revenue that of all orders, by program and unit."""
    house = await house_of(make_house, story(seed + 400), seed)
    entries, state = await entries_of(house), await house.stored()
    slugs = {it.id: it.slug for it in state[Program].values()}
    months = months_of(entries, "UTC")
    manifest, files = await packed(house, tmp_path, months[0], months[-1], by=by)
    assert manifest.checks
    assert not pack.differing(manifest)
    rows = table(files["referrals.csv"])
    start, until = (books.begins(month, "UTC") for month in (months[0], months[-1]))
    expense, cost = Counter(), Counter()
    for entry in entries:
        for posting in entry.postings:
            reward = state[Reward][posting.reward]
            if by == "decided" or start <= reward.earned_at < until:
                sign = (posting.source == "expense") - (posting.destination == "expense")
                expense[slugs[posting.program], posting.unit] += sign * posting.amount
    for row in rows:
        cost[row["program"], row["unit"]] += money.minor(row["cost"], row["unit"]) if row["unit"] else 0
    assert +cost == +expense
    assert sum(expense.values()) > 0
    billed, revenue = Counter(), Counter()
    for order in state[Conversion].values():
        counts = order.status == "paid" and order.currency and not order.name.startswith(":")
        if counts and (by == "decided" or start <= order.at < until):
            billed[order.currency] += order.amount - order.back.amount
    for row in rows:
        revenue[row["unit"]] += money.minor(row["net_revenue"], row["unit"]) if row["unit"] else 0
    assert +revenue == +billed
    referred = [row["referral"] for row in rows if row["referral"]]
    units = Counter((row["referral"], row["unit"]) for row in rows if row["referral"])
    assert set(units.values()) == {1}
    if by == "occurred":
        assert set(referred) >= {it.id for it in state[Referral].values() if start <= it.lead_at < until}


async def packed(house: Any, folder: Path, *months: str, **asked: Any) -> tuple[pack.Manifest, dict[str, bytes]]:
    """Write a pack; returns its manifest and its files."""
    async with see.books.packed(house.as_(house.owner), house.directory, *months, **asked) as it:
        manifest = await pack.write(it, folder / "pack.zip")
    with zipfile.ZipFile(folder / "pack.zip") as read:
        return manifest, {name: read.read(name) for name in read.namelist()}


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


@pytest.mark.parametrize("months", [("2026-02", "2026-03"), None])
async def test_real_programs_agree_with_the_trial_balance(make_house: Any, months: Any, tmp_path: Path) -> None:
    """hledger, ledger and beancount read a pack of EUR, USD, JPY, KWD and points and close with our balances, by the cent."""
    made = history()
    house = await house_of(make_house, made)
    told = months_of(await entries_of(house), "UTC")
    begin, end = (told[1], told[2]) if months else (told[0], told[-1])
    manifest, files = await packed(house, tmp_path, begin, end)
    assert not pack.differing(manifest)
    by_class: Counter[tuple[str, str]] = Counter()
    moved: Counter[tuple[str, str]] = Counter()
    for row in table(files["trial-balance.csv"]):
        by_class[row["account"], row["unit"]] += Decimal(row["closing"])
        moved[row["account"], row["unit"]] += Decimal(row["debits"]) - Decimal(row["credits"])
    assert {unit.partition(":")[0] for _, unit in by_class} == {"EUR", "USD", "JPY", "KWD", "points"}
    for program in programs.PROGRAMS:
        journal = tmp_path / f"journal.{program}"
        journal.write_bytes(files[journal.name])
        programs.checked(program, journal)
        assert programs.sums(program, journal, classes=True) == {
            key: figure for key, figure in by_class.items() if figure
        }
    postings = tmp_path / "postings.csv"
    postings.write_bytes(files["postings.csv"])
    (tmp_path / "postings.csv.rules").write_bytes(files["postings.csv.rules"])
    said = programs.sums("hledger", postings, classes=True)
    assert said == {key: figure for key, figure in moved.items() if figure}
    assert said


def late_in_the_month() -> World:
    """An order at 23:30 UTC on the last day of January, which is February in Berlin, and what became of it in March."""
    document = rules(program="main", rewards=[advocate(percent="10")], timezone="Europe/Berlin", hold="0d")
    made = World(start=calendar.parse("2026-01-31T23:00:00Z"))
    made.publish(document)
    made.enrol("ann", "ANN")
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000, when=calendar.parse("2026-01-31T23:30:00Z"))
    made.tick(calendar.parse("2026-03-05T12:00:00Z"))
    made.refund("bob-1", 4_000, "r1")
    return made


async def test_a_month_is_the_program_s(make_house: Any, tmp_path: Path) -> None:
    """What was decided at 23:30 UTC on the last day of January is February in Berlin, and by UTC January; so is its journal's date."""
    house = await house_of(make_house, late_in_the_month())
    who = house.as_(house.owner)
    january, february, march = ("2026-01", "2026-02"), ("2026-02", "2026-03"), ("2026-03", "2026-04")
    cost = {
        (zone, by, months[0]): sum(
            of.cost for of in (await see.books.months(who, house.directory, *months, by=by, **zone_)).costs
        )
        for zone, zone_ in {"UTC": {}, "Berlin": {"program": "main"}}.items()
        for by in ("occurred", "decided")
        for months in (january, february, march)
    }
    assert {key: amount for key, amount in cost.items() if amount} == {
        ("UTC", "occurred", "2026-01"): 600,
        ("UTC", "decided", "2026-01"): 1_000,
        ("UTC", "decided", "2026-03"): -400,
        ("Berlin", "occurred", "2026-02"): 600,
        ("Berlin", "decided", "2026-02"): 1_000,
        ("Berlin", "decided", "2026-03"): -400,
    }
    _, files = await packed(house, tmp_path, *february, program="main")
    assert [row["date"] for row in table(files["postings.csv"])] == ["2026-02-01"]
    it = await see.books.months(who, house.directory, *march, program="main")
    assert [(of.month, of.earned, of.what, of.amount) for of in it.accruals] == [
        ("2026-03", "2026-02", "reversed", 400)
    ]
    [aged] = it.ages
    assert (aged.account, aged.age, aged.amount) == ("accrued", "31-60", 600)


async def test_a_month_is_over_by_the_clock_where_nothing_was_decided_since(
    make_house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody touched ages on: the books of a quiet month are those of its end, and not of its last entry."""
    house = await house_of(make_house, late_in_the_month())
    over = books.begins("2026-06", "UTC")
    monkeypatch.setattr(log.Stream, "now", lambda *_: over)
    it = await see.books.months(house.as_(house.owner), house.directory)
    assert (it.begin, it.ended, it.at, it.accruals) == ("2026-05", True, over, [])
    [aged] = it.ages
    assert (aged.account, aged.age, aged.amount) == ("accrued", "91+", 600)


#: Tables that count by when the order occurred.
_BY_ORDER = ("referrals.csv", "cost-and-revenue.csv", "eligibility.csv", "eligibility-lacking.csv")


async def test_a_pack_says_which_share_lacks_nothing_and_names_the_rest(make_house: Any, tmp_path: Path) -> None:
    """Both figures by program and month are those of the rewards, in all states and of what is paid; so is the manifest's."""
    house = await house_of(make_house, history())
    told = months_of(await entries_of(house), "UTC")
    manifest, files = await packed(house, tmp_path, told[0], told[-1])
    share = await see.audits.accuracy(house.as_(house.owner), house.directory)
    rows, lacking = table(files["eligibility.csv"]), table(files["eligibility-lacking.csv"])
    assert {
        (row["program"], row["month"]): [int(row[name]) for name in ("rewards", "whole", "paid", "paid_whole")]
        for row in rows
    } == {(of.program, of.month): [of.count, of.whole, of.paid, of.paid_whole] for of in share.months}
    it = manifest.accuracy
    assert (it.name, (it.whole, it.count), (it.paid_whole, it.paid)) == (audit.ACCURACY, share.all, share.paid)
    assert (it.lacking, it.paid_whole) == ([], it.paid)
    assert 0 < it.whole < it.count
    assert len(lacking) == it.count - it.whole
    assert {row["reward"] for row in lacking} <= {it.id for it in await house.every(Reward)}


async def test_a_pack_says_by_which_time_it_counts_and_is_the_same_twice(make_house: Any, tmp_path: Path) -> None:
    """Each table says so in each row, the journals in their heading, the manifest and README of each file; twice gives equal bytes."""
    house = await house_of(make_house, history())
    told = months_of(await entries_of(house), "UTC")
    manifest, files = await packed(house, tmp_path, told[0], told[-1])
    first = (tmp_path / "pack.zip").read_bytes()
    again, _ = await packed(house, tmp_path, told[0], told[-1])
    assert (tmp_path / "pack.zip").read_bytes() == first
    assert again == manifest
    for name, body in files.items():
        if name.endswith(".csv") and name != "postings.csv":
            rows = table(body)
            assert rows
            assert {row["by"] for row in rows} == {"occurred" if name in _BY_ORDER else "decided"}
            assert {row["timezone"] for row in rows} == {"UTC"}
        if name.startswith("journal."):
            assert b"in UTC" in body.splitlines()[0]
    assert json.loads(files["manifest.json"])["cost_and_revenue_count_by"].startswith("occurred")
    assert {file.name for file in manifest.files} == {*files} - {"manifest.json", "README.txt"}
    for file in manifest.files:
        assert (file.bytes, file.sha256) == (len(files[file.name]), pack.digest(files[file.name]))
        assert file.name in files["README.txt"].decode()


async def test_cells_are_no_formulas_and_amounts_stay_numbers(make_house: Any, tmp_path: Path) -> None:
    """A text that a spreadsheet would work out is escaped, a negative amount is not, and yen have no places where dinars have three."""
    house = await house_of(make_house, history())
    told = months_of(await entries_of(house), "UTC")

    async def renamed(rows: Any) -> Any:
        async for piece in rows:
            yield [replace(row, name=texts.pop(), channel="@SUM(A1)") for row in piece if texts]

    texts = ["=HYPERLINK(1)", "+1+cmd", "-2+3", "\tx", "\rx"]
    async with see.books.packed(house.as_(house.owner), house.directory, told[0], told[-1], names=True) as it:
        await pack.write(replace(it, referrals=renamed(it.referrals)), tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as read:
        files = {name: read.read(name) for name in read.namelist() if name.endswith(".csv")}
    referrals = table(files["referrals.csv"])
    assert {row["advocate_external_id"] for row in referrals} >= {"'=HYPERLINK(1)", "'+1+cmd", "'-2+3"}
    assert {row["channel"] for row in referrals} == {"'@SUM(A1)"}
    rows = table(files["trial-balance.csv"])
    places = {row["unit"]: row["closing"].partition(".")[2] for row in rows if not row["unit"].startswith("points")}
    assert {unit: len(part) for unit, part in places.items()} == {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
    assert any(row["closing"].startswith("-") for row in rows)
    cells = [text for body in files.values() for row in table(body) for text in row.values()]
    assert not [text for text in cells if text.startswith(("=", "+", "@", "\t", "\r"))]


async def test_names_are_for_who_may_see_them(make_house: Any, tmp_path: Path) -> None:
    """A pack has the ids of the log; what the company calls its advocates is added where it is asked for, by who may see it."""
    house = await house_of(make_house, late_in_the_month())
    months = ("2026-01", "2026-02")
    _, files = await packed(house, tmp_path, *months)
    assert "advocate_external_id" not in table(files["referrals.csv"])[0]
    _, files = await packed(house, tmp_path, *months, names=True)
    assert "advocate_external_id" in table(files["referrals.csv"])[0]
    analyst = house.as_(replace(house.owner, roles=("analyst",)))
    with pytest.raises(NotPermittedError):
        async with see.books.packed(analyst, house.directory, *months, names=True):
            pass


async def test_a_row_says_by_which_code_somebody_was_brought(make_house: Any, tmp_path: Path) -> None:
    """Also one that was typed, which no click stands behind."""
    house = await house_of(make_house, late_in_the_month())
    _, files = await packed(house, tmp_path, "2026-01", "2026-02")
    [row] = table(files["referrals.csv"])
    assert (row["typed_code"], row["code"], row["channel"]) == ("yes", "ANN", "")


async def test_what_makes_no_sense_is_refused(make_house: Any) -> None:
    """No month, months in the wrong order or too many, another zone, another time to count by: each is told."""
    made = await house_of(make_house, late_in_the_month())
    who = made.as_(made.owner)
    wrong: list[dict[str, Any]] = [
        {"begin": "2026-13"},
        {"begin": "2026-02", "end": "2026-01"},
        {"begin": "1990-01", "end": "2026-01"},
    ]
    for asked in (*wrong, {"zone": "Mars"}, {"by": "approved"}, {"begin": "2026-02-01"}):
        with pytest.raises(InvalidError):
            await see.books.months(who, made.directory, **asked)
    with pytest.raises(ConflictError) as raised:
        async with see.books.packed(who, made.directory, "2026-01", "2026-02", most=0):
            pass
    assert raised.value.code == "pack_too_long"


async def test_books_of_nothing_are_empty(house: Any, tmp_path: Path) -> None:
    """Before anything was decided, and of months before or behind all that was, there are books without a line."""
    who = house.as_(house.owner)
    for months in ((), ("2001-01", "2001-02"), ("2101-01", "2101-02")):
        it = await see.books.months(who, house.directory, *months)
        assert (it.trial, it.ages, it.accruals, it.costs, it.unbalanced) == ([], [], [], [], [])
    manifest, files = await packed(house, tmp_path)
    assert manifest.checks == []
    assert table(files["postings.csv"]) == []
