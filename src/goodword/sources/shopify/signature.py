"""Shopify's signature: HMAC-SHA256 over the body, base64, under either family of headers; by one of the held secrets.

It signs no time and no topic: a delivery that was kept and is sent again is known by the ids of its objects, and what it is about is
told by the object itself. Must not know: whose secrets these are.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

from goodword.sources import standard
from goodword.sources.base import Request

_SECRET = re.compile("(?:shpss_)?[A-Za-z0-9]{20,128}")


def header(request: Request, name: bytes) -> str:
    """Return a header of Shopify's: ``X-Shopify-…``, or ``Shopify-…`` as its events have it."""
    return request.header(b"x-shopify-" + name) or request.header(b"shopify-" + name)


def is_secret(text: str) -> bool:
    """Return whether a text can be the secret of an app, or of a shop's own webhooks."""
    return bool(_SECRET.fullmatch(text))


def check(request: Request, secrets: Sequence[bytes], _: int) -> str | None:
    """Return why the body was not signed with one of the secrets; None: it was."""
    said = header(request, b"hmac-sha256")
    if not said:
        return "signature_missing"
    if not said.isascii():
        return "signature_malformed"
    made = [base64.b64encode(hmac.new(secret, request.body, sha256).digest()).decode() for secret in secrets]
    return None if standard.any_of([said], made) else "signature_wrong"
