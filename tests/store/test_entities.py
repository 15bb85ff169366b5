"""Entities come back from the database as they went in, and each field has its column."""

import re
from itertools import product
from random import Random
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from msgspec import structs
from tests.conftest import Connect

from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import NOUNS, Entity, Reward, Standing, Stock
from goodword.store import entities
from goodword.store.entity_sql import STAMP, STAMPED, statements_of
from goodword.store.sql_files import FOLDER, statements

WS = "wsp_1"
ROUNDS = 20


def value(rng: Random, hint: Any) -> Any:
    """A random value of a field's type."""
    if hint in (str, int, bool, NoneType, Any):
        if hint is Any:
            hint = rng.choice([str, int, bool, NoneType])
        text = "".join(rng.choices("ab_'\"\\{}é雪😀 \n", k=rng.randrange(9)))
        return {str: text, int: rng.choice([0, 1, 2**31 - 1]), bool: rng.random() < 0.5, NoneType: None}[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return value(rng, rng.choice(args))
    if origin is dict:
        return {value(rng, str): value(rng, args[1]) for _ in range(rng.randrange(3))}
    if origin is tuple and args[1:] == (...,):
        return tuple(value(rng, args[0]) for _ in range(rng.randrange(3)))
    if origin is tuple:
        return tuple(value(rng, arg) for arg in args)
    return struct(rng, hint)


#: group -> the column that it is found by, where that is called otherwise
COLUMNS = {
    "unsettled_with": "beneficiary",
    "owed_by": "beneficiary",
    "open_in": "referral",
    "open_of": "friend",
    "disputed": "subject",
    "held_by": "person",
    "awaits": "unit",
}


def struct(rng: Random, kind: type[Any]) -> Any:
    """A random struct; of a reward, a stock or a standing approval, one whose amounts the table's checks allow."""
    hints = get_type_hints(kind)
    made = kind(**{name: value(rng, hints[name]) for name in kind.__struct_fields__})
    if isinstance(made, Standing):
        one, each, all_ = sorted([made.per_reward, made.per_beneficiary, made.in_all])
        return structs.replace(made, per_reward=one, per_beneficiary=each, in_all=all_)
    if isinstance(made, Stock):
        given, size = sorted([made.given, made.size])
        return structs.replace(made, given=given, size=size, amount=made.amount or 1)
    if not isinstance(made, Reward):
        return made
    (netted, sent), (amount, gross) = sorted([made.netted, made.sent]), sorted([made.amount, made.gross])
    return structs.replace(made, netted=netted, sent=sent, amount=amount, gross=gross)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
async def test_columns_are_the_fields(noun: type[Entity], connect: Connect) -> None:
    """A noun's table has the workspace and the fields of its struct; its key is the struct's key, in order; its group has an index."""
    connection = await connect()
    name = noun.__name__.lower()
    columns = await connection.fetch(
        "select column_name from information_schema.columns where table_name = $1 and table_schema = 'public'", name
    )
    stamp = {STAMP} if noun in STAMPED else set()
    assert {row["column_name"] for row in columns} == {"workspace_id", *noun.__struct_fields__, *stamp}
    indexes = await connection.fetch(
        """select indisprimary, array(
             select attname::text from unnest(indkey) with ordinality as part (number, place)
             join pg_attribute on attrelid = indrelid and attnum = number order by place
           ) as columns from pg_index where indrelid = quote_ident($1)::regclass""",
        name,
    )
    assert [row["columns"] for row in indexes if row["indisprimary"]] == [["workspace_id", *noun.KEY]]
    for by in noun.GROUPS:
        group = COLUMNS.get(by, by)
        assert any(row["columns"][:2] == ["workspace_id", group] for row in indexes)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
async def test_entities_round_trip(noun: type[Any], connect: Connect) -> None:
    """What was saved, new or over an older value, is loaded by key, by group and as a whole, equal in every field."""
    connection = await connect()
    await connection.execute("drop index if exists program_slug, advocate_id")  # random values are not unique
    await connection.execute("drop index if exists handout_code, case_one_dispute")
    await connection.execute("alter table offer drop constraint offer_workspace_id_conversion_key")
    rng = Random(noun.__name__)  # noqa: S311 - values for a test
    for _ in range(ROUNDS):
        await connection.execute(f'delete from "{noun.__name__.lower()}"')
        written = {entity.key: entity for entity in (struct(rng, noun) for _ in range(5))}
        await entities.save(connection, WS, noun, list(written.values()))
        first = next(iter(written.values()))
        changed = structs.replace(struct(rng, noun), **{name: getattr(first, name) for name in noun.KEY})
        await entities.save(connection, WS, noun, [changed])
        written[changed.key] = changed
        absent = "no such" if len(noun.KEY) == 1 else tuple("no such" for _ in noun.KEY)
        found = await entities.load(connection, WS, noun, [*written, absent])
        assert {entity.key: entity for entity in found} == written
        assert {entity.key: entity for entity in await entities.every(connection, WS, noun)} == written
        assert await entities.load(connection, "wsp_2", noun, written) == []
        for by in noun.GROUPS:
            group = getattr(changed, by)
            members = {key for key, entity in written.items() if group and getattr(entity, by) == group}
            assert {
                entity.key for entity in await entities.of(connection, WS, (noun, by), [group or "none"])
            } == members


async def test_unsettled_rewards_are_the_same_to_core_and_to_sql(connect: Connect) -> None:
    """For every status and every order of amount, sent and netted, a beneficiary's group is what core says is unsettled."""
    connection = await connect()
    shape = struct(Random(0), Reward)  # noqa: S311 - values for a test
    amounts = [each for each in product(range(3), repeat=3) if each[1] <= each[2]]
    rewards = [
        structs.replace(
            shape,
            id=f"rwd_{status}{order}",
            beneficiary="per_1",
            status=status,
            amount=amount,
            gross=2,
            netted=netted,
            sent=sent,
        )
        for status in LIFECYCLES["reward"]
        for order, (amount, netted, sent) in enumerate(amounts)
    ]
    await entities.save(connection, WS, Reward, rewards)
    unsettled = {reward.key for reward in rewards if reward.unsettled_with == "per_1"}
    assert 0 < len(unsettled) < len(rewards)
    assert {
        reward.key for reward in await entities.of(connection, WS, (Reward, "unsettled_with"), ["per_1"])
    } == unsettled


def test_statements_say_what_they_are_for() -> None:
    """Each statement has a purpose line, and its workspace is its first argument, but for the listed ones."""
    # Statements that look before the workspace is known, or for workspaces that have work.
    across = {
        "workspace": {"all", "listed", "masters", "with_work", "with_jobs", "with_done_jobs", "with_new_entries"},
        "api_key": {"by_hash"},
        "login": {"look", "take"},
        "session": {"find", "seen", "end", "sure"},
        "credential": {"by_mail", "with_mail"},
        "attempt": {"take", "paced", "until", "lock", "right", "back", "old"},
        "redirects": {"host", "add_views"},
        "rejection": {"with_old"},
        "webhook": {"due"},
        "job": {"unsent"},
        "letter": {"unknown"},
        "payment": {"all_waiting"},
        "source": {"with_old"},
        "kept": {"every"},
        "portal": {"expire"},
        "follower": {"behind"},
        "routes": {"overdue_of_all"},
        "health": {
            *(
                "beat",
                "ended",
                "has_master",
                "seen",
                "workers",
                "oldest",
                "waiting",
                "jobs",
                "keys",
                "masters",
                "unsigned",
            ),
            *("figures", "no_landing", "server"),
        },
        "stock": {"low_of_all", "awaited_of_all"},
        "Stock": {"low_of_all", "awaited_of_all"},
        "pages": {"of_programs"},  # made of statements that do
        "eligibility": {
            "accuracy",
            "listed",
            "paid_and_lacking",
            "candidates",
            "failing",
            "failing_candidates",
            "lacking",
        },  # likewise
    }
    files = [file.name.removesuffix(".sql") for file in FOLDER.iterdir() if file.name.endswith(".sql")]
    assert len(files) >= len(NOUNS)
    for name, written in [
        *((file, statements(file)) for file in files),
        *((noun.__name__, statements_of(noun)) for noun in NOUNS),
    ]:
        assert written
        for statement, text in written.items():
            place = f"{name}.{statement}"
            assert text.startswith("-- "), f"{place} has no line that says what for"
            if statement not in across.get(name, set()):
                sql = " ".join(line for line in text.splitlines() if not line.startswith("--"))
                first = "workspace_id = $1" in sql or ("(workspace_id" in re.sub(r"\(\s+", "(", sql) and "$1," in sql)
                assert first, f"{place} does not begin with its workspace"
