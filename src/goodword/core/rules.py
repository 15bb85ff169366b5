"""A program's rules: what a rule file says, and the immutable version it becomes.

A version is named by the SHA-256 of its canonical bytes with every default written out, together with ``semantics``: the behaviour
of the engine it was published under. Amounts are maps currency -> minor units; a currency that is not named is not offered.
What a version leaves to its behaviour is written in where it is read (``RuleVersion.means``): nothing behind asks again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from goodword.core import calendar, canonical, semantics
from goodword.core.kinds.conditions import Condition
from goodword.core.kinds.conditions.trait import Token
from goodword.core.kinds.rewards import Kind, taken_off

Slug = Annotated[
    str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$(?!\\n)", description="lower-case letters, digits and hyphens")
]
Duration = Annotated[
    str, Meta(pattern="^([1-9][0-9]{0,5}|0)(m|h|d)$(?!\\n)", description="such as 30d, 24h or 15m; a d is 24 hours")
]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$(?!\\n)", description="ISO 4217")]
Minor = Annotated[int, Meta(ge=0, le=2**53 - 1, description="minor units: 2500 is 25.00 EUR")]
Points = Annotated[int, Meta(ge=0, le=2**53 - 1, description="points")]
#: In a map, the currency; in a program that offers all of them also ``any``, for those that are not named.
Of = Annotated[str, Meta(pattern="^([A-Z]{3}|any)$(?!\\n)", description="ISO 4217, or any")]
Amounts = Annotated[dict[Of, Minor], Meta(max_length=64)]
ANY: Final = "any"
Percent = Annotated[
    str, Meta(pattern="^(100|[0-9]{1,2})(\\.[0-9]{1,6})?$(?!\\n)", description='0 to 100, exact: "12.5"')
]
Address = Annotated[
    str,
    Meta(max_length=2000, pattern="^https?://[^\\s]+$(?!\\n)", description="a web address of at most 2000 characters"),
]
Period = Literal["day", "week", "month", "quarter", "year", "ever"]
#: What of an order a percentage is taken of. What was charged is the goods, shipping and tax.
Base = Literal["goods", "with_tax", "with_shipping", "charged"]


#: What is due how many days after the end of the period of its approval, where no rule says.
_NET_MONTH: Final = 15
_NET_WEEK: Final = 1


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a rule file: unknown names are errors."""


class Attribution(_Part, frozen=True, kw_only=True):
    """Who referred whom. ``window``: click to lead, half-open; a typed code beats clicks and knows no window.

    same_person: what follows when somebody orders who is bound under another name, as an equal mail or phone proves.
    """

    window: Duration = "30d"
    touch: Literal["last", "first"] = "last"
    same_person: Literal["claim", "join"] = "claim"


class Tier(_Part, frozen=True, kw_only=True):
    """From ``from_kept`` kept conversions of the advocate before this one, these figures hold instead."""

    from_kept: Annotated[int, Meta(ge=1, le=1_000_000)]
    flat: Amounts | None = None
    percent: Percent | None = None
    points: Points | None = None


class Later(_Part, frozen=True, kw_only=True):
    """From ``after_months`` calendar months after the customer's first qualifying conversion, these figures hold instead."""

    after_months: Annotated[int, Meta(ge=1, le=600)]
    flat: Amounts | None = None
    percent: Percent | None = None
    points: Points | None = None


class Rate(_Part, frozen=True, kw_only=True):
    """Lines of these products, or of these brands, earn ``percent`` instead; the first rate that names a line is its own."""

    percent: Percent
    product: tuple[Token, ...] = ()
    brand: tuple[Token, ...] = ()


class Limit(_Part, frozen=True, kw_only=True):
    """At most ``count`` rewards, or ``amount`` of them, an advocate and calendar period of the conversion."""

    per: Period
    count: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    amount: Amounts | None = None


