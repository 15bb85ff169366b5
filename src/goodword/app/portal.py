"""Who comes by a link of their own: nobody is known yet, so this use case asks for no permission.

Must not know: cookies, pages, what a partner may do.
"""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import kin
from goodword.core.facts import Actor
from goodword.core.state import Kin
from goodword.sources.split import is_id
from goodword.store import entities, forms
from goodword.store.forms import Form

__all__ = ["Form", "by_form"]

_LONGEST = 64  # characters of what opens a form


async def by_form(directory: Directory, workspace: str, token: str) -> tuple[Principal, Form] | None:
    """Return who comes by a link to a partner's form, and the link; None: it opens nothing, whether it has ended or never was.

    Whose account was merged into another one comes no more: what that one has was not shown to who got this link.
    """
    ws = await directory.workspace(workspace) if is_id(workspace, "wsp") else None
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
