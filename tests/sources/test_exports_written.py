"""How the amounts of another system's export are written: by what its cells show, and asked for where they leave it open."""

import io
from typing import Any

import pytest
from tests.sources import moving

from goodword.sources import import_file, native
from goodword.sources.exports import SYSTEMS, Export, Said
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


def read(system: str, data: bytes) -> tuple[list[Any], str]:
    """Return what the rows of a file become, and which file it was taken for."""
    it = import_file.export(io.BytesIO(data), system, Said(currency="USD" if system == "firstpromoter" else None))
    return [row.event for piece in it.pieces for row in piece], it.told


def headings(export: Export, header: list[str]) -> list[tuple[str, str]]:
    """Return each heading of a file with each other name that its system has for it, as its pages may write it."""
    plain = lambda name: "".join(it for it in name.lower() if it.isalnum())  # noqa: E731
    known = {plain(name) for names in export.called.values() for name in names}
    return [
        (was, shown)
        for names in export.called.values()
        for was in [next((it for it in header if plain(it) in set(map(plain, names))), None)]
        for other in names
        for shown in (other, other.replace("_", " ").replace(".", " ").title())
        if was is not None and plain(shown) in known - set(map(plain, header)) | {plain(was)} and shown not in header
    ]


@pytest.mark.parametrize("system", moving.WRITERS)
def test_every_name_of_a_column_says_the_same(system: str) -> None:
    """Whatever the documents of a system call a column, in whatever case and with whatever blanks."""
    files, tried = moving.WRITERS[system](moving.past(7, ("USD",))), 0
    for whole in files.values():
        data = b"\r\n".join(whole.split(b"\r\n")[:150]) + b"\r\n"
        expected, told = read(system, data)
        head, _, rows = data.partition(b"\r\n")
        header = head.decode().split(",")
        [export] = [it for it in SYSTEMS[system].exports if f"{it.name} of {SYSTEMS[system].title}:" in told]
        for was, shown in headings(export, header):
            renamed = ",".join(shown if it == was else it for it in header).encode()
            found, as_ = read(system, renamed + b"\r\n" + rows)
            assert f"{export.name} of " in as_, shown
            assert found == expected, shown
            tried += 1
    assert tried > 10


@pytest.mark.parametrize(
    "head",
    [
        "stripe_customer_id,first_name,last_name,email,paypal_email,wise_email,token",
        "Imported ID,First Name,Last Name,Email,PayPal Email,Wise Email,Token",
        "Stripe Customer ID,Affiliate First Name,Affiliate Last Name,Affiliate Email,Affiliate PayPal Email,Note,Token",
    ],
)
def test_a_file_that_was_made_for_rewardfuls_own_import_enrols_and_says_what_it_lacks(head: str) -> None:
    """In each of the three versions of its help page; it names no date, so that a column of one's own makes referrals of it."""
    rows = [
        "cus_1,Ann,Lee,ann@mail.example,,,ANN",
        "cus_2,Ann,Lee,ann@mail.example,,,ANN",
        ",Zoe,Ray,zoe@mail.example,,,",
    ]
    it = import_file.export(io.BytesIO("\n".join([head, *rows]).encode()), "rewardful", Said())
    assert "no referrals without a column became_lead_at" in it.told
    found = [row.event for piece in it.pieces for row in piece]
    assert {(one.external_id, one.code, one.name) for one in found if isinstance(one, native.AdvocateEnrolled)} == {
        ("ann@mail.example", "ANN", "Ann Lee"), ("ann@mail.example", None, "Ann Lee"), ("zoe@mail.example", None, "Zoe Ray"),
    }  # fmt: skip
    dated = [
        f"{line},{at}" for line, at in zip([head, *rows], ["Created at", *["2026-01-02T09:00:00Z"] * 3], strict=True)
    ]
    it = import_file.export(io.BytesIO("\n".join(dated).encode()), "rewardful", Said())
    brought = [row.event for piece in it.pieces for row in piece if isinstance(row.event, native.ReferralImported)]
    assert [(one.customer_external_id, one.advocate_external_id) for one in brought] == [
        ("cus_1", "ann@mail.example"),
        ("cus_2", "ann@mail.example"),
    ]


def test_a_refund_at_tolt_is_owed_back_and_is_no_second_sale() -> None:
    """What was paid for and refunded then is a commission of its own there: of the type refund, approved, below nought."""
    head = "id,amount,revenue,status,type,partner_id,customer_id,transaction_id,created_at"
    rows = ["c1,1470,4900,paid,sale,p,bob,txn_1,2026-01-15", "c2,-1470,4900,approved,refund,p,bob,txn_1,2026-02-15"]
    read = import_file.export(io.BytesIO("\n".join([head, *rows]).encode()), "tolt", Said(currency="USD"))
    sold, back = [row.event for piece in read.pieces for row in piece]
    assert isinstance(sold, native.ConversionRecorded)
    assert isinstance(back, native.BalanceOpened)
    assert (sold.invoice_id, sold.amount, back.reference, back.amount) == ("txn_1", 4_900, "tolt.c2", -1_470)


def test_tolts_customers_are_known_by_their_mail_and_its_transactions_are_none() -> None:
    """Its first API says no `lead_at` of a customer, so that what was created then is when they came."""
    head, row = "id,email,partner_id,customer_id,created_at,status", "c1,b@mail.example,p,bob,2026-01-15,active"
    [[one]] = import_file.export(io.BytesIO(f"{head}\n{row}\n".encode()), "tolt").pieces
    assert isinstance(one.event, native.ReferralImported)
    assert (one.event.customer_external_id, one.event.advocate_external_id) == ("bob", "tolt:p")
    paid = "id,amount,customer_id,partner_id,billing_type,status,created_at,lead_at\nt1,4900,c1,p,one_time,paid,2026-01-15,\n"
    with pytest.raises(FileError, match="none of the exports of Tolt"):
        import_file.export(io.BytesIO(paid.encode()), "tolt", Said(currency="USD"))
