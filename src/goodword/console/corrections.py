"""Corrections: the form that enters one, in two steps. First what, for whom, with what would come of it; then why, and it is entered.

What was looked at stands in the address, so that what is confirmed is what was shown; why and what it rests on never do.
"""

from __future__ import annotations

from msgspec import Struct

from goodword import words
from goodword.app import amounts, say, see
from goodword.app.errors import InvalidError
from goodword.app.say.corrections import MOST_DOCUMENT, MOST_WHY, Corrected
from goodword.app.see.parties import Parties
from goodword.console import parts
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core import ledger
from goodword.core.kinds.rewards import REGISTRY

_ASKED = ("person", "program", "origin", "kind", "amount", "currency", "reward")


class Shown(Struct, frozen=True):
    """What would come of it. ``told``: to whom it is owed; ``steps``: to finance; ``refusal``: why it would be refused, in words."""

    beneficiary: str | None
    name: str | None
    amount: int
    unit: str
    told: str
    steps: list[str]
    refusal: str | None


class Entering(Struct, frozen=True):
    """The form. ``asked``: what stands in the address; ``about``: the reward that it puts right; ``wrong``: what cannot be meant."""

    may_enter: bool
    programs: list[str]
    origins: tuple[str, ...]
    kinds: tuple[str, ...]
    asked: dict[str, str]
    about: Parties | None
    shown: Shown | None
    wrong: str | None
    most_why: int = MOST_WHY
    most_document: int = MOST_DOCUMENT


async def entering(visit: Visit) -> Entering:
    """Return the form, with what would come of what the address says."""
    known = {one.id: one.slug for one in await visit.read(see.programs.every)}
    programs = [*known.values()]
    asked = {name: text for name in _ASKED if (text := visit.asked(name)) is not None}
    asked |= {"program": known[asked["program"]]} if asked.get("program") in known else {}
    about = (await visit.read(see.parties.each, [asked["reward"]]))[0] if "reward" in asked else None
    if about is not None:
        its = {"person": about.reward.beneficiary, "program": about.program, "kind": about.reward.kind}
        its |= {} if about.reward.unit.startswith("points:") else {"currency": about.reward.unit}
        asked = its | asked
    shown, wrong = None, None
    if "amount" in asked and visit.may(say.corrections.preview):
        try:
            shown = await _shown(visit, _said(asked, None))
        except InvalidError as error:
            wrong = str(error)
    choices = programs, ledger.ORIGINS, tuple(name for name, kind in REGISTRY.items() if not kind.taken_off)
    return Entering(visit.may(say.corrections.enter), *choices, asked, about, shown, wrong)


async def _shown(visit: Visit, said: Corrected) -> Shown:
    verdict = (await visit.read(say.corrections.preview, said)).entry.verdicts[0]
    told = words.sentences(verdict)
    refusal = words.refusal(verdict.refusal) if verdict.refusal is not None else None
    person = verdict.beneficiary
    names = await visit.glance(see.people.names, [person]) or {} if person is not None else {}
    steps = [sentence for _, sentence in told.steps]
    return Shown(person, names.get(person or ""), said.amount, verdict.unit or "", told.beneficiary, steps, refusal)


def _said(asked: dict[str, str], document: str | None) -> Corrected:
    """Return the correction that an address says. Raises InvalidError for what cannot be meant."""
    kind = asked.get("kind", "cash")
    in_money = kind not in REGISTRY or REGISTRY[kind].in_money
    return Corrected(
        program=asked.get("program", ""),
        person=asked.get("person", ""),
        origin=asked.get("origin", ""),
        amount=amounts.typed(asked.get("amount", ""), asked.get("currency")) if in_money else _points(asked),
        kind=kind,
        currency=asked.get("currency") if in_money else None,
        puts_right=asked.get("reward"),
        document=document,
    )


def _points(asked: dict[str, str]) -> int:
    text = asked.get("amount", "")
    if not (text.isascii() and text.isdecimal()):
        raise InvalidError("Points: a whole number such as 500.", "amount")
    return int(text)


async def enter(visit: Visit, form: Form) -> str:
    """Enter what the address says, and why."""
    said = _said((await entering(visit)).asked, form.text("document", MOST_DOCUMENT))
    entry = await visit.say(say.corrections.enter, said, form.need("why", MOST_WHY), form.once)
    return f"/rewards/{entry.verdicts[0].subject}" + parts.query({"done": "corrected"})


_NEW = Read("/corrections/new", "/rewards", see.parties.page, "corrections/enter.html", entering)
READS = (_NEW,)
ACTS = (Act("/corrections/new", _NEW, say.corrections.enter, enter),)
