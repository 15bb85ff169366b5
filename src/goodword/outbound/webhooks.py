"""Webhooks by Standard Webhooks: signed requests to addresses that other people name, and to nothing inside.

A name is looked up once, by us; every address it has is looked at, and the connection goes to one of those, whatever the name says a
moment later. Host and TLS keep the name. Redirects are not followed, and no proxy of the environment is used.
Must not know: what is told, when it is tried again.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import httpcore

from goodword.outbound.addresses import AddressError, inside, is_public, signature
from goodword.outbound.stream import Stream

#: Seconds that a receiver has for all of it.
WITHIN: Final = 15.0
#: Characters of an answer that are kept, and bytes that are read of it: a longer one ends the connection.
KEPT, _READ = 300, 65_536
_IDLE, _IDLE_FOR = 100, 20.0  # connections that nobody uses, and for how many seconds they are kept
_NAMES_AT_ONCE: Final = 32
_TRIED: Final = 3  # addresses of a name


_To = tuple[bytes, bytes, int]  # a receiver: scheme, host, port


class Answer(NamedTuple):
    """What a receiver answered; ``status`` None: nothing, ``text`` says why. ``took``: milliseconds; ``after``: seconds, as it asks."""

    status: int | None
    text: str
    took: int
    after: int | None = None

    @property
    def arrived(self) -> bool:
        """Whether it was taken."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own


class Sender:
    """Sends deliveries. ``loopback``: to this machine too, for development and tests; ``trust``: whom TLS trusts besides the public."""

    def __init__(self, *, loopback: bool = False, trust: ssl.SSLContext | None = None) -> None:
        self.loopback = loopback
        self._trust = trust or httpcore.default_ssl_context()  # one for all: to read whom it trusts takes 40 ms
        self._outward = Outward(loopback=loopback)
        self._idle: dict[httpcore.AsyncHTTPConnection, _To] = {}  # the longest idle first
        self._of: dict[_To, list[httpcore.AsyncHTTPConnection]] = {}  # the same by receiver

    async def send(self, url: str, id_: str, body: bytes, secrets: Sequence[str], now: int) -> Answer:
        """Send a delivery once. ``now``: an instant of the real clock. Raises nothing that concerns the receiver."""
        timestamp = now // 1_000_000
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"user-agent", b"Goodword-Webhooks"),
            (b"webhook-id", id_.encode()),
            (b"webhook-timestamp", b"%d" % timestamp),
            (b"webhook-signature", signature(secrets, id_, timestamp, body).encode()),
        ]
        begun = time.monotonic()
        try:
            async with asyncio.timeout(WITHIN):
                status, text, after = await self._send(url, headers, body)
        except AddressError as error:
            status, text, after = None, str(error), None
        except TimeoutError:
            status, text, after = None, f"no answer within {WITHIN:.0f} seconds", None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError, ValueError) as error:
            status, text, after = None, _failed(error), None
        return Answer(status, _shown(text), int((time.monotonic() - begun) * 1_000), after)

    async def _send(self, url: str, headers: list[tuple[bytes, bytes]], body: bytes) -> tuple[int, str, int | None]:
        read, to = b"", httpcore.URL(url)
        connection = await self._free(to.origin)
        try:
            response = await connection.handle_async_request(
                httpcore.Request("POST", to, headers=[(b"host", _host(to)), *headers], content=body)
            )
            try:
                async for chunk in response.aiter_stream():
                    read += chunk[: _READ - len(read)]
                    if len(read) >= _READ:
                        break
            finally:
                await response.aclose()
        except BaseException:
            await connection.aclose()
            raise
        await self._keep(to.origin, connection)
        told = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
        return response.status, read.decode(errors="replace"), int(told) if told.isdigit() else None

    async def _free(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        """Return a connection to a receiver that nobody uses: the one that was used last, else a new one, which looks its name up."""
        free = self._of.get((origin.scheme, origin.host, origin.port), [])
        while free:
            connection = free.pop()
            del self._idle[connection]
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin, ssl_context=self._trust, keepalive_expiry=_IDLE_FOR, network_backend=self._outward
        )

    async def _keep(self, origin: httpcore.Origin, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keep a connection for the next delivery; let those go that are idle too long, or too many."""
        if connection.is_available():
            to = (origin.scheme, origin.host, origin.port)
            self._idle[connection] = to
            self._of.setdefault(to, []).append(connection)
        while self._idle:
            oldest, its = next(iter(self._idle.items()))
            if len(self._idle) <= _IDLE and not oldest.has_expired():
                return
            del self._idle[oldest]
            self._of[its].remove(oldest)
            if not self._of[its]:
                del self._of[its]
            await oldest.aclose()

    async def close(self) -> None:
        """End all connections that nobody uses."""
        idle, self._idle, self._of = [*self._idle], {}, {}
        for connection in idle:
            await connection.aclose()


def _host(url: httpcore.URL) -> bytes:
    """Return what a request names as its host: without the port that its scheme has anyway."""
    usual = {b"http": 80, b"https": 443}[url.scheme]
    host = b"[%b]" % url.host if b":" in url.host else url.host
    return host if url.port in (None, usual) else b"%b:%d" % (host, url.port)


def _failed(error: Exception) -> str:
    """Return why there is no answer, for whoever looks after the receiver."""
    if isinstance(error, socket.gaierror):
        return "nobody knows an address of that name"
    if isinstance(error, httpcore.ConnectError):
        return f"no connection: {error}"
    return f"{type(error).__name__}: {error}"


class Outward(httpcore.AsyncNetworkBackend):
    """Connects to public addresses alone. Each connection looks its name up anew, and goes to what it looked at."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._names = ThreadPoolExecutor(_NAMES_AT_ONCE, "names")
        self._looking: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the addresses of a name. Raises AddressError where any of them is not public."""
        addresses = list(dict.fromkeys(await self._found(host, port)))
        if not addresses or not all(is_public(address, loopback=self._loopback) for address in addresses):
            raise AddressError(inside(host))
        failed: Exception | None = None
        for address in addresses[:_TRIED]:
            try:
                return await Stream.connect(address, port, timeout, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or AddressError(inside(host))

    async def _found(self, host: str, port: int) -> list[str]:
        """Look a name up, once for all who wait for it: one that nobody answers for holds one thread, whoever gives up meanwhile."""
        key = host, port
        looking = self._looking.get(key)
        if looking is None:
            looking = asyncio.get_running_loop().run_in_executor(self._names, _look_up, host, port)
            self._looking[key] = looking
            looking.add_done_callback(lambda done: self._looked(key, done))
        return await asyncio.shield(looking)

    def _looked(self, key: tuple[str, int], done: asyncio.Future[list[str]]) -> None:
        del self._looking[key]
        if not done.cancelled():
            done.exception()  # perhaps nobody waits for it any more

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's own
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """Connect to none."""
        raise AddressError(inside(path))

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)


def _look_up(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)]


def _shown(text: str) -> str:
    """Return the beginning of an answer, on one line."""
    return "".join(each if each.isprintable() else " " for each in " ".join(text[: 4 * KEPT].split()))[:KEPT]
