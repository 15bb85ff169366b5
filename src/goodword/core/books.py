"""The books of a span of months: trial balance, accruals, liabilities by age, cost beside revenue. Pure: sums of sums.

Months are those of a zone, half-open. What is booked counts in the month in which its decision was made, by the instant that it read as
now; beside it stands the month in which its reward was earned, in which its order occurred. Cost and revenue count by either, as asked.
Figures have the bookkeeper's sign, as the journals do: a debit is positive, so a cost is, and a debt is negative.
Must not know: where sums come from, how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Struct

from goodword.core import calendar
from goodword.core.ledger import REPAID

#: By which time cost and revenue count: the month in which their order occurred, or that in which they were booked and decided.
By = Literal["occurred", "decided"]
#: Months of one pack, and how many months before the first entry what was earned is told by its month.
MOST: Final = 36
_EARLIER: Final = 24
_YEAR: Final = 12
_MONTH: Final = re.compile(r"(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])")
#: Days that something has stood in an account, up to and with the last of them; the last band has no end.
AGES: Final = ("0-30", "31-60", "61-90", "91+")
_DAYS: Final = (91, 61, 31)  # days ago, before which each older band ends
#: What is owed, and by whom: these accounts are told by age.
AGED: Final = ("accrued", "payable", "clearing", "credit", "receivable")

#: Program, class of account, unit.
Class = tuple[str, str, str]


class Moved(Struct, frozen=True):
    """What postings came to that are alike. ``booked``, ``earned``: the number of the period, 0 before all, as the bounds count.

    ``origin``: of a correction, what it is; of what a beneficiary paid back, ``repaid``. ``kind`` and ``side``: of the
    reward, None where there is none.
    """

    booked: int
    earned: int | None
    program: str
    source: str
    to_program: str
    destination: str
    kind: str | None
    side: str | None
    origin: str
    unit: str
    count: int
    amount: int


class Open(Struct, frozen=True):
    """What stood in an account of so many rewards, by the period in which it came there, with the ledger's sign."""

    program: str
    account: str
    unit: str
    booked: int
    count: int
    amount: int


class Revenue(Struct, frozen=True):
    """Orders of a period that earned rewards of a program (empty: they earned none), and what was given back of them."""

    program: str
    period: int
    unit: str
    orders: int
    amount: int
    returned: int


class Trial(Struct, frozen=True):
    """A line of the trial balance, of a class of account of a program; ``closing`` is opening and debits less credits."""

    entity: str
    program: str
    account: str
    unit: str
    opening: int
    debits: int
    credits: int
    closing: int


class Accrual(Struct, frozen=True, array_like=True):
    """What happened to rewards in a month: ``debit`` and ``credit`` are classes of accounts, ``earned`` the month of the orders.

    ``what`` says it in a word: earned, corrected, opened, reversed, approved, withdrawn, sent, paid, netted, …
    """

    month: str
    earned: str
    entity: str
    program: str
    what: str
    kind: str
    side: str
    debit: str
    credit: str
    unit: str
    count: int
    amount: int


class Aged(Struct, frozen=True):
    """What was owed at the end, by age. Positive is what the account is for: a debt of ours, or what beneficiaries owe (receivable)."""

    entity: str
    program: str
    account: str
    unit: str
    age: str
    rewards: int
    amount: int


class Cost(Struct, frozen=True):
    """A month of a program in a unit: what its rewards cost by side, corrections apart, and the orders that earned rewards.

    ``revenue`` is what they were charged, ``returned`` what was given back of it up to now. Program empty: orders that earned none.
    """

    month: str
    entity: str
    program: str
    unit: str
    advocate: int
    friend: int
    corrections: int
    orders: int
    revenue: int
    returned: int

    @property
    def cost(self) -> int:
        """All of it."""
        return self.advocate + self.friend + self.corrections

    @property
    def net(self) -> int:
        """Revenue less what was given back."""
        return self.revenue - self.returned


