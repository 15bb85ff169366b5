"""Outside names and the ids that stand for them, persons with their keys, what is sealed, and who shares a key with whom.

A name is found by its blind index; ids are random. Everything here runs in the caller's transaction; what ``resolve``
found may be remembered only after the commit. Must not know: events, rules, who sent it.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
import msgspec

from goodword.core.facts import Known
from goodword.store.seals import Written
from goodword.store.sql_files import statements
from goodword.store.uuid7 import new_id
from goodword.store.vault import (
    ID_BYTES,
    MasterKeyError,
    UnsealError,
    Vault,
    blind,
    row_identity,
    seal,
    unseal,
)
from goodword.store.workspaces import Keys

#: Kind of an outside name -> prefix of the id that stands for it.
PREFIXES = {
    "person": "per",
    "visitor": "vis",
    "click": "tch",
    "device": "dev",
    "payment": "pmt",
    "company": "cmp",
    "domain": "cmp",
    "company_ref": "cmr",
    "code": "cod",
    "invoice": "inv",
}
#: Kinds whose name people may see again, where its text was given, sealed under the workspace's key for texts. A person's is sealed
#: under their own.
_SHOWN = frozenset({"code", "company", "domain", "company_ref", "invoice"})

_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read for another, no vowel that makes a word
_CODE_LENGTH = 8

_SQL = statements("people")

Name = tuple[str, str]
"""Kind and canonical text."""


class _New(NamedTuple):
    """A row that a name gets if it has none. ``evt``: the event that brings it, if one does."""

    kind: str
    blind: bytes
    id: str
    sealed: bytes | None
    evt: str | None
    wrapped: bytes | None


Brought = dict[str | None, list[Written]]
"""What events brought that was not there, by evt; None: no event did."""


async def resolve(
    connection: asyncpg.Connection,
    workspace_id: str,
    keys: Keys,
    vault: Vault,
    names: Mapping[Name, tuple[str, str | None]],
) -> tuple[dict[Name, str], Brought]:
    """Return the id of every name, with new rows for those that have none, and these.

    ``names``: kind and canonical text -> the text as given, and the event that names it first, if one does.
    """
    if not names:
        return {}, {}
    wanted = {name: _new_row(workspace_id, keys, vault, name, *said) for name, said in names.items()}
    rows = sorted(wanted.values(), key=lambda row: row[:2])
    columns = [list(column) for column in zip(*(row[:5] for row in rows), strict=True)]
    added = {row["id"] for row in await connection.fetch(_SQL["add_names"], workspace_id, *columns)}
    people = [row for row in rows if row.wrapped and row.id in added]
    if people:
        await connection.execute(
            _SQL["add_people"], workspace_id, [row.id for row in people], [row.wrapped for row in people]
        )
    new = {name: row.id for name, row in wanted.items() if row.id in added}
    brought: Brought = {}
    for row in rows:
        if row.id in added:
            brought.setdefault(row.evt, []).append(
                Written("alias", row.kind, row.blind, row.id, row.sealed or b"", False)
            )
    return new | await find(connection, workspace_id, keys, names.keys() - new.keys()), brought


async def carry_over(
    connection: asyncpg.Connection, workspace_id: str, keys: Keys, names: Mapping[Name, tuple[str, str | None]]
) -> Brought:
    """Let names go on that were known by the text as given, as it was compared once. ``names``: as of ``resolve``."""
    if not names:
        return {}
    before = await find(connection, workspace_id, keys, [(kind, text) for (kind, _), (text, _) in names.items()])
    here = {name: (before[name[0], text], evt) for name, (text, evt) in names.items() if (name[0], text) in before}
    return await name_also(connection, workspace_id, keys, here)


async def name_also(
    connection: asyncpg.Connection, workspace_id: str, keys: Keys, names: Mapping[Name, tuple[str, str | None]]
) -> Brought:
    """Let ids be found by these names as well, unless one of them is another's. ``names``: to the id, and the event that brings it."""
    if not names:
        return {}
    rows = {(kind, blind(keys.index, kind, text)): said for (kind, text), said in names.items()}
    columns = [
        list(column) for column in zip(*((*row, rows[row][0], None, rows[row][1]) for row in sorted(rows)), strict=True)
    ]
    brought: Brought = {}
    for row in await connection.fetch(_SQL["add_names"], workspace_id, *columns):
        id_, evt = rows[row["kind"], row["blind"]]
        brought.setdefault(evt, []).append(Written("alias", row["kind"], row["blind"], id_, b"", False))
    return brought


