"""The system of the company's own that books rewards: which it is, what waits for it, and its secret, which is shown once."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.own_system import OwnSystem
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.outbound.rails.own import SYSTEMS

_PATH = "/settings/own-system"


class Page(Struct, frozen=True):
    """The system; None: none was named. ``kinds``: how it may be called; ``signed``: it gets requests that a secret of ours signs."""

    it: OwnSystem | None
    kinds: list[str]
    signed: bool
    manages: bool


class Made(Struct, frozen=True):
    """A secret, which is shown this once. ``again``: there was one before."""

    secret: str
    again: bool = False


async def shown(visit: Visit) -> Page:
    """Return the page."""
    it = await visit.read(see.own_system.one)
    signed = it is not None and SYSTEMS[it.kind].key is None
    return Page(it, [*SYSTEMS], signed, visit.may(say.own_system.connect))


async def connect(visit: Visit, form: Form) -> str | Made:
    """Name one."""
    said = {"address": form.text("address", 2_000) or "", "key": form.text("key", 500) or ""}
    same = "same_system" in form.fields
    secret = await visit.read(say.own_system.connect, form.need("kind", 40), **said, same_system=same)
    return Made(secret) if secret is not None else f"{_PATH}?done=own_system_set"


async def exchange(visit: Visit, form: Form) -> Made:
    """Make a new secret."""
    return Made(await visit.read(say.own_system.exchange, form.once), again=True)


async def end(visit: Visit, _: Form) -> str:
    """Name none any more."""
    await visit.read(say.own_system.end)
    return f"{_PATH}?done=own_system_ended"


_PAGE = Read(_PATH, _PATH, see.own_system.one, "own_system/detail.html", shown)
READS = (_PAGE,)
ACTS = (
    Act(_PATH, _PAGE, say.own_system.connect, connect, "own_system/made.html"),
    Act(f"{_PATH}/secret", _PAGE, say.own_system.exchange, exchange, "own_system/made.html"),
    Act(f"{_PATH}/end", _PAGE, say.own_system.end, end),
)