class Bounds(NamedTuple):
    """Where periods begin: the months that are asked for, and all that orders can be of. Each has one bound more than months."""

    months: tuple[str, ...]
    positions: tuple[int, ...]
    earned: tuple[str, ...]
    instants: tuple[int, ...]

    def booked_in(self, number: int) -> str | None:
        """Return the month in which something was booked, None: before or behind those that are asked for."""
        return self.months[number - 1] if 0 < number <= len(self.months) else None

    def earned_in(self, number: int | None) -> str:
        """Return the month of an order; ``before 2024-01`` is all that is older."""
        if number is None:
            return ""
        return self.earned[min(number, len(self.earned)) - 1] if number else f"before {self.earned[0]}"


def months(begin: str, end: str) -> tuple[str, ...]:
    """Return the months from one up to, and without, another one. Raises ValueError, saying what is wrong."""
    count = _number(end) - _number(begin)
    if not 0 < count <= MOST:
        raise ValueError(f"{begin} to {end}: 1 to {MOST} months, the last one not included")
    return tuple(later(begin, n) for n in range(count))


def later(month: str, by: int) -> str:
    """Return the month that is so many later, or earlier below nought."""
    year, left = divmod(_number(month) + by, _YEAR)
    return f"{year:04d}-{left + 1:02d}"


def _number(month: str) -> int:
    if not _MONTH.fullmatch(month):
        raise ValueError(f"{month[:20]!r} is no month: write 2026-10")
    return int(month[:4]) * _YEAR + int(month[5:]) - 1


def begins(month: str, zone: str) -> int:
    """Return when a month begins in a zone."""
    return calendar.day_begins(f"{month}-01", zone)


def known(first: int, last: int, zone: str) -> tuple[str, ...]:
    """Return the months that orders are told by, of a log between two instants."""
    begin = later(calendar.period(first, "month", zone), -_EARLIER)
    end = calendar.period(last, "month", zone)
    return tuple(later(begin, n) for n in range(_number(end) - _number(begin) + 1))


def ages(at: int) -> tuple[int, ...]:
    """Return the instants between the bands of age at an instant, the oldest first; a day has 24 hours here."""
    return tuple(at - days * calendar.DAY for days in _DAYS)


def trial(now: Mapping[Class, int], moved: Iterable[Moved], bounds: Bounds, entities: Mapping[str, str]) -> list[Trial]:
    """Return the trial balance. ``now``: what each class holds behind all that moved, with the ledger's sign.

    What was posted since the end is taken off what stands there now, and so on backwards: it costs what moved since the beginning.
    """
    debits, credits_, since = dict[Class, int](), dict[Class, int](), dict[Class, int]()
    for it in moved:
        for place, sums, sign in (
            ((it.program, it.source, it.unit), debits, 1),
            ((it.to_program, it.destination, it.unit), credits_, -1),
        ):
            if it.booked > len(bounds.months):
                since[place] = since.get(place, 0) + sign * it.amount
            elif it.booked:
                sums[place] = sums.get(place, 0) + it.amount
    lines = []
    for place in sorted({*now, *debits, *credits_, *since}):
        closing = -now.get(place, 0) - since.get(place, 0)
        more, less = debits.get(place, 0), credits_.get(place, 0)
        line = Trial(entities.get(place[0], ""), *place, closing - more + less, more, less, closing)
        if line.opening or more or less:
            lines.append(line)
    return lines


def accruals(moved: Iterable[Moved], bounds: Bounds, entities: Mapping[str, str]) -> list[Accrual]:
    """Return what was booked in each month, beside the month in which it was earned."""
    sums: dict[tuple[str, ...], tuple[int, int]] = {}
    for it in moved:
        month = bounds.booked_in(it.booked)
        if month is not None:
            ends = what(it), it.kind or "", it.side or "", it.source, it.destination, it.unit
            key = (month, bounds.earned_in(it.earned), entities.get(it.program, ""), it.program, *ends)
            count, amount = sums.get(key, (0, 0))
            sums[key] = count + it.count, amount + it.amount
    return [msgspec.convert((*key, *both), Accrual) for key, both in sorted(sums.items())]


