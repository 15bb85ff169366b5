"""Tokens by which a company's own app opens the portal for somebody: JSON Web Tokens of RFC 7519 with HS256, and no others.

What a token must say is short and strict, so that any library for JWT makes one and nothing is left to be chosen by who sends it: the
algorithm is fixed, and of the header nothing else is read. Must not know: who is meant, whether it was used.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

#: Seconds: the longest life of a token, and what clocks may differ.
LASTS: Final = 300
_SKEW: Final = 60
#: Characters of a token, of its id, and of what the company calls somebody.
LONGEST: Final = 2_000
_LEAST_ID, _MOST_ID, _MOST_NAME = 16, 128, 255
_PARTS: Final = 3


class Claims(Struct, frozen=True):
    """What a token says. ``sub``: the external id of whom it is for; ``jti``: no other token's; ``exp``, ``iat``: Unix seconds."""

    sub: str
    aud: str
    jti: str
    exp: int
    iat: int


class _Header(Struct, frozen=True):
    alg: str


def read(token: str, secrets: Iterable[bytes], audience: str, now: int) -> Claims | None:
    """Return what a token says; None: one of the secrets did not sign it for this audience, or it does not hold now.

    ``now``: microseconds. It holds from ``iat`` until ``exp``, for five minutes at most.
    """
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != _PARTS or not token.isascii():
        return None
    signed = ".".join(parts[:2]).encode()
    try:
        header = msgspec.json.decode(_bytes(parts[0]), type=_Header)
        signature = _bytes(parts[2])
        right = [hmac.compare_digest(hmac.digest(secret, signed, sha256), signature) for secret in secrets]
        if header.alg != "HS256" or not any(right):
            return None
        claims = msgspec.json.decode(_bytes(parts[1]), type=Claims)
    except (msgspec.MsgspecError, ValueError):
        return None
    seconds = now // 1_000_000
    holds = claims.iat - _SKEW <= seconds < claims.exp <= claims.iat + LASTS
    fits = _LEAST_ID <= len(claims.jti) <= _MOST_ID and 0 < len(claims.sub) <= _MOST_NAME and "\0" not in claims.sub
    return claims if holds and fits and hmac.compare_digest(claims.aud.encode(), audience.encode()) else None


def _bytes(part: str) -> bytes:
    """Read base64url without padding. Raises ValueError."""
    if "=" in part:
        raise ValueError("padded")
    return b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True)
