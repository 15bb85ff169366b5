"""Two accounts of one person become one: who is signed in to the one asks, and the mailbox of the other one confirms it by a link.

The account in which one asks goes on. Whether there is another one shows in nothing to who asks. Who comes by the link is nobody known
yet, so what it does asks for no permission; what is recorded is ``person.merged``, as a server of the company says it, once.
Must not know: cookies, pages, what a merge moves.
"""

from __future__ import annotations

from msgspec import Struct

from goodword.app import portal_in
from goodword.app.directory import Directory
from goodword.app.joining import told
from goodword.app.portal import called_each, workspace_of
from goodword.app.portal_in import Account
from goodword.app.principal import Principal, requires
from goodword.store import people, portal
from goodword.store.workspaces import Workspace

_TOKEN = 64


class Asked(Struct, frozen=True):
    """What a link confirms. ``by``: whose account goes on; ``name``: as whom they are called, if anybody said so.

    ``accounts``: of which one goes on as theirs; of several one is chosen.
    """

    workspace: Workspace
    by: Account
    name: str | None
    accounts: tuple[Account, ...]


@requires("own.merge")
async def ask(who: Principal, directory: Directory, session: str, mail: str, address: str) -> int | None:
    """Have a link mailed by which whoever reads a mailbox confirms that its account goes on as one's own.

    Whether there is another account shows in nothing. Returns until when no more is mailed, or None. What was asked before ends.
    Raises ConflictError (sign_in_again): the session was opened too long ago.
    """
    await portal_in.need_lately(directory, who, session)
    return await portal_in.ask(directory, who.workspace, mail, address, merging=who.actor.id)


@requires("own.merge")
async def cancel(who: Principal, directory: Directory) -> None:
    """Ask no more, for this or to be erased: the link that was mailed opens nothing from now on, unless it was confirmed before."""
    async with directory.pool.acquire() as conn:
        await portal.cancel_merge(conn, who.workspace.id, who.actor.id)


@requires("own.merge")
async def waits_until(who: Principal, directory: Directory) -> int | None:
    """Return until when what one asks can be confirmed, in microseconds of the real clock; None: one asks for nothing."""
    async with directory.reading() as conn:
        return await portal.asked_merge(conn, who.workspace.id, who.actor.id, directory.now())


async def asked(directory: Directory, workspace: str, token: str) -> Asked | None:
    """Return what a link confirms; None: it opens nothing. It is not used up by looking."""
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    async with directory.reading() as conn:
        link = await portal.whose_merge(conn, ws.id, token[:_TOKEN], directory.now())
        if link is None or link.money is not None:
            return None
        mine = await portal_in.accounts_of(conn, directory, ws, [link.person])
        named = await portal_in.still_theirs(conn, directory, ws, link) if link.gone is None else [link.gone]
        accounts = await portal_in.accounts_of(conn, directory, ws, named)
        if not mine or not accounts:
            return None
        called = await called_each(directory, conn, ws, [mine[0].person])
    return Asked(ws, mine[0], called[mine[0].person], tuple(accounts))


async def confirm(directory: Directory, workspace: str, token: str, named: str = "") -> bool:
    """Confirm by a link that one of its accounts goes on as that of who asks; False: it opens nothing, or none was chosen.

    Of two who press, both confirm the same. What dies behind that is confirmed by pressing again.
    """
    it = await asked(directory, workspace, token)
    if it is None:
        return False
    ws = it.workspace
    chosen = [one for one in it.accounts if one.named == named] or [*it.accounts[:1]] * (len(it.accounts) == 1)
    async with directory.pool.acquire() as conn:
        link = await portal.whose_merge(conn, ws.id, token[:_TOKEN], directory.now()) if chosen else None
        if link is None:
            return False
        gone = await portal.confirm_merge(conn, ws.id, token[:_TOKEN], chosen[0].named, directory.now())
        if gone is None:
            return False
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, [link.person, gone])
    said = {"keep_external_id": names[link.person], "gone_external_id": names[gone]}
    await told(directory, ws, {"type": "person.merged", "id": f"merge:{link.asked}", **said})
    async with directory.pool.acquire() as conn:
        await portal.end_merge(conn, ws.id, link.asked)
    return True
