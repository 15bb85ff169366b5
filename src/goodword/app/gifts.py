"""Who comes by the address in a gift's mail: what they are given, and, once they ask for it, what its codes read.

Nobody is signed in, so these use cases ask for no permission: the address was mailed to one person, and opens this alone.
Must not know: pages.
"""

from __future__ import annotations

from functools import partial

from goodword.app.directory import Directory
from goodword.app.see import gifts
from goodword.app.see.gifts import Gift
from goodword.app.see.taxes import names_of
from goodword.app.stopping import Opened
from goodword.app.write.commands import command
from goodword.core.events import RecordLooked
from goodword.core.facts import Actor
from goodword.core.messages import GIFT


async def shown(directory: Directory, it: Opened, *, reads: bool = False) -> Gift | None:
    """Return the gift of a message; None: it is no gift's. ``reads``: with what its codes read."""
    if it.message.topic != GIFT:
        return None
    async with directory.snapshot() as conn:
        _, names = await names_of(conn, it.workspace.id, it.message.person)
        return await gifts.of(conn, it.workspace, it.message.trigger, names, reads=reads)


async def opened(directory: Directory, it: Opened) -> Gift | None:
    """Return what the codes of a gift read, once it stands on the record that whom it is for has opened it."""
    gift = await shown(directory, it)
    if gift is None:
        return None
    if gift.opened_at is None:
        make = partial(RecordLooked, subject=gift.payout, what="unmasked", fields=("code",))
        actor = Actor(id=it.recipient.person, kind="person")
        entry = await command(directory.engine, it.workspace.id, lambda s: make(**s), actor)
        if entry.refused:
            return None
    return await shown(directory, it, reads=True)
