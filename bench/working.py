"""A worker that does the bench's own kind of job: ``working.py DSN HUNG WITHIN``. The receiver of the workspace HUNG never answers.

It is the product's worker with a kind of job more; a call takes its time on the loop, as one over a network does.
"""

import asyncio
import sys
from collections.abc import Sequence

import uvloop

from goodword.app.engine import Engine
from goodword.app.follow.kinds import Kind, Queue
from goodword.store.jobs import Leased
from goodword.store.pool import open_pool
from goodword.store.vault import MasterKey, Vault, new_key
from goodword.worker import Worker, run_alone

KIND, QUEUE = "bench.call", "bench"
_ANSWERS = 0.02  # seconds that a receiver takes


async def _work(dsn: str, hung: str, within: float) -> None:
    async def call(ws: str, _: Sequence[Leased]) -> dict[Leased, Exception]:
        if ws == hung:
            await asyncio.Event().wait()
        await asyncio.sleep(_ANSWERS)
        return {}

    async with await open_pool(dsn) as pool:
        kind = Kind(call, Queue(QUEUE), within=within, most=50)
        worker = Worker(Engine(pool), Vault(MasterKey(new_key())), {KIND: kind})
        print("ready", flush=True)
        await run_alone(worker)


if __name__ == "__main__":
    uvloop.run(_work(sys.argv[1], sys.argv[2], float(sys.argv[3])))
