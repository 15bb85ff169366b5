"""What holds for everything that people say and see, whoever renders it."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

import asyncpg
import pytest
from tests.app.conftest import House

import goodword
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import OPERATOR, NotPermittedError, Operator, Principal, action_of
from goodword.core import access
from goodword.core.facts import Actor
from goodword.store.pool import open_pool
from goodword.store.vault import Vault

#: What use cases share; whoever calls it has asked.
HELPERS = {
    f"goodword.app.{name}"
    for name in (
        "say.said",
        "see.behind",
        "see.drafts",
        "see.filters",
        "see.paging",
        "see.payees",
        "see.personal",
        "see.publications",
        "see.welcomes",
    )
}
SOURCE = Path(goodword.__file__).parent


def _modules() -> Iterator[ModuleType]:
    for room in (say, see):
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            if found.name not in HELPERS:
                yield import_module(found.name)


#: What takes a connection is a part of a use case: no rendering has one to give.
USE_CASES = [
    function
    for module in _modules()
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
    and not name.startswith("_")
    and "conn" not in inspect.signature(function).parameters
]


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_a_use_case_asks_its_caller_before_it_does_anything(use_case: FunctionType) -> None:
    """Each takes who calls and the directory first, names its action, and raises for who may not, with nothing else at hand."""
    assert action_of(use_case) in access.ACTIONS
    first, second, *others = inspect.signature(use_case).parameters.values()
    hints = get_type_hints(use_case)
    assert (first.name, second.name) == ("who", "directory")
    assert hints["who"] in (Principal, Operator)
    assert hints["directory"] is Directory
    nothing: Any = None  # whatever is looked at before the question fails
    nobody: Any = Principal("mk", nothing, Actor(id="mem_1", kind="member"))
    with pytest.raises(NotPermittedError) as refused:
        use_case(nobody, nothing, *(nothing for one in others if one.default is one.empty))
    assert refused.value.action == action_of(use_case)


def test_there_are_use_cases() -> None:
    """The test above has something to look at, and every room is loaded by its package."""
    assert len(USE_CASES) > 45
    for room in (say, see):
        assert set(room.__all__) == {
            module.__name__.rpartition(".")[2] for module in _modules() if room.__name__ in module.__name__
        }


@pytest.mark.parametrize("room", ["api", "cli", "edge"])
def test_a_rendering_holds_no_connection(room: str) -> None:
    """No file of a rendering takes a connection, or looks at a pool."""
    looked_at = 0
    for path in (SOURCE / room).rglob("*.py"):
        looked_at += 1
        names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
        assert not names & {"pool", "readers", "acquire", "reading", "snapshot"}, path
    assert looked_at


def test_reads_have_no_connection_but_a_read_only_one() -> None:
    """No file of ``see`` takes one that could write."""
    for path in (SOURCE / "app" / "see").glob("*.py"):
        taken = [
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Attribute) and node.attr == "acquire"
        ]
        assert taken == [], path


@pytest.mark.parametrize("own", [True, False], ids=["readers of their own", "one pool"])
async def test_postgresql_refuses_a_write_through_a_reader(
    house: House, database: str, vault: Vault, own: bool
) -> None:
    """What a read may be brought to do by mistake, it cannot change anything; the same statement is taken elsewhere."""
    readers = await open_pool(database, read_only=True) if own else None
    directory = Directory(house.engine, vault, readers)
    write = "update workspace set name = 'other'"
    try:
        for take in (directory.reading, directory.snapshot):
            async with take() as conn:
                assert await conn.fetchval("select count(*) from workspace") == 1
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                    await conn.execute(write)
    finally:
        if readers is not None:
            await readers.close()
    assert await house.pool.execute(write) == "UPDATE 1"


def test_one_person_does_what_shows_them_only_what_is_theirs() -> None:
    """A principal can be one person: each action that they may take looks at nothing but their own, and no other actor has it."""
    ann = Actor(id="per_ann", kind="person")
    may = [action for action in access.ACTIONS if access.allowed(ann, action)]
    assert may == [
        "person.erase",  # core/people.py
        *(
            "claim.enter",
            "claim.note",
            "claim.appeal",
            "deal.note",
        ),  # of their own alone: core/disputes.py, core/deals.py
        *(
            "own.deals",
            "own.register",
            "own.share",
            "code.change",
            "own.rewards",
            "own.consent",
            "own.dispute",
            "own.accept",
            "own.merge",
            "own.settings",
        ),
        *("case.note", "case.appeal"),
        *("payee.set", "record.look", "tax_form.give"),  # core/payees.py, core/looking.py, core/reporting.py
    ]
    others = {**access.ROLES, **access.KEYS, "operator": access.OPERATOR, "system": access.SYSTEM}
    assert not {action for actions in others.values() for action in actions if action.startswith("own.")}


def test_the_operator_looks_and_says_nothing_that_is_decided() -> None:
    """Whoever holds the database may read all, confirm members and make keys; what moves money or status is said by a member."""
    may = {action for action in access.ACTIONS if access.allowed(OPERATOR.actor, action)}
    assert may == {
        *access.READS,
        "event.import",
        "event.retry",
        "log.verify",
        "installation.manage",
        "change.decide",
        "change.answer",
        "key.manage",
    }


def test_who_reads_what() -> None:
    """Approvers, payers and the company's server read all of it, but payment details, tax forms, keys, traces, webhooks and codes.

    Others read less, as the table says. Who approves or releases sees an account's last digits; who pays reads codes and tax forms.
    """
    common = {*access.READS} - {"payee.read", "key.read", "trace.read", "webhook.read", "handout.read", "tax_form.read"}
    reads = {
        "owner": {*access.READS},
        "approver": common,
        "payer": common | {"payee.read", "handout.read", "tax_form.read"},
        "sk": common - {"payee.tail", "session.read"} | {"webhook.read", "handout.read"},
        "wk": set(),
        "pk": set(),
    }
    found = {**access.ROLES, **access.KEYS}
    assert {name: {*found[name]} & {*access.READS} for name in reads} == reads
    others = {"payee.read", "key.read", "trace.read", "webhook.read", "handout.read", "tax_form.read"}
    assert all({*actions} & {*access.READS} <= common | others for actions in found.values())
