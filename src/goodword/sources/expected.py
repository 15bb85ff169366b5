"""What a native event expects in a field, in words, by the field's name alone: for who reads afterwards why something was refused."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

import msgspec

from goodword.sources.native import AnyWire
from goodword.sources.native_read import CODES, REQUEST_CODES

#: What is said of a field besides its code's sentence.
_OF_A_FIELD = frozenset({"wrong_type", "invalid_value", "missing_field"})
_KINDS = {
    "integer": "a whole number",
    "string": "text",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}


def sentence(code: str, field: str = "") -> str | None:
    """Return what a code means, with what the field expects or which one may be meant; None for a code that is not ours."""
    said = CODES.get(code) or REQUEST_CODES.get(code)
    if said is None:
        return None
    name = field.rpartition(".")[2].partition("[")[0]
    if code in _OF_A_FIELD and name in _fields():
        return f"{said} Expected: {_fields()[name]}."
    if code == "unknown_field" and (near := get_close_matches(name.lower(), _fields(), n=1)):
        return f"{said} Perhaps {near[0]} is meant."
    return said


@cache
def _fields() -> Mapping[str, str]:
    """Name of a field -> what it expects, of all types of events and of the parts of them."""
    _, parts = msgspec.json.schema_components(get_args(AnyWire))
    fields: dict[str, str] = {}
    # a field of an event goes before one of its lines that has the same name
    for part in sorted(parts.values(), key=lambda part: "type" not in part.get("properties", {})):
        for name, expects in part.get("properties", {}).items():
            if name != "type":
                fields.setdefault(name, _words(expects))
    return fields


def _words(expects: Mapping[str, Any]) -> str:
    one = next((each for each in expects.get("anyOf", ()) if each.get("type") != "null"), expects)
    if "enum" in one:
        return f"one of {', '.join(map(str, one['enum']))}"
    kind = _KINDS.get(one.get("type", ""), "an object")
    if "description" in one:
        return f"{kind}, {one['description']}"
    return f"{kind} of at most {one['maxLength']} characters" if "maxLength" in one else kind
