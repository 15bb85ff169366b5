"""A receiver of webhooks on this machine: a real HTTP server that keeps what it was sent and answers as it is told to."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

#: What it answers to a delivery, the n-th of its id: a status, with a text; None: it closes the connection. It may take its time.
Behaviour = Callable[["Got", int], Awaitable[tuple[int, str] | None]]


class Got(NamedTuple):
    """A delivery as it came: ``headers`` by their lower-case names."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Its id."""
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        """What it says."""
        said: dict[str, Any] = msgspec.json.decode(self.body)
        return said


class Receiver:
    """What came, in order. ``taken``: what was answered with success."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.got: list[Got] = []
        self.taken: list[Got] = []
        self.behaviour = behaviour
        self.times: Counter[str] = Counter()
        self.port = 0
        self.open = self.most = 0  # deliveries that it has now, and had at once at most

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def ids(self) -> set[str]:
        """The ids of what it took."""
        return {got.id for got in self.taken}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until its end."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                pairs = (line.partition(":") for line in head[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                got = Got(head[0].split(" ")[1], headers, body)
                self.got.append(got)
                self.times[headers.get("webhook-id", "")] += 1
                self.open += 1
                self.most = max(self.most, self.open)
                try:
                    said = await self._answer(got)
                finally:
                    self.open -= 1
                if said is None:
                    break
                status, text = said
                if 200 <= status < 300:
                    self.taken.append(got)
                more = f"location: {text}\r\n" if 300 <= status < 400 else ""
                writer.write(f"HTTP/1.1 {status} X\r\n{more}content-length: {len(text)}\r\n\r\n{text}".encode())
                await writer.drain()

    async def _answer(self, got: Got) -> tuple[int, str] | None:
        if self.behaviour is None:
            return 200, "ok"
        return await self.behaviour(got, self.times[got.id])


@contextlib.asynccontextmanager
async def receiving(behaviour: Behaviour | None = None) -> AsyncIterator[Receiver]:
    """Yield a receiver that listens on a free port."""
    receiver = Receiver(behaviour)
    tasks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await receiver.serve(reader, writer)
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
