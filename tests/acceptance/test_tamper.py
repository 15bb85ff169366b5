"""What a superuser changes behind the server's back, `verify` names: noun and key.

One workspace with every noun in it is made once; each test has a copy of its database. What verification cannot find by itself,
and does not claim to: rows cut off at the log's end together with their tiles and signed heads, and everything else in the
database turned back to that moment, as a restored backup is. Whoever wants to find that keeps a signed head elsewhere:
``test_a_head_kept_elsewhere_shows_a_log_cut_short`` shows both halves of this sentence.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
from testkit.database import connected, fresh, fresh_outside_a_loop, name_of
from testkit.house import House, environment_vault, opened, sale
from testkit.tampering import KEYS, OUTSIDE, columns, fill, named, pick, unnamed
from tests.api.conftest import Api

from goodword.app.proof.audit import Difference, verify
from goodword.core import merkle
from goodword.store import audit, log, vault


@pytest.fixture(scope="module")
def full(pg_dsn: str, pg_template: str) -> Iterator[tuple[str, str]]:
    """Yield the address of a database with a full workspace, and the workspace's id."""
    with fresh_outside_a_loop(pg_dsn, pg_template) as database:
        yield database, asyncio.run(fill(database))


@pytest.fixture
async def house(pg_dsn: str, full: tuple[str, str]) -> AsyncIterator[House]:
    """Yield a copy of the full workspace."""
    async with fresh(pg_dsn, name_of(full[0])) as database, opened(database, full[1]) as house:
        yield house


