"""What the edge serves, for the published document: events, links, whether the process is well. A test holds it to its answers.

An operation names the codes of its problem documents as ``x-problems``. Must not know: how the document is made.
"""

from __future__ import annotations

from typing import Any, Final

from goodword.sources import native_read, schemas
from goodword.sources.base import SIGNATURE_CODES, Signature
from goodword.sources.registry import REGISTRY

_EVENTS_LIMIT: Final = 1_000
_SCHEMA: Final = "#/components/schemas/"

#: Code of a problem that only the edge answers -> its status, and what it means.
PROBLEMS: Final[dict[str, tuple[int, str]]] = {
    "not_json": (400, "The body is not JSON."),
    "not_events": (400, "The body is neither an event nor an array of events."),
    "too_deep": (400, "The body nests too deep."),
    "bad_compression": (400, "The body is not one whole gzip stream."),
    "too_large": (413, f"The body is larger than {native_read.MAX_BODY} bytes after decompression."),
    "too_many_events": (413, f"The array has more than {_EVENTS_LIMIT} events."),
    "unsupported_encoding": (415, "Only plain bodies and gzip are read."),
    "unsupported_media_type": (415, "Only JSON is read."),
    **{code: (401, sentence) for code, sentence in SIGNATURE_CODES.items()},
    "connection_unknown": (404, "There is no such workspace."),
    "no_such_path": (404, "There is no such source."),
    "unknown_host": (404, "No workspace answers here."),
    "no_landing_page": (404, "The workspace has no landing page."),
    "rate_limited": (429, "There is no room, or a page sent too much; send it again after `Retry-After` seconds."),
    "unavailable": (503, "Nothing is promised; send it again after `Retry-After` seconds."),
    "not_ready": (503, "The process cannot serve; `detail` says why."),
}

_KEYS: Final = ("key_missing", "key_malformed", "key_unknown", "not_permitted")
_NOT_OF_EVENTS: Final = ("connection_unknown", "no_such_path", "unknown_host", "no_landing_page", "not_ready")
_ITEM: Final = {"type": "object"}
_KINDS: Final = ("track", "identify", "page", "screen", "group", "alias")
#: Whose clients call it, and what they are answered.
_PRODUCTS: Final = {
    "segment": ("the clients of Segment and RudderStack", "SegmentTaken"),
    "posthog": ("PostHog's clients for servers, whose key is in the body,", "PosthogTaken"),
    "jitsu": ("Jitsu's client", "JitsuTaken"),
    "customerio": ("the clients of Customer.io's track API", "CustomerioTaken"),
}
_COMPATIBLE: Final = (
    *_KEYS,
    *("not_json", "not_events", "too_deep", "bad_compression"),
    *("too_large", "too_many_events", "unsupported_encoding", "rate_limited"),
)
_BATCH: Final = {
    "type": "object",
    "required": ["batch"],
    "properties": {"batch": {"type": "array", "maxItems": _EVENTS_LIMIT, "items": _ITEM}},
}


def published() -> dict[str, Any]:
    """Return ``paths``, ``schemas`` and ``problems`` of the edge."""
    choices, events = schemas.event_parts(_SCHEMA + "{name}")
    return {
        "paths": _paths(),
        "schemas": {**events, **_answers(), "NativeEvent": {"anyOf": choices}},
        "problems": PROBLEMS,
    }


