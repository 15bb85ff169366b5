"""Tolt: partners, their links, customers and commissions.

Nothing names a column of the files that its pages hand out (its help has one for payouts, article 9335977; the page "Run a payout"
shows none). So these are the fields of its API, read on 2026-11-29 at docs.tolt.com: the first API (api.tolt.com/v1: partners, links,
customers and commissions), the second (/v2, OpenAPI 2.0.0), the webhooks ``partner.created``, ``link.created``, ``customer.created``
and ``commission.created``, the pages "Commission lifecycle" and "Refunds"; and what Dub's importer of Tolt reads
(``lib/tolt/schemas.ts`` of its repository). Documented are the states active, pending, suspended and rejected of a partner, and
pending, approved, paid, rejected and refunded of a commission; the others below are taken for what their words say, and so is
``links.0.value``.

A commission names its customer by Tolt's own id; where the file was made with ``expand[]=customer``, by the company's. Without that,
what was sold belongs to a customer whom nobody referred, and a referral's first purchase is what the customers' file says of it. What
is refunded before it was paid for becomes ``refunded`` with an amount of 0; what was paid for stays, and a commission of the type
``refund``, approved and below nought, is added for the same transaction: owed back, and no second sale.
"""

from goodword.sources.exports.base import NOUGHT, Export, System, cased, enrolled, moved
from goodword.sources.mapping_file import Mapping

_PARTNER = ("partner_id", "partner.id")
_SUSPENDED, _LEFT = cased("suspended", "banned", "inactive"), cased("archived")

SYSTEM = System(
    name="tolt",
    title="Tolt",
    documented=(
        "docs.tolt.com, 2026-11-29: partners, links, customers and commissions of both of its APIs and of its webhooks. No page "
        "names a column of a file that Tolt hands out, so these are the fields of its API, by whichever name."
    ),
    exports=(
        Export(
            name="partners",
            called={
                "partner": ("id",),
                "first": ("first_name",),
                "last": ("last_name",),
                "email": ("email",),
                "status": ("status",),
                "code": ("link.value", "links.0.value"),
            },
            needed=("partner", "first", "email", "status"),
            steps=(
                *enrolled(
                    "partner",
                    code="code",
                    joined=("first", "last"),
                    prefix="tolt:",
                    state="status",
                    stopped=(*_SUSPENDED, *_LEFT),
                ),
                *moved(
                    "partner",
                    "status",
                    "tolt:",
                    suspended=_SUSPENDED,
                    left=_LEFT,
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
                "email": ("email",),
                "lead_at": ("lead_at",),
                "created_at": ("created_at",),
                "active_at": ("active_at",),
            },
            needed=("id", "customer", "partner", "email"),
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
                "id": ("id",),
                "partner": _PARTNER,
                "customer": ("customer.customer_id",),
                "customer_own": ("customer_id", "customer.id"),
                "amount": ("amount",),
                "revenue": ("revenue",),
                "currency": ("currency", "currency_code", "program.currency_code"),
                "status": ("status",),
                "type": ("type",),
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
                    passed={"type": cased("refund")},
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
