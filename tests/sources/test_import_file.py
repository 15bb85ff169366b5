"""Files of other systems as native events: what a mapping makes of cells, and what it refuses."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook

from goodword.sources import import_file, mapping_file, table_file
from goodword.sources.base import Problem
from goodword.sources.import_file import FileError
from goodword.sources.mapping_file import Mapping

ORDERS = """
kind: orders
columns:
  invoice_id: Beleg
  customer_external_id: Kunde
  amount: Summe
  tax: MwSt
  occurred_at: Datum
constants: {currency: EUR}
decimal: comma
dates: DD.MM.YYYY HH:mm
zone: Europe/Berlin
id: Beleg
"""


def _events(data: bytes, mapping: Mapping | None = None, kind: str = "orders") -> list[Any]:
    rows = import_file.rows(io.BytesIO(data), mapping.kind if mapping else kind, mapping)
    return [row.event for piece in rows.pieces for row in piece]


def _excel(*rows: tuple[Any, ...], formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for place, form in (formats or {}).items():
        sheet[place].number_format = form
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_german_file_is_read_to_the_cent_and_the_minute() -> None:
    """Semicolons, cp1252, decimal commas with points between thousands, local times before and after summer time begins."""
    text = (
        "Beleg;Kunde;Summe;MwSt;Datum\r\n"
        "R-1;Müller;1.234,56;197,11;28.03.2026 12:00\r\n"
        'R-2;"Groß; Söhne";0,10;0;29.03.2026 12:00\r\n'
    )
    first, second = _events(text.encode("cp1252"), mapping_file.read(ORDERS.encode()))
    assert (first.amount, first.tax, first.currency, first.id) == (123_456, 19_711, "EUR", "orders:R-1")
    assert first.occurred_at == datetime(2026, 3, 28, 11, tzinfo=UTC)
    assert (second.customer_external_id, second.amount) == ("Groß; Söhne", 10)
    assert second.occurred_at == datetime(2026, 3, 29, 10, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(encoding: str, delimiter: str) -> None:
    """With a mark or without; a line feed in quotes is of its cell, and the rows behind it have their own lines."""
    lines = [
        ["customer_external_id", "since"],
        ['"Zoë\nof Ulm"', "2020-01-01T00:00:00Z"],
        ["eve", "2020-01-02T00:00:00Z"],
    ]
    data = "\r\n".join(delimiter.join(cells) for cells in lines).encode(encoding)
    rows = import_file.rows(io.BytesIO(data), "customers")
    [piece] = rows.pieces
    assert [(row.line, row.event.customer_external_id) for row in piece] == [(2, "Zoë\nof Ulm"), (4, "eve")]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("decimal", "currency", "text", "minor"),
    [
        ("point", "EUR", "1,234.5", 123_450),
        ("point", "EUR", "-12.30", -1_230),
        ("comma", "EUR", "1 234,56", 123_456),
        ("comma", "CHF", "1'234,05", 123_405),
        ("point", "JPY", "1,234", 1_234),
        ("point", "JPY", "12.5", None),
        ("point", "KWD", "1.234", 1_234),
        ("comma", "EUR", "1.234", 123_400),
        ("point", "EUR", "1.234", None),
        ("point", "EUR", "19.99 EUR", None),
        ("point", "EUR", "1,23.4", None),
        ("minor", "EUR", "1999", 1_999),
        ("minor", "EUR", "19.99", None),
        ("point", "EUR", "0.30000000000000004", 30),
        ("point", "EUR", "NaN", None),
    ],
)
def test_an_amount_is_its_digits(decimal: Any, currency: str, text: str, minor: int | None) -> None:
    """By the places of its currency; what is no amount stays a text, which the format refuses."""
    mapping = Mapping(kind="balances", columns={}, decimal=decimal)
    assert mapping_file.amount(text, mapping, currency) == (text if minor is None else minor)


def test_excel_is_read_as_it_shows_itself() -> None:
    """Digits of floats, zeros before numbers, dates, yes and no; a formula is its value, and an error of one refuses its row."""
    data = _excel(
        ("Kunde", "Beleg", "Summe", "Datum", "Test"),
        (123, "R-1", 0.1 + 0.2, datetime.fromisoformat("2026-03-02T09:30"), False),
        (124.0, 77, 19.99, date(2026, 3, 2), True),
        (125, "R-3", "#DIV/0!", date(2026, 3, 2), None),
        (None, None, None, None, None),
        (126, "R-4", 5, None, None),
        formats={"A2": "00000"},
    )
    mapping = Mapping(
        kind="orders",
        columns={
            "customer_external_id": "Kunde",
            "invoice_id": "Beleg",
            "amount": "Summe",
            "occurred_at": "Datum",
            "test": "Test",
        },
        constants={"currency": "EUR"},
        decimal="point",
        zone="UTC",
    )
    first, second, third, fourth = _events(data, mapping)
    assert (first.customer_external_id, first.amount, first.test) == ("00123", 30, False)
    assert first.occurred_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert (second.customer_external_id, second.invoice_id, second.amount, second.test) == ("124", "77", 1_999, True)
    assert second.occurred_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert third == Problem("invalid_value", "amount")
    assert (fourth.amount, fourth.occurred_at) == (500, None)


def test_a_formula_is_its_value() -> None:
    """A formula that was never worked out has none: its row lacks the field."""
    data = _excel(("customer_external_id", "since"), ("bob", '="2020-01-01T00:00:00Z"'))
    [lacking] = _events(data, kind="customers")
    assert lacking.code == "missing_field"
    worked_out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(worked_out, "w") as after:
        for part in before.infolist():
            text = before.read(part)
            if part.filename.endswith("sheet1.xml"):
                assert b"</f><v" in text
                text = text.replace(b'<c r="B2">', b'<c r="B2" t="str">')
                text = re.sub(rb"</f><v>?.*?(/>|</v>)", b"</f><v>2020-01-01T00:00:00Z</v>", text)
            after.writestr(part, text)
    [found] = _events(worked_out.getvalue(), kind="customers")
    assert found.since == datetime(2020, 1, 1, tzinfo=UTC)


def test_a_row_is_known_by_its_columns_or_by_what_it_says() -> None:
    """Of overlapping files the same rows have the same ids, whatever columns nobody mapped; a cell that is empty makes none."""
    mapping = mapping_file.read(ORDERS.replace("\nid: Beleg", "").encode())
    head, row = "Beleg;Kunde;Summe;MwSt;Datum;Notiz", "R-1;bob;1,00;0;02.03.2026 10:00"
    [first] = _events(f"{head}\n{row};a\n".encode(), mapping)
    [again, other] = _events(f"{head}\n{row};b\n{row.replace('R-1', 'R-2')};b\n".encode(), mapping)
    assert first == again
    assert other.id != first.id
    [nameless] = _events(f"{head}\n;bob;1,00;0;02.03.2026 10:00;\n".encode(), mapping_file.read(ORDERS.encode()))
    assert nameless == Problem("missing_field", "id")


def test_values_are_translated_and_rows_are_passed_over() -> None:
    """What a cell says may stand for something else; of a file that has more than one kind, rows are chosen by what they say."""
    mapping = Mapping(
        kind="refunds",
        columns={"invoice_id": "order", "refund_id": "no", "amount": "sum", "currency": "unit"},
        values={"currency": {"€": "EUR"}},
        only={"type": ("refund",)},
        decimal="point",
        negative=True,
        id=("no",),
    )
    lines = ("type,no,order,sum,unit", "sale,1,o1,5.00,€", "refund,2,o1,-2.50,€", "refund,3,o1,2.50,€")
    sale, refund, wrong = _events("\n".join(lines).encode(), mapping)
    assert sale is None
    assert (refund.amount, refund.currency, refund.id) == (250, "EUR", "refunds:2")
    assert wrong.code == "out_of_range"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("kind: sales\ncolumns: {}", "'sales' is none; it can be advocates,"),
        ("kind: orders\ncolumns: {amount: a}", "'customer_external_id' is missing"),
        ("kind: orders\ncolumns: {customer: a}", "'customer' is no field of orders"),
        ("kind: orders\ncolumns: {customer_external_id: a, lines: b}", "'lines' is no field"),
        (
            "kind: orders\ncolumns: {customer_external_id: a, amount: b}\ndecimal: comma",
            "currency: amounts with a point or comma",
        ),
        ("kind: orders\ncolumns: {customer_external_id: a}\nconstants: {currency: EUX}", "'EUX' is none of ISO 4217"),
        ("kind: orders\ncolumns: {customer_external_id: a}\nzone: Berlin", "no IANA time zone"),
        ("kind: orders\ncolumns: {customer_external_id: a}\ndates: DD.MMMM.YYYY", "is no form"),
        ("kind: orders\ncolumns: {customer_external_id: a}\ndecimals: comma", "unknown field `decimals`"),
        ("kind: orders\ncolumns: [a]", "Expected `object`"),
        ("- a", "expected kind and columns"),
        ("kind: orders\ncolumns: &x {customer_external_id: a}", "anchor"),
    ],
)
def test_a_mapping_that_cannot_be_meant_says_what_is_wrong(said: str, told: str) -> None:
    """Nothing of the file is read then."""
    with pytest.raises(FileError) as caught:
        mapping_file.read(said.encode(), "m.yaml")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04 no zip", "no Excel file"),
        (b"a" * 70_000, "the header is longer"),
        (",".join(f"c{n}" for n in range(300)).encode(), "300 columns"),
        (b'customer_external_id,since\nbob,"' + b"x" * 200_000, "field larger than field limit"),
    ],
)
def test_a_file_that_is_too_much_is_refused(data: bytes, told: str) -> None:
    """Before it is held in memory."""
    with pytest.raises(FileError) as caught:
        _events(data, kind="customers")
    assert told in str(caught.value)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a workbook says of its parts is summed before any of them is read."""
    monkeypatch.setattr(table_file, "MOST_UNPACKED", 1_000)
    with pytest.raises(FileError, match="unpacks"):
        _events(_excel(("customer_external_id", "since"), ("bob", "2020-01-01T00:00:00Z")), kind="customers")


