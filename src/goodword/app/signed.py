"""Tokens that a company's own app signs: one opens the portal for somebody, another shows on its own page what somebody shares.

They are JSON Web Tokens of RFC 7519 with HS256, and no others; the audience tells the two apart: neither does what the other does.
What a token must say is short and strict, so that any library for JWT makes one and nothing is left to be chosen by who sends it: the
algorithm is fixed, and what a header calls critical is refused. Must not know: who is meant, whether it was used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

#: Seconds: the longest life of a token that signs in, and of one of the element; and what clocks may differ.
LASTS: Final = 300
SHOWS: Final = 86_400
#: Behind the id of the workspace: the audience of a token of the element.
ELEMENT: Final = ":share"
_SKEW: Final = 60
#: Characters of a token, of its id, and of what the company calls somebody.
LONGEST: Final = 2_000
_LEAST_ID, _MOST_ID, _MOST_NAME = 16, 128, 255
#: Of what a token says PyJWT looks at nothing by the machine's clock; a secret that is short it refuses.
_OPTIONS: Final[Any] = {
    **dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf", "verify_aud"), False),
    "enforce_minimum_key_length": True,
}

S = TypeVar("S", bound=Struct)


class Claims(Struct, frozen=True):
    """What a token says. ``sub``: the external id of whom it is for; ``jti``: no other token's; ``exp``, ``iat``: Unix seconds."""

    sub: str
    aud: str
    jti: str
    exp: int
    iat: int


class Shown(Struct, frozen=True):
    """What a token of the element says. ``program``: by its name. Its ``link`` is for the element alone, while we are away."""

    sub: str
    aud: str
    program: str
    exp: int
    iat: int


def read(token: str, secrets: Iterable[bytes], audience: str, now: int) -> Claims | None:
    """Return what a token says that signs in; None: one of the secrets did not sign it for this audience, or it does not hold now.

    ``now``: microseconds. It holds from ``iat`` until ``exp``, for five minutes at most.
    """
    claims = _said(token, secrets, Claims)
    fits = claims is not None and _LEAST_ID <= len(claims.jti) <= _MOST_ID
    return claims if claims is not None and fits and _holds(claims, audience, LASTS, now) else None


def shown(token: str, secrets: Iterable[bytes], workspace: str, now: int) -> Shown | None:
    """Return what a token of the element says, likewise; it holds for a day at most, and may be used as often as a page is opened."""
    claims = _said(token, secrets, Shown)
    return claims if claims is not None and _holds(claims, workspace + ELEMENT, SHOWS, now) else None


def _said(token: str, secrets: Iterable[bytes], kind: type[S]) -> S | None:
    if len(token) > LONGEST or not token.isascii():
        return None
    said = next(filter(None, (_signed(token, secret) for secret in secrets)), None)
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError:
        return None


def _holds(claims: Claims | Shown, audience: str, longest: int, now: int) -> bool:
    seconds = now // 1_000_000
    holds = claims.iat - _SKEW <= seconds < claims.exp <= claims.iat + longest
    return holds and claims.aud == audience and 0 < len(claims.sub) <= _MOST_NAME and "\0" not in claims.sub


def _signed(token: str, secret: bytes) -> dict[str, Any] | None:
    """Return what a token says that this secret signed. By which clock it holds is ours to say, and its times are looked at with it."""
    import jwt  # noqa: PLC0415 - 14 MB and 120 ms that nobody needs who is sent no token

    try:
        said: dict[str, Any] = jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
    except jwt.PyJWTError:
        return None
    return said
