"""Dub: partners, their links, customers and commissions.

Its files hold amounts in cents, or, since they are written as money, with a point. A commission on ``hold`` waits; it is no
fraud. One that
was taken back (a clawback) is below nought, and is owed by the partner.
"""

from goodword.sources.exports.base import NOUGHT, Export, System, cased, enrolled, moved
from goodword.sources.mapping_file import Mapping

_PARTNER = ("Partner ID", "partnerId", "partner.id")
_SUSPENDED, _LEFT = cased("banned", "deactivated"), cased("archived")

SYSTEM = System(
    name="dub",
    title="Dub",
    documented=(
        "github.com/dubinc/dub, lib/zod/schemas/partners.ts and commissions.ts: the columns of its exports by their labels; "
        "links and customers "
        "by the fields of its API (SDK 0.73.5). Read on 2026-11-29. Partner ID and Customer external ID are no columns "
        "unless they are chosen."
    ),
    exports=(
        Export(
            name="partners",
            called={
                "partner": ("ID", "id"),
                "name": ("Name",),
                "email": ("Email",),
                "status": ("Status",),
                "enrolled_at": ("Enrolled at", "createdAt"),
                "code": ("username", "links.0.key"),
            },
            needed=("partner", "name", "email", "status", "enrolled_at"),
            steps=(
                *enrolled(
                    "partner",
                    code="code",
                    prefix="dub:",
                    state="status",
                    stopped=(*_SUSPENDED, *_LEFT),
                ),
                *moved("partner", "status", "dub:", suspended=_SUSPENDED, left=_LEFT),
            ),
        ),
        Export(
            name="links",
            called={"partner": _PARTNER, "code": ("key",), "domain": ("domain",)},
            needed=("partner", "code", "domain"),
            steps=(
                Mapping(
                    kind="advocates",
                    columns={"external_id": "partner", "code": "code"},
                    id=("partner", "code"),
                    filled=("partner",),
                    prefixes={"partner": "dub:"},
                ),
            ),
        ),
        Export(
            name="customers",
            called={
                "id": ("ID", "id"),
                "customer": ("External ID", "externalId"),
                "partner": _PARTNER,
                "created_at": ("Created at", "createdAt"),
                "first_sale_at": ("First sale at", "firstSaleAt"),
            },
            needed=("id", "customer", "partner", "created_at"),
            steps=(
                Mapping(
                    kind="referrals",
                    columns={
                        "customer_external_id": "customer",
                        "advocate_external_id": "partner",
                        "lead_at": "created_at",
                        "first.purchase": "first_sale_at",
                    },
                    instead={"customer_external_id": "id"},
                    id=("id",),
                    filled=("partner",),
                    prefixes={"partner": "dub:", "id": "dub:"},
                ),
            ),
        ),
        Export(
            name="commissions",
            called={
                "id": ("ID", "id"),
                "type": ("Type",),
                "sold": ("Amount",),
                "earnings": ("Earnings",),
                "currency": ("Currency",),
                "status": ("Status",),
                "invoice": ("Invoice ID",),
                "created_at": ("Created at",),
                "partner": _PARTNER,
                "customer": ("Customer external ID", "customer.externalId"),
                "customer_own": ("Customer ID", "customer.id"),
            },
            needed=("id", "type", "earnings", "currency", "status", "partner"),
            steps=(
                Mapping(
                    kind="conversions",
                    least=0,
                    columns={
                        "customer_external_id": "customer",
                        "invoice_id": "invoice",
                        "amount": "sold",
                        "currency": "currency",
                        "occurred_at": "created_at",
                    },
                    instead={"customer_external_id": "customer_own", "invoice_id": "id"},
                    id=("id",),
                    only={"type": cased("sale")},
                    passed={"type": cased("click", "lead", "custom", "referral", "commission")},
                    prefixes={"id": "dub.", "customer_own": "dub:"},
                ),
                Mapping(
                    kind="balances",
                    columns={
                        "external_id": "partner",
                        "amount": "earnings",
                        "currency": "currency",
                        "reference": "id",
                        "occurred_at": "created_at",
                    },
                    id=("id",),
                    only={"status": cased("pending", "processed", "hold")},
                    passed={"earnings": NOUGHT, "status": cased("paid", "refunded", "duplicate", "fraud", "canceled")},
                    prefixes={"partner": "dub:", "id": "dub."},
                ),
            ),
        ),
    ),
)
