"""Files of banks as lines, one reader a format; the lines of a statement must lead from its opening balance to its closing one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import partial
from typing import BinaryIO, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from goodword.core.money import MAX_INTEGER
from goodword.sources.bank import camt, columns, mt940, pain, xml
from goodword.sources.bank.base import (
    MOST_BYTES,
    MOST_LINES,
    MOST_STATEMENTS,
    BankFileError,
    Heading,
    Line,
    Read,
    Total,
    named,
    refuse,
)
from goodword.sources.bank.columns import Mapping, mapping

__all__ = ["FORMS", "BankFileError", "File", "Heading", "Line", "Mapping", "gaps", "mapping", "named", "opened"]

#: Formats, as they are called.
FORMS: Final = ("pain.002", "camt.053", "camt.054", "mt940", "columns")
_XML: Final = {"pain.002": pain.read, "camt.053": camt.read, "camt.054": camt.read}
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_ISO: Final = "urn:iso:std:iso:20022:tech:xsd:"
#: Of these every statement says from which balance to which.
_BALANCED: Final = frozenset({"camt.053", "mt940"})


class File(NamedTuple):
    """A file that was read to its end once and adds up. ``digest``: its SHA-256; ``headings``: its statements, in order.

    ``how``: what stands for the mapping by which it is read, empty without one.
    ``lines`` reads it again: pairs of the statement's place and a line.
    """

    digest: str
    form: str
    headings: tuple[Heading, ...]
    lines: Iterator[tuple[int, Line]]
    how: str = ""


def opened(file: BinaryIO, how: Mapping | None = None) -> File:
    """Return what a file says, once all of it was read and is whole. Raises BankFileError, and nothing of the file is taken then."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    head = file.read(4_096)
    file.seek(0)
    while piece := file.read(1 << 20):
        size += len(piece)
        if size > MOST_BYTES:
            raise BankFileError(
                "file_too_large", f"the file is larger than {MOST_BYTES >> 20} MiB: split it by statements"
            )
        digest.update(piece)
    file.seek(0)
    form = _form(file, head, how)
    read: partial[Read] = (
        partial(columns.read, said=how) if how is not None else partial(mt940.read if form == "mt940" else _XML[form])
    )
    headings, apart = _checked(read(file), form)
    mapped = "" if how is None else hashlib.sha256(msgspec.json.encode(how, order="deterministic")).hexdigest()
    return File(digest.hexdigest(), form, tuple(headings), _lines(file, read, apart), mapped)


def _form(file: BinaryIO, head: bytes, how: Mapping | None) -> str:
    """Return which format a file has, by what it begins with."""
    if how is not None:
        return "columns"
    if head[:2] in _WIDE or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        xml.checked(file)
        name = xml.namespace(file)
        form = name.removeprefix(_ISO)[:8]
        if not name.startswith(_ISO) or form not in _XML:
            raise BankFileError(
                "format_unknown",
                "the file is no pain.002, camt.053 or camt.054 by its namespace: ask the bank for one of these",
            )
        return form
    if mt940.is_mt940(head):
        return "mt940"
    raise BankFileError(
        "format_unknown", "the file is no pain.002, camt.053, camt.054 or MT940; a CSV needs a mapping of its columns"
    )


def _lines(file: BinaryIO, read: partial[Read], apart: AbstractSet[str]) -> Iterator[tuple[int, Line]]:
    file.seek(0)
    place = 0
    for it in read(file):
        if isinstance(it, Heading):
            place += 1
        elif isinstance(it, Line):
            yield place, replace(it, wrong="entry") if apart and it.at.partition("/TxDtls")[0] in apart else it


def _checked(read: Read, form: str) -> tuple[list[Heading], set[str]]:
    """Return the headings of a file whose statements add up, and the entries whose payments do not come to them.

    Pages of one statement may say the balances at its ends alone.
    """
    headings, apart, units = list[Heading](), set[str](), dict[str, str]()
    lines, total, expected = 0, 0, None
    for it in read:
        if isinstance(it, Line):
            lines += 1
            if lines > MOST_LINES:
                raise BankFileError(
                    "file_too_large", f"the file has more than {MOST_LINES:,} lines: split it by statements"
                )
        elif isinstance(it, Total):
            total += it.amount
            units.setdefault(it.currency, it.at)
            if it.apart:
                apart.add(it.at)
        else:
            if len(headings) == MOST_STATEMENTS:
                raise BankFileError(
                    "file_too_large", f"the file has more than {MOST_STATEMENTS:,} statements: split it"
                )
            if form in _BALANCED:
                expected = _balanced(it, total, expected)
            _one_currency(it, units, form)
            headings.append(it)
            total, units = 0, {}
    if expected is not None:
        raise refuse(
            "balance_missing",
            headings[-1].at,
            "the closing balance is missing: send all pages of a statement in one file",
        )
    if not headings:
        raise BankFileError("file_empty", "the file has no statement: fetch it anew")
    return headings, apart


def _one_currency(heading: Heading, units: dict[str, str], form: str) -> None:
    """Hold the currencies of a statement's entries, with where each stands, against its own; a CSV may have several."""
    other = next((at for unit, at in units.items() if unit != heading.currency), None)
    if form != "columns" and heading.currency is not None and other is not None:
        raise refuse(
            "currency_mixed",
            other,
            "it is booked in another currency than its statement: ask the bank for a corrected file",
        )


def _balanced(heading: Heading, total: int, before: tuple[str | None, int] | None) -> tuple[str | None, int] | None:
    """Hold a statement's lines against its balances; returns (account, balance so far) where the page has no closing one."""
    opening = heading.opening
    if opening is None and before is not None and before[0] == heading.account:
        opening = before[1]
    elif before is not None and opening is not None:
        raise refuse(
            "balance_missing",
            heading.at,
            "the statement before it has no closing balance: send all of its pages in one file",
        )
    if opening is None:
        raise refuse(
            "balance_missing", heading.at, "the opening balance is missing: send all pages of a statement in one file"
        )
    reached = opening + total
    if abs(reached) > MAX_INTEGER:
        raise refuse("amount_invalid", heading.at, "the balance is larger than can be kept exactly")
    if heading.closing is None:
        return heading.account, reached
    if reached != heading.closing:
        raise refuse(
            "balance_differs",
            heading.at,
            "its lines do not lead from the opening balance to the closing one: fetch the file anew; nothing of it was taken",
        )
    return None


def gaps(headings: tuple[Heading, ...]) -> list[Heading]:
    """Return the statements of a file that do not begin where the one before of their account ended."""
    ends: dict[tuple[str | None, str | None], int | None] = {}
    found = []
    for it in headings:
        key = it.account, it.currency
        if it.opening is not None and ends.get(key, it.opening) != it.opening:
            found.append(it)
        if it.closing is not None:
            ends[key] = it.closing
    return found
