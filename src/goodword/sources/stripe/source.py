"""The source ``stripe``: ``POST /hooks/stripe/{workspace}``, where an endpoint of Stripe's sends what happened.

200 for whatever is signed and can be read, with what became of it in the body, which Stripe shows beside the delivery: to send again
would change nothing. Anything else, and Stripe sends again for three days. Thin events, which name an object and tell nothing of
it, are taken and counted among what was refused. Must not know: a server or framework of HTTP, the database.
"""

from typing import Any

import msgspec

from goodword.sources import hooks
from goodword.sources.base import Problem, RefusedError, Request, Sender, Signature, Source
from goodword.sources.fields import MAX_NAME
from goodword.sources.native_read import MAX_BODY, MAX_DEPTH, UnreadableError, is_deep
from goodword.sources.stripe import versions
from goodword.sources.stripe.mapping import Event, to_native
from goodword.sources.stripe.signature import check, is_secret
from goodword.sources.stripe.table import FIELDS

SENDER = Sender("stripe", verified=True)

_THIN = "v2.core.event"


class _Data(msgspec.Struct):
    object: dict[str, Any] | None = None


class _Sent(msgspec.Struct):
    """An event as Stripe sends it; a thin one has neither version nor data."""

    id: str
    object: str
    type: str
    livemode: bool
    created: int | str
    api_version: str | None = None
    account: Any = None
    data: _Data | None = None


_decode = msgspec.json.Decoder(_Sent).decode


def _read(request: Request) -> list[Event | Problem]:
    if is_deep(request.body, MAX_DEPTH):
        raise UnreadableError("too_deep")
    try:
        sent = _decode(request.body)
    except msgspec.ValidationError:
        raise RefusedError(400, "not_events", "The body is no event of Stripe's.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnreadableError("not_json") from None
    id_ = sent.id[:MAX_NAME]
    if request.live and not sent.livemode:
        return [Problem("test_mode", id=id_)]
    if sent.account:  # of a merchant on the platform, whose customers are none of the workspace's
        return [Problem("other_account", id=id_)]
    if sent.object == _THIN or sent.data is None or sent.data.object is None:
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
    map=to_native,
    answer=hooks.answer,
    limit=MAX_BODY,
    json=False,
    fields=FIELDS,
    called=lambda item: item.type if type(item) is Event else "",
    guide="howto/stripe",
)
