"""``GET /metrics`` in the text format of Prometheus, for who holds the token; without a token there is none.

Counters are this process's since its start, but those of decisions, which are the installation's of this UTC day: what a day's
figures hold is read, never the history. Must not know: SQL, how figures are counted.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping

from goodword import __version__
from goodword.app.health import Figures, Health
from goodword.edge.watch import Watched
from goodword.edge.web import Scope, Send, header, reply, reply_problem
from goodword.sources.base import RefusedError
from goodword.store.pool import DATABASE_ERRORS

_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
_REFUSED = "refused:"

Labels = Mapping[str, str | int]
Sample = tuple[Labels, float]


class Metrics:
    """The endpoint. ``watched``: what counts requests; ``token``: what whoever reads must send, none: nobody may."""

    def __init__(self, health: Health, token: str | None) -> None:
        self.watched: Watched | None = None
        self._health = health
        self._token = token.encode() if token else None

    async def __call__(self, scope: Scope, send: Send) -> None:
        """Serve one request."""
        try:
            self._allow(scope)
        except RefusedError as problem:
            await reply_problem(send, problem.status, problem.code, problem.detail, problem.headers)
            return
        lines = _text(await self._families())
        await reply(send, 200, lines.encode(), {b"content-type": _TYPE, b"cache-control": b"no-store"})

    def _allow(self, scope: Scope) -> None:
        if self._token is None:
            raise RefusedError(
                404, "metrics_off", "There are no metrics here: set GOODWORD_METRICS_TOKEN to have them."
            )
        if scope["method"] not in ("GET", "HEAD"):
            raise RefusedError(405, "method_not_allowed", "Metrics are read by GET.", {b"allow": b"GET, HEAD"})
        scheme, _, sent = header(scope, b"authorization").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode("latin-1"), self._token):
            challenge = {b"www-authenticate": b'Bearer realm="goodword metrics"'}
            raise RefusedError(
                401, "token_wrong", "Send GOODWORD_METRICS_TOKEN as `Authorization: Bearer TOKEN`.", challenge
            )

    async def _families(self) -> list[_Family]:
        families = [_Family("goodword_info", "gauge", "Which version this is.", [({"version": __version__}, 1)])]
        if self.watched is not None:
            families += _requests(self.watched)
        families += _of_process(self._health)
        try:
            figures = await self._health.figures()
        except (*DATABASE_ERRORS, OSError):
            return [*families, _Family("goodword_database_up", "gauge", _UP, [({}, 0)])]
        return [
            *families,
            _Family("goodword_database_up", "gauge", _UP, [({}, 1)]),
            *_of_database(figures, self._health.now()),
        ]


class _Family:
    """A metric with its samples."""

    def __init__(self, name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> None:
        self.name = name
        self.kind = kind
        self.meaning = meaning
        self.samples = samples


_UP = "Whether the database answers."


def _requests(watched: Watched) -> list[_Family]:
    answered = sorted(watched.answered.items())
    counts: list[Sample] = [({"method": m, "route": r, "status": s}, float(n)) for (m, r, s), n in answered]
    seconds = [({"route": route}, spent) for route, spent in sorted(watched.seconds.items())]
    return [
        _Family("goodword_requests_total", "counter", "Requests by route and status; status 0: no answer.", counts),
        _Family("goodword_request_seconds_total", "counter", "Seconds from a request to its answer.", seconds),
        _Family("goodword_requests_open", "gauge", "Requests in hand, this one too.", [({}, watched.open)]),
    ]


def _of_process(health: Health) -> list[_Family]:
    pools = health.pools()
    sizes = ("used", "idle", "most")
    samples = [
        ({"pool": name, "state": size}, n) for name, of in pools.items() for size, n in zip(sizes, of, strict=True)
    ]
    free = [({"folder": path}, float(left)) for path, left in health.free().items()]
    return [
        _Family(
            "goodword_pool_connections", "gauge", "Connections to the database; most: how many there may be.", samples
        ),
        _Family("goodword_disk_free_bytes", "gauge", "Bytes of disk that are left.", free),
    ]


def _of_database(figures: Figures, now: float) -> list[_Family]:
    decided = [({"metric": name}, float(n)) for name, n in figures.today.items() if not name.startswith(_REFUSED)]
    refused = [
        ({"code": name.removeprefix(_REFUSED)}, float(n))
        for name, n in figures.today.items()
        if name.startswith(_REFUSED)
    ]
    states = ("due", "late", "dead")
    jobs = [
        ({"kind": job.kind, "state": state}, float(getattr(job, state))) for job in figures.jobs for state in states
    ]
    keys = [({"key": key.id, "kind": key.kind}, now - key.created_at / 1_000_000) for key in figures.keys]
    masters = [({"id": id_}, now - since) for id_, since in figures.masters.items()]
    since = figures.unsigned.since
    return [
        _Family("goodword_workers", "gauge", "Workers that live.", [({}, figures.workers)]),
        _Family("goodword_undecided_events", "gauge", "Events that wait to be decided.", [({}, figures.waiting)]),
        _Family(
            "goodword_undecided_age_seconds", "gauge", "How long the oldest of them has waited.", [({}, figures.lag)]
        ),
        _Family(
            "goodword_set_aside_events", "gauge", "Events set aside, and those behind them.", [({}, figures.aside)]
        ),
        _Family(
            "goodword_rewards_overdue", "gauge", "Rewards behind their promised day.", [({}, float(figures.overdue))]
        ),
        _Family("goodword_decided_today_total", "counter", "What was decided this UTC day, by metric.", decided),
        _Family("goodword_refused_today_total", "counter", "What was refused this UTC day, by code.", refused),
        _Family("goodword_jobs", "gauge", "Jobs not done: due; late: for over a minute; dead: given up.", jobs),
        _Family(
            "goodword_unsigned_entries",
            "gauge",
            "Entries of logs no signed head covers.",
            [({}, figures.unsigned.entries)],
        ),
        _Family(
            "goodword_unsigned_age_seconds",
            "gauge",
            "How long the oldest of them has waited for a head.",
            [({}, 0.0 if since is None else max(0.0, now - since / 1_000_000))],
        ),
        _Family("goodword_master_key_age_seconds", "gauge", "Since when a master key is in use, by its id.", masters),
        _Family("goodword_api_key_age_seconds", "gauge", "Age of the oldest API keys in use, by their id.", keys),
    ]


def _text(families: Iterable[_Family]) -> str:
    lines = []
    for family in families:
        lines += [f"# HELP {family.name} {family.meaning}", f"# TYPE {family.name} {family.kind}"]
        for labels, value in family.samples:
            named = ",".join(f'{name}="{_escaped(str(text))}"' for name, text in labels.items())
            lines.append(f"{family.name}{{{named}}} {value}" if named else f"{family.name} {value}")
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
