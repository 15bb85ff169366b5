"""The company's own system that books rewards: which it is, and what waits for it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import own_system


class OwnSystem(Struct, frozen=True):
    """A company's own system. Instants are of the real clock.

    ``released``: payouts that it was not told of yet; ``unknown``: those of which nobody knows what became. ``old_secret_until``: when
    the secret of before ends.
    """

    kind: str
    address: str
    made_by: str
    changed_at: int
    released: int
    unknown: int
    old_secret_until: int | None


@requires("webhook.read")
async def one(who: Principal, directory: Directory) -> OwnSystem | None:
    """Return the workspace's; None: none was named."""
    now = directory.now()
    async with directory.snapshot() as conn:
        found = await own_system.find(conn, who.workspace)
        if found is None:
            return None
        states = [*(await own_system.waiting(conn, who.workspace.id)).values()]
    released = states.count("released")
    old = next((it.until for it in found.secrets if it.until and it.until > now), None)
    said = (found.kind, found.address, found.made_by, found.made_at)
    return OwnSystem(*said, released, len(states) - released, old)
