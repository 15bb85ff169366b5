"""The figures of days follow the log: what each entry adds to its day is worked out by ``core/rollup`` from the entry alone.

How long payments took is added with them: what came before a payment is looked up in what the log has for good. How long a person
waited for an answer the entry says itself.
"""

from __future__ import annotations

import asyncpg

from goodword.app.follow.follower import Follower, breathing
from goodword.app.recent import Entries
from goodword.core import measuring, rollup
from goodword.store import figures, measures


async def _apply(conn: asyncpg.Connection, ws: str, entries: Entries) -> None:
    changes = entries.figures
    if changes is None:
        changes = {}
        async for entry in breathing(entries):
            rollup.fold(changes, entry)
    paid = [it for entry in entries for it in measuring.pays(entry)]
    since = await measures.since(conn, ws, [(it.subject or "", it.position) for it in paid])
    for it, before in zip(paid, since, strict=True):
        rollup.took(changes, measuring.took(it, *before))
    for entry in entries:
        for it in measuring.answers(entry):
            rollup.took(changes, measuring.waited(it))
    await figures.add(conn, ws, rollup.with_days(changes))


FOLLOWER = Follower(name="figures", apply=_apply, clear=figures.clear)
