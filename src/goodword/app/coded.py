"""Codes of our own: what each reads is kept, sealed, in the commit that delivers what is behind it."""

from __future__ import annotations

import asyncpg

from goodword.app.write.commands import Also
from goodword.core.credit import BY_CODE
from goodword.core.entry import Entry
from goodword.store import codes
from goodword.store.workspaces import Workspace


def keeping(ws: Workspace) -> Also:
    """Return what keeps the codes of the payouts that an entry delivers so."""

    async def keep(conn: asyncpg.Connection, entry: Entry) -> None:
        said = [verdict for verdict in entry.verdicts if verdict.outcome == BY_CODE]
        payouts = {step.values["payout"] for verdict in said for step in verdict.steps if step.code == "lot"}
        if payouts:
            await codes.add(conn, ws, {payout: codes.of_payout(ws, payout) for payout in payouts})

    return keep
