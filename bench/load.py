"""A client that costs little: whole requests over connections that stay open, and how long each took."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, cast


class Sent(NamedTuple):
    """What came of a load: seconds from first to last, and milliseconds of each request."""

    seconds: float
    latencies: list[float]


class FailedError(Exception):
    """An answer that was not expected, or none."""


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Give the bytes of an HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def lasting(requests: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    """Give requests until the time is over."""
    ends = time.perf_counter() + seconds
    for one in requests:
        if time.perf_counter() > ends:
            return
        yield one


async def send(host: str, port: int, requests: Iterable[bytes], connections: int, expected: int) -> Sent:
    """Send all requests, each connection the next one as soon as it has its answer.

    Raises FailedError at an unexpected status, at an event called invalid or conflict, and where an answer stays out.
    """
    left, latencies = iter(requests), list[float]()
    begun = time.perf_counter()
    await asyncio.gather(*(client(host, port, left, latencies, expected) for _ in range(connections)))
    return Sent(time.perf_counter() - begun, latencies)


async def client(
    host: str,
    port: int,
    left: Iterator[bytes],
    latencies: list[float],
    expected: int,
    answers: list[bytes] | None = None,
) -> None:
    """Be one connection: send what is left, add what each took to ``latencies`` and, if given, what came to ``answers``."""
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: _Client(left, latencies, expected, answers), host, port)
    await made.done


class _Client(asyncio.Protocol):
    """One connection. ``done`` is set when no request is left."""

    def __init__(
        self, left: Iterator[bytes], latencies: list[float], expected: int, answers: list[bytes] | None
    ) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._left = left
        self._latencies = latencies
        self._answers = answers
        self._expected = str(expected).encode()
        self._got = b""
        self._begun = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._got = got = self._got + data if self._got else data
        head, ended, body = got.partition(b"\r\n\r\n")
        if not ended or len(body) < _length(head):
            return
        self._got = b""
        self._latencies.append((time.perf_counter() - self._begun) * 1_000)
        if self._answers is not None:
            self._answers.append(got)
        if got[9:12] != self._expected or b'"invalid"' in got or b'"conflict"' in got:
            self._fail(f"answered {got[:600].decode(errors='replace')}")
        else:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection was closed without an answer: {exc}")

    def _next(self) -> None:
        one = next(self._left, None)
        if one is not None:
            self._begun = time.perf_counter()
            self._transport.write(one)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(FailedError(why))
        self._transport.close()


def _length(head: bytes) -> int:
    """Give the length of the body."""
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r\n", 1)[0]) if found else 0


def percentile(values: Sequence[float], part: float) -> float:
    """Give the value below which this part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
