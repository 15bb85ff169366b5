"""Files for the bank: whatever is to be paid, a format refuses it by name, or the file says exactly that, as others read it."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import achkit
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace
from testkit.tables import rows

from goodword.core.money import CURRENCIES
from goodword.outbound.files import DEBTOR, FORMATS, FileRefusedError, MismatchError, calendars, make
from goodword.outbound.files.base import Batch, Format
from goodword.outbound.files.latin import ALLOWED, UnspelledError, latin
from goodword.outbound.rails import REGISTRY, Order, checked

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)  # a Saturday
DAY = date(2026, 11, 30)
_PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
_SCHEMA = etree.XMLSchema(etree.fromstring(files("sepaxml").joinpath("schemas/pain.001.001.09.xsd").read_bytes()))
_FIELDS = REGISTRY["bank_file"].fields
_GOLDEN = Path(__file__).parent / "golden"

FROM = checked(
    DEBTOR,
    {
        "name": "Söhne & Acme GmbH",
        "iban": "DE02 1203 0000 0000 2020 51",
        "bic": "byladem1001",
        "street": "Große Straße",
        "number": "1a",
        "postcode": "10115",
        "town": "Berlin",
        "country": "de",
        "routing": "021000021",
        "bank_name": "Example Bank",
        "company_id": "1234567890",
    },
)
ANN = checked(
    _FIELDS,
    {
        "name": "José Müller",
        "iban": "FR1420041010050500013M02606",
        "bic": "PSSTFRPP",
        "street": "Rue Ça",
        "number": "3",
        "postcode": "75001",
        "town": "Paris",
        "country": "FR",
    },
)
BEN = checked(_FIELDS, {"name": "Łódź, Ltd", "iban": "DE89370400440532013000", "holder": "company"})
CAT = checked(_FIELDS, {"name": "Catherine Müller-Lüdenscheidt", "account": "000-12345", "bank": "011401533"})
DAN = checked(
    _FIELDS, {"name": "Dan & Co", "account": "77", "bank": "021000021", "holder": "company", "type": "savings"}
)
EVE = checked(_FIELDS, {"name": "Eve", "paypal": "Eve@Example.com"})


def order(number: int, amount: int, unit: str, details: dict[str, Any]) -> Order:
    """An order with an id as payouts have them."""
    return Order(
        f"pay_01M8J8Z5J4F42TK0KV8GX{number:05}", amount, unit, details, programs=("friends", "partner-club")[:number]
    )


SAMPLE = {
    "csv": [order(1, 1_050, "EUR", ANN), order(2, 5, "JPY", BEN), order(3, 1_234, "KWD", CAT), order(4, 1, "USD", EVE)],
    "pain.001": [order(1, 1_050, "EUR", ANN), order(2, 1, "EUR", BEN)],
    "paypal": [order(1, 1_050, "JPY", EVE), order(2, 1, "JPY", EVE)],
    "wise": [order(1, 1_050, "KWD", ANN), order(2, 7, "JPY", BEN), order(3, 99, "EUR", BEN)],
    "nacha": [order(1, 1_050, "USD", DAN), order(2, 1, "USD", CAT), order(3, 20, "USD", CAT)],
}


def test_a_payment_names_its_programs_as_far_as_they_fit() -> None:
    """Behind its reference, whole, in the characters of banks; what does not fit is left out, and nothing is cut."""
    one = replace(order(1, 1, "EUR", BEN), programs=("a" * 60, "b" * 45, "c" * 10))
    body = make(FORMATS["pain.001"], [one], FROM, NOW).body.decode()
    rule_check(body.encode())
    text = f"pay-01M8J8Z5J4F42TK0KV8GX00001 {'a' * 60}, {'b' * 45}"
    assert (len(text), len(f"{text}, {'c' * 10}")) == (138, 150)
    assert f"<Ustrd>{text}</Ustrd>" in body
    alone = make(FORMATS["pain.001"], [replace(one, programs=("x" * 120,))], FROM, NOW).body.decode()
    assert "<Ustrd>pay-01M8J8Z5J4F42TK0KV8GX00001</Ustrd>" in alone
    assert [it.reference for it in FORMATS["csv"].read(make(FORMATS["csv"], [one], {}, NOW).body).lines] == [one.id]


def rule_check(body: bytes) -> dict[str, tuple[Decimal, str, str]]:
    """Hold a message against the schema, and the scheme's rules that it does not know; give its payments by reference."""
    message = etree.fromstring(body)
    _SCHEMA.assertValid(message)

    def all_of(path: str) -> list[str]:
        return [str(found.text) for found in message.xpath(path, namespaces=_PAIN)]

    assert not all_of("//p:AdrLine"), "free lines"
    for address in message.xpath("//p:PstlAdr", namespaces=_PAIN):
        assert address.find("p:TwnNm", _PAIN) is not None
        assert address.find("p:Ctry", _PAIN) is not None
    for name in all_of("//p:Nm"):
        assert len(name) <= 70
    for text in message.itertext():
        assert ALLOWED.issuperset(text.strip("\n")), text
    assert {found.get("Ccy") for found in message.xpath("//p:InstdAmt", namespaces=_PAIN)} == {"EUR"}
    references, amounts = all_of("//p:EndToEndId"), list(map(Decimal, all_of("//p:InstdAmt")))
    for reference, text in zip(references, all_of("//p:Ustrd"), strict=True):
        assert text.startswith(reference)
        assert len(text) <= 140
        assert ALLOWED.issuperset(text)
    for reference in references:
        assert len(reference) <= 35
        assert not reference.startswith("/")
    assert len(set(references)) == len(references)
    assert set(map(Decimal, all_of("//p:CtrlSum"))) == {sum(amounts)}
    assert set(all_of("//p:NbOfTxs")) == {str(len(references))}
    accounts, names = all_of("//p:CdtrAcct/p:Id/p:IBAN"), all_of("//p:Cdtr/p:Nm")
    return dict(zip(references, zip(amounts, accounts, names, strict=True), strict=True))


