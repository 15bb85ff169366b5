"""Who was merged into whom: an event about somebody who was goes on as about whom they were merged into.

It must not know what a merge moves (``merges``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from goodword.core import events
from goodword.core.events import Event
from goodword.core.state import Kin, State

E = TypeVar("E", bound=Event)
#: What gives the row of a person, if there is one.
Get = Callable[[type[Kin], str], Kin | None]
#: Events that name persons as they are: who was erased is not whom they were merged into.
_AS_THEY_ARE: Final = frozenset([events.PersonMerged, events.PersonsJoined, events.PersonErased])

#: Events that name who shares a friend, and the field in which they do.
_SHARING: Final[dict[type[Event], str]] = {events.ClaimEntered: "advocates", events.ClaimDecided: "shares"}
#: Events that name any number of persons, and the field in which they do.
_SEVERAL: Final[dict[type[Event], str]] = {
    events.PayoutDrafted: "beneficiaries",
    events.DealReported: "contacts",
    events.PilotStarted: "persons",
    events.PilotDecided: "persons",
}


def root(get: Get, person: str) -> str:
    """Return whom a person was merged into; themselves, where nobody merged them."""
    kin = get(Kin, person)
    return person if kin is None else kin.root


def all_of(get: Get, person: str) -> tuple[str, ...]:
    """Return a person and all who were merged into them."""
    kin = get(Kin, person)
    return (person,) if kin is None else (person, *kin.members)


def names(get: Get, persons: Iterable[str]) -> dict[str, str]:
    """Return all names of these persons, those that were merged away too, each with whom it is now."""
    roots = {root(get, person) for person in persons}
    return {name: person for person in roots for name in all_of(get, person)}


def named(event: Event) -> list[str]:
    """Return the persons that an event names, as it names them."""
    persons = [person for name in _fields(type(event)) if (person := getattr(event, name)) is not None]
    if (sharing := _SHARING.get(type(event))) is not None:
        persons += [person for person, _, _ in getattr(event, sharing)]
    elif (several := _SEVERAL.get(type(event))) is not None:
        persons += getattr(event, several)
    return persons


@cache
def _fields(kind: type[Event]) -> tuple[str, ...]:
    """The fields in which events of a kind name one person each. Every event is asked, often more than once."""
    if kind in _AS_THEY_ARE:
        return ()
    return tuple(name for name in ("person", "advocate") if name in kind.__struct_fields__)


def resolved(state: State, event: E) -> E:
    """Return an event about the persons that those whom it names were merged into; the event itself, where there are none."""
    if state.lacks(Kin):  # nobody was ever merged: most workspaces, and every event asks
        return event
    get = state.get
    return _renamed(get, event) if any(root(get, person) != person for person in named(event)) else event


def _renamed(get: Get, event: E) -> E:
    merged = {person: now for person in named(event) if (now := root(get, person)) != person}
    changed: dict[str, Any] = {
        name: merged[at] for name in _fields(type(event)) if (at := getattr(event, name)) in merged
    }
    if (sharing := _SHARING.get(type(event))) is not None:
        changed[sharing] = tuple((merged.get(person, person), *share) for person, *share in getattr(event, sharing))
    elif (several := _SEVERAL.get(type(event))) is not None:
        changed[several] = _once(merged.get(person, person) for person in getattr(event, several))
    return replace(event, **changed)


def _once(persons: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(persons))
