"""mail show, set: which mail one gets oneself; said by a member with a key of their own."""

from __future__ import annotations

import click

from goodword.cli.remote import ask, server

_SAYS = {"off": "no mail", "digest": "a digest a day", "urgent": "a digest a day, and what is urgent at once"}


@click.group()
def mail() -> None:
    """Mail to yourself, as a member: a digest of what waits that you may act on, and what is urgent at once."""


@mail.command("show")
@server
def show(url: str, key: str) -> None:
    """Say which mail you get."""
    it = ask(url, key, lambda api: api.get("/v1/mail"))
    click.echo(
        _SAYS[it["wants"]] + ("" if it["sent"] else "; this installation sends no mail: GOODWORD_SMTP_URL is not set")
    )


@mail.command("set")
@click.argument("wants", type=click.Choice(list(_SAYS)))
@server
def set_(wants: str, url: str, key: str) -> None:
    """Say which mail you want from now on: off, digest, or urgent."""
    ask(url, key, lambda api: api.put("/v1/mail", {"wants": wants}))
    click.echo(_SAYS[wants])
