"""Claims: the list, one with its sides beside one another and what each decision would move, and the form that enters one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.see.claims import Near, Sides
from goodword.app.see.disputes import Talk
from goodword.console import choices, parts
from goodword.console.choices import Choice
from goodword.console.decisions import Decision, of_subject
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Read, Visit
from goodword.core import calendar, claims
from goodword.core.lifecycles import LIFECYCLES

#: Advocates of a claim that the form has room for.
MOST = 4
#: What can become of a claim: nothing changes, the friend is theirs, or several people's, or nobody's.
OUTCOMES = ("lost", "won", "split", "none")
#: A part as it is typed. Without an exponent: that costs what it says.
_PART = re.compile(r"[0-9]{1,9}(/[0-9]{1,9}|\.[0-9]{1,9})?")


class Claims(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    claims: list[Sides]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]
    may_enter: bool


class One(Struct, frozen=True):
    """A claim with both sides. ``decisions`` is None for who may not read the log, ``choices`` for who decides none.

    ``members``: mails by id, None where they are not shown; ``now``: the instant of the workspace's clock. ``texts``: of comments, by
    their digests, for who may read them; ``status``: of the list that one came from, None: of all, and ``near`` in that. ``talk``: what
    the person who entered it and the team wrote, if a person did. ``parts``: of
    a split, whose and what part of the friend, as its form has them.
    """

    sides: Sides
    parts: list[tuple[str, str]]
    choices: list[Choice] | None
    reasons: tuple[str, ...]
    may: dict[str, bool]
    members: dict[str, str | None]
    now: int
    decisions: list[Decision] | None
    texts: Mapping[str, str]
    status: str | None
    near: Near
    talk: Talk | None


class Entering(Struct, frozen=True):
    """The form that enters a claim, for who may. ``programs``: slugs; ``rows``: numbers of the advocates that it has room for."""

    may_enter: bool
    programs: list[str]
    rows: tuple[int, ...]


async def listed(visit: Visit) -> Claims:
    """Return a page of the list."""
    filters = visit.filters("status", "after")
    page = await visit.read(see.claims.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    return Claims(list(page.items), page.after, filters, list(LIFECYCLES["claim"]), visit.may(say.claims.enter))


async def one(visit: Visit) -> One:
    """Return one claim."""
    sides = await visit.read(see.claims.get, visit.named("claim"))
    status = sides.claim.status
    entries = await visit.glance(see.explanations.decisions, sides.id)
    waits = status in ("open", "appealed")
    among = _among(sides)
    split = _parts(among, [visit.asked(f"part_{n}") for n in range(1, len(among) + 1)]) if waits else []
    outcomes = _outcomes(sides, split)
    given = {"split": (_given(split),)}
    boxes = await choices.of(visit, say.claims.preview, sides.id, outcomes, given) if waits else []
    members = await visit.glance(see.members.every) or []
    may = {
        "take": status == "open" and sides.claim.stops_at is None and visit.may(say.claims.take),
        "withdraw": status == "open" and visit.may(say.claims.decide),
        "comment": visit.may(say.claims.comment),
        "appeal": sides.claim.appeal_until is not None and visit.may(say.claims.appeal),
    }
    return One(
        sides,
        [(person, str(part)) for person, part in split],
        boxes,
        choices.REASONS,
        may,
        {member.member.id: member.mail for member in members},
        await visit.read(see.clock.now),
        None if entries is None else of_subject(sides.id, entries),
        await visit.glance(see.notes.texts, [one.note for one in sides.claim.comments]) or {},
        visit.asked("status"),
        await visit.read(see.claims.near, sides.id, status=visit.asked("status")),
        await visit.read(see.disputes.of_claim, sides.id),
    )


async def entering(visit: Visit) -> Entering:
    """Return the form."""
    programs = [one.slug for one in await visit.read(see.programs.every)]
    return Entering(visit.may(say.claims.enter), programs, tuple(range(1, MOST + 1)))


async def enter(visit: Visit, form: Form) -> str:
    """Say that advocates brought a friend."""
    said = form.need("program", 100), form.need("person", 200), _shares(form), _instant(form.need("when", 40))
    why = form.need("reason", 64), form.text("note"), (form.text("evidence") or "").split()
    entry = await visit.say(say.claims.enter, *said, *why, form.once)
    return f"/claims/{entry.verdicts[0].subject}?done=claim_entered"


async def decide(visit: Visit, form: Form) -> str:
    """Decide whose the friend is, or withdraw it."""
    outcome = form.need("outcome", 20)
    said = visit.named("claim"), outcome, form.need("reason", 64), form.text("note"), form.once
    among = form.several("party") if outcome == "split" else []
    split = _parts(among, [form.text(f"part_{n}", 20) for n in range(1, len(among) + 1)])
    await visit.say(say.claims.decide, *said, _given(split))
    return _then(visit, form, "claim_withdrawn" if outcome == "withdrawn" else "claim_decided", on=True)


async def take(visit: Visit, form: Form) -> str:
    """Take a request up: from now on it stops what it touches."""
    await visit.say(say.claims.take, visit.named("claim"), form.once)
    return _then(visit, form, "claim_taken")


async def comment(visit: Visit, form: Form) -> str:
    """Say something about it to colleagues."""
    await visit.say(say.claims.comment, visit.named("claim"), form.need("text"), form.once)
    return _then(visit, form, "claim_noted")


async def answer(visit: Visit, form: Form) -> str:
    """Write to the person who entered it."""
    await visit.say(say.claims.comment, visit.named("claim"), form.need("text"), form.once, told=True)
    return _then(visit, form, "person_answered")


async def appeal(visit: Visit, form: Form) -> str:
    """Have it looked at again."""
    await visit.say(say.claims.appeal, visit.named("claim"), form.need("reason", 64), form.text("note"), form.once)
    return _then(visit, form, "appealed")


def _then(visit: Visit, form: Form, done: str, *, on: bool = False) -> str:
    """The page of the claim, or where one goes on when it is decided: the next one of the list that one came from."""
    status = form.text("status", 20)
    known = status if status in LIFECYCLES["claim"] else None
    behind = form.text("behind", 40) or ""
    to = behind if on and known and re.fullmatch(r"clm_[0-9A-Z]{26}", behind) else visit.named("claim")
    return f"/claims/{to}" + parts.query({"status": known, "done": done})


def _among(sides: Sides) -> list[str]:
    """Return whose the friend may be: who claims them, and who has them in the same program."""
    claim = sides.claim
    theirs = [it.shares for it in (sides.claimed, *sides.standing) if it.program == claim.program]
    return list(dict.fromkeys(share.person for shares in (*theirs, sides.given) for share in shares))[:MOST]


def _parts(among: Sequence[str], typed: Sequence[str | None]) -> list[tuple[str, Fraction]]:
    """Return the parts of a split, equal ones where nothing was typed. Raises InvalidError for what is no part."""
    if not any(typed):
        return [(person, Fraction(1, len(among))) for person in among]
    return [(person, _part(text or "0")) for person, text in zip(among, typed, strict=True)]


def _given(parts: Sequence[tuple[str, Fraction]]) -> list[tuple[str, Fraction]]:
    """Return the parts of who has one."""
    return [(person, part) for person, part in parts if part]


def _outcomes(sides: Sides, parts: Sequence[tuple[str, Fraction]]) -> list[str]:
    """Return what can become of a claim: only one about who brought the friend is anybody's else, and only several share."""
    whose = sides.claim.kind not in claims.OF_ANOTHER_SORT
    return [one for one in OUTCOMES if one in ("lost", "won") or (whose and (one == "none" or len(parts) > 1))]


