"""What of Segment's items means nothing here: what one calls itself, and which of its fields stand in no table.

Items of one client have the same fields over and over: what is unknown of a set of names is worked out once.
Must not know: HTTP, the workspace.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from goodword.sources.base import Problem
from goodword.sources.segment.mapping import Item, bare
from goodword.sources.segment.table import FIELDS


def called(item: Item | Problem) -> str:
    """Return what an item calls itself: the name of what is tracked, else its kind."""
    if type(item) is Problem:
        return ""
    event = item.fields.get("event")
    return event if item.kind == "track" and isinstance(event, str) else item.kind


def unknown(item: Item | Problem) -> Sequence[str]:
    """Return the paths of the fields that stand in no table, as the item spells them."""
    if type(item) is Problem:
        return ()
    found: list[str] = []
    for place, path in _PLACES.items():
        value: Any = item.fields
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, dict) and value:
            found += _of(place, tuple(value))
    return found


#: Places whose fields stand in the table one by one, and how one comes to them; what stands there as a whole is not looked into.
_PLACES = {
    place: tuple(filter(None, place.split(".")))
    for place in dict.fromkeys(path.rpartition(".")[0] for path in FIELDS)
    if not any(place == path or place.startswith(f"{path}.") for path in FIELDS)
}
#: Names that are known at each place, bare but in the item itself; what leads on to another place is known too.
_KNOWN = {
    place: {
        bare(rest) if place else rest
        for path in (*FIELDS, *_PLACES)
        for above, _, rest in (path.rpartition("."),)
        if above == place and rest
    }
    for place in _PLACES
}


@lru_cache(2_048)
def _of(place: str, names: tuple[str, ...]) -> tuple[str, ...]:
    known = _KNOWN[place]
    dot = f"{place}." if place else ""
    return tuple(dot + name for name in names if (bare(name) if place else name) not in known)
