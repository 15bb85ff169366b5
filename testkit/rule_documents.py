"""A rule file with everything in it, and what tests do with its places."""

import copy
import random
from collections.abc import Iterator
from typing import Any

from goodword.core.rule_checks import Place

#: A right file in which every field of every part stands at least once.
WHOLE: dict[str, Any] = {
    "program": "whole",
    "currency": "EUR",
    "name": "Everything",
    "timezone": "Europe/Berlin",
    "attribution": {"window": "30d", "touch": "first"},
    "new_customers_only": False,
    "requires_terms": True,
    "shares_customers": True,
    "hold": "24h",
    "expires_after": "90d",
    "budget": {"EUR": 1000000},
    "review": {
        "over": {"EUR": 10000},
        "two_people_over": {"EUR": 20000, "USD": 20000},
        "velocity": {"count": 3, "per": "week"},
    },
    "payout_minimum": {"EUR": 2500},
    "landing_url": "https://shop.example.com/welcome?from=friend#top",
    "conversions": [
        {
            "on": "purchase",
            "window": "400d",
            "counts": {"months": 12},
            "minimum": {"EUR": 2000, "USD": 2200},
            "conditions": [
                {"kind": "amount", "at_least": {"EUR": 1}, "below": {"EUR": 10000, "USD": 10000}},
                {"kind": "brand", "any_of": ["acme", "globex"]},
                {"kind": "country", "any_of": ["DE", "NO"], "negate": True},
                {"kind": "customer", "new": False},
                {"kind": "product", "any_of": ["sku-1"]},
                {"kind": "trait", "name": "plan", "equals": "team"},
                {"kind": "trait", "name": "seats", "at_least": 5},
            ],
            "rewards": [
                {
                    "side": "advocate",
                    "kind": "cash",
                    "percent": "12.5",
                    "tiers": [{"from_kept": 5, "percent": "15"}, {"from_kept": 10, "percent": "20"}],
                    "cap": {"EUR": 5000, "USD": 5500},
                    "limits": [{"per": "month", "count": 5}, {"per": "ever", "amount": {"EUR": 90000, "USD": 99000}}],
                },
                {
                    "side": "advocate",
                    "kind": "credit",
                    "flat": {"EUR": 300, "USD": 330},
                    "tiers": [{"from_kept": 2, "flat": {"EUR": 400, "USD": 440}}],
                },
                {"side": "friend", "kind": "credit", "flat": {"EUR": 500}},
            ],
        },
        {
            "on": "sign-up",
            "rewards": [
                {"side": "advocate", "kind": "points", "points": 100, "tiers": [{"from_kept": 3, "points": 150}]},
                {"side": "friend", "kind": "points", "points": 50},
            ],
        },
    ],
}

#: Values of all sorts. What each does in each place, the published schema says.
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**53, 1.5, "", "x", "EUR", "30d", "ünïcode and spaces", "y" * 3000, [], {}, [None], {"kind": "other"},
    {"eur": 1}, {"EUR": -1}, {"EUR": "1"},
)  # fmt: skip


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Walk all places of a document in its order."""
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from places(item, (*place, step))


PLACES = list(places(WHOLE))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def replaced(changes: dict[Place, Any], whole: Any = WHOLE) -> Any:
    """Return a copy of the document with other values in some places."""
    changed = copy.deepcopy(whole)
    for place, value in changes.items():
        if not place:
            return value
        at(changed, place[:-1])[place[-1]] = value
    return changed


def without(place: Place) -> Any:
    changed = copy.deepcopy(WHOLE)
    del at(changed, place[:-1])[place[-1]]
    return changed


def shuffled(value: Any, order: random.Random) -> Any:
    """Put the names of all mappings into another order."""
    if isinstance(value, dict):
        names = list(value)
        order.shuffle(names)
        return {name: shuffled(value[name], order) for name in names}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value
