"""People are found by the beginnings of their names: who was erased by nothing, and whoever is found has what was asked for."""

from random import Random

import pytest
from msgspec.structs import replace
from tests.app.conftest import House

from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.follow import search as follow_search
from goodword.app.follow.follower import catch_up, restart
from goodword.app.follow.kinds import Kind
from goodword.app.principal import OPERATOR, Principal
from goodword.core import events
from goodword.core.facts import Actor
from goodword.sources import naming
from goodword.store import jobs, people, search
from goodword.store.migrations import migrate
from goodword.store.sql_files import statements
from goodword.store.vault import Vault, blind

FIRST = ("Marguerite", "Marie", "Max", "Zoë", "Maximiliana", "Li", "Ana")
NAMED = {"first": "Ann Lee", "second": "Zoë Park", "newest": "Lee, Ann"}
LAST = ("Vandeput", "Van der Berg", "Österreicher", "O'Brien", "Li", "Marini")


async def written(house: House, directory: Directory, kinds: dict[str, Kind] | None = None) -> int:
    """Let the follower take what it lacks and its jobs be done; returns how many were."""
    await catch_up(house.engine, house.ws, [follow_search.FOLLOWER])
    kind = (kinds or follow_search.kinds(directory))[follow_search.KIND]
    async with house.pool.acquire() as conn:
        leased = await jobs.lease(conn, house.ws, "search", follow_search.KIND, 1, 2, 1_000)
    assert await kind.do(house.ws, leased) == {}
    async with house.pool.acquire() as conn:
        await jobs.done(conn, house.ws, leased, 2)
    return len(leased)


async def person(house: House, directory: Directory, external: str, **said: str) -> str:
    """A person with a name and what an event said of them; returns their id."""
    evt = f"evt_{external}"
    async with house.pool.acquire() as conn, conn.transaction():
        keys = house.workspace.keys
        ids, _ = await people.resolve(conn, house.ws, keys, directory.vault, {("person", external): (external, None)})
        [id_] = ids.values()
        await people.add_personal(conn, house.ws, directory.vault, [(id_, evt, said)])
    return id_


async def enrolled(house: House, directory: Directory, external: str, **said: str) -> str:
    """The same of an advocate."""
    id_ = await person(house, directory, external, **said)
    await house.send(events.AdvocateEnrolled, person=id_, code=f"cod_{id_}")
    return id_


@pytest.fixture
async def directory(house: House, vault: Vault) -> Directory:
    """The installation of the house."""
    return Directory(house.engine, vault)


async def found(who: Principal, directory: Directory, asked: str) -> set[str]:
    """Whom a search finds."""
    return {it.person.id for it in (await see.people.search(who, directory, asked)).found}


def meant(asked: str, names: dict[str, str]) -> set[str]:
    """Who is to be found of people with these names: who has two whole words of them, or else whose words begin so."""
    begins = naming.asked(asked)
    if len(begins) > 1:
        whole = {id_ for id_, name in names.items() if set(begins) <= {*naming.words(name)}}
        if whole:
            return whole
    return {
        id_
        for id_, name in names.items()
        if begins and all(any(word.startswith(it) for word in naming.words(name)) for it in begins)
    }


async def test_whoever_is_found_has_the_words_and_nobody_is_found_who_was_erased(
    house: House, directory: Directory
) -> None:
    """Of generated names, some erased: found is who has all that was typed as whole words, or else who has words that begin so."""
    random, names = Random(7), dict[str, str]()  # noqa: S311 - values for a test
    for n in range(40):
        name = f"{random.choice(FIRST)} {random.choice(LAST)}"
        names[await enrolled(house, directory, f"x{n}", name=name, email=f"m{n}@shop.example")] = name
    assert await written(house, directory)
    owner = Principal("mk", house.workspace, house.owner)
    for id_ in random.sample(sorted(names), 12):
        await say.people.erase(owner, directory, id_)
        del names[id_]
    tried = 0
    for _ in range(200):
        words = random.sample([*FIRST, *LAST], random.choice((1, 2)))
        asked = " ".join(word[: random.randint(3, 10)] for word in words)
        expected = meant(asked, names)
        assert await found(owner, directory, asked) == expected, asked
        tried += bool(expected)
    assert tried > 40
    async with house.pool.acquire() as conn:
        assert await conn.fetchval("select count(distinct person) from search_word") == len(names)


