"""One purchase as Stripe tells it, in the versions of its API, and its signature. Values are our own; shapes are those of the versions.

``Story(n, version)``: somebody brings a customer by a code in their metadata, who buys for 119.00 EUR, 19.00 of it tax and 10.00
shipping; 30.00 go back, then 20.00; the bank asks 25.00 back, and gets it.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

Event = dict[str, Any]

SECRET = "whsec_" + "a1B2" * 8
VERSIONS = ("2020-08-27", "2024-06-20", "2025-03-31.basil", "2026-10-28.endive")
AT = 1_772_528_400  # 2026-03-03T09:00:00Z


def signed(body: bytes, at: int, *secrets: str) -> str:
    """Return the header of a body that is signed with each secret."""
    signatures = [hmac.new(secret.encode(), b"%d.%b" % (at, body), sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={one}" for one in signatures), "v0=" + "00" * 32])


def event(id_: str, kind: str, version: str | None, object_: Any, at: int = AT, *, live: bool = False) -> Event:
    """Return an event about an object."""
    said = {"id": id_, "object": "event", "api_version": version, "created": at, "type": kind, "livemode": live}
    return {
        **said,
        "data": {"object": object_},
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
    }


def thin(said: Event) -> Event:
    """Return a snapshot's event as a thin one: it names its object, and tells nothing of it."""
    object_ = said["data"]["object"]
    at = datetime.fromtimestamp(said["created"], UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    named = {"id": object_["id"], "type": object_["object"], "url": f"/v1/elsewhere/{object_['id']}"}
    return {
        "id": f"{said['id']}_thin",
        "object": "v2.core.event",
        "type": f"v1.{said['type']}",
        "livemode": said["livemode"],
        "created": at,
        "context": None,
        "related_object": named,
        "reason": {"type": "request", "request": {"id": "req_1", "idempotency_key": "idem_1"}},
    }


def listed(*items: Any) -> Any:
    """Return a list as Stripe has it in an object."""
    return {"object": "list", "data": list(items), "has_more": False, "url": "/v1/things"}


@dataclass(frozen=True)
class Story:
    """The purchase number ``n``, told in a version. ``code``: what led the customer there; ``currency`` in Stripe's small letters."""

    n: int
    version: str
    code: str = "ANN"
    live: bool = False

    @property
    def flat(self) -> bool:
        """Whether an invoice names its payment, as before basil."""
        return self.version < "2025-03-31"

    def id(self, kind: str) -> str:
        """The id of one of its objects."""
        return f"{kind}_{self.n}"

    def event(self, name: str, kind: str, object_: Any, at: int = AT) -> Event:
        """Return one of its events."""
        return event(f"evt_{self.n}_{name}", kind, self.version, object_, at, live=self.live)

    @property
    def customer(self) -> Event:
        """The customer is made, with the code that their browser kept."""
        made = {"id": self.id("cus"), "object": "customer", "created": AT, "email": f"bob{self.n}@mail.example"}
        return self.event("customer", "customer.created", {**made, "metadata": {"gw_code": self.code}})

    def invoice(self, *, paid: bool = True) -> Any:
        """The invoice."""
        common = {
            "id": self.id("in"),
            "object": "invoice",
            "created": AT + 50,
            "currency": "eur",
            "customer": self.id("cus"),
            "customer_email": f"bob{self.n}@mail.example",
            "status": "paid" if paid else "open",
            "subtotal": 10_000,
            "total": 11_900,
            "amount_due": 11_900,
            "amount_paid": 11_900 if paid else 0,
            "shipping_cost": {"amount_subtotal": 1_000, "amount_tax": 0, "amount_total": 1_000, "taxes": []},
            "status_transitions": {"finalized_at": AT + 55, "paid_at": AT + 60 if paid else None},
            "total_discount_amounts": [{"amount": 1_000, "discount": "di_1"}],
            "metadata": {},
        }
        line = {"id": self.id("il"), "object": "line_item", "amount": 10_000, "currency": "eur", "quantity": 2}
        line["discount_amounts"] = [{"amount": 1_000, "discount": "di_1"}]
        if self.flat:
            line |= {
                "price": {"id": "price_1", "product": "prod_shoes"},
                "tax_amounts": [{"amount": 1_900, "inclusive": False, "tax_rate": "txr_1"}],
            }
            paid_by = {"charge": self.id("ch"), "payment_intent": self.id("pi")} if paid else {}
            taxes = {"tax": 1_900, "total_tax_amounts": [{"amount": 1_900, "inclusive": False, "tax_rate": "txr_1"}]}
            return {**common, "subscription": None, **paid_by, **taxes, "paid": paid, "lines": listed(line)}
        line |= {
            "pricing": {"type": "price_details", "price_details": {"price": "price_1", "product": "prod_shoes"}},
            "taxes": [{"amount": 1_900, "tax_behavior": "exclusive", "type": "tax_rate_details"}],
        }
        taxes = {"total_taxes": [{"amount": 1_900, "tax_behavior": "exclusive", "type": "tax_rate_details"}]}
        return {**common, "parent": None, **taxes, "lines": listed(line)}

    def charge(self, refunded: int = 0, *refunds: Any) -> Any:
        """The charge, of which so much went back."""
        said = {
            "id": self.id("ch"),
            "object": "charge",
            "amount": 11_900,
            "amount_refunded": refunded,
            "currency": "eur",
        }
        said |= {"created": AT + 60, "payment_intent": self.id("pi"), "paid": True, "metadata": {}}
        if self.flat:
            said["invoice"] = self.id("in")
        if self.version < "2022-11-15":
            said["refunds"] = listed(*refunds)
        return said

    def refund(self, k: int, amount: int, status: str = "succeeded") -> Any:
        """One of its refunds."""
        named = {"id": f"re_{self.n}_{k}", "object": "refund", "charge": self.id("ch"), "payment_intent": self.id("pi")}
        return {**named, "amount": amount, "currency": "eur", "created": AT + 100 * k, "status": status, "metadata": {}}

    def dispute(self, status: str, amount: int = 2_500) -> Any:
        """What the bank says."""
        named = {"id": self.id("dp"), "object": "dispute", "charge": self.id("ch"), "payment_intent": self.id("pi")}
        return {
            **named,
            "amount": amount,
            "currency": "eur",
            "created": AT + 500,
            "status": status,
            "reason": "general",
        }

    def told(self) -> list[Event]:
        """Return all events as this version tells them, in the order in which they happened."""
        first, second = self.refund(1, 3_000), self.refund(2, 2_000)
        parts = [
            self.event("finalized", "invoice.finalized", self.invoice(paid=False), AT + 55),
            self.event("charged", "charge.succeeded", self.charge(), AT + 60),
            self.event("paid", "invoice.paid", self.invoice(), AT + 60),
            self.event("succeeded", "invoice.payment_succeeded", self.invoice(), AT + 60),
        ]
        if not self.flat:
            payment = {"type": "payment_intent", "payment_intent": self.id("pi")}
            joined = {"id": self.id("inpay"), "object": "invoice_payment", "invoice": self.id("in"), "payment": payment}
            more = {"amount_paid": 11_900, "amount_requested": 11_900, "currency": "eur", "status": "paid"}
            parts.append(self.event("joined", "invoice_payment.paid", {**joined, **more}, AT + 60))
        parts += [
            self.event("back1", "charge.refunded", self.charge(3_000, first), AT + 100),
            self.event("back2", "charge.refunded", self.charge(5_000, second, first), AT + 200),
        ]
        if self.version >= "2022-11-15":
            parts += [
                self.event("re1", "refund.created", first, AT + 100),
                self.event("re1u", "refund.updated", first, AT + 130),
                self.event("re2", "refund.created", second, AT + 200),
            ]
        else:
            parts.append(self.event("re1u", "charge.refund.updated", first, AT + 130))
        parts += [
            self.event("disputed", "charge.dispute.created", self.dispute("needs_response"), AT + 500),
            self.event("withdrawn", "charge.dispute.funds_withdrawn", self.dispute("needs_response"), AT + 500),
            self.event("lost", "charge.dispute.closed", self.dispute("lost"), AT + 900),
        ]
        return [self.customer, *parts]


def body(said: Any) -> bytes:
    """Return an event as it is sent."""
    return json.dumps(said, indent=2).encode()
