"""Schedules: on which days drafts are made, what the last run gathered, what the next would hold; set, changed, stopped."""

from __future__ import annotations

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.say.schedules import Days
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.console.payouts import Line, line_of
from goodword.core.schedules import EVERY, HOURS
from goodword.core.state import Schedule


class Row(Struct, frozen=True):
    """A schedule. ``days``: in words; ``program``: its slug, None: all; ``by``: the mail of who said so last, where it may be seen."""

    it: Schedule
    days: str
    program: str | None
    by: str | None


class Schedules(Struct, frozen=True):
    """All of them. ``coming``: whose next run is shown, with its ``lines`` and what it would ``send``; ``changing``: in the form."""

    rows: list[Row]
    coming: Row | None
    lines: list[Line]
    send: int
    changing: Schedule | None
    rails: list[str]
    units: list[str]
    programs: list[str]
    every: list[str]
    hours: int


async def shown(visit: Visit) -> Schedules:
    """Return the page."""
    slugs = {it.id: it.slug for it in await visit.glance(see.programs.every) or []}
    mails = {one.member.id: one.mail for one in await visit.glance(see.members.every) or []}
    rows = [_row(it, slugs, mails) for it in await visit.read(see.schedules.every)]
    of = {row.it.id: row for row in rows}
    coming, lines = of.get(visit.asked("next") or ""), list[Line]()
    if coming is not None and coming.it.next_at is not None and visit.may(say.payouts.coming):
        preview = await visit.read(say.payouts.coming, coming.it.id)
        lines = sorted(
            (line_of(*line, slugs) for line in preview.lines),
            key=lambda it: (bool(it.refusal), -it.amount, it.payee.id),
        )
    changing = of.get(visit.asked("change") or "")
    return Schedules(
        rows=rows,
        coming=coming,
        lines=lines,
        send=sum(line.amount for line in lines),
        changing=None if changing is None else changing.it,
        rails=await visit.read(see.rails.usable),
        units=await _units(visit),
        programs=sorted(slugs.values()),
        every=[*EVERY],
        hours=HOURS,
    )


async def _units(visit: Visit) -> list[str]:
    """Return the units in which anything was ever owed, the most first."""
    overview = await visit.glance(see.reports.overview)
    held = {unit: held for unit, kind, held in (overview.accounts if overview else ()) if kind == "payable"}
    return sorted(held, key=lambda unit: (-held[unit], unit)) or ["EUR"]


def _row(it: Schedule, slugs: dict[str, str], mails: dict[str, str | None]) -> Row:
    plan, program = it.plan, None if it.program is None else slugs.get(it.program, it.program)
    days = words.schedules.days(plan.every, plan.on, plan.hour, plan.timezone)
    return Row(it, days[:1].upper() + days[1:], program, mails.get(it.by))


async def keep(visit: Visit, form: Form) -> str:
    """Set one, or change one."""
    days = Days(
        rail=form.need("rail", 40),
        unit=form.need("unit", 60),
        every=form.need("every", 10),
        on=tuple(_number(text, "on") for text in (form.text("on", 100) or "").replace(" ", "").split(",") if text),
        hour=_number(form.need("hour", 2), "hour"),
        program=form.text("program", 64),
        timezone=form.text("timezone", 64),
    )
    if days.rail not in await visit.read(see.rails.every):
        raise InvalidError("Choose a rail.", "rail")
    await visit.say(say.schedules.keep, days, form.text("schedule", 64), form.once)
    return "/payouts/schedules?done=schedule_set"


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InvalidError(f"{name}: a whole number.", name)
    return int(text)


async def stop(visit: Visit, form: Form) -> str:
    """Stop one."""
    await visit.say(say.schedules.stop, visit.named("schedule"), form.once)
    return "/payouts/schedules?done=schedule_stopped"


_PAGE = Read("/payouts/schedules", "/payouts", see.schedules.every, "payouts/schedules.html", shown)
READS = (_PAGE,)
ACTS = (
    Act("/payouts/schedules", _PAGE, say.schedules.keep, keep),
    Act("/payouts/schedules/{schedule}/stop", _PAGE, say.schedules.stop, stop),
)
