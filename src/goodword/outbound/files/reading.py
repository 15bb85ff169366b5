"""What stands in a file, read from its bytes alone, so that what leaves can be compared with what was approved.

It shares no code with what writes. It reads what we write, and refuses anything else with ValueError: a file that surprises its reader
does not leave.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO
from typing import Final
from xml.etree import ElementTree as ET

from goodword.core.money import minor
from goodword.outbound.files.base import Line, Read

_PAIN: Final = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
_RECORD: Final = 94
_REMITTANCE: Final = 140


def pain001(body: bytes) -> Read:
    """Read a message. Every amount must be in euro, each block's own sums as the head's."""
    lines, days, debtors, sums = list[Line](), set[str](), set[str](), set[tuple[int, int]]()
    for _, element in ET.iterparse(BytesIO(body)):  # noqa: S314 - bytes that were made here
        tag = element.tag.removeprefix(_PAIN)
        if tag == "CdtTrfTxInf":
            lines.append(_payment(element))
            element.clear()
        elif tag in ("GrpHdr", "PmtInf"):
            sums.add((int(_of(element, "NbOfTxs")), minor(_of(element, "CtrlSum"), "EUR")))
            if tag == "PmtInf":
                days.add(_of(element, "ReqdExctnDt", "Dt"))
                debtors.add(_of(element, "DbtrAcct", "Id", "IBAN"))
        elif tag == "AdrLine":
            raise ValueError("an address of free lines")
    [(count, total)] = sums
    return Read(lines, count, total, frozenset(days), frozenset(debtors))


def _payment(element: ET.Element) -> Line:
    amount = element.find(f"{_PAIN}Amt/{_PAIN}InstdAmt")
    if amount is None or amount.get("Ccy") is None:
        raise ValueError("a payment without an amount")
    unit = amount.get("Ccy", "")
    reference = _of(element, "PmtId", "EndToEndId")
    account = _of(element, "CdtrAcct", "Id", "IBAN")
    remittance = _of(element, "RmtInf", "Ustrd")
    _require(remittance.split(" ")[0] == reference and len(remittance) <= _REMITTANCE)
    return Line(reference, minor(amount.text or "", unit), unit, account, _of(element, "Cdtr", "Nm"))


def _of(element: ET.Element, *path: str) -> str:
    [found] = element.findall("/".join(_PAIN + name for name in path))
    return found.text or ""


def nacha(body: bytes) -> Read:
    """Read a file: sums of batches and file are worked out again, trace numbers rise, ten records make a block."""
    records = body.decode("ascii").splitlines()
    if any(len(record) != _RECORD for record in records) or len(records) % 10:
        raise ValueError("a record that is none")
    while records[-1] == "9" * _RECORD:
        records.pop()
    lines, days, traces = list[Line](), set[str](), list[str]()
    start, hashed, inside, bank = 0, 0, 0, records[0][4:13]
    for record in records:
        match record[0]:
            case "1":
                _require(record is records[0])
            case "5":
                start, inside = len(lines), 0
                days.add(f"20{record[69:71]}-{record[71:73]}-{record[73:75]}")
                _require(record[79:87] == bank[:8])
            case "6":
                _require(record[1:3] in ("22", "32") and record[78] == "0")
                lines.append(_credit(record))
                traces.append(record[79:94])
                inside += int(record[3:11])
            case "8":
                group = lines[start:]
                _require(
                    _sums(record[4:10], record[10:20], record[32:44]) == (len(group), inside % 10**10, _sum(group))
                )
                hashed += inside
            case "9":
                _require(
                    _sums(record[13:21], record[21:31], record[43:55]) == (len(lines), hashed % 10**10, _sum(lines))
                )
            case _:
                raise ValueError("a record that is none")
    _require(traces == sorted(set(traces)))
    control = records[-1]
    return Read(lines, int(control[13:21]), int(control[43:55]), frozenset(days), frozenset([bank]))


def _credit(record: str) -> Line:
    account = f"{record[3:12]}/{record[12:29].rstrip()}"
    return Line(record[39:54], int(record[29:39]), "USD", account, record[54:76].rstrip())


def _sums(count: str, hashed: str, total: str) -> tuple[int, int, int]:
    return int(count), int(hashed), int(total)


def _sum(lines: Iterable[Line]) -> int:
    return sum(line.amount for line in lines)


def _require(holds: object) -> None:
    if not holds:
        raise ValueError("sums or numbers that do not agree")


def plain(body: bytes) -> Read:
    """Read the plain table."""
    head, *rows = _rows(body)
    _require(head == ["reference", "name", "account", "bank", "amount", "currency", "programs"])
    return Read(
        [Line(id_, minor(amount, unit), unit, account, name) for id_, name, account, _, amount, unit, _ in rows]
    )


def paypal(body: bytes) -> Read:
    """Read PayPal's table."""
    return Read([Line(id_, minor(amount, unit), unit, to, None) for to, amount, unit, id_, _, _ in _rows(body)])


def wise(body: bytes) -> Read:
    """Read Wise's table; what leaves and what arrives are one currency, and exact."""
    head, *rows = _rows(body)
    places = [head.index(name) for name in ("paymentReference", "amount", "targetCurrency", "IBAN", "name")]
    kind, source, target = (head.index(name) for name in ("amountCurrency", "sourceCurrency", "targetCurrency"))
    _require(all(row[kind] == "target" and row[source] == row[target] and len(row) == len(head) for row in rows))
    return Read([_line(*(row[place] for place in places)) for row in rows])


def _line(reference: str, amount: str, unit: str, account: str, name: str) -> Line:
    return Line(reference, minor(amount, unit), unit, account, name)


def _rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(body.decode(), newline=""), strict=True))
