"""The journal of ledger, which reads transactions as hledger does and declares what they name in its own way."""

from __future__ import annotations

from collections.abc import Collection

from goodword.app.proof import hledger
from goodword.app.proof.journal import TAGS, Account

#: Transactions are written as hledger reads them.
transaction, opening = hledger.transaction, hledger.opening


def head(title: str, accounts: Collection[Account], units: Collection[str]) -> str:
    """Return accounts, tags and units, as ``--pedantic`` wants them.

    The format of a unit fixes its decimal places and the point: ledger reads ``1,234`` by what came before it.
    """
    lines = [f"; {title}"]
    for unit in units:
        lines += [f"commodity {hledger.commodity(unit)}", f"    format {hledger.amount(1000, unit)}"]
    lines += [f"tag {tag}" for tag in TAGS]
    lines += [f"account {hledger.account(one)}" for one in accounts]
    return "\n".join(lines) + "\n\n"