def _read(name: str, body: bytes) -> dict[str, tuple[Decimal, str]]:
    """Amount and account of each payment, by the last of its reference, as somebody else's reader finds them."""
    if name == "pain.001":
        return {reference[-15:]: found[:2] for reference, found in rule_check(body).items()}
    if name == "nacha":
        text = body.decode("ascii")
        assert achkit.validate(text)["ok"], achkit.validate(text)["errors"]
        entries = [entry for batch in achkit.parse(text)["batches"] for entry in batch["entries"]]
        assert len({entry["trace_number"] for entry in entries}) == len(entries), "what comes back names one entry"
        return {it["id_number"]: (Decimal(it["amount_cents"]) / 100, it["account"]) for it in entries}
    told = list(csv.reader(io.StringIO(body.decode(), newline="")))
    if name != "paypal":
        told = [[row[told[0].index(it)] for it in _COLUMNS[name]] for row in told[1:]]
    else:
        told = [[row[3], row[1], row[0]] for row in told]
    return {reference[-15:]: (Decimal(amount), account) for reference, amount, account in told}


_COLUMNS = {"csv": ("reference", "amount", "account"), "wise": ("paymentReference", "amount", "IBAN")}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_the_same_as_ever(name: str) -> None:
    """One of each format, as its bank gets it, byte for byte; and each says what is to be paid."""
    file = make(FORMATS[name], SAMPLE[name], FROM, NOW)
    golden = _GOLDEN / f"{name}.{FORMATS[name].ending}"
    assert file.body == golden.read_bytes()
    assert len(_read(name, file.body)) == file.count == len(SAMPLE[name])
    assert file.day == (DAY if name in ("pain.001", "nacha") else None)


