"""The command line: one file a verb, words in, words out. Must not know: SQL, rules."""

from __future__ import annotations

import logging

import click

from goodword import __version__
from goodword.cli.audit import replay, verify
from goodword.cli.backup import backup, restore
from goodword.cli.demo import demo
from goodword.cli.doctor import doctor
from goodword.cli.explain import explain
from goodword.cli.export import export
from goodword.cli.keys import keys
from goodword.cli.members import member, workspace
from goodword.cli.play import play
from goodword.cli.programs import program, rules
from goodword.cli.quarantine import quarantine
from goodword.cli.serve import migrate, serve, worker

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="goodword")
def main() -> None:
    """Referral rewards that are explained, approved by people, paid, balanced and verifiable.

    Settings come from the environment: GOODWORD_HOME (an embedded PostgreSQL lives there) or DATABASE_URL, and more.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)


for command in (
    demo,
    serve,
    worker,
    migrate,
    workspace,
    member,
    program,
    rules,
    play,
    explain,
    replay,
    verify,
    export,
    quarantine,
    keys,
    backup,
    restore,
    doctor,
):
    main.add_command(command)
