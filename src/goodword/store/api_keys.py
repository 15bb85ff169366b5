"""The text of API keys: made, recognised, hashed. Where they are kept and what they may do stands elsewhere.

``gw_sk_live_`` and 56 characters: 32 random bytes and three of checksum in base32, lower-case. The checksum tells a key
that was cut or mistyped from one that is unknown or revoked, without a look into the database.
"""

import base64
import hmac
import os
import re
from hashlib import sha256
from typing import Literal, NamedTuple, cast

Kind = Literal["sk", "wk", "pk", "mk"]
#: What another system made: the secret under which it signs what it sends, the restricted key with which it is asked.
Theirs = Literal["hs", "rk"]
#: What is kept as a key.
Kept = Literal["sk", "wk", "pk", "mk", "hs", "rk"]
Mode = Literal["live", "sandbox"]

_SECRET_BYTES = 32
_CHECK_BYTES = 3
_SHAPE = re.compile(r"(gw_(sk|wk|pk|mk)_(live|sandbox)_)([a-z2-7]{56})")
_ANYWHERE = re.compile(rb"gw_(?:sk|wk|pk|mk|ps)_(?:live|sandbox)_[a-z2-7]{56}")


class ApiKey(NamedTuple):
    """What the text of a key says of itself: secret, write, publishable or member's; live or sandbox."""

    kind: Kind
    mode: Mode


def new_api_key(kind: Kind, mode: Mode) -> str:
    """Make a key. It is shown once and kept as its hash only."""
    return _made(f"gw_{kind}_{mode}_")


def new_portal_secret(mode: Mode) -> str:
    """Make what a company's own app signs tokens for the portal with. It opens nothing as a key, and is kept sealed."""
    return _made(f"gw_ps_{mode}_")


def _made(head: str) -> str:
    secret = os.urandom(_SECRET_BYTES)
    return head + base64.b32encode(secret + _check(head, secret)).decode().lower()


def parse_api_key(text: str) -> ApiKey | None:
    """Read kind and mode; None if it is no key at all, cut or mistyped. Says nothing of whether the key is known."""
    match = _SHAPE.fullmatch(text)
    if not match:
        return None
    raw = base64.b32decode(match[4].upper())
    if not hmac.compare_digest(raw[_SECRET_BYTES:], _check(match[1], raw[:_SECRET_BYTES])):
        return None
    return ApiKey(cast("Kind", match[2]), cast("Mode", match[3]))


def without_keys(data: bytes) -> bytes:
    """Return bytes without whatever looks like a key in them."""
    return _ANYWHERE.sub(b"", data)


def api_key_hash(text: str) -> bytes:
    """Return what is stored and looked up. A plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return sha256(text.encode()).digest()


def _check(head: str, secret: bytes) -> bytes:
    return sha256(head.encode() + secret).digest()[:_CHECK_BYTES]
