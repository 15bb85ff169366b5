"""Who may not earn from whom, and what a person should look at. Proof refuses; a suspicion only opens a case."""

from __future__ import annotations

from collections.abc import Sequence

from goodword.core.draft import Draft
from goodword.core.facts import Match, Told
from goodword.core.kinds.signals import REGISTRY
from goodword.core.kinds.signals.base import Scene
from goodword.core.rules import Rules
from goodword.core.state import Conversion, Flag, Referral


def same_person(referral: Referral, matches: tuple[Match, ...]) -> Match | None:
    """A verified key that the friend shares with an advocate of the referral, if there is one."""
    if not matches:
        return None
    advocates = {share.person for share in referral.shares}
    for match in matches:
        pair = {match.person, match.other}
        if match.verified and referral.friend in pair and pair - {referral.friend} <= advocates and len(pair) == 2:  # noqa: PLR2004
            return match
    return None


def flags_of(
    draft: Draft,
    rules: Rules,
    referral: Referral,
    conversion: Conversion,
    told: Told,
    rewards: Sequence[tuple[str, str, str, int]],
) -> list[Flag]:
    """All flags of all signals, in the order of the registry."""
    scene = Scene(
        draft=draft,
        rules=rules,
        referral=referral,
        conversion=conversion,
        matches=told.matches(referral.friend),
        rewards=tuple(rewards),
    )
    flags: list[Flag] = []
    for look in REGISTRY.values():
        flags += look(scene)
    return flags