async def test_two_whole_words_of_a_name_find_however_many_newer_people_have_one_of_them(
    house: House, directory: Directory
) -> None:
    """The oldest of all is found by both words in either order, by three, and by the beginnings of two."""
    oldest = await enrolled(house, directory, "x0", name="Anna Maria Adler")
    hidden = await enrolled(house, directory, "x1", name="Anna Leer")
    await written(house, directory)
    async with house.pool.acquire() as conn:
        for word in ("anna", "adler"):
            newer = [(part, f"per_~{n:05}") for n in range(2_000) for part in naming.kept([word])]
            await search.add(conn, house.workspace, newer if word == "anna" else [(p, f"{of}b") for p, of in newer])
        alike = [(part, f"per_~{n:05}c") for n in range(2_000) for part in naming.kept(["annika", "leeds"])]
        await search.add(conn, house.workspace, alike)
    who = OPERATOR.at(house.workspace)
    for asked in ("anna adler", "Adler, Anna", "anna maria adler", "maria anna"):
        answer = await see.people.search(who, directory, asked)
        assert [it.person.id for it in answer.found] == [oldest], asked
        assert (answer.is_whole, answer.newest) == (True, None)
    for asked in ("anna adl", "Adle, Anna", "ann mari adl"):
        answer = await see.people.search(who, directory, asked)
        assert ([it.person.id for it in answer.found], answer.is_whole, answer.newest) == ([oldest], False, None), asked
    assert await found(who, directory, "anna leer") == {hidden}
    answer = await see.people.search(who, directory, "anna lee")  # two thousand begin so whose first name is longer
    assert (answer.found, answer.is_whole, answer.newest) == ((), False, 2_000)
    assert (await see.people.search(who, directory, "maria adl")).newest is None  # nobody else is called Maria


async def test_a_pair_is_no_word_and_a_name_has_six_at_most(house: House, directory: Directory) -> None:
    """Words put together, or a text that looks like a pair, find nobody; the first four words of one text make pairs."""
    kept = naming.kept(naming.words("Ana Berta Carla Dora Elsa"))
    both = [part for part in kept if naming.words(part) != [part]]
    pairs, begun = both[::2], both[1::2]
    assert len(pairs) == len(begun) == 6
    assert all(len(naming.words(pair)) == 2 and "els" not in pair for pair in both)
    assert naming.ways(["dora", "ana"])[:2] == naming.ways(["ana", "dora"])[:2] == [[pairs[2]], [begun[2], "dora"]]
    ann = await enrolled(house, directory, "x1", name="Ann Lee", email="sue.park@shop.example")
    await written(house, directory)
    who = OPERATOR.at(house.workspace)
    for asked in ("annlee", "ann_lee", "lee ann", "park sue"):
        assert (ann in await found(who, directory, asked)) == (asked != "annlee"), asked
    mixed = await see.people.search(who, directory, "ann park")
    assert ([it.person.id for it in mixed.found], mixed.is_whole) == (
        [ann],
        False,
    )  # of two texts: by each of the words


async def test_words_from_before_pairs_find_still_and_pairs_come_when_they_are_made_again(
    house: House, directory: Directory
) -> None:
    """Without its pairs a person is found by both words; after ``follower restart search`` by the pair."""
    ann = await enrolled(house, directory, "x1", name="Ann Lee")
    await written(house, directory)
    who = OPERATOR.at(house.workspace)
    async with house.pool.acquire() as conn:
        await search.clear(conn, house.ws)
        await search.add(
            conn, house.workspace, [(part, ann) for word in ("ann", "lee") for part in naming.kept([word])]
        )
    before = await see.people.search(who, directory, "ann lee")
    assert ([it.person.id for it in before.found], before.is_whole) == ([ann], False)
    await restart(house.engine, house.ws, follow_search.FOLLOWER)
    await written(house, directory)
    after = await see.people.search(who, directory, "ann lee")
    assert ([it.person.id for it in after.found], after.is_whole) == ([ann], True)


