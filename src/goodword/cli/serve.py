"""serve, worker, migrate: what runs an installation."""

from __future__ import annotations

import asyncio
import logging
import signal

import click

from goodword import telemetry
from goodword.cli.run import go, settings
from goodword.collector import settle
from goodword.wiring import database, running, serving
from goodword.worker import run_alone

_log = logging.getLogger(__name__)


@click.command()
@click.option("--no-worker", is_flag=True, help="Serve only; a worker runs elsewhere.")
def serve(no_worker: bool) -> None:
    """Serve HTTP and work: ingestion, redirects, the API, and the worker in the same process."""

    async def run() -> None:
        found = settings()
        telemetry.configure(found.log_level, found.log_format)
        async with running(found, work=not no_worker) as goodword, serving(goodword, found.host, found.port) as url:
            settle()
            click.echo(f"goodword serves {url}  ·  API {url}/docs  ·  Ctrl-C ends")
            _log.info("serves %s", url)
            await stopped()
            _log.info("ends")
            goodword.worker.stop()  # while open requests end

    go(run())


@click.command()
def worker() -> None:
    """Work without serving: decide, fire timers, send payouts, sign heads. Any number may run."""

    async def run() -> None:
        found = settings()
        telemetry.configure(found.log_level, found.log_format)
        async with running(found, work=False) as goodword:
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


async def stopped() -> None:
    """Wait for SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
