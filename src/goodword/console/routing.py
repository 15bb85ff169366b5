"""Routing: who decides which reward, and by when: the table that holds, its versions and what each changed, what waits."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.see.routing import Figures, Version, Whole
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.sources.routing_file import RoutingFileErrors

_MOST = 65_536  # bytes of a file
_DIGITS = 6
_EXAMPLE = """\
routes:
  - name: large
    kinds: [cash]
    at_least: {EUR: 100000}
    role: owner
    fallback: %(member)s
    days: 3
  - name: rest
    role: approver
    fallback: %(member)s
    days: 7
"""


class Routing(Struct, frozen=True):
    """All of it, and which version is shown: the one that holds, unless another is asked for. ``draft``: what the form begins with."""

    whole: Whole
    version: Version | None
    draft: str
    figures: Figures | None


async def shown(visit: Visit) -> Routing:
    """Return the page."""
    whole = await visit.read(see.routing.whole)
    asked = visit.asked("version")
    if asked is not None and (not asked.isdecimal() or len(asked) > _DIGITS):
        raise InvalidError("Expected the number of a version.", "version")
    version = next((it for it in whole.versions if asked is None or it.number == int(asked)), None)
    if asked is not None and version is None:
        raise InvalidError("There is no such version.", "version")
    example = _EXAMPLE % {"member": visit.caller.mail or visit.caller.member}
    figures = await visit.glance(see.routing.figures)
    return Routing(whole, version, whole.versions[0].file if whole.versions else example, figures)


async def publish(visit: Visit, form: Form) -> str:
    """Publish the table that was typed."""
    try:
        entry = await visit.say(say.routing.publish, form.need("document", _MOST).encode(), "routing.yaml", form.once)
    except RoutingFileErrors as error:
        raise InvalidError(str(error), "document") from error
    waits = any(verdict.outcome == "second_person_needed" for verdict in entry.verdicts)
    return f"/settings/routing?done={'routing_waits' if waits else 'routing_published'}"


async def answer(visit: Visit, form: Form) -> str:
    """Confirm, decline or withdraw a table that another owner asked for."""
    outcome = form.need("outcome", 20)
    await visit.say(say.changes.answer, visit.named("change"), outcome, form.once)
    return f"/settings/routing?done=change_{outcome}"


_PAGE = Read("/settings/routing", "/settings/routing", see.routing.whole, "routing/detail.html", shown)
READS = (_PAGE,)
ACTS = (
    Act("/settings/routing", _PAGE, say.routing.publish, publish),
    Act("/settings/routing/changes/{change}", _PAGE, say.changes.answer, answer),
)