@pytest.mark.parametrize(("told", "said"), rows(__file__, "How names are spelled"))
def test_a_name_is_spelled_by_the_table(told: str, said: str) -> None:
    """In the allowed characters, or not at all."""
    if not said:
        with pytest.raises(UnspelledError):
            latin(told)
        return
    assert latin(told) == said
    assert ALLOWED.issuperset(said)


@pytest.mark.parametrize(("name", "amount", "details", "code"), rows(__file__, "What a format refuses"))
def test_a_format_refuses_what_it_cannot_carry(name: str, amount: str, details: dict[str, str], code: str) -> None:
    """By a stable code and the payout, before anything is written; a payout beside it is not named."""
    digits, unit = amount.split()
    asked = order(9, int(digits), unit, checked(_FIELDS, details))
    if not code:
        assert make(FORMATS[name], [asked], FROM, NOW, None).count == 1
        return
    beside = SAMPLE[name] if name != "paypal" else []
    with pytest.raises(FileRefusedError) as caught:
        make(FORMATS[name], [*beside, asked], FROM, NOW)
    assert caught.value.code == "not_in_format"
    assert [(it.payout, it.code) for it in caught.value.problems] == [(asked.id, code)]


@pytest.mark.parametrize("count", [1, 2, 10_000])
def test_a_message_of_many_payments_passes_schema_and_rules(count: int) -> None:
    """One payment, two, ten thousand: valid by the published schema and by the scheme's rules, and each is there with its amount."""
    orders = [order(n, n + 1, "EUR", (ANN, BEN)[n % 2]) for n in range(count)]
    found = rule_check(make(FORMATS["pain.001"], orders, FROM, NOW).body)
    assert {reference: amount for reference, (amount, _, _) in found.items()} == {
        it.id.replace("_", "-"): Decimal(it.amount) / 100 for it in orders
    }


_NAMES = st.one_of(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=70),
    st.text(st.sampled_from("abcÄöß&Łж-=+' "), min_size=1, max_size=70),
)
_PLACES = st.sampled_from([ANN, BEN, CAT, DAN, EVE])
_AMOUNTS = st.one_of(st.integers(0, 10), st.integers(1, 10**12))
_ORDERS = st.lists(st.tuples(_NAMES, _PLACES, _AMOUNTS, st.sampled_from(["EUR", "USD", "JPY", "KWD"])), max_size=6)


@given(st.sampled_from(sorted(FORMATS)), _ORDERS)
def test_what_is_not_refused_stands_in_the_file(name: str, asked: list[tuple[str, dict[str, str], int, str]]) -> None:
    """Whatever names, accounts and amounts: each payout is refused by a code, or is in the file exactly, as others read it."""
    format_, orders = FORMATS[name], []
    for number, (holder, where, amount, unit) in enumerate(asked):
        orders.append(order(number, amount, unit, where | {"name": " ".join(holder.split()) or "x"}))
    try:
        make(format_, orders, FROM, NOW)
        refused = FileRefusedError("")
    except FileRefusedError as error:
        refused = error
    assert refused.code in ("", "not_in_format", "nothing_for_bank")
    named = {it.payout for it in refused.problems}
    assert named <= {it.id for it in orders}
    assert bool(named) == (refused.code == "not_in_format")
    left = [it for it in orders if it.id not in named]
    if not left and name != "csv":
        return
    file = make(format_, left, FROM, NOW)
    assert file.count == len(left)
    if left:
        found = _read(name, file.body)
        assert {reference: amount for reference, (amount, _) in found.items()} == {
            it.id[-15:]: Decimal(it.amount).scaleb(-CURRENCIES[it.unit]) for it in left
        }
        told = {it.id[-15:]: next(v for k in ("iban", "account", "paypal") if (v := it.details.get(k))) for it in left}
        assert {reference: account for reference, (_, account) in found.items()} == told


