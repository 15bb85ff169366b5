"""Who did what before: what a member who did one thing to a reward, or to what it rests on, may not do to it afterwards.

Four eyes are two people. Owners are no exception.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from goodword.core import semantics
from goodword.core.state import Act

#: What was done, where the first behaviour did not say what it was.
TOUCHED: Final = "touched"
#: act -> what the same member may not do afterwards. ``TOUCHED`` stands for each of the others but the last.
FORBIDDEN: Final[dict[str, frozenset[str]]] = {
    TOUCHED: frozenset(["approve"]),
    "claim.entered": frozenset(["approve", "release", "decide_claim", "decide_appeal"]),
    "claim.decided": frozenset(["approve", "release", "decide_appeal"]),
    "case.decided": frozenset(["approve", "release", "decide_appeal"]),
    "appealed": frozenset(["decide_appeal"]),
    "payout.returned": frozenset(["approve"]),
    "payee.entered": frozenset(["approve", "release"]),
}


def against(acts: Iterable[Act], member: str, wanted: str) -> Act | None:
    """Return what the member did that forbids them this act, if there is something: the first of it."""
    for act in acts:
        if act.member == member and wanted in FORBIDDEN[act.act]:
            return act
    return None


def noted(acts: tuple[Act, ...], number: int, act: str, *members: str) -> tuple[Act, ...]:
    """Return the acts with one more for each of these members. ``number``: the behaviour; the first did not tell acts apart."""
    if number < semantics.ACTS_ARE_NAMED:
        return (*acts, *(Act(member, TOUCHED) for member in members))
    return tuple(dict.fromkeys([*acts, *(Act(member, act) for member in members)]))
