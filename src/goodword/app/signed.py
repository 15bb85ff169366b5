"""Tokens by which a company's own app opens the portal for somebody: JSON Web Tokens of RFC 7519 with HS256, and no others.

What a token must say is short and strict, so that any library for JWT makes one and nothing is left to be chosen by who sends it: the
algorithm is fixed, and what a header calls critical is refused. Must not know: who is meant, whether it was used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

#: Seconds: the longest life of a token, and what clocks may differ.
LASTS: Final = 300
_SKEW: Final = 60
#: Characters of a token, of its id, and of what the company calls somebody.
LONGEST: Final = 2_000
_LEAST_ID, _MOST_ID, _MOST_NAME = 16, 128, 255
#: Of what a token says PyJWT looks at nothing by the machine's clock; a secret that is short it refuses.
_OPTIONS: Final[Any] = {
    **dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud"), False),
    "enforce_minimum_key_length": True,
}


class Claims(Struct, frozen=True):
    """What a token says. ``sub``: the external id of whom it is for; ``jti``: no other token's; ``exp``, ``iat``: Unix seconds."""

    sub: str
    aud: str
    jti: str
    exp: int
    iat: int


def read(token: str, secrets: Iterable[bytes], audience: str, now: int) -> Claims | None:
    """Return what a token says; None: one of the secrets did not sign it for this audience, or it does not hold now.

    ``now``: microseconds. It holds from ``iat`` until ``exp``, for five minutes at most.
    """
    if len(token) > LONGEST or not token.isascii():
        return None
    said = next(filter(None, (_signed(token, secret) for secret in secrets)), None)
    try:
        claims = msgspec.convert(said, Claims)
    except msgspec.ValidationError:
        return None
    seconds = now // 1_000_000
    holds = claims.iat - _SKEW <= seconds < claims.exp <= claims.iat + LASTS
    fits = _LEAST_ID <= len(claims.jti) <= _MOST_ID and 0 < len(claims.sub) <= _MOST_NAME and "\0" not in claims.sub
    return claims if holds and fits and claims.aud == audience else None


def _signed(token: str, secret: bytes) -> dict[str, Any] | None:
    """Return what a token says that this secret signed. By which clock it holds is ours to say, and its times are looked at with it."""
    import jwt  # noqa: PLC0415 - 14 MB and 120 ms that nobody needs who is sent no token

    try:
        said: dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
    except jwt.PyJWTError:
        return None
    return said