def _wrong(change: Callable[[Sequence[Order]], Sequence[Order]]) -> Callable[[Format], Format]:
    """A writer that is given other orders than were approved."""

    def tampered(format_: Format) -> Format:
        def write(orders: Sequence[Order], batch: Batch) -> Iterator[str]:
            return format_.write(change(orders), batch)

        return replace(format_, write=write)

    return tampered


def _swapped(orders: Sequence[Order]) -> Sequence[Order]:
    first, second, *more = orders
    return [replace(first, amount=second.amount), replace(second, amount=first.amount), *more]


def _elsewhere(orders: Sequence[Order]) -> Sequence[Order]:
    others = {
        "iban": "GB82WEST12345698765432",
        "account": "666",
        "paypal": "mallory@example.com",
    }
    first, *more = orders
    said = {field: others.get(field, value) for field, value in first.details.items()}
    return [replace(first, details=said), *more]


_TAMPERED: dict[str, Callable[[Sequence[Order]], Sequence[Order]]] = {
    "one is left out": lambda orders: orders[1:],
    "one is written twice": lambda orders: [*orders, orders[0]],
    "a cent more": lambda orders: [replace(orders[0], amount=orders[0].amount + 1), *orders[1:]],
    "two amounts change places": _swapped,
    "another account": _elsewhere,
    "another reference": lambda orders: [replace(orders[0], id=order(99, 1, "EUR", {}).id), *orders[1:]],
}


@pytest.mark.parametrize("how", _TAMPERED)
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_that_says_something_else_does_not_leave(name: str, how: str) -> None:
    """A writer that leaves out, doubles, changes or sends elsewhere is found by reading its bytes: there is no file."""
    with pytest.raises(MismatchError):
        make(_wrong(_TAMPERED[how])(FORMATS[name]), SAMPLE[name], FROM, NOW)


@pytest.mark.parametrize(
    ("name", "was", "becomes"),
    [
        ("pain.001", "<Dt>2026-11-30</Dt>", "<Dt>2026-12-01</Dt>"),
        ("pain.001", FROM["iban"], "DE89370400440532013000"),
        ("pain.001", "<CtrlSum>10.51</CtrlSum>", "<CtrlSum>10.52</CtrlSum>"),
        ("pain.001", "<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>3</NbOfTxs>"),
        ("pain.001", 'Ccy="EUR"', 'Ccy="USD"'),
        ("pain.001", "<Ctry>FR</Ctry>", "<Ctry>FR</Ctry><AdrLine>75001 Paris</AdrLine>"),
        ("pain.001", "Jose Muller", "Jose Mueller"),
        ("pain.001", "</Document>", ""),
        ("nacha", "   1021000020000001\n", "   1031000020000001\n"),
        ("nacha", "261130   1", "261201   1"),
        ("nacha", "  0021000020000002", "  0021000020000001"),
        ("nacha", "000000001050", "000000001051"),
        ("nacha", "9" * 94 + "\n", ""),
        ("wise", "target", "source"),
        ("wise", ",KWD,KWD,", ",EUR,KWD,"),
        ("paypal", "JPY", "USD"),
    ],
)
def test_a_change_of_the_bytes_is_found(name: str, was: str, becomes: str) -> None:
    """Days, the account that is paid from, sums, currency, names, addresses: whatever a file says is compared."""
    format_ = FORMATS[name]

    def write(orders: Sequence[Order], batch: Batch) -> Iterator[str]:
        text = "".join(format_.write(orders, batch))
        assert was in text
        yield text.replace(was, becomes, 1)

    with pytest.raises(MismatchError):
        make(replace(format_, write=write), SAMPLE[name], FROM, NOW)


