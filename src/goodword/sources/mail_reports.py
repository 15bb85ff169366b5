"""Reports of mail servers on a mail of ours: that it could not be delivered (RFC 3464), or was called unwanted (RFC 5965).

A report is let in by the address for unsubscribing that stands in the original's headers, of which it returns a copy: that has 120
random bits, which nobody knows who did not get the mail; a Message-ID anybody can guess. Nothing else of the mail is looked at, and
nothing of a report is kept. Must not know: which messages there are, what becomes of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32
from typing import Final, Literal

from msgspec import Struct

#: Bytes of a report, lines, and parts, which stand in one another at most as often: asked before any of it is parsed.
MOST_BYTES: Final = 256 << 10
MOST_LINES: Final = 5_000
MOST_PARTS: Final = 20
_ENDS: Final = re.compile(rb"\r\n?|\n")
_PARTS: Final = re.compile(rb"[\r\n]content-type", re.IGNORECASE)
_STATUS: Final = ("message/delivery-status", "message/global-delivery-status")
_ORIGINAL: Final = ("message/rfc822", "message/global")
_HEADERS: Final = ("text/rfc822-headers", "message/global-headers")
_STOP: Final = re.compile(r"/portal/(wsp_[0-9A-Z]{26})/letters/([A-Za-z0-9_-]{20})(?![A-Za-z0-9_-])")
_CLASS: Final = re.compile(r"\s*([245])\.\d{1,3}\.\d{1,3}(?!\d)")

#: What a report says of a mail: it came back for good, or for now; its reader called it unwanted; or nothing that changes anything.
Outcome = Literal["hard_bounce", "soft_bounce", "complaint", "nothing"]


class ReportError(ValueError):
    """A report is not taken. ``code`` is stable; the message says what to do, and nothing of what stands in the report."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Report(Struct, frozen=True):
    """What a report says. ``stop``: the token in the address for unsubscribing of the mail that it is about, of a workspace."""

    outcome: Outcome
    workspace: str
    stop: str


def read(data: bytes) -> Report:
    """Return what a report says. Raises ReportError."""
    if len(data) > MOST_BYTES or len(_ENDS.findall(data)) > MOST_LINES or len(_PARTS.findall(data)) > MOST_PARTS:
        most = f"{MOST_BYTES >> 10} kB, {MOST_LINES:,} lines or {MOST_PARTS} parts"
        raise _wrong(f"It has more than {most}: let it return the original's headers only.")
    try:
        return _read(data)
    except ReportError:
        raise
    except (LookupError, TypeError, ValueError):
        # The library decodes parameters by any codec that a mail names (RFC 2231), and lets their errors through.
        raise _wrong("A parameter of its headers is written in a way that nobody can read.") from None


def _read(data: bytes) -> Report:
    report = BytesParser(policy=compat32).parsebytes(data)
    kind = str(report.get_param("report-type", "")).lower()
    if report.get_content_type() != "multipart/report" or kind not in ("delivery-status", "feedback-report"):
        raise _wrong("Send the whole mail, of the type multipart/report with delivery-status or feedback-report.")
    parts = [it for it in report.get_payload() if isinstance(it, Message)] if report.is_multipart() else []
    outcome = _delivered(parts) if kind == "delivery-status" else _felt(parts)
    for headers in _originals(parts):
        if found := _STOP.search(re.sub(r"\s", "", str(headers.get("List-Unsubscribe", "")))):
            return Report(outcome, found[1], found[2])
    raise _wrong("It returns no headers of a mail of ours with List-Unsubscribe: let it return the original's headers.")


def _wrong(why: str) -> ReportError:
    return ReportError("report_invalid", f"This is no report that can be read. {why}")


def _delivered(parts: list[Message]) -> Outcome:
    """Return the worst that is said of a recipient: our mails have one, of whom a list behind it makes several."""
    blocks = [block for it in parts if it.get_content_type() in _STATUS for block in _blocks(it)]
    said = [(str(it["Action"]).strip().lower(), _CLASS.match(str(it["Status"]))) for it in blocks if "Action" in it]
    if not said:
        raise _wrong("It says of no recipient what became of the mail (Action).")
    failed = [status for action, status in said if action == "failed"]
    if any(it is None for it in failed):
        raise _wrong("It says of a recipient that it failed, and not how (Status).")
    if any(it[1] == "5" for it in failed if it is not None):
        return "hard_bounce"
    return "soft_bounce" if failed else "nothing"


def _blocks(part: Message) -> Iterator[Message]:
    """Yield the groups of fields, which the library finds by itself where they are not of the international kind."""
    found = [it for it in part.get_payload() if isinstance(it, Message)] if part.is_multipart() else []
    yield from found
    if part.get_content_type() == _STATUS[1]:
        for it in found:
            if not it.is_multipart():
                yield from map(HeaderParser().parsestr, re.split(r"\r?\n\r?\n", str(it.get_payload())))


def _felt(parts: list[Message]) -> Outcome:
    for it in parts:
        if it.get_content_type() == "message/feedback-report":
            [block, *_] = [*_blocks(it), HeaderParser().parsestr(_text(it))]
            kind = str(block.get("Feedback-Type", "")).strip().lower()
            if kind:
                return "complaint" if kind == "abuse" else "nothing"
    raise _wrong("It does not say what was felt of the mail (Feedback-Type).")


def _originals(parts: list[Message]) -> Iterator[Message]:
    """Yield headers of mails that are returned."""
    for it in parts:
        kind = it.get_content_type()
        if kind in (*_ORIGINAL, _HEADERS[1]) and it.is_multipart():
            yield from (one for one in it.get_payload() if isinstance(one, Message))
        elif kind in (*_ORIGINAL, *_HEADERS):
            yield HeaderParser().parsestr(_text(it))


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    return data.decode("utf-8", "replace").lstrip() if isinstance(data, bytes) else ""
