"""HubSpot's signatures, three versions over three bases: the third wherever it is there, else the one that the request says it is.

The third signs method, address, body and a time in milliseconds. Those before it sign no time, and the first no address: what HubSpot
says itself of when something happened stands for it then. Whoever sends an old notice again has an object fetched once more, as
it is by then, and nothing else. Must not know: whose secrets these are.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

import msgspec

from goodword.core import calendar
from goodword.sources import standard
from goodword.sources.base import Request

V3, TIME, EARLIER, VERSION = (
    b"x-hubspot-signature-v3",
    b"x-hubspot-request-timestamp",
    b"x-hubspot-signature",
    b"x-hubspot-signature-version",
)
TOLERANCE: Final = 300 * calendar.SECOND
#: For so long HubSpot sends a notice again, and more.
KEPT: Final = 3 * calendar.DAY

_TIME = re.compile("[0-9]{13}")
_SECRET = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What stands decoded in the address that the third version signs.
_DECODED: Final = {quote(sign, safe=""): sign for sign in ":/?@!$'()*,;"}
_ENCODED = re.compile("|".join(_DECODED), re.IGNORECASE)

_notices = msgspec.json.Decoder(list[dict[str, Any]]).decode


def is_secret(text: str) -> bool:
    """Return whether a text can be the client secret of an app."""
    return bool(_SECRET.fullmatch(text))


def signs_address(request: Request) -> bool:
    """Return whether the address, its query with it, is signed too."""
    return bool(request.header(V3)) or _version(request) == "v2"


def check(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
    """Return why the request was not signed with one of the secrets of late; None: it was."""
    if said := request.header(V3):
        return _third(request, said, secrets, now)
    said = request.header(EARLIER)
    if not said:
        return "signature_missing"
    made = {"v1": _first, "v2": _second}.get(_version(request))
    if made is None or not said.isascii():
        return "signature_malformed"
    if not standard.any_of([said.lower()], [made(request, secret) for secret in secrets]):
        return "signature_wrong"
    return "signature_stale" if abs(now - _happened(request.body, now)) > KEPT else None


def third(secret: bytes, method: str, url: str, body: bytes, time: str) -> str:
    """Return the signature of the third version."""
    signed = method.encode() + url.encode() + body + time.encode()
    return base64.b64encode(hmac.new(secret, signed, sha256).digest()).decode()


def _third(request: Request, said: str, secrets: Sequence[bytes], now: int) -> str | None:
    time = request.header(TIME)
    if not _TIME.fullmatch(time) or not said.isascii():
        return "signature_malformed"
    decoded = _ENCODED.sub(lambda found: _DECODED[found[0].upper()], request.url)
    urls = dict.fromkeys((decoded, request.url))
    made = [third(secret, request.method, url, request.body, time) for secret in secrets for url in urls]
    if not standard.any_of([said], made):
        return "signature_wrong"
    return "signature_stale" if abs(now - int(time) * 1_000) > TOLERANCE else None


def _version(request: Request) -> str:
    return request.header(VERSION).strip().lower() or "v1"


def _first(request: Request, secret: bytes) -> str:
    return sha256(secret + request.body).hexdigest()


def _second(request: Request, secret: bytes) -> str:
    return sha256(secret + request.method.encode() + request.url.encode() + request.body).hexdigest()


def _happened(body: bytes, otherwise: int) -> int:
    """Return when the newest of what is told happened; what cannot be read is refused as such later."""
    try:
        times = [one.get("occurredAt") for one in _notices(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return otherwise
    return max((time * 1_000 for time in times if type(time) is int), default=otherwise)
