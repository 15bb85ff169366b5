"""Advocate and friend have to do with one another, or with the company, as declared traits of either say (``customer.updated``).

A friend whose mail is a member's, or at a member's domain, is likely of the company, too, whatever is declared.

``employee``, ``reseller``: true of somebody who is one. ``owner``, ``household``: the same word of both. ``salesperson`` of the
friend's account is the word that is ``staff`` of an advocate: their own salesperson.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def _is_one(name: str, scene: Scene) -> list[Flag]:
    """A flag that names the first side of whom it is true."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    for person, customer in scene.customers.items():
        if customer.traits.get(name) is True:
            return [Flag(name, {"side": "friend" if person == scene.buyer else "advocate"})]
    return _is_staff(scene) if name == EMPLOYEE else []


def _is_staff(scene: Scene) -> list[Flag]:
    """A flag where the mail of a friend, who is to be a new customer, is a member's own, or at the domain of one."""
    friend = scene.customers.get(scene.buyer)
    if friend is None or friend.staff is None or not scene.rules.new_customers_only:
        return []
    return [Flag(EMPLOYEE, {"side": "friend", "by": friend.staff})]


def _have_one(code: str, theirs: str, ours: str, scene: Scene) -> list[Flag]:
    """A flag where a word of the friend is a word of an advocate."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    buyer = scene.customers.get(scene.buyer)
    word = buyer.traits.get(theirs) if buyer is not None else None
    if word is None or word == "" or isinstance(word, bool):
        return []
    others = [each for each in scene.customers.items() if each[0] != scene.buyer]
    alike = [person for person, customer in others if customer.traits.get(ours) == word]
    return [Flag(code, {"advocate": alike[0], "trait": theirs})] if alike else []


#: What somebody is or is not; the others are words that two have in common.
EMPLOYEE = "employee"
IS_ONE = (EMPLOYEE, "reseller")

LOOKS: dict[str, Callable[[Scene], list[Flag]]] = {
    **{name: partial(_is_one, name) for name in IS_ONE},
    "same_owner": partial(_have_one, "same_owner", "owner", "owner"),
    "household": partial(_have_one, "household", "household", "household"),
    "own_salesperson": partial(_have_one, "own_salesperson", "salesperson", "staff"),
}
