"""Who counts as two people: members, and whose hand each of them is.

A member whom a sole owner made holds a key that this owner has seen: until somebody else confirms them, the two count as one. One who
proved to be somebody is a member of another id since: what was done before may have been either of them (``members.proved``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from goodword.core import access
from goodword.core.draft import Draft
from goodword.core.facts import Actor
from goodword.core.state import Member


def known(draft: Draft, id_: str) -> Member | None:
    """Return a member of the company. All of them are loaded always: who is not here is none, such as a service key."""
    put: Member | None = draft.puts.get((Member, id_))  # type: ignore[assignment]
    return put or draft.state.tables[Member].get(id_)  # type: ignore[return-value]


def every(draft: Draft) -> Iterator[Member]:
    """Yield all members, in order of id."""
    ids = {member.id for member in draft.state.all(Member)} | {id_ for noun, id_ in draft.puts if noun is Member}
    for id_ in sorted(map(str, ids)):
        member = known(draft, id_)
        if member is not None:
            yield member


def hands_among(find: Callable[[str], Member | None], id_: str) -> frozenset[str]:
    """Return whose hands may act as this member, where members are found so.

    Of one whom nobody confirmed it is that of who made them, and where they proved to be somebody since, that of who they are now as
    well: nobody can tell which of the two it was. Else it is their own.
    """
    found = set[str]()
    while (member := find(id_)) is not None and not member.confirmed and member.made_by is not None:
        if member.became is not None:
            found.add(member.became)
        id_ = member.made_by
    return frozenset([*found, id_])


def same(draft: Draft, one: str, other: str) -> bool:
    """Return whether two ids may have been one person."""
    find = partial(known, draft)
    return one == other or not hands_among(find, one).isdisjoint(hands_among(find, other))


def confirmed(draft: Draft, *permissions: str) -> list[str]:
    """Return the ids of the confirmed members who may do one of these, each a person of their own."""
    return [m.id for m in every(draft) if m.confirmed and any(access.allowed(acting(m), each) for each in permissions)]


def acting(member: Member) -> Actor:
    """Return a member as an actor, with what they may do now."""
    return Actor(id=member.id, kind="member", roles=member.roles, limits=member.limits, programs=member.programs)


def able(find: Callable[[str], Member | None], id_: str, permission: str, *programs: str | None) -> Member | None:
    """Return the member of this id, or who they go on as, if they may do something in these programs, or in all where none is named."""
    member = find(id_)
    if member is not None and member.became is not None:
        member = find(member.became)
    if member is None or not access.allowed(acting(member), permission):
        return None
    return member if access.covers(acting(member), *programs) else None


def others(draft: Draft, permission: str, programs: Iterable[str], but: Iterable[str]) -> list[str]:
    """Return who else may do something in these programs: members who count as none of ``but``; twenty at most."""
    return others_among(list(every(draft)), permission, programs, but)


def others_among(members: Sequence[Member], permission: str, programs: Iterable[str], but: Iterable[str]) -> list[str]:
    """Return the same where these are all members."""
    find = {one.id: one for one in members}.get
    hands, wanted = frozenset().union(*(hands_among(find, id_) for id_ in but)), tuple(programs)
    actors = [acting(member) for member in members if hands.isdisjoint(hands_among(find, member.id))]
    return [one.id for one in actors if access.allowed(one, permission) and access.covers(one, *wanted)][:20]
