"""Deals: the list by state, one with what conflicts with it and what both sides wrote, and the form that registers one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from goodword import words
from goodword.app import amounts, say, see
from goodword.app.errors import InvalidError
from goodword.app.say.deals import Answer, Registering
from goodword.app.see.deals import Registered
from goodword.app.see.matches import Matched
from goodword.console.decisions import Decision, of_subject
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Read, Visit
from goodword.core.deals import MOST_DAYS, PROTECTED_DAYS, REASONS
from goodword.core.lifecycles import LIFECYCLES, may_move
from goodword.core.state import Conflict, Registration


class Deals(Struct, frozen=True):
    """The list: what conflicts with something stands first. ``after``: the cursor of the next page."""

    deals: list[Registered]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]
    may_enter: bool


class Reason(Struct, frozen=True):
    """A reason to decline: what it is called, and the sentence that the partner reads."""

    code: str
    called: str
    told: str


class One(Struct, frozen=True):
    """A deal. ``conflicts``: each with its sentence; ``bar``: why it could not be accepted now, in a sentence.

    ``told``: what the partner reads of the decision; ``members``: mails by id, None where they are not shown; ``texts``: of messages,
    by their digests, for who may read them. ``decisions`` is None for who may not read the log.
    """

    told: Registered
    conflicts: list[tuple[Conflict, str]]
    reasons: list[Reason]
    accepting: str
    declined: str | None
    bar: str | None
    days: int
    most_days: int
    may: dict[str, bool]
    members: dict[str, str | None]
    texts: Mapping[str, str]
    decisions: list[Decision] | None


class Entering(Struct, frozen=True):
    """The form that registers a deal, for who may. ``programs``: slugs."""

    may_enter: bool
    programs: list[str]


async def listed(visit: Visit) -> Deals:
    """Return a page of the list."""
    filters = visit.filters("status", "after")
    page = await visit.read(see.deals.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    rows = sorted(page.items, key=lambda it: (it.registration.status != "submitted", not it.registration.conflicts))
    return Deals(rows, page.after, filters, list(LIFECYCLES["registration"]), visit.may(say.deals.register))


async def one(visit: Visit) -> One:
    """Return one deal."""
    told = await visit.read(see.deals.get, visit.named("deal"))
    it = told.registration
    waits = it.status == "submitted"
    conflicts: Sequence[Conflict] = it.conflicts
    bar, days = None, PROTECTED_DAYS
    if waits and visit.may(say.deals.preview):
        conflicts, refusal, days = await _tried(visit, it)
        bar = None if refusal is None else words.refusal(refusal)
    members = await visit.glance(see.members.every) or []
    entries = await visit.glance(see.explanations.decisions, it.id)
    may = {
        "decide": waits and visit.may(say.deals.decide),
        "write": visit.may(say.deals.write),
        "withdraw": may_move("registration", it.status, "withdrawn") and visit.may(say.deals.withdraw),
    }
    reasons = [Reason(code, words.decline(code), words.declined(code)) for code in REASONS]
    return One(
        told,
        [(each, words.conflict(each.kind, each.by, each.sure, _short(each, told), each.since)) for each in conflicts],
        reasons,
        words.accepted(),
        None if it.reason is None else words.declined(it.reason),
        bar,
        days,
        MOST_DAYS,
        may,
        {member.member.id: member.mail for member in members},
        await visit.glance(see.notes.texts, [one.note for one in it.messages]) or {},
        None if entries is None else of_subject(it.id, entries),
    )


async def _tried(visit: Visit, it: Registration) -> tuple[Sequence[Conflict], str | None, int]:
    """Return what conflicts with a registration now, as an acceptance finds it, why it could not be accepted over that, and its days.

    It is protected for as many as its partner's agreement says, or as are usual.
    """
    found: Sequence[Conflict] = ()
    for _ in range(2):  # having seen nothing, and having seen what that showed
        answer = Answer(outcome="accepted", conflicts=tuple(each.subject for each in found))
        tried = (await visit.read(say.deals.preview, it.id, answer)).entry.verdicts[0]
        if tried.refusal != "conflict_not_seen":
            break
        found = [*found, *(Conflict(**step.values) for step in tried.steps if step.code == "conflict")]
    # What is refused before its conflicts are looked for shows those that it had.
    days = next((step.values["days"] for step in tried.steps if step.code == "protection"), PROTECTED_DAYS)
    return (found or it.conflicts if tried.refusal is not None else found), tried.refusal, days


def _short(each: Conflict, told: Registered) -> str:
    return told.names.get(each.subject, each.subject)


class Matches(Struct, frozen=True):
    """Contacts that nobody recommended and what they may have come by. ``may``: say whether they did."""

    matched: list[Matched]
    after: str | None
    filters: dict[str, str | None]
    may: bool


async def matches(visit: Visit) -> Matches:
    """Return a page of contacts of CRMs and what they may have come by."""
    filters = visit.filters("source", "person", "after")
    asked = {"source": filters["source"], "person": filters["person"], "after": filters["after"] or ""}
    found = await visit.read(see.matches.page, **asked, limit=LIMIT)
    return Matches(list(found.items), found.after, filters, visit.may(say.matches.confirm))


async def confirm(visit: Visit, form: Form) -> str:
    """Say that a contact came by a referral."""
    await visit.say(say.matches.confirm, *_match(form), **_whose(form))
    return "/deals/matches?done=match_confirmed"


async def unlike(visit: Visit, form: Form) -> str:
    """Say that a contact did not."""
    await visit.say(say.matches.decline, *_match(form), **_whose(form))
    return "/deals/matches?done=match_declined"


def _match(form: Form) -> tuple[str, str]:
    return form.need("referral", 40), form.once


def _whose(form: Form) -> dict[str, str | None]:
    return {"deal": form.text("deal", 64), "person": form.text("person", 40)}


async def entering(visit: Visit) -> Entering:
    """Return the form."""
    programs = [one.slug for one in await visit.read(see.programs.every)]
    return Entering(visit.may(say.deals.register), programs)


async def enter(visit: Visit, form: Form) -> str:
    """Register a deal for a partner; one goes on to what conflicts with it."""
    currency = form.text("currency", 3)
    typed = form.text("amount", 30)
    said = Registering(
        advocate_external_id=form.need("advocate", 255),
        program=form.text("program", 100),
        company=form.need("company", 255),
        company_domain=form.text("domain", 255),
        customer_name=form.text("name", 1_000),
        customer_email=form.need("email", 255),
        customer_phone=form.text("phone", 100),
        amount=None if typed is None else amounts.typed(typed, currency),
        currency=currency if typed is not None else None,
        percent=form.text("percent", 20),
        note=form.text("note"),
    )
    entry = await visit.say(say.deals.register, said, form.once)
    return f"/deals/{entry.verdicts[0].subject}?done=deal_registered"


async def decide(visit: Visit, form: Form) -> str:
    """Accept it for some days, having seen its conflicts, or decline it for a reason."""
    outcome = form.need("outcome", 20)
    days = form.text("days", 4)
    if days is not None and not (days.isascii() and days.isdigit()):
        raise InvalidError(f"Days: a number from 1 to {MOST_DAYS}.", "days")
    answer = Answer(
        outcome=outcome,
        reason=form.need("reason", 40) if outcome == "declined" else None,
        days=None if days is None else int(days),
        conflicts=tuple(form.several("seen")),
    )
    await visit.say(say.deals.decide, visit.named("deal"), answer, form.text("note"), form.once)
    return f"/deals/{visit.named('deal')}?done={'deal_declined' if outcome == 'declined' else 'deal_accepted'}"


async def write(visit: Visit, form: Form) -> str:
    """Write to the partner, or what the partner said."""
    said = visit.named("deal"), form.need("side", 20), form.need("text"), form.once
    await visit.say(say.deals.write, *said)
    return f"/deals/{visit.named('deal')}?done=deal_noted"


async def withdraw(visit: Visit, form: Form) -> str:
    """Take it back, because the partner does."""
    await visit.say(say.deals.withdraw, visit.named("deal"), form.text("note"), form.once)
    return f"/deals/{visit.named('deal')}?done=deal_withdrawn"


_ONE = Read("/deals/{deal}", "/deals", see.deals.get, "deals/detail.html", one)
_NEW = Read("/deals/new", "/deals", see.deals.page, "deals/enter.html", entering)
_MATCHES = Read("/deals/matches", "/deals", see.matches.page, "deals/matches.html", matches)
READS = (Read("/deals", "/deals", see.deals.page, "deals/list.html", listed, live=True), _NEW, _MATCHES, _ONE)
ACTS = (
    Act("/deals/new", _NEW, say.deals.register, enter),
    Act("/deals/matches/confirm", _MATCHES, say.matches.confirm, confirm),
    Act("/deals/matches/decline", _MATCHES, say.matches.decline, unlike),
    Act("/deals/{deal}/decide", _ONE, say.deals.decide, decide),
    Act("/deals/{deal}/write", _ONE, say.deals.write, write),
    Act("/deals/{deal}/withdraw", _ONE, say.deals.withdraw, withdraw),
)
