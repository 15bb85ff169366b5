"""The log: its head, its entries, and one as it was accepted, decided and posted."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from goodword.app import see
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.see.log import Proof
from goodword.console import parts
from goodword.console.decisions import Decision, decision
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core.ledger import Posting

_DIGITS = 15


class Head(Struct, frozen=True):
    """A signed head of the log: how many entries it covers, the root of their tree, the instant, the public key."""

    size: int
    root: bytes
    as_of: int
    public: str


class Log(Struct, frozen=True):
    """Entries, the newest first. ``head``: the newest signed one, None: none yet; ``older``: behind which position to go on."""

    entries: list[Decision]
    position: int
    waiting: int
    set_aside: int
    head: Head | None
    older: int | None


class One(Struct, frozen=True):
    """An entry. ``event``: as it was accepted; ``proof``: that it is in the log of the signed head's size."""

    decision: Decision
    event: Any
    postings: list[Posting]
    proof: Proof | None
    semantics: int


async def newest(visit: Visit) -> Log:
    """Return the entries before a position, by default the newest."""
    deciding = (await visit.read(see.reports.progress)).deciding
    before = min(_position(visit.asked("before")) or deciding.position + 1, deciding.position + 1)
    after = max(0, before - 1 - LIMIT)
    page = await visit.read(see.log.page, after=after, limit=before - 1 - after) if before > 1 else None
    entries = [decision(entry) for entry in reversed(page.items)] if page is not None else []
    older = after + 1 if after else None
    return Log(entries, deciding.position, deciding.waiting, deciding.set_aside, await _head(visit), older)


async def one(visit: Visit) -> One:
    """Return one entry, by its position or by the id of its event."""
    entry = await _entry(visit, visit.named("entry"))
    head = await _head(visit)
    signed = head is not None and head.size >= entry.position
    proof = await visit.read(see.log.inclusion, entry.position, head.size) if signed and head is not None else None
    return One(decision(entry), parts.plain(entry.event), list(entry.postings), proof, entry.semantics)


async def _entry(visit: Visit, named: str) -> Any:
    if not named.isdecimal():
        found = (await visit.read(see.events.get, named)).entry
    else:
        position = _position(named) or 0
        page = await visit.read(see.log.page, after=position - 1, limit=1) if position else None
        found = page.items[0] if page is not None and page.items else None
    if found is None:
        raise UnknownError("entry of the log")
    return found


async def _head(visit: Visit) -> Head | None:
    try:
        head = await visit.read(see.log.head)
    except UnknownError:
        return None
    return Head(head.size, head.root, head.as_of, head.public)


def _position(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidError("Expected a position of the log, a whole number.", "before")
    return int(text)


READS = (
    Read("/log", "/log", see.log.page, "log/list.html", newest, live=True),
    Read("/log/{entry}", "/log", see.log.page, "log/detail.html", one),
)
