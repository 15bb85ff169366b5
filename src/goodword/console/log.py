"""The log: its head, its entries, and one as it was accepted, decided and posted."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.proof.audit import Difference
from goodword.app.proof.checking import Check
from goodword.app.see.log import Proof
from goodword.console import parts
from goodword.console.decisions import Decision, decision
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Download, Read, Visit
from goodword.core.ledger import Posting

_DIGITS = 15
_SHOWN = 100  # differences on a page


class Head(Struct, frozen=True):
    """A signed head of the log: how many entries it covers, the root of their tree, the instant, the public key, the signature."""

    size: int
    root: bytes
    as_of: int
    public: str
    signature: bytes


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


class Verification(Struct, frozen=True):
    """The newest signed head, and the verification that runs or ran last, None: none did since the server began.

    ``starts``: whether the reader may begin one; ``shown``: the first of the differences.
    """

    head: Head | None
    check: Check | None
    by: str | None
    running: bool
    differences: int
    shown: list[Difference]
    starts: bool


async def verification(visit: Visit) -> Verification:
    """Return where verifying stands."""
    check = await visit.read(see.log.verification)
    members = (await visit.glance(see.members.every) or []) if check is not None else []
    by = next((one.mail for one in members if check is not None and one.member.id == check.by), None)
    found = check.report.differences if check is not None and check.report is not None else ()
    running, starts = check is not None and check.is_running, visit.may(say.log.verify)
    return Verification(await _head(visit), check, by, running, len(found), list(found[:_SHOWN]), starts)


async def verify(visit: Visit, _: Form) -> str:
    """Begin a verification."""
    await visit.read(say.log.verify)
    return "/log/verify"


async def proof(visit: Visit) -> Download:
    """Return all by which somebody else sees that an entry is in the log."""
    position = _position(visit.named("entry")) or 0
    certificate = await visit.read(see.log.certificate, position)
    entry = await _entry(visit, str(position))
    return Download(f"proof-{position}.json", "application/json", msgspec.json.encode(certificate), entry.event.evt)


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
    return Head(head.size, head.root, head.as_of, head.public, head.signature)


def _position(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidError("Expected a position of the log, a whole number.", "before")
    return int(text)


_VERIFY = Read("/log/verify", "/log", see.log.verification, "log/verify.html", verification)
READS = (
    _VERIFY,
    Read("/log/{entry}/proof", "/log", see.log.certificate, "", proof),
    Read("/log", "/log", see.log.page, "log/list.html", newest, live=True),
    Read("/log/{entry}", "/log", see.log.page, "log/detail.html", one),
)
ACTS = (Act("/log/verify", _VERIFY, say.log.verify, verify),)
