"""Codes that can be given out: how many are left of each stock, what waits for some, and a form that uploads more."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from goodword.app import amounts, say, see
from goodword.app.errors import InvalidError
from goodword.app.say.stocks import Upload
from goodword.app.see.stocks import Whole
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit

#: Bytes of a form with codes, and characters of them.
_MOST: Final = 1 << 20
_TEXT: Final = 1_000_000


class Stocks(Struct, frozen=True):
    """All of them."""

    whole: Whole


async def shown(visit: Visit) -> Stocks:
    """Return the page."""
    return Stocks(await visit.read(see.stocks.whole))


async def upload(visit: Visit, form: Form) -> str:
    """Upload what was typed or pasted."""
    unit, low = form.need("unit", 100), form.text("low", 7) or "0"
    if not (low.isascii() and low.isdigit()):
        raise InvalidError("low: a whole number of codes.", "low")
    what = Upload(
        name=form.need("name", 64),
        unit=unit,
        amount=amounts.typed(form.need("amount", 30), unit),
        text=form.need("codes", _TEXT),
        program=form.text("program", 100) or None,
        low=int(low),
        ends_at=form.day("ends"),
    )
    await visit.say(say.stocks.upload, what, form.once)
    return "/settings/codes?done=stock_uploaded"


_PAGE = Read("/settings/codes", "/settings/codes", see.stocks.whole, "stocks/detail.html", shown)
READS = (_PAGE,)
ACTS = (Act("/settings/codes", _PAGE, say.stocks.upload, upload, most=_MOST),)
