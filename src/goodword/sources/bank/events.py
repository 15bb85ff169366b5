"""From lines of a bank to events: those about payouts, each known by what it says, in whichever file and format it stands.

Of the other lines there is only how many. Must not know: payouts as they stand, who takes the file.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from goodword.core import canonical, ids
from goodword.core.events import BankLine, StatementRead
from goodword.core.statements import MOST
from goodword.sources.bank import File, Heading, Line
from goodword.sources.bank import named as named_in

__all__ = ["MOST", "Piece", "event_of", "kept", "key_of", "pieces", "statement_id"]

_REASON: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{2}")
_LAST: Final = 4  # characters of our account
#: Characters by which one of ours is told from another: all that an IBAN and the number in it have in common in every country.
_OWN: Final = 8
_OTHER: Final = re.compile(r"[^A-Z0-9]")


class Piece(NamedTuple):
    """Some lines of a statement: all that are about payouts, and how many others there are between them. ``at``: where each stands."""

    id: str
    heading: Heading
    number: int
    lines: tuple[BankLine, ...]
    at: tuple[str, ...]
    accounts: tuple[str | None, ...]
    others: int


def kept(it: Heading) -> Heading:
    """Return a heading as it may be kept: of our account its last characters, and of its id what is no more than one."""
    return replace(it, raw=None, account=it.account[-_LAST:] if it.account else None)


def statement_id(file: File, it: Heading) -> str:
    """Return the id of a statement, the same in whichever file it stands.

    One that says nothing of itself is known by its place in its file, and by how that is read.
    """
    named = (it.account, it.raw, it.currency, it.opening, it.closing, it.first, it.last)
    nameless = it.raw is None and it.opening is None and it.closing is None
    own = f"{file.digest} {it.at} {file.how}" if nameless else ""
    return ids.encode("stm", hashlib.sha256(canonical.encode((file.form, own, *named))).digest()[:16])


def pieces(file: File, said: Sequence[tuple[str, Heading]], blind: Callable[[str], bytes]) -> Iterator[Piece]:
    """Yield the lines of a file in pieces of one event each. A statement that stands there twice is read once.

    ``said``: the statements, each with its id and as it may be kept; ``blind``: what stands for an account of ours, by a key.
    """
    ids_ = [id_ for id_, _ in said]
    twice = {place for place, id_ in enumerate(ids_) if ids_.index(id_) < place}
    own = [blind(_own(it)) for it in file.headings]
    seen = Counter[bytes]()
    place, number, others = 0, 0, 0
    lines: list[BankLine] = []
    at: list[str] = []
    accounts: list[str | None] = []

    def gathered() -> Piece:
        return Piece(*said[place], number, tuple(lines), tuple(at), tuple(accounts), others)

    for of, line in file.lines:
        if of != place or len(lines) == MOST:
            if lines or others:
                yield gathered()
            number, others = (number + 1, 0) if of == place else (0, 0)
            place, lines, at, accounts = of, [], [], []
        made = None if of in twice else _line(line, own[of], seen)
        if made is None:
            others += 1
        else:
            lines.append(made)
            at.append(line.at)
            accounts.append(line.other)
    if lines or others:
        yield gathered()


def _own(it: Heading) -> str:
    return _OTHER.sub("", (it.account or "").upper())[-_OWN:].lstrip("0")


def _line(line: Line, own: bytes, seen: Counter[bytes]) -> BankLine | None:
    """Return what a line says of a payout; None where it is about none."""
    # Of a file that was refused as a whole nobody says which payouts are in it: it is known by its name.
    whole = line.said == "rejected" and line.back
    named = [] if whole else named_in(line.texts)
    if not named and not whole:
        return None
    where = (line.day, own.hex()) if line.said == "booked" else None
    content = canonical.encode((named or list(line.texts), line.said, line.amount, line.currency, where))
    digest = hashlib.sha256(content).digest()
    # All statements of a file count together: two equal lines of one account and day are two.
    seen[digest] += line.said == "booked"
    key = hashlib.sha256(digest + seen[digest].to_bytes(4)).digest()[:16]
    return BankLine(
        id=ids.encode("bkg", key),
        said=line.said,
        payout=named[0] if len(named) == 1 else None,
        amount=line.amount,
        unit=line.currency,
        day=line.day,
        reference=line.reference,
        reason=line.reason if line.reason and _REASON.fullmatch(line.reason) else None,
        wrong="several" if len(named) > 1 else line.wrong,
        file=line.file,
    )


def key_of(file: File, piece: Piece) -> str:
    """Return the key under which a piece is taken: another one where other lines were found in the same file."""
    found = (file.digest, piece.id, MOST, piece.number, piece.others, msgspec.json.encode(piece.lines).hex())
    return f"statement:{hashlib.sha256(canonical.encode(found)).hexdigest()}"


def event_of(file: File, piece: Piece, lines: tuple[BankLine, ...]) -> partial[StatementRead]:
    """Return the event of a piece, but for what the write path gives it."""
    it = piece.heading
    return partial(
        StatementRead,
        file=file.digest,
        form=file.form,
        statement=piece.id,
        lines=lines,
        others=piece.others,
        size=it.size,
        number=it.number,
        account=it.account,
        unit=it.currency,
        opening=it.opening,
        closing=it.closing,
        first=it.first,
        last=it.last,
    )
