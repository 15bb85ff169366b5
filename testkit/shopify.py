"""One purchase as a shop at Shopify tells it, and its signature. Values are our own; shapes are those of its webhooks.

``Story(n)`` is the purchase of ``testkit/stripe.py``: 119.00 EUR, 19.00 of it tax and 10.00 shipping; 30.00 go back, then 20.00; the
bank asks 25.00 back, and gets it.
"""

import base64
import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

SECRET = "shpss_" + "0a1b" * 8


class Told(NamedTuple):
    """A delivery: its topic and its object."""

    topic: str
    object: dict[str, Any]


def signed(body: bytes, secret: str = SECRET) -> str:
    """Return the signature of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, sha256).digest()).decode()


def headers(body: bytes, topic: str, secret: str = SECRET, family: str = "x-shopify") -> dict[str, str]:
    """Return the headers of a delivery, in one of the two families."""
    said = {"topic": topic, "shop-domain": "acme.myshopify.com", "api-version": "2026-10", "webhook-id": "b54557e4"}
    return {f"{family}-{name}": value for name, value in {**said, "hmac-sha256": signed(body, secret)}.items()}


def body(said: Told) -> bytes:
    """Return an object as it is sent."""
    return json.dumps(said.object).encode()


@dataclass(frozen=True)
class Story:
    """The purchase number ``n``."""

    n: int
    code: str = "ANN"
    test: bool = False

    @property
    def id(self) -> int:
        """The id of the order."""
        return 820_000 + self.n

    def order(self, status: str = "paid", **more: Any) -> dict[str, Any]:
        """The order, the code in the address that the visit began with."""
        line = {
            "id": 500_000 + self.n,
            "product_id": 7_001,
            "quantity": 2,
            "price": "50.00",
            "vendor": "Acme",
            "discount_allocations": [{"amount": "10.00"}],
            "tax_lines": [{"price": "19.00", "rate": 0.21}],
        }
        return {
            "id": self.id,
            "test": self.test,
            "email": f"bob{self.n}@mail.example",
            "created_at": "2026-03-03T10:00:50+01:00",
            "processed_at": "2026-03-03T10:01:00+01:00",
            "currency": "EUR",
            "financial_status": status,
            "total_price": "119.00",
            "subtotal_price": "90.00",
            "total_tax": "19.00",
            "total_discounts": "10.00",
            "taxes_included": False,
            "landing_site": f"/products/shoes?utm_source=x&gw_code={self.code}",
            "note_attributes": [],
            "discount_codes": [],
            "customer": {"id": 900_000 + self.n},
            "billing_address": {"country_code": "DE"},
            "line_items": [line],
            "shipping_lines": [{"price": "10.00", "discount_allocations": [], "tax_lines": []}],
            "refunds": [],
            **more,
        }

    def refund(self, k: int, amount: str, **more: Any) -> dict[str, Any]:
        """One of its refunds."""
        paid = {"id": 1, "kind": "refund", "status": "success", "amount": amount, "currency": "EUR", "test": self.test}
        named = {"id": 10 * self.id + k, "order_id": self.id, "created_at": f"2026-03-03T10:{k:02d}:00+01:00"}
        return {**named, "transactions": [paid], "refund_line_items": [], "order_adjustments": [], **more}

    def dispute(self, status: str, **more: Any) -> dict[str, Any]:
        """What the bank says."""
        said = {"id": 70_000 + self.n, "order_id": self.id, "type": "chargeback", "amount": "25.00", "currency": "EUR"}
        return {**said, "status": status, "initiated_at": "2026-03-03T10:08:20+01:00", **more}

    def told(self) -> list[Told]:
        """Return all deliveries, in the order in which they happened."""
        return [
            Told("orders/create", self.order("pending")),
            Told("orders/paid", self.order()),
            Told("refunds/create", self.refund(1, "30.00")),
            Told("refunds/create", self.refund(2, "20.00")),
            Told("disputes/create", self.dispute("needs_response")),
            Told("disputes/update", self.dispute("under_review")),
            Told("disputes/update", self.dispute("lost")),
        ]
