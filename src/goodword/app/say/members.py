"""Members: who works with the workspace, and what each may do. Must not know: HTTP, how a key is checked."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say import keys, sessions
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.app.write.commands import Also, Make, Part, Stamp, StoppedError, together
from goodword.core import cases
from goodword.core.entry import Entry
from goodword.core.events import CaseAssigned, MemberProved, MemberSet
from goodword.core.state import Member, Reward
from goodword.sources.identity import canonical_email, one_mailbox
from goodword.store import credentials, entities, log, pages, workspaces
from goodword.store import sessions as kept
from goodword.store.uuid7 import new_id
from goodword.store.vault import password_digest

#: Of so many open cases that are a leaver's each is handed on with them; the others are handed on by hand.
_MOST_CASES: Final = 500
#: A case may be decided while its owner's leaving is worked out: then it is worked out again.
_TRIES: Final = 3


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

    def make(stamp: Stamp) -> MemberSet:
        return MemberSet(**stamp, member=member, roles=roles, limits=limits, programs=programs)

    if roles:
        return await say(who, directory, make, key, also=also)
    return await _ended(who, directory, member, make, key, also)


async def _ended(
    who: Principal, directory: Directory, member: str, make: Make, key: str | None, also: Also | None
) -> Entry:
    """Let somebody be a member no more: in the same commit their sessions end and their open cases are handed on."""
    ws = who.workspace

    async def ends(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await kept.end_but(conn, ws.id, member)
        if also is not None:
            await also(conn, entry)

    for _ in range(_TRIES):
        moves = await _cases_of(who, directory, member)
        parts = [Part(make, key, ends)]
        for case, to in moves.items():
            own = f"{key}:{case}" if key is not None else None
            parts.append(Part(partial(_assigned, case, to), own))
        try:
            return (await together(directory.engine, ws.id, parts, who.actor))[0]
        except StoppedError as stopped:
            if stopped.entries[0].refused:
                break
    return await say(who, directory, make, key, also=ends)


def _assigned(case: str, to: str | None, stamp: Stamp) -> CaseAssigned:
    return CaseAssigned(**stamp, case=case, member=to)


async def _cases_of(who: Principal, directory: Directory, member: str) -> dict[str, str | None]:
    """Return whose the open cases of a member would be if they left."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws)).now(directory.now())
        mine = await pages.cases_of(conn, ws, "mine", now=now, member=member, programs=None, at="", limit=_MOST_CASES)
        rewards = await entities.load(conn, ws, Reward, {id_ for case in mine for id_ in case.rewards[:1]})
        members = {one.id: one for one in await pages.members(conn, ws)}
    routed = {reward.id: reward.route.fallback for reward in rewards if reward.route is not None}
    return {
        case.id: cases.handed_on(
            case, [routed[id_] for id_ in case.rewards[:1] if id_ in routed], members.get, member, who.actor.id
        )
        for case in mine
    }


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
