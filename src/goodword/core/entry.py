"""An entry of the log: what was decided, from what, and what followed in money. Its bytes are the leaf of the Merkle tree.

Nothing in it is personal, rendered or derived from anything outside it and the state before: a replay gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from goodword.core import canonical, semantics
from goodword.core.decision import Decision, Step, Verdict
from goodword.core.events import AnyEvent
from goodword.core.facts import Facts
from goodword.core.ledger import Posting


class Asked(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What an entry was decided from besides the state: all that a replay needs of it.

    ``semantics``: the behaviour it was decided under. The first one stands in no leaf, for it was the only one then.
    """

    event: AnyEvent
    facts: Facts = Facts()
    semantics: int = 1


class Entry(Asked, frozen=True, kw_only=True, omit_defaults=True):
    """Position (from 1, gapless), the instant rules read as now, the event, the facts, the verdicts and the postings."""

    position: int
    as_of: int
    verdicts: tuple[Verdict, ...] = ()
    postings: tuple[Posting, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether any verdict says no; of a list that is decided whole, this is all of it."""
        return any(verdict.refused for verdict in self.verdicts)


_DECODER = msgspec.json.Decoder(Entry)
_EVENT: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_ASKED = msgspec.json.Decoder(Asked)


def entry(
    position: int, as_of: int, event: AnyEvent, facts: Facts, decision: Decision, number: int = semantics.CURRENT
) -> Entry:
    """The entry of a decision under the behaviour of that number."""
    return Entry(
        position=position,
        as_of=as_of,
        event=event,
        facts=facts,
        semantics=number,
        verdicts=decision.verdicts,
        postings=decision.postings,
    )


def leaf(value: Entry) -> bytes:
    """The bytes that are hashed and stored. Raises canonical.NulError for a text that no database can look into."""
    return canonical.without_nul(canonical.encode(value))


def read(data: bytes) -> Entry:
    """An entry from its bytes. Raises msgspec.ValidationError or DecodeError."""
    return _DECODER.decode(data)


def event(body: bytes) -> AnyEvent | None:
    """An event by its bytes, as it waits to be decided; None if they cannot be read."""
    try:
        return _EVENT.decode(body)
    except msgspec.DecodeError:
        return None


def asked(data: bytes) -> Asked:
    """What an entry was decided from, by its bytes; the rest is passed over unread. Raises as ``read`` does."""
    return _ASKED.decode(data)


def own(id_: str, entries: Sequence[Entry]) -> list[tuple[Entry, Verdict]]:
    """Return the verdicts by which something is explained: of a reward those that concern it alone, for its beneficiary reads them.

    Of the other rewards of the same entry, of what others earn and of the amounts of the order nothing is told there; whoever may
    read the log has the whole entries.
    """
    said = [(entry, verdict) for entry in entries for verdict in entry.verdicts]
    whose = {verdict.beneficiary for _, verdict in said if verdict.subject == id_}
    if not id_.startswith("rwd_"):
        return said
    return [(entry, _of_one(verdict, id_)) for entry, verdict in said if _concerns(verdict, id_, whose)]


def _of_one(verdict: Verdict, reward: str) -> Verdict:
    """The verdict over a list with what was recommended of one of its rewards alone."""
    if all(step.code != "recommended" for step in verdict.steps):
        return verdict
    steps: list[Step] = []
    for step in verdict.steps:
        if step.code != "recommended":
            steps.append(step)
            continue
        mine = [item for item in step.values["items"] if item[0] == reward]
        if mine:
            steps.append(replace(step, values={**step.values, "items": mine}))
    return replace(verdict, steps=tuple(steps))


def _concerns(verdict: Verdict, reward: str, whose: AbstractSet[str | None]) -> bool:
    if verdict.subject == reward:
        return True
    return verdict.amount is None and (verdict.beneficiary is None or verdict.beneficiary in whose)