async def before_pairs(house: House, ids: list[str]) -> None:
    """Let these have no pairs, as the version before had written them, and let the database be of that version."""
    async with house.pool.acquire() as conn:
        for digest in await pairs(house):
            await conn.execute("delete from search_word where blind = $1 and person = any($2::text[])", digest, ids)
        await conn.execute("delete from migration where name like '%pairs_of_beginnings%'")


async def pairs(house: House) -> list[bytes]:
    """The digests of all pairs of the names below."""
    each = [naming.words(name) for name in NAMED.values()]
    two = [part for words in each for part in naming.kept(words) if naming.words(part) != [part]]
    return [blind(house.workspace.keys.index, "word", pair) for pair in two]


async def paired(house: House, directory: Directory) -> int:
    """Let the jobs that read people again be done; returns how many it took."""
    kind, number = follow_search.kinds(directory)[follow_search.PAIRS], 0
    while True:
        async with house.pool.acquire() as conn:
            leased = await jobs.lease(conn, house.ws, "search", follow_search.PAIRS, 1, 2, 1)
        if not leased:
            return number
        assert await kind.do(house.ws, leased) == {}
        async with house.pool.acquire() as conn:
            await jobs.done(conn, house.ws, leased, 2)
        number += 1


async def test_who_was_stored_before_pairs_is_found_by_two_words_from_the_upgrade_on(
    house: House, directory: Directory, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The migration has everybody read once more behind the commit; at no moment is somebody not found who was before."""
    monkeypatch.setattr(follow_search, "_READ_AGAIN", 2)
    monkeypatch.setattr(follow_search, "_AT_ONCE", 1)
    ids = {name: await enrolled(house, directory, name, name=full) for name, full in NAMED.items()}
    by_id = await enrolled(house, directory, "Ann Lee")
    await written(house, directory)
    who, old = OPERATOR.at(house.workspace), [ids["first"], ids["second"], by_id]
    await before_pairs(house, old)
    assert await found(who, directory, "ann lee") == {ids["newest"]}  # the fault: whoever has the pair hides the others
    await migrate(database)
    every = {ids["first"], ids["newest"], by_id}
    assert await found(who, directory, "ann lee") == every
    later = await enrolled(house, directory, "later", name="Lee Ann")
    await written(house, directory)
    assert await found(who, directory, "ann lee") == {*every, later}
    assert (await see.people.search(who, directory, "ann lee")).is_whole is False
    assert await paired(house, directory) > 2
    answer = await see.people.search(who, directory, "ann lee")
    assert ({it.person.id for it in answer.found}, answer.is_whole) == ({*every, later}, True)
    assert await found(who, directory, "zoe park") == {ids["second"]}
    await migrate(database)
    assert await paired(house, directory) == 0


async def test_a_new_workspace_has_nobody_to_read_again(house: House, directory: Directory) -> None:
    """Whose people were all read by this version is looked for by pairs at once."""
    ann = await enrolled(house, directory, "ann", name="Ann Lee")
    await written(house, directory)
    answer = await see.people.search(OPERATOR.at(house.workspace), directory, "ann lee")
    assert ([it.person.id for it in answer.found], answer.is_whole) == ([ann], True)
    assert await paired(house, directory) == 0


async def test_only_who_takes_part_is_found_by_name(house: House, directory: Directory) -> None:
    """A customer whom nobody brought is not, until they are an advocate: then by all that was said of them before."""
    buyer = await person(house, directory, "buyer", name="Bernadette Dupont")
    await house.send(events.LeadCreated, person=buyer)
    await written(house, directory)
    assert await found(OPERATOR.at(house.workspace), directory, "bernad") == set()
    await house.send(events.AdvocateEnrolled, person=buyer, code="cod_buyer")
    await written(house, directory)
    for asked in ("bernad", "DUP", "bernadette dup", "buy"):
        assert await found(OPERATOR.at(house.workspace), directory, asked) == {buyer}, asked
    assert await found(OPERATOR.at(house.workspace), directory, "be") == set()


async def test_a_number_is_found_as_a_whole_and_a_mail_or_word_by_its_beginning(
    house: House, directory: Directory
) -> None:
    """A company's own names for its customers: hundreds of numbers that begin alike tell nobody apart."""
    by = {
        name: await enrolled(house, directory, name)
        for name in ("cus_Nff81", "cus_Nff82", "ida@shop.example", "jo.hanna")
    }
    await written(house, directory)
    who = OPERATOR.at(house.workspace)
    assert await found(who, directory, "cus") == await found(who, directory, "nff") == set()
    assert await found(who, directory, "cus_Nff82") == {by["cus_Nff82"]}
    assert await found(who, directory, "ida") == {by["ida@shop.example"]}
    assert await found(who, directory, "hann") == {by["jo.hanna"]}
    assert await found(who, directory, "shop") == set()


async def test_who_had_no_name_is_found_by_one_that_is_said_later(house: House, directory: Directory) -> None:
    """What was read once and brought no word is not read at each event; what an event says is."""
    kinds = follow_search.kinds(directory)
    ann = await enrolled(house, directory, "x1")
    who = OPERATOR.at(house.workspace)
    await written(house, directory, kinds)
    for evt, said in (("evt_a", {}), ("evt_b", {"name": "Annabel Lee"}), ("evt_c", {"email": "lea@shop.example"})):
        async with house.pool.acquire() as conn, conn.transaction():
            await people.add_personal(conn, house.ws, directory.vault, [(ann, evt, said)] if said else [])
        await house.send(events.LeadCreated, person=ann, evt=evt)
        await written(house, directory, kinds)
    assert await found(who, directory, "annab") == await found(who, directory, "lea") == {ann}


async def test_words_are_made_again_of_the_log_and_the_sealed_rows(house: House, directory: Directory) -> None:
    """Begun again, a follower brings the same rows; what was lost comes back."""
    await enrolled(house, directory, "ann", name="Ann Example")
    await written(house, directory)
    async with house.pool.acquire() as conn:
        before = await conn.fetch("select * from search_word order by blind")
    await restart(house.engine, house.ws, follow_search.FOLLOWER)
    async with house.pool.acquire() as conn:
        assert await conn.fetch("select * from search_word") == []
    await written(house, directory)
    async with house.pool.acquire() as conn:
        assert before == await conn.fetch("select * from search_word order by blind")
    assert before


async def test_who_may_see_no_names_finds_nobody_by_one(house: House, directory: Directory) -> None:
    """Nor by mail or outside id; by the person's own id they are found."""
    ann = await enrolled(house, directory, "ann", name="Ann Example", email="ann@shop.example")
    await written(house, directory)
    analyst = Principal("mk", house.workspace, Actor(id="mem_1", kind="member", roles=("analyst",)))
    for asked in ("ann", "Example", "ann@shop.example"):
        assert await found(analyst, directory, asked) == set()
    assert await found(analyst, directory, ann) == {ann}
    assert await found(replace(analyst, actor=house.owner), directory, "exa") == {ann}


async def test_an_erasure_waits_for_who_writes_words_and_takes_them_along(house: House, directory: Directory) -> None:
    """So that words written meanwhile do not stay; what is written later knows that the person is gone."""
    ann = await enrolled(house, directory, "ann", name="Ann Example")
    await written(house, directory)
    await say.people.erase(Principal("mk", house.workspace, house.owner), directory, ann)
    await restart(house.engine, house.ws, follow_search.FOLLOWER)
    await written(house, directory)
    async with house.pool.acquire() as conn:
        assert await conn.fetch("select * from search_word") == []
        assert "key share" in statements("search")["hold"]
