"""program publish: rules that hold from now on."""

from __future__ import annotations

from pathlib import Path

import click

from goodword.app import say
from goodword.cli.rules import RULES, checked, warn
from goodword.cli.run import WORKSPACE, as_owner, go, opened, said


@click.group()
def program() -> None:
    """Programs: sets of reward rules with versions."""


@program.command("publish")
@click.argument("file", type=RULES)
@WORKSPACE
def publish(file: Path, ws: str | None) -> None:
    """Publish a rule FILE: its version holds from now on. Said in the name of the workspace's first owner."""
    warn(file.name, checked(file))
    data = file.read_bytes()

    async def run() -> None:
        async with opened() as directory:
            entry = await say.programs.publish(await as_owner(directory, ws), directory, data, file.name)
        said(entry)
        version = next(step.values for verdict in entry.verdicts for step in verdict.steps if step.code == "version")
        click.echo(f"published {entry.verdicts[0].subject}, version {version['rules']}")

    go(run())
