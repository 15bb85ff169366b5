"""The management API from the command line: JSON in and out, a problem document as one line. Must not know: routes."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, Self

import httpx

_TRIES = 20


class ApiError(Exception):
    """The server refused or failed. ``code`` is the problem's stable code, ``status`` that of HTTP."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail} ({status})")
        self.status = status
        self.code = code


class Client:
    """A key at a server."""

    def __init__(self, url: str, key: str, *, timeout: float = 30.0) -> None:
        headers = {"authorization": f"Bearer {key}"}
        self.http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, trust_env=False)

    async def __aenter__(self) -> Self:
        """Open."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Read. Raises ApiError."""
        return _json(await self.ask("GET", path, params=params))

    async def file(self, path: str, **params: Any) -> httpx.Response:
        """Read what is no JSON. Raises ApiError."""
        answer = await self.ask("GET", path, params=params)
        if not answer.is_success:
            _json(answer)
        return answer

    async def file_of(self, path: str, body: Any) -> httpx.Response:
        """Return a file that a command gives. Raises ApiError for a problem document."""
        answer = await self.ask("POST", path, json=body, headers=_idempotent(None))
        if not answer.is_success:
            _json(answer)
        return answer

    async def post(self, path: str, body: Any, *, key: str | None = None) -> dict[str, Any]:
        """Say; ``key``: the Idempotency-Key, without one a new one. Raises ApiError."""
        return _json(await self.ask("POST", path, json=body, headers=_idempotent(key)))

    async def put(self, path: str, body: Any, *, key: str | None = None) -> dict[str, Any]:
        """Set. Raises ApiError."""
        return _json(await self.ask("PUT", path, json=body, headers=_idempotent(key)))

    async def delete(self, path: str) -> None:
        """End. Raises ApiError."""
        answer = await self.ask("DELETE", path)
        if not answer.is_success:
            _json(answer)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send a request, again while the server is busy: what is sent has an id by which a repeat is recognised."""
        for _ in range(_TRIES):
            answer = await self.http.request(method, path, **more)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
        return answer


def _idempotent(key: str | None) -> dict[str, str]:
    return {"idempotency-key": key or uuid.uuid4().hex}


def _json(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_success:
        body: dict[str, Any] = answer.json()
        return body
    try:
        problem = answer.json()
        named = problem.get("errors", []) if problem["code"] == "not_in_format" else []
        detail = "\n".join([problem["detail"], *(f"  {it['path']}: {it['expected']}" for it in named)])
        raise ApiError(answer.status_code, problem["code"], detail)
    except (ValueError, KeyError, TypeError):
        raise ApiError(answer.status_code, "unreadable_answer", answer.text[:200]) from None
