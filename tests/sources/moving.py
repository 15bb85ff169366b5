"""Exports of five systems as their documented columns have them, with own values and the traps that real ones hold.

Each is written beside what it must come to: who is enrolled, who refers whom, what is owed in each currency.
"""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

PARTNERS, CUSTOMERS, COMMISSIONS = 120, 280, 600
_BEGIN = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
_CURRENCIES = ("USD", "EUR", "JPY")


@dataclass
class Partner:
    """A partner. ``state``: active, stopped, left or not one yet."""

    number: int
    email: str
    code: str
    state: str


@dataclass
class Customer:
    """A customer whom a partner brought. ``own``: what the company calls them, if it does."""

    number: int
    own: str
    partner: int
    at: datetime


@dataclass
class Commission:
    """What a partner earned, in minor units; ``state``: open, held, settled or void. A partner of -1 is in no file."""

    number: int
    partner: int
    customer: int
    amount: int
    sold: int
    currency: str
    state: str
    at: datetime


@dataclass
class Past:
    """What ran in another system."""

    partners: list[Partner] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)
    commissions: list[Commission] = field(default_factory=list)

    def owed(self) -> dict[str, int]:
        """What is open for partners who are here, by currency: worked out from this alone."""
        sums: Counter[str] = Counter()
        for it in self.commissions:
            if it.state in ("open", "held") and it.partner >= 0:
                sums[it.currency] += it.amount
        return dict(sums)

    def sold(self) -> dict[str, int]:
        """What was sold, by currency."""
        sums: Counter[str] = Counter()
        for it in self.commissions:
            if it.sold >= 0:
                sums[it.currency] += it.sold
        return dict(sums)


def past(seed: int, currencies: Sequence[str] = _CURRENCIES) -> Past:
    """Return a past of 1,000 rows with the traps."""
    dice = random.Random(seed)  # noqa: S311 - it is no secret
    it = Past()
    for number in range(PARTNERS):
        state = "active"
        if number % 20 == 7:
            state = "left"
        elif number % 20 == 11:
            state = "stopped"
        it.partners.append(Partner(number, f"partner{number}@mail.example", f"code-{number}", state))
    it.partners[5].email = it.partners[4].email  # two accounts with one mail
    it.partners[9].code = it.partners[8].code.upper()  # a code that differs by case alone
    for number in range(CUSTOMERS):
        own = "" if number % 25 == 3 else str(number)  # a number that a partner has as well
        at = _BEGIN + timedelta(hours=number, seconds=number % 60)
        it.customers.append(Customer(number, own, dice.randrange(PARTNERS), at))
    it.customers[-1].own, it.customers[-1].partner = it.customers[0].own, (it.customers[0].partner + 1) % PARTNERS
    for number in range(COMMISSIONS):
        customer = it.customers[dice.randrange(CUSTOMERS - 1)]
        state = ("open", "held", "settled", "void", "open")[number % 5]
        amount = dice.randrange(1, 90_000)
        sold = amount * 5
        if number % 41 == 13:  # taken back
            amount, sold = -amount, -sold
        partner = -1 if number % 97 == 50 else customer.partner
        at = _BEGIN + timedelta(days=30, hours=number)
        it.commissions.append(
            Commission(number, partner, customer.number, amount, sold, currencies[number % len(currencies)], state, at)
        )
    it.commissions[0].amount, it.commissions[1].amount = 1_234_567, 100  # thousands, and a whole unit
    return it


