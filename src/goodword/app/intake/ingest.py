"""Accepting: from events as they were sent to rows that are durable before the answer.

One buffer a workspace (``group_commit``); a flush is one transaction: repeats are recognised, outside names get their
ids, events are stored without personal data, which is sealed with its person. Deciding is somebody else's work.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, cast

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.intake import joining
from goodword.app.intake.group_commit import WORKSPACES, ApartError, GroupCommit, UnavailableError, busy
from goodword.core import calendar, entry, events
from goodword.core.kinds.conditions.trait import Trait
from goodword.core.rules import version
from goodword.sources import native
from goodword.sources.base import Answer, ByPayment, Paid, Problem, Sender, Source, Unfetched
from goodword.sources.identity import code_look
from goodword.sources.native import Wire
from goodword.sources.segment.event_file import EventMapping
from goodword.sources.split import NAMED_BY_TEXT, NO_CODE, Split, Staff, Stamp, split, wire_field
from goodword.store import inbox, log, people, seals, workspaces
from goodword.store.uuid7 import new_ids
from goodword.store.vault import MasterKeyError, Vault, content_digest
from goodword.store.workspaces import Workspace

__all__ = ["Ingest", "UnavailableError"]

Names = Bounded[tuple[str, int, people.Name], str]
"""What outside names stand for: by workspace, its erasures so far, and name. After another erasure all is asked for again."""

People = Bounded[str, tuple[tuple[tuple[str, bytes], ...], Staff]]
"""By workspace, the mails of its members as they are stored, and its own people by them: who is opened once is not for each batch."""

IMPORTED_AFTER = 72 * calendar.HOUR
_KEY_AWAY = 60  # seconds until it may be sent again: a person has to put back a master key, or rotate to the end
_NAMES = 200_000  # outside names that a process remembers, of all workspaces together
_FOLLOWING = {"company_as", "domain", "domain_of_mail", "staff"}  # from what else is said
_WHEN_STAMPED = frozenset(
    {"evt", "source", "accepted_at", "imported", "unverified", "sealed", "like", "mapping", "called", *_FOLLOWING}
)
_NAME = 200  # characters of what a mapping calls an event
_RACES = 3  # against other processes, before the items are looked at apart

_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_decode_event: Callable[[bytes], events.Event] = msgspec.json.Decoder(events.AnyEvent).decode


class By(NamedTuple):
    """By what an item was read: the hash of a workspace's own mapping, and the name by which that speaks of the item."""

    mapping: str
    called: str


class _Item(Struct, frozen=True):
    """An event on its way to the database. ``arrived``: an instant of the real clock.

    ``by``: by which mapping of the workspace's own it was read; ``came``: when it arrived first, of what was kept since.
    """

    split: Split
    sender: Sender
    evt: str
    arrived: int
    content: bytes
    by: By | None = None
    came: int | None = None

    @property
    def id(self) -> str:
        return self.split.wire.id

    @property
    def key(self) -> tuple[str, str]:
        return self.sender.source, self.split.wire.id