class Reward(_Part, frozen=True, kw_only=True):
    """What one side earns: exactly one of ``flat``, ``percent`` and ``points``, perhaps with other figures for some, a cap, limits.

    ``valid``: how long from the lead on a welcome is offered, half-open. ``hold``: its own, in place of the program's; what is at most
    ``instant_up_to`` is not held at all.
    """

    side: Literal["advocate", "friend"]
    kind: Kind = "cash"
    flat: Amounts | None = None
    percent: Percent | None = None
    points: Points | None = None
    tiers: tuple[Tier, ...] = ()
    tiers_count: Annotated[tuple[Token, ...], Meta(min_length=1, max_length=16)] | Literal["all"] | None = None
    later: Annotated[tuple[Later, ...], Meta(max_length=16)] = ()
    rates: Annotated[tuple[Rate, ...], Meta(max_length=32)] = ()
    cap: Amounts | None = None
    limits: tuple[Limit, ...] = ()
    valid: Duration | None = None
    hold: Duration | None = None
    instant_up_to: Amounts | None = None


class Counts(_Part, frozen=True, kw_only=True):
    """Which conversions earn: the first qualifying one, or all in [first, first + months), or so many ``payments``, or both."""

    months: Annotated[int, Meta(ge=1, le=600)] | None = None
    payments: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Conversion(_Part, frozen=True, kw_only=True):
    """A named conversion and what it earns. ``window``: lead to conversion, half-open; absent: for ever."""

    rewards: Annotated[tuple[Reward, ...], Meta(min_length=1, max_length=8)]
    on: Token = "purchase"
    window: Duration | None = None
    counts: Counts = Counts()
    base: Base | None = None
    minimum: Amounts | None = None
    conditions: Annotated[tuple[Condition, ...], Meta(max_length=32)] = ()


class Velocity(_Part, frozen=True, kw_only=True):
    """More than ``count`` rewarded conversions of one advocate in a calendar period flag the next."""

    count: Annotated[int, Meta(ge=1, le=1_000_000)]
    per: Literal["day", "week", "month"] = "day"


class Review(_Part, frozen=True, kw_only=True):
    """When a person must look closer, when two must approve, and by when: ``due_days`` after the hold, or what put it back.

    just_before: an order fewer seconds than this after the click that brought the friend is marked; 0: none is.
    """

    over: Amounts | None = None
    two_people_over: Amounts | None = None
    velocity: Velocity | None = None
    due_days: Annotated[int, Meta(ge=0, le=365)] = 7
    just_before: Annotated[int, Meta(ge=0, le=86_400, description="seconds")] = 10


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


class Credit(_Part, frozen=True, kw_only=True):
    """What becomes of credit and points that were delivered as store credit: absent, they never expire."""

    expires: Duration | None = None


class Text(_Part, frozen=True, kw_only=True):
    """What an advocate may send: the link and who pays for it are added."""

    name: Slug
    text: Annotated[str, Meta(min_length=1, max_length=500)]


class Sharing(_Part, frozen=True, kw_only=True):
    """What a friend sees who follows a link, the company's page or one of ours before it; and what advocates may send, in variants.

    ``join``: whether people may enrol themselves at a page, and ``joiners`` who; ``colour``: the company's, as its pages show it.
    ``board``: whether advocates who agree to it see each other on a leaderboard.
    """

    landing: Literal["direct", "page"] = "direct"
    texts: Annotated[tuple[Text, ...], Meta(max_length=8)] = ()
    join: Literal["closed", "open"] = "closed"
    joiners: Literal["anybody", "customers"] = "anybody"
    colour: Annotated[str, Meta(pattern="^#[0-9a-f]{6}$(?!\\n)", description="a colour such as #145c3f")] | None = None
    board: Literal["closed", "open"] = "closed"


class Enrol(_Part, frozen=True, kw_only=True):
    """Who is enrolled by what they did: who orders (``on``) for the ``nth`` time or more, meets the conditions, and gave a consent.

    ``consent``: its purpose.
    """

    on: Token = "purchase"
    nth: Annotated[int, Meta(ge=1, le=1_000)] = 1
    conditions: Annotated[tuple[Condition, ...], Meta(max_length=32)] = ()
    consent: Token = "advocate"


#: An hour and a minute of a clock.
Hour = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\\n)", description="of a day, such as 21:00")]
#: What advocates are written about.
Topic = Literal[
    "enrolled",
    "referral_counted",
    "reward_approved",
    "reward_paid",
    "reward_held",
    "dispute_answered",
    "terms_changed",
    "milestone_reached",
    "tip_share",
    "tip_click",
    "satisfaction",
]
#: All of these, in order.
TOPICS: Final[tuple[str, ...]] = get_args(Topic)


class Quiet(_Part, frozen=True, kw_only=True):
    """Hours in which no message is sent, by the clock where the advocate is, or else of the program's zone: half-open."""

    begins: Hour
    ends: Hour


