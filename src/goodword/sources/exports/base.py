"""What a ready export is made of. Must not know: any system, how a file is read."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from goodword.sources.mapping_file import MONEY
from goodword.sources.mapping_file import Mapping as Step

#: Amounts of nothing: nothing is owed by them.
NOUGHT = ("0", "0.0", "0.00", "$0", "$0.00")


class Export(Struct, frozen=True, kw_only=True):
    """A file of a system. ``called``: what a column is called here -> what the system calls it, the documented name first.

    ``needed``: the columns without which it is not this file. ``steps``: what a line says, in this order; columns by what they
    are called
    here. A step without one of its columns is left out, but for a condition whose column begins with ``?``.
    """

    name: str
    called: dict[str, tuple[str, ...]]
    needed: tuple[str, ...]
    steps: tuple[Step, ...]


class System(Struct, frozen=True, kw_only=True):
    """A system of others. ``documented``: where its columns are, and when they were read there."""

    name: str
    title: str
    documented: str
    exports: tuple[Export, ...]


class Said(Struct, frozen=True, kw_only=True):
    """What a person says of an export besides: what its amounts are in where it says none, how amounts and dates are written."""

    currency: str | None = None
    decimal: Literal["minor", "point", "comma"] | None = None
    dates: str | None = None
    zone: str | None = None
    program: str | None = None


class Fitted(Struct, frozen=True):
    """An export in the names of a file. ``told``: which one it is, and what of it cannot be read."""

    steps: tuple[Step, ...]
    told: str

    @property
    def money(self) -> tuple[str, ...]:
        """The columns that hold amounts."""
        said = [where for step in self.steps for where in (step.columns, step.instead)]
        return tuple(dict.fromkeys(where[name] for name in MONEY for where in said if name in where))


def enrolled(
    partner: str,
    *,
    code: str | None,
    prefix: str,
    joined: tuple[str, ...] = (),
    state: str | None = None,
    stopped: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """Return how a line enrols a partner: with the code, and without one if that is somebody else's already.

    Codes are compared without regard to case here, and a partner whose code is taken is still owed what is owed. ``joined``: the parts
    of a name that has no column of its own. ``state``: the column that says what a partner is: who is nobody yet is passed over, who
    is one of those who are ``stopped`` or have left is enrolled before that is said, and a word that nobody knows is refused.
    """
    without = Step(
        kind="advocates",
        columns={"external_id": partner, "email": "email", "name": "name"},
        joined={"name": joined} if joined else {},
        only={state: (*_LIVE, *stopped)} if state is not None else {},
        passed={state: _NOBODY_YET} if state is not None else {},
        prefixes={partner: prefix},
        id=(partner,),
    )
    if code is None:
        return (without,)
    return replace(without, columns={**without.columns, "code": code}, id=(partner, code), filled=(code,)), without


def cased(*texts: str) -> tuple[str, ...]:
    """Return states as an API writes them, and as pages show them."""
    return tuple(dict.fromkeys(form for text in texts for form in (text, text.capitalize(), text.upper())))


#: What systems call a partner who takes part, and one who does not yet or never did.
_LIVE = ("", *cased("active", "approved", "accepted"))
_NOBODY_YET = cased("pending", "invited", "rejected", "declined", "denied")


def moved(
    partner: str, state: str, prefix: str, *, suspended: tuple[str, ...], left: tuple[str, ...]
) -> tuple[Step, ...]:
    """Return how a line says that a partner is stopped, or has left."""
    made = []
    for kind, states in (("suspensions", suspended), ("departures", left)):
        if states:
            made.append(
                Step(
                    kind=kind,
                    columns={"external_id": partner},
                    id=(partner,),
                    only={state: states},
                    prefixes={partner: prefix},
                )
            )
    return tuple(made)
