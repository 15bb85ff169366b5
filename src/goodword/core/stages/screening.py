"""What a person should look at: a suspicion only opens a case. What refuses is proof (``persons``)."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.core.draft import Draft
from goodword.core.facts import Told
from goodword.core.kinds.signals import REGISTRY, base
from goodword.core.rules import Rules
from goodword.core.state import Conversion, Flag, Referral


def flags_of(
    draft: Draft,
    rules: Rules,
    referral: Referral,
    conversion: Conversion,
    told: Told,
    rewards: Sequence[tuple[str, str, str, int]],
) -> list[Flag]:
    """All flags of all signals, in the order of the registry."""
    scene = base.scene(draft, rules, referral, conversion, told, rewards)
    flags: list[Flag] = []
    for look in REGISTRY.values():
        flags += look(scene)
    return flags
