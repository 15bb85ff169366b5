"""program publish, rules check: rule files."""

from __future__ import annotations

import time
from pathlib import Path

import click

from goodword.app import say
from goodword.cli.run import as_owner, go, opened, said
from goodword.core import rules as core_rules
from goodword.sources import rule_file
from goodword.sources.rule_file import RuleFileErrors

RULES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def program() -> None:
    """Programs: sets of reward rules with versions."""


@program.command("publish")
@click.argument("file", type=RULES)
@click.option("--workspace", "ws", metavar="ID", help="Which workspace; may be left out if there is one only.")
def publish(file: Path, ws: str | None) -> None:
    """Publish a rule FILE: its version holds from now on. Said in the name of the workspace's first owner."""
    rules_of = checked(file)
    data = file.read_bytes()

    async def run() -> None:
        async with opened() as directory:
            entry = await say.programs.publish(await as_owner(directory, ws), directory, data, file.name)
        said(entry)
        _warn(rules_of)
        version = next(step.values for verdict in entry.verdicts for step in verdict.steps if step.code == "version")
        click.echo(f"published {entry.verdicts[0].subject}, version {version['rules']}")

    go(run())


@click.group()
def rules() -> None:
    """Rule files, YAML or JSON."""


@rules.command("check")
@click.argument("file", type=RULES)
def check(file: Path) -> None:
    """Say everything that is wrong in a rule FILE, each with its place and what was expected, if it were published today."""
    found = checked(file, time.time_ns() // 1_000)
    _warn(found)
    click.echo(f"{file.name}: fine, program {found.program}, version {_version(found)}")


def checked(file: Path, at: int | None = None) -> core_rules.Rules:
    """The rules of a file, looked at as published ``at`` an instant; a wrong one ends the program with all its errors.

    Without an instant only publishing, by the workspace's own clock, tells whether their currencies are in use.
    """
    try:
        return rule_file.read(file.read_bytes(), file.name, at)
    except RuleFileErrors as error:
        raise click.ClickException(str(error)) from None


def _warn(found: core_rules.Rules) -> None:
    for doubt in rule_file.doubts(found):
        click.echo(f"warning: {doubt.path} {doubt.text}", err=True)


def _version(found: core_rules.Rules) -> str:
    return core_rules.version(core_rules.document(found)).hash
