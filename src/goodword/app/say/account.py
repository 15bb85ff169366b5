"""One's own password, second factor and mail. Must not know: cookies, pages."""

from __future__ import annotations

from typing import NamedTuple, get_args

import asyncpg

from goodword import words
from goodword.app import passwords
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.core.state import Member
from goodword.store import credentials, entities, sessions, staff_mail, workspaces
from goodword.store.vault import password_digest


class Secret(NamedTuple):
    """The secret of a second factor: ``address``, which an app reads, and ``typed``, as one types it."""

    address: str
    typed: str


@requires("account.secure")
async def set_password(who: Principal, directory: Directory, password: str) -> None:
    """Set one's password, and end one's other sessions. Raises InvalidError for one that is easily guessed.

    It is one's own if the session goes back to a link that was sent to one's mailbox: others may have seen one that was printed.
    """
    async with directory.reading() as conn:
        mail = await workspaces.mail(conn, who.workspace, who.actor.id)
    if mail is None:
        raise UnknownError("mail address of yours")
    code = passwords.wrong(password, mail)
    if code is not None:
        raise InvalidError(words.page(f"password.{code}"), "password")
    derived = await directory.hashing.derived(password, mail)
    ws, member = who.workspace, who.actor.id
    digest = password_digest(ws.keys.index, member, derived)
    async with directory.pool.acquire() as conn, conn.transaction():
        own = await sessions.is_own(conn, ws.id, member, who.actor.session)
        await credentials.set_password(conn, ws.id, member, digest, directory.now(), own=own)
        await sessions.end_but(conn, ws.id, member, who.actor.session)


@requires("account.mail")
async def set_mail(who: Principal, directory: Directory, wants: str) -> None:
    """Say which mail one wants from now on: ``off``, ``digest`` or ``urgent``. Raises InvalidError for another word."""
    filters.choice("wants", wants, get_args(staff_mail.Wants))
    async with directory.pool.acquire() as conn:
        await staff_mail.wish(conn, who.workspace.id, who.actor.id, wants, directory.now())  # type: ignore[arg-type]


@requires("account.secure")
async def start_factor(who: Principal, directory: Directory) -> Secret:
    """Make the secret of a second factor, which is asked for once a code of it was right, and return it; it is shown this once.

    A new one replaces one that waits for its first code. Raises ConflictError where one is on already.
    """
    secret = passwords.new_secret()
    async with directory.pool.acquire() as conn:
        if (await credentials.find(conn, who.workspace, who.actor.id)).on:
            raise ConflictError("factor_on", words.page("factor.on"))
        await credentials.set_secret(conn, who.workspace, who.actor.id, secret)
        mail = await workspaces.mail(conn, who.workspace, who.actor.id)
    return Secret(passwords.address(secret, mail or who.actor.id, who.workspace.name), passwords.spelled(secret))


@requires("account.secure")
async def turn_factor_on(who: Principal, directory: Directory, code: str) -> list[str]:
    """Let the second factor be asked for, and return ten recovery codes, which are shown once. Raises InvalidError for a wrong code."""
    ws, member = who.workspace, who.actor.id
    async with directory.pool.acquire() as conn, conn.transaction():
        known = await credentials.find(conn, ws, member)
        if known.on or known.secret is None:
            raise ConflictError("factor_on", words.page("factor.on" if known.on else "factor.none"))
        step = passwords.step_of(known.secret, "".join(code.split()), directory.now())
        if step is None:
            raise InvalidError(words.page("factor.wrong"), "code")
        codes = passwords.recovery_codes()
        if not await credentials.turn_on(conn, ws.id, member, step, codes):
            raise ConflictError("factor_on", words.page("factor.on"))
        await sessions.end_but(conn, ws.id, member, who.actor.session)
    return codes


@requires("account.secure")
async def turn_factor_off(who: Principal, directory: Directory) -> None:
    """Have no second factor any more."""
    async with directory.pool.acquire() as conn:
        await credentials.turn_off(conn, who.workspace.id, who.actor.id)


@requires("member.manage")
async def forget(who: Principal, directory: Directory, member: str, key: str | None = None) -> Entry:
    """Let a member who has lost them have neither password nor second factor, and end their sessions: they come by a link again.

    The commit in which they go puts on the record who said so. Raises UnknownError.
    """
    ws = who.workspace.id
    async with directory.reading() as conn:
        if not await entities.load(conn, ws, Member, [member]):
            raise UnknownError("member")

    async def gone(conn: asyncpg.Connection, _: Entry) -> None:
        await credentials.forget(conn, ws, member)
        await sessions.end_but(conn, ws, member)

    return await say(who, directory, lambda s: RecordLooked(**s, subject=member, what="forgotten"), key, also=gone)
