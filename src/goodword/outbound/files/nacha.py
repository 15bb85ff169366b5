"""ACH credits as a NACHA file: records of 94 characters, ten a block. Persons stand in a batch of PPD entries, companies in one of CCD.

The file has credits alone and no entry against the company's own account: its bank debits that by the total. A name is cut after the
characters that its record has, 22 of the payee's, 16 and 23 of the company's; nothing else is ever cut. Trace numbers go on from batch
to batch, since what comes back names an entry by them alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count as counting
from typing import Final

from goodword.outbound.files.base import Batch, spelled
from goodword.outbound.rails import accounts
from goodword.outbound.rails.base import Order

MOST_AMOUNT: Final = 9_999_999_999  # cents: what ten digits hold
MOST_SUM: Final = 999_999_999_999
MOST: Final = 999_999  # entries of a batch
MOST_NAME: Final = 22
_REFERENCE: Final = 15  # characters, the last of an id, which tell payouts apart
_BLOCK: Final = 10
_ACCOUNT: Final = re.compile("[A-Za-z0-9-]{1,17}")
_CREDIT: Final = {"checking": "22", "savings": "32"}
_MODIFIERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def refusal(order: Order, debtor: Mapping[str, str], day: date) -> str | None:
    """Return why ACH cannot carry a payout."""
    del debtor, day
    said = order.details
    if order.unit != "USD":
        return "currency_not_carried"
    if "account" not in said:
        return "us_account_missing"
    if not accounts.is_routing(said["bank"]):
        return "routing_not_carried"
    if not _ACCOUNT.fullmatch(said["account"]):
        return "account_not_carried"
    if order.amount > MOST_AMOUNT:
        return "amount_too_large"
    return "name_not_carried" if spelled(said.get("name"), len(said.get("name", "")) * 4) is None else None


def write(orders: Sequence[Order], batch: Batch) -> Iterator[str]:
    """Yield the file, a record a line."""
    debtor, bank = batch.debtor, batch.debtor["routing"]
    name = spelled(debtor["name"], 70) or ""
    modifier = _MODIFIERS[int(batch.id[-8:], 16) % len(_MODIFIERS)]
    yield (
        f"101 {bank}{debtor['company_id']:>10}{batch.at:%y%m%d%H%M}{modifier}094101"
        f"{spelled(debtor['bank_name'], 23):<23}{name[:23]:<23}{'':8}\n"
    )
    traces = counting(1)
    persons = [order for order in orders if order.details.get("holder") != "company"]
    companies = [order for order in orders if order.details.get("holder") == "company"]
    batches = [(code, group) for code, group in (("PPD", persons), ("CCD", companies)) if group]
    for number, (code, group) in enumerate(batches, 1):
        total = sum(order.amount for order in group)
        ends = f"{bank[:8]}{number:07}\n"
        yield f"5220{name[:16]:<16}{'':20}{debtor['company_id']:<10}{code}{'PAYOUT':<10}{'':6}{batch.day:%y%m%d}   1{ends}"
        for order in group:
            yield _entry(order, f"{bank[:8]}{next(traces):07}")
        yield f"8220{len(group):06}{_hash(group):010}{0:012}{total:012}{debtor['company_id']:<10}{'':25}{ends}"
    records = len(orders) + 2 * len(batches) + 2
    blocks = -(-records // _BLOCK)
    total = sum(order.amount for order in orders)
    yield f"9{len(batches):06}{blocks:06}{len(orders):08}{_hash(orders):010}{0:012}{total:012}{'':39}\n"
    yield ("9" * 94 + "\n") * (blocks * _BLOCK - records)


def _entry(order: Order, trace: str) -> str:
    said = order.details
    name = (spelled(said["name"], 280) or "")[:MOST_NAME].strip()
    code = _CREDIT[said.get("type", "checking")]
    return f"6{code}{said['bank']}{said['account']:<17}{order.amount:010}{order.id[-_REFERENCE:]}{name:<22}  0{trace}\n"


def _hash(orders: Sequence[Order]) -> int:
    """Return the sum of the banks' numbers without their check digits, of which the last ten digits are kept."""
    return sum(int(order.details["bank"][:8]) for order in orders) % 10**10
