"""What a format of a file for the bank is, and what it is made from. Must not know: how any format is written, who downloads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from goodword.core.money import CURRENCIES
from goodword.outbound.files.latin import UnspelledError, latin
from goodword.outbound.rails import accounts
from goodword.outbound.rails.base import Order
from goodword.outbound.rails.details import ADDRESS, Field, text

#: The company's own account that files pay from, and what their formats ask of who pays.
DEBTOR: tuple[Field, ...] = (
    Field(
        "name", "The company's name, as its bank has it, at most 70 characters.", "Acme GmbH", text(70), required=True
    ),
    Field("iban", "The IBAN that is paid from.", "DE89370400440532013000", accounts.iban),
    Field("bic", "The BIC of that account's bank, if it asks for it.", "COBADEFFXXX", accounts.bic),
    *ADDRESS,
    Field("routing", "In the United States: the routing number of your bank.", "021000021", accounts.routing),
    Field("bank_name", "In the United States: the name of your bank, at most 23 characters.", "Example Bank", text(23)),
    Field(
        "company_id",
        "In the United States: the ten characters by which your bank knows you as an originator of ACH entries.",
        "1234567890",
        accounts.company_id,
    ),
)


class Batch(Struct, frozen=True):
    """What all lines of a file share. ``day``: on which it is to be executed; ``at``: when it was made, UTC.

    ``id``: two files of the same payouts from the same account have the same one, so that a bank finds what was sent before.
    """

    id: str
    debtor: Mapping[str, str]
    day: date
    at: datetime


class Line(Struct, frozen=True):
    """One payment as a file says it. ``account``: whatever leads to it; ``unit`` and ``name`` are None where a format has none."""

    reference: str
    amount: int
    unit: str
    account: str
    name: str | None


class Read(Struct, frozen=True):
    """What a file says that was read back. ``count``, ``total``: as it says itself; None: it says none. ``days``: all that it names."""

    lines: list[Line]
    count: int | None = None
    total: int | None = None
    days: frozenset[str] = frozenset()
    debtors: frozenset[str] = frozenset()


class Format(Struct, frozen=True):
    """A format.

    ``needs``: fields of the debtor that it cannot be written without. ``most``: payouts of one file. ``opens``: whether banks settle
    on a day; None: it names no day. ``single``: all payouts of a file are in one currency.
    ``refusal``: a stable code of why it cannot carry a payout. ``said``: what the file must say of one, made of the payout alone;
    ``paid_from``: likewise of the debtor.
    """

    name: str
    title: str
    media: str
    ending: str
    refusal: Callable[[Order, Mapping[str, str], date], str | None]
    write: Callable[[Sequence[Order], Batch], Iterator[str]]
    read: Callable[[bytes], Read]
    said: Callable[[Order], Line]
    needs: tuple[str, ...] = ()
    paid_from: Callable[[Mapping[str, str]], str] | None = None
    most: int | None = None
    most_sum: int | None = None
    opens: Callable[[date], bool] | None = None
    single: bool = False


def dashed(id_: str) -> str:
    """Return a payout's id in the characters that banks take: ``pay-01M8…``."""
    return id_.replace("_", "-")


def spelled(text: str | None, most: int) -> str | None:
    """Return a text in the characters of banks; None for one that cannot be spelled, or is too long then."""
    try:
        found = latin(text or "")
    except UnspelledError:
        return None
    return found if len(found) <= most else None


def remittance(order: Order, most: int) -> str:
    """Return what a payment says it is for: its reference, by which it is found again, and as many of its programs, whole, as fit."""
    text = dashed(order.id)
    for n, program in enumerate(order.programs):
        name = spelled(program, most)
        more = f"{text}{',' if n else ''} {name}"
        if name is None or len(more) > most:
            break
        text = more
    return text


def is_money(unit: str) -> bool:
    """Return whether a unit is a currency."""
    return unit in CURRENCIES
