"""Asking another system for an object, or writing to one, by an address that we make: bounded, without redirects, to public addresses.

Must not know: which system it is, what is asked for.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpcore

from goodword.outbound.addresses import AddressError
from goodword.outbound.answers import SilenceError
from goodword.outbound.webhooks import Outward

#: Seconds that an answer may take; bytes of one that are read: a longer one is none.
WITHIN: Final = 10.0
LARGEST: Final = 1 << 20
_CONNECTIONS, _IDLE, _IDLE_FOR = 20, 5, 20.0
_HERE: Final = ("localhost", "127.0.0.1", "::1")


class Fetched(NamedTuple):
    """What was answered. ``after``: seconds for which it asks to be left alone."""

    status: int
    body: bytes
    after: int | None = None


class Fetcher:
    """Asks. An address of this machine itself, which only a setting can name, is asked there, and no other inside.

    ``loopback``: of addresses that other people name, whether those of this machine are asked; ``connections``: at once.
    """

    def __init__(
        self, trust: ssl.SSLContext | None = None, *, loopback: bool | None = None, connections: int = _CONNECTIONS
    ) -> None:
        self._trust = trust
        self._loopback = loopback
        self._connections = connections
        self._pools: dict[bool, httpcore.AsyncConnectionPool] = {}

    async def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Fetched:
        """Ask once. Raises SilenceError."""
        try:
            async with asyncio.timeout(WITHIN):
                return await self._ask(method, url, headers, body)
        except TimeoutError:
            raise SilenceError(f"no answer within {WITHIN:.0f} seconds") from None
        except (
            AddressError,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            OSError,
            UnicodeError,  # a name that cannot be one
        ) as error:
            raise SilenceError(f"{type(error).__name__}: {error}") from None

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Fetched:
        here = urlsplit(url).hostname in _HERE if self._loopback is None else self._loopback
        pool = self._pool(here=here)
        sent = [(name.encode(), value.encode()) for name, value in {"user-agent": "Goodword", **headers}.items()]
        async with pool.stream(method, url, headers=sent, content=content or None) as response:
            body = bytearray()
            async for chunk in response.aiter_stream():
                body += chunk
                if len(body) > LARGEST:
                    raise SilenceError(f"the answer has more than {LARGEST} bytes")
            told = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
            return Fetched(response.status, bytes(body), int(told[:6]) if told.isdigit() else None)

    def _pool(self, *, here: bool) -> httpcore.AsyncConnectionPool:
        pool = self._pools.get(here)
        if pool is None:  # to read whom TLS trusts takes 40 ms, and most installations ask nobody
            pool = self._pools[here] = httpcore.AsyncConnectionPool(
                ssl_context=self._trust or httpcore.default_ssl_context(),
                max_connections=self._connections,
                max_keepalive_connections=_IDLE,
                keepalive_expiry=_IDLE_FOR,
                network_backend=Outward(loopback=here),
            )
        return pool

    async def close(self) -> None:
        """End all connections."""
        for pool in self._pools.values():
            await pool.aclose()
