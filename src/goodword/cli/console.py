"""console: links by which members sign in, and what helps who lost their phone."""

from __future__ import annotations

import click

from goodword.app import say
from goodword.cli import served
from goodword.cli.keys import member_of
from goodword.cli.run import WORKSPACE, as_owner, go, opened, said, settings
from goodword.sources.identity import canonical_email


@click.group()
def console() -> None:
    """Pages for staff: a link that signs a member in, and the way back for who lost their phone."""


@console.command()
@click.argument("mail", metavar="MAIL")
@WORKSPACE
def link(mail: str, ws: str | None) -> None:
    """Print a link that signs the member with the address MAIL in, once, within 15 minutes.

    Whoever opens it is that member: give it to nobody else.
    """
    canonical = _canonical(mail)
    config = settings()
    at = None if config.public else served.address(config.home)  # another port than the usual one, perhaps

    async def run() -> str:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            token = await say.sessions.link(who, directory, await member_of(who, directory, canonical))
            return f"{at or directory.engine.url}/console/in/{token}"

    click.echo(go(run()))


@console.command()
@click.argument("mail", metavar="MAIL")
@WORKSPACE
def forget(mail: str, ws: str | None) -> None:
    """Take password and second factor of the member with the address MAIL away, and end their sessions.

    For who lost their phone and their recovery codes. Said in the name of the workspace's first owner; the log keeps it. After that a
    link signs them in.
    """
    canonical = _canonical(mail)

    async def run() -> None:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            said(await say.account.forget(who, directory, await member_of(who, directory, canonical)))

    go(run())
    click.echo(f"{mail} has neither password nor second factor any more: goodword console link {mail} signs them in")


def _canonical(mail: str) -> str:
    canonical = canonical_email(mail)
    if canonical is None:
        raise click.BadParameter(f"{mail!r} is no mail address", param_hint="MAIL")
    return canonical
