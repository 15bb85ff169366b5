"""Where somebody is paid, what a bank answered about it, and why nothing goes there."""

from __future__ import annotations

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, payees
from goodword.app.see.settings import Change
from goodword.core import payees as core_payees
from goodword.core.state import Payee
from goodword.outbound.rails import REGISTRY, last
from goodword.store import payees as details


class Details(Struct, frozen=True):
    """Where somebody is paid, as far as the reader may see it: ``last`` characters of the account, and the name that a bank suggested.

    ``stopped``: why nothing goes there, ``payee_asked`` or ``payee_refused``; None: nothing speaks against it. ``waits``: other details
    that the person entered, which do not hold yet.
    """

    payee: Payee
    last: str | None
    suggested: str | None
    stopped: str | None
    waits: Change | None


@requires("payout.read")
async def get(who: Principal, directory: Directory, person: str) -> Details:
    """Return where a person is paid. Raises UnknownError where nobody entered that, or for a person who is not shown."""
    async with directory.reading() as conn:
        if not await filters.shown(conn, who, person):
            raise UnknownError("person")
        about = await payees.of(conn, who, directory, [person])
        if person not in about.payees:
            raise UnknownError("payment details of this person")
        payee, names = about.payees[person], dict[str, str | None]()
        if who.may("payee.read") and payee.checked is not None and payee.checked.suggested is not None:
            names = await details.suggested(conn, who.workspace, directory.vault, [person])
        waits = await _waits(conn, who, directory, payee)
    stopped = core_payees.refusal(payee, payee.destination, person)
    return Details(
        payee, about.tails.get(person), names.get(person), stopped[0] if stopped is not None else None, waits
    )


async def _waits(conn: asyncpg.Connection, who: Principal, directory: Directory, payee: Payee) -> Change | None:
    now = payee.entering
    if now is None:
        return None
    its = await details.entered(conn, who.workspace, directory.vault, [payee.person] if who.may("payee.read") else [])
    tail = last(REGISTRY[now.rail].fields, its[payee.person].details) if payee.person in its else None
    return Change(now.rail, tail, now.destination, now.asked_at, now.due_at)
