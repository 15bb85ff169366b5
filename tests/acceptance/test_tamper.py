"""What a superuser changes behind the server's back, `verify` names: noun and key.

One workspace with every noun in it is made once; each test has a copy of its database. What verification cannot find by itself,
and does not claim to: rows cut off at the log's end together with their tiles and signed heads, and everything else in the
database turned back to that moment, as a restored backup is. Whoever wants to find that keeps a signed head elsewhere:
``test_a_head_kept_elsewhere_shows_a_log_cut_short`` shows both halves of this sentence.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, NamedTuple

import asyncpg
import pytest
from tests.acceptance.harness import ANNA, PAT, RULES, House, opened, outcome, publish, reviewable, sale
from tests.api.conftest import Api
from tests.conftest import at_database

from goodword.app.follow.follower import catch_up
from goodword.app.follow.registry import REGISTRY
from goodword.app.intake.clicks import Clicks
from goodword.app.proof.audit import Difference, examine, verify
from goodword.core import events, merkle
from goodword.core.events import ApprovalGiven, Item, PayoutReleased, RewardsRejected
from goodword.core.state import NOUNS, Code, Payout
from goodword.store import audit, log, vault

#: Table -> the columns that name a row in a difference.
KEYS: dict[str, tuple[str, ...]] = {
    "log": ("position",),
    "log_tile": ("tile",),
    "log_head": ("size",),
    "posting": ("position", "n"),
    "approval": ("position", "n"),
    "touch": ("id",),
    "touch_block": ("id",),
    "rule_version": ("hash",),
    "payee_detail": ("person",),
    "figure": ("day", "program", "metric", "unit"),
    **{noun.__name__.lower(): noun.KEY for noun in NOUNS},
}
#: Columns on which no decision, report or payment rests, each with the reason why it stands outside of the proof.
OUTSIDE = {
    ("touch", "stored_at"): "the server's real time, which chooses the partition",
    ("touch_block", "stored_at"): "the server's real time of the flush",
    ("log_head", "workspace_id"): "a head that is gone is missed by those who keep it elsewhere, not by the log",
    (
        "payee_detail",
        "sealed",
    ): "opens with the person's key only; whoever pays opens it and compares its digest",
}


class Row(NamedTuple):
    """A row that is edited: its table, its values, and the condition that finds it."""

    table: str
    values: dict[str, Any]
    here: str

    @property
    def names(self) -> set[str]:
        """The keys by which a difference may name it; a click of the redirect goes by its block."""
        separator = "." if self.table in ("posting", "approval") else " "
        key = separator.join(str(self.values[column]) for column in KEYS[self.table])
        return {key, str(self.values["block"])} if self.table == "touch" else {key}


@pytest.fixture(scope="module")
def full(pg_dsn: str, pg_template: str) -> Iterator[tuple[str, str]]:
    """Yield the name of a database with a full workspace, and the workspace's id."""
    name = f"t_{uuid.uuid4().hex}"
    asyncio.run(_run(pg_dsn, f"create database {name} template {pg_template}"))
    yield name, asyncio.run(_fill(at_database(pg_dsn, name)))
    asyncio.run(_run(pg_dsn, f"drop database {name} with (force)"))


@pytest.fixture
async def house(pg_dsn: str, full: tuple[str, str]) -> AsyncIterator[House]:
    """Yield a copy of the full workspace."""
    name = f"t_{uuid.uuid4().hex}"
    await _run(pg_dsn, f"create database {name} template {full[0]}")
    async with opened(at_database(pg_dsn, name), full[1]) as house:
        yield house
    await _run(pg_dsn, f"drop database {name} with (force)")


@pytest.fixture
async def superuser(house: House) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection that may do everything."""
    conn = await asyncpg.connect(house.database)
    yield conn
    await conn.close()


@pytest.fixture
async def undoing(pg_dsn: str, full: tuple[str, str]) -> AsyncIterator[asyncpg.Connection]:
    """Yield a superuser's connection to the full workspace itself, for edits that are rolled back."""
    conn = await asyncpg.connect(at_database(pg_dsn, full[0]))
    yield conn
    await conn.close()


