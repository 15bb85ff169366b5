"""The source ``stripe``: ``POST /hooks/stripe/{workspace}``, where an endpoint of Stripe's sends what happened.

200 for whatever is signed and can be read, with what became of it in the body, which Stripe shows beside the delivery: to send again
would change nothing. Anything else, and Stripe sends again for three days. Of thin events, which name an object and tell nothing of
it, the object is fetched later (``thin``). Must not know: a server or framework of HTTP, the database.
"""

from typing import Any

import msgspec

from goodword.sources import hooks
from goodword.sources.base import Problem, Request, Sender, Signature, Source
from goodword.sources.fields import MAX_NAME
from goodword.sources.native_read import MAX_BODY
from goodword.sources.stripe import thin, versions
from goodword.sources.stripe.mapping import Event
from goodword.sources.stripe.signature import check, is_secret
from goodword.sources.stripe.table import FIELDS

SENDER = Sender("stripe", verified=True)


class _Data(msgspec.Struct):
    object: dict[str, Any] | None = None


class _Sent(msgspec.Struct):
    """An event as Stripe sends it; a thin one has neither version nor data, and names its object."""

    id: str
    object: str
    type: str
    livemode: bool
    created: int | str
    api_version: str | None = None
    account: Any = None
    context: Any = None
    related_object: Any = None
    data: _Data | None = None


_decode = msgspec.json.Decoder(_Sent).decode


def _read(request: Request) -> list[Event | thin.Thin | Problem]:
    sent = hooks.read(request.body, _decode, "The body is no event of Stripe's.")
    id_ = sent.id[:MAX_NAME]
    if request.live and not sent.livemode:
        return [Problem("test_mode", id=id_)]
    if sent.account:  # of a merchant on the platform, whose customers are none of the workspace's
        return [Problem("other_account", id=id_)]
    if sent.object == thin.OBJECT:
        if sent.context:  # whose objects are fetched under another account
            return [Problem("other_account", id=id_)]
        return [thin.read(id_, sent.type, sent.created, sent.related_object)]
    if sent.data is None or sent.data.object is None:
        return [Problem("thin_event", id=id_)]
    if type(sent.created) is not int:
        return [Problem("invalid_value", "occurred_at", id_)]
    noun = sent.data.object.get("object")
    return [Event(id_, sent.type, sent.created, versions.of(sent.api_version), str(noun), sent.data.object)]


SOURCE = Source(
    name="stripe",
    paths=("/hooks/stripe",),
    credential=Signature(SENDER, check, is_secret),
    read=_read,
    map=thin.to_events,
    answer=hooks.answer,
    limit=MAX_BODY,
    json=False,
    access=thin.ACCESS,
    fetch=thin.FETCH,
    fields=FIELDS,
    called=lambda item: item.type if isinstance(item, Event | thin.Thin) else "",
    guide="howto/stripe",
)
