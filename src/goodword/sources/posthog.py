"""The source ``posthog``: what PostHog's clients for servers send, with their key in the body.

They say who somebody is by one name, ``distinct_id``, which is a visitor's as long as no profile is made of it or it is the
device's. Must not know: a server or framework of HTTP, the database.
"""

from collections.abc import Mapping
from typing import Any, Final

from goodword.sources import compatible, loose
from goodword.sources.base import Key, Problem, Request, Source
from goodword.sources.fields import CHECKED, IGNORED, Treatment
from goodword.sources.segment.mapping import Item, to_native
from goodword.sources.segment.spoken import Names, spoken, treatments
from goodword.sources.segment.unknown import called

NAMES: Final[Names] = {
    "event": ("event",),
    "messageId": ("uuid",),
    "timestamp": ("timestamp",),
    "userId": ("distinct_id", "properties.distinct_id"),
    "anonymousId": ("properties.$anon_distinct_id", "properties.$device_id"),
    "properties": ("properties",),
    "traits": ("$set", "properties.$set"),
    "context.traits": ("$set_once", "properties.$set_once"),
    "context.page.url": ("properties.$current_url",),
    "context.library.name": ("properties.$lib",),
}
FIELDS: Final[Mapping[str, Treatment]] = treatments(
    NAMES,
    {
        "properties.$process_person_profile": CHECKED,
        "api_key": CHECKED,
        "token": CHECKED,
        "sent_at": IGNORED,
        "historical_migration": IGNORED,
        "properties.$geoip_disable": IGNORED,
        "properties.$ip": IGNORED,
        "properties.$is_server": IGNORED,
        "properties.$lib_version": IGNORED,
        "properties.$os": IGNORED,
        "properties.$session_id": IGNORED,
    },
)
_IDENTIFIES = frozenset({"$identify", "$set", "$set_once"})
_PATHS = tuple(f"{path}{end}" for path in ("/batch", "/capture", "/i/v0/e") for end in ("", "/"))


def _read(request: Request) -> list[Item | Problem]:
    return [found if type(found) is Problem else _item(found, request.now) for found in loose.either(request.body)]


def _item(fields: Any, now: int) -> Item:
    made = spoken(fields, NAMES)
    said = fields.get("properties")
    said = said if isinstance(said, dict) else {}
    made["properties"] = {name: value for name, value in said.items() if not name.startswith("$")}
    who = made.get("userId")
    if said.get("$process_person_profile") is False or (who is not None and who == said.get("$device_id")):
        made["anonymousId"] = made.pop("userId", None)
    event = fields.get("event")
    return Item("identify" if isinstance(event, str) and event in _IDENTIFIES else "track", made, now)


SOURCE = Source(
    name="posthog",
    paths=_PATHS,
    credential=Key(compatible.senders("posthog"), compatible.OTHERWISE, in_body=loose.member("api_key", "token")),
    read=_read,
    map=to_native,
    answer=compatible.taken(b'{"status":1}'),
    refuse=compatible.refuse,
    limit=compatible.LIMIT,
    json=False,
    pages=True,
    headers=("authorization", "content-type", "content-encoding"),
    fields=FIELDS,
    called=called,
    guide="howto/posthog",
)
