"""member add, confirm: done by whoever holds the database, the first in the name of the workspace's first owner."""

from __future__ import annotations

import re

import click
import msgspec

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.cli.run import WORKSPACE, as_owner, fail, go, opened, operator, said
from goodword.core.access import ROLES
from goodword.sources.identity import canonical_email

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

    Without --program they work with all programs, later ones too. Said in the name of the workspace's first owner. Who never had a
    key gets one; `goodword keys create MAIL` makes others. What gives somebody more waits until another owner confirms it, and who
    is new counts as the owner who made them until then, or until they sign in with a password that they set behind a link in their
    mail: `goodword member confirm MAIL` confirms it too.
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
        elif made.entry.verdicts[0].outcome == "second_person_needed":
            click.echo(f"member {made.member}: waits for another owner, or for `goodword member confirm {email}`")
        elif made.key:
            click.echo(f"member {made.member}: {', '.join(roles)}\n\n  key, shown this once:  {made.key}")
        else:
            kept = f"the key they have stays; if it is lost: goodword keys create {email}"
            click.echo(f"member {made.member}: {', '.join(roles)}; {kept}")

    go(run())


@member.command("confirm")
@click.argument("email", metavar="MAIL")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print id and key as JSON.")
def confirm(email: str, ws: str | None, as_json: bool) -> None:
    """Confirm what waits about a member: that they are a person of their own, with the roles and limits that were asked for.

    For a company with one owner, who cannot be the second person. It stands in the log as said by the holder of the database.
    """
    mail = canonical_email(email)
    if mail is None:
        raise click.BadParameter(f"{email!r} is no mail address", param_hint="MAIL")

    async def run() -> None:
        async with opened() as directory:
            who = await operator(directory, ws)
            change = await see.changes.about(who, directory, mail)
            made = await say.changes.decide(who, directory, change.id, "confirmed")
        said(made.entry)
        if as_json:
            click.echo(msgspec.json.encode({"id": made.member, "key": made.key}).decode())
            return
        asked = change.to
        limits = "no limits" if asked["limits"] is None else ", ".join(f"{u}={n}" for u, n in asked["limits"].items())
        key = f"\n\n  key, shown this once:  {made.key}" if made.key else ""
        click.echo(f"member {made.member} is confirmed: {', '.join(asked['roles'])}; {limits or 'limits of zero'}{key}")

    go(run())


def _limit(text: str) -> tuple[str, int]:
    match = _LIMIT.fullmatch(text)
    if match is None:
        expected = f"{text!r}: expected UNIT=AMOUNT in minor units, such as EUR=50000"
        raise click.BadParameter(expected, param_hint="--limit")
    return match[1], int(match[2])
