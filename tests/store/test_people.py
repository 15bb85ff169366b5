"""Names, persons and what is sealed with them."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import asyncpg
import pytest

from goodword.core import persons
from goodword.core.facts import Known
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
    assert await known(place, equal=["per_1"]) == [Known("per_1", "per_2", "mail")]
    assert await known(place, equal=["per_2"]) == [Known("per_2", "per_1", "mail")]
    assert await known(place, equal=["per_3"]) == []
    assert await known(place, ("per_1", "per_2"), ("per_1", "per_3")) == [Known("per_1", "per_2", "mail")]
    assert await people.known(place.connection, "wsp_2", [("per_1", "per_2")], ["per_1"], persons.PROOF, 21) == []


async def known(place: Place, *pairs: tuple[str, str], equal: Sequence[str] = ()) -> list[Known]:
    """Return who shares keys, in order."""
    return sorted(await people.known(place.connection, WS, pairs, equal, persons.PROOF, 21))


async def test_a_card_or_a_device_makes_nobody_equal(place: Place) -> None:
    """What is a sign is asked of pairs only; a phone is an equal key, whatever else they share."""
    asserted = [
        (kind, "one", person, True, "evt_1")
        for kind in ("device", "payment", "domain", "phone")
        for person in ("a", "b")
    ]
    await people.add_match_keys(place.connection, WS, place.keys, asserted)
    assert await known(place, equal=["a"]) == [Known("a", "b", "phone")]
    assert {each.kind for each in await known(place, ("a", "b"))} == {"device", "payment", "domain", "phone"}


async def test_a_crowd_hides_nobody(place: Place) -> None:
    """Of those equal to somebody 21 are given, the oldest; of a pair it is told whoever else is there."""
    crowd = [("mail", "x@example.org", f"per_{i:03d}", i % 2 == 0, f"evt_{i}") for i in range(200)]
    await people.add_match_keys(place.connection, WS, place.keys, crowd)
    assert [each.other for each in await known(place, equal=["per_000"])] == [f"per_{2 * i:03d}" for i in range(1, 22)]
    assert await known(place, ("per_000", "per_198"), ("per_000", "per_199")) == [Known("per_000", "per_198", "mail")]


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
