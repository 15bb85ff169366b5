"""Pilots: a program runs first for some, for one payout cycle; then a person who saw its report says whether it is for more.

For whom it is not, the program is as if it were paused: a touch of theirs binds nobody, by the time of the touch, and what is bound
stays. A pilot holds until somebody decides, also after its cycle is over. Must not know: the report, amounts.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from typing import Final

from msgspec.structs import replace

from goodword.core import calendar, hands
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import PilotDecided, PilotStarted
from goodword.core.facts import Told
from goodword.core.rules import Rules
from goodword.core.state import Pilot, Program, Who

#: How a touch came: by a click or a link's code, by a code that was typed, by an accepted registration of a deal.
WAYS: Final = ("link", "code", "deal")
#: So many advocates can be named: they stand in the program, which every decision reads.
MOST: Final = 500
#: So many cycles a program has.
CYCLES: Final = 100
_DRAWS: Final = 2**64
_LARGEST: Final = 1_000_000  # of a denominator


def cycle_ends(rules: Rules, begins: int) -> int:
    """Return when a payout cycle ends that begins at an instant: when what an order of that instant earns can be paid.

    It is held, approved and due as the calendar of payouts says; a month after the hold where all is due at once.
    """
    kept = begins + calendar.duration(rules.hold)
    due = rules.payouts.due(kept, rules.timezone)
    return due if due > kept else calendar.add_months(kept, 1, rules.timezone)


def draw(pilot: str, person: str) -> Fraction:
    """Return where a pilot draws somebody, from 0 up to, and without, 1: the same whenever it is asked.

    They are in each share that is larger, so that who is in stays in where it is enlarged. Ids are random, and so is this.
    """
    digest = hashlib.sha256(f"goodword pilot\n{pilot}\n{person}".encode()).digest()
    return Fraction(int.from_bytes(digest[:8]), _DRAWS)


def has(pilot: Pilot, person: str, way: str) -> bool:
    """Return whether a touch of an advocate that came so is in a pilot."""
    who = pilot.who
    return way in who.ways or person in who.persons or draw(pilot.id, person) < Fraction(*who.share)


def outside(program: Program, person: str, way: str, at: int) -> bool:
    """Return whether a pilot held at an instant, and what an advocate brought so was not in it."""
    pilot = program.pilot_at(at) if program.pilots else None
    return pilot is not None and not has(pilot, person, way)


def window(program: Program) -> tuple[tuple[Pilot, ...], int, int]:
    """Return the cycles of a program's newest pilot, and from when up to when the orders of its candidates happened.

    Raises IndexError for a program without one.
    """
    last = program.pilots[-1]
    cycles = tuple(cycle for cycle in program.pilots if cycle.id == last.id)
    return cycles, cycles[0].begins, last.ends


def started(draft: Draft, event: PilotStarted, told: Told) -> None:
    """Begin the first cycle: from now on only who is in brings anybody."""
    program = draft.get(Program, event.program) if event.program is not None else None
    if program is None:
        draft.say(refused("command", "program_required"))
        return
    who = Who(persons=event.persons, ways=event.ways, share=event.share)
    if program.status == "ended" or program.pilot is not None or not program.versions:
        status = "pilot" if program.pilot is not None else program.status
        draft.say(refused("command", "wrong_state", Step("pilot_state", {"status": status}), program=program.id))
        return
    problem = _problem(who)
    if problem is None and len(program.pilots) >= CYCLES:
        problem = "cycles"
    if problem is not None:
        draft.say(refused("command", "pilot_invalid", Step("pilot_wrong", {"what": problem}), program=program.id))
        return
    pilot = _cycle(draft, program, draft.id("plt", "pilot", program=program.id), who, told.need_actor().id)
    draft.put(replace(program, pilots=(*program.pilots, pilot)))
    _say(draft, program, "pilot_started", pilot)


def anew(draft: Draft, program: Program) -> tuple[Pilot, ...]:
    """Return the cycles of a draft that is launched now: a pilot's begins now, for before nobody brought anybody."""
    pilot = program.pilot
    if pilot is None:
        return program.pilots
    now = _cycle(draft, program, pilot.id, pilot.who, pilot.by)
    return (*program.pilots[:-1], replace(now, evt=pilot.evt))


def merged(draft: Draft, keep: str, gone: str) -> None:
    """Who was named in a pilot is in it as whom they are now, with their codes, also for what is told late of a cycle before."""
    for program in draft.programs():
        if any(gone in pilot.who.persons for pilot in program.pilots):
            draft.put(replace(program, pilots=tuple(_with(pilot, keep, gone) for pilot in program.pilots)))


def _with(pilot: Pilot, keep: str, gone: str) -> Pilot:
    if gone not in pilot.who.persons:
        return pilot
    persons = tuple(sorted({*pilot.who.persons, keep} - {gone}))
    return replace(pilot, who=replace(pilot.who, persons=persons))


