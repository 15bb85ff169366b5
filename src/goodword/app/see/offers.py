"""Welcome offers: what the shop may take off a friend's next order, and what became of those of before."""

from __future__ import annotations

from collections.abc import Mapping

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, welcomes
from goodword.app.see.welcomes import Told
from goodword.core import kin
from goodword.core.state import Customer, Kin, Referral
from goodword.store import entities


@requires("referral.read")
async def of_customer(who: Principal, directory: Directory, customer: str) -> list[Told]:
    """Return the offers of a customer, by id or outside name, that are shown: one a program at most. Nobody known has none."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        try:
            person = await filters.person(conn, who, customer)
        except UnknownError:
            return []
        kins: Mapping[str, Kin] = {it.person: it for it in await entities.load(conn, ws, Kin, [person or ""])}
        root = kin.root(lambda _, key: kins.get(key), person or "")
        found = await entities.load(conn, ws, Customer, [root])
        bound = {id_ for it in found for id_ in it.referrals}
        return await welcomes.told(conn, who, directory, await entities.load(conn, ws, Referral, bound))
