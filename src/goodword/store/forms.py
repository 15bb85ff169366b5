"""Links by which partners register deals of their own; of each only the keyed digest is kept. Must not know: what a form asks."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from typing import NamedTuple, cast

import asyncpg

from goodword.store import seals
from goodword.store.sql_files import statements
from goodword.store.uuid7 import new_id
from goodword.store.vault import blind
from goodword.store.workspaces import Keys

_SQL = statements("form")
_BYTES = 32  # of a link: there is nothing to guess


class Form(NamedTuple):
    """A link to a form, of one person in one program. ``made_by``: a member or a key; instants are of the real clock."""

    id: str
    person: str
    program: str
    made_by: str
    made_at: int
    expires_at: int
    ended_at: int | None = None

    def opens(self, now: int) -> bool:
        """Whether it opens anything at an instant of the real clock."""
        return self.ended_at is None and now < self.expires_at


class NewForm(NamedTuple):
    """A link that is not kept yet. ``token`` is shown once, ``digest`` is what the log says of it."""

    form: Form
    token: str
    blind: bytes

    @property
    def digest(self) -> str:
        """What must be true of the row that is kept of it."""
        return seals.form(self.blind, *self.form[1:6])


def new_form(keys: Keys, person: str, program: str, made_by: str, now: int, until: int) -> NewForm:
    """Make a link. ``now``, ``until``: instants of the real clock."""
    token = urlsafe_b64encode(os.urandom(_BYTES)).rstrip(b"=").decode()
    form = Form(new_id("frm"), person, program, made_by, now, until)
    return NewForm(form, token, _digest(keys, token))


async def add(conn: asyncpg.Connection, ws: str, made: NewForm) -> None:
    """Keep a link."""
    it = made.form
    row = it.id, made.blind, it.person, it.program, it.made_by, it.made_at, it.expires_at
    await conn.execute(_SQL["add"], ws, *row)


async def opened(conn: asyncpg.Connection, ws: str, keys: Keys, token: str, now: int) -> Form | None:
    """Return what a link opens; None: it has ended, or never was."""
    row = await conn.fetchrow(_SQL["opened"], ws, _digest(keys, token), now)
    return Form(*row) if row else None


async def find(conn: asyncpg.Connection, ws: str, id_: str) -> Form | None:
    """Return a link by its id."""
    row = await conn.fetchrow(_SQL["find"], ws, id_)
    return Form(*row) if row else None


async def of_person(conn: asyncpg.Connection, ws: str, person: str, limit: int) -> list[Form]:
    """Return the links that a person was given, ended ones too, the newest first."""
    return [Form(*row) for row in await conn.fetch(_SQL["of_person"], ws, person, limit)]


async def end(conn: asyncpg.Connection, ws: str, id_: str, now: int) -> bool:
    """Let a link open nothing any more; False: there is none of this id, or it was ended before."""
    return cast("str", await conn.execute(_SQL["end"], ws, id_, now)) == "UPDATE 1"


def _digest(keys: Keys, token: str) -> bytes:
    return blind(keys.index, "deal_form", token)
