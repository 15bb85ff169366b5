"""export: the ledger as a journal that hledger checks and balances, the log as a file that verifies by itself."""

from __future__ import annotations

import sys

import click

from goodword.app import see
from goodword.cli.run import WORKSPACE, go, opened, operator


@click.group()
def export() -> None:
    """Take data out."""


@export.command("hledger")
@WORKSPACE
def export_hledger(ws: str | None) -> None:
    """Print the journal: a transaction a posting, accounts class:program:owner, a debit positive.

    Read it with `hledger incomestatement` and `hledger balancesheet`: rewards are an expense, accrued, payable and
    clearing are owed by you, settled has left the bank, receivable is owed to you.
    """

    async def run() -> None:
        async with opened() as directory:
            who = await operator(directory, ws)
            async for piece in see.ledger.journal(who, directory):
                sys.stdout.write(piece)

    go(run())


@export.command("log")
@WORKSPACE
def export_lines(ws: str | None) -> None:
    """Print the log with its signed heads: `goodword verify --export FILE` needs nothing else."""

    async def run() -> None:
        async with opened() as directory:
            who = await operator(directory, ws)
            async for line in see.log.lines(who, directory):
                sys.stdout.buffer.write(line)

    go(run())
