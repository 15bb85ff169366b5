"""What makes rules senseless although every single value has the right type.

One small check a rule, listed in ``CHECKS`` by the part it looks at. Checks see rules alone, never a program's state:
the same rules are right or wrong for ever. Only currencies have their time: new rules name none that has ended by the
instant of publication, which is given. What reads a file may put a value that raises ``Unreadable`` in the place of
each wrong one: a check that looks at it ends there, all others still speak.

Three choices that a reader may wonder about. Only the advocate's side has tiers and limits: both count what an advocate
brought, and the friend's reward stands when the advocate's is capped. Points are given as ``points``: a percentage of
an amount in minor units would mean another number of points in each currency. Every map of amounts that a reward is
worked out from names the same currencies, the program's among them: otherwise a currency would be offered by one line
of a rule and not by the next. And every map that limits names all currencies that are offered: one that it lacks would
be without limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from msgspec import Struct

from goodword.core import calendar, money, semantics
from goodword.core.kinds.conditions.amount import Amount
from goodword.core.kinds.conditions.trait import Trait
from goodword.core.kinds.rewards import REGISTRY, taken_off
from goodword.core.rules import (
    ANY,
    Attribution,
    Conversion,
    Later,
    Limit,
    Rate,
    Reward,
    Rules,
    Tier,
    amount_in,
    currencies_named,
    fraction,
)

#: Names of fields and places in lists, from the outside in.
Place = tuple[str | int, ...]
#: A finding of one check: the place inside its part, what was found, what was expected.
Finding = tuple[Place, str, str]
Check = Callable[[Any], Iterator[Finding]]

_FIGURES: Final = ("flat", "percent", "points")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LANDING: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+([/?#][!-~]*)?")


class Problem(NamedTuple):
    """One wrong value: where it stands, what was found there, what was expected."""

    place: Place
    found: str
    expected: str

    @property
    def path(self) -> str:
        """The place as text: ``conversions[0].rewards[1].percent``; empty for the file as a whole."""
        text = ""
        for step in self.place:
            if isinstance(step, str) and _IDENTIFIER.fullmatch(step):
                text += f".{step}" if text else step
            else:
                text += f"[{step if isinstance(step, int) else repr(step[:40])}]"
        return text


class Unreadable(Exception):
    """Raised when a check touches the placeholder of a value that could not be read; that check is skipped."""


def problems(rules: Rules, at: int | None, number: int = semantics.CURRENT) -> list[Problem]:
    """All that is senseless in the rules, part by part; an empty list for rules that can be published.

    ``at`` is the instant of publication; None for rules that are not published, in which no currency is too old. ``number``: the
    behaviour under which they are published.
    """
    currencies = partial(_currencies, None if at is None else calendar.utc_day(at))
    later = LATER if number >= semantics.CURRENCIES_ARE_NAMED else {}
    return [
        problem
        for place, part in _parts(rules, ())
        for problem in _of(place, part, (currencies, *CHECKS.get(type(part), ()), *later.get(type(part), ())))
    ]


def _of(place: Place, part: Struct, checks: tuple[Check, ...]) -> Iterator[Problem]:
    for check in checks:
        try:
            for inner, found, expected in check(part):
                yield Problem(place + inner, found, expected)
        except Unreadable:
            continue


def _parts(value: object, place: Place) -> Iterator[tuple[Place, Struct]]:
    """The rules and every part in them, with their places, outer ones first."""
    if isinstance(value, Struct):
        yield place, value
        for name in value.__struct_fields__:
            yield from _parts(getattr(value, name), (*place, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _parts(item, (*place, index))


def _currencies(day: str | None, part: Struct) -> Iterator[Finding]:
    """Every currency that a part names, its own or that of an amount, is known, and in use on the day."""
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if name == "currency" and isinstance(value, str):
            named: list[tuple[Place, str]] = [((name,), value)]
        elif name == "currencies" and isinstance(value, tuple):
            named = [((name, index), currency) for index, currency in enumerate(value)]
        else:
            named = [((name, currency), currency) for currency in value] if isinstance(value, dict) else []
        for place, currency in named:
            if currency == ANY:
                continue  # whether it may stand there is for the program to say (``_any``)
            if currency not in money.CURRENCIES:
                yield place, currency, "a currency of ISO 4217, such as EUR"
            elif day is not None and (why := money.out_of_use(currency, day)) is not None:
                yield place, currency, f"a currency that is in use: {why}"


# --- the program ------------------------------------------------------------------------------------------------------


def _timezone(rules: Rules) -> Iterator[Finding]:
    try:
        calendar.zone(rules.timezone)
    except ValueError:
        yield ("timezone",), rules.timezone, "an IANA time zone, such as UTC or Europe/Berlin"


def _landing_url(rules: Rules) -> Iterator[Finding]:
    if rules.landing_url is None:
        return
    if not rules.landing_url.isascii() or not _LANDING.fullmatch(rules.landing_url):
        expected = "a web address without a user name, its other characters percent-encoded"
        yield ("landing_url",), rules.landing_url[:60], expected


def _sharing(rules: Rules) -> Iterator[Finding]:
    names = [it.name for it in rules.sharing.texts]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield ("sharing", "texts", index, "name"), f"{name} again", "another name for each text"
    if rules.sharing.landing == "page" and rules.landing_url is None:
        yield ("sharing", "landing"), "page", "landing_url too: where the page's button leads"
    if rules.sharing.joiners == "customers" and rules.sharing.join == "closed":
        yield ("sharing", "joiners"), "customers", "join: open too, or nobody joins by themselves"


def _unique_names(rules: Rules) -> Iterator[Finding]:
    seen = set()
    for index, conversion in enumerate(rules.conversions):
        if conversion.on in seen:
            yield ("conversions", index, "on"), f"{conversion.on} again", "another name for each conversion"
        seen.add(conversion.on)


def _program_currency(rules: Rules) -> Iterator[Finding]:
    """A conversion without amount is rewarded in the program's currency, so every map on its way must name it."""
    for index, conversion in enumerate(rules.conversions):
        if conversion.minimum is not None and amount_in(conversion.minimum, rules.currency) is None:
            place: Place = ("conversions", index, "minimum")
            yield place, _list(conversion.minimum), f"an amount for the program's currency too: {rules.currency}"
        for position, reward in enumerate(conversion.rewards):
            for name in ("flat", "cap"):
                amounts = getattr(reward, name)
                if amounts is not None and amount_in(amounts, rules.currency) is None:
                    place = ("conversions", index, "rewards", position, name)
                    yield place, _list(amounts), f"an amount for the program's currency too: {rules.currency}"