@pytest.fixture
async def superuser(house: House) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection that may do everything."""
    async with connected(house.database) as conn:
        yield conn


async def differences(house: House) -> tuple[Difference, ...]:
    """Return what verification finds."""
    return (await verify(house.pool, house.ws, safe=house.vault)).differences


async def test_an_untouched_workspace_verifies(house: House) -> None:
    """There is no false alarm, with the keys and without: full tiles, signed heads, erased persons, a row in every table."""
    assert await differences(house) == ()
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size > merkle.TILE
    assert report.heads
    for table in KEYS:
        assert await house.rows(f'select from "{table}" where workspace_id = $1 limit 1'), table


@pytest.mark.parametrize(
    ("table", "change", "order"),
    [
        ("log", "leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '10000', '90000'), 'UTF8')", "position"),
        ("posting", "amount = amount + 1", "position"),
        ("reward", "amount = amount - 1", "id"),
        ("approval", "member = 'mem_ben'", "position"),
        ("touch", "code = 'cod_other'", "block nulls first"),
        ("touch", "code = 'cod_other'", "block"),
        ("touch", "evt = 'evt_other'", "block"),
        ("payee", "destination = 'elsewhere'", "person"),
        ("payee_detail", "digest = 'elsewhere'", "person"),
        ("payee_detail", "entering_digest = 'elsewhere'", "entering is null, person"),
        ("payee", "entering = jsonb_set(entering, '{destination}', '\"elsewhere\"')", "entering is null, person"),
    ],
)
async def test_one_edited_row_is_named(
    house: House, superuser: asyncpg.Connection, table: str, change: str, order: str
) -> None:
    """A superuser who changes one row of log, posting, reward, approval, touch or payment details is found, the row by name."""
    if table == "log":
        order = "(leaf not like '%conversion.recorded%'), position"
    [row] = await pick(superuser, house.ws, table, order)
    assert await superuser.execute(f"update {table} set {change} where {row.here}") == "UPDATE 1"
    found = await differences(house)
    assert named(found, row), (row.names, found)


async def test_a_row_that_cannot_be_read_is_named(house: House, superuser: asyncpg.Connection) -> None:
    """A value that its field cannot hold is named like any other, and what else was changed is found all the same."""
    [broken] = await pick(superuser, house.ws, "reward", "id")
    [changed] = await pick(superuser, house.ws, "payout", "id")
    await superuser.execute(f"""update reward set cases = '{{"x": 1}}' where {broken.here}""")
    await superuser.execute(f"update payout set amount = amount + 1 where {changed.here}")
    found = await differences(house)
    assert named(found, broken)
    assert named(found, changed)


async def test_a_head_kept_elsewhere_shows_a_log_cut_short(
    full: tuple[str, str], house: House, superuser: asyncpg.Connection
) -> None:
    """A database turned back to an earlier moment verifies by itself; a signed head kept elsewhere is longer than its log."""
    await house.send(sale("later"))
    await house.decide()
    kept = await house.sign()
    assert vault.verify(kept.public, merkle.head_bytes(house.ws, kept.size, kept.root, kept.as_of), kept.signature)
    async with opened(full[0], house.ws) as earlier:
        report = await verify(earlier.pool, earlier.ws)
        assert report.differences == ()
        assert report.size < kept.size
        [missing, short] = (await verify(earlier.pool, earlier.ws, kept)).differences
        assert (missing.noun, missing.key, short.noun, short.key) == 2 * ("log_head", str(kept.size))
    await superuser.execute("delete from log where position > $1", report.size)  # the end alone is missed at once
    assert {("stream", "position"), ("log_head", str(kept.size))} <= {(d.noun, d.key) for d in await differences(house)}


async def test_a_head_kept_elsewhere_shows_a_log_that_was_made_anew(
    house: House, superuser: asyncpg.Connection
) -> None:
    """Who replaces the signing key and signs again verifies by themselves, and not beside a head of before, nor with the master key."""
    [kept] = await audit.heads(superuser, house.ws)
    assert (await verify(house.pool, house.ws, kept)).differences == ()
    forged = vault.new_key()
    await superuser.execute(
        "update workspace_secret set public = $1 where purpose = 'signing'", vault.public_key(forged)
    )
    await superuser.execute("delete from log_head")
    async with house.pool.acquire() as conn:
        await log.sign(conn, house.ws, forged)
    assert (await verify(house.pool, house.ws)).differences == ()
    assert [(d.noun, d.key) for d in await differences(house)] == [("workspace_secret", "signing")]
    assert {(d.noun, d.key) for d in (await verify(house.pool, house.ws, kept)).differences} == {
        ("log_head", str(kept.size))
    }


async def test_deleted_payment_details_are_named_unless_their_person_was_erased(
    house: House, superuser: asyncpg.Connection
) -> None:
    """Details that are gone are named, also where the person's key is gone too; who was erased has none, and that is no difference."""
    [(erased,)] = await house.rows(
        "select person from payee where workspace_id = $1 and person not in (select id from person)"
    )
    gone, lost = await pick(superuser, house.ws, "payee_detail", "person", most=2)
    for row in (gone, lost):
        await superuser.execute(f"delete from payee_detail where {row.here}")
    await superuser.execute("delete from person where id = $1", lost.values["person"])
    found = {(d.noun, d.key) for d in await differences(house)}
    assert found == {("payee_detail", gone.values["person"]), ("person", lost.values["person"])}
    assert erased not in {key for _, key in found}


