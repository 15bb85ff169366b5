"""By what one signs in oneself. Must not know: cookies, pages, what is secret of it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import credentials, staff_mail
from goodword.store.staff_mail import Wants


class Account(Struct, frozen=True):
    """What one has. ``password_at``: when the password was set, None: there is none; ``codes``: recovery codes that are left.

    ``pending``: whether a second factor waits for its first code.
    """

    password_at: int | None
    factor: bool
    codes: int
    pending: bool


@requires("session.read")
async def mine(who: Principal, directory: Directory) -> Account:
    """Return it."""
    async with directory.reading() as conn:
        known = await credentials.find(conn, who.workspace, who.actor.id)
    set_at = known.password_at if known.password is not None else None
    return Account(set_at, known.on, known.codes if known.on else 0, known.secret is not None and not known.on)


@requires("account.mail")
async def mail(who: Principal, directory: Directory) -> Wants:
    """Return which mail one gets."""
    async with directory.reading() as conn:
        return (await staff_mail.wishes(conn, who.workspace.id)).get(who.actor.id, staff_mail.USUAL)
