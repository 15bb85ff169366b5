"""Who decided last about rewards, and when: what a list that somebody has open says of those that a colleague decided meanwhile.

Must not know: SQL, HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import paging
from goodword.app.see.records import Named
from goodword.core.entry import Entry
from goodword.core.state import Case, Reward
from goodword.store import entities, log, pages, workspaces


class Decided(Struct, frozen=True):
    """The member who decided last about a reward, and when."""

    by: Named
    at: int


@requires("reward.read")
async def decided(who: Principal, directory: Directory, ids: Sequence[str]) -> Mapping[str, Decided]:
    """Return it of each of these rewards about which a member decided, by id. Raises UnknownError naming the first that is not there.

    It reads an entry for each decision, however many rewards it was over.
    """
    async with directory.snapshot() as conn:
        rewards = await paging.each(conn, who, Reward, ids)
        entries = await _entries(conn, who.workspace.id, rewards)
        mails = await workspaces.mails(conn, who.workspace) if entries and who.may("member.mails") else {}
    found = dict[str, Decided]()
    for reward, entry in entries.items():
        actor = entry.facts.actor
        if actor is not None and actor.kind == "member":
            found[reward] = Decided(Named(actor.id, mails.get(actor.id)), entry.as_of)
    return found


async def _entries(conn: asyncpg.Connection, ws: str, rewards: Sequence[Reward]) -> dict[str, Entry]:
    """The last entry of each: its money moved, it was approved, held by a case, or put aside."""
    opened = {
        case.id: case.evt for case in await entities.load(conn, ws, Case, {it.cases[-1] for it in rewards if it.cases})
    }
    put = [it.snoozed_evt for it in rewards if it.snoozed_evt is not None]
    said_once = await log.of_each(conn, ws, [*opened.values(), *put])
    positions = await pages.decided_at(conn, ws, [it.id for it in rewards])
    by_position = {entry.position: entry for entry in await log.at_each(conn, ws, {*positions.values()})}
    found = dict[str, Entry]()
    for it in rewards:
        evts = opened.get(it.cases[-1]) if it.cases else None, it.snoozed_evt
        said = [by_position.get(positions.get(it.id, 0)), *(said_once.get(evt) for evt in evts if evt is not None)]
        last = max((entry for entry in said if entry is not None), key=lambda entry: entry.position, default=None)
        if last is not None:
            found[it.id] = last
    return found
