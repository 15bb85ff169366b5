"""serve, worker, migrate: what runs an installation."""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack

import click

from goodword import telemetry
from goodword.cli import served
from goodword.cli.run import fail, go, settings
from goodword.collector import settle
from goodword.wiring import database, running, serving
from goodword.worker import run_alone

_log = logging.getLogger(__name__)


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on, in place of GOODWORD_HOST.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port to listen on, in place of GOODWORD_PORT; 0 takes a free one."
)
@click.option("--no-worker", is_flag=True, help="Serve only; a worker runs elsewhere.")
def serve(host: str | None, port: int | None, no_worker: bool) -> None:
    """Serve HTTP and work: ingestion, redirects, the API, and the worker in the same process."""
    given = {"GOODWORD_HOST": host, "GOODWORD_PORT": None if port is None else str(port)}

    async def run() -> None:
        config = settings(**{name: value for name, value in given.items() if value is not None})
        telemetry.configure(config.log_level, config.log_format)
        other = served.by(config.home)
        try:
            async with AsyncExitStack() as stack:
                goodword = await stack.enter_async_context(running(config, work=not no_worker))
                listening = await stack.enter_async_context(serving(goodword, config.host, config.port))
                if other:
                    click.echo(f"note: this home is served already: {other}; both decide its events", err=True)
                stack.enter_context(served.recorded(config.home, listening))
                settle()
                url = goodword.engine.url
                stop = stopping()
                click.echo(f"goodword serves {url}  ·  API {url}/docs  ·  Ctrl-C ends")
                _log.info("serves %s", listening)
                await stop.wait()
                _log.info("ends")
                goodword.worker.stop()  # while open requests end
        except OSError as error:
            if why := served.told_of(error, config, other):
                fail(why)
            raise

    go(run())


@click.command()
def worker() -> None:
    """Work without serving: decide, fire timers, send payouts, sign heads. Any number may run."""

    async def run() -> None:
        config = settings()
        telemetry.configure(config.log_level, config.log_format)
        async with running(config, work=False) as goodword:
            settle()
            _log.info("works")
            await run_alone(goodword.worker)

    go(run())


@click.command()
def migrate() -> None:
    """Bring the database up to date; safe to repeat."""

    async def run() -> None:
        async with database(settings()):
            click.echo("the database is up to date")

    go(run())


def stopping() -> asyncio.Event:
    """Return what SIGINT or SIGTERM sets from now on: to be called before anybody is told that something runs."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
