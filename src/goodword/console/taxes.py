"""Taxes: where is reported and what a year came to, a payee's forms, their statement of a year, and what a payout is made of."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.see.taxes import Awaited, Payee, Remittance, Statement, Whole
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Download, Read, Visit
from goodword.core import calendar, taxes
from goodword.outbound.rails.details import DetailsError
from goodword.outbound.tax_forms import FORMS
from goodword.sources.split import is_id


class Tax(Struct, frozen=True):
    """Where is reported, and what was paid in a year. ``awaited``: forms that are asked for; ``names``: of who awaits one.

    ``after``: the cursor of the next payees; ``zones``: that may be chosen are of IANA; ``may_export``: with what forms say.
    """

    whole: Whole
    jurisdictions: dict[str, str]
    year: str
    payees: Sequence[Payee]
    after: str | None
    awaited: Sequence[Awaited]
    names: dict[str, str]
    members: dict[str, str | None]
    may_export: bool


class Asked(Struct, frozen=True):
    """A field of a form: what it is called, what it means, an example; whether a form needs it."""

    name: str
    meaning: str
    example: str | None
    required: bool


class OfPerson(Struct, frozen=True):
    """A payee's forms. ``forms``: what they may give, by jurisdiction and form; ``chosen``: the one whose fields are shown."""

    payee: Payee
    year: str
    jurisdictions: dict[str, str]
    forms: dict[str, str]
    chosen: str
    fields: Sequence[Asked]
    may_give: bool
    may_show: bool


class Shown(Struct, frozen=True):
    """What a form says, shown once to who has said why."""

    person: str
    jurisdiction: str
    details: dict[str, str]


class Year(Struct, frozen=True):
    """A statement."""

    it: Statement


class Advice(Struct, frozen=True):
    """What a payee is told of a payout."""

    it: Remittance


def _jurisdictions() -> dict[str, str]:
    return {it: words.tax(it) for it in taxes.FORMS}


async def whole(visit: Visit) -> Tax:
    """Return where is reported, and a year."""
    now = await visit.read(see.taxes.whole)
    zone = now.reporting.timezone if now.reporting is not None else "UTC"
    year = visit.asked("year") or calendar.day(await visit.read(see.clock.now), zone)[:4]
    page = await visit.read(see.taxes.of_year, year, after=visit.asked("after") or "", limit=LIMIT)
    awaited = await visit.read(see.taxes.awaited, limit=LIMIT)
    members = {one.member.id: one.mail for one in await visit.glance(see.members.every) or ()}
    names = await visit.glance(see.people.names, [it.person for it in awaited.items]) or {}
    may = visit.may(say.taxes.export)
    return Tax(now, _jurisdictions(), year, page.items, page.after, awaited.items, names, members, may)


async def set_reporting(visit: Visit, form: Form) -> str:
    """Say where is reported."""
    entry = await visit.say(
        say.taxes.set_reporting, form.several("jurisdiction"), form.text("timezone", 64) or "UTC", form.once
    )
    waits = any(verdict.outcome == "second_person_needed" for verdict in entry.verdicts)
    return f"/payouts/tax?done={'tax_waits' if waits else 'tax_reporting_set'}"


async def answer(visit: Visit, form: Form) -> str:
    """Confirm, decline or withdraw what another owner asked for."""
    outcome = form.need("outcome", 20)
    await visit.say(say.changes.answer, visit.named("change"), outcome, form.once)
    return f"/payouts/tax?done=change_{outcome}"


async def export(visit: Visit, form: Form) -> Download:
    """Take a year's payees along, with what their forms say."""
    year = form.need("year", 4)
    file = await visit.read(say.taxes.export, year, form.need("why", 500), form.once)
    return Download(f"payees-{year}.csv", "text/csv; charset=utf-8", file.body, lists=True)


def _person(visit: Visit) -> str:
    id_ = visit.named("person")
    if not is_id(id_, "per"):
        raise UnknownError("person")
    return id_


