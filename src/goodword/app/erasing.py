"""A person has themselves erased: they are told what follows, choose what becomes of what is open, and their mailbox confirms it.

Who gives it up, and whom nothing is open for, is erased in the moment in which they confirm; who wants to be paid first waits for a
member, in the inbox. Must not know: cookies, pages, what an erasure takes.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

import asyncpg
from msgspec import Struct

from goodword.app import mailboxes, portal_in, say
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, UnknownError
from goodword.app.portal import workspace_of
from goodword.app.portal_in import Account
from goodword.app.principal import Principal, requires
from goodword.core import people as core_people
from goodword.core.facts import Actor
from goodword.core.state import Lot, Reward
from goodword.store import entities, portal
from goodword.store.portal import Money
from goodword.store.workspaces import Workspace

__all__ = ["Asked", "Asking", "Money", "Open", "ask", "asked", "confirm", "stands"]

_TOKEN: Final = 64


class Open(Struct, frozen=True):
    """What somebody may still get and what they have as credit, by unit. ``on_its_way``: a payment that nobody stops any more."""

    owed: dict[str, int]
    credit: dict[str, int]
    on_its_way: bool

    @property
    def is_any(self) -> bool:
        """Whether anything is open."""
        return bool(self.owed or self.credit or self.on_its_way)


class Asking(Struct, frozen=True):
    """Where somebody stands with it. ``mails``: whether a link can be mailed to them; ``until``: until when one that was holds."""

    open: Open
    mails: bool
    until: int | None


class Asked(Struct, frozen=True):
    """What a link confirms: who is erased, and what becomes of what is open."""

    workspace: Workspace
    account: Account
    money: Money
    open: Open
    asked: str


@requires("own.merge")
async def stands(who: Principal, directory: Directory) -> Asking:
    """Return what is open for them, and whether they have asked."""
    mail = await mailboxes.of_one(directory, who.workspace, who.actor.id)
    async with directory.snapshot() as conn:
        until = await portal.asked_merge(conn, who.workspace.id, who.actor.id, directory.now(), erasing=True)
        return Asking(
            await _open(conn, who.workspace.id, who.actor.id), mail is not None and directory.post is not None, until
        )


@requires("own.merge")
async def ask(who: Principal, directory: Directory, session: str, money: Money, address: str) -> int | None:
    """Have a link mailed by which their mailbox confirms it. Returns until when no more is mailed, or None.

    Raises ConflictError: sign_in_again, the session was opened too long ago; mail_unknown, there is no mailbox.
    """
    await portal_in.need_lately(directory, who, session)
    mail = await mailboxes.of_one(directory, who.workspace, who.actor.id)
    if mail is None:
        raise ConflictError("mail_unknown", "No mail of theirs is known by which they could confirm it.")
    return await portal_in.ask(directory, who.workspace, mail, address, merging=who.actor.id, money=money)


async def asked(directory: Directory, workspace: str, token: str) -> Asked | None:
    """Return what a link confirms; None: it opens nothing. It is not used up by looking."""
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    async with directory.reading() as conn:
        link = await portal.whose_merge(conn, ws.id, token[:_TOKEN], directory.now())
        if link is None or link.money is None:
            return None
        if link.person not in await portal_in.still_theirs(conn, directory, ws, link):
            return None
        accounts = await portal_in.accounts_of(conn, directory, ws, [link.person])
        if not accounts or accounts[0].person != link.person:  # merged meanwhile: they ask again as who they are
            return None
        return Asked(ws, accounts[0], link.money, await _open(conn, ws.id, link.person), link.asked)


async def confirm(directory: Directory, workspace: str, token: str) -> Literal["erased", "noted"] | None:
    """Erase who asked, or note that they are to be once they are paid; None: the link opens nothing.

    Raises ConflictError: on_its_way, a payment is; case_open, they said something about their data that is not answered yet.
    """
    it = await asked(directory, workspace, token)
    if it is None:
        return None
    who = Principal("session", it.workspace, Actor(id=it.account.person, kind="person"))
    if it.money == "give_up" and it.open.on_its_way:
        raise ConflictError("on_its_way", "A payment is on its way: it can be given up no more.")
    if it.money == "pay" and it.open.is_any:
        entry = await say.disputes.ask_erasure(who, directory, f"{it.account.person}:{it.asked}")
        if entry.refused:
            raise ConflictError("case_open", "They said something about their data that is not answered yet.")
        async with directory.pool.acquire() as conn:
            await portal.end_merge(conn, it.workspace.id, it.asked)
        return "noted"
    try:
        entry = await say.people.erase(who, directory, it.account.person, gives_up=it.money == "give_up")
    except UnknownError:  # pressed twice at once
        return None
    if entry.refused:
        raise ConflictError("on_its_way", "Something has become open meanwhile: look again.")
    return "erased"


async def _open(conn: asyncpg.Connection, ws: str, person: str) -> Open:
    owed, credit = Counter[str](), Counter[str]()
    theirs = await entities.of(conn, ws, (Reward, "unsettled_with"), [person])
    rewards = core_people.open_for((it for it in theirs if isinstance(it, Reward)), oneself=True)
    for it in rewards:
        owed[it.unit] += it.unsent
    for lot in await entities.of(conn, ws, (Lot, "held_by"), [person]):
        if isinstance(lot, Lot):
            credit[lot.unit] += lot.rest
    return Open(owed, credit, any(map(core_people.on_its_way, rewards)))
