"""Papers for payees as PDF: the statement of a calendar year, and what a payout is made of, in the language that is spoken.

Must not know: who asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from goodword import words
from goodword.app.see import taxes
from goodword.core import calendar, ledger
from goodword.core.money import decimal
from goodword.outbound.files.base import dashed
from goodword.outbound.paper import Paper, Table, pdf
from goodword.words.catalogue import catalogue, spoken


def statement(it: taxes.Statement) -> bytes:
    """Return the statement of a payee and year."""
    until = _day(calendar.day(it.until - 1, it.timezone))
    facts = [
        (words.page("statement.payee"), it.name or it.person),
        (words.page("statement.person"), it.person),
        (words.page("statement.year"), it.year),
        (words.page("statement.until"), words.page("statement.zone", day=until, zone=it.timezone)),
    ]
    columns = ("program", "unit", "opening", "earned", "taken_back", "paid", "returned", "closing")
    figures = columns[2:]
    lines = [
        (line.program, line.unit, *(_figure(getattr(line, name), line.unit) for name in figures)) for line in it.lines
    ]
    tables = [
        Table(
            words.page("statement.lines"), [words.page(f"statement.{name}") for name in columns], lines, len(figures)
        ),
        Table(
            words.page("statement.payouts"),
            [words.page(f"statement.{name}") for name in ("day", "reference", "state", "unit", "amount")],
            [_payout(one) for one in it.payouts],
            1,
        ),
    ]
    title = words.page("statement.title", year=it.year)
    return pdf(Paper(title, facts, tables, [words.page("statement.foot")], spoken()))


def _payout(one: taxes.OfYear) -> Sequence[str]:
    it = one.payout
    return _day(one.day), dashed(it.id), _state(it.status), it.unit, _figure(it.amount, it.unit)


def remittance(it: taxes.Remittance) -> bytes:
    """Return what a payee is told of a payout."""
    unit = it.payout.unit
    facts = [
        (words.page("statement.payee"), it.name or it.payout.beneficiary),
        (words.page("statement.reference"), it.reference),
        (words.page("statement.program"), ", ".join(it.programs)),
        (words.page("statement.amount"), words.money(it.payout.amount, unit)),
        (words.page("statement.state"), _state(it.payout.status)),
    ]
    sent = {part.reward: part for part in it.payout.parts}
    rows = []
    for reward in it.rewards:
        netted = sum(amount for _, amount in sent[reward.id].netted)
        day, what = words.day(reward.earned_at), ledger.origin(reward.on)
        of = reward.on if what == ledger.ORDER else catalogue().word("origin", what)
        rows.append((day, of, reward.id, _figure(netted, unit), _figure(sent[reward.id].sent, unit)))
    head = [words.page(f"statement.{name}") for name in ("day", "what", "reward", "netted", "amount")]
    table = Table(words.page("statement.rewards"), head, rows, 2)
    foot = [words.page("statement.remittance_foot")]
    return pdf(Paper(words.page("statement.remittance"), facts, [table], foot, spoken()))


def _day(day: str) -> str:
    return words.day(calendar.day_begins(day, "UTC"))


def _figure(amount: int, unit: str) -> str:
    return catalogue().decimal(decimal(amount, unit))


def _state(status: str) -> str:
    return catalogue().word("portal.own.payout", status).replace("_", " ")
