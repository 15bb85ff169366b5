"""The company's own account: sealed under the workspace's key for texts, told apart by a digest under that for payees.

What is sealed stands in the log and in the change that it made: without the key it tells nobody anything. Must not know: what a format
of a file needs, who may see it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping

import asyncpg
import msgspec

from goodword.core import canonical, debtors
from goodword.core.state import Change
from goodword.store import pages
from goodword.store.vault import payee_digest, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_PIECE = 500  # changes that are read at once


def digest(ws: Workspace, details: Mapping[str, str]) -> str:
    """Return the text that names an account in the log."""
    return payee_digest(ws.keys.payee, debtors.ID, canonical.encode(dict(details)))


def sealed(ws: Workspace, details: Mapping[str, str]) -> str:
    """Return an account as the log holds it."""
    return b64encode(seal(ws.keys.note, msgspec.json.encode(details), _identity(ws))).decode()


def opened(ws: Workspace, change: Change) -> dict[str, str]:
    """Return the account that a change is about. Raises UnsealError."""
    return msgspec.json.decode(
        unseal(ws.keys.note, b64decode(change.to["details"]), _identity(ws)), type=dict[str, str]
    )


async def known(conn: asyncpg.Connection, ws: Workspace) -> tuple[Change | None, Change | None]:
    """Return the change that holds, and the one that waits for another owner."""
    found, after = list[Change](), ""
    while piece := await pages.changes(conn, ws.id, status=None, subject=debtors.ID, after=after, limit=_PIECE):
        found += piece
        after = piece[-1].id
    return debtors.newest(found), next((it for it in found if it.status == "open"), None)


def _identity(ws: Workspace) -> bytes:
    return row_identity("debtor", ws.id)
