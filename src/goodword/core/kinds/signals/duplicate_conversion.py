"""The same customer and amount under another invoice within ten minutes."""

from __future__ import annotations

from goodword.core import calendar, semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Conversion, Flag

WITHIN = 10 * calendar.MINUTE


def twins(person: str, amount: int, currency: str | None, at: int) -> tuple[str, str, str]:
    """The ten minutes of an instant, those before and those after, of one customer and amount: ``Conversion.twin`` is the first."""
    slot, paid = at // WITHIN, f"{person}:{currency or ''}:{amount}:"
    return f"{paid}{slot}", f"{paid}{slot - 1}", f"{paid}{slot + 1}"


def twin(person: str, amount: int, currency: str | None, at: int) -> str:
    """The first of them."""
    return f"{person}:{currency or ''}:{amount}:{at // WITHIN}"


def look(scene: Scene) -> list[Flag]:
    """One flag that names the other conversion. Of three or more within the same ten minutes, the first two stand for all."""
    this = scene.conversion
    if this.amount is None or this.person is None:
        return []
    others = [other for other in _paid_alike(scene, this) if other.id != this.id and abs(other.at - this.at) < WITHIN]
    if not others:
        return []
    other = min(others, key=lambda other: other.id)
    return [Flag("duplicate_conversion", {"other": other.id, "at": other.at})]


def _paid_alike(scene: Scene, this: Conversion) -> list[Conversion]:
    draft = scene.draft
    if draft.semantics >= semantics.TWINS_BY_SLOT:
        slots = twins(this.person or "", this.amount or 0, this.currency, this.at)
        return [other for slot in slots for other in draft.of(Conversion, "twin", slot)]
    return [
        other
        for other in draft.of(Conversion, "person", this.person or "")
        if other.status == "paid" and (other.amount, other.currency) == (this.amount, this.currency)
    ]
