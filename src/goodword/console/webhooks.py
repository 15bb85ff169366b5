"""Webhooks: where what is decided is told, how far, and what came of it; secrets are shown once."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.see.webhooks import Delivery, Webhook
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Read, Visit
from goodword.core import calendar

_PATH = "/settings/webhooks"


class Webhooks(Struct, frozen=True):
    """The endpoints, and what one may be made of. ``kinds``: types that the reader may have sent; ``programs``: slugs by id."""

    webhooks: list[Webhook]
    kinds: list[str]
    programs: dict[str, str]
    may: bool


class One(Struct, frozen=True):
    """An endpoint with its deliveries, the newest first. ``sends``, ``manages``: whether the reader may do so."""

    it: Webhook
    deliveries: list[Delivery]
    after: str | None
    filters: dict[str, str | None]
    kinds: list[str]
    programs: dict[str, str]
    sends: bool
    manages: bool


class Made(Struct, frozen=True):
    """A secret, which is shown this once. ``again``: the endpoint had one before."""

    id: str
    secret: str
    again: bool = False


async def listed(visit: Visit) -> Webhooks:
    """Return the list."""
    return Webhooks(
        await visit.read(see.webhooks.every),
        await visit.read(see.webhooks.kinds),
        await _programs(visit),
        visit.may(say.webhooks.make),
    )


async def one(visit: Visit) -> One:
    """Return one."""
    id_, filters = visit.named("webhook"), visit.filters("state", "after")
    it = await visit.read(see.webhooks.one, id_)
    state, after = filters["state"], filters["after"] or ""
    page = await visit.read(see.webhooks.deliveries, id_, state=state, after=after, limit=LIMIT)
    return One(
        it,
        list(page.items),
        page.after,
        filters,
        await visit.read(see.webhooks.kinds),
        await _programs(visit),
        visit.may(say.webhooks.again),
        visit.may(say.webhooks.change),
    )


async def _programs(visit: Visit) -> dict[str, str]:
    return {it.id: it.slug for it in await visit.read(see.programs.every)}


async def make(visit: Visit, form: Form) -> Made:
    """Make one."""
    types = _ticked(form, "type.") or None
    said = {"description": form.text("description", 200) or "", "types": types, "programs": _ticked(form, "program.")}
    return Made(*await visit.read(say.webhooks.make, form.need("url"), **said, once=form.once))


async def change(visit: Visit, form: Form) -> str:
    """Change one: what the form shows is all of it."""
    types = _ticked(form, "type.")
    if not types:
        raise InvalidError("It gets nothing: tick a type at least, or pause it.", "types")
    said = {"description": form.text("description", 200) or "", "types": types, "programs": _ticked(form, "program.")}
    await visit.read(say.webhooks.change, visit.named("webhook"), url=form.need("url"), **said)
    return _back(visit, "webhook_set")


async def exchange(visit: Visit, form: Form) -> Made:
    """Make a new secret."""
    id_ = visit.named("webhook")
    return Made(id_, await visit.read(say.webhooks.exchange, id_, form.once), again=True)


async def end(visit: Visit, _: Form) -> str:
    """End one."""
    await visit.read(say.webhooks.end, visit.named("webhook"))
    return f"{_PATH}?done=webhook_ended"


async def move(visit: Visit, form: Form) -> str:
    """Pause one, or let it go on."""
    to = form.need("to", 10)
    await visit.read(say.webhooks.move, visit.named("webhook"), to)
    return _back(visit, f"webhook_{to}")


async def replay(visit: Visit, form: Form) -> str:
    """Tell one once more what was decided, from a position or a time on."""
    position, since = form.text("position", 15), form.text("since", 40)
    if position is not None and not position.isdecimal():
        raise InvalidError("Expected a position of the log, such as 1200.", "position")
    try:
        at = calendar.parse(since) if since is not None else None
    except ValueError:
        raise InvalidError("Expected a time such as 2026-11-29T08:00:00Z.", "since") from None
    where = int(position) if position is not None else None
    await visit.read(say.webhooks.replay, visit.named("webhook"), position=where, since=at)
    return _back(visit, "webhook_replay")


async def try_(visit: Visit, _: Form) -> str:
    """Send a test."""
    await visit.read(say.webhooks.try_, visit.named("webhook"))
    return _back(visit, "webhook_test")


async def again(visit: Visit, form: Form) -> str:
    """Send one delivery once more, or all that were given up."""
    await visit.read(say.webhooks.again, visit.named("webhook"), form.text("message", 64) or "")
    return _back(visit, "webhook_again")


def _ticked(form: Form, prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in form.fields if name.startswith(prefix)]


def _back(visit: Visit, done: str) -> str:
    return f"{_PATH}/{visit.named('webhook')}?done={done}"


_LIST = Read(_PATH, _PATH, see.webhooks.every, "webhooks/list.html", listed)
_ONE = Read(f"{_PATH}/{{webhook}}", _PATH, see.webhooks.one, "webhooks/detail.html", one)
READS = (_LIST, _ONE)
ACTS = (
    Act(_PATH, _LIST, say.webhooks.make, make, "webhooks/made.html"),
    Act(f"{_PATH}/{{webhook}}", _ONE, say.webhooks.change, change),
    Act(f"{_PATH}/{{webhook}}/secret", _ONE, say.webhooks.exchange, exchange, "webhooks/made.html"),
    Act(f"{_PATH}/{{webhook}}/end", _ONE, say.webhooks.end, end),
    Act(f"{_PATH}/{{webhook}}/move", _ONE, say.webhooks.move, move),
    Act(f"{_PATH}/{{webhook}}/replay", _ONE, say.webhooks.replay, replay),
    Act(f"{_PATH}/{{webhook}}/test", _ONE, say.webhooks.try_, try_),
    Act(f"{_PATH}/{{webhook}}/again", _ONE, say.webhooks.again, again),
)
