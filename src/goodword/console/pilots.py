"""The pilot of a program: who it is for first, the report of each candidate, and the decision that follows."""

from __future__ import annotations

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.say.pilots import Chosen, Decided
from goodword.app.see.pilots import Beginning, Failure, Report
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Read, Visit
from goodword.core import pilots
from goodword.core.state import Pilot

_NOTE = 2_000
_NAMES = 40_000  # characters of a list of advocates


class Cycle(Struct, frozen=True):
    """A cycle with who is in, in words, and who said so."""

    it: Pilot
    who: str
    by: str | None


class OnePilot(Struct, frozen=True):
    """The page of a program's pilot. ``report``: None where there was none; ``is_own``: the reader said who is in."""

    beginning: Beginning
    report: Report | None
    cycles: list[Cycle]
    failures: list[Failure]
    after: str | None
    ways: tuple[str, ...]
    may: bool
    is_own: bool


async def shown(visit: Visit) -> OnePilot:
    """Return the page."""
    program = visit.named("program")
    beginning = await visit.read(see.pilots.beginning, program)
    report = await visit.read(see.pilots.report, program) if beginning.has else None
    after = visit.asked("after") or ""
    found = (
        await visit.read(see.pilots.failures, program, after=after, limit=LIMIT)
        if report is not None and (report.failing or after)
        else None
    )
    cycles = report.cycles if report is not None else ()
    return OnePilot(
        beginning,
        report,
        [Cycle(it, words.pilots.told(it.who), report.mails.get(it.by) if report else None) for it in cycles],
        list(found.items) if found is not None else [],
        found.after if found is not None else None,
        pilots.WAYS,
        visit.may(say.pilots.start),
        bool(cycles) and cycles[-1].by == visit.who.actor.id,
    )


def _chosen(form: Form) -> Chosen:
    names = (form.text("advocates", _NAMES) or "").splitlines()
    return Chosen(advocates=names, ways=form.several("way"), share=form.text("share", 12))


async def start(visit: Visit, form: Form) -> str:
    """Let it run for some first."""
    program = visit.named("program")
    await visit.say(say.pilots.start, program, _chosen(form), form.once)
    return f"/programs/{program}/pilot?done=pilot_started"


async def decide(visit: Visit, form: Form) -> str:
    """Say what follows."""
    program, outcome = visit.named("program"), form.need("outcome", 20)
    chosen = _chosen(form) if outcome == "enlarged" else Chosen()
    report, note = form.text("sha256", 64), form.text("note", _NOTE)
    decided = Decided(outcome=outcome, note=note, report=report, chosen=chosen)
    await visit.say(say.pilots.decide, program, decided, form.once)
    return f"/programs/{program}/pilot?done=pilot_{outcome}"


_PAGE = Read("/programs/{program}/pilot", "/programs", see.pilots.beginning, "programs/pilot.html", shown)
READS = (_PAGE,)
ACTS = (
    Act("/programs/{program}/pilot", _PAGE, say.pilots.start, start),
    Act("/programs/{program}/pilot/decision", _PAGE, say.pilots.decide, decide),
)
