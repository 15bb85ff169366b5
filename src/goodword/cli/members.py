"""member add: done by whoever holds the database, in the name of the workspace's first owner."""

from __future__ import annotations

import re

import click
import msgspec

from goodword.app import say
from goodword.app.errors import InvalidError
from goodword.cli.run import WORKSPACE, as_owner, fail, go, opened, said
from goodword.core.access import ROLES

_LIMIT = re.compile(r"([A-Z]{3}|points:[A-Za-z0-9_-]{1,63})=([0-9]{1,15})")


@click.group()
def member() -> None:
    """Members: people of the company, with roles, limits and keys of their own."""


@member.command("add")
@click.argument("email", metavar="MAIL")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)))
@click.option(
    "--limit", "limits", multiple=True, metavar="UNIT=AMOUNT", help="Alone at most, in minor units: EUR=50000."
)
@click.option(
    "--program", "programs", multiple=True, metavar="PROGRAM", help="An id or slug; they see and decide this alone."
)
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print id and key as JSON.")
def add(
    email: str,
    roles: tuple[str, ...],
    limits: tuple[str, ...],
    programs: tuple[str, ...],
    ws: str | None,
    as_json: bool,
) -> None:
    """Add a member, or change roles, limits and programs. Without --limit there is none; with one, other units are zero.

    Without --program they work with all programs, later ones too. Said in the name of the workspace's first owner. Who has no key
    gets one; `goodword keys create MAIL` makes others.
    """
    allowed = dict(map(_limit, limits)) or None

    async def run() -> None:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                made = await say.members.set_member(who, directory, email, roles, allowed, programs=programs)
            except InvalidError as error:
                fail(str(error))
        said(made.entry)
        if as_json:
            click.echo(msgspec.json.encode({"id": made.member, "key": made.key}).decode())
        elif made.key:
            click.echo(f"member {made.member}: {', '.join(roles)}\n\n  key, shown this once:  {made.key}")
        else:
            kept = f"the key they have stays; if it is lost: goodword keys create {email}"
            click.echo(f"member {made.member}: {', '.join(roles)}; {kept}")

    go(run())


def _limit(text: str) -> tuple[str, int]:
    match = _LIMIT.fullmatch(text)
    if match is None:
        expected = f"{text!r}: expected UNIT=AMOUNT in minor units, such as EUR=50000"
        raise click.BadParameter(expected, param_hint="--limit")
    return match[1], int(match[2])