LOST = {
    "names of codes swapped": (
        """update alias a set id = b.id from alias b where a.kind = 'code' and b.kind = 'code'
           and (a.id, b.id) in (select min(id), max(id) from alias where kind = 'code' and evt is not null
                                union select max(id), min(id) from alias where kind = 'code' and evt is not null)""",
        "event",
    ),
    "texts of codes that were made swapped": (
        """update alias a set id = b.id from alias b where a.kind = 'code' and b.kind = 'code'
           and (a.id, b.id) in (select min(id), max(id) from alias where kind = 'code' and evt is null
                                union select max(id), min(id) from alias where kind = 'code' and evt is null)""",
        "alias",
    ),
    "outside ids of persons swapped": (
        """update alias a set id = b.id from alias b where a.kind = 'person' and b.kind = 'person'
           and (a.id, b.id) in (select min(id), max(id) from alias where kind = 'person'
                                union select max(id), min(id) from alias where kind = 'person')""",
        "event",
    ),
    "keys that persons are recognised by deleted": ("delete from match_key where kind = 'mail'", "event"),
    "keys that persons are recognised by no longer verified": (
        "update match_key set verified = false where kind = 'phone' and raised is null",
        "event",
    ),
    "a key that was raised to verified lowered again": (
        "update match_key set verified = false where raised is not null",
        "event",
    ),
    "a key of somebody else added": (
        """insert into match_key (workspace_id, kind, blind, person, verified) select workspace_id, kind, blind,
           (select max(id) from person), true from match_key limit 1""",
        "match_key",
    ),
    "an event under another id": ("update event set id = id || 'x' where source = 'native'", "event"),
    "an event with another content": ("update event set content = 'garbage' where source = 'native'", "event"),
    "commands forgotten": ("delete from event where source = 'person'", "event"),
    "a timer kept from firing": (
        """insert into event (workspace_id, source, id, evt, type, content) select l.workspace_id, 'timer', t.id, l.evt,
           'timer.due', '' from timer t join log l using (workspace_id) where l.leaf like '%member.set%' limit 1""",
        "event",
    ),
    "payment details that do not open": ("update payee_detail set sealed = 'garbage'", "payee_detail"),
    "entered details that do not open": (
        "update payee_detail set entering = 'garbage' where entering is not null",
        "payee_detail",
    ),
    "entered details that nobody entered": (
        "update payee_detail set entering = sealed, entering_rail = rail, entering_digest = digest where entering is null",
        "payee_detail",
    ),
    "personal data deleted": ("delete from personal", "event"),
    "personal data unreadable": ("update personal set sealed = 'garbage'", "event"),
    "personal data of nobody's event": (
        """insert into personal (workspace_id, person, evt, sealed) select workspace_id, person, 'evt_x', sealed
           from personal limit 1""",
        "event",
    ),
    "a person's key deleted": ("delete from person where id = (select max(id) from person)", "person"),
    "a person's key replaced": (
        """update person set wrapped = (select min(wrapped) from person where id <> (select max(id) from person))
           where id = (select max(id) from person)""",
        "person",
    ),
    "a person with their names and keys deleted": (
        """with gone as (delete from person where id = (select max(id) from person) returning id),
           named as (delete from alias where id in (select id from gone)),
           known as (delete from match_key where person in (select id from gone))
           delete from personal where person in (select id from gone)""",
        "event",
    ),
    "work deleted": ("delete from job", "job"),
    "no timer due": ("update stream set next_due = null", "stream"),
    "a note deleted": ("delete from note", "note"),
    "a note added": (
        "insert into note (workspace_id, id, sealed) select workspace_id, 'x' || id, sealed from note",
        "note",
    ),
    "a write key that becomes a secret one": ("update api_key set kind = 'sk' where kind = 'wk'", "api_key"),
    "a member's key that becomes another's": ("update api_key set member = 'mem_owner' where kind = 'mk'", "api_key"),
    "an ended key that opens again": ("update api_key set revoked_at = null where revoked_at is not null", "api_key"),
    "a key that nobody made": (
        """insert into api_key (hash, id, workspace_id, kind, created_at) select 'x', 'key_x', workspace_id, 'sk', 0
           from api_key limit 1""",
        "api_key",
    ),
    "a link to a form that becomes another's": ("update deal_form set person = 'per_eve'", "deal_form"),
    "an ended link that opens again": ("update deal_form set ended_at = null where ended_at is not null", "deal_form"),
    "a link that lasts longer": ("update deal_form set expires_at = expires_at + 1", "deal_form"),
    "a link that nobody made": (
        """insert into deal_form select workspace_id, 'frm_x', substr(digest, 2), person, program, made_by, made_at, expires_at
           from deal_form limit 1""",
        "deal_form",
    ),
    "a sandbox that becomes live": ("update workspace set mode = 'live'", "workspace"),
    "a clock that becomes another": ("update workspace set clock = 'events'", "workspace"),
    "a key of the workspace replaced": (
        "update workspace_secret set wrapped = '' where purpose = 'note'",
        "workspace_secret",
    ),
}


@pytest.mark.parametrize("what", LOST)
async def test_what_the_log_speaks_for_is_named(house: House, superuser: asyncpg.Connection, what: str) -> None:
    """Hostile 12: names, keys, personal data, ids of the inbox, payment details, notes and work are held against the log."""
    change, noun = LOST[what]
    assert not (await superuser.execute(change)).endswith(" 0")
    found = await differences(house)
    assert noun in {difference.noun for difference in found}, found


