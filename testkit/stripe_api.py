"""Stripe's API as far as objects are fetched from it: a real HTTP server on this machine that speaks its protocol.

It knows objects by their paths, asks for a restricted key, and answers what it does not know, or may not tell, as Stripe does.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

KEY = "rk_test_" + "a1B2" * 8
_PATHS = {
    "checkout.session": "checkout/sessions",
    "customer": "customers",
    "subscription": "subscriptions",
    "invoice": "invoices",
    "invoice_payment": "invoice_payments",
    "payment_intent": "payment_intents",
    "charge": "charges",
    "refund": "refunds",
    "credit_note": "credit_notes",
    "dispute": "disputes",
}


class Asked(NamedTuple):
    """A request as it came."""

    path: str
    version: str
    trigger: str


class StripeApi:
    """``asked``: what was asked for, in order; ``next``: statuses that are answered first, whatever is asked for."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self.keys = {KEY}
        self.asked: list[Asked] = []
        self.next: list[int] = []
        self.url = ""

    def keep(self, object_: Any) -> None:
        """Have an object as it is now."""
        self.objects[f"/v1/{_PATHS[object_['object']]}/{object_['id']}"] = object_

    def answer(self, asked: Asked, authorization: str) -> tuple[int, Any]:
        """Return what Stripe would."""
        self.asked.append(asked)
        if self.next:
            return self.next.pop(0), _error("api_error", "Try again.")
        if authorization.removeprefix("Bearer ") not in self.keys:
            return 401, _error("invalid_request_error", "Invalid API Key provided: rk_test_****")
        found = self.objects.get(asked.path)
        if found is None:
            return 404, _error("invalid_request_error", "No such object", code="resource_missing", param="id")
        return 200, found


def _error(kind: str, message: str, **more: str) -> Any:
    return {"error": {"type": kind, "message": message, **more}}


@contextlib.contextmanager
def serving() -> Iterator[StripeApi]:
    """Yield such a server on a free port."""
    api = StripeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(
                self.path, self.headers.get("stripe-version", ""), self.headers.get("stripe-request-trigger", "")
            )
            status, said = api.answer(asked, self.headers.get("authorization", ""))
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            if status in (301, 302, 307):
                self.send_header("location", f"{api.url}/v1/customers/cus_elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