def test_a_second_download_is_known_to_the_bank() -> None:
    """The same payouts from the same account have one message id on another day too; another list or account has another."""
    format_ = FORMATS["pain.001"]

    def id_of(orders: Sequence[Order], debtor: dict[str, str], day: date | None) -> str:
        message = etree.fromstring(make(format_, orders, debtor, NOW, day).body)
        return str(message.findtext(".//p:MsgId", namespaces=_PAIN))

    first, second = SAMPLE["pain.001"]
    once = id_of([first, second], FROM, None)
    assert id_of([second, first], FROM, date(2026, 12, 1)) == once
    assert id_of([first], FROM, None) != once
    assert id_of([first, second], FROM | {"iban": "DE89370400440532013000"}, None) != once


@pytest.mark.parametrize(
    ("name", "debtor", "day", "code", "fields"),
    [
        ("pain.001", {}, None, "debtor_missing", ("name", "iban", "town", "country")),
        ("nacha", {"name": "Acme"}, None, "debtor_missing", ("routing", "bank_name", "company_id")),
        ("pain.001", FROM | {"town": "東京"}, None, "debtor_not_carried", ("town",)),
        ("pain.001", FROM | {"iban": "XK051212012345678906"}, None, "debtor_not_in_sepa", ()),
        ("pain.001", FROM, date(2026, 11, 27), "day_not_open", ()),
        ("pain.001", FROM, date(2026, 12, 25), "day_not_open", ()),
        ("pain.001", FROM, date(2026, 12, 5), "day_not_open", ()),
        ("pain.001", FROM, date(2028, 12, 5), "day_not_open", ()),
        ("nacha", FROM, date(2027, 1, 18), "day_not_open", ()),
    ],
)
def test_a_file_cannot_be_made_of_what_is_missing(
    name: str, debtor: dict[str, str], day: date | None, code: str, fields: tuple[str, ...]
) -> None:
    """What the company's own account lacks is named; a day on which banks do not settle is refused."""
    with pytest.raises(FileRefusedError) as caught:
        make(FORMATS[name], SAMPLE[name], debtor, NOW, day)
    assert (caught.value.code, caught.value.fields) == (code, fields)


def test_bounds_of_a_file_hold() -> None:
    """PayPal takes 5,000 rows in one currency, Wise 1,000, and no file is made of nothing."""
    many = [order(n, 100, "EUR", BEN) for n in range(1_001)]
    assert make(FORMATS["wise"], many[:-1], None, NOW).count == 1_000
    for asked, name, code in ((many, "wise", "too_many_for_format"), ([], "pain.001", "nothing_for_bank")):
        with pytest.raises(FileRefusedError) as caught:
            make(FORMATS[name], asked, FROM, NOW)
        assert caught.value.code == code
    mixed = [order(1, 1, "USD", EVE), order(2, 1, "EUR", EVE), order(3, 1, "USD", EVE)]
    with pytest.raises(FileRefusedError) as caught:
        make(FORMATS["paypal"], mixed, None, NOW)
    assert [(it.payout, it.code) for it in caught.value.problems] == [(mixed[1].id, "another_currency")]


def test_days_on_which_banks_settle() -> None:
    """TARGET and the Federal Reserve as they publish them for 2026 and 2027, weekends apart."""

    def closed(is_open: Callable[[date], bool], year: int) -> list[str]:
        days = map(date.fromordinal, range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()))
        return [f"{day:%m-%d}" for day in days if day.weekday() < 5 and not is_open(day)]

    assert closed(calendars.target, 2026) == ["01-01", "04-03", "04-06", "05-01", "12-25"]
    assert closed(calendars.target, 2027) == ["01-01", "03-26", "03-29"]
    assert closed(calendars.federal_reserve, 2026) == (
        ["01-01", "01-19", "02-16", "05-25", "06-19", "09-07", "10-12", "11-11", "11-26", "12-25"]
    )
    assert closed(calendars.federal_reserve, 2027) == (
        ["01-01", "01-18", "02-15", "05-31", "07-05", "09-06", "10-11", "11-11", "11-25"]
    )
    assert Counter(map(calendars.target, [date(2026, 11, 28), date(2026, 11, 29), DAY])) == {False: 2, True: 1}
