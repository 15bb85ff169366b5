"""keys: API keys of workspaces and members, and the master key, which wraps all that are kept."""

from __future__ import annotations

import sys

import click
import msgspec

from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import OPERATOR, Principal
from goodword.app.rotation import rotate as rotated
from goodword.cli.run import WORKSPACE, as_owner, go, opened, table
from goodword.core import calendar
from goodword.sources.identity import canonical_email

#: What the command line calls the kinds of keys that belong to nobody in person.
_KINDS: dict[str, say.keys.Made] = {"secret": "sk", "write": "wk", "publishable": "pk", "portal": say.keys.PORTAL}
_NAMES: dict[str, str] = {
    "mk": "member",
    "hs": "signatures",
    "rk": "fetching",
    **{kind: name for name, kind in _KINDS.items()},
}


@click.group()
def keys() -> None:
    """API keys, of which only a hash is kept: list, create, revoke; secrets of other systems: hook. And the master key: rotate."""


@keys.command("list")
@WORKSPACE
@click.option("--all", "ended", is_flag=True, help="Show those that have ended too.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def show(ws: str | None, ended: bool, as_json: bool) -> None:
    """Show the keys of a workspace and of its members, the oldest first. Their texts are kept by nobody."""

    async def run() -> tuple[list[see.keys.Key], dict[str, see.members.Member]]:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            members = {member.member.id: member for member in await see.members.every(who, directory)}
            return await see.keys.every(who, directory), members

    listed, members = go(run())
    listed = [key for key in listed if ended or key.revoked_at is None]
    if as_json:
        items = [
            {
                **msgspec.structs.asdict(key),
                "created_at": calendar.text(key.created_at),
                "revoked_at": None if key.revoked_at is None else calendar.text(key.revoked_at),
                "email": _mail(members, key),
            }
            for key in listed
        ]
        click.echo(msgspec.json.format(msgspec.json.encode(items)).decode())
        return
    rows = [
        (
            key.id,
            _NAMES[key.kind],
            _mail(members, key) or key.name or key.source,
            ", ".join(members[key.member].member.roles) if key.member in members else "",
            calendar.text(key.created_at)[:10],
            "" if key.revoked_at is None else calendar.text(key.revoked_at)[:10],
        )
        for key in listed
    ]
    click.echo(table(("id", "for", "whose", "roles", "made", "ended"), rows))


@keys.command("create")
@click.argument("wanted", metavar="WHAT")
@click.option("--name", default="", help="What it is for, to know it again in the list.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print id and key as JSON.")
def create(wanted: str, name: str, ws: str | None, as_json: bool) -> None:
    """Make a key and print it, this once. WHAT is secret, write, publishable, portal, or the mail address of a member.

    portal is what your own app signs tokens with that open the portal for somebody (docs/howto/portal-sign-in.md).

    Keys that are there stay as they are: end one that was lost with `goodword keys revoke`.
    """
    kind = _KINDS.get(wanted)
    mail = None if kind else canonical_email(wanted)
    if kind is None and mail is None:
        expected = "secret, write, publishable, portal, or the mail address of a member"
        raise click.BadParameter(f"{wanted!r} is none of {expected}", param_hint="WHAT")

    async def run() -> tuple[str, str]:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            member = await member_of(who, directory, mail) if mail else None
            return await say.keys.make(who, directory, kind or "mk", member=member, name=name)

    id_, text = go(run())
    if as_json:
        click.echo(msgspec.json.encode({"id": id_, "key": text}).decode())
    else:
        click.echo(f"{id_}, for {wanted}, shown this once:\n\n  {text}")


@keys.command()
@click.argument("source")
@click.option("--name", default="", help="Which endpoint it is, to know it again in the list.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print id and address as JSON.")
def hook(source: str, name: str, ws: str | None, as_json: bool) -> None:
    """Hold a secret with which SOURCE (stripe, shopify, paddle …) signs what it sends here; print where to send to.

    It is read from the standard input.

    Secrets that are held stay: while one takes another's place both count. End the old one with `goodword keys revoke`. A key
    with which SOURCE is asked for what it only names (a restricted one of Stripe's, rk_..., one of Recurly's with a colon behind it) is
    held likewise, and told by its form; of these the newest counts.
    """
    secret = click.prompt("secret", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()

    async def run() -> tuple[str, str]:
        async with opened() as directory:
            id_, path = await say.keys.hook(await as_owner(directory, ws), directory, source, secret, name=name)
            return id_, directory.engine.url + path

    id_, url = go(run())
    if as_json:
        click.echo(msgspec.json.encode({"id": id_, "url": url}).decode())
    else:
        click.echo(f"{id_} is held for {source}, which sends to:\n\n  {url}")


@keys.command()
@click.argument("key")
@WORKSPACE
def revoke(key: str, ws: str | None) -> None:
    """End KEY, an id as `goodword keys list` shows it (key_...). Whoever uses it is refused within seconds."""

    async def run() -> None:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                await say.keys.revoke(who, directory, key)
            except UnknownError:
                raise LookupError(f"no key {key} that could be ended: goodword keys list shows their ids") from None

    go(run())
    click.echo(f"{key} has ended")


@keys.command()
def rotate() -> None:
    """Wrap all keys under the present master key: safe while Goodword serves, to repeat, and to interrupt.

    First give every process the new key as GOODWORD_MASTER_KEY and the old one in GOODWORD_PREVIOUS_MASTER_KEYS (without
    these: rename keys/master.key to keys/previous.key; a new one is made) and start them again. Then run this. When it has
    ended, the old key can go.
    """

    async def run() -> None:
        async with opened() as directory:
            names = {workspace.id: workspace.name for workspace in await see.workspaces.listed(OPERATOR, directory)}
            async for done in rotated(directory):
                click.echo(
                    f"{done.workspace} ({names.get(done.workspace, 'new')}): {done.own} keys of its own and"
                    f" {done.persons:,} of persons wrapped again"
                )
        click.echo("every key is wrapped under the present master key; the previous one can go")

    go(run())


async def member_of(who: Principal, directory: Directory, mail: str) -> str:
    """Return the id of the member with this mail address. Raises LookupError."""
    every = await see.members.every(who, directory)
    members = {member.mail: member.member.id for member in every if member.member.became is None}
    if mail not in members:
        raise LookupError(f"no member has the mail address {mail}: goodword member add {mail} --role ROLE makes one")
    return members[mail]


def _mail(members: dict[str, see.members.Member], key: see.keys.Key) -> str | None:
    return members[key.member].mail if key.member in members else None
