"""Names, persons and what is sealed with them."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import asyncpg
import pytest

from goodword.core.facts import Match
from goodword.store import people
from goodword.store.pool import open_pool
from goodword.store.vault import MasterKey, Vault, new_key
from goodword.store.workspaces import Keys

WS = "wsp_1"


class Place(NamedTuple):
    """A connection with the keys of a workspace."""

    connection: asyncpg.Connection
    keys: Keys
    vault: Vault

    async def resolve(self, *names: people.Name) -> dict[people.Name, str]:
        """Return the ids of names."""
        wanted = {name: (name[1], "evt_1") for name in names}
        ids, _ = await people.resolve(self.connection, WS, self.keys, self.vault, wanted)
        return ids


@pytest.fixture
async def place(database: str) -> AsyncIterator[Place]:
    pool = await open_pool(database)
    try:
        async with pool.acquire() as connection:
            yield Place(connection, Keys(*(new_key() for _ in range(5))), Vault(MasterKey(new_key())))
    finally:
        await pool.close()


async def test_a_name_keeps_its_id(place: Place) -> None:
    """The same name gives the same id, another kind or text another one; its prefix says the kind."""
    names = [("person", "c1"), ("person", "c2"), ("visitor", "c1"), ("code", "anna10"), ("invoice", "Nr 7")]
    first = await place.resolve(*names)
    assert await place.resolve(*reversed(names)) == first
    assert len(set(first.values())) == len(names)
    assert {name[0]: id_[:3] for name, id_ in first.items()} == {
        "person": "per",
        "visitor": "vis",
        "code": "cod",
        "invoice": "inv",
    }


async def test_names_are_sealed_and_can_be_read_again(place: Place) -> None:
    """No table holds a name in clear; people with the right read persons', codes' and invoices' names again."""
    found = await place.resolve(("person", "Anna Müller"), ("code", "anna10"), ("visitor", "cookie"))
    rows = await place.connection.fetch("select * from alias")
    assert not any(
        b"anna" in bytes(value).lower() for row in rows for value in row.values() if isinstance(value, bytes)
    )
    texts = await people.texts(place.connection, WS, place.keys, place.vault, found.values())
    assert sorted(texts.values()) == ["Anna Müller", "anna10"]


async def test_an_erased_person_leaves_nothing_readable(place: Place) -> None:
    """Without the person's key neither name nor what was said opens, and nothing new is kept."""
    [person] = (await place.resolve(("person", "c1"))).values()
    await people.add_personal(place.connection, WS, place.vault, [(person, "evt_1", {"email": "a@example.org"})])
    read = await people.personal_of(place.connection, WS, place.vault, person, "evt_1")
    assert read == {"email": "a@example.org"}
    await place.connection.execute("delete from person")
    assert await people.personal_of(place.connection, WS, place.vault, person, "evt_1") == {}
    assert await people.texts(place.connection, WS, place.keys, place.vault, [person]) == {}
    await people.add_personal(place.connection, WS, place.vault, [(person, "evt_2", {"email": "a@example.org"})])
    assert await place.connection.fetchval("select count(*) from personal") == 1


async def test_matches_tell_the_kind_and_no_key(place: Place) -> None:
    """Persons that share a key are matched by kind, if a trusted source said it of both: a page may say anybody's (finding 18 i)."""
    asserted = [
        ("mail", "a@example.org", "per_1", True, "evt_1"),
        ("mail", "a@example.org", "per_2", True, "evt_2"),
        ("phone", "+4930901820", "per_1", True, "evt_1"),
        ("phone", "+4930901820", "per_2", False, "evt_2"),
        ("phone", "+4930901820", "per_3", False, "evt_3"),
    ]
    await people.add_match_keys(place.connection, WS, place.keys, asserted)
    assert await people.matches(place.connection, WS, ["per_1"]) == [
        Match("per_1", "per_2", "mail", verified=True),
    ]
    assert await people.matches(place.connection, WS, ["per_2"]) == [Match("per_2", "per_1", "mail", verified=True)]
    assert await people.matches(place.connection, WS, ["per_3"]) == []
    assert await people.matches(place.connection, "wsp_2", ["per_1"]) == []


async def test_a_crowd_cannot_hide_a_verified_match(place: Place) -> None:
    """However many persons a page gives the mail of somebody: only whom a trusted source gave it to is a match."""
    crowd = [("mail", "x@example.org", f"per_{i:03d}", i in (0, 99), f"evt_{i}") for i in range(100)]
    await people.add_match_keys(place.connection, WS, place.keys, crowd)
    assert await people.matches(place.connection, WS, ["per_000"]) == [
        Match("per_000", "per_099", "mail", verified=True)
    ]


async def test_verified_rises_and_never_falls(place: Place) -> None:
    """What a trusted source said once is not taken back by a page, in one batch or in two."""

    async def verified(*says: bool) -> bool:
        asserted = [("mail", "a@example.org", "per_1", said, "evt_1") for said in says]
        await people.add_match_keys(place.connection, WS, place.keys, asserted)
        return bool(await place.connection.fetchval("select verified from match_key"))

    assert [await verified(False), await verified(True, False), await verified(False)] == [False, True, True]


async def test_a_code_that_was_made_gets_a_text_when_it_is_first_shown(place: Place) -> None:
    """The text stays, and names the code for links and leads; a code that was typed keeps its own."""
    [typed] = (await place.resolve(("code", "anna10"))).values()
    texts = await people.code_texts(place.connection, WS, place.keys, ["cod_1", "cod_2", typed])
    assert texts[typed] == "anna10"
    names = {("code", text.lower()): id_ for id_, text in texts.items()}
    assert await people.find(place.connection, WS, place.keys, names) == names
    assert await people.code_texts(place.connection, WS, place.keys, texts) == texts
