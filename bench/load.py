"""A client that costs little: whole requests over a few connections that stay open, and how long each took."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Sent(NamedTuple):
    """What came of a load: seconds from first to last, and milliseconds of each request."""

    seconds: float
    latencies: list[float]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Give the bytes of an HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"content-length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


async def send(host: str, port: int, requests: Sequence[bytes], connections: int, expected: int) -> Sent:
    """Send all requests, each connection the next one as soon as it has its answer. An unexpected status ends it."""
    left = iter(requests)
    latencies: list[float] = []
    begun = time.perf_counter()
    await asyncio.gather(*(_client(host, port, left, latencies, expected) for _ in range(connections)))
    return Sent(time.perf_counter() - begun, latencies)


async def _client(host: str, port: int, left: Iterator[bytes], latencies: list[float], expected: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        for one in left:
            begun = time.perf_counter()
            writer.write(one)
            status, body = await _answer(reader)
            latencies.append((time.perf_counter() - begun) * 1_000)
            if status != expected or b'"invalid"' in body or b'"conflict"' in body:
                raise RuntimeError(f"answered {status}: {body[:400].decode(errors='replace')}")
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, _, length = head.partition(b"content-length:")
    body = await reader.readexactly(int(length.split(b"\r\n", 1)[0])) if length else b""
    return int(head.split(b" ", 2)[1]), body


def percentile(values: Sequence[float], part: float) -> float:
    """Give the value below which this part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