def table(head: str, rows: Sequence[Sequence[object]], delimiter: str = ",") -> bytes:
    """Return a file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(head.split(","))
    writer.writerows(rows)
    return out.getvalue().encode()


def _decimal(amount: int, currency: str) -> str:
    if currency == "JPY":
        return f"{amount:,}"
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100:,}.{abs(amount) % 100:02}"


def _us(at: datetime) -> str:
    return at.strftime("%m/%d/%Y %I:%M %p")


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def rewardful(it: Past) -> dict[str, bytes]:
    """Cents, states pending, due, paid and voided; a referral without a customer is a visitor; times with a zone of their own."""
    states = {"open": "due", "held": "pending", "settled": "paid", "void": "voided"}
    partner = {"active": "active", "left": "archived", "stopped": "suspicious"}
    customer = lambda c: f"cus_{c.own}" if c.own else f"cus_x{c.number}"  # noqa: E731
    return {
        "affiliates": table(
            "id,created_at,first_name,last_name,email,state,links.0.token,visitors,commission",
            [
                (
                    f"aff-{p.number}",
                    "2024-05-09T16:18:59.920Z",
                    "Ann",
                    f"No. {p.number}",
                    p.email,
                    partner[p.state],
                    p.code,
                    9,
                    "20%",
                )
                for p in it.partners
            ],
        ),
        "referrals": table(
            "id,conversion_state,created_at,became_lead_at,became_conversion_at,customer.id,affiliate.id",
            [
                *(
                    (
                        f"ref-{c.number}",
                        "conversion",
                        _iso(c.at),
                        "",
                        _iso(c.at + timedelta(hours=1)),
                        customer(c),
                        f"aff-{c.partner}",
                    )
                    for c in it.customers
                ),
                ("ref-v", "visitor", _iso(_BEGIN), "", "", "", "aff-1"),
            ],
        ),
        "commissions": table(
            (
                "id,created_at,amount,currency,state,due_at,paid_at,sale.charged_at,sale.charge_amount_cents,"
                "sale.referral.customer.id,sale.affiliate.id"
            ),
            [
                (
                    f"com-{c.number}",
                    c.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
                    c.amount,
                    c.currency,
                    states[c.state],
                    "",
                    "",
                    _iso(c.at),
                    c.sold,
                    customer(it.customers[c.customer]),
                    f"aff-{c.partner}",
                )
                for c in it.commissions
            ],
        ),
    }


def firstpromoter(it: Past) -> dict[str, bytes]:
    """Cents in the account's currency, which no column names; approved and not paid is open; points and percents are no money."""
    status = {
        "open": ("approved", "false"),
        "held": ("pending", "false"),
        "settled": ("approved", "true"),
        "void": ("denied", "false"),
    }
    state = {"active": "accepted", "left": "archived", "stopped": "blocked"}
    head = (
        "id,status,commission_type,sale_amount,original_sale_amount,original_sale_currency,event_id,unit,"
        "amount,is_paid,created_at,promoter_campaign.promoter.id,referral.id,referral.uid,fraud_check"
    )
    rows = [
        (
            c.number,
            status[c.state][0],
            "sale",
            c.sold,
            c.sold,
            "",
            f"ev_{c.number}",
            "cash",
            c.amount,
            status[c.state][1],
            c.at.strftime("%Y-%m-%d %H:%M:%S +0000"),
            c.partner,
            c.customer,
            it.customers[c.customer].own,
            "no_suspicion",
        )
        for c in it.commissions
    ]
    return {
        "promoters": table(
            ("id,email,profile.first_name,profile.last_name,state,promoter_campaigns.0.ref_token,current_balance"),
            [(p.number, p.email, "Ann", f"No. {p.number}", state[p.state], p.code, "999.00") for p in it.partners],
        ),
        "referrals": table(
            "id,email,uid,state,created_at,customer_since,promoter_campaign.promoter.id",
            [(c.number, f"c{c.number}@mail.example", c.own, "active", _iso(c.at), "", c.partner) for c in it.customers],
        ),
        "commissions": table(
            head,
            [
                *rows,
                ("p1", "approved", "custom", "", "", "", "", "points", 70, "false", _iso(_BEGIN), 1, "", "", ""),
                (
                    "p2",
                    "approved",
                    "custom",
                    "",
                    "",
                    "",
                    "",
                    "discount_per",
                    "15%",
                    "false",
                    _iso(_BEGIN),
                    1,
                    "",
                    "",
                    "",
                ),
            ],
        ),
    }


def partnerstack(it: Past) -> dict[str, bytes]:
    """Cents, times as milliseconds, hold, and rewards that are approved there and out of the company's hands already."""
    status = {
        "open": ("approved", ""),
        "held": ("hold", ""),
        "settled": ("approved", "withdrawn"),
        "void": ("declined", ""),
    }
    ms = lambda at: int(at.timestamp() * 1_000)  # noqa: E731
    live = it.partners
    return {
        "partners": table(
            "partner_key,email,first_name,last_name,group.slug,archived,stats.CUSTOMER_COUNT",
            [
                (f"pk{p.number}", p.email, "Ann", f"No. {p.number}", "default", str(p.state == "left").lower(), 3)
                for p in live
            ],
        ),
        "links": table(
            "key,dest,url,partner_key",
            [(p.code, "https://acme.example", f"https://acme.example/{p.code}", f"pk{p.number}") for p in live],
        ),
        "customers": table(
            "key,name,email,provider_key,customer_key,test,partnership_key,created_at",
            [
                *(
                    (
                        f"cu{c.number}",
                        "Bob",
                        f"c{c.number}@mail.example",
                        "",
                        c.own,
                        "false",
                        f"pk{c.partner}",
                        ms(c.at),
                    )
                    for c in it.customers
                ),
                ("cut", "Test", "t@mail.example", "", "t", "true", "pk1", ms(_BEGIN)),
            ],
        ),
        "rewards": table(
            (
                "key,amount,amount_usd,currency,created_at,reward_status,payment_status,customer.key,"
                "customer.external_key,transaction.key,transaction.amount,transaction.currency,partnership_key,"
                "test"
            ),
            [
                *(
                    (
                        f"rw{c.number}",
                        c.amount,
                        c.amount * 2,
                        c.currency.lower(),
                        ms(c.at),
                        *status[c.state],
                        f"cu{c.customer}",
                        it.customers[c.customer].own,
                        f"tr{c.number}",
                        c.sold,
                        c.currency.lower(),
                        f"pk{c.partner}",
                        "false",
                    )
                    for c in it.commissions
                ),
                (
                    "rwt",
                    5_000,
                    5_000,
                    "usd",
                    ms(_BEGIN),
                    "approved",
                    "",
                    "cut",
                    "t",
                    "trt",
                    25_000,
                    "usd",
                    "pk1",
                    "true",
                ),
            ],
        ),
    }


