"""How each field of an outside payload is treated, declared beside its type.

``used``: stands in the event that is decided. ``named``: an outside name, replaced by the random id of its row.
``checked``: looked at and not kept. ``personal``: sealed with the person. ``ignored``: accepted, bounded, dropped.
A field that is not declared is an error of the item that has it: a misspelt field about money must not pass in silence.

Must not know: any source's format.
"""

import types
import typing
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

from goodword.core.money import MAX_INTEGER

MAX_NAME = 255
MAX_TEXT = 1_000
MAX_FREE = 4_000


class Treatment(NamedTuple):
    """What becomes of a field. ``to``: its name in the core's event; ``kind``: of the row that replaces a name."""

    how: Literal["used", "named", "checked", "personal", "ignored"]
    to: str | None = None
    kind: str | None = None


def used(to: str | None = None) -> Treatment:
    """Return the treatment of a field whose value itself stands in the event."""
    return Treatment("used", to)


def named(kind: str, to: str | None = None) -> Treatment:
    """Return the treatment of a field for which the id of the name's row stands in the event."""
    return Treatment("named", to or kind, kind)


USED, CHECKED, PERSONAL, IGNORED = used(), Treatment("checked"), Treatment("personal"), Treatment("ignored")

# ``$`` alone would let a line feed follow.
TOKEN_PATTERN = "^[A-Za-z0-9._-]{1,64}$(?!\\n)"  # noqa: S105 - no password

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Token = Annotated[str, Meta(pattern=TOKEN_PATTERN, description="letters, digits, dot, underscore, hyphen; at most 64")]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
FreeText = Annotated[str, Meta(max_length=MAX_FREE)]
Minor = Annotated[int, Meta(ge=0, le=MAX_INTEGER, description="minor units: 2500 is 25.00 EUR")]
SignedMinor = Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER, description="minor units; a discount is negative")]


class Field(NamedTuple):
    """A declared field of a payload: its name there and its treatment."""

    name: str
    treatment: Treatment


def declared(payload: type[Struct]) -> tuple[Field, ...]:
    """Return the fields of a payload in order. Raises TypeError for one without a treatment: our own mistake."""
    hints = get_type_hints(payload, include_extras=True)
    fields = []
    for name in payload.__struct_fields__:
        treatment = _treatment(hints[name])
        if treatment is None:
            raise TypeError(f"{payload.__name__}.{name} has no treatment: annotate it with one of Treatment")
        fields.append(Field(name, treatment))
    return tuple(fields)


def _treatment(hint: Any) -> Treatment | None:
    if get_origin(hint) is Annotated:
        return next((extra for extra in hint.__metadata__ if isinstance(extra, Treatment)), None)
    if get_origin(hint) in (typing.Union, types.UnionType):
        return next((treatment for part in get_args(hint) if (treatment := _treatment(part))), None)
    return None
