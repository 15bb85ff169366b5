"""A JSON Schema in a few words of Markdown, as a table of its fields, and as an example. Must not know: what it is the schema of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
#: The schema of a reference, and a link to where it is told.
Resolve = Callable[[str], tuple[Schema, str]]

_AT: Final = "2026-03-02T09:00:00Z"
_DEEP: Final = 4  # objects in one another, of an example


def cell(text: str) -> str:
    """Return a text as it may stand in a table."""
    return " ".join(text.replace("``", "`").split()).replace("|", "\\|")


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fields(schema: Schema, resolve: Resolve) -> str:
    """Return the table of the fields of an object."""
    needed = schema.get("required", ())
    rows = [
        (f"`{name}`", cell(form(of, resolve)), "yes" if name in needed else "", cell(of.get("description", "")))
        for name, of in schema["properties"].items()
    ]
    return table(("field", "holds", "needed", "what it is"), rows)


def form(schema: Schema, resolve: Resolve) -> str:
    """Return a schema in a few words; one that has a name is a link to it."""
    if "$ref" in schema:
        return resolve(schema["$ref"])[1]
    for several, sign in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        if several in schema:
            shown = [form(part, resolve) for part in schema[several] if part.get("$ref") or set(part) - {"properties"}]
            return sign.join(dict.fromkeys(shown))
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {form(schema.get('items', {}), resolve)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"mapping to {form(schema['additionalProperties'], resolve)}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words}{_bounds(schema)}"


def _bounds(schema: Schema) -> str:
    words = [str(schema["format"])] if "format" in schema else []
    for low, high, what in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters")):
        if low in schema or high in schema:
            ends = f"{schema.get(low, '')} to {schema.get(high, '')}" if low in schema else f"at most {schema[high]}"
            words.append(f"{ends.strip()}{what}")
    return f" ({', '.join(words)})" if words else ""


def example(schema: Schema, resolve: Resolve, name: str = "", deep: int = 0) -> Any:
    """Return something that the schema takes as far as its types tell, of an object the fields that are needed."""
    if "$ref" in schema:
        return example(resolve(schema["$ref"])[0], resolve, name, deep)
    for told in ("const", "example", "default"):
        if schema.get(told) is not None:
            return schema[told]
    for several in ("examples", "enum"):
        if schema.get(several):
            return schema[several][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return example(schema[several][0], resolve, name, deep)
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, resolve, deep)
    if kind == "array":
        return [example(schema.get("items", {}), resolve, name, deep + 1)] if deep < _DEEP else []
    if kind == "integer":
        return max(schema.get("minimum", 0), 2500 if "amount" in name else 1)
    return {"number": 1.5, "boolean": True, "null": None}.get(str(kind), _text(schema, name))


def _object(schema: Schema, resolve: Resolve, deep: int) -> dict[str, Any]:
    if deep >= _DEEP:
        return {}
    needed = schema.get("required", ())
    return {
        name: example(of, resolve, name, deep + 1)
        for name, of in schema.get("properties", {}).items()
        if name in needed
    }


def _text(schema: Schema, name: str) -> str:
    if schema.get("format") == "date-time":
        return _AT
    if schema.get("format") == "date":
        return _AT[:10]
    pattern = schema.get("pattern", "")
    if pattern.startswith("^[A-Z]{3}$") or name in ("currency", "unit"):
        return "EUR"
    if re.match(r"\^\[0-9a-f\]\{64\}", pattern):
        return "0" * 64
    return name.upper() if name else "TEXT"
