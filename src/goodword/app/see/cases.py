"""Cases: what flags opened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from msgspec import Struct

from goodword.app.directory import Directory, actor_of
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, members, paging
from goodword.app.see.members import Member
from goodword.app.see.paging import Page
from goodword.core import access, canonical, cases, routes
from goodword.core.kinds.signals import families
from goodword.core.state import Case, Comment, Reward
from goodword.store import entities, log, notes, pages
from goodword.store.pages import Waits

#: The lists of cases: to be decided and awake, one's own, put aside, appealed, decided.
TABS = ("open", "mine", "snoozed", "appealed", "decided")
#: Cases that are put aside are counted up to so many.
MOST_ASIDE = 100
#: Cases that are decided together.
MOST_TOGETHER = 100
#: So many cases are looked at for the next one that is awake.
_NEAR = 20
_ROUTED = 200  # rewards whose routes a page of a case looks at: deciding looks at all of them


@requires("case.read")
async def page(
    who: Principal, directory: Directory, *, status: str | None = None, after: str = "", limit: int = 50
) -> Page[Case]:
    """Return cases, filtered. Raises InvalidError for a status that there is not."""
    filters.status("case", status)
    async with directory.reading() as conn:
        cases = await pages.cases(
            conn, who.workspace.id, status=status, programs=who.programs, after=after, limit=limit
        )
    return paging.by_id(cases, limit)


@requires("case.read")
async def get(who: Principal, directory: Directory, case: str) -> Case:
    """Return one case. Raises UnknownError, for one of a program that is not shown too."""
    async with directory.reading() as conn:
        for found in await entities.load(conn, who.workspace.id, Case, [case]):
            if who.sees(found.program):
                return found
    raise UnknownError("case")


class Precision(Struct, frozen=True):
    """How often a flag, or a kind of case, was worth a look, as those said who closed its cases."""

    code: str
    family: str
    severity: str
    confirmed: int
    useful: int
    false_alarm: int

    @property
    def closed(self) -> int:
        """Of how many closed cases somebody said it."""
        return self.confirmed + self.useful + self.false_alarm

    @property
    def good(self) -> int:
        """How many of them were worth a look."""
        return self.confirmed + self.useful


class Sort(Struct, frozen=True):
    """What sort of suspicion a case is of. ``code``: a flag, or the case's kind where no flag opened it."""

    code: str
    family: str
    severity: str


class Listed(Struct, frozen=True):
    """A case as a list shows it. ``waits``: what it holds, by unit; ``owner``: the mail of whose it is, where that may be seen."""

    case: Case
    sorts: tuple[Sort, ...]
    waits: tuple[Waits, ...]
    owner: str | None


class Cases(Struct, frozen=True):
    """A page of a list. ``aside``: how many are put aside, up to ``MOST_ASIDE``; ``now``: the instant of the workspace's clock."""

    items: tuple[Listed, ...]
    after: str | None
    aside: int
    now: int


@requires("case.read")
async def listed(who: Principal, directory: Directory, tab: str = "open", *, after: str = "", limit: int = 50) -> Cases:
    """Return a page of one of ``TABS``, the oldest first; of open ones what is put aside is left out of it.

    Raises InvalidError for a list that there is not.
    """
    filters.choice("tab", tab, TABS)
    ws = who.workspace
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws.id)).now(directory.now())
        mine = {"now": now, "member": who.actor.id, "programs": who.programs}
        found = await pages.cases_of(conn, ws.id, tab, **mine, at=after, limit=limit)  # type: ignore[arg-type]
        waits = await pages.waits_of_cases(conn, ws.id, [case.id for case in found])
        aside = await pages.cases_aside(conn, ws.id, now, who.programs, MOST_ASIDE)
    mails = {one.member.id: one.mail for one in await members.every(who, directory)}
    rows = [_listed(it, waits, mails) for it in found if tab != "open" or _awake(it, now)]
    return Cases(tuple(rows), paging.by_id(found, limit).after, aside, now)


class Several(Struct, frozen=True):
    """Cases by id. ``digest``: of them as they stand, with what waits in each; ``now``: the instant of the workspace's clock."""

    items: tuple[Listed, ...]
    digest: str
    now: int


@requires("case.read")
async def several(who: Principal, directory: Directory, ids: Sequence[str]) -> Several:
    """Return these cases as they stand, in order of id. Raises InvalidError for none and for too many, UnknownError."""
    wanted = sorted(set(ids))
    if not wanted or len(wanted) > MOST_TOGETHER:
        raise InvalidError(f"A list has 1 to {MOST_TOGETHER} cases.", "id")
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
        found = await paging.each(conn, who, Case, wanted)
        waits = await pages.waits_of_cases(conn, who.workspace.id, wanted)
    mails = {one.member.id: one.mail for one in await members.every(who, directory)}
    rows = tuple(_listed(it, waits, mails) for it in found)
    lines = [(it.case.id, cases.seen(it.case), it.waits) for it in rows]
    return Several(rows, hashlib.sha256(canonical.encode(lines)).hexdigest(), now)


