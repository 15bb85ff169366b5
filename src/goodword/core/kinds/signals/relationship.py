"""Advocate and friend have to do with one another, or with the company, as declared traits of either say (``customer.updated``).

``employee``, ``reseller``: true of somebody who is one. ``owner``, ``household``: the same word of both. ``salesperson`` of the
friend's account is the word that is ``staff`` of an advocate: their own salesperson.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag


def _trait(scene: Scene, person: str, name: str) -> bool | int | str | None:
    customer = scene.draft.get(Customer, person)
    return customer.traits.get(name) if customer is not None else None


def _is_one(name: str, scene: Scene) -> list[Flag]:
    """A flag that names the first side of whom it is true."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    for person in (scene.buyer, *scene.advocates):
        if _trait(scene, person, name) is True:
            return [Flag(name, {"side": "friend" if person == scene.buyer else "advocate"})]
    return []


def _have_one(code: str, theirs: str, ours: str, scene: Scene) -> list[Flag]:
    """A flag where a word of the friend is a word of an advocate."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    word = _trait(scene, scene.buyer, theirs)
    if isinstance(word, bool) or word in (None, ""):
        return []
    alike = [each for each in scene.advocates if each != scene.buyer and _trait(scene, each, ours) == word]
    return [Flag(code, {"advocate": alike[0], "trait": theirs})] if alike else []


#: What somebody is or is not; the others are words that two have in common.
IS_ONE = ("employee", "reseller")

LOOKS: dict[str, Callable[[Scene], list[Flag]]] = {
    **{name: partial(_is_one, name) for name in IS_ONE},
    "same_owner": partial(_have_one, "same_owner", "owner", "owner"),
    "household": partial(_have_one, "household", "household", "household"),
    "own_salesperson": partial(_have_one, "own_salesperson", "salesperson", "staff"),
}
