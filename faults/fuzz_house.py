"""Where decoders are fuzzed: a whole installation in this process, and Hypothesis, who asks it things and looks at each answer.

An answer is a success, or a problem document with a stable code. Must not know: what is asked.
"""

import asyncio
import json
import os
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import msgspec
from faults.fuzz_samples import RULES
from faults.part import Progress
from faults.simulate_request import Reply, request
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from testkit.load import bearer
from testkit.process import product

from goodword.app.principal import OPERATOR
from goodword.app.say.workspaces import Created, create
from goodword.wiring import Goodword

_SETTINGS = settings(
    database=None, deadline=None, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck)
)
_ROUND = 5_000  # inputs that Hypothesis remembers, so as not to give one again
_PATIENCE = 60  # seconds that one input may take
_BUSY = 50  # times a request is sent again that was told to come back

Check = Coroutine[Any, Any, None]


class _Problem(msgspec.Struct):
    status: int
    code: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    detail: Annotated[str, msgspec.Meta(min_length=1)]


class Fuzz:
    """A running installation, and what was found wrong with it."""

    def __init__(self, goodword: Goodword, made: Created) -> None:
        self.goodword = goodword
        self.made = made
        self.tried = 0
        self.wrong: list[str] = []
        self.answers: Counter[str] = Counter()
        self.accepted: set[str] = set()
        self._count = 0

    def number(self) -> str:
        """A new id."""
        self._count += 1
        return f"n{self._count}"

    async def give(
        self, name: str, inputs: SearchStrategy[Any], check: Callable[[Any], Check], chance: int, count: int
    ) -> None:
        """Give a check so many inputs; what fails is noted with the smallest input that Hypothesis finds for it, and ends it.

        Hypothesis waits for each answer, so it has a thread of its own; ``tried`` tells how many inputs there really were.
        """
        loop, stop, progress = asyncio.get_running_loop(), Event(), Progress(f"fuzzing, {name}", count)

        def decodes(given_: Any) -> None:
            if stop.is_set():
                raise KeyboardInterrupt
            self.tried += 1
            progress.one()
            asyncio.run_coroutine_threadsafe(check(given_), loop).result(_PATIENCE)

        try:
            for done in range(0, count, _ROUND):
                some = settings(_SETTINGS, max_examples=min(_ROUND, count - done))
                await asyncio.to_thread(seed(chance + done)(some(given(inputs)(decodes))))
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            said = traceback.format_exception(error, limit=-1, chain=False)  # the input is a note on the error
            self.wrong.append(f"{name}: {''.join(said)[:8_000]}")
        finally:
            stop.set()

    async def command(self, decoder: str, method: str, path: str, **more: Any) -> Reply:
        """Ask as the owner."""
        headers = bearer(self.made.owner_key, **{"idempotency-key": self.number(), **more.pop("headers", {})})
        return await self.ask(decoder, method, path, headers=headers, **more)

    async def ask(self, decoder: str, method: str, path: str, **more: Any) -> Reply:
        """Send a request and look at the answer."""
        reply = await self.reply(decoder, method, path, **more)
        if reply.status >= 400:
            is_problem(reply, f"{method} {path} {more}"[:2_000])
        return reply

    async def reply(self, decoder: str, method: str, path: str, **more: Any) -> Reply:
        """Send a request; whatever is answered, it is no mistake of ours."""
        for _ in range(_BUSY):
            reply = await request(self.goodword.app, method, path, **more)
            if reply.status != 503 or "retry-after" not in reply.headers:
                break
            await asyncio.sleep(0.1)  # the machine is busy, and the answer says so
        self.answers[f"{decoder} {reply.status}"] += 1
        said = f"{reply.status} {reply.headers} {reply.body[:200]!r} · {method} {path} {more}"[:2_000]
        assert reply.status < 500, f"answered {said}"
        return reply


def is_problem(reply: Reply, asked: str) -> None:
    """Fail unless a refusal is a problem document with a stable code."""
    said = f"{reply.status} {reply.headers} {reply.body[:200]!r} · {asked}"
    assert reply.headers.get("content-type") == "application/problem+json", f"no problem document: {said}"
    assert msgspec.json.decode(reply.body, type=_Problem).status == reply.status, f"another status: {said}"


@asynccontextmanager
async def installed(dsn: str, home: Path) -> AsyncIterator[Fuzz]:
    """Yield a whole installation with a workspace, rules and somebody to send as."""
    async with product(dsn, home, os.environ["GOODWORD_MASTER_KEY"]) as goodword:
        fuzz = Fuzz(goodword, await create(OPERATOR, goodword.directory, "fuzz", "owner@example.com"))
        body = json.dumps({"document": json.dumps(RULES), "name": "rules.json"}).encode()
        reply = await fuzz.command("rules", "POST", "/v1/programs", body=body)
        assert reply.status == 200, f"the sample is wrong: {reply.body!r}"
        fuzz.answers.clear()
        yield fuzz
