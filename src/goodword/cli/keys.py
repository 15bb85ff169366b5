"""keys: the master key, which wraps all others."""

from __future__ import annotations

import click

from goodword.app.rotation import rotate as rotated
from goodword.cli.run import go, opened


@click.group()
def keys() -> None:
    """The master key, which wraps all other keys."""


@keys.command()
def rotate() -> None:
    """Wrap all keys under the present master key: safe while Goodword serves, to repeat, and to interrupt.

    First give every process the new key as GOODWORD_MASTER_KEY and the old one in GOODWORD_PREVIOUS_MASTER_KEYS (without
    these: rename keys/master.key to keys/previous.key; a new one is made) and start them again. Then run this. When it has
    ended, the old key can go.
    """

    async def run() -> None:
        async with opened() as directory:
            async for done in rotated(directory):
                click.echo(
                    f"{done.workspace}: {done.own} keys of its own and {done.persons:,} of persons wrapped again"
                )
        click.echo("every key is wrapped under the present master key; the previous one can go")

    go(run())
