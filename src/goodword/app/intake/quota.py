"""How many events a page may send: so many a second for each address, and for each key of all addresses together.

A publishable key stands in a page, where anybody takes it from: what is bounded here is what anybody can have us store. The count is
this process's own and is forgotten at its end: several processes allow as many times as much.
Must not know: HTTP, what an event says.
"""

from __future__ import annotations

import math
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from goodword.app.bounded import Bounded
from goodword.app.engine import Clock

_AT_ONCE = 12.0  # seconds whose events may come at once
_MOST = 10_000
_PREFIX = 64  # bits of an IPv6 address that a household has; it chooses the rest at will


class QuotaError(Exception):
    """So many events were sent that no more are taken for ``retry_after`` seconds, at least one."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"no more events for {retry_after} s")
        self.retry_after = retry_after


class Rates(NamedTuple):
    """Events a second from one address with one key, and with one key from all addresses; 0: as many as come."""

    address: int = 5
    key: int = 500


class Quota:
    """What each key and address has sent of late. Of at most 10,000 of each is known; who was longest silent begins anew."""

    def __init__(self, clock: Clock, rates: Rates) -> None:
        self._clock = clock
        self._addresses = _Buckets(rates.address)
        self._keys = _Buckets(rates.key)

    def take(self, key: bytes, address: str, events: int) -> None:
        """Take so many events of a key (its hash) from an address, all or none; with 0 only ask. Raises QuotaError.

        A request larger than what is left is taken as long as anything is: the next wait the longer.
        """
        now = self._clock.monotonic()
        place = key + network(address)
        wait = max(self._addresses.wait(place, now), self._keys.wait(key, now))
        if wait > 0:
            raise QuotaError(math.ceil(wait))
        if events:
            self._addresses.take(place, now, events)
            self._keys.take(key, now, events)


class _Buckets:
    """Token buckets of one rate. Of each is known until when its events are paid for by time: what is past is a full bucket."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._paid_at: Bounded[bytes, float] = Bounded(_MOST)

    def wait(self, name: bytes, now: float) -> float:
        """Return the seconds until one more event may come; 0 or less: it may."""
        if not self._rate:
            return 0.0
        return (self._paid_at.get(name) or now) - now + 1 / self._rate - _AT_ONCE

    def take(self, name: bytes, now: float, events: int) -> None:
        """Count so many events."""
        if self._rate:
            self._paid_at.put(name, max(now, self._paid_at.get(name) or now) + events / self._rate)


@lru_cache(maxsize=_MOST)
def network(address: str) -> bytes:
    """Return what is taken for one sender: an IPv4 address, the /64 of an IPv6 one, or the text of what is neither."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address.encode("utf-8", "replace")
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return mapped.packed if mapped is not None else parsed.packed[: _PREFIX // 8]
    return parsed.packed
