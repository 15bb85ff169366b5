"""The source ``customerio``: people and events as the clients of Customer.io's track API send them, one a request.

Whom it is about stands in the path, whose beginning a client can be told anew. Python's sends again only what never arrived, so a
request waits where others would be sent away. Who asks for a person to be erased is told that nobody was: it would be believed.
Must not know: a server or framework of HTTP, the database.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote

from goodword.sources import compatible, loose
from goodword.sources.base import Key, Own, Problem, RefusedError, Request, Source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment
from goodword.sources.segment import own
from goodword.sources.segment.mapping import Item, to_native
from goodword.sources.segment.spoken import Names, spoken, treatments
from goodword.sources.segment.unknown import called

NAMES: Final[Names] = {
    "event": ("name",),
    "messageId": ("id",),
    "timestamp": ("timestamp",),
    "anonymousId": ("anonymous_id",),
    "properties": ("data",),
}
#: ``attributes``: the whole body of a customer.
FIELDS: Final[Mapping[str, Treatment]] = treatments(NAMES, {"type": CHECKED, "attributes": PERSONAL, "device": IGNORED})

_PATH = re.compile("(?:/[^/]+)*?/(?:customers/([^/]+)(?:/([a-z]+)(?:/[^/]+)?)?|(events|merge_customers))")
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


def _read(request: Request) -> list[Item | Problem]:
    found = _PATH.fullmatch(request.path)
    customer, what = (unquote(found[1] or ""), found[2] or found[3] or "") if found else ("", "")
    if request.method == "DELETE" and not what:
        raise RefusedError(404, "not_served", "Nobody was erased: erase a person in Goodword itself.")
    [item] = loose.single(request.body or b"{}")
    if type(item) is Problem:
        return [item]
    if what == "events" and request.method == "POST":
        return [_event(customer, item, request.now, request.header(b"user-agent"))]
    return [_person(customer, item, request.now)] if not what and request.method == "PUT" else []


def _event(customer: str, fields: dict[str, Any], now: int, library: str = "") -> Item:
    """An event of a customer, or of a visitor. What has no id of its own is known again by what it says."""
    made = spoken(fields, NAMES) | ({"userId": customer} if customer else {})
    if "timestamp" in made:
        made["timestamp"] = _written(made["timestamp"])
    kind = fields.get("type")
    kind = kind if kind in ("page", "screen") else "track"
    return Item(kind, made, now, library)


def _person(customer: str, fields: dict[str, Any], now: int) -> Item:
    """What is known of a customer. That it is said is new each time: what was said before may be said again."""
    id_ = sha256(f"{now}\0{customer}\0{fields!r}".encode("utf-8", "replace")).hexdigest()
    return Item("identify", {"userId": customer, "messageId": id_, "traits": fields}, now)


def _sample(fields: dict[str, Any], now: int) -> Item:
    """An event that somebody pasted: whose it is may stand beside it, for it has no path."""
    return _event(str(fields.get("customer_id") or ""), fields, now)


def _written(at: Any) -> Any:
    """A time of one of the two forms, seconds since 1970 or a text, as a text."""
    if isinstance(at, bool) or not _SECONDS.fullmatch(str(at)):
        return at
    try:
        return datetime.fromtimestamp(float(at), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return at


SOURCE = Source(
    name="customerio",
    paths=(),
    beneath=_PATH,
    methods=("PUT", "POST", "DELETE"),
    credential=Key(compatible.servers("customerio"), "Only servers speak to these paths: use a secret or write key."),
    read=_read,
    map=to_native,
    answer=compatible.taken(b"{}"),
    refuse=compatible.refuse,
    limit=loose.MAX_ITEM,
    json=False,
    waits=True,
    fields=FIELDS,
    called=called,
    own=Own(own.to_native, _sample),
    guide="howto/customerio",
    example="/api/v1/customers/{customer}/events",
    beside=b"user-agent",
)
