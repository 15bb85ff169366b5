"""play: a file of events through the real HTTP ingestion into a new sandbox, and what the server makes of it."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec

from goodword.app import say
from goodword.app.principal import OPERATOR
from goodword.cli import feed
from goodword.cli.client import ApiError, Client
from goodword.cli.rules import RULES, checked
from goodword.cli.run import fail, go, opened, settings
from goodword.core import calendar, money
from goodword.wiring import running, serving

_OWNER = "play@sandbox.example"
_LOOK = 0.2  # seconds between looks at the progress
_TIMEOUT = 120.0


@click.command()
@click.argument("file", type=RULES)
@click.option("--program", "rules", required=True, type=RULES, metavar="RULES", help="The rule file to decide by.")
@click.option("--url", help="A server that runs; without it one is started on a free port.")
@click.option("--key", help="An owner's key of that server; without it the workspace is made by the settings.")
@click.option("--clients", type=click.IntRange(1, 64), default=1, show_default=True, help="Senders at a time.")
@click.option("--shuffle", type=int, metavar="SEED", help="Interleave customers and move repeats, by this seed.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def play(
    file: Path, rules: Path, url: str | None, key: str | None, clients: int, shuffle: int | None, as_json: bool
) -> None:
    """Send a FILE of events into a new sandbox and show what they come to.

    FILE has one native event a line, oldest first, plain or gzip. The sandbox's clock follows the events; the rules are
    published at the file's first time. Events go over HTTP; the summary is read from the server after the last decision.
    """
    if key and not url:
        raise click.UsageError("--key belongs to --url")
    checked(rules)
    document = {"document": rules.read_text(encoding="utf-8"), "name": rules.name}
    try:
        traffic = feed.read(file)
        starts_at = calendar.parse(traffic.starts_at)
    except (feed.FeedError, ValueError) as error:
        fail(str(error))
    lines = traffic.lines if shuffle is None else feed.shuffled(traffic.lines, shuffle)
    try:
        summary = go(_play(lines, starts_at, document, url, key, clients))
    except httpx.TransportError as error:
        fail(f"{url or 'the server'} does not answer ({error}): is goodword serve running there?")
    except (feed.FeedError, ApiError, httpx.HTTPError) as error:
        fail(str(error) or type(error).__name__)
    summary = {"events_in_file": len(lines), **summary}
    click.echo(msgspec.json.format(msgspec.json.encode(summary)).decode() if as_json else _table(summary))


async def _play(
    lines: list[feed.Line], starts_at: int, rules: dict[str, str], url: str | None, key: str | None, clients: int
) -> dict[str, Any]:
    async with (
        _sandbox(url, key, starts_at) as (base, owner, write),
        Client(base, owner, timeout=_TIMEOUT) as api,
        Client(base, write, timeout=_TIMEOUT) as events,
    ):
        await api.post("/v1/programs", rules, key=str(uuid.uuid4()))
        with click.progressbar(length=len(lines), label="sending ", file=sys.stderr) as bar:
            statuses = await feed.send(events.http, lines, clients, bar.update)
        for status in ("invalid", "conflict"):
            if statuses.get(status):
                click.echo(f"warning: {statuses[status]} events were answered {status}", err=True)
        await _decided(api)
        return await api.get("/v1/reports/summary")


async def _decided(api: Client) -> None:
    """Wait until nothing waits to be decided, and what follows the log has taken it all."""
    progress = await api.get("/v1/reports/progress")
    with click.progressbar(length=max(progress["waiting"], 1), label="deciding", file=sys.stderr) as bar:
        waiting = progress["waiting"]
        while progress["waiting"] or progress["behind"]:
            await asyncio.sleep(_LOOK)
            progress = await api.get("/v1/reports/progress")
            bar.update(max(0, waiting - progress["waiting"]))
            waiting = progress["waiting"]
        bar.update(1)
    if progress["set_aside"]:
        click.echo(f"warning: {progress['set_aside']} events are set aside", err=True)


@asynccontextmanager
async def _sandbox(url: str | None, key: str | None, starts_at: int) -> AsyncIterator[tuple[str, str, str]]:
    """A new workspace whose clock follows its events: the server's address, the owner's key, a write key."""
    async with AsyncExitStack() as stack:
        if url and key:
            async with Client(url, key, timeout=_TIMEOUT) as api:
                wanted = {"name": "play", "clock": "events", "starts_at": calendar.text(starts_at)}
                made = await api.post("/v1/workspaces", wanted)
            yield url, made["owner_key"], made["write_key"]
            return
        if url:
            directory = await stack.enter_async_context(opened())
        else:
            goodword = await stack.enter_async_context(running(settings()))
            url = await stack.enter_async_context(serving(goodword, "127.0.0.1", 0))
            directory = goodword.directory
        created = await say.workspaces.create(OPERATOR, directory, "play", _OWNER, clock="events", starts_at=starts_at)
        yield url, created.owner_key, created.write_key


def _table(summary: dict[str, Any]) -> str:
    advocates, friends = summary["advocate_rewards"], summary["friend_rewards"]
    rows = [
        ("events", f"{summary['distinct_events']:,} of {summary['events_in_file']:,} in the file"),
        ("conversions", f"{summary['conversions']:,}, {summary['refunds']:,} refunds"),
        ("leads", f"{summary['leads']:,}, {summary['attributed_leads']:,} attributed"),
        ("qualifying", f"{summary['qualifying_conversions']:,}, {summary['monthly_cap_refusals']:,} refused by a cap"),
        ("advocates earn", f"{_amount(advocates['net'])} net in {advocates['count']:,} rewards"),
        ("friends earn", f"{_amount(friends['net'])} net in {friends['count']:,} rewards"),
        ("workspace", f"play ({summary['workspace']})"),
    ]
    return "\n".join(f"  {name:15} {text}" for name, text in rows)


def _amount(minor: int) -> str:
    return money.decimal(minor, "")
