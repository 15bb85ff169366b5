"""Sources: did it arrive, what of it means nothing here, has it gone silent, how a client is pointed at it, and what it signs with."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.crm import Crm, Record
from goodword.app.see.keys import Key
from goodword.app.see.sources import Source, Whole
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core import calendar
from goodword.outbound.crm import CRMS

_REFUSED = 50
_TREATED = ("used", "named", "checked", "personal", "ignored")


class Sources(Struct, frozen=True):
    """All sources, the last that delivered first. ``silent``: how many have gone silent."""

    sources: list[Source]
    silent: int


class Written(Struct, frozen=True):
    """What is written to a CRM, None: nothing yet; ``refused``: the newest records that it refused, each of which needs a person.

    ``may``: say how it is written to; ``again``: have written once more what was refused.
    """

    crm: Crm | None
    refused: list[Record]
    may: bool
    again: bool


class One(Struct, frozen=True):
    """A source. ``usual`` and ``allowed``: in words; ``treated``: fields by what becomes of them. ``urls``: where it sends to.

    ``secrets``: what is held of it, the newest first, never their texts; None: the reader may not see keys. ``may``: hold and end them.
    ``written``: of a CRM, what is written to its records; None: it is none, or the reader may not see it.
    """

    whole: Whole
    usual: str | None
    allowed: str | None
    treated: dict[str, list[str]]
    urls: list[str]
    secrets: list[Key] | None
    may: bool
    written: Written | None


async def listed(visit: Visit) -> Sources:
    """Return all sources."""
    found = await visit.read(see.sources.every)
    return Sources(found, sum(it.silent for it in found))


async def one(visit: Visit) -> One:
    """Return one source."""
    whole = await visit.read(see.sources.one, visit.named("source"))
    treated = {how: [it.path for it in whole.fields if it.how == how] for how in _TREATED}
    it, url = whole.source, visit.directory.engine.url
    keys = (await visit.glance(see.keys.every) or []) if it.way.signs and visit.may(see.keys.every) else None
    held = None if keys is None else [key for key in keys[::-1] if key.source == it.way.feed and not key.revoked_at]
    return One(
        whole,
        length(it.usual) if it.usual is not None else None,
        length(it.allowed) if it.allowed is not None else None,
        {how: paths for how, paths in treated.items() if paths},
        [url + path.replace("{workspace}", visit.who.workspace.id) for path in it.way.paths],
        held,
        visit.may(say.keys.hook),
        await _written(visit, it.way.feed),
    )


async def _written(visit: Visit, source: str) -> Written | None:
    if source not in CRMS or not visit.may(see.crm.every):
        return None
    crm = next((it for it in await visit.read(see.crm.every) if it.source == source), None)
    refused = await visit.read(see.crm.records, source, limit=_REFUSED) if crm is not None and crm.refused else []
    return Written(crm, refused, visit.may(say.crm.connect), visit.may(say.crm.again))


async def connect(visit: Visit, form: Form) -> str:
    """Have a CRM written to, or say otherwise who recommended; what its fields are called stays."""
    source = visit.named("source")
    known = next((it for it in await visit.read(see.crm.every) if it.source == source), None)
    fields, site = (known.fields, known.site) if known is not None else (None, "")
    await visit.read(say.crm.connect, source, referrer=form.need("referrer", 20), fields=fields, site=site)
    return f"/sources/{source}?done=crm_connected"


async def disconnect(visit: Visit, _: Form) -> str:
    """Write to a CRM no more."""
    await visit.read(say.crm.end, visit.named("source"))
    return f"/sources/{visit.named('source')}?done=crm_ended"


async def again(visit: Visit, _: Form) -> str:
    """Write once more what a CRM refused."""
    await visit.read(say.crm.again, visit.named("source"))
    return f"/sources/{visit.named('source')}?done=crm_again"


async def hold(visit: Visit, form: Form) -> str:
    """Hold a secret that another system made."""
    whole = await visit.read(see.sources.one, visit.named("source"))
    feed = whole.source.way.feed
    await visit.read(say.keys.hook, feed, form.need("secret", 255), name=form.text("name", 100) or "")
    return f"/sources/{visit.named('source')}?done=secret_held"


async def end(visit: Visit, _: Form) -> str:
    """End one."""
    await visit.read(say.keys.revoke, visit.named("key"))
    return f"/sources/{visit.named('source')}?done=secret_ended"


def length(time: int) -> str:
    """Return how long a time is, in the unit that fits it: ``40 minutes``."""
    for unit, of, least in (("day", calendar.DAY, 2), ("hour", calendar.HOUR, 2), ("minute", calendar.MINUTE, 0)):
        if time >= least * of:
            count = max(1, round(time / of))
            return f"{count} {unit}{'s' if count > 1 else ''}"
    raise AssertionError("no time is less than nothing")


_ONE = Read("/sources/{source}", "/sources", see.sources.one, "sources/detail.html", one)
READS = (Read("/sources", "/sources", see.sources.every, "sources/list.html", listed), _ONE)
ACTS = (
    Act("/sources/{source}/secrets", _ONE, say.keys.hook, hold),
    Act("/sources/{source}/secrets/{key}/end", _ONE, say.keys.revoke, end),
    Act("/sources/{source}/crm", _ONE, say.crm.connect, connect),
    Act("/sources/{source}/crm/end", _ONE, say.crm.end, disconnect),
    Act("/sources/{source}/crm/again", _ONE, say.crm.again, again),
)