def _offered(rules: Rules) -> Iterator[Finding]:
    """A program that lists its currencies lists its own, each once, and no map names another."""
    if not isinstance(rules.currencies, tuple):
        return
    if rules.currency not in rules.currencies:
        yield ("currencies",), _list(rules.currencies), f"the program's currency too: {rules.currency}"
    if len(set(rules.currencies)) != len(rules.currencies):
        yield ("currencies",), _list(rules.currencies), "each currency once"
    for place, amounts in _maps(rules, ()):
        for currency in (amounts.keys() & money.CURRENCIES.keys()) - {*rules.currencies}:
            yield (*place, currency), currency, f"a currency of the program: {_list(rules.currencies)}"


def _any(rules: Rules) -> Iterator[Finding]:
    """``any`` stands only in a program that offers all currencies, and never for a fixed amount."""
    for place, amounts in _maps(rules, ()):
        if ANY in amounts and (rules.currencies != ANY or place[-1] == "flat"):
            expected = "currencies by name" if rules.currencies == ANY else "currencies by name, or `currencies: any`"
            yield (*place, ANY), ANY, expected


def _limits_name_all(rules: Rules) -> Iterator[Finding]:
    """A limit that does not name a currency which is offered would not hold for it."""
    all_ = rules.currencies == ANY
    offered = set(rules.currencies) if isinstance(rules.currencies, tuple) else currencies_named(rules)
    for place, amounts in _maps(rules, ()):
        if place[-1] in ("minimum", "cap") and not all_:
            continue  # in a currency that these lack nothing is earned
        if place[-1] == "instant_up_to":
            continue  # in a currency that it lacks all is held
        if place[-1] in ("flat", "payout_minimum") or (
            place[-1] == "amount" and not all_ and _named_by_reward(rules, place)
        ):
            continue
        if all_ and ANY not in amounts:
            yield place, _list(amounts), "any too, for all currencies are offered"
        elif not all_ and offered - amounts.keys():
            lacks = _list(sorted(offered - amounts.keys()))
            yield (
                place,
                _list(amounts),
                f"an amount for every currency that is offered: {lacks} too; or `currencies:` without it",
            )