async def _run(dsn: str, statement: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


async def _fill(database: str) -> str:
    """Make every noun, with something in every column: paid, rejected, refunded, contested, clicked, flagged."""
    async with opened(database) as house:
        rewards = await reviewable(house, 50)
        for at in (0, 3):
            assert outcome(await house.over(ApprovalGiven, ANNA, await house.items(rewards[at : at + 3]))) == "approved"
        await house.say(RewardsRejected, ANNA, items=await house.items(rewards[6:8]), reason="mistake")
        await house.move_clock("2026-03-01T00:00:00Z")
        await house.say(
            events.PayoutDrafted,
            PAT,
            rail="sandbox",
            kinds=("cash",),
            unit="EUR",
            beneficiaries=tuple(r.beneficiary for r in rewards),
        )
        payouts = await house.every(Payout)
        items = tuple(Item(id=p.id, amount=p.amount, unit=p.unit, destination=p.destination) for p in payouts[:3])
        assert outcome(await house.over(PayoutReleased, PAT, items)) == "released"
        for said in ("processing", "completed"):
            await house.say(
                events.PayoutAnswered, PAT, payout=payouts[0].id, outcome=said, reference="ref-1", reason="fine"
            )
        await house.send(*_trouble())
        await house.decide()
        await _contest(house)
        await house.say(events.MemberSet, member=PAT.id, roles=("payer",), limits={"EUR": 1_000_000})
        await _click(house)
        await house.decide()
        await sign(house)
        await publish(house, {**RULES, "hold": "30d"})
        await reviewable(house, 1, name="after-the-head", status="pending")
        await catch_up(house.engine, house.ws, REGISTRY.values())
        return house.ws


def _trouble() -> list[dict[str, Any]]:
    line = {"id": "1", "product": "tea", "amount": 5_000}
    return [
        {**sale("s1"), "id": "other-values", "amount": 7_700},
        {"type": "conversion.refunded", "id": "r1", "invoice_id": "i-s2", "refund_id": "1", "amount": 4_000},
        {"type": "chargeback.opened", "id": "b1", "invoice_id": "i-s4", "chargeback_id": "1"},
        {
            "type": "click.recorded",
            "id": "c1",
            "code": "code-s3",
            "visitor_id": "v1",
            "click_id": "k1",
            "device_id": "d1",
        },
        {"type": "lead.created", "id": "l1", "customer_external_id": "f-v1", "visitor_id": "v1", "click_id": "k1"},
        {**sale("v1", amount=5_000), "lines": [line], "country": "DE"},
        {"type": "lead.created", "id": "l2", "customer_external_id": "f-x", "code": "nobody", "visitor_id": "v2"},
        {"type": "customer.known", "id": "k1", "customer_external_id": "f-k", "since": "2020-01-01T00:00:00Z"},
        {"type": "customer.updated", "id": "u1", "customer_external_id": "f-k", "traits": {"plan": "team"}},
    ]


async def _contest(house: House) -> None:
    [(program, advocate), *_] = await house.rows("select program, person from advocate where workspace_id = $1")
    [(person,)] = await house.rows("select person from customer where workspace_id = $1 and known_since is not null")
    entered = await house.say(
        events.ClaimEntered,
        ANNA,
        program=program,
        person=person,
        advocates=((advocate, 1, 1),),
        lead_at=house.workspace.created_at,
        reason="said_so",
    )
    assert entered.verdicts[0].refusal is None, entered.verdicts


async def _click(house: House) -> None:
    """Clicks of the redirect, in blocks."""
    clicks = Clicks(house.engine)
    code = (await house.every(Code))[0].id
    assert all(await asyncio.gather(*(clicks.record(house.workspace, code, bot=False) for _ in range(5))))
    await clicks.drain()


async def sign(house: House) -> log.Head:
    """Sign the log as the worker does."""
    async with house.pool.acquire() as conn:
        return await log.sign(conn, house.ws, house.workspace.keys.signing)


async def differences(house: House) -> tuple[Difference, ...]:
    """Return what verification finds."""
    return (await verify(house.pool, house.ws)).differences


async def pick(conn: asyncpg.Connection, ws: str, table: str, order: str = "1", *, most: int = 1) -> list[Row]:
    """Return the first rows of a table in an order; there is one at least."""
    rows = await conn.fetch(f'select * from "{table}" where workspace_id = $1 order by {order} limit {most}', ws)
    assert rows, f"the workspace has no {table}"
    return [Row(table, dict(row), await _here(conn, table, dict(row))) for row in rows]


async def _here(conn: asyncpg.Connection, table: str, values: dict[str, Any]) -> str:
    """Return the condition that finds a row."""
    columns = ["workspace_id", *KEYS[table], *(["stored_at"] if table == "touch" else [])]
    literals = [await conn.fetchval("select quote_literal($1::text)", str(values[column])) for column in columns]
    return " and ".join(f'"{column}" = {value}' for column, value in zip(columns, literals, strict=True))


def named(found: Sequence[Difference], row: Row) -> bool:
    """Whether a difference names the row; an entry behind the last full tile may be named by the part of the tree it is in."""
    for one in found:
        if one.noun == row.table and one.key in row.names:
            return True
        if one.noun == row.table == "log" and " to " in one.key:
            first, last = map(int, one.key.split(" to "))
            if first <= row.values["position"] <= last:
                return True
    return False


async def test_an_untouched_workspace_verifies(house: House) -> None:
    """There is no false alarm, and there was something to verify: full tiles, signed heads, a row in every table."""
    report = await verify(house.pool, house.ws)
    assert report.differences == ()
    assert report.size > merkle.TILE
    assert report.heads
    for table in KEYS:
        assert await house.rows(f'select from "{table}" where workspace_id = $1 limit 1'), table


_EDITS = [
    ("log", "leaf = convert_to(replace(convert_from(leaf, 'UTF8'), '10000', '90000'), 'UTF8')", "position"),
    ("posting", "amount = amount + 1", "position"),
    ("reward", "amount = amount - 1", "id"),
    ("approval", "member = 'mem_ben'", "position"),
    ("touch", "code = 'cod_other'", "block nulls first"),
    ("touch", "code = 'cod_other'", "block"),
    ("touch", "evt = 'evt_other'", "block"),
    ("payee", "destination = 'elsewhere'", "person"),
    ("payee_detail", "digest = 'elsewhere'", "person"),
]


@pytest.mark.parametrize(("table", "change", "order"), _EDITS)
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
    pg_dsn: str, full: tuple[str, str], house: House, superuser: asyncpg.Connection
) -> None:
    """A database turned back to an earlier moment verifies by itself; a signed head kept elsewhere is longer than its log."""
    await house.send(sale("later"))
    await house.decide()
    kept = await sign(house)
    assert vault.verify(kept.public, merkle.head_bytes(house.ws, kept.size, kept.root, kept.as_of), kept.signature)
    async with opened(at_database(pg_dsn, full[0]), house.ws) as earlier:
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
    """Who replaces the signing key and signs again verifies by themselves, and not beside a head of before; nor without that head."""
    [kept] = await audit.heads(superuser, house.ws)
    assert (await verify(house.pool, house.ws, kept)).differences == ()
    forged = vault.new_key()
    await superuser.execute(
        "update workspace_secret set public = $1 where purpose = 'signing'", vault.public_key(forged)
    )
    await superuser.execute("delete from log_head")
    async with house.pool.acquire() as conn:
        await log.sign(conn, house.ws, forged)
    assert await differences(house) == ()
    assert {(d.noun, d.key) for d in (await verify(house.pool, house.ws, kept)).differences} == {
        ("log_head", str(kept.size))
    }


