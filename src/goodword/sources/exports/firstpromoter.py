"""FirstPromoter: promoters, referrals and commissions of its API, version 2.

A customer is the ``uid`` that the company gave them. Amounts are in the account's currency, which no column names; a sale in
another one
is taken as it was sold, for no currency is converted here. Of what is no money, points are brought along; credits, free months and
discounts have no amount of money, and are passed over.
"""

from goodword.sources.exports.base import NOUGHT, Export, System, cased, enrolled, moved
from goodword.sources.mapping_file import Mapping

_PROMOTER = (
    "promoter_campaign.promoter.id",
    "promoter_campaign.promoter_id",
    "promoter_id",
    "promoter.id",
    "Promoter ID",
)
_OPEN = {"status": cased("pending", "approved"), "paid": cased("false", "no", "0")}
_CLOSED = {"status": cased("denied"), "paid": cased("true", "yes", "1")}
_OTHERWISE = ("credits", "free_months", "mon_discount", "discount_per")
_SUSPENDED, _LEFT = cased("blocked", "suspended", "inactive"), cased("archived", "deleted")

SYSTEM = System(
    name="firstpromoter",
    title="FirstPromoter",
    documented=(
        "docs.firstpromoter.com/api-reference-v2/api-admin: promoters, referrals and commissions (OpenAPI 2.0.0), and "
        "rekomi.com/docs/brands/migrations, where another system says that it reads the columns ref_id and cust_ref of its "
        "files of both versions. Read on 2026-11-29. What else the files that its pages hand out call their columns is not "
        "documented (its own call for an export says text/csv and no more): these are the fields of its API, by whichever name."
    ),
    exports=(
        Export(
            name="promoters",
            called={
                "partner": ("id", "Promoter ID"),
                "email": ("email",),
                "name": ("name",),
                "first": ("profile.first_name", "first_name"),
                "last": ("profile.last_name", "last_name"),
                "state": ("state", "status", "promoter_campaigns.0.state"),
                "code": (
                    "promoter_campaigns.0.ref_token",
                    "ref_token",
                    "default_ref_id",
                    "ref_id",
                    "cust_ref",
                    "Referral ID",
                ),
            },
            needed=("partner", "email", "code"),
            steps=(
                *enrolled(
                    "partner",
                    code="code",
                    joined=("first", "last"),
                    prefix="firstpromoter:",
                    state="?state",
                    stopped=(*_SUSPENDED, *_LEFT),
                ),
                *moved(
                    "partner",
                    "state",
                    "firstpromoter:",
                    suspended=_SUSPENDED,
                    left=_LEFT,
                ),
            ),
        ),
        Export(
            name="referrals",
            called={
                "id": ("id", "Referral ID"),
                "partner": _PROMOTER,
                "uid": ("uid", "Customer ID"),
                "email": ("email",),
                "created_at": ("created_at",),
                "customer_since": ("customer_since",),
            },
            needed=("id", "partner", "uid", "created_at", "email"),
            steps=(
                Mapping(
                    kind="referrals",
                    columns={
                        "customer_external_id": "uid",
                        "advocate_external_id": "partner",
                        "lead_at": "created_at",
                        "first.purchase": "customer_since",
                    },
                    instead={"customer_external_id": "id"},
                    id=("id",),
                    filled=("partner",),
                    prefixes={"partner": "firstpromoter:", "id": "firstpromoter-referral:"},
                ),
            ),
        ),
        Export(
            name="commissions",
            called={
                "id": ("id", "Commission ID"),
                "partner": _PROMOTER,
                "uid": ("referral.uid", "referral_uid", "uid", "Customer ID"),
                "referral": ("referral.id", "referral_id"),
                "amount": ("amount",),
                "unit": ("unit",),
                "status": ("status",),
                "paid": ("is_paid", "paid"),
                "type": ("commission_type", "type"),
                "created_at": ("created_at",),
                "event": ("event_id",),
                "sold": ("original_sale_amount",),
                "sale_amount": ("sale_amount",),
                "sold_in": ("original_sale_currency",),
            },
            needed=("id", "partner", "amount", "unit", "status", "paid"),
            steps=(
                Mapping(
                    kind="conversions",
                    least=0,
                    columns={
                        "customer_external_id": "uid",
                        "invoice_id": "event",
                        "amount": "sold",
                        "currency": "sold_in",
                        "occurred_at": "created_at",
                    },
                    instead={"customer_external_id": "referral", "invoice_id": "id", "amount": "sale_amount"},
                    id=("id",),
                    only={"type": cased("sale")},
                    passed={"type": cased("custom")},
                    prefixes={"id": "firstpromoter.", "referral": "firstpromoter-referral:"},
                ),
                *(
                    Mapping(
                        kind="balances",
                        columns={
                            "external_id": "partner",
                            "amount": "amount",
                            "reference": "id",
                            "occurred_at": "created_at",
                        },
                        constants={"kind": kind},
                        id=("id",),
                        only={**_OPEN, "unit": cased(unit)},
                        passed={"amount": NOUGHT, **_CLOSED, "unit": cased(*_OTHERWISE, other)},
                        prefixes={"partner": "firstpromoter:", "id": "firstpromoter."},
                    )
                    for unit, other, kind in (("cash", "points", "cash"), ("points", "cash", "points"))
                ),
            ),
        ),
    ),
)
