"""The source ``shopify``: ``POST /hooks/shopify/{workspace}``, where a shop's webhooks go.

200 for whatever is signed and can be read, with what became of it; anything else, and Shopify sends again, and takes the webhook away
after eight times. Its Next Gen Events, whose shape a query of the app decides, are taken and refused, so that staff see them.
Must not know: a server or framework of HTTP, the database.
"""

from typing import Any

import msgspec

from goodword.sources import hooks
from goodword.sources.base import Problem, Request, Sender, Signature, Source
from goodword.sources.shopify.mapping import TOPICS, Delivery, to_native
from goodword.sources.shopify.signature import check, header, is_secret
from goodword.sources.shopify.table import FIELDS

SENDER = Sender("shopify", verified=True)
LIMIT = 5 << 20  # an order of a thousand lines is larger than a native request may be

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def _read(request: Request) -> list[Delivery | Problem]:
    found = hooks.read(request.body, _decode, "The body is no object of Shopify's.")
    topic = header(request, b"topic").strip().lower()
    id_ = str(found["id"]) if isinstance(found.get("id"), int) else None
    if topic not in TOPICS and request.header(b"shopify-topic"):
        return [Problem("thin_event", id=id_)]
    if request.live and (found.get("test") is True or _is_test(found.get("transactions"))):
        return [Problem("test_mode", id=id_)]
    return [Delivery(topic, found)]


def _is_test(transactions: Any) -> bool:
    if not isinstance(transactions, list):
        return False
    return any(isinstance(one, dict) and one.get("test") is True for one in transactions)


SOURCE = Source(
    name="shopify",
    paths=("/hooks/shopify",),
    credential=Signature(SENDER, check, is_secret),
    read=_read,
    map=to_native,
    answer=hooks.answer,
    limit=LIMIT,
    json=False,
    fields=FIELDS,
    called=lambda item: item.topic if type(item) is Delivery else "",
    guide="howto/shopify",
)
