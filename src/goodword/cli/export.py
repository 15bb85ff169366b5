"""export hledger: the ledger as a journal that hledger checks and balances."""

from __future__ import annotations

import sys

import click

from goodword.app import hledger
from goodword.cli.run import go, opened, workspace_of


@click.group()
def export() -> None:
    """Take data out."""


@export.command("hledger")
@click.option("--workspace", "ws", metavar="ID", help="Which workspace; may be left out if there is one only.")
def export_hledger(ws: str | None) -> None:
    """Print the journal: a transaction a posting, accounts class:program:owner, currencies with their decimal places."""

    async def run() -> None:
        async with opened() as directory:
            found = await workspace_of(directory, ws)
            async for piece in hledger.journal(directory.pool, found.id):
                sys.stdout.write(piece)

    go(run())
