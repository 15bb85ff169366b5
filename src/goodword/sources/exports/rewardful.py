"""Rewardful: affiliates, their links, referrals and commissions, as ``SYSTEM`` says where they are documented.

A customer is the one of the payment provider (``cus_…``), an affiliate ``rewardful:`` and their id.
"""

from goodword.sources.exports.base import NOUGHT, Export, System, cased, enrolled, moved
from goodword.sources.mapping_file import Mapping

_AFFILIATE = ("affiliate.id", "affiliate_id", "sale.affiliate.id", "Affiliate ID", "sale.referral.affiliate.id")
_CUSTOMER = (
    "customer.id",
    "sale.referral.customer.id",
    "stripe_customer_id",
    "sale.referral.stripe_customer_id",
    "Stripe Customer ID",
)
_SUSPENDED, _LEFT = cased("disabled", "suspicious"), cased("archived")

SYSTEM = System(
    name="rewardful",
    title="Rewardful",
    documented=(
        "developers.rewardful.com/rest-api, the objects affiliate, affiliate link, referral and commission; "
        "help.rewardful.com article 1988486, three versions of the columns of its own import, which name no date; and "
        "rekomi.com/docs/brands/migrations, where another system says that it reads the column token of its files. Read on "
        "2026-11-29. What else the files that its pages hand out call their columns is not documented: these are the fields "
        "of its API, by whichever name."
    ),
    exports=(
        Export(
            name="affiliates",
            called={
                "partner": ("id", "Affiliate ID"),
                "first": ("first_name",),
                "last": ("last_name",),
                "name": ("name",),
                "email": ("email",),
                "state": ("state", "status"),
                "code": ("links.0.token", "token", "link token", "links.token"),
            },
            needed=("partner", "first", "email", "state"),
            steps=(
                *enrolled(
                    "partner",
                    code="code",
                    joined=("first", "last"),
                    prefix="rewardful:",
                    state="state",
                    stopped=(*_SUSPENDED, *_LEFT),
                ),
                *moved("partner", "state", "rewardful:", suspended=_SUSPENDED, left=_LEFT),
            ),
        ),
        Export(
            name="affiliates with their customers, as its own import wants them",
            called={
                "email": ("email", "Affiliate Email"),
                "first": ("first_name", "Affiliate First Name"),
                "last": ("last_name", "Affiliate Last Name"),
                "code": ("token",),
                "customer": ("stripe_customer_id", "Imported ID"),
                "lead_at": ("became_lead_at", "created_at"),
            },
            needed=("email", "first", "last", "customer"),
            steps=(
                *enrolled("email", code="code", joined=("first", "last"), prefix=""),  # no id: the mail is their name
                Mapping(
                    kind="referrals",
                    columns={
                        "customer_external_id": "customer",
                        "advocate_external_id": "email",
                        "lead_at": "lead_at",
                    },
                    id=("customer", "email"),
                    filled=("customer",),
                ),
            ),
        ),
        Export(
            name="affiliate links",
            called={"partner": _AFFILIATE, "code": ("token",), "url": ("url",)},
            needed=("partner", "code", "url"),
            steps=(
                Mapping(
                    kind="advocates",
                    columns={"external_id": "partner", "code": "code"},
                    id=("partner", "code"),
                    prefixes={"partner": "rewardful:"},
                ),
            ),
        ),
        Export(
            name="referrals",
            called={
                "partner": _AFFILIATE,
                "customer": _CUSTOMER,
                "state": ("conversion_state", "state"),
                "lead_at": ("became_lead_at",),
                "created_at": ("created_at",),
                "converted_at": ("became_conversion_at",),
                "email": ("customer.email",),
            },
            needed=("partner", "customer", "state", "created_at"),
            steps=(
                Mapping(
                    kind="referrals",
                    columns={
                        "customer_external_id": "customer",
                        "advocate_external_id": "partner",
                        "lead_at": "lead_at",
                        "first.purchase": "converted_at",
                    },
                    instead={"lead_at": "created_at"},
                    id=("customer", "partner"),
                    only={"state": cased("lead", "conversion")},
                    passed={"state": cased("visitor")},
                    filled=("customer", "partner"),
                    prefixes={"partner": "rewardful:"},
                ),
            ),
        ),
        Export(
            name="commissions",
            called={
                "id": ("id", "Commission ID"),
                "partner": _AFFILIATE,
                "customer": _CUSTOMER,
                "amount": ("amount",),
                "currency": ("currency",),
                "state": ("state", "status"),
                "due_at": ("due_at",),
                "created_at": ("created_at",),
                "charge": ("sale.stripe_charge_id", "stripe_charge_id"),
                "charged": ("sale.charge_amount_cents", "charge_amount_cents", "sale.sale_amount_cents", "Sale amount"),
                "tax": ("sale.tax_amount_cents", "tax_amount_cents"),
                "charged_at": ("sale.charged_at", "charged_at"),
                "sold_in": ("sale.currency", "sale_currency"),
            },
            needed=("id", "partner", "amount", "currency", "state", "due_at"),
            steps=(
                Mapping(
                    kind="conversions",
                    least=0,
                    columns={
                        "customer_external_id": "customer",
                        "invoice_id": "charge",
                        "amount": "charged",
                        "currency": "sold_in",
                        "tax": "tax",
                        "occurred_at": "charged_at",
                    },
                    instead={"invoice_id": "id", "currency": "currency", "occurred_at": "created_at"},
                    id=("id",),
                    filled=("customer", "charged"),
                    prefixes={"id": "rewardful."},
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
                    only={"state": cased("pending", "due")},
                    passed={"amount": NOUGHT, "state": cased("paid", "voided", "void")},
                    prefixes={"partner": "rewardful:", "id": "rewardful."},
                ),
            ),
        ),
    ),
)