#: Source and destination -> what it is that happened.
_WHAT: Final = {
    ("expense", "accrued"): "earned",
    ("opening", "accrued"): "opened",
    ("receivable", "opening"): "opened",
    ("accrued", "payable"): "approved",
    ("payable", "accrued"): "withdrawn",
    ("payable", "clearing"): "sent",
    ("clearing", "settled"): "paid",
    ("clearing", "credit"): "paid",
    ("accrued", "settled"): "paid",
    ("payable", "settled"): "paid",
    ("receivable", "settled"): "paid",
    ("payable", "receivable"): "netted",
    ("payable", "between"): "netted",
    ("between", "receivable"): "netted",
    ("credit", "settled"): "redeemed",
    ("settled", "credit"): "given_back",
    ("credit", "receivable"): "taken_of_credit",
    ("credit", "expense"): "expired",
    ("credit", "opening"): "expired",
    ("expense", "receivable"): "let_off_or_risen",
}


def what(it: Moved) -> str:
    """Return in a word what postings did."""
    if it.source == "expense" and it.destination == "accrued" and it.origin:
        return "corrected"
    if it.source == "expense" and it.destination in ("clearing", "payable"):
        return "earned"  # of a welcome, which costs only once it is confirmed; or of what rises after it was approved
    if it.source in ("clearing", "settled") and it.destination in ("payable", "receivable", "expense"):
        return "repaid" if it.origin == REPAID else "came_back"
    if it.source == it.destination:
        return "handed_over"
    if it.destination in ("expense", "opening"):
        return "reversed"
    return _WHAT.get((it.source, it.destination), "moved")


def aged(open_: Iterable[Open], entities: Mapping[str, str]) -> list[Aged]:
    """Return what was owed by age; band 0 of the sums is the oldest."""
    return [
        Aged(
            entities.get(it.program, ""),
            it.program,
            it.account,
            it.unit,
            AGES[len(_DAYS) - it.booked],
            it.count,
            -it.amount if it.account == "receivable" else it.amount,
        )
        for it in sorted(open_, key=lambda one: (one.program, one.account, one.unit, -one.booked))
    ]


def costs(
    moved: Iterable[Moved], revenue: Iterable[Revenue], bounds: Bounds, entities: Mapping[str, str], by: By
) -> list[Cost]:
    """Return what each month cost and brought. By ``occurred`` a cost is one of the month of its order, whenever it was booked."""
    sums: dict[tuple[str, str, str], list[int]] = {}

    def add(month: str, program: str, unit: str, at: int, *amounts: int) -> None:
        found = sums.setdefault((month, program, unit), [0] * 6)
        for n, amount in enumerate(amounts, at):
            found[n] += amount

    for it in moved:
        month = bounds.booked_in(it.booked) if by == "decided" else bounds.earned_in(it.earned)
        sign = (it.source == "expense") - (it.destination == "expense")
        if sign and month in bounds.months:
            add(month or "", it.program, it.unit, 2 if it.origin else int(it.side == "friend"), sign * it.amount)
    for of in revenue:
        month = bounds.booked_in(of.period)
        if month is not None:
            add(month, of.program, of.unit, 3, of.orders, of.amount, of.returned)
    return [Cost(key[0], entities.get(key[1], ""), *key[1:], *amounts) for key, amounts in sorted(sums.items())]


def unbalanced(lines: Sequence[Trial]) -> list[tuple[str, str]]:
    """Return (entity, unit) of each legal entity's books that do not add up to nought, opening or closing; none should be."""
    sums: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        found = sums.setdefault((line.entity, line.unit), [0, 0])
        found[0] += line.opening
        found[1] += line.closing
    return [key for key, both in sums.items() if any(both)]


class Books(Struct, frozen=True):
    """The books from month ``begin`` up to, and without, month ``end``, in ``zone``; ``program``: a slug, None: all.

    Trial balance, accruals and ages count by when something was booked; ``costs`` by ``by``. ``at``: the instant of the ages, the end
    or, before it has come, the last entry. True up to entry ``position``; ``ended``: the last month is over.
    ``unbalanced``: (entity, unit) of books that do not add up to nought.
    """

    begin: str
    end: str
    zone: str
    by: By
    program: str | None
    position: int
    at: int
    ended: bool
    trial: list[Trial]
    ages: list[Aged]
    accruals: list[Accrual]
    costs: list[Cost]
    unbalanced: list[tuple[str, str]]
