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
    """Recognises callers by the Authorization header. ``look_up`` finds a key that is known and not revoked."""

    def __init__(self, look_up: LookUp, clock: Clock) -> None:
        self._look_up = look_up
        self._clock = clock
        self._remembered: Bounded[bytes, tuple[Caller | None, float]] = Bounded(_MOST)

    async def of(self, authorization: str) -> Caller:
        """Return who calls. Raises RefusedError (401)."""
        text = _key_of(authorization)
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


def _key_of(authorization: str) -> str | None:
    scheme, _, rest = authorization.partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode("ascii").partition(":")[0]
        except (NotBase64, ValueError):
            return None
    return None


def _unauthorized(code: str, detail: str) -> RefusedError:
    return RefusedError(401, code, detail, {b"www-authenticate": b'Bearer realm="goodword"'})
