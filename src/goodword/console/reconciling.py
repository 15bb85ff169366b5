"""Files of the bank: one is chosen, what would become of its lines is shown, and only then it is taken; those that were taken before.

Until then nothing of it is kept: the page carries it from step to step, packed. One that is being taken says in the list how far it is.
"""

from __future__ import annotations

import io
from typing import Final

from msgspec import Struct

from goodword import words
from goodword.app import say, see
from goodword.app.errors import InvalidError
from goodword.app.say.statements import Sheet
from goodword.console import packed
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core.state import Statement
from goodword.core.statements import BECAME
from goodword.sources.bank import BankFileError

#: Bytes of a file that a page takes, and of a form that carries it: larger ones are for the command line.
MOST_FILE: Final = 8 << 20
MOST_FORM: Final = 10 << 20
_MAPPING: Final = 20_000


class Page(Struct, frozen=True):
    """The form that takes a file, and the statements that were taken. ``most``: bytes of a file; ``members``: mails by id."""

    statements: list[Statement]
    members: dict[str, str | None]
    most: int


class Looked(Struct, frozen=True):
    """What would become of a file, or became of it. ``data``: the file, packed; ``differs``, ``reasons``: words by code."""

    file: str
    data: str
    mapping: str
    sheet: Sheet
    became: tuple[str, ...]
    differs: dict[str, str]
    reasons: dict[str, str]


async def page(visit: Visit) -> Page:
    """Return the page."""
    members = {member.member.id: member.mail for member in await visit.glance(see.members.every) or ()}
    return Page(await visit.read(see.statements.newest), members, MOST_FILE)


async def tried(visit: Visit, form: Form) -> Looked:
    """Return what would become of a file that was chosen."""
    file = form.files.get("file")
    if file is None or not file.data:
        raise InvalidError(f"Choose a file of at most {MOST_FILE >> 20} MiB.", "file")
    if len(file.data) > MOST_FILE:
        raise InvalidError(f"The file is larger than {MOST_FILE >> 20} MiB: `goodword reconcile` takes any.", "file")
    return await _through(visit, file.name or "file", file.data, form.text("mapping", _MAPPING) or "", take=False)


async def taken(visit: Visit, form: Form) -> Looked:
    """Take the file that the page carries."""
    data = packed.unpack(form.need("data", MOST_FORM), MOST_FILE)
    return await _through(visit, form.need("file", 300), data, form.text("mapping", _MAPPING) or "", take=True)


async def _through(visit: Visit, name: str, data: bytes, mapping: str, *, take: bool) -> Looked:
    use_case = say.statements.take if take else say.statements.preview
    try:
        sheet = await visit.read(use_case, io.BytesIO(data), mapping or None)
    except BankFileError as error:
        raise InvalidError(f"{error.code}: {error}", "file") from None
    differs = {row.differs: words.bank_differs(row.differs) for row in sheet.rows if row.differs is not None}
    reasons = {row.reason: words.bank_reason(row.reason) for row in sheet.rows if row.reason is not None}
    return Looked(name, "" if take else packed.pack(data), mapping, sheet, BECAME, differs, reasons)


_PAGE = Read("/payouts/reconcile", "/payouts", see.statements.newest, "payouts/reconcile.html", page, live=True)
READS = (_PAGE,)
ACTS = (
    Act("/payouts/reconcile/try", _PAGE, say.statements.preview, tried, "payouts/reconciled.html", MOST_FORM),
    Act("/payouts/reconcile/take", _PAGE, say.statements.take, taken, "payouts/reconciled.html", MOST_FORM),
)