class Ingest:
    """Accepts events for all workspaces of this process. ``accepted`` is called with a workspace's id after a commit."""

    def __init__(self, engine: Engine, vault: Vault, accepted: Callable[[str], None] = lambda _: None) -> None:
        self._engine = engine
        self._pool = engine.pool
        self._clock = engine.clock
        self._vault = vault
        self._accepted = accepted
        self._buffers: Bounded[str, GroupCommit[_Item, Answer]] = Bounded(WORKSPACES, busy)
        self._names: Names = Bounded(_NAMES)
        self._people: People = Bounded(WORKSPACES)

    async def take(
        self,
        ws: Workspace,
        sender: Sender,
        source: Source,
        items: Sequence[Any],
        own: EventMapping | None = None,
        came: int | None = None,
    ) -> list[tuple[Answer | None, ...]]:
        """Map the items of a source, store their events, and answer for those of each item, in order. Raises UnavailableError.

        None: what it says of a payment is known, and is no event. Of a source that waits events are stored as soon as there is room.
        ``own``: the workspace's own mapping of the source, which goes first; ``came``: when the items came, if that was earlier.
        """
        mapped: list[joining.Mapped] = []
        by: list[By | None] = []
        counts = []
        for item in items:
            found, read_by = mapped_by(source, item, own)
            mapped.extend(found)
            by.extend([read_by] * len(found))
            counts.append(len(found))
        if source.waits:
            await self._buffer(ws).room(len(mapped))
        answers = iter(await self._answers(ws, sender, mapped, by, came))
        return [tuple(chain.from_iterable(islice(answers, count))) for count in counts]

    async def _answers(
        self,
        ws: Workspace,
        sender: Sender,
        mapped: Sequence[joining.Mapped],
        by: Sequence[By | None],
        came: int | None,
    ) -> Sequence[Sequence[Answer | None]]:
        """Accept what a source made of its items, and answer for each; what names a payment is joined first, and may wait.

        What had waited and is refused now waits on, and is answered for beside what was said of its payment: so it is seen.
        """
        if joining.is_plain(mapped):
            plain = cast("Sequence[native.Wire | Problem]", mapped)
            return [(one,) for one in await self.accept(ws, sender, plain, by, came)]
        joined = await joining.join(self._engine, ws, sender.source, mapped)
        answers = iter(await self.accept(ws, sender, [*joined.now, *joined.waited]))
        said = [[one if one is None or isinstance(one, Answer) else next(answers)] for one in joined.wires]
        released = list(zip(joined.released, answers, strict=True))
        for row, answer in released:
            if answer.status == "invalid":
                said[joining.place_of(row.payment, mapped)].append(answer)
        if stored := [row for row, answer in released if answer.status != "invalid"]:
            await joining.forget(self._engine, ws, sender.source, stored)
        return said

    async def accept(
        self,
        ws: Workspace,
        sender: Sender,
        items: Sequence[native.Wire | Problem],
        by: Sequence[By | None] = (),
        came: int | None = None,
    ) -> list[Answer]:
        """Store events and answer for each, in order. Raises UnavailableError: try again later.

        ``by``: of each by which mapping it was read, if by one; ``came``: when they came, if that was earlier.
        """
        answers, taken = self._prepared(ws, sender, items)
        if came is not None or any(by):
            taken = [(at, msgspec.structs.replace(item, by=by[at] if by else None, came=came)) for at, item in taken]
        stored = await self._buffer(ws).put([item for _, item in taken])
        for (place, _), answer in zip(taken, stored, strict=True):
            answers[place] = answer
        return answers  # type: ignore[return-value]

    async def accept_in(
        self, connection: asyncpg.Connection, ws: Workspace, sender: Sender, items: Sequence[native.Wire | Problem]
    ) -> list[Answer]:
        """Store events in the caller's own transaction, which may be taken back: nothing of it is remembered, and nobody is woken."""
        answers, taken = self._prepared(ws, sender, items)
        stored: dict[str, Answer] = {}
        while left := [item for _, item in taken if item.evt not in stored]:
            firsts: dict[tuple[str, str], _Item] = {}
            for item in left:
                firsts.setdefault(item.key, item)
            batch = _Batch(connection, ws, self._vault, self._names, self._people)
            stored |= (await batch.take(firsts))[0]
        for place, item in taken:
            answers[place] = stored[item.evt]
        return answers  # type: ignore[return-value]

    def _prepared(
        self, ws: Workspace, sender: Sender, items: Sequence[native.Wire | Problem]
    ) -> tuple[list[Answer | None], list[tuple[int, _Item]]]:
        """Return the answers of what cannot be stored, and by its place what can."""
        answers: list[Answer | None] = [None] * len(items)
        taken: list[tuple[int, _Item]] = []
        arrived = self._clock.now()
        evts = iter(new_ids("evt", len(items)))
        for place, item in enumerate(items):
            if type(item) is Problem:
                answers[place] = Answer(item.id, "invalid", item.code, item.field)
            elif sender.types is not None and type(item) not in sender.types:
                answers[place] = Answer(item.id, "invalid", "not_permitted", "type")
            else:
                taken.append((place, _prepare(ws, sender, item, next(evts), arrived)))
        return answers, taken

    def check(self, ws: Workspace) -> None:
        """Raise UnavailableError if no more can be taken now: before anything is read."""
        self._buffer(ws).check()

    async def drain(self) -> None:
        """Wait until everything that was taken is stored: before the process ends."""
        for buffer in self._buffers:
            await buffer.drain()

    def _buffer(self, ws: Workspace) -> GroupCommit[_Item, Answer]:
        buffer = self._buffers.get(ws.id)
        if buffer is None:
            refuse = lambda item: Answer(item.id, "invalid", "not_storable")  # noqa: E731
            buffer = self._buffers.put(ws.id, GroupCommit(self._clock, partial(self._write, ws), refuse))
        return buffer

    async def _write(self, ws: Workspace, items: Sequence[_Item]) -> list[Answer]:
        """Store a batch. Raises ApartError for a person whose key another master key wrapped: no other item is to blame."""
        try:
            return await self._store(ws, items)
        except MasterKeyError as error:
            raise ApartError(str(error), _KEY_AWAY) from None

    async def _store(self, ws: Workspace, items: Sequence[_Item]) -> list[Answer]:
        """Store a batch; what has the id of another item of the batch is looked at after it."""
        firsts: dict[tuple[str, str], _Item] = {}
        for item in items:
            firsts.setdefault(item.key, item)
        for race in range(_RACES):
            try:
                answers = await self._together(ws, firsts)
                break
            except asyncpg.UniqueViolationError:  # another process was faster with one of them, and is known now
                if race + 1 == _RACES:
                    raise
        if again := [item for item in items if item.evt not in answers]:
            answers |= await self._again(ws, again)
        return [answers[item.evt] for item in items]

    async def _again(self, ws: Workspace, items: Sequence[_Item]) -> dict[str, Answer]:
        """Tell what items are whose ids stand in the inbox by now, however many have the same; returns the answers by evt."""
        async with self._pool.acquire(timeout=5) as connection:
            batch = _Batch(connection, ws, self._vault, self._names, self._people)
            known = await inbox.known(connection, ws.id, {item.key for item in items})
            return {item.evt: await batch.compare(item, known[item.key]) for item in items}

    async def _together(self, ws: Workspace, firsts: Mapping[tuple[str, str], _Item]) -> dict[str, Answer]:
        """Store items in one transaction, or none of them; returns the answers by evt. Raises UniqueViolationError."""
        async with self._pool.acquire(timeout=5) as connection:
            batch = _Batch(connection, ws, self._vault, self._names, self._people)
            async with connection.transaction():
                answers, names = await batch.take(firsts)
            self._names.update({(ws.id, batch.erasures, name): id_ for name, id_ in names.items()})
        if any(answer.status == "accepted" for answer in answers.values()):
            self._accepted(ws.id)
        return answers


