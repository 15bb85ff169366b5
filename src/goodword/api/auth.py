"""Who calls and whether they may: API keys as in the edge, permissions as the use case asks for them, checked before anything is read.

An operation names its use case by ``needs(use_case)``, which says what it needs; there is none without.
"""

from __future__ import annotations

import base64
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBasic, HTTPBearer
from starlette.datastructures import Headers
from starlette.types import Scope

from goodword.api.errors import ProblemError
from goodword.app.directory import Directory
from goodword.app.principal import Principal, action_of
from goodword.store.api_keys import api_key_hash, parse_api_key

_CHALLENGE = {"www-authenticate": 'Bearer realm="goodword"'}
_SCHEMES = [
    Depends(HTTPBearer(auto_error=False, description="An API key")),
    Depends(HTTPBasic(auto_error=False, description="The API key as user name, no password")),
]


def needs(use_case: Callable[..., Any]) -> Any:
    """Return the dependency that gives who calls, if they may do what the operation's use case asks for; else 401 or 403.

    The use case asks again: here it is asked so that a 403 comes before a wrong body is looked at. Raises KeyError for a function
    that asks for nothing.
    """
    action = action_of(use_case)

    async def principal(request: Request) -> Principal:
        who = await _principal(request)
        who.needs(action)
        _names(request)
        return who

    principal.__dict__["use_case"] = use_case
    return Depends(principal)


def schemes() -> list[Any]:
    """Return the ways to send a key, for the published document."""
    return _SCHEMES


def directory_of(request: Request) -> Directory:
    """Return the installation's directory."""
    directory: Directory = request.app.state.directory
    return directory


#: The default of a handler's parameter: FastAPI gives the installation's directory.
DIRECTORY: Any = Depends(directory_of)


def _names(request: Request) -> None:
    """Raise RequestValidationError naming all names in the query that the operation does not know."""
    known = [param.alias for param in request.scope["route"].dependant.query_params]
    wrong = [name for name in request.query_params if name not in known]
    if wrong:
        raise RequestValidationError([{"loc": ("query", name), "msg": _expected(name, known)} for name in wrong])


def _expected(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name.lower(), known, n=1)
    if near:
        return f"there is no such name; did you mean {near[0]}?"
    return f"there is no such name; there are {', '.join(known)}" if known else "nothing: the operation takes no query"


def has_body(scope: Scope) -> bool:
    """Return whether a request brings a body."""
    headers = {name: value for name, value in scope["headers"] if name in (b"content-length", b"transfer-encoding")}
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


async def recognise(directory: Directory, scope: Scope) -> Principal:
    """Return who sends a request, asked for once. Raises ProblemError (401)."""
    known: Principal | None = scope.get("goodword.principal")
    if known is None:
        known = scope["goodword.principal"] = await _recognised(
            directory, Headers(scope=scope).get("authorization", "")
        )
    return known


async def _principal(request: Request) -> Principal:
    return await recognise(directory_of(request), request.scope)


async def _recognised(directory: Directory, authorization: str) -> Principal:
    text = _key(authorization)
    if not text:
        raise _unauthorized("key_missing", "Send `Authorization: Bearer KEY`, or Basic with the key as user name.")
    if parse_api_key(text) is None:
        raise _unauthorized("key_malformed", "The key is cut, mistyped or no key of this product.")
    who = await directory.principal(api_key_hash(text))
    if who is None:
        raise _unauthorized("key_unknown", "The key is not known here, or was revoked.")
    return who


def _key(authorization: str) -> str | None:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).decode("ascii").partition(":")[0]
        except (NotBase64, ValueError):
            return None
    return None


def _unauthorized(code: str, detail: str) -> ProblemError:
    return ProblemError(401, code, detail, headers=_CHALLENGE)


#: Required on what moves money or status: the id of the command's event. It is missed by ``key_of``, after who may not was told so.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        description="Makes a repeat harmless: the same key and content give the first answer, for ever.",
    ),
]


def key_of(who: Principal, key: str | None) -> str:
    """Return the id of a command's event: a key belongs to who sends it, so that nobody repeats another. Raises ProblemError."""
    if not key or not key.isascii() or not key.isprintable():
        raise ProblemError(400, "idempotency_key_required", "Send a new random Idempotency-Key with each command.")
    return f"{who.actor.id}:{key}"


def once_of(who: Principal, key: str | None) -> str | None:
    """Return the id of a command's event where a key may come and need not. Raises ProblemError."""
    return None if key is None else key_of(who, key)