async def test_deleted_payment_details_are_named_unless_their_person_was_erased(
    house: House, superuser: asyncpg.Connection
) -> None:
    """Details that are gone are named; where the person's key is gone too they were erased as they should."""
    gone, erased = await pick(superuser, house.ws, "payee_detail", "person", most=2)
    for row in (gone, erased):
        await superuser.execute(f"delete from payee_detail where {row.here}")
    await superuser.execute("delete from person where id = $1", erased.values["person"])
    assert [(d.noun, d.key) for d in await differences(house)] == [("payee_detail", gone.values["person"])]


@pytest.mark.parametrize("table", list(KEYS))
async def test_an_edit_of_any_column_is_named(undoing: asyncpg.Connection, full: tuple[str, str], table: str) -> None:
    """In each protected table a change of any one column is found and its row is named."""
    conn = undoing
    wanted = {
        (column, type_): await pick(conn, full[1], table, _telling(table, column, type_), most=40)
        for column, type_ in await _columns(conn, table)
        if (table, column) not in OUTSIDE
    }
    while wanted:
        trial = conn.transaction()
        await trial.start()
        edited = await _edit(conn, wanted)
        found = (await examine(conn, full[1])).differences
        await trial.rollback()
        assert edited
        for (column, type_), rows in edited.items():
            assert any(named(found, row) for row in rows), (
                f"{table}.{column}: {[r.names for r in rows]} is not in {found}"
            )
            del wanted[column, type_]


