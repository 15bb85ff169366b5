"""Objects that items of a source only named are fetched from it, and go through the same intake as what told all at once.

A job is tried again with pauses that double, for three days; what is given up stays, and is asked for again when a key is given.
Fetched twice it is a repeat, by the ids of what it becomes. Must not know: which source it is, SQL, HTTP.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from goodword.app.directory import Directory
from goodword.app.follow.kinds import Kind, Queue
from goodword.app.intake.fetching import KIND, QUEUE, NotFetchedError
from goodword.app.intake.ingest import Ingest
from goodword.app.intake.rejections import Rejections
from goodword.core import calendar
from goodword.outbound.answers import Asks, meaning
from goodword.sources.base import Fetch, Source
from goodword.sources.registry import REGISTRY
from goodword.store.jobs import Leased, Retry
from goodword.store.workspaces import Workspace

_AT_ONCE: Final = 4  # objects that a workspace asks a source for at once: far below what it is allowed
_GROUP: Final = 16
_RETRY: Final = Retry(first=5_000_000, longest=6 * 3_600_000_000, attempts=24)

_log = logging.getLogger(__name__)


class Ways(NamedTuple):
    """By what objects are fetched and where they go. ``urls``: where the APIs of sources are."""

    asks: Asks
    ingest: Ingest
    rejections: Rejections
    urls: Mapping[str, str]
    silence: type[Exception]


def kinds(directory: Directory, ways: Ways, sources: Mapping[str, Source] = REGISTRY) -> dict[str, Kind]:
    """Return the kind of job that fetches."""

    async def work(ws: str, leased: Sequence[Leased]) -> Mapping[Leased, Exception]:
        failed: dict[Leased, Exception] = {}
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(job: Leased) -> None:
            async with room:
                try:
                    await _fetch(directory, ways, sources[job.subject], ws, msgspec.json.decode(job.payload))
                except Exception as error:  # noqa: BLE001 - kept with the job, which is tried again
                    failed[job] = error

        await asyncio.gather(*map(one, leased))
        return failed

    return {KIND: Kind(work, Queue(QUEUE, slots=8), most=_GROUP, retry=_RETRY)}


async def _fetch(directory: Directory, ways: Ways, source: Source, ws: str, said: dict[str, Any]) -> None:
    """Fetch the object of an item, and take what the item is with it."""
    how, found = source.fetch, await directory.fetches(source.name, ws)
    if how is None or found is None:
        raise LookupError(f"nothing is fetched for {source.name} in {ws}")
    workspace, key = found
    if key is None:
        raise NotFetchedError("no_key")
    item = await _whole(ways, source.name, how, key, said)
    if item is None:
        return
    [sender] = source.credential.all()
    for answers in await ways.ingest.take(workspace, sender, source, [item]):
        for answer in answers:
            if answer is not None and answer.code is not None:
                _note(ways, workspace, source, answer.code, answer.field, answer.id)


async def _whole(ways: Ways, name: str, how: Fetch, key: str, said: Mapping[str, Any]) -> Any:
    """Return an item with its object, None: it tells nothing any more. Raises NotFetchedError."""
    try:
        got = await ways.asks.ask("GET", ways.urls[name] + how.path(said), how.headers(key, said))
    except ways.silence as error:
        raise NotFetchedError("away", str(error)) from None
    means = meaning(got.status, got.after)
    if means.code == "gone":
        if how.gone is not None:
            return how.gone(said)
        raise NotFetchedError("unknown_object")
    if means.code != "ok":
        raise NotFetchedError(means.code, str(got.status), after=means.rest * calendar.SECOND)
    try:
        return how.whole(said, got.body)
    except (ValueError, msgspec.MsgspecError) as error:
        raise NotFetchedError("not_readable", type(error).__name__) from None


def _note(ways: Ways, ws: Workspace, source: Source, code: str, field: str | None, id_: str | None) -> None:
    """Keep that what was fetched was refused, as it is kept of what came whole."""
    [sender] = source.credential.all()
    ways.rejections.note(ws.id, sender.source, "", code, field, id_)
