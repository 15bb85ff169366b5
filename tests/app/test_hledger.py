"""The exported journal as an accountant meets it: hledger's own statements, over every sort of unit."""

import csv
import io
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest
from testkit.stories import world
from testkit.tables import rows
from testkit.world import World, advocate
from tests.app.test_load import tell

from goodword.app.proof import hledger
from goodword.core.ledger import ACCOUNTS
from goodword.core.state import Reward

#: unit -> what four orders come to, and what is refunded of the first one
ORDERS = {unit: told for unit, *told in rows(__file__, "Orders")}


def history() -> World:
    """Of each unit one reward paid and then partly refunded, one under way, one approved and one that waits."""
    conversions = [
        {"on": "purchase", "rewards": [advocate(percent="10")]},
        {"on": "sign-up", "rewards": [advocate(kind="points", points=100)]},
    ]
    made = world(conversions=conversions)
    _pay(made, _approve(made, _order(made, 0)), "completed")
    _pay(made, _approve(made, _order(made, 1)), "sent")
    _approve(made, _order(made, 2))
    _order(made, 3)
    for unit, (_, refunded) in ORDERS.items():
        made.refund(f"{unit}-0-1", refunded, f"r-{unit}")
    return made


def _order(made: World, which: int) -> list[str]:
    """One order of each unit; the friends who gave them."""
    for unit, (amounts, _) in ORDERS.items():
        made.lead(f"{unit}-{which}", code="ANN")
        what = {"name": "sign-up"} if unit == "points" else {"currency": unit}
        made.buy(f"{unit}-{which}", amounts[which], **what)
    return [f"{unit}-{which}" for unit in ORDERS]


def _approve(made: World, friends: list[str]) -> list[Reward]:
    return [reward for friend in friends for reward in made.approved(friend=friend)]


def _pay(made: World, rewards: list[Reward], until: str) -> None:
    made.tick(max(reward.due_at or 0 for reward in rewards))
    for unit in {reward.unit for reward in rewards}:
        payouts = made.draft("ann", rail="sandbox" if unit.startswith("points:") else "bank_file", unit=unit)
        made.release(payouts)
        for outcome in ("processing", until):
            for payout in payouts:
                made.answer(payout, outcome)


def ask(journal: Path, *question: str) -> str:
    """What the real hledger says of a journal."""
    command = ["hledger", "-f", str(journal), *question]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_statements_read_as_an_accountant_reads_them(make_house: Any, tmp_path: Path) -> None:
    """Rewards are a loss, what left the bank is no longer held, what is owed stands on the side of who owes it."""

    def statement(journal: Path, name: str) -> dict[tuple[str, str], str]:
        """A statement of hledger: (class of account, unit) -> figure."""
        rows = csv.reader(io.StringIO(ask(journal, name, "--depth", "1", "--layout", "bare", "-O", "csv")))
        return {(row[0], row[1].partition(":")[0]): row[2] for row in rows if row[0] in (*ACCOUNTS, "Net:")}

    if shutil.which("hledger") is None:
        pytest.skip("hledger is not there: apt-get install hledger")
    told = history()
    house = await make_house(starts_at=told.log[0][0].accepted_at)
    await tell(house, told, Random(0))  # noqa: S311 - the same batches every time
    journal = tmp_path / "books.journal"
    journal.write_text("".join([piece async for piece in hledger.journal(house.pool, house.ws)]))
    ask(journal, "check", "--strict")
    for name, heading in (("incomestatement", "Income statement"), ("balancesheet", "Balance sheet")):
        accounts = {account: figures for account, *figures in rows(__file__, heading)}
        expected = {(name, unit): row[at] for name, row in accounts.items() for at, unit in enumerate(ORDERS)}
        assert statement(journal, name) == expected
