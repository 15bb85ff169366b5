"""What a native event expects in a field, in words, by the field's name alone: for who reads afterwards why something was refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

import msgspec

from goodword.sources.base import SIGNATURE_CODES
from goodword.sources.native import AnyWire
from goodword.sources.native_read import CODES, REQUEST_CODES

#: What is said of a field besides its code's sentence.
_OF_A_FIELD = frozenset({"wrong_type", "invalid_value", "missing_field"})
_PART = re.compile(r"\.?([^.\[\]]+)((?:\[(?:[0-9]{1,6}|\.\.\.)\])*)")  # a name of a path, and places in its list
_LONGEST, _SHORT = 80, 5  # letters of a name that is looked at; of one that may lack a letter
_KINDS = {
    "integer": "a whole number",
    "string": "text",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}


def sentence(code: str, field: str = "") -> str | None:
    """Return what a code means, with what the field expects or which one may be meant; None for a code that is not ours."""
    said = CODES.get(code) or REQUEST_CODES.get(code) or SIGNATURE_CODES.get(code)
    if said is None:
        return None
    name = field.rpartition(".")[2].partition("[")[0]
    if code in _OF_A_FIELD and name in _fields():
        return f"{said} Expected: {_fields()[name]}."
    if code == "unknown_field" and (near := get_close_matches(name.lower(), _fields(), n=1)):
        return f"{said} Perhaps {near[0]} is meant."
    return said


def known(code: str, field: str) -> str:
    """Return of the path of a field that was refused the beginning whose names are ours; of a name that is misspelt by a letter ours.

    Any other name is its sender's own: it may be a person's, or worse.
    """
    path: list[str] = []
    at = 0
    while part := _PART.match(field, at):
        name, at = part[1], part.end()
        if name not in _fields() and name != "type":
            meant = _meant(name) if code == "unknown_field" else None
            return ".".join([*path, *([meant] if meant is not None else ())])
        path.append(name + part[2])
    return ".".join(path)


def _meant(name: str) -> str | None:
    """Return the field that a name is but for a letter, its case, and what joins its words; a look into memory for each letter."""
    if len(name) > _LONGEST:
        return None
    return next((found for one in _spelt(name) if (found := _misspelt().get(one)) is not None), None)


@cache
def _misspelt() -> Mapping[str, str]:
    return {one: name for name in _fields() for one in _spelt(name)} | {_bare(name): name for name in _fields()}


def _spelt(name: str) -> list[str]:
    """Return a name, and it without each of its letters: two that differ by a letter have one of these in common."""
    bare = _bare(name)
    short = [bare[:at] + bare[at + 1 :] for at in range(len(bare))] if len(bare) >= _SHORT else []
    return [bare, *short]


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


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
