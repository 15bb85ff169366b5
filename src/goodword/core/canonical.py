"""The one encoding of a value that is hashed or signed.

Equal values give equal bytes, so a digest means the value and not its spelling. Within the domain of the log
(keys ASCII, text valid Unicode, integers of at most 53 bits, no floats) the bytes are those of RFC 8785, so outsiders
can recompute any digest with a library of their own. A test compares the two.

``encode`` does not check: it is on the path of every event. It refuses by itself what has no encoding at all: text with
a lone surrogate, a key that is no text. Integers and floats are kept out by the types of what is written.
"""

import re

import msgspec

#: Return the canonical bytes of a value made of structs, dicts, lists, tuples, text, integers, booleans and None.
#: Raises UnicodeEncodeError (a ValueError) for text with a lone surrogate, TypeError for what has no encoding.
encode = msgspec.json.Encoder(order="sorted").encode
_BACKSLASH = ord("\\")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # escaped by an odd number of backslashes


class NulError(ValueError):
    """A text holds a NUL."""


def without_nul(data: bytes) -> bytes:
    """Return canonical bytes back. Raises NulError if a text in them holds a NUL: PostgreSQL cannot look into such a document."""
    if (
        _BACKSLASH in data and b"\\u0000" in data and _NUL.search(data)
    ):  # hardly any has one, and a byte is found at once
        raise NulError("a text holds a NUL")
    return data
