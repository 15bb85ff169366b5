"""Links by which members sign in to the console. Must not know: cookies, pages."""

from __future__ import annotations

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import first, mail_to_me, post_of, send
from goodword.core.state import Member
from goodword.outbound.mail import Letter
from goodword.store import entities, sessions, workspaces


@requires("member.manage")
async def link(who: Principal, directory: Directory, member: str) -> str:
    """Return the token of a link that signs a member in once, within a quarter of an hour. Raises UnknownError.

    Whoever has it is that member for the console: it is given to nobody else.
    """
    async with directory.pool.acquire() as conn:
        if not await entities.load(conn, who.workspace.id, Member, [member]):
            raise UnknownError("member")
        return await sessions.new_link(conn, who.workspace.id, member, directory.now())


@requires("session.end")
async def end(who: Principal, directory: Directory, session: str) -> None:
    """End a session of one's own. Raises UnknownError."""
    async with directory.pool.acquire() as conn:
        if not await sessions.end_one(conn, who.workspace.id, who.actor.id, session):
            raise UnknownError("session of yours")


@requires("session.end")
async def end_others(who: Principal, directory: Directory) -> None:
    """End all sessions of one's own but the one by which this is said."""
    async with directory.pool.acquire() as conn:
        await sessions.end_but(conn, who.workspace.id, who.actor.id, who.actor.session)


@requires("member.manage")
async def end_of(who: Principal, directory: Directory, member: str) -> None:
    """End all sessions of a member; of one's own that by which this is said too."""
    async with directory.pool.acquire() as conn:
        await sessions.end_but(conn, who.workspace.id, member)


@requires("member.manage")
async def invite(who: Principal, directory: Directory, member: str, key: str | None = None) -> None:
    """Send a member a link by mail that signs them in once, within 72 hours. Raises UnknownError, and ConflictError without mail.

    Nobody else sees it: whoever has it is that member. Who had it sent stands on the record; a repeat under a key sends none.
    """
    async with directory.reading() as conn:
        mail = await workspaces.mail(conn, who.workspace, member)
        if mail is None or not await entities.load(conn, who.workspace.id, Member, [member]):
            raise UnknownError("member with a mail address")
    post = post_of(directory)
    if not await first(who, directory, member, "invited", key):
        return
    async with directory.pool.acquire() as conn:
        token = await sessions.new_link(
            conn, who.workspace.id, member, directory.now(), kind="invite", lasts=sessions.INVITE_LASTS, own=True
        )
    said = [words.page(f"mail.invite.{part}", workspace=who.workspace.name, mail=mail) for part in ("why", "once")]
    subject = words.page("mail.invite.subject", workspace=who.workspace.name)
    link = (f"{directory.engine.url}/console/in/{token}", words.page("mail.invite.button"))
    await send(post, mail, Letter(subject, tuple(said), link))


@requires("member.manage")
async def try_mail(who: Principal, directory: Directory, key: str | None = None) -> None:
    """Send a mail to oneself, to see whether mail arrives; a repeat sends none. Raises ConflictError where it was not taken."""
    letter = Letter(words.page("mail.test.subject"), (words.page("mail.test.text", workspace=who.workspace.name),))
    await mail_to_me(who, directory, letter, key)
