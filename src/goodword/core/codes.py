"""Whose a code is, and which code is meant by one that looks like it. Must not know: how somebody comes to have one."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core.draft import Draft
from goodword.core.state import Advocate, Code


def owned_by(draft: Draft, advocate: Advocate, id_: str, look: str | None) -> None:
    """A code is an advocate's from now on, and what looks like it is read as it. ``look``: the code that stands for all that do."""
    draft.put(Code(id=id_, program=advocate.program, person=advocate.person))
    if look is not None:
        draft.put(replace(draft.get(Code, look) or Code(id=look), means=id_))


def of_somebody_else(draft: Draft, named: str | None, person: str) -> str | None:
    """Return the code that is not a person's and looks as the one that is named, if there is one."""
    look = draft.get(Code, named) if named is not None else None
    if look is None:
        return None
    enrolled = look if look.means is None else draft.need(Code, look.means)
    return enrolled.id if enrolled.person not in (None, person) else None


def lives(draft: Draft, id_: str, person: str) -> bool:
    """Whether a code is somebody else's and still serves them."""
    code = draft.get(Code, id_)
    if code is None or code.program is None or code.person in (None, person):
        return False
    return draft.need(Advocate, (code.program, code.person)).status not in ("left", "merged")
