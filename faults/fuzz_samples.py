"""Right things to make wrong ones from: an event of each type, a body of each operation, a rule file with everything in it."""

from typing import Any

from testkit.rule_documents import WHOLE

_ZERO = "0" * 26

EVENTS: list[dict[str, Any]] = [
    {"type": "advocate.enrolled", "id": "1", "external_id": "ann", "email": "ann@example.com", "phone": "+49 30 1234567",
     "name": "Ann", "code": "ANN", "accepted_terms": True, "metadata": {"a": [1, {"b": None}]}, "program": "main",
     "occurred_at": "2026-01-05T10:00:00Z"},
    {"type": "advocate.suspended", "id": "2", "external_id": "amy"},
    {"type": "advocate.resumed", "id": "3", "external_id": "amy"},
    {"type": "advocate.left", "id": "4", "external_id": "abe"},
    {"type": "click.recorded", "id": "5", "code": "ANN", "visitor_id": "v1", "click_id": "c1", "ip": "192.0.2.1",
     "user_agent": "Mozilla/5.0", "device_id": "d1", "channel": "mail", "source": "s", "medium": "m", "campaign": "c"},
    {"type": "lead.created", "id": "6", "customer_external_id": "bob", "visitor_id": "v1", "click_id": "c1", "code": "ANN",
     "link_code": "ANN", "customer_email": "bob@example.com", "customer_phone": "030 1234567", "customer_name": "Bob",
     "device_id": "d1", "company": "ACME", "country": "DE", "form": {"q": "a"}},
    {"type": "conversion.recorded", "id": "7", "customer_external_id": "bob", "name": "purchase", "invoice_id": "i1",
     "amount": 10_000, "currency": "EUR", "status": "paid", "test": False, "code": "ANN", "click_id": "c1",
     "visitor_id": "v1", "country": "DE", "payment_fingerprint": "p1", "device_id": "d1", "tax": 1_900, "shipping": 500,
     "discount": 0,
     "lines": [{"id": "l1", "product": "x", "brand": "b", "amount": 9_000, "quantity": 2},
               {"id": "l2", "product": "y", "amount": 1_000}]},
    {"type": "conversion.recorded", "id": "8", "customer_external_id": "bea", "name": "sign-up"},
    {"type": "conversion.refunded", "id": "9", "invoice_id": "i1", "refund_id": "r1", "amount": 1_000,
     "lines": [{"id": "l2", "amount": 1_000}], "reason": "broken"},
    {"type": "chargeback.opened", "id": "10", "invoice_id": "i1", "chargeback_id": "cb1"},
    {"type": "chargeback.closed", "id": "11", "invoice_id": "i1", "chargeback_id": "cb1", "outcome": "kept"},
    {"type": "customer.known", "id": "12", "customer_external_id": "bob", "since": "2020-01-01T00:00:00Z"},
    {"type": "customer.updated", "id": "13", "customer_external_id": "bob", "traits": {"plan": "team", "n": 3, "vip": True}},
]  # fmt: skip


_ITEM = {"id": f"rwd_{_ZERO}", "amount": 1_000, "unit": "EUR", "destination": "0" * 64}
_PURCHASE, *_OTHERS = WHOLE["conversions"]
#: With everything in it; and an order earns at once, whatever the conditions.
RULES: dict[str, Any] = {
    **WHOLE,
    "program": "main",
    "landing_url": "https://shop.example/welcome?from=friend#top",
    "hold": "0d",
    "requires_terms": False,
    "conversions": [{**_PURCHASE, "conditions": []}, *_OTHERS, {**_PURCHASE, "on": "subscription"}],
}

_LIST = {"items": [_ITEM], "list_sha256": "0" * 64}

#: (method, path) -> a right body
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/workspaces"): {"name": "other", "clock": "manual", "starts_at": "2026-01-05T00:00:00Z"},
    ("POST", "/v1/clock"): {"to": "2026-02-05T00:00:00Z"},
    ("POST", "/v1/programs"): {"document": "program: main\ncurrency: EUR\n", "name": "rules.yaml"},
    ("PUT", "/v1/people/{person}/payee"): {"rail": "sandbox", "details": {"script": "succeed", "name": "Ann"}},
    ("POST", "/v1/claims"): {
        "program": f"prg_{_ZERO}",
        "person": f"per_{_ZERO}",
        "advocates": [
            {"person": f"per_{_ZERO}", "numerator": 1, "denominator": 2},
            {"person": "per_x", "denominator": 2},
        ],
        "lead_at": "2026-01-05T00:00:00Z",
        "reason": "mail",
        "note": "a note",
    },
    ("POST", "/v1/claims/{claim}/decision"): {"outcome": "won", "reason": "heard", "note": "a note"},
    ("POST", "/v1/rewards/rejections"): {"items": [_ITEM], "reason": "told", "note": "a note"},
    ("POST", "/v1/approvals"): _LIST,
    ("POST", "/v1/approvals/withdrawals"): {"items": [_ITEM], "reason": "told"},
    ("POST", "/v1/cases/{case}/decision"): {"outcome": "cleared", "reason": "looked", "note": "a note"},
    ("POST", "/v1/payouts"): {"rail": "sandbox", "unit": "EUR", "beneficiaries": [f"per_{_ZERO}"]},
    ("POST", "/v1/payouts/release"): _LIST,
    ("POST", "/v1/payouts/{payout}/cancel"): {"reason": "mistake"},
    ("POST", "/v1/payouts/{payout}/answer"): {"outcome": "completed", "reference": "x-1", "reason": "told"},
    ("POST", "/v1/members"): {"email": "mia@example.com", "roles": ["approver"], "limits": {"EUR": 1_000}},
    ("POST", "/v1/keys"): {"kind": "wk", "name": "shop"},
}
