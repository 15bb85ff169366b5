"""A history, made in memory by the product's own deciding: what the write path does, without a database around it.

Leads with a code, purchases that earn both sides a reward, purchases of strangers, and timers as they fall due. Ids and
times follow from numbers, so the same people and invoices can be named again.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from goodword.app.batch import Batch
from goodword.app.loaded import Loaded
from goodword.core import events, ids, rules
from goodword.core.effects import Actor
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent
from goodword.core.merkle import Frontier
from goodword.core.rules import RuleVersion
from goodword.core.state import Entity, Key, State
from goodword.sources import rule_file
from goodword.store.log import Stream

OWNER = Actor(id="mem_00000000000000000000000001", kind="member", roles=("owner",))
#: Outside events of one group: two leads, their purchases, and a stranger's.
GROUP = 5


class Name(NamedTuple):
    """A name that came from outside, of a person or an invoice, and the id that stands for it."""

    kind: str
    text: str
    id: str


class History:
    """A workspace's log as it grows. ``state`` and ``rules`` are what it comes to; ``codes`` are those that leads name.

    ``groups``: how many groups of outside events were begun.
    """

    def __init__(self, stream: Stream, state: State, versions: dict[str, RuleVersion], codes: list[str]) -> None:
        self._loaded = Loaded()
        self._loaded.state = state
        self._loaded.rules = versions
        self._batch = Batch(stream, self._loaded, ())
        self._numbers = stream.position
        self.codes = codes
        self.groups = 0

    @property
    def state(self) -> State:
        """Every entity."""
        return self._loaded.state

    @property
    def position(self) -> int:
        """How many entries the log has."""
        return self._batch.position

    @property
    def as_of(self) -> int:
        """The instant of the last entry."""
        return self._batch.as_of

    @property
    def balances(self) -> dict[Key, int]:
        """What every balance changed by since the beginning of this object."""
        return self._batch.balances

    def decide(
        self, what: Iterable[AnyEvent], actor: Actor | None = None, until: int | None = None
    ) -> Iterator[tuple[Entry, bytes]]:
        """Decide these events, and the timers that fall due on the way; gives each entry with its leaf.

        Ends with the event that brings the log to ``until`` entries or just beyond. To be read to its end.
        """
        batch = self._batch
        for event in what:
            if until is not None and batch.position >= until:
                return
            batch.take(event, actor)
            yield from zip(batch.entries, batch.leaves, strict=True)
            batch.entries.clear()
            batch.leaves.clear()
            batch.puts.clear()
            if batch.broken:
                raise RuntimeError(f"a timer could not be decided: {batch.broken[0]}")

    def id(self, prefix: str, at: int) -> str:
        """Give a new id of that time."""
        self._numbers += 1
        return _id(prefix, at, self._numbers)

    def traffic(self, groups: Iterable[int], begin: int, step: int) -> Iterator[AnyEvent]:
        """Give the outside events of these groups, one each ``step`` microseconds, the first at ``begin``."""
        at = begin
        for n in groups:
            self.groups = max(self.groups, n + 1)
            people = [_person(n, half) for half in range(3)]
            for half in range(2):
                code = self.codes[(2 * n + half) % len(self.codes)]
                yield events.LeadCreated(**self.stamp(at), person=people[half].id, code=code)
                at += step
            for half in range(3):
                yield events.ConversionRecorded(
                    **self.stamp(at),
                    person=people[half].id,
                    invoice=_invoice(n, half).id,
                    amount=2_000 + n % 7_000,
                    currency="EUR",
                )
                at += step

    def stamp(self, at: int) -> dict[str, Any]:
        """Give what all events of that time have, with a new id."""
        return {"evt": self.id("evt", at), "source": "native", "occurred_at": at, "accepted_at": at}


def names(groups: range) -> Iterator[Name]:
    """Give the outside names in the events of these groups."""
    for n in groups:
        for half in range(3):
            yield _person(n, half)
            yield _invoice(n, half)


def fresh(document: bytes, advocates: int, begin: int) -> tuple[History, list[tuple[Entry, bytes]]]:
    """Give a new history in which these rules are published and so many advocates enrolled, with its first entries."""
    read = rule_file.read(document, "bench.yaml")
    text = rules.document(read)
    stream = Stream(0, 0, None, Frontier(), "real")
    codes = [_id("cod", begin, n) for n in range(advocates)]
    history = History(stream, State(complete=True), {}, codes)
    published = events.ProgramPublished(
        **history.stamp(begin), slug=read.program, rules=rules.version(text).hash, document=text
    )
    enrolled = [
        events.AdvocateEnrolled(**history.stamp(begin), person=_id("per", begin, n), code=code)
        for n, code in enumerate(codes)
    ]
    return history, [*history.decide([published], OWNER), *history.decide(enrolled)]


def every(state: State) -> Iterator[tuple[type[Entity], list[Entity]]]:
    """Give the entities of each noun."""
    for noun, table in state.tables.items():
        yield noun, list(table.values())


def _person(n: int, half: int) -> Name:
    return Name("person", f"h{n}-{half}", _id("per", 0, n * GROUP + half + 1_000_000))


def _invoice(n: int, half: int) -> Name:
    return Name("invoice", f"h{n}-{half}", _id("inv", 0, n * GROUP + half))


def _id(prefix: str, at: int, number: int) -> str:
    return ids.encode(prefix, (at // 1_000 << 80 | number).to_bytes(16))
