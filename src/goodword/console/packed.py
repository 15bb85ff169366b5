"""A file that a page carries from step to step, packed as text. Must not know: what it is."""

from __future__ import annotations

import base64
import binascii
import zlib

from goodword.app.errors import InvalidError


def pack(data: bytes) -> str:
    """Return a file as a field of a page."""
    return base64.urlsafe_b64encode(zlib.compress(data)).decode()


def unpack(text: str, most: int) -> bytes:
    """Return what a page carried. Raises InvalidError for what no page of ours made, or that is larger than ``most`` bytes."""
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(text, b"-_", validate=True), most + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise InvalidError("The file is cut: choose it again.", "data") from None
    if len(data) > most or not unpacking.eof:
        raise InvalidError("The file is cut, or too large: choose it again.", "data")
    return data
