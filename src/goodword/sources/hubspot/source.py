"""The source ``hubspot``: ``POST /hooks/hubspot/{workspace}``, where an app of the company's own sends what was changed.

A notice names an object, which is fetched behind the answer: 200 once that is kept. Anything else, and HubSpot sends the whole batch
again for a day.

After what developers.hubspot.com says of validating requests, of subscription types and of generic subscriptions, read on 2026-11-29.
Must not know: a server or framework of HTTP, the database.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from goodword.sources import hooks, sales
from goodword.sources.base import Problem, Request, Sender, Signature, Source
from goodword.sources.hubspot import mapping
from goodword.sources.hubspot.mapping import Notice
from goodword.sources.hubspot.signature import check, is_secret, signs_address
from goodword.sources.hubspot.table import FIELDS
from goodword.sources.native_read import MAX_BODY, MAX_ITEMS, UnreadableError

SENDER = Sender("hubspot", verified=True)

_decode = msgspec.json.Decoder(list[dict[str, Any]]).decode


def _read(request: Request) -> list[Notice | Problem]:
    said = hooks.read(request.body, _decode, "The body is no list of HubSpot's notices.")
    if len(said) > MAX_ITEMS:
        raise UnreadableError("too_many_events")
    return list(_once(said, conversions=signs_address(request) and sales.wants_conversions(request.url)))


def _once(said: list[dict[str, Any]], *, conversions: bool) -> Iterator[Notice | Problem]:
    """Yield notices, of several about one object the newest: it is fetched as it is by then."""
    kept: dict[tuple[str, str], tuple[int, Notice]] = {}
    for one in said:
        notice, at = mapping.notice(one, conversions=conversions), one.get("occurredAt")
        if not isinstance(notice, Notice) or not notice.noun:
            yield notice
        elif type(at) is int and at > kept.get((notice.noun, notice.object), (-1, notice))[0]:
            kept[notice.noun, notice.object] = at, notice
    yield from (notice for _, notice in kept.values())


SOURCE = Source(
    name="hubspot",
    paths=("/hooks/hubspot",),
    credential=Signature(SENDER, check, is_secret),
    read=_read,
    map=mapping.to_native,
    answer=hooks.answer,
    limit=MAX_BODY,
    json=False,
    access=mapping.ACCESS,
    fetch=mapping.FETCH,
    fields=FIELDS,
    called=lambda item: item.type if isinstance(item, Notice) else "",
    guide="howto/hubspot",
)