def _named_by_reward(rules: Rules, place: Place) -> bool:
    """Whether the limit stands in a reward that has currencies of its own, by which it is measured, or none (``_limit_amount``)."""
    _, conversion, _, reward, *_ = place
    own = rules.conversions[int(conversion)].rewards[int(reward)]
    return own.flat is not None or own.cap is not None or not REGISTRY[own.kind].in_money


def _maps(part: object, place: Place) -> Iterator[tuple[Place, dict[str, int]]]:
    """Every map of amounts in the rules, but those of conditions, with its place."""
    if isinstance(part, dict):
        yield place, part
    elif isinstance(part, tuple):
        for index, item in enumerate(part):
            yield from _maps(item, (*place, index))
    elif isinstance(part, Struct):
        for name in part.__struct_fields__:
            if name != "conditions":
                yield from _maps(getattr(part, name), (*place, name))


def _tiers_count(rules: Rules) -> Iterator[Finding]:
    """Tiers count conversions that the program has."""
    names = [conversion.on for conversion in rules.conversions]
    for index, conversion in enumerate(rules.conversions):
        for position, reward in enumerate(conversion.rewards):
            for at, name in enumerate(reward.tiers_count if isinstance(reward.tiers_count, tuple) else ()):
                if name not in names:
                    place = ("conversions", index, "rewards", position, "tiers_count", at)
                    yield place, name, f"a conversion of the program: {_list(names)}"


def _expiry(rules: Rules) -> Iterator[Finding]:
    if rules.expires_after is not None and calendar.duration(rules.expires_after) == 0:
        yield ("expires_after",), rules.expires_after, "longer than 0, or nothing to let rewards never expire"


def _open_window(part: Attribution | Conversion) -> Iterator[Finding]:
    """Windows are half-open: one of no length holds nothing."""
    if part.window is not None and calendar.duration(part.window) == 0:
        yield ("window",), part.window, "longer than 0: nothing happens inside a window without length"


def _payouts(rules: Rules) -> Iterator[Finding]:
    every, net = rules.payouts.every, rules.payouts.net
    if net is not None and every in ("once", "threshold"):
        yield ("payouts", "net"), str(net), f"nothing: {every} means at once"
    if every == "threshold" and not rules.payout_minimum:
        yield ("payouts", "every"), every, "payout_minimum beside it, which is the threshold"


# --- a conversion and its rewards -------------------------------------------------------------------------------------


def _minimum(conversion: Conversion) -> Iterator[Finding]:
    """A conversion in a currency without a minimum is refused, so what rewards name the minimum must name."""
    if conversion.minimum is None:
        return
    named = {currency for reward in conversion.rewards for currency in {**(reward.flat or {}), **(reward.cap or {})}}
    for currency in sorted(c for c in named if amount_in(conversion.minimum, c) is None):
        yield ("minimum",), _list(conversion.minimum), f"a minimum for {currency} too, which a reward names"


def _months(conversion: Conversion) -> Iterator[Finding]:
    """The window is that of every conversion, not of the first alone."""
    months = conversion.counts.months
    if months is None or conversion.window is None:
        return
    if calendar.duration(conversion.window) < months * 28 * calendar.DAY:
        expected = f"at least {months * 28}d, or nothing: it closes for all of the {months} months' conversions"
        yield ("window",), conversion.window, expected


def _later_counts(conversion: Conversion) -> Iterator[Finding]:
    """Figures for later are for those who buy again."""
    counts = conversion.counts
    for index, reward in enumerate(conversion.rewards):
        if reward.later and counts.months is None and counts.payments is None:
            yield (
                ("rewards", index, "later"),
                "later for the first alone",
                "`counts` with months or payments, or nothing",
            )
        for at, later in enumerate(reward.later):
            if counts.months is not None and later.after_months >= counts.months:
                place = ("rewards", index, "later", at, "after_months")
                yield place, str(later.after_months), f"less than the months that count: {counts.months}"


def _one_reward_a_kind(conversion: Conversion) -> Iterator[Finding]:
    seen = set()
    for index, reward in enumerate(conversion.rewards):
        if (reward.side, reward.kind) in seen:
            found = f"{reward.kind} for the {reward.side} again"
            yield ("rewards", index), found, "at most one reward for each side and kind"
        seen.add((reward.side, reward.kind))


def _figure(part: Reward | Tier | Later) -> tuple[str, ...]:
    """Which of the figures are given; rightly just one."""
    return tuple(name for name in _FIGURES if getattr(part, name) is not None)


def _one_figure(reward: Reward) -> Iterator[Finding]:
    if len(_figure(reward)) != 1:
        yield (), _list(_figure(reward)), "exactly one of flat, percent and points"


