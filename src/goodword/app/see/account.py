"""By what one signs in oneself. Must not know: cookies, pages."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import passwords
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import credentials, workspaces


class Account(Struct, frozen=True):
    """What one has. ``password_at``: when the password was set, None: there is none; ``codes``: recovery codes that are left.

    ``pending``: the address that an app reads, and ``typed`` the secret in it, of a second factor that waits for its first code.
    """

    password_at: int | None
    factor: bool
    codes: int
    pending: str | None
    typed: str | None


@requires("session.read")
async def mine(who: Principal, directory: Directory) -> Account:
    """Return it."""
    async with directory.reading() as conn:
        known = await credentials.find(conn, who.workspace, who.actor.id)
        mail = (await workspaces.mails(conn, who.workspace)).get(who.actor.id, who.actor.id)
    set_at = known.password_at if known.password is not None else None
    if known.secret is None or known.on:
        return Account(set_at, known.on, known.codes, None, None)
    address = passwords.address(known.secret, mail, who.workspace.name)
    return Account(set_at, False, 0, address, passwords.spelled(known.secret))
