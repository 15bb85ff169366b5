"""What becomes of each field of Stripe's objects, by object and path; what does not stand here is ignored as it comes.

Nothing is read that does not stand here. Must not know: how a field is read, in which version of the API it stands where.
"""

from collections.abc import Mapping
from typing import Final

from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used


def _of(noun: str, fields: Mapping[str, Treatment]) -> dict[str, Treatment]:
    return {f"{noun}.{path}": treatment for path, treatment in fields.items()}


#: What the sender of an object may have put into its metadata.
_METADATA: Final = {
    "metadata.gw_click": used("click_id"),
    "metadata.gw_code": used("link_code"),
    "metadata.gw_customer": used("customer_external_id"),
    "metadata.referral_code": used("code"),
}
_PAYMENT: Final = {"payment_intent": CHECKED, "charge": CHECKED}

#: Path -> treatment; of what is used ``to`` is the field of the native event.
FIELDS: Final[Mapping[str, Treatment]] = {
    **_of(
        "event",
        {
            "id": used("id"),
            "object": CHECKED,
            "type": CHECKED,
            "api_version": CHECKED,
            "livemode": CHECKED,
            "created": used("occurred_at"),
            "data.object": CHECKED,
            "data.previous_attributes": IGNORED,
            "account": CHECKED,
            "context": CHECKED,
            "pending_webhooks": IGNORED,
            "request": IGNORED,
            "related_object.id": CHECKED,
            "related_object.type": CHECKED,
            "related_object.url": IGNORED,
        },
    ),
    **_of(
        "checkout.session",
        {
            **_METADATA,
            "id": used("id"),
            "created": used("occurred_at"),
            "mode": CHECKED,
            "payment_status": used("status"),
            "client_reference_id": used("click_id"),
            "customer": used("customer_external_id"),
            "customer_details.email": PERSONAL,
            "customer_details.name": PERSONAL,
            "customer_details.phone": PERSONAL,
            "customer_details.address.country": used("country"),
            "invoice": CHECKED,
            "invoice_creation.enabled": CHECKED,
            "payment_intent": used("invoice_id"),
            "amount_total": used("amount"),
            "currency": used("currency"),
            "total_details.amount_tax": used("tax"),
            "total_details.amount_shipping": used("shipping"),
            "total_details.amount_discount": used("discount"),
            "discounts": used("offer_id"),
            "metadata.gw_offer": used("offer_id"),
            "shipping_cost.amount_total": used("shipping"),
            "shipping_cost.amount_tax": used("shipping"),
        },
    ),
    **_of(
        "customer",
        {
            **_METADATA,
            "id": used("customer_external_id"),
            "created": used("occurred_at"),
            "email": PERSONAL,
            "name": PERSONAL,
            "phone": PERSONAL,
            "preferred_locales": used("language"),
            "address.country": used("country"),
            "metadata": PERSONAL,
        },
    ),
    **_of(
        "subscription",
        {
            **_METADATA,
            "id": used("id"),
            "created": used("occurred_at"),
            "customer": used("customer_external_id"),
            "status": PERSONAL,
        },
    ),
    **_of(
        "invoice",
        {
            **_METADATA,
            "discount.coupon.id": used("offer_id"),
            "discounts": used("offer_id"),
            "metadata.gw_offer": used("offer_id"),
            "subscription_details.metadata.gw_offer": used("offer_id"),
            "parent.subscription_details.metadata.gw_offer": used("offer_id"),
            "subscription_details.metadata.gw_click": used("click_id"),
            "subscription_details.metadata.gw_code": used("link_code"),
            "subscription_details.metadata.gw_customer": used("customer_external_id"),
            "subscription_details.metadata.referral_code": used("code"),
            "parent.subscription_details.metadata.gw_click": used("click_id"),
            "parent.subscription_details.metadata.gw_code": used("link_code"),
            "parent.subscription_details.metadata.gw_customer": used("customer_external_id"),
            "parent.subscription_details.metadata.referral_code": used("code"),
            "id": used("invoice_id"),
            "customer": used("customer_external_id"),
            "customer_email": PERSONAL,
            "customer_address.country": used("country"),
            "status_transitions.paid_at": used("occurred_at"),
            "status_transitions.finalized_at": used("occurred_at"),
            "total": used("amount"),
            "amount_paid": CHECKED,
            "starting_balance": CHECKED,
            "currency": used("currency"),
            "tax": used("tax"),
            "total_tax_amounts": used("tax"),
            "total_taxes": used("tax"),
            "shipping_cost.amount_total": used("shipping"),
            "shipping_cost.amount_tax": used("shipping"),
            "total_discount_amounts": used("discount"),
            "lines": used("lines"),
            "payments": CHECKED,
            **_PAYMENT,
        },
    ),
    **_of("invoice_payment", {"invoice": CHECKED, "payment": CHECKED}),
    **_of("payment_intent", {"id": CHECKED, "invoice": CHECKED}),
    **_of(
        "charge",
        {"id": CHECKED, "invoice": CHECKED, "payment_intent": CHECKED, "refunds": CHECKED, "amount_refunded": IGNORED},
    ),
    **_of(
        "refund",
        {
            **_PAYMENT,
            "id": used("refund_id"),
            "amount": used("amount"),
            "currency": used("currency"),
            "created": used("occurred_at"),
            "status": CHECKED,
            "reason": IGNORED,
        },
    ),
    **_of(
        "credit_note",
        {
            "id": used("refund_id"),
            "invoice": used("invoice_id"),
            "created": used("occurred_at"),
            "total": used("amount"),
            "currency": used("currency"),
            "tax_amounts": used("tax"),
            "total_taxes": used("tax"),
            "shipping_cost.amount_total": used("shipping"),
            "shipping_cost.amount_tax": used("shipping"),
            "out_of_band_amount": CHECKED,
            "customer_balance_transaction": CHECKED,
            "refund": CHECKED,
            "refunds": CHECKED,
            "status": CHECKED,
            "memo": IGNORED,
            "reason": IGNORED,
        },
    ),
    **_of(
        "dispute",
        {
            **_PAYMENT,
            "id": used("chargeback_id"),
            "amount": used("amount"),
            "currency": used("currency"),
            "created": used("occurred_at"),
            "status": used("outcome"),
            "evidence": IGNORED,
            "reason": IGNORED,
        },
    ),
}