def _kind_of_figure(reward: Reward) -> Iterator[Finding]:
    in_money = REGISTRY[reward.kind].in_money
    for name in _figure(reward):
        if (name == "points") is in_money:
            yield (name,), f"{name} for {reward.kind}", "flat or percent" if in_money else "points"


def _other_figures(reward: Reward) -> Iterator[Finding]:
    """Tiers and figures for later are of the reward's own sort and currencies."""
    figure = _figure(reward)
    if len(figure) != 1:
        return
    others: list[tuple[str, int, Tier | Later]] = [("tiers", index, tier) for index, tier in enumerate(reward.tiers)]
    others += [("later", index, later) for index, later in enumerate(reward.later)]
    for name, index, other in others:
        if _figure(other) != figure:
            yield (name, index), _list(_figure(other)), f"{figure[0]} alone, as in the reward itself"
        elif other.flat is not None and reward.flat is not None and other.flat.keys() != reward.flat.keys():
            expected = f"the currencies of the reward's flat: {_list(reward.flat)}"
            yield (name, index, "flat"), _list(other.flat), expected


def _rise(reward: Reward) -> Iterator[Finding]:
    """Each tier begins above the one before, each figure for later after the one before."""
    highest = 0
    for index, tier in enumerate(reward.tiers):
        if tier.from_kept <= highest:
            yield ("tiers", index, "from_kept"), str(tier.from_kept), f"more than in the tier before: {highest}"
        highest = max(highest, tier.from_kept)
    highest = 0
    for index, later in enumerate(reward.later):
        if later.after_months <= highest:
            yield ("later", index, "after_months"), str(later.after_months), f"more than before: {highest}"
        highest = max(highest, later.after_months)


def _one_way(reward: Reward) -> Iterator[Finding]:
    """Figures go by the advocate's tier, by the customer's age or by the line, and by one of them."""
    ways = tuple(name for name in ("tiers", "later", "rates") if getattr(reward, name))
    if len(ways) > 1:
        yield (ways[1],), _list(ways), "one of tiers, later and rates"
    if reward.rates and reward.percent is None:
        yield ("rates",), "rates without percent", "a percent for all other lines, which may be 0"
    if reward.tiers_count is not None and not reward.tiers:
        yield ("tiers_count",), "tiers_count without tiers", "tiers, or nothing"


def _names_lines(rate: Rate) -> Iterator[Finding]:
    if not rate.product and not rate.brand:
        yield (), "neither", "product, brand or both"


def _percent(part: Reward | Tier | Later | Rate) -> Iterator[Finding]:
    # The type lets no more through than 100 and its decimals.
    if part.percent is not None and part.percent.startswith("100.") and fraction(part.percent) != 100:  # noqa: PLR2004
        yield ("percent",), part.percent, "at most 100"


def _advocate_only(reward: Reward) -> Iterator[Finding]:
    for name in ("tiers", "limits") if reward.side == "friend" else ():
        if getattr(reward, name):
            yield (name,), f"{name} for the friend", "none: they count what an advocate brought"


def _cap(reward: Reward) -> Iterator[Finding]:
    if reward.cap is None:
        return
    if not REGISTRY[reward.kind].in_money:
        yield ("cap",), f"a cap for {reward.kind}", "none: its tiers say all its figures"
    elif reward.flat is not None and reward.flat.keys() != reward.cap.keys() and ANY not in reward.cap:
        yield ("cap",), _list(reward.cap), f"the currencies of the reward's flat: {_list(reward.flat)}"


def _welcome(reward: Reward) -> Iterator[Finding]:
    """What the shop takes off is promised before there is an order: a fixed amount, for a time."""
    if not taken_off(reward.kind):
        if reward.valid is not None:
            yield ("valid",), f"valid for {reward.kind}", "nothing: only a welcome is offered for a time"
        return
    if reward.side != "friend":
        yield ("side",), reward.side, "friend: the shop takes it off what they order"
    if reward.flat is None:
        yield (), _list(_figure(reward)), "flat: a welcome is promised before there is an order"
    elif not all(reward.flat.values()):
        yield ("flat",), "0", "more than 0"
    if reward.valid is None or calendar.duration(reward.valid) == 0:
        yield ("valid",), reward.valid or "nothing", "how long it is offered, such as 30d"
    for name in ("later", "cap"):
        if getattr(reward, name):
            yield (name,), f"{name} for a welcome", "nothing: its flat says all there is"


