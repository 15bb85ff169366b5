"""The documentation as pages of the product, at ``/docs``: the Markdown that ships with it, the API and its events from their schemas.

Anybody reads it without signing in; each page is to be had as Markdown too, and ``/llms.txt`` lists them. Samples name this server.
Must not know: workspaces, who reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from goodword.manual import contents
from goodword.manual.contents import Manual, Page

__all__ = ["ROOT", "build"]

ROOT = contents.ROOT
_KEPT = "public, max-age=300"
_ASKED = 100  # letters of what is searched for


def build(document: Callable[[], Mapping[str, Any]], url: Callable[[], str], file: Callable[[str], str]) -> ASGIApp:
    """Return the application. ``document``: the API's; ``url``: this server's address; ``file``: where a style or an icon is."""
    served = _Served(document, url, file)
    return Starlette(
        routes=[
            Route("/llms.txt", served.listed, methods=["GET"]),
            Route(ROOT, served.index, methods=["GET"]),
            Route(f"{ROOT}/search", served.search, methods=["GET"]),
            Route(f"{ROOT}/{{path:path}}", served.page, methods=["GET"]),
        ]
    )


class _Served:
    """The pages as they are served: read when the first is asked for, for the address that the server has then."""

    def __init__(
        self, document: Callable[[], Mapping[str, Any]], url: Callable[[], str], file: Callable[[str], str]
    ) -> None:
        self._document = document
        self._url = url
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(file=file, root=ROOT)
        self._template = environment.get_template("page.html")
        self._read: Manual | None = None
        self._made: dict[str, bytes] = {}

    async def listed(self, request: Request) -> Response:
        """Answer with the list for programs that read."""
        return _kept(request, (await self._manual()).llms().encode(), "text/plain")

    async def index(self, request: Request) -> Response:
        """Answer with the list of all pages."""
        await self._manual()
        return _kept(request, self._whole(request.url.path, None), "text/html")

    async def search(self, request: Request) -> Response:
        """Answer with the pages that say all that is looked for, and the headings under which they do."""
        asked = request.query_params.get("q", "")[:_ASKED].replace("\0", "")
        found = (await self._manual()).search(asked)
        return _kept(request, self._rendered(None, asked=asked, found=found), "text/html")

    async def page(self, request: Request) -> Response:
        """Answer with a page, a page as Markdown, or a file that pages lead to."""
        path = request.path_params["path"]
        manual = await self._manual()
        if path in manual.files:
            return _kept(request, manual.files[path], "application/json")
        if path == "index.md":
            return _kept(request, manual.llms().encode(), "text/markdown")
        page = manual.pages.get(path.removesuffix(".md"))
        if page is None:
            return Response(self._rendered(None, lost=True), 404, media_type="text/html")
        if path.endswith(".md"):
            return _kept(request, page.text.encode(), "text/markdown")
        return _kept(request, self._whole(request.url.path, page), "text/html")

    async def _manual(self) -> Manual:
        """Return what there is; it is read beside what else the server does."""
        url = self._url()
        if self._read is None or self._read.url != url:
            self._read, self._made = await asyncio.to_thread(lambda: contents.read(self._document(), url)), {}
        return self._read

    def _whole(self, path: str, page: Page | None) -> bytes:
        """Return a page, made once."""
        if path not in self._made:
            self._made[path] = self._rendered(page)
        return self._made[path]

    def _rendered(self, page: Page | None, **more: Any) -> bytes:
        manual = self._read
        if manual is None:
            raise RuntimeError("nothing was read yet")
        html = manual.html(page) if page is not None else ""
        return self._template.render(page=page, html=html, groups=manual.groups, **more).encode()


def _kept(request: Request, body: bytes, media: str) -> Response:
    """Answer with what may be kept for a while, and need not be sent to who has it."""
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    headers = {"cache-control": _KEPT, "etag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(body, headers=headers, media_type=media)
