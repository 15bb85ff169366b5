"""A program's rules: what a rule file says, and the immutable version it becomes.

A version is named by the SHA-256 of its canonical bytes with every default written out, together with ``semantics``: the behaviour
of the engine it was published under. Amounts are maps currency -> minor units; a currency that is not named is not offered.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from goodword.core import calendar, canonical, semantics
from goodword.core.kinds.conditions import Condition
from goodword.core.kinds.conditions.trait import Token
from goodword.core.kinds.rewards import Kind

Slug = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$(?!\\n)", description="lower-case letters, digits and hyphens")
]
Duration = Annotated[
    str, Meta(pattern="^([1-9][0-9]{0,5}|0)(m|h|d)$(?!\\n)", description="such as 30d, 24h or 15m; a d is 24 hours")
]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$(?!\\n)", description="ISO 4217")]
Minor = Annotated[int, Meta(ge=0, le=2**53 - 1, description="minor units: 2500 is 25.00 EUR")]
Points = Annotated[int, Meta(ge=0, le=2**53 - 1, description="points")]
Amounts = Annotated[dict[Currency, Minor], Meta(max_length=64)]
Percent = Annotated[
    str, Meta(pattern="^(100|[0-9]{1,2})(\\.[0-9]{1,6})?$(?!\\n)", description='0 to 100, exact: "12.5"')
]
Address = Annotated[
    str,
    Meta(max_length=2000, pattern="^https?://[^\\s]+$(?!\\n)", description="a web address of at most 2000 characters"),
]
Period = Literal["day", "week", "month", "quarter", "year", "ever"]


#: What is due how many days after the end of the period of its approval, where no rule says.
_NET_MONTH: Final = 15
_NET_WEEK: Final = 1


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a rule file: unknown names are errors."""


class Attribution(_Part, frozen=True, kw_only=True):
    """Who referred whom. ``window``: click to lead, half-open; a typed code beats clicks and knows no window."""

    window: Duration = "30d"
    touch: Literal["last", "first"] = "last"


class Tier(_Part, frozen=True, kw_only=True):
    """From ``from_kept`` kept conversions of the advocate before this one, these figures hold instead."""

    from_kept: Annotated[int, Meta(ge=1, le=1_000_000)]
    flat: Amounts | None = None
    percent: Percent | None = None
    points: Points | None = None


class Limit(_Part, frozen=True, kw_only=True):
    """At most ``count`` rewards, or ``amount`` of them, an advocate and calendar period of the conversion."""

    per: Period
    count: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    amount: Amounts | None = None


class Reward(_Part, frozen=True, kw_only=True):
    """What one side earns: exactly one of ``flat``, ``percent`` and ``points``, perhaps with tiers, a cap and limits."""

    side: Literal["advocate", "friend"]
    kind: Kind = "cash"
    flat: Amounts | None = None
    percent: Percent | None = None
    points: Points | None = None
    tiers: tuple[Tier, ...] = ()
    cap: Amounts | None = None
    limits: tuple[Limit, ...] = ()


class Counts(_Part, frozen=True, kw_only=True):
    """Which conversions earn: the first qualifying one (``months`` absent), or all in [first, first + months)."""

    months: Annotated[int, Meta(ge=1, le=600)] | None = None


class Conversion(_Part, frozen=True, kw_only=True):
    """A named conversion and what it earns. ``window``: lead to conversion, half-open; absent: for ever."""

    rewards: Annotated[tuple[Reward, ...], Meta(min_length=1, max_length=8)]
    on: Token = "purchase"
    window: Duration | None = None
    counts: Counts = Counts()
    minimum: Amounts | None = None
    conditions: Annotated[tuple[Condition, ...], Meta(max_length=32)] = ()


class Velocity(_Part, frozen=True, kw_only=True):
    """More than ``count`` rewarded conversions of one advocate in a calendar period flag the next."""

    count: Annotated[int, Meta(ge=1, le=1_000_000)]
    per: Literal["day", "week", "month"] = "day"


class Review(_Part, frozen=True, kw_only=True):
    """When a person must look closer, and when two must approve."""

    over: Amounts | None = None
    two_people_over: Amounts | None = None
    velocity: Velocity | None = None


class Claims(_Part, frozen=True, kw_only=True):
    """What a won claim does with what was sent to the wrong advocate already, and how long its decision can be appealed.

    bear: the company bears it; net: the next rewards are netted with it; ask_back: it is asked back, and never netted.
    """

    lost_after_payment: Literal["bear", "net", "ask_back"] = "bear"
    appeal_within: Duration = "14d"


class Payouts(_Part, frozen=True, kw_only=True):
    """When what was approved is due: ``net`` days after the last day of the month or week of its approval, or at once.

    With ``threshold`` it is due at once too, and ``payout_minimum`` is the threshold.
    """

    every: Literal["month", "week", "once", "threshold"] = "month"
    net: Annotated[int, Meta(ge=0, le=365)] | None = None

    def due(self, approved_at: int, zone: str) -> int:
        """Return when what is approved at an instant is due, in the calendar of a zone."""
        if self.every == "month":
            return calendar.month_end_plus(approved_at, _NET_MONTH if self.net is None else self.net, zone)
        if self.every == "week":
            return calendar.week_end_plus(approved_at, _NET_WEEK if self.net is None else self.net, zone)
        return approved_at


class Rules(_Part, frozen=True, kw_only=True):
    """A rule file. Every field with a default may be left out; the version's hash has them all."""

    program: Slug
    currency: Currency
    conversions: Annotated[tuple[Conversion, ...], Meta(min_length=1, max_length=16)]
    name: Annotated[str, Meta(max_length=120)] = ""
    timezone: Annotated[str, Meta(max_length=64)] = "UTC"
    attribution: Attribution = Attribution()
    new_customers_only: bool = True
    requires_terms: bool = False
    shares_customers: bool = False
    hold: Duration = "30d"
    expires_after: Duration | None = None
    budget: Amounts | None = None
    review: Review = Review()
    payout_minimum: Amounts | None = None
    claims: Claims = Claims()
    payouts: Payouts = Payouts()
    landing_url: Address | None = None
    entity: Slug | None = None

    def conversion(self, name: str) -> Conversion | None:
        """The rule for conversions of that name."""
        for rule in self.conversions:
            if rule.on == name:
                return rule
        return None


class RuleVersion(Struct, frozen=True, kw_only=True):
    """Rules as published: the hash that names them, the behaviour they were published under, the text, and what it says today.

    The text stays: a field that rules get later stands in none of before, and its default must say what these meant.
    """

    hash: str
    semantics: int
    text: str
    rules: Rules


@lru_cache(maxsize=256)
def fraction(percent: str) -> Fraction:
    """The exact value of a percent text."""
    return Fraction(percent)


def document(rules: Rules) -> str:
    """Canonical text with every default written out."""
    return canonical.encode(rules).decode()


def version(text: str, number: int = semantics.CURRENT) -> RuleVersion:
    """The version that a text of rules names under a behaviour. Raises msgspec.ValidationError for a text that is no rules."""
    rules = msgspec.json.decode(text, type=Rules)
    digest = hashlib.sha256(f"goodword rules {number}\n{text}".encode()).hexdigest()
    return RuleVersion(hash=digest, semantics=number, text=text, rules=rules)
