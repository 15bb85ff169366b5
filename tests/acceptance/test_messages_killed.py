"""kill -9 of workers in the midst of messages: each recipient gets at most one, as the mail server counts, and none is lost unseen.

With ``FULL=1`` it is 10,000 messages and ten workers.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from random import Random

from aiosmtpd.controller import Controller
from testkit import sent
from testkit.house import House, opened
from tests.app.test_messages import Desk

from goodword.app import see
from goodword.app.proof.audit import verify
from goodword.core.state import Letter

FULL = bool(os.environ.get("FULL"))
MESSAGES, WORKERS, KILLS = (10_000, 10, 60) if FULL else (120, 2, 3)
BAD = 40  # one of so many addresses is refused
PATIENCE = 10 if FULL else 0.5  # seconds
#: What a worker has locked now is left alone: the two would wait for each other.
FREED = """
with mine as (
  select ctid from job where leased_until is not null and queue = 'messages' for update skip locked
)
update job set leased_until = 0 where ctid in (select ctid from mine)
"""


def started(house: House, port: int) -> subprocess.Popen[bytes]:
    """Start a worker."""
    named = [sys.executable, "-m", "testkit.writing", house.database, house.ws, str(port)]
    return subprocess.Popen(named, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def left(house: House) -> int:
    """How many jobs of messages are not done."""
    [(number,)] = await house.rows(
        "select count(*) from job where workspace_id = $1 and queue = 'messages' and done_at is null"
    )
    return int(number)


async def test_each_gets_at_most_one_and_none_is_lost_unseen(database: str) -> None:
    """Workers die at any moment, and others take what they had in hand; bad addresses stop nobody."""
    random, desk = Random(7), Desk()  # noqa: S311 - no secret
    desk.refuses = {f"n{n}@mail.example": "550 no" for n in range(0, MESSAGES, BAD)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(desk, hostname="127.0.0.1", port=port)
    controller.start()
    async with opened(database) as house:
        await house.publish(messages={"topics": ["enrolled"]})
        for at in range(0, MESSAGES, 500):
            names = range(at, min(at + 500, MESSAGES))
            await house.send(*(sent.enrolled(f"e{n}", f"a{n}", f"code-{n}", email=f"n{n}@mail.example") for n in names))
            await house.decide()
        workers = [started(house, port) for _ in range(WORKERS)]
        try:
            kills, freed = 0, time.monotonic()
            while await left(house):
                await asyncio.sleep(random.uniform(0.2, 0.8))
                if desk.took and kills < KILLS:
                    place = random.randrange(WORKERS)
                    workers[place].kill()
                    workers[place].wait()
                    workers[place], kills = started(house, port), kills + 1
                # Nobody waits for the leases of the dead; those of the living are in two hands then. More often than a group
                # takes on a machine that is busy it is taken from each who has it, and nobody is ever done.
                if time.monotonic() >= freed + PATIENCE:
                    await house.pool.execute(FREED)
                    freed = time.monotonic()
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
            controller.stop()
        assert kills
        its = {it.person: it for it in await house.every(Letter)}
        assert len(its) == MESSAGES
        got = Counter(desk.to)
        assert max(got.values()) == 1
        became = Counter(it.status for it in its.values())
        assert became["sent"] <= len(got) <= became["sent"] + became["unknown"]
        assert became["refused"] + became["unknown"] >= len(desk.refuses)
        assert not set(desk.refuses) & set(got)
        assert set(became) <= {"sent", "refused", "unknown"}, became
        seen = {it.id for it in await see.messages.waiting(house.as_(house.owner), house.directory)}
        assert seen >= {it.id for it in its.values() if it.status == "unknown"} or FULL
        assert (await verify(house.pool, house.ws)).differences == ()
