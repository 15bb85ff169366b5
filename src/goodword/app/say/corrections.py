"""Corrections: what somebody is owed though no order earned it, and a payout that arrived after all. One says so, then another."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Preview, note, previewed, say
from goodword.app.see import filters
from goodword.core import ledger, money
from goodword.core.entry import Entry
from goodword.core.events import CorrectionEntered, PayoutArrived
from goodword.core.kinds.rewards import REGISTRY

#: Characters of the reason, and of what it rests on outside of here.
MOST_WHY: Final = 2_000
MOST_DOCUMENT: Final = 500


class Corrected(Struct, frozen=True, kw_only=True):
    """A correction as it is said. ``person``: by id or as the company calls them; ``program``: its id or slug.

    ``amount``: minor units, or points, which have no currency; ``puts_right``: the id of a reward; ``document``: what it rests on
    outside of here, such as a ticket or an address, which nobody fetches.
    """

    program: str
    person: str
    origin: str
    amount: int
    kind: str = "cash"
    currency: str | None = None
    puts_right: str | None = None
    document: str | None = None


@requires("correction.enter")
async def enter(who: Principal, directory: Directory, said: Corrected, text: str, key: str) -> Entry:
    """Say that somebody is owed what no order earned them, and why, in words. It waits for another member, who approves it.

    Raises InvalidError for what cannot be meant.
    """
    if not text.strip() or len(text) > MOST_WHY:
        raise InvalidError(f"Say why, in at most {MOST_WHY} characters.", "why")
    made = await _made(who, directory, said)
    typed = note(who, text, key)
    return await say(who, directory, lambda s: made(**s, note=typed.digest or ""), key, also=typed.keep)


@requires("correction.enter")
async def preview(who: Principal, directory: Directory, said: Corrected) -> Preview:
    """Return what would come of a correction: it is decided as it would be now, and taken back. Raises as ``enter`` does."""
    made = await _made(who, directory, said)
    return await previewed(who, directory, lambda s: made(**s, note=""))


class Arrived(Struct, frozen=True):
    """A payout that arrived after all, with its amount as it was sent. ``reference``: by which it is found at the bank."""

    payout: str
    amount: int
    unit: str
    reference: str | None = None


@requires("payout.correct")
async def arrived(who: Principal, directory: Directory, said: Arrived, text: str, key: str) -> Entry:
    """Say that a payout which failed, or was returned, arrived after all, and how that is known. A second member says the same."""
    if not text.strip() or len(text) > MOST_WHY:
        raise InvalidError(f"Say how you know it, in at most {MOST_WHY} characters.", "why")
    typed = note(who, text, key)
    made = _arrived(said)
    return await say(who, directory, lambda s: made(**s, note=typed.digest or ""), key, also=typed.keep)


@requires("payout.correct")
async def preview_arrived(who: Principal, directory: Directory, said: Arrived) -> Preview:
    """Return what would come of saying so."""
    made = _arrived(said)
    return await previewed(who, directory, lambda s: made(**s, note=""))


def _arrived(said: Arrived) -> partial[PayoutArrived]:
    return partial(PayoutArrived, payout=said.payout, amount=said.amount, unit=said.unit, reference=said.reference)


async def _made(who: Principal, directory: Directory, said: Corrected) -> partial[CorrectionEntered]:
    _check(said)
    async with directory.reading() as conn:
        program = await filters.named(conn, who.workspace.id, said.program)
        person = await filters.meant(conn, who, directory, said.person)
    return partial(
        CorrectionEntered,
        program=program,
        person=person,
        origin=said.origin,
        amount=said.amount,
        reward_kind=said.kind,
        currency=said.currency,
        puts_right=said.puts_right,
        document=said.document,
    )


def _check(said: Corrected) -> None:
    """Raise InvalidError for what cannot be meant."""
    if not said.person.strip():
        raise InvalidError("Name who is owed it.", "person")
    filters.choice("origin", said.origin, ledger.ORIGINS)
    filters.choice("kind", said.kind, REGISTRY)
    in_money = REGISTRY[said.kind].in_money
    if in_money and said.currency not in money.CURRENCIES:
        raise InvalidError("Currency: three letters of ISO 4217, such as EUR.", "currency")
    if not in_money and said.currency is not None:
        raise InvalidError("Points have no currency.", "currency")
    if not 0 < said.amount <= money.MAX_INTEGER:
        raise InvalidError("Amount: more than nothing. What is owed back is settled at the reward itself.", "amount")
    if said.puts_right is not None:
        filters.id_of("puts_right", said.puts_right, "reward")
    if said.document is not None and (not said.document.isprintable() or len(said.document) > MOST_DOCUMENT):
        raise InvalidError(f"What it rests on: one line of at most {MOST_DOCUMENT} characters.", "document")
