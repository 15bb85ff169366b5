"""The leaderboards of the programs in which somebody takes part, as they see them: of others, only who agreed to stand there.

A name is the one that its owner chose for this. Whoever takes their agreement back, is suspended or erased is not there any more when
the page is read the next time, for nothing is kept of a board. Nobody's money is on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from goodword.app import portal
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import taxes
from goodword.core import boards, kin
from goodword.core import rules as core_rules
from goodword.core.boards import Place
from goodword.core.state import Advocate, Kin
from goodword.store import boards as stored
from goodword.store import entities, log, pages
from goodword.store import rules as rule_versions

#: Places that are shown; programs of somebody.
MOST: Final = 20
_FEW: Final = 100


class Row(Struct, frozen=True):
    """A place. ``name``: None where it is one's own and no name is known; ``own``: whether it is who asks."""

    rank: int
    name: str | None
    orders: int
    own: bool


class Month(Struct, frozen=True):
    """A calendar month from ``begin`` up to ``end``. ``rows``: the first places; ``own``: one's own, where it is behind them."""

    begin: int
    end: int
    rows: tuple[Row, ...]
    own: Row | None


class Board(Struct, frozen=True):
    """The leaderboard of a program: this month, and the one before. Days are told in ``zone``."""

    program: str
    zone: str
    months: tuple[Month, ...]


class Boards(Struct, frozen=True):
    """All of them. ``joined``: whether one stands there; ``called``: the name that one chose for it last."""

    boards: tuple[Board, ...]
    joined: bool
    called: str | None


@requires("own.rewards")
async def own(who: Principal, directory: Directory) -> Boards:
    """Return the leaderboards of the programs in which one takes part and that have one."""
    ws, person = who.workspace, who.actor.id
    async with directory.snapshot() as conn:
        me, _ = await taxes.names_of(conn, ws.id, person)
        now = (await log.stream(conn, ws.id)).now(directory.now())
        programs = {it.id: it for it in await pages.programs(conn, ws.id)}
        its = await pages.advocates(conn, ws.id, person=person, after="", limit=_FEW)
        newest = {it.program: hash_ for it in its if (hash_ := programs[it.program].newest) and it.status == "active"}
        versions = [core_rules.version(it, n) for n, it in await rule_versions.documents(conn, ws.id, newest.values())]
        by_hash = {it.hash: it.means for it in versions}
        rules = {it: means for it, hash_ in newest.items() if (means := by_hash[hash_]).sharing.board == "open"}
        agreed = {one for one, said in (await stored.consents(conn, ws.id)).items() if said.holds(now)}
        kins = {it.person: it for it in await entities.load(conn, ws.id, Kin, agreed)}
        names = kin.names(lambda _, id_: kins.get(id_), [it for it in agreed if it not in kins or kins[it].root == it])
        places = dict[tuple[str, int], tuple[int, list[Place]]]()
        for program, means in rules.items():
            entries = await entities.load(conn, ws.id, Advocate, [(program, it) for it in {*names.values()}])
            active = {it.person for it in entries if it.status == "active"}
            of = {name: one for name, one in names.items() if one in active}
            for begin, end in boards.months(now, means.timezone):
                counted = dict.fromkeys(of.values(), 0)
                for name, count in (await stored.counts(conn, ws.id, program, of, begin, end)).items():
                    counted[of[name]] += count
                places[program, begin] = end, boards.ranked(counted)
        shown = {it.person for _, those in places.values() for it in those[:MOST]} | {me}
        called = await portal.chosen_each(directory, conn, ws, shown, portal.BOARD)
    each = [
        Board(
            means.name or programs[it].slug,
            means.timezone,
            tuple(_month(begin, *those, called, me) for (program, begin), those in places.items() if program == it),
        )
        for it, means in rules.items()
    ]
    return Boards(tuple(each), me in agreed, called.get(me))


def _month(begin: int, end: int, places: list[Place], called: Mapping[str, str], me: str) -> Month:
    """Return a month as it is shown: whose name nobody can read any more has no row, unless it is one's own."""
    rows = [Row(it.rank, called.get(it.person), it.orders, it.person == me) for it in places]
    first = tuple(it for it in rows[:MOST] if it.own or it.name is not None)
    return Month(begin, end, first, next((it for it in rows[MOST:] if it.own), None))
