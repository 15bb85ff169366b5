"""Who sent a webhook, by what its system signs with or shows: each compared with every held secret, whatever was found before.

Must not know: whose secrets these are.
"""

from __future__ import annotations

import base64
import hmac
import re
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from goodword.core import calendar
from goodword.sources import standard
from goodword.sources.base import Request

#: A check of a request, as ``Signature`` wants it.
Check = Callable[[Request, Sequence[bytes], int], str | None]
#: Seconds that a signed time may be off, either way: what is kept and sent again is known by the ids of its objects.
TOLERANCE: Final = 300
_MOST: Final = 20  # signatures of a header
_SECONDS: Final = re.compile("[0-9]{9,11}")
_MILLISECONDS: Final = re.compile("[0-9]{12,14}")
_HEX: Final = re.compile("[0-9a-f]{64}")
_TEXT: Final = re.compile(r"[\x21-\x7e]{16,256}")
_PAIR: Final = re.compile(r"[\x21-\x39\x3b-\x7e]{1,128}:[\x21-\x7e]{8,128}")
_KEY: Final = re.compile("(?:polar_whs_|whsec_)?[A-Za-z0-9+/=_-]{16,200}")


def is_text(text: str) -> bool:
    """Return whether a text can be a secret that somebody made up or was given: of 16 to 256 visible letters."""
    return bool(_TEXT.fullmatch(text))


def is_pair(text: str) -> bool:
    """Return whether a text can be a user and a password, ``user:password``."""
    return bool(_PAIR.fullmatch(text))


def is_key(text: str) -> bool:
    """Return whether a text can be a secret of Standard Webhooks, in either writing."""
    return bool(_KEY.fullmatch(text))


def _off(now: int, at: int) -> str | None:
    return "signature_stale" if abs(now - at) > TOLERANCE * calendar.SECOND else None


def paddle(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """``Paddle-Signature: ts=…;h1=…``: any of several h1, in whatever order, over the time and the body."""
    header = request.header(b"paddle-signature")
    if not header:
        return "signature_missing"
    parts = [part.strip().partition("=")[::2] for part in header.split(";")]
    times = [value for name, value in parts if name == "ts"]
    said = [value for name, value in parts if name == "h1" and _HEX.fullmatch(value)]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]) or not 0 < len(said) <= _MOST:
        return "signature_malformed"
    signed = times[0].encode() + b":" + request.body
    if not standard.any_of(said, (hmac.new(secret, signed, sha256).hexdigest() for secret in secrets)):
        return "signature_wrong"
    return _off(now, int(times[0]) * calendar.SECOND)


def recurly(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """``recurly-signature: MILLISECONDS,sig,sig``: one for each secret of the endpoint while one takes another's place."""
    header = request.header(b"recurly-signature")
    if not header:
        return "signature_missing"
    at, *said = (part.strip() for part in header.split(","))
    said = [one for one in said if _HEX.fullmatch(one)]
    if not _MILLISECONDS.fullmatch(at) or not 0 < len(said) <= _MOST:
        return "signature_malformed"
    signed = at.encode() + b"." + request.body
    if not standard.any_of(said, (hmac.new(secret, signed, sha256).hexdigest() for secret in secrets)):
        return "signature_wrong"
    return _off(now, int(at) * (calendar.SECOND // 1_000))


def woocommerce(request: Request, secrets: Sequence[bytes], _: int) -> str | None:
    """``X-WC-Webhook-Signature``: base64 of HMAC-SHA256 over the body, no time."""
    said = request.header(b"x-wc-webhook-signature")
    if not said:
        return "signature_missing"
    made = (base64.b64encode(hmac.new(secret, request.body, sha256).digest()).decode() for secret in secrets)
    return None if standard.any_of([said], made) else "signature_wrong"


def either(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """Standard Webhooks, with a secret in either writing."""
    return standard.signed(request, [key for secret in secrets for key in _keys(secret)], now)


def _keys(secret: bytes) -> list[bytes]:
    """Return what a secret may mean as a key: its letters as they are (Polar), or what they are base64 of (Standard Webhooks)."""
    found = [secret]
    for text in (secret, secret.removeprefix(b"whsec_"), secret.removeprefix(b"polar_whs_")):
        try:
            found.append(base64.b64decode(text, validate=True))
        except (NotBase64, ValueError):
            continue
    return [key for key in dict.fromkeys(found) if len(key) >= 8]  # noqa: PLR2004 - a shorter one is no secret


def basic(request: Request, secrets: Sequence[bytes], _: int) -> str | None:
    """HTTP Basic, with a user and a password: the only thing that Chargebee shows."""
    scheme = request.header(b"authorization").partition(" ")[0]
    return standard.basic(request, secrets) if scheme.lower() == "basic" else "signature_missing"


def shown(request: Request, secrets: Sequence[bytes], _: int) -> str | None:
    """``Authorization``: a text that both sides know, with or without ``Bearer`` before it."""
    said = request.header(b"authorization").strip()
    if not said:
        return "signature_missing"
    texts = [text.encode("utf-8", "replace") for text in (said, said.removeprefix("Bearer "))]
    return None if sum(standard.one_of(text, secrets) for text in texts) else "signature_wrong"
