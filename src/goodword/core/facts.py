"""What a decision is given besides the state: touches, matches of persons, who acts.

It stands in the log; a replay takes it from there.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final

from msgspec import Struct

from goodword.core.everything import EVERYTHING
from goodword.core.state import NotLoaded


class Touch(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A click or code entry: an observation. ``id`` is the click's id or else the event's."""

    id: str
    code: str
    at: int
    visitor: str | None = None
    device: str | None = None
    bot: bool = False
    block: str | None = None


class Match(Struct, frozen=True, gc=False, array_like=True):
    """Two persons share a key of this kind; verified if a trusted source asserted it of both. Never the key itself."""

    person: str
    other: str
    kind: str
    verified: bool


class Known(Struct, frozen=True, gc=False, array_like=True, order=True):
    """A person whom an event concerns and another one share a key of this kind, as verified sources say of both; not the key itself."""

    person: str
    other: str
    kind: str


class Actor(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Who acts: a member with roles, limits and programs as they were, a service key, the system. ``programs``: none is all.

    ``session``: the id of the console's session by which they came, which is a digest of its opening; empty: by no session.
    """

    id: str
    kind: str  # member | key | system | person
    roles: tuple[str, ...] = ()
    limits: dict[str, int] | None = None
    programs: tuple[str, ...] = ()
    session: str = ""


class Facts(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What the state does not hold and decide may see. It stands in the log; a replay takes it from there.

    ``matches``: who shares a key, as the first behaviour asked; ``known``: as later ones do.
    """

    touches: tuple[Touch, ...] = ()
    touches_count: int = 0
    matches: tuple[Match, ...] = ()
    actor: Actor | None = None
    known: tuple[Known, ...] = ()


class Evidence(Struct, frozen=True, gc=False):
    """What an event needs besides the state: touches of visitors, clicks by id, and who persons are.

    ``persons`` may turn out to be one of those who would earn by them; with ``equals`` others may share a mail or phone: these are
    all persons, and whoever buys. ``codes``: named.
    """

    visitors: AbstractSet[str]
    clicks: AbstractSet[str]
    persons: AbstractSet[str]
    codes: AbstractSet[str]
    equals: AbstractSet[str] = frozenset()


class Extent(Struct, frozen=True, gc=False):
    """Of whom and what the facts of an event tell: its evidence, and who would earn by its persons."""

    evidence: Evidence
    earners: AbstractSet[str]


#: For facts that stand in a log: they were asked for when they were written there.
EVERY_EXTENT: Final = Extent(Evidence(EVERYTHING, EVERYTHING, EVERYTHING, EVERYTHING, EVERYTHING), EVERYTHING)


class Told(Struct, gc=False):
    """The facts as a decision reads them: of nobody whom its event did not ask about (``evidence.extent``).

    ``ask``: says what it did, once, and only if a fact is read: most decisions read none.
    """

    facts: Facts
    ask: Callable[[], Extent]
    extent: Extent | None = None

    @property
    def actor(self) -> Actor | None:
        """Who acts, if somebody does."""
        return self.facts.actor

    def need_actor(self) -> Actor:
        """Return who acts: a command always has somebody."""
        actor = self.facts.actor
        if actor is None:
            raise AssertionError("a command without an actor")
        return actor

    def _extent(self) -> Extent:
        if self.extent is None:
            self.extent = self.ask()
        return self.extent

    def touches(self, visitors: AbstractSet[str], click: str | None) -> list[Touch]:
        """Return the touches of these visitors and the click with that id, oldest first.

        Raises NotLoaded if they were not asked for: an empty answer would say nothing.
        """
        asked = (self.extent or self._extent()).evidence
        if not asked.visitors >= visitors or not (click is None or click in asked.clicks):
            raise NotLoaded(f"touches of {sorted(visitors - asked.visitors) or click}")
        return [touch for touch in self.facts.touches if touch.visitor in visitors or touch.id == click]

    def matches(self, person: str) -> tuple[Match, ...]:
        """Return who shares a key with a person, and with others of the same event. Raises NotLoaded if it was not asked for."""
        if person not in (self.extent or self._extent()).evidence.persons:
            raise NotLoaded(f"who else {person} is")
        return self.facts.matches

    def shared(self, person: str, other: str) -> list[str]:
        """Return the kinds of keys that a person shares with one who would earn by them. Raises NotLoaded if it was not asked for."""
        asked = self.extent or self._extent()
        if person not in asked.evidence.persons or other not in asked.earners:
            raise NotLoaded(f"whether {person} is {other}")
        if not self.facts.known:
            return []
        return [known.kind for known in self.facts.known if (known.person, known.other) == (person, other)]

    def equals(self, person: str) -> list[Known]:
        """Return who else shares any key with a person, as far as it is quoted. Raises NotLoaded if it was not asked for."""
        if person not in (self.extent or self._extent()).evidence.equals:
            raise NotLoaded(f"who is equal to {person}")
        if not self.facts.known:
            return []
        return [known for known in self.facts.known if known.person == person]
