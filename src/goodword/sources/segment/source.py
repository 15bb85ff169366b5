"""The source ``segment``: the paths that the clients of Segment, RudderStack and June call, and what they want to hear.

Whatever media type they name, it is JSON. Browsers' clients ask for a configuration first and send nothing without one.
Must not know: a server or framework of HTTP, the database.
"""

import re
from typing import Any

import msgspec

from goodword.sources import compatible, loose
from goodword.sources.base import Key, Problem, Reply, Request, Source
from goodword.sources.segment.mapping import Item, to_native
from goodword.sources.segment.own import OWN
from goodword.sources.segment.table import FIELDS
from goodword.sources.segment.unknown import called, unknown

#: Path -> kind of its single item; empty: a batch, whose items say theirs.
PATHS = {
    "/v1/batch": "",
    "/v1/b": "",
    "/sdk/batch": "",  # June's
    **dict.fromkeys(("/v1/track", "/v1/t"), "track"),
    **dict.fromkeys(("/v1/identify", "/v1/i"), "identify"),
    **dict.fromkeys(("/v1/page", "/v1/p"), "page"),
    **dict.fromkeys(("/v1/screen", "/v1/s"), "screen"),
    **dict.fromkeys(("/v1/group", "/v1/g"), "group"),
    **dict.fromkeys(("/v1/alias", "/v1/a"), "alias"),
}

_encode = msgspec.json.Encoder().encode
_FRESH = {b"cache-control": b"no-store"}
_CONFIGURATION = re.compile("/sourceConfig/?")
_SETTINGS = re.compile("/v1/projects/([A-Za-z0-9_]{1,100})/settings")
_SOURCE = {
    "source": {
        "id": "goodword",
        "name": "goodword",
        "writeKey": "",
        "enabled": True,
        "connections": [],
        "destinations": [],
        "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
        "updatedAt": "2026-01-01T00:00:00.000Z",
    },
    "updatedAt": "2026-01-01T00:00:00.000Z",
}


def _read(request: Request) -> list[Item | Problem]:
    kind = PATHS[request.path]
    found = loose.single(request.body) if kind else loose.batch(request.body)
    return [item if type(item) is Problem else _item(kind, item, request.now) for item in found]


def _item(kind: str, fields: Any, now: int) -> Item | Problem:
    said = kind or fields.get("type")
    return Item(said, fields, now) if isinstance(said, str) else Problem("missing_field", "type")


def _configured(_: Request) -> Reply:
    """RudderStack's browser client: a source that is on, and sends to nobody else."""
    return Reply(200, _encode(_SOURCE), headers=_FRESH)


def _settings(request: Request) -> Reply:
    """Segment's browser client: the key that it has, and that it sends to where it asked."""
    found = _SETTINGS.fullmatch(request.path)
    key = found[1] if found else ""
    to = {"apiKey": key, "apiHost": f"{request.header(b'host')}/v1"}
    return Reply(200, _encode({"integrations": {"Segment.io": to}, "plan": {}}), headers=_FRESH)


SOURCE = Source(
    name="segment",
    paths=tuple(PATHS),
    credential=Key(compatible.senders("segment"), compatible.OTHERWISE, in_body=loose.member("writeKey")),
    read=_read,
    map=to_native,
    answer=compatible.taken(b'{"success":true}'),
    refuse=compatible.refuse,
    limit=compatible.LIMIT,
    json=False,
    pages=True,
    told={_CONFIGURATION: _configured, _SETTINGS: _settings},
    headers=("authorization", "content-type", "content-encoding", "anonymousid", "sentat", "x-retry-count"),
    fields=FIELDS,
    called=called,
    unknown=unknown,
    own=OWN,
    guide="howto/segment",
)
