"""Tries at a door, counted before they are looked at: by mail, address, or what else is named. Must not know: whose door it is."""

from __future__ import annotations

import secrets
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Network, ip_address

from goodword.app.directory import Directory
from goodword.core import canonical
from goodword.store import credentials

_SWEEP = 64  # of so many tries one forgets old ones


async def turn(
    directory: Directory, limits: list[credentials.Limit], pace: credentials.Pace | None = None
) -> int | None:
    """Count a try; return None, or until when none is looked at. ``pace``: what is counted too, of all who share something."""
    now = directory.now()
    async with directory.pool.acquire() as conn:
        if secrets.randbelow(_SWEEP) == 0:
            await credentials.forget_tries(conn, now)
        counting = conn.transaction()
        await counting.start()
        try:
            until = await credentials.take_turn(conn, limits, now)
            if until is None and pace is not None:
                until = await credentials.keep_pace(conn, pace, now)
        except BaseException:
            await counting.rollback()
            raise
        await (counting.commit() if until is None else counting.rollback())
    return until


def near(address: str) -> str:
    """Return an address, or of IPv6 its network: one person has a whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if isinstance(found, IPv4Address) else str(IPv6Network((int(found), 64), strict=False))


def key(*parts: str) -> bytes:
    """Return what tries at the same thing are counted under."""
    return sha256(canonical.encode(parts)).digest()
