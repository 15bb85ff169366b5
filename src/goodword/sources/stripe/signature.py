"""``Stripe-Signature``: a time and any number of signatures over it and the body, by which one of the held secrets is known.

Stripe signs with each secret of an endpoint while one takes another's place, and so may we hold several. Its own libraries take a time
that lies ahead as long as one likes; here it may be five minutes off, either way. Must not know: whose secrets these are.
"""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

from goodword.core import calendar
from goodword.sources import standard
from goodword.sources.base import Request

HEADER = b"stripe-signature"
TOLERANCE = 300  # seconds

_TIME = re.compile("[0-9]{1,12}")
_SECRET = re.compile("whsec_[A-Za-z0-9+/=_-]{16,200}")
_MOST = 100  # signatures of a header; Stripe sends one for each secret, and a second of another scheme in test mode


def is_secret(text: str) -> bool:
    """Return whether a text can be the secret of an endpoint."""
    return bool(_SECRET.fullmatch(text))


def check(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """Return why the request was not signed with one of the secrets of late; None: it was. ``now``: an instant."""
    header = request.header(HEADER)
    if not header:
        return "signature_missing"
    at, signatures = "", []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            at = value
        elif name == "v1" and value.isascii():
            signatures.append(value)
    if not _TIME.fullmatch(at) or not 0 < len(signatures) <= _MOST:
        return "signature_malformed"
    signed = at.encode() + b"." + request.body
    made = [hmac.new(secret, signed, sha256).hexdigest() for secret in secrets]
    if not standard.any_of(signatures, made):
        return "signature_wrong"
    off = abs(now - int(at) * calendar.SECOND)
    return "signature_stale" if off > TOLERANCE * calendar.SECOND else None
