"""Webhooks: where what is decided is told, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goodword import words
from goodword.api import asyncapi, bodies, fields, models
from goodword.api.answers import shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, needs, once_of
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import calendar

router = APIRouter(tags=["webhooks"])

_Webhook = Annotated[fields.Id, Path()]


@router.get("/v1/webhooks", operation_id="list_webhooks")
async def list_webhooks(
    directory: Directory = DIRECTORY, who: Principal = needs(see.webhooks.every)
) -> models.Page[models.Webhook]:
    """All endpoints, how far each was told the log, and how many of its deliveries wait or were given up."""
    return models.Page(items=[models.Webhook(**shown(it)) for it in await see.webhooks.every(who, directory)])


@router.get("/v1/webhooks/types", operation_id="list_webhook_types")
async def list_webhook_types(
    directory: Directory = DIRECTORY, who: Principal = needs(see.webhooks.kinds)
) -> models.Page[models.WebhookType]:
    """The types of messages that you may have sent, each with its JSON Schema; all of them: `/asyncapi.json`."""
    known = await see.webhooks.kinds(who, directory)
    items = [models.WebhookType(type=it, meaning=words.notice(it), json_schema=asyncapi.alone(it)) for it in known]
    return models.Page(items=items)


@router.post("/v1/webhooks", operation_id="make_webhook", status_code=201)
async def make_webhook(
    body: bodies.NewWebhook,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.webhooks.make),
) -> models.WebhookMade:
    """Make an endpoint, which is told what is decided from now on; its secret is shown this once.

    Without `types` it gets all that you may read. A repeat under an Idempotency-Key is refused: nobody has the secret any more.
    """
    said = body.model_dump()
    id_, secret = await say.webhooks.make(who, directory, said.pop("url"), **said, once=once_of(who, key))
    return models.WebhookMade(id=id_, secret=secret)


@router.get("/v1/webhooks/{webhook}", operation_id="get_webhook")
async def get_webhook(
    webhook: _Webhook, directory: Directory = DIRECTORY, who: Principal = needs(see.webhooks.one)
) -> models.Webhook:
    """One endpoint."""
    return models.Webhook(**shown(await see.webhooks.one(who, directory, webhook)))


@router.patch("/v1/webhooks/{webhook}", operation_id="change_webhook", status_code=204)
async def change_webhook(
    webhook: _Webhook,
    body: bodies.WebhookChange,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.webhooks.change),
) -> Response:
    """Change an endpoint; what is left out stays."""
    await say.webhooks.change(who, directory, webhook, **body.model_dump())
    return Response(status_code=204)


@router.delete("/v1/webhooks/{webhook}", operation_id="end_webhook", status_code=204)
async def end_webhook(
    webhook: _Webhook, directory: Directory = DIRECTORY, who: Principal = needs(say.webhooks.end)
) -> Response:
    """End an endpoint; what waits for it is not sent."""
    await say.webhooks.end(who, directory, webhook)
    return Response(status_code=204)


@router.post("/v1/webhooks/{webhook}/status", operation_id="move_webhook", status_code=204)
async def move_webhook(
    webhook: _Webhook,
    body: bodies.WebhookStatus,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.webhooks.move),
) -> Response:
    """Pause an endpoint, or let it go on where it was: nothing is lost meanwhile."""
    await say.webhooks.move(who, directory, webhook, body.status)
    return Response(status_code=204)


@router.post("/v1/webhooks/{webhook}/secret", operation_id="exchange_webhook_secret", status_code=201)
async def exchange_webhook_secret(
    webhook: _Webhook,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.webhooks.exchange),
) -> models.WebhookMade:
    """Make a new secret, shown this once. For a day messages are signed with those of before too.

    A repeat under an Idempotency-Key is refused: nobody has the secret any more.
    """
    secret = await say.webhooks.exchange(who, directory, webhook, once_of(who, key))
    return models.WebhookMade(id=webhook, secret=secret)


@router.post("/v1/webhooks/{webhook}/replay", operation_id="replay_webhook", status_code=202)
async def replay_webhook(
    webhook: _Webhook,
    body: bodies.WebhookReplay,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.webhooks.replay),
) -> models.WebhookReplayed:
    """Tell once more what was decided from a position of the log on, or from an instant of the workspace's clock, with the same ids."""
    since = calendar.parse(body.since) if body.since is not None else None
    first = await say.webhooks.replay(who, directory, webhook, position=body.position, since=since)
    return models.WebhookReplayed(position=first)


@router.post("/v1/webhooks/{webhook}/test", operation_id="try_webhook", status_code=202)
async def try_webhook(
    webhook: _Webhook, directory: Directory = DIRECTORY, who: Principal = needs(say.webhooks.try_)
) -> models.WebhookTried:
    """Send a test, as soon as a worker comes to it: `webhook.test` at position 0."""
    return models.WebhookTried(id=await say.webhooks.try_(who, directory, webhook))


@router.get("/v1/webhooks/{webhook}/deliveries", operation_id="list_webhook_deliveries")
async def list_webhook_deliveries(
    webhook: _Webhook,
    state: Annotated[str | None, Query(description="waiting, dead or delivered")] = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.webhooks.deliveries),
) -> models.Page[models.WebhookDelivery]:
    """Deliveries, the newest first: those that are tried again, those that were given up, and the last that arrived."""
    found = await see.webhooks.deliveries(who, directory, webhook, state=state, after=after, limit=limit)
    return page(found, models.WebhookDelivery.of)


@router.post("/v1/webhooks/{webhook}/deliveries/again", operation_id="send_webhooks_again", status_code=202)
async def send_webhooks_again(
    webhook: _Webhook,
    body: bodies.WebhookAgain,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.webhooks.again),
) -> models.WebhookAgain:
    """Send a delivery once more, with its id; without one all that were given up."""
    return models.WebhookAgain(count=await say.webhooks.again(who, directory, webhook, body.id or ""))
