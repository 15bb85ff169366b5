"""The journal of hledger: an oracle that anybody can install."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from goodword.app.proof.journal import TYPES, Account, Transaction
from goodword.core import money

_TYPES = {"expense": "X", "liability": "L", "asset": "A", "equity": "E"}


def head(title: str, accounts: Collection[Account], units: Collection[str]) -> str:
    """Return accounts with their types and units with their decimal places, as ``check --strict`` wants them."""
    lines = [f"; {title}", "decimal-mark ."]
    lines += [f"commodity {_format(unit)} {commodity(unit)}" for unit in units]
    lines += [f"account {name}  ; type:{_TYPES[kind]}" for name, kind in TYPES.items()]
    lines += [f"account {account(one)}" for one in accounts]
    return "\n".join(lines) + "\n\n"


def _format(unit: str) -> str:
    """Return a figure that shows the decimal places; without a mark hledger refuses it, also where no decimals follow."""
    figure = money.decimal(1000, unit)
    return figure if "." in figure else f"{figure}."


def transaction(of: Transaction) -> str:
    """Return a transaction; its tags stand below the first line, where ledger finds them too."""
    figure = amount(of.amount, of.unit)
    return (
        f"{of.date} * ({of.position}) {of.reward}\n"
        f"{tagged(of.tags)}"
        f"    {account(of.debit)}  {figure}\n"
        f"    {account(of.credit)}  -{figure}\n\n"
    )


def opening(date: str, unit: str, lines: Sequence[tuple[Account, int]]) -> str:
    """Return balances at the beginning of a day as a transaction."""
    held = "".join(f"    {account(of)}  {amount(minor, unit)}\n" for of, minor in lines)
    return f"{date} * opening balances\n{held}\n"


def tagged(tags: Mapping[str, str]) -> str:
    """Return tags as comments, one a line."""
    return "".join(f"    ; {name}: {value}\n" for name, value in tags.items())


@lru_cache(maxsize=4096)
def account(of: Account) -> str:
    """Return an account as hledger and ledger write it: ``class:program:owner``."""
    return ":".join(filter(None, of))


def amount(minor: int, unit: str) -> str:
    """Return an amount with the decimal places of its currency, never a mark between thousands; points are whole."""
    return f"{money.decimal(minor, unit)} {commodity(unit)}"


def commodity(unit: str) -> str:
    """Return a currency as it is; points quoted, since their name has digits."""
    return unit if unit.isalpha() else f'"{unit}"'


#: What reads ``postings.csv`` of a pack as the journal beside it does.
RULES = """\
skip 1
fields date,position,n,event,reward,program,entity,debit,credit,amount,unit,earned,timezone
date-format %Y-%m-%d
decimal-mark .
status *
code %position
description %reward
account1 %debit
account2 %credit
amount1 %amount "%unit"
amount2 -%amount "%unit"
comment event: %event, earned: %earned, entity: %entity
"""
