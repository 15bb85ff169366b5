"""A mail or phone that more people share than one person has accounts: a shop's own, a placeholder, a farm of accounts."""

from __future__ import annotations

from collections import Counter

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.persons import MOST_EQUALS, PROOF
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag for each kind of key of the friend that more than twenty others have."""
    if scene.draft.semantics < semantics.PERSONS:
        return []
    equal = scene.told.equals(scene.buyer)
    if not equal:
        return []
    counts = Counter(known.kind for known in equal if known.kind in PROOF)
    return [
        Flag("shared_key", {"key": kind, "over": MOST_EQUALS}) for kind in sorted(counts) if counts[kind] > MOST_EQUALS
    ]
