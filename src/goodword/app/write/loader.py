"""load: fetch what ``core/needs`` says that deciding a batch looks at, one query a noun and round, or take it from what was cached.

Must not know: what is decided, what an event or an entity points to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, product

import asyncpg

from goodword.app.engine import Engine
from goodword.app.write.cache import Cached
from goodword.app.write.working_set import Loaded
from goodword.core import calendar, kin, needs
from goodword.core.events import AnyEvent
from goodword.core.facts import Actor, Known
from goodword.core.needs import Need
from goodword.core.persons import MOST_EQUALS, PROOF, as_now
from goodword.core.rules import version as rule_version
from goodword.core.state import By, Entity, Key, Kin, Program
from goodword.store import entities, people, touches
from goodword.store import rules as stored_rules


class _Loading:
    """The fetching for one batch."""

    def __init__(self, engine: Engine, connection: asyncpg.Connection, workspace_id: str, cached: Cached) -> None:
        self.engine = engine
        self.cached = cached
        self.connection = connection
        self.workspace_id = workspace_id
        self.loaded = Loaded()
        self.state = self.loaded.state

    async def always(self) -> None:
        """Fetch what every decision may need, and all versions of the rules."""
        for noun in needs.ALWAYS:
            here: Iterable[Entity] = self.cached.state.all(noun)
            if self.cached.empty:
                here = await entities.every(self.connection, self.workspace_id, noun)
            for entity in here:
                self.state.put(entity)
        for noun in needs.RARE:
            if self.cached.state.lacks(noun) or (
                self.cached.empty and not await entities.any_of(self.connection, self.workspace_id, noun)
            ):
                self.state.miss_all(noun)
        hashes = {rules for program in self.state.all(Program) for _, rules in program.versions}
        known = self.engine.rules
        rules = {hash_: version for hash_ in hashes if (version := known.get((self.workspace_id, hash_))) is not None}
        for semantics, document in await stored_rules.documents(
            self.connection, self.workspace_id, hashes - rules.keys()
        ):
            version = rule_version(document, semantics)
            rules[version.hash] = known.put((self.workspace_id, version.hash), version)
        self.loaded.rules = rules

    async def fetch(self, need: Need) -> None:
        """Fetch one round of what is needed."""
        for noun, keys in need.keys.items():
            await self._keys(noun, keys)
        for by, groups in need.groups.items():
            await self._groups(by, groups)
        if need.evidence is not None:
            named = need.evidence.visitors, need.evidence.clicks
            now = calendar.moment(self.engine.clock.now())
            self.loaded.hear(need.evidence, await touches.find(self.connection, self.workspace_id, *named, now))
        if need.pairs or need.equals:
            self.loaded.recognise(need.pairs, need.equals, await self._known(need))

    async def _known(self, need: Need) -> Iterable[Known]:
        """Who shares keys: what was said under a name that was merged away is said of whom it is now."""
        pairs, equals, now = need.pairs, need.equals, dict[str, str]()
        if self.state.tables[Kin]:
            now = kin.names(self.state.get, {*equals, *chain.from_iterable(pairs)})
            names: dict[str, list[str]] = {}
            for name, person in now.items():
                names.setdefault(person, []).append(name)
            pairs = {both for one, other in pairs for both in product(names[now[one]], names[now[other]])}
            equals = {name for person in equals for name in names[now[person]]}
        found = await people.known(self.connection, self.workspace_id, pairs, equals, PROOF, MOST_EQUALS + 1)
        return as_now(found, now) if now else found

    async def _keys(self, noun: type[Entity], keys: set[Key]) -> None:
        missing = {key for key in keys if not self.state.knows(noun, key)}
        here = [entity for key in missing if (entity := self.cached.entity(noun, key)) is not None]
        unknown = {key for key in missing.difference([it.key for it in here]) if not self.cached.absent(noun, key)}
        here += await entities.load(self.connection, self.workspace_id, noun, unknown)
        self._arrived(noun, here)
        self.state.miss(noun, missing)

    async def _groups(self, by: By, names: set[str]) -> None:
        known = {name: group for name in names if (group := self.cached.group(by, name)) is not None}
        here = [entity for group in known.values() for entity in group]
        here += await entities.of(self.connection, self.workspace_id, by, names - known.keys())
        self._arrived(by[0], here)
        self.state.gather(by, names)

    def _arrived(self, noun: type[Entity], arrived: Sequence[Entity]) -> None:
        known = self.state.tables[noun]
        self.state.update({(noun, key): entity for entity in arrived if (key := entity.key) not in known})


async def load(
    engine: Engine,
    connection: asyncpg.Connection,
    workspace_id: str,
    batch: Sequence[AnyEvent],
    cached: Cached,
    actor: Actor | None = None,
    as_of: int = 0,
) -> Loaded:
    """Return all that deciding these events may look at. Runs in the transaction that holds the workspace's lock.

    ``cached``: what is known of this head of the log already.
    """
    loading = _Loading(engine, connection, workspace_id, cached)
    await loading.always()
    for need in needs.rounds(loading.loaded, batch, actor, as_of):
        await loading.fetch(need)
    return loading.loaded
