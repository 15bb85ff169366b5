"""The product's worker, which may send webhooks to this machine: ``telling.py DSN``, with the master key in the environment."""

import asyncio
import sys
from functools import partial

import uvloop
from testkit.house import environment_vault

from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.follow import webhooks
from goodword.outbound.webhooks import Sender
from goodword.store.pool import open_pool
from goodword.worker import Worker, run_alone


async def _work(dsn: str) -> None:
    async with await open_pool(dsn) as pool:
        vault = environment_vault()
        directory, sender = Directory(Engine(pool), vault, loopback=True), Sender(loopback=True)
        deliver = partial(webhooks.deliver, directory, sender)
        worker = Worker(directory.engine, vault, {}, deliver=deliver)
        print("ready", flush=True)
        await asyncio.gather(run_alone(worker))


if __name__ == "__main__":
    uvloop.run(_work(sys.argv[1]))