async def _edit(
    conn: asyncpg.Connection, wanted: dict[tuple[str, str], list[Row]]
) -> dict[tuple[str, str], tuple[Row, Row]]:
    """Change one column each of as many rows as there are for it; returns each row before and after."""
    edited: dict[tuple[str, str], tuple[Row, Row]] = {}
    names: set[str] = set()
    for (column, type_), rows in wanted.items():
        row = next((row for row in rows if not row.names & names), None)
        if row is not None and (not edited or row.table != "log"):  # what follows an edit of the log may follow from it
            after = await _change(conn, row, column, type_)
            if after is not None:
                edited[column, type_] = (row, after)
                names |= row.names | after.names
    return edited


async def _columns(conn: asyncpg.Connection, table: str) -> list[tuple[str, str]]:
    """Return the columns of a table with their types."""
    rows = await conn.fetch(
        """select attname, format_type(atttypid, atttypmod) from pg_attribute
           where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum""",
        f'"{table}"',
    )
    assert rows
    return [tuple(row) for row in rows]


def _telling(table: str, column: str, type_: str) -> str:
    """Order rows so that the first has something in the column, and what follows from nothing else."""
    if type_ == "jsonb":
        return f'"{column}" is null, length("{column}"::text) desc'
    if column == "netted":
        return "sent desc"
    if column == "n":
        return "n desc"
    return f'"{column}" is null, "{KEYS[table][0]}"'


async def _change(conn: asyncpg.Connection, row: Row, column: str, type_: str) -> Row | None:
    """Return a column another value that its type and the table's constraints allow, if there is one; returns the row as it is now."""
    for value in _others(row.values[column], type_):
        try:
            async with conn.transaction():
                changed = await conn.execute(f'update "{row.table}" set "{column}" = $1 where {row.here}', value)
        except (asyncpg.CheckViolationError, asyncpg.UniqueViolationError):
            continue
        assert changed == "UPDATE 1"
        values = {**row.values, column: value}
        here = await _here(conn, row.table, values)
        return Row(row.table, values, here)
    return None


def _others(value: Any, type_: str) -> list[Any]:
    """Return values unlike this one, the subtlest first."""
    if type_ in ("bigint", "integer", "numeric"):
        return [1, 2] if value is None else [value + 1, value - 1, value + 100_000]
    if type_ == "boolean":
        return [not value]
    if type_ == "bytea":
        return [value[:-1] + bytes([value[-1] ^ 1])]
    if type_ == "jsonb":
        return {"[]": ['["x"]'], "{}": ['{"x": 1}'], None: ['{"EUR": 1}']}.get(value) or [_emptied(value)]
    return ["x"] if value is None else [f"{value}x"]


def _emptied(value: str) -> str:
    return "{}" if value.startswith("{") else "[]"


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
