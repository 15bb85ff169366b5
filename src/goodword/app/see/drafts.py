"""What the approval of rewards would be decided on, for reads that say beforehand what it would say. Who calls this has asked."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.write.cache import Cached
from goodword.app.write.loader import load
from goodword.core import reviews
from goodword.core.draft import Draft
from goodword.core.events import ApprovalGiven
from goodword.core.state import Reward
from goodword.store import log


async def of(conn: asyncpg.Connection, who: Principal, directory: Directory, rewards: Sequence[Reward]) -> Draft:
    """Return what their approval would be decided on, so that what a list says against one is what the approval says."""
    ws = who.workspace.id
    now = (await log.stream(conn, ws)).now(directory.now())
    items = tuple(reviews.item_of(reward, None) for reward in rewards)
    asked = ApprovalGiven(evt="", source="", occurred_at=now, accepted_at=now, items=items, list_sha256="")
    loaded = await load(directory.engine, conn, ws, [asked], Cached(b""), who.actor, now)
    return Draft(loaded.state, loaded.rules, "", now)
