"""Sources: did it arrive, what means nothing here, has it gone silent, how a client is pointed at it, what signs it, what it means."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.see.crm import Crm, Record
from goodword.app.see.keys import Key
from goodword.app.see.mappings import MOST_DAYS, Kept, Mapping, Preview
from goodword.app.see.matches import Matched
from goodword.app.see.sources import Source, Whole
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core import calendar
from goodword.outbound.crm import CRMS
from goodword.sources.registry import feed
from goodword.sources.segment.event_file import MappingFileErrors

_SAMPLE: Final = 400_000  # characters of a sample, and bytes of the form that carries it
_FORM: Final = 1 << 20
_DIGITS: Final = 6
_REFUSED: Final = 50
_MATCHED: Final = 5
_CRMS: Final = frozenset({*CRMS, "crm"})  # also one to which nothing is written
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
    """A source. ``usual`` and ``allowed``: in words; ``treated``: fields by what becomes of them. ``url``: this server's address.

    ``urls``: where it sends to. ``secrets``: what is held of it, the newest first, never their texts; None: the reader may not see
    keys. ``may``: hold and end them. ``written``: of a CRM, what is written to its records; None: it is none, or the reader may not see
    it. ``matched``: of a CRM, its contacts that were told of last, with what they may have come by. ``mapping``, ``kept``: of a source
    that the workspace may map itself, its mapping and what is kept of its deliveries.
    """

    whole: Whole
    usual: str | None
    allowed: str | None
    treated: dict[str, list[str]]
    url: str
    urls: list[str]
    secrets: list[Key] | None
    may: bool
    written: Written | None
    mapping: Mapping | None = None
    kept: Kept | None = None
    matched: list[Matched] | None = None
    may_match: bool = False


class Own(Struct, frozen=True):
    """A workspace's own mapping of a source. ``text``: what stands in the form; ``wrong``: lines that say what is wrong in it.

    ``days``: most for which deliveries may be kept; ``preview``: what the text would make of what is kept, or of ``sample``.
    """

    mapping: Mapping
    kept: Kept
    text: str
    manages: bool
    days: int
    wrong: list[str] = []
    sample: str = ""
    preview: Preview | None = None


async def listed(visit: Visit) -> Sources:
    """Return all sources."""
    found = await visit.read(see.sources.every)
    return Sources(found, sum(it.silent for it in found))


async def one(visit: Visit) -> One:
    """Return one source."""
    whole = await visit.read(see.sources.one, visit.named("source"))
    treated = {how: [it.path for it in whole.fields if it.how == how] for how in _TREATED}
    it, url, may_map = whole.source, visit.directory.engine.url, _may_map(whole.source.source)
    keys = (await visit.glance(see.keys.every) or []) if it.way.signs and visit.may(see.keys.every) else None
    held = None if keys is None else [key for key in keys[::-1] if key.source == it.way.feed and not key.revoked_at]
    return One(
        whole,
        length(it.usual) if it.usual is not None else None,
        length(it.allowed) if it.allowed is not None else None,
        {how: paths for how, paths in treated.items() if paths},
        url,
        [url + path.replace("{workspace}", visit.who.workspace.id) for path in it.way.paths],
        held,
        visit.may(say.keys.hook),
        await _written(visit, it.way.feed),
        await visit.read(see.mappings.one, it.source) if may_map else None,
        await visit.read(see.mappings.keeping, it.source) if may_map else None,
        await _matched(visit, it.way.feed),
        visit.may(say.matches.confirm),
    )


def _may_map(name: str) -> bool:
    source = feed(name)
    return source is not None and source.own is not None


async def own(visit: Visit) -> Own:
    """Return the mapping of a source, the newest version or the one that the address names."""
    asked = visit.asked("version") or "0"
    if not asked.isdecimal() or len(asked) > _DIGITS:
        raise InvalidError("Expected the number of a version.", "version")
    mapping = await visit.read(see.mappings.one, visit.named("source"), int(asked))
    return await _own(visit, mapping, mapping.text)


async def _own(visit: Visit, mapping: Mapping, text: str, **more: Any) -> Own:
    kept = await visit.read(see.mappings.keeping, visit.named("source"))
    return Own(mapping, kept, text, visit.may(say.mappings.publish), MOST_DAYS, **more)


async def tried(visit: Visit, form: Form) -> Own:
    """Return what a file would make of what is kept, or of a sample; or what is wrong in it."""
    text, sample = _file(form), form.text("sample", _SAMPLE)
    mapping = await visit.read(see.mappings.one, visit.named("source"))
    try:
        found = await visit.read(see.mappings.preview, visit.named("source"), text, sample=sample)
    except MappingFileErrors as error:
        return await _own(visit, mapping, text, wrong=_lines(error), sample=sample or "")
    return await _own(visit, mapping, text, sample=sample or "", preview=found)


async def publish(visit: Visit, form: Form) -> str | Own:
    """Publish a file, or return what is wrong in it."""
    text, source = _file(form), visit.named("source")
    mapping = await visit.read(see.mappings.one, source)
    newest = mapping.versions[0].version if mapping.versions else 0
    if (form.text("newest", _DIGITS) or str(newest)) != str(newest):
        raise ConflictError(
            "mapping_changed", f"Somebody published version {newest} since you opened this: look at it first."
        )
    try:
        hash_ = await visit.read(say.mappings.publish, source, text, once=form.once)
    except MappingFileErrors as error:
        return await _own(visit, mapping, text, wrong=_lines(error), sample=form.typed.get("sample", ""))
    return _back(visit, "mapping_same" if hash_ == mapping.hash else "mapping_published")


async def end(visit: Visit, form: Form) -> str:
    """Have the source read without a mapping."""
    await visit.read(say.mappings.end, visit.named("source"), once=form.once)
    return _back(visit, "mapping_ended")


async def keep(visit: Visit, form: Form) -> str:
    """Say for how many days deliveries are kept."""
    days = form.need("days", 2)
    if not days.isdecimal():
        raise InvalidError(f"Expected 0 to {MOST_DAYS} days.", "days")
    await visit.read(say.mappings.keep, visit.named("source"), int(days), once=form.once)
    return _back(visit, "deliveries_kept")


async def resend(visit: Visit, form: Form) -> str:
    """Send again what is kept."""
    await visit.read(say.mappings.resend, visit.named("source"), form.day("since"), once=form.once)
    return _back(visit, "deliveries_resent")


def _file(form: Form) -> str:
    return "\n".join(form.need("text", say.mappings.MOST).splitlines()) + "\n"


def _lines(error: MappingFileErrors) -> list[str]:
    return [line.strip() for line in str(error).splitlines()[1:]]


def _back(visit: Visit, done: str) -> str:
    return f"/sources/{visit.named('source')}/mapping?done={done}"


async def _matched(visit: Visit, source: str) -> list[Matched] | None:
    found = await visit.glance(see.matches.page, source=source, limit=_MATCHED) if source in _CRMS else None
    return None if found is None else list(found.items)


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


async def write_again(visit: Visit, _: Form) -> str:
    """Write once more what a CRM refused."""
    await visit.read(say.crm.again, visit.named("source"))
    return f"/sources/{visit.named('source')}?done=crm_again"


async def hold(visit: Visit, form: Form) -> str:
    """Hold a secret that another system made."""
    whole = await visit.read(see.sources.one, visit.named("source"))
    feed = whole.source.way.feed
    await visit.read(say.keys.hook, feed, form.need("secret", 255), name=form.text("name", 100) or "")
    return f"/sources/{visit.named('source')}?done=secret_held"


async def end_secret(visit: Visit, _: Form) -> str:
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
_OWN = Read("/sources/{source}/mapping", "/sources", see.mappings.one, "sources/mapping.html", own)
READS = (Read("/sources", "/sources", see.sources.every, "sources/list.html", listed), _ONE, _OWN)
ACTS = (
    Act("/sources/{source}/secrets", _ONE, say.keys.hook, hold),
    Act("/sources/{source}/secrets/{key}/end", _ONE, say.keys.revoke, end_secret),
    Act("/sources/{source}/crm", _ONE, say.crm.connect, connect),
    Act("/sources/{source}/crm/end", _ONE, say.crm.end, disconnect),
    Act("/sources/{source}/crm/again", _ONE, say.crm.again, write_again),
    Act(_OWN.path, _OWN, say.mappings.publish, publish, _OWN.template, _FORM),
    Act(f"{_OWN.path}/preview", _OWN, see.mappings.preview, tried, _OWN.template, _FORM),
    Act(f"{_OWN.path}/end", _OWN, say.mappings.end, end),
    Act(f"{_OWN.path}/keep", _OWN, say.mappings.keep, keep),
    Act(f"{_OWN.path}/resend", _OWN, say.mappings.resend, resend),
)
