"""verify, of what the log speaks for and does not hold: the inbox, names, persons and what is known of them, notes, keys, work to do.

An event tells by digests what was stored with it (``store/seals.py``), so that a row that was changed, taken away or added shows,
without any key. What goes with a person whom the log erased is no loss. Of what was stored before such digests stood in the log
only that is compared which opens with a key. Must not know: SQL, the tree, what was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

import asyncpg
import msgspec

from goodword.app.intake import clicks, views
from goodword.core import kin, payouts
from goodword.core.events import (
    AnyEvent,
    CodesAlike,
    Event,
    FormEnded,
    FormMade,
    Founding,
    KeyEnded,
    KeyMade,
    MemberSet,
    PersonErased,
    StockUploaded,
    TimerDue,
    note_of,
)
from goodword.core.sharing import LOOKS
from goodword.core.state import Advocate, Code, Lot, Payee, Payout, Program, State, Stock, code_id
from goodword.sources.registry import REGISTRY
from goodword.sources.split import canonical
from goodword.store import audit, codes, log, notes, payees, people, seals, tax_forms, workspaces
from goodword.store.seals import Written
from goodword.store.vault import MasterKeyError, UnsealError, Vault, blind

_ACCEPTED = {
    clicks.SOURCE,
    *(views.SOURCE, LOOKS),
    *(sender.source for source in REGISTRY.values() for sender in source.credential.all()),
}  # what comes through the inbox

#: Fields of events that hold the ids of outside names.
_NAMES = (
    "person",
    "advocate",
    "keep",
    "gone",
    "visitor",
    "click",
    "code",
    "link_code",
    "look",
    "device",
    "payment",
    "company",
    "domain",
    "company_domain",
    "company_ref",
    "invoice",
)
#: Kinds of names that are made without an event: codes that a decision made, mails of members, by their former ids too.
_MADE = frozenset({"code", "member", "member_was"})
#: Kinds of names that open with the workspace's key for texts.
_TEXTS = frozenset({"code", "member", "member_was", "company", "company_ref", "invoice"})
_PIECE = 1_000

_read: Callable[[bytes], Event] = msgspec.json.Decoder(AnyEvent).decode


class _Said(NamedTuple):
    """What the log says of an event that came through the inbox. ``inbox``: the digest of its row, empty if it has none."""

    source: str
    type: str
    inbox: bytes


class Beside:
    """What the log says of the rest, and what of it differs. ``differ``: noun, key, what. ``erased``: persons whom the log erased."""

    def __init__(self, differ: Callable[[str, str, str], None]) -> None:
        self.erased: set[str] = set()
        #: codes of the erased, as they were when these were: a merge may have moved them since
        self._codes: set[str] = set()
        self._differ = differ
        #: by evt; the inbox must know each of them, or it may come again; None: it was met there
        self._said: dict[str, _Said | None] = {}
        #: by evt, the digest of what it brought
        self._brought: dict[str, bytes] = {}
        #: events without digests, of which nobody knows what they brought, and the ids that they name: who was known then
        self._silent: set[str] = set()
        self._before: set[str] = set()
        self._notes: set[str] = set()
        self._waiting: dict[str, Event] = {}
        #: API keys: digest, and when each ended
        self._keys: dict[str, str] = {}
        self._ended: dict[str, int] = {}
        #: links to partners' forms, likewise; whose each is
        self._forms: dict[str, FormMade] = {}
        #: how each stock was uploaded
        self._stocks: dict[str, StockUploaded] = {}
        self._founding: Founding | None = None

    def decided(self, position: int, event: Event, state: State) -> None:
        """Take the event of an entry that refused nothing. ``state``: after it."""
        if isinstance(event, PersonErased):
            accounts = kin.all_of(state.get, event.person)
            self.erased.update(accounts)
            theirs = [state.get(Advocate, (it.id, one)) for it in state.all(Program) for one in accounts]
            codes = {code for advocate in theirs if advocate is not None for code in advocate.codes}
            looks = {it.id for it in state.all(Code) if it.means in codes and it.person is None} if codes else set()
            self._codes |= codes | looks
        elif isinstance(event, MemberSet) and event.founding is not None and position == 1:
            self._founding = event.founding
            self._keys.update(event.founding.keys)
        elif isinstance(event, KeyMade):
            self._keys[event.key] = event.digest
        elif isinstance(event, KeyEnded):
            self._ended[event.key] = event.ended_at
        elif isinstance(event, FormMade):
            self._forms[event.form] = event
        elif isinstance(event, FormEnded):
            self._ended[event.form] = event.ended_at
        elif isinstance(event, StockUploaded):
            self._stocks |= {it.id: event for it in state.all(Stock) if it.evt == event.evt}

    def hear(self, event: Event) -> None:
        """Take the event of an entry."""
        if note := note_of(event):
            self._notes.add(note)
        if event.source in _ACCEPTED or event.sealed is not None:
            self._said[event.evt] = self._digests(event)

    def _digests(self, event: Event) -> _Said:
        """Remember what an event brought, and return what its row in the inbox must be."""
        inbox = brought = b""
        if event.sealed is None:
            self._silent.add(event.evt)
            self._before.update(_named(event))
        else:
            try:
                inbox, brought = seals.parts(event.sealed)
            except ValueError:
                self._differ("event", event.evt, f"has no digests: {event.sealed!r}")
        if brought:
            self._brought[event.evt] = brought
        return _Said(event.source, str(event.__struct_config__.tag), inbox)

    async def inbox(self, conn: asyncpg.Connection, ws: str) -> set[str]:
        """Compare what was accepted with what waits and with what was decided; returns the blocks of clicks that wait."""
        waits = await audit.waiting(conn, ws)
        waiting = {row.evt: said for row in waits if (said := self._waits(row))}
        async for row in audit.inbox(conn, ws):
            said = self._said.get(row.evt) if row.evt in self._said else waiting.get(row.evt)
            if said is None and row.evt in self._said:
                self._differ("event", row.evt, "stands in the inbox twice")
            elif said is not None:
                self._same(row, said)
            elif row.source == "timer":
                await self._set_aside(conn, ws, row)
            if row.evt in self._said:
                self._said[row.evt] = None  # it was met
            if not row.placed:
                self._differ("event", row.evt, "neither waits to be decided nor stands in the log")
        for evt, unmet in self._said.items():
            if unmet is not None:
                what = "stands in the log and not in the inbox: sent again, it would be decided again"
                self._differ("event", evt, what)
        return {row.id for row in waits if row.source == clicks.SOURCE}

    def _same(self, row: audit.Accepted, said: _Said) -> None:
        if (row.source, row.type) != said[:2]:
            self._differ("event", row.evt, "the log has it from another source or as another type")
        if said.inbox and seals.inbox(row.source, row.id, row.content) != said.inbox:
            what = "was sent under another id or with another content: sent again, it would not be recognised"
            self._differ("event", row.evt, what)

    async def _set_aside(self, conn: asyncpg.Connection, ws: str, row: audit.Accepted) -> None:
        """Compare the row of a timer whose decision failed: while it is there the timer does not fire again."""
        event = self._waiting.get(row.evt)
        if event is None and (entry := await log.of(conn, ws, row.evt)):
            event = entry.event
        if not isinstance(event, TimerDue) or event.timer != row.id:
            self._differ("event", row.evt, f"keeps the timer {row.id} from firing, and neither waits nor was decided")

    def _waits(self, row: audit.Waits) -> _Said | None:
        """Compare what waits to be decided; returns what it says of itself, if it came through the inbox."""
        if row.position is not None:
            what = f"waits to be decided and stands in the log, at position {row.position}"
            self._differ("undecided", row.evt, what)
        if row.known != row.evt:
            self._differ("undecided", row.evt, f"the inbox holds no such event under the id {row.id} of {row.source}")
        try:
            event = self._waiting[row.evt] = _read(row.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._differ("undecided", row.evt, f"cannot be read: {error}")
            return None
        return self._digests(event) if event.source in _ACCEPTED else None

    async def compare(self, conn: asyncpg.Connection, ws: str, state: State, safe: Vault | None) -> None:
        """Compare the rest, once the inbox was. ``safe``: opens what only opens with a key, else it is passed over."""
        gone = self.erased | self._codes
        gone |= {code for advocate in state.all(Advocate) if advocate.person in self.erased for code in advocate.codes}
        await self._compare_brought(conn, ws, gone)
        keys = await self._secrets(conn, ws, safe) if safe else None
        await self._compare_names(conn, ws, keys)
        await self._compare_persons(conn, ws)
        await self._compare_notes(conn, ws, keys)
        await self._compare_codes(conn, ws, state, keys)
        await self._compare_work(conn, ws, state)
        await self._compare_workspace(conn, ws)
        if safe and keys:
            await self._open_persons(conn, ws, safe)
            await self._open_details(conn, keys, safe, state)

    async def _compare_brought(self, conn: asyncpg.Connection, ws: str, gone: set[str]) -> None:
        """Compare what each event brought. ``gone``: ids of those whom the log erased, and of their codes."""
        last, rows = "", list[Written]()
        async for evt, written in audit.brought(conn, ws):
            if evt != last:
                await self._compare_rows(conn, ws, last, rows, gone)
                last, rows = evt, []
            rows.append(written)
        await self._compare_rows(conn, ws, last, rows, gone)
        for evt in self._brought:
            await self._lost(conn, ws, evt, [], gone)

    async def _compare_rows(
        self, conn: asyncpg.Connection, ws: str, evt: str, rows: list[Written], gone: set[str]
    ) -> None:
        said = self._brought.pop(evt, None)
        if not rows or evt in self._silent:
            return
        if said is None:
            self._differ("event", evt, f"did not bring what is said to have come with it: {_told(rows)}")
        elif said != seals.beside(rows):
            await self._lost(conn, ws, evt, rows, gone)

    async def _lost(self, conn: asyncpg.Connection, ws: str, evt: str, written: list[Written], gone: set[str]) -> None:
        """Name an event with which other things were stored, unless it is about somebody who was erased since."""
        event = await self._event(conn, ws, evt)
        if event is not None and not gone.isdisjoint(_named(event)):
            return
        left = f"there is {_told(written)}" if written else "nothing of it is there"
        self._differ("event", evt, f"what was stored with it of names and persons is not as it was: {left}")

    async def _event(self, conn: asyncpg.Connection, ws: str, evt: str) -> Event | None:
        decided = await log.of(conn, ws, evt)
        return decided.event if decided else self._waiting.get(evt)

    async def _secrets(self, conn: asyncpg.Connection, ws: str, safe: Vault) -> workspaces.Workspace | None:
        """Return the workspace with its keys; None where they do not open, which is named."""
        try:
            changed = await workspaces.changed_secrets(conn, safe, ws)
        except MasterKeyError as error:
            self._differ("workspace_secret", ws, f"the workspace's keys do not open: {error}")
            return None
        for purpose in changed:
            self._differ("workspace_secret", purpose, "the key was changed, or its public half was")
        return None if changed else await workspaces.find(conn, safe, ws)

    async def _compare_names(self, conn: asyncpg.Connection, ws: str, keys: workspaces.Workspace | None) -> None:
        """Compare names that no event with digests brought: they open, and are found by what they open to."""
        async for names in audit.names_without_event(conn, ws):
            for name in names:
                if name.kind not in _MADE and name.id not in self._before:
                    self._differ("alias", name.id, f"no event brought this name of a {name.kind}")
                elif keys and name.kind in _TEXTS and not _opens(keys, name):
                    self._differ("alias", name.id, f"this name of a {name.kind} does not open, or is not found by it")
        for person in await audit.keys_without_event(conn, ws):
            if person not in self._before:
                self._differ("match_key", person, "no event brought a key by which this person is recognised")

    async def _compare_persons(self, conn: asyncpg.Connection, ws: str) -> None:
        for person, named in await audit.half_persons(conn, ws):
            what = "the person's key is gone, and the log did not erase them" if named else "the person's name is gone"
            self._differ("person", person, what)
        for person in await audit.known_persons(conn, ws, self.erased):
            self._differ("person", person, "the log erased this person, whose key is there: erase them again")

    async def _compare_notes(self, conn: asyncpg.Connection, ws: str, keys: workspaces.Workspace | None) -> None:
        """Texts that the log names are there; one without an entry was typed beside a command that was not decided, and opens."""
        kept = await notes.every(conn, ws)
        if missing := self._notes - kept.keys():
            missing -= set(await notes.about(conn, ws, self.erased)) if self.erased else set()
        for digest in sorted(missing):
            self._differ("note", digest, "missing, and nobody was erased whom it was about")
        for digest, sealed in kept.items():
            if keys and not notes.opens(keys, digest, sealed):
                self._differ("note", digest, "is not what was typed")

    async def _compare_work(self, conn: asyncpg.Connection, ws: str, state: State) -> None:
        """A payout that was released goes on by itself, unless people carry it out, or it waits for codes."""
        working = await audit.with_job(conn, ws, payouts.QUEUE)
        for payout in state.all(Payout):
            to_do = payout.status == "released" or (payout.status == "processing" and not payout.manual)
            if to_do and payout.id not in working and payout.awaits is None:
                self._differ("job", payout.id, f"no job goes on with this payout, which is {payout.status}")

    async def _compare_workspace(self, conn: asyncpg.Connection, ws: str) -> None:
        """Compare what the workspace is with what it was made as, and its API keys. Of one of before both were logged nobody knows."""
        made = self._founding
        if made is not None and (found := await audit.made_as(conn, ws)) != (made.mode, made.clock):
            self._differ(
                "workspace", ws, f"is {' with clock '.join(found)}, was made {made.mode} with clock {made.clock}"
            )
        there = await audit.api_keys(conn, ws)
        for key, (digest, ended_at) in there.items():
            if key not in self._keys:
                if made is not None:
                    self._differ("api_key", key, "the log knows of no such key")
            elif digest != self._keys[key]:
                self._differ("api_key", key, "opens something else, or is another's, than when it was made")
            if ended_at != self._ended.get(key) and (made is not None or key in self._keys | self._ended):
                self._differ("api_key", key, f"ended at {ended_at}, the log says {self._ended.get(key)}")
        for key in self._keys.keys() - there.keys():
            self._differ("api_key", key, "missing")
        await self._compare_forms(conn, ws)

    async def _compare_codes(
        self, conn: asyncpg.Connection, ws: str, state: State, keys: workspaces.Workspace | None
    ) -> None:
        """Compare the codes of stocks with the digests under which they were uploaded: they open, and are found by that.

        Codes of our own are those of the payouts behind which something was delivered, and read as these have it.
        """
        there: dict[str, dict[int, bytes]] = {}
        ours = {lot.code for lot in state.all(Lot)} - {None}
        for code in await codes.every(conn, ws):
            if code.id in ours:
                ours.discard(code.id)
                if keys and not codes.is_of_payout(keys, code):
                    self._differ("code_text", code.id, "does not open, or is not the code of its payout")
                continue
            stock, _, number = code.id.rpartition(".")
            if stock not in self._stocks or not number.isdigit():
                self._differ("code_text", code.id, "the log knows of no such code")
                continue
            there.setdefault(stock, {})[int(number)] = code.blind
            if keys and not codes.opens(keys, code):
                self._differ("code_text", code.id, "does not open, or is not found by what it reads")
        for payout in ours:
            self._differ("code_text", str(payout), "missing")
        for stock, uploaded in self._stocks.items():
            found = there.get(stock, {})
            if codes.of_blinds([found.get(at, b"") for at in range(1, uploaded.size + 1)]) != uploaded.codes:
                for at in range(1, uploaded.size + 1):
                    self._differ("code_text", code_id(stock, at), "it, or another of its stock, was not uploaded")

    async def _compare_forms(self, conn: asyncpg.Connection, ws: str) -> None:
        """Compare the links to partners' forms; those of the erased are gone."""
        there = await audit.forms(conn, ws)
        for form, (digest, ended_at) in there.items():
            made = self._forms.get(form)
            if made is None:
                self._differ("deal_form", form, "the log knows of no such link")
            elif digest != made.digest:
                self._differ("deal_form", form, "opens something else, or is another's, than when it was made")
            if ended_at != self._ended.get(form):
                self._differ("deal_form", form, f"ended at {ended_at}, the log says {self._ended.get(form)}")
        for form in self._forms.keys() - there.keys():
            if self._forms[form].person not in self.erased:
                self._differ("deal_form", form, "missing")

    async def _open_persons(self, conn: asyncpg.Connection, ws: str, safe: Vault) -> None:
        """Name the persons' keys that were changed, and the master keys that others need and the vault does not have."""
        for master, persons in (await people.masters(conn, ws)).items():
            try:
                safe.require([master])
            except MasterKeyError as error:
                self._differ("person", master.hex(), f"{persons} persons' keys do not open: {error}")
        last = ""
        while page := await people.unopened(conn, ws, safe, last):
            changed, last = page
            for person in changed:
                self._differ("person", person, "the person's key was changed: nothing of theirs opens")

    async def _open_entered(
        self,
        conn: asyncpg.Connection,
        keys: workspaces.Workspace,
        safe: Vault,
        stored: Mapping[str, audit.PayeeDigests],
        persons: Iterable[str],
    ) -> None:
        """Open what persons entered that is to take the place of their details."""
        for person in persons:
            try:
                its = (await payees.entered(conn, keys, safe, [person])).get(person) if stored[person].entered else None
            except UnsealError:
                self._differ(
                    "payee_detail", person, "the payment details that were entered were changed: they do not open"
                )
            else:
                if (its.destination if its is not None else None) != stored[person].entering_digest:
                    self._differ(
                        "payee_detail", person, "the payment details that were entered are not those of their digest"
                    )

    async def _open_details(
        self, conn: asyncpg.Connection, keys: workspaces.Workspace, safe: Vault, state: State
    ) -> None:
        """Open payment details: a payout whose details do not is never sent; and what tax forms say."""
        stored = await audit.payee_digests(conn, keys.id)
        for persons in _pieces(sorted(stored)):
            details, locked = await payees.opened(conn, keys, safe, persons)
            for person, error in locked.items():
                if isinstance(error, UnsealError):
                    self._differ("payee_detail", person, "the payment details were changed: they do not open")
            for person, (digest, _, _) in details.items():
                if digest != stored[person].digest:
                    self._differ("payee_detail", person, "the payment details are not those of their digest")
            await self._open_entered(conn, keys, safe, stored, details)
            names = await payees.suggested(conn, keys, safe, persons)
            for person in details:
                payee, name = state.get(Payee, person), names.get(person)
                suggested = payee.checked.suggested if payee is not None and payee.checked is not None else None
                known = payees.name_digest(keys, person, name) if name is not None else None
                if suggested != known or (person in names) != (suggested is not None):
                    self._differ("payee_detail", person, "the name that a bank suggested is not that of its digest")
        forms = await tax_forms.digests(conn, keys.id)
        for persons in _pieces(sorted({person for person, _ in forms})):
            opened, closed = await tax_forms.opened(conn, keys, safe, persons)
            for (person, _), error in closed.items():
                if isinstance(error, UnsealError):
                    self._differ("tax_form_detail", person, "what the form says was changed: it does not open")
            for form, text in opened.items():
                if tax_forms.digest(keys, *form, text) != forms[form]:
                    self._differ("tax_form_detail", form[0], "what the form says is not that of its digest")


def _named(event: Event) -> Iterator[str]:
    """Yield the ids of the outside names of an event."""
    if isinstance(event, CodesAlike):
        return (id_ for pair in event.looks for id_ in pair)
    return (id_ for name in _NAMES if (id_ := getattr(event, name, None)) is not None)


def _told(written: Iterable[Written]) -> str:
    """Return rows in a few words."""
    tables = groupby(sorted(written), key=lambda row: row.table)
    return "; ".join(f"{table} {', '.join(dict.fromkeys(row.owner for row in rows))}" for table, rows in tables)


def _opens(keys: workspaces.Workspace, name: audit.Name) -> bool:
    """Return whether a name is found by the text that it opens to."""
    try:
        text = people.name_text(keys.id, keys.keys.note, name.id, name.sealed or b"")
    except UnsealError:
        return False
    kind = name.kind.removesuffix("_was")
    return blind(keys.keys.index, kind, canonical(kind, text)) == name.blind


def _pieces(persons: list[str]) -> Iterator[list[str]]:
    return (persons[at : at + _PIECE] for at in range(0, len(persons), _PIECE))
