"""Events that name their invoice by a payment alone, and what a source says of payments: joined before anything is accepted.

A source may tell of a refund before it tells which invoice the payment had paid. Such an event waits on disk, and is accepted like
any other as soon as that is said; what names an object and tells nothing of it waits until a worker has fetched that. So there is no
other way into the log than the inbox (docs/decisions/0076, 0085). What is said first of a payment stays. Must not know: which source
it is, what is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from goodword.app.engine import Engine
from goodword.app.intake import fetching
from goodword.sources import native
from goodword.sources.base import Answer, ByPayment, Paid, Problem, Unfetched
from goodword.store import payments
from goodword.store.payments import Held
from goodword.store.workspaces import Workspace

#: What a source makes of an item.
Mapped = native.Wire | Paid | ByPayment | Unfetched | Problem

_decode = msgspec.json.Decoder(native.AnyWire).decode
_encode = msgspec.json.Encoder().encode


class Joined(NamedTuple):
    """What may be accepted. ``wires``: for each that came, an Answer where it waits, None where it is no event.

    ``released``: what had waited.
    """

    wires: list[native.Wire | Problem | Answer | None]
    released: list[Held]

    @property
    def now(self) -> list[native.Wire | Problem]:
        """What came and does not wait."""
        return [one for one in self.wires if one is not None and not isinstance(one, Answer)]

    @property
    def waited(self) -> list[native.Wire]:
        """The events of what had waited."""
        return [_decode(row.body) for row in self.released]


def is_plain(mapped: Sequence[Mapped]) -> bool:
    """Return whether nothing is said by payments and all is told, as by most sources always."""
    return not any(type(one) in (Paid, ByPayment, Unfetched) for one in mapped)


def place_of(payment: str, mapped: Sequence[Mapped]) -> int:
    """Return the place of the first that names a payment."""
    return next(
        place for place, one in enumerate(mapped) if isinstance(one, Paid | ByPayment) and one.payment == payment
    )


async def join(engine: Engine, ws: Workspace, source: str, mapped: Sequence[Mapped]) -> Joined:
    """Say what is said of payments, and give the events that name one their invoice; those without one are held."""
    said: dict[str, str | None] = {one.payment: None for one in mapped if isinstance(one, ByPayment)}
    for one in mapped:
        if isinstance(one, Paid):
            said[one.payment] = said.get(one.payment) or one.invoice
    async with engine.pool.acquire(timeout=5) as conn, conn.transaction():
        known = await payments.name(conn, ws.id, source, said)
        wires = [_named(one, known) for one in mapped]
        waits = [
            Held(one.payment, one.wire.id, _encode(one.wire))
            for one in mapped
            if isinstance(one, ByPayment) and known[one.payment] is None
        ]
        if waits:
            await payments.hold(conn, ws.id, source, waits, engine.clock.now())
        if unfetched := [one for one in mapped if isinstance(one, Unfetched)]:
            await fetching.hold(conn, ws.id, source, unfetched, engine.clock.now())
        paid = [payment for payment, invoice in known.items() if invoice is not None]
        held = await payments.held(conn, ws.id, source, paid) if paid else []
    released = [row._replace(body=_encode(_with(_decode(row.body), known[row.payment] or ""))) for row in held]
    return Joined(wires, released)


async def forget(engine: Engine, ws: Workspace, source: str, released: Sequence[Held]) -> None:
    """Let what had waited be held no longer, once it is accepted. What is held twice over is recognised by its id."""
    async with engine.pool.acquire(timeout=5) as conn:
        await payments.release(conn, ws.id, source, released)


def _named(one: Mapped, known: dict[str, str | None]) -> native.Wire | Problem | Answer | None:
    if isinstance(one, Paid):
        return None
    if isinstance(one, Unfetched):
        return Answer(one.id, "held")
    if not isinstance(one, ByPayment):
        return one
    invoice = known[one.payment]
    return Answer(one.wire.id, "held") if invoice is None else _with(one.wire, invoice)


def _with(wire: native.Wire, invoice: str) -> native.Wire:
    changed: Any = {"invoice_id": invoice}
    return msgspec.structs.replace(wire, **changed)
