"""The native events as a page, from the schema that is published of them. Must not know: what an event does."""

from __future__ import annotations

import json

from goodword.manual import shapes
from goodword.manual.shapes import Schema

_BEGIN = """\
Every type of event that `POST /v1/events` takes, with its fields: made from the published [JSON Schema](schemas/events.json).
How they are sent, and what an order is: [events](events.md)."""


def page(schema: Schema) -> tuple[str, str]:
    """Return path and Markdown. ``schema``: the published one."""
    parts = schema["$defs"]

    def resolve(ref: str) -> tuple[Schema, str]:
        name = ref.rpartition("/")[2]
        return parts[name], f"[{_title(name, parts[name])}](#{_title(name, parts[name]).lower().replace('.', '')})"

    types = [choice["$ref"].rpartition("/")[2] for choice in schema["anyOf"]]
    lines = [
        "# Event reference",
        _BEGIN,
        "\n".join(f"- {resolve(name)[1]}: {parts[name].get('description', '')}" for name in types),
    ]
    for name in [*types, *(other for other in parts if other not in types)]:
        part = parts[name]
        lines += [f"## {_title(name, part)}", part.get("description", ""), shapes.fields(part, resolve)]
        if name in types:
            said = json.dumps(shapes.example(part, resolve), indent=2, ensure_ascii=False)
            lines += ["With what it needs:", f"```json\n{said}\n```"]
    return "event-reference", "\n\n".join(filter(None, lines)) + "\n"


def _title(name: str, part: Schema) -> str:
    kind = part["properties"].get("type", {})
    return str(kind["enum"][0]) if "enum" in kind else name