async def find(connection: asyncpg.Connection, workspace_id: str, keys: Keys, names: Iterable[Name]) -> dict[Name, str]:
    """Return the ids of those names that have a row."""
    by_blind = {(kind, blind(keys.index, kind, text)): (kind, text) for kind, text in names}
    if not by_blind:
        return {}
    kinds, blinds = (list(column) for column in zip(*sorted(by_blind), strict=True))
    rows = await connection.fetch(_SQL["find_names"], workspace_id, kinds, blinds)
    return {by_blind[row["kind"], row["blind"]]: row["id"] for row in rows}


class Meant(NamedTuple):
    """The code that is meant by what was typed. ``exactly``: it is called so, else it looks so."""

    id: str
    exactly: bool


class Owned(NamedTuple):
    """A code that is somebody's, and what it reads."""

    id: str
    person: str
    text: str


async def owned_codes(
    connection: asyncpg.Connection, workspace_id: str, keys: Keys, after: str, limit: int
) -> list[Owned]:
    """Return the next codes that are somebody's, by id; those of the erased have no text any more, and are left out."""
    rows = await connection.fetch(_SQL["owned_codes"], workspace_id, after, limit)
    return [
        Owned(row["id"], row["person"], name_text(workspace_id, keys.note, row["id"], row["sealed"])) for row in rows
    ]


async def meant(
    connection: asyncpg.Connection, workspace_id: str, keys: Keys, typed: Sequence[tuple[str, str]]
) -> list[Meant | None]:
    """Return of each (key of a code, its look) the code that somebody owns and that is meant; None: there is none."""
    exact, look = ([blind(keys.index, "code", text) for text in column] for column in zip(*typed, strict=True))
    rows = await connection.fetch(_SQL["meant_codes"], workspace_id, exact, look)
    by_place = {row["place"]: Meant(row["id"], row["exactly"]) for row in rows if row["id"] is not None}
    return [by_place.get(place) for place in range(1, len(typed) + 1)]


def _new_row(workspace_id: str, keys: Keys, vault: Vault, name: Name, text: str, evt: str | None) -> _New:
    kind, canonical = name
    id_ = new_id(PREFIXES[kind])
    sealed = wrapped = None
    if kind == "person":
        identity = _person_identity(workspace_id, id_)
        wrapped, sealed = vault.wrapped_anew(text.encode(), identity, _name_identity(workspace_id, id_))
    elif kind in _SHOWN and text:
        sealed = seal(keys.note, text.encode(), _name_identity(workspace_id, id_))
    return _New(kind, blind(keys.index, kind, canonical), id_, sealed, evt, wrapped)


async def person_keys(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, persons: Iterable[str]
) -> dict[str, bytes]:
    """Return the persons' own keys; an erased person has none."""
    rows = await connection.fetch(_SQL["keys_of_people"], workspace_id, sorted(set(persons)))
    return {row["id"]: vault.unwrap(row["wrapped"], _person_identity(workspace_id, row["id"])) for row in rows}