def _prepare(ws: Workspace, sender: Sender, wire: native.Wire, evt: str, arrived: int) -> _Item:
    parts = split(wire)
    return _Item(parts, sender, evt, arrived, content_digest(ws.keys.content, parts.content()))


class _Batch:
    """One transaction of one workspace."""

    def __init__(
        self, connection: asyncpg.Connection, ws: Workspace, vault: Vault, remembered: Names, own_people: People
    ) -> None:
        self._connection = connection
        self._ws = ws
        self._vault = vault
        self._keys = ws.keys
        self._remembered = remembered
        self._people = own_people
        self.erasures = 0

    async def take(self, firsts: Mapping[tuple[str, str], _Item]) -> tuple[dict[str, Answer], dict[people.Name, str]]:
        """Store items by their keys; returns the answers by evt, and what names stand for once this is committed."""
        known = await inbox.known(self._connection, self._ws.id, firsts.keys())
        answers = {firsts[key].evt: await self.compare(firsts[key], earlier) for key, earlier in known.items()}
        new = [item for key, item in firsts.items() if key not in known]
        names = await self.store(new)
        return answers | {item.evt: Answer(item.id, "accepted", evt=item.evt) for item in new}, names

    async def store(self, items: Sequence[_Item]) -> dict[people.Name, str]:
        """Store what is new; returns what names stand for once this is committed. Raises UniqueViolationError.

        The event goes last, because it holds the digest of what it brings.
        """
        if not items:
            return {}
        ids, names, brought = await self._resolve(items)
        stamps, traits, like = (
            await self._stamps(items),
            await self._traits(items),
            await self._like(items, ids, brought),
        )
        named, staff = await self._events(items), await self._staff(items)
        about = [(item, ids[item.split.person[:2]]) for item in items if item.split.person is not None]
        said = [(person, item.evt, fields) for item, person in about if (fields := item.split.personal(traits))]
        asserted = [
            (kind, text, person, item.sender.verified, item.evt)
            for item, person in about
            for kind, text in item.split.match_keys()
        ]
        for more in (
            await people.add_personal(self._connection, self._ws.id, self._vault, said),
            await people.add_match_keys(self._connection, self._ws.id, self._keys, asserted),
        ):
            for evt, written in more.items():
                brought.setdefault(evt, []).extend(written)
        rows = []
        for item in items:
            source, id_ = item.key
            sealed = seals.text(seals.inbox(source, id_, item.content), seals.beside(brought.get(item.evt, ())))
            known = ids | named[item.evt] if item.evt in named else ids
            event = item.split.build(known, stamps[item.evt], traits, like.get(item.evt), sealed, staff)
            rows.append(inbox.Row(source, id_, item.evt, item.split.type, item.content, _encode(event)))
        await inbox.add(self._connection, self._ws.id, rows)
        return names

    async def compare(self, item: _Item, earlier: inbox.Known) -> Answer:
        """Tell a repeat from a conflict, and name the first field that differs."""
        if earlier.evt == item.evt:  # stored by a flush whose answer was lost
            return Answer(item.id, "accepted", evt=item.evt)
        if earlier.content == item.content:
            return Answer(item.id, "repeat", evt=earlier.evt)
        return Answer(item.id, "conflict", "id_taken", await self._difference(item, earlier), earlier.evt)

    async def _resolve(
        self, items: Sequence[_Item]
    ) -> tuple[dict[people.Name, str], dict[people.Name, str], people.Brought]:
        """Return the ids of all names, those of them that were not remembered, and the rows that are new."""
        wanted: dict[people.Name, tuple[str, str]] = {}
        self.erasures = await people.erasures(self._connection, self._ws.id)
        ids, owned = await self._meant(items)
        for item in items:
            for kind, key, text in item.split.names.values():
                if kind == "event":
                    continue  # it has no row of its own (``_events``)
                if (kind, key) in ids:
                    continue
                remembered = self._remembered.get((self._ws.id, self.erasures, (kind, key)))
                if remembered:
                    ids[kind, key] = remembered
                else:
                    wanted.setdefault((kind, key), (text, item.evt))
        odd = {name: said for name, said in wanted.items() if name[0] in NAMED_BY_TEXT and name[1] != said[0]}
        brought = await people.carry_over(self._connection, self._ws.id, self._keys, odd)
        names, new = await people.resolve(self._connection, self._ws.id, self._keys, self._vault, wanted)
        for evt, written in new.items():
            brought.setdefault(evt, []).extend(written)
        lasting = {
            name: id_ for name, id_ in names.items() if name[0] != "code"
        }  # another code may be meant by it soon
        return ids | names, lasting | owned, brought

    async def _meant(self, items: Sequence[_Item]) -> tuple[dict[people.Name, str], dict[people.Name, str]]:
        """Return the codes that are meant by those which were typed, and of these the ones that are called so: they stay what they are.

        What an enrolment brings is meant as it is, whatever looks like it.
        """
        typed = [(kind, key) for item in items for kind, key, _ in item.split.names.values() if kind == "code"]
        if not typed:
            return {}, {}
        brought = {name[:2] for item in items if item.split.enrols for name in item.split.names.values()}
        known, asked = dict[people.Name, str](), list[people.Name]()
        for name in dict.fromkeys(typed):
            remembered = self._remembered.get((self._ws.id, self.erasures, name))
            if remembered:
                known[name] = remembered
            elif name not in brought and name[1] != NO_CODE:
                asked.append(name)
        if not asked:
            return known, {}
        looks = [(key, code_look(key)) for _, key in asked]
        found = await people.meant(self._connection, self._ws.id, self._keys, looks)
        meant = {name: it for name, it in zip(asked, found, strict=True) if it is not None}
        owned = {name: it.id for name, it in meant.items() if it.exactly}
        return known | {name: it.id for name, it in meant.items()}, owned

    async def _like(
        self, items: Sequence[_Item], ids: Mapping[people.Name, str], brought: people.Brought
    ) -> dict[str, str]:
        """Return the codes that look like those which enrolments bring, by evt. Of letters of other scripts the look is kept.

        What is kept is added to what the events ``brought``.
        """
        shapes = {item.evt: (shape, item.split.names["code"]) for item in items if (shape := item.split.shape)}
        if not shapes:
            return {}
        wanted = [(kind, shape) for shape, _ in shapes.values() for kind in ("code", "code_shape")]
        found = await people.find(self._connection, self._ws.id, self._keys, wanted)
        like: dict[str, str] = {}
        for evt, (shape, code) in shapes.items():
            own = {
                ids["code", key] for key in (code.key, code_look(code.key))
            }  # what it names as its look is not said again
            others = {found[name] for name in (("code", shape), ("code_shape", shape)) if name in found} - own
            if others:
                like[evt] = min(others)
        looks = {
            ("code_shape", shape): (ids[code[:2]], evt) for evt, (shape, code) in shapes.items() if shape != code.key
        }
        for evt_, written in (await people.name_also(self._connection, self._ws.id, self._keys, looks)).items():
            brought.setdefault(evt_, []).extend(written)
        return like

    async def _events(self, items: Sequence[_Item]) -> dict[str, dict[people.Name, str]]:
        """Return by evt what the events that it names by their own id are called; of one that was never accepted nothing."""
        naming = [(item, name.key) for item in items for name in item.split.names.values() if name.kind == "event"]
        if not naming:
            return {}
        asked = {(item.sender.source, id_) for item, id_ in naming}
        found = {key: known.evt for key, known in (await inbox.known(self._connection, self._ws.id, asked)).items()}
        found |= {item.key: item.evt for item in items if item.key not in found}
        return {item.evt: {("event", id_): found.get((item.sender.source, id_), "")} for item, id_ in naming}

    async def _stamps(self, items: Sequence[_Item]) -> dict[str, Stamp]:
        stream = None if self._ws.clock == "real" else await log.stream(self._connection, self._ws.id)
        slugs = {item.split.wire.program for item in items if item.split.wire.program}
        programs = await inbox.program_ids(self._connection, self._ws.id, slugs) if slugs else {}
        return {item.evt: _stamp(item, stream, programs) for item in items}

    async def _traits(self, items: Sequence[_Item]) -> Collection[str]:
        """Return the traits that published rules look at: only these may stand in the log."""
        if not any(type(item.split.wire) is native.CustomerUpdated for item in items):  # isinstance is slow on structs
            return ()
        documents = await inbox.rule_documents(self._connection, self._ws.id)
        return {
            condition.name
            for document in documents
            for rules in [version(document).rules]
            for conditions in (
                *(each.conditions for each in rules.conversions),
                rules.enrol.conditions if rules.enrol else (),
            )
            for condition in conditions
            if isinstance(condition, Trait)
        }

    async def _staff(self, items: Sequence[_Item]) -> Staff | None:
        """Return the company's own people, if a trusted source says a mail of a customer."""
        if not any(item.sender.verified and item.split.has_mail for item in items):
            return None
        sealed = await workspaces.sealed_mails(self._connection, self._ws)
        known = self._people.get(self._ws.id)
        if known is None or known[0] != sealed:
            known = self._people.put(self._ws.id, (sealed, Staff.of(workspaces.opened(self._ws, sealed).values())))
        return known[1]

    async def _stored(self, evt: str) -> events.Event | None:
        """Return an event that was accepted before; it may be decided while this looks. None: it was taken away (``verify`` tells)."""
        if waiting := await inbox.body(self._connection, self._ws.id, evt):
            return _decode_event(waiting)
        decided = await log.of(self._connection, self._ws.id, evt)
        return decided.event if decided else None

    async def _difference(self, item: _Item, earlier: inbox.Known) -> str | None:
        stored = await self._stored(earlier.evt)
        if stored is None:
            return None
        names = {name[:2] for name in item.split.names.values()}
        ids = dict.fromkeys(names, "") | await people.find(self._connection, self._ws.id, self._keys, names)
        traits = await self._traits([item])
        stamps = await self._stamps([item])
        named = await self._events([item])
        sent = item.split.build(ids | named.get(item.evt, {}), stamps[item.evt], traits)
        if type(sent) is not type(stored):
            return "type"
        for name in _compared(item, stored):
            if getattr(sent, name) != getattr(stored, name):
                return wire_field(item.split.wire, name)
        person = getattr(stored, "person", None)
        said = (
            await people.personal_of(self._connection, self._ws.id, self._vault, person, earlier.evt) if person else {}
        )
        says = item.split.personal(traits)
        return next((name for name in sorted({*said, *says}) if said.get(name) != says.get(name)), None)


