"""The files that pages take along, read once: each is asked for with its digest, so that it may be kept for ever.

They are sent compressed. Pages are not: what is secret in one, such as the token of its forms, would show in its length.
"""

from __future__ import annotations

import gzip
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.console import nav

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


class _File(NamedTuple):
    body: bytes
    small: bytes
    media_type: str
    digest: str


class StaticFiles:
    """The files of the folder ``static``."""

    def __init__(self) -> None:
        self._files = {path.name: _file(path) for path in sorted(_FOLDER.iterdir())}

    def address(self, name: str) -> str:
        """Return where a file is. Raises KeyError for one that there is not."""
        return f"{nav.ROOT}/static/{name}?v={self._files[name].digest}"

    def route(self) -> Route:
        """Return the route of all of them; who asks by another digest gets what there is, and keeps nothing."""

        async def serve(request: Request) -> Response:
            file = self._files.get(request.path_params["name"])
            if file is None:
                raise HTTPException(404)
            known = request.query_params.get("v") == file.digest
            headers = {"vary": "accept-encoding", **({"cache-control": _FOR_EVER} if known else {})}
            if "gzip" in request.headers.get("accept-encoding", ""):
                return Response(file.small, headers=headers | {"content-encoding": "gzip"}, media_type=file.media_type)
            return Response(file.body, headers=headers, media_type=file.media_type)

        return Route(f"{nav.ROOT}/static/{{name}}", serve, methods=["GET"])


def _file(path: Path) -> _File:
    body = path.read_bytes()
    return _File(body, gzip.compress(body, mtime=0), _TYPES[path.suffix], sha256(body).hexdigest()[:16])