async def opened(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, persons: Iterable[str]
) -> tuple[dict[str, bytes], dict[str, Exception]]:
    """Return the persons' own keys likewise, and why those do not open that do not: one must not hide the others from a reader."""
    keys: dict[str, bytes] = {}
    locked: dict[str, Exception] = {}
    for row in await connection.fetch(_SQL["keys_of_people"], workspace_id, sorted(set(persons))):
        try:
            keys[row["id"]] = vault.unwrap(row["wrapped"], _person_identity(workspace_id, row["id"]))
        except (MasterKeyError, UnsealError) as error:
            locked[row["id"]] = error
    return keys, locked


async def masters(connection: asyncpg.Connection, workspace_id: str) -> dict[bytes, int]:
    """Return the ids of the master keys that wrapped persons' keys, and of how many each. Reads a row a person."""
    rows = await connection.fetch(_SQL["masters"], workspace_id, ID_BYTES)
    return {row["master"]: row["persons"] for row in rows}


async def unopened(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, after: str, limit: int = 1_000
) -> tuple[list[str], str] | None:
    """Return which of the next persons' keys were changed, so that they do not open, and the last person. None: nobody is left.

    Those that a missing master key wrapped are none of them: ``masters`` tells.
    """
    rows = await connection.fetch(_SQL["people_after"], workspace_id, after, limit)
    changed = []
    for row in rows:
        try:
            vault.unwrap(row["wrapped"], _person_identity(workspace_id, row["id"]))
        except MasterKeyError:
            pass
        except UnsealError:
            changed.append(row["id"])
    return (changed, rows[-1]["id"]) if rows else None


async def wrap_again(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, after: str, limit: int = 500
) -> tuple[int, str] | None:
    """Wrap the keys of the next persons under the present master key; returns how many were not, and the last person.

    None: there is nobody after ``after``. Who is erased meanwhile stays erased.
    """
    rows = await connection.fetch(_SQL["people_after"], workspace_id, after, limit)
    again = []
    for row in rows:
        if not vault.is_current(row["wrapped"]):
            identity = _person_identity(workspace_id, row["id"])
            again.append((row["id"], row["wrapped"], vault.wrap(vault.unwrap(row["wrapped"], identity), identity)))
    if again:
        await connection.execute(_SQL["wrap_people_again"], workspace_id, *map(list, zip(*again, strict=True)))
    return (len(again), rows[-1]["id"]) if rows else None


async def erase(connection: asyncpg.Connection, workspace_id: str, person: str) -> bool:
    """Erase a person, in the caller's transaction: their key, and all that it sealed or that they are found by; False: it was so.

    Log, ledger and replay stay whole: they never held more than the id.
    """
    for name in (
        "erase_personal",
        "erase_match_keys",
        "erase_payee_detail",
        "erase_tax_forms",
        "erase_names",
        "erase_codes",
        "erase_crm_records",
        "erase_forms",
        "erase_letters",
    ):
        await connection.execute(_SQL[name], workspace_id, person)
    done: str = await connection.execute(_SQL["erase_person"], workspace_id, person)
    # Behind the row of the person, which whoever signs them in holds meanwhile.
    await connection.execute(_SQL["erase_portal"], workspace_id, person)
    # Behind the row of the person, which whoever writes words holds meanwhile.
    await connection.execute(_SQL["erase_search_words"], workspace_id, person)
    if done == "DELETE 0":
        return False
    await connection.execute(_SQL["count_erasure"], workspace_id)
    return True


async def erasures(connection: asyncpg.Connection, workspace_id: str) -> int:
    """Return how many persons were erased: what names stand for may be remembered as long as this is the same."""
    count: int | None = await connection.fetchval(_SQL["erasures"], workspace_id)
    return count or 0


def name_text(workspace_id: str, key: bytes, id_: str, sealed: bytes) -> str:
    """Return a name as it was first given. Raises UnsealError."""
    return unseal(key, sealed, _name_identity(workspace_id, id_)).decode()