def test_a_row_too_long_and_one_too_wide_cost_no_other() -> None:
    """Each is a problem of its own."""
    rows = [
        "customer_external_id,since",
        "bob," + "x" * 5_000,
        "a,b,c",
        "," * 1 + "y" * 64_001,
        "eve,2020-01-01T00:00:00Z",
    ]
    found = _events("\n".join(rows).encode(), kind="customers")
    assert [it.code for it in found[:3]] == ["too_large", "malformed", "too_large"]
    assert found[3].customer_external_id == "eve"


@pytest.mark.parametrize(
    ("text", "zone", "dates", "read"),
    [
        ("2026-03-29T02:30", "Europe/Berlin", "iso", None),  # no clock showed it
        ("2026-10-25T02:30", "Europe/Berlin", "iso", "2026-10-25T00:30:00+00:00"),  # the first of two
        ("2026-03-02", "America/New_York", "iso", "2026-03-02T05:00:00+00:00"),
        ("03/02/2026 09:05 PM", "UTC", "MM/DD/YYYY hh:mm A", "2026-03-02T21:05:00+00:00"),
        ("2026-03-02T09:00:00+02:00", "UTC", "DD.MM.YYYY", "2026-03-02T09:00:00+02:00"),
        ("31.02.2026", "UTC", "DD.MM.YYYY", None),
        ("2026-03-02T09:00", None, "iso", None),
    ],
)
def test_a_time_is_one_instant(text: str, zone: str | None, dates: str, read: str | None) -> None:
    """By the zone of the mapping, unless it says its own; what is none stays a text, which the format refuses."""
    mapping = Mapping(kind="orders", columns={}, zone=zone, dates=dates)
    assert mapping_file.instant(text, mapping) == (text if read is None else read)


