"""Codes of our own: what is behind one, found by its payout, or by what somebody shows at a checkout.

Must not know: codes of stocks, which somebody else redeems.
"""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see.behind import Behind, of
from goodword.core.state import Payout
from goodword.store import codes, entities


@requires("credit.redeem")
async def look_up(who: Principal, directory: Directory, text: str) -> Behind:
    """Return what is behind the code that somebody typed. Raises UnknownError, as for a code of another workspace."""
    async with directory.snapshot() as conn:
        payout = await codes.payout_of(conn, who.workspace, text)
        found = [] if payout is None else await entities.load(conn, who.workspace.id, Payout, [payout])
        behind = await of(conn, directory, who, found[0]) if found else None
    if behind is None:
        raise UnknownError("code")
    return behind


@requires("credit.read")
async def behind(who: Principal, directory: Directory, payout: str) -> Behind | None:
    """Return what is behind the code that a payout brought; None: it brought none of our own. Raises UnknownError."""
    async with directory.snapshot() as conn:
        found = await entities.load(conn, who.workspace.id, Payout, [payout])
        if not found or not all(map(who.sees, found[0].programs)):
            raise UnknownError("payout")
        return await of(conn, directory, who, found[0])