async def test_an_erased_person_is_told_from_a_lost_one(house: House, superuser: asyncpg.Connection) -> None:
    """Hostile 30: the same rows gone are no difference where the log erased their person, and one where it did not."""
    [person] = await pick(superuser, house.ws, "person", "(id in (select person from payee)) desc, id desc")
    tables = ("personal", "match_key", "payee_detail")

    async def gone() -> None:
        for table in tables:
            await superuser.execute(f"delete from {table} where person = $1", person.values["id"])
        await superuser.execute("delete from alias where id = $1", person.values["id"])
        await superuser.execute("delete from person where id = $1", person.values["id"])

    await gone()
    assert await differences(house) != ()
    report = await verify(house.pool, house.ws, safe=house.vault, erased=[person.values["id"]])
    assert report.differences == ()


async def test_an_erased_person_who_is_there_again_is_named(house: House, superuser: asyncpg.Connection) -> None:
    """Hostile 30: the key of somebody whom the log erased, put back from a copy, is a difference."""
    [known] = await pick(superuser, house.ws, "person", "id")
    [(erased,)] = await house.rows(
        "select person from payee where workspace_id = $1 and person not in (select id from person)"
    )
    await superuser.execute(
        "insert into person (workspace_id, id, wrapped) values ($1, $2, $3)", house.ws, erased, known.values["wrapped"]
    )
    assert ("person", erased) in {(d.noun, d.key) for d in await differences(house)}


async def test_every_column_is_named_or_stands_outside_with_a_reason(superuser: asyncpg.Connection) -> None:
    """No column of the schema is forgotten: a change of it is named, or docs/howto/verify.md says why it is not."""
    tables = await superuser.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition"
    )
    there = {(row["relname"], column) for row in tables for column, _ in await columns(superuser, row["relname"])}
    whole = {table for table, column in OUTSIDE if column is None}
    forgotten = {(t, c) for t, c in there if t not in KEYS and t not in whole and (t, c) not in OUTSIDE}
    assert forgotten == set()
    assert {(t, c) for t, c in OUTSIDE if c is not None} <= there
    assert whole <= {table for table, _ in there} - KEYS.keys()


@pytest.mark.parametrize("table", list(KEYS))
async def test_an_edit_of_any_column_is_named(full: tuple[str, str], table: str) -> None:
    """In each protected table a change of any one column is found and its row is named."""
    async with connected(full[0]) as conn:
        count, wrong = await unnamed(conn, full[1], table, environment_vault())
    assert count
    assert wrong == []


def test_earlier_payment_details_put_back_are_not_paid_to(api: Api) -> None:
    """Who restores the sealed details of before beside today's digest gets nothing: the rail is given what was approved, or nothing."""

    def sealed() -> tuple[str, bytes]:
        find = "select person, sealed from payee_detail where workspace_id = $1 and person = $2"
        [row] = api.run(api.goodword.pool.fetch(find, api.ws, person))
        return tuple(row)

    api.purchase("bob")
    person = api.person("ann-bob")
    api.payee("ann-bob", name="Of before")
    before = sealed()
    api.payee("ann-bob", name="Of today")
    api.move("2026-04-01T00:00:00Z")
    [reward] = api.get("/v1/rewards", beneficiary=person)["items"]
    api.say("owner", f"/v1/rewards/{reward['id']}/looks", {"seconds": 9})  # its details changed, which flags it
    api.say("owner", "/v1/approvals", api.get("/v1/approvals", id=reward["id"]))
    api.move("2026-06-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR", "beneficiaries": [person]})
    [payout] = api.get("/v1/payouts", beneficiary=person)["items"]
    put_back = "update payee_detail set sealed = $3 where workspace_id = $1 and person = $2"
    assert api.run(api.goodword.pool.execute(put_back, api.ws, *before)) == "UPDATE 1"
    api.say("owner", "/v1/payouts/release", api.get("/v1/payouts/release", id=payout["id"]))
    api.until(lambda: api.get(f"/v1/payouts/{payout['id']}")["status"] == "canceled")
    assert api.get(f"/v1/payouts/{payout['id']}")["reason"] == "payment_details_changed"
    assert not list((api.goodword.settings.home / "sandbox_rail").glob("pay_*"))
