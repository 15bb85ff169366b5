"""Who calls: the key of a request, remembered for a few seconds so that the hot path asks the database rarely.

A revoked key stops after that time. What is compared are SHA-256 hashes of random keys, in constant time.
Must not know: what a caller may do.
"""

import base64
import hmac
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from goodword.app.bounded import Bounded
from goodword.app.engine import Clock
from goodword.sources.base import RefusedError
from goodword.store.api_keys import Kept, api_key_hash, parse_api_key
from goodword.store.workspaces import Workspace

_FRESH = 5.0  # seconds
_FRESH_NO = 1.0
_MOST = 10_000


class Caller(NamedTuple):
    """A known key: its hash and kind, its workspace, and its id."""

    hash: bytes
    kind: Kept
    workspace: Workspace
    id: str = ""


LookUp = Callable[[bytes], Awaitable[Caller | None]]


class Callers:
    """Recognises callers by the text of a key. ``look_up`` finds a key that is known and not revoked."""

    def __init__(self, look_up: LookUp, clock: Clock) -> None:
        self._look_up = look_up
        self._clock = clock
        self._remembered: Bounded[bytes, tuple[Caller | None, float]] = Bounded(_MOST)

    async def of(self, text: str | None) -> Caller:
        """Return whose key it is. Raises RefusedError (401)."""
        if not text:
            raise _unauthorized("key_missing", "Send `Authorization: Bearer KEY`, or Basic with the key as user name.")
        if parse_api_key(text) is None:
            raise _unauthorized("key_malformed", "The key is cut, mistyped or no key of this product.")
        hashed = api_key_hash(text)
        caller = await self._find(hashed)
        if caller is None or not hmac.compare_digest(caller.hash, hashed):
            raise _unauthorized("key_unknown", "The key is not known here, or was revoked.")
        return caller

    async def _find(self, hashed: bytes) -> Caller | None:
        caller, fresh_until = self._remembered.get(hashed) or (None, 0.0)
        if self._clock.monotonic() < fresh_until:
            return caller
        caller = await self._look_up(hashed)
        fresh = _FRESH_NO if caller is None else _FRESH
        self._remembered.put(hashed, (caller, self._clock.monotonic() + fresh))
        return caller


def key_in(header: Callable[[bytes], str]) -> str | None:
    """Return the key that the headers of a request hold, in whichever form its client sends one; None: they hold none."""
    scheme, _, rest = header(b"authorization").partition(" ")
    said = ""
    if scheme.lower() == "bearer":
        said = rest.strip()
    elif scheme.lower() == "basic":
        said = _one_of(_decoded(rest.strip()))
    return said or _one_of(header(b"x-write-key").strip()) or header(b"x-api-key").strip() or None


def _decoded(basic: str) -> str:
    try:
        return base64.b64decode(basic, validate=True).decode("ascii")
    except (NotBase64, ValueError):
        return ""


def _one_of(pair: str) -> str:
    """Return which part of ``name:secret`` is a key: Segment's clients send it as the name, Customer.io's and Jitsu's as the secret."""
    name, _, secret = pair.partition(":")
    return secret if secret and parse_api_key(name) is None else name


def _unauthorized(code: str, detail: str) -> RefusedError:
    return RefusedError(401, code, detail, {b"www-authenticate": b'Bearer realm="goodword"'})
