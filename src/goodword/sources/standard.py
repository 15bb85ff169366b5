"""Standard Webhooks, as a source that is signed so is checked; or the secret itself in a header, where a sender can sign nothing.

The headers of a signature go by the standard's names or by Svix's. Must not know: which source it is, whose secrets these are.
"""

import base64
import hmac
import re
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from goodword.core import calendar
from goodword.sources.base import Request

TOLERANCE: Final = 300  # seconds
PREFIX: Final = "whsec_"

#: What names of headers begin with: who sends by Svix has names of its own. All three of a request are of one.
_FAMILIES: Final = (b"svix-", b"webhook-")
_ID = re.compile("[!-~]{1,255}")
_TIME = re.compile("[0-9]{1,12}")
_SECRET = re.compile("whsec_[A-Za-z0-9+/]{32,88}={0,2}")
_MOST: Final = 20  # signatures of a header


def is_secret(text: str) -> bool:
    """Return whether a text can be a secret: ``whsec_`` and at least 24 random bytes in base64."""
    return bool(_SECRET.fullmatch(text)) and _key(text.encode()) is not None


def check(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """Return why the request was not signed with one of the secrets of late; None: it was, or brings one of them itself."""
    if not any(request.header(family + b"signature") for family in _FAMILIES):
        return bearer(request, secrets)
    return signed(request, [key for secret in secrets if (key := _key(secret)) is not None], now)


def signed(request: Request, keys: Sequence[bytes], now: int) -> str | None:
    """Return why no ``v1`` of several, over id, time and body, was made with one of the keys of late; None: one was."""
    family = next((it for it in _FAMILIES if request.header(it + b"signature")), None)
    if family is None:
        return "signature_missing"
    id_, at, header = (request.header(family + name) for name in (b"id", b"timestamp", b"signature"))
    said = [part.removeprefix("v1,") for part in header.split() if part.startswith("v1,") and part.isascii()]
    if not _ID.fullmatch(id_) or not _TIME.fullmatch(at) or not 0 < len(said) <= _MOST:
        return "signature_malformed"
    text = f"{id_}.{at}.".encode() + request.body
    if not any_of(said, (base64.b64encode(hmac.new(key, text, sha256).digest()).decode() for key in keys)):
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


def basic(request: Request, secrets: Sequence[bytes]) -> str | None:
    """Return why the request does not bring one of the secrets, ``user:password``, as HTTP Basic; None: it does."""
    scheme, _, said = request.header(b"authorization").partition(" ")
    if not said:
        return "signature_missing"
    try:
        pair = base64.b64decode(said.strip(), validate=True) if scheme.lower() == "basic" else b""
    except (NotBase64, ValueError):
        pair = b""
    if not pair:
        return "signature_malformed"
    return None if one_of(pair, secrets) else "signature_wrong"


def one_of(said: bytes, secrets: Sequence[bytes]) -> bool:
    """Return whether it is one of the secrets; each is compared, whatever was found before."""
    return bool(sum(hmac.compare_digest(secret, said) for secret in secrets))


def any_of(said: Iterable[str], made: Iterable[str]) -> bool:
    """Return whether any that is said is one of those that were made; each is compared with each, whatever was found before."""
    signatures = [one.encode() for one in made]
    return bool(sum(one_of(one.encode("utf-8", "replace"), signatures) for one in said))


def _key(secret: bytes) -> bytes | None:
    said = secret.removeprefix(PREFIX.encode())
    try:
        return base64.b64decode(said + b"=" * (-len(said) % 4), validate=True)
    except (NotBase64, ValueError):
        return None
