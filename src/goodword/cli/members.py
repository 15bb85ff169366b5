"""workspace create, member add: done by whoever holds the database, for those who will only have keys."""

from __future__ import annotations

import re

import click
import msgspec

from goodword.app import say
from goodword.app.errors import InvalidError
from goodword.app.principal import OPERATOR
from goodword.cli.run import as_owner, fail, go, opened, said
from goodword.core.access import ROLES
from goodword.sources.identity import canonical_email

_LIMIT = re.compile(r"([A-Z]{3}|points:prg_[0-9A-Z]{26})=([0-9]{1,15})")


@click.group()
def workspace() -> None:
    """Workspaces: one company's environment, live or sandbox."""


@workspace.command("create")
@click.argument("name")
@click.option("--owner", required=True, metavar="EMAIL", help="The first owner, who gets a key of their own.")
@click.option(
    "--mode", type=click.Choice(["live", "sandbox"]), default=None, help="live with the real clock, by default."
)
@click.option("--clock", type=click.Choice(["real", "manual", "events"]), default="real", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print id and keys as JSON.")
def create(name: str, owner: str, mode: str | None, clock: str, as_json: bool) -> None:
    """Make a workspace and print its keys, which are shown this once."""
    mail = canonical_email(owner)
    if mail is None:
        raise click.BadParameter(f"{owner!r} is no mail address", param_hint="--owner")
    if mode == "live" and clock != "real":
        raise click.UsageError("a live workspace has the real clock; --clock is for sandboxes")
    chosen = "live" if (mode or ("live" if clock == "real" else "sandbox")) == "live" else "sandbox"

    async def run() -> None:
        async with opened() as directory:
            made = await say.workspaces.create(
                OPERATOR, directory, name, mail, mode="live" if chosen == "live" else "sandbox", clock=clock
            )
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(made)).decode())
            return
        click.echo(f"workspace {made.id} ({chosen}, {clock} clock). The keys are shown this once:\n")
        for line in ("owner_key", "secret_key", "write_key", "publishable_key"):
            click.echo(f"  {line:16} {getattr(made, line)}")

    go(run())


@click.group()
def member() -> None:
    """Members: people of the company, with roles, limits and keys of their own."""


@member.command("add")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)))
@click.option(
    "--limit", "limits", multiple=True, metavar="UNIT=AMOUNT", help="Alone at most, in minor units: EUR=50000."
)
@click.option(
    "--program", "programs", multiple=True, metavar="PROGRAM", help="An id or slug; they see and decide this alone."
)
@click.option("--workspace", "ws", metavar="ID", help="Which workspace; may be left out if there is one only.")
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

    Without --program they work with all programs, later ones too. Said in the name of the workspace's first owner.
    """
    allowed = dict(map(_limit, limits)) or None

    async def run() -> None:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                made = await say.members.set_member(who, directory, email, roles, allowed, programs=programs)
            except InvalidError:
                fail(f"{email!r} is no mail address")
        said(made.entry)
        if as_json:
            click.echo(msgspec.json.encode({"id": made.member, "key": made.key}).decode())
        else:
            click.echo(f"member {made.member}: {', '.join(roles)}" + (f"\n\n  key  {made.key}" if made.key else ""))

    go(run())


def _limit(text: str) -> tuple[str, int]:
    found = _LIMIT.fullmatch(text)
    if found is None:
        expected = f"{text!r}: expected UNIT=AMOUNT in minor units, such as EUR=50000"
        raise click.BadParameter(expected, param_hint="--limit")
    return found[1], int(found[2])
