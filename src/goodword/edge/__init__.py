"""The hot paths in plain ASGI and msgspec: event ingestion, the redirect, the script of sites. Everything else goes to the inner app.

Must not know: the management API, pages, SQL.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from goodword.app.engine import Clock
from goodword.app.health import Trouble
from goodword.app.intake.clicks import Clicks
from goodword.app.intake.deliveries import Deliveries
from goodword.app.intake.ingest import Ingest
from goodword.app.intake.keeping import Keeping
from goodword.app.intake.links import Links
from goodword.app.intake.mappings import Mappings
from goodword.app.intake.quota import Quota
from goodword.app.intake.rejections import Rejections
from goodword.app.intake.waiting import Waiting
from goodword.edge.events import Connections, Events, Noted, Senders, no_connections
from goodword.edge.keys import Callers, LookUp
from goodword.edge.metrics import Metrics
from goodword.edge.redirects import Redirects
from goodword.edge.script import PATH as SCRIPT
from goodword.edge.script import Script
from goodword.edge.web import App, Receive, Scope, Send, reply_json, reply_problem
from goodword.sources.base import Source
from goodword.sources.registry import REGISTRY

__all__ = ["Edge"]


class Edge:
    """The ASGI application. ``troubles`` says what keeps it from being ready, nothing: it is.

    ``sources`` are served at their paths; ``connections`` finds the secret of one that signs.
    ``rejections`` keeps that something was refused whose sender is known; ``deliveries`` counts all that comes from them.
    ``mappings`` says how a workspace has its sources treated, ``keeping`` keeps what came where it chose so.
    ``address``: where all of it is for who is outside.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ingest: Ingest,
        waiting: Waiting,
        look_up: LookUp,
        links: Links,
        clicks: Clicks,
        quota: Quota,
        troubles: Callable[[], Awaitable[Sequence[Trouble]]],
        inner: App,
        sources: Mapping[str, Source] = REGISTRY,
        connections: Connections = no_connections,
        metrics: Metrics | None = None,
        rejections: Rejections | None = None,
        deliveries: Deliveries | None = None,
        mappings: Mappings | None = None,
        keeping: Keeping | None = None,
        address: Callable[[], str] = str,
    ) -> None:
        senders = Senders(Callers(look_up, clock), connections, quota, address)
        noted = Noted(rejections, deliveries, keeping)
        self.events = Events(ingest, waiting, senders, links, clock, sources, noted, mappings)
        self.redirects = Redirects(links, clicks, clock)
        self._script = Script()
        self._troubles = troubles
        self._inner = inner
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        path: str = scope["path"]
        if place := self.events.at(scope):
            await self.events(scope, receive, send, place)
        elif path.startswith("/r/"):
            await self.redirects(scope, send, None, path[3:])
        elif path.startswith("/w/") and path.startswith("/r/", path.find("/", 3)):  # a code may have /r/ in it
            workspace, _, code = path[3:].partition("/r/")
            await self.redirects(scope, send, workspace, code)
        elif path == SCRIPT:
            await self._script(scope, send)
        elif path == "/healthz":
            await reply_json(send, 200, {"status": "ok"})
        elif path == "/readyz":
            await self._ready(send)
        elif path == "/metrics" and self._metrics is not None:
            await self._metrics(scope, send)
        else:
            await self._inner(scope, receive, send)

    async def _ready(self, send: Send) -> None:
        troubles = await self._troubles()
        if troubles:
            detail = "; ".join(trouble.detail for trouble in troubles)
            more = {"failing": [trouble._asdict() for trouble in troubles]}
            await reply_problem(send, 503, "not_ready", detail, {b"retry-after": b"5"}, more)
        else:
            await reply_json(send, 200, {"status": "ready"})