def _paths() -> dict[str, Any]:
    at_host, of_workspace = _link("follow_link_at_host"), _link("follow_link")
    of_workspace["parameters"].insert(0, _in_path("workspace"))
    return {
        "/v1/events": {"post": _send()},
        "/v1/batch": {"post": _compatible("segment_batch", _BATCH)},
        **{f"/v1/{kind}": {"post": _compatible(f"segment_{kind}")} for kind in _KINDS},
        "/batch/": {"post": _compatible("posthog_batch", _BATCH)},
        "/capture/": {"post": _compatible("posthog_capture")},
        **{f"/api/s/{kind}": {"post": _compatible(f"jitsu_{kind}")} for kind in _KINDS},
        "/api/v1/customers/{customer}": {"put": _compatible("customerio_identify", at="customer")},
        "/api/v1/customers/{customer}/events": {"post": _compatible("customerio_track", at="customer")},
        "/api/v1/events": {"post": _compatible("customerio_track_anonymous")},
        "/hooks/{source}/{workspace}": {"post": _hook()},
        "/w/{workspace}/r/{code}": {"get": of_workspace},
        "/r/{code}": {"get": at_host},
        "/goodword.js": {"get": _script()},
        "/healthz": {"get": _well("is_alive", "Whether the process runs.", ())},
        "/readyz": {"get": _well("is_ready", "Whether the process can serve.", ("not_ready",))},
    }


def _send() -> dict[str, Any]:
    event = {"$ref": f"{_SCHEMA}NativeEvent"}
    some = {"type": "array", "minItems": 1, "maxItems": _EVENTS_LIMIT, "items": event}
    return {
        "operationId": "send_events",
        "tags": ["events"],
        "summary": "Send Events",
        "description": "One event or an array of them, plain or gzip. Answered when they are durable, with an item each, in "
        "order; sending again is harmless.",
        "security": [{"HTTPBearer": []}, {"HTTPBasic": []}],
        "x-permission": "event.send",
        "parameters": [
            {
                "name": "Prefer",
                "in": "header",
                "required": False,
                "schema": {"type": "string"},
                "description": "`wait=2`: of a single event, wait up to two seconds for its decision, ten at most. A "
                "publishable key is told of none.",
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"anyOf": [event, some]}}}},
        "responses": {
            "200": _json("The decision of a single event that was waited for.", "EventAnswers"),
            "202": _json("The events are durable, apart from those that say otherwise.", "EventAnswers"),
        },
        "x-problems": (
            *_KEYS,
            *(code for code in PROBLEMS if code not in (*SIGNATURE_CODES, *_NOT_OF_EVENTS)),
        ),
    }


def _compatible(operation: str, body: dict[str, Any] | None = None, at: str = "") -> dict[str, Any]:
    product, _, what = operation.partition("_")
    clients, answer = _PRODUCTS[product]
    unread = "" if body else "not_events"
    return {
        "operationId": operation,
        "tags": ["events"],
        "summary": f"{product.title()} {what.replace('_', ' ').title()}",
        "description": f"As {clients} call it, whatever media type they name. Answered when what can be read is durable; a wrong "
        "item is left out, and shown to staff. Without room it waits, or the answer is 429.",
        "security": [{"HTTPBearer": []}, {"HTTPBasic": []}],
        "x-permission": "event.send",
        "parameters": [_in_path(at)] if at else [],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body or _ITEM}}},
        "responses": {"200": _json("It is durable.", answer)},
        "x-problems": tuple(code for code in _COMPATIBLE if code != unread),
    }


def _hook() -> dict[str, Any]:
    signed = sorted(source.name for source in REGISTRY.values() if isinstance(source.credential, Signature))
    return {
        "operationId": "take_hook",
        "tags": ["events"],
        "summary": "Take Hook",
        "description": "What another system sends and signs, as it sends it: its own JSON, under one of the secrets that are held "
        "for it. 200 with what became of each event: to send again would change nothing.",
        "security": [],
        "x-permission": None,
        "parameters": [{**_in_path("source"), "schema": {"type": "string", "enum": signed}}, _in_path("workspace")],
        "responses": {"200": _json("It is durable.", "HookTaken")},
        "x-problems": (
            *SIGNATURE_CODES,
            *("connection_unknown", "no_such_path", "not_json", "not_events", "too_deep", "bad_compression"),
            *("too_large", "unsupported_encoding", "unavailable"),
        ),
    }