def _instant(reward: Reward) -> Iterator[Finding]:
    if reward.instant_up_to is None:
        return
    if not REGISTRY[reward.kind].in_money:
        yield ("instant_up_to",), f"an amount for {reward.kind}", "nothing: a hold of 0d lets all be instant"
    elif reward.hold is not None and calendar.duration(reward.hold) == 0:
        yield ("instant_up_to",), "instant_up_to beside a hold of 0", "one of them: without a hold all is instant"


def _one_welcome(rules: Rules) -> Iterator[Finding]:
    """A friend has one offer."""
    found = [
        ("conversions", index, "rewards", position)
        for index, conversion in enumerate(rules.conversions)
        for position, reward in enumerate(conversion.rewards)
        if taken_off(reward.kind)
    ]
    for place in found[1:]:
        yield place, "a welcome again", "one welcome in a program"


def _limits(reward: Reward) -> Iterator[Finding]:
    seen = set()
    for index, limit in enumerate(reward.limits):
        what = "amount" if limit.amount is not None else "count"
        if (limit.per, what) in seen:
            yield ("limits", index), f"a limit of {what} per {limit.per} again", "one limit of a sort for each period"
        seen.add((limit.per, what))
        if limit.amount is not None:
            yield from _limit_amount(reward, limit.amount, ("limits", index, "amount"))


def _limit_amount(reward: Reward, amount: dict[str, int], place: Place) -> Iterator[Finding]:
    """The same currencies as the reward's own maps: in one that is missing, the limit would be none or nought."""
    if not REGISTRY[reward.kind].in_money:
        yield place, f"an amount for {reward.kind}", "a count"
        return
    own = reward.flat if reward.flat is not None else reward.cap
    if own is not None and own.keys() != amount.keys() and ANY not in amount:
        yield place, _list(amount), f"the currencies of the reward: {_list(own)}"


def _count_or_amount(limit: Limit) -> Iterator[Finding]:
    given = tuple(name for name in ("count", "amount") if getattr(limit, name) is not None)
    if len(given) != 1:
        yield (), _list(given), "exactly one of count and amount"


# --- conditions -------------------------------------------------------------------------------------------------------


def _range(condition: Amount) -> Iterator[Finding]:
    if not condition.at_least and not condition.below:
        yield (), "neither", "at_least, below or both"
    for name in ("at_least", "below"):
        for currency, amount in getattr(condition, name).items():
            if not 0 <= amount <= money.MAX_INTEGER:
                yield (name, currency), str(amount), f"minor units from 0 to {money.MAX_INTEGER}"
    for currency, low in condition.at_least.items():
        if currency in condition.below and condition.below[currency] <= low:
            expected = f"more than at_least: {low}"
            yield ("below", currency), str(condition.below[currency]), expected


def _trait(condition: Trait) -> Iterator[Finding]:
    given = tuple(name for name in ("equals", "at_least") if getattr(condition, name) is not None)
    if len(given) != 1:
        yield (), _list(given), "exactly one of equals and at_least"
    for name in given:
        value = getattr(condition, name)
        if isinstance(value, int) and abs(value) > money.MAX_INTEGER:
            yield (name,), str(value), f"a whole number from {-money.MAX_INTEGER} to {money.MAX_INTEGER}"


def _list(names: Any) -> str:
    """Names in words: ``flat and percent``."""
    return " and ".join(names) or "none of them"


#: Type of part -> what must hold of it. Another check gets its place here.
CHECKS: Final[dict[type[Struct], tuple[Check, ...]]] = {
    Rules: (
        *(_timezone, _landing_url, _unique_names, _program_currency, _offered, _any, _tiers_count, _expiry, _payouts),
        _one_welcome,
        _sharing,
    ),
    Attribution: (_open_window,),
    Conversion: (_open_window, _months, _later_counts, _minimum, _one_reward_a_kind),
    Reward: (
        _one_figure,
        _kind_of_figure,
        _percent,
        _other_figures,
        _rise,
        _one_way,
        _advocate_only,
        _cap,
        _welcome,
        _instant,
        _limits,
    ),
    Tier: (_percent,),
    Later: (_percent,),
    Rate: (_percent, _names_lines),
    Limit: (_count_or_amount,),
    Amount: (_range,),
    Trait: (_trait,),
}
#: What must hold besides since ``semantics.CURRENCIES_ARE_NAMED``.
LATER: Final[dict[type[Struct], tuple[Check, ...]]] = {Rules: (_limits_name_all,)}
