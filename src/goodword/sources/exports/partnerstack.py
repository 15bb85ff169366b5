"""PartnerStack: partners, their links, customers and rewards.

A reward on ``hold`` waits; it is no fraud. One that is available at PartnerStack, or was taken out there, has left the company and is
not owed again. Rows of a test are passed over. Amounts are in the reward's own currency, never in the dollars beside it.
"""

from goodword.sources.exports.base import NOUGHT, Export, System, cased, enrolled, moved
from goodword.sources.mapping_file import Mapping

_PARTNER = ("partner_key", "partnership_key", "partner.key", "partnership.key", "Partner key", "Partnership key")
_YES = cased("true", "yes", "1")

SYSTEM = System(
    name="partnerstack",
    title="PartnerStack",
    documented=(
        "docs.partnerstack.com, API v2: partnerships, links, customers and rewards; support.partnerstack.com articles "
        "360009012554 (headers of its own import of partners) and 360058412814 (columns of the tables that its pages show "
        "and hand out: Customer key, Submitted on, Reward amount, Transaction amount, Created, Partner, Group, Signed up). "
        'Read on 2026-11-29. Which columns "Export all records" writes is not documented: what those tables do not '
        "name goes by the fields of its API."
    ),
    exports=(
        Export(
            name="partners",
            called={
                "partner": ("partner_key", "Partner key", "key"),
                "email": ("email", "partner_email", "Partner email"),
                "first": ("first_name", "partner_first"),
                "last": ("last_name", "partner_last"),
                "name": ("name", "Partner"),
                "group": ("group.slug", "partner_group", "Group", "group"),
                "archived": ("archived", "is_archived"),
                "status": ("approved_status", "status"),
            },
            needed=("partner", "email", "group"),
            steps=(
                *enrolled(
                    "partner",
                    code=None,
                    joined=("first", "last"),
                    prefix="partnerstack:",
                    state="?status",
                ),
                *moved("partner", "archived", "partnerstack:", suspended=(), left=_YES),
            ),
        ),
        Export(
            name="links",
            called={"partner": _PARTNER, "code": ("key", "Link key"), "dest": ("dest", "destination"), "url": ("url",)},
            needed=("partner", "code", "dest"),
            steps=(
                Mapping(
                    kind="advocates",
                    columns={"external_id": "partner", "code": "code"},
                    id=("partner", "code"),
                    prefixes={"partner": "partnerstack:"},
                ),
            ),
        ),
        Export(
            name="customers",
            called={
                "key": ("key", "Customer key"),
                "customer": ("customer_key", "external_key", "External key"),
                "partner": _PARTNER,
                "email": ("email",),
                "created_at": ("created_at", "Submitted on", "Created"),
                "test": ("test",),
            },
            needed=("key", "customer", "partner", "created_at"),
            steps=(
                Mapping(
                    kind="referrals",
                    columns={
                        "customer_external_id": "customer",
                        "advocate_external_id": "partner",
                        "lead_at": "created_at",
                    },
                    instead={"customer_external_id": "key"},
                    id=("key",),
                    filled=("partner",),
                    passed={"?test": _YES},
                    prefixes={"partner": "partnerstack:", "key": "partnerstack-customer:"},
                ),
            ),
        ),
        Export(
            name="rewards",
            called={
                "key": ("key", "Reward key"),
                "partner": _PARTNER,
                "customer": ("customer.external_key", "customer.customer_key", "customer_external_key"),
                "customer_own": ("customer.key", "customer_key", "Customer key"),
                "amount": ("amount", "Reward amount"),
                "currency": ("currency",),
                "status": ("reward_status", "status"),
                "payment": ("payment_status",),
                "created_at": ("created_at", "Created"),
                "test": ("test",),
                "sale": ("transaction.key", "transaction_key"),
                "sold": ("transaction.amount", "Transaction amount"),
                "sold_in": ("transaction.currency",),
            },
            needed=("key", "partner", "amount", "currency", "status"),
            steps=(
                Mapping(
                    kind="conversions",
                    least=0,
                    columns={
                        "customer_external_id": "customer",
                        "invoice_id": "sale",
                        "amount": "sold",
                        "currency": "sold_in",
                        "occurred_at": "created_at",
                    },
                    instead={"customer_external_id": "customer_own", "invoice_id": "key", "currency": "currency"},
                    id=("key",),
                    filled=("sold",),
                    passed={"?test": _YES},
                    prefixes={"key": "partnerstack.", "customer_own": "partnerstack-customer:"},
                ),
                Mapping(
                    kind="balances",
                    columns={
                        "external_id": "partner",
                        "amount": "amount",
                        "currency": "currency",
                        "reference": "key",
                        "occurred_at": "created_at",
                    },
                    id=("key",),
                    only={
                        "status": cased("hold", "pending", "approved"),
                        "?payment": ("", *cased("failed", "expired")),
                    },
                    passed={
                        "amount": NOUGHT,
                        "status": cased("declined", "paid"),
                        "?payment": cased("available", "in_transit", "withdrawn", "paid_externally", "merging"),
                        "?test": _YES,
                    },
                    prefixes={"partner": "partnerstack:", "key": "partnerstack."},
                ),
            ),
        ),
    ),
)
