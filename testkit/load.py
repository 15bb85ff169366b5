"""A client that costs little: whole requests over connections that stay open, and how long each took."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple, cast


class Sent(NamedTuple):
    """What came of a load: seconds from first to last, and milliseconds of each request."""

    seconds: float
    latencies: list[float]


class FailedError(Exception):
    """An answer that was not expected, or none."""


def bearer(key: str, **more: str) -> dict[str, str]:
    """Return the headers of who sends JSON with a key."""
    return {"authorization": f"Bearer {key}", "content-type": "application/json", **more}


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return the bytes of an HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def lasting(requests: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    """Yield requests until the time is over."""
    ends = time.perf_counter() + seconds
    for one in requests:
        if time.perf_counter() > ends:
            return
        yield one


class Connection(asyncio.Protocol):
    """A connection that stays open and asks one thing at a time."""

    def __init__(self) -> None:
        self._got = b""
        self._answer: asyncio.Future[bytes] | None = None

    async def ask(self, request: bytes) -> bytes:
        """Return the whole answer. Raises FailedError if the connection ends instead, or has ended since the last one."""
        if self._transport.is_closing():
            raise FailedError("the connection has ended")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """End it."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._got = got = self._got + data if self._got else data
        head, ended, body = got.partition(b"\r\n\r\n")
        if ended and len(body) >= _length(head) and self._answer is not None:
            self._got = b""
            self._answer.set_result(got)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(FailedError(f"the connection ended without an answer: {exc}"))


async def connect(host: str, port: int) -> Connection:
    """Return a connection. Raises OSError if there can be none."""
    return (await asyncio.get_running_loop().create_connection(Connection, host, port))[1]


@asynccontextmanager
async def connected(host: str, port: int, connections: int) -> AsyncIterator[list[Connection]]:
    """Yield so many connections."""
    made = [await connect(host, port) for _ in range(connections)]
    try:
        yield made
    finally:
        for one in made:
            one.close()


async def send(host: str, port: int, requests: Iterable[bytes], connections: int, expected: int) -> Sent:
    """Send all requests, each connection the next one as soon as it has its answer.

    Raises FailedError at an unexpected status, at an event called invalid or conflict, and where an answer stays out.
    """
    left, latencies = iter(requests), list[float]()

    async def client(one: Connection) -> None:
        for request in left:
            begun = time.perf_counter()
            answer = await one.ask(request)
            latencies.append((time.perf_counter() - begun) * 1_000)
            check(answer, expected)

    async with connected(host, port, connections) as everyone:
        begun = time.perf_counter()
        await asyncio.gather(*(client(one) for one in everyone))
        return Sent(time.perf_counter() - begun, latencies)


async def paced(
    host: str, port: int, requests: Sequence[bytes], per_second: float, connections: int, expected: int
) -> Sent:
    """Send the requests at this pace, whatever the answers do: each is late from the moment at which it was to be sent."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    latencies: list[float] = []

    async def ask(request: bytes, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        one = await free.get()
        answer = await one.ask(request)
        latencies.append((time.perf_counter() - due) * 1_000)
        free.put_nowait(one)
        check(answer, expected)

    async with connected(host, port, connections) as everyone:
        for one in everyone:
            free.put_nowait(one)
        begun = time.perf_counter()
        await asyncio.gather(*(ask(request, begun + n / per_second) for n, request in enumerate(requests)))
        return Sent(time.perf_counter() - begun, latencies)


def check(answer: bytes, expected: int) -> None:
    """Raise FailedError at another status and at an event that is called invalid or conflict."""
    if not answer.startswith(b"HTTP/1.1 %d " % expected) or b'"invalid"' in answer or b'"conflict"' in answer:
        raise FailedError(f"answered {answer[:600].decode(errors='replace')}")


def _length(head: bytes) -> int:
    """Return the length of the body."""
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r\n", 1)[0]) if found else 0


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which this part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
