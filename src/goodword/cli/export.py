"""export: tables into a folder, the ledger as a journal for other programs, the log as a file that verifies by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from goodword.app import see
from goodword.cli.run import WORKSPACE, fail, go, opened, operator
from goodword.outbound import folder


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


def _table(name: str, told: str) -> None:
    """Add the command that writes a table into a folder."""

    @export.command(
        name,
        help=f"Write {told} into a folder, as CSV or Parquet: all of them, and when it is run again those that changed since.\n\n"
        "Each row says at which position of the log it changed last, and manifest.json up to which position the table is there."
        " Amounts are whole minor units, times UTC; persons are ids, unless --names.",
    )
    @WORKSPACE
    @click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder.")
    @click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
    @click.option(
        "--after", type=click.IntRange(min=0), help="Behind which position; without it, behind what the folder has."
    )
    @click.option("--names", is_flag=True, help="With what you call the persons, in columns of their own.")
    def command(ws: str | None, out: Path, form: folder.Format, after: int | None, names: bool) -> None:
        async def run() -> None:
            async with opened() as directory:
                who = await operator(directory, ws)
                held = folder.manifest(out, who.workspace.id)
                behind = folder.behind(held, name, after)
                async with getattr(see.exports, name)(who, directory, behind, names=names) as table:
                    held, file = await folder.write(out, held, table, form)
                reached = f"up to position {held.tables[name].position}"
                click.echo(
                    f"{name}: {file.rows:,} rows in {file.name}, {reached}"
                    if file
                    else f"{name}: nothing new, {reached}"
                )

        try:
            go(run())
        except folder.FolderError as error:
            fail(str(error))


for _name, _told in {
    "rewards": "rewards",
    "referrals": "referrals",
    "conversions": "orders and other conversions",
    "clicks": "clicks",
    "figures": "the figures of each day",
}.items():
    _table(_name, _told)
