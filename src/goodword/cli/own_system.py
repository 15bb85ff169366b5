"""own-system: which system of the company books rewards, in the name of the workspace's first owner."""

from __future__ import annotations

import sys

import click
import msgspec

from goodword.app import say, see
from goodword.cli.run import WORKSPACE, by_owner, fail
from goodword.outbound.rails.own import SYSTEMS


@click.group("own-system")
def own_system() -> None:
    """The shop or loyalty engine of yours that books rewards over the rail own_system. A worker calls it."""


@own_system.command("show")
@WORKSPACE
def show(ws: str | None) -> None:
    """Show which it is, and how many payouts wait for it, as JSON."""
    found = by_owner(ws, see.own_system.one)
    if found is None:
        fail("no system of your own was named: goodword own-system connect")
    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())


@own_system.command()
@click.argument("address", required=False, default="")
@click.option("--kind", type=click.Choice(list(SYSTEMS)), default="signed", help="How it is called.")
@click.option(
    "--same-system", is_flag=True, help="It knows what was sent to the one of before: another address or key."
)
@WORKSPACE
def connect(address: str, kind: str, same_system: bool, ws: str | None) -> None:
    """Have the system at ADDRESS book rewards from now on; print the secret that signs requests, this once.

    Of a kind that is asked with a key of its own, that is read from the standard input.
    """
    key = ""
    if SYSTEMS[kind].key is not None:
        key = click.prompt("key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    secret = by_owner(ws, say.own_system.connect, kind, address=address, key=key, same_system=same_system)
    click.echo(f"its secret, shown this once:\n\n  {secret}" if secret else f"{kind} books from now on")


@own_system.command()
@WORKSPACE
def secret(ws: str | None) -> None:
    """Make a new secret and print it, this once. For a day requests are signed with the old one too."""
    click.echo(by_owner(ws, say.own_system.exchange))


@own_system.command()
@WORKSPACE
def end(ws: str | None) -> None:
    """Have nothing booked any more; what is released waits for another system."""
    by_owner(ws, say.own_system.end)
    click.echo("nothing is booked over own_system from now on")
