"""verify: recompute everything that the database holds of a workspace from its log, and name each difference.

The tree from the entries, tiles and heads from the tree, every decision from its event and facts, and from the decisions every
entity, balance, posting, approval, rule version and touch, and the figures of days as far as they have followed the log.
Must not know: SQL, how differences are shown.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.follow.figures import FOLLOWER as FIGURES
from goodword.app.proof.beside import Beside
from goodword.app.proof.replay import Replay
from goodword.app.write.persist import manual_now
from goodword.core import canonical, invariants, measuring, merkle, rollup, semantics
from goodword.core import entry as log_entry
from goodword.core.decision import Decision
from goodword.core.entry import Entry
from goodword.core.events import TouchesRecorded
from goodword.core.facts import Touch
from goodword.core.merkle import HASH_BYTES, TILE, Frontier, head_bytes, leaf_hash, tile_root
from goodword.core.state import NOUNS, Payee, TaxForm, Timer
from goodword.store import audit, entities, figures, followers, log, tax_forms, vault, workspaces
from goodword.store.audit import LogRow
from goodword.store.log import Head, Stream
from goodword.store.pool import append_only
from goodword.store.redirects import block_digest


class Difference(Struct, frozen=True):
    """Something that is not as the log says. ``noun`` and ``key`` name the row."""

    noun: str
    key: str
    what: str


class Report(Struct, frozen=True):
    """What was verified. ``enforced``: the database itself keeps the server from changing the log."""

    workspace: str
    size: int
    root: str
    heads: int
    enforced: bool
    differences: tuple[Difference, ...]


async def verify(
    pool: asyncpg.Pool,
    ws: str,
    trusted: Head | None = None,
    *,
    safe: vault.Vault | None = None,
    erased: Iterable[str] = (),
    read: Callable[[int], None] | None = None,
) -> Report:
    """Verify a workspace as it is at one moment, while it goes on. Raises LookupError for one that does not exist.

    ``trusted``: a head that was kept elsewhere, with the public key that is known to be right. Without one a log that was cut short
    or made anew as a whole, by somebody who signs it, cannot be told from a true one. ``safe``: the vault that must have the master
    key of every person's key, and with which is looked at what only opens with them: payment details, names, notes.
    ``erased``: persons whom the installation erased and the log does not name, because it was restored from a backup of before.
    ``read`` is told the position of each entry that was read.
    """
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute("set local idle_in_transaction_session_timeout = 0")
        return await examine(conn, ws, trusted, safe=safe, erased=erased, read=read)


async def examine(
    conn: asyncpg.Connection,
    ws: str,
    trusted: Head | None = None,
    *,
    safe: vault.Vault | None = None,
    erased: Iterable[str] = (),
    read: Callable[[int], None] | None = None,
) -> Report:
    """Verify what a transaction sees."""
    end = await log.stream(conn, ws)
    heads = await audit.heads(conn, ws)
    followed = await followers.position(conn, ws, FIGURES.name)
    check = Check(await audit.tiles(conn, ws), {head.size for head in (*heads, *filter(None, [trusted]))}, followed)
    async for row in audit.rows(conn, ws):
        check.row(row)
        if read is not None:
            read(row.position)
    check.end(end)
    check.beside.erased.update(erased)
    public = await workspaces.public_key(conn, ws)
    for head in heads:
        check.head(ws, head, public)
    if trusted is not None:
        check.trusted(ws, trusted, public, heads)
    await _compare_rows(conn, ws, check)
    await _compare_entities(conn, ws, check)
    await check.beside.compare(conn, ws, check.replay.state, safe)
    check.invariants()
    root = check.frontier.root().hex()
    return Report(ws, check.frontier.size, root, len(heads), await append_only(conn), tuple(check.differences))


class Check:
    """The log read once: the tree, the replay, and what must have followed from it. An export has no ``tiles``.

    ``followed``: the last entry that the figures have taken.
    """

    def __init__(self, tiles: Mapping[int, tuple[bytes, bytes]] | None, sizes: set[int], followed: int = 0) -> None:
        self.differences: list[Difference] = []
        self.replay = Replay()
        self.frontier = Frontier()
        self.postings: list[tuple[Any, ...]] = []
        self.approvals: list[tuple[Any, ...]] = []
        self.touches: list[tuple[Touch, str | None]] = []
        self.blocks: dict[str, TouchesRecorded] = {}
        self.rollup: rollup.Changes = {}
        self.times = measuring.Times()
        self.beside = Beside(self.differ)
        self.manual_now: int | None = None
        self._tiles = tiles
        self._over = Frontier()
        self._hashes: list[bytes] = []
        self._sizes = sizes
        self._followed = followed
        self._roots: dict[int, bytes] = {}
        self._diverged = False

    def differ(self, noun: str, key: object, what: str) -> None:
        """Note a difference."""
        self.differences.append(Difference(noun, str(key), what))

    def row(self, row: LogRow) -> None:
        """Take the next row of the log."""
        if row.position < 1:
            self.differ("log", row.position, "positions begin with 1")
            return
        missing = row.position - self.frontier.size - 1
        if missing:
            self.differ("log", self.frontier.size + 1, f"missing: what follows has position {row.position}")
        for _ in range(min(missing, TILE)):
            self._grow(bytes(HASH_BYTES))  # the entries behind the gap keep their places in the tree
        self._grow(leaf_hash(row.leaf))
        try:
            entry = log_entry.read(row.leaf)
        except msgspec.DecodeError as error:
            self.differ("log", row.position, f"the entry cannot be read: {error}")
            return
        self.beside.hear(entry.event)
        if row.evt != entry.event.evt:
            self.differ("log", row.position, f"the row says {row.evt}, the entry {entry.event.evt}")
        self._again(row, entry)

    def _grow(self, value: bytes) -> None:
        self.frontier.append(value)
        if self.frontier.size in self._sizes:
            self._roots[self.frontier.size] = self.frontier.root()
        self._hashes.append(value)
        if len(self._hashes) < TILE:
            return
        number = self.frontier.size // TILE - 1
        data = b"".join(self._hashes)
        self._hashes.clear()
        if self._tiles is None:
            return
        ends, hashes = self._tiles.get(number, (b"", b""))
        root, kept = tile_root(data), ends[:HASH_BYTES]
        # By the roots as they are kept, so that what is wrong is named once.
        again = merkle.ends(self._over, kept or root)
        if kept == root:
            if len(ends) % HASH_BYTES or not again.startswith(ends):  # a process of before 0024 keeps its own alone
                self.differ("log_tile", number, "the roots of what ends with it are not those of the tiles, its own is")
            if hashes != data:
                self.differ("log_tile", number, "the hashes are not those of the entries, the root is")
            return
        self.differ("log_tile", number, "the root is not that of the entries")
        for place in range(TILE):
            part = slice(place * HASH_BYTES, (place + 1) * HASH_BYTES)
            if hashes[part] != data[part]:
                self.differ("log", number * TILE + place + 1, "the entry is not the one that the tree has")

    def _again(self, row: LogRow, entry: Entry) -> None:
        """Decide again. After the first entry that comes out otherwise, later ones may only follow from it."""
        if entry.semantics < self.replay.semantics:
            before = self.replay.semantics
            self.differ(
                "log", row.position, f"was decided under semantics {entry.semantics}, what is before it under {before}"
            )
        if entry.semantics > semantics.CURRENT:
            if not self._diverged:
                self._diverged = True
                what = f"was decided under semantics {entry.semantics}, this version knows {semantics.CURRENT}: verify with a later one"
                self.differ("log", row.position, what)
            return
        try:
            decision, leaf = self.replay.again(entry)
        except Exception as error:  # noqa: BLE001 - an entry that was changed may break any assumption
            self.differ("log", row.position, f"the entry cannot be decided again: {type(error).__name__}: {error}")
            self._diverged = True
            return
        if leaf != row.leaf and not self._diverged:
            self._diverged = True
            self.differ("log", row.position, "deciding again gives another entry; later differences may follow from it")
        self._follow(self.replay.position, entry, decision)

    def _follow(self, position: int, entry: Entry, decision: Decision) -> None:
        again = log_entry.entry(position, self.replay.as_of, entry.event, entry.facts, decision, entry.semantics)
        self.postings.extend(log.postings(again))
        self.approvals.extend(log.approvals(again))
        self.touches.extend((touch, entry.event.evt) for touch in decision.touches)
        self.manual_now = manual_now(self.manual_now, [again])
        if position <= self._followed:
            rollup.fold(self.rollup, again)
            rollup.took(self.rollup, self.times.hear(measuring.emitted(again)))
        if isinstance(entry.event, TouchesRecorded):
            self.blocks[entry.event.block] = entry.event
        if not again.refused:
            self.beside.decided(position, entry.event, self.replay.state)

    def end(self, end: Stream) -> None:
        """Compare the end of the log with its entries."""
        if end.position != self.frontier.size:
            self.differ("stream", "position", f"says {end.position}, the log has {self.frontier.size} entries")
        elif end.frontier != self.frontier:
            at = 0
            for mine, stored in zip(self.frontier.subtrees, end.frontier.subtrees, strict=False):
                size = 1 << (self.frontier.size - at).bit_length() - 1
                if mine != stored:
                    self.differ("log", f"{at + 1} to {at + size}", "an entry is not the one that the tree has")
                at += size
        if self._followed > self.frontier.size:
            self.differ("follower", FIGURES.name, f"is at {self._followed}, the log has {self.frontier.size} entries")
        if self.frontier.size and end.as_of != self.replay.as_of:
            self.differ("stream", "as_of", f"says {end.as_of}, the log {self.replay.as_of}")
        if self.manual_now is not None and end.manual_now != self.manual_now:
            self.differ("stream", "manual_now", f"says {end.manual_now}, the log {self.manual_now}")
        due = min((timer.due_at for timer in self.replay.state.all(Timer)), default=None)
        if end.next_due != due:
            self.differ("stream", "next_due", f"says {end.next_due}, the log {due}: what is due would not be decided")
        for tile in (self._tiles or {}).keys() - range(self.frontier.size // TILE):
            self.differ("log_tile", tile, "there are no entries for it")

    def invariants(self) -> None:
        """Check what must hold in every state."""
        for broken in invariants.broken(self.replay.state, self.replay.rules):
            self.differ("invariant", broken.partition(" ")[0], broken)

    def head(self, ws: str, head: Head, public: str | None) -> None:
        """Check a signed head."""
        if head.size > self.frontier.size:
            self.differ("log_head", head.size, "the log has fewer entries than this head signed")
        elif self._roots.get(head.size) != head.root:
            self.differ("log_head", head.size, "the root is not that of the entries")
        if head.public != public:
            self.differ("log_head", head.size, "signed with another key than the workspace's")
        if not vault.verify(head.public, head_bytes(ws, head.size, head.root, head.as_of), head.signature):
            self.differ("log_head", head.size, "the signature is wrong")

    def trusted(self, ws: str, trusted: Head, public: str | None, heads: Iterable[Head]) -> None:
        """Check a head that was kept elsewhere, and that it was not taken away here."""
        if trusted not in heads:
            self.differ("log_head", trusted.size, "a head that was kept elsewhere is missing or another one here")
            self.head(ws, trusted, public)


async def _compare_rows(conn: asyncpg.Connection, ws: str, check: Check) -> None:
    """Compare what is only ever added to."""
    _compare(check, "posting", check.postings, await audit.postings(conn, ws), lambda row: f"{row[0]}.{row[1]}")
    _compare(check, "approval", check.approvals, await audit.approvals(conn, ws), lambda row: f"{row[0]}.{row[1]}")
    sums = [(*key, *change) for key, change in rollup.with_days(check.rollup).items()]
    _compare(check, "figure", sums, await figures.every(conn, ws), lambda row: " ".join(row[:5]))
    versions = {hash_: (v.semantics, v.text) for hash_, v in check.replay.rules.items()}
    stored = await audit.rule_versions(conn, ws)
    _compare(check, "rule_version", versions.items(), stored.items(), lambda row: row[0])
    waiting = await check.beside.inbox(conn, ws)
    _compare_touches(check, await audit.touches(conn, ws), waiting)
    blocks = {(block, event.count, event.digest) for block, event in check.blocks.items()}
    stored_blocks = [row for row in await audit.blocks(conn, ws) if row[0] not in waiting]
    _compare(check, "touch_block", blocks, stored_blocks, lambda row: row[0])
    payees = {
        it.person: (
            it.rail,
            it.destination,
            *((now.rail, now.destination, True) if (now := it.entering) is not None else (None, None, False)),
        )
        for it in check.replay.state.all(Payee)
    }
    for person, details in (await audit.payee_digests(conn, ws)).items():  # an erased person's are gone
        if payees.get(person) != details:
            check.differ("payee_detail", person, "the payment details are not those that the log names")
    for person in await audit.payees_without_details(conn, ws):
        check.differ("payee_detail", person, "missing, although the person was not erased")
    forms = {it.key: it.digest for it in check.replay.state.all(TaxForm)}
    for form, digest in (await tax_forms.digests(conn, ws)).items():
        if forms.get(form) != digest:
            check.differ("tax_form_detail", form[0], "what the form says is not what the log names")
    for person, _ in await tax_forms.without(conn, ws):
        check.differ("tax_form_detail", person, "missing, although the person was not erased")


def _compare_touches(check: Check, stored: list[tuple[Touch, str | None]], waiting: set[str]) -> None:
    """A click recorded twice keeps one row; a click of the redirect is held by its block."""
    said = {(canonical.encode(touch), evt) for touch, evt in check.touches}
    there = {touch.id for touch, _ in stored}
    by_block: dict[str, list[Touch]] = {}
    for touch, evt in stored:
        if touch.block is not None:
            by_block.setdefault(touch.block, []).append(touch)
            if evt is not None:
                check.differ("touch", touch.id, f"says that {evt} brought it, and is of a block")
        elif (canonical.encode(touch), evt) not in said:
            check.differ("touch", touch.id, "the log has no such touch")
    for touch, _ in check.touches:
        if touch.id not in there:
            check.differ("touch", touch.id, "missing")
    for block, event in check.blocks.items():
        touches = by_block.pop(block, [])
        if len(touches) != event.count:
            check.differ("touch", block, f"the block has {len(touches)} touches, the log says {event.count}")
        elif block_digest(touches).hex() != event.digest:
            check.differ("touch", block, "a touch of the block is not as it was")
    for block in by_block.keys() - waiting:
        check.differ("touch", block, "the log has no such block")


async def _compare_entities(conn: asyncpg.Connection, ws: str, check: Check) -> None:
    """Compare every entity with the one that the replay made, field by field."""
    for noun in NOUNS:
        name = noun.__name__.lower()
        said = {entity.key: entity for entity in check.replay.state.all(noun)}
        stored = await entities.readable(conn, ws, noun)
        for key in sorted(said.keys() | stored.keys()):
            mine, other = said.get(key), stored.get(key)
            shown = key if isinstance(key, str) else " ".join(key)
            if mine is None or other is None:
                what = (
                    "missing"
                    if key not in stored
                    else "cannot be read"
                    if other is None
                    else "the log has no such thing"
                )
                check.differ(name, shown, what)
                continue
            for field in noun.__struct_fields__:
                a, b = getattr(mine, field), getattr(other, field)
                if a != b and canonical.encode(a) != canonical.encode(b):
                    check.differ(name, shown, f"{field} is {b!r}, the log says {a!r}")


def _compare(check: Check, noun: str, said: Iterable[Any], stored: Iterable[Any], key: Callable[[Any], str]) -> None:
    """Compare rows, each as often as it stands there."""
    mine, other = Tally(said), Tally(stored)
    changed = {key(row) for row in mine - other} & {key(row) for row in other - mine}
    for row in mine - other:
        check.differ(noun, key(row), "not as the log says" if key(row) in changed else "missing")
    for row in other - mine:
        if key(row) not in changed:
            check.differ(noun, key(row), "the log has no such row")
