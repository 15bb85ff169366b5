"""Papers for payees as PDF: the statement of a calendar year, and what a payout is made of. Must not know: who asks."""

from __future__ import annotations

from collections.abc import Sequence

from goodword import words
from goodword.app.see import taxes
from goodword.core import calendar, ledger
from goodword.core.money import decimal
from goodword.outbound.files.base import dashed
from goodword.outbound.paper import Paper, Table, pdf


def statement(it: taxes.Statement) -> bytes:
    """Return the statement of a payee and year."""
    until = calendar.day(it.until - 1, it.timezone)
    facts = [
        (words.page("statement.payee"), it.name or it.person),
        (words.page("statement.person"), it.person),
        (words.page("statement.year"), it.year),
        (words.page("statement.until"), words.page("statement.zone", day=until, zone=it.timezone)),
    ]
    columns = ("program", "unit", "opening", "earned", "taken_back", "paid", "returned", "closing")
    figures = columns[2:]
    lines = [
        (line.program, line.unit, *(decimal(getattr(line, name), line.unit) for name in figures)) for line in it.lines
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
    return pdf(Paper(title, facts, tables, [words.page("statement.foot")]))


def _payout(one: taxes.OfYear) -> Sequence[str]:
    it = one.payout
    return one.day, dashed(it.id), it.status.replace("_", " "), it.unit, decimal(it.amount, it.unit)


def remittance(it: taxes.Remittance) -> bytes:
    """Return what a payee is told of a payout."""
    unit = it.payout.unit
    facts = [
        (words.page("statement.payee"), it.name or it.payout.beneficiary),
        (words.page("statement.reference"), it.reference),
        (words.page("statement.program"), ", ".join(it.programs)),
        (words.page("statement.amount"), f"{decimal(it.payout.amount, unit)} {unit}"),
        (words.page("statement.state"), it.payout.status.replace("_", " ")),
    ]
    sent = {part.reward: part for part in it.payout.parts}
    rows = []
    for reward in it.rewards:
        netted = sum(amount for _, amount in sent[reward.id].netted)
        day, what = calendar.utc_day(reward.earned_at), ledger.origin(reward.on)
        of = reward.on if what == ledger.ORDER else what
        rows.append((day, of, reward.id, decimal(netted, unit), decimal(sent[reward.id].sent, unit)))
    head = [words.page(f"statement.{name}") for name in ("day", "what", "reward", "netted", "amount")]
    table = Table(words.page("statement.rewards"), head, rows, 2)
    return pdf(Paper(words.page("statement.remittance"), facts, [table], [words.page("statement.remittance_foot")]))
