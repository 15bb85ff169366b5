"""XML of a bank as a stream: no DTD, no entities, and a bound on depth, text and what is kept, before anything is made of it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from goodword.sources.bank.base import LONGEST, BankFileError

DEEPEST: Final = 40
#: Elements that are kept at once: those of one entry, and the headings around it.
MOST_KEPT: Final = 20_000
_PIECE: Final = 1 << 20
_ENCODING: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: Encodings in which tags are ASCII, so that what is looked for is found.
_KNOWN: Final = (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"iso-8859-15", b"windows-1252")
_BAD: Final = (b"<!DOCTYPE", b"<!ENTITY")
#: What may hold a mark that is no tag, by how it begins: how it ends. The text around it is one with it.
_HOLDS: Final = ((b"![CDATA[", b"]]>"), (b"!--", b"-->"), (b"?", b"?>"))


class End(NamedTuple):
    """An element that ended: its name without a namespace, the names around it, itself, and what is around it."""

    name: str
    path: tuple[str, ...]
    element: ET.Element
    around: tuple[ET.Element, ...]

    @property
    def at(self) -> str:
        """Where it is, as a path."""
        return "/".join((*self.path, self.name))


def checked(file: BinaryIO) -> None:
    """Raise BankFileError if a file may not be parsed; the file is at its beginning again."""
    head = file.read(1_000)
    file.seek(0)
    said = _ENCODING.search(head)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head or (said and said[1].lower() not in _KNOWN):
        raise BankFileError("xml_encoding", "the file is not in UTF-8 or ISO 8859-1: save it as UTF-8")
    tail, texts = b"", _Texts()
    while piece := file.read(_PIECE):
        upper = (tail + piece).upper()
        if any(bad in upper for bad in _BAD):
            raise BankFileError(
                "xml_doctype", "the file declares a DTD or an entity, which no bank's message has: it is not read"
            )
        tail = piece[-16:]
        if texts.longest(piece) > LONGEST:
            raise BankFileError(
                "xml_too_long", f"a text or tag is longer than {LONGEST} bytes: this is no message of a bank"
            )
    file.seek(0)


class _Texts:
    """How long a tag is with the text behind it, up to the next tag: also where CDATA, comments and instructions stand between."""

    def __init__(self) -> None:
        self._run = 0
        self._rest = b""
        self._until: bytes | None = None

    def longest(self, piece: bytes) -> int:
        """Return the most bytes from tag to tag in what was read so far of a file and is not told yet."""
        *parts, last = (self._rest + piece).split(b"<")
        self._rest = b"<" + last if parts else last  # it may go on in the next piece
        most = len(self._rest)
        for part in parts:
            if self._until is None and part[:1] not in (b"!", b"?"):
                self._run = 0
            elif self._until is None:
                self._until = next((end for begin, end in _HOLDS if part.startswith(begin)), None)
            if self._until is not None and self._until in part:
                self._until = None
            self._run += len(part) + 1
            most = max(most, self._run)
        return max(most, self._run + len(last) if self._until is not None else 0)


def ends(file: BinaryIO, wanted: frozenset[str], dropped: frozenset[str]) -> Iterator[End]:
    """Yield the elements named in ``wanted`` as they end; those in ``dropped`` are forgotten then. Raises BankFileError."""
    names: list[str] = []
    open_: list[ET.Element] = []
    counts: list[int] = []
    kept = 0
    short: dict[str, str] = {}
    try:
        for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 - see ``checked``
            tag = element.tag
            name = short.get(tag)
            if name is None:
                name = tag.rpartition("}")[2][:40]
                if len(short) < MOST_KEPT:
                    short[tag] = name
            if event == "start":
                names.append(name)
                open_.append(element)
                counts.append(kept)
                kept += 1
                if len(names) > DEEPEST or kept > MOST_KEPT:
                    at = "/".join(names[-4:])
                    raise BankFileError("xml_too_deep", f"{at}: more is nested here than a bank's message has")
                continue
            names.pop()
            open_.pop()
            before = counts.pop()
            if name in wanted:
                yield End(name, tuple(names), element, tuple(open_))
            if name in dropped and open_:
                open_[-1].remove(element)
                kept = before
    except ET.ParseError as error:
        raise BankFileError(
            "xml_malformed", f"line {error.position[0]}: this is no well-formed XML: fetch the file anew"
        ) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, BankFileError):
            raise
        raise BankFileError("xml_malformed", "this is no well-formed XML: fetch the file anew") from None


def namespace(file: BinaryIO) -> str:
    """Return the namespace of a file's root, empty without one; the file is at its beginning again."""
    try:
        for _, element in ET.iterparse(file, ("start",)):  # noqa: S314 - see ``checked``
            return str(element.tag).rpartition("}")[0].lstrip("{")
    except (ET.ParseError, LookupError, ValueError):
        return ""
    finally:
        file.seek(0)
    return ""


def find(element: ET.Element, *path: str) -> ET.Element | None:
    """Return the first element at a path of names, all in its own namespace; None: there is none."""
    space, mark, _ = element.tag.rpartition("}")
    here: ET.Element | None = element
    for name in path:
        here = here.find(f"{space}{mark}{name}") if here is not None else None
    return here


def text(element: ET.Element, *path: str) -> str | None:
    """Return the text there without space around it; None: there is none."""
    found = find(element, *path)
    said = (found.text or "").strip() if found is not None else ""
    return said or None
