"""export: the ledger as a journal that hledger, ledger and beancount check and add up, the log as a file that verifies by itself."""

from __future__ import annotations

import sys

import click

from goodword.app import see
from goodword.cli.run import WORKSPACE, go, opened, operator


@click.group()
def export() -> None:
    """Take data out."""


def _journal(program: str, told: str) -> None:
    """Add the command that prints the journal for a program."""

    @export.command(
        program,
        help=f"Print the ledger as a journal for {program}: a transaction a posting, a debit positive.\n\n{told}",
    )
    @WORKSPACE
    def command(ws: str | None) -> None:
        async def run() -> None:
            async with opened() as directory:
                who = await operator(directory, ws)
                async for piece in see.ledger.written(who, directory, program):
                    sys.stdout.write(piece)

        go(run())


for _program, _told in {
    "hledger": "Read it with `hledger incomestatement` and `hledger balancesheet`; `hledger check --strict` passes.",
    "ledger": "Read it with `ledger balance ^expense`, or with `ledger --pedantic balance` to have every name checked.",
    "beancount": "Read it with `bean-query`; `bean-check` passes without any tolerance. Its names are ours, written"
    " reversibly: prg_01M8 is Prg-01M8, points:prg_01M8 is POINTS-01M8.",
}.items():
    _journal(_program, _told)


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
