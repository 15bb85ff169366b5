"""The clock of a sandbox: what it shows, and moving it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core import calendar

#: How far the buttons move it, in words and microseconds.
STEPS = (("1 day", calendar.DAY), ("7 days", 7 * calendar.DAY), ("30 days", 30 * calendar.DAY))


class Clock(Struct, frozen=True):
    """The clock. ``moves``: whether it is moved by hand, by whoever may; ``steps``: buttons and the instants that they move it to."""

    now_at: int
    clock: str
    moves: bool
    steps: list[tuple[str, str]]


async def shown(visit: Visit) -> Clock:
    """Return what the clock shows."""
    now, workspace = await visit.read(see.clock.now), visit.who.workspace
    steps = [(words, calendar.text(now + step)) for words, step in STEPS]
    moves = workspace.clock == "manual" and workspace.mode == "sandbox" and visit.may(say.clock.move)
    return Clock(now, workspace.clock, moves, steps)


async def move(visit: Visit, form: Form) -> str:
    """Move it to the instant of the button that was pressed, or to the one that was typed."""
    try:
        to = calendar.parse(form.text("step", 40) or _with_zone(form.need("to", 40)))
    except ValueError as error:
        raise InvalidError("Write the instant as 2026-05-01T00:00.", "to") from error
    await visit.say(say.clock.move, to, form.once)
    return "/clock?done=clock_moved"


def _with_zone(typed: str) -> str:
    """A browser's field gives no zone: it is UTC, as all that is shown."""
    return typed if typed.endswith("Z") else f"{typed}:00Z" if typed.count(":") == 1 else f"{typed}Z"


_PAGE = Read("/clock", "", see.clock.now, "clock/detail.html", shown)
READS = (_PAGE,)
ACTS = (Act("/clock", _PAGE, say.clock.move, move),)
