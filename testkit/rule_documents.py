"""The rule files of the tests, one of them with everything in it, and what tests do with its places."""

import copy
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from goodword.core.rule_checks import Place


def text(name: str) -> str:
    """Return a rule file of the tests, by its name."""
    return (Path(__file__).parent / "rules" / f"{name}.yaml").read_text()


def document(name: str) -> dict[str, Any]:
    """Return such a file as an ordinary reader of YAML does: a percentage must be in quotes there, and so must ``on``."""
    found: dict[str, Any] = yaml.safe_load(text(name))
    return found


WHOLE = document("whole")

#: Values of all sorts. What each does in each place, the published schema says.
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 2**53, 1.5, "", "x", "EUR", "30d", "ünïcode and spaces", "y" * 3000, [], {}, [None], {"kind": "other"},
    {"eur": 1}, {"EUR": -1}, {"EUR": "1"},
)  # fmt: skip


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Walk all places of a document in its order."""
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield from places(item, (*place, step))


PLACES = list(places(WHOLE))


def place_of(path: str) -> Place:
    """Read a place as errors tell it, such as ``conversions[0].hold``."""
    return tuple(int(step) if step.isdecimal() else step for step in re.findall(r"\w+", path))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def replaced(changes: dict[Place, Any], whole: Any = WHOLE) -> Any:
    """Return a copy of the document with other values in some places."""
    changed = copy.deepcopy(whole)
    for place, value in changes.items():
        if not place:
            return value
        at(changed, place[:-1])[place[-1]] = value
    return changed


def without(place: Place) -> Any:
    changed = copy.deepcopy(WHOLE)
    del at(changed, place[:-1])[place[-1]]
    return changed


def shuffled(value: Any, order: random.Random) -> Any:
    """Put the names of all mappings into another order."""
    if isinstance(value, dict):
        names = list(value)
        order.shuffle(names)
        return {name: shuffled(value[name], order) for name in names}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value
