"""A JSON Web Token that opens the portal, as any library makes one."""

import base64
import hmac
import json
import secrets
import time
from hashlib import sha256
from typing import Any


def token(secret: str, claims: dict[str, Any], alg: str = "HS256", **header: Any) -> str:
    """Return a signed token. ``alg`` and ``header``: what its header says."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": alg, "typ": "JWT", **header}, claims)
    ]
    signed = b".".join(parts)
    signature = b"" if alg == "none" else hmac.digest(secret.encode(), signed, sha256)
    return b".".join([signed, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def claims(workspace: str, sub: str, now: float | None = None) -> dict[str, Any]:
    """Return what a token says of somebody by their external id, for a minute from an instant in seconds."""
    begins = int(time.time() if now is None else now)
    return {"sub": sub, "aud": workspace, "jti": secrets.token_urlsafe(16), "iat": begins, "exp": begins + 60}
