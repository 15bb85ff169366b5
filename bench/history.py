"""A history, made in memory by the product's own deciding: what the write path does, without a database around it.

Leads with a code, the purchases that these earn rewards by, purchases of strangers, and timers as they fall due. Times and ids
follow from numbers.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from goodword.app.write.batch import Batch
from goodword.app.write.working_set import Loaded
from goodword.core import events, ids, rollup, rules
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, MemberSet
from goodword.core.facts import Actor
from goodword.core.merkle import Frontier
from goodword.core.rollup import Changes
from goodword.core.rules import RuleVersion
from goodword.core.state import State
from goodword.sources import rule_file
from goodword.store.log import Stream

#: An entry and its leaf.
Made = tuple[Entry, bytes]


class Buyer(NamedTuple):
    """Who buys once, in cents: the ids of person and invoice, and of the code that the lead names; a stranger has none."""

    person: str
    invoice: str
    amount: int
    code: str | None


class History:
    """A workspace's log as it grows from nothing."""

    def __init__(self) -> None:
        self._loaded = Loaded()
        self._loaded.state = State(complete=True)
        self._batch = Batch(Stream(0, 0, None, Frontier(), "real"), self._loaded, ())
        self._numbers = 0
        self._rollup: Changes = {}

    @property
    def state(self) -> State:
        """Every entity."""
        return self._loaded.state

    @property
    def versions(self) -> list[RuleVersion]:
        """The rules that were published."""
        return self._batch.changes.rules

    @property
    def rollup(self) -> Changes:
        """The figures of all days."""
        return rollup.with_days(self._rollup)

    @property
    def position(self) -> int:
        """How many entries the log has."""
        return self._batch.position

    @property
    def as_of(self) -> int:
        """The instant of the last entry."""
        return self._batch.as_of

    def decide(self, what: Iterable[AnyEvent], actor: Actor | None = None, until: int | None = None) -> Iterator[Made]:
        """Decide these events, and the timers that fall due on the way; returns each entry. To be read to its end.

        Ends with the event that brings the log to ``until`` entries or just beyond.
        """
        batch = self._batch
        for event in what:
            if until is not None and batch.position >= until:
                return
            batch.take(event, actor)
            yield from self._made()

    def wait(self, until: int) -> Iterator[Made]:
        """Let time pass: give the entries of the timers that fall due up to an instant."""
        self._batch.fire(until)
        yield from self._made()

    def _made(self) -> Iterator[Made]:
        batch, changes = self._batch, self._batch.changes
        for entry in changes.entries:
            rollup.fold(self._rollup, entry)
        yield from zip(changes.entries, changes.leaves, strict=True)
        for made in (batch.entries, changes.entries, changes.leaves, changes.puts, changes.new):
            made.clear()
        if batch.broken:
            raise RuntimeError(f"a timer could not be decided: {batch.broken[0]}")

    def begin(self, owner: MemberSet, document: bytes, advocates: Sequence[tuple[str, str]], at: int) -> Iterator[Made]:
        """Found the workspace, publish rules, and enrol advocates (person, code) at an instant."""
        actor = member(owner)
        yield from self.decide([replace(owner, occurred_at=at, accepted_at=at)], actor)
        read = rule_file.read(document, "bench.yaml")
        text = rules.document(read)
        hash_ = rules.version(text).hash
        yield from self.decide(
            [events.ProgramPublished(**self.stamp(at), slug=read.program, rules=hash_, document=text)], actor
        )
        yield from self.decide(
            events.AdvocateEnrolled(**self.stamp(at), person=person, code=code) for person, code in advocates
        )

    def traffic(self, groups: Iterable[Sequence[Buyer]], at: int, step: int) -> Iterator[AnyEvent]:
        """Yield the events of groups of buyers, one each ``step`` microseconds from ``at`` on: leads first, then purchases."""
        for group in groups:
            for buyer in group:
                if buyer.code is not None:
                    yield events.LeadCreated(**self.stamp(at), person=buyer.person, code=buyer.code)
                    at += step
            for buyer in group:
                yield events.ConversionRecorded(
                    **self.stamp(at), person=buyer.person, invoice=buyer.invoice, amount=buyer.amount, currency="EUR"
                )
                at += step

    def stamp(self, at: int) -> dict[str, Any]:
        """Return what all events of that time have, with a new id."""
        self._numbers += 1
        return {"evt": numbered("evt", at, self._numbers), "source": "native", "occurred_at": at, "accepted_at": at}


def member(owner: MemberSet) -> Actor:
    """Return the member who acts."""
    return Actor(id=owner.member, kind="member", roles=owner.roles, limits=owner.limits)


def group(n: int, persons: Sequence[str], invoices: Sequence[str], codes: Sequence[str]) -> list[Buyer]:
    """Return two friends of advocates and a stranger."""
    named = (codes[2 * n % len(codes)], codes[(2 * n + 1) % len(codes)], None)
    return [Buyer(*who, amount(n), code) for who, code in zip(zip(persons, invoices, strict=True), named, strict=True)]


def amount(n: int) -> int:
    """Return what the buyers of a group pay, in cents."""
    return 2_000 + n % 7_000


def numbered(prefix: str, at: int, number: int) -> str:
    """Return the id of that time and number."""
    return ids.encode(prefix, (at // 1_000 << 80 | number).to_bytes(16))
