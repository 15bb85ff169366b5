"""How the amounts of another system's export are written: by what its cells show, and asked for where they leave it open."""

import io
from typing import Any

import pytest

from goodword.sources import import_file, native
from goodword.sources.exports import Said
from goodword.sources.table_file import FileError

HEADER = "ID,Type,Amount,Earnings,Currency,Status,Partner ID,Customer external ID,Invoice ID"


def amounts(*rows: tuple[str, str], said: Said | None = None) -> list[Any]:
    """Return what is sold and owed by each row of a file of Dub's."""
    lines = "".join(f'cm_{n},sale,"{sold}","{owed}",usd,pending,pn_1,bob,i{n}\n' for n, (sold, owed) in enumerate(rows))
    [piece] = import_file.export(io.BytesIO(f"{HEADER}\n{lines}".encode()), "dub", said).pieces
    return [getattr(row.event, "amount", None) or getattr(row.event, "code", None) for row in piece]


@pytest.mark.parametrize(
    "rows",
    [
        [("1,250", "300"), ("900", "90")],
        [("1.250", "300")],
        [("$1,250", "$300")],
        [("12.50", "300")],
        [("1250", "$3")],
        [("12.50", "3,00")],
        [("12.50", "1,250")],
    ],
)
def test_what_a_file_leaves_open_is_asked_for_and_never_guessed(rows: list[tuple[str, str]]) -> None:
    """A thousands separator says nothing of units, and one row is not read in two."""
    with pytest.raises(FileError, match="--decimal"):
        amounts(*rows)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("1250", "300")], [1_250, 300]),
        ([("1,250", "3.00"), ("12.50", "3")], [125_000, 300, 1_250, 300]),
        ([("1.250,00", "3,00")], [125_000, 300]),
        ([("1,234.500", "3.00")], [123_450, 300]),
        ([("$1,250", "$3.00")], [125_000, 300]),
    ],
)
def test_decimals_say_how_a_file_is_written(rows: list[tuple[str, str]], found: list[int]) -> None:
    """Points or commas with another number of digits than three behind them."""
    assert amounts(*rows) == found


def test_a_person_says_how_it_is_written() -> None:
    assert amounts(("1,250", "300"), said=Said(decimal="point")) == [125_000, 30_000]


def test_an_amount_from_another_column_is_not_in_the_currency_beside_the_first() -> None:
    """The account's own amount stands in for that of the sale, in the account's currency; so does its whole column."""
    head = "id,promoter_campaign.promoter.id,uid,amount,unit,status,is_paid,commission_type,sale_amount,original_sale_currency"
    whole = f"{head},original_sale_amount\n"
    for text in (
        f"{whole}7,p1,bob,300,cash,approved,true,sale,1000,EUR,\n",
        f"{head}\n7,p1,bob,300,cash,approved,true,sale,1000,EUR\n",
    ):
        read = import_file.export(io.BytesIO(text.encode()), "firstpromoter", Said(currency="USD"))
        [[row]] = read.pieces
        assert isinstance(row.event, native.ConversionRecorded)
        assert (row.event.amount, row.event.currency) == (1_000, "USD")


def test_a_tax_is_written_as_the_amount_beside_it() -> None:
    """A tax in cents beside an amount with decimals is asked about, too."""
    head = "id,affiliate.id,customer.id,amount,currency,state,due_at,charge_amount_cents,tax_amount_cents"
    line = "7,p1,bob,3.00,USD,due,2026-03-03,12.50,250"
    with pytest.raises(FileError, match="--decimal"):
        import_file.export(io.BytesIO(f"{head}\n{line}\n".encode()), "rewardful")
