"""MT940: statements by SWIFT. Lines begin with a tag between colons; of a line's signs RC and RD say what they undo.

A reversed credit leaves the account, so it is below zero, and a reversed debit comes back. The day of the entry has no year: it is the
one nearest to the value date.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import BinaryIO, Final

from msgspec.structs import replace

from goodword.sources.bank.base import LONGEST, Heading, Line, Read, Total, amount, refuse, token

_TAG: Final = re.compile(r":([0-9]{2}[A-Z]?):(.*)", re.DOTALL)
_BALANCE: Final = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9]{1,15}[,.][0-9]{0,3})")
_LINE: Final = re.compile(
    r"([0-9]{6})([0-9]{4})?(R?[CD])([A-Z])?([0-9]{1,15}[,.][0-9]{0,3})([A-Z][A-Z0-9]{3})([^\n]*)(?:\n(.*))?", re.DOTALL
)
_SUBFIELD: Final = re.compile(r"\?([0-9]{2})")
_IBAN: Final = re.compile(r"IBAN[+: ]\s?([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})")
_CURRENCY: Final = re.compile(r"(?<=[0-9])[A-Z]{3}$")  # some banks write it behind the account
_MOST_FIELD: Final = 60  # lines of one field
_BLOCK: Final = re.compile(r"^\{1:.*?\{4:|^-(?:\}(?:\{5:.*)?)?\s*$|^\{5:.*$")


def read(file: BinaryIO) -> Read:
    """Yield the lines and headings of a file. Raises BankFileError."""
    heading, line, entries, statements = Heading(at=""), None, 0, 0
    for number, tag, text in _fields(file):
        at = f"line {number}"
        if tag != "86" and line is not None:
            yield line
            line = None
        if tag == "20":
            heading = Heading(at=at)
        elif tag == "25":
            heading = replace(heading, account=_CURRENCY.sub("", text.strip().rpartition("/")[2]) or None)
        elif tag == "28C":
            heading = replace(heading, number=token(text.strip()), raw=text.strip() or None)
        elif tag in ("60F", "60M"):
            value, currency, on = _balance(text, at)
            heading = replace(heading, opening=value, currency=currency, first=on)
        elif tag == "61":
            entries += 1
            line = _line(text, heading.currency or "", at)
            yield Total(at, line.amount or 0, line.currency or "")
        elif tag == "86" and line is not None:
            texts, other = _told(text)
            line = replace(line, texts=(*line.texts, *texts), other=other)
        elif tag in ("62F", "62M"):
            value, currency, on = _balance(text, at)
            if currency != heading.currency:
                raise refuse(
                    "currency_mixed",
                    at,
                    "the balances of a statement are in two currencies: ask the bank for a corrected file",
                )
            statements += 1
            yield replace(heading, closing=value, last=on, size=entries)
            heading, entries = replace(heading, opening=None, closing=None), 0
    if line is not None or entries:
        raise refuse("balance_missing", "the end", "the closing balance (:62F:) is missing: fetch the whole file")


def _fields(file: BinaryIO) -> Iterator[tuple[int, str, str]]:
    """Yield the fields with the line that each begins with; what stands in SWIFT's envelope around them is passed over."""
    text = io.TextIOWrapper(file, "iso-8859-1", newline=None)
    begun: tuple[int, str, list[str]] | None = None
    try:
        number = 0
        while raw := text.readline(LONGEST):
            number += 1
            if len(raw) == LONGEST:
                raise refuse(
                    "line_too_long", f"line {number}", f"it is longer than {LONGEST} characters: this is no MT940"
                )
            line = _BLOCK.sub("", raw.rstrip("\n"))
            found = _TAG.match(line)
            if found is not None:
                if begun is not None:
                    yield begun[0], begun[1], "\n".join(begun[2])
                begun = number, found[1], [found[2]]
            elif begun is not None and line:
                if len(begun[2]) >= _MOST_FIELD:
                    raise refuse(
                        "line_too_long",
                        f"line {begun[0]}",
                        f"the field has more than {_MOST_FIELD} lines: this is no MT940",
                    )
                begun[2].append(line)
        if begun is not None:
            yield begun[0], begun[1], "\n".join(begun[2])
    finally:
        with suppress(ValueError):  # its owner closed it already
            text.detach()


def _balance(text: str, at: str) -> tuple[int, str, str]:
    found = _BALANCE.fullmatch(text.strip())
    if found is None:
        raise refuse("balance_invalid", at, "a balance is written as C261130EUR1234,56")
    value = amount(found[4].replace(".", ","), found[3], at)
    return (value if found[1] == "C" else -value), found[3], _date(found[2], at).isoformat()


def _date(text: str, at: str) -> date:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        raise refuse("date_invalid", at, "a date is written as 261130") from None


def _line(text: str, currency: str, at: str) -> Line:
    found = _LINE.match(text)
    if found is None:
        raise refuse("line_invalid", at, "a line of :61: is written as 2611301130D12,50NTRFREFERENCE//BANKREF")
    if not currency:
        raise refuse("balance_missing", at, "the opening balance (:60F:) is missing before it: fetch the whole file")
    valued = _date(found[1], at)
    value = amount(found[5], currency, at)
    ours, _, bank = found[7].partition("//")
    return Line(
        at=at,
        said="booked",
        amount=value if found[3] in ("C", "RD") else -value,
        currency=currency,
        day=(_entered(valued, found[2], at) if found[2] else valued).isoformat(),
        valued=valued.isoformat(),
        texts=tuple(filter(None, (ours.strip(), (found[8] or "").strip()))),
        reference=token(bank.strip()),
        back=found[3] in ("RC", "RD") or found[6][1:] in ("RTI", "RET"),
    )


def _entered(valued: date, text: str, at: str) -> date:
    days = []
    for year in (valued.year - 1, valued.year, valued.year + 1):
        try:
            days.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:  # 29 February of another year
            continue
    if not days:
        raise refuse("date_invalid", at, "the day of an entry is written as 1130")
    return min(days, key=lambda it: abs((it - valued).days))


def _told(text: str) -> tuple[list[str], str | None]:
    """What :86: says: lines are broken anywhere, and so are the parts of a structured one. The account is the other party's."""
    parts = _SUBFIELD.split(text)
    if len(parts) == 1:
        whole, account = text.replace("\n", ""), None
    else:
        fields: dict[str, str] = {}
        for name, said in zip(parts[1::2], parts[2::2], strict=True):
            fields[name] = fields.get(name, "") + said.replace("\n", "")
        whole = "".join(said for name, said in sorted(fields.items()) if "20" <= name <= "29" or "60" <= name <= "63")
        account = fields.get("31")
    found = _IBAN.search(whole)
    return [whole], _cut(found[1]) if found else account


def _cut(text: str) -> str:
    """An IBAN without what is written behind it, by the length that its country has; of another country as far as it may go."""
    from schwifty import exceptions, registry  # noqa: PLC0415 - 10 MB and 90 ms that nobody needs who reads no such statement

    try:
        return text[: registry.get_iban_spec(text[:2]).iban_length]
    except exceptions.SchwiftyException:
        return text


def is_mt940(head: bytes) -> bool:
    """Return whether a file that begins so is one."""
    return bool(re.search(rb"(?:^|\n|\{4:\r?\n?):20:", head))
