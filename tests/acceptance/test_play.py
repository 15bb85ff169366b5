"""A real year of orders through the real HTTP ingestion, against an oracle that shares nothing with this project.

FULL=1 plays all ten shuffles; by default two.
"""

import asyncio
import csv
import io
import json
import os
import zipfile
from collections.abc import Callable, Coroutine, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from testkit import books, owned
from testkit.database import fresh_outside_a_loop, run
from testkit.product import Product

from goodword import settings
from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.proof import audit
from goodword.app.see import reports
from goodword.app.see.log import history
from goodword.cli.run import operator
from goodword.core import money
from goodword.core.entry import Entry
from goodword.store import pages
from goodword.store.pool import open_pool
from goodword.wiring import open_vault
from goodword.words import sentences

ROOT = Path(__file__).resolve().parents[2]
RETAIL = ROOT / "examples" / "retail.yaml"
UNCAPPED = ROOT / "examples" / "retail-uncapped.yaml"
SEEDS = range(1, 11) if os.environ.get("FULL") else range(1, 3)


class Player(Product):
    """Plays files into workspaces of one database, and looks at what they became."""

    def __init__(self, dsn: str, home: Path, year: Path) -> None:
        super().__init__(home, DATABASE_URL=dsn)
        self.year = year / "events.ndjson.gz"
        self.oracle: dict[str, Any] = json.loads((year / "expected.json").read_text())
        self.dsn = dsn

    def play(self, rules: Path, *arguments: str) -> Any:
        """Play the year; returns the summary."""
        return self.made("play", str(self.year), "--program", str(rules), *arguments)

    def look(self, look: Callable[[Directory], Coroutine[Any, Any, Any]]) -> Any:
        """Look at the installation."""

        async def work() -> Any:
            read = settings.read(self.environment())
            async with await open_pool(self.dsn) as pool:
                return await look(Directory(Engine(pool), await open_vault(read, pool)))

        return asyncio.run(work())


