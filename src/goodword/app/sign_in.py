"""Who comes by a link or with a session: nobody is known yet, so these use cases ask for no permission.

Must not know: cookies, pages, what a member may do.
"""

from __future__ import annotations

import hmac
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from goodword import words
from goodword.app import passwords, tries
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say import members
from goodword.core import calendar
from goodword.core.state import Member
from goodword.outbound.mail import Letter, Post
from goodword.sources.identity import canonical_email
from goodword.store import credentials, entities, sessions, workspaces
from goodword.store.vault import password_digest
from goodword.store.workspaces import Workspace

#: Microseconds after which a session is over, however much it is used.
LASTS = sessions.SESSION_LASTS
#: Microseconds for which somebody who proved who they are need not do so again.
SURE = 15 * calendar.MINUTE
_HALF = 5 * calendar.MINUTE  # that a right password waits for the code
_MAIL = 320  # characters
Browser = sessions.Browser


class Whom(Struct, frozen=True):
    """A member at the door. ``mail`` is None where it was erased."""

    workspace: Workspace
    member: str
    mail: str | None


class Answer(NamedTuple):
    """What became of coming in: in, code (it is asked for), wrong, wait, dead (the link), link (there is no other way).

    ``token``: of the session, or of the half of a way in; ``until``: when the next try is looked at; ``new``: by an invitation.
    """

    code: str
    token: str = ""
    until: int = 0
    new: bool = False


async def invited(directory: Directory, token: str) -> Whom | None:
    """Return whom a link would sign in; None: it was used, has expired or never was. It is not used up by looking."""
    async with directory.reading() as conn:
        signed = await sessions.whose_link(conn, token, directory.now())
    return await _whom(directory, signed)


async def needs_code(directory: Directory, whom: Whom) -> bool:
    """Return whether somebody is asked for their second factor."""
    async with directory.reading() as conn:
        return (await credentials.find(conn, whom.workspace, whom.member)).on


async def enter(directory: Directory, token: str, browser: Browser, code: str = "") -> Answer:
    """Use a link up, and the code of whoever has a second factor. A wrong code uses nothing up."""
    whom = await invited(directory, token)
    if whom is None:
        return Answer("dead")
    if await needs_code(directory, whom):
        said = await _coded(directory, whom, code, browser.address)
        if said is not None:
            return said
    async with directory.pool.acquire() as conn, conn.transaction():
        signed = await sessions.take_link(conn, token, directory.now())
        if signed is None:
            return Answer("dead")
        way = "password" if signed.kind == "half" else "link"
        session = await sessions.open_session(conn, signed, browser, directory.now(), way)
    return Answer("in", session, new=signed.kind == "invite")


async def by_password(directory: Directory, mail: str, password: str, browser: Browser) -> Answer:
    """Sign somebody in by mail and password; one with a second factor is led on to where its code is asked for.

    The answer, and how long it takes, is the same for a mail that nobody has. Where it fits members of several workspaces, it opens
    the live one, else the oldest.
    """
    known = canonical_email(mail) or mail[:_MAIL]
    own, limits = _limits(f"mail {known}", browser.address)
    until = await tries.turn(directory, limits)
    if until is not None:
        return Answer("wait", until=until)
    derived = await directory.hashing.derived(password, known)
    among = {ws.id: ws for ws in await directory.every_workspace()}
    async with directory.reading() as conn:
        holders = await credentials.holders(conn, list(among.values()), known)
    right = [one for one in holders if _is(among[one.workspace], one.member, derived, one.password)]
    if not right:
        return Answer("wrong")
    right = [await _proven(directory, among[one.workspace], one, derived) for one in right]
    first = min(right, key=lambda one: (among[one.workspace].mode != "live", one.workspace))
    signed, now = sessions.Signed(first.workspace, first.member, own=first.own), directory.now()
    async with directory.pool.acquire() as conn, conn.transaction():
        await credentials.was_right(conn, own, [limit.key for limit in limits if limit.key != own])
        if first.on:
            half = await sessions.new_link(conn, *signed[:2], now, kind="half", lasts=_HALF, own=first.own)
            return Answer("code", half)
        return Answer("in", await sessions.open_session(conn, signed, browser, now, "password"))