def test_a_header_of_ours_needs_no_mapping(tmp_path: Path) -> None:
    """A file on disk is read as it comes, and a column is guessed by what others call it."""
    file = tmp_path / "leads.csv"
    file.write_text("customer_external_id,code,customer_email\nbob,ANN,bob@mail.example\n")
    with file.open("rb") as data:
        [[row]] = import_file.rows(data, "leads").pieces
    assert row.event.code == "ANN"  # type: ignore[union-attr]
    guessed = mapping_file.guessed("orders", ["Order ID", "Customer", "Total", "Paid at", "Email", "Name"])
    assert guessed == {
        "customer_external_id": "Customer",
        "invoice_id": "Order ID",
        "amount": "Total",
        "customer_email": "Email",
        "occurred_at": "Paid at",
    }


def test_the_mapping_of_the_howto_is_one() -> None:
    """As it stands in the docs."""
    text = Path("docs/howto/import.md").read_text(encoding="utf-8")
    mapping = mapping_file.read(text.partition("```yaml\n")[2].partition("```")[0].encode())
    assert (mapping.kind, mapping.decimal, mapping.only) == ("orders", "comma", {"Status": ("bezahlt",)})


def _wrong(data: bytes, mapping: Mapping) -> tuple[str, str]:
    [problem] = _events(data, mapping)
    return problem.code, problem.field


