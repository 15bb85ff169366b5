"""What a signal sees: one conversion that would earn, and the people on both sides."""

from __future__ import annotations

from msgspec import Struct

from goodword.core import persons
from goodword.core.draft import Draft
from goodword.core.facts import Told
from goodword.core.rules import Rules
from goodword.core.state import Conversion, Referral


class Scene(Struct, frozen=True, gc=False, kw_only=True):
    """``told``: who the friend may be; ``rewards``: (side, beneficiary, unit, amount) that would be earned."""

    draft: Draft
    rules: Rules
    referral: Referral
    conversion: Conversion
    told: Told
    rewards: tuple[tuple[str, str, str, int], ...]

    @property
    def buyer(self) -> str:
        """Who bought: the friend, under this or another name."""
        return self.conversion.person or self.referral.friend

    @property
    def keys(self) -> set[str]:
        """The kinds of keys that whoever bought shares with an advocate of the referral."""
        advocates = persons.earning(self.draft, self.referral.shares)
        found = [persons.shared(self.draft, self.told, self.buyer, advocate) for advocate in advocates]
        return {kind for each in found for kind, _ in each}
