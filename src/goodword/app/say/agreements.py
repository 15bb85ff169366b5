"""Agreements: terms for one partner, made and ended by a member. What is named in words is stored in the commit that decides."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import filters
from goodword.app.write.commands import Make, Naming
from goodword.core.agreements import MOST_LEFT_OUT
from goodword.core.deals import MOST_DAYS
from goodword.core.entry import Entry
from goodword.core.events import AgreementEnded, AgreementMade
from goodword.core.kinds.conditions.country import CountryCode
from goodword.core.kinds.conditions.trait import Token
from goodword.core.money import CURRENCIES, MAX_INTEGER
from goodword.core.rules import Percent
from goodword.sources.split import Outside, firm
from goodword.store import people
from goodword.store.seals import Written


class Agreed(Struct, frozen=True, kw_only=True):
    """Terms as they are said. ``advocate``: the partner, by id or as the company calls them; ``program``: None, in all of them.

    ``since``: None, from now on; ``percent`` or ``flat`` (currency -> minor units) is an own rate, for conversions of the name ``on``,
    or without one for all that have an amount. ``accounts``: companies by domain, id or name.
    """

    advocate: str
    program: str | None = None
    since: int | None = None
    until: int | None = None
    on: str | None = None
    percent: str | None = None
    flat: dict[str, int] | None = None
    accounts: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    protection_days: int | None = None


@requires("agreement.make")
async def make(who: Principal, directory: Directory, terms: Agreed, text: str | None, key: str) -> Entry:
    """Agree on terms with a partner, which take the place of those of before from their time on.

    Raises InvalidError for what cannot be meant, UnknownError for a program that there is not.
    """
    _check(terms)
    accounts = _firms(terms.accounts)
    program, person = await _of(who, directory, terms.program, terms.advocate)
    typed = note(who, text, key)
    fields = {name: getattr(terms, name) for name in _SAID}
    made = partial(AgreementMade, program=program, person=person, note=typed.digest, **fields)
    return await say(who, directory, _naming(who, directory, accounts, made), key, also=typed.keep)


@requires("agreement.make")
async def end(
    who: Principal,
    directory: Directory,
    advocate: str,
    program: str | None,
    since: int | None,
    text: str | None,
    key: str,
) -> Entry:
    """Let an agreement be over, from now or a later time on. Raises as ``make`` does."""
    program, person = await _of(who, directory, program, advocate)
    typed = note(who, text, key)
    of: dict[str, Any] = {"program": program, "person": person, "since": since, "note": typed.digest}
    return await say(who, directory, lambda s: AgreementEnded(**s, **of), key, also=typed.keep)


#: What the event says as it is said here.
_SAID = ("since", "until", "on", "percent", "flat", "products", "countries", "protection_days")


async def _of(who: Principal, directory: Directory, program: str | None, advocate: str) -> tuple[str | None, str]:
    """Return the ids of a program, where one is named, and of a partner."""
    if not advocate.strip():
        raise InvalidError("Name the partner.", "advocate")
    async with directory.reading() as conn:
        named = None if program is None else await filters.named(conn, who.workspace.id, program)
        return named, await filters.meant(conn, who, directory, advocate)


def _naming(who: Principal, directory: Directory, accounts: Sequence[Outside], made: partial[AgreementMade]) -> Naming:
    """Return what gives the companies rows, and the event their ids."""
    ws = who.workspace

    async def rows(conn: asyncpg.Connection, evt: str) -> tuple[Make, Sequence[Written]]:
        names = {(each.kind, each.key): (each.text, evt) for each in accounts}
        ids, brought = await people.resolve(conn, ws.id, ws.keys, directory.vault, names)
        of = tuple(sorted({ids[name] for name in names}))
        return lambda s: made(**s, accounts=of), brought.get(evt, [])

    return Naming(rows)


def _firms(accounts: Sequence[str]) -> list[Outside]:
    found = []
    for text in accounts:
        its = firm(text.strip())
        if its is None:
            raise InvalidError(f"accounts: {text!r} names no company.", "accounts")
        found.append(its)
    return found


def _check(terms: Agreed) -> None:
    """Raise InvalidError for terms that cannot be meant."""
    if terms.percent is not None and terms.flat is not None:
        raise InvalidError("A rate is a percentage or an amount, not both.", "percent")
    _read(terms.percent, Percent | None, "percent", 'a percentage from 0 to 100, such as "12.5"')
    _read(terms.on, Token | None, "on", "the name of a conversion, such as purchase")
    for currency, amount in (terms.flat or {}).items():
        if currency not in CURRENCIES or not 0 <= amount <= MAX_INTEGER:
            raise InvalidError(f"flat: {currency} {amount} is no amount of a currency.", "flat")
    if terms.flat == {}:
        raise InvalidError("flat: name an amount of a currency.", "flat")
    if terms.on is not None and terms.percent is None and terms.flat is None:
        raise InvalidError("on: it is of a rate, and none is said.", "on")
    _read(terms.products, tuple[Token, ...], "products", "codes of products, as lines of orders have them")
    _read(terms.countries, tuple[CountryCode, ...], "countries", "two letters each, such as CH")
    for name in ("accounts", "products", "countries"):
        if len(getattr(terms, name)) > MOST_LEFT_OUT:
            raise InvalidError(f"{name}: {MOST_LEFT_OUT} at most.", name)
    if terms.protection_days is not None and not 1 <= terms.protection_days <= MOST_DAYS:
        raise InvalidError(f"protection_days: a number from 1 to {MOST_DAYS}.", "protection_days")
    if terms.since is not None and terms.until is not None and terms.until <= terms.since:
        raise InvalidError("until: a time behind since.", "until")


def _read(value: object, kind: Any, name: str, what: str) -> None:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise InvalidError(f"{name}: {what}.", name) from None
