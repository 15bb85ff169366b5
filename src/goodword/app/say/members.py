"""Members: who works with the workspace, and what each may do. Must not know: HTTP, how a key is checked."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say import keys, sessions
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.app.write.commands import Also
from goodword.core.entry import Entry
from goodword.core.events import MemberProved, MemberSet
from goodword.core.state import Member
from goodword.sources.identity import canonical_email, one_mailbox
from goodword.store import credentials, entities, workspaces
from goodword.store import sessions as kept
from goodword.store.uuid7 import new_id
from goodword.store.vault import password_digest


class MemberEntry(Struct, frozen=True):
    """What became of a member: the decision, the member's id, and the text of a key if one was made for them."""

    entry: Entry
    member: str
    key: str | None


class _As(NamedTuple):
    """What a member is to be: ``limits`` by unit, ``programs`` by id or slug."""

    member: str
    roles: tuple[str, ...]
    limits: dict[str, int] | None
    programs: tuple[str, ...]


@requires("member.manage")
async def set_member(
    who: Principal,
    directory: Directory,
    mail: str,
    roles: tuple[str, ...],
    limits: dict[str, int] | None,
    key: str | None = None,
    *,
    programs: tuple[str, ...] = (),
) -> MemberEntry:
    """Give a member roles, limits and programs. Raises InvalidError for what is no mail address or unit.

    What gives them more waits for another owner, where there is one (``changes``). Who is a member now and never had a key gets one:
    whose key was ended gets none here, or an owner could act as any colleague.
    ``programs``: ids or slugs of those that they are limited to; none: they work with all.
    """
    member = await _named(who, directory, mail)
    entry = await change(who, directory, member, roles, limits, key, programs=programs)
    return MemberEntry(entry, member, None if entry.refused else await keys.first(who, directory, member))


@requires("member.manage")
async def change(
    who: Principal,
    directory: Directory,
    member: str,
    roles: tuple[str, ...],
    limits: dict[str, int] | None,
    key: str | None = None,
    *,
    programs: tuple[str, ...] = (),
) -> Entry:
    """Give a member other roles, limits and programs, likewise, and no key. Raises InvalidError, and UnknownError for nobody's id."""
    return await _changed(who, directory, _As(member, roles, limits, programs), key)


async def _changed(who: Principal, directory: Directory, it: _As, key: str | None, also: Also | None = None) -> Entry:
    member, roles, limits, programs = it
    async with directory.pool.acquire() as conn:
        if limits is not None:
            limits = {await filters.unit(conn, who, unit): most for unit, most in limits.items()}
        if await workspaces.mail(conn, who.workspace, member) is None:
            raise UnknownError("member")
    return await say(
        who,
        directory,
        lambda s: MemberSet(**s, member=member, roles=roles, limits=limits, programs=programs),
        key,
        also=also,
    )


@requires("member.manage")
async def invite(
    who: Principal,
    directory: Directory,
    mail: str,
    roles: tuple[str, ...],
    limits: dict[str, int] | None,
    key: str | None = None,
    *,
    programs: tuple[str, ...] = (),
) -> Entry:
    """Let somebody become a member, and send them a link: at once, unless another owner must confirm them first; a repeat sends none.

    Raises ConflictError before anything is done where no mail is sent, and after it if the mail was not taken.
    """
    if directory.post is None:
        raise ConflictError("no_mail", words.page("mail.none"))
    member = await _named(who, directory, mail)
    new: list[Entry] = []  # what is said again is no new one

    async def also(_: asyncpg.Connection, entry: Entry) -> None:
        new.append(entry)

    entry = await _changed(who, directory, _As(member, roles, limits, programs), key, also)
    waits = any(verdict.outcome == "second_person_needed" for verdict in entry.verdicts)
    if new and not entry.refused and not waits:
        await sessions.invite(who, directory, member)
    return entry


@requires("account.secure")
async def prove(who: Principal, directory: Directory, derived: bytes) -> None:
    """Say that one signed in with a password of one's own, where that makes somebody of one, who goes on under another id.

    ``derived``: of the password. It shows that somebody reads the mailbox, so it shows nothing where another member reads the same one.
    """
    ws, before = who.workspace, who.actor.id
    async with directory.reading() as conn:
        known = await entities.load(conn, ws.id, Member, [before])
        if not known or known[0].confirmed or known[0].became is not None:
            return
        mails = await workspaces.mails(conn, ws)
    mail = mails.pop(before, None)
    if mail is None or any(one_mailbox(mail, other) for other in mails.values()):
        return
    becomes = new_id("mem")

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await workspaces.go_on(conn, ws, before, becomes, mail)
            await credentials.go_on(conn, ws, before, becomes, password_digest(ws.keys.index, becomes, derived))
            await kept.end_but(conn, ws.id, before)

    await say(who, directory, lambda s: MemberProved(**s, member=before, becomes=becomes), None, also=also)


async def _named(who: Principal, directory: Directory, mail: str) -> str:
    """Return the id of whoever has a mail, a new one for a new one."""
    canonical = canonical_email(mail)
    if canonical is None:
        raise InvalidError("`email` is no mail address.", "email")
    async with directory.pool.acquire() as conn:
        return await workspaces.name_member(conn, who.workspace, canonical)
