"""Routing: who decides which reward, and by when; published as a file, confirmed as a change, read with all versions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from fastapi import APIRouter

from goodword.api import bodies, models
from goodword.api.answers import done
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see.routing import Route, Version, Waiting
from goodword.core import calendar
from goodword.words.rules import Changed

router = APIRouter(tags=["routing"])


@router.get("/v1/routing", operation_id="get_routing")
async def get_routing(directory: Directory = DIRECTORY, who: Principal = needs(see.routing.whole)) -> models.Routing:
    """Who decides which reward, and by when: all tables, the newest first, and one that waits for another owner."""
    whole = await see.routing.whole(who, directory)
    return models.Routing(
        versions=[_version(it) for it in whole.versions],
        waiting=None if whole.waiting is None else _waiting(whole.waiting),
        default=whole.default,
    )


@router.post("/v1/routing", operation_id="publish_routing")
async def publish_routing(
    body: bodies.RoutingFile,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.routing.publish),
) -> models.Decision:
    """Publish a table of routes. What gives anything waits until another owner confirms it (`second_person_needed`).

    One that only takes away (row by row the same rewards and fallback, no more roles, no more days) holds at once.
    """
    return done(await say.routing.publish(who, directory, body.document.encode(), body.name, key_of(who, key)))


@router.get("/v1/routing/figures", operation_id="get_routing_figures")
async def get_routing_figures(
    directory: Directory = DIRECTORY, who: Principal = needs(see.routing.figures)
) -> models.RouteFigures:
    """A figure for each route: what waits, what is late, and how long it took.

    What is late comes first in `GET /v1/rewards/queue?sort=due`, each with its `cause`.
    """
    return models.RouteFigures(**msgspec.to_builtins(await see.routing.figures(who, directory)))


def _version(it: Version) -> models.RoutingVersion:
    return models.RoutingVersion(
        version=it.number,
        table=it.table,
        since=calendar.text(it.at),
        published_by=it.by,
        confirmed_by=it.confirmed_by,
        routes=[_route(route) for route in it.routes],
        changes=_changes(it.changes),
        document=it.file,
    )


def _waiting(it: Waiting) -> models.RoutingWaiting:
    asked = {"asked_by": it.change.asked_by, "asked_at": calendar.text(it.change.asked_at)}
    return models.RoutingWaiting(change=it.change.id, table=it.table, **asked, changes=_changes(it.changes))


def _route(it: Route) -> models.Route:
    return models.Route(**msgspec.to_builtins(it.row), said=it.said, fallback_gone=it.gone)


def _changes(them: Iterable[Changed]) -> list[models.RouteChange]:
    return [models.RouteChange(route=it.title, before=it.before, after=it.after) for it in them]