async def texts(
    connection: asyncpg.Connection,
    workspace_id: str,
    keys: Keys,
    vault: Vault,
    ids: Iterable[str],
    own: Mapping[str, bytes] | None = None,
) -> dict[str, str]:
    """Return the outside names, as they were first given, of ids: for people who may see them.

    A person whose key does not open has none (``opened`` tells them from one who was erased). ``own``: the persons' own keys, where
    they were opened already.
    """
    rows = await connection.fetch(_SQL["sealed_names"], workspace_id, sorted(set(ids)))
    if own is None:
        own, _ = await opened(connection, workspace_id, vault, (row["id"] for row in rows if row["kind"] == "person"))
    by_id = {}
    for row in rows:
        key = own.get(row["id"]) if row["kind"] == "person" else keys.note
        if key:
            by_id[row["id"]] = name_text(workspace_id, key, row["id"], row["sealed"])
    return by_id


async def code_texts(
    connection: asyncpg.Connection, workspace_id: str, keys: Keys, ids: Iterable[str]
) -> dict[str, str]:
    """Return the texts of codes. One that a decision made has none until it is first shown: now it gets one."""
    wanted = sorted(set(ids))
    rows = await connection.fetch(_SQL["sealed_names"], workspace_id, wanted)
    by_id = {row["id"]: name_text(workspace_id, keys.note, row["id"], row["sealed"]) for row in rows}
    nameless = [id_ for id_ in wanted if id_ not in by_id]
    while nameless:
        made = {id_: "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH)) for id_ in nameless}
        new = [
            (
                "code",
                blind(keys.index, "code", text.lower()),
                id_,
                seal(keys.note, text.encode(), _name_identity(workspace_id, id_)),
                None,  # no event brings it
            )
            for id_, text in made.items()
        ]
        columns = [list(column) for column in zip(*sorted(new), strict=True)]
        added = {row["id"] for row in await connection.fetch(_SQL["add_names"], workspace_id, *columns)}
        by_id |= {id_: made[id_] for id_ in added}
        nameless = [id_ for id_ in nameless if id_ not in added]  # the text was taken: another one
    return by_id


async def add_personal(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, said: Sequence[tuple[str, str, dict[str, Any]]]
) -> Brought:
    """Seal what events said of persons: (person, evt, fields). An erased person's is dropped; returns what was stored."""
    if not said:
        return {}
    own = await person_keys(connection, workspace_id, vault, (person for person, _, _ in said))
    rows = sorted(
        (person, evt, seal(own[person], msgspec.json.encode(fields), personal_identity(workspace_id, person, evt)))
        for person, evt, fields in said
        if person in own
    )
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    await connection.execute(_SQL["add_personal"], workspace_id, *columns)
    return {evt: [Written("personal", "", b"", person, sealed, False)] for person, evt, sealed in rows}


async def personal_of(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, person: str, evt: str
) -> dict[str, Any]:
    """Return what an event said of a person; nothing if it is gone."""
    sealed = await connection.fetchval(_SQL["personal_of"], workspace_id, person, evt)
    key = (await person_keys(connection, workspace_id, vault, [person])).get(person)
    if sealed is None or key is None:
        return {}
    fields: dict[str, Any] = msgspec.json.decode(unseal(key, sealed, personal_identity(workspace_id, person, evt)))
    return fields


async def said_of(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, person: str, limit: int
) -> dict[str, Any]:
    """Return what the newest events said of a person: of each field what was said last; nothing of one whose key does not open."""
    fields: dict[str, Any] = {}
    for _, said in (await said_of_each(connection, workspace_id, vault, [person], limit))[person]:
        fields = said | fields
    return fields


async def said_of_each(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, persons: Collection[str], limit: int
) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Return what the newest events said of each of these persons, with the event, the newest first; likewise."""
    keys, _ = await opened(connection, workspace_id, vault, persons)
    said: dict[str, list[tuple[str, dict[str, Any]]]] = {person: [] for person in persons}
    for row in await connection.fetch(_SQL["personal_said"], workspace_id, sorted(keys), limit) if keys else ():
        identity = personal_identity(workspace_id, row["person"], row["evt"])
        fields = msgspec.json.decode(unseal(keys[row["person"]], row["sealed"], identity))
        said[row["person"]].append((row["evt"], fields))
    return said


async def said_before(
    connection: asyncpg.Connection, workspace_id: str, vault: Vault, person: str, before: str, limit: int
) -> list[tuple[str, dict[str, Any]]]:
    """Return what events before one of them said of a person, with the event, the newest first; likewise."""
    keys, _ = await opened(connection, workspace_id, vault, [person])
    rows = await connection.fetch(_SQL["personal_before"], workspace_id, person, before, limit) if keys else ()
    return [
        (row["evt"], msgspec.json.decode(unseal(keys[person], row["sealed"], identity)))
        for row in rows
        if (identity := personal_identity(workspace_id, person, row["evt"]))
    ]


async def add_match_keys(
    connection: asyncpg.Connection,
    workspace_id: str,
    keys: Keys,
    asserted: Iterable[tuple[str, str, str, bool, str | None]],
) -> Brought:
    """Write by what persons may be recognised: (kind, canonical text, person, whether a trusted source says so, the event that does).

    Returns what was not there, or was said by no trusted source before.
    """
    rows: dict[tuple[str, bytes, str], tuple[bool, str | None]] = {}
    for kind, canonical, person, verified, evt in asserted:
        row = (kind, blind(keys.index, kind, canonical), person)
        if row not in rows or (verified and not rows[row][0]):
            rows[row] = verified, evt
    if not rows:
        return {}
    columns = [list(column) for column in zip(*((*row, *rows[row]) for row in sorted(rows)), strict=True)]
    brought: Brought = {}
    for row in await connection.fetch(_SQL["add_match_keys"], workspace_id, *columns):
        key = Written("match_key", row["kind"], row["blind"], row["person"], b"", row["verified"])
        brought.setdefault(row["evt"], []).append(key)
    return brought


async def known(
    connection: asyncpg.Connection,
    workspace_id: str,
    pairs: Iterable[tuple[str, str]],
    persons: Iterable[str],
    kinds: Iterable[str],
    most: int,
) -> list[Known]:
    """Return which of these pairs share a key, of any kind; and who shares one of these kinds with each of the persons.

    Of the latter the ``most`` that are known longest, for each key; of pairs all. Only what verified sources say counts.
    """
    found = []
    if one_and_other := sorted(set(pairs)):
        columns = [list(column) for column in zip(*one_and_other, strict=True)]
        found += await connection.fetch(_SQL["pairs"], workspace_id, *columns)
    if people := sorted(set(persons)):
        found += await connection.fetch(_SQL["equals"], workspace_id, people, sorted(kinds), most)
    return [Known(row["person"], row["other"], row["kind"]) for row in found]


async def holders(
    connection: asyncpg.Connection, workspace_id: str, keys: Keys, pairs: Iterable[Name], most: int
) -> list[tuple[str, str]]:
    """Return (kind, person) of whoever is recognised by these match keys, whoever said so; of each key ``most`` persons."""
    by_blind = sorted({(kind, blind(keys.index, kind, text)) for kind, text in pairs})
    if not by_blind:
        return []
    columns = [list(column) for column in zip(*by_blind, strict=True)]
    return [
        (row["kind"], row["person"]) for row in await connection.fetch(_SQL["holders"], workspace_id, *columns, most)
    ]


def _person_identity(workspace_id: str, person: str) -> bytes:
    return row_identity("person", workspace_id, person)


def _name_identity(workspace_id: str, id_: str) -> bytes:
    return row_identity("alias", workspace_id, id_)


def personal_identity(workspace_id: str, person: str, evt: str) -> bytes:
    """Return what a row of ``personal`` is sealed with besides its key."""
    return row_identity("personal", workspace_id, person, evt)
