"""What a process remembers belongs to its engine, and has a bound; no module keeps state."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.conftest import House

import goodword
from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.write.process import process

_MUTATORS = frozenset((
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "move_to_end", "pop", "popitem", "popleft", "put",
    "remove", "setdefault", "update",
))  # fmt: skip


def _mutated(source: str) -> Iterator[str]:
    """Names of a module that a function of it changes or binds anew."""
    module = ast.parse(source)
    assigned = [node for node in module.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [
        target for node in assigned for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    here = {target.id for target in targets if isinstance(target, ast.Name)}
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        body = function.body if isinstance(function.body, list) else [function.body]  # decorators are the module's
        for node in (inner for part in body for inner in ast.walk(part)):
            changed: ast.expr | None = None
            if isinstance(node, ast.Global):
                yield from node.names
            elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                changed = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
                changed = node.func.value
            if isinstance(changed, ast.Name) and changed.id in here:
                yield changed.id


@pytest.mark.parametrize("room", ["app", "store", "worker", "edge", "api", "outbound", "sources", "core"])
def test_no_module_keeps_state(room: str) -> None:
    """No function changes what its module holds: two engines in one process know nothing of one another."""
    files = sorted((Path(goodword.__file__).parent / room).rglob("*.py"))
    assert files
    assert {str(file): names for file in files if (names := sorted(set(_mutated(file.read_text()))))} == {}


def test_state_of_a_module_would_be_found() -> None:
    """A dict that a function fills, a list that one empties and a name that one binds anew are seen; a constant is not."""
    source = "A = {}\nB = []\nC = 0\nD = {1: 2}\ndef f(x):\n  global C\n  A[x] = D[x]\n  B.clear()\n"
    assert set(_mutated(source)) == {"A", "B", "C"}


async def test_engines_remember_for_themselves(house: House) -> None:
    """What one process keeps in mind another does not know, though both are in this one."""
    other = Engine(house.pool)
    await house.accept(*house.story())
    await process(house.engine, house.ws)
    assert house.engine.cache.of(house.ws) is not None
    assert len(house.engine.rules) == len(house.engine.paces) == 1
    assert other.cache.of(house.ws) is None
    assert len(other.rules) == len(other.paces) == 0


def test_a_bounded_memory_forgets_the_longest_unused() -> None:
    """What was asked for lately stays; more than the bound is never kept."""
    memory: Bounded[str, int] = Bounded(2)
    memory.update({"a": 1, "b": 2})
    assert memory.get("a") == 1
    assert memory.put("c", 3) == 3
    assert [memory.get(key) for key in "abc"] == [1, None, 3]
    assert len(memory) == 2


def test_what_is_busy_is_not_forgotten() -> None:
    """Values that may not go yet stay beyond the bound, until they are idle."""
    busy = {1, 2, 3}
    memory: Bounded[str, int] = Bounded(1, busy.__contains__)
    memory.update({"a": 1, "b": 2, "c": 3})
    assert sorted(memory) == [1, 2, 3]
    busy.clear()
    memory.put("d", 4)
    assert list(memory) == [4]


@pytest.mark.parametrize("room", ["app", "worker", "edge", "api"])
def test_only_the_clock_asks_the_machine_for_the_time(room: str) -> None:
    """No other module of what runs reads the time, so that who owns the clock owns all of it."""
    files = sorted((Path(goodword.__file__).parent / room).rglob("*.py"))
    assert files
    asking = [
        file.name
        for file in files
        if re.search(r"^import time$|\btime_ns\(|datetime\.now\(", file.read_text(), re.MULTILINE)
    ]
    assert asking == (["engine.py"] if room == "app" else [])