def _listed(case: Case, waits: Mapping[str, Sequence[Waits]], mails: Mapping[str, str | None]) -> Listed:
    owner = mails.get(case.assignee or "", case.assignee)
    return Listed(case, _sorts(case), tuple(waits.get(case.id, ())), owner)


def _awake(case: Case, now: int) -> bool:
    return case.snoozed_until is None or case.snoozed_until <= now


def _sorts(case: Case) -> tuple[Sort, ...]:
    return tuple(Sort(code, *families.sort(code)[:2]) for code in cases.codes_of(case))


class Said(Struct, frozen=True):
    """A comment; ``text`` is None where it was erased, or is for others."""

    comment: Comment
    text: str | None


class Record(Struct, frozen=True, kw_only=True):
    """A case with what who decides it needs beside it.

    ``could_own``: members who could decide it; ``could_approve``: who could approve what it lets go on, the reader left out;
    ``clears``: whether the reader may clear it; ``before`` and ``behind``: its neighbours in the list. ``worth``: how often its flags
    were worth a look so far.
    """

    case: Case
    sorts: tuple[Sort, ...]
    waits: tuple[Waits, ...]
    now: int
    comments: tuple[Said, ...]
    members: dict[str, str | None]
    could_own: tuple[Member, ...]
    could_approve: tuple[Member, ...]
    clears: bool
    before: str | None
    behind: str | None
    worth: tuple[Precision, ...]

    @property
    def id(self) -> str:
        """The case's."""
        return self.case.id


@requires("case.read")
async def record(who: Principal, directory: Directory, case: str, tab: str = "open") -> Record:
    """Return the record of one case, which one came to from one of ``TABS``. Raises UnknownError and InvalidError."""
    filters.choice("tab", tab, TABS)
    it, ws = await get(who, directory, case), who.workspace
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws.id)).now(directory.now())
        mine = {"now": now, "member": who.actor.id, "programs": who.programs, "at": case, "limit": _NEAR}
        before = await pages.cases_of(conn, ws.id, tab, **mine, before=True)  # type: ignore[arg-type]
        behind = await pages.cases_of(conn, ws.id, tab, **mine)  # type: ignore[arg-type]
        waits = await pages.waits_of_cases(conn, ws.id, [case])
        held = await entities.load(conn, ws.id, Reward, it.rewards[:_ROUTED])
        said = [one.note for one in it.comments]
        texts = await notes.each(conn, ws, said) if said and who.may("note.read") else {}
    colleagues = await members.every(who, directory)

    def able(action: str) -> list[Member]:
        actors = [(one, actor_of(one.member)) for one in colleagues]
        return [one for one, actor in actors if access.allowed(actor, action) and access.covers(actor, it.program)]

    def approves(one: Member) -> bool:
        actor = actor_of(one.member)
        if not access.allowed(actor, routes.PERMISSION):
            return bool(held) and routes.given(actor, held)
        return all(reward.route is None or routes.has_role(actor, reward.route) for reward in held)

    known = {one.code: one for one in await precision(who, directory)}
    return Record(
        case=it,
        sorts=_sorts(it),
        waits=tuple(waits.get(case, ())),
        now=now,
        comments=tuple(Said(one, texts.get(one.note)) for one in it.comments),
        members={one.member.id: one.mail for one in colleagues},
        could_own=tuple(able("case.decide")),
        could_approve=tuple(one for one in able(routes.DECIDES) if one.member.id != who.actor.id and approves(one)),
        clears=not families.guarded(it.kind, [flag.code for flag in it.flags]) or cases.clears(who.actor, held),
        before=next((one.id for one in before if tab != "open" or _awake(one, now)), None),
        behind=next((one.id for one in behind if tab != "open" or _awake(one, now)), None),
        worth=tuple(known[code] for code in cases.codes_of(it) if code in known),
    )


@requires("case.read")
async def precision(who: Principal, directory: Directory) -> list[Precision]:
    """Return it of each flag that there is, in the programs that are shown; cases of none count for who sees all."""
    async with directory.reading() as conn:
        found = await pages.worths(conn, who.workspace.id, cases.WORTH, who.programs)
    return [
        Precision(code, sort.family, sort.severity, *(found.get(f"{code}:{worth}", 0) for worth in cases.WORTHS))
        for code, sort in families.SORTS.items()
    ]
