"""Store credit and what is behind codes: used, and given back, by a key of the company's own systems or a member, decided at once."""

from __future__ import annotations

from typing import Any

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import codes, filters
from goodword.core.entry import Entry
from goodword.core.events import CreditRedeemed, CreditReversed
from goodword.core.ids import PREFIXES
from goodword.sources.split import is_id


class Using(Struct, frozen=True):
    """What is used, of one program or of all. ``redemption``: an id of the sender's, by which a repeat is known."""

    redemption: str
    amount: int
    unit: str
    program: str | None = None
    order: str | None = None


@requires("credit.redeem")
async def redeem(who: Principal, directory: Directory, person: str, what: Using, key: str) -> Entry:
    """Use so much of what a person has.

    Raises UnknownError for what is no person, or a program that there is not, and InvalidError for a unit that there is not.
    """
    if not is_id(person, PREFIXES["person"]):
        raise UnknownError("person")
    async with directory.reading() as conn:
        currency, of = await _unit(conn, who, what.unit, what.program)
    said: dict[str, Any] = {"person": person, "redemption": what.redemption, "amount": what.amount, "order": what.order}
    return await say(who, directory, lambda s: CreditRedeemed(**s, **said, program=of, currency=currency), key)


@requires("credit.redeem")
async def redeem_code(who: Principal, directory: Directory, code: str, what: Using, key: str) -> Entry:
    """Use so much of what is behind a code, whoever shows it. Raises UnknownError for a code that there is not.

    Raises InvalidError for another unit than the code's: what a checkout takes for euros is not paid with points.
    """
    behind = await codes.look_up(who, directory, code)
    async with directory.reading() as conn:
        currency, of = await _unit(conn, who, what.unit, None)
    if behind.unit not in (currency, f"points:{of}"):
        raise InvalidError(f"unit: the code is worth {behind.unit}; name that, and how much of it.", "unit")
    said: dict[str, Any] = {"person": behind.person, "payout": behind.payout, "redemption": what.redemption}
    said |= {"amount": what.amount, "order": what.order, "currency": currency, "program": of}
    return await say(who, directory, lambda s: CreditRedeemed(**s, **said), key)


@requires("credit.redeem")
async def give_back(
    who: Principal, directory: Directory, redemption: str, reversal: str, amount: int | None, key: str
) -> Entry:
    """Give back what a redemption used, or so much of it; None: all that is left. ``reversal``: an id of the sender's."""
    said: dict[str, Any] = {"redemption": redemption, "reversal": reversal, "amount": amount}
    return await say(who, directory, lambda s: CreditReversed(**s, **said), key)


async def _unit(
    conn: asyncpg.Connection, who: Principal, unit: str, program: str | None
) -> tuple[str | None, str | None]:
    """Return the currency, None for points, and the program that is meant, None for any."""
    unit = await filters.unit(conn, who, unit)
    of = None if program is None else await filters.named(conn, who.workspace.id, program)
    _, points, its = unit.partition(":")
    return (None, its) if points else (unit, of)