async def _proven(
    directory: Directory, ws: Workspace, holder: credentials.Holder, derived: bytes
) -> credentials.Holder:
    """Return a member whose password was right, under the id of today: with one of their own they may prove to be somebody by it."""
    if not holder.own:
        return holder
    who = Principal("session", ws, await directory.member(ws.id, holder.member))
    if who.may("account.secure"):
        await members.prove(who, directory, derived)
    async with (
        directory.reading() as conn
    ):  # of two sign-ins at one moment one says so, and both are in as who they are since
        known = await entities.load(conn, ws.id, Member, [holder.member])
    became = known[0].became if known else None
    return holder._replace(member=became or holder.member)


async def switch(directory: Directory, token: str, workspace: str, browser: Browser) -> Answer:
    """Let whoever has a session go on as the member with the same mail in another workspace. ``dead``: there is none, or no session.

    A session proves the mail, for links go nowhere else (docs/decisions/0054); a second factor of that member is asked for. Nobody is
    surer of who they are by going there.
    """
    now = directory.now()
    async with directory.pool.acquire() as conn:
        opened = await sessions.whose_session(conn, token, now)
    whom, there = await _whom(directory, opened), await directory.workspace(workspace)
    if opened is None or whom is None or whom.mail is None or there is None:
        return Answer("dead")
    async with directory.pool.acquire() as conn, conn.transaction():
        found = await credentials.members(conn, [there], whom.mail)
        if not found or not await entities.load(conn, there.id, Member, [found[0].member]):
            return Answer("dead")
        signed = sessions.Signed(there.id, found[0].member, own=opened.own)
        if (await credentials.find(conn, there, signed.member)).on:
            half = await sessions.new_link(conn, *signed[:2], now, kind="half", lasts=_HALF, own=opened.own)
            return Answer("code", half)
        return Answer("in", await sessions.open_session(conn, signed, browser, now, opened.way, opened.sure_at))


async def link_by_mail(directory: Directory, mail: str, address: str) -> int | None:
    """Send whoever has a mail a link, if they are a member of something and mail is sent. Return until when no more is, or None.

    Whether there was anybody shows in nothing: the mail is sent afterwards.
    """
    known = canonical_email(mail) or mail[:_MAIL]
    near = tries.near(address)
    until = await tries.turn(
        directory,
        [
            credentials.Limit(tries.key("mailed", known), 3, 15 * calendar.MINUTE),
            credentials.Limit(tries.key("mailing", near), 20, 15 * calendar.MINUTE),
        ],
    )
    if until is None and directory.post is not None:
        directory.later(_mailed(directory, directory.post, known))
    return until


async def _mailed(directory: Directory, post: Post, mail: str) -> None:
    among = {ws.id: ws for ws in await directory.every_workspace()}
    async with directory.pool.acquire() as conn:
        found = await credentials.members(conn, list(among.values()), mail)
        known = [one for one in found if await entities.load(conn, one.workspace, Member, [one.member])]
        if not known:
            return
        first = min(known, key=lambda one: (among[one.workspace].mode != "live", one.workspace))
        token = await sessions.new_link(conn, first.workspace, first.member, directory.now(), own=True)
    name = among[first.workspace].name
    said = tuple(words.page(f"mail.link.{part}", workspace=name, mail=mail) for part in ("why", "once"))
    link = (f"{directory.engine.url}/console/in/{token}", words.page("mail.invite.button"))
    await post.send(mail, Letter(words.page("mail.link.subject", workspace=name), said, link))


async def ways(directory: Directory, who: Principal) -> str:
    """Return by what somebody proves again who they are: code, password, or link."""
    async with directory.reading() as conn:
        known = await credentials.find(conn, who.workspace, who.actor.id)
    return "code" if known.on else "password" if known.password is not None else "link"


