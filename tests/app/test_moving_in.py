"""Moving in: exports of five other systems, as their documented columns have them, come to the same money here, once."""

import io
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC
from typing import Any

import pytest
from testkit.house import OWNER, House, opened
from tests.sources import moving

from goodword.app.say import imports
from goodword.app.say.imports import WRONG, Became, Counted, Totals
from goodword.core.state import Advocate, Claim, Reward
from goodword.sources import import_file
from goodword.sources.base import Problem
from goodword.sources.exports import Said

#: What a row of a past may be refused for, and how often: each is a trap, and nothing else is lost.
TRAPS = {"code_taken": 1, "already_bound": 1}


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    """Return a workspace with a live program."""
    async with opened(database) as it:
        yield it


async def _gone(house: House, use_case: Callable[..., Any], system: str, data: bytes) -> tuple[Totals, list[Became]]:
    said = Said(currency="USD" if system == "firstpromoter" else None)
    read = import_file.export(io.BytesIO(data), system, said)
    counted, rows = Counted(), list[Became]()
    async for piece in use_case(house.as_(OWNER), house.directory, read.pieces):
        counted.add(piece)
        rows += piece
    return counted.totals(), rows


def _money(told: Totals, kind: str, what: str = "amount") -> dict[str, int]:
    return {it.currency: getattr(it, what) for it in told.money if it.kind == kind and it.currency}


@pytest.mark.parametrize("system", moving.WRITERS)
async def test_a_past_of_a_thousand_rows_comes_to_the_same_money(house: House, system: str) -> None:
    """To the cent in each currency; what it stumbles over is named; a dry run says the same; the same again changes nothing."""
    it = moving.past(7, ("USD",) if system == "firstpromoter" else ("USD", "EUR", "JPY"))
    files = moving.WRITERS[system](it)
    told, rows = dict[str, Totals](), list[Became]()
    for name, data in files.items():
        before = await house.position()
        dry, _ = await _gone(house, imports.dry_run, system, data)
        assert await house.position() == before
        told[name], became = await _gone(house, imports.take, system, data)
        assert (dry.lines, dry.read) == (told[name].lines, told[name].read)
        rows += became
    assert sum(each.lines for each in told.values()) >= 1_000

    lost = [c for c in it.commissions if c.partner < 0 and c.state in ("open", "held")]
    wrong = Counter(row.code for row in rows if row.became in WRONG)
    assert wrong == {**TRAPS, "advocate_not_enrolled": len(lost)}
    assert len(lost) > 0
    *_, last = told.values()
    assert _money(last, "balances") == it.owed()
    assert _money(last, "conversions") == it.sold()

    owed: Counter[str] = Counter()
    for reward in await house.every(Reward):
        owed[reward.unit] += -reward.sent if reward.status == "reversed" else reward.amount
    assert {unit: amount for unit, amount in owed.items() if len(unit) == 3} == it.owed()
    assert sum(amount for unit, amount in owed.items() if len(unit) != 3) == (70 if system == "firstpromoter" else 0)
    standing = Counter(advocate.status for advocate in await house.every(Advocate))
    stopped = sum(p.state == "stopped" for p in it.partners) if system != "partnerstack" else 0
    left = sum(p.state == "left" for p in it.partners)
    assert standing == +Counter(active=len(it.partners) - stopped - left, suspended=stopped, left=left)
    assert len(await house.every(Claim)) == 1  # a customer under two partners: a person looks at it
    assert await house.broken() == []

    before = await house.position()
    for data in files.values():
        again, _ = await _gone(house, imports.take, system, data)
        assert not {"imported", "waits", "conflict"} & again.became.keys()
        assert sum(it.new for it in again.money) == 0
    assert await house.position() - before == len(files)  # that a member brought a file in stands on the record