def _part(text: str) -> Fraction:
    """Return a part that was typed. Raises InvalidError for what is none."""
    try:
        if _PART.fullmatch(text.strip()):
            return Fraction(text.strip())
    except ZeroDivisionError:
        pass
    raise InvalidError("A share is a part such as 1/2.", "share")


def _shares(form: Form) -> list[tuple[str, Fraction]]:
    """Return the advocates that were typed with their shares; of all that have none, the rest in equal parts."""
    typed = [
        (name, form.text(f"share_{n}", 20)) for n in range(1, MOST + 1) if (name := form.text(f"advocate_{n}", 200))
    ]
    given = [(name, _part(text) if text is not None else None) for name, text in typed]
    open_ = sum(share is None for _, share in given)
    rest = 1 - sum((share for _, share in given if share is not None), Fraction(0))
    shares = [(name, share if share is not None else rest / open_) for name, share in given]
    if not shares:
        raise InvalidError("Name who brought the friend.", "advocate_1")
    if any(share <= 0 for _, share in shares) or sum(share for _, share in shares) != 1:
        raise InvalidError("The shares must sum to one, such as 1/2 and 1/2.", "share")
    return shares


def _instant(text: str) -> int:
    """Return an instant that was typed, in UTC unless it says otherwise."""
    try:
        return calendar.parse(text if text.endswith("Z") or "+" in text else f"{text}Z")
    except ValueError as error:
        raise InvalidError("When: a day and a time such as 2026-03-02T09:00, in UTC.", "when") from error


_ONE = Read("/claims/{claim}", "/claims", see.claims.get, "claims/detail.html", one)
_NEW = Read("/claims/new", "/claims", see.claims.page, "claims/enter.html", entering)
READS = (Read("/claims", "/claims", see.claims.page, "claims/list.html", listed, live=True), _NEW, _ONE)
ACTS = (
    Act("/claims/new", _NEW, say.claims.enter, enter),
    Act("/claims/{claim}/decide", _ONE, say.claims.decide, decide),
    Act("/claims/{claim}/take", _ONE, say.claims.take, take),
    Act("/claims/{claim}/comment", _ONE, say.claims.comment, comment),
    Act("/claims/{claim}/answer", _ONE, say.claims.comment, answer),
    Act("/claims/{claim}/appeal", _ONE, say.claims.appeal, appeal),
)