async def confirm(directory: Directory, token: str, whom: Whom, typed: str, address: str) -> Answer:
    """Let the member of a session prove again who they are. ``in``: they did, for a quarter of an hour."""
    async with directory.reading() as conn:
        known = await credentials.find(conn, whom.workspace, whom.member)
    if known.on:
        said = await _coded(directory, whom, typed, address)
    elif known.password is not None and whom.mail is not None:
        said = await _proved(directory, whom, known.password, typed, address)
    else:
        return Answer("link")
    if said is None:
        async with directory.pool.acquire() as conn:
            await sessions.note_sure(conn, token, directory.now())
    return said or Answer("in")


async def _proved(directory: Directory, whom: Whom, kept: bytes, typed: str, address: str) -> Answer | None:
    """Return None for the right password of somebody whose mail is known, else what is said."""
    own, limits = _limits(f"mail {whom.mail}", address)
    until = await tries.turn(directory, limits)
    if until is not None:
        return Answer("wait", until=until)
    if not _is(whom.workspace, whom.member, await directory.hashing.derived(typed, whom.mail or ""), kept):
        return Answer("wrong")
    async with directory.pool.acquire() as conn, conn.transaction():
        await credentials.was_right(conn, own, [limit.key for limit in limits if limit.key != own])
    return None


async def _coded(directory: Directory, whom: Whom, typed: str, address: str) -> Answer | None:
    """Return None for a right code, which is used up: six digits, or one of the recovery codes; else what is said."""
    if not typed:
        return Answer("code")
    own, limits = _limits(f"code {whom.workspace.id} {whom.member}", address)
    until = await tries.turn(directory, limits)
    if until is not None:
        return Answer("wait", until=until)
    typed = "".join(typed.split()).lower()
    ws, member = whom.workspace, whom.member
    async with directory.pool.acquire() as conn, conn.transaction():
        known = await credentials.find(conn, ws, member)
        step = passwords.step_of(known.secret, typed, directory.now()) if known.secret is not None else None
        if step is not None:
            right = await credentials.use_step(conn, ws.id, member, step)
        else:
            right = await credentials.use_code(conn, ws.id, member, typed)
        if right:
            await credentials.was_right(conn, own, [limit.key for limit in limits if limit.key != own])
    return None if right else Answer("wrong")


def _is(ws: Workspace, member: str, derived: bytes, kept: bytes) -> bool:
    return hmac.compare_digest(password_digest(ws.keys.index, member, derived), kept)


def _limits(account: str, address: str) -> tuple[bytes, list[credentials.Limit]]:
    """Return what counts tries, and which of it is theirs alone: who knows the password comes in after a wait, whoever else tries.

    An account at an address soon waits long, an address after more tries, and the account, where many may try, never more than half a
    minute.
    """
    near = tries.near(address)
    own = credentials.Limit(tries.key("both", account, near), 5, 15 * calendar.MINUTE)
    far = credentials.Limit(tries.key("account", account), 50, 30 * calendar.SECOND)
    return own.key, [own, credentials.Limit(tries.key("address", near), 30, 5 * calendar.MINUTE), far]


async def known(directory: Directory, token: str, *, used: bool = True) -> tuple[Principal, Whom, bool] | None:
    """Return who has a session, with the roles and limits of the present; None: it is over, or never was.

    Last comes whether they proved who they are within the last quarter of an hour. ``used``: somebody is there, so that it lasts on.
    """
    async with directory.pool.acquire() as conn:
        opened = await sessions.whose_session(conn, token, directory.now(), used=used)
    whom = await _whom(directory, opened)
    if opened is None or whom is None:
        return None
    actor = await directory.member(whom.workspace.id, whom.member)
    sure = opened.sure_at > directory.now() - SURE
    return Principal("session", whom.workspace, replace(actor, session=opened.id)), whom, sure


async def leave(directory: Directory, token: str) -> None:
    """End a session."""
    async with directory.pool.acquire() as conn:
        await sessions.end_session(conn, token)


async def _whom(directory: Directory, signed: sessions.Signed | sessions.Opened | None) -> Whom | None:
    workspace = await directory.workspace(signed.workspace) if signed is not None else None
    if signed is None or workspace is None:
        return None
    async with directory.reading() as conn:
        mail = await workspaces.mail(conn, workspace, signed.member)
    return Whom(workspace, signed.member, mail)