async def of_person(visit: Visit) -> OfPerson:
    """Return a payee's forms, and the fields of the one that is to be given."""
    payee = await visit.read(see.taxes.of_person, _person(visit))
    now = (await visit.read(see.taxes.whole)).reporting
    year = calendar.day(await visit.read(see.clock.now), now.timezone if now is not None else "UTC")[:4]
    forms = {
        f"{of}:{form}": f"{words.tax(of)}, {words.tax_form(form)}" for of, some in taxes.FORMS.items() for form in some
    }
    chosen = visit.asked("form") or next(iter(forms))
    if chosen not in forms:
        raise InvalidError("Choose one of the forms.", "form")
    asked = [
        Asked(it.name, it.meaning, it.example, it.required and not it.way) for it in FORMS[chosen.partition(":")[2]]
    ]
    may = visit.may(say.taxes.give), visit.may(say.taxes.show)
    return OfPerson(payee, year, _jurisdictions(), forms, chosen, asked, *may)


async def give(visit: Visit, form: Form) -> str:
    """Give a payee's form."""
    of, _, kind = form.need("form_kind", 40).partition(":")
    details = {field.name: text for field in FORMS.get(kind, ()) if (text := form.text(field.name, 200)) is not None}
    try:
        await visit.say(say.taxes.give, _person(visit), of, kind, details, form.once)
    except DetailsError as error:
        raise InvalidError(str(error), error.problems[0].field) from error
    return f"/people/{_person(visit)}/tax?done=tax_form_given"


async def show(visit: Visit, form: Form) -> Shown:
    """Show what a form says, once the reason is on the record."""
    of = form.need("jurisdiction", 20)
    seen = await visit.read(say.taxes.show, _person(visit), of, form.need("reason", 500), form.once)
    return Shown(_person(visit), words.tax(of), dict(seen.details))


async def statement(visit: Visit) -> Year:
    """Return a payee's statement of a year."""
    return Year(await visit.read(see.taxes.statement, _person(visit), visit.named("year")))


async def statement_pdf(visit: Visit) -> Download:
    """Return the same as PDF."""
    body = await visit.read(see.papers.statement, _person(visit), visit.named("year"))
    return Download(f"statement-{visit.named('year')}.pdf", "application/pdf", body, _person(visit))


async def remittance(visit: Visit) -> Advice:
    """Return what a payee is told of a payout."""
    return Advice(await visit.read(see.taxes.remittance, visit.named("payout")))


async def remittance_pdf(visit: Visit) -> Download:
    """Return the same as PDF."""
    body = await visit.read(see.papers.remittance, visit.named("payout"))
    return Download(f"remittance-{visit.named('payout')}.pdf", "application/pdf", body, visit.named("payout"))


_TAX = Read("/payouts/tax", "/payouts", see.taxes.whole, "taxes/whole.html", whole)
_PERSON = Read("/people/{person}/tax", "/people", see.taxes.of_person, "taxes/person.html", of_person)
_STATEMENT = "/people/{person}/statements/{year}"
READS = (
    _TAX,
    _PERSON,
    Read(_STATEMENT, "/people", see.taxes.statement, "taxes/statement.html", statement),
    Read(f"{_STATEMENT}/pdf", "/people", see.papers.statement, "", statement_pdf),
    Read("/payouts/{payout}/remittance", "/payouts", see.taxes.remittance, "taxes/remittance.html", remittance),
    Read("/payouts/{payout}/remittance/pdf", "/payouts", see.papers.remittance, "", remittance_pdf),
)
ACTS = (
    Act("/payouts/tax", _TAX, say.taxes.set_reporting, set_reporting),
    Act("/payouts/tax/changes/{change}", _TAX, say.changes.answer, answer),
    Act("/payouts/tax/export", _TAX, say.taxes.export, export),
    Act("/people/{person}/tax", _PERSON, say.taxes.give, give),
    Act("/people/{person}/tax/shown", _PERSON, say.taxes.show, show, "taxes/shown.html"),
)
