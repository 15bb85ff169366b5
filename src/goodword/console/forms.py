"""What a form of a page sends: bounded, by a page of ours, and of the session that the page was made for.

Must not know: what a form is for.
"""

from __future__ import annotations

import base64
import hmac
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from starlette.requests import Request

from goodword.app.errors import InvalidError
from goodword.core import calendar
from goodword.core.events import Item
from goodword.web.forms import File, sent

#: Bytes of a form: a list of 1,000 rewards to be approved, and room.
MOST = 256 * 1024
#: The field by which somebody proves who they are: a code or a password.
PROOF = "proof"
#: Fields that each form has, and that are not kept when it is sent on.
OURS = ("form", PROOF)
_BETWEEN, _WITHIN = ";", ","  # items of a list, and the parts of one: half as long as JSON in a page, and in no part
_SHORT = 12  # digits of the digest of payment details in a long list
_ONCE = 64  # characters of what makes a repeat harmless


class Form(NamedTuple):
    """The fields of a form by name, each with its values in order, and the files that were chosen."""

    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, File] = {}

    def text(self, name: str, most: int = 2_000) -> str | None:
        """Return what was typed, without space around it; None for nothing. Raises InvalidError for more than ``most`` characters."""
        text = next(iter(self.fields.get(name, ())), "").strip()
        if len(text) > most:
            raise InvalidError(f"{name} is longer than {most} characters.", name)
        return text or None

    def need(self, name: str, most: int = 2_000) -> str:
        """Return the same. Raises InvalidError where nothing was typed too."""
        text = self.text(name, most)
        if text is None:
            raise InvalidError(f"{name} is missing.", name)
        return text

    def several(self, name: str) -> list[str]:
        """Return all values of a name, in order, such as of boxes that were ticked."""
        return [text for value in self.fields.get(name, ()) if (text := value.strip())]

    def day(self, name: str, *, over: bool = False) -> int | None:
        """Return when a day that was typed begins, or is over, in UTC; None for none. Raises InvalidError for what is no day."""
        text = self.text(name, 10)
        if text is None:
            return None
        try:
            return calendar.day_begins(text, "UTC") + (calendar.DAY if over else 0)
        except ValueError as error:
            raise InvalidError(f"{name}: a day such as 2026-03-02.", name) from error

    @property
    def once(self) -> str:
        """What makes sending the form twice one command. Raises InvalidError for a form without it."""
        return self.need("once", _ONCE)

    @property
    def typed(self) -> dict[str, str]:
        """The first value of each field, to be shown again in a form that failed."""
        return {name: values[0] for name, values in self.fields.items() if values and name != PROOF}


def items_of(form: Form) -> tuple[Item, ...]:
    """Return the frozen list that a form sends back. Raises InvalidError for one that is cut."""
    try:
        return tuple(map(_item, form.need("items", MOST).split(_BETWEEN)))
    except ValueError as error:
        raise InvalidError("The list is cut: open the page again.", "items") from error


def _item(text: str) -> Item:
    id_, amount, unit, destination = text.split(_WITHIN)
    return Item(id=id_, amount=int(amount), unit=unit, destination=destination or None)


def of_items(items: Sequence[Item]) -> str:
    """Return a frozen list as a form sends it back."""
    return _BETWEEN.join(_WITHIN.join((it.id, str(it.amount), it.unit, it.destination or "")) for it in items)


def of_list(items: Sequence[Item]) -> str:
    """Return a long list as a form sends it back: packed, with the beginnings of the payment details, for its digest has them whole."""
    lines = (_WITHIN.join((it.id, str(it.amount), it.unit, (it.destination or "")[:_SHORT])) for it in items)
    return packed(_BETWEEN.join(lines))


def list_of(form: Form) -> tuple[Item, ...]:
    """Return the items of a long list with the beginnings of their payment details. Raises InvalidError for one that is cut."""
    try:
        return tuple(map(_item, unpacked(form.need("items", MOST)).split(_BETWEEN)))
    except (ValueError, zlib.error) as error:
        raise InvalidError("The list is cut: open the page again.", "items") from error


def packed(text: str) -> str:
    """Return a text as it stands in an address or a field, short."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def unpacked(text: str) -> str:
    """Return what was packed. Raises ValueError or zlib.error for what is cut, or more than a list has."""
    opening = zlib.decompressobj()
    whole = opening.decompress(base64.b64decode(text, altchars=b"-_", validate=True), MOST)
    if opening.unconsumed_tail or not opening.eof:
        raise ValueError
    return whole.decode()


async def form_of(request: Request, most: int = MOST) -> Form:
    """Return what a form sent; nothing of a body that is too large or no form."""
    return Form(*await sent(request, most))


def of_session(form: Form, token: str) -> bool:
    """Return whether a form is of the session whose forms have this token."""
    return hmac.compare_digest(next(iter(form.fields.get("form", ())), "").encode(), token.encode())