class Messages(_Part, frozen=True, kw_only=True):
    """Of what advocates are written mails; of what is not named they get none. One in quiet hours waits for their end."""

    topics: Annotated[tuple[Topic, ...], Meta(max_length=16)] = ()
    quiet: Quiet | None = None


class Rules(_Part, frozen=True, kw_only=True):
    """A rule file. Every field with a default may be left out; the version's hash has them all."""

    program: Slug
    currency: Currency
    conversions: Annotated[tuple[Conversion, ...], Meta(min_length=1, max_length=16)]
    name: Annotated[str, Meta(max_length=120)] = ""
    timezone: Annotated[str, Meta(max_length=64)] = "UTC"
    currencies: Annotated[tuple[Currency, ...], Meta(min_length=1, max_length=64)] | Literal["any"] | None = None
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
    credit: Credit = Credit()
    landing_url: Address | None = None
    entity: Slug | None = None
    sharing: Sharing = Sharing()
    messages: Messages = Messages()
    enrol: Enrol | None = None

    def conversion(self, name: str) -> Conversion | None:
        """The rule for conversions of that name."""
        for rule in self.conversions:
            if rule.on == name:
                return rule
        return None

    @property
    def welcome(self) -> tuple[Conversion, Reward] | None:
        """The conversion whose order a friend is welcomed by, and with what."""
        found = ((rule, reward) for rule in self.conversions for reward in rule.rewards if taken_off(reward.kind))
        return next(found, None)


class RuleVersion(Struct, frozen=True, kw_only=True):
    """Rules as published: the hash that names them, the behaviour they were published under, the text, what it says, and means.

    The text stays: a field that rules get later stands in none of before. ``means`` has in its place what these meant: by it all
    is decided.
    """

    hash: str
    semantics: int
    text: str
    rules: Rules
    means: Rules


@lru_cache(maxsize=256)
def fraction(percent: str) -> Fraction:
    """The exact value of a percent text."""
    return Fraction(percent)


def document(rules: Rules) -> str:
    """Canonical text with every default written out."""
    return canonical.encode(rules).decode()


def amount_in(amounts: dict[str, int], unit: str) -> int | None:
    """What a map says of a unit: by its name, else by ``any``, which no points are. None: nothing."""
    return amounts.get(unit, None if ":" in unit else amounts.get(ANY))


def currencies_named(rules: Rules) -> set[str]:
    """The program's currency and all that its maps of amounts name."""
    return {rules.currency, *_named(rules)} - {ANY}


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    elif isinstance(value, tuple):
        for item in value:
            yield from _named(item)
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _named(getattr(value, name))


def version(text: str, number: int = semantics.CURRENT) -> RuleVersion:
    """The version that a text of rules names under a behaviour. Raises msgspec.ValidationError for a text that is no rules."""
    rules = msgspec.json.decode(text, type=Rules)
    digest = hashlib.sha256(f"goodword rules {number}\n{text}".encode()).hexdigest()
    return RuleVersion(hash=digest, semantics=number, text=text, rules=rules, means=_meant(rules, number))


def terms_digest(rules: str, text: str) -> str:
    """Return what names a text of terms: the SHA-256 over the hash of the rules that it tells and the text, in hex."""
    return hashlib.sha256(f"goodword terms\n{rules}\n{text}".encode()).hexdigest()


def _meant(rules: Rules, number: int) -> Rules:
    """The rules with all written in that they leave to the behaviour under which they were published."""
    if rules.currencies is None:
        named = tuple(sorted(currencies_named(rules))) if number >= semantics.CURRENCIES_ARE_NAMED else ANY
        rules = replace(rules, currencies=named)
    return replace(rules, conversions=tuple(_meant_of(rule, number) for rule in rules.conversions))


def _meant_of(rule: Conversion, number: int) -> Conversion:
    base: Base = rule.base or ("goods" if number >= semantics.GOODS_ARE_THE_BASE else "charged")
    count: tuple[str, ...] | Literal["all"] = (rule.on,) if number >= semantics.TIERS_COUNT_BY_NAME else "all"
    rewards = tuple(
        replace(reward, tiers_count=count) if reward.tiers and reward.tiers_count is None else reward
        for reward in rule.rewards
    )
    return replace(rule, base=base, rewards=rewards)
