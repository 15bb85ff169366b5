"""Frozen lists: what a person saw when deciding, item by item, and its digest. One difference refuses the whole list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from goodword.core import canonical, money
from goodword.core.decision import Step
from goodword.core.events import Item
from goodword.core.state import Reward


def digest(items: tuple[Item, ...]) -> str:
    """SHA-256 (hex) over the canonical bytes of the items, in their order."""
    return hashlib.sha256(canonical.encode(items)).hexdigest()


def problem(items: tuple[Item, ...], sha256: str | None = None) -> tuple[str, Step] | None:
    """Why a list cannot be decided at all: empty, repeating itself, or not what its digest says."""
    if not items or len({item.id for item in items}) != len(items):
        return "nothing_to_do", Step("list", {"items": len(items)})
    if sha256 is not None and digest(items) != sha256:
        return "item_changed", Step("list", {"sha256": digest(items)})
    return None


def difference(item: Item, now: Item) -> Step | None:
    """Return what of the item is no longer as the list says; None: it is as it was seen."""
    for name in ("amount", "unit", "destination"):
        was, value = getattr(item, name), getattr(now, name)
        if was != value:
            return Step("changed", {"item": item.id, "field": name, "was": was, "now": value})
    return None


def sums(items: tuple[Item, ...]) -> dict[str, int]:
    """Total of the list by unit."""
    totals: dict[str, int] = {}
    for item in items:
        totals[item.unit] = totals.get(item.unit, 0) + item.amount
    return totals


def dates(rewards: Iterable[Reward]) -> list[Step]:
    """Return the next three dates on which some of these rewards are due, how many and how much of a unit then."""
    due: dict[tuple[int, str], list[int]] = {}
    for reward in rewards:
        due.setdefault((reward.due_at or 0, reward.unit), []).append(reward.unsent)
    return [
        Step("due", {"at": at, "count": len(amounts), "amount": money.told(sum(amounts)), "unit": unit})
        for (at, unit), amounts in sorted(due.items())[:3]
    ]
