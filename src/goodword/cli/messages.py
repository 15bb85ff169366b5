"""message report, unknown, settle: messages to advocates of which a mail server reports, or of which nobody knows what became."""

from __future__ import annotations

import base64
from typing import IO

import click
import httpx

from goodword.app import see
from goodword.cli.client import ApiError, Client
from goodword.cli.remote import ask, server, tell
from goodword.cli.run import go, table
from goodword.sources.mail_reports import MOST_BYTES

#: What a mail server reads in an exit code (sysexits.h): keep the mail and try again; it is not as it should be.
_TRY_AGAIN, _WRONG = 75, 65
_SAYS = {
    "hard_bounce": "it came back for good",
    "soft_bounce": "it came back for now",
    "complaint": "its reader called it unwanted",
    "nothing": "nothing that changes anything",
}


@click.group()
def message() -> None:
    """Messages to advocates: what mail servers report of them, and those of which nobody knows whether they arrived."""


@message.command("report")
@click.argument("file", type=click.File("rb"))
@server
def report(file: IO[bytes], url: str, key: str) -> None:
    """Take a mail server's report on a message, the whole mail, from FILE; - reads standard input, as from a mail server's pipe.

    A write key is enough. Exit code 65 for what is no such report, else 75, so that a mail server tries again.
    """
    data = file.read(MOST_BYTES + 1)

    async def run() -> str:
        async with Client(url, key) as api:
            said = await api.post("/v1/messages/reports", {"report": base64.b64encode(data).decode()})
            return str(said["outcome"])

    try:
        click.echo(_SAYS[go(run())])
    except ApiError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(_WRONG if error.status == httpx.codes.UNPROCESSABLE_ENTITY else _TRY_AGAIN) from None
    except httpx.HTTPError as error:
        click.echo(f"Error: {url} does not answer: {error}", err=True)
        raise SystemExit(_TRY_AGAIN) from None


@message.command("unknown")
@server
def unknown(url: str, key: str) -> None:
    """List messages that somebody is to look at, the oldest first: unknown whether they arrived, refused, not sent for an hour."""
    its = ask(url, key, lambda api: api.get("/v1/messages"))["items"]
    if not its:
        click.echo("no message waits for you")
        return
    rows = [tuple(str(it[name] or "") for name in ("id", "status", "topic", "at", "reason")) for it in its]
    click.echo(table(("id", "what", "of", "since", "why"), rows))


@message.command("settle")
@click.argument("outcome", type=click.Choice(("arrived", "again", "leave")))
@click.argument("ids", metavar="MESSAGE...", nargs=-1, required=True)
@server
def settle(outcome: str, ids: tuple[str, ...], url: str, key: str) -> None:
    """Say what becomes of up to 100 MESSAGEs: they arrived, are sent once more (again), or are left. All of them, or none."""
    if len(ids) > see.messages.MOST:
        raise click.UsageError(f"At most {see.messages.MOST} at once.")
    said = {"outcome": outcome, "messages": list(ids)}
    done = ask(url, key, lambda api: api.post("/v1/messages/settlements", said))
    tell(verdict for it in done["items"] for verdict in it["verdicts"])
