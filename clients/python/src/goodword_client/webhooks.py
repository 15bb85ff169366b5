"""Webhooks by Standard Webhooks: whether a delivery is Goodword's, unchanged and of now."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from goodword_client.errors import WebhookError

_PREFIX = "whsec_"


class Webhook:
    """An endpoint's secrets: one, or two and more while one is replaced by another.

    ``tolerance``: by how many seconds a delivery's time may differ from now. A delivery that comes again has the same
    ``webhook-id``: whoever keeps these does nothing twice.
    """

    def __init__(self, *secrets: str, tolerance: int = 300) -> None:
        self._keys = [_key(secret) for secret in secrets]
        if not self._keys:
            raise ValueError("a webhook needs a secret")
        self._tolerance = tolerance

    def verify(self, body: bytes | str, headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> Any:
        """What a delivery says. ``body``: as it came, before anything parsed it. Raises WebhookError."""
        self.check(body, headers)
        try:
            return json.loads(body)
        except ValueError:
            raise WebhookError("body", "the body is not JSON") from None

    def check(self, body: bytes | str, headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
        """The id of a delivery that is to be believed, whatever its body is. Raises WebhookError."""
        said = {name.lower(): value for name, value in (headers.items() if isinstance(headers, Mapping) else headers)}
        try:
            id_, at, signed = (said[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        except KeyError as missing:
            raise WebhookError("headers", f"the header {missing.args[0]} is not there") from None
        if not (at.isascii() and at.isdigit() and len(at) <= 15 and abs(time.time() - int(at)) <= self._tolerance):  # noqa: PLR2004 - digits
            raise WebhookError("timestamp", "the delivery is not of now")
        raw = body.encode(errors="surrogatepass") if isinstance(body, str) else body
        meant = [hmac.new(key, f"{id_}.{at}.".encode() + raw, sha256).digest() for key in self._keys]
        # Every signature is compared with every secret's, each in constant time.
        found = [hmac.compare_digest(one, given) for given in _signatures(signed) for one in meant]
        if not any(found):
            raise WebhookError("signature", "no signature is of a secret that is known here")
        return id_


def _signatures(header: str) -> list[bytes]:
    """The signatures of the version that is read here; what is none is passed over."""
    found = []
    for one in header.split():
        version, _, signature = one.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(signature, validate=True))
            except ValueError:
                continue
    return found


def _key(secret: str) -> bytes:
    text = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("a secret is whsec_ and base64")
    return key
