"""The API of a CRM as far as records are fetched from it and written to: a real HTTP server on this machine that speaks its protocol.

It knows records by their paths, asks for a key, and answers what it does not know, or refuses, as HubSpot and Pipedrive do.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from testkit import wire


class Asked(NamedTuple):
    """A request as it came. ``key``: from either header."""

    method: str
    path: str
    query: str
    key: str
    body: Any


class Said(NamedTuple):
    """An answer. ``after``: seconds of Retry-After."""

    status: int
    body: Any
    after: int | None = None


class CrmApi:
    """``asked``: what was asked for, in order; ``next``: answers that are given first; ``refuses``: what is answered to writes.

    ``consumer``: who gets the key as a token by OAuth's client credentials, as at Salesforce: id and secret.
    """

    def __init__(self, key: str) -> None:
        self.consumer: tuple[str, str] | None = None
        self.records: dict[str, Any] = {}
        self.key = key
        self.asked: list[Asked] = []
        self.next: list[Said] = []
        self.refuses: Said | None = None
        self.url = ""

    def answer(self, asked: Asked) -> Said:
        """Return what the CRM would."""
        self.asked.append(asked)
        if self.next:
            return self.next.pop(0)
        if asked.path == "/services/oauth2/token" and asked.method == "POST":
            said = (asked.body.get("client_id"), asked.body.get("client_secret"))
            if said != self.consumer or asked.body.get("grant_type") != "client_credentials":
                return Said(400, {"error": "invalid_client", "error_description": "invalid client credentials"})
            return Said(200, {"access_token": self.key, "token_type": "Bearer"})
        if asked.key != self.key:
            return Said(
                401, {"status": "error", "category": "INVALID_AUTHENTICATION", "message": "The key is not known."}
            )
        if asked.path not in self.records:
            return Said(404, {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "There is none."})
        if asked.method == "PATCH":
            return self.refuses or Said(200, {"id": asked.path.rpartition("/")[2]})
        return Said(200, self.records[asked.path])

    @property
    def written(self) -> list[tuple[str, Any]]:
        """Paths and bodies of what was written, in order."""
        return [(it.path, it.body) for it in self.asked if it.method == "PATCH"]


@contextlib.contextmanager
def serving(key: str) -> Iterator[CrmApi]:
    """Yield such a server on a free port."""
    api = CrmApi(key)

    class Handler(wire.Quiet):
        def do_GET(self) -> None:  # noqa: N802 - as the library calls it
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            parts = urlsplit(self.path)
            given = self.headers.get("authorization", "").removeprefix("Bearer ") or self.headers.get("x-api-token", "")
            is_form = self.headers.get("content-type") == "application/x-www-form-urlencoded"
            read: Any = dict(parse_qsl(body.decode())) if is_form else json.loads(body) if body else None
            said = api.answer(Asked(self.command, parts.path, parts.query, given, read))
            answer = json.dumps(said.body).encode()
            self.send_response(said.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            if said.after is not None:
                self.send_header("retry-after", str(said.after))
            self.end_headers()
            self.wfile.write(answer)

        do_PATCH = do_POST = do_GET  # noqa: N815 - as the library calls it

    with wire.serving(Handler) as api.url:
        yield api
