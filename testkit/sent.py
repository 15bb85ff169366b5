"""Events as a sender writes them. Every function takes the id and what the type requires; ``more`` are further fields."""

from typing import Any

Event = dict[str, Any]


def enrolled(id_: str, person: str, code: str, **more: Any) -> Event:
    """Somebody becomes an advocate."""
    return {"type": "advocate.enrolled", "id": id_, "external_id": person, "code": code, **more}


def lead(id_: str, customer: str, **more: Any) -> Event:
    """A friend becomes known."""
    return {"type": "lead.created", "id": id_, "customer_external_id": customer, **more}


def purchase(id_: str, customer: str, invoice: str, amount: int, currency: str = "EUR", **more: Any) -> Event:
    """A friend buys, for so many minor units."""
    named = {"id": id_, "customer_external_id": customer, "invoice_id": invoice}
    return {"type": "conversion.recorded", **named, "amount": amount, "currency": currency, **more}


def refund(id_: str, invoice: str, refund_id: str, amount: int, **more: Any) -> Event:
    """Some of an invoice is given back."""
    named = {"id": id_, "invoice_id": invoice, "refund_id": refund_id}
    return {"type": "conversion.refunded", **named, "amount": amount, **more}


def click(id_: str, code: str, visitor: str, **more: Any) -> Event:
    """Somebody follows a link."""
    return {"type": "click.recorded", "id": id_, "code": code, "visitor_id": visitor, **more}


def chargeback(id_: str, invoice: str, chargeback_id: str, outcome: str | None = None) -> Event:
    """A bank asks a payment back; with an outcome, it has decided."""
    named = {"id": id_, "invoice_id": invoice, "chargeback_id": chargeback_id}
    if outcome is None:
        return {"type": "chargeback.opened", **named}
    return {"type": "chargeback.closed", **named, "outcome": outcome}
