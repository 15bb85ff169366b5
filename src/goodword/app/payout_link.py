"""Who comes by the link in a mail about payment details that were entered for them: to confirm these, or keep those of before.

Nobody is known yet, so these use cases ask for no permission: the address was mailed to one person, and opens this alone. One that
opens nothing looks the same, whether it was used, is over, or never was. Must not know: pages.
"""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.portal import workspace_of
from goodword.app.write.commands import command
from goodword.core.events import PayeeAnswered
from goodword.core.facts import Actor
from goodword.core.payees import HOLD
from goodword.core.state import Payee
from goodword.outbound.rails import REGISTRY, last
from goodword.store import entities, log, payees
from goodword.store.workspaces import Workspace

_TOKEN: Final = 64  # characters


class Opened(Struct, frozen=True):
    """What a link is about. ``last``: of the account; ``due_at``: from when it holds, None: that was not confirmed yet."""

    workspace: Workspace
    person: str
    rail: str
    destination: str
    last: str | None
    due_at: int | None


async def opened(directory: Directory, workspace: str, token: str) -> Opened | None:
    """Return what a link is about; None: it opens nothing."""
    ws = await workspace_of(directory, workspace)
    if ws is None or not token or len(token) > _TOKEN or not token.isascii():
        return None
    async with directory.reading() as conn:
        person = await payees.whose(conn, ws.id, token)
        known = await entities.load(conn, ws.id, Payee, [person] if person is not None else [])
        now = next((it.entering for it in known), None)
        if person is None or now is None:
            return None
        its = (await payees.entered(conn, ws, directory.vault, [person])).get(person)
        at = (await log.stream(conn, ws.id)).now(directory.now())
    if its is None or its.destination != now.destination or (now.due_at is None and at >= now.asked_at + HOLD):
        return None
    return Opened(ws, person, its.rail, its.destination, last(REGISTRY[its.rail].fields, its.details), now.due_at)


async def answer(directory: Directory, it: Opened, outcome: Literal["confirmed", "withdrawn"]) -> bool:
    """Say that the details are theirs, or that those of before stay. False: it was said before, or is over."""
    make = partial(PayeeAnswered, person=it.person, destination=it.destination, outcome=outcome)
    entry = await command(directory.engine, it.workspace.id, lambda s: make(**s), Actor(id=it.person, kind="person"))
    return not entry.refused
