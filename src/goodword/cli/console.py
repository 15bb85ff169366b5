"""console: links by which members sign in."""

from __future__ import annotations

import click

from goodword.app import say
from goodword.cli import served
from goodword.cli.keys import member_of
from goodword.cli.run import WORKSPACE, as_owner, go, opened, settings
from goodword.sources.identity import canonical_email


@click.group()
def console() -> None:
    """Pages for staff: link prints a link that signs a member in."""


@console.command()
@click.argument("mail", metavar="MAIL")
@WORKSPACE
def link(mail: str, ws: str | None) -> None:
    """Print a link that signs the member with the address MAIL in, once, within 15 minutes.

    Whoever opens it is that member: give it to nobody else.
    """
    canonical = canonical_email(mail)
    if canonical is None:
        raise click.BadParameter(f"{mail!r} is no mail address", param_hint="MAIL")

    config = settings()
    at = None if config.public else served.address(config.home)  # another port than the usual one, perhaps

    async def run() -> str:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            token = await say.sessions.link(who, directory, await member_of(who, directory, canonical))
            return f"{at or directory.engine.url}/console/in/{token}"

    click.echo(go(run()))
