"""Programs: rule versions take effect, programs are paused and ended. How one goes live: ``launching``."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from goodword.core import lifecycles, rule_checks, rules
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ProgramMoved, ProgramPublished
from goodword.core.state import Program

_STEPS = 20  # problems that a refusal tells; what reads a file tells all of them before


def published(draft: Draft, event: ProgramPublished) -> None:
    """The version takes effect now and never for earlier touches. The first one makes the program."""
    try:
        version = rules.version(event.document, draft.semantics)
    except msgspec.DecodeError as error:  # also a text that is valid JSON and no rules
        draft.say(refused("command", "rules_invalid", Step("problem", {"path": "", "expected": str(error)[:200]})))
        return
    problems = rule_checks.problems(version.rules, draft.as_of, draft.semantics)
    if version.hash != event.rules or version.rules.program != event.slug or problems:
        told = [Step("problem", {"path": problem.path, "expected": problem.expected}) for problem in problems[:_STEPS]]
        draft.say(refused("command", "rules_invalid", *(told or [Step("problem", {"path": "rules"})])))
        return
    before = next((program for program in draft.programs() if program.slug == event.slug), None)
    program = before or _new(draft, event)
    if program.status == "ended":
        draft.say(refused("command", "program_ended", program=program.id))
        return
    if not program.versions or program.versions[-1][1] != version.hash:
        program = replace(program, versions=(*program.versions, (draft.as_of, version.hash)))
    draft.put(program)
    draft.published = (version,)
    values: dict[str, object] = {"rules": version.hash, "from": draft.as_of, "semantics": version.semantics}
    if program.status == "draft":
        values["status"] = program.status
    if event.terms:
        values["terms"] = {name: rules.terms_digest(version.hash, text) for name, text in sorted(event.terms.items())}
    draft.say(
        Verdict(
            about="command",
            outcome="published",
            program=program.id,
            subject=program.id,
            steps=(Step("version", values),),
        )
    )


def _new(draft: Draft, event: ProgramPublished) -> Program:
    """In a live workspace nothing is referred by a program before it is launched."""
    status, moves = ("draft", ((draft.as_of, "draft"),)) if event.gated else ("active", ())
    return Program(id=draft.id("prg", event.slug), slug=event.slug, status=status, moves=moves)


def moved(draft: Draft, event: ProgramMoved) -> None:
    """Paused: no new touches, running referrals go on. Ended: only refunds, chargebacks and open rewards go on.

    Both hold for what happens from then on.
    """
    program = draft.get(Program, event.program) if event.program is not None else None
    if program is None:
        draft.say(refused("command", "program_required"))
        return
    if program.status == "draft" and event.to == "active":  # that takes the gate (``launching``)
        draft.say(refused("command", "program_not_live", program=program.id, subject=program.id))
        return
    if event.to not in lifecycles.LIFECYCLES["program"] or not lifecycles.may_move("program", program.status, event.to):
        step = Step("status", {"status": program.status, "to": event.to})
        draft.say(refused("command", "wrong_state", step, program=program.id))
        return
    draft.put(replace(program, status=event.to, moves=(*program.moves, (draft.as_of, event.to))))
    draft.say(Verdict(about="command", outcome=event.to, program=program.id, subject=program.id))