def mapped_by(source: Source, item: Any, own: EventMapping | None) -> tuple[Sequence[joining.Mapped], By | None]:
    """Map an item; say by which mapping of the workspace, if by one. One that raises is our mistake; it costs this item alone."""
    if type(item) is Problem:  # isinstance is slow on structs
        return (item,), None
    by = None
    mapped: Sequence[Wire | Paid | ByPayment | Unfetched | Problem] | Problem | None = None
    try:
        if own is not None and source.own is not None:
            mapped = source.own.map(item, own)
        if mapped is None:
            mapped = source.map(item)
        elif own is not None:
            by = By(own.hash, source.called(item)[:_NAME])  # a name of the file, and nobody's
    except Exception:  # noqa: BLE001 - whatever it is, it concerns this item
        _log.exception("an item of the source %s could not be mapped", source.name)
        return (Problem("not_mapped"),), None
    return ((mapped,) if type(mapped) is Problem else mapped or ()), by


def _compared(item: _Item, stored: events.Event) -> list[str]:
    """Return the fields that the sender had in hand, in order."""
    left_out = set(_WHEN_STAMPED)
    wire = item.split.wire
    if wire.occurred_at is None and (item.came is not None or stored.occurred_at == stored.accepted_at):
        left_out.add("occurred_at")
    return [name for name in stored.__struct_fields__ if name not in left_out]


