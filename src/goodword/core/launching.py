"""Launching: a program of a live workspace is a draft until the gate finds nothing missing, and releases nothing where that is over.

The gate is one list of looks over plain values (``gate``): a page asks it as a launch does. What it found stands in the entry and on
the program. Must not know: who watches the feeds (``app.follow.feeds``), what a draft refuses (``stages.eligibility``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from goodword.core import calendar, canonical, dossier, hands, measuring, pilots, routes
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import FeedHeard, FeedSilenced, LaunchPlan, ProgramLaunched
from goodword.core.facts import Told
from goodword.core.rules import Rules
from goodword.core.state import Launch, Member, Program, Table

#: What the gate looks at, in the order in which it is said.
ITEMS: Final = ("owner", "approver", "terms", "evidence", "trigger", "billing", "measures")
#: What may be watched of a program: the measures of its plan.
MEASURES: Final = tuple(measuring.MEASURES)
#: For how long a feed may be silent, at least and at most; what a plan allows where nobody says.
SHORTEST, LONGEST, USUAL = calendar.HOUR, 7 * calendar.DAY, 2 * calendar.DAY
#: A plan is looked at once in so many days at most.
SELDOM: Final = 92
#: What the owner of a program does: they may decide what is no rule's matter.
OWNS: Final = "case.decide"
#: What whoever looks at its measures may do.
LOOKS: Final = "report.read"


class Piece(Struct, frozen=True, gc=False):
    """A reward of the rules, and the roles that may approve it by the table of routes that holds."""

    on: str
    side: str
    kind: str
    roles: tuple[str, ...]


class Item(Struct, frozen=True, gc=False):
    """One thing that the gate looks at. ``why``: the code of what is missing, None: nothing; ``values``: what was seen."""

    item: str
    why: str | None
    values: dict[str, Any]


class Seen(Struct, frozen=True, kw_only=True):
    """What the gate looks at, as plain values: of a program, what a plan says of it, and what is so ``at`` an instant.

    ``authors``: who published its rules; ``terms``: the digest of the terms of its newest version as the log keeps them, empty: none;
    ``heard``: source -> when it delivered last; ``members``: all; ``ended``: nobody is brought any more, so that no source need tell.
    """

    program: str
    plan: LaunchPlan
    at: int
    rules: str
    means: Rules
    table: Table | None
    members: Sequence[Member]
    authors: tuple[str, ...]
    terms: str
    heard: Mapping[str, int]
    ended: bool = False

    def able(self, member: str, action: str) -> Member | None:
        """Return a member who may do something in the program."""
        return hands.able({one.id: one for one in self.members}.get, member, action, self.program)


def pieces(means: Rules, table: Table | None, program: str) -> list[Piece]:
    """Return the rewards of rules, each with the roles that may approve it."""
    rows = routes.read(table.text).routes if table is not None else ()
    found = []
    for rule in means.conversions:
        for reward in rule.rewards:
            its = [
                row.role
                for row in rows
                if (not row.programs or program in row.programs) and (not row.kinds or reward.kind in row.kinds)
            ]
            found.append(Piece(rule.on, reward.side, reward.kind, tuple(dict.fromkeys(its or ["approver"]))))
    return found


def evidence(means: Rules, table: Table | None, program: str) -> str:
    """Return the digest of the list of evidence: what each reward of a program must have, and who approves it."""
    listed = {"evidence": dossier.EVIDENCE, "rewards": pieces(means, table, program)}
    return hashlib.sha256(b"goodword:evidence\n" + canonical.encode(listed)).hexdigest()


# --- the gate ---------------------------------------------------------------------------------------------------------


def gate(seen: Seen) -> list[Item]:
    """Return all that the gate looks at, in order, each with what is missing."""
    return [Item(name, *look(seen)) for name, look in _LOOKS.items()]


Found = tuple[str | None, dict[str, Any]]


def _owner(seen: Seen) -> Found:
    named = seen.plan.owner
    why = "not_named" if not named else None if seen.able(named, OWNS) else "may_not"
    return why, {"member": named or None}


def _approver(seen: Seen) -> Found:
    """Four eyes: who wrote the rules is not the only one who could approve by them."""
    could = hands.others_among(seen.members, routes.PERMISSION, [seen.program], seen.authors)
    return None if could else "nobody", {"could": could, "authors": list(seen.authors)}


def _terms(seen: Seen) -> Found:
    return None if seen.terms else "not_made", {"rules": seen.rules, "sha256": seen.terms or None}


def _evidence(seen: Seen) -> Found:
    wanted = evidence(seen.means, seen.table, seen.program)
    said = seen.plan.evidence
    why = None if said == wanted else "changed" if said else "not_confirmed"
    return why, {"sha256": wanted}


def _feed(of: str, seen: Seen) -> Found:
    source, allowed = getattr(seen.plan, of), seen.plan.silence
    at = seen.heard.get(source)
    values = {"source": source or None, "heard": at, "hours": allowed // calendar.HOUR}
    if not source:
        return "not_named", values
    if not SHORTEST <= allowed <= LONGEST:
        return "silence", values
    if at is None:
        return "never_heard", values
    if seen.ended and of == "trigger":
        return None, values
    return "silent" if seen.at - at > allowed else None, values


def _measures(seen: Seen) -> Found:
    plan = seen.plan
    values = {"measures": list(plan.measures), "every": plan.every, "looks": plan.looks or None}
    if not plan.measures:
        return "not_named", values
    if not set(plan.measures) <= set(MEASURES):
        return "unknown", values
    if not 1 <= plan.every <= SELDOM:
        return "seldom", values
    return None if plan.looks and seen.able(plan.looks, LOOKS) else "nobody", values


_LOOKS: Final[dict[str, Callable[[Seen], Found]]] = {
    "owner": _owner,
    "approver": _approver,
    "terms": _terms,
    "evidence": _evidence,
    "trigger": partial(_feed, "trigger"),
    "billing": partial(_feed, "billing"),
    "measures": _measures,
}


# --- what is decided --------------------------------------------------------------------------------------------------


def launched(draft: Draft, event: ProgramLaunched, told: Told) -> None:
    """A draft is active from now on, if nothing is missing; of one that is live already what is said of it is said anew."""
    program = draft.get(Program, event.program) if event.program is not None else None
    if program is None:
        draft.say(refused("command", "program_required"))
        return
    if program.status == "ended" and program.launch is None:
        draft.say(refused("command", "program_ended", program=program.id))
        return
    if program.newest != event.rules:  # published meanwhile, by somebody who may not be among the authors
        changed = Step("changed", {"item": program.id, "field": "rules", "was": event.rules, "now": program.newest})
        draft.say(refused("command", "item_changed", changed, program=program.id, subject=program.id))
        return
    seen = Seen(
        program=program.id,
        plan=event.plan,
        at=draft.as_of,
        rules=event.rules,
        means=draft.rules_of(event.rules),
        table=routes.current(draft),
        members=list(hands.every(draft)),
        authors=event.authors,
        terms=event.terms,
        heard=event.heard,
        ended=program.status == "ended",
    )
    found = gate(seen)
    missing = [it for it in found if it.why is not None]
    if missing:
        steps = [step(it) for it in missing]
        draft.say(refused("command", "not_ready", *steps, program=program.id, subject=program.id))
        return
    now = Launch(
        plan=event.plan,
        by=told.need_actor().id,
        at=draft.as_of,
        rules=event.rules,
        terms=event.terms,
        heard={name: event.heard[name] for name in (event.plan.trigger, event.plan.billing)},
    )
    program = replace(program, launch=now, silent=())
    if program.status == "draft":
        moves = (*program.moves, (draft.as_of, "active"))
        program = replace(program, status="active", moves=moves, pilots=pilots.anew(draft, program))
    draft.put(program)
    draft.say(
        Verdict(
            about="command",
            outcome="launched",
            program=program.id,
            subject=program.id,
            steps=tuple(step(it) for it in found),
        )
    )


def counting(heard: Mapping[str, int], plan: LaunchPlan, anybody: Container[str]) -> dict[str, int]:
    """Return of what was heard that which counts for a plan. ``anybody``: sources that anybody may keep alive.

    Such a one does as a source of leads, never of orders.
    """
    trigger = {plan.trigger} - {plan.billing}
    return {name: at for name, at in heard.items() if name not in anybody or name in trigger}


def step(it: Item) -> Step:
    """Return the step that shows what the gate saw of one thing."""
    return Step("gate", {"item": it.item, "why": it.why, **it.values})


def silenced(draft: Draft, event: FeedSilenced) -> None:
    """A feed of a program is silent for longer than it may be: nothing of the program is released until it is heard again."""
    program = draft.get(Program, event.program) if event.program is not None else None
    launch = program.launch if program is not None else None
    if program is None or launch is None or event.feed not in feeds(program) or event.feed in dict(program.silent):
        draft.say(refused("command", "nothing_to_do", program=event.program, subject=event.program))
        return
    if draft.as_of - event.last_at <= launch.plan.silence:
        draft.say(refused("command", "nothing_to_do", program=program.id, subject=program.id))
        return
    draft.put(replace(program, silent=(*program.silent, (event.feed, event.last_at))))
    draft.say(_said("feed_silenced", program, event))


def heard(draft: Draft, event: FeedHeard) -> None:
    """A feed that was silent delivers again: what waited for it goes on."""
    program = draft.get(Program, event.program) if event.program is not None else None
    since = dict(program.silent).get(event.feed) if program is not None else None
    if program is None or since is None or event.last_at <= since:
        draft.say(refused("command", "nothing_to_do", program=event.program, subject=event.program))
        return
    draft.put(replace(program, silent=tuple(it for it in program.silent if it[0] != event.feed)))
    draft.say(_said("feed_heard", program, event))


def _said(outcome: str, program: Program, event: FeedSilenced | FeedHeard) -> Verdict:
    said = Verdict(about="command", outcome=outcome, program=program.id, subject=program.id)
    return replace(said, steps=(Step("feed", {"feed": event.feed, "last_at": event.last_at}),))


def feeds(program: Program) -> tuple[str, ...]:
    """Return the sources that a launched program lives by, in order of name. One that is ended hears of orders alone."""
    if program.launch is None:
        return ()
    plan = program.launch.plan
    return (plan.billing,) if program.status == "ended" else tuple(sorted({plan.trigger, plan.billing}))


# --- what stops -------------------------------------------------------------------------------------------------------


def troubles(program: Program, members: Sequence[Member]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield why nothing of a program is released now: a silent feed, or an owner who cannot decide its exceptions any more.

    A program that never passed the gate named neither.
    """
    for feed, at in sorted(it for it in program.silent if it[0] in feeds(program)):
        yield "feed_silent", {"feed": feed, "last_at": at}
    launch = program.launch
    if launch is not None:
        find = {one.id: one for one in members}.get
        if hands.able(find, launch.plan.owner, OWNS, program.id) is None:
            yield "owner_missing", {"member": launch.plan.owner}


def stopped(draft: Draft, program: str) -> tuple[str, dict[str, Any]] | None:
    """Return the first reason for which nothing of a program is released now, with what was seen."""
    its = draft.need(Program, program)
    return next(troubles(its, list(hands.every(draft))), None) if its.launch is not None else None


def refusal(draft: Draft, program: str, item: str) -> tuple[str, Step] | None:
    """Return what is said to who would send ``item``, which holds a reward of the program."""
    found = stopped(draft, program)
    return None if found is None else (found[0], Step("stands_still", {"item": item, "program": program, **found[1]}))
