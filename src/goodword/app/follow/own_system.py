"""What the company's own system is told of a payout beside its amount: whose it is by the company's own names, and where it goes.

Must not know: states of payouts, how the system is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.core.state import Kin, Payout, Reward
from goodword.outbound.rails import Order, Where
from goodword.store import entities, own_system, pages, people
from goodword.store.vault import blind
from goodword.store.workspaces import Workspace


async def told(
    conn: asyncpg.Connection,
    ws: Workspace,
    directory: Directory,
    payouts: Sequence[Payout],
    orders: Mapping[str, Order],
) -> dict[str, Order]:
    """Return the orders of these payouts with whom they are for. Raises MasterKeyError or UnsealError for who does not open."""
    kin = {it.person: it for it in await entities.load(conn, ws.id, Kin, {it.beneficiary for it in payouts})}
    roots = {it.beneficiary: kin[it.beneficiary].root if it.beneficiary in kin else it.beneficiary for it in payouts}
    members = {it.person: it.members for it in await entities.load(conn, ws.id, Kin, set(roots.values()))}
    persons = {person: (root, *members.get(root, ())) for person, root in roots.items()}
    every = {one for them in persons.values() for one in them}
    own, locked = await people.opened(conn, ws.id, directory.vault, every)
    if locked:
        raise next(iter(locked.values()))
    names = await people.texts(conn, ws.id, ws.keys, directory.vault, every, own)
    parts = {it.id: it.parts[0].reward for it in payouts}
    kinds = {it.id: it.kind for it in await entities.load(conn, ws.id, Reward, set(parts.values()))}
    return {
        it.id: replace(
            orders[it.id],
            person=roots[it.beneficiary],
            external_ids=tuple(dict.fromkeys(names[one] for one in persons[it.beneficiary] if one in names)),
            kind=kinds[parts[it.id]],
        )
        for it in payouts
        if it.id in orders
    }


async def directed(
    conn: asyncpg.Connection, ws: Workspace, directory: Directory, orders: Mapping[str, tuple[Payout, Order]]
) -> dict[str, Order]:
    """Return orders as they leave, by payout: what of it, and where to; nothing if the workspace has no system of its own now."""
    where = await _where(conn, ws, directory)
    if where is None:
        return {}
    slugs = {it.id: it.slug for it in await pages.programs(conn, ws.id)}
    made = {}
    for id_, (payout, order) in orders.items():
        programs = dict.fromkeys(slugs[part.program] for part in payout.parts if part.sent)
        _, points, program = payout.unit.partition(":")
        unit = f"points:{slugs[program]}" if points else payout.unit
        made[id_] = replace(
            order, amount=payout.amount, unit=unit, programs=tuple(programs), code=_code(ws, id_), to=where
        )
    return made


def _code(ws: Workspace, payout: str) -> str:
    """Return the code of a payout: letters and digits, as many as a gift card may have."""
    return f"GW{blind(ws.keys.index, 'payout_code', payout).hex().upper()}"[:20]


async def _where(conn: asyncpg.Connection, ws: Workspace, directory: Directory) -> Where | None:
    found = await own_system.find(conn, ws)
    if found is None:
        return None
    now = directory.now()
    held = tuple(it.text for it in found.secrets if it.until is None or it.until > now)
    return Where(found.kind, found.address, held, now)
