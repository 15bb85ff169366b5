"""Stripe's API as far as objects are fetched from it, and balances of customers are written: a real HTTP server on this machine.

It knows objects by their paths, asks for a restricted key, and answers what it does not know, or may not tell, as Stripe does. Of a
customer it keeps the transactions of their balance, and what it answered under an Idempotency-Key, as Stripe does for a day.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from testkit import wire

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


_BALANCE = "/balance_transactions"


class StripeApi:
    """``asked``: what was asked for, in order; ``next``: statuses that are answered first, whatever is asked for.

    ``balances``: transactions by customer, the newest first; ``answered``: by Idempotency-Key; ``loses``: so many answers to what was
    written are lost.
    """

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}
        self.keys = {KEY}
        self.asked: list[Asked] = []
        self.next: list[int] = []
        self.url = ""
        self.balances: dict[str, list[dict[str, Any]]] = {}
        self.answered: dict[str, tuple[Any, tuple[int, Any]]] = {}
        self.loses = 0

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
        parts = urlsplit(asked.path)
        if parts.path.endswith(_BALANCE):
            return self._page(parts.path.split("/")[3], dict(parse_qsl(parts.query)))
        found = self.objects.get(asked.path)
        if found is None:
            return 404, _error("invalid_request_error", "No such object", code="resource_missing", param="id")
        return 200, found

    def _page(self, customer: str, asked: dict[str, str]) -> tuple[int, Any]:
        if customer not in self.balances:
            return 404, _error("invalid_request_error", "No such customer", code="resource_missing", param="customer")
        rows = self.balances[customer]
        last = [place for place, row in enumerate(rows) if row["id"] == asked.get("starting_after")]
        rest = rows[last[0] + 1 if last else 0 :]
        limit = int(asked.get("limit", 10))
        return 200, {"object": "list", "data": rest[:limit], "has_more": len(rest) > limit}

    def write(self, asked: Asked, authorization: str, key: str, said: dict[str, str]) -> tuple[int, Any]:
        """Return what Stripe would to what changes a balance; the same under a key is answered alike, other things not at all."""
        self.asked.append(asked)
        if self.next:
            return self.next.pop(0), _error("api_error", "Try again.")
        if authorization.removeprefix("Bearer ") not in self.keys:
            return 401, _error("invalid_request_error", "Invalid API Key provided: rk_test_****")
        if key in self.answered:
            before, answer = self.answered[key]
            if before != (asked.path, said):
                return 400, _error(
                    "idempotency_error", "Keys for idempotent requests can only be used with the same parameters"
                )
            return answer
        answer = self._booked(asked.path.split("/")[3], said)
        self.answered[key] = (asked.path, said), answer
        return answer

    def _booked(self, customer: str, said: dict[str, str]) -> tuple[int, Any]:
        if customer not in self.balances:
            return 400, _error("invalid_request_error", "No such customer", code="resource_missing", param="customer")
        rows = self.balances[customer]
        if any(row["currency"] != said["currency"] for row in rows):
            return 400, _error(
                "invalid_request_error", "The customer has another currency.", code="customer_currency_conflict"
            )
        metadata = {name[9:-1]: value for name, value in said.items() if name.startswith("metadata[")}
        made = {
            "id": f"cbtxn_{len(rows)}",
            "amount": int(said["amount"]),
            "currency": said["currency"],
            "metadata": metadata,
        }
        rows.insert(0, {"object": "customer_balance_transaction", "customer": customer, **made})
        return 200, rows[0]


def _error(kind: str, message: str, **more: str) -> Any:
    return {"error": {"type": kind, "message": message, **more}}


@contextlib.contextmanager
def serving() -> Iterator[StripeApi]:
    """Yield such a server on a free port."""
    api = StripeApi()

    class Handler(wire.Quiet):
        def do_GET(self) -> None:  # noqa: N802 - as the library calls it
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

        def do_POST(self) -> None:  # noqa: N802 - as the library calls it
            said = dict(parse_qsl(self.rfile.read(int(self.headers.get("content-length") or 0)).decode()))
            asked = Asked(self.path, self.headers.get("stripe-version", ""), "")
            key = self.headers.get("idempotency-key", "")
            status, made = api.write(asked, self.headers.get("authorization", ""), key, said)
            if api.loses:
                api.loses -= 1
                self.close_connection = True
                return
            body = json.dumps(made).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with wire.serving(Handler) as api.url:
        yield api
