"""The journal of beancount, whose names are narrower than ours: each of ours is written in one way, and can be read back from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

from goodword.app.proof.journal import TYPES, Account, Transaction
from goodword.core import money

_ROOTS = {"expense": "Expenses", "liability": "Liabilities", "asset": "Assets", "equity": "Equity"}
_FIRST_DAY = "1970-01-01"
_POINTS = "POINTS-"


def head(title: str, accounts: Collection[Account], units: Collection[str]) -> str:
    """Return options, units and accounts, as ``bean-check`` wants them.

    By itself beancount lets half a unit of the last place pass in each transaction; here nothing may differ.
    """
    lines = [f'option "title" "{title}"', 'option "tolerance_multiplier" "0"', ""]
    lines += [f"{_FIRST_DAY} commodity {commodity(unit)}" for unit in units]
    lines += [f"{_FIRST_DAY} open {account(one)}" for one in accounts]
    return "\n".join(lines) + "\n\n"


def transaction(of: Transaction) -> str:
    """Return a transaction; its tags are metadata, of which beancount wants the names in small letters."""
    tags = "".join([f'  {name}: "{value}"\n' for name, value in of.tags.items()])
    figure = amount(of.amount, of.unit)
    return (
        f'{of.date} * "{of.reward}"\n'
        f'  position: "{of.position}"\n'
        f"{tags}"
        f"  {account(of.debit)}  {figure}\n"
        f"  {account(of.credit)}  -{figure}\n\n"
    )


def opening(date: str, unit: str, lines: Sequence[tuple[Account, int]]) -> str:
    """Return balances at the beginning of a day as a transaction."""
    held = "".join(f"  {account(of)}  {amount(minor, unit)}\n" for of, minor in lines)
    return f'{date} * "opening balances"\n{held}\n'


@lru_cache(maxsize=4096)
def account(of: Account) -> str:
    """Return an account below its root: ``Liabilities:Payable:Prg-01M8…:Per-01M8…``.

    Parts begin with a capital and have a hyphen where ours have an underscore; no id or rail has a hyphen of its own.
    """
    return ":".join([_ROOTS[TYPES[of[0]]], *(_part(name) for name in of if name)])


def read_account(text: str) -> Account:
    """Return the account that ``account`` wrote."""
    name, program, owner = (*(part[0].lower() + part[1:].replace("-", "_") for part in text.split(":")[1:]), "", "")[:3]
    return name, program, owner


def _part(name: str) -> str:
    return name[0].upper() + name[1:].replace("_", "-")


def amount(minor: int, unit: str) -> str:
    """Return an amount with the decimal places of its currency; points are whole."""
    return f"{money.decimal(minor, unit)} {commodity(unit)}"


def commodity(unit: str) -> str:
    """Return a currency as it is; points as ``POINTS-01M8…``, since a unit has capitals and no colon."""
    return _POINTS + unit.removeprefix(f"{money.POINTS}prg_") if unit.startswith(money.POINTS) else unit


def read_commodity(text: str) -> str:
    """Return the unit that ``commodity`` wrote."""
    return f"{money.POINTS}prg_{text.removeprefix(_POINTS)}" if text.startswith(_POINTS) else text
