"""webhook: where what is decided is told, in the name of the workspace's first owner."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from goodword import words
from goodword.app import say, see
from goodword.cli.run import WORKSPACE, by_owner, table
from goodword.core import calendar, notices

_ID = click.argument("webhook", metavar="WEBHOOK")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
_MOST = 500


@click.group()
def webhook() -> None:
    """Webhooks: addresses that are told what is decided. A worker sends; WEBHOOK is an id as `list` shows it (whk_...)."""


@webhook.command("list")
@WORKSPACE
@_JSON
def show(ws: str | None, as_json: bool) -> None:
    """Show the endpoints, how far each was told the log, and how many deliveries wait or were given up."""
    found = by_owner(ws, see.webhooks.every)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    rows = [
        (it.id, it.reason or it.status, f"{it.position} of {it.end}", str(it.waiting), str(it.dead), it.url)
        for it in found
    ]
    click.echo(table(("id", "state", "told", "waiting", "given up", "address"), rows))


@webhook.command()
def types() -> None:
    """Show the types of messages, and what each tells."""
    click.echo(table(("type", "tells"), [(name, words.notice(name)) for name in notices.KINDS]))


@webhook.command("create")
@click.argument("url")
@click.option(
    "--type", "wanted", multiple=True, help="A type of message that it gets; all without. May be given often."
)
@click.option("--program", "programs", multiple=True, help="A program that it is limited to. May be given often.")
@click.option("--description", default="", help="What it is for.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print id and secret as JSON.")
def create(
    url: str, wanted: tuple[str, ...], programs: tuple[str, ...], description: str, ws: str | None, as_json: bool
) -> None:
    """Have URL told what is decided from now on; print the secret that it is signed with, this once."""
    said: dict[str, Any] = {"types": wanted or None, "programs": programs, "description": description}
    id_, secret = by_owner(ws, say.webhooks.make, url, **said)
    if as_json:
        click.echo(msgspec.json.encode({"id": id_, "secret": secret}).decode())
    else:
        click.echo(f"{id_}, its secret shown this once:\n\n  {secret}")


@webhook.command()
@_ID
@WORKSPACE
def secret(webhook: str, ws: str | None) -> None:
    """Make a new secret and print it, this once. For a day what is sent is signed with the old one too."""
    click.echo(by_owner(ws, say.webhooks.exchange, webhook))


@webhook.command()
@_ID
@WORKSPACE
def pause(webhook: str, ws: str | None) -> None:
    """Tell WEBHOOK nothing for now."""
    by_owner(ws, say.webhooks.move, webhook, "paused")
    click.echo(f"{webhook} is paused; `goodword webhook resume {webhook}` lets it go on where it was")


@webhook.command()
@_ID
@WORKSPACE
def resume(webhook: str, ws: str | None) -> None:
    """Let WEBHOOK go on where it was."""
    by_owner(ws, say.webhooks.move, webhook, "active")
    click.echo(f"{webhook} goes on")


@webhook.command()
@_ID
@WORKSPACE
def end(webhook: str, ws: str | None) -> None:
    """End WEBHOOK; what waits for it is not sent."""
    by_owner(ws, say.webhooks.end, webhook)
    click.echo(f"{webhook} has ended")


@webhook.command()
@_ID
@click.option("--position", type=click.IntRange(min=1), help="From this entry of the log on.")
@click.option("--since", metavar="TIME", help="From this time of the workspace's clock on, as 2026-11-29T08:00:00Z.")
@WORKSPACE
def replay(webhook: str, position: int | None, since: str | None, ws: str | None) -> None:
    """Tell WEBHOOK once more what was decided, with the same ids."""
    try:
        at = calendar.parse(since) if since is not None else None
    except ValueError:
        raise click.BadParameter(f"{since!r} is no time, such as 2026-11-29T08:00:00Z", param_hint="--since") from None
    first = by_owner(ws, say.webhooks.replay, webhook, position=position, since=at)
    click.echo(f"{webhook} is told once more what was decided from position {first} on")


@webhook.command("test")
@_ID
@WORKSPACE
def try_(webhook: str, ws: str | None) -> None:
    """Send a test to WEBHOOK; `goodword webhook deliveries` shows what came of it."""
    click.echo(f"{by_owner(ws, say.webhooks.try_, webhook)} is sent as soon as a worker comes to it")


@webhook.command()
@_ID
@click.option(
    "--state", type=click.Choice(see.webhooks.STATES), help="Those alone that wait, were given up, or arrived."
)
@WORKSPACE
def deliveries(webhook: str, state: str | None, ws: str | None) -> None:
    """Show what came of deliveries to WEBHOOK, the newest first."""
    found = by_owner(ws, see.webhooks.deliveries, webhook, state=state, limit=_MOST)
    click.echo(table(("id", "type", "position", "state", "tries", "last", "answer"), [_row(it) for it in found.items]))


@webhook.command()
@_ID
@click.argument("message", required=False, default="")
@WORKSPACE
def again(webhook: str, message: str, ws: str | None) -> None:
    """Send MESSAGE to WEBHOOK once more, with its id; without one all that were given up."""
    many = by_owner(ws, say.webhooks.again, webhook, message)
    click.echo(f"{many} sent once more, as soon as a worker comes to it")


def _row(it: see.webhooks.Delivery) -> tuple[str, ...]:
    said = " ".join(filter(None, [str(it.status or ""), it.answer]))
    return it.id, it.type, str(it.position), it.state, str(it.attempts), calendar.text(it.last_at)[:19], said[:60]
