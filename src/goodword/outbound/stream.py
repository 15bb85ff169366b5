"""A connection of asyncio as httpcore speaks over one: what is written goes out together when the answer is waited for.

Must not know: what is sent, to whom one may connect.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any, Final

import httpcore

_BUFFER: Final = 1 << 18  # bytes that are read ahead of who reads


class _Incoming(asyncio.Protocol):
    """What comes in, until it is read."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.ended = False
        self.error: Exception | None = None
        self.waiter: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport | None = None
        self._held = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.data += data
        if len(self.data) >= _BUFFER and not self._held and self.transport is not None:
            self._held = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self.ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended, self.error = True, self.error or exc
        self._wake()

    def take(self, most: int) -> bytes:
        """Return what is there, so much at most."""
        data = bytes(self.data[:most])
        del self.data[:most]
        if self._held and len(self.data) < _BUFFER and self.transport is not None:
            self._held = False
            self.transport.resume_reading()
        return data

    def _wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class Stream(httpcore.AsyncNetworkStream):
    """A connection. Reading sends first what was written: head and body of a request leave as one."""

    def __init__(self, transport: asyncio.Transport, incoming: _Incoming) -> None:
        self._transport = transport
        self._incoming = incoming
        self._unsent: list[bytes] = []

    @classmethod
    async def connect(
        cls,
        host: str,
        port: int,
        timeout: float | None,  # noqa: ASYNC109 - httpcore's own
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """Connect to an address. Raises httpcore's ConnectError and ConnectTimeout."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                transport, incoming = await loop.create_connection(_Incoming, host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for option in socket_options or ():
            transport.get_extra_info("socket").setsockopt(*option)
        return cls(transport, incoming)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        """Return what came, nothing at the end. Raises httpcore's ReadError and ReadTimeout."""
        it = self._incoming
        self._flush()
        if not it.data and not it.ended:
            it.waiter = asyncio.get_running_loop().create_future()
            try:
                if timeout is None:
                    await it.waiter
                else:
                    await asyncio.wait_for(it.waiter, timeout)
            except TimeoutError as error:
                raise httpcore.ReadTimeout(str(error)) from error
            finally:
                it.waiter = None
        if not it.data and it.error is not None:
            raise httpcore.ReadError(str(it.error)) from it.error
        return it.take(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's own
        """Take what is to be sent before the next reading. Raises httpcore's WriteError where nobody is there any more."""
        if self._transport.is_closing():
            raise httpcore.WriteError("the connection is closed")
        self._unsent.append(buffer)

    def _flush(self) -> None:
        if self._unsent:
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()

    async def aclose(self) -> None:
        """End it, whatever is still on its way."""
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
    ) -> Stream:
        """Go on under TLS. Raises httpcore's ConnectError and ConnectTimeout."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                transport = await loop.start_tls(
                    self._transport, self._incoming, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as error:
            self._transport.abort()
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, ssl.SSLError) as error:
            self._transport.abort()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            self._transport.abort()
            raise
        if transport is None:
            raise httpcore.ConnectError("the connection was lost in its handshake")
        self._incoming.transport = transport
        return Stream(transport, self._incoming)

    def get_extra_info(self, info: str) -> Any:
        """Return whether anything came, or it ended, while nobody waited (``is_readable``); else what the connection knows."""
        if info == "is_readable":
            return bool(self._incoming.data) or self._incoming.ended or self._transport.is_closing()
        return self._transport.get_extra_info(info)
