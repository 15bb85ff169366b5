"""workspace create, list, host: done by whoever holds the database, for those who will only have keys."""

from __future__ import annotations

import os
from pathlib import Path

import click
import msgspec

from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import Created
from goodword.cli.run import WORKSPACE, as_owner, fail, go, opened, table
from goodword.core import calendar
from goodword.sources.identity import canonical_email
from goodword.store.workspaces import Listed

#: Field of a new workspace -> what its key is for, in a line; docs/keys.md says more.
KEYS = {
    "owner_key": "the owner's own: rules, members, approvals, payouts",
    "secret_key": "for your server: sends events, reads, enters payment details; approves and releases nothing",
    "write_key": "for what only sends events; it reads nothing",
    "publishable_key": "for pages, where all can see it: sends clicks and leads, which prove nothing",
}


@click.group()
def workspace() -> None:
    """Workspaces: one company's environment, live or sandbox."""


@workspace.command("create")
@click.argument("name")
@click.option(
    "--owner",
    "owners",
    required=True,
    multiple=True,
    metavar="MAIL",
    help="An owner, who gets a key of their own. Two of them are four eyes from the first day.",
)
@click.option(
    "--mode", type=click.Choice(["live", "sandbox"]), default=None, help="live with the real clock, by default."
)
@click.option("--clock", type=click.Choice(["real", "manual", "events"]), default="real", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print id and keys as JSON.")
@click.option(
    "--env",
    "file",
    type=click.Path(path_type=Path),
    help="Write id and keys to a new FILE that only you can read, as lines NAME=value, instead of printing them.",
)
def create(name: str, owners: tuple[str, ...], mode: str | None, clock: str, as_json: bool, file: Path | None) -> None:
    """Make a workspace and print its keys, which are shown this once; `goodword keys create` makes others."""
    mails = [_mail(owner) for owner in owners]
    if mode == "live" and clock != "real":
        raise click.UsageError("a live workspace has the real clock; --clock is for sandboxes")
    if as_json and file:
        raise click.UsageError("take --json or --env")
    chosen = "live" if (mode or ("live" if clock == "real" else "sandbox")) == "live" else "sandbox"

    async def run() -> Created:
        async with opened() as directory:
            try:
                return await say.workspaces.create(
                    OPERATOR,
                    directory,
                    name,
                    *mails,
                    mode="live" if chosen == "live" else "sandbox",
                    clock=clock,
                )
            except InvalidError as error:
                fail(str(error))

    about = f"({chosen}, {clock} clock)"
    if file:
        handle = _new(file)  # before there are keys: none is made that could not be written down
        try:
            made = go(run())
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        lines = [f"WORKSPACE={made.id}", *(f"{key.upper()}={getattr(made, key)}" for key in KEYS)]
        lines += [f"OWNER_KEY_{number}={key}" for number, key in enumerate(made.further_owner_keys, 2)]
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write("\n".join(lines) + "\n")
        click.echo(f"workspace {made.id} {name} {about}; its keys are in {file}")
        return
    made = go(run())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(made)).decode())
        return
    # In one piece: a reader that goes away after some lines, such as `head`, has been given all of them.
    lines = [f"workspace {made.id} {name} {about}. Its keys are shown this once; goodword keys create makes others:"]
    for key, purpose in KEYS.items():
        lines += [f"  {key:16} {purpose}", f"  {'':16} {getattr(made, key)}"]
    for number, key in enumerate(made.further_owner_keys, 2):
        lines += [f"  {f'owner_key_{number}':16} {KEYS['owner_key']}", f"  {'':16} {key}"]
    click.echo("\n".join(lines))


@workspace.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def show(as_json: bool) -> None:
    """Show all workspaces, the oldest first, and how many events wait in each to be decided."""

    async def run() -> list[Listed]:
        async with opened() as directory:
            return await see.workspaces.listed(OPERATOR, directory)

    workspaces = go(run())
    if as_json:
        items = [{**item._asdict(), "created_at": calendar.text(item.created_at)} for item in workspaces]
        click.echo(msgspec.json.format(msgspec.json.encode(items)).decode())
    elif workspaces:
        rows = [(o.id, o.name, o.mode, calendar.text(o.created_at)[:19] + "Z", str(o.waiting)) for o in workspaces]
        click.echo(table(("id", "name", "mode", "created", "waiting"), rows))
    else:
        click.echo("there is no workspace yet: make one with goodword workspace create NAME --owner MAIL")


def _mail(owner: str) -> str:
    mail = canonical_email(owner)
    if mail is None:
        raise click.BadParameter(f"{owner!r} is no mail address", param_hint="--owner")
    return mail


def _new(file: Path) -> int:
    """Make a file that is not there yet, for the caller's eyes only."""
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        fail(f"{file} is there already, perhaps with the keys of another workspace: name another file")
    except OSError as error:
        fail(f"{file}: {(error.strerror or str(error)).lower()}")


@workspace.command("host")
@click.argument("host", required=False)
@click.option("--remove", is_flag=True, help="Links at HOST work no more.")
@WORKSPACE
def host(host: str | None, remove: bool, ws: str | None) -> None:
    """Let links work at a HOST of the workspace's own, whose DNS leads here; without HOST list those there are.

    Links are given at the one that was set last: https://HOST/r/CODE. Said in the name of the workspace's first owner.
    """
    if remove and host is None:
        raise click.UsageError("--remove needs a HOST")

    async def run() -> list[str]:
        async with opened() as directory:
            who = await as_owner(directory, ws)
            try:
                if remove:
                    await say.hosts.remove(who, directory, str(host))
                elif host is not None:
                    await say.hosts.set_host(who, directory, host)
            except (ConflictError, InvalidError) as error:
                fail(str(error))
            return await see.hosts.every(who, directory)

    hosts = go(run())
    click.echo("\n".join(hosts) or "no host: links are /w/{workspace}/r/{code} at GOODWORD_URL")