@pytest.mark.parametrize(("decimal", "amount"), [("comma", 1_275), ("point", 1_275)])
def test_a_number_of_excel_has_no_written_mark(decimal: Any, amount: int) -> None:
    """It is read by its digits whatever sign the texts beside it have; as minor units it must be whole."""
    columns = {"external_id": "Who", "amount": "Sum", "reference": "No"}
    mapping = Mapping(kind="balances", columns=columns, constants={"currency": "KWD"}, decimal=decimal)
    rows = _excel(("Who", "Sum", "No"), ("ann", 1.275, 7), ("bob", "1,275" if decimal == "comma" else "1.275", 8))
    events = _events(rows, mapping)
    assert [(event.amount, event.reference) for event in events] == [(amount, "7"), (amount, "8")]
    euros = msgspec.structs.replace(mapping, constants={"currency": "EUR"})
    assert _wrong(_excel(("Who", "Sum", "No"), ("ann", 1.275, 7)), euros) == ("wrong_type", "amount")
    assert _events(_excel(("Who", "Sum", "No"), ("ann", 1234.5, 7)), euros)[0].amount == 123_450
    minor = msgspec.structs.replace(mapping, decimal="minor")
    assert _events(_excel(("Who", "Sum", "No"), ("ann", 1275, 7)), minor)[0].amount == 1_275
    assert _wrong(_excel(("Who", "Sum", "No"), ("ann", 1.275, 7)), minor) == ("wrong_type", "amount")


@pytest.mark.parametrize("encoding", ["zlib_codec", "rot13", "utf-8\0", "no-such"])
def test_an_encoding_that_is_none_of_text_is_said(encoding: str) -> None:
    """A codec of bytes, or of something else, is none for a file."""
    with pytest.raises(FileError, match="there is none of this name"):
        table_file.table(io.BytesIO(b"a,b\n"), encoding=encoding)


