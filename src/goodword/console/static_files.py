"""The files that pages take along, read once: each is asked for with its digest, so that it may be kept for ever."""

from __future__ import annotations

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
    media_type: str
    digest: str


class StaticFiles:
    """The files of the folder ``static``."""

    def __init__(self) -> None:
        found = {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in sorted(_FOLDER.iterdir())}
        self._files = {name: _File(body, kind, sha256(body).hexdigest()[:16]) for name, (body, kind) in found.items()}

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
            kept = {"cache-control": _FOR_EVER} if known else None
            return Response(file.body, headers=kept, media_type=file.media_type)

        return Route(f"{nav.ROOT}/static/{{name}}", serve, methods=["GET"])
