"""Standing approvals: what two members approved beforehand, how much of it is used, and a button that stops it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import amounts, say, see
from goodword.app.errors import InvalidError
from goodword.app.say.standing import Wanted
from goodword.app.see.standing import Whole
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core.kinds.rewards import to_payee
from goodword.core.ledger import WELCOME
from goodword.core.standing import POINTS
from goodword.outbound.rails import REGISTRY

_LIMITS = ("per_reward", "per_beneficiary", "in_all")
_SIDES = ("advocate", "friend")


class Standing(Struct, frozen=True):
    """All of them. ``programs``: slugs of those in which one can be asked for; ``rails``: over which."""

    whole: Whole
    programs: list[str]
    rails: list[str]


async def shown(visit: Visit) -> Standing:
    """Return the page."""
    whole = await visit.read(see.standing.whole)
    programs = await visit.glance(see.programs.every) or []
    usable = await visit.read(see.rails.usable)
    kinds = {name: REGISTRY[name] for name in usable}
    rails = [name for name, rail in kinds.items() if not rail.manual and not any(map(to_payee, rail.kinds))]
    return Standing(whole, [it.slug for it in programs if it.status != "ended"], rails)


async def ask(visit: Visit, form: Form) -> str:
    """Ask for what was typed."""
    unit = form.need("unit", 6)
    until = form.day("until")
    if until is None:
        raise InvalidError("until: a day such as 2026-06-30.", "until")
    side = form.text("side", 10)
    rail = form.need("rail", 64)
    wanted = Wanted(
        program=form.need("program", 100),
        kind=form.text("kind", 10) or ("points" if unit == POINTS else WELCOME if rail == WELCOME else "credit"),
        unit=unit,
        rail=rail,
        side=side if side in _SIDES else None,  # type: ignore[arg-type]
        until=until,
        **{name: _amount(form.need(name, 30), unit, name) for name in _LIMITS},
    )
    await visit.say(say.standing.ask, wanted, form.once)
    return "/settings/standing?done=standing_waits"


def _amount(text: str, unit: str, name: str) -> int:
    if unit != POINTS:
        return amounts.typed(text, unit)
    if not (text.isascii() and text.isdigit()):
        raise InvalidError("Points: a whole number.", name)
    return int(text)


async def stop(visit: Visit, form: Form) -> str:
    """Stop one."""
    await visit.say(say.standing.stop, visit.named("standing"), "stopped", form.once)
    return "/settings/standing?done=standing_stopped"


async def answer(visit: Visit, form: Form) -> str:
    """Confirm, decline or withdraw what another member asked for."""
    outcome = form.need("outcome", 20)
    await visit.say(say.changes.answer, visit.named("change"), outcome, form.once)
    return f"/settings/standing?done=change_{outcome}"


_PAGE = Read("/settings/standing", "/settings/standing", see.standing.whole, "standing/detail.html", shown)
READS = (_PAGE,)
ACTS = (
    Act("/settings/standing", _PAGE, say.standing.ask, ask),
    Act("/settings/standing/{standing}/stop", _PAGE, say.standing.stop, stop),
    Act("/settings/standing/changes/{change}", _PAGE, say.changes.answer, answer),
)
