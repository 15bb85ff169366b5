"""How somebody comes to the portal as themselves: by a link that is mailed to them, or by a token of the company's own app.

Nobody is known yet, so these use cases ask for no permission. What opens nothing looks the same, whether it was used, has ended or
never was. A session is one person's, and ends when their account is erased or merged into another one, as a form's link does.
Must not know: cookies, pages.
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app import signed, tries
from goodword.app.directory import Directory, workspace_of
from goodword.app.errors import ConflictError
from goodword.app.follow import portal_mail
from goodword.app.joining import MAIL, Joining, confirmed
from goodword.app.principal import Principal
from goodword.app.say.keys import PORTAL
from goodword.core import calendar, kin
from goodword.core.facts import Actor
from goodword.core.state import Customer, Kin
from goodword.sources.identity import before_plus, canonical_email
from goodword.sources.split import canonical
from goodword.store import entities as stored
from goodword.store import people, portal, workspaces
from goodword.store.credentials import Limit, Pace
from goodword.store.workspaces import Workspace

#: Microseconds after which a session is over.
LASTS: Final = portal.SESSION_LASTS
#: Links that are asked for from one address at once, and after how many microseconds one more: an office or a carrier is one address.
AT_ONCE: Final = 200
EVERY: Final = 5 * calendar.SECOND
#: For so long whoever signed in has done so just now.
LATELY: Final = 30 * calendar.MINUTE
_MAIL: Final = 320  # characters
_TOKEN: Final = 64


class Account(Struct, frozen=True):
    """An account that a link opens. ``named``: by a link; ``person``: who they are now; ``name``: the company's own for them."""

    named: str
    person: str
    name: str | None

    @property
    def shown(self) -> str:
        """The name as a person reads it: a mail that somebody joined by, without what tells it from names of the company's."""
        return (self.name or "").removeprefix(MAIL)


class Invited(Struct, frozen=True):
    """Whom a link or token would sign in; of several accounts one is chosen.

    ``joining``: what who asks to join said, ``asked``: by which job their link was mailed; without an account they are somebody new.
    """

    workspace: Workspace
    accounts: tuple[Account, ...]
    joining: Joining | None = None
    asked: str = ""


async def ask(
    directory: Directory,
    ws: Workspace,
    mail: str,
    address: str,
    joining: Joining | None = None,
    merging: str | None = None,
    money: portal.Money | None = None,
) -> int | None:
    """Have a link mailed to whoever has a mail in a workspace, or to who asks to join. Return until when no more is, or None.

    ``merging``: who says that they have that mail too, and has so few links mailed to others as a mailbox gets of them; with
    ``money`` they ask to be erased, and the mail is their own.

    The same is done whether anybody has it or not: a job with the blind index of the mail, which finds that out after the answer. A
    mailbox has few links and growing pauses; an address, behind which many people may be, has a pace. What all together ask for has a
    rate (``portal.own``).
    """
    known = canonical_email(mail) or mail[:_MAIL]
    mailbox = before_plus(known)  # or else one has as many links as it has names
    keys = [tries.key("portal mail", ws.id, mailbox)]
    keys += [tries.key("portal merge", ws.id, merging)] if merging is not None else []
    until = await tries.turn(
        directory,
        [Limit(key, 3, 15 * calendar.MINUTE) for key in keys],
        Pace(tries.key("portal from", tries.near(address)), AT_ONCE, EVERY),
    )
    if until is None and directory.post is not None:
        async with directory.pool.acquire() as conn, conn.transaction():
            asked, now = uuid4().hex, directory.now()
            if merging is not None:
                await portal.ask_merge(conn, ws.id, merging, asked, now, money)
            why = portal_mail.Why(merging, "erasure" if money is not None else None)
            await portal_mail.enqueue(conn, ws, asked, known, now, joining, why)
    return until


async def invited(directory: Directory, workspace: str, token: str) -> Invited | None:
    """Return whom a link or a token would sign in; None: it opens nothing. It is not used up by looking."""
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    if "." in token:
        claims = await _claims(directory, ws, token)
        if claims is None:
            return None
        async with directory.reading() as conn:
            used = await portal.was_used(conn, ws.id, claims.jti)
            accounts = [] if used else await accounts_of(conn, directory, ws, await _called(conn, ws, claims.sub))
    else:
        async with directory.reading() as conn:
            link = await portal.whose_link(conn, ws.id, token[:_TOKEN], directory.now())
            accounts = await accounts_of(conn, directory, ws, link.persons if link is not None else [])
            if link is not None and link.joining is not None:
                return await _joining(conn, directory, ws, link.asked, link.joining, accounts)
    return Invited(ws, tuple(accounts)) if accounts else None


async def _joining(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, asked: str, sealed: bytes, accounts: list[Account]
) -> Invited | None:
    """Return who joins by a link: an account that it names, or else whoever a trusted source said meanwhile to have that mailbox.

    None: what that source wrote is read alike and is another mailbox, which this one must not open.
    """
    joining = portal_mail.opened(ws, asked, sealed)
    if not accounts:
        blind = portal.blinded(ws, canonical_email(joining.mail) or "")
        written = await portal_mail.holders(conn, ws, directory, blind)
        its = portal_mail.mailbox(joining.mail)
        accounts = await accounts_of(
            conn, directory, ws, [it for it, box in written.items() if portal_mail.mailbox(box) == its]
        )
        if written and not accounts:
            return None
    return Invited(ws, tuple(accounts), joining, asked)


