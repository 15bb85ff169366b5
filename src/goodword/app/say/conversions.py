"""Conversions: a member gives a paid order other figures."""

from __future__ import annotations

from typing import NamedTuple

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Why, note, say
from goodword.core.entry import Entry
from goodword.core.events import Line, OrderAmended


class Figures(NamedTuple):
    """All figures of an order, in minor units of its currency, as an event says them; lines sum to the goods."""

    amount: int
    currency: str
    tax: int = 0
    shipping: int = 0
    discount: int = 0
    lines: tuple[Line, ...] = ()


@requires("conversion.amend")
async def amend(who: Principal, directory: Directory, conversion: str, figures: Figures, why: Why, key: str) -> Entry:
    """Say that a paid order has other figures: what it earned rises or falls with them. ``conversion``: its id."""
    typed = note(who, why.text, key)
    return await say(
        who,
        directory,
        lambda s: OrderAmended(**s, conversion=conversion, **figures._asdict(), reason=why.reason, note=typed.digest),
        key,
        also=typed.keep,
    )
