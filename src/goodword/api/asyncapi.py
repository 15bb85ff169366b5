"""The AsyncAPI 3 document of webhooks: every type of notice with its schema, made of the structs that are sent.

Must not know: who is told, the database.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from goodword import words
from goodword.core import notices

_VERSION: Final = "1"
_REFERENCE: Final = "#/components/schemas/{name}"
_TIME: Final = {"type": "string", "format": "date-time"}
_INTRODUCTION: Final = (
    "What Goodword decides, told by Standard Webhooks: signed with webhook-id, webhook-timestamp and webhook-signature. A message comes"
    " at least once and has one id for ever; messages may overtake each other, and position says their order."
)
_HEADERS: Final = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {"type": "string", "description": "The same whenever the message is sent."},
        "webhook-timestamp": {"type": "string", "description": "Seconds since 1970: when it was sent."},
        "webhook-signature": {
            "type": "string",
            "description": "v1, and the HMAC-SHA256 in base64 of id.timestamp.body; one for each secret that holds, apart by a space.",
        },
    },
}


def types() -> dict[str, type[Struct]]:
    """Return every type of message with what it holds."""
    return {**{name: kind.data for name, kind in notices.KINDS.items()}, notices.TEST: notices.Tried}


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas of what messages hold, by name."""
    kinds = list(dict.fromkeys(types().values()))
    _, definitions = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    for kind in kinds:
        own = definitions[kind.__name__]
        own["description"] = " ".join((kind.__doc__ or "").replace("``", "`").split())
        for name, it in own["properties"].items():
            it.pop("default", None)
            if name.endswith("_at") or name == "hold_until":
                it["format"] = "date-time"
        own["required"] = list(own["properties"])
    return definitions


def payload(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a message."""
    data = types()[name]
    previous = "Fields of data that were otherwise before, as far as the decision says so."
    return {
        "type": "object",
        "description": words.notice(name),
        "required": ["type", "timestamp", "position", "data", "previous"],
        "properties": {
            "type": {"const": name},
            "timestamp": {**_TIME, "description": "When it was decided, by the workspace's clock."},
            "position": {"type": "integer", "minimum": 0, "description": "The entry of the log: the order. 0: a test."},
            "data": {"$ref": _REFERENCE.format(name=data.__name__)},
            "previous": {"type": "object", "description": previous},
        },
    }


def alone(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a message with all that it refers to."""
    data = types()[name]
    whole = payload(name)
    whole["properties"]["data"] = schemas()[data.__name__]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **whole}


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    messages = {
        name: {
            "name": name,
            "title": name,
            "summary": words.notice(name),
            "contentType": "application/json",
            "headers": _HEADERS,
            "payload": payload(name),
        }
        for name in types()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Goodword webhooks", "version": _VERSION, "description": _INTRODUCTION},
        "defaultContentType": "application/json",
        "channels": {
            "webhooks": {
                "address": None,
                "description": "The address of an endpoint, as `POST /v1/webhooks` was told it.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {
            "send": {
                "action": "send",
                "channel": {"$ref": "#/channels/webhooks"},
                "messages": [{"$ref": f"#/channels/webhooks/messages/{name}"} for name in messages],
            }
        },
        "components": {"messages": messages, "schemas": schemas()},
    }