def decided(draft: Draft, event: PilotDecided, told: Told) -> None:
    """Follow what a member decided who saw the report: another cycle, everybody, or a stop, which pauses the program."""
    program = draft.get(Program, event.program) if event.program is not None else None
    if program is None:
        draft.say(refused("command", "program_required"))
        return
    problem = _against(draft, event, program, told.need_actor().id)
    if problem is not None:
        draft.say(refused("command", problem[0], problem[1], program=program.id))
        return
    pilot = program.pilots[-1]
    seen = Step("pilot_report", {"sha256": event.report, "through": event.through})
    if event.outcome == "stopped":
        moves = (*program.moves, (draft.as_of, "paused"))
        draft.put(replace(program, status="paused", moves=moves))
        draft.say(Verdict(about="command", outcome="paused", program=program.id, subject=program.id))
        _say(draft, program, "pilot_stopped", pilot)
        return
    pilots = (*program.pilots[:-1], replace(pilot, over=draft.as_of))
    following = pilot
    if event.outcome != "everybody":
        by = pilot.by if event.outcome == "again" else told.need_actor().id
        following = _cycle(draft, program, pilot.id, _next(event, pilot), by)
        pilots = (*pilots, following)
    draft.put(replace(program, pilots=pilots))
    _say(draft, program, f"pilot_{event.outcome}", following, seen)


def _next(event: PilotDecided, pilot: Pilot) -> Who:
    if event.outcome == "again":
        return pilot.who
    return Who(persons=event.persons, ways=event.ways, share=event.share)


def _against(draft: Draft, event: PilotDecided, program: Program, actor: str) -> tuple[str, Step] | None:
    """What speaks against a decision. Who said who is in does not say that more are: that takes another person."""
    pilot = program.pilot
    if pilot is None or (pilot.id, pilot.ends) != (event.pilot, event.ends) or program.status != "active":
        status = program.status if pilot is not None and program.status != "active" else "no_pilot"
        return "wrong_state", Step("pilot_state", {"status": status})
    if event.outcome == "stopped":
        return None
    if event.now is not None:
        return "item_changed", Step("pilot_report", {"sha256": event.now, "through": event.through})
    if draft.as_of < pilot.ends:
        return "pilot_running", Step("pilot_ends", {"ends": pilot.ends})
    if event.report is None:
        return "pilot_invalid", Step("pilot_wrong", {"what": "report"})
    if event.outcome != "everybody" and len(program.pilots) >= CYCLES:
        return "pilot_invalid", Step("pilot_wrong", {"what": "cycles"})
    if event.outcome == "enlarged":
        who = _next(event, pilot)
        problem = _problem(who) or (None if _larger(who, pilot.who) else "not_larger")
        if problem is not None:
            return "pilot_invalid", Step("pilot_wrong", {"what": problem})
    if event.outcome != "again" and hands.same(draft, pilot.by, actor):
        return "same_member", Step("pilot_ends", {"ends": pilot.ends})
    return None


def _larger(who: Who, before: Who) -> bool:
    """Whether everybody who was in is in, and more may be."""
    kept = {*before.persons} <= {*who.persons} and {*before.ways} <= {*who.ways}
    more = len(who.persons) > len(before.persons) or len(who.ways) > len(before.ways)
    share, was = Fraction(*who.share), Fraction(*before.share)
    return kept and share >= was and (more or share > was)


def _problem(who: Who) -> str | None:
    """What is wrong with who is named, as a code, if anything is."""
    numerator, denominator = who.share
    if not 0 <= numerator < denominator <= _LARGEST:
        return "share"
    if not {*who.ways} <= {*WAYS} or len({*who.ways}) < len(who.ways) or len(who.ways) == len(WAYS):
        return "ways"
    if len(who.persons) > MOST or len({*who.persons}) < len(who.persons):
        return "persons"
    return None if who.persons or who.ways or numerator else "nobody"


def _cycle(draft: Draft, program: Program, id_: str, who: Who, by: str) -> Pilot:
    ends = cycle_ends(draft.rules_of(program.versions[-1][1]), draft.as_of)
    return Pilot(id=id_, who=who, begins=draft.as_of, ends=ends, by=by, evt=draft.evt)


def _say(draft: Draft, program: Program, outcome: str, pilot: Pilot, *steps: Step) -> None:
    who = pilot.who
    named = {"persons": len(who.persons), "ways": list(who.ways), "share": list(who.share)}
    step = Step("pilot", named | {"begins": pilot.begins, "ends": pilot.ends})
    draft.say(Verdict(about="command", outcome=outcome, program=program.id, subject=program.id, steps=(step, *steps)))
