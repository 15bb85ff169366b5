"""Granting: a standing approval is asked for by one member and confirmed by another (``changes``); stopping it takes one, at once."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import changes, lifecycles, standing
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ProgramPublished, StandingAsked, StandingStopped
from goodword.core.facts import Told
from goodword.core.state import Program


def asked(draft: Draft, event: StandingAsked, told: Told) -> None:
    """Ask a second member for it, who is another person. What was asked for in that program before and is still open is withdrawn."""
    if event.program is None:
        draft.say(refused("command", "program_required"))
        return
    refusal = standing.unfit(draft, event.document, event.standing, event.program)
    if refusal is not None:
        draft.say(refusal)
        return
    rail = standing.rail_problem(standing.read(event.document), event.kinds, manual=event.manual)
    if rail is not None:
        draft.say(refused("command", "standing_invalid", standing.mistold(*rail)))
        return
    newest = draft.need(Program, event.program).newest
    if newest != event.rules:  # published meanwhile, by somebody who may not be among the authors
        step = Step("changed", {"item": event.program, "field": "rules", "was": event.rules, "now": newest})
        draft.say(refused("command", "item_changed", step, subject=event.program))
        return
    by = told.need_actor().id
    if standing.wrote(draft, event.authors, by):
        draft.say(standing.author(by))
        return
    changes.end(draft, event.program)
    to = {"standing": event.standing, "document": event.document, "authors": list(event.authors)}
    step = changes.ask(draft, "standing", event.program, to, by)
    said = Verdict(about="command", outcome="second_person_needed", program=event.program, subject=event.standing)
    draft.say(replace(said, steps=(step,)))


def stopped(draft: Draft, event: StandingStopped, told: Told) -> None:
    """Let it cover nothing from now on."""
    it = standing.find(draft, event.standing)
    if it is None:
        draft.say(refused("command", "not_found", subject=event.standing))
        return
    if not lifecycles.may_move("standing", it.status, "stopped"):
        step = Step("status", {"status": it.status, "to": "stopped"})
        draft.say(refused("command", "wrong_state", step, subject=it.id))
        return
    standing.stop(draft, it, event.reason, told.need_actor().id)


def published(draft: Draft, event: ProgramPublished, told: Told) -> None:
    """Rules were published: whoever wrote them grants nothing under them, neither before nor what is still asked for."""
    program = next((it for it in draft.programs() if it.slug == event.slug), None)
    if program is None or (Program, program.id) not in draft.puts or program.id not in draft.state.tables[Program]:
        return  # refused, or new: nothing was asked for in it
    changes.end(draft, program.id)
    standing.published(draft, program.id, told.need_actor().id)