async def enter(directory: Directory, workspace: str, token: str, named: str = "") -> str | None:
    """Use a link or a token up for one of the accounts that it opens; return the token of a session. None: it opens nothing.

    Who asked to join is enrolled before, also as somebody new. Raises JoinRefusedError: they may not.
    """
    whom = await invited(directory, workspace, token)
    if whom is None:
        return None
    if whom.joining is not None and not whom.accounts:
        person = await confirmed(directory, whom.workspace, whom.asked, whom.joining, None)
        whom = msgspec.structs.replace(whom, accounts=(Account(person, person, None),))
    chosen = [it for it in whom.accounts if it.named == named] or [*whom.accounts[:1]] * (len(whom.accounts) == 1)
    if not chosen:
        return None
    ws, now, [it] = whom.workspace, directory.now(), chosen
    if whom.joining is not None and it.name is not None:
        await confirmed(directory, ws, whom.asked, whom.joining, it.name)
    claims = await _claims(directory, ws, token) if "." in token else None
    async with directory.pool.acquire() as conn, conn.transaction():
        if claims is not None:
            until = claims.exp * 1_000_000
            if await portal.use_token(conn, ws.id, claims.jti, until, now):
                return await portal.open_session(conn, ws.id, it.person, "app", now)
        elif await portal.take_link(conn, ws.id, token[:_TOKEN], it.named, now):
            return await portal.open_session(conn, ws.id, it.person, "mail", now)
    return None


async def known(directory: Directory, workspace: str, session: str) -> Principal | None:
    """Return who has a session in a workspace: a person, to whom only what is theirs is shown. None: it is over, or never was."""
    ws = await workspace_of(directory, workspace)
    if ws is None or not session:
        return None
    async with directory.reading() as conn:
        person = await portal.whose_session(conn, ws.id, session[:_TOKEN], directory.now())
        if person is None or (await _roots(conn, ws, [person]))[person] != person:
            return None
    return Principal("session", ws, Actor(id=person, kind="person"))


async def language(directory: Directory, who: Principal) -> str | None:
    """Return the language in which somebody is spoken to, as a tag of BCP 47; None: nobody said."""
    async with directory.reading() as conn:
        known = await stored.load(conn, who.workspace.id, Customer, [who.actor.id])
    return known[0].language if known else None


async def shown(directory: Directory, workspace: str, token: str) -> tuple[Principal, str] | None:
    """Return who shares on a page of the company's own, and in which program, by its name; None: the token shows nothing.

    They come as with a session: what is done for them is what they share, and that they did, which ``portal.element`` sees to.
    """
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    async with directory.reading() as conn:
        secrets = await workspaces.hooks(conn, ws, PORTAL)
        claims = signed.shown(token, secrets, ws.id, directory.now())
        accounts = await accounts_of(conn, directory, ws, await _called(conn, ws, claims.sub)) if claims else []
    if claims is None or not accounts:
        return None
    return Principal("session", ws, Actor(id=accounts[0].person, kind="person")), claims.program


async def came_lately(directory: Directory, workspace: str, session: str) -> bool:
    """Return whether who has a session has signed in just now."""
    async with directory.reading() as conn:
        at = await portal.opened_at(conn, workspace, session[:_TOKEN], directory.now())
    return at is not None and directory.now() - at < LATELY


async def need_lately(directory: Directory, who: Principal, session: str) -> None:
    """Raise ConflictError (``sign_in_again``) where who asks has not signed in just now."""
    if not await came_lately(directory, who.workspace.id, session):
        raise ConflictError("sign_in_again", "Sign in again: this takes who has just done so.")


async def leave(directory: Directory, workspace: str, session: str) -> None:
    """End a session."""
    async with directory.pool.acquire() as conn:
        await portal.end_session(conn, workspace, session[:_TOKEN])


async def _claims(directory: Directory, ws: Workspace, token: str) -> signed.Claims | None:
    async with directory.reading() as conn:
        secrets = await workspaces.hooks(conn, ws, PORTAL)
    return signed.read(token, secrets, ws.id, directory.now())


async def _called(conn: asyncpg.Connection, ws: Workspace, external_id: str) -> list[str]:
    """Return the person whom the company calls so, by the name as it is compared or else as it was given once."""
    names = [("person", canonical("person", external_id)), ("person", external_id)]
    ids = await people.find(conn, ws.id, ws.keys, names)
    return [ids[one] for one in names if one in ids][:1]


async def accounts_of(conn: asyncpg.Connection, directory: Directory, ws: Workspace, named: list[str]) -> list[Account]:
    """Return the accounts of these persons as they are now, each once; of who was erased none."""
    roots = await _roots(conn, ws, named)
    texts = await people.texts(conn, ws.id, ws.keys, directory.vault, roots.values())
    once = {roots[it]: it for it in reversed(named) if roots[it] in texts}
    return [Account(it, person, texts[person]) for person, it in sorted(once.items())]


async def still_theirs(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, link: portal.Merging
) -> list[str]:
    """Return whom a link names who still have the mailbox that it went to: who had it before confirms nothing for them."""
    having = await portal_mail.holders(conn, ws, directory, link.mailbox) if link.mailbox is not None else ()
    return [it for it in link.persons if it in having]


async def _roots(conn: asyncpg.Connection, ws: Workspace, persons: list[str]) -> dict[str, str]:
    rows = {it.person: it for it in await stored.load(conn, ws.id, Kin, persons)}
    return {person: kin.root(lambda _, id_: rows.get(id_), person) for person in persons}