def _stamp(item: _Item, stream: log.Stream | None, programs: Mapping[str, str]) -> Stamp:
    """Stamp an event with its two times. ``stream``: None for a workspace whose clock is the real one."""
    wire = item.split.wire
    said = None if wire.occurred_at is None else calendar.instant(wire.occurred_at)
    accepted = item.arrived if stream is None else stream.now(item.arrived)
    if stream is not None and stream.clock == "events" and said is not None:
        accepted = said
    if said is not None:
        occurred = said
    elif item.came is not None and stream is None:  # what says no time happened when it came first
        occurred = min(item.came, accepted)
    else:
        occurred = accepted
    return Stamp(
        evt=item.evt,
        source=item.sender.source,
        accepted_at=accepted,
        occurred_at=occurred,
        program=wire.program and programs.get(wire.program, wire.program),
        imported=accepted - occurred > IMPORTED_AFTER,
        unverified=not item.sender.verified,
        mapping=item.by.mapping if item.by is not None else None,
        called=item.by.called if item.by is not None else None,
    )


def shown(decided: entry.Entry) -> dict[str, Any]:
    """Return a decision as the API shows it: its event, its place in the log, its verdicts."""
    return {
        "evt": decided.event.evt,
        "position": decided.position,
        "verdicts": msgspec.to_builtins(decided.verdicts),
        "postings": msgspec.to_builtins(decided.postings),
    }
