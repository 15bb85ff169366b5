"""Messages: from due to in the log as sent, over SMTP on loopback, beside a bare loop of the same client and Django's send_mail."""

import asyncio
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib
import cpu
from contest import Contestant, Turn, compete
from place import Place, place
from programs import HERE, PEERS, MissingError, fetch, pg_environment, running, serves
from report import Goal, Outcome, told
from stage import Stage
from testkit import sent
from testkit.house import House, opened

from goodword.core import messages
from goodword.core.decision import Job
from goodword.core.state import Advocate
from goodword.outbound.mail import Mail, encoded
from goodword.store import jobs
from goodword.store.migrations import migrate
from goodword.store.uuid7 import new_id
from goodword.store.vault import new_key

_PEOPLE = 1_000
_GOAL = 0.5
_SECONDS = 3.0  # of a turn of the others
_LOOK = 0.02
_FROM = "refer@shop.example"
_MAIL = Mail("ann@mail.example", "ltr_1", "It is here", "x" * 400, f"<p>{'x' * 800}</p>", "https://shop.example/stop/1")


async def messages_sent(stage: Stage) -> Outcome:
    """Measure ``messages`` through a worker of the product's, which has a process of its own, on a place of its own."""
    os.environ.setdefault("GOODWORD_MASTER_KEY", new_key().hex())
    env = {name: os.environ[name] for name in ("PATH", "GOODWORD_MASTER_KEY")} | {"PYTHONPATH": str(HERE.parent)}
    async with place() as own:
        await migrate(own.embedded.dsn)
        mailing, working = own.home / "mailing.log", own.home / "writing.log"
        with running([sys.executable, HERE / "mailing.py"], env, mailing) as server:
            await serves(server, mailing, lambda: _said(mailing, "\n"))
            port = int(mailing.read_text())
            async with opened(own.embedded.dsn) as house:
                advocates = await _joined(house)
                command: list[str | Path] = [
                    sys.executable,
                    "-m",
                    "testkit.writing",
                    own.embedded.dsn,
                    house.ws,
                    str(port),
                ]
                with running(command, env, working) as worker:
                    await serves(worker, working, lambda: _said(working, "ready"))
                    there = [_ours(house, advocates, worker.pid), _bare(port)]
                    there += await _django(own, port)
                    found = await compete(there, own.postgres, rounds=stage.rounds, seconds=_SECONDS)
    mine, bare = found[:2]
    title = f"{_PEOPLE} messages from due to sent in the log, beside a loop of aiosmtplib on one connection"
    row = told("messages", title, mine, {one.name: one for one in found}, peer=bare)
    return Outcome(row, [Goal("of the bare loop", mine.ratio_to(bare), _GOAL)])


async def _said(log: Path, what: str) -> bool:
    return await asyncio.to_thread(lambda: what in log.read_text())


async def _joined(house: House) -> list[Advocate]:
    await house.publish(messages={"topics": ["enrolled"]})
    wanted = [sent.enrolled(f"e{n}", f"a{n}", f"code-{n}", email=f"n{n}@mail.example") for n in range(_PEOPLE)]
    for at in range(0, _PEOPLE, 500):
        await house.send(*wanted[at : at + 500])
    await house.decide()
    await house.pool.execute("delete from job")
    found: list[Advocate] = await house.every(Advocate)
    return found


def _ours(house: House, advocates: list[Advocate], pid: int) -> Contestant:
    async def turn(_: float) -> Turn:
        trigger = new_id("evt")
        due = [
            Job(
                id=f"{messages.DUE}:{messages.id_of(it.person, 'enrolled', trigger)}",
                kind=messages.DUE,
                subject=it.person,
                queue=messages.QUEUE,
                payload={"program": it.program, "topic": "enrolled", "trigger": trigger},
            )
            for it in advocates
        ]
        async with house.pool.acquire() as conn:
            await jobs.add(conn, house.ws, due, 0)
        begun = time.perf_counter()
        done = "select count(*) from letter where workspace_id = $1 and trigger = $2 and status = 'sent'"
        while await house.pool.fetchval(done, house.ws, trigger) < len(due):  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(_LOOK)
        return Turn(len(due), time.perf_counter() - begun)

    return Contestant(
        "goodword", "the worker: decided, rendered, sealed, sent, kept in the log", lambda: cpu.own(pid), turn
    )


def _bare(port: int) -> Contestant:
    async def turn(seconds: float) -> Turn:
        data, count = encoded(_FROM, _MAIL), 0
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
            begun = time.perf_counter()
            while (passed := time.perf_counter() - begun) < seconds:
                await client.sendmail(_FROM, [_MAIL.to], data)
                count += 1
        return Turn(count, passed)

    return Contestant(
        "bare aiosmtplib", f"a loop that gives {len(encoded(_FROM, _MAIL))} bytes", time.process_time, turn
    )


async def _django(own: Place, port: int) -> list[Contestant]:
    """Return Django's send_mail with a stored row, or nothing, with a line that says why."""
    try:
        fetch("peers")
    except MissingError as error:
        print(f"not measured beside Django's send_mail: {error}")
        return []
    env = {**os.environ, **pg_environment(own.embedded.dsn, urlsplit(own.embedded.dsn).path.strip("/"))}
    command = [str(PEERS / ".venv" / "bin" / "python"), "mailing.py", str(port)]

    async def turn(seconds: float) -> Turn:
        one = await asyncio.create_subprocess_exec(
            *command, str(seconds), cwd=PEERS, env=env, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await one.communicate()
        count, passed = said.split()
        return Turn(int(count), float(passed))

    return [Contestant("django send_mail", "a row each, one connection", cpu.ended, turn)]