def dub(it: Past) -> dict[str, bytes]:
    """Money with a point and thousands, as its files have it since 2026; labels instead of names; a clawback is below nought."""
    status = {"open": "processed", "held": "hold", "settled": "paid", "void": "fraud"}
    state = {"active": "approved", "left": "archived", "stopped": "banned"}
    return {
        "partners": table(
            "ID,Name,Email,Country,Status,Enrolled at,Payouts enabled at",
            [
                (f"pn_{p.number}", f"Ann No. {p.number}", p.email, "US", state[p.state], _iso(_BEGIN), "")
                for p in it.partners
            ],
        ),
        "links": table(
            "id,domain,key,url,partnerId,archived",
            [
                (f"link_{p.number}", "refer.acme.example", p.code, "https://acme.example", f"pn_{p.number}", "false")
                for p in it.partners
            ],
        ),
        "customers": table(
            "id,externalId,name,email,createdAt,partner.id",
            [
                (f"cus_{c.number}", c.own, "Bob", f"c{c.number}@mail.example", _us(c.at), f"pn_{c.partner}")
                for c in it.customers
            ],
        ),
        "commissions": table(
            (
                "ID,Type,Amount,Earnings,Currency,Status,Invoice ID,Quantity,Created at,Partner ID,Customer ID,"
                "Customer external ID"
            ),
            [
                (
                    f"cm_{c.number}",
                    "sale",
                    _decimal(c.sold, c.currency),
                    _decimal(c.amount, c.currency),
                    c.currency.lower(),
                    status[c.state],
                    f"in_{c.number}",
                    1,
                    _iso(c.at),
                    f"pn_{c.partner}",
                    f"cus_{c.customer}",
                    it.customers[c.customer].own,
                )
                for c in it.commissions
            ],
        ),
    }


def tolt(it: Past) -> dict[str, bytes]:
    """Cents as texts, a currency in small letters, ids of its own in commissions, dates of the United States."""
    status = {"open": "approved", "held": "pending", "settled": "paid", "void": "rejected"}
    state = {"active": "active", "left": "archived", "stopped": "suspended"}
    return {
        "partners": table(
            "id,first_name,last_name,email,company_name,country_code,status,created_at",
            [
                (f"part_{p.number}", "Ann", f"No. {p.number}", p.email, "", "US", state[p.state], _iso(_BEGIN))
                for p in it.partners
            ],
            ";",
        ),
        "links": table(
            "id,param,value,partner_id",
            [(f"link_{p.number}", "via", p.code, f"part_{p.number}") for p in it.partners],
        ),
        "customers": table(
            "id,customer_id,email,name,status,lead_at,active_at,created_at,partner_id",
            [
                (
                    f"cust_{c.number}",
                    c.own,
                    f"c{c.number}@mail.example",
                    "Bob",
                    "active",
                    c.at.strftime("%m/%d/%Y"),
                    "",
                    _us(c.at),
                    f"part_{c.partner}",
                )
                for c in it.customers
            ],
        ),
        "commissions": table(
            ("id,amount,revenue,currency,status,type,partner_id,customer_id,transaction_id,charge_id,created_at"),
            [
                (
                    f"comm_{c.number}",
                    str(c.amount),
                    str(c.sold),
                    c.currency.lower(),
                    status[c.state],
                    "sale",
                    f"part_{c.partner}",
                    f"cust_{c.customer}",
                    f"txn_{c.number}",
                    "",
                    _us(c.at),
                )
                for c in it.commissions
            ],
        ),
    }


#: By the name of the system.
WRITERS: dict[str, Callable[[Past], dict[str, bytes]]] = {
    "rewardful": rewardful,
    "firstpromoter": firstpromoter,
    "partnerstack": partnerstack,
    "dub": dub,
    "tolt": tolt,
}
