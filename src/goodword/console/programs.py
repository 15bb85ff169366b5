"""Programs: the list, and one: whether it is ready, its rules in words and as a file, its versions with their changes, its budget."""

from __future__ import annotations

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.say.programs import Wanted
from goodword.app.see.launching import Readiness
from goodword.app.see.programs import Whole
from goodword.app.see.publications import Told
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core.launching import MEASURES
from goodword.core.state import Program

_DIGITS = 6


class Programs(Struct, frozen=True):
    """All of them, the oldest first."""

    programs: list[Program]


async def listed(visit: Visit) -> Programs:
    """Return the list."""
    return Programs(await visit.read(see.programs.every))


class One(Struct, frozen=True):
    """A program with one of its versions, and whether it is ready to go live. ``names``: of members who could answer for it.

    ``measures``: what can be watched, by code; ``known``: all members, as what is said of them names them.
    """

    it: Whole
    gate: Readiness
    names: dict[str, str]
    measures: dict[str, str]
    known: dict[str, str]


async def one(visit: Visit) -> One:
    """Return a program with one of its versions."""
    version, against = _number(visit, "version"), _number(visit, "against")
    it = await visit.read(see.programs.whole, visit.named("program"), version, against)
    gate = await visit.read(see.launching.readiness, it.program.id)
    members = await visit.glance(see.members.every) or []
    known = {one.member.id: one.mail or one.member.id for one in members}
    names = {id_: name for id_, name in known.items() if id_ in gate.members}
    return One(it, gate, names, {code: words.launching.measure(code) for code in MEASURES}, known)


async def launch(visit: Visit, form: Form) -> str:
    """Let a program go live, or say anew what goes with it."""
    hours, every = form.need("hours", 3), form.need("every", 2)
    if not (hours.isascii() and hours.isdigit() and every.isascii() and every.isdigit()):
        raise InvalidError("Hours and days: whole numbers.", "hours")
    program = visit.named("program")
    wanted = Wanted(
        program=program,
        owner=form.text("owner", 64) or "",
        trigger=form.text("trigger", 64) or "",
        billing=form.text("billing", 64) or "",
        hours=int(hours),
        evidence=form.text("evidence", 64) or "",
        measures=tuple(dict.fromkeys(form.several("measure"))),
        every=int(every),
        looks=form.text("looks", 64) or "",
    )
    await visit.say(say.programs.launch, wanted, form.once)
    return f"/programs/{program}?done=launched"


async def terms(visit: Visit) -> Told:
    """Return the terms of a program by one of its versions."""
    return await visit.read(see.terms.of, visit.named("program"), _number(visit, "version"))


def _number(visit: Visit, name: str) -> int | None:
    text = visit.asked(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidError("Expected the number of a version.", name)
    return int(text)


_PAGE = Read("/programs/{program}", "/programs", see.programs.whole, "programs/detail.html", one)
READS = (
    Read("/programs", "/programs", see.programs.every, "programs/list.html", listed),
    Read("/programs/{program}/terms", "/programs", see.terms.of, "programs/terms.html", terms),
    _PAGE,
)
ACTS = (Act("/programs/{program}/launch", _PAGE, say.programs.launch, launch),)
