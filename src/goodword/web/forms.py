"""What a form of a page sends, read within bounds, and whether a page of ours sent it. Must not know: what a form is for."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request

_FIELDS = 4_000
_BOUNDARY, _PARTS, _LONGEST_NAME = 70, 200, 200  # of a form with files: characters, parts, characters of a file's name
_NAMED = re.compile(
    r'(?i)^content-disposition: form-data; name="(?P<name>[^"]*)"(?:; filename="(?P<file>[^"]*)")?', re.MULTILINE
)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


class File(NamedTuple):
    """A file that somebody chose: what it is called where it came from, and its bytes."""

    name: str
    data: bytes


class Sent(NamedTuple):
    """The fields of a form by name, each with its values in order, and the files that were chosen."""

    fields: Mapping[str, Sequence[str]]
    files: Mapping[str, File] = {}


async def sent(request: Request, most: int) -> Sent:
    """Return what a form sent; nothing of a body that is larger than ``most`` bytes or no form: of that nothing is read."""
    if not fits(request, most):
        return Sent({})
    body = await request.body()
    kind, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    try:
        if kind.startswith("multipart/form-data"):
            return _parts(body, boundary.strip('"'))
        return Sent(parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        return Sent({})


def fits(request: Request, most: int) -> bool:
    """Return whether a body says how large it is, and is no larger than so many bytes."""
    size = request.headers.get("content-length", "")
    return size.isdigit() and int(size) <= most


def _parts(body: bytes, boundary: str) -> Sent:
    """Return what a form with files sent, as browsers write it. Raises ValueError for anything else."""
    if not 0 < len(boundary) <= _BOUNDARY:
        raise ValueError("no boundary")
    first, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"))
    if first or not parts or len(parts) > _PARTS or not parts[-1].startswith(b"--"):
        raise ValueError("no parts")
    fields: dict[str, list[str]] = {}
    files: dict[str, File] = {}
    for part in parts[:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        said = _NAMED.search(head.decode())
        if said is None:
            raise ValueError("a part without a name")
        if said["file"] is None:
            fields.setdefault(said["name"], []).append(data.decode())
        elif data or said["file"]:
            files[said["name"]] = File(said["file"][-_LONGEST_NAME:], data)
    return Sent(fields, files)


def ours(request: Request) -> bool:
    """Return whether a form was sent by a page of ours; browsers say so in one of two ways, and other programs in none."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin is None:
        return True
    try:
        from_ = urlsplit(origin).netloc
    except ValueError:
        return False
    return from_ != "" and from_ == request.headers.get("host", "")


def figure(text: str) -> str:
    """Return a figure that was typed, without the commas that set its thousands apart. Raises ValueError for any other comma.

    Where people write a comma for the point, 500,00 would be a hundredfold of what is meant.
    """
    if "," in text and not _THOUSANDS.fullmatch(text):
        raise ValueError("a comma that sets no thousands apart")
    return text.replace(",", "")


def once() -> str:
    """Return a text that no form had before."""
    return secrets.token_urlsafe(16)
