"""What another product's client says, as an item of Segment's: a table tells where each of its paths stands there.

So one mapping knows what an order is, and a field of theirs is treated as the one of Segment's that it becomes.
Must not know: any other product's format.
"""

from collections.abc import Mapping
from typing import Any

from goodword.sources.fields import Treatment
from goodword.sources.segment import table

#: Path of an item of Segment's -> the paths of the other one's: the first of them that says something.
Names = Mapping[str, tuple[str, ...]]


def treatments(names: Names, also: Mapping[str, Treatment]) -> dict[str, Treatment]:
    """Return what becomes of each field, by its path there. ``also``: those that become none of Segment's.

    What is inside of a whole object that is taken over (``data`` as ``properties``) is treated as it is there.
    """
    found = dict(also)
    for path, said in names.items():
        for name in said:
            found |= {name: table.FIELDS[path]} if path in table.FIELDS else {}
            inside = {at: how for at, how in table.FIELDS.items() if at.startswith(f"{path}.")}
            found |= {name + at.removeprefix(path): how for at, how in inside.items()}
    return found


def spoken(fields: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return the item of Segment's."""
    made: dict[str, Any] = {}
    for path, said in names.items():
        value = next((found for name in said if (found := _at(fields, name)) not in (None, "")), None)
        if value is None:
            continue
        *places, last = path.split(".")
        at = made
        for place in places:
            at = at.setdefault(place, {})
        at[last] = value
    return made


def _at(fields: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(fields, dict):
            return None
        fields = fields.get(name)
    return fields
