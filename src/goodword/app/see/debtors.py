"""The company's own account, from which files for the bank pay: what holds, and what waits for another owner."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.core.state import Change
from goodword.store import debtors
from goodword.store.workspaces import Workspace


class Debtor(Struct, frozen=True):
    """An account. ``details``: by name of field; ``change``: what was asked for; confirmed by nobody where there was nobody else."""

    details: Mapping[str, str]
    change: Change


class Whole(Struct, frozen=True):
    """All of it. ``holds``: None before one was given; ``waiting``: None where nothing waits."""

    holds: Debtor | None
    waiting: Debtor | None


@requires("payee.read")
async def whole(who: Principal, directory: Directory) -> Whole:
    """Return the account that holds and the one that waits, whole: it is the company's own."""
    async with directory.reading() as conn:
        holds, waiting = await debtors.known(conn, who.workspace)
    return Whole(_opened(who.workspace, holds), _opened(who.workspace, waiting))


def _opened(ws: Workspace, change: Change | None) -> Debtor | None:
    return None if change is None else Debtor(debtors.opened(ws, change), change)
