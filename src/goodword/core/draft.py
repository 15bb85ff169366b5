"""The draft on which a decision is worked out: a state with this decision's effects on top.

An effect is the new value of one entity; postings, touches and jobs are rows that are only ever added. A decision reads its own
effects, and nothing changes until ``evolve``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct

from goodword.core import ids, lifecycles
from goodword.core.decision import Decision, Job, Verdict
from goodword.core.everything import EVERYTHING
from goodword.core.facts import Touch
from goodword.core.ledger import Posting
from goodword.core.rules import Rules, RuleVersion
from goodword.core.semantics import CURRENT
from goodword.core.state import NOUNS, Entity, Key, NotLoaded, Program, State

E = TypeVar("E", bound=Entity)
#: noun -> what gives its key, the moves of its lifecycle if it has one, and its groups: what every put asks.
_KINDS: Final = {noun: (noun.key.fget, lifecycles.MOVES.get(noun), noun.GROUPS) for noun in NOUNS}  # type: ignore[union-attr]


class Draft(Struct, gc=False):
    """A state with this decision's effects on top. ``rules``: the published versions by hash; ``evt``: the event's id.

    ``semantics``: the number of the behaviour under which it is decided.
    """

    state: State
    rules: Mapping[str, RuleVersion]
    evt: str
    as_of: int
    semantics: int = CURRENT
    puts: dict[tuple[type[Entity], Key], Entity] = {}
    #: keys of puts by group, so that a list of a thousand does not look at all the others for each of them
    _grouped: dict[tuple[type[Entity], str, str], dict[Key, None]] = {}
    #: puts by noun that are not in there yet: most decisions look at no group of most nouns afterwards
    _ungrouped: dict[type[Entity], list[Entity]] = {}
    verdicts: list[Verdict] = []
    postings: list[Posting] = []
    touches: tuple[Touch, ...] = ()
    jobs: list[Job] = []
    published: tuple[RuleVersion, ...] = ()
    fired: str | None = None

    def get(self, noun: type[E], key: Key) -> E | None:
        """The entity as it would be after the effects so far."""
        state = self.state
        entity = self.puts.get((noun, key)) or state.tables[noun].get(key)
        if entity is None and not state.complete:
            absent = state.absent[noun]
            if absent is not EVERYTHING and key not in absent:
                raise NotLoaded.of(noun, key)
        return entity  # type: ignore[return-value]

    def of(self, noun: type[E], by: str, group: str) -> list[E]:
        """The entities whose ``by`` is ``group`` after the effects so far, in order of key, or the first of them."""
        if noun in self._ungrouped:
            self._group(noun)
        stored, changed = self.state.of(noun, by, group), self._grouped.get((noun, by, group))
        if not changed:
            return stored and [entity for entity in stored if (noun, entity.key) not in self.puts]
        entities = {entity.key: entity for entity in stored if (noun, entity.key) not in self.puts}
        for key in changed:
            entity = self.puts[noun, key]
            if getattr(entity, by) == group:  # it may have left the group since
                entities[key] = entity  # type: ignore[assignment]
        in_order = [entities[key] for key in sorted(entities)] if len(entities) > 1 else list(entities.values())
        return in_order[: noun.MOST.get(by)]

    def _group(self, noun: type[Entity]) -> None:
        """Note of what was put since which groups it is in."""
        for entity in self._ungrouped.pop(noun):
            for by in noun.GROUPS:
                self._grouped.setdefault((noun, by, getattr(entity, by)), {})[entity.key] = None

    def need(self, noun: type[E], key: Key) -> E:
        """An entity that another one points to: it must be there."""
        entity = self.puts.get((noun, key)) or self.state.tables[noun].get(key) or self.state.get(noun, key)
        if entity is None:
            raise AssertionError(f"{noun.__name__} {key} is pointed to and not there")
        return entity  # type: ignore[return-value]

    def put(self, entity: E) -> E:
        """Return an entity a new value; returns it. Raises IllegalMove for a status that its lifecycle does not allow."""
        noun = type(entity)
        key_of, moves, grouped = _KINDS[noun]
        key, puts = key_of(entity), self.puts
        place = noun, key
        if moves is not None:
            before: Any = puts.get(place) or self.state.tables[noun].get(key)
            was, now = None if before is None else before.status, entity.status  # type: ignore[attr-defined]
            if was != now and (was, now) not in moves:
                raise lifecycles.IllegalMove(f"{noun.__name__}: {was or 'new'} -> {now} is not in the table")
        puts[place] = entity
        if grouped:
            self._ungrouped.setdefault(noun, []).append(entity)
        return entity

    def rules_of(self, version: str) -> Rules:
        """What a version means that was published before."""
        return self.rules[version].means

    def programs(self) -> list[Program]:
        """All programs of the workspace (they are few and always loaded), oldest first."""
        found: dict[Any, Any] = dict(self.state.tables[Program])
        for (noun, key), entity in self.puts.items():
            if noun is Program:
                found[key] = entity
        return [found[id_] for id_ in sorted(found)]

    def say(self, verdict: Verdict) -> None:
        """Add a verdict."""
        self.verdicts.append(verdict)

    def id(
        self, prefix: str, kind: str, *, program: str = "", side: str = "", share: str | int = "", n: int = 0
    ) -> str:
        """An id that follows from the event and the thing's place in the decision."""
        return ids.derived(prefix, self.evt, kind, program=program, side=side, share=share, n=n)

    def decision(self) -> Decision:
        """The finished decision."""
        return Decision(
            verdicts=tuple(self.verdicts),
            puts=self.puts,
            postings=tuple(self.postings),
            touches=self.touches,
            jobs=tuple(self.jobs),
            rules=self.published,
            fired=self.fired,
        )