@pytest.fixture(scope="module")
def player(pg_dsn: str, pg_template: str, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    """Yield a player on a database of this module."""
    with fresh_outside_a_loop(pg_dsn, pg_template) as dsn:
        yield Player(dsn, tmp_path_factory.mktemp("play"), shared / "data" / "online_retail")


@pytest.fixture(scope="module")
def year(player: Player) -> dict[str, Any]:
    """Return the summary of the year as it happened."""
    return player.play(RETAIL)


@pytest.fixture(scope="module")
def uncapped(player: Player) -> dict[str, Any]:
    """Return the summary of the year without the monthly cap."""
    return player.play(UNCAPPED)


def test_the_year_comes_to_what_the_oracle_says_in_every_key(player: Player, year: dict[str, Any]) -> None:
    """The summary has the oracle's keys and a workspace, and the oracle's value in each."""
    assert {key: value for key, value in year.items() if key != "workspace"} == player.oracle
    assert year["workspace"].startswith("wsp_")


def test_the_overview_says_what_the_summary_says(player: Player, year: dict[str, Any]) -> None:
    """The figures of the year's days come to what the summary works out from the stored rows, wherever both tell the same."""
    ws = year["workspace"]

    async def overview(directory: Directory) -> reports.Overview:
        return await reports.overview(await operator(directory, ws), directory, "2010-12-01", "2011-12-31")

    found = player.look(overview)
    days = {one for them in found.days.values() for one in them}
    assert len([day for day, them in found.days.items() if them]) > 200
    count = {one.metric: one.count for one in found.totals}
    amount = {one.metric: one.amount for one in found.totals}
    assert {one.unit for one in found.totals} == {"", "GBP"} == {one.unit for one in days}
    sides = {"advocate": year["advocate_rewards"], "friend": year["friend_rewards"]}
    told = {
        "advocates": count["enrolled"],
        "clicks": count["clicks"],
        "leads": count["leads"],
        "attributed_leads": count["attributed"],
        "qualifying_conversions": count["qualified"],
        "monthly_cap_refusals": count["refused:count_cap_reached"],
        "revenue_gross": amount["conversions"],
        "revenue_refunded": amount["refunded"],
    }
    assert told == {name: year[name] for name in told}
    assert {side: count[f"earned_{side}"] for side in sides} == {side: sums["count"] for side, sums in sides.items()}
    net = sum(sums["net"] for sums in sides.values())
    assert amount["earned_advocate"] + amount["earned_friend"] - amount["reversed"] == net
    assert ("GBP", "accrued", net) in found.accounts


def test_without_the_cap_the_year_comes_to_the_known_sums(uncapped: dict[str, Any]) -> None:
    """899 advocate rewards, 26943.83 before and 26416.99 after refunds, nothing refused by a cap."""
    rewards = uncapped["advocate_rewards"]
    assert (rewards["count"], rewards["gross"], rewards["net"]) == (899, 2_694_383, 2_641_699)
    assert uncapped["monthly_cap_refusals"] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_unrelated_events_changes_nothing(player: Player, uncapped: dict[str, Any], seed: int) -> None:
    """Shuffled and sent by eight clients at once, the uncapped year comes to the same in every key."""
    shuffled = player.play(UNCAPPED, "--shuffle", str(seed), "--clients", "8")
    assert {**shuffled, "workspace": ""} == {**uncapped, "workspace": ""}


def test_with_the_cap_a_shuffled_year_keeps_every_invariant_and_explains_each_refusal(player: Player) -> None:
    """Whoever comes first gets the places of a month: the log verifies, and each refusal has its sentences."""
    played = player.play(RETAIL, "--shuffle", "3", "--clients", "8")
    ws = played["workspace"]
    report = player.look(lambda directory: audit.verify(directory.pool, ws))
    assert report.differences == ()

    async def entries(directory: Directory) -> list[Entry]:
        return await history(await operator(directory, ws), directory)

    refused = [
        verdict
        for entry in player.look(entries)
        for verdict in entry.verdicts
        if verdict.refusal == "count_cap_reached"
    ]
    assert played["monthly_cap_refusals"] > 0
    assert len(refused) >= played["monthly_cap_refusals"]
    assert all(sentences(one).beneficiary and sentences(one).steps for one in refused)


def test_what_each_advocate_of_the_year_is_told_is_what_the_postings_come_to(
    player: Player, year: dict[str, Any]
) -> None:
    """Every advocate, by line and unit, what they have as a friend too; who has nothing is told of nothing."""

    async def both(directory: Directory) -> tuple[dict[str, owned.Sums], dict[str, owned.Sums], list[str]]:
        who = await operator(directory, year["workspace"])
        async with directory.pool.acquire() as conn:
            ledger = await owned.posted(conn, who.workspace.id)
            rows = await conn.fetch("select person from advocate where workspace_id = $1", who.workspace.id)
        advocates = sorted(str(row["person"]) for row in rows)
        return await owned.told(directory, who.workspace, advocates), ledger, advocates

    told, ledger, advocates = player.look(both)
    assert len(advocates) == year["advocates"]
    assert told == {person: ledger[person] for person in advocates if person in ledger}
    assert len(told) >= year["advocates_with_net"]
    net = sum(year[side]["net"] for side in ("advocate_rewards", "friend_rewards"))
    assert sum(sums["expected", "GBP"] for sums in ledger.values()) == net


@pytest.mark.parametrize("program", books.PROGRAMS)
def test_the_ledger_of_the_year_is_read_and_added_up_alike(
    player: Player, year: dict[str, Any], tmp_path: Path, program: str
) -> None:
    """The program accepts the journal in its strictest mode, and every account has our balance, a debit being positive there."""
    ws = year["workspace"]
    journal = tmp_path / f"year.{program}"
    journal.write_text(player.said("export", program, "--workspace", ws))
    books.checked(program, journal)

    async def balances(directory: Directory) -> books.Sums:
        async with directory.pool.acquire() as conn:
            found = await pages.accounts(conn, ws)
        return {
            (":".join(filter(None, (b.account, b.program, b.owner))), b.unit): Decimal(money.decimal(-b.amount, b.unit))
            for b in found
            if b.amount
        }

    ours = player.look(balances)
    assert len(ours) > 1_000
    assert books.sums(program, journal) == ours
    classes: books.Sums = {}
    for (account, unit), amount in ours.items():
        name = account.partition(":")[0]
        classes[name, unit] = classes.get((name, unit), Decimal(0)) + amount
    assert books.sums(program, journal, classes=True) == {key: amount for key, amount in classes.items() if amount}


def _packed(player: Player, ws: str, folder: Path, *months: str) -> dict[str, bytes]:
    """The files of a pack of the year, which says that all its sums agree."""
    path = folder / "pack.zip"
    said = player.said("pack", "--month", months[0], "--to", months[1], "--workspace", ws, str(path))
    assert said.endswith("all agree\n")
    with zipfile.ZipFile(path) as read:
        return {name: read.read(name) for name in read.namelist()}


def _rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def test_the_rows_of_the_year_s_referrals_come_to_the_oracle_s_sums(
    player: Player, year: dict[str, Any], tmp_path: Path
) -> None:
    """A row a referral, and all that nobody referred: together what was charged, given back, and earned net."""
    files = _packed(player, year["workspace"], tmp_path, "2010-12", "2012-01")
    rows = _rows(files["referrals.csv"])
    assert len({row["referral"] for row in rows if row["referral"]}) == year["attributed_leads"]
    sums = {
        name: sum(Decimal(row[name]) for row in rows if row["unit"] == "GBP")
        for name in ("revenue", "returned", "cost")
    }
    net = year["advocate_rewards"]["net"] + year["friend_rewards"]["net"]
    oracle = {"revenue": year["revenue_gross"], "returned": year["revenue_refunded"], "cost": net}
    assert sums == {name: Decimal(money.decimal(amount, "GBP")) for name, amount in oracle.items()}
    orders = sum(int(row["orders"]) for row in rows if row["referral"])
    assert orders == year["qualifying_conversions"]


def test_three_programs_close_a_month_of_the_year_as_the_trial_balance_does(
    player: Player, year: dict[str, Any], tmp_path: Path
) -> None:
    """June begins with what the months before left; hledger, ledger and beancount end it with our balances, by the cent."""
    files = _packed(player, year["workspace"], tmp_path, "2011-06", "2011-07")
    trial = _rows(files["trial-balance.csv"])
    assert any(Decimal(row["opening"]) for row in trial)
    closing = {(row["account"], row["unit"]): Decimal(row["closing"]) for row in trial if Decimal(row["closing"])}
    for program in books.PROGRAMS:
        journal = tmp_path / f"journal.{program}"
        journal.write_bytes(files[journal.name])
        books.checked(program, journal)
        assert books.sums(program, journal, classes=True) == closing


def test_one_changed_reward_changes_the_summary(player: Player, uncapped: dict[str, Any]) -> None:
    """The summary is worked out from what is stored: a superuser's change of one reward is seen in it."""
    ws = uncapped["workspace"]
    of_us = f"workspace_id = '{ws}' and side = 'advocate' and amount > 1"
    change = f"update reward set amount = amount - 1 where id = (select min(id) from reward where {of_us})"

    async def summary(directory: Directory) -> dict[str, Any]:
        return await reports.summary(await operator(directory, ws), directory)

    before = player.look(summary)
    asyncio.run(run(player.dsn, change))
    after = player.look(summary)
    assert after["advocate_rewards"]["net"] == before["advocate_rewards"]["net"] - 1
    assert after["net_by_advocate_sha256"] != before["net_by_advocate_sha256"]
