"""Pilots: a program runs for some first, and who saw the report of a cycle decides whether it is for more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import filters
from goodword.app.write.commands import Make, Naming, Stamp, content_of
from goodword.core import pilots
from goodword.core.entry import Entry
from goodword.core.events import PilotDecided, PilotStarted
from goodword.core.state import Advocate
from goodword.store import eligibility, entities, log, pages
from goodword.store.seals import Written

#: What can be decided.
OUTCOMES = ("enlarged", "everybody", "again", "stopped")
_PERCENT = re.compile(r"[0-9]{1,2}(\.[0-9]{1,4})?")


class Chosen(Struct, frozen=True, kw_only=True):
    """Who is in: whom any of these names.

    ``advocates``: by id or the company's own name for them; ``ways``: of ``core.pilots.WAYS``; ``share``: of all, in percent: ``12.5``.
    """

    advocates: Sequence[str] = ()
    ways: Sequence[str] = ()
    share: str | None = None


class Decided(Struct, frozen=True, kw_only=True):
    """What follows a cycle, of ``OUTCOMES``, and why (``note``). ``chosen``: who is in where it is enlarged.

    ``report``: the digest of the report that was seen, which all but a stop need.
    """

    outcome: str
    note: str | None
    report: str | None = None
    chosen: Chosen = Chosen()


@requires("program.publish")
async def start(who: Principal, directory: Directory, program: str, chosen: Chosen, key: str | None = None) -> Entry:
    """Let a program, by its id or slug, run for some first, for one payout cycle from now on. Raises InvalidError, UnknownError."""
    id_, fields = await _read(who, directory, program, chosen)
    return await say(who, directory, lambda s: PilotStarted(**s, program=id_, **fields), key)


@requires("program.publish")
async def decide(who: Principal, directory: Directory, program: str, decided: Decided, key: str) -> Entry:
    """Say what follows a cycle. Raises InvalidError, UnknownError.

    The report that was seen is compared with what it is as the command is decided, so that nothing comes between.
    """
    outcome, report, chosen, text = decided.outcome, decided.report, decided.chosen, decided.note
    filters.choice("outcome", outcome, OUTCOMES)
    if outcome != "enlarged" and (chosen.advocates or chosen.ways or chosen.share):
        raise InvalidError("Who is in is chosen where a pilot is enlarged, and nowhere else.", "outcome")
    if not (text or "").strip():
        raise InvalidError("Say why.", "note")
    id_, fields = await _read(who, directory, program, chosen)
    typed = note(who, text, key)
    fields |= {"program": id_, "outcome": outcome, "report": report, "note": typed.digest}
    said = partial(PilotDecided, **fields)

    async def rows(conn: asyncpg.Connection, _: str) -> tuple[Make, Sequence[Written]]:
        known = [it for it in await pages.programs(conn, who.workspace.id) if it.id == id_ and who.sees(id_)]
        cycle = known[0].pilot if known else None
        named: dict[str, Any] = (
            {"pilot": cycle.id, "ends": cycle.ends} if cycle is not None else {"pilot": "", "ends": 0}
        )
        if cycle is not None and outcome != "stopped":
            begin, end = pilots.window(known[0])[1:]
            now = (await eligibility.candidates(conn, who.workspace.id, begin, end, id_)).sha256
            named["through"] = (await log.stream(conn, who.workspace.id)).position
            if now != report:
                named["now"] = now
        return lambda s: said(**s, **named), ()

    # A repeat is one also where the report is another by then.
    blank = Stamp(evt="", source="", occurred_at=0, accepted_at=0)
    content = content_of(said(**blank, pilot="", ends=0))
    return await say(who, directory, Naming(rows), key, content=content, also=typed.keep)


async def _read(who: Principal, directory: Directory, program: str, chosen: Chosen) -> tuple[str, dict[str, Any]]:
    """The program's id, and who is in as events say it. Advocates are those of the program."""
    for way in chosen.ways:
        filters.choice("ways", way, pilots.WAYS, "way")
    async with directory.reading() as conn:
        id_ = await filters.named(conn, who.workspace.id, program)
        persons = {
            await filters.meant(conn, who, directory, one.strip()): one for one in chosen.advocates if one.strip()
        }
        if len(persons) > pilots.MOST:
            raise InvalidError(f"At most {pilots.MOST} advocates can be named: choose a share.", "advocates")
        keys = [(id_, person) for person in persons]
        known = {it.person for it in await entities.load(conn, who.workspace.id, Advocate, keys)}
    for person, named in persons.items():
        if person not in known:
            raise InvalidError(f"{named} is no advocate of this program.", "advocates")
    share = _share(chosen.share)
    ways = tuple(way for way in pilots.WAYS if way in chosen.ways)
    return id_, {"persons": tuple(sorted(persons)), "ways": ways, "share": share}


def _share(text: str | None) -> tuple[int, int]:
    """A percentage as an exact fraction. Raises InvalidError."""
    if not text:
        return 0, 1
    digits = text.strip().removesuffix("%").strip()
    share = (
        Fraction(digits) / 100 if _PERCENT.fullmatch(digits) else Fraction(0)
    )  # no exponent, which costs what it says
    if not 0 < share < 1:
        raise InvalidError(
            "Expected a share in percent between 0 and 100, with at most four decimals, such as 12.5.", "share"
        )
    return share.numerator, share.denominator
