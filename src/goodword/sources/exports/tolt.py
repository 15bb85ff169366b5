"""Tolt: partners, their links, customers and commissions.

A commission names its customer by Tolt's own id; where the file was made with ``expand[]=customer``, by the company's. Without that,
what was sold belongs to a customer whom nobody referred, and a referral's first purchase is what the customers' file says of it.
"""

from goodword.sources.exports.base import NOUGHT, Export, System, cased, enrolled, moved
from goodword.sources.mapping_file import Mapping

_PARTNER = ("partner_id", "partner.id", "Partner ID")

SYSTEM = System(
    name="tolt",
    title="Tolt",
    documented=(
        "docs.tolt.com: partners, links, customers and commissions of its API, and its event commission.created, read on "
        "2026-11-29. Its help says that pages hand out files (article 9335977, payouts) and names no column of any, and "
        "nobody else was found who does: these are the fields of its API, by whichever name."
    ),
    exports=(
        Export(
            name="partners",
            called={
                "partner": ("id", "Partner ID"),
                "first": ("first_name",),
                "last": ("last_name",),
                "name": ("name",),
                "email": ("email",),
                "status": ("status",),
                "code": ("links.0.value", "link value"),
            },
            needed=("partner", "first", "email", "status"),
            steps=(
                *enrolled(
                    "partner",
                    code="code",
                    joined=("first", "last"),
                    prefix="tolt:",
                    passed={"status": cased("pending", "invited", "rejected", "declined")},
                ),
                *moved(
                    "partner",
                    "status",
                    "tolt:",
                    suspended=cased("suspended", "banned", "inactive"),
                    left=cased("archived"),
                ),
            ),
        ),
        Export(
            name="links",
            called={"partner": _PARTNER, "code": ("value",), "param": ("param",)},
            needed=("partner", "code", "param"),
            steps=(
                Mapping(
                    kind="advocates",
                    columns={"external_id": "partner", "code": "code"},
                    id=("partner", "code"),
                    filled=("partner",),
                    prefixes={"partner": "tolt:"},
                ),
            ),
        ),
        Export(
            name="customers",
            called={
                "id": ("id",),
                "customer": ("customer_id",),
                "partner": _PARTNER,
                "lead_at": ("lead_at",),
                "created_at": ("created_at",),
                "active_at": ("active_at",),
            },
            needed=("id", "customer", "partner", "lead_at"),
            steps=(
                Mapping(
                    kind="referrals",
                    columns={
                        "customer_external_id": "customer",
                        "advocate_external_id": "partner",
                        "lead_at": "lead_at",
                        "first.purchase": "active_at",
                    },
                    instead={"customer_external_id": "id", "lead_at": "created_at"},
                    id=("id",),
                    filled=("partner",),
                    prefixes={"partner": "tolt:", "id": "tolt:"},
                ),
            ),
        ),
        Export(
            name="commissions",
            called={
                "id": ("id", "Commission ID"),
                "partner": _PARTNER,
                "customer": ("customer.customer_id",),
                "customer_own": ("customer_id", "customer.id"),
                "amount": ("amount",),
                "revenue": ("revenue",),
                "currency": ("currency", "currency_code", "program.currency_code"),
                "status": ("status",),
                "transaction": ("transaction_id",),
                "created_at": ("created_at",),
            },
            needed=("id", "partner", "amount", "revenue", "status"),
            steps=(
                Mapping(
                    kind="conversions",
                    least=0,
                    columns={
                        "customer_external_id": "customer",
                        "invoice_id": "transaction",
                        "amount": "revenue",
                        "currency": "currency",
                        "occurred_at": "created_at",
                    },
                    instead={"customer_external_id": "customer_own", "invoice_id": "id"},
                    id=("id",),
                    filled=("revenue",),
                    prefixes={"id": "tolt.", "customer_own": "tolt:"},
                ),
                Mapping(
                    kind="balances",
                    columns={
                        "external_id": "partner",
                        "amount": "amount",
                        "currency": "currency",
                        "reference": "id",
                        "occurred_at": "created_at",
                    },
                    id=("id",),
                    only={"status": cased("pending", "approved")},
                    passed={"amount": NOUGHT, "status": cased("paid", "rejected", "refunded")},
                    prefixes={"partner": "tolt:", "id": "tolt."},
                ),
            ),
        ),
    ),
)
