"""Files of banks: one payment is one line in every format, what does not add up is refused, and hostile files are bounded."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

import pytest
from testkit import banking
from testkit.banking import Booked, camt, columns, mt940, pain

from goodword.sources import bank
from goodword.sources.bank import BankFileError, base, xml

FIRST, SECOND = "pay_01M8J8Z5J4HKABSC2XMQ5WQVMP", "pay_01M8J8Z5EAEDDS17D0RDJYNJGZ"
LEFT = Booked(named=FIRST, amount=-1_250)
BACK = Booked(named=SECOND, amount=4_000, reason="AC04")
OTHER = Booked(named="RENT-11", amount=-80_000, text="rent of November")


def read(data: bytes, how: str | None = None) -> bank.File:
    """Return a file that was read once."""
    return bank.opened(io.BytesIO(data), None if how is None else bank.mapping(how))


def told(file: bank.File) -> list[tuple[list[str], int | None, str | None, bool]]:
    """What lines say: the payouts that they name, the amount, the day, whether it came back."""
    return [(bank.named(line.texts), line.amount, line.day, line.back) for _, line in file.lines]


ALL = {
    "camt.053": lambda lines: read(camt(lines)),
    "camt.053 as of 2009": lambda lines: read(camt(lines, version="02")),
    "camt.054": lambda lines: read(camt(lines, form="camt.054")),
    "mt940": lambda lines: read(mt940(lines)),
    "mt940 in an envelope": lambda lines: read(b"{1:F01BANKDEFF}{2:O940}{4:\r\n" + mt940(lines).rstrip() + b"}\r\n"),
}


@pytest.mark.parametrize("opened", ALL.values(), ids=ALL.keys())
def test_the_same_payments_are_the_same_lines(opened: Callable[[list[Booked]], bank.File]) -> None:
    """What left and what came back has its payout, its sign and its day in every format, however the id was broken on the way."""
    lines = told(opened([LEFT, BACK, OTHER]))
    assert lines == [
        ([FIRST], -1_250, "2026-11-30", False),
        ([SECOND], 4_000, "2026-11-30", True),
        ([], -80_000, "2026-11-30", False),
    ]


def test_a_csv_is_read_by_its_mapping() -> None:
    """Columns of any name say day, amount and text; a credit says by its sign alone that it came in."""
    lines = told(read(columns([LEFT, BACK, OTHER]), banking.MAPPING))
    assert [line[:3] for line in lines] == [
        ([FIRST], -1_250, "2026-11-30"),
        ([SECOND], 4_000, "2026-11-30"),
        ([], -80_000, "2026-11-30"),
    ]
    apart = b'day,out,in,ref\n2026-11-30,"1,212.50",,%s\n2026-11-30,,40.00,x\n' % FIRST.encode()
    file = read(apart, "columns: {day: day, debit: out, credit: in, reference: ref}\ncurrency: EUR\naccount: A1")
    assert [line.amount for _, line in file.lines] == [-121_250, 4_000]


def test_payments_that_were_booked_together_are_lines_of_their_own() -> None:
    """Of one entry with two payments each is a line, with its own amount, payout and reason; together they move the balance once."""
    both = [Booked(named=FIRST, amount=1_000, reason="AC04"), Booked(named=SECOND, amount=2_500, reason="MD07")]
    for version in ("02", "08"):
        file = read(camt(both, batch=True, version=version))
        lines = [line for _, line in file.lines]
        assert [(bank.named(it.texts), it.amount, it.reason) for it in lines] == [
            ([FIRST], 1_000, "AC04"),
            ([SECOND], 2_500, "MD07"),
        ]
        assert (file.headings[0].opening, file.headings[0].closing) == (100_000, 103_500)


def test_payments_that_do_not_come_to_their_entry_are_not_believed() -> None:
    """A cent between an entry and its payments marks them all, but for charges that are stated, or another currency."""
    both = [Booked(named=FIRST, amount=-1_000), Booked(named=SECOND, amount=-2_500)]
    charges = "<Chrgs><Rcrd><Amt Ccy='EUR'>0.01</Amt></Rcrd></Chrgs><Refs>"
    dollars = "<AmtDtls><InstdAmt><Amt Ccy='USD'>40.00</Amt></InstdAmt></AmtDtls>"
    for version in ("02", "08"):
        whole = camt(both, batch=True, version=version, form="camt.054").decode()
        assert [it.wrong for _, it in read(whole.encode()).lines] == [None, None]
        wrong = whole.replace("35.00", "35.01")
        assert [it.wrong for _, it in read(wrong.encode()).lines] == ["entry", "entry"]
        assert [it.wrong for _, it in read(wrong.replace("<Refs>", charges, 1).encode()).lines] == [None, None]
        total = wrong.replace(
            "<NtryDtls>", "<Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>0.01</TtlChrgsAndTaxAmt></Chrgs><NtryDtls>"
        )
        assert [it.wrong for _, it in read(total.encode()).lines] == [None, None]
        assert [it.wrong for _, it in read(total.replace("35.01", "35.02").encode()).lines] == ["entry", "entry"]
    single = camt([LEFT], form="camt.054").decode().replace("12.50", "12.51", 1)
    assert [it.wrong for _, it in read(single.encode()).lines] == ["entry"]
    ordered = single.replace("</Refs>", f"</Refs>{dollars}")
    assert [(it.wrong, it.currency) for _, it in read(ordered.encode()).lines] == [(None, "USD")]


def test_a_status_report_says_what_became_of_each_payment() -> None:
    """Refused ones have their reason, others are taken over or not decided; a file that was refused whole is one line."""
    lines = [
        line for _, line in read(pain([(FIRST, "RJCT", "AC01"), (SECOND, "ACSC", None), ("X", "PDNG", None)])).lines
    ]
    assert [(it.said, it.reason) for it in lines] == [("rejected", "AC01"), ("accepted", None), ("pending", None)]
    (line,) = (line for _, line in read(pain([], whole="MSG-7")).lines)
    assert (line.said, line.reference, line.reason, line.back) == ("rejected", "MSG-7", "FF01", True)


def test_an_account_ends_where_its_country_says() -> None:
    """What follows an IBAN without a space, such as the BIC, is no part of it, also where the line is broken within."""
    for iban in ("DE89370400440532013000", "NO9386011117947", "FR1420041010050500013M02606"):
        for told in (
            f"EREF+{FIRST.replace('_', '-')}IBAN+{iban}BIC+COBADEFFXXX",
            f"EREF+X?30COBADEFF?21IBAN+{iban[:9]}\n{iban[9:]}BIC+CO",
        ):
            text = f":20:S\n:25:1\n:28C:1\n:60F:C261130EUR10,00\n:61:2611301130D4,00NTRFX\n:86:116?20{told}\n:62F:C261130EUR6,00\n"
            (line,) = (line for _, line in read(text.encode()).lines)
            assert line.other == iban


def test_a_line_that_begins_with_a_dash_is_read() -> None:
    """Only a dash alone, or with the end of SWIFT's block, ends one: a part of an id behind a dash is kept."""
    text = (
        f"{{1:F01}}{{2:O940}}{{4:\n:20:S\n:25:1\n:28C:1\n:60F:C261130EUR10,00\n:61:2611301130D4,00NTRFX\n:86:EREF+PAY\n-{FIRST[4:]}\n"
        ":62F:C261130EUR6,00\n"
    )
    for end in ("-", "-}", "-}{5:{CHK:123456789ABC}}", ""):
        (line,) = (line for _, line in read(f"{text}{end}\n".encode()).lines)
        assert bank.named(line.texts) == [FIRST]