def _numbered(data: bytes, row: int) -> bytes:
    """Return a sheet of two rows whose second says that it is another one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for part in before.infolist():
            text = before.read(part)
            if part.filename.endswith("sheet1.xml"):
                assert b'<row r="2"' in text
                text = text.replace(b'<row r="2"', b'<row r="%d"' % row).replace(b'r="A2"', b'r="A%d"' % row)
            after.writestr(part, text)
    return out.getvalue()


@pytest.mark.parametrize("row", [10_003, 1_048_577, 2_000_000_000])
def test_a_sheet_with_a_gap_ends_in_an_error_and_not_in_hours(row: int) -> None:
    """Behind ten thousand empty rows nothing is read; a shorter gap is read over, and rows keep their numbers."""
    data = _excel(("customer_external_id",), ("bob",))
    with pytest.raises(FileError, match="empty rows"):
        list(table_file.table(io.BytesIO(_numbered(data, row))).lines)
    near = list(table_file.table(io.BytesIO(_numbered(data, 9_000))).lines)
    assert near == [(9_000, ["bob"])]


def test_a_sheet_that_unpacks_to_too_much_is_not_unpacked() -> None:
    """Whoever reads says how much is too much."""
    data = _excel(("customer_external_id",), *(("b" * 1_000,) for _ in range(1_000)))
    assert len(list(table_file.table(io.BytesIO(data)).lines)) == 1_000
    with pytest.raises(FileError, match="unpacks to"):
        table_file.table(io.BytesIO(data), most=20_000)


def test_a_column_names_the_welcome_offer_of_an_order() -> None:
    """By our own name, or by another one that is mapped to it."""
    said = b"customer_external_id,invoice_id,amount,currency,discount,offer_id\nbob,i1,9500,EUR,500,off_1\n"
    mapped = Mapping(kind="orders", columns={"customer_external_id": "who", "offer_id": "welcome"})
    for data, mapping in ((said, None), (b"who,welcome\nbob,off_1\n", mapped)):
        [order] = _events(data, mapping)
        assert order.offer_id == "off_1"


LIST = """
kind: advocates
columns: {external_id: No, email: Mail, consent.outcome: Agreed, consent.occurred_at: On, consent.proof: Where}
constants: {program: friends, consent.channel: email}
values: {consent.outcome: {yes: given, no: revoked}}
id: No
dates: DD.MM.YYYY
zone: Europe/Berlin
"""


def test_a_list_enrols_who_agreed_and_records_what_everybody_said() -> None:
    """A yes is a consent and an enrolment, a no is a consent alone, and nothing said is nothing; what is neither is told."""
    text = (
        "No,Mail,Agreed,On,Where\n1,a@x.example,yes,02.03.2026,shop\n2,b@x.example,no,02.03.2026,shop\n"
        "3,c@x.example,,,\n4,d@x.example,perhaps,02.03.2026,shop\n"
    )
    events = _events(text.encode(), mapping_file.read(LIST.encode()))
    said = [msgspec.to_builtins(it) if not isinstance(it, Problem | None) else it for it in events]
    agreed, enrolled, refused, *rest = said
    assert (agreed["type"], agreed["id"], agreed["purpose"]) == ("consent.recorded", "consents:1", "advocate")
    assert (agreed["outcome"], agreed["channel"], agreed["proof"]) == ("given", "email", "shop")
    assert agreed["occurred_at"] == "2026-03-01T23:00:00Z"
    assert (enrolled["type"], enrolled["id"], enrolled["program"]) == ("advocate.enrolled", "advocates:1", "friends")
    assert "occurred_at" not in enrolled
    assert (refused["customer_external_id"], refused["outcome"]) == ("2", "revoked")
    assert rest[0] is None
    assert [it.code for it in rest[1:] if it is not None] == ["invalid_value"]


def test_a_list_may_be_headed_by_our_names_and_lacks_nothing() -> None:
    """A header of our own names needs no mapping; a consent without its outcome, and a field that there is not, are told."""
    text = "external_id,consent.outcome,consent.purpose\n1,given,advocate\n2,revoked,advocate\n"
    assert [type(it).__name__ for it in _events(text.encode(), kind="advocates")] == [
        "ConsentRecorded",
        "AdvocateEnrolled",
        "ConsentRecorded",
    ]
    for was, now, told in (
        ("consent.outcome: Agreed, ", "", "outcome"),
        (".proof: Where", ".nothing: Where", "nothing"),
    ):
        with pytest.raises(FileError, match=told):
            mapping_file.read(LIST.replace(was, now).encode())
