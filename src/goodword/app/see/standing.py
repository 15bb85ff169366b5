"""Standing approvals: all of them with what they have approved, and what waits for a second member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.core import calendar, standing
from goodword.core.standing import Terms
from goodword.core.state import Change, Counter, Standing
from goodword.store import entities, log, pages, workspaces

#: So much of a limit, and so little of its time, are nearly all.
NEARLY: Final = 80
ENDS_WITHIN: Final = 7 * calendar.DAY
_MOST: Final = 200

State = Literal["holds", "ended", "stopped"]


class Given(Struct, frozen=True):
    """A standing approval. ``used`` of ``in_all`` by ``count`` rewards; ``soon``: it is nearly ``used`` up, or ``ends`` soon."""

    it: Standing
    program: str
    state: State
    said: str
    used: int
    count: int
    soon: str | None

    @property
    def percent(self) -> int:
        """How much of its limit is used, in percent, rounded down."""
        return self.used * 100 // self.it.in_all


class Wish(Struct, frozen=True):
    """One that a second member must confirm. ``unit``: as rewards have it."""

    change: Change
    program: str
    said: str
    terms: Terms
    unit: str


class Whole(Struct, frozen=True):
    """All of them, the newest first, and what waits. ``names``: mails of members by id, for who may see them."""

    given: tuple[Given, ...]
    waiting: tuple[Wish, ...]
    names: Mapping[str, str]


@requires("standing.read")
async def whole(who: Principal, directory: Directory) -> Whole:
    """Return the standing approvals of the programs that the reader sees."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws)).now(directory.now())
        all_ = [it for it in await entities.every(conn, ws, Standing) if who.sees(it.program)]
        used = await entities.load(conn, ws, Counter, [standing.key_of(it) for it in all_])
        slugs = {it.id: it.slug for it in await pages.programs(conn, ws)}
        reads = who.may("change.read") or who.may(
            standing.PERMISSION
        )  # who may confirm one, in their programs, sees it
        open_ = await pages.changes(conn, ws, status="open", after="", limit=_MOST) if reads else []
        mails = await workspaces.mails(conn, who.workspace) if who.may("member.mails") else {}
    counters = {it.kind: it for it in used}
    return Whole(
        tuple(_given(it, counters.get(standing.key_of(it)[2]), slugs, now) for it in reversed(all_)),
        tuple(_wish(change, slugs) for change in open_ if change.kind == "standing" and who.sees(change.subject)),
        mails,
    )


@requires("standing.read")
async def soon(who: Principal, directory: Directory) -> list[Given]:
    """Return those that are nearly used up or end soon: one question, where none stands."""
    ws = who.workspace.id
    async with directory.reading() as conn:
        active = [
            it for it in await entities.every(conn, ws, Standing) if it.status == "active" and who.sees(it.program)
        ]
        if not active:
            return []
        now = (await log.stream(conn, ws)).now(directory.now())
        used = await entities.load(conn, ws, Counter, [standing.key_of(it) for it in active])
        slugs = {it.id: it.slug for it in await pages.programs(conn, ws)}
    counters = {it.kind: it for it in used}
    found = [_given(it, counters.get(standing.key_of(it)[2]), slugs, now) for it in active]
    return [it for it in found if it.soon is not None]


def _wish(change: Change, slugs: Mapping[str, str]) -> Wish:
    terms = standing.read(change.to["document"])
    return Wish(change, slugs[change.subject], words.standing.told(terms), terms, standing.unit_of(terms))


def _given(it: Standing, counter: Counter | None, slugs: Mapping[str, str], now: int) -> Given:
    state: State = "stopped" if it.status != "active" else "holds" if now < it.until else "ended"
    used = counter.amounts.get(it.unit, 0) if counter is not None else 0
    nearly = "used" if used * 100 >= it.in_all * NEARLY else "ends" if it.until - now < ENDS_WITHIN else None
    terms = Terms(
        program=it.program,
        kind=it.kind,  # type: ignore[arg-type]
        unit=standing.POINTS if it.unit.startswith("points:") else it.unit,
        rail=it.rail,
        side=it.side,  # type: ignore[arg-type]
        per_reward=it.per_reward,
        per_beneficiary=it.per_beneficiary,
        in_all=it.in_all,
        until=it.until,
    )
    count = counter.count if counter is not None else 0
    return Given(
        it, slugs[it.program], state, words.standing.told(terms), used, count, nearly if state == "holds" else None
    )
