"""Standard Webhooks, as a source that is signed so is checked; or the secret itself in a header, where a sender can sign nothing.

Must not know: which source it is, whose secrets these are.
"""

import base64
import hmac
import re
from binascii import Error as NotBase64
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from goodword.core import calendar
from goodword.sources.base import Request

TOLERANCE: Final = 300  # seconds
PREFIX: Final = "whsec_"

_ID = re.compile("[!-~]{1,255}")
_TIME = re.compile("[0-9]{1,12}")
_SECRET = re.compile("whsec_[A-Za-z0-9+/]{32,88}={0,2}")
_MOST: Final = 20  # signatures of a header


def is_secret(text: str) -> bool:
    """Return whether a text can be a secret: ``whsec_`` and at least 24 random bytes in base64."""
    return bool(_SECRET.fullmatch(text)) and _key(text.encode()) is not None


def check(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """Return why the request was not signed with one of the secrets of late; None: it was, or brings one of them itself."""
    if not request.header(b"webhook-signature"):
        return bearer(request, secrets)
    id_, at = request.header(b"webhook-id"), request.header(b"webhook-timestamp")
    parts = request.header(b"webhook-signature").split()
    said = [part[3:] for part in parts if part.startswith("v1,") and part.isascii()]
    if not _ID.fullmatch(id_) or not _TIME.fullmatch(at) or not 0 < len(said) <= _MOST:
        return "signature_malformed"
    signed = f"{id_}.{at}.".encode() + request.body
    keys = [key for secret in secrets if (key := _key(secret)) is not None]
    made = [base64.b64encode(hmac.new(key, signed, sha256).digest()).decode() for key in keys]
    # each is compared with each, whatever was found before
    if not sum(hmac.compare_digest(one, other) for one in made for other in said):
        return "signature_wrong"
    return "signature_stale" if abs(now - int(at) * calendar.SECOND) > TOLERANCE * calendar.SECOND else None


def bearer(request: Request, secrets: Sequence[bytes]) -> str | None:
    """Return why the request does not bring one of the secrets as ``Authorization: Bearer``; None: it does."""
    scheme, _, said = request.header(b"authorization").partition(" ")
    if not said:
        return "signature_missing"
    if scheme.lower() != "bearer" or not said.isascii():
        return "signature_malformed"
    return None if one_of(said.strip().encode(), secrets) else "signature_wrong"


def one_of(said: bytes, secrets: Sequence[bytes]) -> bool:
    """Return whether it is one of the secrets; each is compared, whatever was found before."""
    return bool(sum(hmac.compare_digest(secret, said) for secret in secrets))


def _key(secret: bytes) -> bytes | None:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX.encode()), validate=True)
    except (NotBase64, ValueError):
        return None
