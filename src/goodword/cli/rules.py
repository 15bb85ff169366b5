"""rules check: rule files, looked at without any database. Imports little, so that an editor may call it at each save."""

from __future__ import annotations

import time
from pathlib import Path

import click

from goodword.core import rules as core_rules
from goodword.sources import rule_file
from goodword.sources.rule_file import RuleFileErrors

RULES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def rules() -> None:
    """Rule files, YAML or JSON."""


@rules.command("check")
@click.argument("file", type=RULES)
def check(file: Path) -> None:
    """Say everything that is wrong in a rule FILE, each with its line, its place and what was expected, if published today."""
    found = checked(file, time.time_ns() // 1_000)
    warn(file.name, found)
    version = core_rules.version(core_rules.document(found)).hash
    click.echo(f"{file.name}: fine, program {found.program}, version {version}")


def checked(file: Path, at: int | None = None) -> core_rules.Rules:
    """Return the rules of a file, looked at as published ``at`` an instant; a wrong one ends the program with all its errors.

    Without an instant only publishing, by the workspace's own clock, tells whether their currencies are in use.
    """
    try:
        return rule_file.read(file.read_bytes(), file.name, at)
    except RuleFileErrors as error:
        raise click.ClickException(str(error)) from None


def warn(name: str, found: core_rules.Rules) -> None:
    """Say what is right in the rules of a file with this name, and probably not meant."""
    if found.landing_url is None:
        click.echo(
            f"warning: {name}: no landing_url, so the program's links have no page of yours to lead to", err=True
        )