@pytest.mark.parametrize("piece", [7, 1 << 20])
def test_cdata_is_text_as_any_other(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    """A text that a bank writes as CDATA names its payout as any other does, wherever the pieces of the file that are read end."""
    monkeypatch.setattr(xml, "_PIECE", piece)
    data = camt([OTHER]).decode().replace(OTHER.text, f"<![CDATA[<{FIRST}>]]>").replace("RENT-11", "NOTPROVIDED")
    assert [bank.named(line.texts) for _, line in read(data.encode()).lines] == [[FIRST]]
    with pytest.raises(BankFileError) as refused:
        read(data.replace("]]>", f"{'<!-- <b> --> x<?a <b>?>' * 5_000}]]>").encode())
    assert refused.value.code == "xml_too_long"
    assert sum(1 for _ in read(camt([LEFT] * 200)).lines) == 200


def test_an_amount_is_any_decimal_without_a_minus() -> None:
    """A plus, and no digits before the point, are decimals of XML as any other; a point alone is none."""
    for written in ("+12.50", "12.5", "012.50", "+12.5"):
        assert base.amount(written, "EUR", "here") == 1_250
    assert [base.amount(written, "EUR", "here") for written in (".50", "+.5", "7.", "+6.00")] == [50, 50, 700, 600]
    assert base.amount(".0", "JPY", "here") == 0
    for written in ("", "+", ".", "+.", "-6.00", "++6", "6.001"):
        with pytest.raises(BankFileError):
            base.amount(written, "EUR", "here")


def test_an_entry_of_the_turn_of_the_year_keeps_its_year() -> None:
    """The day of an entry has no year in MT940: it is the one nearest to its value date, on either side."""
    text = ":20:S\n:25:1\n:28C:1\n:60F:C251231EUR10,00\n:61:2512310102D1,00NTRFX\n:61:2601021231D1,00NTRFX\n:62F:C260102EUR8,00\n"
    assert [day for _, _, day, _ in told(read(text.encode()))] == ["2026-01-02", "2025-12-31"]


def test_what_undoes_a_booking_has_the_other_sign() -> None:
    """A reversed credit leaves the account and a reversed debit comes back: only so the balance is reached."""
    text = ":20:S\n:25:1\n:28C:1\n:60F:C261130EUR10,00\n:61:2611301130RC4,00NTRFX\n:61:2611301130RD1,50NTRFX\n:62F:C261130EUR7,50\n"
    assert [(amount, back) for _, amount, _, back in told(read(text.encode()))] == [(-400, True), (150, True)]


@pytest.mark.parametrize("write", [camt, mt940], ids=["camt.053", "mt940"])
def test_what_does_not_add_up_is_refused(write: Callable[..., bytes]) -> None:
    """A cent between the lines and the closing balance refuses the whole file, with its place; to the cent it is taken."""
    assert read(write([LEFT, BACK], closing=102_750)).headings[0].size == 2
    with pytest.raises(BankFileError, match=r"Stmt 1|line 1") as refused:
        read(write([LEFT, BACK], closing=102_751))
    assert refused.value.code == "balance_differs"


def test_pages_of_a_statement_add_up_together() -> None:
    """A statement in pages has its opening balance on the first and its closing one on the last; without the last it is refused."""
    first, last = camt([LEFT]).decode(), camt([BACK], opening=0, closing=102_750).decode()
    one = (
        first[first.index("<Stmt>") : first.index("<Bal><Tp><CdOrPrtry><Cd>CLBD")]
        + first[first.index("<Ntry>") : first.index("</BkTo")]
    )
    two = last.replace(
        last[last.index("<Bal><Tp><CdOrPrtry><Cd>OPBD") : last.index("<Bal><Tp><CdOrPrtry><Cd>CLBD")], ""
    )
    whole = two.replace("<Stmt>", f"{one}<Stmt>", 1)
    assert [it.size for it in read(whole.encode()).headings] == [1, 1]
    with pytest.raises(BankFileError) as refused:
        read(whole.replace("102", "103").encode())
    assert refused.value.code == "balance_differs"
    alone = first.replace(first[first.index("<Bal><Tp><CdOrPrtry><Cd>CLBD") : first.index("<Ntry>")], "")
    with pytest.raises(BankFileError) as refused:
        read(alone.encode())
    assert refused.value.code == "balance_missing"


def test_a_statement_that_does_not_follow_is_a_gap() -> None:
    """Where a statement does not begin with what the one before ended with, that is told; it is no reason to refuse it."""
    first, second = camt([LEFT]).decode(), camt([BACK], opening=90_000, number="STMT3").decode()
    both = first.replace("</BkTo", second[second.index("<Stmt>") : second.index("</BkTo")] + "</BkTo")
    assert [it.number for it in bank.gaps(read(both.encode()).headings)] == ["STMT3"]
    right = both.replace("900.00", "987.50").replace("940.00", "1027.50")
    assert bank.gaps(read(right.encode()).headings) == []


def bad(text: str, old: str, new: str) -> bytes:
    """A file with something else in it."""
    assert old in text
    return text.replace(old, new).encode()


HEAD = "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>"
GOOD = camt([LEFT]).decode()
HOSTILE = {
    "a DTD": (bad(GOOD, "<Document", "<!DOCTYPE x [<!ENTITY a 'b'>]><Document"), "xml_doctype"),
    "UTF-16": (GOOD.replace("UTF-8", "UTF-16").encode("utf-16"), "xml_encoding"),
    "an encoding that hides tags": (bad(GOOD, "UTF-8", "UTF-7"), "xml_encoding"),
    "no end": (GOOD[:-20].encode(), "xml_malformed"),
    "depth": (f"{HEAD}{'<a>' * 60}".encode(), "xml_too_deep"),
    "elements": (f"{HEAD}<b>{'<a/>' * 30_000}".encode(), "xml_too_deep"),
    "a text": (f"{HEAD}<a>{'x' * 70_000}".encode(), "xml_too_long"),
    "a text of CDATA": (f"{HEAD}<a><![CDATA[{'<b/> x' * 12_000}]]></a>".encode(), "xml_too_long"),
    "a text of pieces": (f"{HEAD}<a>{'x<![CDATA[<b]]><!--<b-->y<?b?>' * 4_000}</a>".encode(), "xml_too_long"),
    "a text of large pieces": (f"{HEAD}<a>{f'<![CDATA[<{chr(120) * 60_000}]]>' * 40}</a>".encode(), "xml_too_long"),
    "another message": (bad(GOOD, "camt.053", "camt.052"), "format_unknown"),
    "nothing": (b"", "format_unknown"),
    "bytes": (bytes(range(256)), "format_unknown"),
    "a currency": (bad(GOOD, "Ccy='EUR'", "Ccy='XXX'"), "currency_unknown"),
    "an entry in another currency": (bad(GOOD, "<Ntry><Amt Ccy='EUR'", "<Ntry><Amt Ccy='USD'"), "currency_mixed"),
    "a part of a cent": (bad(GOOD, "12.50", "12.501"), "amount_invalid"),
    "a figure": (bad(GOOD, "12.50", "1e9"), "amount_invalid"),
    "digits that are none": (bad(GOOD, "12.50", "१२.50"), "amount_invalid"),
    "a side": (bad(GOOD, "DBIT", "BOTH"), "indicator_missing"),
    "a day": (bad(GOOD, "<Dt>2026-11-30</Dt></BookgDt>", "<Dt>2026-11-31</Dt></BookgDt>"), "date_invalid"),
    "a line of MT940": (mt940([LEFT]).replace(b"D12,50", b"D12;50"), "line_invalid"),
    "more behind a balance": (mt940([LEFT]).replace(b"EUR1000,00", b"EUR1000,0001"), "balance_invalid"),
    "words behind a balance": (mt940([LEFT]).replace(b"EUR1000,00", b"EUR1000,00x"), "balance_invalid"),
    "no closing balance": (mt940([LEFT]).partition(b":62F")[0], "balance_missing"),
    "no opening balance": (mt940([LEFT]).replace(b":60F", b":60X"), "balance_missing"),
    "a long line": (b":20:S\n:25:" + b"x" * 70_000, "line_too_long"),
    "an amount": (mt940([LEFT]).replace(b"D12,50", b"D12,505"), "amount_invalid"),
}


@pytest.mark.parametrize(("data", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_with_a_code(data: bytes, code: str) -> None:
    """What no bank writes is refused by a stable code before anything is made of it."""
    with pytest.raises(BankFileError) as refused:
        read(data)
    assert refused.value.code == code


def test_a_file_is_bounded_in_bytes_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes, lines or statements than a file may have refuse it."""
    for name, most in (("MOST_BYTES", 100), ("MOST_LINES", 1), ("MOST_STATEMENTS", 0)):
        with monkeypatch.context() as patch:
            patch.setattr(bank, name, most)
            with pytest.raises(BankFileError) as refused:
                read(camt([LEFT, BACK]))
            assert refused.value.code == "file_too_large"
    assert base.MOST_LINES >= 100_000
    assert xml.MOST_KEPT < base.MOST_LINES


def test_what_is_kept_of_a_batch_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of many payments is read one by one: more elements go by than may be kept at once."""
    monkeypatch.setattr(xml, "MOST_KEPT", 200)
    data = camt([Booked(named=f"X{n}", amount=-100, other=None) for n in range(300)], batch=True)
    assert data.count(b"</") > xml.MOST_KEPT
    assert sum(1 for _ in read(data).lines) == 300


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("columns: {day: a}", "amount"),
        ("columns: {day: a, amount: b}", "end_to_end"),
        ("columns: {x: a}", "columns.x"),
        ("[", "meant"),
        ("columns: {day: a, amount: b, text: c}", "currency"),
        ("columns: {day: a, amount: b, text: c}\ncurrency: EUR\ndates: D/M", "dates"),
        ("columns: {day: a, amount: b, text: c}\ncurrency: EUR", "account"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(said: str, problem: str) -> None:
    """A mapping names day, amount and where a payout may be named; what is missing is told by name."""
    with pytest.raises(BankFileError, match=problem) as refused:
        bank.mapping(said)
    assert refused.value.code == "mapping_invalid"


def test_a_running_balance_is_held_against_the_lines() -> None:
    """A CSV with a balance column is refused at the line from which it does not follow, and so are marks that are meant otherwise."""
    data = columns([LEFT, BACK, OTHER])
    with pytest.raises(BankFileError, match="line 3") as refused:
        read(data.replace(b"40,00", b"41,00"), banking.MAPPING)
    assert refused.value.code == "balance_differs"
    with pytest.raises(BankFileError) as refused:
        read(data, banking.MAPPING.replace("comma", "point"))
    assert refused.value.code == "amount_invalid"


def test_words_that_look_like_an_id_name_no_payout() -> None:
    """A payout is named by its whole id, with any mark or break in it, and never by words around one that is cut."""
    assert bank.named((FIRST.replace("_", " ").lower(),)) == [FIRST]
    assert bank.named(("NOTPROVIDED", f"thanks {FIRST[:15]} {FIRST[15:]}.")) == [FIRST]
    assert bank.named((FIRST[:-1],)) == []
    assert bank.named(("REPAY 2026 1130 7788 9900 1122 3344",)) == []
    assert bank.named(("x", FIRST, SECOND)) == [FIRST, SECOND]
    assert bank.named((FIRST, SECOND)) == [FIRST]


def test_whatever_a_file_holds_it_is_read_or_refused() -> None:
    """Bytes that are changed, cut or doubled anywhere are read or refused by a code; nothing else is raised."""
    rng = Random(7)  # noqa: S311 - values for a test
    files = [
        (camt([LEFT, BACK, OTHER]), None),
        (camt([LEFT, BACK], batch=True, form="camt.054", version="02"), None),
        (mt940([LEFT, BACK, OTHER]), None),
        (pain([(FIRST, "RJCT", "AC01")]), None),
        (columns([LEFT, BACK, OTHER]), banking.MAPPING),
    ]
    refused, read_on = list[str](), 0
    for turn in range(1_500):
        data, how = files[turn % len(files)]
        made = bytearray(data)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(made))
            match rng.randrange(4):
                case 0:
                    made[at] = rng.randrange(256)
                case 1:
                    del made[at : at + rng.randrange(40)]
                case 2:
                    made[at:at] = made[at : at + rng.randrange(60)]
                case _:
                    made[at : at + 1] = rng.choice([b"-", b"9" * 30, b",", b"<", b"\n", b"\xff", b"", b"0"])
            if not made:
                made += b"x"
        try:
            assert all(line.at for _, line in read(bytes(made), how).lines)
            read_on += 1
        except BankFileError as error:
            refused.append(error.code)
    assert all(code.isidentifier() for code in refused)
    assert min(len(refused), read_on) > 100
