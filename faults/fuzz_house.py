"""Where decoders are fuzzed: a whole installation in this process, somebody who asks it things and looks at each answer.

An answer is a success, or a problem document with a stable code. Must not know: what is asked.
"""

import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from faults.fuzz_mutate import Mutator
from faults.fuzz_samples import EVENTS, RULES
from faults.part import Progress
from faults.simulate_request import Reply, request

from goodword import settings
from goodword.app.workspaces import Created, create_workspace
from goodword.wiring import Goodword, running

_CODE = re.compile(r"[a-z][a-z0-9_]*")
_PROBLEM = "application/problem+json"


class Fuzz:
    """A running installation, and what was found wrong with it."""

    def __init__(self, goodword: Goodword, made: Created, random: Random) -> None:
        self.goodword = goodword
        self.made = made
        self.random = random
        self.mutator = Mutator(random, EVENTS)
        self.wrong: list[str] = []
        self.answers: Counter[str] = Counter()
        self.accepted: set[str] = set()
        self._count = 0

    def number(self) -> str:
        """A new id."""
        self._count += 1
        return f"n{self._count}"

    def times(self, decoder: str, count: int) -> Iterator[int]:
        """Count up to ``count``, and say how far it is."""
        progress = Progress(f"fuzzing, {decoder}", count)
        for number in range(count):
            before = len(self.wrong)
            yield number
            progress.one(len(self.wrong) - before)

    def expect(self, true: bool, what: str) -> None:
        """Note what is not as it must be."""
        if not true:
            self.wrong.append(what)

    async def ask(self, decoder: str, method: str, path: str, **more: Any) -> Reply | None:
        """Send a request and look at the answer; None if there is none."""
        said = f"{decoder}: {method} {path} {more}"[:2_000]
        try:
            reply = await request(self.goodword.app, method, path, **more)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            self.wrong.append(f"{type(error).__name__}: {error} · {said}")
            return None
        self.answers[f"{decoder} {reply.status}"] += 1
        self.expect(reply.status < 500, f"answered {reply.status} {reply.body[:200]!r} · {said}")
        if reply.status >= 400:
            self._problem(reply, said)
        return reply

    def _problem(self, reply: Reply, said: str) -> None:
        try:
            problem = reply.json() if reply.body else {}
        except msgspec.DecodeError:
            problem = {}
        good = (
            reply.headers.get("content-type") == _PROBLEM
            and problem.get("status") == reply.status
            and _CODE.fullmatch(str(problem.get("code")))
            and problem.get("detail")
        )
        self.expect(bool(good), f"no problem document: {reply.status} {reply.headers} {reply.body[:200]!r} · {said}")


@asynccontextmanager
async def installed(dsn: str, home: Path, seed: int) -> AsyncIterator[Fuzz]:
    """Give a whole installation with a workspace, rules and somebody to send as."""
    environment = {
        "DATABASE_URL": dsn,
        "GOODWORD_HOME": str(home),
        "GOODWORD_MASTER_KEY": os.environ["GOODWORD_MASTER_KEY"],
    }
    async with running(settings.read(environment), work=False) as goodword:
        made = await create_workspace(goodword.pool, goodword.vault, "fuzz", "owner@example.com")
        fuzz = Fuzz(goodword, made, Random(seed))  # noqa: S311 - the same inputs each time
        body = json.dumps({"document": json.dumps(RULES), "name": "rules.json"}).encode()
        await _publish(fuzz, body)
        yield fuzz


async def _publish(fuzz: Fuzz, body: bytes) -> None:
    headers = {
        "authorization": f"Bearer {fuzz.made.owner_key}",
        "content-type": "application/json",
        "idempotency-key": "0",
    }
    reply = await request(fuzz.goodword.app, "POST", "/v1/programs", headers=headers, body=body)
    if reply.status != 200:
        raise RuntimeError(f"the sample is wrong: {reply.body!r}")
