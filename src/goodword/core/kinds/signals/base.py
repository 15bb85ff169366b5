"""What a signal sees: one conversion that would earn, and the people on both sides."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from goodword.core import persons
from goodword.core.draft import Draft
from goodword.core.facts import Told
from goodword.core.rules import Rules
from goodword.core.state import Conversion, Customer, Referral


class Scene(Struct, frozen=True, gc=False, kw_only=True):
    """What all signals look at; ``scene`` makes it, so that what several of them ask is worked out once.

    ``told``: who the friend may be; ``rewards``: (side, beneficiary, unit, amount) that would be earned; ``buyer``: who bought: the
    friend, under this or another name; ``advocates``: who would earn, under each name; ``customers``: what is known of them, by person,
    of whom anything is; ``keys``: the kinds of keys that both share.
    """

    draft: Draft
    rules: Rules
    referral: Referral
    conversion: Conversion
    told: Told
    rewards: Sequence[tuple[str, str, str, int]]
    buyer: str
    advocates: list[str]
    customers: dict[str, Customer]
    keys: set[str]


def scene(
    draft: Draft,
    rules: Rules,
    referral: Referral,
    conversion: Conversion,
    told: Told,
    rewards: Sequence[tuple[str, str, str, int]],
) -> Scene:
    """Return the scene of a conversion that would earn these rewards by a referral."""
    buyer = conversion.person or referral.friend
    advocates = persons.earning(draft, referral.shares)
    return Scene(
        draft=draft,
        rules=rules,
        referral=referral,
        conversion=conversion,
        told=told,
        rewards=rewards,
        buyer=buyer,
        advocates=advocates,
        customers={each: row for each in (buyer, *advocates) if (row := draft.get(Customer, each)) is not None},
        keys={kind for advocate in advocates for kind, _ in persons.shared(draft, told, buyer, advocate)},
    )
