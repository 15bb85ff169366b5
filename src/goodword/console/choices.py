"""What somebody chooses between who decides a case or a claim: each outcome with the money that it would move.

Must not know: what a case or a claim is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from goodword.app.say.said import Preview, Sum, by_person
from goodword.console.frame import Visit
from goodword.core.reasons import TOLD

#: Reasons that are no refusal's, in front of those that a person is told.
REASONS = ("looked_at", *TOLD)
_PREVIEW = "preview"


class Choice(Struct, frozen=True):
    """An outcome. ``sums``: what it moves of whom; ``change``: what it changes in each unit.

    ``refusal``: why it could not be chosen now; ``could``: members who could. ``then``: who may approve what it earns; None: it earns
    nothing.
    """

    code: str
    sums: tuple[Sum, ...]
    change: dict[str, int]
    refusal: str | None
    could: tuple[str, ...]
    then: tuple[str, ...] | None = None


async def of(
    visit: Visit,
    preview: Callable[..., Awaitable[Preview]],
    id_: str,
    outcomes: Sequence[str],
    more: Mapping[str, tuple[Any, ...]] = MappingProxyType({}),
) -> list[Choice] | None:
    """Return what the reader may choose between; None: they decide nothing of the sort. ``more``: what an outcome says besides."""
    if not visit.may(preview):
        return None
    choices = []
    for outcome in outcomes:
        shown = await visit.read(preview, id_, outcome, _PREVIEW, *more.get(outcome, ()))
        said = shown.entry.verdicts
        no = said[0] if said and all(verdict.refused for verdict in said) else None
        could = next((step.values.get("could", ()) for step in no.steps if "could" in step.values), ()) if no else ()
        sums = by_person(shown.moves)
        change = {
            unit: sum(one.change for one in sums if one.unit == unit)
            for unit in dict.fromkeys(one.unit for one in sums)
        }
        steps = said[0].steps if said and no is None else ()
        then = next((tuple(step.values["could"]) for step in steps if step.code == "then"), None)
        choices.append(Choice(outcome, sums, change, no.refusal if no else None, tuple(could), then))
    return choices