async def test_what_cannot_be_known_is_asked_for(house: House) -> None:
    """A file of another system, one without the columns that it takes, and amounts without a currency say what is missing."""
    files = moving.firstpromoter(moving.past(7))
    with pytest.raises(import_file.FileError, match="say no currency"):
        import_file.export(io.BytesIO(files["commissions"]), "firstpromoter")
    with pytest.raises(import_file.FileError, match=r"commissions needs .*Partner ID"):
        import_file.export(io.BytesIO(files["commissions"]), "dub")
    with pytest.raises(import_file.FileError, match="none of this name in ISO 4217"):
        import_file.export(io.BytesIO(files["commissions"]), "firstpromoter", Said(currency="XXY"))
    bare = b"ID,Type,Earnings,Currency,Status,Partner ID\ncm_1,sale,30,USD,processed,pn_1\n"
    read = import_file.export(io.BytesIO(bare), "dub")
    assert "no conversions without a column Customer external ID" in read.told
    del house


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (("30", "1234"), [30, 1_234]),
        (("30", "12.34"), [3_000, 1_234]),  # a spreadsheet has made 30 of 30.00
        (("$30", "$1,234.50"), [3_000, 123_450]),
        (("-$30.00", "0.10"), [-3_000, 10]),
        (("30.00", "20%"), [3_000, "wrong_type"]),
        (("30", "€12.34"), [3_000, "wrong_type"]),  # of another currency
        (("30.005", "1.00"), ["wrong_type", 100]),
    ],
)
def test_an_amount_is_cents_or_has_a_point_in_the_whole_file(cells: tuple[str, str], amounts: list[Any]) -> None:
    """One point anywhere says that the column has it; a percentage or another currency's sign is no amount."""
    lines = "".join(f'cm_{n},lead,"{cell}",usd,hold,pn_1\n' for n, cell in enumerate(cells))
    read = import_file.export(io.BytesIO(f"ID,Type,Earnings,Currency,Status,Partner ID\n{lines}".encode()), "dub")
    [piece] = read.pieces
    assert [getattr(row.event, "amount", None) or getattr(row.event, "code", None) for row in piece] == amounts


def test_a_state_that_nobody_knows_is_refused_and_not_passed_over() -> None:
    """Money is not left out in silence because another system has a new word."""
    lines = "cm_1,lead,5.00,usd,escrow,pn_1\ncm_2,lead,5.00,usd,fraud,pn_1\ncm_3,lead,5.00,usd,hold,pn_1\n"
    read = import_file.export(io.BytesIO(f"ID,Type,Earnings,Currency,Status,Partner ID\n{lines}".encode()), "dub")
    [piece] = read.pieces
    assert [getattr(row.event, "code", row.event and row.event.id) for row in piece] == [
        "invalid_value", None, "balances:dub.cm_3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("system", "header", "line"),
    [
        ("dub", "ID,Name,Email,Status,Enrolled at", "pn_1,Ann,ann@a.example,%s,2026-03-02"),
        ("firstpromoter", "id,email,ref_token,state", "1,ann@a.example,ann,%s"),
        ("partnerstack", "partner_key,email,group,approved_status", "ann,ann@a.example,all,%s"),
        ("rewardful", "id,first_name,email,state", "1,Ann,ann@a.example,%s"),
        ("tolt", "id,first_name,email,status", "part_1,Ann,ann@a.example,%s"),
    ],
)
def test_a_partner_in_a_state_that_nobody_knows_is_refused(system: str, header: str, line: str) -> None:
    """Who was stopped there by a word that is new would else go on here, with all rights; who takes part is enrolled."""
    found = {}
    for state in ("active", "Approved", "", "quarantined", "pending"):
        read = import_file.export(io.BytesIO(f"{header}\n{line % state}\n".encode()), system)
        rows = [row for piece in read.pieces for row in piece]
        events = [row.event for row in rows if row.event is not None]
        found[state] = [it.code if isinstance(it, Problem) else it.id.partition(":")[0] for it in events]
    assert "advocates" in found["active"]
    assert found["active"] == found["Approved"] == found[""]
    assert set(found["quarantined"]) == {"invalid_value"}
    assert found["pending"] == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T09:00:00.000Z", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02 09:00:00 UTC", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02 11:00:00 +0200", "2026-03-02T09:00:00+00:00"),
        ("03/02/2026", "2026-03-02T00:00:00+00:00"),
        ("03/02/2026 09:00 AM", "2026-03-02T09:00:00+00:00"),
        ("1772442000", "2026-03-02T09:00:00+00:00"),
        ("1772442000250", "2026-03-02T09:00:00.250000+00:00"),
        ("yesterday", None),
    ],
)
def test_a_date_is_read_as_it_is_written(text: str, at: str | None) -> None:
    """In ISO with and without a blank, as in the United States, as seconds and milliseconds; what is none is refused."""
    data = f"ID,Type,Earnings,Currency,Status,Partner ID,Created at\ncm_1,lead,5.00,usd,hold,pn_1,{text}\n"
    [[row]] = import_file.export(io.BytesIO(data.encode()), "dub").pieces
    when = getattr(row.event, "occurred_at", None)
    assert (when and when.astimezone(UTC).isoformat()) == at