def _link(operation: str) -> dict[str, Any]:
    page = {"content": {"text/html": {"schema": {"type": "string"}}}}
    return {
        "operationId": operation,
        "tags": ["links"],
        "summary": "Follow Link",
        "description": "Store the click, then go on to the program's landing page, with `gw_click` (or `gw_code`) and the query "
        "of the link. Who asks for HTML sees a page where the link leads nowhere.",
        "security": [],
        "x-permission": None,
        "parameters": [_in_path("code")],
        "responses": {
            "302": {"description": "The landing page.", "headers": {"Location": {"schema": {"type": "string"}}}},
            "404": {"description": "The link leads nowhere.", **page},
            "503": {"description": "It could not be looked up just now.", **page},
        },
        "x-problems": ("unknown_host", "no_landing_page", "unavailable"),
    }


def _script() -> dict[str, Any]:
    version = {"name": "v", "in": "query", "required": False, "schema": {"type": "string"}}
    return {
        "operationId": "get_script",
        "tags": ["links"],
        "summary": "Get Script",
        "description": "Keeps what a link brought on the company's own site, and puts it into forms and analytics calls. "
        "With the version that it has it may be kept for ever, else for an hour.",
        "security": [],
        "x-permission": None,
        "parameters": [{**version, "description": "The version, as the `ETag` of an answer has it."}],
        "responses": {
            "200": {"description": "It.", "content": {"text/javascript": {"schema": {"type": "string"}}}},
            "304": {"description": "It is the one that `If-None-Match` names."},
        },
        "x-problems": (),
    }


def _well(operation: str, description: str, problems: tuple[str, ...]) -> dict[str, Any]:
    return {
        "operationId": operation,
        "tags": ["process"],
        "summary": description.rstrip("."),
        "security": [],
        "x-permission": None,
        "responses": {"200": _json("It is.", "Well")},
        "x-problems": problems,
    }


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _json(description: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": {"$ref": _SCHEMA + schema}}}}


def _answers() -> dict[str, Any]:
    text = {"type": "string"}
    decided: dict[str, Any] = {"evt": text, "position": {"type": "integer"}}
    decided |= {"verdicts": {"type": "array", "items": {"$ref": f"{_SCHEMA}Verdict"}}, "postings": {"type": "array"}}
    return {
        "EventAnswers": _object({"items": {"type": "array", "items": {"$ref": f"{_SCHEMA}EventAnswer"}}}, "items"),
        "EventAnswer": _object(
            {
                "id": {"type": ["string", "null"]},
                "status": {"enum": ["accepted", "repeat", "conflict", "invalid"]},
                "code": {**text, "description": "Why it is invalid or a conflict."},
                "field": {**text, "description": "Where."},
                "decision": {"$ref": f"{_SCHEMA}EventDecision"},
                "link": {
                    "$ref": f"{_SCHEMA}Link",
                    "description": "Of an enrolment that was waited for: what the advocate shares.",
                },
            },
            "id",
            "status",
        ),
        "EventDecision": _object(decided, *decided),
        "HookTaken": _object(
            {"received": {"const": True}, "events": {"type": "array", "items": {"$ref": f"{_SCHEMA}HookAnswer"}}},
            *("received", "events"),
        ),
        "HookAnswer": _object(
            {
                "id": {"type": ["string", "null"]},
                "status": {"enum": ["accepted", "repeat", "held", "conflict", "invalid"]},
                "code": {**text, "description": "Why it is invalid or a conflict."},
                "detail": {"type": ["string", "null"]},
                "field": {**text, "description": "Where."},
            },
            *("id", "status"),
        ),
        "SegmentTaken": _object({"success": {"const": True}}, "success"),
        "PosthogTaken": _object({"status": {"const": 1}}, "status"),
        "JitsuTaken": _object({"ok": {"const": True}}, "ok"),
        "CustomerioTaken": _object({}),
        "Well": _object({"status": {"enum": ["ok", "ready"]}}, "status"),
    }


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}
