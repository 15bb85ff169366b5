"""What the webhooks of billing systems have in common: one signed object a delivery, of a topic, which becomes native events.

Must not know: any system's format, HTTP, the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from goodword.sources import hooks, native
from goodword.sources.base import Access, ByPayment, Fetch, Paid, Problem, Request, Sender, Signature, Source, Unfetched
from goodword.sources.billing.signatures import Check
from goodword.sources.fields import MAX_NAME, Treatment
from goodword.sources.told import Told, WrongError, checked, missing, token

LIMIT: Final = 5 << 20  # an order of a thousand lines is larger than a native request may be
Made = dict[str, Any]
#: What the company itself puts beside an order, wherever a system takes notes: whose it is, and what led there.
MARKS: Final = {"click_id": "gw_click", "link_code": "gw_code", "code": "referral_code"}
CUSTOMER: Final = "gw_customer"
_SECOND: Final = 1_000_000

decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class Delivery(NamedTuple):
    """An object as it came. ``topic``: what it is about."""

    topic: str
    object: Mapping[str, Any]


class Telling(Told):
    """What an object says, in the forms that billing systems have."""

    def token(self, path: str, field: str = "id") -> str:
        """Return an id. Raises WrongError for none."""
        return token(self.value(path)) or str(missing(field))

    def name(self, *paths: str) -> str | None:
        """Return the first name that is said."""
        return next((found for path in paths if (found := name(self.value(path))) is not None), None)

    def minor(self, path: str, field: str = "amount") -> int:
        """Return an amount that is in minor units already, as a number or a text; a part that is not said is nought.

        Raises WrongError.
        """
        found = self.value(path)
        if found is None:
            found = missing(field) if field == "amount" else 0
        if isinstance(found, bool) or not re.fullmatch("-?[0-9]{1,16}", str(found)):
            raise WrongError("invalid_value", field)
        return int(str(found))

    def time(self, *paths: str) -> datetime | None:
        """Return the first time that is said: RFC 3339, or seconds or milliseconds since 1970."""
        said = next((found for path in paths if (found := self.value(path)) is not None), None)
        return None if said is None else instant(said)

    def marks(self, noted: Mapping[str, Any]) -> Made:
        """Return what the company noted beside an object: what led here."""
        return {field: name(noted.get(said)) for field, said in MARKS.items()}

    def notes(self, *paths: str) -> dict[str, Any]:
        """Return what is noted at paths, the first that says something counts."""
        found: dict[str, Any] = {}
        for path in reversed(paths):
            said = self.value(path)
            found |= {key: value for key, value in said.items() if value} if isinstance(said, dict) else {}
        return found


def instant(said: Any) -> datetime:
    """Return a time. Raises WrongError for none."""
    try:
        if type(said) is int or (isinstance(said, str) and said.isdecimal()):
            whole = int(said)
            return datetime.fromtimestamp(whole / 1_000 if whole > 10**11 else whole, UTC)
        at = msgspec.convert(said, datetime)
    except (msgspec.ValidationError, ValueError, OverflowError, OSError):
        raise WrongError("invalid_value", "occurred_at") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def name(value: Any) -> str | None:
    """Return a name; a number is one."""
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and 0 < len(text) <= MAX_NAME and "\0" not in text else None


#: What needs no checking: it is no event yet.
Waits = Unfetched | Paid | ByPayment
Makes = Callable[[Telling], Iterator[Made | Waits]]


class System(NamedTuple):
    """A system. ``topic`` of a request; ``makes``: topic -> its noun, and what turns it into events; ``test``: a test's.

    ``access``, ``fetch``: of one that names objects and tells nothing of them. What was fetched is a delivery too, of a topic that no
    request has.
    """

    name: str
    check: Check
    secret: Callable[[str], bool]
    topic: Callable[[Request, Mapping[str, Any]], str]
    makes: Mapping[str, tuple[str, Makes]]
    fields: Mapping[str, Treatment]
    test: Callable[[Mapping[str, Any]], bool]
    ping: Callable[[bytes], bool] = lambda _: False
    access: Access | None = None
    fetch: Fetch | None = None


def source(system: System) -> Source:
    """Return the source of a system."""

    def check(request: Request, secrets: Sequence[bytes], now: int) -> str | None:
        return None if system.ping(request.body) else system.check(request, secrets, now)

    def read(request: Request) -> Sequence[Delivery | Problem]:
        if system.ping(request.body):
            return ()
        found = hooks.read(request.body, decode, "The body is no object.")
        if request.live and system.test(found):
            return [Problem("test_mode", id=name(found.get("id")))]
        return [Delivery(system.topic(request, found), found)]

    def to_native(delivery: Delivery) -> Sequence[native.Wire | Waits] | Problem:
        if delivery.topic not in system.makes:
            return ()
        noun, make = system.makes[delivery.topic]
        try:
            made = make(Telling(system.fields, noun, delivery.object))
            return [one if isinstance(one, Waits) else checked(one) for one in made]
        except WrongError as wrong:
            return msgspec.structs.replace(wrong.problem, id=name(delivery.object.get("id")))

    return Source(
        name=system.name,
        paths=(f"/hooks/{system.name}",),
        credential=Signature(Sender(system.name, verified=True), check, system.secret),
        read=read,
        map=to_native,
        answer=hooks.answer,
        limit=LIMIT,
        json=False,
        access=system.access,
        fetch=system.fetch,
        fields=system.fields,
        called=lambda item: item.topic if isinstance(item, Delivery) else "",
        guide="howto/billing",
    )
