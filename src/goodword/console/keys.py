"""API keys: which there are; made and exchanged, their texts shown once; ended."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.see.keys import Key
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit

_ENDED = 50  # of those that have ended, the newest


class Keys(Struct, frozen=True):
    """Those that work, the newest first, and the last that have ended. ``names``: mails by member, of personal ones."""

    keys: list[Key]
    ended: list[Key]
    names: dict[str, str]
    kinds: list[str]
    may: bool


class Made(Struct, frozen=True):
    """A key and its text, which is shown this once. ``instead``: the id of the one that it took the place of."""

    id: str
    key: str
    instead: str | None = None


async def listed(visit: Visit) -> Keys:
    """Return the list."""
    every = (await visit.read(see.keys.every))[::-1]
    live = [key for key in every if key.revoked_at is None]
    ended = sorted((key for key in every if key.revoked_at), key=lambda key: -(key.revoked_at or 0))[:_ENDED]
    members = await visit.glance(see.members.every) or []
    names = {each.member.id: each.mail for each in members if each.mail is not None}
    return Keys(live, ended, names, list(say.keys.KINDS), visit.may(say.keys.make))


async def make(visit: Visit, form: Form) -> Made:
    """Make one."""
    kind = next((kind for kind in say.keys.KINDS if kind == form.need("kind", 6)), None)
    if kind is None:
        raise InvalidError("There is no such kind of key.", "kind")
    member = visit.caller.member if kind == "mk" else None
    made = await visit.read(say.keys.make, kind, member=member, name=form.text("name", 100) or "", once=form.once)
    return Made(*made)


async def rotate(visit: Visit, form: Form) -> Made:
    """Make one like another, and end that."""
    old = visit.named("key")
    return Made(*await visit.read(say.keys.rotate, old, form.once), old)


async def end(visit: Visit, _: Form) -> str:
    """End one."""
    await visit.read(say.keys.revoke, visit.named("key"))
    return "/settings/keys?done=key_ended"


_LIST = Read("/settings/keys", "/settings/keys", see.keys.every, "keys/list.html", listed)
READS = (_LIST,)
ACTS = (
    Act("/settings/keys", _LIST, say.keys.make, make, "keys/made.html"),
    Act("/settings/keys/{key}/rotate", _LIST, say.keys.rotate, rotate, "keys/made.html"),
    Act("/settings/keys/{key}/end", _LIST, say.keys.revoke, end),
)
