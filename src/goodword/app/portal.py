"""Who comes by a link of their own: nobody is known yet, so this use case asks for no permission.

Must not know: cookies, pages, what a partner may do.
"""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see.publications import Told, told
from goodword.core import kin
from goodword.core.facts import Actor
from goodword.core.state import Kin
from goodword.sources.split import is_id
from goodword.store import entities, forms, pages
from goodword.store.forms import Form
from goodword.store.workspaces import Workspace

__all__ = ["Form", "by_form", "terms", "workspace_of"]

_LONGEST = 64  # characters of what opens a form


async def workspace_of(directory: Directory, workspace: str) -> Workspace | None:
    """Return the workspace that an address names; None: there is none of this id."""
    return await directory.workspace(workspace) if is_id(workspace, "wsp") else None


async def terms(directory: Directory, workspace: str, rules: str) -> tuple[Workspace, Told] | None:
    """Return the terms by a version of rules, which its hash names, and whose they are; None: there are none.

    Who has the hash has been told of the program: nobody guesses it, and it is the same for as long as there is this version.
    """
    ws = await workspace_of(directory, workspace)
    if ws is None:
        return None
    async with directory.reading() as conn:
        for program in await pages.programs(conn, ws.id):
            versions = [hash_ for _, hash_ in program.versions]
            if rules in versions:  # one that was published again holds since then
                number = len(versions) - versions[::-1].index(rules)
                return ws, await told(conn, ws.id, program, number)
    return None


async def by_form(directory: Directory, workspace: str, token: str) -> tuple[Principal, Form] | None:
    """Return who comes by a link to a partner's form, and the link; None: it opens nothing, whether it has ended or never was.

    Whose account was merged into another one comes no more: what that one has was not shown to who got this link.
    """
    ws = await workspace_of(directory, workspace)
    if ws is None or len(token) > _LONGEST or not token.isascii():
        return None
    async with directory.reading() as conn:
        form = await forms.opened(conn, ws.id, ws.keys, token, directory.now())
        if form is None:
            return None
        known = {it.person: it for it in await entities.load(conn, ws.id, Kin, [form.person])}
    if kin.root(lambda _, id_: known.get(id_), form.person) != form.person:
        return None
    return Principal("link", ws, Actor(id=form.person, kind="person", programs=(form.program,))), form
