"""A shop of the company's that books rewards: a real HTTP server on this machine, which verifies who asks with a library of others.

It recognises an order by its id, for ever, as our documentation asks of it, and answers as it is told to.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from testkit import wire


class Said(NamedTuple):
    """An answer. ``status`` None: the connection is closed without one. ``books``: whether an order that came was booked."""

    status: int | None
    body: Any = None
    books: bool = False
    headers: tuple[tuple[str, str], ...] = ()


class Shop:
    """``posts``, ``gets``: answers that are given first; ``booked``: orders by id; ``told``: ids of all orders that came, in order."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.posts: list[Said] = []
        self.gets: list[Said] = []
        self.booked: dict[str, Any] = {}
        self.told: list[str] = []
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Said:
        """Return what the shop says."""
        self.headers.append(headers)
        id_ = headers.get("webhook-id", "")
        if not any(_verifies(secret, body or b"{}", headers) for secret in self.secrets):
            return Said(401, {"reason": "not_signed"})
        if method == "GET":
            if path != f"/book/{id_}":
                return Said(400)
            self.asked.append(id_)
            known = Said(200, {"status": "completed", "reference": f"b-{id_}"}) if id_ in self.booked else Said(404)
            return self.gets.pop(0) if self.gets else known
        if (path, headers.get("idempotency-key")) != ("/book", id_):
            return Said(400)
        self.told.append(id_)
        said = (
            self.posts.pop(0) if self.posts else Said(200, {"status": "completed", "reference": f"b-{id_}"}, books=True)
        )
        if said.books:
            self.booked.setdefault(id_, json.loads(body))
        return said


def _verifies(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


@contextlib.contextmanager
def serving() -> Iterator[Shop]:
    """Yield such a shop on a free port."""
    shop = Shop()

    class Handler(wire.Quiet):
        def do_GET(self) -> None:  # noqa: N802 - as the library calls it
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = shop.answer(self.command, self.path, headers, body)
            if said.status is None:
                self.close_connection = True
                return
            text = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in (*said.headers, ("content-length", str(len(text)))):
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # it may read no more of it
                self.wfile.write(text)

        do_POST = do_GET  # noqa: N815 - as the library calls it

    with wire.serving(Handler) as at:
        shop.url = f"{at}/book"
        yield shop
