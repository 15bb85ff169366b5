"""JSON Schemas (2020-12) of what outsiders write: rule files and native events, made from the types that read them.

A schema says what types can say; the checks of meaning (``core/rule_checks``, ``native``) come after it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from goodword.core.money import MAX_INTEGER
from goodword.core.rules import Percent, Rules
from goodword.sources import fields, native
from goodword.sources.rule_meanings import MEANINGS

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PERCENT: Final = msgspec.json.schema(Percent)
_TREATMENTS: Final = {
    "used": "Stands in the log as it is.",
    "named": "A name of yours; in the log stands the random id of its row.",
    "checked": "Looked at, not kept in the log.",
    "personal": "Kept encrypted with the person, never in the log.",
    "ignored": "Accepted and not used.",
}


def rules() -> dict[str, Any]:
    """Return the schema of a rule file, YAML or JSON."""
    schema = _tidy(msgspec.json.schema(Rules))
    definitions = schema["$defs"]
    del definitions["Rules"]["properties"]["name"]["default"]  # the slug
    for part, meanings in MEANINGS.items():
        for name, meaning in meanings.items():
            own = definitions[part.__name__]["properties"][name]
            form = f" ({own['description']})" if "description" in own else ""
            own["description"] = f"{meaning.text[:-1]}{form}."
    return {"$schema": _DIALECT, "title": "Rule file", **schema}


def events() -> dict[str, Any]:
    """Return the schema of one native event; a request holds one or an array of them."""
    choices, definitions = event_parts("#/$defs/{name}")
    return {"$schema": _DIALECT, "title": "Native event", "anyOf": choices, "$defs": definitions}


def event_parts(reference: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return references to the native events, in this form, and the schemas that they refer to by name."""
    choices, definitions = _tidy(msgspec.json.schema_components(native.TYPES, ref_template=reference))
    payloads: tuple[type[Struct], ...] = (*native.TYPES, native.Line, native.RefundLine)
    for payload in payloads:
        properties = definitions[payload.__name__]["properties"]
        for field in fields.declared(payload):
            own = properties[field.name]
            meaning = [own.pop("description", ""), _TREATMENTS[field.treatment.how]]
            own["description"] = ". ".join(filter(None, meaning))
    return choices, definitions


def _tidy(schema: Any) -> Any:
    """Percentages as numbers too, integers that JSON keeps exact, plain descriptions, no keyword of other dialects."""
    if isinstance(schema, list | tuple):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("pattern") == _PERCENT["pattern"]:
        text = {"type": "string", "pattern": _PERCENT["pattern"]}
        number = {"type": "number", "minimum": 0, "maximum": 100}
        return {"description": _PERCENT["description"], "anyOf": [text, number]}
    if schema.get("type") == "integer":
        schema = {"minimum": -MAX_INTEGER, "maximum": MAX_INTEGER, **schema}
    tidy = {name: _tidy(value) for name, value in schema.items() if name != "discriminator"}
    if isinstance(tidy.get("description"), str):
        tidy["description"] = " ".join(tidy["description"].replace("``", "`").split())
    return tidy
