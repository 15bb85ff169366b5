"""What a decision is given besides the state: touches, matches of persons, who acts.

It stands in the log; a replay takes it from there.
"""

from __future__ import annotations

from msgspec import Struct


class Touch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A click or code entry: an observation. ``id`` is the click's id or else the event's."""

    id: str
    code: str
    at: int
    visitor: str | None = None
    device: str | None = None
    bot: bool = False
    block: str | None = None


class Match(Struct, frozen=True, array_like=True):
    """Two persons share a key of this kind; verified if a trusted source asserted it of both. Never the key itself."""

    person: str
    other: str
    kind: str
    verified: bool


class Actor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who acts: a member with roles and limits as they were, a service key, the system."""

    id: str
    kind: str  # member | key | system
    roles: tuple[str, ...] = ()
    limits: dict[str, int] | None = None


class Facts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the state does not hold and decide may see. It stands in the log; a replay takes it from there."""

    touches: tuple[Touch, ...] = ()
    touches_count: int = 0
    matches: tuple[Match, ...] = ()
    actor: Actor | None = None
