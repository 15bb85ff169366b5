"""Exported journals as hledger, ledger and beancount themselves read them: real programs, in their strict modes."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from goodword.app.proof import beancount
from goodword.core.money import POINTS

PROGRAMS = ("hledger", "ledger", "beancount")
_STRICT = {"hledger": ("check", "--strict"), "ledger": ("--pedantic", "balance"), "beancount": ()}
#: account and unit -> what the program adds up there, a debit positive
Sums = dict[tuple[str, str], Decimal]


def checked(program: str, journal: Path) -> None:
    """Let the program check the journal as strictly as it can; skip the test where the program is not there."""
    run(program, journal, *_STRICT[program], check=True)


def sums(program: str, journal: Path, *, classes: bool = False, **tagged: str) -> Sums:
    """Return what the program adds up by account, or by class of account; ``tagged``: of what has this tag alone."""
    tag = next(iter(tagged.items()), None)
    return {key: amount for key, amount in _SUMS[program](journal, classes, tag).items() if amount}


def run(program: str, journal: Path, *question: str, check: bool = False) -> str:
    """Return what a program prints about a journal."""
    commands = {
        "hledger": ["hledger", "-f", str(journal)],
        "ledger": ["ledger", "-f", str(journal)],
        "beancount": ["bean-check", "--no-cache", str(journal)] if check else ["bean-query", "-f", "csv", str(journal)],
    }
    command, *arguments = commands[program]
    # What Python brings stands beside it, wherever the tests are started.
    where = shutil.which(command) or shutil.which(command, path=str(Path(sys.executable).parent))
    if where is None:
        pytest.skip(f"{command} is not there: apt-get install {command}")
    done = subprocess.run([where, *arguments, *question], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _hledger(journal: Path, classes: bool, tag: tuple[str, str] | None) -> Sums:
    question = ["balance", "--flat", "--no-total", "--layout", "bare", "-O", "csv"]
    question += ["--depth", "1"] * classes + ([f"tag:{tag[0]}={tag[1]}"] if tag else [])
    found = csv.reader(io.StringIO(run("hledger", journal, *question)))
    return {(account, unit): Decimal(figure) for account, unit, figure in list(found)[1:]}


def _ledger(journal: Path, classes: bool, tag: tuple[str, str] | None) -> Sums:
    """Its own table: an amount a line, the account behind the last of its amounts."""
    question = ["balance", "--no-total", *(("--depth", "1") if classes else ("--flat",))]
    question += ["--format", "%(display_total)\t%(account)\n"] + ([f"%{tag[0]}={tag[1]}"] if tag else [])
    told: Sums = {}
    amounts: list[tuple[str, Decimal]] = []
    for line in run("ledger", journal, *question).splitlines():
        amount, _, account = line.partition("\t")
        figure, unit = amount.split()
        amounts.append((unit.strip('"'), Decimal(figure)))
        if account:
            told |= {(account, unit): figure for unit, figure in amounts}
            amounts.clear()
    return told


def _beancount(journal: Path, classes: bool, tag: tuple[str, str] | None) -> Sums:
    account = "root(account, 2)" if classes else "account"
    only = f"WHERE entry.meta['{tag[0]}'] = '{tag[1]}'" if tag else ""
    query = f"SELECT {account} AS name, currency, sum(number) AS total {only} GROUP BY name, currency"
    found = csv.reader(io.StringIO(run("beancount", journal, query)))
    told = {}
    for name, unit, figure in list(found)[1:]:
        ours = ":".join(filter(None, beancount.read_account(name.strip())))
        told[ours, beancount.read_commodity(unit.strip())] = Decimal(figure.strip())
    return told


_SUMS = {"hledger": _hledger, "ledger": _ledger, "beancount": _beancount}


def of_ours(unit: str) -> str:
    """Return a unit without its program: one program's points are points."""
    return unit.partition(":")[0] if unit.startswith(POINTS) else unit
