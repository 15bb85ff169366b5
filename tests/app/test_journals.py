"""The exported journals as an accountant meets them: the statements of hledger, ledger and beancount, over every sort of unit."""

import csv
import io
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit import books
from testkit.stories import world
from testkit.tables import rows
from testkit.world import World, advocate
from tests.app.test_load import tell
from tests.core.test_books import owing, two_programs

from goodword.app import see
from goodword.app.proof import beancount
from goodword.app.proof.journal import TYPES
from goodword.app.see.ledger import JOURNALS
from goodword.core import calendar, ids, money
from goodword.core.ledger import ACCOUNTS
from goodword.core.state import Balance, Reward
from goodword.outbound.rails import REGISTRY

#: unit -> what four orders come to, and what is refunded of the first one
ORDERS = {unit: told for unit, *told in rows(__file__, "Orders")}


def history() -> World:
    """Of each unit one reward paid and then partly refunded, one under way, one approved and one that waits."""
    conversions = [
        {"on": "purchase", "rewards": [advocate(percent="10")]},
        {"on": "sign-up", "rewards": [advocate(kind="points", points=100)]},
    ]
    made = world(conversions=conversions, currencies=[unit for unit in ORDERS if unit != "points"])
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


@pytest.fixture
async def told(make_house: Any) -> tuple[World, Any]:
    """The history, in memory and in a database."""
    made = history()
    house = await make_house(starts_at=made.log[0][0].accepted_at)
    await tell(house, made, Random(0))  # noqa: S311 - the same batches every time
    return made, house


async def journal_of(house: Any, program: str, folder: Path) -> Path:
    """The journal for a program, after it has checked it as strictly as it can."""
    journal = folder / f"books.{program}"
    journal.write_text(
        "".join([piece async for piece in see.ledger.written(house.as_(house.owner), house.directory, program)])
    )
    books.checked(program, journal)
    return journal


def expected(heading: str, *, debts: int) -> dict[tuple[str, str], Decimal]:
    """A statement of the table: (class of account, unit) -> figure; ``debts``: the sign with which a debt is shown."""
    return {
        (account, unit): Decimal(figure) * (debts if TYPES.get(account) == "liability" else 1)
        for account, *figures in rows(__file__, heading)
        for unit, figure in zip(ORDERS, figures, strict=True)
    }


async def test_statements_read_as_an_accountant_reads_them(told: tuple[World, Any], tmp_path: Path) -> None:
    """Rewards are a loss, what left the bank is no longer held, what is owed stands on the side of who owes it."""
    journal = await journal_of(told[1], "hledger", tmp_path)
    for name, heading in (("incomestatement", "Income statement"), ("balancesheet", "Balance sheet")):
        said = books.run("hledger", journal, name, "--depth", "1", "--layout", "bare", "-O", "csv")
        lines = [row for row in csv.reader(io.StringIO(said)) if row[0] in (*ACCOUNTS, "Net:")]
        assert {(row[0], books.of_ours(row[1])): Decimal(row[2]) for row in lines} == expected(heading, debts=1)


@pytest.mark.parametrize("program", books.PROGRAMS)
async def test_three_programs_add_up_what_we_do(program: str, told: tuple[World, Any], tmp_path: Path) -> None:
    """Each class of account has the figure of the statements, each account our balance, by sign and by cent, in every unit.

    First-hour 10.
    """
    made, house = told
    journal = await journal_of(house, program, tmp_path)
    both = expected("Income statement", debts=-1) | expected("Balance sheet", debts=-1)
    statements = {key: figure for key, figure in both.items() if key[0] in ACCOUNTS}
    classes = books.sums(program, journal, classes=True)
    assert {(name, books.of_ours(unit)): figure for (name, unit), figure in classes.items()} == statements
    ours = {
        (":".join(filter(None, (row.account, row.program, row.owner))), row.unit): Decimal(
            money.decimal(-row.amount, row.unit)
        )
        for row in made.state.all(Balance)
        if row.amount
    }
    assert books.sums(program, journal) == ours


@pytest.mark.parametrize("program", books.PROGRAMS)
async def test_a_cost_is_told_by_the_month_that_earned_it(
    program: str, told: tuple[World, Any], tmp_path: Path
) -> None:
    """Finding 10: a refund of a later month stands at the day on which it was booked and beside the month of its order."""
    made, house = told
    journal = await journal_of(house, program, tmp_path)
    cost: Counter[tuple[str, str]] = Counter()
    for reward in made.state.all(Reward):
        cost[calendar.period(reward.earned_at, "month", "UTC"), reward.unit] += reward.amount
    assert len({month for month, _ in cost}) > 1
    for month in {month for month, _ in cost}:
        classes = books.sums(program, journal, classes=True, earned=month)
        ours = {unit: Decimal(money.decimal(n, unit)) for (of, unit), n in cost.items() if of == month and n}
        assert {unit: figure for (name, unit), figure in classes.items() if name == "expense"} == ours


async def test_a_posting_says_when_its_reward_was_earned(told: tuple[World, Any]) -> None:
    """Finding 10: each posting of the API carries the month of its reward's conversion, whenever it was booked itself."""
    made, house = told
    rewards = {reward.id: reward for reward in made.state.all(Reward)}
    page = await see.ledger.postings(house.as_(house.owner), house.directory, limit=1000)
    assert page.items
    for posting in page.items:
        assert posting.earned == calendar.period(rewards[posting.reward].earned_at, "month", "UTC")


@pytest.mark.parametrize("program", books.PROGRAMS)
async def test_an_entity_has_books_of_its_own(program: str, make_house: Any, tmp_path: Path) -> None:
    """Finding 27: of two programs of two legal entities each balances alone, also where one nets what is owed to the other."""
    made = owing(two_programs(main={"entity": "acme-gmbh"}, other={"entity": "acme-ltd"}))
    made.release(made.draft("ann"))
    house = await make_house(starts_at=made.log[0][0].accepted_at)
    await tell(house, made, Random(0))  # noqa: S311 - the same batches every time
    journal = await journal_of(house, program, tmp_path)
    for entity, debt, due in (("acme-gmbh", "10.00", "10.00"), ("acme-ltd", "-10.00", "0")):
        classes = {
            name: figure for (name, _), figure in books.sums(program, journal, classes=True, entity=entity).items()
        }
        assert sum(classes.values()) == 0
        assert (classes["between"], classes.get("settled", 0)) == (Decimal(debt), -Decimal(due))


@given(st.sampled_from(ACCOUNTS), st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_beancount_s_names_can_be_read_back(account: str, program: bytes, person: bytes) -> None:
    """Whatever the ids, an account and a unit of beancount name one of ours, and which."""
    of = ids.encode("prg", program)
    for owner in ("", ids.encode("per", person), ids.encode("prg", person), *REGISTRY):
        assert beancount.read_account(beancount.account((account, of, owner))) == (account, of, owner)
    for unit in (f"{money.POINTS}{of}", *money.CURRENCIES):
        assert beancount.read_commodity(beancount.commodity(unit)) == unit


def test_each_program_has_its_journal() -> None:
    """What can be exported is what the tests let a real program read."""
    assert set(JOURNALS) == set(books.PROGRAMS)
    assert set(TYPES) == set(ACCOUNTS)
