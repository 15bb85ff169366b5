"""What a signal sees: one conversion that would earn, and the people on both sides."""

from __future__ import annotations

from msgspec import Struct

from goodword.core.draft import Draft
from goodword.core.facts import Match
from goodword.core.rules import Rules
from goodword.core.state import Conversion, Referral


class Scene(Struct, frozen=True, gc=False, kw_only=True):
    """``matches``: same-person findings about the friend; ``rewards``: (side, beneficiary, unit, amount) that would be earned."""

    draft: Draft
    rules: Rules
    referral: Referral
    conversion: Conversion
    matches: tuple[Match, ...]
    rewards: tuple[tuple[str, str, str, int], ...]
