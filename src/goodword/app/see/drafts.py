"""What the approval of rewards would be decided on, for reads that say beforehand what it would say. Who calls this has asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import asyncpg

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.write.cache import Cached
from goodword.app.write.loader import load
from goodword.core import reviews
from goodword.core.draft import Draft
from goodword.core.events import ApprovalGiven
from goodword.core.state import Entity, Reward
from goodword.store import entities, log

E = TypeVar("E", bound=Entity)


async def of(conn: asyncpg.Connection, who: Principal, directory: Directory, rewards: Sequence[Reward]) -> Draft:
    """Return what their approval would be decided on, so that what a list says against one is what the approval says.

    The rewards themselves are not read again.
    """
    ws, read = who.workspace.id, Cached(b"")
    read.state.update({(Reward, reward.id): reward for reward in rewards})
    now = (await log.stream(conn, ws)).now(directory.now())
    items = tuple(reviews.item_of(reward, None) for reward in rewards)
    asked = ApprovalGiven(evt="", source="", occurred_at=now, accepted_at=now, items=items, list_sha256="")
    loaded = await load(directory.engine, conn, ws, [asked], read, who.actor, now)
    return Draft(loaded.state, loaded.rules, "", now)


async def each(
    conn: asyncpg.Connection, who: Principal, draft: Draft, noun: type[E], keys: Iterable[str]
) -> dict[str, E]:
    """Return the entities with these keys that are there, by key; what the draft has at hand is not read again."""
    wanted, state = set(keys), draft.state
    found = [it for key in wanted if state.knows(noun, key) and (it := draft.get(noun, key)) is not None]
    found += await entities.load(conn, who.workspace.id, noun, [key for key in wanted if not state.knows(noun, key)])
    return {str(it.key): it for it in found}
