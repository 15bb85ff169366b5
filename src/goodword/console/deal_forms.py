"""Links to a partner's own form for deals: the section of their page, the form that makes one, and the page that shows it once.

The page of the partner itself is ``people``'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.say.forms import DAYS, MOST_DAYS
from goodword.app.see.advocates import Advocate
from goodword.app.see.forms import Form as Link
from goodword.console.forms import Form
from goodword.console.frame import Visit


class Forms(Struct, frozen=True):
    """The section. ``programs``: slugs of those of which they are an advocate; ``members``: mails by id, None where hidden."""

    links: list[Link]
    programs: list[str]
    may: bool
    members: dict[str, str | None]
    days: int = DAYS
    most_days: int = MOST_DAYS


class Made(Struct, frozen=True):
    """A link that was made, shown this once, and for whom."""

    person: str
    url: str
    expires_at: int


async def section(visit: Visit, person: str, advocates: Sequence[Advocate]) -> Forms | None:
    """Return the section of a person's page; None for who may not see it, and of somebody who is no partner."""
    if not visit.may(see.forms.every) or not advocates:
        return None
    links = await visit.read(see.forms.every, person)
    slugs = {one.id: one.slug for one in await visit.read(see.programs.every)}
    programs = [slugs[it.advocate.program] for it in advocates if it.advocate.program in slugs]
    members = await visit.glance(see.members.every) or []
    return Forms(links, programs, visit.may(say.forms.make), {it.member.id: it.mail for it in members})


async def make(visit: Visit, form: Form) -> Made:
    """Make one."""
    days = form.text("days", 4)
    if days is not None and not (days.isascii() and days.isdigit()):
        raise InvalidError(f"Days: a number from 1 to {MOST_DAYS}.", "days")
    person = visit.named("person")
    lasts = None if days is None else int(days)
    made = await visit.read(say.forms.make, person, form.text("program", 100), lasts, form.once)
    return Made(person, made.url, made.expires_at)


async def end(visit: Visit, form: Form) -> str:
    """End one."""
    await visit.read(say.forms.end, visit.named("form"), form.once)
    return f"/people/{visit.named('person')}?done=form_ended#forms"
