"""What becomes of each field of Shopify's objects, by object and path; what does not stand here is ignored as it comes.

Must not know: how a field is read.
"""

from collections.abc import Mapping
from typing import Final

from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used

#: Path -> treatment; of what is used ``to`` is the field of the native event.
FIELDS: Final[Mapping[str, Treatment]] = {
    "order.id": used("invoice_id"),
    "order.test": CHECKED,
    "order.financial_status": used("status"),
    "order.processed_at": used("occurred_at"),
    "order.created_at": used("occurred_at"),
    "order.cancelled_at": used("occurred_at"),
    "order.currency": used("currency"),
    "order.total_price": used("amount"),
    "order.total_tax": used("tax"),
    "order.total_discounts": used("discount"),
    "order.shipping_lines": used("shipping"),
    "order.taxes_included": CHECKED,
    "order.line_items": used("lines"),
    "order.discount_codes": used("code"),
    "order.note_attributes": used("click_id"),
    "order.landing_site": CHECKED,
    "order.customer.id": used("customer_external_id"),
    "order.email": PERSONAL,
    "order.billing_address.country_code": used("country"),
    "order.shipping_address.country_code": used("country"),
    "order.browser_ip": IGNORED,
    "order.client_details": IGNORED,
    "order.refunds": IGNORED,
    "order.note": IGNORED,
    "order.tags": IGNORED,
    "refund.id": used("refund_id"),
    "refund.order_id": used("invoice_id"),
    "refund.created_at": used("occurred_at"),
    "refund.transactions": used("amount"),
    "refund.refund_line_items": used("lines"),
    "refund.order_adjustments": used("shipping"),
    "refund.note": IGNORED,
    "refund.restock": IGNORED,
    "dispute.id": used("chargeback_id"),
    "dispute.order_id": used("invoice_id"),
    "dispute.type": CHECKED,
    "dispute.status": used("outcome"),
    "dispute.amount": used("amount"),
    "dispute.currency": used("currency"),
    "dispute.initiated_at": used("occurred_at"),
    "dispute.finalized_on": used("occurred_at"),
    "dispute.reason": IGNORED,
}
