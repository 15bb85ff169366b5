"""``GET /goodword.js``: the script for the company's site, as it is written but for comments and space.

Asked for with the version that it has, ``?v=``, it may be kept for ever; without one, for an hour. Must not know: events, keys.
"""

from __future__ import annotations

import gzip
import re
from hashlib import sha256
from pathlib import Path
from typing import Final

from goodword.edge.web import Scope, Send, header, reply, reply_problem

PATH: Final = "/goodword.js"
#: Texts and patterns of the script, in which space says something; space beside a mark, which says nothing.
_SAID: Final = re.compile(r"""("[^"]*"|`[^`]*`|/[^/\s][^/\n]*/)""")
_SPACE: Final = re.compile(r"\s*([-=+?:;,<>|&!(){}\[\]])\s*")
_HOUR, _FOR_EVER = b"public, max-age=3600", b"public, max-age=31536000, immutable"


def served(text: str) -> bytes:
    """Return what is served of the script: no comments, which have lines of their own, and no space beside a mark of its code."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    parts = _SAID.split(code)
    parts[::2] = [_SPACE.sub(r"\1", part) for part in parts[::2]]
    return "".join(parts).strip().encode() + b"\n"


class Script:
    """The script, read once."""

    def __init__(self) -> None:
        self._body = served((Path(__file__).parent / "goodword.js").read_text(encoding="utf-8"))
        self._small = gzip.compress(self._body, mtime=0)
        self.version = sha256(self._body).hexdigest()[:16]
        self._tag = f'"{self.version}"'

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Serve it, to any site."""
        if scope["method"] not in ("GET", "HEAD"):
            await reply_problem(send, 405, "method_not_allowed", "The script is read by GET.", {b"allow": b"GET, HEAD"})
            return
        headers = {
            b"content-type": b"text/javascript; charset=utf-8",
            b"cache-control": _FOR_EVER if scope["query_string"] == f"v={self.version}".encode() else _HOUR,
            b"etag": self._tag.encode(),
            b"vary": b"accept-encoding",
            b"access-control-allow-origin": b"*",
            b"cross-origin-resource-policy": b"cross-origin",
            b"x-content-type-options": b"nosniff",
        }
        if self._tag in header(scope, b"if-none-match"):
            await reply(send, 304, b"", headers)
        elif "gzip" in header(scope, b"accept-encoding"):
            await reply(send, 200, self._small, {**headers, b"content-encoding": b"gzip"})
        else:
            await reply(send, 200, self._body, headers)
