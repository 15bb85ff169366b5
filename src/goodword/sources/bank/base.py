"""What all files of a bank say, whatever their format: headings of statements, and lines, all bounded before they are read.

A reader yields the lines of a file in their order, and behind those of each statement its heading. Must not know: payouts as they
stand, the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec import Struct

from goodword.core import ids, money

#: Bytes of a file, lines of one, statements of one, characters of a line or of what stands between two tags.
MOST_BYTES: Final = 512 << 20
MOST_LINES: Final = 1_000_000
MOST_STATEMENTS: Final = 5_000
LONGEST: Final = 64_000

#: What a line says: the bank booked it, took it over, refused it, or has not said yet.
SAID: Final = ("booked", "accepted", "rejected", "pending")

_AMOUNT: Final = re.compile(r"\+?(?=[.,]?[0-9])([0-9]{0,18})(?:[.,]([0-9]{0,5}))?")
_OTHER: Final = re.compile(r"[^A-Z0-9]")
#: A payout's id as banks give it back: `_` is not in their alphabet, and what is long is broken. It begins with a time of our age.
_PAYOUT: Final = re.compile(r"PAY(0[12][0-9A-HJKMNP-TV-Z]{24})")
_TOKEN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9/+.:()-]{0,34}")


class BankFileError(ValueError):
    """A file cannot be taken. ``code``: stable; the message says where, and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Line(Struct, frozen=True, kw_only=True):
    """A line. ``at``: where it stands; ``amount``: in minor units, below zero what left the account; None: it does not say.

    ``texts``: where it may name a payout, end-to-end id first; ``back``: it is a return; ``other``: the other account;
    ``wrong``: why it cannot be believed: ``entry``, its entry is of another amount than its payments; ``file``, see ``wholes``.
    ``file``: the file of ours that it refuses as a whole; ``count``: how many payments the bank says stood in it.
    """

    at: str
    said: str
    amount: int | None
    currency: str | None
    day: str | None = None
    valued: str | None = None
    texts: tuple[str, ...] = ()
    reference: str | None = None
    reason: str | None = None
    other: str | None = None
    back: bool = False
    wrong: str | None = None
    file: str | None = None
    count: int | None = None


class Heading(Struct, frozen=True, kw_only=True):
    """What a statement says of itself. ``number``: its id, to be shown; ``raw``: as it is written, by which it is known.

    ``opening``, ``closing``: balances in minor units; ``size``: its lines.
    ``first``, ``last``: the days from the opening balance to the closing one, as ``2026-11-30``.
    """

    at: str
    number: str | None = None
    raw: str | None = None
    account: str | None = None
    currency: str | None = None
    opening: int | None = None
    closing: int | None = None
    first: str | None = None
    last: str | None = None
    size: int = 0


class Total(Struct, frozen=True):
    """What moves the balance at once: of one line, or of all that were booked together. ``amount``: as of a line.

    ``apart``: the payments that it says it is made of do not come to it, so nobody knows how much of each was booked.
    """

    at: str
    amount: int
    currency: str
    apart: bool = False


#: What a reader yields.
Read = Iterator[Line | Total | Heading]


def refuse(code: str, at: str, problem: str) -> BankFileError:
    """Return the error that says where and what."""
    return BankFileError(code, f"{at}: {problem}")


def amount(text: str, currency: str, at: str) -> int:
    """Return minor units of a decimal without a sign. Raises BankFileError for a currency there is not, or parts of a minor unit."""
    places = money.CURRENCIES.get(currency)
    if places is None:
        raise refuse(
            "currency_unknown", at, f"{currency[:3]!r} is no currency of ISO 4217: ask the bank for a corrected file"
        )
    found = _AMOUNT.fullmatch(text.strip())
    part = (found[2] or "").rstrip("0") if found else ""
    if found is None or len(part) > places:
        raise refuse("amount_invalid", at, f"an amount of {currency} has digits and at most {places} decimals")
    value: int = int(found[1] + part.ljust(places, "0") or "0")
    if value > money.MAX_INTEGER:
        raise refuse("amount_invalid", at, "an amount is larger than can be kept exactly")
    return value


def day(text: str | None, at: str) -> str | None:
    """Return a date of ISO 8601, also the beginning of an instant, as its day where the bank is. Raises BankFileError."""
    if text is None or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        raise refuse("date_invalid", at, "a date is written as 2026-11-30") from None


def token(text: str | None) -> str | None:
    """Return a reference of the bank's if it reads like one; what may be words is dropped."""
    return text if text and _TOKEN.fullmatch(text) else None


def named(texts: tuple[str, ...]) -> list[str]:
    """Return the ids of payouts that texts name, each once; of an end-to-end id, which comes first, only that one."""
    found: dict[str, None] = {}
    for place, text in enumerate(texts):
        here = [f"pay_{digits}" for digits in _PAYOUT.findall(_OTHER.sub("", text.upper())) if _is_id(f"pay_{digits}")]
        if place == 0 and len(here) == 1:
            return here
        found |= dict.fromkeys(here)
    return list(found)


def _is_id(text: str) -> bool:
    try:
        ids.decode(text)
    except ValueError:
        return False
    return True
