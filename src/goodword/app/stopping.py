"""Who comes by an address that stands in a message: to stop such messages, or to say how satisfied they are.

Nobody is known yet, so these use cases ask for no permission: the address was mailed to one person, and opens this alone. One that
opens nothing looks the same, whether its person was erased or it never was. Must not know: pages.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import Struct

from goodword.app.directory import Directory, workspace_of
from goodword.app.write.commands import command
from goodword.core import kin
from goodword.core.events import MessageUnsubscribed, SatisfactionAnswered
from goodword.core.facts import Actor
from goodword.core.messages import by_itself
from goodword.core.state import Kin, Letter, Recipient
from goodword.store import entities, letters
from goodword.store.workspaces import Workspace

_TOKEN: Final = 64  # characters


class Opened(Struct, frozen=True):
    """A message, and what its person said of messages before."""

    workspace: Workspace
    message: Letter
    recipient: Recipient

    @property
    def is_off(self) -> bool:
        """Whether they get no more of this topic."""
        return self.recipient.stopped is not None or self.message.topic in self.recipient.off


async def opened(directory: Directory, workspace: str, token: str) -> Opened | None:
    """Return the message in which an address stands; None: in none."""
    ws = await workspace_of(directory, workspace)
    if ws is None or len(token) > _TOKEN or not token.isascii():
        return None
    async with directory.reading() as conn:
        id_ = await letters.whose(conn, ws.id, token)
        found = await entities.load(conn, ws.id, Letter, [id_]) if id_ is not None else []
        if not found:
            return None
        rows = {it.person: it for it in await entities.load(conn, ws.id, Kin, [found[0].person])}
        person = kin.root(lambda _, id_: rows.get(id_), found[0].person)
        known = await entities.load(conn, ws.id, Recipient, [person])
    return Opened(ws, found[0], known[0] if known else Recipient(person=person))


async def stop(directory: Directory, it: Opened, *, everything: bool) -> bool:
    """Send no more of this topic, or nothing any more; tell whether it is nothing. What was said before is not said again."""
    everything = everything or not by_itself(it.message.topic)
    if it.recipient.stopped is None and (everything or not it.is_off):
        make = partial(MessageUnsubscribed, message=it.message.id, all=everything)
        await command(directory.engine, it.workspace.id, lambda s: make(**s), _person(it))
    return everything or it.recipient.stopped is not None


async def answer(directory: Directory, it: Opened, score: int) -> bool:
    """Say how satisfied somebody is, 1 to 5: once. False: they said it before, or the message did not ask."""
    make = partial(SatisfactionAnswered, message=it.message.id, score=score)
    entry = await command(directory.engine, it.workspace.id, lambda s: make(**s), _person(it))
    return not entry.refused


def _person(it: Opened) -> Actor:
    return Actor(id=it.recipient.person, kind="person")
